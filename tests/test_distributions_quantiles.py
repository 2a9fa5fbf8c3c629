import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from servicechain.distributions import (
    constant,
    discrete,
    empirical,
    erlang,
    exponential,
    gamma,
    hyperexponential,
    lognormal,
    pert,
    triangular,
    uniform,
    weibull,
)

SMALLEST, LARGEST = 2.0**-54, 1 - 2.0**-53
CENTRE = [1e-6, 1e-3, *np.linspace(0.005, 0.995, 199), 1 - 1e-3, 1 - 1e-6]
SHARES = [1e-12, 1e-9, *CENTRE, 1 - 1e-9, 1 - 1e-12]


def of_gamma(shape, scale):
    """SciPy's inverse, from the nearer end."""
    return lambda u: scale * (special.gammaincinv(shape, u) if u < 0.5 else special.gammainccinv(shape, 1 - u))


def of_beta(low, mode, high):
    a = 1 + 4 * (mode - low) / (high - low)
    width = high - low
    return lambda u: (
        low + width * special.betaincinv(a, 6 - a, u) if u < 0.5 else high - width * special.betaincinv(6 - a, a, 1 - u)
    )


def of_lognormal(mean, cv):
    sigma = math.sqrt(math.log1p(cv * cv))
    return lambda u: mean / math.sqrt(1 + cv * cv) * math.exp(sigma * special.ndtri(u))


REFERENCES = [
    (constant(3), lambda _: 3.0),
    (exponential(3), stats.expon(scale=3).ppf),
    (uniform(1, 4), stats.uniform(1, 3).ppf),
    (uniform(2, 2), lambda _: 2.0),
    (triangular(1, 2, 6), stats.triang(0.2, 1, 5).ppf),
    # With the mode at an end the density is a straight line: solved by hand.
    (triangular(0, 0, 5), lambda u: 5 * u / (1 + math.sqrt(1 - u))),
    (triangular(0, 5, 5), lambda u: 5 * math.sqrt(u)),
    *[(lognormal(2, cv), of_lognormal(2, cv)) for cv in (0.01, 0.7, 3, 100)],
    *[
        (gamma(2, cv), of_gamma(1 / cv**2, 2 * cv**2))
        for cv in (0.01, 0.1, 0.31, 0.32, 0.5, 0.99, 1, 1.01, 2, 5, 10, 30)
    ],
    *[(erlang(6, k), of_gamma(k, 6 / k)) for k in (1, 2, 9, 10, 1000)],
    *[
        (weibull(2, shape), stats.weibull_min(shape, scale=2 / special.gamma(1 + 1 / shape)).ppf)
        for shape in (0.05, 0.5, 1, 3, 1000)
    ],
    *[
        (pert(*points), of_beta(*points))
        for points in [(0, 0, 6), (0, 1, 6), (0, 3, 6), (0, 5.9, 6), (0, 6, 6), (1, 2, 9)]
    ],
]


@pytest.mark.parametrize(("ours", "theirs"), REFERENCES, ids=[str(ours) for ours, _ in REFERENCES])
def test_agrees_with_scipy(ours, theirs):
    ratios = {u: ours.quantile(u) / theirs(u) - 1 for u in SHARES if theirs(u) > 1e-290}
    worst = max(ratios, key=lambda u: abs(ratios[u]))
    assert abs(ratios[worst]) < 1e-12, worst
    assert len(ratios) > 100


