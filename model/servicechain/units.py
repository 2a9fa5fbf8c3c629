"""Times and rates as people write them, ``90s``, ``2h``, ``40/h``, and the one unit a chain counts in.

A `Quantity` keeps the unit it was written with, so that a chain reads back as it was written; everything
that computes asks for it `in_unit` of the chain first. A bare number is in the chain's unit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from servicechain.errors import Mistake, nearest, shown


class TimeUnit(StrEnum):
    """The unit of every bare number of a chain."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"

    @property
    def seconds(self) -> int:
        """How many seconds one unit has."""
        return _SECONDS[self]

    @property
    def short(self) -> str:
        """The suffix that means this unit: s, m, h or d."""
        return self.value[0]


_SECONDS = {TimeUnit.SECONDS: 1, TimeUnit.MINUTES: 60, TimeUnit.HOURS: 3600, TimeUnit.DAYS: 86400}

_SUFFIXES = {
    suffix: unit
    for unit, suffixes in {
        TimeUnit.SECONDS: ("s", "sec", "second", "seconds"),
        TimeUnit.MINUTES: ("m", "min", "minute", "minutes"),
        TimeUnit.HOURS: ("h", "hour", "hours"),
        TimeUnit.DAYS: ("d", "day", "days"),
    }.items()
    for suffix in suffixes
}

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TIME = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z]+)?\s*")
_RATE = re.compile(rf"\s*({_NUMBER})\s*(?:/\s*([A-Za-z]+))?\s*")


def plain(number: float) -> str:
    """Write a number as short as it goes without losing a bit.

    >>> plain(8.0), plain(0.1)
    ('8', '0.1')
    """
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(float(number))


def unit_of(suffix: str) -> TimeUnit:
    """Find the unit a suffix means.

    Raises
    ------
    Mistake
        If no unit is called so.
    """
    try:
        return _SUFFIXES[suffix.lower()]
    except KeyError:
        hint = nearest(suffix, ["s", "m", "h", "d", "seconds", "minutes", "hours", "days"])
        raise Mistake(f"no unit of time is called {shown(suffix)}{hint}") from None


def finite(value: object, thing: str) -> float:
    """Take a number that is one: no text, no truth value, not NaN, not infinite.

    Raises
    ------
    Mistake
        If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Mistake(f"{thing} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        raise Mistake(f"{thing} must be a finite number, got one of {len(str(value))} digits") from None
    if not math.isfinite(number):
        raise Mistake(f"{thing} must be a finite number, got {value}; leave it out if it never ends")
    return number


@dataclass(frozen=True, order=False)
class Quantity:
    """A length of time: a number and, unless it is in the chain's own unit, its unit.

    >>> Quantity.parse("90s").in_unit(TimeUnit.MINUTES)
    1.5
    >>> str(Quantity.parse("2 hours")), str(Quantity.parse(3))
    ('2h', '3')
    """

    value: float
    unit: TimeUnit | None = None

    @classmethod
    def parse(cls, written: object, thing: str = "a time") -> Quantity:
        """Read a number, or a text such as ``"90s"``; never negative.

        Raises
        ------
        Mistake
            If it is neither, or negative, or not finite.
        """
        if isinstance(written, Quantity):
            return written
        unit = None
        if isinstance(written, str):
            match = _TIME.fullmatch(written)
            if match is None:
                raise Mistake(f"{thing} must be a number or a time such as 90s or 2h, got {shown(written)}")
            unit = unit_of(match[2]) if match[2] else None
            number = finite(float(match[1]), thing)
        else:
            number = finite(written, thing)
        if number < 0:
            raise Mistake(f"{thing} must not be negative, got {shown(written)}; times count from 0")
        return cls(number, unit)

    def in_unit(self, unit: TimeUnit) -> float:
        """Tell the same time in a unit; a bare number is in it already."""
        return self.value if self.unit is None else convert(self.value, self.unit, unit)

    def written(self) -> float | str:
        """Give back what a file would hold: a bare number, or a text with its unit."""
        if self.unit is None:
            return int(self.value) if self.value == int(self.value) else self.value
        return str(self)

    def __str__(self) -> str:
        return plain(self.value) + (self.unit.short if self.unit else "")


@dataclass(frozen=True)
class Rate:
    """So many per unit of time; a bare number is per unit of the chain.

    >>> Rate.parse("24/h").in_unit(TimeUnit.MINUTES)
    0.4
    """

    value: float
    per: TimeUnit | None = None

    @classmethod
    def parse(cls, written: object, thing: str = "a rate") -> Rate:
        """Read a number, or a text such as ``"40/h"``; never negative.

        Raises
        ------
        Mistake
            If it is neither, or negative, or not finite.
        """
        if isinstance(written, Rate):
            return written
        per = None
        if isinstance(written, str):
            match = _RATE.fullmatch(written)
            if match is None:
                raise Mistake(f"{thing} must be a number per unit of time such as 40/h, got {shown(written)}")
            per = unit_of(match[2]) if match[2] else None
            number = finite(float(match[1]), thing)
        else:
            number = finite(written, thing)
        if number < 0:
            raise Mistake(f"{thing} must not be negative, got {shown(written)}")
        return cls(number, per)

    def in_unit(self, unit: TimeUnit) -> float:
        """Tell how many per one `unit`."""
        return self.value if self.per is None else convert(self.value, unit, self.per)

    def written(self) -> float | str:
        """Give back what a file would hold."""
        if self.per is None:
            return int(self.value) if self.value == int(self.value) else self.value
        return str(self)

    def __str__(self) -> str:
        return plain(self.value) + (f"/{self.per.short}" if self.per else "")


def convert(value: float, source: TimeUnit, target: TimeUnit) -> float:
    """Convert by one multiplication or one division with a whole number, so that 90 s are 1.5 min exactly."""
    if source.seconds >= target.seconds:
        return value * (source.seconds // target.seconds)
    return value / (target.seconds // source.seconds)
