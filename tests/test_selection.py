import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from scipy import stats

from servicechain.errors import Mistake
from servicechain.studies.selection import INDIFFERENCE_ZONE, NONE, WITH_THE_BEST, Selection, constant
from servicechain.studies.with_the_best import with_the_best

pytestmark = pytest.mark.theory  # many studies

NAN = math.nan


def chosen(values, goal="min", indifference=None, **more):
    names = [f"s{number}" for number in range(len(values))]
    return Selection(names, "customers.guest.wait", goal, indifference, **more).guarantee(values, "minutes")


# the constant


def test_the_constant_by_hand():
    # two scenarios, n0 = 10, α = 0.05: η = ½ (10^(2/9) − 1) = 0.334, h² = 18 η
    assert constant(2, 10, 0.05) == pytest.approx(9 * (10 ** (2 / 9) - 1), rel=1e-12)


@pytest.mark.parametrize(("scenarios", "first"), [(2, 5), (10, 24), (500, 24)])
def test_the_constant_solves_its_equation(scenarios, first):
    # Kim & Nelson's equation for c = 1: ½ (1 + 2η)^(−(n0 − 1)/2) = α/(k − 1)
    eta = constant(scenarios, first, 0.05) / (2 * (first - 1))
    assert (1 + 2 * eta) ** (-(first - 1) / 2) / 2 == pytest.approx(0.05 / (scenarios - 1), rel=1e-9)


# the procedure


def by_the_book(values, indifference, round_size=24, alpha=0.05):
    """The procedure for the largest mean, as it stands in the paper, at complete rounds; who is left, and when."""
    k, first = len(values), [each[:round_size] for each in values]
    h2 = (round_size - 1) * ((2 * alpha / (k - 1)) ** (-2 / (round_size - 1)) - 1)
    left, r = set(range(k)), round_size
    while True:
        means = [each[:r].mean() for each in values]

        def slack(i, j, r=r):
            variance = np.var(first[i] - first[j], ddof=1)
            return max(0.0, indifference / (2 * r) * (h2 * variance / indifference**2 - r))

        left = {i for i in left if all(means[i] >= means[j] - slack(i, j) for j in left if j != i)}
        if len(left) == 1:
            return left, r
        r += round_size


def test_as_by_the_book():
    generator = np.random.default_rng(4)
    for _ in range(20):
        luck = generator.normal(0, 2, 4800)
        values = [luck + generator.normal(mean, 1 + mean, 4800) for mean in generator.uniform(0, 1, 5)]
        left, looks = by_the_book(values, 0.2)
        selection = Selection("abcde", "m", "max", 0.2)
        assert set(selection.look(values)) == left
        # told earlier, it is not decided; and how many rounds come at once does not matter, nor if who has left goes on
        bit_by_bit = Selection("abcde", "m", "max", 0.2)
        for stop in range(5, looks, 19):
            open_ones = bit_by_bit.look([each[:stop] for each in values])
            assert not bit_by_bit.decided
            assert left <= set(open_ones)
            values = [each if place in open_ones else each[:stop] for place, each in enumerate(values)]
        assert bit_by_bit.look([each[: looks + 3] for each in values]) == tuple(left)
        assert bit_by_bit.decided


def test_the_smallest_is_the_largest_of_the_opposite():
    values = np.random.default_rng(8).normal([[3.0], [2.0], [2.5]], 1.0, (3, 2400))
    assert chosen(values, "min", 0.1).best == chosen(-values, "max", 0.1).best == ("s1",)


def test_it_is_decided_at_the_latest_when_it_says():
    values = np.random.default_rng(9).normal(0, 1, (4, 4800))
    selection = Selection("abcd", "m", "max", 0.2)
    assert selection.latest == math.inf
    selection.look(values[:, :24])
    latest = selection.latest
    largest = max(np.var(one - other, ddof=1) for one in values[:, :24] for other in values[:, :24])
    assert latest == math.floor(23 * ((0.1 / 3) ** (-2 / 23) - 1) * largest / 0.04) + 1
    selection.look(values[:, : math.ceil(latest / 24) * 24])
    assert selection.decided


STUDIES = 600


