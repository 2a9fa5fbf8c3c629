import json
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.histogram import Histogram
from servicechain.tallies import Moments, Tally

SHARES = (0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0)
times = st.floats(min_value=1e-12, max_value=1e12) | st.just(0.0)
streams = st.lists(st.lists(times, max_size=30), max_size=8)


def filled(values):
    histogram = Histogram()
    histogram.add(values)
    return histogram


def ranked(values, share):
    """The value of rank ceil(share × n), share being the decimal number as written."""
    hundredths = round(share * 100)
    return sorted(values)[-(-hundredths * len(values) // 100) - 1]


@settings(deadline=None)
@given(st.lists(times, min_size=1, max_size=300))
def test_every_percentile_is_within_half_a_percent(values):
    histogram = filled(values)
    for share in SHARES:
        expected = ranked(values, share)
        assert abs(histogram.percentile(share) - expected) <= 0.005 * expected * (1 + 1e-9)
    assert histogram.max == max(values)
    assert histogram.count == len(values)


@settings(deadline=None)
@given(times, st.floats(0, 0.02))
def test_values_of_one_bucket_are_alike_and_buckets_are_in_order(value, apart):
    other = value * (1 + apart)
    one, next_one = (filled([each]).state()["buckets"] for each in (value, other))
    assert one <= next_one
    if one == next_one:
        assert other - value <= value / 256
    else:
        assert apart > 0


@pytest.mark.parametrize("power", [-59, -1, 0, 1, 10, 1023])
def test_the_edges_of_a_bucket(power):
    # 256 buckets from one power of two to the next, the first of them 1/256 wide
    start = 2.0**power
    values = [math.nextafter(start, 0), start, math.nextafter(start * (257 / 256), 0), start * (257 / 256)]
    (before, first), (same, after) = [filled(values[place : place + 2]).state()["buckets"] for place in (0, 2)]
    assert (first, same, after) == (before + 1, before + 1, before + 2)
    assert filled(values).state()["counts"] == [1, 2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_percentiles_agree_with_numpy_on_waits_of_a_queue(seed):
    random = np.random.default_rng(seed)
    waits = np.where(random.random(20_001) < 0.3, 0.0, random.lognormal(1.0, 1.5, 20_001))
    histogram = Histogram()
    for block in np.array_split(waits, 17):
        histogram.add(block)
    for share in (0.1, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999):
        expected = np.percentile(waits, 100 * share, method="inverted_cdf")
        assert histogram.percentile(share) == pytest.approx(expected, rel=0.005, abs=0)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5.0, 7e-9, 12345.678, 0.9])
def test_a_repeated_value_comes_out_exactly_however_it_is_split(value):
    whole = filled([value] * 10)
    for _ in range(3):
        whole.merge(filled([value] * 7))
    assert whole.percentile(0.5) == value
    assert whole.percentile(0.95) == value


@pytest.mark.parametrize("value", [0.1, 1 / 3, math.nextafter(2, 0), math.nextafter(257 / 256, 0)])
def test_a_value_repeated_a_million_times_comes_out_exactly(value):
    # twice as many as the bits of 64 can add up
    whole, other = filled(np.full(1_100_000, value)), Histogram()
    for _ in range(11):
        other.add(np.full(100_000, value))
    whole.merge(other)
    for _ in range(30):
        whole.add(np.full(20_000, value))
        whole.merge(filled([value] * 3))
    assert whole.count == 2_800_090
    assert [whole.percentile(share) for share in (0.001, 0.5, 1.0)] == [value] * 3
    assert [list(each) for each in whole.means()] == [[value], [whole.count]]


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(1.5, math.nextafter(1.5 * 385 / 384, 0)), max_size=30), min_size=1, max_size=5))
def test_the_mean_of_a_bucket_is_exact_however_its_values_are_split(parts):
    whole = Histogram()
    for part in parts:
        whole.merge(filled(part))
    values = [value for part in parts for value in part]
    means, counts = whole.means()
    if not values:
        assert means.size == counts.size == 0
        return
    exactly = sum(map(Fraction, values)) / len(values)
    assert counts.tolist() == [len(values)]
    assert abs(Fraction(means[0]) - exactly) <= Fraction(math.ulp(1.5)) / 2


def test_the_rank_is_not_pushed_up_by_rounding():
    # in floating point 0.07 × 100 = 7.000000000000001, whose ceiling is 8
    values = [float(2**rank) for rank in range(1, 101)]
    assert filled(values).percentile(0.07) == 2**7


def test_loose_values_and_values_in_buckets_answer_alike():
    random = np.random.default_rng(11)
    values = np.round(random.lognormal(1.0, 1.5, 6000), 2) + 0.01
    loose, in_buckets = Histogram.of(values.max(), 500, values.copy()), filled(np.append(values, np.zeros(500)))
    every = np.append(values, np.zeros(500))
    for share in (0.01, 0.08, 0.3, 0.5, 0.9, 0.99, 1.0):
        assert loose.percentile(share) == pytest.approx(in_buckets.percentile(share), rel=1e-13, abs=0)
        expected = np.percentile(every, 100 * share, method="inverted_cdf")
        assert loose.percentile(share) == pytest.approx(expected, rel=0.005, abs=0)
    assert (loose.count, loose.zeros, loose.max) == (in_buckets.count, in_buckets.zeros, in_buckets.max)
    one, other = loose.state(), in_buckets.state()
    assert (one["buckets"], one["counts"], one["zeros"]) == (other["buckets"], other["counts"], other["zeros"])


