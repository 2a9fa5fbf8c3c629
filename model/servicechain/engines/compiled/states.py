"""The four states of a customer's time, as their own requests come and go."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.layout import (
    ARRIVAL,
    ATTENDED,
    HELD,
    NOBODY,
    OWN,
    PATIENCE_OVER,
    QUEUEING,
    actor_at,
    customer_at,
    request_at,
)


@small
def enter(w: Any, customer: int, state: int) -> None:
    """Be in another state from now on."""
    c = customer_at(w, customer)
    if w.now > c.since:
        passed = w.now - c.since
        if c.state == QUEUEING:
            c.queueing += passed
        elif c.state == HELD:
            c.held += passed
        elif c.state == ATTENDED:
            c.attended += passed
        else:
            c.own += passed
        c.since = w.now
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
def show(w: Any, request: int) -> None:
    """Let the customer see how their own request stands."""
    r = request_at(w, request)
    state = OWN
    if r.front:
        if r.actor == NOBODY:
            state = QUEUEING
        elif r.working != NOBODY and actor_at(w, r.actor).in_front:
            state = ATTENDED
        else:
            state = HELD
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
        r.front = 0
        show(w, request)
