"""The event set: a heap of fours that knows where each event is, so that any can be called off.

Events of one instant go in the order of their kind, and within a kind in that of scheduling; both are one number.
Who takes the first out leaves a hole at the top; most events schedule another, which sinks into it, and saves that
the last is brought up there first.
"""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import event_at, heap_at

_KIND = 44
"""Bits for the order of scheduling."""

_SHIFT = 2
"""The children of a place are four, as a power of two."""

CHILDREN = 1 << _SHIFT

NO_TIME, NO_ORDER = math.inf, (1 << 62) - 1
"""Of a place where no event is."""


@small
def schedule(w: Any, time: float, kind: int, code: int, subject: int) -> int:
    """Let something happen to a subject at a time; give the event, by which it can be called off."""
    event = w.event_free
    e = event_at(w, event)
    w.event_free = e.place
    e.code = code
    e.subject = subject
    w.seq += 1
    order = (kind << _KIND) | w.seq
    _insert(w, time, order, event)
    return event


@part
def _insert(w: Any, time: float, order: int, event: int) -> None:
    if w.hole:
        w.hole = 0
        _sink(w, 0, time, order, event)
        return
    place = w.heap_count
    w.heap_count = place + 1
    _rise(w, place, time, order, event)


@part
def call_off(w: Any, event: int) -> None:
    """Let an event not happen."""
    fill_hole(w)
    e = event_at(w, event)
    _remove(w, e.place)
    e.place = w.event_free
    w.event_free = event


@small
def fill_hole(w: Any) -> None:
    """Bring up who is first now, if nothing was scheduled since the first was taken out."""
    if w.hole:
        w.hole = 0
        _remove(w, 0)


@small
def time_of(w: Any, event: int) -> float:
    """Tell when an event is due."""
    return heap_at(w, event_at(w, event).place).time


@small
def take_first(w: Any) -> int:
    """Take the next event out; there is no hole. Its element is free when the next is scheduled."""
    event = heap_at(w, 0).event
    w.hole = 1
    e = event_at(w, event)
    e.place = w.event_free
    w.event_free = event
    return event


@part
def _remove(w: Any, place: int) -> None:
    last = w.heap_count - 1
    w.heap_count = last
    moved = heap_at(w, last)
    time, order, event = moved.time, moved.order, moved.event
    moved.time = NO_TIME
    moved.order = NO_ORDER
    if place == last:
        return
    if place > 0:
        above = heap_at(w, (place - 1) >> _SHIFT)
        if time < above.time or (time == above.time and order < above.order):
            _rise(w, place, time, order, event)
            return
    _sink(w, place, time, order, event)


@small
def _put(w: Any, place: int, time: float, order: int, event: int) -> None:
    here = heap_at(w, place)
    here.time = time
    here.order = order
    here.event = event
    event_at(w, event).place = place


@small
def _rise(w: Any, place: int, time: float, order: int, event: int) -> None:
    while place > 0:
        higher = (place - 1) >> _SHIFT
        above = heap_at(w, higher)
        # times are seldom equal, so that one comparison mostly tells
        if above.time <= time and (above.time < time or above.order < order):
            break
        _put(w, place, above.time, above.order, above.event)
        place = higher
    _put(w, place, time, order, event)


@small
def _sink(w: Any, place: int, time: float, order: int, event: int) -> None:
    count = w.heap_count
    while True:
        lower = (place << _SHIFT) + 1
        if lower >= count:
            break
        lower = _first_of_four(w, lower)
        below = heap_at(w, lower)
        if time <= below.time and (time < below.time or order < below.order):
            break
        _put(w, place, below.time, below.order, below.event)
        place = lower
    _put(w, place, time, order, event)


@small
def _first_of_four(w: Any, place: int) -> int:
    """Find the first of four that lie side by side; behind the last event never comes."""
    one = _first_of_two(w, place, place + 1)
    other = _first_of_two(w, place + 2, place + 3)
    return _first_of_two(w, one, other)


@small
def _first_of_two(w: Any, place: int, other: int) -> int:
    here, there = heap_at(w, place), heap_at(w, other)
    time, later = here.time, there.time
    if time == later:
        return other if there.order < here.order else place
    # who is first cannot be foretold, so this must not be a branch
    return place + (other - place) * int(later < time)
