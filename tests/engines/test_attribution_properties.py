"""What must hold of every attribution: it adds up, agrees with its definition, and bears what must not matter.

The chains of `small_chains` have whole-number times, full of ties; where a change of the chain could change the
order at a tie, every time of the chain is made a little different from every other.
"""

from copy import deepcopy
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blame import blamed
from naive_blame import Naive
from random_chains import chains
from servicechain import Chain
from servicechain.engines import engine_for
from servicechain.records import CUSTOMER, KeepCustomers
from servicechain.settings import Settings

pytestmark = pytest.mark.theory  # many random chains

UNTIL = 40
MINUTES_OF_A_SECOND = 1 / 60
THOROUGH = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
QUICK = settings(THOROUGH, max_examples=20)


@THOROUGH
@given(data=chains(everything=True))
def test_the_parts_add_up_to_the_wait(engine, data):
    check_sums(blamed(data, engine, until=UNTIL))


@QUICK
@given(data=chains(everything=True))
def test_they_do_after_a_number_of_customers(engine, data):
    if not any("population" in customer["arrivals"] for customer in data["customers"].values()):
        check_sums(blamed(data, engine, customers=30, replication=3))


def check_sums(everybody):
    for one in everybody:
        slack = 1e-9 * max(MINUTES_OF_A_SECOND, one.record["queueing"] + one.record["held"])
        for state, paths in (("queueing", one.queueing_paths), ("held", one.held_paths)):
            times = [time for _, time in paths]
            assert min(times, default=0) >= -slack
            assert abs(sum(times) - one.record[state]) <= slack


# -- small chains -----------------------------------------------------------------------------------------------

TIMES = st.integers(0, 4)


@st.composite
def small_steps(draw, names, service):
    """Work, pause, ask, and branches; in a service the branches only ask."""
    kinds = [TIMES.map(lambda time: {"work": time}), TIMES.map(lambda time: {"pause": time})]
    if names:
        ask = st.builds(
            lambda name, number: {"ask": name} if number is None else {"ask": name, "priority": number},
            st.sampled_from(names),
            st.sampled_from([None, None, 0, 2]),
        )
        branch = st.lists(ask if service else st.one_of(ask, *kinds), max_size=2)
        kinds += [ask, ask, ask, st.lists(branch, min_size=1, max_size=3).map(lambda all_: {"together": all_})]
    return draw(st.lists(st.one_of(kinds), min_size=1, max_size=3))


@st.composite
def small_chains(draw, actors=4, every_lane=True):
    """A chain of work, pauses, asks, wrap-up, branches and priorities, by a few actors who may ask in circles."""
    names = [f"actor {place}" for place in range(draw(st.integers(1, actors)))]
    lanes = st.sampled_from(["contact", "backstage", "system", "supplier"] if every_lane else ["backstage"])
    who = {}
    for name in names:
        lane = draw(lanes)
        servers = "staff" if lane in ("contact", "backstage") else "capacity"
        who[name] = {"lane": lane, servers: draw(st.sampled_from([1, 1, 2, 3, "unlimited"]))}
    what = {}
    offered = [f"service {place}" for place in range(draw(st.integers(1, 5)))]
    for place, name in enumerate(offered):
        steps = draw(small_steps(offered[place + 1 :], True))
        if draw(st.integers(0, 3)) == 0:
            steps = [*steps, "reply", *draw(small_steps(offered[place + 1 :], True))]
        by = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        what[name] = {"by": by if len(by) > 1 else by[0], "steps": steps, "priority": draw(st.integers(0, 2))}
    customers = {}
    for place in range(draw(st.integers(1, 2))):
        times = sorted(draw(st.lists(st.integers(0, 12), min_size=1, max_size=6)))
        customers[f"class {place}"] = {
            "arrivals_at": times,
            "priority": draw(st.integers(0, 2)),
            "journey": draw(small_steps(offered, False)),
        }
    return {"chain": "small", "unit": "minutes", "actors": who, "services": what, "customers": customers}


def as_chain(small):
    """The chain as the package reads it."""
    data = deepcopy(small)
    for customer in data["customers"].values():
        customer["arrivals"] = f"at({customer.pop('arrivals_at')})"
    return data


def walked(steps, change):
    """The steps with every work and pause changed; a change may give several steps."""
    out = []
    for step in steps:
        if isinstance(step, dict) and "together" in step:
            out.append({"together": [walked(branch, change) for branch in step["together"]]})
        elif isinstance(step, dict) and ("work" in step or "pause" in step):
            out += change(step)
        else:
            out.append(step)
    return out


def with_steps(small, change, arrival=lambda time: time):
    data = deepcopy(small)
    for service in data["services"].values():
        service["steps"] = walked(service["steps"], change)
    for customer in data["customers"].values():
        customer["journey"] = walked(customer["journey"], change)
        customer["arrivals_at"] = [arrival(time) for time in customer["arrivals_at"]]
    return data


def without_ties(small):
    """Every time a little longer, each by another dyadic fraction; sums of such are exact."""
    more = (place * 40503 % 65536 / 2**22 for place in count(1))

    def longer(step):
        return [{kind: time + next(more) for kind, time in step.items()}]

    return with_steps(small, longer, lambda time: time + next(more))


def blame_of(small, engine, until=UNTIL):
    return [(one.queueing, one.held) for one in blamed(as_chain(small), engine, until=until)]