# SciPy itself is off by 1e-9 there; these are from a 60-digit series summed apart from this project.
@pytest.mark.parametrize(
    ("u", "value"),
    [
        (1e-12, 1.9859633383692931463),
        (1e-6, 1.9905075439550001982),
        (0.25, 1.998650657369174387),
        (0.999999, 2.0095212494269355406),
    ],
)
def test_a_gamma_of_very_large_shape(u, value):
    assert gamma(2, 0.001).quantile(u) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize(
    ("weights", "means"),
    [([1], [3]), ([3, 7], [1, 10]), ([1, 2, 0, 3], [1, 5, 7, 0.001]), ([1 - 1e-6, 1e-6], [1, 1e6])],
)
def test_hyperexponential_solves_its_equation(weights, means):
    ours = hyperexponential(weights, means)
    shares = np.array(weights) / sum(weights)
    for u in SHARES:
        scaled = ours.quantile(u) / np.array(means)
        below, above = -np.sum(shares * np.expm1(-scaled)), np.sum(shares * np.exp(-scaled))
        # A relative error of 1e-12 in the time moves the probability by this much, rounding by the rest.
        tolerance = 1e-12 * np.sum(shares * scaled * np.exp(-scaled)) + 4e-16 * min(u, 1 - u)
        assert abs(below - u if u < 0.5 else above - (1 - u)) <= tolerance, u


def test_empirical_is_a_staircase():
    ours = empirical([5, 1, 3, 3])
    theirs = stats.rv_discrete(values=([1, 3, 5], [0.25, 0.5, 0.25]))
    for u in (SMALLEST, 0.1, 0.25, 0.26, 0.5, 0.75, 0.76, LARGEST):
        assert ours.quantile(u) == theirs.ppf(u)


def test_discrete_is_a_staircase():
    ours = discrete([5, 1, 3, 9], [1, 2, 1, 0])
    theirs = stats.rv_discrete(values=([1, 3, 5], [0.5, 0.25, 0.25]))
    for u in (SMALLEST, 0.1, 0.5, 0.51, 0.75, 0.76, LARGEST):
        assert ours.quantile(u) == theirs.ppf(u)


def test_a_value_without_weight_never_comes():
    tenths = discrete([*range(10), 99], [0.1] * 10 + [0])
    assert [tenths.quantile(u) for u in (SMALLEST, LARGEST)] == [0, 9]


SHAPES = st.one_of(
    st.just(exponential(3)),
    st.floats(1e-3, 100).map(lambda cv: lognormal(2, cv)),
    st.floats(1e-2, 30).map(lambda cv: gamma(2, cv)),
    st.integers(1, 1000).map(lambda k: erlang(2, k)),
    st.floats(0.05, 1000).map(lambda shape: weibull(2, shape)),
    st.just(uniform(1, 4)),
    st.floats(0, 6).map(lambda mode: triangular(0, mode, 6)),
    st.floats(0, 6).map(lambda mode: pert(0, mode, 6)),
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(1e-3, 1e3)), min_size=1, max_size=4).map(
        lambda pairs: hyperexponential(*zip(*pairs, strict=True))
    ),
    st.lists(st.floats(0, 10), min_size=1).map(empirical),
    st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 1)), min_size=1).map(
        lambda pairs: discrete(*zip(*pairs, strict=True))
    ),
)


@settings(deadline=None, max_examples=400)
@given(SHAPES, st.floats(SMALLEST, LARGEST), st.floats(1e-9, 1))
def test_never_falls(shape, u, further):
    # Solved by iteration, the last digits may be off; so the shares differ by more than those.
    higher = u + (1 - u) * further
    if higher < 1:
        assert shape.quantile(u) <= shape.quantile(higher)


@settings(deadline=None)
@given(SHAPES)
def test_finite_at_both_ends(shape):
    lowest, highest = shape.quantile(SMALLEST), shape.quantile(LARGEST)
    assert shape.minimum <= lowest <= highest < math.inf


@settings(deadline=None)
@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9), st.sampled_from([SMALLEST, 0.3, LARGEST]))
def test_never_outside_the_bounds(one, two, three, u):
    low, mode, high = sorted([one, two, three])
    assert low <= uniform(low, high).quantile(u) <= high
    if low < high:
        assert low <= triangular(low, mode, high).quantile(u) <= high
        assert low <= pert(low, mode, high).quantile(u) <= high
