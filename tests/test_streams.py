import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.stream_loops import AT_ONCE, COMING, make_room
from servicechain.streams import Streams


def feed(streams, columns, at_once):
    """Lay down values of several streams in turn, as the loops over records do, a few at a time."""
    for start in range(0, max(map(len, columns)), at_once):
        while not make_room(streams.room):
            streams.add_pages()
        for number, column in enumerate(columns):
            row = streams.room.streams[number]
            for value in column[start : start + at_once]:
                if value >= 2.0**-60:
                    streams.room.loose[int(row["end"])] = value
                    row["end"] += 1
    streams.finish(np.array([len(column) for column in columns], np.int64))
    return [*streams.tallies()]


def check(tally, values):
    assert tally.count == len(values)
    if len(values) == 0:
        assert math.isnan(tally.mean)
        assert math.isnan(tally.max)
        return
    assert tally.max == max(values)
    assert tally.mean == pytest.approx(math.fsum(values) / len(values), rel=1e-13, abs=0)
    if len(values) > 1:
        assert tally.sd == pytest.approx(statistics.stdev(map(float, values)), rel=1e-11, abs=1e-14 * max(values))
    for share in (0.05, 0.5, 0.9, 0.99):
        expected = np.percentile(values, 100 * share, method="inverted_cdf")
        assert tally.percentile(share) == pytest.approx(expected, rel=0.005, abs=0)


SIZES = (0, 1, 3, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 4000, 20_000)


def waits(size, seed=0):
    random = np.random.default_rng([seed, size])
    return np.where(random.random(size) < 0.4, 0.0, random.lognormal(0, 2, size))


@pytest.mark.parametrize("at_once", [1, 97, COMING])
def test_each_stream_becomes_the_tally_of_its_values(at_once):
    columns = [waits(size) for size in (SIZES if at_once > 1 else SIZES[:6])]
    for tally, values in zip(feed(Streams(len(columns)), columns, at_once), columns, strict=True):
        check(tally, values)


def test_it_does_not_matter_how_many_come_at_once():
    columns = [waits(5000, seed) for seed in range(3)]
    told = [
        [(tally.count, tally.mean, tally.sd, tally.max) for tally in feed(Streams(3), columns, at_once)]
        for at_once in (10, 333, COMING)
    ]
    # to the last bit
    assert told[0] == told[1] == told[2]


def test_without_a_histogram_the_moments_are_the_same():
    columns = [waits(9000, seed) for seed in range(2)]
    with_one, without = (feed(Streams(2, [True, kept]), columns, COMING) for kept in (True, False))
    for one, other in zip(with_one, without, strict=True):
        assert (one.count, one.mean, one.sd, one.max) == (other.count, other.mean, other.sd, other.max)
    # the one beside it is none the worse
    check(without[0], columns[0])


@pytest.mark.parametrize("value", [0.1, 1 / 3, 7e-9, 12345.678])
@pytest.mark.parametrize("size", [5, 3000, 12_000])
def test_equal_values_are_exactly_their_mean_and_percentile_and_have_no_spread(value, size):
    [tally] = feed(Streams(1), [np.full(size, value)], COMING)
    assert (tally.count, tally.mean, tally.sd, tally.max) == (size, value, 0.0, value)
    assert [tally.percentile(share) for share in (0.01, 0.5, 0.99)] == [value] * 3


def test_zeros_alone_and_zeros_with_one_other():
    nothing, one = feed(Streams(2), [np.zeros(7), np.array([0.0] * 6 + [7.0])], 100)
    assert (nothing.count, nothing.mean, nothing.sd, nothing.max, nothing.percentile(0.9)) == (7, 0, 0, 0, 0)
    assert (one.mean, one.max, one.percentile(0.85), one.percentile(1.0)) == (1.0, 7.0, 0.0, 7.0)
    assert one.sd == pytest.approx(math.sqrt((6 + 36) / 6), rel=1e-15)


def test_large_and_alike_values_keep_their_digits():
    apart = np.random.default_rng(3).integers(0, 1024, 20_000) / 1024
    [tally] = feed(Streams(1), [1e9 + apart], COMING)
    assert tally.mean == pytest.approx(1e9 + apart.mean(), rel=1e-15)
    assert tally.sd == pytest.approx(statistics.stdev(apart), rel=1e-7)


@pytest.mark.parametrize("first", [1e-6, 1e6])
def test_it_does_not_matter_that_the_first_value_is_far_from_the_others(first):
    values = np.append(first, np.random.default_rng(4).uniform(100, 101, 30_000))
    [tally] = feed(Streams(1), [values], COMING)
    assert tally.mean == pytest.approx(math.fsum(values) / values.size, rel=1e-14, abs=1e-16 * first)
    assert tally.sd == pytest.approx(statistics.stdev(values.tolist()), rel=1e-12)


def test_streams_begin_anew():
    streams, columns = Streams(2), [waits(9000, 1), waits(10, 2)]
    expected = [tally.histogram.state() for tally in feed(streams, columns, COMING)]
    streams.clear()
    assert [tally.histogram.state() for tally in feed(streams, columns, COMING)] == expected
    streams.clear()
    streams.finish(np.zeros(2, np.int64))
    for tally in streams.tallies():
        check(tally, [])


def test_many_streams_give_what_few_give():
    columns = [waits(6000, 5)] + [np.zeros(0)] * 99
    [alone] = feed(Streams(1), columns[:1], COMING)
    among = feed(Streams(100), columns, COMING)[0]
    assert (among.count, among.mean, among.sd, among.max) == (alone.count, alone.mean, alone.sd, alone.max)
    for share in (0.1, 0.5, 0.95):
        assert among.percentile(share) == pytest.approx(alone.percentile(share), rel=1e-13)


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(1e-12, 1e12) | st.just(0.0), max_size=40), min_size=1, max_size=4))
def test_any_values(columns):
    longest = max(map(len, columns))
    for tally, values in zip(feed(Streams(len(columns)), columns, longest or 1), columns, strict=True):
        check(tally, values)
