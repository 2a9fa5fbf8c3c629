import contextlib
import math
import pickle
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

import servicechain.distributions as package
from servicechain.distributions import (
    DURATION_PATTERN,
    FAMILIES,
    Constant,
    Discrete,
    Distribution,
    Empirical,
    EmpiricalFile,
    constant,
    discrete,
    empirical,
    erlang,
    exponential,
    gamma,
    hyperexponential,
    lognormal,
    parse_distribution,
    pert,
    triangular,
    uniform,
    weibull,
)
from servicechain.errors import Mistake
from servicechain.units import Quantity, TimeUnit

MINUTES = TimeUnit.MINUTES


def quantities(least=1e-300):
    numbers = st.floats(least, 1e12) | st.integers(1, 10**6)
    return st.builds(lambda n, u: Quantity(float(n), u), numbers, st.sampled_from([None, *TimeUnit]))


def in_order(count):
    """Sorted times of one unit, the first below the last."""
    numbers = st.lists(st.floats(0, 1e9), min_size=count, max_size=count).map(sorted)
    numbers = numbers.filter(lambda points: points[0] < points[-1])
    units = st.sampled_from([None, *TimeUnit])
    return st.tuples(numbers, units).map(lambda pair: [Quantity(n, pair[1]) for n in pair[0]])


WEIGHTS = st.floats(1e-6, 1e6)
PAIRS = st.lists(st.tuples(WEIGHTS, quantities()), min_size=1, max_size=6)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda t: t.strip() and t.isprintable())
DISTRIBUTIONS = st.one_of(
    st.builds(constant, quantities() | st.just(Quantity(0.0))),
    st.builds(exponential, quantities()),
    st.builds(lognormal, quantities(), st.floats(1e-9, 1e6)),
    st.builds(gamma, quantities(), st.floats(1e-3, 30)),
    st.builds(erlang, quantities(), st.integers(1, 10**6)),
    st.builds(weibull, quantities(), st.floats(0.05, 1000)),
    in_order(2).map(lambda points: uniform(*points)),
    in_order(3).map(lambda points: triangular(*points)),
    in_order(3).map(lambda points: pert(*points)),
    PAIRS.map(lambda pairs: hyperexponential(*zip(*pairs, strict=True))),
    PAIRS.map(lambda pairs: discrete([time for _, time in pairs], [weight for weight, _ in pairs])),
    st.lists(quantities(), min_size=1, max_size=6).map(empirical),
    st.builds(lambda file, column: empirical(file=file, column=column), NAMES, NAMES),
)


