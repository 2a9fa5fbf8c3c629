import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.totals import Totals


def solved(gains, own):
    names = [str(number) for number in range(len(own))]
    uses = {a: {b: gains[i][j] for j, b in enumerate(names)} for i, a in enumerate(names)}
    found = Totals(uses).of(dict(zip(names, own, strict=True)))
    return [found[name] for name in names]


def test_a_line_adds_up():
    assert solved([[0, 2, 0], [0, 0, 3], [0, 0, 0]], [1, 10, 100]) == [1 + 2 * (10 + 3 * 100), 310, 100]


def test_a_circle_that_loses_is_a_geometric_series():
    # x = 1 + 0.8 y, y = 0.5 x: x = 1 / (1 - 0.4)
    assert solved([[0, 0.8], [0.5, 0]], [1, 0]) == pytest.approx([1 / 0.6, 0.5 / 0.6])
    assert solved([[0.75]], [3]) == pytest.approx([12])


def test_what_nothing_feeds_is_zero_and_who_is_not_known_is_passed_over():
    totals = Totals({"a": {"b": 2.0}, "b": {}, "c": {"c": 0.5}, "d": {"c": 1.0}})
    assert totals.of({"b": 3.0, "e": 1.0}) == {"a": 6.0, "b": 3.0, "c": 0.0, "d": 0.0}
    assert totals.of({}) == dict.fromkeys("abcd", 0.0)


@pytest.mark.parametrize("gain", [1.0, 2.0, 1 - 1e-15])
def test_a_circle_that_loses_nothing_is_infinite_where_it_is_fed(gain):
    assert solved([[0, gain], [1, 0]], [1, 0]) == [math.inf, math.inf]
    assert solved([[0, gain], [1, 0]], [0, 0]) == [0, 0]


def test_infinity_spreads_along_uses_only():
    found = solved([[1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]], [1, 5, 6, 7])
    assert found == [math.inf, math.inf, 13, 7]


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 2**32 - 1), st.floats(0.1, 1.6))))
@settings(max_examples=200)
def test_random_systems_agree_with_their_eigenvalues(case):
    size, seed, scale = case
    rng = np.random.default_rng(seed)
    gains = rng.random((size, size)) * scale / size + 1e-3  # all positive: one circle
    own = rng.random(size)
    radius = max(abs(np.linalg.eigvals(gains)))
    if abs(radius - 1) < 1e-6:
        return
    found = solved(gains.tolist(), own.tolist())
    if radius > 1:
        assert found == [math.inf] * size
    else:
        np.testing.assert_allclose(found, np.linalg.solve(np.eye(size) - gains, own), rtol=1e-9)


@pytest.mark.parametrize(("scale", "finite"), [(0.99, True), (1.01, False)])
def test_a_crowded_circle_is_solved_too(scale, finite):
    # Large enough that names are no longer eliminated one by one.
    rng = np.random.default_rng(7)
    gains = rng.random((90, 90))
    gains *= scale / max(abs(np.linalg.eigvals(gains)))
    own = rng.random(90)
    found = solved(gains.tolist(), own.tolist())
    if finite:
        np.testing.assert_allclose(found, np.linalg.solve(np.eye(90) - gains, own), rtol=1e-8)
    else:
        assert found == [math.inf] * 90


def test_one_set_of_uses_serves_many_own_values():
    totals = Totals({"a": {"b": 2}, "b": {}})
    assert totals.of({"b": 3}) == {"a": 6, "b": 3}
    assert totals.of({"a": 1}) == {"a": 1, "b": 0}
