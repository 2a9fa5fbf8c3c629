"""The agenda: what follows from an event, first in first out; and the watch on a clock that stands still."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.layout import consequence_at

PER_ARRIVAL = 100


@small
def add(w: Any, code: int, subject: int) -> None:
    """Let something happen to a subject, after all that was added before."""
    c = consequence_at(w, w.agenda_last & w.agenda_mask)
    c.code = code
    c.subject = subject
    w.agenda_last += 1


@small
def note_instant(w: Any) -> None:
    """Begin to count anew when the clock has moved."""
    if w.now != w.instant:
        w.instant = w.now
        w.moves = 0
        w.allowed = w.always


@small
def expect(w: Any, customers: int) -> None:
    """Let more happen at this instant, because so many have come."""
    note_instant(w)
    w.allowed += customers * PER_ARRIVAL


@small
def count_move(w: Any) -> None:
    """Count something that happens at this instant; too many mean that the clock stands still."""
    note_instant(w)
    w.moves += 1
    if w.moves > w.allowed:
        w.short = 1
