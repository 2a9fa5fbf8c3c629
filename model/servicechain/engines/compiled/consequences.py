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
def is_next(w: Any) -> bool:
    """Tell whether what is added to the agenda now would be the next to happen; if so, count it as having been there.

    Who adds it does it at once then, instead of adding it.
    """
    if w.agenda_first != w.agenda_last or w.frame_count:
        return False
    w.agenda_first += 1
    w.agenda_last += 1
    watch_clock(w)
    return True


@small
def begin_instant(w: Any) -> None:
    """Begin to count what happens, as the clock has moved."""
    w.counted_from = w.agenda_first
    w.allowed = w.always


@small
def expect(w: Any, customers: int) -> None:
    """Let more happen at this instant, because so many have come."""
    w.allowed += customers * PER_ARRIVAL


@small
def stands_still(w: Any) -> bool:
    """Tell whether too much has happened at this instant: everything that was on the agenda, and who came."""
    return w.agenda_first - w.counted_from > w.allowed


@small
def watch_clock(w: Any) -> None:
    """Take no further step when the clock stands still."""
    if stands_still(w):
        w.short = 1


@small
def count_move(w: Any) -> None:
    """Count something that happens and was not on the agenda."""
    w.counted_from -= 1
    watch_clock(w)
