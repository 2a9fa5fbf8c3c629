"""An actor's servers, and where their time goes.

As in the reference engine a server on duty is idle, busy (working or held) or down. Where always as many are on duty
and nobody fails, each request books how long it was held and worked on, when that ends; the rest of the time on duty
was idle. Of an *unsteady* actor, some of whose time is overtime or down, the numbers in each state are kept, and
whatever changes one of them first books the time since the last change. The time in line every request books itself.

Servers have numbers only where each fails by itself; nothing else tells them apart.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.clocks_of_failure import resting, starts_to_work
from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.layout import (
    NOBODY,
    REQUESTS,
    UNLIMITED,
    actor_at,
    breakdown_at,
    pool_at,
    request_at,
    service_at,
)
from servicechain.engines.compiled.lists import serve, serve_no_more


@rare
def book(w: Any, actor: int) -> None:
    """Book the time since the last change of an unsteady actor under the states it was spent in."""
    a = actor_at(w, actor)
    passed = w.now - a.since
    if passed <= 0:
        return
    a.since = w.now
    duty, busy = a.on_duty, a.busy
    a.busy_time += busy * passed
    a.duty_time += duty * passed
    share = 1.0
    if busy > duty:
        a.overtime += (busy - duty) * passed
        share = duty / busy
    if a.is_down:
        a.down_time += duty * passed
        return
    a.working_time += a.working * share * passed
    a.held_time += (busy - a.working) * share * passed
    a.down_time += a.broken * passed
    if busy < duty:
        a.idle_time += (duty - a.broken - busy) * passed


@rare
def book_all(w: Any) -> None:
    """Book the time so far of everything that goes on."""
    for request in range(pool_at(w, REQUESTS).top):
        r = request_at(w, request)
        if r.waiting:
            actor_at(w, service_at(w, r.service).actor).queue_time += w.now - r.since
        elif r.server != NOBODY and not actor_at(w, r.actor).unsteady:
            if r.working != NOBODY:
                actor_at(w, r.actor).working_time += w.now - r.since
            else:
                actor_at(w, r.actor).held_time += w.now - r.since
        r.since = w.now
    for actor in range(w.actor_count):
        a = actor_at(w, actor)
        if a.unsteady:
            book(w, actor)
        else:
            a.duty_time += a.on_duty * (w.now - a.since)
            a.busy_time = a.working_time + a.held_time
            a.idle_time = max(0.0, a.duty_time - a.busy_time)  # of what is rounded, something can be missing
            a.since = w.now


@rare
def start_over(w: Any) -> None:
    """Begin to observe: forget the time so far, not the state."""
    for request in range(pool_at(w, REQUESTS).top):
        request_at(w, request).since = w.now
    for actor in range(w.actor_count):
        a = actor_at(w, actor)
        a.since = w.now
        a.duty_time = 0.0
        a.busy_time = 0.0
        a.working_time = 0.0
        a.held_time = 0.0
        a.idle_time = 0.0
        a.down_time = 0.0
        a.overtime = 0.0
        a.queue_time = 0.0
        a.queue_max = a.queue


@small
def has_free_server(w: Any, actor: int) -> bool:
    """Tell whether somebody could begin a request at once."""
    a = actor_at(w, actor)
    return a.busy < a.up


@small
def is_full(w: Any, actor: int) -> bool:
    """Tell whether all who are on duty and up are busy, and nobody works overtime."""
    a = actor_at(w, actor)
    return a.busy == a.up


@rare
def victim_of(w: Any, actor: int, priority: int) -> int:
    """Find the work to interrupt for a request of this priority: the highest number, then who began last."""
    found, highest = NOBODY, priority
    request = actor_at(w, actor).served
    while request != NOBODY:
        r = request_at(w, request)
        if r.working != NOBODY and r.priority > priority and r.priority >= highest:
            found, highest = request, r.priority
        request = r.later
    return found


@small
def take_server(w: Any, actor: int, request: int) -> None:
    """Make the free server with the lowest number busy with a request."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    server = 0
    if a.keeps_served:
        serve(w, actor, request)
        if a.unsteady:
            server = _server_of_unsteady(w, actor, request)
    a.busy += 1
    r.server = server
    r.actor = actor
    r.since = w.now


