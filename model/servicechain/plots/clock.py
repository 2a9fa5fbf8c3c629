"""The time axis: clock times for a day, days for a week, dates for longer; plain numbers below an hour."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from servicechain.plots.words import ROUND, TICKS, width_in_points
from servicechain.timeline import Floats, Timeline

_HOUR, _DAY = 3600, 86400
_STEPS = (
    *(60 * minutes for minutes in (5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28)),
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONDAY = datetime(2024, 1, 1)
_LONG = 60 * _DAY


def set_clock(ax: Axes, timeline: Timeline, note: str = "") -> float:
    """Give the x axis of a timeline its ticks and its label.

    Parameters
    ----------
    ax : Axes
        Whose x is time in the chain's unit.
    timeline : Timeline
    note : str
        What else the label says.

    Returns
    -------
    float
        How far ticks and label reach down, in points.
    """
    end, unit = float(timeline.edges[-1]), timeline.unit
    ax.set_xlim(0.0, end)
    seconds = end * unit.seconds
    most = max(2, int(width_in_points(ax) // TICKS))
    if not _HOUR <= seconds <= 40 * 365 * _DAY:
        ax.xaxis.set_major_locator(MaxNLocator(most, steps=ROUND))
        ax.set_xlabel(f"time ({unit}){note}")
        return 42.0
    starts = timeline.starts or _MONDAY
    midnight = starts.replace(hour=0, minute=0, second=0, microsecond=0)
    into_day = (starts - midnight).total_seconds()
    step = step_for(seconds, most)
    first = math.ceil(into_day / step) * step - into_day
    ticks = [first + number * step for number in range(int((seconds - first) // step) + 1)]
    clock = step < _DAY
    dated = timeline.starts is not None
    labels = [said(starts + timedelta(seconds=tick), clock, dated, midnight, seconds) for tick in ticks]
    ax.set_xticks([tick / unit.seconds for tick in ticks], labels)
    ax.set_xlabel(("time of day (hours:minutes)" if clock else "day (from 00:00)") + note)
    return 42.0 + 11.0 * max(label.count("\n") for label in labels)


def step_for(seconds: float, most: int) -> float:
    """Give the shortest step between ticks of which there are not too many; days once it is over two of them."""
    least = max(seconds / most, _DAY if seconds > 2 * _DAY else 0)
    found = next((step for step in _STEPS if step >= least), None)
    return found if found is not None else math.ceil(least / (28 * _DAY)) * 28 * _DAY


def said(moment: datetime, clock: bool, dated: bool, midnight: datetime, seconds: float) -> str:
    """Write a moment on the axis."""
    if clock:
        return f"{moment:%H:%M}"
    if dated:
        day = f"{moment.day} {_MONTHS[moment.month - 1]}"
        return f"{day}\n{moment.year}" if seconds > _LONG else f"{_WEEKDAYS[moment.weekday()]}\n{day}"
    passed = (moment - midnight).days
    return f"day {passed + 1}" if seconds > 14 * _DAY else _WEEKDAYS[moment.weekday()]


def moment(timeline: Timeline, time: float) -> str:
    """Write one time of a timeline in words, for a headline."""
    seconds = float(timeline.edges[-1]) * timeline.unit.seconds
    if not _HOUR <= seconds <= 40 * 365 * _DAY:
        return f"{time:.3g} {timeline.unit}"
    starts = timeline.starts or _MONDAY
    # half a second up, or 8:59:59.9999 would be a minute too early
    at = starts + timedelta(seconds=time * timeline.unit.seconds + 0.5)
    if seconds <= _DAY:
        return f"{at:%H:%M}"
    midnight = starts.replace(hour=0, minute=0, second=0, microsecond=0)
    day = said(at, False, timeline.starts is not None, midnight, seconds).replace("\n", " ")
    return f"{day} {at:%H:%M}"


def interval(timeline: Timeline, start: float, end: float) -> str:
    """Write a stretch of a timeline in words, the day only once."""
    one, other = moment(timeline, start), moment(timeline, end)
    day = one.rpartition(" ")[0]
    return f"{one} to {other.removeprefix(day + ' ') if day else other}"


def centres(edges: Floats) -> Floats:
    """Give the middle of each bucket."""
    return (edges[:-1] + edges[1:]) / 2


def lasting(timeline: Timeline) -> str:
    """Write how long a bucket lasts, e.g. ``15 minutes``."""
    seconds = float(timeline.edges[1]) * timeline.unit.seconds
    for name, size in (("day", _DAY), ("hour", _HOUR), ("minute", 60)):
        if seconds >= size * 0.999999:
            count = seconds / size
            return f"{count:.3g} {name}" + ("" if math.isclose(count, 1) else "s")
    return f"{seconds:.3g} seconds"
