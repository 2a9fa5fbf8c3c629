"""From what a chain writes, ``2``, ``90s``, ``lognormal(mean=2m, cv=0.7)``, to a distribution."""

from __future__ import annotations

from typing import Final

from servicechain.distributions.base import Distribution, time
from servicechain.distributions.continuous import (
    Erlang,
    Exponential,
    Gamma,
    HyperExponential,
    LogNormal,
    Pert,
    Triangular,
    Uniform,
    Weibull,
)
from servicechain.distributions.expressions import Call, bind, read_expression
from servicechain.distributions.finite import Constant, Discrete, Empirical, EmpiricalFile
from servicechain.errors import Mistake, nearest, shown
from servicechain.units import Quantity

FAMILIES: Final[dict[str, type[Distribution]]] = {
    family.family: family
    for family in (
        Constant,
        Exponential,
        LogNormal,
        Gamma,
        Erlang,
        Weibull,
        Uniform,
        Triangular,
        Pert,
        HyperExponential,
        Empirical,
        Discrete,
    )
}


def parse_distribution(written: object, thing: str = "a duration") -> Distribution:
    """Read what a chain writes for a time or a number that may vary.

    Parameters
    ----------
    written : object
        A number, a text such as ``"90s"`` or ``"exponential(mean=8)"``, or a distribution.
    thing : str
        What it is, for the messages.

    Raises
    ------
    Mistake
        If it is anything else, or a parameter breaks a rule.

    >>> parse_distribution("lognormal(2m, 0.7)")
    lognormal(mean=2m, cv=0.7)
    """
    if isinstance(written, Distribution):
        return written
    if isinstance(written, str):
        if not written.strip():
            raise Mistake(f"{thing} is empty; write a number, a time such as 2m, or exponential(mean=3)")
        read = read_expression(written)
        return distribution_of(read) if isinstance(read, Call) else Constant(_constant(read, thing))
    return Constant(_constant(written, thing))


def distribution_of(call: Call) -> Distribution:
    """Make the distribution a call means.

    Raises
    ------
    Mistake
        If no family is called so, or its parameters break a rule.
    """
    family = FAMILIES.get(call.name)
    if family is None:
        raise Mistake(f"no distribution is called {shown(call.name)}{nearest(call.name, FAMILIES)}")
    if family is Empirical and not {"file", "column"}.isdisjoint(call.named):
        if "values" in call.named or call.positional:
            raise Mistake("empirical takes either values, or file and column by name; leave one of the two out")
        family = EmpiricalFile
    return family(**bind(call, family.parameters))


def _constant(written: object, thing: str) -> Quantity:
    if isinstance(written, (list, tuple, dict)) or written is None:
        raise Mistake(
            f"{thing} must be a number, a time such as 90s, or a distribution such as exponential(mean=3); "
            f"got {shown(written)}"
        )
    return time(written, thing)


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


def _duration_pattern() -> str:
    number = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    units = "|".join(
        _any_case(word) for word in ("seconds?", "sec", "s", "minutes?", "min", "m", "hours?", "h", "days?", "d")
    )
    length = rf"{number}(?:\s*(?:{units}))?"
    text = r"""(?:"(?:[^"\n]|"")*"|'(?:[^'\n]|'')*')"""
    item = rf"\s*{length}\s*"
    value = rf"(?:{length}|{text}|\[{item}(?:,{item})*\])"
    argument = rf"\s*(?:[a-z_]+\s*=\s*)?{value}\s*"
    return rf"^\s*(?:{length}|(?:{'|'.join(FAMILIES)})\s*\({argument}(?:,{argument})*\))\s*$"


DURATION_PATTERN: Final = _duration_pattern()
"""What a text must look like to be read here, for JSON Schema (ECMA-262); ranges are checked on reading."""