class TestWriting:
    @given(DISTRIBUTIONS)
    def test_reads_back_as_it_was(self, written):
        again = parse_distribution(written.written())
        assert again == written
        assert hash(again) == hash(written)
        assert parse_distribution(str(written)) == written
        assert pickle.loads(pickle.dumps(written)) == written

    @given(DISTRIBUTIONS)
    def test_the_schema_takes_what_we_write(self, written):
        assert re.search(DURATION_PATTERN, str(written))

    @pytest.mark.parametrize(
        ("text", "canonical"),
        [
            ("lognormal(2m,0.7)", "lognormal(mean=2m, cv=0.7)"),
            ("exponential( mean = 8 hours )", "exponential(mean=8h)"),
            ("uniform(1, high=3.0)", "uniform(low=1, high=3)"),
            ("erlang(3, k=2.0)", "erlang(mean=3, k=2)"),
            ("empirical([3, 1, 1.5m])", "empirical(values=[3, 1, 1.5m])"),
            ('empirical(column="x", file="t.csv")', 'empirical(file="t.csv", column="x")'),
            ("discrete([1, 2], [.3, .7])", "discrete(values=[1, 2], weights=[0.3, 0.7])"),
            ("weibull(0.1, 1.5)", "weibull(mean=0.1, shape=1.5)"),
            ("2 minutes", "2m"),
            ("constant(5)", 5),
            ("constant('90s')", "90s"),
            (3.0, 3),
            (" 0.25 ", 0.25),
        ],
    )
    def test_canonical(self, text, canonical):
        assert parse_distribution(text).written() == canonical

    def test_a_distribution_is_taken_as_it_is(self):
        written = exponential(3)
        assert parse_distribution(written) is written

    def test_scripts_may_use_numpy_and_texts(self):
        assert empirical(np.array([1, 2, 3])) == empirical([1.0, 2.0, 3.0])
        assert exponential(np.int64(3)) == exponential("3") == exponential(Fraction(3))
        assert lognormal(mean="2m", cv=np.float32(0.5)) == parse_distribution("lognormal(2m, 0.5)")

    def test_long_ones_show_themselves_short(self):
        assert len(repr(empirical(range(10_000)))) == 120
        assert repr(exponential("8h")) == "exponential(mean=8h)"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("exponental(3)", ["'exponental'", "did you mean 'exponential'?"]),
        ("poisson(rate=3/h)", ["no distribution is called 'poisson'"]),
        ("exponential(mu=3)", ["no parameter 'mu'", "'mean'"]),
        ("lognormal(mean=3)", ["needs cv", "lognormal(mean, cv)"]),
        ("exponential(3, mean=4)", ["mean twice"]),
        ("exponential(0)", ["the mean of exponential", "above 0", "written 0"]),
        ("exponential(-1)", ["must not be negative", "-1"]),
        ("exponential(mean=40/h)", ["the mean of exponential", "90s", "'40/h'"]),
        ("exponential(mean=3 bananas)", ["'bananas'"]),
        ("exponential(exponential(3))", ["cannot hold another"]),
        ("exponential([3])", ["the mean of exponential must be a number", "[3]"]),
        ("exponential(1e999)", ["finite"]),
        ("lognormal(2, 0)", ["the cv of lognormal", "got 0", "constant(value)"]),
        ("gamma(2, cv=0)", ["the cv of gamma", "between 0.001 and 30", "constant(value)"]),
        ("gamma(2, cv=2m)", ["the cv of gamma must be a number", "'2m'"]),
        ("erlang(3, k=1.5)", ["whole number", "1.5", "gamma(mean, cv)"]),
        ("erlang(3, k=0)", ["k of erlang", "between 1 and"]),
        ("weibull(3, shape=0)", ["the shape of weibull", "0.05"]),
        ("uniform(3, 1)", ["low of uniform must not be above high", "3 and 1"]),
        ("uniform(2m, 90s)", ["must not be above high", "2m and 90s"]),
        ("triangular(1, 5, 4)", ["mode of triangular must not be above high", "low, mode, high"]),
        ("pert(1, 1, 1)", ["low of pert must be below high", "constant(value)"]),
        ("hyperexponential([1], [1, 2])", ["weights of hyperexponential", "as many as the means", "1 and 2"]),
        ("hyperexponential([1], [0])", ["means of hyperexponential", "above 0"]),
        ("discrete([1, 2], [1, -1])", ["weights of discrete must not be negative", "-1"]),
        ("discrete([1, 2], [0, 0])", ["sum of the weights of discrete", "above 0"]),
        ("discrete([1, 2], [1e308, 1e308])", ["sum of the weights of discrete", "finite"]),
        ("discrete([], [])", ["values of discrete must not be empty"]),
        ("empirical([])", ["values of empirical must not be empty"]),
        ("empirical([1, -2])", ["each of the values of empirical", "negative"]),
        ("empirical(3)", ["must be a list", "[1, 2, 3]"]),
        ("empirical('t.csv')", ["must be a list"]),
        ("empirical(2m, 3m)", ["no 2 arguments"]),
        ("empirical(values=[1], file='t.csv', column='x')", ["either values, or file and column"]),
        ("empirical(file='t.csv')", ["needs column"]),
        ("empirical(file=3, column='x')", ["the file of empirical must be a text", "3"]),
        ("empirical(file=' ', column='x')", ["the file of empirical must be a text"]),
        ("  ", ["a patience is empty", "exponential(mean=3)"]),
        (-3, ["a patience must not be negative", "-3"]),
        ("-3m", ["a patience must not be negative"]),
        (math.nan, ["a patience must be a finite number"]),
        (math.inf, ["a patience must be a finite number"]),
        (10**400, ["a patience must be a finite number"]),
        ("9" * 400, ["a patience must be a finite number"]),
        (True, ["a patience must be a number", "True"]),
        (None, ["a patience must be a number", "exponential(mean=3)", "None"]),
        ([1, 2], ["a patience must be a number", "[1, 2]"]),
        ({"mean": 3}, ["a patience must be a number"]),
        (object, ["a patience must be a number"]),
    ],
)
def test_mistakes_teach(written, says):
    with pytest.raises(Mistake) as caught:
        parse_distribution(written, "a patience")
    assert [part for part in says if part not in str(caught.value)] == []


