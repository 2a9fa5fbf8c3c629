from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.arrivals import At, AtFile, Every, Poisson, Profile, parse_arrivals
from servicechain.distributions import Constant, exponential
from servicechain.errors import ChainError, Mistake
from servicechain.populations import Closed
from servicechain.units import Quantity, Rate, TimeUnit

HOURS, MINUTES = TimeUnit.HOURS, TimeUnit.MINUTES


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("poisson(rate=40/h)", Poisson(Rate(40, HOURS))),
        ("poisson( 40 / hour )", Poisson(Rate(40, HOURS))),
        ("poisson(0.5)", Poisson(Rate(0.5))),
        ('poisson(rate="40/h")', Poisson(Rate(40, HOURS))),
        ("every(90s)", Every(Constant("90s"))),
        ("every(exponential(mean=3))", Every(exponential(3))),
        ("at([0, 5, 5, 1h])", At((Quantity(0), Quantity(5), Quantity(5), Quantity(1, HOURS)))),
        ("at([])", At(())),
        ('at(["2026-01-05T08:00", 3])', At(("2026-01-05T08:00", Quantity(3)))),
        ('at(file="days.csv", column="opened")', AtFile("days.csv", "opened")),
        ("at(column='opened', file='days.csv')", AtFile("days.csv", "opened")),
        ({"rates": [4, 9], "per": "hour", "each": "1h"}, Profile((4, 9), HOURS, Quantity(1, HOURS))),
        ({"population": 20, "think": "exponential(mean=3)"}, Closed(20, exponential(3))),
        ({"think": "90s", "population": 1.0}, Closed(1, Constant("90s"))),
        (
            {"rates": [4], "per": "MIN", "each": 2, "repeat": False},
            Profile((4,), MINUTES, Quantity(2), False),
        ),
    ],
)
def test_arrivals_are_read(written, meant):
    assert parse_arrivals(written) == meant
    assert parse_arrivals(meant) is meant


@pytest.mark.parametrize(
    "written",
    [
        "poisson(rate=40/h)",
        "poisson(rate=0.25)",
        "every(90s)",
        "every(lognormal(mean=2m, cv=0.7))",
        "at([0, 5.5, 1h])",
        'at(["2026-01-05T08:00", 3])',
        'at(file="days.csv", column="opened")',
        {"population": 20, "think": "lognormal(mean=2h, cv=1)"},
        {"rates": [4, 9.5], "per": "hour", "each": "1h"},
        {"rates": [0], "per": "day", "each": 30, "repeat": False},
    ],
)
def test_what_is_written_reads_back(written):
    assert parse_arrivals(written).written() == written


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=4),
    st.sampled_from(["s", "min", "hour", "days"]),
    st.one_of(st.integers(1, 50), st.sampled_from(["90s", "2h", "0.5 d"])),
    st.booleans(),
)
def test_every_profile_reads_back(rates, per, each, repeat):
    profile = parse_arrivals({"rates": rates, "per": per, "each": each, "repeat": repeat})
    assert parse_arrivals(profile.written()) == profile


def test_in_the_unit_of_the_chain():
    assert parse_arrivals("poisson(rate=24/h)").in_unit(MINUTES).rate.value == 0.4
    assert parse_arrivals("every(90s)").in_unit(MINUTES).interval.mean == 1.5
    assert parse_arrivals("at([1h, 5, 30s])").in_unit(MINUTES) == At((Quantity(0.5), Quantity(5), Quantity(60)))
    profile = parse_arrivals({"rates": [6, 30], "per": "hour", "each": "1d"}).in_unit(MINUTES)
    assert profile == Profile((0.1, 0.5), MINUTES, Quantity(1440))
    assert parse_arrivals({"population": 3, "think": "2h"}).in_unit(MINUTES) == Closed(3, Constant(120))


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("poisson(rate=3)", 3),
        ("every(4)", 0.25),
        ("every(exponential(mean=4))", 0.25),
        ("at([1, 2])", 0),
        ('at(file="a.csv", column="b")', 0),
        ({"population": 20, "think": "exponential(mean=4)"}, 5),
        ({"population": 20, "think": 0}, float("inf")),
        ({"rates": [1, 2, 6], "per": "minute", "each": 1}, 3),
        ({"rates": [1, 2, 6], "per": "minute", "each": 1, "repeat": False}, 0),
    ],
)
def test_rates_in_the_long_run(written, rate):
    assert parse_arrivals(written).mean_rate == rate


def test_time_stamps_count_from_the_start():
    stamped = parse_arrivals('at(["2026-01-05T09:30", 7, "2026-01-06"])')
    counted = stamped.counted_from(datetime(2026, 1, 5, 8), MINUTES)
    assert counted == At((Quantity(90), Quantity(7), Quantity(16 * 60)))
    with pytest.raises(Mistake, match="'starts'"):
        stamped.counted_from(None, MINUTES)
    with pytest.raises(Mistake, match="before the chain's 'starts'"):
        stamped.counted_from(datetime(2026, 1, 5, 10), MINUTES)
    with pytest.raises(Mistake, match="time stamp"):
        stamped.in_unit(MINUTES)


def test_a_file_has_to_be_read_first():
    named = parse_arrivals('at(file="days.csv", column="opened")')
    with pytest.raises(Mistake, match=r"days\.csv"):
        named.in_unit(MINUTES)
    assert named.loaded([3, 1]) == At((Quantity(1), Quantity(3)))


def test_mistakes_inside_a_profile_have_their_path():
    for written, path in [
        ({"rates": [1, -1], "per": "h", "each": 1}, ("rates", 1)),
        ({"rates": [1], "per": "weeks", "each": 1}, ("per",)),
        ({"rates": [1], "per": "h", "each": -1}, ("each",)),
        ({"rates": [1], "per": "h", "each": 1, "repeat": "no"}, ("repeat",)),
        ({"rates": [1], "per": "h", "each": 1, "phase": 2}, ("phase",)),
        ({"population": 0, "think": 5}, ("population",)),
        ({"population": 2, "think": -5}, ("think",)),
        ({"population": 2, "think": 5, "repeat": True}, ("repeat",)),
    ]:
        with pytest.raises(ChainError) as caught:
            parse_arrivals(written)
        assert [problem.path for problem in caught.value.problems] == [path]
