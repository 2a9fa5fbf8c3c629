"""What nodes wait for, and those that come and go: the branches of a `together` while several of them wait."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import (
    is_link,
    mark_via,
    prepare_marks,
    slot_of,
    via_of,
)
from servicechain.engines.compiled.attribution.fours import rate_in
from servicechain.engines.compiled.attribution.layout import (
    DONE,
    NODES,
    ONWARDS,
    STEPS,
    VIEWS,
    attribution_at,
    free_forks_at,
    node_at,
    onward_at,
    share_at,
    store_at,
    view_at,
)
from servicechain.engines.compiled.attribution.paths import new_roots
from servicechain.engines.compiled.attribution.room import doubled, has_room, longer_shares, take
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY, fork_at


@part
def watch_target(w: Any, a: Any, n: int, target: int) -> int:
    """Have a node ready for a target: its entry, or the via with the clock behind marked as it is now.

    Gives the number of the entry or the via, NOBODY if there is no room.
    """
    if not is_link(target):
        return slot_of(a, n, target)
    onward = -2 - target
    if bring(w, a, onward_at(a, onward).node) != DONE:
        return NOBODY
    via = via_of(a, n, onward)
    if via == NOBODY or prepare_marks(a, via) == 0:
        return NOBODY
    mark_via(a, via)
    return via


# -- branches ----------------------------------------------------------------------------------------------------------


@rare
def new_branches(w: Any, a: Any, step: int) -> int:
    """Give a node for branches side by side, whose clock begins now; NOBODY if there is no room."""
    free = step % STEPS
    n = free_forks_at(a, free).value
    if n != NOBODY:
        free_forks_at(a, free).value = node_at(a, n).next
    else:
        if not (
            has_room(a, store_at(a, NODES), 1)
            and has_room(a, store_at(a, VIEWS), 1)
            and has_room(a, store_at(a, ONWARDS), 2)
        ):
            return NOBODY
        n = _make_branches(a)
    node_at(a, n).step = free
    node_at(a, n).last = w.now
    return n


@rare
def _make_branches(a: Any) -> int:
    n, v = take(a, store_at(a, NODES), 1), take(a, store_at(a, VIEWS), 1)
    node, view = node_at(a, n), view_at(a, v)
    node.actor_count = 0
    node.single = v
    node.own = v
    node.standing = 0
    node.is_open = 0
    node.emptied = 0
    node.count = 0
    node.room = 0
    node.above = 0
    node.visit = 0
    node.stacked = 0
    node.row = NOBODY
    node.root = new_roots(a, n)
    view.present = 0
    view.links = 0
    view.count = 0
    view.room = 0
    view.home = n
    view.line_count = 0
    view.counts = 0
    return n


@rare
def rest_branches(a: Any, fork: Any) -> None:
    """Let the clock of branches rest; should several of them wait again, it begins anew."""
    if fork.node != NOBODY:
        node_at(a, fork.node).next = a.limbo
        a.limbo = fork.node
        fork.node = NOBODY


@small
def forget_fork(w: Any, fork: int) -> None:
    """Let the clock of branches end that are over."""
    if w.attribution:
        rest_branches(attribution_at(w.attribution, 0), fork_at(w, fork))


@rare
def free_branches(a: Any) -> None:
    """Let nodes be taken again to which nothing refers any more."""
    while a.limbo != NOBODY:
        n = a.limbo
        node = node_at(a, n)
        a.limbo = node.next
        forget_shares(a, node, view_at(a, node.single))
        node.next = free_forks_at(a, node.step).value
        free_forks_at(a, node.step).value = n


@small
def forget_shares(a: Any, node: Any, view: Any) -> None:
    """Let the branches of a node have no targets."""
    for s in range(view.shares, view.shares + view.count):
        share = share_at(a, s)
        if share.target >= 0:
            rate_in(a, node.entries, share.slot).value = 0.0
    view.present = 0
    view.links = 0
    view.count = 0


@rare
def have_shares(a: Any, view: Any, count: int) -> int:
    """Have room for so many shares of a view; tell whether there was."""
    while view.room < count:
        moved = longer_shares(a, view.shares, view.count, doubled(view.room))
        if moved == NOBODY:
            return 0
        view.shares = moved
        view.room = doubled(view.room)
    return 1
