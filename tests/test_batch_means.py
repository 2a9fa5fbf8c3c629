import math

import numpy as np
import pytest

import servicechain as sc
from servicechain.causes import Cause
from servicechain.engines import engine_for
from servicechain.errors import Mistake
from servicechain.records import Fanout, KeepCustomers, KeepRequests
from servicechain.running import facts_of
from servicechain.settings import Settings
from servicechain.studies.batch_means import (
    PER_RUN,
    Batches,
    check_metrics,
    correlation_warning,
    leftover_correlation,
)

WARM_UP = 50.0

CHAIN = {
    "chain": "a desk and its back office",
    "unit": "minutes",
    "actors": {"desk": {"lane": "contact", "staff": 2, "wage": 20}, "office": {"lane": "backstage", "staff": 1}},
    "services": {
        "check in": {
            "by": "desk",
            "standard": 1,
            "steps": [{"work": "exponential(mean=2)"}, {"chance": 0.5, "then": [{"ask": "look it up"}]}],
        },
        "look it up": {"by": "office", "steps": [{"work": "exponential(mean=1.5)"}]},
    },
    "customers": {
        "guest": {
            "arrivals": "poisson(rate=0.4/min)",
            "patience": "exponential(mean=15)",
            "tolerance": {"desired": 1, "adequate": 5},
            "journey": [{"ask": "check in"}],
        },
        "visitor": {"arrivals": "poisson(rate=0.1/min)", "journey": [{"ask": "check in"}]},
    },
}


@pytest.fixture(scope="module", params=["reference", "compiled"])
def run(request):
    """The rows of a run's batches by column, and all its records."""
    chain = sc.Chain.from_dict(CHAIN)
    people, asked, batches = KeepCustomers(), KeepRequests(), Batches(facts_of(chain), WARM_UP)
    settings = Settings.of(chain, customers=1000, warm_up=WARM_UP, seed=5)
    engine = engine_for(chain, request.param)
    engine.replicate(settings, 1, batches)
    batches.rows()  # it serves one run after the other
    engine.replicate(settings, 0, Fanout([people, asked, batches]))
    return dict(zip(batches.columns, batches.rows().T, strict=True)), people, asked


