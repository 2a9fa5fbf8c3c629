"""The four states of a customer's time, as their own requests come and go."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.layout import (
    ALONE,
    ARRIVAL,
    ATTENDED,
    CUSTOMER_STATE,
    HELD,
    NOBODY,
    OWN,
    PATIENCE_OVER,
    QUEUEING,
    customer_at,
    number,
    request_at,
)

_FIELDS: Any = CUSTOMER_STATE.fields


_SPENT = _FIELDS["queueing"][1]
_WIDTH = CUSTOMER_STATE.itemsize


@small
def enter(w: Any, customer: int, state: int) -> None:
    """Be in another state from now on."""
    c = customer_at(w, customer)
    # which state it was, and whether time has passed, cannot be foretold, so this must not be a branch
    now = w.now
    number(w.customers + customer * _WIDTH + _SPENT, c.state).value += now - c.since
    c.since = now
    c.state = state
    # who is overdue leaves at the end of this instant, if they still wait then
    if c.overdue and state <= HELD and c.deadline == NOBODY:
        c.deadline = schedule(w, w.now, ARRIVAL + w.class_count, PATIENCE_OVER, customer)


@small
def _count(w: Any, customer: int, state: int, by: int) -> None:
    c = customer_at(w, customer)
    if state == QUEUEING:
        c.queueing_requests += by
    elif state == HELD:
        c.held_requests += by
    elif state == ATTENDED:
        c.attended_requests += by


@small
def show(w: Any, request: int, state: int) -> None:
    """Let the customer see how their own request stands."""
    r = request_at(w, request)
    if r.front == ALONE:
        enter(w, r.customer, state)
    else:
        _show_one_of_many(w, request, state)


@rare
def _show_one_of_many(w: Any, request: int, state: int) -> None:
    """Let a customer who does several things at once see how one of them stands."""
    r = request_at(w, request)
    if r.shown == state:
        return
    _count(w, r.customer, r.shown, -1)
    _count(w, r.customer, state, 1)
    r.shown = state
    c = customer_at(w, r.customer)
    if c.attended_requests:
        seen = ATTENDED
    elif c.held_requests:
        seen = HELD
    elif c.queueing_requests:
        seen = QUEUEING
    else:
        seen = OWN
    enter(w, r.customer, seen)


@small
def stand_aside(w: Any, request: int) -> None:
    """Be the customer's own no longer: answered, or no longer needed."""
    r = request_at(w, request)
    if r.front:
        show(w, request, OWN)
        r.front = 0
