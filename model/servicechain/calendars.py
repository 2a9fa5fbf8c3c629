"""Calendars: how many are on duty, by the clock, week after week.

Shifts become one number over time: those at the same time add up, those that meet change nothing, outside all of
them it is 0. The trap is to look for the place in the week by the remainder of a division: in hours, a third of
one is not quite 20 minutes, so that a change would be found twice, or never. Here a change has one time, always
computed in the same way, and all else compares with it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from servicechain.errors import Mistake
from servicechain.shifts import DAY, Shift
from servicechain.units import TimeUnit, convert

WEEK = 7 * DAY
_MICRO = 10**6
_TELLABLE = 2.0**53
"""Seconds (285 million years) from which on a float cannot tell one from the next."""


@dataclass(frozen=True)
class Calendar:
    """How many are on duty at any time, the same every week.

    Change `k` of week `r` (both from 0, weeks counted from the clock's zero) happens at
    ``convert(r * 604800 + moments[k], TimeUnit.SECONDS, unit)``: the seconds are added up first, without
    rounding (whole numbers below 2**53, unless the clock starts within a second), then divided once. Whoever
    needs the time of a change computes it like this, and gets the same bits.

    Attributes
    ----------
    moments : tuple of float
        When the number changes: seconds since the clock's zero, from 0 to below 604800, rising. One alone, at
        0, if it never changes; else at least two.
    staff : tuple of int
        How many are on duty from each of the moments to the next; the last also before the first.
    unit : TimeUnit
        Of all times that go in and come out.
    """

    moments: tuple[float, ...]
    staff: tuple[int, ...]
    unit: TimeUnit

    @classmethod
    def of(cls, shifts: Iterable[Shift], starts: datetime | None, unit: TimeUnit) -> Calendar:
        """Add up shifts.

        Parameters
        ----------
        shifts : iterable of Shift
        starts : datetime or None
            The clock's zero; if None, a Monday at 00:00.
        unit : TimeUnit
            Of the times of this calendar.
        """
        level, changes = _changes(shifts, _into_week(starts))
        moments, staff = [], []
        for moment in sorted(changes):
            if changes[moment]:
                level += changes[moment]
                moments.append(moment / _MICRO)
                staff.append(level)
        return cls(tuple(moments), tuple(staff), unit) if moments else cls((0.0,), (level,), unit)

    @property
    def constant(self) -> bool:
        """Whether the number never changes."""
        return len(self.staff) == 1

    @property
    def peak(self) -> int:
        """The most that are ever on duty."""
        return max(self.staff)

    @property
    def lowest(self) -> int:
        """The fewest that are ever on duty."""
        return min(self.staff)

    @property
    def weekly_mean(self) -> float:
        """The mean number on duty over a week."""
        ends = (*self.moments[1:], self.moments[0] + WEEK)
        spans = zip(self.staff, self.moments, ends, strict=True)
        return math.fsum(staff * (end - start) for staff, start, end in spans) / WEEK

    def on_duty_at(self, time: float) -> int:
        """Tell how many are on duty at a time; at a change, those after it."""
        return self.staff[self._latest(time) % len(self.staff)]

    def next_change(self, time: float) -> tuple[float, int] | None:
        """Tell when the number changes next, and to what.

        Parameters
        ----------
        time : float
            The first change after it is meant, never one at this very time.

        Returns
        -------
        tuple of float and int, or None
            The time, and how many are on duty from then on; None if that never changes (or only when the clock
            has long lost the single seconds, after 2**53 of them).
        """
        if self.constant or not self._tellable(time):
            return None
        number = self._latest(time) + 1
        return self._time_of(number), self.staff[number % len(self.staff)]

    def mean(self, start: float, end: float) -> float:
        """Give the mean number on duty from one time to another, by the lengths of the stretches in between.

        Raises
        ------
        Mistake
            If `end` is before `start`.
        """
        if end < start:
            raise Mistake(f"the end of a stretch of time must not be before its start, got {start:g} and {end:g}")
        first = self.on_duty_at(start)
        if self.constant or start == end:
            return float(first)
        if not self._tellable(end):
            return self.weekly_mean
        week = convert(WEEK, TimeUnit.SECONDS, self.unit)
        weeks = (end - start) // week
        last = end - weeks * week
        # as a difference from the first number, which leaves that exact where nothing changes
        parts = [weeks * week * (self.weekly_mean - first)]
        change = self.next_change(start)
        while change is not None and change[0] < last:
            now, staff = change
            change = self.next_change(now)
            until = last if change is None else min(change[0], last)
            parts.append((staff - first) * (until - now))
        return first + math.fsum(parts) / (end - start)

    def _tellable(self, time: float) -> bool:
        return abs(time) * self.unit.seconds < _TELLABLE

    def _time_of(self, number: int) -> float:
        """Compute when a change happens, the changes counted through from the clock's zero."""
        week, place = divmod(number, len(self.moments))
        return float(convert(week * WEEK + self.moments[place], TimeUnit.SECONDS, self.unit))

    def _latest(self, time: float) -> int:
        """Count to the latest change that is not after a time (where no clock tells, not after 0)."""
        if not self._tellable(time):
            time = 0.0
        seconds = time * self.unit.seconds
        week = math.floor(seconds / WEEK)
        number = week * len(self.moments) + bisect_right(self.moments, seconds - week * WEEK) - 1
        while self._time_of(number) > time:
            number -= 1
        while self._time_of(number + 1) <= time:
            number += 1
        return number


def _into_week(starts: datetime | None) -> int:
    """Count the microseconds from Monday at 00:00 to the clock's zero."""
    if starts is None:
        return 0
    seconds = starts.weekday() * DAY + starts.hour * 3600 + starts.minute * 60 + starts.second
    return seconds * _MICRO + starts.microsecond


def _changes(shifts: Iterable[Shift], zero: int) -> tuple[int, dict[int, int]]:
    """Give who is on duty just before the clock's zero, and by how many that changes at each moment of a week.

    Moments are microseconds since the clock's zero, so that adding them up is exact.
    """
    week = WEEK * _MICRO
    before = 0
    changes: dict[int, int] = defaultdict(int)
    for shift in shifts:
        for day in shift.weekdays:
            begins = ((day * DAY + shift.begins) * _MICRO - zero) % week
            ends = begins + shift.lasts * _MICRO
            before += shift.staff * (ends >= week)
            changes[begins] += shift.staff
            changes[ends % week] -= shift.staff
    return before, changes
