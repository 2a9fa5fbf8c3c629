"""Staff by the clock: one change after the other, each at a time computed as `servicechain.calendars` says."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.disruptions import staff_changes
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.layout import SHIFT, STAFF, actor_at, number, word

WEEK_SECONDS = 604800.0
TELLABLE = 2.0**53
"""Seconds from which on a float cannot tell one from the next: then nothing changes any more."""


@small
def _time_of(w: Any, actor: int, change: int) -> float:
    a = actor_at(w, actor)
    week = change // a.changes
    return (week * WEEK_SECONDS + number(w.moments, a.calendar + change - week * a.changes).value) / w.unit_seconds


@rare
def await_change(w: Any, actor: int) -> None:
    """Let the next change of staff come, if there is one."""
    a = actor_at(w, actor)
    if a.changes == 0 or not abs(w.now) * w.unit_seconds < TELLABLE:
        return
    while _time_of(w, actor, a.change + 1) <= w.now:
        a.change += 1
    schedule(w, _time_of(w, actor, a.change + 1), STAFF, SHIFT, actor)


@rare
def change_staff(w: Any, actor: int) -> None:
    """Let the next change happen, and the one after it come."""
    a = actor_at(w, actor)
    a.change += 1
    place = a.change - a.change // a.changes * a.changes
    staff_changes(w, actor, float(word(w.staff, a.calendar + place).value))
    await_change(w, actor)
