import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.distributions import discrete, empirical
from servicechain.flows import flow_of
from servicechain.steps import (
    HandOff,
    ask,
    chance,
    choose,
    custom,
    every_step,
    hand_off,
    pause,
    repeat,
    reply,
    tell,
    together,
    work,
)
from servicechain.units import TimeUnit

pytestmark = pytest.mark.theory  # many random chains

MINUTES = TimeUnit.MINUTES


def flow(*steps, unit=MINUTES, speed=1.0, answers=None):
    return flow_of(tuple(steps), unit, speed, answers)


def test_means_add_up_in_the_unit_asked_for():
    found = flow(work(2), work("90s"), work("exponential(mean=1h)"), pause("30s"))
    assert found.work == pytest.approx(2 + 1.5 + 60)
    assert found.pause == 0.5
    assert flow(work("90s"), unit=TimeUnit.SECONDS).work == 90


def test_speed_divides_work_and_not_pauses():
    found = flow(work(3), pause(3), speed=2)
    assert (found.work, found.pause) == (1.5, 3)


def test_a_branch_weighs_both_ways():
    found = flow(chance(0.2, then=[work(10), ask("a")], otherwise=[work(5), tell("b")]), work(1))
    assert found.work == pytest.approx(0.2 * 10 + 0.8 * 5 + 1)
    assert found.asks["a"] == pytest.approx(0.2)
    assert found.tells["b"] == pytest.approx(0.8)


def test_a_choice_weighs_every_option():
    found = flow(choose((3, [work(4)]), (1, "rare", [work(20), ask("a")]), (4, [])))
    assert found.work == pytest.approx(3 / 8 * 4 + 1 / 8 * 20)
    assert found.asks["a"] == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("loop", "rounds"),
    [
        ({"times": 3}, 3),
        ({"times": 0}, 0),
        ({"times": discrete(values=[0, 1, 4], weights=[1, 2, 1])}, (0 + 2 + 4) / 4),
        ({"times": empirical([1, 1, 4])}, 2),
        ({"until": 1}, 1),
        ({"until": 0.25}, 4),
        ({"until": 0, "at_most": 6}, 6),
        ({"until": 0.5, "at_most": 3}, 1 + 0.5 + 0.25),
        ({"until": 1e-300}, 1e300),
        ({"until": 1e-18, "at_most": 10**6}, 10**6),
    ],
)
def test_a_loop_multiplies_by_its_expected_rounds(loop, rounds):
    found = flow(repeat([work(2), ask("a")], **loop), tell("after"))
    assert found.work == pytest.approx(2 * rounds, rel=1e-12)
    assert found.asks["a"] == pytest.approx(rounds, rel=1e-12)
    assert found.tells["after"] == 1


def test_what_follows_a_reply_is_not_before_the_answer():
    found = flow(work(2), ask("a"), reply, work(3), ask("b"), pause(1))
    assert (found.work, found.work_before) == (5, 2)
    assert (found.pause, found.pause_before) == (1, 0)
    assert found.asks == {"a": 1, "b": 1}
    assert {name: number for name, number in found.asks_before.items() if number} == {"a": 1}


def test_an_answer_in_a_branch_divides_what_follows():
    found = flow(chance(0.25, then=[reply]), work(4))
    assert (found.work, found.work_before) == (4, 3)


def test_an_answer_in_a_loop_of_at_most_one_round():
    found = flow(repeat([reply, work(1)], times=discrete(values=[0, 1], weights=[3, 1])), work(8))
    assert found.work == pytest.approx(8.25)
    assert found.work_before == pytest.approx(6)
    found = flow(repeat([work(1), reply], until=1), work(8))
    assert (found.work, found.work_before) == (9, 1)


def test_an_answered_asker_goes_through_later_loops():
    found = flow(chance(0.5, then=[reply]), repeat([work(1)], times=4))
    assert (found.work, found.work_before) == (4, 2)


def test_nothing_follows_a_hand_off():
    found = flow(work(1), chance(0.3, then=[hand_off("a")]), work(10), tell("b"))
    assert found.hand_offs["a"] == pytest.approx(0.3)
    assert found.work == pytest.approx(1 + 7)
    assert found.requests["b"] == pytest.approx(0.7)


@pytest.mark.parametrize("leaves", [0.0, 1e-9, 0.3, 1.0])
def test_a_loop_left_by_hand_off_is_a_geometric_sum(leaves):
    # Rounds begun: 1 + s + s² with s = 1 - leaves; what comes out: s³.
    stays = 1 - leaves
    found = flow(repeat([work(1), chance(leaves, then=[hand_off("away")])], times=3), tell("after"))
    assert found.work == pytest.approx(1 + stays + stays**2)
    assert found.hand_offs["away"] == pytest.approx(1 - stays**3, abs=1e-15)
    assert found.tells["after"] == pytest.approx(stays**3)


def simulated(body_leaves, stop, at_most, values, rng, runs=200_000):
    """Follow many passes through a loop, one round after the other."""
    alive = np.ones(runs, bool)
    leavers = np.zeros(runs, bool)
    rounds = np.zeros(runs)
    planned = rng.choice(values, runs) if values is not None else np.full(runs, at_most or math.inf)
    while True:
        begins = alive & (rounds < planned)
        if not begins.any():
            break
        rounds[begins] += 1
        leavers |= begins & (rng.random(runs) < body_leaves)
        alive = begins & ~leavers
        if values is None:
            alive &= rng.random(runs) >= stop
    return rounds.mean(), leavers.mean(), math.sqrt(rounds.var() / runs), math.sqrt(1 / 4 / runs)