def assert_alike(these, those):
    assert len(these) == len(those)
    for one, other in zip(these, those, strict=True):
        for left, right in zip(one, other, strict=True):
            for cause in {*left, *right}:
                assert left.get(cause, 0) == pytest.approx(right.get(cause, 0), rel=1e-9, abs=1e-11), cause


# -- the definition ---------------------------------------------------------------------------------------------


@settings(THOROUGH, max_examples=100)
@given(small=small_chains())
def test_it_is_what_the_definition_says_at_every_instant(engine, small):
    naive = Naive(small, UNTIL).run()
    expected = [(customer["queueing"], customer["held"]) for customer in naive.customers]
    assert_alike(blame_of(small, engine), expected)


@settings(THOROUGH, max_examples=100)
@given(small=small_chains(actors=2, every_lane=False))
def test_it_is_where_actors_ask_each_other(engine, small):
    naive = Naive(small, UNTIL).run()
    assert_alike(blame_of(small, engine), [(customer["queueing"], customer["held"]) for customer in naive.customers])


# -- what must not matter, and what must ------------------------------------------------------------------------


@QUICK
@given(small=small_chains().map(without_ties))
def test_splitting_an_activity_leaves_everything(engine, small):
    def split(step):
        return [{kind: time / 2} for kind, time in step.items()] * 2

    assert_alike(blame_of(with_steps(small, split), engine), blame_of(small, engine))


@QUICK
@given(small=small_chains())
def test_a_name_is_only_a_name(engine, small):
    new = {name: f"who {place}" for place, name in enumerate(small["actors"])}
    told = [
        tuple({(new[actor], cause): time for (actor, cause), time in state.items()} for state in one)
        for one in blame_of(small, engine)
    ]
    assert_alike(blame_of(renamed(small, new, list(small["actors"])), engine), told)


@QUICK
@given(small=small_chains())
def test_the_order_in_which_actors_stand_in_the_file_does_not_matter(engine, small):
    same = {name: name for name in small["actors"]}
    assert_alike(blame_of(renamed(small, same, list(small["actors"])[::-1]), engine), blame_of(small, engine))


def renamed(small, new, order):
    data = deepcopy(small)
    data["actors"] = {new[name]: small["actors"][name] for name in order}
    for service in data["services"].values():
        by = service["by"]
        service["by"] = [new[name] for name in by] if isinstance(by, list) else new[by]
    return data


@QUICK
@given(small=small_chains(), factor=st.sampled_from([0.25, 3, 1024]))
def test_all_times_longer_all_blame_larger(engine, small, factor):
    longer = with_steps(
        small, lambda step: [{kind: time * factor for kind, time in step.items()}], lambda time: time * factor
    )
    told = [
        tuple({cause: time * factor for cause, time in state.items()} for state in one)
        for one in blame_of(small, engine)
    ]
    assert_alike(blame_of(longer, engine, until=UNTIL * factor), told)


@QUICK
@given(small=small_chains())
def test_two_unlimited_actors_made_one_add_up(engine, small):
    data = deepcopy(small)
    data["actors"]["left"] = data["actors"]["right"] = {"lane": "supplier", "capacity": "unlimited"}
    for place, service in enumerate(data["services"].values()):
        if place % 3:
            service["by"] = "left" if place % 2 else "right"
    merged = deepcopy(data)
    for service in merged["services"].values():
        if service["by"] == "right":
            service["by"] = "left"
    told = []
    for one in blame_of(data, engine):
        for state in one:
            for actor, cause in [key for key in state if key[0] == "right"]:
                state["left", cause] = state.get(("left", cause), 0) + state.pop((actor, cause))
        told.append(one)
    assert_alike(blame_of(merged, engine), told)


@QUICK
@given(small=small_chains(actors=1))
def test_one_actor_alone_has_all_the_blame(engine, small):
    for one in blamed(as_chain(small), engine, until=UNTIL):
        assert {actor for actor, _ in one.waiting} <= {"actor 0"}
        assert sum(one.waiting.values()) == pytest.approx(one.record["queueing"] + one.record["held"])


@QUICK
@given(small=small_chains())
def test_nobody_stands_in_line_for_an_unlimited_actor(engine, small):
    unlimited = {name for name, actor in small["actors"].items() if "unlimited" in actor.values()}
    for one in blamed(as_chain(small), engine, until=UNTIL):
        assert not {path[0] for path, time in one.queueing_paths if time} & unlimited
        assert not {actor for actor, cause in one.waiting if cause in ("absence", "deadlock")} & unlimited


@QUICK
@given(small=small_chains())
def test_who_takes_no_time_is_not_blamed(engine, small):
    data = deepcopy(small)
    for service in data["services"].values():
        if service["by"] == "actor 0" or "actor 0" in service["by"]:
            service["steps"] = walked(service["steps"], lambda step: [dict.fromkeys(step, 0)])
    for one in blamed(as_chain(data), engine, until=UNTIL):
        assert not {("actor 0", "work"), ("actor 0", "pause")} & {*one.waiting}


@QUICK
@given(data=chains(everything=True))
def test_following_the_blame_changes_nothing_else(engine, data):
    chain = Chain.from_dict(data)
    kept = []
    for attribution in (True, False):
        sink = KeepCustomers()
        chosen = Settings.of(chain, until=UNTIL, replications=1, attribution=attribution)
        engine_for(chain.loaded(), engine).replicate(chosen, 0, sink)
        kept.append(sink)
    for name in CUSTOMER.names:
        assert np.array_equal(kept[0].records[name], kept[1].records[name], equal_nan=True), name
    assert not kept[1].parts
