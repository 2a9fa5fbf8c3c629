import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.tallies import Tally

times = st.floats(min_value=1e-9, max_value=1e9) | st.just(0.0)


def of_blocks(values, cuts):
    tally = Tally()
    for block in np.split(np.asarray(values), sorted(cuts)):
        tally.add(block)
    return tally


@settings(deadline=None)
@given(st.lists(times, min_size=2, max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_mean_and_spread_of_any_split_are_the_exact_ones(values, cuts):
    tally = of_blocks(values, cuts)
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    squares = sum((value - mean) ** 2 for value in exact)
    assert tally.count == len(values)
    assert tally.max == max(values)
    assert tally.mean == pytest.approx(float(mean), rel=1e-12, abs=0)
    assert tally.sd == pytest.approx(math.sqrt(squares / (len(values) - 1)), rel=1e-10, abs=1e-14 * max(values))


def test_large_and_alike_values_keep_their_digits():
    random = np.random.default_rng(3)
    apart = random.integers(0, 1024, 20_000) / 1024
    for cuts in ([], [1], range(7, 20_000, 7), [10_000]):
        tally = of_blocks(1e9 + apart, cuts)
        assert tally.mean == pytest.approx(1e9 + apart.mean(), rel=1e-15)
        # 1e9 squared has 18 digits, so a sum of squares would keep none of the spread
        assert tally.sd == pytest.approx(statistics.stdev(apart), rel=1e-7)


@pytest.mark.parametrize("first", [0.0, 1e-6, 1e6])
def test_it_does_not_matter_that_the_first_value_is_far_from_the_others(first):
    random = np.random.default_rng(4)
    values = np.append(first, random.uniform(100, 101, 30_000))
    for cuts in ([], [1], [5000], range(3, 30_000, 300)):
        tally = of_blocks(values, cuts)
        # differences from the first are themselves known only to the last bit of the larger of the two
        assert tally.mean == pytest.approx(math.fsum(values) / values.size, rel=1e-14, abs=1e-16 * first)
        assert tally.sd == pytest.approx(statistics.stdev(values.tolist()), rel=1e-13)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 7e-9, 12345.678, 1e300])
def test_equal_values_are_exactly_their_mean_and_percentile_and_have_no_spread(value):
    tally = of_blocks([value] * 10_000, [3, 4, 4, 4100, 9999])
    other = of_blocks([value] * 7, [2])
    other.merge(tally)
    assert (other.count, other.mean, other.sd, other.max) == (10_007, value, 0.0, value)
    assert [other.percentile(share) for share in (0.01, 0.5, 0.99)] == [value] * 3


def test_blocks_do_not_matter_beyond_rounding_and_the_same_blocks_give_the_same():
    random = np.random.default_rng(5)
    values = np.where(random.random(20_000) < 0.4, 0.0, random.lognormal(1, 2, 20_000))
    whole = of_blocks(values, [])
    for size in (1, 13, 1000, 4096):
        split, again = (of_blocks(values, range(size, values.size, size)) for _ in range(2))
        assert (split.mean, split.sd) == pytest.approx((whole.mean, whole.sd), rel=1e-12)
        assert (split.count, split.max) == (whole.count, whole.max)
        assert (split.mean, split.sd, split.histogram.state()) == (again.mean, again.sd, again.histogram.state())
        for share in (0.3, 0.5, 0.9, 0.99):
            assert split.percentile(share) == pytest.approx(whole.percentile(share), rel=1e-12)


@pytest.mark.parametrize("bad", [math.nan, -math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1, 5000])
def test_a_lost_time_is_refused_wherever_it_stands(bad, place):
    values = np.ones(5001)
    values[place] = bad
    with pytest.raises(ValueError, match="finite"):
        Tally().add(values)


def test_values_come_in_any_form():
    columns = np.array([[1.0, 2.0], [3.0, 4.0]])
    columns.setflags(write=False)
    tally = Tally()
    tally.add(columns)
    tally.add(columns[:, 0])
    tally.add([5])
    tally.add(())
    tally.add(np.float32(6))
    assert tally.count == 8
    assert tally.mean == (10 + 4 + 5 + 6) / 8
