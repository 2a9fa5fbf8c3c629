"""Requests, from the asking to the answer: asked, told, answered, handed on, withdrawn, given up."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.touching import touch_breakdown, touch_customer, touch_request
from servicechain.engines.compiled.breaking_off import break_off, end_strand
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.consequences import add
from servicechain.engines.compiled.deadlines import end_deadline
from servicechain.engines.compiled.drawing import step_word
from servicechain.engines.compiled.floor import end_request, release, touch_owner
from servicechain.engines.compiled.layout import (
    ALONE,
    ANSWERED,
    ASKED,
    CUSTOMERS,
    NEVER,
    NO_PRIORITY,
    NOBODY,
    ONE_OF_MANY,
    OWN,
    QUEUEING,
    REQUESTED,
    REQUESTS,
    actor_at,
    breakdown_at,
    class_at,
    customer_at,
    request_at,
    service_at,
    step_at,
    strand_at,
)
from servicechain.engines.compiled.lines import level_of
from servicechain.engines.compiled.members import has_left
from servicechain.engines.compiled.pooling import give_back, take
from servicechain.engines.compiled.recording import record_customer, record_request
from servicechain.engines.compiled.states import enter, show, stand_aside
from servicechain.engines.draws import mix
from servicechain.records import CustomerOutcome, RequestOutcome

_FINISHED = int(CustomerOutcome.FINISHED)
_ABANDONED = int(CustomerOutcome.ABANDONED)
_REQUEST_ABANDONED = int(RequestOutcome.ABANDONED)
_HANDED_OFF = int(RequestOutcome.HANDED_OFF)

# -- customers ---------------------------------------------------------------------------------------------------------


@part
def customer_finishes(w: Any, strand: int) -> None:
    """Let a customer go who has come to the end of their journey."""
    end_strand(w, strand)
    _leave(w, strand_at(w, strand).customer, _FINISHED)


@part
def _leave(w: Any, customer: int, outcome: int) -> None:
    enter(w, customer, OWN)
    end_deadline(w, customer)
    customer_at(w, customer).gone = 1
    w.left += 1
    record_customer(w, customer, w.now, outcome)
    if w.closed:
        has_left(w, customer)
    give_back(w, CUSTOMERS, customer)


@part
def give_up(w: Any, customer: int) -> None:
    """Let a customer leave, and everything of theirs end; their servers go when all of them have left their lines."""
    main = customer_at(w, customer).main
    w.idle = NOBODY
    w.idle_last = NOBODY
    break_off(w, main, 1)
    end_strand(w, main)
    _leave(w, customer, _ABANDONED)
    request = w.idle
    while request != NOBODY:
        after = request_at(w, request).after
        if request_at(w, request).server != NOBODY:
            release(w, request)
        request = after


# -- making requests ---------------------------------------------------------------------------------------------------


@small
def _begin_request(
    w: Any,
    r: Any,
    key: int,
    drawn_as: int,
    customer_class: int,
    number: int,
    service: int,
    priority: int,
    level: int,
    lineage: int,
    asker: int,
) -> None:
    # in the order in which they lie, so that they are written several at once
    r.key = key
    r.drawn_as = drawn_as
    r.customer_class = customer_class
    r.number = number
    r.service = service
    r.priority = priority
    r.level = level
    r.lineage = lineage
    r.asker = asker
    r.customer = NOBODY
    r.patience = NOBODY
    r.actor = NOBODY
    r.server = NOBODY
    r.working = NOBODY
    r.interrupted = NOBODY
    r.main = NOBODY
    r.pending = NOBODY
    r.line = NOBODY
    r.target = NOBODY
    r.counted = NOBODY
    r.counted_target = NOBODY
    r.front = 0
    r.order = 0
    r.waiting = 0
    r.withdrawn = 0
    r.over = 0
    r.touched = 0
    r.shown = OWN
    r.asked = w.now
    r.begun = NEVER
    r.answered = NEVER


@small
def _priority_of(service: int, own: int, w: Any) -> int:
    return service_at(w, service).priority if own == NO_PRIORITY else own


@small
def _lineage_at(w: Any, strand: int, parent: int) -> int:
    """Give the lineage of what is asked for at the step that a strand has come to."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    return step.lineage if s.round == 0 and step.under == parent else _new_lineage(w, strand, parent)


@rare
def _new_lineage(w: Any, strand: int, parent: int) -> int:
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    return mix(parent, step_word(step.key, step.first, s.round))


