"""The end of a run: what is unfinished is recorded as it stands."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part
from servicechain.engines.compiled.layout import NEVER, NOBODY, OWN, request_at
from servicechain.engines.compiled.lists import go
from servicechain.engines.compiled.recording import record_customer, record_request
from servicechain.engines.compiled.replication import stop_observing
from servicechain.engines.compiled.states import enter
from servicechain.records import CustomerOutcome, RequestOutcome

_UNFINISHED_CUSTOMER = int(CustomerOutcome.UNFINISHED)
_UNFINISHED = int(RequestOutcome.UNFINISHED)
_WAITING = int(RequestOutcome.WAITING)


@part
def begin_to_close(w: Any) -> None:
    """End the time observed, if it goes to the end."""
    if not w.observed:
        stop_observing(w)


@part
def close_next(w: Any) -> bool:
    """Record the next that is unfinished; tell whether there was one."""
    if w.open != NOBODY:
        request = w.open
        record_request(w, request, NEVER, _UNFINISHED)
        w.open = request_at(w, request).after
        return True
    if w.in_line != NOBODY:
        request = w.in_line
        record_request(w, request, NEVER, _WAITING)
        w.in_line = request_at(w, request).after
        return True
    if w.present != NOBODY:
        customer = w.present
        enter(w, customer, OWN)
        record_customer(w, customer, NEVER, _UNFINISHED_CUSTOMER)
        go(w, customer)
        return True
    return False
