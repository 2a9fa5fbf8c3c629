import math

import numpy as np
import pytest

import servicechain as sc
from servicechain.errors import Mistake
from servicechain.records import CUSTOMER, CustomerOutcome, KeepCustomers
from servicechain.settings import Settings
from servicechain.studies.warm_up import ArrivalOrder, errors_of_cuts, find_warm_up, mser5, rounded_up, warm_up_of

FROM_THE_START = {
    "chain": "one clerk",
    "unit": "minutes",
    "actors": {"clerk": {"lane": "contact", "staff": 1}},
    "services": {"serve": {"by": "clerk", "steps": [{"work": "exponential(mean=1)"}]}},
    "customers": {"guest": {"arrivals": "poisson(rate=0.9/min)", "journey": [{"ask": "serve"}]}},
}


def test_the_errors_by_hand():
    # of 4, 2, 3, 1 and five more ones: the squares of what is left, over the square of its number
    values = np.array([4.0, 2.0, 3.0, *[1.0] * 6])
    expected = [np.sum((left - left.mean()) ** 2) / left.size**2 for left in (values[cut:] for cut in range(4))]
    assert errors_of_cuts(values).tolist() == pytest.approx(expected, rel=1e-12)
    assert errors_of_cuts(values)[3] == 0


def test_as_by_the_definition():
    generator = np.random.default_rng(7)
    for _ in range(20):
        settled = generator.gamma(2, 3, 1000)
        series = settled * (1 - np.exp(-np.arange(1000) / generator.uniform(1, 60)))
        means = [series[start : start + 5].mean() for start in range(0, 1000, 5)]
        errors = [np.var(means[cut:]) / (200 - cut) for cut in range(195)]
        best = int(np.argmin(errors))
        assert mser5(series) == (5 * best if best <= 100 else None)


def test_a_series_with_a_clear_beginning():
    assert mser5([0.0] * 40 + [9.0] * 160) == 40
    assert mser5([9.0] * 37 + [0.1] * 163) == 40


def test_a_constant_series_is_settled():
    assert mser5([0.3] * 150) == 0
    assert mser5([0.0] * 104) == 0


def test_a_series_that_never_settles():
    assert mser5(np.arange(500.0)) is None
    assert mser5([0.0] * 120 + [9.0] * 80) is None


def test_a_few_equal_values_at_the_end_do_not_look_settled():
    series = np.random.default_rng(3).gamma(2, 3, 400)
    series[-20:] = 6.0
    assert mser5(series) is not None


def test_a_series_that_is_too_short():
    with pytest.raises(Mistake, match=r"a warm-up cannot be found from 99 customers: it takes 100 or more in every"):
        mser5(np.ones(99))


def replication(shift, size=200):
    arrived = np.arange(1, size + 1) * 10.0 + shift
    return arrived, np.where(np.arange(size) < 40, 0.0, 9.0) + shift


def test_the_latest_of_all_replications():
    # the first who counts is the 41st: 410 + 3 minutes at the latest, rounded up to two digits
    assert find_warm_up([replication(1.0), replication(3.0, 150), replication(2.0)]) == 420.0
    assert find_warm_up([(np.arange(200.0), np.ones(200))]) == 0.0


def test_no_warm_up_tells_what_to_do():
    with pytest.raises(Mistake) as caught:
        find_warm_up([(np.arange(200.0), np.arange(200.0))] * 2)
    assert str(caught.value) == (
        "no warm-up was found: over 200 customers (until 199) waits do not settle in the first half; run at least "
        "twice as long, or give the warm-up; where more comes than can be served, or the load follows the clock, they "
        "never settle: see `servicechain check`"
    )
    with pytest.raises(Mistake, match="cannot be found from 0 customers"):
        find_warm_up([])
    with pytest.raises(Mistake, match="cannot be found from 7 customers"):
        find_warm_up([replication(0.0), replication(0.0, 7)])


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0.0, 0.0),
        (1234.5, 1300.0),
        (0.0712, 0.072),
        (30.0, 30.0),
        (0.29, 0.29),
        (99.5, 100.0),
        (1e-9, 1e-9),
        (1e6, 1e6),
    ],
)
def test_rounding_up(time, expected):
    assert rounded_up(time) == expected


def customers(*rows):
    block = np.zeros(len(rows), CUSTOMER)
    for record, (position, number, arrived, wait, outcome) in zip(block, rows, strict=True):
        record["customer_class"], record["number"], record["arrived"] = position, number, arrived
        record["queueing"], record["held"], record["outcome"] = wait, wait / 4, outcome
    return block


def test_customers_come_in_the_order_of_arrival():
    left, gave_up, still_there = CustomerOutcome.FINISHED, CustomerOutcome.ABANDONED, CustomerOutcome.UNFINISHED
    blocks = [
        customers((0, 2, 5.0, 4.0, left), (1, 1, 3.0, 8.0, gave_up), (0, 1, 1.0, 12.0, left)),
        customers((1, 2, 4.0, 16.0, left), (0, 4, 3.0, 20.0, left), (0, 3, 3.0, 24.0, left)),
        customers((0, 5, 2.0, 28.0, still_there)),
    ]
    everybody, second = ArrivalOrder(), ArrivalOrder(1)
    for sink in (everybody, second):
        for block in blocks:
            copy = block.copy()
            sink.customers(copy)
            copy["arrived"] = copy["queueing"] = math.nan  # an engine writes over what it has handed on
        sink.requests(np.empty(0))
        sink.close(np.empty(0), 0.0, 0.0)
    assert everybody.arrived.tolist() == [1.0, 3.0, 3.0, 3.0, 4.0, 5.0]
    assert everybody.waits.tolist() == [15.0, 30.0, 25.0, 10.0, 20.0, 5.0]
    assert second.arrived.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_sink_takes_what_an_engine_tells(engine):
    chain = sc.Chain.from_dict(FROM_THE_START)
    order, kept = ArrivalOrder(), KeepCustomers()
    sc.run(chain, until=300, replications=1, attribution=False, engine=engine, sinks=lambda number: [order, kept])
    left = kept.records[kept.records["outcome"] != CustomerOutcome.UNFINISHED]
    left = left[np.argsort(left["number"])]
    assert left.size > 200
    assert order.arrived.tolist() == left["arrived"].tolist()
    assert order.waits.tolist() == (left["queueing"] + left["held"]).tolist()


def test_the_warm_up_of_a_chain():
    chain = sc.Chain.from_dict(FROM_THE_START)
    settings = Settings.of(chain, customers=4000, warm_up=77)
    found = warm_up_of(chain, settings, "compiled", replications=8)
    # with load 0.9 a queue forgets in 1/(1 − √0.9)² = 380 minutes: something has to go, but no day
    assert 20 < found < 2000
    assert found == rounded_up(found)
    assert warm_up_of(chain, settings, "reference", replications=8) == found


def test_who_never_waits_needs_no_warm_up():
    chain = sc.Chain.from_dict({**FROM_THE_START, "actors": {"clerk": {"lane": "contact", "staff": 60}}})
    assert warm_up_of(chain, Settings.of(chain, until=400), "compiled", replications=3) == 0.0


def test_an_overloaded_chain_never_settles():
    chain = sc.Chain.from_dict(
        {**FROM_THE_START, "customers": {"guest": {"arrivals": "poisson(rate=2/min)", "journey": [{"ask": "serve"}]}}}
    )
    with pytest.raises(Mistake, match="no warm-up was found"):
        warm_up_of(chain, Settings.of(chain, customers=500), "compiled", replications=3)