@rare
def _server_of_unsteady(w: Any, actor: int, request: int) -> int:
    book(w, actor)
    a = actor_at(w, actor)
    server = 0
    if a.by_server:
        while _is_taken(w, a.breakdowns + server):
            server += 1
        breakdown_at(w, a.breakdowns + server).serving = request
    return server


@small
def _is_taken(w: Any, breakdown: int) -> bool:
    b = breakdown_at(w, breakdown)
    return b.serving != NOBODY or b.down != 0


@small
def release_server(w: Any, actor: int, request: int) -> None:
    """Make the server free that has a request in hand."""
    r = request_at(w, request)
    a = actor_at(w, actor)
    if a.keeps_served:
        serve_no_more(w, actor, request)
    if a.unsteady:
        book(w, actor)
        if a.by_server:
            breakdown_at(w, a.breakdowns + r.server).serving = NOBODY
    else:
        a.held_time += w.now - r.since
    a.busy -= 1
    r.server = NOBODY


@small
def begin_to_work(w: Any, actor: int, request: int) -> None:
    """Let a server work that was held, of an actor that is not unsteady."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    now = w.now
    a.held_time += now - r.since
    r.since = now


@small
def cease_to_work(w: Any, actor: int, request: int) -> None:
    """Let a working server be held."""
    a = actor_at(w, actor)
    if a.unsteady:
        _count_working(w, actor, request, -1)
        return
    r = request_at(w, request)
    now = w.now
    a.working_time += now - r.since
    r.since = now


@rare
def begin_to_work_specially(w: Any, actor: int, request: int) -> None:
    """Let a server work that was held, of any actor."""
    if actor_at(w, actor).unsteady:
        _count_working(w, actor, request, 1)
    else:
        begin_to_work(w, actor, request)


@rare
def _count_working(w: Any, actor: int, request: int, by: int) -> None:
    """Count a server of an unsteady actor who works (1), or does so no longer (-1)."""
    book(w, actor)
    a = actor_at(w, actor)
    a.working += by
    if a.while_working:
        breakdown = a.breakdowns + request_at(w, request).server
        if by > 0:
            starts_to_work(w, breakdown)
        else:
            resting(w, breakdown)


# -- staff and failures ------------------------------------------------------------------------------------------------


@rare
def change_duty(w: Any, actor: int, staff: float) -> None:
    """Let so many be on duty from now on."""
    book(w, actor)
    actor_at(w, actor).on_duty = staff
    _count_up(w, actor)


@rare
def break_down(w: Any, actor: int, is_down: int) -> None:
    """Take all servers out of service (1), or put them back into it (0)."""
    book(w, actor)
    actor_at(w, actor).is_down = is_down
    _count_up(w, actor)


@rare
def break_server(w: Any, breakdown: int) -> None:
    """Take a free server out of service."""
    b = breakdown_at(w, breakdown)
    book(w, b.actor)
    b.down = 1
    actor_at(w, b.actor).broken += 1
    _count_up(w, b.actor)


@rare
def mend_server(w: Any, breakdown: int) -> None:
    """Put a server back into service."""
    b = breakdown_at(w, breakdown)
    book(w, b.actor)
    b.down = 0
    actor_at(w, b.actor).broken -= 1
    _count_up(w, b.actor)


@rare
def _count_up(w: Any, actor: int) -> None:
    a = actor_at(w, actor)
    if a.is_down:
        a.up = NOBODY
    elif a.unlimited:
        a.up = UNLIMITED
    else:
        a.up = int(a.on_duty) - a.broken


# -- the line ----------------------------------------------------------------------------------------------------------


@small
def lengthen(w: Any, actor: int, request: int) -> None:
    """Count a request that joins the line."""
    a = actor_at(w, actor)
    a.queue += 1.0
    a.queue_max = max(a.queue_max, a.queue)
    request_at(w, request).since = w.now


@small
def shorten(w: Any, actor: int, request: int) -> None:
    """Count a request that leaves the line."""
    a = actor_at(w, actor)
    a.queue -= 1.0
    a.queue_time += w.now - request_at(w, request).since
