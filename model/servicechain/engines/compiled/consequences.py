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
    w.waiting += 1


@small
def is_next(w: Any) -> bool:
    """Tell whether what is added to the agenda now would be the next to happen; if so, count it as having been there.

    Who adds it does it at once then, instead of adding it.
    """
    if w.waiting:
        return False
    count_move(w)
    return True


@small
def begin_instant(w: Any) -> None:
    """Begin to count what happens, as the clock has moved."""
    always = w.always
    w.allowed = always
    w.tolerated = always


@small
def expect(w: Any, customers: int) -> None:
    """Let more happen at this instant, because so many have come."""
    w.allowed += customers * PER_ARRIVAL
    w.tolerated += customers * PER_ARRIVAL


@small
def stands_still(w: Any) -> bool:
    """Tell whether too much has happened at this instant: everything that was on the agenda, and who came."""
    return w.tolerated < 0


@small
def count_move(w: Any) -> None:
    """Count something that happens; no further step is taken when the clock stands still."""
    # this is one less; the minus would not let the machine see from the result itself that it is below 0
    tolerated = ~-w.tolerated
    w.tolerated = tolerated
    if tolerated < 0:
        w.short = 1
