"""The event set: the times at which events are due stand side by side, and the first is looked for in all of them.

Few are pending in most chains, and those all at once are soon looked through. Where they are many, the least of each
group of them is kept, and first looked at. The event scheduled last stays in hand, away from the others, until the
next is scheduled or taken out: a processor that has just written one number must wait before it can read that
together with its neighbours.

Events of one instant go in the order of their kind, and within a kind in that of scheduling; both are one number.
"""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.choosing import choose
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import due_at, event_at, top_at
from servicechain.engines.compiled.least import GROUP, first_place, least, least_with, places_of

_KIND = 44
"""Bits for the order of scheduling."""

_CODE_BITS = 4
_CODES = (1 << _CODE_BITS) - 1

_GROUP_BITS = GROUP.bit_length() - 1
_BYTES = 8
_GROUP_BYTES = GROUP * _BYTES

NO_EVENT, NO_TIME = 0, math.inf
"""The place of an event that is never due."""


@small
def schedule(w: Any, time: float, kind: int, code: int, subject: int) -> int:
    """Let something happen to a subject at a time; give the event, by which it can be called off."""
    _put_down(w)
    event = w.event_free
    if event == NO_EVENT:
        event = _use_another(w)
    else:
        w.event_free = event_at(w, event).what
    e = event_at(w, event)
    e.what = subject << _CODE_BITS | code
    w.seq += 1
    e.order = (kind << _KIND) | w.seq
    w.in_hand = event
    w.in_hand_due = time
    return event


@small
def _put_down(w: Any) -> None:
    """Put the event in hand among the others."""
    event, time = w.in_hand, w.in_hand_due
    due_at(w, event).value = time
    if w.groups > 1:
        top = top_at(w, event >> _GROUP_BITS)
        top.value = _earlier(top.value, time)
    comes_first = _in_hand_comes_first(w)
    w.first = choose(comes_first, event, w.first)
    w.first_due = choose(comes_first, time, w.first_due)


@small
def _in_hand_comes_first(w: Any) -> bool:
    """Tell whether the event in hand comes before all others."""
    time, other = w.in_hand_due, w.first_due
    if time == other:
        return bool(event_at(w, w.in_hand).order < event_at(w, w.first).order)
    return bool(time < other)


@small
def call_off(w: Any, event: int) -> None:
    """Let an event not happen."""
    if event == w.in_hand:
        w.in_hand = NO_EVENT
        w.in_hand_due = NO_TIME
    elif event == w.first:
        _call_off_first(w, event)
    else:
        due_at(w, event).value = NO_TIME
        if w.groups > 1:
            _look_at_group(w, event >> _GROUP_BITS)
    _is_free(w, event)


@rare
def _call_off_first(w: Any, event: int) -> None:
    _take_out_first(w, event)


@small
def _is_free(w: Any, event: int) -> None:
    event_at(w, event).what = w.event_free
    w.event_free = event


@small
def time_of(w: Any, event: int) -> float:
    """Tell when an event is due."""
    return w.in_hand_due if event == w.in_hand else due_at(w, event).value


@small
def code_of(what: int) -> int:
    """Tell what happens at an event."""
    return what & _CODES


@small
def subject_of(what: int) -> int:
    """Tell to whom it happens."""
    return what >> _CODE_BITS


@small
def first_time(w: Any) -> float:
    """Tell when the next event is due; never, if none is pending."""
    return _earlier(w.in_hand_due, w.first_due)


@small
def take_first(w: Any) -> tuple[float, int]:
    """Take the next event out; give when it is due and what happens."""
    time, in_hand = first_time(w), w.in_hand
    takes_in_hand = _in_hand_comes_first(w)
    event = choose(takes_in_hand, in_hand, w.first)
    what = event_at(w, event).what
    w.in_hand = choose(takes_in_hand, NO_EVENT, in_hand)
    w.in_hand_due = choose(takes_in_hand, NO_TIME, w.in_hand_due)
    _take_out_first(w, event)
    _is_free(w, event)
    return time, what


@small
def _take_out_first(w: Any, event: int) -> None:
    """Find the first of those that are left, but for the one in hand, long before it is needed."""
    if w.groups > 1:
        _take_out_of_many(w, event)
        return
    time, places = least_with(w.dues, event, NO_TIME)
    w.first_due = time
    if places & (places - 1) == 0:
        w.first = first_place(places)
    else:
        w.first = NO_EVENT if time == NO_TIME else _first_of_instant(w, 0, places, NO_EVENT)
    due_at(w, event).value = NO_TIME


@rare
def _take_out_of_many(w: Any, event: int) -> None:
    if event != w.first:  # it was in hand
        return
    group = event >> _GROUP_BITS
    least_here, _ = least_with(w.dues + group * _GROUP_BYTES, event & (GROUP - 1), NO_TIME)
    due_at(w, event).value = NO_TIME
    if w.groups > GROUP:
        top_at(w, group).value = least_here
        w.first_due = _time_of_many(w)
        w.first = _first_of_many(w)
        return
    time, groups = least_with(w.tops, group, least_here)
    top_at(w, group).value = least_here
    group = first_place(groups)
    places = places_of(w.dues + group * _GROUP_BYTES, time)
    w.first_due = time
    if (groups & (groups - 1)) | (places & (places - 1)) == 0:
        w.first = group << _GROUP_BITS | first_place(places)
    else:
        w.first = _first_of_many(w)


@rare
def _first_of_many(w: Any) -> int:
    time, found = w.first_due, NO_EVENT
    if time == NO_TIME:
        return found
    for top in range(0, w.groups, GROUP):
        groups = places_of(w.tops + top * _BYTES, time)
        while groups:
            group = top + first_place(groups)
            found = _first_of_instant(w, group, places_of(w.dues + group * _GROUP_BYTES, time), found)
            groups &= groups - 1
    return found


@part
def _time_of_many(w: Any) -> float:
    time = NO_TIME
    for top in range(0, w.groups, GROUP):
        time = _earlier(time, least(w.tops + top * _BYTES))
    return time


@small
def _earlier(one: float, other: float) -> float:
    return choose(one < other, one, other)


@rare
def _first_of_instant(w: Any, group: int, places: int, found: int) -> int:
    """Find the first event of some of a group that are due together, unless one found elsewhere comes before it."""
    while places:
        event = group * GROUP + first_place(places)
        if found == NO_EVENT or event_at(w, event).order < event_at(w, found).order:
            found = event
        places &= places - 1
    return found


# -- groups ------------------------------------------------------------------------------------------------------------


@rare
def _use_another(w: Any) -> int:
    """Use a place that was never used; look at its group from now on."""
    event = w.events_used
    w.events_used += 1
    if event & (GROUP - 1) == 0:
        if w.groups == 1:
            _look_at_group(w, 0)
        w.groups += 1
    return event


@small
def _look_at_group(w: Any, group: int) -> None:
    top_at(w, group).value = least(w.dues + group * _GROUP_BYTES)
