"""Inputs of a model that are not known for certain, each with the range it may lie in.

A range is two numbers, or two texts that are alike but for their numbers: ``("30 s", "90 s")``, or
``("lognormal(mean=1, cv=0.7)", "lognormal(mean=3, cv=0.7)")``, in which the mean goes from 1 to 3. Staff and other
counts stay whole. A point of the unit cube stands for one value of each input, low at 0 and high at 1.

The trap is a whole number made by rounding: the ends of the range would be half as likely as what lies between. So
where every value is to be equally likely, each has an equal part of the unit interval; where inputs go in steps, the
nearest whole number is taken, and the step is known to be what it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.errors import Mistake, shown

Floats = NDArray[np.float64]

WHOLE = frozenset({"staff", "capacity", "population", "times", "at_most", "need", "priority", "batch", "k"})
"""What is counted: the last part of such a path."""

_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Input:
    """One input and its range.

    Attributes
    ----------
    path : str
        As ``--set`` takes it, or any name.
    low, high : float or str
    whole : bool
        Whether only whole numbers make sense.
    """

    path: str
    low: Any
    high: Any
    whole: bool

    @property
    def name(self) -> str:
        """The path without its section: ``programmer.speed``."""
        return self.path.partition(".")[2] or self.path

    @property
    def range(self) -> str:
        """From where to where: ``0.5 to 1.5``, ``lognormal(mean=1 to 3, cv=0.7)``."""
        if not isinstance(self.low, str):
            return f"{self.low:.6g} to {self.high:.6g}"
        return _paired(self.low, self.high, lambda one, other: f"{one} to {other}")

    def near(self, part: float) -> Any:
        """Give the value at a part of the range, the nearest whole one of counts."""
        if isinstance(self.low, str):
            return _between(self.low, self.high, part)
        value = self.low + (self.high - self.low) * part
        return round(value) if self.whole else value

    def likely(self, part: float) -> Any:
        """Give the value at a part of the range, in which all values are equally likely."""
        if not self.whole:
            return self.near(part)
        count = self.high - self.low + 1
        return self.low + min(math.floor(part * count), count - 1)

    def step(self, part: float) -> float:
        """Tell by which part of the range the nearest values lie apart that are `part` apart; for steps up from 0."""
        return float((self.near(part) - self.low) / (self.high - self.low)) if self.whole else part


def inputs_of(written: object, name: Callable[[object], str] = str) -> tuple[Input, ...]:
    """Read the ranges of inputs.

    Parameters
    ----------
    written : mapping
        From paths to (low, high).
    name : callable
        Makes the full path of a short one.

    Raises
    ------
    Mistake
        If there are none, or a range is none.
    """
    if not isinstance(written, Mapping) or not written:
        raise Mistake(
            "inputs go from paths to ranges (low, high), e.g. {'actors.programmer.speed': (0.5, 1.5)}, got "
            f"{shown(written)}"
        )
    found: dict[str, Input] = {}
    for key, ends in written.items():
        path = name(key)
        if path in found:
            raise Mistake(f"the input {shown(path)} is there twice; leave one out")
        found[path] = _input(path, ends)
    return tuple(found.values())


def values_at(inputs: Sequence[Input], part: Sequence[float], *, likely: bool) -> dict[str, Any]:
    """Give the values of all inputs at a point of the unit cube."""
    return {
        each.path: each.likely(at) if likely else each.near(at)
        for each, at in zip(inputs, map(float, part), strict=True)
    }


def _input(path: str, ends: object) -> Input:
    if not isinstance(ends, (list, tuple)) or len(ends) != 2:
        raise Mistake(f"the range of {shown(path)} must be (low, high), got {shown(ends)}")
    low, high = (each.item() if isinstance(each, np.generic) else each for each in ends)
    if isinstance(low, str) and isinstance(high, str):
        return _text_input(path, low, high)
    for end in (low, high):
        if isinstance(end, bool) or not isinstance(end, (int, float)) or not math.isfinite(end):
            raise Mistake(
                f"the range of {shown(path)} must be two numbers, or two texts that differ in their numbers only, got "
                f"{shown(ends)}"
            )
    if not low < high:
        raise Mistake(f"the range of {shown(path)} must go from low to high, got {shown(ends)}; name two values")
    whole = path.rpartition(".")[2] in WHOLE
    if whole and not (float(low).is_integer() and float(high).is_integer()):
        raise Mistake(f"{shown(path)} is a whole number, got {shown(ends)}; write whole numbers")
    return Input(path, int(low) if whole else float(low), int(high) if whole else float(high), whole)


def _text_input(path: str, low: str, high: str) -> Input:
    if _NUMBER.sub("#", low).split() != _NUMBER.sub("#", high).split():
        raise Mistake(
            f"the two texts for {shown(path)} must be alike but for their numbers, so that one can go from one to the "
            f"other, got {shown(low)} and {shown(high)}"
        )
    if [*map(float, _NUMBER.findall(low))] == [*map(float, _NUMBER.findall(high))]:
        raise Mistake(f"the range of {shown(path)} must have two different ends, got {shown(low)} twice")
    return Input(path, low, high, whole=False)


def _between(low: str, high: str, part: float) -> str:
    """Write a text between two that differ in their numbers."""
    return _paired(low, high, lambda one, other: repr(float(one) + (float(other) - float(one)) * part))


def _paired(low: str, high: str, write: Callable[[str, str], str]) -> str:
    """Write for each two numbers that differ what becomes of them; others stay as they were written."""
    numbers = iter(zip(_NUMBER.findall(low), _NUMBER.findall(high), strict=True))

    def number(_: re.Match[str]) -> str:
        one, other = next(numbers)
        return one if float(one) == float(other) else write(one, other)

    return _NUMBER.sub(number, low)
