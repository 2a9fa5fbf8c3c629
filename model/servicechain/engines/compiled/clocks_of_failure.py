"""Clocks of failure: the up-time until the next one, which may count only while somebody works."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.drawing import drawn
from servicechain.engines.compiled.events import call_off, schedule, time_of
from servicechain.engines.compiled.layout import FAILURE, NOBODY, STAFF, actor_at, breakdown_at
from servicechain.engines.draws import mix


@part
def wind_up(w: Any, breakdown: int) -> None:
    """Draw the time until the next failure, and let it run."""
    b = breakdown_at(w, breakdown)
    a = actor_at(w, b.actor)
    b.drawn_as = b.server << 32 | b.failures
    b.lineage = mix(mix(a.key, b.server), b.failures)
    b.left = drawn(w, a.every, a.key, b.drawn_as, b.lineage, w.key_failure)
    b.stands = 1
    if not a.while_working or b.at_work > 0:
        _run(w, breakdown)


@small
def _run(w: Any, breakdown: int) -> None:
    b = breakdown_at(w, breakdown)
    b.due = schedule(w, w.now + b.left, STAFF, FAILURE, breakdown)
    b.stands = 0


@part
def starts_to_work(w: Any, breakdown: int) -> None:
    """Let the clock of failures run, one more works."""
    b = breakdown_at(w, breakdown)
    b.at_work += 1
    if b.at_work == 1 and b.stands:
        _run(w, breakdown)


@part
def resting(w: Any, breakdown: int) -> None:
    """Let the clock of failures stand if nobody works any more."""
    b = breakdown_at(w, breakdown)
    b.at_work -= 1
    if b.at_work == 0 and b.due != NOBODY:
        b.left = time_of(w, b.due) - w.now
        b.stands = 1
        call_off(w, b.due)
        b.due = NOBODY
