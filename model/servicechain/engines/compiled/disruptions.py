"""What happens to work in progress when staff changes, when an actor fails, and when it is repaired."""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.attribution.touching import touch_actor, touch_breakdown, touch_request
from servicechain.engines.compiled.clocks_of_failure import wind_up
from servicechain.engines.compiled.compiling import rare
from servicechain.engines.compiled.consequences import add
from servicechain.engines.compiled.desk import request_repair
from servicechain.engines.compiled.drawing import drawn
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.floor import arrange, interrupt, settle, work_on
from servicechain.engines.compiled.layout import (
    END,
    GOES_ON,
    LASTED,
    NOBODY,
    actor_at,
    breakdown_at,
    request_at,
    strand_at,
)
from servicechain.engines.compiled.teams import break_down, break_server, change_duty, mend_server, release_server

# -- staff -------------------------------------------------------------------------------------------------------------


@rare
def staff_changes(w: Any, actor: int, staff: float) -> None:
    """Let so many be on duty from now on."""
    touch_actor(w, actor)
    change_duty(w, actor, staff)
    a = actor_at(w, actor)
    if a.stops and a.busy > staff:
        _stop_surplus(w, actor, a.busy - int(staff))
    settle(w, actor)


@rare
def _stop_surplus(w: Any, actor: int, surplus: int) -> None:
    """Take the requests that began last out of their servers' hands, but for those in wrap-up."""
    request = actor_at(w, actor).served_last
    for _ in range(surplus - 1):
        request = request_at(w, request).earlier
    back = NOBODY
    while request != NOBODY:
        r = request_at(w, request)
        later = r.later
        if math.isnan(r.answered):
            touch_request(w, request)
            if r.working != NOBODY:
                interrupt(w, request)
            returns = r.interrupted != NOBODY or r.pending != NOBODY
            release_server(w, actor, request)
            if returns:
                back = _put_in_order(w, back, request)
        request = later
    while back != NOBODY:
        after = request_at(w, back).later
        arrange(w, back)
        back = after


@rare
def _put_in_order(w: Any, first: int, request: int) -> int:
    """Put a request into a list by priority, then order of asking; give its first."""
    r = request_at(w, request)
    before, after = NOBODY, first
    while after != NOBODY:
        other = request_at(w, after)
        if r.priority < other.priority or (r.priority == other.priority and r.order < other.order):
            break
        before, after = after, other.later
    r.later = after
    if before == NOBODY:
        return request
    request_at(w, before).later = request
    return first


# -- failures ----------------------------------------------------------------------------------------------------------


@rare
def fails(w: Any, breakdown: int) -> None:
    """Let an actor, or one of its servers, stop, and ask for the repair."""
    b = breakdown_at(w, breakdown)
    b.due = NOBODY
    a = actor_at(w, b.actor)
    if a.by_server:
        _server_fails(w, breakdown)
    else:
        _all_fail(w, b.actor)
        a.outage = breakdown
    b.active = 1
    b.repair = NOBODY
    touch_breakdown(w, breakdown)
    if a.repair != NOBODY:
        request_repair(w, breakdown, a.repair)
        return
    w.repairs_now += 1
    lasts = drawn(w, a.lasts, a.key, b.drawn_as, b.lineage, w.key_repair)
    schedule(w, w.now + lasts, END, LASTED, breakdown)


@rare
def _all_fail(w: Any, actor: int) -> None:
    touch_actor(w, actor)
    break_down(w, actor, 1)
    a = actor_at(w, actor)
    request = a.served
    while request != NOBODY:
        r = request_at(w, request)
        if r.working != NOBODY:
            strand_at(w, r.working).restarts = a.restarts
            interrupt(w, request)
        request = r.later


@rare
def _server_fails(w: Any, breakdown: int) -> None:
    """Let one server stop; what it has in hand goes back in line."""
    b = breakdown_at(w, breakdown)
    touch_actor(w, b.actor)
    request = b.serving
    if request == NOBODY:
        break_server(w, breakdown)
        return
    touch_request(w, request)
    r = request_at(w, request)
    if r.working != NOBODY:
        strand_at(w, r.working).restarts = actor_at(w, b.actor).restarts
        interrupt(w, request)
    release_server(w, b.actor, request)
    break_server(w, breakdown)
    if r.interrupted != NOBODY:
        arrange(w, request)


@rare
def repaired(w: Any, breakdown: int) -> None:
    """Go on, until the next failure."""
    b = breakdown_at(w, breakdown)
    a = actor_at(w, b.actor)
    b.failures += 1
    b.active = 0
    touch_breakdown(w, breakdown)
    a.outage = NOBODY
    if a.by_server:
        mend_server(w, breakdown)
        settle(w, b.actor)
    else:
        _all_repaired(w, b.actor)
    wind_up(w, breakdown)


@rare
def _all_repaired(w: Any, actor: int) -> None:
    """Let interrupted work go on, then give away free servers, then let those go on who could not before."""
    touch_actor(w, actor)
    break_down(w, actor, 0)
    a = actor_at(w, actor)
    waiting = NOBODY
    request = a.served
    while request != NOBODY:
        r = request_at(w, request)
        waiting = _merged(w, waiting, r.pending)
        r.pending = NOBODY
        work_on(w, request)
        request = r.later
    settle(w, actor)
    while waiting != NOBODY:
        after = strand_at(w, waiting).pending
        add(w, GOES_ON, waiting)
        waiting = after


@rare
def _merged(w: Any, one: int, other: int) -> int:
    """Merge two lists of strands, each in the order in which they could have gone on."""
    first = last = NOBODY
    while one != NOBODY or other != NOBODY:
        if other == NOBODY or (one != NOBODY and strand_at(w, one).pending_number < strand_at(w, other).pending_number):
            strand, one = one, strand_at(w, one).pending
        else:
            strand, other = other, strand_at(w, other).pending
        strand_at(w, strand).pending = NOBODY
        if last == NOBODY:
            first = strand
        else:
            strand_at(w, last).pending = strand
        last = strand
    return first
