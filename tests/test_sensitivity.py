"""How much inputs matter: against functions whose answer is known, and a queue whose answer is known."""

import json
import math
import sys

import numpy as np
import pytest

from pictures import check_texts, title, words
from servicechain.errors import ChainError, Mistake
from servicechain.estimates import Estimate
from servicechain.settings import Settings
from servicechain.studies.influence import STEP, morris, one_at_a_time, responses, sobol
from servicechain.studies.inputs import inputs_of, values_at
from servicechain.studies.sensitivity import Sensitivity, sensitivity
from timelines import chain_of

pytestmark = pytest.mark.theory  # many runs

# Ishigami & Homma (1990), a = 7, b = 0.1: variances by hand
A, B = 7.0, 0.1
ANGLES = dict.fromkeys(("x1", "x2", "x3"), (-math.pi, math.pi))
FIRST = np.array([0.5 * (1 + B * math.pi**4 / 5) ** 2, A**2 / 8, 0.0])
TOGETHER = B**2 * math.pi**8 * (1 / 18 - 1 / 50)
VARIANCE = FIRST.sum() + TOGETHER


def of(function, replications=1):
    """An evaluator: the same number in every replication."""
    return lambda points: np.array([[function(**point)] * replications for point in points], float)


def ishigami(x1, x2, x3):
    return math.sin(x1) + A * math.sin(x2) ** 2 + B * x3**4 * math.sin(x1)


def by_path(effects):
    return {each.path: each.measures for each in effects}


# -- inputs ---------------------------------------------------------------------------------------------------


def test_numbers_go_from_low_to_high():
    (one,) = inputs_of({"actors.a.speed": (0.5, 1.5)})
    assert [one.near(part) for part in (0, 0.25, 1)] == [0.5, 0.75, 1.5]
    assert one.likely(0.25) == 0.75


def test_staff_stays_whole_and_every_number_is_equally_likely():
    (one,) = inputs_of({"actors.a.staff": (1, 3)})
    parts = (np.arange(300) + 0.5) / 300
    found = [one.likely(part) for part in parts]
    assert {value: found.count(value) for value in found} == {1: 100, 2: 100, 3: 100}
    assert one.likely(1.0) == 3
    assert [one.near(part) for part in (0, 1 / 3, 2 / 3, 1)] == [1, 2, 2, 3]
    assert all(isinstance(value, int) for value in found)


def test_texts_move_their_numbers():
    (work, time) = inputs_of({"w": ("lognormal(mean=1, cv=0.7)", "lognormal(mean=3, cv=.7)"), "t": ("30 s", "90 s")})
    assert work.near(0.5) == "lognormal(mean=2.0, cv=0.7)"
    assert time.near(0.25) == "45.0 s"
    (rate,) = inputs_of({"r": ("poisson(rate=20/h)", "poisson(rate=30/h)")})
    assert rate.near(1.0) == "poisson(rate=30.0/h)"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "inputs go from paths to ranges"),
        ([("a", 1, 2)], "inputs go from paths to ranges"),
        ({"a": 3}, r"must be \(low, high\), got 3"),
        ({"a": (1, 2, 3)}, r"must be \(low, high\)"),
        ({"a": (2, 1)}, "must go from low to high"),
        ({"a": (1, 1)}, "must go from low to high"),
        ({"a": (1, math.inf)}, "must be two numbers"),
        ({"a": (1, math.nan)}, "must be two numbers"),
        ({"a": (True, False)}, "must be two numbers"),
        ({"a": (1, "2")}, "must be two numbers"),
        ({"a.staff": (1, 2.5)}, "is a whole number"),
        ({"a": ("exponential(mean=1)", "constant(value=2)")}, "alike but for their numbers"),
        ({"a": ("30 s", "30 s")}, "two different ends"),
    ],
)
def test_a_range_that_is_none_is_told(written, told):
    with pytest.raises(Mistake, match=told):
        inputs_of(written)


def test_two_names_of_one_input_are_told():
    with pytest.raises(Mistake, match="there twice"):
        inputs_of({"a.speed": (1, 2), "actors.a.speed": (1, 3)}, lambda path: "actors.a.speed")


# -- the methods ----------------------------------------------------------------------------------------------


