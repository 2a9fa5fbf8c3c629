"""The floor: which request has which server, who waits for one, and what happens to work in progress.

*Put back* means one thing, whatever the reason: the request keeps its priority and its place, and any free server
resumes it with the work that is left.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.touching import touch_customer, touch_request
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.consequences import add
from servicechain.engines.compiled.events import call_off, schedule
from servicechain.engines.compiled.layout import (
    ATTENDED,
    BEGINS,
    END,
    HELD,
    NOBODY,
    RESUMES,
    WORK_OVER,
    actor_at,
    customer_at,
    offer_at,
    request_at,
    service_at,
    strand_at,
)
from servicechain.engines.compiled.lines import first_in_line, join_lines, leave_lines
from servicechain.engines.compiled.states import show
from servicechain.engines.compiled.teams import (
    begin_to_work,
    begin_to_work_specially,
    cease_to_work,
    has_free_server,
    is_full,
    lengthen,
    release_server,
    shorten,
    take_server,
    victim_of,
)

# -- lines -------------------------------------------------------------------------------------------------------------


@rare
def arrange(w: Any, request: int) -> bool:
    """Find a server for a request: a free one, else one that works on something less urgent, else none.

    Whoever is displaced looks for another server in the same way. Gives whether the request stands in line.
    """
    looking = request
    while True:
        service = service_at(w, request_at(w, looking).service)
        displaced = NOBODY
        for k in range(service.actor_count):
            actor = offer_at(w, service.actors + k).value
            if has_free_server(w, actor):
                _take(w, actor, looking)
                return False
        for k in range(service.actor_count):
            actor = offer_at(w, service.actors + k).value
            if actor_at(w, actor).preempts and is_full(w, actor):
                displaced = victim_of(w, actor, request_at(w, looking).priority)
                if displaced != NOBODY:
                    _displace(w, actor, displaced, looking)
                    break
        if displaced == NOBODY:
            _join(w, looking)
            return looking == request
        looking = displaced


@small
def stand_in_line(w: Any, request: int) -> bool:
    """Do so where the only actor has no free server, unless it works on something less urgent."""
    service = service_at(w, request_at(w, request).service)
    if actor_at(w, service.actor).preempts:
        return arrange(w, request)
    _join(w, request)
    return True


@small
def _join(w: Any, request: int) -> None:
    r = request_at(w, request)
    touch_request(w, request)
    r.waiting = 1
    lengthen(w, service_at(w, r.service).actor, request)
    join_lines(w, request)


@small
def leave_line(w: Any, request: int) -> None:
    """Let a request that stands in line stand there no more."""
    r = request_at(w, request)
    touch_request(w, request)
    r.waiting = 0
    shorten(w, service_at(w, r.service).actor, request)
    leave_lines(w, request)


@part
def settle(w: Any, actor: int) -> None:
    """Give free servers to those in line, and servers whose work is less urgent than what waits."""
    while has_free_server(w, actor):
        first = first_in_line(w, actor)
        if first == NOBODY:
            return
        leave_line(w, first)
        _take(w, actor, first)
    if actor_at(w, actor).preempts:
        _settle_urgent(w, actor)


@rare
def _settle_urgent(w: Any, actor: int) -> None:
    while is_full(w, actor):
        first = first_in_line(w, actor)
        if first == NOBODY:
            return
        victim = victim_of(w, actor, request_at(w, first).priority)
        if victim == NOBODY:
            return
        leave_line(w, first)
        _displace(w, actor, victim, first)
        arrange(w, victim)


# -- servers -----------------------------------------------------------------------------------------------------------


@small
def _take(w: Any, actor: int, request: int) -> None:
    """Give a request a free server; it begins, or goes on, when it is its turn on the agenda."""
    r = request_at(w, request)
    if r.begun == r.begun:
        _take_again(w, actor, request)
        return
    take_first_time(w, actor, request)
    add(w, BEGINS, request)


@rare
def _take_again(w: Any, actor: int, request: int) -> None:
    touch_request(w, request)
    take_server(w, actor, request)
    if request_at(w, request).customer_class >= 0:
        w.last_begun = w.now
    add(w, RESUMES, request)


@small
def take_first_time(w: Any, actor: int, request: int) -> None:
    """Give a request that has never begun a free server; its service is still to begin."""
    r = request_at(w, request)
    touch_request(w, request)
    take_server(w, actor, request)
    if r.customer_class >= 0:
        w.last_begun = w.now
    r.begun = w.now
    if r.front:
        customer_at(w, r.customer).begun = 1
        show(w, request, HELD)
    w.beginnings += 1
    r.began = w.beginnings


@rare
def _displace(w: Any, actor: int, victim: int, request: int) -> None:
    """Put another request into the hands of who works on a victim, who is still to be arranged."""
    interrupt(w, victim)
    release_server(w, actor, victim)
    _take(w, actor, request)


@small
def release(w: Any, request: int) -> None:
    """Take a request out of its server's hands and give the server to the next in line."""
    actor = request_at(w, request).actor
    release_server(w, actor, request)
    if actor_at(w, actor).standing:
        settle(w, actor)


