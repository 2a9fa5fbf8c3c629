import pytest

from servicechain.plots.blueprint_box_words import cover_text, duration_text, failures_text, folded
from servicechain.plots.blueprint_words import (
    choice_text,
    marked,
    rate_text,
    round_below,
    services_text,
    short_number,
    title_of,
)


@pytest.mark.parametrize(
    ("rate", "unit", "text"),
    [
        (0.4, "minutes", "24/h"),
        (11 / 24, "hours", "11/day"),
        (2.5, "seconds", "2.5/s"),
        (3, "minutes", "3/min"),
        (0.25, "days", "0.25/day"),
        (0, "hours", "a limited number"),
    ],
)
def test_rates_are_told_in_a_unit_one_can_imagine(rate, unit, text):
    assert rate_text(rate, unit) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0466666, "0.0467"), (24, "24"), (1234.5, "1,230"), (99.96, "100"), (0.5, "0.5"), (0, "0")],
)
def test_numbers_have_three_digits_that_count(number, text):
    assert short_number(number) == text


@pytest.mark.parametrize(("number", "below"), [(0.93, 0.5), (1.0, 1.0), (3.1, 2.0), (70, 50.0), (0.012, 0.01)])
def test_the_legend_has_round_numbers(number, below):
    assert round_below(number) == pytest.approx(below)


def test_words():
    assert services_text(["a", "b", "c"]) == "a, b, c"
    assert services_text(["a", "b", "c", "d"]) == "a, b … and 2 more"
    assert title_of("Kiosk", ["system"]) == "Kiosk: who asks whom; every actor works behind the line of visibility"
    assert title_of("A", ["contact", "system"]).endswith("1 of 2 actors works behind the line of visibility")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (45, "45 s"),
        (1200, "20 min"),
        (5400, "90 min"),
        (8 * 3600, "8 h"),
        (36 * 3600, "36 h"),
        (86400, "24 h"),
        (2 * 86400, "2 days"),
        (365 * 86400, "365 days"),
        (1234, "20.6 min"),
    ],
)
def test_durations_are_told_in_a_unit_one_can_imagine(seconds, text):
    told = duration_text(seconds)
    assert told.replace("\xa0", " ") == text
    # which no line's end tears apart
    assert len(told.split(" ")) == 1


def test_what_is_always_the_same_has_no_average():
    told = failures_text(3600, 60, each=False, working=False, varies=False)
    assert told.replace("\xa0", " ") == "⚠ fails every 60 min, for 1 min"


def test_a_range_of_staff_that_is_none():
    assert cover_text("contact", 0, 0) == "0 people"
    assert cover_text("backstage", 1, 1) == "1 person"


def test_facts_are_broken_evenly():
    assert folded("fails every 8\xa0h on average, or so", 22) == "fails every 8 h\non average, or so"
    assert folded("short", 22) == "short"
    assert folded("w" * 30 + " x", 22).replace("\n", "").replace(" ", "") == "w" * 30 + "x"


def test_a_remark_is_never_cut():
    text = "a service with a very long name " * 9
    told = marked(text, "2nd choice, side by side", 18)
    assert told.endswith("…\n(2nd choice, side\nby side)")
    assert len(told.splitlines()) == 4
    assert marked("pay", "2nd choice", 18) == "pay (2nd choice)"
    assert marked("pay", "", 18) == "pay"


def test_places_have_their_endings():
    assert [choice_text(place).split()[0] for place in (2, 3, 4, 12, 21, 112)] == [
        "2nd",
        "3rd",
        "4th",
        "12th",
        "21st",
        "112th",
    ]