@pytest.mark.theory  # it imports SALib, which takes its time
def test_sobol_finds_the_shares_of_the_ishigami_function():
    found = by_path(sobol(inputs_of(ANGLES), of(ishigami), 2048, 5))
    first = np.array([found[name]["first"].mean for name in ANGLES])
    total = np.array([found[name]["total"].mean for name in ANGLES])
    np.testing.assert_allclose(first, FIRST / VARIANCE, atol=0.03)
    expected = (FIRST + np.array([TOGETHER, 0, TOGETHER])) / VARIANCE
    np.testing.assert_allclose(total, expected, atol=0.03)
    assert [round(float(share), 3) for share in expected] == [0.558, 0.442, 0.244]
    # the half-width is one: about what the estimate is off by, not ten times or a tenth of it
    assert 0.01 < found["x1"]["first"].halfwidth < 0.1


def test_morris_finds_the_slopes_of_a_plane():
    inputs = inputs_of({"a": (0, 2), "b": (10, 20), "c": (-1, 1)})
    found = by_path(morris(inputs, of(lambda a, b, c: 3 * a - 2 * b + 0 * c), 4, 1))
    expected = {"a": 6, "b": -20, "c": 0}
    for path, slope in expected.items():
        assert found[path]["mu"].mean == pytest.approx(slope)
        assert found[path]["mu_star"].mean == pytest.approx(abs(slope))
        assert found[path]["sigma"].mean == pytest.approx(0, abs=1e-9)
    order = [each.path for each in morris(inputs, of(lambda a, b, c: 3 * a - 2 * b + 0 * c), 4, 1)]
    assert order == ["b", "a", "c"]


@pytest.mark.parametrize("most", range(2, 12))
def test_morris_takes_whole_numbers_for_what_they_are(most):
    inputs = inputs_of({"a.staff": (1, most), "b": (0.0, 1.0)})
    found = by_path(morris(inputs, lambda points: np.array([[p["a.staff"] + 2 * p["b"]] for p in points]), 6, 2))
    assert found["a.staff"]["mu_star"].mean == pytest.approx(most - 1)
    assert found["a.staff"]["sigma"].mean == pytest.approx(0, abs=1e-9)
    assert found["b"]["mu_star"].mean == pytest.approx(2)


def test_the_step_of_whole_numbers_is_the_same_wherever_it_begins():
    for most in range(2, 40):
        (one,) = inputs_of({"a.staff": (1, most)})
        assert one.near(1.0) - one.near(1 / 3) == one.near(STEP) - one.near(0.0)


def test_the_spread_of_effects_tells_what_acts_together():
    inputs = inputs_of({"a": (0, 1), "b": (0, 1), "c": (0, 1)})
    found = by_path(morris(inputs, of(lambda a, b, c: a * b + c), 12, 3))
    assert found["a"]["sigma"].mean > 0.2
    assert found["c"]["sigma"].mean == pytest.approx(0, abs=1e-9)


def test_one_at_a_time_goes_from_the_base_case_and_takes_paired_differences():
    noise = np.array([5.0, -3.0, 1.0])

    def evaluate(points):
        return np.array([noise + 2 * p.get("a", 1.0) ** 2 + p.get("b", 0.0) for p in points])

    base, effects = one_at_a_time(inputs_of({"a": (0, 2), "b": (-1, 1)}), evaluate)
    assert base.mean == pytest.approx(3)
    found = by_path(effects)
    assert (found["a"]["low"].mean, found["a"]["high"].mean) == (pytest.approx(-2), pytest.approx(6))
    assert (found["b"]["low"].mean, found["b"]["high"].mean) == (pytest.approx(-1), pytest.approx(1))
    # the noise is common to both, so nothing of it is left
    assert found["a"]["high"].halfwidth == pytest.approx(0, abs=1e-12)
    assert [each.path for each in effects] == ["a", "b"]


def test_the_same_seed_gives_the_same_numbers_and_another_one_others():
    for method, effort in ((sobol, 16), (morris, 4)):
        inputs = inputs_of(ANGLES)
        assert method(inputs, of(ishigami), effort, 0) == method(inputs, of(ishigami), effort, 0)
        assert method(inputs, of(ishigami), effort, 0) != method(inputs, of(ishigami), effort, 1)


def test_what_never_changes_has_no_variance_to_share():
    effects = sobol(inputs_of(ANGLES), of(lambda **_: 4.0), 8, 1)
    assert all(math.isnan(each.measures["total"].mean) for each in effects)
    assert all(each.measures["mu_star"].mean == 0 for each in morris(inputs_of(ANGLES), of(lambda **_: 4.0), 3, 1))


