"""An actor's servers, and where their time goes.

As in the reference engine a server on duty is idle, busy (working or held) or down; the numbers change only through
the functions below, each of which first books the time since the last change. Servers have numbers only where each
fails by itself; nothing else tells them apart.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.clocks_of_failure import resting, starts_to_work
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import NOBODY, actor_at, breakdown_at, request_at
from servicechain.engines.compiled.lists import serve, serve_no_more


@small
def book(w: Any, actor: int) -> None:
    """Book the time since the last change under the states it was spent in."""
    a = actor_at(w, actor)
    passed = w.now - a.since
    if passed <= 0:
        return
    a.since = w.now
    queue, busy, working, duty = a.queue, a.busy, a.working, a.on_duty
    if a.is_down or a.broken > 0.0 or busy > duty:
        _book_the_rest(w, actor, passed)
        return
    a.queue_time += queue * passed
    a.busy_time += busy * passed
    a.working_time += working * passed
    a.duty_time += duty * passed
    a.held_time += (busy - working) * passed
    a.idle_time += (duty - busy) * passed


@part
def _book_the_rest(w: Any, actor: int, passed: float) -> None:
    """Book overtime, and time of those who are down."""
    a = actor_at(w, actor)
    duty, busy = a.on_duty, a.busy
    a.queue_time += a.queue * passed
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


@part
def start_over(w: Any, actor: int) -> None:
    """Begin to observe: forget the time so far, not the state."""
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
    return a.is_down == 0 and a.busy < a.on_duty - a.broken


@small
def is_full(w: Any, actor: int) -> bool:
    """Tell whether all who are on duty and up are busy, and nobody works overtime."""
    a = actor_at(w, actor)
    return a.is_down == 0 and a.busy == a.on_duty - a.broken


@part
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
    book(w, actor)
    a = actor_at(w, actor)
    r = request_at(w, request)
    a.busy += 1.0
    r.server = 0
    if a.by_server:
        while _is_taken(w, a.breakdowns + r.server):
            r.server += 1
        breakdown_at(w, a.breakdowns + r.server).serving = request
    r.actor = actor
    if a.keeps_served or w.attribution != 0:
        serve(w, actor, request)


@small
def _is_taken(w: Any, breakdown: int) -> bool:
    b = breakdown_at(w, breakdown)
    return b.serving != NOBODY or b.down != 0


@small
def release_server(w: Any, request: int) -> None:
    """Make the server free that has a request in hand."""
    r = request_at(w, request)
    actor = r.actor
    book(w, actor)
    a = actor_at(w, actor)
    a.busy -= 1.0
    if a.by_server:
        breakdown_at(w, a.breakdowns + r.server).serving = NOBODY
    r.server = NOBODY
    if a.keeps_served or w.attribution != 0:
        serve_no_more(w, actor, request)


@small
def begin_to_work(w: Any, actor: int, server: int) -> None:
    """Let a busy server work that was held."""
    book(w, actor)
    a = actor_at(w, actor)
    a.working += 1.0
    if a.while_working:
        starts_to_work(w, a.breakdowns + server)


@small
def cease_to_work(w: Any, actor: int, server: int) -> None:
    """Let a working server be held."""
    book(w, actor)
    a = actor_at(w, actor)
    a.working -= 1.0
    if a.while_working:
        resting(w, a.breakdowns + server)


@part
def break_server(w: Any, breakdown: int) -> None:
    """Take a free server out of service."""
    b = breakdown_at(w, breakdown)
    book(w, b.actor)
    b.down = 1
    actor_at(w, b.actor).broken += 1.0


@part
def mend_server(w: Any, breakdown: int) -> None:
    """Put a server back into service."""
    b = breakdown_at(w, breakdown)
    book(w, b.actor)
    b.down = 0
    actor_at(w, b.actor).broken -= 1.0


@small
def lengthen(w: Any, actor: int, by: float) -> None:
    """Count a request that joins the line (1) or leaves it (-1)."""
    book(w, actor)
    a = actor_at(w, actor)
    a.queue += by
    a.queue_max = max(a.queue_max, a.queue)
