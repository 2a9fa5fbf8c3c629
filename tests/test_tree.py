import json
import math
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.errors import ChainError
from servicechain.files.scalars import resolved
from servicechain.files.tree import load_tree, read_tree
from trees import HOTEL, refused_at


def test_a_chain_becomes_plain_data():
    data = read_tree(HOTEL, "hotel.yaml").data
    assert list(data) == ["chain", "unit", "starts", "run", "actors", "services", "customers"]
    assert data["unit"] == "minutes"
    assert data["starts"] == "2026-01-05T00:00"
    assert data["run"] == {"until": "1d", "replications": 20}
    assert data["actors"]["receptionist"] == {"lane": "contact", "staff": 3, "wage": 18.5}
    assert data["services"]["check in"]["steps"] == [
        {"work": "lognormal(mean=2, cv=0.7)"},
        {"chance": 0.1, "then": [{"ask": "fix"}]},
        "reply",
    ]
    assert data["services"]["restart"]["steps"] == [{"work": "lognormal(mean=20, cv=1)"}]
    assert data["customers"]["guest"]["journey"] == [{"ask": "check in"}]


# From the tables of sections 10.2 and 10.3 of YAML 1.2.2, and from the words of YAML 1.1 it dropped.
@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("0", 0),
        ("0o7", 7),
        ("0x3A", 58),
        ("-19", -19),
        ("+12", 12),
        ("010", 10),
        ("0.", 0.0),
        ("-0.0", -0.0),
        (".5", 0.5),
        ("+12e03", 12000.0),
        ("-2E+05", -200000.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("+.INF", math.inf),
    ],
)
def test_plain_words_mean_what_the_core_schema_says(word, value):
    found = read_tree(f"a: {word}\n", "x").data["a"]
    assert found == value
    assert type(found) is type(value)
    assert math.copysign(1, found or 0) == math.copysign(1, value or 0)


def test_not_a_number_is_read():
    assert math.isnan(resolved(".nan"))
    assert math.isnan(resolved(".NaN"))


@pytest.mark.parametrize(
    "word",
    ["yes", "no", "on", "off", "y", "n", "Yes", "24:00", "1_000", "2026-01-05", "2026-01-05T08:30:00", "0b1",
     "0o8", "0xg", "1e", "1.2.3", ".", "-", ".e1", "inf", "nan", "nULL", "tRUE", "-0x1", "+0o7", "12e", "1,5",
     "1.5h", "40/h", "+", "-.", "+.inF", "reply"],
)  # fmt: skip
def test_everything_else_stays_text(word):
    assert resolved(word) == word


@pytest.mark.parametrize("quote", "'\"")
@pytest.mark.parametrize("word", ["1", "null", "true", "~", "", ".inf", "0x1"])
def test_quoted_words_are_text(quote, word):
    assert read_tree(f"a: {quote}{word}{quote}", "x").data == {"a": word}


def test_keys_are_text_as_it_is_written():
    data = read_tree("24: a\ntrue: b\nnull: c\n1e3: d\n'5': e\n? f\n: g\n", "x").data
    assert data == {"24": "a", "true": "b", "null": "c", "1e3": "d", "5": "e", "f": "g"}


def test_a_byte_order_mark_and_a_document_start_are_fine():
    assert read_tree("\ufeff---\r\na: 1\r\nb: 2\r\n", "x").data == {"a": 1, "b": 2}


plain_trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, width=64) | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=80), parts, max_size=4),
    max_leaves=20,
).filter(lambda tree: "Infinity" not in json.dumps(tree))


@given(tree=plain_trees, ascii_only=st.booleans(), indent=st.sampled_from([None, 2, "\t"]))
def test_what_a_json_writer_wrote_is_read_back(tree, ascii_only, indent):
    # Characters a chain file may only hold as escapes, and halves of characters, are told apart elsewhere.
    text = json.dumps(tree, ensure_ascii=True, indent=indent)
    if not ascii_only:
        raw = json.dumps(tree, ensure_ascii=False, indent=indent)
        if all(c.isprintable() or c in "\n\t " for c in raw):
            text = raw
    assert read_tree(text, "x.json").data == tree


def test_json_may_be_indented_by_tabs_and_columns_stay_true():
    text = '\t{"a":\t[1,\t2],\n\t"t\tu":\t"v\tw",\t"b": \'it\ts\'}'
    tree = read_tree(text, "x.json")
    assert tree.data == {"a": [1, 2], "t\tu": "v\tw", "b": "it\ts"}
    assert tree.position(("a", 1)) == (1, 12)
    assert tree.position(("t\tu",)) == (2, 9)


def test_json_writes_rare_characters_in_two_halves():
    assert read_tree(r'{"a": "\ud83d\ude00", "\ud83d\ude00": 1}', "x").data == {"a": "😀", "😀": 1}
    assert "half a character" in refused_at(r'{"a": "\ud83d"}', 1, 7)
    assert "half a character" in refused_at(r'{"\ude00": 1}', 1, 2)


# --- where it stands ------------------------------------------------------------------------------------


