"""Patience: a deadline for what the customer waits for now.

Who is attended then and would leave when held becomes *overdue*: they leave at the end of the next instant at which
they wait.
"""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.eights import in_turn, patience_column
from servicechain.engines.compiled.events import call_off, schedule
from servicechain.engines.compiled.layout import (
    ARRIVAL,
    HELD,
    NOBODY,
    PATIENCE_OVER,
    QUEUEING,
    class_at,
    customer_at,
    variate_at,
)


@part
def set_deadline(w: Any, customer: int, patience: int, lineage: int) -> None:
    """Draw a deadline, from now on."""
    c = customer_at(w, customer)
    stays = variate_at(w, patience).a
    if variate_at(w, patience).code != codes.CONSTANT:
        column = patience_column(w, c.customer_class)
        stays = in_turn(w, column, patience, c.key, c.drawn_as, lineage, w.key_patience)
    c.deadline = schedule(w, w.now + stays, ARRIVAL + w.class_count, PATIENCE_OVER, customer)


@small
def end_deadline(w: Any, customer: int) -> None:
    """Let the deadline be void: what they waited for has come."""
    c = customer_at(w, customer)
    if c.deadline != NOBODY:
        call_off(w, c.deadline)
        c.deadline = NOBODY
    c.overdue = 0


@small
def gives_up(w: Any, customer: int) -> bool:
    """Tell whether a customer whose deadline has come leaves."""
    c = customer_at(w, customer)
    c.deadline = NOBODY
    leaves_held = class_at(w, c.customer_class).leaves_held != 0
    if c.state == QUEUEING or (c.state == HELD and leaves_held):
        c.overdue = 0
        return True
    if leaves_held:
        c.overdue = 1
    return False