@pytest.mark.parametrize(("scenarios", "shared", "correlated"), [(2, 0.0, False), (5, 0.0, False), (5, 1.5, True)])
def test_the_best_is_found_as_often_as_promised(scenarios, shared, correlated):
    # The slippage configuration, the hardest one: the best is better by just the zone, all others are alike.
    # Below by 3.1 standard errors of 95 % (2.8 %) is a false alarm in a thousand times, if the promise just holds.
    generator = np.random.default_rng(100 * scenarios + correlated)
    right = 0
    means = np.array([0.0, *[0.35] * (scenarios - 1)])
    for _ in range(STUDIES):
        values = generator.normal(means[:, None], 1.0, (scenarios, 1200)) + generator.normal(0, shared, 1200)
        selection = Selection([str(number) for number in range(scenarios)], "m", "min", 0.35)
        right += selection.look(values) == (0,)
    assert right / STUDIES >= 0.95 - 3.1 * math.sqrt(0.95 * 0.05 / STUDIES)


# with the best


def test_the_bounds_by_hand():
    # differences to the first: 1, 2, 3 (mean 2, error 1/√3); one-sided, one comparison: t(2; 0.95) = 2.919986
    found = with_the_best([[10.0, 20.0, 30.0], [11.0, 22.0, 33.0]], "min")
    assert (found.best, found.candidates, found.worse_by) == ((0,), (0,), 0.0)
    # differences −1, 2, 2: mean 1, error 1; the second may be better by 2.92 − 1
    found = with_the_best([[10.0, 20.0, 30.0], [9.0, 22.0, 32.0]], "min")
    assert (found.best, found.candidates) == ((0,), (0, 1))
    assert found.worse_by == pytest.approx(2.91998558 - 1.0, rel=1e-8)
    assert with_the_best([[10.0, 20.0, 30.0], [9.0, 22.0, 32.0]], "max").best == (1,)


def test_with_more_scenarios_each_interval_is_wider():
    values = np.random.default_rng(5).normal(0, 1, (3, 24))
    found = with_the_best(values, "max", 0.99)
    best = int(np.argmax(values.mean(axis=1)))
    others = [values[place] - values[best] for place in range(3) if place != best]
    expected = [each.mean() + stats.t.ppf(1 - 0.01 / 2, 23) * stats.sem(each) for each in others]
    assert max(expected) > 0
    assert found.worse_by == pytest.approx(max(expected), rel=1e-9)


@pytest.mark.parametrize("means", [(0.0, 0.0, 0.0, 0.0), (0.0, 0.3, 0.3, 0.3), (0.0, 0.1, 0.5, 2.0)])
def test_the_best_is_among_the_candidates_as_often_as_promised(means):
    # both statements at once; 3.1 standard errors below 95 % of 1,000 studies
    generator = np.random.default_rng(77)
    studies, right = 1000, 0
    for _ in range(studies):
        values = generator.normal(np.reshape(means, (-1, 1)), 1.0, (4, 24)) + generator.normal(0, 2, 24)
        found = with_the_best(values, "min")
        right += 0 in found.candidates and means[found.best[0]] <= found.worse_by
    assert right / studies >= 0.95 - 3.1 * math.sqrt(0.95 * 0.05 / studies)


# what is said


def test_a_clear_choice():
    values = np.random.default_rng(1).normal([[5.0], [3.0], [7.0]], 0.5, (3, 48))
    found = chosen(values, indifference=0.5)
    assert found.text == (
        "'s1' is chosen: the lowest customers.guest.wait. If one scenario is better than every other by 0.5 minutes or "
        "more, the chance that this is the one is at least 95 %; smaller differences were said not to matter."
    )
    assert (found.best, found.candidates, found.procedure) == (("s1",), ("s1",), INDIFFERENCE_ZONE)
    found = chosen(values)
    assert found.text == "'s1' has the lowest customers.guest.wait: with 95 % confidence it is the best."
    assert (found.best, found.procedure, found.worse_by, found.indifference) == (("s1",), WITH_THE_BEST, 0.0, None)
    assert json.loads(json.dumps(asdict(found)))["best"] == ["s1"]


def test_an_open_choice():
    values = [[10.0, 20.0, 30.0], [9.0, 22.0, 32.0]]
    assert chosen(values).text == (
        "'s0' has the lowest customers.guest.wait, but 's1' may be better: one of these 2 is the best with 95 % "
        "confidence, and then the chosen one is worse by 1.92 minutes at most. More replications would tell them apart."
    )
    undecided = chosen(values, indifference=1.0)
    assert undecided.text.startswith("The choice was not decided when the replications ended. 's0' has the lowest")
    assert (undecided.procedure, undecided.indifference, undecided.candidates) == (WITH_THE_BEST, None, ("s0", "s1"))


