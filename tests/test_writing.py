import json
import math
import os
import stat

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from servicechain.errors import FileProblem, Mistake
from servicechain.files.tree import read_tree
from servicechain.files.writing import save, to_json, to_yaml

pytestmark = pytest.mark.theory  # many random chains

HOTEL = """\
chain: Hotel front desk
about: |
  Check-in, and what stands behind it.
  Made up.
unit: minutes
starts: 2026-01-05T00:00
run: {until: 1d, replications: 20}
actors:
  receptionist: {lane: contact, staff: 3, wage: 18.5}
  booking system:
    lane: system
    capacity: 2
    failures: {every: exponential(mean=8h), repair: restart the booking system}
  night desk:
    lane: contact
    shifts:
      - {days: mon-fri, from: "20:00", to: "24:00", staff: 1}
      - {days: [sat, sun], from: "18:00", to: "06:00", staff: 2}
services:
  check in:
    by: receptionist
    standard: 5
    steps:
      - work: lognormal(mean=2, cv=0.7)
      - ask: find the booking
        priority: 2
      - chance: 0.1
        then: [{ask: fix the booking}]
      - together:
          - [{ask: find the booking}]
          - [{work: 1}]
        need: any
      - together:
          -   - ask: find the booking
              - chance: 0.1
                then: [{ask: fix the booking}]
                else: []
          -   - tell: clean the room
              - together:
                  - [{work: 1}]
      - repeat:
          - work: lognormal(mean=1, cv=2)
          - chance: 0.5
            then: [{work: "lognormal(mean=3, cv=2)"}, reply]
            else: []
        until: 0.5
      - reply
  restart the booking system:
    by: programmer
    steps:
      - work: lognormal(mean=20, cv=1)
customers:
  guest:
    arrivals: poisson(rate=24/h)
    tolerance: {desired: 3, adequate: 10}
    journey:
      - ask: check in
"""


def test_a_chain_is_written_as_a_person_would():
    assert to_yaml(read_tree(HOTEL, "hotel.yaml").data) == HOTEL


TRICKY = [
    "yes", "24:00", "1e3", "null", "~", "- a", "-", "a: b", "a:", ":a", "a #b", "#a", "", " ", " a",
    "a ", "a\n", "\na", "a\n\nb\n", "a\nb\n", "a\n b\n", "0x1", "0o7", "1_000", ".5", ".inf",
    "true", "True", "No", "<<", "=", "!a", "&a", "*a", "%a", "@a", "`a", "|", ">", "?", "? a",
    "---", "...", "--- a", "[a]", "{a}", "a, b", "a,b", "[", "}", "'", '"', "\\", "\\n", "it's",
    'say "x"', "\t", "a\tb", "\r", "a\r\nb", "\x00", "\x1b", "\x7f", "\x85", "\xa0", "\u2028",
    "\u2029", "\ufeff", "\ufffe", "😀", "é", "日本", "x" * 500, "x " * 300, "9" * 400, "2026-01-05",
    "lognormal(mean=1, cv=0.7)", "a(", "b)", "a?b", "a:b", "http://x", "12:30:45", "1.2.3",
    "a\x85b\n", "🏨 hotel", "٣", "²", "½", "a\u3000", "\u3000a", "a\xad",
]  # fmt: skip

texts = st.text() | st.sampled_from(TRICKY) | st.text(alphabet="a1-:#,[]{}&*?|>'\"% \n\t\\!~.=e_0x", max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.just(10**308) | st.just(-0.0)
)
keys = texts | st.sampled_from(
    ["actors", "services", "customers", "steps", "journey", "then", "repeat", "shifts", "together"]
)
trees = st.recursive(
    scalars,
    lambda parts: st.lists(parts, max_size=5) | st.dictionaries(keys, parts, max_size=5),
    max_leaves=25,
)


def same(one, other):
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and one == 0:
        return isinstance(other, float) and math.copysign(1, one) == math.copysign(1, other) and other == 0
    return type(one) is type(other) and one == other


