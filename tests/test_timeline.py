import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

import servicechain as sc
from blocks import customers, requests
from random_chains import chains
from servicechain.records import RequestOutcome
from servicechain.timeline import BUCKETS, DaySum, TimelinePool, bucket_edges, on_duty
from servicechain.units import TimeUnit
from timelines import chain_of

pytestmark = pytest.mark.theory  # many days

DESK = """
actors:
  clerk: {lane: contact, staff: 1}
  robot: {lane: system, capacity: unlimited}
services:
  serve: {by: clerk, steps: [{work: 10}, {ask: look up}]}
  look up: {by: robot, steps: [{work: 2}]}
customers:
  early: {arrivals: "at([0, 4, 30])", journey: [{ask: serve}]}
  late: {arrivals: "at([30])", journey: [{ask: serve}]}
"""


def day(edges, lines=(0, 1), actors=2, classes=2):
    return DaySum(np.array(edges, float), np.array(lines, np.intp), actors, classes)


def test_requests_count_in_the_buckets_in_which_they_stand_in_line():
    found = day([0, 10, 20, 25])
    found.requests(
        requests(
            {"asked": 2, "begun": 7},  # 5 of the first bucket's 10
            {"asked": 8, "begun": 22, "ended": 24},  # 2 of 10, 10 of 10, 2 of 5
            {"asked": 10, "begun": 20},  # from edge to edge: 10 of 10
            {"asked": 3, "begun": 3, "ended": 24},  # begins at once: never in line
            {"asked": 15, "begun": 16, "service": 1},
        )
    )
    np.testing.assert_allclose(found.in_line, [[0.7, 2.0, 0.4], [0, 0.1, 0]], atol=1e-15)


def test_who_never_begins_stands_in_line_until_they_leave_or_the_run_ends():
    found = day([0, 10, 20])
    found.requests(
        requests(
            {"asked": 5, "ended": 12, "outcome": RequestOutcome.ABANDONED},  # 5 and 2
            {"asked": 9, "ended": 11, "outcome": RequestOutcome.WITHDRAWN, "actor": -1},  # 1 and 1
            {"asked": 19},  # waits when the run ends: 1
            {"asked": 6, "begun": 8, "outcome": RequestOutcome.UNFINISHED},  # 2
        )
    )
    found.close(None, 20.0, 20.0)
    np.testing.assert_allclose(found.in_line, [[0.8, 0.4], [0, 0]], atol=1e-15)


def test_blocks_may_be_cut_anywhere_and_their_buffers_used_again():
    rng = np.random.default_rng(4)
    asked = rng.uniform(0, 20, 300)
    block = requests(*({"asked": time, "begun": min(time + rng.exponential(3), 20.0)} for time in asked))
    whole, parts = day([0, 7, 20]), day([0, 7, 20])
    whole.requests(block)
    for start in range(0, 300, 7):
        part = block[start : start + 7].copy()
        parts.requests(part)
        part["asked"] = 19.0
    np.testing.assert_allclose(parts.in_line, whole.in_line, rtol=1e-12)
    parts.requests(block[:0])
    parts.customers(customers())


def test_arrivals_count_in_the_bucket_that_begins_with_them():
    found = day([0, 10, 20])
    came = ({"arrived": 0}, {"arrived": 9.999}, {"arrived": 10}, {"arrived": 19, "customer_class": 1})
    found.customers(customers(*came))
    assert found.arrivals.tolist() == [[2, 1], [0, 1]]


@pytest.mark.parametrize(
    ("until", "unit", "width", "count"),
    [
        (1440, "minutes", 15, 96),
        (24, "hours", 0.25, 96),
        (1, "days", 1 / 96, 96),
        (7, "days", 2 / 24, 84),
        (365, "days", 7, 53),
        (3600, "seconds", 60, 60),
        (480, "minutes", 5, 96),
        (30, "seconds", 0.5, 60),
        (1e-3, "seconds", 2e-5, 50),
        (100_000, "hours", 49 * 24, 86),
    ],
)
def test_buckets_are_of_a_handy_length_and_not_too_many(until, unit, width, count):
    edges = bucket_edges(until, TimeUnit(unit))
    assert edges[1] == pytest.approx(width, rel=1e-12)
    assert edges.size - 1 == count <= BUCKETS
    assert (edges[0], edges[-1]) == (0.0, until)
    np.testing.assert_allclose(np.diff(edges)[:-1], width, rtol=1e-9)


