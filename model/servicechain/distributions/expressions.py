"""Reading texts such as ``lognormal(mean=2m, cv=0.7)`` into a small tree, without ever evaluating anything.

A text is data, so it is read by hand: a tokenizer and a recursive descent, both linear in its length. The
trap is YAML, which ends a value at a comma inside braces: ``lognormal(mean=2`` arrives here without its
end, and the message has to say why. The tree knows nothing of distributions: arrivals are read with it too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, TypeAlias

from servicechain.errors import Mistake, nearest, shown

LONGEST = 1_000_000
DEEPEST = 20

Argument: TypeAlias = "int | float | str | list[Argument] | Call"

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?P<unit>\s*(?:/\s*)?[A-Za-z]+)?
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>"(?:[^"\n]|"")*"|'(?:[^'\n]|'')*')
      | (?P<mark>[()\[\],=])
      | (?P<operator>[-+*/%^])
      | (?P<quote>["'])
      | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Call:
    """A name and what stands in its parentheses.

    Attributes
    ----------
    name : str
        What is called, e.g. ``"lognormal"``.
    positional : tuple
        The arguments without a name, in order. An argument is a number, a text (quoted, or a number with
        a unit such as ``"2m"`` or ``"40/h"``), a list of arguments, or another call.
    named : dict
        The arguments with a name.
    """

    name: str
    positional: tuple[Argument, ...] = ()
    named: dict[str, Argument] = field(default_factory=dict)

    def __str__(self) -> str:
        arguments = [_show(value) for value in self.positional]
        arguments += [f"{name}={_show(value)}" for name, value in self.named.items()]
        return f"{self.name}({', '.join(arguments)})"


class _Token(NamedTuple):
    kind: str
    text: str
    position: int
    value: int | float | str


def read_expression(text: str) -> Argument:
    """Read one expression: a number, a number with a unit, a quoted text, a list, or a call.

    >>> str(read_expression("every(exponential(mean=3m))"))
    "every(exponential(mean='3m'))"
    >>> read_expression("40 / h")
    '40/h'

    Raises
    ------
    Mistake
        If the text is no expression, is longer than 1,000,000 characters, or is nested more than 20 deep.
    """
    if len(text) > LONGEST:
        raise Mistake(
            f"an expression of {len(text)} characters is too long, at most {LONGEST} are read; "
            'put long lists into a file: empirical(file="…", column="…")'
        )
    reader = _Reader(text)
    value = reader.value(0)
    reader.end()
    return value


def bind(call: Call, parameters: Sequence[str], optional: Collection[str] = ()) -> dict[str, Argument]:
    """Give every argument of a call the name of its parameter.

    Parameters
    ----------
    call : Call
        What was read.
    parameters : sequence of str
        The names, in the order in which arguments without a name are taken.
    optional : collection of str
        Those that may be left out.

    Raises
    ------
    Mistake
        If an argument is unknown, given twice, missing or one too many.
    """
    usage = f"{call.name}({', '.join(parameters)})"
    if len(call.positional) > len(parameters):
        given = len(call.positional)
        raise Mistake(f"{call.name} takes no {given} arguments: write {usage}")
    bound = dict(zip(parameters, call.positional, strict=False))
    for name, value in call.named.items():
        if name not in parameters:
            raise Mistake(f"{call.name} has no parameter {shown(name)}{nearest(name, parameters)}")
        if name in bound:
            raise Mistake(f"{call.name} got {name} twice, by its place and by its name: write {usage}")
        bound[name] = value
    missing = [name for name in parameters if name not in bound and name not in optional]
    if missing:
        raise Mistake(f"{call.name} needs {' and '.join(missing)}: write {usage}")
    return bound


def quoted(text: str) -> str:
    """Put quotes round a text so that it reads back as it was; a quote inside is doubled.

    >>> print(quoted("t.csv"), quoted('3" bolts'))
    "t.csv" "3"" bolts"
    """
    return '"' + text.replace('"', '""') + '"'


def _show(value: Argument) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_show(part) for part in value) + "]"
    return str(value) if isinstance(value, Call) else repr(value)


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        value: int | float | str = match[0]
        if kind == "unit":
            kind, value = "number", "".join(match[0].split())
        elif kind == "number":
            digits = match[0]
            value = int(digits) if len(digits) <= 15 and digits.lstrip("+-").isdigit() else float(digits)
        elif kind == "string":
            mark = match[0][0]
            value = match[0][1:-1].replace(2 * mark, mark)
        found.append(_Token(kind, match[0], match.start(), value))
    found.append(_Token("end", "", len(text), ""))
    return found


class _Reader:
    """The recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.token
        self.place += 1
        return token

    def sees(self, mark: str) -> bool:
        return self.token.kind == "mark" and self.token.text == mark

    def value(self, depth: int) -> Argument:
        if depth > DEEPEST:
            raise Mistake(f"{shown(self.text)} is nested more than {DEEPEST} deep; nothing here needs that")
        if self.token.kind in ("number", "string"):
            return self.take().value
        if self.sees("["):
            self.take()
            return self.items(depth)
        if self.token.kind == "name":
            name = self.take().text
            if self.sees("("):
                self.take()
                return self.call(name, depth)
            self.bare_word(name)
        return self.fail("a number, a time such as 2m, or a call such as exponential(mean=3) was expected")

    def items(self, depth: int) -> list[Argument]:
        items: list[Argument] = []
        if not self.sees("]"):
            items.append(self.value(depth + 1))
        while self.sees(","):
            self.take()
            items.append(self.value(depth + 1))
        self.close("]")
        return items

    def call(self, name: str, depth: int) -> Call:
        positional: list[Argument] = []
        named: dict[str, Argument] = {}
        if not self.sees(")"):
            self.argument(positional, named, depth)
        while self.sees(","):
            self.take()
            self.argument(positional, named, depth)
        self.close(")")
        return Call(name, tuple(positional), named)

    def argument(self, positional: list[Argument], named: dict[str, Argument], depth: int) -> None:
        following = self.tokens[self.place + 1] if self.token.kind == "name" else None
        if following is None or following.text != "=":
            if named:
                self.fail("after an argument with a name every one needs its name; write name=value")
            positional.append(self.value(depth + 1))
            return
        name = self.take().text
        self.take()
        if name in named:
            raise Mistake(f"{shown(self.text)} gives {name} twice; each parameter is given once")
        named[name] = self.value(depth + 1)

    def close(self, mark: str) -> None:
        if self.sees(mark):
            self.take()
            return
        self.fail(f"',' or '{mark}' was expected")

    def end(self) -> None:
        if self.token.kind == "end":
            return
        if self.sees(","):
            self.fail("one value was expected; decimals are written with a point, 2.5")
        if self.sees(")") or self.sees("]"):
            self.fail("nothing is open there; take it away or open it before")
        self.fail("the end was expected; one value is one number or one distribution")

    def bare_word(self, name: str) -> NoReturn:
        if name.lower() in ("nan", "inf", "infinity"):
            raise Mistake(f"{shown(self.text)}: numbers must be finite, got {name}; leave out what never ends")
        if self.token.kind == "end" and self.place == 1:
            raise Mistake(f"{shown(name)} is only a name; write its parameters after it, {name}(name=value)")
        self.arithmetic()
        raise Mistake(
            f"{shown(self.text)}: {shown(name)} is neither a number nor a distribution; "
            "put quotes round a text, and parentheses after a distribution's name"
        )

    def arithmetic(self) -> None:
        token = self.token
        signed = token.kind == "number" and token.text[0] in "+-" and self.place > 0
        if token.kind == "operator" or signed:
            raise Mistake(
                f"{shown(self.text)}: nothing is calculated here, but '{token.text[0]}' at character "
                f"{token.position + 1} asks for it; write the result as one number"
            )

    def fail(self, expected: str) -> NoReturn:
        token = self.token
        if token.kind == "end" and self.text.strip():
            raise Mistake(
                f"{shown(self.text)} ends too early, something is still open or missing; "
                "YAML ends a value at a comma inside { } or [ ]: put quotes round the whole distribution"
            )
        if token.kind == "quote":
            raise Mistake(f"{shown(self.text)}: the quote at character {token.position + 1} is never closed")
        self.arithmetic()
        found = shown(token.text) if token.text else "nothing"
        raise Mistake(f"{shown(self.text)}: {found} at character {token.position + 1}, but {expected}")
