"""How things look when they end a cell of a notebook, or a line in a terminal."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import servicechain as sc
from servicechain import tables
from servicechain.estimates import Spread

HOTEL = Path(__file__).parents[1] / "simulations" / "hotel.yaml"


@pytest.fixture(scope="module")
def chain():
    return sc.read(HOTEL)


@pytest.fixture(scope="module")
def result(chain):
    return sc.run(chain, replications=2)


def names(chain):
    return [*chain.actors, *chain.services, *chain.customers]


def html_of(value):
    return ElementTree.fromstring(value._repr_html_())


def flat(text):
    return " ".join(text.split())


# -- chains ---------------------------------------------------------------------------------------------------


def test_a_chain_says_in_a_terminal_what_it_is(chain):
    text = str(chain)
    assert "Hotel front desk" in text
    assert "minutes" in text
    assert max(map(len, text.splitlines())) <= 100
    assert re.search(r"\b4\b", text)
    assert "object at 0x" not in text


def test_a_chain_shows_its_blueprint_in_a_notebook(chain):
    root = ElementTree.fromstring(chain._repr_svg_())
    assert root.tag.endswith("svg")
    assert float(root.get("width").removesuffix("pt")) > 100


def test_a_chain_whose_file_is_missing_still_says_what_it_is(chain):
    lost = chain.with_values({"services.open the booking.steps.0.work": 'empirical(file="gone.csv", column="a")'})
    assert "Hotel front desk" in str(lost)
    drawn = lost._repr_svg_()
    assert drawn is None or ElementTree.fromstring(drawn).tag.endswith("svg")


# -- results --------------------------------------------------------------------------------------------------


def test_a_result_says_the_same_in_a_terminal_and_in_a_notebook(chain, result):
    page = flat(" ".join(html_of(result).itertext()))
    text = flat(result.text(1000))
    for sentence in (one.text for one in html_of(result).iter("li")):
        assert flat(sentence) in text
    for name in names(chain):
        assert name in text
        assert name in page
    for cell in html_of(result).iter("td"):
        assert cell.text in text


def test_a_result_prints_itself_within_the_width_it_is_given(result):
    assert repr(result) == str(result)
    for width in (40, 80, 120):
        assert max(map(len, result.text(width).splitlines())) <= width
    assert "\x1b" not in result.text(80)


def test_a_long_name_hangs_and_columns_that_belong_together_stay_together():
    name = "a scenario with a long name, in which many things are changed at once"
    head = ("scenario", *("a wait of guests", "vs base", "a share of guests", "vs base"), "replications")
    whole = tables.Table(head, ((name, *("12.3 ± 0.4",) * 4, "24"), ("base", *("12.3 ± 0.4",) * 4, "24")), together=2)
    parts = [part.head[1:] for part in tables.folded(whole, 60)]
    assert parts == [head[1:3], head[3:5], head[5:]]
    lines = tables.text(tables.Page("title", "about", (), (whole,)), 60).splitlines()
    assert max(map(len, lines)) <= 60
    first = next(place for place, line in enumerate(lines) if line.startswith("a scenario"))
    assert lines[first + 1].startswith("    ")
    assert not lines[first + 1].startswith("     ")


def test_a_result_tells_the_numbers_it_holds(result):
    wait = result.value("customers.guest.wait.mean")
    assert f"waits {wait:.2f}" in result.text() or f"waits {wait:.1f}" in result.text()
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in html_of(result).iter("tr")}
    assert rows["receptionist"][0] == "2.33"  # (2 + 4 + 1) × 8 hours of 24
    assert rows["guest"][0] == f"{result.value('customers.guest.arrived.mean'):.0f}"


def test_a_distribution_shows_its_numbers_not_its_histogram(result):
    wait = result.estimates["customers"]["guest"]["wait"]
    assert isinstance(wait, Spread)
    assert "p95=" in repr(wait)
    assert "histogram" not in repr(wait).lower()
    assert set(wait.as_dict()) == {"mean", "halfwidth", "sd", "p50", "p90", "p95", "p99", "max"}


# -- frames ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "thing"), [("customers", "customer_class"), ("services", "service"), ("actors", "actor")]
)
def test_a_frame_shows_names_metrics_and_numbers(result, table, thing):
    frame = getattr(result, table)
    text = frame.to_string()
    for word in (thing, "metric", "halfwidth", "p95", *set(frame[thing]), *set(frame["metric"])):
        assert word in text
    page = frame._repr_html_()
    assert page.count("<th>") >= len(frame.columns)
    assert frame[thing].iloc[0] in page


def test_a_timeline_says_in_a_line_what_it_is(result):
    text = repr(result.timeline)
    assert text.startswith("Timeline(0 to 1440 minutes in 96 buckets")
    assert "array" not in text
    assert {"in_line", "arrivals", "on_duty"} == set(result.timeline.frame()["metric"])


# -- pictures -------------------------------------------------------------------------------------------------


def test_a_picture_shows_itself_in_a_notebook_and_says_what_it_is_in_a_terminal(result):
    ax = result.plot_waits("guest")
    png, size = ax._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert size["width"] == 700
    assert "guest: waits" in repr(ax)
