"""Branches side by side: a fork starts them one after the other, and goes on when enough are done."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.breaking_off import break_off, drop_fork
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.deadlines import end_deadline, set_deadline
from servicechain.engines.compiled.drawing import step_word
from servicechain.engines.compiled.floor import can_act, postpone, touch_owner
from servicechain.engines.compiled.frames import end_frame, put_aside
from servicechain.engines.compiled.layout import (
    FORKED,
    FORKS,
    NOBODY,
    STARTING,
    STRANDS,
    class_at,
    customer_at,
    fork_at,
    step_at,
    strand_at,
    way_at,
)
from servicechain.engines.compiled.pooling import take
from servicechain.engines.draws import mix


@small
def main_strand(w: Any, owner: Any, request: int, customer: int, step: int) -> int:
    """Make the strand that a customer or request has from beginning to end; their place in the pool keeps it."""
    strand = owner.kept - 1
    if strand < 0:
        strand = take(w, STRANDS)
        owner.kept = strand + 1
    _begin_strand(w, strand, request, customer, step, 0, NOBODY)
    return strand


@small
def _begin_strand(w: Any, strand: int, request: int, customer: int, step: int, round_: int, fork: int) -> None:
    s = strand_at(w, strand)
    s.request = request
    s.customer = customer
    s.step = step
    s.fork = fork
    s.doing = NOBODY
    s.subject = NOBODY
    s.loop = NOBODY
    s.due = NOBODY
    s.sibling = NOBODY
    s.pending = NOBODY
    s.round = round_
    s.over = 0
    s.by_server = 0
    s.restarts = 0


@part
def begin_fork(w: Any, strand: int) -> None:
    """Come to a `together`; a customer who does several things at once draws one deadline for all."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    fork = take(w, FORKS)
    f = fork_at(w, fork)
    f.strand = strand
    f.needed = step.needed
    f.done = 0
    f.waiting = 0
    f.branches = NOBODY
    f.branches_last = NOBODY
    f.step = s.step
    f.started = 0
    f.round = s.round
    f.node = NOBODY
    s.doing = FORKED
    s.subject = fork
    if s.request == NOBODY and s.fork == NOBODY:
        patience = class_at(w, customer_at(w, s.customer).customer_class).patience
        if patience != NOBODY:
            set_deadline(w, s.customer, patience, mix(0, step_word(step.key, step.first, s.round)))
    s.step = step.jump
    put_aside(w, STARTING, fork, 0, 0)


@part
def start_branch(w: Any, fork: int) -> int:
    """Start the next branch of a fork, or let the fork wait, or be over; give who walks now."""
    f = fork_at(w, fork)
    if f.done >= f.needed:
        end_frame(w)
        return fork_is_over(w, fork)
    step = step_at(w, f.step)
    if f.started == step.count:
        end_frame(w)
        f.waiting = 1
        return NOBODY
    parent = strand_at(w, f.strand)
    way = way_at(w, step.ways + f.started).value
    branch = take(w, STRANDS)
    _begin_strand(w, branch, parent.request, parent.customer, way, f.round, fork)
    f.started += 1
    if f.branches == NOBODY:
        f.branches = branch
    else:
        strand_at(w, f.branches_last).sibling = branch
    f.branches_last = branch
    return proceed(w, branch)


@part
def end_branch(w: Any, strand: int) -> int:
    """Come to the end of a branch; give who walks now."""
    s = strand_at(w, strand)
    s.over = 1
    touch_owner(w, strand)
    f = fork_at(w, s.fork)
    f.done += 1
    if f.waiting and f.done >= f.needed:
        return fork_is_over(w, s.fork)
    return NOBODY


@part
def fork_is_over(w: Any, fork: int) -> int:
    """Break off the branches that are no longer needed; the strand that forked goes on."""
    f = fork_at(w, fork)
    parent = f.strand
    p = strand_at(w, parent)
    if p.request == NOBODY and p.fork == NOBODY:
        end_deadline(w, p.customer)
    branch = f.branches
    while branch != NOBODY:
        b = strand_at(w, branch)
        if not b.over:
            break_off(w, branch, 0)
        branch = b.sibling
    p.doing = NOBODY
    drop_fork(w, fork)
    return parent


@small
def proceed(w: Any, strand: int) -> int:
    """Let somebody walk on, a request only while it has a server; give who walks now."""
    s = strand_at(w, strand)
    if s.over:
        return NOBODY
    if s.request != NOBODY and not can_act(w, s.request):
        postpone(w, strand)
        return NOBODY
    return strand