@part
def end_request(w: Any, request: int) -> None:
    """Forget a request that has begun, and is not in line; its server is still to be released."""
    touch_request(w, request)
    request_at(w, request).over = 1


# -- work --------------------------------------------------------------------------------------------------------------


@small
def can_act(w: Any, request: int) -> bool:
    """Tell whether a request has a server that can take its next step."""
    r = request_at(w, request)
    return r.server != NOBODY and actor_at(w, r.actor).is_down == 0


@rare
def postpone(w: Any, strand: int) -> None:
    """Let a strand go on when its request has a server again."""
    s = strand_at(w, strand)
    r = request_at(w, s.request)
    w.postponed += 1
    s.pending_number = w.postponed
    s.pending = NOBODY
    if r.pending == NOBODY:
        r.pending = strand
    else:
        strand_at(w, r.pending_last).pending = strand
    r.pending_last = strand
    if r.server == NOBODY and not r.waiting:
        arrange(w, s.request)


@small
def start_work(w: Any, strand: int) -> None:
    """Let a server work for the time that was drawn."""
    s = strand_at(w, strand)
    request, duration = s.request, s.drawn
    actor = request_at(w, request).actor
    if actor_at(w, actor).special:
        _start_specially(w, strand, request, actor)
        return
    # the speed need not be known: nobody interrupts this
    begin_to_work(w, actor, request)
    _work(w, strand, request, actor, duration)


@rare
def _start_specially(w: Any, strand: int, request: int, actor: int) -> None:
    s, a = strand_at(w, strand), actor_at(w, actor)
    s.speed = a.speed
    begin_to_work_specially(w, actor, request)
    _work(w, strand, request, actor, s.drawn / s.speed)
    if a.preempts:
        settle(w, actor)


@small
def _work(w: Any, strand: int, request: int, actor: int, duration: float) -> None:
    s, r = strand_at(w, strand), request_at(w, request)
    _count(w, r, 1)
    touch_request(w, request)
    r.working = strand
    if r.front and actor_at(w, actor).in_front:
        show(w, request, ATTENDED)
    ends = w.now + duration
    s.ends = ends
    s.due = schedule(w, ends, END, WORK_OVER, strand)


@small
def stop_work(w: Any, strand: int) -> None:
    """Let the work along a strand go on no longer; its end has come or is called off."""
    s = strand_at(w, strand)
    request = s.request
    r = request_at(w, request)
    actor = r.actor
    _count(w, r, -1)
    touch_request(w, request)
    r.working = NOBODY
    cease_to_work(w, actor, request)
    if r.front and actor_at(w, actor).in_front:
        show(w, request, HELD)


@small
def count_work(w: Any, strand: int, by: int) -> None:
    """Count one more work or pause that goes on (1), or one less (-1)."""
    request = strand_at(w, strand).request
    if request == NOBODY:
        w.working_now += by
    else:
        _count(w, request_at(w, request), by)


@small
def _count(w: Any, r: Any, by: int) -> None:
    if r.customer_class >= 0:
        w.working_now += by
    else:
        w.repairs_now += by


@small
def touch_owner(w: Any, strand: int) -> None:
    """Note that something changes for whoever walks along a strand."""
    s = strand_at(w, strand)
    if s.request == NOBODY:
        touch_customer(w, s.customer)
    else:
        touch_request(w, s.request)


@rare
def interrupt(w: Any, request: int) -> None:
    """Stop the work on a request; the work that is left stays known."""
    r = request_at(w, request)
    strand = r.working
    s = strand_at(w, strand)
    call_off(w, s.due)
    s.left = s.ends - w.now
    r.interrupted = strand
    stop_work(w, strand)


@rare
def break_off_work(w: Any, strand: int) -> None:
    """Stop work for good."""
    s = strand_at(w, strand)
    r = request_at(w, s.request)
    if r.working == strand:
        call_off(w, s.due)
        stop_work(w, strand)
    elif r.interrupted == strand:
        r.interrupted = NOBODY


@rare
def work_on(w: Any, request: int) -> None:
    """Go on with the work that is left, if there is any."""
    r = request_at(w, request)
    strand = r.interrupted
    r.interrupted = NOBODY
    if strand == NOBODY:
        return
    s = strand_at(w, strand)
    speed = actor_at(w, r.actor).speed
    if s.restarts:
        s.restarts = 0
        s.left = s.drawn / speed
    elif s.speed != speed:
        s.left = s.left * s.speed / speed
    s.speed = speed
    begin_to_work_specially(w, r.actor, request)
    _work(w, strand, request, r.actor, s.left)


@rare
def resume(w: Any, request: int) -> None:
    """Go on with the work that is left; those who have waited for a server go on after that."""
    work_on(w, request)
    actor = request_at(w, request).actor
    if actor_at(w, actor).preempts:
        settle(w, actor)