@given(st.floats(5e-324, 1e300), st.sampled_from(list(TimeUnit)))
def test_buckets_cover_whatever_time_there_is(until, unit):
    edges = bucket_edges(until, unit)
    assert 2 <= edges.size <= BUCKETS + 1
    assert edges[0] == 0
    assert edges[-1] == until
    assert np.all(np.diff(edges) > 0)


def test_a_timeline_worked_out_by_hand():
    # early 1: 0-12 served. early 2 waits 4-12, served 12-24. early 3 comes at 30, served 30-42, late waits
    # 30-42, served from 42
    result = sc.run(chain_of(DESK), until=48, replications=1)
    timeline = result.timeline
    assert timeline.actors == ("clerk", "robot")
    assert timeline.classes == ("early", "late")
    assert timeline.edges[1] == 0.5
    expected = np.zeros(96)
    expected[8:24] = 1
    expected[60:84] = 1
    assert timeline.in_line.mean.tolist() == [expected.tolist(), [0.0] * 96]
    assert np.isnan(timeline.in_line.halfwidth).all()
    arrivals = np.zeros((2, 96))
    arrivals[0, [0, 8, 60]] = 1
    arrivals[1, 60] = 1
    assert timeline.arrivals.mean.tolist() == arrivals.tolist()
    assert set(timeline.on_duty[0]) == {1.0}
    assert np.isinf(timeline.on_duty[1]).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=chains(), until=st.sampled_from([7.0, 25.0, 60.5]))
def test_lines_add_up_to_what_the_engine_integrates(data, until):
    result = sc.run(sc.Chain.from_dict(data), until=until, replications=2)
    lengths = result.timeline.in_line.mean @ np.diff(result.timeline.edges) / until
    for name, length in zip(result.timeline.actors, lengths, strict=True):
        assert length == pytest.approx(result.value(f"actors.{name}.queue_length.mean.mean"), abs=1e-9)
    arrived = [result.value(f"customers.{name}.arrived.mean") for name in result.timeline.classes]
    assert result.timeline.arrivals.mean.sum(axis=1) == pytest.approx(arrived)


def test_lines_after_the_warm_up_add_up_to_what_is_reported():
    hotel = chain_of(DESK.replace("at([0, 4, 30])", "poisson(rate=6/h)"))
    result = sc.run(hotel, until="8h", warm_up="2h", replications=3)
    timeline = result.timeline
    seen = timeline.edges[:-1] >= 120
    length = timeline.in_line.mean[0, seen] @ np.diff(timeline.edges)[seen] / 360
    assert length == pytest.approx(result.value("actors.clerk.queue_length.mean.mean"), rel=1e-9)
    assert length > 0.1


def days_of(chain, in_line, **settings):
    """A pool that has seen one replication for each list of numbers in line in 10 buckets of the first actor."""
    pool = TimelinePool(chain, 10.0, **settings)
    edges = pool.timeline().edges
    for numbers in in_line:
        one = pool.sink()
        rows = [{"asked": edges[k], "begun": edges[k + 1]} for k, number in enumerate(numbers) for _ in range(number)]
        one.requests(requests(*rows))
        pool.add(one)
    return pool.timeline()


def test_replications_are_summed_up_by_mean_and_half_width():
    data = np.array([[0, 1, 5], [2, 1, 0], [7, 1, 1], [1, 1, 2]])
    timeline = days_of(chain_of(DESK), data)
    np.testing.assert_allclose(timeline.in_line.mean[0, :3], data.mean(axis=0), atol=1e-12)
    low, high = stats.t.interval(0.95, 3, data[:, [0, 2]].mean(axis=0), stats.sem(data[:, [0, 2]]))
    np.testing.assert_allclose(timeline.in_line.halfwidth[0, [0, 2]], (high - low) / 2, rtol=1e-9)
    assert timeline.in_line.halfwidth[0, 1] == pytest.approx(0, abs=1e-12)


