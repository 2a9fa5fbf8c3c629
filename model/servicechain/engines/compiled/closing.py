"""The end of a run: what is unfinished is recorded as it stands.

First the requests that have begun, in the order in which they did, then those in line in the order of asking, then the
customers as they came. The agenda is empty by then, so that is where they are put in order.
"""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.consequences import add
from servicechain.engines.compiled.layout import (
    CUSTOMERS,
    NEVER,
    OWN,
    REQUESTS,
    consequence_at,
    customer_at,
    pool_at,
    request_at,
)
from servicechain.engines.compiled.recording import record_customer, record_request
from servicechain.engines.compiled.replication import stop_observing
from servicechain.engines.compiled.states import enter
from servicechain.records import CustomerOutcome, RequestOutcome

_UNFINISHED_CUSTOMER = int(CustomerOutcome.UNFINISHED)
_UNFINISHED = int(RequestOutcome.UNFINISHED)
_WAITING = int(RequestOutcome.WAITING)

_NOT_BEGUN = 1 << 61
"""More than can begin."""


@rare
def begin_to_close(w: Any) -> None:
    """End the time observed, if it goes to the end, and line up the requests that are unfinished."""
    if not w.observed:
        stop_observing(w)
    _clear(w)
    for request in range(pool_at(w, REQUESTS).top):
        r = request_at(w, request)
        if not (r.over or r.withdrawn):
            add(w, r.began if r.begun == r.begun else _NOT_BEGUN + r.order, request)
    _put_in_order(w)


@rare
def _line_up_people(w: Any) -> None:
    w.people = 1
    _clear(w)
    for customer in range(pool_at(w, CUSTOMERS).top):
        c = customer_at(w, customer)
        if not c.gone:
            add(w, c.come, customer)
    _put_in_order(w)


@part
def close_next(w: Any) -> bool:
    """Record the next that is unfinished; tell whether there was one."""
    if w.agenda_first == w.agenda_last:
        if w.people:
            return False
        _line_up_people(w)
        return True
    subject = consequence_at(w, w.agenda_first).subject
    w.agenda_first += 1
    if w.people:
        enter(w, subject, OWN)
        record_customer(w, subject, NEVER, _UNFINISHED_CUSTOMER)
    else:
        not_begun = math.isnan(request_at(w, subject).begun)
        record_request(w, subject, NEVER, _WAITING if not_begun else _UNFINISHED)
    return True


# -- putting in order --------------------------------------------------------------------------------------------------


@small
def _clear(w: Any) -> None:
    """Let the agenda begin at its first place, so that it stays in order when it gets longer."""
    w.agenda_first = 0
    w.agenda_last = 0


@rare
def _put_in_order(w: Any) -> None:
    """Sort the agenda by its codes (J. W. J. Williams 1964, Algorithm 232: Heapsort, doi 10.1145/512274.512284)."""
    count = w.agenda_last
    for place in range(count // 2 - 1, -1, -1):
        _sink(w, place, count)
    for last in range(count - 1, 0, -1):
        first, other = consequence_at(w, 0), consequence_at(w, last)
        first.code, other.code = other.code, first.code
        first.subject, other.subject = other.subject, first.subject
        _sink(w, 0, last)


@part
def _sink(w: Any, place: int, count: int) -> None:
    """Bring what is at a place below all that is larger, among the first so many."""
    top = consequence_at(w, place)
    code, subject = top.code, top.subject
    while True:
        lower = 2 * place + 1
        if lower >= count:
            break
        if lower + 1 < count and consequence_at(w, lower + 1).code > consequence_at(w, lower).code:
            lower += 1
        below = consequence_at(w, lower)
        if below.code < code:
            break
        here = consequence_at(w, place)
        here.code = below.code
        here.subject = below.subject
        place = lower
    here = consequence_at(w, place)
    here.code = code
    here.subject = subject