def test_positions_are_those_an_editor_shows():
    tree = read_tree(HOTEL, "hotel.yaml")
    assert tree.position(("unit",)) == (2, 7)
    assert tree.position(("unit",), key=True) == (2, 1)
    assert tree.position(("actors", "booking system", "failures", "repair")) == (9, 68)
    assert tree.position(("actors", "booking system", "failures", "repair"), key=True) == (9, 60)
    assert tree.position(("services", "check in", "steps", 1, "chance")) == (16, 17)
    assert tree.position(("services", "check in", "steps", 2)) == (18, 9)
    assert tree.position(("customers", "guest", "journey", 0)) == (25, 7)


def test_what_stands_in_lines_below_its_key_is_where_the_key_is():
    tree = read_tree(HOTEL, "hotel.yaml")
    assert tree.position(("services", "check in")) == (12, 3)
    assert tree.position(("services", "check in", "steps")) == (14, 5)
    assert tree.position(()) == (1, 1)


def test_what_is_missing_is_where_its_nearest_ancestor_is():
    tree = read_tree(HOTEL, "hotel.yaml")
    assert tree.position(("services", "check in", "priority")) == (12, 3)
    assert tree.position(("services", "check in", "steps", 7, "work")) == (14, 5)
    assert tree.position(("chain", "x", 3)) == (1, 8)
    assert tree.position(("nothing",)) == (1, 1)


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("", 1, 1, "nothing"),
        ("# only this\n\n", 1, 1, "nothing"),
        ("a: &x 1", 1, 4, "'&x' is an anchor"),
        ("a:\n  - *x", 2, 5, "'*x' is an alias"),
        ("a: !!str 1", 1, 4, "'!!str' is a tag"),
        ("! a", 1, 1, "'!' is a tag"),
        ("%YAML 1.2\n---\na: 1", 1, 1, "directive"),
        ("a: 1\n---\nb: 2", 2, 1, "second document"),
        ("--- a\n...\nb: 1", 3, 1, "second document"),
        ("a: 1\nb: 2\n'a': 3", 3, 1, "'a' stands here twice, first on line 1"),
        ('{"a": 1,\n "a": 2}', 2, 2, "first on line 1"),
        ("? [a]\n: b", 1, 3, "a list stands in its place"),
        ("{{a: 1}: b}", 1, 2, "a mapping stands in its place"),
        ("a: 1\n<<: {b: 2}", 2, 1, "'<<' merges"),
        (": 1", 1, 1, "a key is missing"),
        ("a: x\x00", 1, 5, "U+0000"),
        ("a: 1\r\n\r\n b\x1b", 3, 3, "U+001B"),
        ("a\rb: \x7f", 2, 4, "U+007F"),
        ("a: x\u2028y", 1, 5, "U+2028"),
        ("a: x\ufeff", 1, 5, "U+FEFF"),
        ("a: x\ud800", 1, 5, "U+D800"),
        ("a: 1e400", 1, 4, "beyond 1.8e308"),
        ("a: " + "9" * 5000, 1, 4, "5000 characters"),
        ("a: 1" + "0" * 309, 1, 4, "310 characters"),
        ("a: 0x" + "f" * 5000, 1, 4, "beyond"),
        ("[" * 51 + "]" * 51, 1, 51, "nested deeper than 50"),
        ("- " * 51 + "a", 1, 101, "nested deeper than 50"),
        ("{a: " * 51 + "1" + "}" * 51, 1, 201, "nested deeper than 50"),
        ("x:\n- " + "[" * 49, 2, 51, "nested deeper than 50"),
    ],
)
def test_what_no_chain_needs_is_refused_where_it_stands(text, line, column, word):
    assert word in refused_at(text, line, column)


def test_fifty_levels_are_read():
    assert read_tree("[" * 50 + "]" * 50, "x").data == read_tree("- " * 49 + "[]", "x").data


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("a:\n\tb: 1", 2, 1, "has a tab"),
        ("a:\n  b: 1\n \tc: 2", 3, 2, "has a tab"),
        ("a: x\n\ty: 1", 2, 1, "has a tab"),
        ("a:\t1", 1, 3, "a tab stands"),
        ("a: b: c", 1, 5, "a second ': '"),
        ("a: [b: c: d]", 1, 9, "a second ': '"),
        ('{"' + "k" * 1100 + '": 1}', 1, 1104, "at most 1024 characters"),
        ("a: - b", 1, 4, "list entry"),
        ("a: ? b", 1, 4, "key '? '"),
        ("a: 1\n- b", 2, 1, "stands among keys"),
        ("a:\n   b: 1\n  c: 2", 3, 3, "indentation"),
        ("a: 1\nb\nc: 2", 2, 1, "neither 'key: value' nor"),
        ("a: @x", 1, 4, "cannot begin with '@'"),
        ("a: 'x", 1, 4, "never closed"),
        ('a: 1\nb: "x\n', 2, 4, "never closed"),
        ('a: "b\n---\n"', 1, 4, "runs into"),
        (r'a: "\q"', 1, 6, "none with 'q'"),
        (r'a: "\u12"', 1, 7, "hexadecimal"),
        (r'a: "\U00110000"', 1, 4, "0010FFFF"),
        (r'a: "\UFFFFFFFF"', 1, 4, "0010FFFF"),
        ("a:\n  - [1, 2", 2, 5, "never closed"),
        ("a: [1,\n 2}", 2, 3, "bracket opened on line 1"),
        ('a: "x" y', 1, 8, "value has ended"),
        ("[a] b", 1, 5, "file should have ended"),
        ("a: |x\n", 1, 5, "after | or >"),
        ("a: | x\n", 1, 6, "after | or >"),
        ("a: ]", 1, 4, "a value is missing"),
        ("[a, , b]", 1, 5, "a value is missing"),
    ],
)
def test_broken_yaml_is_told_in_one_line_with_its_place(text, line, column, word):
    assert word in refused_at(text, line, column)


