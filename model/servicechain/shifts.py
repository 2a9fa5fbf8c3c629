"""Shifts: on which days, from when to when, how many are on duty.

An entry says what one would write on the wall. Several add up. The trap is YAML, some dialects of which read a
bare ``8:00`` as the number 480: a number is refused, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from servicechain import patterns
from servicechain.base import Part, check_whole, wrong
from servicechain.errors import Mistake, nearest, shown

DAY = 86400
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How days are written, from Monday to Sunday."""

_FULL = dict(
    zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), DAYS, strict=True),
)
_DASH = re.compile(r"\s*[-–]\s*")
_CLOCK = re.compile(r"\s*(\d{1,2}):([0-5]\d)(?::([0-5]\d))?\s*", re.ASCII)


def check_days(value: object) -> str | tuple[str, ...]:
    """Take days, and write them in lower case with three letters each.

    >>> check_days("Monday-Fri"), check_days(["sat", "sun"])
    ('mon-fri', ('sat', 'sun'))

    Raises
    ------
    Mistake
        If it is neither a text nor a list.
    ChainError
        If an entry of a list names no days, with its place in the list.
    """
    if isinstance(value, str):
        return _check_some_days(value)
    if isinstance(value, Sequence):
        if not value:
            raise Mistake("'days' is an empty list; name the days, e.g. [sat, sun], or write daily")
        return tuple(_check_entry(entry, place) for place, entry in enumerate(value))
    raise Mistake(f"'days' must be daily, a day such as mon, days such as mon-fri or a list, got {shown(value)}")


def _check_entry(entry: object, place: int) -> str:
    try:
        return _check_some_days(entry)
    except Mistake as mistake:
        raise wrong(str(mistake), place) from None


def _check_some_days(value: object) -> str:
    if not isinstance(value, str):
        raise Mistake(f"'days' holds {shown(value)}, which is no day; days are {', '.join(DAYS)}")
    if value.strip().lower() == "daily":
        return "daily"
    if "," in value:
        raise Mistake(f"'days' is one text, {shown(value)}; write several as a list, e.g. [mon-wed, fri]")
    ends = _DASH.split(value.strip().lower())
    if len(ends) > 2:
        raise Mistake(f"'days' must name a first and a last day, e.g. mon-fri, got {shown(value)}")
    return "-".join(_check_day(end, value) for end in ends)


def _check_day(word: str, written: str) -> str:
    day = _FULL.get(word, word)
    if day in DAYS:
        return day
    hint = nearest(word, [*DAYS, *_FULL, *(["daily"] if word == written.strip().lower() else [])])
    if "mean" not in hint:
        hint = f"; days are {', '.join(DAYS)}, all of them daily"
    inside = "" if word == written.strip().lower() else f" (in {shown(written)})"
    raise Mistake(f"no day is called {shown(word)}{inside}{hint}")


def check_clock(value: object, key: str) -> str:
    """Take a time of day, and write it as ``HH:MM``, with seconds only where there are some.

    >>> check_clock("8:00", "from"), check_clock("24:00", "to")
    ('08:00', '24:00')

    Raises
    ------
    Mistake
        If it is none; a day begins at 00:00, and only ends at 24:00.
    """
    if not isinstance(value, str):
        raise Mistake(f"'{key}' must be a time of day in quotes{_such_as(value)}, got {shown(value)}")
    match = _CLOCK.fullmatch(value)
    if match is None or seconds_of(value) > DAY:
        raise Mistake(f"'{key}' must be a time of day from 00:00 to 24:00, such as \"08:00\", got {shown(value)}")
    if key == "from" and seconds_of(value) == DAY:
        raise Mistake(f"'from' must be before 24:00, got {shown(value)}; write \"00:00\" and the day after")
    hours, minutes, seconds = match.groups()
    return f"{int(hours):02}:{minutes}" + (f":{seconds}" if int(seconds or 0) else "")


def _such_as(value: object) -> str:
    """Guess which time of day a number was: a bare 8, or 8:00 read as 480."""
    minutes = -1
    if isinstance(value, int) and not isinstance(value, bool):
        minutes = value * 60 if value <= 24 else value
    return f': write "{minutes // 60:02}:{minutes % 60:02}"' if 0 <= minutes <= 1440 else ', such as "08:00"'


def seconds_of(clock: str) -> int:
    """Count the seconds from midnight to a time of day.

    >>> seconds_of("08:30")
    30600
    """
    parts = [int(part) for part in clock.split(":")]
    return sum(part * size for part, size in zip(parts, (3600, 60, 1), strict=False))


def check_staff(value: object) -> int:
    """Take how many are on duty: whole, and never unlimited, because shifts add up."""
    if value == "unlimited":
        raise Mistake(
            "the 'staff' of a shift is a whole number, got 'unlimited': shifts add up; "
            "who has no limit needs no shifts, write staff: unlimited on the actor"
        )
    return check_whole(value, "the 'staff' of a shift")


Days = Annotated[str | tuple[str, ...], BeforeValidator(check_days), WithJsonSchema(patterns.DAYS)]
Begin = Annotated[str, BeforeValidator(lambda value: check_clock(value, "from")), WithJsonSchema(patterns.CLOCK)]
End = Annotated[str, BeforeValidator(lambda value: check_clock(value, "to")), WithJsonSchema(patterns.CLOCK)]
Staff = Annotated[int, BeforeValidator(check_staff), WithJsonSchema({"type": "integer", "minimum": 0})]


class Shift(Part):
    """So many on duty, on some days, from a time of day to another.

    Attributes
    ----------
    days : str or tuple of str
        daily, a day such as mon, days such as mon-fri, or a list of these. Those on which the shift begins.
    start : str
        The time of day at which it begins, e.g. "08:00".
    end : str
        The time of day at which it ends, up to "24:00"; where it is not after the beginning, on the next day.
    staff : int
        How many are on duty. Shifts at the same time add up.
    """

    days: Days
    start: Begin = Field(alias="from")
    end: End = Field(alias="to")
    staff: Staff

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days on which it begins, Monday is 0; each once, in order."""
        entries = (self.days,) if isinstance(self.days, str) else self.days
        return tuple(sorted({day for entry in entries for day in _weekdays(entry)}))

    @property
    def begins(self) -> int:
        """Seconds from midnight to its beginning."""
        return seconds_of(self.start)

    @property
    def lasts(self) -> int:
        """Its length in seconds, above 0 and at most a day."""
        length = seconds_of(self.end) - self.begins
        return length if length > 0 else length + DAY


def _weekdays(entry: str) -> list[int]:
    if entry == "daily":
        return list(range(7))
    ends = [DAYS.index(day) for day in entry.split("-")]
    return [(ends[0] + passed) % 7 for passed in range((ends[-1] - ends[0]) % 7 + 1)]
