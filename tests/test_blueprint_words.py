import pytest

from servicechain.plots.blueprint_words import rate_text, round_below, services_text, short_number, title_of


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
