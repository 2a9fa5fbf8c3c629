"""Bringing clocks up to now: first those behind, then the node itself.

Where no lines wait for each other, which is nearly always, a walk along the links comes to an end. Where it meets
itself, the groups that wait for each other are found first: R. Tarjan (1972), Depth-first search and linear graph
algorithms, doi 10.1137/0201010; it gives them in the order needed, those behind first.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.circles import advance_circle
from servicechain.engines.compiled.attribution.clocks import (
    advance,
    gain,
    is_link,
    prepare_nobody,
    prepare_via,
    present_at,
    via_of,
    view_count,
    view_of,
)
from servicechain.engines.compiled.attribution.fours import advance_all
from servicechain.engines.compiled.attribution.layout import (
    CIRCLE,
    DONE,
    NODES,
    NOTHING,
    SCRATCH,
    SHORT,
    node_at,
    onward_at,
    scratch_at,
    share_at,
    store_at,
    via_at,
    view_at,
    word_at,
)
from servicechain.engines.compiled.attribution.room import take
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY

_FRAME = 3
"""Words of a node whose links are being followed: node, view, share."""


@small
def bring(w: Any, a: Any, n: int) -> int:
    """Bring the clock of a node, and those behind it, up to now: DONE or, for want of room, SHORT."""
    node = node_at(a, n)
    if node.last == w.now:
        return DONE
    if node.own != NOBODY:
        view = view_at(a, node.own)
        if view.links == 0 and view.present > 0:
            _advance_simply(a, node, view, w.now)
            return DONE
    return _bring_after_others(w, a, n)


@part
def _bring_after_others(w: Any, a: Any, n: int) -> int:
    """Bring a node up to now that does not go on by itself."""
    node = node_at(a, n)
    if node.own != NOBODY and view_at(a, node.own).present > 0 and _follow_simply(w, a, n, view_at(a, node.own)):
        _advance_view(a, node, view_at(a, node.own), w.now)
        return DONE
    state = _follow(w, a, n)
    return _bring_circles(w, a, n) if state == CIRCLE else state


@small
def _advance_simply(a: Any, node: Any, view: Any, now: float) -> None:
    """Let the clock of a node go on that has a view of its own, without links."""
    unit = (now - node.last) / view.present
    node.last = now
    advance_all(a, node.entries, node.count, unit)


@small
def _follow_simply(w: Any, a: Any, n: int, view: Any) -> bool:
    """Bring the nodes up to now to which the links of a view lead; tell whether each had no links and all is ready."""
    left = view.links
    s = view.shares
    while left > 0:
        share = share_at(a, s)
        s += 1
        if share.target < NOTHING:
            left -= share.count
            behind = onward_at(a, -2 - share.target).node
            node = node_at(a, behind)
            if node.last != w.now:
                if node.own == NOBODY:
                    return False
                own = view_at(a, node.own)
                if own.links != 0 or own.present <= 0:
                    return False
                _advance_simply(a, node, own, w.now)
            if not _is_ready(a, n, share, behind):
                return False
    return True


@part
def _follow(w: Any, a: Any, n: int) -> int:
    """Bring a node up to now unless it is part of a circle, or has one behind it."""
    node = node_at(a, n)
    if node.last == w.now:
        return DONE
    if node.above:
        return CIRCLE
    node.above = 1
    state = DONE
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        left = view.links
        s = view.shares
        while left > 0 and state == DONE:
            share = share_at(a, s)
            s += 1
            if share.target < NOTHING:
                left -= share.count
                behind = onward_at(a, -2 - share.target).node
                if node_at(a, behind).last != w.now:
                    state = _follow(w, a, behind)
                if state == DONE and not _is_ready(a, n, share, behind):
                    state = SHORT
    node.above = 0
    if state == DONE:
        state = _go_on(w, a, n, node)
    return state


@small
def _go_on(w: Any, a: Any, n: int, node: Any) -> int:
    """Let the clock of a node go on; those behind show the time already: DONE or, for want of room, SHORT."""
    if node.own != NOBODY and view_at(a, node.own).present > 0:
        _advance_view(a, node, view_at(a, node.own), w.now)
        return DONE
    if present_at(a, n) == 0 and prepare_nobody(a, n) == 0:
        return SHORT
    advance(a, n, w.now)
    return DONE


@small
def _advance_view(a: Any, node: Any, view: Any, now: float) -> None:
    """Let the clock of a node go on that has a view of its own."""
    span = now - node.last
    one = 1.0 / view.present
    node.last = now
    advance_all(a, node.entries, node.count, span * one)
    left = view.links
    s = view.shares
    while left > 0:
        share = share_at(a, s)
        s += 1
        if is_link(share.target):
            left -= share.count
            gain(a, node.entries, via_at(a, share.slot), one * share.count)


@small
def _is_ready(a: Any, n: int, share: Any, behind: int) -> bool:
    """Have the via of a share there, and an entry for each that has gained time behind."""
    number = onward_at(a, -2 - share.target).via
    if number == NOBODY or via_at(a, number).node != n:
        number = via_of(a, n, -2 - share.target)
        if number == NOBODY:
            return False
    share.slot = number
    via = via_at(a, number)
    count = node_at(a, behind).count
    if via.mapped < count or via.mark_room < count:
        return prepare_via(a, number) == 1
    for k in range(count):
        if word_at(a, via.slots + k).value == NOBODY:
            return prepare_via(a, number) == 1
    return True


# -- circles -----------------------------------------------------------------------------------------------------------


@rare
def _bring_circles(w: Any, a: Any, start: int) -> int:
    """Bring a node up to now group by group, each group of nodes that wait for each other at once."""
    scratch = store_at(a, SCRATCH)
    before = scratch.top
    nodes = store_at(a, NODES).top
    # the nodes met, those of them in no group yet, and the walk that has led to where it is
    met = take(a, store_at(a, SCRATCH), (2 + _FRAME) * nodes)
    if met == NOBODY:
        return SHORT
    count = 0
    open_first = met + nodes
    open_count = 0
    walk = met + 2 * nodes
    depth = 0
    state = DONE
    n = start
    while state == DONE:
        node = node_at(a, n)
        if node.visit == 0:
            scratch_at(a, met + count).value = n
            scratch_at(a, open_first + open_count).value = n
            count += 1
            open_count += 1
            node.visit = count
            node.low = count
            node.stacked = 1
            _enter(a, walk, depth, n)
            depth += 1
        behind = _next_behind(w, a, walk + _FRAME * (depth - 1))
        if behind != NOBODY:
            other = node_at(a, behind)
            if other.visit == 0:
                n = behind
            elif other.stacked:
                node.low = min(node.low, other.visit)
            continue
        if node.low == node.visit:
            size = _close_group(a, open_first, open_count, n)
            open_count -= size
            state = _advance_group(w, a, open_first + open_count, size)
        depth -= 1
        if depth == 0:
            break
        n = scratch_at(a, walk + _FRAME * (depth - 1)).value
        above = node_at(a, n)
        above.low = min(above.low, node.low)
    for k in range(count):
        node = node_at(a, scratch_at(a, met + k).value)
        node.visit = 0
        node.stacked = 0
    scratch.top = before
    return state


@rare
def _enter(a: Any, walk: int, depth: int, n: int) -> None:
    frame = walk + _FRAME * depth
    scratch_at(a, frame).value = n
    scratch_at(a, frame + 1).value = 0
    scratch_at(a, frame + 2).value = 0


@rare
def _next_behind(w: Any, a: Any, frame: int) -> int:
    """Give the next node behind one that is not yet brought up to now; NOBODY if there is none left."""
    n = scratch_at(a, frame).value
    k, s = scratch_at(a, frame + 1), scratch_at(a, frame + 2)
    while k.value < view_count(a, n):
        view = view_at(a, view_of(a, n, k.value))
        while s.value < view.count:
            target = share_at(a, view.shares + s.value).target
            s.value += 1
            if is_link(target):
                behind = onward_at(a, -2 - target).node
                if node_at(a, behind).last != w.now:
                    return behind
        k.value += 1
        s.value = 0
    return NOBODY


@rare
def _close_group(a: Any, first: int, count: int, n: int) -> int:
    """Take the nodes from one on out of those that are open; tell how many they are."""
    size = 0
    while True:
        size += 1
        other = scratch_at(a, first + count - size).value
        node_at(a, other).stacked = 0
        if other == n:
            return size


@rare
def _advance_group(w: Any, a: Any, first: int, size: int) -> int:
    n = scratch_at(a, first).value
    if size > 1 or _waits_for_itself(a, n):
        return advance_circle(w, a, first, size)
    return _follow(w, a, n)


@rare
def _waits_for_itself(a: Any, n: int) -> bool:
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        for s in range(view.shares, view.shares + view.count):
            target = share_at(a, s).target
            if is_link(target) and onward_at(a, -2 - target).node == n:
                return True
    return False
