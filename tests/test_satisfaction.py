import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.errors import Mistake
from servicechain.experience.satisfaction import satisfaction

edges = st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)).filter(lambda pair: pair[1] > 1.001 * pair[0])
waits = st.floats(0, 1e6)


@given(edges)
def test_the_three_anchors(edges):
    assert satisfaction([0, *edges], *edges) == pytest.approx([1, 0.9, 0.5], abs=1e-12)


@given(edges, waits, waits)
def test_a_longer_wait_never_satisfies_more(edges, one, other):
    short, long = sorted((one, other))
    more, less = satisfaction([short, long], *edges)
    assert 0 <= less <= more <= 1


@given(edges, st.floats(1, 4))
def test_it_is_continuous_and_beyond_the_zone_as_steep_as_asked(edges, steepness):
    desired, adequate = edges
    small = 1e-6 * min(desired, adequate - desired)
    for edge, value in ((desired, 0.9), (adequate, 0.5)):
        around = satisfaction([edge - small, edge + small], desired, adequate, steepness)
        assert around == pytest.approx([value, value], abs=1e-5)
    inside, beyond = (
        (satisfaction(adequate + side * small, *edges, steepness) - 0.5) / (side * small) for side in (-1, 1)
    )
    assert beyond / inside == pytest.approx(steepness, rel=1e-3)


def test_by_hand():
    # desired 2, adequate 8: 1 is half-way to desired, 5 half-way through the zone, 14 one width beyond
    expected = [0.95, 0.7, 0.5 * math.exp(-2.25 * 0.8)]
    assert satisfaction([1, 5, 14], 2, 8) == pytest.approx(expected, rel=1e-12)


def test_it_falls_to_nothing():
    assert satisfaction(1e6, 2, 8) == 0


def test_scale_does_not_matter():
    waits = np.linspace(0, 40, 81)
    assert satisfaction(60 * waits, 120, 600) == pytest.approx(satisfaction(waits, 2, 10), rel=1e-12)


def test_who_desires_no_wait_at_all_is_delighted_by_none():
    assert satisfaction([0, 1e-12, 5, 10], 0, 10) == pytest.approx([1, 0.9, 0.7, 0.5])


def test_a_zone_of_no_width_is_a_cliff():
    assert satisfaction([0, 2, 4, 4.001], 4, 4).tolist() == [1.0, 0.95, 0.9, 0.0]
    assert satisfaction([0, 0.1], 0, 0).tolist() == [1.0, 0.0]


def test_shape_and_unknown_waits_are_kept():
    result = satisfaction([[0.0, np.nan], [2.0, 8.0]], 2, 8)
    assert result.shape == (2, 2)
    assert np.isnan(result).tolist() == [[False, True], [False, False]]


@pytest.mark.parametrize(
    ("desired", "adequate", "steepness", "told"),
    [
        (8, 2, 2.25, "desired 8 and adequate 2"),
        (-1, 2, 2.25, "desired -1"),
        (1, math.inf, 2.25, "adequate wait must be a finite number"),
        (1, 2, 0, "steepness must be above 0, got 0"),
    ],
)
def test_edges_out_of_order_are_told(desired, adequate, steepness, told):
    with pytest.raises(Mistake, match=told):
        satisfaction(1, desired, adequate, steepness)