@given(st.dictionaries(keys, trees, max_size=5))
@settings(max_examples=200, deadline=None)
@example({})
@example({"a": {}, "b": [], "c": [[]], "d": [{}]})
@example({"x" * 200: {"y" * 200: [{"z" * 200: 1}]}})
@example({"": {"0(": "0)"}})
@example({"actors": [], "services": {"a": [1]}, "customers": {"a": {"journey": {"steps": 3}}}})
def test_what_is_written_is_read_back(data):
    assert same(read_tree(to_yaml(data), "x").data, data)


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_texts_are_read_back_wherever_they_stand(text):
    data = {
        text: text,
        "list": [text],
        "block": [{text: [[[text]]]}],
        "steps": [{text: text, "then": [text]}],
    }
    assert read_tree(to_yaml(data), "x").data == data


@pytest.mark.parametrize("text", ["yes", "No", "on", "24:00", "1_000", "null", "1e3", "~"])
def test_what_older_yaml_would_misread_gets_quotes(text):
    assert to_yaml({"a": text}) == f'a: "{text}"\n'


def test_not_a_number_is_written():
    assert to_yaml({"a": math.nan, "b": -math.inf}) == "a: .nan\nb: -.inf\n"


def test_fifty_levels_are_written_and_no_more():
    def nested(levels):
        value = []
        for _ in range(levels - 2):
            value = [value]
        return {"a": value}

    assert read_tree(to_yaml(nested(50)), "x").data == nested(50)
    with pytest.raises(Mistake, match="deeper than 50"):
        to_yaml(nested(51))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1], "holds a mapping"),
        ({1: 2}, "a key of a chain file is text, got 1"),
        ({"a": object()}, "has no form in a chain file"),
        ({"a": "\ud800"}, "half a character"),
        ({"\ud800": 1}, "half a character"),
        ({"a": 10**309}, "beyond 1.8e308"),
        ({"a": 10**10_000}, "beyond 1.8e308"),
    ],
)
def test_what_no_file_can_hold_is_told(data, words):
    with pytest.raises(Mistake, match=words):
        to_yaml(data)


def test_a_list_that_holds_itself_is_told():
    circle = []
    circle.append(circle)
    with pytest.raises(Mistake, match="deeper than 50"):
        to_yaml({"a": circle})
    with pytest.raises(Mistake, match="cannot be written as JSON"):
        to_json({"a": circle})


def test_json_is_indented_and_keeps_letters():
    assert to_json({"é": [1, None]}) == '{\n  "é": [\n    1,\n    null\n  ]\n}\n'


@given(st.dictionaries(st.text(max_size=80), trees, max_size=4))
@settings(deadline=None)
def test_json_is_read_back_by_another_reader(data):
    try:
        text = to_json(data)
    except Mistake:
        assert "Infinity" in json.dumps(data)
    else:
        assert json.loads(text) == data


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, object()])
def test_what_json_has_no_form_for_is_told(value):
    with pytest.raises(Mistake, match="cannot be written as JSON"):
        to_json({"a": value})


def test_a_file_is_saved_in_utf8_with_the_usual_permissions(tmp_path):
    save("é\n", tmp_path / "a.yaml")
    assert (tmp_path / "a.yaml").read_bytes() == b"\xc3\xa9\n"
    (tmp_path / "b").touch()
    assert (tmp_path / "a.yaml").stat().st_mode == (tmp_path / "b").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b"]


def test_nothing_is_overwritten_unless_told(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("old")
    path.chmod(0o640)
    with pytest.raises(FileProblem, match=r"a\.yaml exists already.*overwrite=True"):
        save("new", path)
    assert path.read_text() == "old"
    save("new", path, overwrite=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_links_are_followed_and_broken_ones_not_overwritten(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save("new", tmp_path / "link", overwrite=True)
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    with pytest.raises(FileProblem, match="exists already"):
        save("new", tmp_path / "broken")


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    for path in (tmp_path / "no" / "a.yaml", "a\0b", tmp_path / ("x" * 5000)):
        with pytest.raises(FileProblem, match="cannot be written"):
            save("new", path)
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(FileProblem, match="no regular file"):
            save("new", path, overwrite=True)
    with pytest.raises(FileProblem, match="half a character"):
        save("\ud800", tmp_path / "a.yaml")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileProblem, match="No space left"):
        save("new", tmp_path / "a.yaml")
    assert os.listdir(tmp_path) == []
