"""Where the time goes of who waits for a request, or walks along a strand, at this instant."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import is_link
from servicechain.engines.compiled.attribution.fours import rate_in
from servicechain.engines.compiled.attribution.layout import (
    CAUSES,
    DONE,
    NOTHING,
    PAUSE,
    SCRATCH,
    WORK,
    node_at,
    scratch_at,
    share_at,
    store_at,
    view_at,
)
from servicechain.engines.compiled.attribution.nodes import (
    forget_shares,
    have_shares,
    new_branches,
    rest_branches,
    watch_target,
)
from servicechain.engines.compiled.attribution.paths import further
from servicechain.engines.compiled.attribution.room import take
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import (
    FORKED,
    NOBODY,
    REQUESTED,
    TIMED,
    breakdown_at,
    fork_at,
    request_at,
    strand_at,
)


@part
def target_in_hand(w: Any, a: Any, r: Any, outage: int) -> int:
    """Give the target of a request that a server has, or had, in hand; `outage` is the breakdown of all, or NOBODY."""
    if min(outage, r.server) != NOBODY:
        rest(w, a, r.main)
        return breakdown_at(w, outage).target
    if r.working != NOBODY and r.working == r.main:
        return r.actor * CAUSES + WORK
    target = waits(w, a, r.main, r.actor)
    if target == NOTHING and r.working != NOBODY:
        return r.actor * CAUSES + WORK
    return target


@small
def held(w: Any, a: Any, r: Any) -> int:
    """Give the target of a request whose server is there, but does not work for its own steps."""
    if r.main != NOBODY and strand_at(w, r.main).doing == REQUESTED:
        return further(a, r.actor, request_at(w, strand_at(w, r.main).subject).target)
    return target_in_hand(w, a, r, NOBODY)


@part
def waits(w: Any, a: Any, strand: int, actor: int) -> int:
    """Give the target of who walks here, by way of an actor, if any; NOTHING if they do something themselves."""
    if strand == NOBODY:
        return NOTHING
    s = strand_at(w, strand)
    if s.doing == FORKED:
        return branches_wait(w, a, s.subject, actor)
    return _waits_simply(w, a, s, actor)


@part
def _waits_simply(w: Any, a: Any, s: Any, actor: int) -> int:
    if s.doing == REQUESTED:
        target = request_at(w, s.subject).target
        return target if actor == NOBODY else further(a, actor, target)
    if s.doing == TIMED and actor != NOBODY and not s.by_server and s.due != NOBODY:
        return actor * CAUSES + PAUSE
    return NOTHING


@small
def rest(w: Any, a: Any, strand: int) -> None:
    """Let the clocks of branches rest: nobody waits for them; when somebody does, they begin anew."""
    if strand != NOBODY and strand_at(w, strand).doing == FORKED:
        _rest(w, a, strand)


@part
def _rest(w: Any, a: Any, strand: int) -> None:
    fork = fork_at(w, strand_at(w, strand).subject)
    rest_branches(a, fork)
    branch = fork.branches
    while branch != NOBODY:
        s = strand_at(w, branch)
        if s.doing == FORKED:
            _rest(w, a, branch)
        branch = s.sibling


# -- branches side by side ---------------------------------------------------------------------------------------------


@rare
def branches_wait(w: Any, a: Any, number: int, actor: int) -> int:
    """Give the one target that all branches have who wait, or a node in which each has its share."""
    fork = fork_at(w, number)
    scratch = store_at(a, SCRATCH)
    first = scratch.top
    branch = fork.branches
    while branch != NOBODY:
        s = strand_at(w, branch)
        if not s.over:
            forks = s.doing == FORKED
            target = branches_wait(w, a, s.subject, actor) if forks else _waits_simply(w, a, s, actor)
            if target != NOTHING:
                _gather(a, first, target)
        branch = s.sibling
    distinct = (scratch.top - first) // 2
    target = NOTHING
    if not a.short:
        if distinct <= 1:
            rest_branches(a, fork)
            target = NOTHING if distinct == 0 else scratch_at(a, first).value
        else:
            target = _shared(w, a, fork, first, distinct)
    scratch.top = first
    return target


@rare
def _gather(a: Any, first: int, target: int) -> None:
    """Count one more under a target, in pairs of target and count from a position of the scratch on."""
    for k in range(first, store_at(a, SCRATCH).top, 2):
        if scratch_at(a, k).value == target:
            scratch_at(a, k + 1).value += 1
            return
    place = take(a, store_at(a, SCRATCH), 2)
    if place != NOBODY:
        scratch_at(a, place).value = target
        scratch_at(a, place + 1).value = 1


@rare
def _shared(w: Any, a: Any, fork: Any, first: int, distinct: int) -> int:
    if fork.node == NOBODY:
        fork.node = new_branches(w, a, fork.step)
        if fork.node == NOBODY:
            return NOTHING
    n = fork.node
    node = node_at(a, n)
    view = view_at(a, node.single)
    if not _is_same(a, view, first, distinct) and not _replace(w, a, n, view, first, distinct):
        return NOTHING
    return -2 - node.root


@rare
def _is_same(a: Any, view: Any, first: int, distinct: int) -> bool:
    if view.count != distinct:
        return False
    for k in range(first, first + 2 * distinct, 2):
        found = False
        for s in range(view.shares, view.shares + distinct):
            share = share_at(a, s)
            found |= share.target == scratch_at(a, k).value and share.count == scratch_at(a, k + 1).value
        if not found:
            return False
    return True


@rare
def _replace(w: Any, a: Any, n: int, view: Any, first: int, distinct: int) -> bool:
    """Let the branches have other targets from now on; tell whether there was room."""
    if bring(w, a, n) != DONE or have_shares(a, view, distinct) == 0:
        return False
    for k in range(first, first + 2 * distinct, 2):
        if watch_target(w, a, n, scratch_at(a, k).value) == NOBODY:
            return False
    node = node_at(a, n)
    forget_shares(a, node, view)
    for k in range(first, first + 2 * distinct, 2):
        share = share_at(a, view.shares + view.count)
        share.target = scratch_at(a, k).value
        share.count = scratch_at(a, k + 1).value
        share.slot = watch_target(w, a, n, share.target)
        view.count += 1
        view.present += share.count
        if is_link(share.target):
            view.links += share.count
        else:
            rate_in(a, node.entries, share.slot).value = share.count
    return True