def test_many_loose_values_of_many_histograms_come_into_buckets():
    values = np.random.default_rng(12).exponential(3.0, (40, 1000)) + 1e-9
    whole = Histogram()
    for part in values:
        whole.merge(Histogram.of(part.max(), 1, part))
    assert (whole.count, whole.zeros, whole.max) == (40_040, 40, values.max())
    every = np.append(values.ravel(), np.zeros(40))
    for share in (0.0005, 0.25, 0.5, 0.95, 0.999):
        expected = np.percentile(every, 100 * share, method="inverted_cdf")
        assert whole.percentile(share) == pytest.approx(expected, rel=0.005, abs=0)
    # no more memory than for the same values in buckets from the start
    assert len(pickle.dumps(whole)) <= 2.2 * len(pickle.dumps(filled(every)))


def test_asking_changes_nothing_that_another_histogram_holds():
    values = np.array([3.0, 1.0, 2.0])
    one, whole = Histogram.of(3.0, 0, values), Histogram()
    whole.merge(one)
    assert whole.percentile(0.5) == 2.0
    assert values.tolist() == [3.0, 1.0, 2.0]
    assert one.percentile(1.0) == 3.0


def test_ranks_by_hand():
    histogram = filled([0, 0, 0, 10, 20])
    assert [histogram.percentile(share) for share in (0, 0.2, 0.6, 0.61, 0.8, 0.81, 1)] == [
        0, 0, 0, 10, 10, 20, 20,
    ]  # fmt: skip


@settings(deadline=None)
@given(streams, st.integers(0, 8))
def test_any_split_into_histograms_and_blocks_gives_the_same(blocks, cut):
    one, other = Histogram(), Histogram()
    for place, block in enumerate(blocks):
        (one if place < cut else other).add(block)
    one.merge(other)
    together = filled([value for block in blocks for value in block])
    assert one.count == together.count
    assert one.zeros == together.zeros
    if one.count:
        assert one.max == together.max
        for share in SHARES:
            assert one.percentile(share) == pytest.approx(together.percentile(share), rel=1e-12, abs=0)


@settings(deadline=None)
@given(st.lists(times, max_size=50), st.lists(times, max_size=50))
def test_its_state_is_all_there_is_to_it(values, later):
    histogram = filled(values)
    copies = [
        Histogram.from_state(json.loads(json.dumps(histogram.state()))),
        pickle.loads(pickle.dumps(histogram)),
    ]
    histogram.add(later)
    for copy in copies:
        copy.add(later)
        assert copy.state() == histogram.state()


def test_of_nothing_nothing_is_known():
    histogram = filled([])
    assert histogram.count == 0
    assert math.isnan(histogram.max)
    assert math.isnan(histogram.percentile(0.5))
    histogram.merge(Histogram())
    assert histogram.state() == Histogram().state()


@pytest.mark.parametrize("bad", [math.nan, -math.nan, math.inf, -math.inf])
def test_a_lost_time_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        filled([1.0, bad, 2.0])


def test_a_wait_that_rounding_left_below_zero_is_zero():
    histogram = filled([-1e-17, 0.0])
    assert histogram.percentile(1.0) == 0
    assert histogram.max == 0


def test_whatever_is_below_the_smallest_is_zero():
    smallest = 2.0**-60
    histogram = filled([0.0, -0.0, 5e-324, math.nextafter(smallest, 0), -1e-17, -3.0, smallest])
    assert (histogram.zeros, histogram.count) == (6, 7)
    assert (histogram.percentile(6 / 7), histogram.percentile(1.0)) == (0.0, smallest)
    assert histogram.max == smallest


def test_memory_does_not_follow_the_number_of_values():
    random = np.random.default_rng(7)
    few, many = Histogram(), Histogram()
    few.add(random.uniform(0.1, 10, 1000))
    for _ in range(200):
        many.add(random.uniform(0.1, 10, 1000))
    assert len(pickle.dumps(many)) <= 1.3 * len(pickle.dumps(few))


def test_extreme_spread_stays_bounded():
    histogram = filled([1e-18, 1.0, 1e300])
    assert len(pickle.dumps(histogram)) < 5_000_000
    assert histogram.percentile(0.34) == 1.0


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), max_size=20), max_size=8), st.integers(0, 8))
def test_moments_of_any_split_are_those_of_all(blocks, cut):
    one, other = Moments(), Moments()
    for place, block in enumerate(blocks):
        (one if place < cut else other).add(block)
    one.merge(other)
    values = [value for block in blocks for value in block]
    assert one.count == len(values)
    if values:
        scale = max(map(abs, values))
        assert one.mean == pytest.approx(np.mean(values), rel=1e-12, abs=1e-12 * scale)
    if len(values) > 1:
        assert one.sd == pytest.approx(np.std(values, ddof=1), rel=1e-9, abs=1e-9 * scale)


def test_moments_of_large_and_alike_values_keep_their_digits():
    moments = Moments()
    moments.add([1e9 + 4, 1e9 + 7])
    moments.add([1e9 + 13, 1e9 + 16])
    assert moments.mean == 1e9 + 10
    assert moments.sd == pytest.approx(math.sqrt(30), rel=1e-12)


def test_equal_values_have_exactly_their_mean_and_no_spread():
    moments = Moments()
    for size in (3, 10, 1, 7):
        moments.add([0.1] * size)
    assert moments.mean == 0.1
    assert moments.sd == 0


def test_too_few_values_have_no_mean_or_no_spread():
    tally = Tally()
    assert math.isnan(tally.mean)
    assert math.isnan(tally.max)
    tally.add([3.0])
    assert (tally.count, tally.mean, tally.max) == (1, 3.0, 3.0)
    assert math.isnan(tally.sd)
    tally.merge(Tally())
    assert tally.count == 1
