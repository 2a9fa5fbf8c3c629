import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from servicechain import read
from servicechain.errors import Mistake
from servicechain.estimates import Estimate
from servicechain.running import facts_of
from servicechain.studies.goals import Goal, Verdict, interval, kind_of, parse_goals, verdict_of
from servicechain.studies.measures import columns_of, extra_columns_of
from servicechain.units import TimeUnit

FACTS = facts_of(read(Path(__file__).parents[1] / "simulations" / "hotel.yaml"))
COLUMNS = (*columns_of(FACTS), *extra_columns_of(FACTS))


def goal(text):
    return Goal.parse(text, COLUMNS, TimeUnit.MINUTES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customers.guest.below <= 0.1", Goal("customers.guest.below", True, 0.1)),
        ("customers.guest.below<=10%", Goal("customers.guest.below", True, 0.1)),
        ("customers.guest.below ≤ 12.5 %", Goal("customers.guest.below", True, 0.125)),
        ("customers.guest.below < .1", Goal("customers.guest.below", True, 0.1)),
        ("customers.guest.satisfaction >= 90%", Goal("customers.guest.satisfaction", False, 0.9)),
        ("customers.guest.wait.mean <= 90s", Goal("customers.guest.wait", True, 1.5)),
        ("customers.guest.wait.p90 <= 2 h", Goal("customers.guest.wait.p90", True, 120.0)),
        ("services.check in.queue_wait <= 3", Goal("services.check in.queue_wait", True, 3.0)),
        ("actors.receptionist.overtime <= 1h", Goal("actors.receptionist.overtime", True, 60.0)),
        ("actors.receptionist.queue_length.max <= 5", Goal("actors.receptionist.queue_length.max", True, 5.0)),
        ("attribution.guest.programmer.work.time <= 1", Goal("attribution.guest.programmer.work.time", True, 1.0)),
        ("cost_per_day <= 4e3", Goal("cost_per_day", True, 4000.0)),
        ("customers.guest.wait", Goal("customers.guest.wait", True)),
        (" customers.guest.inside ", Goal("customers.guest.inside", False)),
    ],
)
def test_goals_are_read_as_people_write_them(text, expected):
    assert goal(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a goal is a metric and what it must be"),
        ("customers.guest.belw <= 0.1", "did you mean 'customers.guest.below'?"),
        ("customers.gest.below <= 0.1", "did you mean 'customers.guest.below'?"),
        ("customers.guest <= 0.1", "it is not one number"),
        ("customers.guest.below.p90 <= 0.1", "one number in a replication"),
        ("customers.guest.below = 0.1", "must say '<=' or '>='"),
        ("customers.guest.below <= 10", "10 % are 0.1 or 10%"),
        ("customers.guest.below <= 1min", "no time"),
        ("customers.guest.wait <= 10%", "no share"),
        ("customers.guest.wait <=", "ends before its number"),
        ("customers.guest.wait <= soon", "a number or a time such as 90s"),
        ("customers.guest.wait <= 1 parsec", "no unit of time is called 'parsec'"),
        ("customers.guest.wait <= 1e999", "finite"),
        ("customers.guest.wait <= 1 <= 2", "a number or a time"),
    ],
)
def test_what_is_no_goal_is_told_with_the_next_step(text, words):
    with pytest.raises(Mistake) as caught:
        goal(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_each_goal_counts_once_and_two_must_be_possible_together():
    texts = ["customers.guest.wait <= 60s", "customers.guest.wait <= 1", "customers.guest.wait >= 0.5"]
    assert len(parse_goals(texts, COLUMNS, TimeUnit.MINUTES)) == 2
    with pytest.raises(Mistake, match="exclude each other"):
        parse_goals(["customers.guest.wait <= 1", "customers.guest.wait >= 2"], COLUMNS, TimeUnit.MINUTES)


def test_a_goal_says_itself():
    assert str(goal("customers.guest.below<=10%")) == "customers.guest.below <= 0.1"
    assert str(goal("customers.guest.satisfaction")) == "customers.guest.satisfaction as high as possible"


def test_what_a_metric_counts():
    kinds = {
        "time": ["customers.guest.wait", "services.check in.duration.p99", "attribution.guest.manager.work.held"],
        "share": ["customers.guest.abandoned_share", "actors.manager.held", "services.check in.within_standard"],
        "money": ["actors.manager.cost", "cost_per_day"],
        "number": ["customers.guest.arrived", "actors.manager.queue_length.mean", "actors.manager.busy"],
    }
    for kind, metrics in kinds.items():
        for metric in metrics:
            assert metric in COLUMNS
            assert kind_of(metric) == kind, metric


@pytest.mark.parametrize(
    ("mean", "halfwidth", "low", "high"),
    [
        (0.08, 0.019, "met", "failing"),
        (0.08, 0.03, "undecided", "undecided"),
        (0.12, 0.03, "undecided", "undecided"),
        (0.14, 0.03, "failing", "met"),
        (0.10, 0.00, "met", "met"),
        (0.08, math.nan, "undecided", "undecided"),
        (math.nan, math.nan, "failing", "failing"),
    ],
)
def test_the_whole_interval_decides(mean, halfwidth, low, high):
    estimate = Estimate(mean, halfwidth)
    assert Goal("m", True, 0.1).verdict(estimate) == low
    assert Goal("m", False, 0.1).verdict(estimate) == high


def test_without_a_bound_anything_that_is_defined_will_do():
    assert Goal("m", True).verdict(Estimate(5.0, 1.0)) is Verdict.MET
    assert Goal("m", True).verdict(Estimate(math.nan, math.nan)) is Verdict.FAILING


def test_all_goals_together():
    met, failing, undecided = Verdict.MET, Verdict.FAILING, Verdict.UNDECIDED
    assert verdict_of([met, met]) is met
    assert verdict_of([met, undecided]) is undecided
    assert verdict_of([undecided, failing, met]) is failing
    assert verdict_of([]) is met


@pytest.mark.parametrize("confidence", [0.95, 0.9990])
def test_the_interval_is_that_of_student(confidence):
    values = np.array([3.0, 4.5, 2.0, 7.0, 5.5])
    low, high = stats.t.interval(confidence, 4, values.mean(), stats.sem(values))
    found = interval(values, confidence)
    assert found.mean == pytest.approx((low + high) / 2)
    assert found.halfwidth == pytest.approx((high - low) / 2)


def test_what_is_not_defined_is_left_out_unless_it_is_the_rule():
    nan = math.nan
    assert interval(np.array([1.0, nan, 3.0]), 0.95).mean == 2.0
    assert math.isnan(interval(np.array([1.0, nan]), 0.95).mean)
    assert math.isnan(interval(np.array([]), 0.95).mean)
    assert interval(np.array([0.1] * 7), 0.95) == Estimate(0.1, 0.0)
