"""Records of customers and requests that are over, written into blocks."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import close_account
from servicechain.engines.compiled.compiling import part
from servicechain.engines.compiled.layout import NOBODY, customer_at, offer_at, request_at, service_at
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
    record = customer_record(w.customer_block, position)
    record.customer_class = c.customer_class
    record.number = c.number
    record.arrived = c.arrived
    record.left = left
    record.outcome = outcome
    record.begun = c.begun != 0
    record.queueing = c.queueing
    record.held = c.held
    record.attended = c.attended
    record.own = c.own
    w.customer_count = position + 1
    if position + 1 >= w.block:
        w.short = 1


@part
def record_request(w: Any, request: int, ended: float, outcome: int) -> None:
    """Record a request that is over, or as it stands at the end of the run."""
    r = request_at(w, request)
    record = request_record(w.request_block, w.request_count)
    record.customer_class = r.customer_class
    record.number = r.number
    record.service = r.service
    record.actor = r.actor
    if r.actor == NOBODY:
        service = service_at(w, r.service)
        if service.actor_count == 1:
            record.actor = offer_at(w, service.actors).value
    record.asked = r.asked
    record.begun = r.begun
    record.answered = r.answered
    record.ended = ended
    record.outcome = outcome
    record.counted = w.warm_up <= r.asked and r.asked <= w.counted_until
    w.request_count += 1
    if w.request_count >= w.block:
        w.short = 1
