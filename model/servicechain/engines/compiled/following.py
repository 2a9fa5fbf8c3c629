"""What follows: who is asked takes the request on, a service begins or ends, who has asked goes on.

Each waits for its turn on the agenda; where nothing else waits there it is its turn at once, and most of the time
nothing does.
"""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.consequences import add, is_next
from servicechain.engines.compiled.deadlines import set_deadline
from servicechain.engines.compiled.desk import answered, end
from servicechain.engines.compiled.floor import arrange, release, stand_in_line, take_first_time
from servicechain.engines.compiled.layout import (
    ANSWERED,
    BEGINS,
    NOBODY,
    REQUESTS,
    class_at,
    request_at,
    service_at,
    strand_at,
)
from servicechain.engines.compiled.pooling import give_back
from servicechain.engines.compiled.teams import has_free_server
from servicechain.engines.compiled.together import main_strand, proceed
from servicechain.records import RequestOutcome

_FINISHED = int(RequestOutcome.FINISHED)


@small
def is_asked(w: Any, request: int) -> int:
    """Take a free server at once, or join the line; give who walks now."""
    r = request_at(w, request)
    w.orders += 1
    r.order = w.orders
    actor = service_at(w, r.service).actor
    if not has_free_server(w, actor):
        _looks_further(w, request)
        return NOBODY
    take_first_time(w, actor, request)
    if r.patience != NOBODY and class_at(w, r.customer_class).leaves_held:
        set_deadline(w, r.customer, r.patience, r.lineage)
    if is_next(w):
        return begins(w, request)
    add(w, BEGINS, request)
    return NOBODY


@part
def _looks_further(w: Any, request: int) -> None:
    r = request_at(w, request)
    joins = stand_in_line(w, request) if service_at(w, r.service).actor_count == 1 else arrange(w, request)
    if r.patience != NOBODY and (joins or class_at(w, r.customer_class).leaves_held):
        set_deadline(w, r.customer, r.patience, r.lineage)


@small
def begins(w: Any, request: int) -> int:
    """Begin a service; give who walks now."""
    r = request_at(w, request)
    r.main = main_strand(w, r, request, r.customer, service_at(w, r.service).steps)
    return r.main


@small
def goes_on(w: Any, strand: int) -> int:
    """Let a strand go on that has what it waited for; give who walks now."""
    strand_at(w, strand).doing = NOBODY
    return proceed(w, strand)


@small
def finish(w: Any, request: int) -> int:
    """End a service: the server is released, and only then the asker goes on; give who walks now."""
    r = request_at(w, request)
    if math.isnan(r.answered):
        r.answered = w.now
    end(w, request, _FINISHED)
    release(w, request)
    give_back(w, REQUESTS, request)
    # whom was replied to before does not ask any more
    asker = answered(w, request)
    if asker >= 0 and is_next(w):
        return goes_on(w, asker)
    if asker != NOBODY:
        add(w, ANSWERED, asker)
    return NOBODY