def test_an_antithetic_pair_counts_as_one():
    timeline = days_of(chain_of(DESK), [[0], [4], [3], [7]], antithetic=True)
    assert timeline.in_line.mean[0, 0] == pytest.approx(3.5)
    # pairs: 2 and 5; half-width t(1) × sd / √2 = 12.7062 × 1.5
    assert timeline.in_line.halfwidth[0, 0] == pytest.approx(12.7062 * 1.5, rel=1e-5)


def test_it_is_there_for_runs_to_a_given_time_only_and_can_be_put_away():
    chain = chain_of(DESK)
    assert sc.run(chain, customers=4, replications=1).timeline is None
    result = sc.run(chain, until=48, replications=2)
    again = pickle.loads(pickle.dumps(result))
    assert again.timeline.in_line.mean.tolist() == result.timeline.in_line.mean.tolist()
    assert "timeline" not in result.to_dict()


def test_memory_does_not_grow_with_the_replications():
    chain = chain_of(DESK)
    sizes = [len(pickle.dumps(sc.run(chain, until=48, replications=n).timeline)) for n in (2, 8)]
    assert sizes[0] == sizes[1]


def test_it_becomes_a_tidy_frame():
    frame = sc.run(chain_of(DESK), until=48, replications=2).timeline.frame()
    assert list(frame.columns) == ["start", "end", "metric", "name", "mean", "halfwidth"]
    assert frame.attrs["unit"] == "minutes"
    assert len(frame) == 6 * 96
    row = frame[(frame["metric"] == "in_line") & (frame["name"] == "clerk") & (frame["start"] == 4.0)]
    assert row[["end", "mean", "halfwidth"]].to_numpy().tolist() == [[4.5, 1.0, 0.0]]
    assert set(frame[frame["metric"] == "arrivals"]["name"]) == {"early", "late"}


SHIFTS = """
actors:
  clerk:
    lane: contact
    shifts:
      - {days: mon-fri, from: "08:00", to: "18:00", staff: 2}
      - {days: daily, from: "17:00", to: "01:00", staff: 1}
  robot: {lane: system, capacity: unlimited}
services:
  serve: {by: [robot, clerk], steps: [{work: 10}]}
  help: {by: [clerk, robot], steps: [{work: 10}]}
customers:
  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}, {ask: help}]}
"""


def test_servers_on_duty_follow_the_shifts():
    chain = chain_of(SHIFTS)
    # from Sunday's shift the first hour; 7:30-9:00 half an hour less than the whole
    edges = np.array([0, 60, 450, 540, 600, 1020, 1080, 1440, 1500, 6 * 1440])
    clerk, robot = on_duty(chain, edges)
    np.testing.assert_allclose(clerk[:8], [1, 0, 2 * 60 / 90, 2, 2, 3, 1, 1], rtol=1e-15)
    # from Tuesday 1:00 to Saturday's end: 4 days of 20 and 5 of 8 hours, the last one without its last hour,
    # and the 4 first hours of days that belong to the shift before
    assert clerk[8] * (6 * 24 - 25) == pytest.approx(4 * 20 + 5 * 7 + 4 * 1, rel=1e-12)
    assert np.isinf(robot).all()
    # the clock's zero is a Sunday noon
    sunday = chain_of("starts: 2026-01-04T12:00\n" + SHIFTS)
    assert on_duty(sunday, np.array([0, 300, 780, 1200, 1740, 1800]))[0].tolist() == [0, 1, 0, 2, 3]


def test_a_request_that_several_could_take_counts_at_the_first_of_them():
    pool = TimelinePool(chain_of(SHIFTS), 20.0)
    one = pool.sink()
    one.requests(
        requests(
            {"asked": 0, "begun": 20, "service": 0, "actor": 0},
            {"asked": 5, "begun": 10, "service": 1, "actor": 1},
        )
    )
    pool.add(one)
    timeline = pool.timeline()
    means = timeline.in_line.mean @ np.diff(timeline.edges) / 20
    assert dict(zip(timeline.actors, means, strict=True)) == pytest.approx({"clerk": 0.25, "robot": 1.0})
