"""Looking at what has changed, once everything has happened that follows from an event.

The state of an instant counts only when the instant is over: until then the graph shows the time before. Requests
come first, for a change travels up from them to who asked; then customers. Whatever finds no room is put back, and
looked at again when there is more.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import (
    catch_up,
    go_on_with,
    is_behind,
    is_open,
    look_at_customer,
    settle,
)
from servicechain.engines.compiled.attribution.clocks import is_link
from servicechain.engines.compiled.attribution.counting import bring_lines, can_count, count, move
from servicechain.engines.compiled.attribution.layout import (
    A_REQUEST,
    AN_ACTOR,
    CAUSES,
    DONE,
    FAILURE,
    NOTHING,
    SHORT,
    attribution_at,
    node_at,
)
from servicechain.engines.compiled.attribution.nodes import close_emptied, free_branches, leave, open_line
from servicechain.engines.compiled.attribution.paths import failed, further
from servicechain.engines.compiled.attribution.targets import rest, target_in_hand
from servicechain.engines.compiled.attribution.touching import touch_breakdown, touch_customer, touch_request
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import (
    HELD,
    NOBODY,
    actor_at,
    breakdown_at,
    customer_at,
    request_at,
    service_at,
    strand_at,
)


@small
def look(w: Any) -> int:
    """Look at everything that has changed: DONE or, to be called again when there is more room, SHORT."""
    a = attribution_at(w.attribution, 0)
    if w.touched == NOBODY and a.touched_customers == NOBODY and not a.looking:
        return DONE
    return look_at_all(w, a)


@part
def look_at_all(w: Any, a: Any) -> int:
    """Look at what has been touched, until nothing is left."""
    a.looking = 1
    if a.short or (is_behind(a) and not catch_up(w, a)):
        return SHORT
    while w.touched != NOBODY:
        if _look_at_first(w, a) == SHORT:
            return SHORT
    while a.touched_customers != NOBODY:
        customer = a.touched_customers
        if look_at_customer(w, a, customer) == SHORT:
            return SHORT
        c = customer_at(w, customer)
        a.touched_customers = c.touched - 2
        c.touched = 0
    if a.watching != NOBODY and settle(w, a, a.watching, 1) == SHORT:
        return SHORT
    if a.emptied != NOBODY:
        close_emptied(a)
    if a.limbo != NOBODY:
        free_branches(a)
    a.looking = 0
    return DONE


@part
def _look_at_first(w: Any, a: Any) -> int:
    """Look at what was touched last; put it back if room is short."""
    code = w.touched
    kind, thing = code & 3, code >> 2
    if kind == A_REQUEST:
        r = request_at(w, thing)
        w.touched = r.touched - 2
        r.touched = 0
        if _look_at_request(w, a, thing) == SHORT:
            touch_request(w, thing)
            return SHORT
        return DONE
    if kind == AN_ACTOR:
        actor = actor_at(w, thing)
        w.touched = actor.touched - 2
        actor.touched = 0
        _look_at_actor(w, thing)
        return DONE
    b = breakdown_at(w, thing)
    w.touched = b.touched - 2
    b.touched = 0
    if look_at_breakdown(w, a, thing) == SHORT:
        touch_breakdown(w, thing)
        return SHORT
    return DONE


# -- requests ----------------------------------------------------------------------------------------------------------


@part
def _look_at_request(w: Any, a: Any, request: int) -> int:
    r = request_at(w, request)
    outage = actor_at(w, r.actor).outage if a.failing and r.actor != NOBODY else NOBODY
    line = service_at(w, r.service).line if r.waiting else NOBODY
    if line != NOBODY and not node_at(a, line).is_open and not open_line(w, a, line):
        return SHORT
    target = _target_of(w, a, r, line, outage)
    view = r.actor if target != NOTHING and r.server != NOBODY and outage == NOBODY else NOBODY
    changes = r.counted != view or (view != NOBODY and r.counted_target != target)
    if (changes and not _can_change(w, a, r.counted, view, target)) or a.short:
        return SHORT
    if line != r.line:
        _stand(a, r, line)
    if target != r.target:
        r.target = target
        if r.asker != NOBODY and not r.front:
            _touch_asker(w, r)
    if outage != NOBODY:
        touch_breakdown(w, outage)
    if changes:
        _count_anew(a, r, view, target)
    return _look_at_customer_of(w, a, r) if r.front else DONE


@part
def _look_at_customer_of(w: Any, a: Any, r: Any) -> int:
    """See where the time of the customer goes whose own request this is; later, if they do several things at once."""
    c = customer_at(w, r.customer)
    if r.asker != c.main or not is_open(c):
        touch_customer(w, r.customer)
        return DONE
    if a.touched_customers == r.customer:
        a.touched_customers = c.touched - 2
        c.touched = 0
    return go_on_with(w, a, r.customer, r.target if c.state <= HELD else NOTHING)


@part
def _target_of(w: Any, a: Any, r: Any, line: int, outage: int) -> int:
    if line != NOBODY:
        if r.actor != NOBODY:
            rest(w, a, r.main)
        return -2 - node_at(a, line).root
    if r.actor != NOBODY and not r.over:
        return target_in_hand(w, a, r, outage)
    return NOTHING


@part
def _stand(a: Any, r: Any, line: int) -> None:
    if line != NOBODY:
        node_at(a, line).standing += 1
    if r.line != NOBODY:
        leave(a, r.line)
    r.line = line


@part
def _count_anew(a: Any, r: Any, view: int, target: int) -> None:
    if r.counted == view and not is_link(target) and not is_link(r.counted_target):
        move(a, view, r.counted_target, target)
    else:
        if r.counted != NOBODY:
            count(a, r.counted, r.counted_target, -1)
        if view != NOBODY:
            count(a, view, target, 1)
    r.counted = view
    r.counted_target = target


@part
def _can_change(w: Any, a: Any, before: int, after: int, target: int) -> bool:
    """Bring the lines up to now whose servers change, and have room for the change; tell whether there was."""
    if before != NOBODY and not bring_lines(w, a, before):
        return False
    if after == NOBODY:
        return True
    if after != before and not bring_lines(w, a, after):
        return False
    return can_count(w, a, after, target, before)


@part
def _touch_asker(w: Any, r: Any) -> None:
    if r.asker < NOBODY:
        touch_breakdown(w, -2 - r.asker)
        return
    s = strand_at(w, r.asker)
    if s.request == NOBODY:
        touch_customer(w, s.customer)
    else:
        touch_request(w, s.request)


# -- actors and what has failed ----------------------------------------------------------------------------------------


@part
def _look_at_actor(w: Any, actor: int) -> None:
    one = actor_at(w, actor)
    request = one.served
    while request != NOBODY:
        touch_request(w, request)
        request = request_at(w, request).later
    if one.outage != NOBODY:
        touch_breakdown(w, one.outage)


@part
def look_at_breakdown(w: Any, a: Any, breakdown: int) -> int:
    """See what a failure waits for, and who waits for it: DONE or, with nothing done, SHORT."""
    b = breakdown_at(w, breakdown)
    actor = actor_at(w, b.actor)
    target = NOTHING
    if b.active:
        if b.repair == NOBODY:
            target = b.actor * CAUSES + FAILURE
        else:
            target = further(a, b.actor, failed(a, request_at(w, b.repair).target))
    servers = 1 if actor.by_server else _servers_down(actor)
    view = b.actor if target != NOTHING and servers > 0 else NOBODY
    changes = b.counted != view or (view != NOBODY and (b.counted_target != target or b.counted_servers != servers))
    if changes and not _can_change(w, a, b.counted, view, target):
        return SHORT
    if a.short:
        return SHORT
    if target != b.target:
        b.target = target
        if not actor.by_server:
            _look_at_actor(w, b.actor)
    if changes:
        if b.counted != NOBODY:
            count(a, b.counted, b.counted_target, -b.counted_servers)
        if view != NOBODY:
            count(a, view, target, servers)
        b.counted = view
        b.counted_target = target
        b.counted_servers = servers
    return DONE


@part
def _servers_down(actor: Any) -> int:
    """Tell how many servers are there when all are down; of an unlimited number those that have something in hand."""
    if actor.unlimited:
        return max(actor.busy, 1)
    return max(int(actor.on_duty), actor.busy)
