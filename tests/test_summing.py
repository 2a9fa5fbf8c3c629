import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import customers, requests
from servicechain.timeline import DaySum

EDGES = [0.0, 1.0, 1.5, 7.0, 7.25, 20.0]


def overlap(start, end, one, other):
    return max(0.0, min(end, other) - max(start, one))


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60), st.lists(st.integers(0, 60), max_size=4))
def test_everybody_adds_the_time_they_stand_in_line_whatever_the_buckets(seed, count, cuts):
    random = np.random.default_rng(seed)
    # half of them at the edges themselves
    asked = np.where(random.random(count) < 0.5, random.choice(EDGES, count), random.uniform(0, 20, count))
    left = np.minimum(asked + random.choice([0, 0.25, 1, 5, 30], count), 20.0)
    fate = random.integers(0, 3, count)
    block = requests(
        *({"asked": a, "begun": b if f == 0 else math.nan, "ended": b if f == 1 else math.nan}
          for a, b, f in zip(asked, left, fate, strict=True))
    )  # fmt: skip
    block["service"] = random.integers(0, 3, count)
    lines = [1, 0, 1]
    day = DaySum(np.array(EDGES), np.array(lines, np.intp), 2, 1)
    for part in np.split(block, sorted(cuts)):
        day.requests(part)
    expected = np.zeros((2, len(EDGES) - 1))
    for place in range(count):
        end = left[place] if fate[place] < 2 else 20.0
        for bucket, (one, other) in enumerate(pairwise(EDGES)):
            expected[lines[block["service"][place]], bucket] += overlap(asked[place], end, one, other) / (other - one)
    np.testing.assert_allclose(day.in_line, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("width", [1.0, 0.1, 1 / 3, 15.0])
def test_a_time_falls_into_the_bucket_that_begins_with_it(width):
    edges = np.arange(97) * width
    times = np.concatenate((edges, np.nextafter(edges[1:], 0), np.random.default_rng(1).uniform(0, edges[-1], 500)))
    for time in times:
        day = DaySum(edges, np.zeros(1, np.intp), 1, 1)
        # asks, and is still there at the end
        day.requests(requests({"asked": time}))
        place = min(int(np.searchsorted(edges, time, side="right")) - 1, 95)
        expected = np.where(np.arange(96) > place, 1.0, 0.0)
        expected[place] = (edges[place + 1] - time) / (edges[place + 1] - edges[place])
        np.testing.assert_allclose(day.in_line[0], expected, rtol=1e-12, atol=1e-12)


def test_a_time_after_the_last_edge_is_of_the_last_bucket():
    day = DaySum(np.array([0.0, 10.0]), np.zeros(1, np.intp), 1, 1)
    day.requests(requests({"asked": 4, "begun": 10.0}, {"asked": 9, "begun": 9}))
    day.customers(customers({"arrived": 10.0}))
    assert day.in_line.tolist() == [[0.6]]
    assert day.arrivals.tolist() == [[1.0]]


@pytest.mark.parametrize("service", [-1, 1])
def test_a_request_for_no_service_is_refused(service):
    with pytest.raises(IndexError, match="does not exist"):
        DaySum(np.array([0.0, 10.0]), np.zeros(1, np.intp), 1, 1).requests(requests({"service": service}))
