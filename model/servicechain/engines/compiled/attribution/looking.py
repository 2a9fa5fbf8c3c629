"""Looking at what has changed, once everything has happened that follows from an event.

The state of an instant counts only when the instant is over: until then the graph shows the time before. Requests
come first, for a change travels up from them to who asked; then customers. Whatever finds no room is put back, and
looked at again when there is more.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import go_on_with, is_open, look_at_customer, settle
from servicechain.engines.compiled.attribution.counting import can_change, count, recount
from servicechain.engines.compiled.attribution.layout import (
    A_REQUEST,
    AN_ACTOR,
    CAUSES,
    DONE,
    FAILURE,
    NOTHING,
    SHORT,
    WORK,
    attribution_at,
    node_at,
    view_at,
)
from servicechain.engines.compiled.attribution.lines import close_emptied, leave, open_line
from servicechain.engines.compiled.attribution.nodes import free_branches
from servicechain.engines.compiled.attribution.paths import failed, further
from servicechain.engines.compiled.attribution.targets import held, rest, target_in_hand
from servicechain.engines.compiled.attribution.touching import touch_breakdown, touch_customer, touch_request
from servicechain.engines.compiled.compiling import part, rare, small
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
    while w.touched != NOBODY:
        if _look_at_first(w, a) == SHORT:
            return SHORT
    # nearly always there is none of these
    if (a.touched_customers & a.watching & a.emptied & a.limbo) == NOBODY:
        return DONE
    return _look_at_the_rest(w, a)


@part
def _look_at_the_rest(w: Any, a: Any) -> int:
    while a.touched_customers != NOBODY:
        customer = a.touched_customers
        if look_at_customer(w, a, customer) == SHORT:
            return SHORT
        c = customer_at(w, customer)
        a.touched_customers = c.touched - 2
        c.touched = 0
    if a.watching != NOBODY:
        a.looking = 1
        if settle(w, a, a.watching, 1) == SHORT:
            return SHORT
        a.looking = 0
    if a.emptied != NOBODY:
        close_emptied(w, a)
    if a.limbo != NOBODY:
        free_branches(a)
    return DONE


@small
def _look_at_first(w: Any, a: Any) -> int:
    """Look at what was touched last; put it back if room is short."""
    code = w.touched
    if code & 3 != A_REQUEST:
        return _look_at_other(w, a, code & 3, code >> 2)
    request = code >> 2
    r = request_at(w, request)
    w.touched = r.touched - 2
    r.touched = 0
    if _look_at_request(w, a, r) == SHORT:
        touch_request(w, request)
        return SHORT
    return DONE


@rare
def _look_at_other(w: Any, a: Any, kind: int, thing: int) -> int:
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


@small
def _look_at_request(w: Any, a: Any, r: Any) -> int:
    if a.failing:
        return _look_where_things_fail(w, a, r)
    if r.server != NOBODY:
        return _look_in_hand(w, a, r)
    if r.waiting:
        return _look_in_line(w, a, r)
    if r.over or r.withdrawn:
        return _forget(w, a, r)
    return _look_where_things_fail(w, a, r)


@small
def _look_in_hand(w: Any, a: Any, r: Any) -> int:
    view = r.actor
    # nearly always: the server does the only thing there is to do; who has one has begun
    if r.working == r.main:
        target = view * CAUSES + WORK
    else:
        target = held(w, a, r)
        if target == NOTHING and a.short:
            return SHORT
    if target == NOTHING or not view_at(a, view).counts:
        view = NOBODY
    return _change(w, a, r, NOBODY, view, target)


@small
def _look_in_line(w: Any, a: Any, r: Any) -> int:
    line = service_at(w, r.service).line
    node = node_at(a, line)
    if not node.is_open and not open_line(w, a, line):
        return SHORT
    if r.actor != NOBODY:
        rest(w, a, r.main)
    return _change(w, a, r, line, NOBODY, -2 - node.root)


@small
def _forget(w: Any, a: Any, r: Any) -> int:
    """Look at a request that is over: nobody waits for it any more, and it is no customer's own."""
    if r.counted != NOBODY and not recount(w, a, r, NOBODY, NOTHING):
        return SHORT
    if r.line != NOBODY:
        _stand(a, r, NOBODY)
    r.target = NOTHING
    return DONE


@rare
def _look_where_things_fail(w: Any, a: Any, r: Any) -> int:
    """Look at any request, also where servers may be down."""
    outage = NOBODY if r.actor == NOBODY else actor_at(w, r.actor).outage
    view = NOBODY
    target = NOTHING
    if r.waiting:
        if _look_in_line(w, a, r) == SHORT:
            return SHORT
    else:
        if r.actor != NOBODY and not r.over:
            target = target_in_hand(w, a, r, outage)
            if a.short:
                return SHORT
            if target != NOTHING and r.server != NOBODY and outage == NOBODY and view_at(a, r.actor).counts:
                view = r.actor
        if _change(w, a, r, NOBODY, view, target) == SHORT:
            return SHORT
    if outage != NOBODY:
        touch_breakdown(w, outage)
    return DONE


@small
def _change(w: Any, a: Any, r: Any, line: int, view: int, target: int) -> int:
    """Let a request stand in a line, be counted in a view and have a target from now on."""
    counted = NOTHING if view == NOBODY else target
    if (r.counted_target != counted or r.counted != view) and not recount(w, a, r, view, counted):
        return SHORT
    if line != r.line:
        _stand(a, r, line)
    before = r.target
    r.target = target
    if r.front:
        return _look_at_customer_of(w, a, r, target)
    if target != before and r.asker != NOBODY:
        _touch_asker(w, r)
    return DONE


@small
def _look_at_customer_of(w: Any, a: Any, r: Any, target: int) -> int:
    """See where the time of the customer goes whose own request this is; later, if they do several things at once."""
    c = customer_at(w, r.customer)
    if r.asker != c.main or not is_open(c):
        touch_customer(w, r.customer)
        return DONE
    return go_on_with(w, a, c, target if c.state <= HELD else NOTHING)


@small
def _stand(a: Any, r: Any, line: int) -> None:
    if line != NOBODY:
        node_at(a, line).standing += 1
    if r.line != NOBODY:
        leave(a, r.line)
    r.line = line


@small
def _touch_asker(w: Any, r: Any) -> None:
    if r.asker >= 0 and strand_at(w, r.asker).request != NOBODY:
        touch_request(w, strand_at(w, r.asker).request)
    else:
        _touch_other_asker(w, r)


@rare
def _touch_other_asker(w: Any, r: Any) -> None:
    if r.asker < NOBODY:
        touch_breakdown(w, -2 - r.asker)
    else:
        touch_customer(w, strand_at(w, r.asker).customer)


# -- actors and what has failed ----------------------------------------------------------------------------------------


@rare
def _look_at_actor(w: Any, actor: int) -> None:
    one = actor_at(w, actor)
    request = one.served
    while request != NOBODY:
        touch_request(w, request)
        request = request_at(w, request).later
    if one.outage != NOBODY:
        touch_breakdown(w, one.outage)


@rare
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
    if a.short or (changes and not can_change(w, a, b.counted, view, target)):
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


@rare
def _servers_down(actor: Any) -> int:
    """Tell how many servers are there when all are down; of an unlimited number those that have something in hand."""
    if actor.unlimited:
        return max(int(actor.busy), 1)
    return int(max(actor.on_duty, actor.busy))
