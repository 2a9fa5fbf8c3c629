"""Records of customers and requests that are over, written into blocks."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import close_account
from servicechain.engines.compiled.compiling import part
from servicechain.engines.compiled.layout import NOBODY, customer_at, request_at, service_at
from servicechain.engines.compiled.memory import reference_to
from servicechain.records import CUSTOMER, REQUEST

customer_record = reference_to(CUSTOMER)
request_record = reference_to(REQUEST)


@part
def record_customer(w: Any, customer: int, left: float, outcome: int) -> None:
    """Record a customer whose time is over."""
    c = customer_at(w, customer)
    position = w.customer_count
    close_account(w, customer, position)
    queueing, held, attended, own = c.queueing, c.held, c.attended, c.own
    record = customer_record(w.customer_block, position)
    record.customer_class = c.customer_class
    record.number = c.number
    record.arrived = c.arrived
    record.left = left
    record.outcome = outcome
    record.begun = c.begun != 0
    record.queueing = queueing
    record.held = held
    record.attended = attended
    record.own = own
    w.customer_count = position + 1
    if position + 1 >= w.block:
        w.short = 1


@part
def record_request(w: Any, request: int, ended: float, outcome: int) -> None:
    """Record a request that is over, or as it stands at the end of the run."""
    r = request_at(w, request)
    # all is read before anything is written, or some of it would be read again
    position, actor, service = w.request_count, r.actor, r.service
    asked, begun, answered = r.asked, r.begun, r.answered
    if actor == NOBODY and service_at(w, service).actor_count == 1:
        actor = service_at(w, service).actor
    record = request_record(w.request_block, position)
    record.customer_class = r.customer_class
    record.number = r.number
    record.service = service
    record.actor = actor
    record.asked = asked
    record.begun = begun
    record.answered = answered
    record.ended = ended
    record.outcome = outcome
    record.counted = w.warm_up <= asked <= w.counted_until
    w.request_count = position + 1
    if position + 1 >= w.block:
        w.short = 1
