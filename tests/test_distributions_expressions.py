import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.distributions.expressions import Call, bind, quoted, read_expression
from servicechain.errors import Mistake


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("3", 3),
        ("+2.50", 2.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2 h", "2h"),
        ("40 / h", "40/h"),
        ("'a, b'", "a, b"),
        ('"3"" bolts"', '3" bolts'),
        ("[]", []),
        ("[1, 2m, 'x']", [1, "2m", "x"]),
        ("f()", Call("f")),
        ("f (1, x = 2)", Call("f", (1,), {"x": 2})),
        ("every(exponential(mean=3))", Call("every", (Call("exponential", (), {"mean": 3}),))),
        ('at(file="t.csv", column="minutes")', Call("at", (), {"file": "t.csv", "column": "minutes"})),
    ],
)
def test_reads(text, tree):
    assert read_expression(text) == tree


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2+3", ["calculated", "'+' at character 2", "one number"]),
        ("2 - 3", ["calculated"]),
        ("f(2*3)", ["calculated", "'*'"]),
        ("1/3", ["calculated", "'/'"]),
        ("f(a+b)", ["calculated"]),
        ("f(1)^2", ["calculated"]),
        ("exponential(3", ["too early", "YAML", "comma", "quotes round the whole distribution"]),
        ("lognormal(mean=2,", ["YAML", "quotes"]),
        ("empirical(values=[1", ["YAML", "quotes"]),
        ("f(1))", ["')' at character 5", "nothing is open"]),
        ("f(1]", ["']'", "',' or ')' was expected"]),
        ("2,5", ["decimals are written with a point"]),
        ("2m 3m", ["the end was expected"]),
        ("f(mean=1, mean=2)", ["mean twice"]),
        ("f(mean=1, 2)", ["every one needs its name"]),
        ("f(1,)", ["')'", "a number"]),
        ("f(,1)", ["','", "a number"]),
        ("exponential", ["only a name", "exponential(name=value)"]),
        ("f(mean=two)", ["'two'", "neither a number nor a distribution", "quotes"]),
        ("f(inf)", ["finite"]),
        ("NaN", ["finite"]),
        ("f('x)", ["quote at character 3", "never closed"]),
        ("f(1; 2)", ["';' at character 4"]),
        ("", ["nothing", "a number"]),
        ("f(" * 30 + ")" * 30, ["20 deep"]),
        ("[" * 30, ["20 deep"]),
        ("1" * 1_000_001, ["too long", "1000000", "file"]),
    ],
)
def test_mistakes_teach(text, says):
    with pytest.raises(Mistake) as caught:
        read_expression(text)
    assert [part for part in says if part not in str(caught.value)] == []


@given(st.text(alphabet="f a1.e+-*/()[]=,\"'\n\t_²٣", max_size=40) | st.text(max_size=20))
def test_nothing_but_a_mistake_is_raised(text):
    with contextlib.suppress(Mistake):
        read_expression(text)


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize(
    "unit", ["(", "[", " ", '"', "'", "1", "1 ", "e", "1e", '""', "f(", ",", "1 /", ".", "-", "f=", "²"]
)
def test_linear_time(unit):
    text = unit * (100_000 // len(unit))
    begin = time.process_time()
    with contextlib.suppress(Mistake):
        read_expression(text)
    # About 0.1 s; a quadratic reader takes minutes.
    assert time.process_time() - begin < 3


def test_long_lists_are_read():
    numbers = [i / 7 for i in range(4500)]
    assert read_expression(f"empirical(values={numbers})").named["values"] == numbers


@given(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])))
def test_quoted_reads_back(text):
    assert read_expression(quoted(text)) == text


def test_a_call_shows_itself():
    text = "every(exponential(mean='3m'), [1, 'x'])"
    assert str(read_expression(text)) == text


class TestBind:
    def test_by_place_and_by_name(self):
        assert bind(Call("f", (1,), {"y": 2}), ("x", "y")) == {"x": 1, "y": 2}
        assert bind(Call("f", (1,)), ("x", "y"), optional=["y"]) == {"x": 1}

    @pytest.mark.parametrize(
        ("call", "says"),
        [
            (Call("f", (1, 2, 3)), ["no 3 arguments", "f(low, high)"]),
            (Call("f", (1,), {"low": 2}), ["low twice", "f(low, high)"]),
            (Call("f", (), {"hihg": 2}), ["no parameter 'hihg'", "did you mean 'high'?"]),
            (Call("f", (1,)), ["needs high", "f(low, high)"]),
            (Call("f"), ["needs low and high"]),
        ],
    )
    def test_mistakes_teach(self, call, says):
        with pytest.raises(Mistake) as caught:
            bind(call, ("low", "high"))
        assert [part for part in says if part not in str(caught.value)] == []