ARGUMENTS = ["0", "1", "2m", "-1", "'x'", "[1, 0]", "[]", "f()", "1e308", "[1e308, 1e308]"]


@given(st.sampled_from(sorted(FAMILIES)), st.lists(st.sampled_from(ARGUMENTS), max_size=3))
def test_nothing_but_a_mistake_is_raised(family, arguments):
    with contextlib.suppress(Mistake):
        written = parse_distribution(f"{family}({', '.join(arguments)})").in_unit(TimeUnit.SECONDS)
        assert written.mean >= 0
        assert written.variance >= 0
        assert written.lowered().code >= 0


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2m", True),
        ("+2.5 Hours", True),
        ("exponential(mean=3)", True),
        (" lognormal( 2m , cv=.7 ) ", True),
        ("empirical(values=[1, 2 h], x='a, b')", True),
        ("2+3", False),
        ("exponential(2+3)", False),
        ("exponental(3)", False),
        ("3 bananas", False),
        ("exponential(3", False),
        ("exponential(exponential(3))", False),
        ("exponential()", False),
        ("", False),
    ],
)
def test_the_schema_pattern(text, fits):
    assert bool(re.search(DURATION_PATTERN, text)) is fits


class TestUnits:
    def test_all_times_are_converted_and_nothing_else(self):
        seconds = TimeUnit.SECONDS
        assert parse_distribution("lognormal(2m, 0.7)").in_unit(seconds) == lognormal(120, 0.7)
        assert parse_distribution("erlang(1h, 3)").in_unit(MINUTES) == erlang(60, 3)
        assert parse_distribution("pert(30s, 1, 2m)").in_unit(MINUTES) == pert(0.5, 1, 2)
        assert discrete(["1m", 2], [3, 4]).in_unit(seconds) == discrete([60, 2], [3, 4])
        assert hyperexponential([3, 4], ["1m", 2]).in_unit(seconds) == hyperexponential([3, 4], [60, 2])
        assert constant("1d").in_unit(TimeUnit.HOURS) == constant(24)

    def test_order_that_depends_on_the_unit_is_checked_late(self):
        mixed = parse_distribution("uniform(2, 90s)")
        assert mixed.in_unit(TimeUnit.SECONDS) == uniform(2, 90)
        with pytest.raises(Mistake, match="low of uniform must not be above high"):
            mixed.in_unit(MINUTES)

    @pytest.mark.parametrize("ask", ["mean", "variance"])
    @given(written=DISTRIBUTIONS)
    def test_computing_needs_bare_numbers(self, ask, written):
        if written.files or written != written.in_unit(MINUTES):
            with pytest.raises(Mistake, match=r"in_unit|loaded"):
                getattr(written, ask)
        else:
            assert getattr(written, ask) >= 0

    def test_too_large_a_time_in_a_smaller_unit(self):
        with pytest.raises(Mistake, match="finite"):
            parse_distribution("exponential(1e308 d)").in_unit(TimeUnit.SECONDS)


class TestFiles:
    def test_values_are_loaded_before_use(self):
        written = parse_distribution('empirical(file="t.csv", column="minutes")')
        assert isinstance(written, EmpiricalFile)
        assert written.files == (("t.csv", "minutes"),)
        assert exponential(3).files == ()
        loaded = written.loaded([1, 2, 6])
        assert loaded == Empirical([1, 2, 6])
        assert loaded.mean == 3
        for use in (lambda: written.in_unit(MINUTES), lambda: written.mean, lambda: written.quantile(0.5)):
            with pytest.raises(Mistake, match=r"t\.csv.*loaded\(values\)"):
                use()

    def test_values_that_cannot_be_loaded(self):
        with pytest.raises(Mistake, match="finite"):
            EmpiricalFile("t.csv", "x").loaded([1, math.nan])

    def test_the_constructor_wants_one_of_two(self):
        for given_ in ({}, {"file": "t"}, {"values": [1], "file": "t", "column": "x"}):
            with pytest.raises(Mistake, match="either values, or file and column"):
                empirical(**given_)


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        (3, True),
        (0, True),
        (2.5, False),
        ("3m", False),
        ("discrete([1, 2], [1, 1])", True),
        ("discrete([1, 2.5], [1, 1])", False),
        ("empirical([4, 5])", True),
        ("empirical([4, 5s])", False),
        ("uniform(1, 1)", False),
        ("exponential(3)", False),
    ],
)
def test_whole(written, whole):
    assert parse_distribution(written).is_whole is whole


