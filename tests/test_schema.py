import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broken_chains import BROKEN, chain_text
from good_chains import EVERY_KEY, GOOD_CHAINS
from random_chains import chains
from servicechain import Chain, read
from servicechain.arrivals import parse_arrivals
from servicechain.distributions import parse_distribution
from servicechain.errors import ChainError, Mistake
from servicechain.files.schema import chain_schema
from servicechain.files.tree import read_tree
from servicechain.units import Quantity, unit_of

SCHEMA = chain_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SIMULATIONS = sorted((Path(__file__).parents[1] / "simulations").glob("*.yaml"))


def part(name):
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def refusals(text):
    return [error.message for error in VALIDATOR.iter_errors(read_tree(text, "a test").data)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("text", GOOD_CHAINS)
def test_both_take_a_good_chain(tmp_path, text):
    file = tmp_path / "good.yaml"
    file.write_text(text, encoding="utf-8")
    assert read(file).chain
    assert refusals(text) == []


@pytest.mark.parametrize("file", SIMULATIONS, ids=lambda file: file.name)
def test_both_take_every_chain_of_the_simulations(file):
    assert read(file).chain
    assert refusals(file.read_text(encoding="utf-8")) == []


def test_the_simulations_are_found():
    assert SIMULATIONS


@pytest.mark.parametrize("text", GOOD_CHAINS)
def test_what_is_written_out_passes_too(text):
    written = Chain.from_dict(read_tree(text, "a test").data).to_dict()
    assert [error.message for error in VALIDATOR.iter_errors(written)] == []


@given(chains(everything=True))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.theory  # many random chains
def test_both_take_a_random_chain(tree):
    assert Chain.from_dict(tree)
    assert [error.message for error in VALIDATOR.iter_errors(tree)] == []


def test_the_good_chains_cover_every_key():
    used = set()

    def walk(node):
        for key, value in node.items() if isinstance(node, dict) else ():
            used.add(key)
            walk(value)
        for value in node if isinstance(node, list) else ():
            walk(value)

    walk(read_tree(EVERY_KEY, "a test").data)
    keys = {key for part in [SCHEMA, *SCHEMA["$defs"].values()] for key in part.get("properties", {})}
    assert keys <= used


@pytest.mark.parametrize("broken", [b for b in BROKEN if b.schema == "refuses"], ids=lambda broken: broken.written)
def test_both_refuse(broken):
    assert refusals(broken.text)


@pytest.mark.parametrize("broken", [b for b in BROKEN if b.schema != "refuses"], ids=lambda broken: broken.written)
def test_what_only_the_reader_sees_is_listed(broken):
    # When the schema comes to see one of these, it moves to the other list.
    try:
        assert refusals(broken.text) == [], broken.schema
    except ChainError:
        assert broken.schema == "it is no YAML of a chain"


@pytest.mark.parametrize("name", ["actors", "services", "customers"])
def test_both_refuse_a_name_that_cannot_be_one(name):
    text = chain_text().replace(f"\n{name}:\n  ", f"\n{name}:\n  a.")
    assert refusals(text)


@pytest.mark.parametrize("key", ["about: null", "starts: null", "run: null"])
def test_the_schema_wants_an_optional_key_left_out_where_the_reader_takes_null(tmp_path, key):
    file = tmp_path / "null.yaml"
    file.write_text(chain_text(top=key))
    assert read(file).chain
    assert refusals(file.read_text())


def test_the_schema_wants_hyphens_in_a_date_where_the_reader_takes_any_iso_form(tmp_path):
    file = tmp_path / "date.yaml"
    file.write_text(chain_text(top="starts: 20260105T0800"))
    assert read(file).starts.hour == 8
    assert refusals(file.read_text())


def test_every_key_is_explained_and_every_pattern_said_once():
    for name, definition in SCHEMA["$defs"].items():
        if "properties" in definition:
            assert definition["description"].endswith("."), name
            assert "\n" not in definition["description"]
    explained = [
        (name, key)
        for name, definition in {"Chain": SCHEMA, **SCHEMA["$defs"]}.items()
        for key, value in definition.get("properties", {}).items()
        if len(definition["properties"]) > 2 and "description" not in value
    ]
    assert explained == []
    assert "None" not in json.dumps(SCHEMA)
    assert len(json.dumps(SCHEMA)) < 40_000


NUMBERS = st.sampled_from(
    ["0", "2", "+2", "1.5", ".5", "2.", "1e3", "1E-3", "nan", "inf", "x", "", "1_0", "2,5", "1e", "٣"]
)
UNITS = st.sampled_from(
    ["", "s", "sec", "Seconds", "m", "MIN", "minute", "h", "hours", "d", "Days", "x", "hr", "sm", "%"]
)
SPACES = st.sampled_from(["", " ", "  "])


def takes(function, *arguments):
    try:
        function(*arguments)
    except (Mistake, ChainError):
        return False
    return True


@given(st.tuples(SPACES, NUMBERS, SPACES, UNITS, SPACES).map("".join))
def test_times_look_to_the_schema_as_to_the_reader(text):
    if "٣" not in text:  # the reader takes the digits of every script
        assert part("time").is_valid(text) == takes(Quantity.parse, text)


@given(st.tuples(SPACES, NUMBERS, SPACES, UNITS, SPACES).map("".join))
def test_durations_look_to_the_schema_as_to_the_reader(text):
    assert part("duration").is_valid(text) == takes(parse_distribution, text)


@given(st.tuples(NUMBERS, SPACES, st.sampled_from(["", "/", " / "]), UNITS).map("".join))
def test_rates_look_to_the_schema_as_to_the_reader(rate):
    text = f"poisson(rate={rate})"
    assert part("arrivals").is_valid(text) == takes(parse_arrivals, text)


@given(UNITS)
def test_units_look_to_the_schema_as_to_the_reader(unit):
    profile = {"rates": [1], "per": unit, "each": 1}
    assert part("arrivals").is_valid(profile) == takes(unit_of, unit) == takes(parse_arrivals, profile)


@pytest.mark.parametrize(
    "text",
    [
        "poisson(4/h)",
        "poisson( rate = 4 / hour )",
        "every(3)",
        "every(exponential(mean=3m))",
        "every(interval=gamma(mean=3, cv=2))",
        "at([])",
        "at([0, 5, 1h])",
        "at(times=[0])",
        "at(['2026-01-05T08:00', 3])",
        'at(file="a.csv", column="t")',
        "at(column='t', file='a.csv')",
        "poisson",
        "poisson()",
        "poisson(rate=4/h, start=3)",
        "poisson(lambda=4/h)",
        "every()",
        "every(poisson(4))",
        "at(0, 5)",
        "at([0, 5)",
        "at(file='a.csv')",
        "at([0], file='a.csv', column='t')",
        "exponential(mean=3)",
        "poisson(rate=4/h) ",
        "poisson(rate=4/h) + 3",
        "poisson(rate=2*3/h)",
        "-poisson(rate=4/h)",
    ],
)
def test_arrivals_look_to_the_schema_as_to_the_reader(text):
    assert part("arrivals").is_valid(text) == takes(parse_arrivals, text)


@pytest.mark.parametrize("almost", ["1, ", "1 , ", "1", " ", "'a', ", "1m,"])
def test_patterns_are_quick_on_what_almost_fits(almost):
    # A pattern that tries every way to divide the text would take longer than the universe is old.
    for start in ("at([", "empirical(values=[", "poisson(rate=", ""):
        for name in ("arrivals", "duration", "time"):
            assert not part(name).is_valid(start + almost * 500 + "!")