@pytest.mark.parametrize("indifference", [None, 0.5])
def test_equal_scenarios(indifference):
    luck = np.random.default_rng(6).normal(5, 1, 24)
    found = chosen([luck, luck + 1, luck.copy()], indifference=indifference)
    assert found.best == found.candidates == ("s0", "s2")
    assert found.text.startswith("'s0' and 's2' ")
    assert "(" not in found.text


@pytest.mark.parametrize("indifference", [None, 0.5])
def test_scenarios_that_only_rounding_tells_apart_are_equal(indifference):
    # what a day costs is a sum, and sums in another order differ in their last digits
    costs = np.full(48, 1440.0)
    found = chosen([costs, np.nextafter(costs, 0), costs + 1], indifference=indifference)
    assert found.best == ("s0", "s1")


@pytest.mark.parametrize("indifference", [None, 0.5])
def test_values_without_any_variance(indifference):
    found = chosen([[400.0] * 24, [300.0] * 24, [500.0] * 24], indifference=indifference)
    assert found.best == found.candidates == ("s1",)
    assert chosen([[4.0] * 24, [4.0] * 24], indifference=indifference).best == ("s0", "s1")


@pytest.mark.parametrize("indifference", [None, 0.5])
def test_a_single_scenario(indifference):
    found = chosen([[4.0] * 24], indifference=indifference)
    assert (found.best, found.procedure) == (("s0",), NONE)
    assert found.text == "There is only one scenario, so there is nothing to choose."


@pytest.mark.parametrize("indifference", [None, 0.5])
def test_what_is_never_defined_takes_no_part(indifference):
    generator = np.random.default_rng(3)
    nothing = np.full(48, NAN)
    found = chosen([generator.normal(5, 1, 48), nothing, generator.normal(3, 1, 48)], indifference=indifference)
    assert found.best == ("s2",)
    assert found.text.endswith(" 's1' is left out: customers.guest.wait is not defined there.")
    alone = chosen([nothing, generator.normal(5, 1, 48)], indifference=indifference)
    assert (alone.best, alone.procedure) == (("s1",), NONE)
    assert alone.text == "'s1' is the only scenario in which customers.guest.wait is defined: nothing to choose."
    found = chosen([nothing, nothing], indifference=indifference)
    assert (found.best, found.procedure) == ((), NONE)
    assert found.text == "No best scenario: customers.guest.wait is not defined in any replication."


def test_what_is_not_defined_now_and_then_waits_for_its_first_stage():
    generator = np.random.default_rng(3)
    values = generator.normal([[5.0], [3.0]], 1.0, (2, 96))
    values[0, ::2] = NAN
    selection = Selection("ab", "m", "min", 0.5)
    assert selection.look(values[:, :24]) == (0, 1)
    assert selection.latest == math.inf
    assert selection.look(values) == (1,)


def test_one_replication_says_little():
    found = chosen([[5.0], [3.0]])
    assert (found.best, found.candidates, found.worse_by) == (("s1",), ("s0", "s1"), None)
    assert found.text.endswith("but there are too few replications to say whether another one is better.")


def test_many_names_are_not_all_listed():
    found = chosen(np.random.default_rng(2).normal(0, 1, (12, 24)))
    assert len(found.candidates) > 8
    assert f" or {len(found.candidates) - 7} more may be better" in found.text


def test_more_replications_of_one_scenario_are_paired_by_number():
    values = np.random.default_rng(2).normal([[5.0], [3.0]], 1.0, (2, 96))
    short = [values[0][:24], values[1]]
    bounds = values[0][:24] - values[1][:24]
    assert with_the_best(short, "min").best == (1,)
    assert bounds.mean() > stats.t.ppf(0.95, 23) * stats.sem(bounds)
    assert with_the_best(short, "min").candidates == (1,)


@pytest.mark.parametrize(
    ("goal", "indifference", "confidence", "message"),
    [
        ("least", None, 0.95, "the goal of a choice must be min or max, got 'least'; write which of the two is better"),
        ("min", None, 95, "the confidence of a choice lies above 0.5 and below 1, got 95; write 0.95 for 95 %"),
        ("min", 0.0, 0.95, "an indifference zone must be above 0, got 0.0"),
    ],
)
def test_what_makes_no_sense_is_refused(goal, indifference, confidence, message):
    with pytest.raises(Mistake) as caught:
        Selection(["a", "b"], "m", goal, indifference, confidence)
    assert str(caught.value) == message