def test_a_point_without_a_number_is_told():
    with pytest.raises(Mistake, match="not defined with a=1"):
        responses(inputs_of({"a": (1, 2)}), of(lambda **_: math.nan), np.array([[0.0]]), likely=False)
    with pytest.raises(Mistake, match="base case"):
        one_at_a_time(inputs_of({"a": (1, 2)}), of(lambda **_: math.nan))


def test_points_that_are_the_same_are_run_once():
    seen = []

    def evaluate(points):
        seen.extend(points)
        return np.array([[float(point["a.staff"])] for point in points])

    sobol(inputs_of({"a.staff": (1, 2), "b.staff": (1, 2)}), evaluate, 16, 1)
    assert len(seen) == 4


@pytest.mark.parametrize("samples", [7, 100, 0])
def test_samples_are_a_power_of_two(samples):
    with pytest.raises(Mistake, match="samples must be"):
        sobol(inputs_of(ANGLES), of(ishigami), samples, 1)


def test_without_salib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib", None)
    for name in [name for name in sys.modules if name.startswith("SALib.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(Mistake, match=r"pip install 'servicechain\[sensitivity\]'"):
        morris(inputs_of(ANGLES), of(ishigami), 4, 1)


def test_values_at_a_point_have_the_paths():
    inputs = inputs_of({"a.staff": (1, 4), "b": (0.0, 10.0)})
    assert values_at(inputs, [0.99, 0.5], likely=True) == {"a.staff": 4, "b": 5.0}


# -- a whole chain --------------------------------------------------------------------------------------------

QUEUE = """
actors: {clerk: {lane: contact, staff: 1, wage: 20}}
services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
customers: {guest: {arrivals: poisson(rate=30/h), journey: [{ask: serve}]}}
"""
RANGES = {
    "clerk.speed": (0.8, 1.25),
    "guest.arrivals": ("poisson(rate=24/h)", "poisson(rate=33/h)"),
    "clerk.wage": (10.0, 50.0),
}
SHORT = {"customers": 4000, "warm_up": "5h", "replications": 16, "seed": 4}


def waits(rate=0.5, work=1.0):
    """The mean wait of M/M/1, first come first served; per minute and in minutes."""
    return rate * work**2 / (1 - rate * work)


@pytest.fixture(scope="module")
def queue():
    return chain_of(QUEUE)


def test_the_chain_of_a_queue_has_the_changes_of_its_formula(queue):
    found = sensitivity(queue, RANGES, method="one_at_a_time", **SHORT)
    expected = {
        "actors.clerk.speed": (waits(work=1.25) - waits(), waits(work=0.8) - waits()),
        "customers.guest.arrivals": (waits(0.4) - waits(), waits(0.55) - waits()),
        "actors.clerk.wage": (0.0, 0.0),
    }
    measures = by_path(found.effects)
    assert [each.path for each in found.effects] == [*expected]
    for path, (low, high) in expected.items():
        for end, exact in (("low", low), ("high", high)):
            change = measures[path][end]
            # half-widths of 95 %, four changes: wrong by more than twice of it in 1 of 3,000 runs
            assert abs(change.mean - exact) <= 2 * change.halfwidth + 1e-12
            # and it is no matter of wide intervals
            assert change.halfwidth < 0.15 * abs(exact) + 1e-12
    assert abs(found.base.mean - waits()) < 2 * found.base.halfwidth


@pytest.mark.theory  # it runs a lot
def test_morris_and_sobol_find_the_same_order(queue):
    for settings in ({"method": "morris", "trajectories": 6}, {"method": "sobol", "samples": 16}):
        found = sensitivity(queue, RANGES, **settings, **(SHORT | {"replications": 4, "customers": 2000}))
        assert [each.path for each in found.effects] == [
            "actors.clerk.speed",
            "customers.guest.arrivals",
            "actors.clerk.wage",
        ]
        last = found.effects[-1].measures
        assert last["mu_star" if "trajectories" in settings else "total"].mean == 0
    signs = by_path(
        sensitivity(queue, RANGES, trajectories=3, **(SHORT | {"replications": 4, "customers": 2000})).effects
    )
    assert signs["actors.clerk.speed"]["mu"].mean < 0 < signs["customers.guest.arrivals"]["mu"].mean


def test_everything_is_checked_before_anything_runs(queue, monkeypatch):
    monkeypatch.setattr("servicechain.studies.chain_points.ChainPoints.__call__", None)
    for inputs, error, told in [
        ({"clerc.speed": (1, 2)}, Mistake, "did you mean 'clerk'"),
        ({"clerk.sped": (1, 2)}, ChainError, r"with actors\.clerk\.sped=1\.0.*sped"),
        ({"clerk.speed": (-1, 2)}, ChainError, r"with actors\.clerk\.speed=-1\.0"),
        ({"clerk.staff": (1, 2.5)}, Mistake, "whole number"),
    ]:
        with pytest.raises(error, match=told):
            sensitivity(queue, inputs)
    with pytest.raises(Mistake, match="no metric is called"):
        sensitivity(queue, RANGES, "customers.guest.weight")
    with pytest.raises(Mistake, match="a method is one of"):
        sensitivity(queue, RANGES, method="moris")
    with pytest.raises(Mistake, match="got both"):
        sensitivity(queue, RANGES, customers=3, until=4)
    with pytest.raises(Mistake, match="samples must be a power of 2"):
        sensitivity(queue, RANGES, method="sobol", samples=100)
    for trajectories in (1, 2.5, "10"):
        with pytest.raises(Mistake, match="trajectories"):
            sensitivity(queue, RANGES, trajectories=trajectories)
    with pytest.raises(Mistake, match="takes a Chain"):
        sensitivity("hotel.yaml", RANGES)


def test_what_it_tells(queue):
    told = []
    found = sensitivity(
        queue,
        {"clerk.staff": (1, 3), "clerk.wage": (10, 20)},
        "cost_per_day",
        method="one_at_a_time",
        customers=200,
        replications=8,
        progress=lambda done, count: told.append((done, count)),
    )
    assert told[-1] == (40, 40)
    frame = found.frame()
    assert list(frame["input"]) == ["actors.clerk.staff", "actors.clerk.wage"]
    # wages are paid by the hour: three clerks cost 20 × 24 × 2 more a day, at wage 10 one costs 10 × 24 less
    assert frame["at_high"][0] == pytest.approx(960)
    assert frame["at_low"][1] == pytest.approx(-240)
    assert json.loads(json.dumps(found.as_dict()))["inputs"]["actors.clerk.wage"]["range"] == [10.0, 20.0]
    assert "Most comes from clerk.staff" in found.text()
    assert "clerk.wage" in found._repr_html_()
    ax = found.plot()
    check_texts(ax)
    assert "1 to 3" in words(ax)
    assert title(ax).startswith("Most comes from clerk.staff")


# -- the tornado ----------------------------------------------------------------------------------------------

LONG = {f"actors.somebody with a name of quite some words {place}.speed": (0.5, 1.5) for place in range(25)}


def made(method, evaluate, inputs):
    found, base = inputs_of(inputs), Estimate(math.nan, math.nan)
    if method == "one_at_a_time":
        base, effects = one_at_a_time(found, evaluate)
    else:
        effects = morris(found, evaluate, 4, 1) if method == "morris" else sobol(found, evaluate, 8, 1)
    return Sensitivity("c", "customers.guest.wait", "minutes", method, found, effects, base, 9, Settings(), "compiled")


def rising(points):
    noise = np.linspace(-0.1, 0.1, 5)
    return np.array([10 + sum(value * (1 + len(path) % 7) for path, value in p.items()) + noise for p in points])


@pytest.mark.parametrize("method", ["one_at_a_time", "morris", "sobol"])
@pytest.mark.parametrize("inputs", [LONG, dict([*LONG.items()][:1])], ids=["many", "one"])
def test_no_text_of_a_tornado_covers_another(method, inputs):
    ax = made(method, rising, inputs).plot()
    check_texts(ax)
    assert len(ax.get_yticks()) == min(20, len(inputs))
    assert ("5 inputs that matter less left out" in words(ax)) == (len(inputs) > 20)


def test_bars_reach_from_today_to_the_ends():
    found = made(
        "one_at_a_time",
        lambda points: np.array([[p.get("a", 2.0) * 3, p.get("a", 2.0) * 3] for p in points]),
        {"a": (1, 5)},
    )
    low, high = found.plot().patches
    assert (low.get_x() + low.get_width(), low.get_x()) == (pytest.approx(3), pytest.approx(6))
    assert (high.get_x(), high.get_x() + high.get_width()) == (pytest.approx(6), pytest.approx(15))


def test_nothing_that_changes_anything_is_told():
    ax = made("sobol", lambda points: np.ones((len(points), 2)), {"a": (1, 5)}).plot()
    assert "none of the inputs changes anything" in words(ax)