@pytest.mark.parametrize(
    ("text", "column", "whole"),
    [
        ("{work: lognormal(mean=1, cv=0.7)}", 8, '"lognormal(mean=1, cv=0.7)"'),
        ("- {work: triangular(low=1, mode=2, high=3), x: 1}", 10, '"triangular(low=1, mode=2, high=3)"'),
        ("a: [lognormal(mean=1, cv=0.7)]", 5, '"lognormal(mean=1, cv=0.7)"'),
        ("a: [work: gamma(mean=1, cv=0.7)]", 11, '"gamma(mean=1, cv=0.7)"'),
        ("{arrivals: every(gamma(mean=3, cv=1))}", 12, '"every(gamma(mean=3, cv=1))"'),
        ("{arrivals: at([0, 5])}", 12, '"at([0, 5])"'),
        ("{work: empirical(values=[1, 2])}", 8, '"empirical(values=[1, 2])"'),
        ('{arrivals: at(file="x.csv", column="t")}', 12, '\'at(file="x.csv", column="t")\''),
        ("{work: gamma(mean=1,\n  cv=2)}", 8, "put quotes"),
        ("{work: gamma(mean=1, cv=2", 8, "put quotes"),
    ],
)
def test_a_distribution_without_quotes_in_brackets_is_named(text, column, whole):
    message = refused_at(text, 1, column)
    assert "is cut off" in message
    assert whole in message


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{a: exponential(mean=3), b: 2}", {"a": "exponential(mean=3)", "b": 2}),
        ("{a: ':(', b: ':)'}", {"a": ":(", "b": ":)"}),
        ("[{a: x(}, y)]", [{"a": "x("}, "y)"]),
        (
            "a: gamma(mean=1, cv=2)\nb: gamma(mean=1, cv=2)",
            {"a": "gamma(mean=1, cv=2)", "b": "gamma(mean=1, cv=2)"},
        ),
    ],
)
def test_brackets_that_mean_no_distribution_are_left_alone(text, data):
    assert read_tree(text, "x").data == data


# --- files ----------------------------------------------------------------------------------------------


def load_refusal(path):
    with pytest.raises(ChainError) as caught:
        load_tree(path)
    (problem,) = caught.value.problems
    assert problem.source == str(path)
    return problem


def test_a_file_is_read_and_named_as_the_user_did(tmp_path, monkeypatch):
    (tmp_path / "hotel.yaml").write_text("\ufeff" + HOTEL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    tree = load_tree("./hotel.yaml")
    assert tree.source == "./hotel.yaml"
    assert tree == read_tree(HOTEL, "./hotel.yaml")


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path):
    (tmp_path / "hotel.yaml").write_text(HOTEL)
    (tmp_path / "hotle.txt").write_text("")
    problem = load_refusal(tmp_path / "hotl.yaml")
    assert problem.message == "there is no such file; did you mean 'hotel.yaml'?"
    assert problem.line is None
    assert "no such file" in load_refusal(tmp_path / "no" / "hotel.yaml").message


def test_what_is_no_regular_file_is_refused_unread(tmp_path):
    assert "folder" in load_refusal(tmp_path).message
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "no regular file" in load_refusal(tmp_path / "pipe.yaml").message
    assert "no regular file" in load_refusal("/dev/zero").message
    assert "cannot be read" in load_refusal("a\0b").message
    assert "cannot be read" in load_refusal("x" * 5000).message


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be read by root")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    (tmp_path / "hotel.yaml").write_text(HOTEL)
    (tmp_path / "hotel.yaml").chmod(0)
    assert "permission denied" in load_refusal(tmp_path / "hotel.yaml").message


def test_a_file_over_a_megabyte_is_refused_unread(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"\xff" * 1_000_001)
    assert "1000001 bytes" in load_refusal(path).message
    path.write_bytes(b"# " + b"x" * 999_990 + b"\na: 1\n")
    assert load_tree(path).data == {"a": 1}


def test_what_is_not_utf8_is_refused_where_it_stands(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("\ufeffa: é\nb: ".encode() + "é\n".encode("latin-1"))
    problem = load_refusal(path)
    assert (problem.line, problem.column) == (2, 4)
    assert "0xe9 is not UTF-8" in problem.message
    path.write_bytes("a: 1".encode("utf-16"))
    assert (load_refusal(path).line, load_refusal(path).column) == (1, 1)


# --- time -----------------------------------------------------------------------------------------------