@pytest.mark.parametrize(
    ("leaves", "loop"),
    [
        (0.3, {"until": 0.2}),
        (0.3, {"until": 0.2, "at_most": 4}),
        (0.05, {"until": 0, "at_most": 20}),
        (0.4, {"times": discrete(values=[0, 2, 7], weights=[1, 1, 1])}),
    ],
)
def test_a_loop_left_by_hand_off_agrees_with_simulation(leaves, loop):
    found = flow(repeat([work(1), chance(leaves, then=[hand_off("away")])], **loop), tell("after"))
    values = [0, 2, 7] if "times" in loop else None
    rng = np.random.default_rng(20260105)
    rounds, left, error, share_error = simulated(leaves, loop.get("until"), loop.get("at_most"), values, rng)
    # 4.5 standard errors: about 7 false alarms in a million for each comparison
    assert found.work == pytest.approx(rounds, abs=4.5 * error)
    assert found.hand_offs["away"] == pytest.approx(left, abs=4.5 * share_error)
    assert found.tells["after"] == pytest.approx(1 - left, abs=4.5 * share_error)


STEPS = st.recursive(
    st.sampled_from([work(1), ask("a"), tell("b"), pause(2)]),
    lambda inner: st.one_of(
        st.builds(lambda p, a, b: chance(p, then=a, otherwise=b), st.floats(0, 1), st.lists(inner), st.lists(inner)),
        st.builds(lambda a, n: repeat(a, times=n), st.lists(inner), st.integers(0, 3)),
        st.builds(lambda a, b, n: together(a, b, need=n), st.lists(inner), st.lists(inner), st.integers(1, 2)).filter(
            lambda step: not any(isinstance(one, HandOff) for _, one in every_step((step,)))
        ),
        st.builds(
            lambda a, p: repeat([*a, chance(p, then=[hand_off("c")])], until=0.5),
            st.lists(inner),
            st.floats(0, 1),
        ),
    ),
    max_leaves=8,
)


@given(st.lists(STEPS, max_size=3))
@settings(max_examples=100)
def test_whoever_begins_comes_out_or_is_handed_off(steps):
    found = flow(*steps, tell("the end"))
    assert found.tells["the end"] + sum(found.hand_offs.values()) == pytest.approx(1, abs=1e-9)
    assert found.work_before == found.work
    assert all(number >= 0 for number in found.requests.values())


SIDE_BY_SIDE = ([ask("a"), tell("t")], [work(4), ask("b")], [pause(1), ask("a"), ask("c")])
ANSWERS = {"a": 10, "b": 2, "c": 1}  # so the branches take 10, 6 and 12


@pytest.mark.parametrize(("need", "time"), [("all", 12), (3, 12), (2, 10), (1, 6), ("any", 6)])
def test_one_of_several_branches_decides_how_long_they_take(need, time):
    found = flow(together(*SIDE_BY_SIDE, need=need), work(1), answers=ANSWERS)
    assert found.time(ANSWERS) == time + 1
    assert found.work + found.pause + 10 * found.asks["a"] + 2 * found.asks["b"] + found.asks["c"] == time + 1


@pytest.mark.parametrize("need", ["all", 2, "any"])
def test_all_branches_make_their_requests(need):
    found = flow(chance(0.5, [together(*SIDE_BY_SIDE, need=need)]), answers=ANSWERS)
    assert dict(found.requests) == {"a": 1, "b": 0.5, "c": 0.5, "t": 0.5}
    assert dict(found.all_asks) == {"a": 1, "b": 0.5, "c": 0.5}
    assert dict(found.tells) == {"t": 0.5}


def test_branches_may_stand_in_branches_and_loops():
    inner = together([work(3)], [ask("a")])  # 10
    found = flow(repeat([together([inner, ask("b")], [ask("c")])], times=3), answers=ANSWERS)
    assert found.time(ANSWERS) == 3 * 12
    assert dict(found.asks) == {"a": 3, "b": 3}
    assert dict(found.beside) == {"c": 3}
    assert found.work == 0


def test_branches_count_before_the_answer_and_after_it():
    found = flow(together([work(3)], [ask("a")]), reply, together([work(5)], [ask("b")]), answers={"a": 1, "b": 1})
    assert (found.work, found.work_before) == (8, 3)
    assert found.requests == {"a": 1, "b": 1}
    found = flow(together([work(3)], [ask("a")]), chance(0.5, [reply]), together([ask("b")]), answers={"a": 9})
    assert (found.work, found.work_before) == (0, 0)
    assert (found.asks_before["a"], found.asks["b"], found.asks_before["b"]) == (1, 1, 0.5)


def test_the_mean_of_the_slowest_is_never_below_the_slowest_mean():
    rng = np.random.default_rng(11)
    one, other = rng.exponential(4, 100_000), rng.gamma(2, 2.5, 100_000)
    slowest = np.maximum(one, other)
    found = flow(together([work("exponential(mean=4)")], [work("erlang(mean=5, k=2)")]))
    assert found.work == pytest.approx(5)
    assert found.work < slowest.mean() - 5 * slowest.std() / math.sqrt(100_000)


def test_a_step_in_python_asks_once_for_each_of_its_services():
    def function(_):
        yield work(1)

    found = flow(chance(0.25, [custom(function, requests=["a", "b"])]), reply, custom(function, requests=["c"]))
    assert dict(found.asks) == {"a": 0.25, "b": 0.25, "c": 1}
    assert (found.asks_before["a"], found.asks_before["c"]) == (0.25, 0)
    assert found.work == 0


def test_deeply_nested_branches_are_worked_out_once_each():
    steps = [work(1)]
    for _ in range(40):
        steps = [together(steps, [ask("a")]), together([ask("a")])]
    assert flow(*steps, answers={"a": 1}).requests["a"] == 80
    assert flow(*steps, answers={"a": 1}).time({"a": 1}) == 41
