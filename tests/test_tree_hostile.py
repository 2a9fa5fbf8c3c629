import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.errors import ChainError, ServiceChainError
from servicechain.files.tree import load_tree, read_tree
from trees import HOTEL, refusal


def seconds(text):
    start = time.process_time()
    with suppress(ChainError):
        read_tree(text, "x")
    return time.process_time() - start


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "[{" * 100_000, "- " * 100_000, "!" * 1_000_000])
def test_deep_brackets_are_refused_at_once(text):
    assert seconds(text) < 0.1


@pytest.mark.theory  # long files
def test_a_hundred_kilobytes_are_read_within_a_second():
    services = HOTEL.partition("services:\n")[2].partition("\ncustomers")[0]
    many = "".join(services.replace("check in:", f"c {i}:").replace("restart:", f"r {i}:") for i in range(450))
    text = HOTEL.replace("services:\n", "services:\n" + many)
    assert 100_000 < len(text) < 110_000
    assert read_tree(text, "x").data["services"]["c 409"]["steps"][2] == "reply"
    assert seconds(text) < 1


# Each of these took long for its own reason: look-ahead, characters, lines, values, open brackets.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        ("", " ", ""),
        ("", ":", ""),
        ("", "-", ""),
        ("", "#", ""),
        ("", '"', ""),
        ("", "'", ""),
        ("", "|", ""),
        ("", "\n", ""),
        ("", "? ", ""),
        ("", '"a\n', ""),
        ("", "a\n", ""),
        ("a: '", "\n", ""),
        ("{\t", '"\\', ""),
        ("{\t", '\\"', ""),
        ("[" * 49, "[],", "]" * 49),
        ("a: &a [x, x]\n", "b: &b [*a, *a]\n", ""),
        ("", "9", ""),
        ("0.", "9", ""),
    ],
)
def test_a_hostile_megabyte_is_answered_in_seconds(start, repeated, end):
    count = (1_000_000 - len(start) - len(end)) // len(repeated)
    assert seconds(start + repeated * count + end) < 6


@pytest.mark.slow
def test_more_values_than_a_chain_has_are_refused():
    assert "100000 keys and values" in refusal("[" + "1," * 100_001 + "]").message


# --- anything at all ------------------------------------------------------------------------------------


def read_or_refuse(text):
    refused = None
    try:
        tree = read_tree(text, "x")
    except ServiceChainError as error:
        refused = error
    if refused is None:
        assert tree.position(()) >= (1, 1)
        return
    assert type(refused) is ChainError
    (problem,) = refused.problems
    lines = re.split("\r\n|\r|\n", text)
    assert 1 <= problem.line <= len(lines)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    str(refused).encode()


@given(st.text(alphabet=st.sampled_from("[]{}:,-?!&*#|>'\"%@` \t\n\r\\abuUx09.~<()é\ufeff\x85"), max_size=60))
@settings(max_examples=300)
@pytest.mark.theory  # many random texts
def test_any_text_is_read_or_refused(text):
    read_or_refuse(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    with suppress(ChainError):
        load_tree(path)


@st.composite
def damaged(draw):
    text = HOTEL
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text) - 1))
        kind = draw(st.sampled_from(["delete", "insert", "replace", "swap"]))
        if kind == "swap":
            lines = text.splitlines(keepends=True)
            other = draw(st.integers(0, len(lines) - 1))
            one = place % len(lines)
            lines[one], lines[other] = lines[other], lines[one]
            text = "".join(lines)
        else:
            new = "" if kind == "delete" else draw(st.sampled_from(list("[]{}:,-?!&*#|>'\"%@ \t\n\\()a0\x00")))
            text = text[:place] + new + text[place + (kind != "insert") :]
    return text


@given(damaged())
@settings(max_examples=200)
def test_a_damaged_chain_is_read_or_refused(text):
    read_or_refuse(text)