def lognormal_of(mean, cv):
    return stats.lognorm(math.sqrt(math.log1p(cv**2)), scale=mean / math.sqrt(1 + cv**2))


def beta_of(low, mode, high):
    alpha = 1 + 4 * (mode - low) / (high - low)
    return stats.beta(alpha, 6 - alpha, loc=low, scale=high - low)


MOMENTS = [
    (exponential(3), stats.expon(scale=3)),
    (lognormal(2, 0.7), lognormal_of(2, 0.7)),
    (lognormal(5, 3), lognormal_of(5, 3)),
    (gamma(2, 0.3), stats.gamma(1 / 0.09, scale=0.18)),
    (gamma(2, 3), stats.gamma(1 / 9, scale=18)),
    (erlang(6, 3), stats.erlang(3, scale=2)),
    (weibull(2, 0.5), stats.weibull_min(0.5, scale=2 / special.gamma(3))),
    (weibull(2, 4), stats.weibull_min(4, scale=2 / special.gamma(1.25))),
    (uniform(1, 4), stats.uniform(1, 3)),
    (triangular(1, 2, 6), stats.triang(0.2, 1, 5)),
    (pert(1, 2, 6), beta_of(1, 2, 6)),
    (discrete([5, 1, 3], [1, 2, 1]), stats.rv_discrete(values=([1, 3, 5], [0.5, 0.25, 0.25]))),
    (empirical([4, 1, 1, 2]), stats.rv_discrete(values=([1, 2, 4], [0.5, 0.25, 0.25]))),
]


@pytest.mark.parametrize(("ours", "theirs"), MOMENTS, ids=lambda d: str(d) if isinstance(d, Distribution) else "")
def test_moments(ours, theirs):
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-12)
    assert ours.variance == pytest.approx(theirs.var(), rel=1e-11)
    assert ours.minimum == pytest.approx(theirs.support()[0])


def test_moments_by_hand():
    # A quarter with mean 1 and three quarters with mean 5: E X = 4, E X² = 2 (1/4 + 75/4) = 38.
    mixture = hyperexponential([1, 3], [1, 5])
    assert (mixture.mean, mixture.variance) == (4, 22)
    assert (constant(3).mean, constant(3).variance, constant(3).minimum) == (3, 0, 3)
    # PERT: (low + 4 mode + high) / 6, and (mean - low)(high - mean) / 7.
    assert (pert(0, 3, 6).mean, pert(0, 3, 6).variance) == pytest.approx((3, 9 / 7))


def test_huge_values_give_infinity_not_an_overflow():
    assert empirical([1.7e308, 1.7e308]).mean == pytest.approx(1.7e308)
    assert empirical([0, 1.7e308]).variance == math.inf
    assert lognormal(1e300, 10).variance == math.inf
    assert triangular(0, 120, 1e308).variance == math.inf
    assert discrete([1e308, 0], [1e-320, 1e300]).variance == 0


@pytest.mark.parametrize("u", [0, 1, -0.1, 1.1, math.nan, "0.5", None])
def test_a_quantile_wants_a_probability(u):
    with pytest.raises(Mistake, match="the probability of a quantile"):
        exponential(3).quantile(u)


def test_public_names():
    assert {name for name in vars(package) if name in FAMILIES} == set(FAMILIES)
    assert sorted(package.__all__) == sorted(set(package.__all__))
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert package.exponential is package.Exponential
    assert isinstance(parse_distribution(3), Constant)
    assert isinstance(parse_distribution("discrete([1], [1])"), Discrete)


def test_reading_imports_nothing_heavy():
    code = (
        "import sys; from servicechain.distributions import parse_distribution as p;"
        "from servicechain.units import TimeUnit;"
        "p('lognormal(mean=2m, cv=0.7)').in_unit(TimeUnit.MINUTES).mean;"
        "print([m for m in ('numba', 'numpy', 'scipy', 'pandas', 'servicechain.engines') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