@small
def _request_of_customer(w: Any, strand: int, asker: int) -> int:
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    lineage = step.lineage if s.round == 0 else _new_lineage(w, strand, 0)
    request = take(w, REQUESTS)
    r, c = request_at(w, request), customer_at(w, s.customer)
    _begin_request(
        w,
        r,
        c.key,
        c.drawn_as,
        c.customer_class,
        c.number,
        step.service,
        step.priority,
        step.level,
        lineage,
        asker,
    )
    return request


@part
def ask_of_customer(w: Any, strand: int) -> int:
    """Request what a journey asks for; the strand goes on when it is answered."""
    request = _request_of_customer(w, strand, strand)
    s, r = strand_at(w, strand), request_at(w, request)
    customer = s.customer
    r.customer = customer
    r.front = ONE_OF_MANY
    s.doing = REQUESTED
    s.subject = request
    if s.fork == NOBODY:
        r.front = ALONE
        r.patience = step_at(w, s.step).patience
        enter(w, customer, QUEUEING)
    else:
        touch_customer(w, customer)
        show(w, request, QUEUEING)
    return request


@part
def ask_of_server(w: Any, strand: int, asker: int) -> int:
    """Request what a service asks for (by the strand) or tells (by nobody)."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    by = s.request
    r = request_at(w, by)
    lineage = _lineage_at(w, strand, r.lineage)
    request = take(w, REQUESTS)
    _begin_request(
        w,
        request_at(w, request),
        r.key,
        r.drawn_as,
        r.customer_class,
        r.number,
        step.service,
        step.priority,
        step.level,
        lineage,
        asker,
    )
    if asker != NOBODY:
        s.doing = REQUESTED
        s.subject = request
        touch_request(w, by)
    return request


@rare
def tell_of_customer(w: Any, strand: int) -> None:
    """Request what a journey tells; nobody waits for it."""
    add(w, ASKED, _request_of_customer(w, strand, NOBODY))


@rare
def hand_off(w: Any, strand: int) -> None:
    """Release the server and let its request go on as a request for another service."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    before = s.request
    b = request_at(w, before)
    priority = step.priority
    if priority == NO_PRIORITY and b.front:
        priority = class_at(w, b.customer_class).priority
    priority = _priority_of(step.service, priority, w)
    lineage = _lineage_at(w, strand, b.lineage)
    request = take(w, REQUESTS)
    r = request_at(w, request)
    _begin_request(
        w,
        r,
        b.key,
        b.drawn_as,
        b.customer_class,
        b.number,
        step.service,
        priority,
        level_of(w, priority),
        lineage,
        b.asker,
    )
    r.customer = b.customer
    r.patience = b.patience
    if b.asker >= 0:
        strand_at(w, b.asker).subject = request
        touch_owner(w, b.asker)
    elif b.asker != NOBODY:
        breakdown_at(w, -2 - b.asker).repair = request
        touch_breakdown(w, -2 - b.asker)
    if b.front:
        r.front = b.front
        if r.patience != NOBODY:
            end_deadline(w, r.customer)
        stand_aside(w, before)
        show(w, request, QUEUEING)
    end(w, before, _HANDED_OFF)
    release(w, before)
    give_back(w, REQUESTS, before)
    add(w, ASKED, request)


@rare
def request_repair(w: Any, breakdown: int, service: int) -> None:
    """Request a service on behalf of what has failed."""
    b = breakdown_at(w, breakdown)
    priority = service_at(w, service).priority
    request = take(w, REQUESTS)
    _begin_request(
        w,
        request_at(w, request),
        actor_at(w, b.actor).key,
        b.drawn_as,
        -1,
        -1,
        service,
        priority,
        level_of(w, priority),
        b.lineage,
        -2 - breakdown,
    )
    b.repair = request
    add(w, ASKED, request)


# -- answering them ----------------------------------------------------------------------------------------------------


@small
def answer(w: Any, request: int) -> None:
    """Let the asker go on, when it is their turn on the agenda; what the server still does is wrap-up."""
    request_at(w, request).answered = w.now
    asker = answered(w, request)
    if asker != NOBODY:
        add(w, ANSWERED, asker)


@small
def answered(w: Any, request: int) -> int:
    """Let nobody wait for a request that is answered; give the asker, who is to go on."""
    r = request_at(w, request)
    asker = r.asker
    r.asker = NOBODY
    if r.front:
        if r.patience != NOBODY:
            end_deadline(w, r.customer)
        stand_aside(w, request)
    return asker


@small
def end(w: Any, request: int, outcome: int) -> None:
    """Record a request that is over; its server is still to be released."""
    end_request(w, request)
    record_request(w, request, w.now, outcome)
    end_strand(w, request_at(w, request).main)