def in_batches(people):
    """The customers who count, in the order of arrival, and where each batch begins."""
    counted = np.sort(people.records[people.records["arrived"] >= WARM_UP], order="arrived")
    starts = [batch * counted.size // PER_RUN for batch in range(PER_RUN)]
    return counted, np.split(counted, starts[1:])


def test_batches_are_of_equal_numbers_of_arrivals(run):
    rows, people, _ = run
    counted, parts = in_batches(people)
    arrived = rows["customers.guest.arrived"] + rows["customers.visitor.arrived"]
    assert arrived.tolist() == [PER_RUN * part.size for part in parts]
    assert np.ptp(arrived) <= PER_RUN
    assert arrived.mean() == pytest.approx(counted.size)


def test_the_waits_of_a_batch_are_those_of_its_customers(run):
    rows, people, _ = run
    _, parts = in_batches(people)
    for number, part in enumerate(parts):
        guests = part[part["customer_class"] == 0]
        wait = guests["queueing"] + guests["held"]
        assert rows["customers.guest.wait"][number] == pytest.approx(wait.mean(), rel=1e-12)
        assert rows["customers.guest.abandoned_share"][number] == pytest.approx((guests["outcome"] == 1).mean())
        assert rows["customers.guest.below"][number] == pytest.approx(((wait > 5) | (guests["outcome"] == 1)).mean())


def test_requests_go_by_the_time_they_are_made(run):
    rows, people, asked = run
    _, parts = in_batches(people)
    starts = [-math.inf, *(part["arrived"][0] for part in parts[1:]), math.inf]
    counted = asked.records[asked.records["counted"] & (asked.records["service"] == 1)]
    assert rows["services.look it up.requests"].mean() == pytest.approx(counted.size)
    for number in range(PER_RUN):
        own = counted[(counted["asked"] >= starts[number]) & (counted["asked"] < starts[number + 1])]
        assert rows["services.look it up.requests"][number] == pytest.approx(own.size * PER_RUN)
        if own.size:
            line = (own["begun"] - own["asked"]).mean()
            assert rows["services.look it up.queue_wait"][number] == pytest.approx(line, abs=1e-12)


def test_the_parts_of_a_wait_go_with_the_customer(run):
    rows, people, _ = run
    waiting = people.waiting
    order = np.argsort(people.records["arrived"], kind="stable")
    counted = order[people.records["arrived"][order] >= WARM_UP]
    for number in range(PER_RUN):
        own = counted[number * counted.size // PER_RUN : (number + 1) * counted.size // PER_RUN]
        guests = own[people.records["customer_class"][own] == 0]
        mine = waiting.rows[np.isin(waiting.rows["customer"], guests)]
        office = [row for row in mine if waiting.paths[row["path"]][-2:] == (1, Cause.WORK)]
        expected = sum(row["queueing"] + row["held"] for row in office) / guests.size
        assert rows["attribution.guest.office.work.time"][number] == pytest.approx(expected, abs=1e-12)
    blamed = sum(
        rows[column] for column in rows if column.startswith("attribution.guest.") and column.endswith(".time")
    )
    assert blamed.tolist() == pytest.approx(rows["customers.guest.wait"].tolist(), abs=1e-9)


def test_what_actors_did_is_not_known(run):
    rows, *_ = run
    for column, values in rows.items():
        if column.startswith("actors.") or column == "cost_per_day":
            assert np.isnan(values).all(), column


def test_without_attribution():
    chain = sc.Chain.from_dict(CHAIN)
    batches = Batches(facts_of(chain), WARM_UP, ["customers.guest.wait.p90"], batches=10)
    settings = Settings.of(chain, until=1000, warm_up=WARM_UP, attribution=False)
    engine_for(chain, "compiled").replicate(settings, 0, batches)
    rows = dict(zip(batches.columns, batches.rows().T, strict=True))
    assert np.isnan(rows["attribution.guest.office.work.time"]).all()
    assert (rows["customers.guest.wait.p90"] > rows["customers.guest.wait"]).all()
    assert rows["customers.guest.wait"].shape == (10,)


def rows_of(arrivals, **settings):
    chain = sc.Chain.from_dict({**CHAIN, "customers": {"guest": {**CHAIN["customers"]["guest"], "arrivals": arrivals}}})
    batches = Batches(facts_of(chain))
    engine_for(chain, "compiled").replicate(Settings.of(chain, **settings), 0, batches)
    return batches.rows()


def test_too_few_customers():
    with pytest.raises(Mistake) as caught:
        rows_of("poisson(rate=0.4/min)", customers=79)
    assert str(caught.value) == (
        "79 customers count, too few for 8 batches of 10 or more; run longer, or use the method 'replications'"
    )
    assert rows_of("poisson(rate=0.4/min)", customers=80).shape[0] == 8


def test_a_crowd_cannot_be_cut():
    with pytest.raises(Mistake, match="so many customers come at one instant that 7 of 8 batches are empty"):
        rows_of(f"at({[5] * 80})", until=100)


@pytest.mark.parametrize("metric", ["actors.desk.utilisation", "cost_per_day", "customers.guest.wait.max"])
def test_what_has_no_batch_means_is_refused(metric):
    with pytest.raises(Mistake, match="use the method 'replications'"):
        check_metrics(["customers.guest.wait", metric])


def test_what_has_batch_means():
    check_metrics(["customers.guest.wait", "services.check in.delayed_share", "attribution.guest.desk.work.time"])


# what is left of correlation


def test_von_neumanns_ratio_by_hand():
    # 1, 2, 3, 4: squares of steps 3, of deviations 5; 1 − 3/10 = 0.7; variance 2/15
    left = leftover_correlation([1.0, 2.0, 3.0, 4.0], batches=4)
    assert left.correlation == pytest.approx(0.7)
    assert left.score == pytest.approx(0.7 / math.sqrt(2 / 15))


def test_several_runs_by_hand():
    # steps 3 and 12, 6 of them; all eight around their mean 2.25: 9.5; 1 − (15/6)/(9.5/7)/2
    left = leftover_correlation([1.0, 2.0, 3.0, 4.0, 1.0, 3.0, 1.0, 3.0], batches=4)
    assert left.correlation == pytest.approx(1 - 2.5 / (9.5 / 7) / 2)
    # (1 + 2 × 8/36)/(1 + 2/7) − 1
    assert left.score == pytest.approx(left.correlation / math.sqrt(13 / 9 * 7 / 9 - 1))


def test_a_run_that_stays_above_the_others_is_seen():
    generator = np.random.default_rng(2)
    levels = np.repeat([1.0, 5.0, 9.0], PER_RUN) + generator.normal(0, 0.5, 3 * PER_RUN)
    assert leftover_correlation(levels).score > 4


@pytest.mark.parametrize(("runs", "batches"), [(1, 20), (3, 8), (30, 8)])
def test_the_score_of_independent_batches_has_mean_0_and_variance_1(runs, batches):
    # 4.5 standard errors of a mean and of a variance, of 4,000
    values = np.random.default_rng(runs).normal(5, 1, (4000, runs * batches))
    scores = [leftover_correlation(each, batches).score for each in values]
    assert np.mean(scores) == pytest.approx(0, abs=4.5 / math.sqrt(4000))
    assert np.var(scores) == pytest.approx(1, abs=4.5 * math.sqrt(2 / 4000))


def test_runs_that_say_nothing():
    assert math.isnan(leftover_correlation([2.0] * 8, batches=4).score)
    assert math.isnan(leftover_correlation([2.0, math.nan, 3.0, 4.0], batches=4).correlation)
    assert math.isnan(leftover_correlation([], batches=4).correlation)
    assert correlation_warning("m", [2.0] * 8, batches=4) is None
    one = leftover_correlation([1.0, 2.0, 3.0, 4.0, 2.0, math.nan, 2.0, 2.0], batches=4)
    assert one.correlation == pytest.approx(0.7)


def test_independent_batches_are_seldom_warned_of():
    # 1 % of 4,000; six standard errors of it are 0.9 %, and the statistic is only nearly normal
    generator = np.random.default_rng(6)
    warned = sum(correlation_warning("m", generator.normal(5, 1, 3 * PER_RUN)) is not None for _ in range(4000))
    assert warned / 4000 == pytest.approx(0.01, abs=0.01)


def test_batches_that_are_too_short_are_warned_of():
    generator = np.random.default_rng(6)
    values = np.zeros(5 * PER_RUN)
    for place in range(1, values.size):
        values[place] = 0.6 * values[place - 1] + generator.normal()
    text = correlation_warning("customers.guest.wait", values)
    assert text.startswith(
        "customers.guest.wait: the batches are too short. Each resembles the one before (correlation 0."
    )
    assert text.endswith("so the half-width is too small; run several times as long, or use the method 'replications'.")


def test_a_line_that_is_long_against_its_batches_is_warned_of():
    # load 0.8: a line forgets in some 90 service times; batches of 20 customers, and of 4,000
    chain = sc.Chain.from_dict(
        {
            "chain": "one clerk",
            "unit": "minutes",
            "actors": {"clerk": {"lane": "contact", "staff": 1}},
            "services": {"serve": {"by": "clerk", "steps": [{"work": "exponential(mean=1)"}]}},
            "customers": {"guest": {"arrivals": "poisson(rate=0.8/min)", "journey": [{"ask": "serve"}]}},
        }
    )
    batches, engine = Batches(facts_of(chain), 400.0), engine_for(chain, "compiled")
    wait = batches.columns.index("customers.guest.wait")

    def waits(runs, customers):
        settings = Settings.of(chain, customers=customers, warm_up=400, attribution=False, seed=3)
        for number in range(runs):
            engine.replicate(settings, number, batches)
            yield batches.rows()[:, wait]

    assert correlation_warning("m", np.concatenate([*waits(12, 480)])) is not None
    assert correlation_warning("m", np.concatenate([*waits(4, 32_320)])) is None
