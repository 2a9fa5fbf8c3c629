"""Breaking off: what happens to everything a strand does when nobody walks there any more."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.nodes import forget_fork
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.events import call_off
from servicechain.engines.compiled.floor import break_off_work, count_work, end_request, leave_line
from servicechain.engines.compiled.frames import push_frame
from servicechain.engines.compiled.layout import (
    BRANCHES,
    DROPPED,
    ENDED,
    FORKED,
    FORKS,
    LOOPS,
    NOBODY,
    REQUESTED,
    REQUESTS,
    STRANDS,
    TIMED,
    fork_at,
    frame_at,
    looping_at,
    request_at,
    strand_at,
)
from servicechain.engines.compiled.pooling import give_back
from servicechain.engines.compiled.recording import record_request
from servicechain.engines.compiled.states import stand_aside
from servicechain.records import RequestOutcome

_ABANDONED = int(RequestOutcome.ABANDONED)
_WITHDRAWN = int(RequestOutcome.WITHDRAWN)


@part
def break_off(w: Any, strand: int, leaves: int) -> None:
    """Let nobody walk along a strand any more.

    What was asked for is withdrawn if it has not begun, and else goes on unattended. Only if a customer leaves (1) do
    their own requests end; they are put on the list of the idle, to be released when all have left their lines.
    """
    # no recursion: what a compiled function calls of itself is not found again on disk
    depth = w.frame_count
    push_frame(w, DROPPED, strand, leaves, 0)
    while w.frame_count > depth:
        f = frame_at(w, w.frame_count - 1)
        subject = f.subject
        if f.kind == BRANCHES:
            branch = f.next
            if branch == NOBODY:
                w.frame_count -= 1
                drop_fork(w, subject)
            else:
                b = strand_at(w, branch)
                f.next = b.sibling
                if not b.over:
                    push_frame(w, DROPPED, branch, f.last, 0)
        elif f.kind == DROPPED:
            w.frame_count -= 1
            _stop_walking(w, subject, f.next)
        else:
            w.frame_count -= 1
            _end_with_customer(w, subject)


@part
def _stop_walking(w: Any, strand: int, leaves: int) -> None:
    s = strand_at(w, strand)
    s.over = 1
    doing = s.doing
    s.doing = NOBODY
    if doing == FORKED:
        push_frame(w, BRANCHES, s.subject, fork_at(w, s.subject).branches, leaves)
    elif doing == TIMED:
        _break_off_time(w, strand)
    elif doing == REQUESTED and _let_go(w, s.subject, leaves):
        push_frame(w, ENDED, s.subject, 0, 0)
        push_frame(w, DROPPED, request_at(w, s.subject).main, 0, 0)


@part
def _end_with_customer(w: Any, request: int) -> None:
    r = request_at(w, request)
    if r.waiting:
        leave_line(w, request)
    end_request(w, request)
    record_request(w, request, w.now, _ABANDONED)
    end_strand(w, r.main)
    r.after = NOBODY
    if w.idle == NOBODY:
        w.idle = request
    else:
        request_at(w, w.idle_last).after = request
    w.idle_last = request
    give_back(w, REQUESTS, request)


@small
def _break_off_time(w: Any, strand: int) -> None:
    s = strand_at(w, strand)
    if s.by_server:
        break_off_work(w, strand)
    elif s.due != NOBODY:
        call_off(w, s.due)
        s.due = NOBODY
        count_work(w, strand, -1)


@part
def _let_go(w: Any, request: int, leaves: int) -> bool:
    """Ask for something no longer; tell whether it ends with the customer who leaves."""
    r = request_at(w, request)
    r.asker = NOBODY
    own = r.front != 0 and leaves != 0
    stand_aside(w, request)
    if r.begun == r.begun:
        return own
    r.withdrawn = 1
    if r.waiting:
        leave_line(w, request)
    record_request(w, request, w.now, _ABANDONED if own else _WITHDRAWN)
    give_back(w, REQUESTS, request)
    return False


@small
def end_strand(w: Any, strand: int) -> None:
    """Let nobody walk along a strand any more, and give back the loops it is in."""
    s = strand_at(w, strand)
    s.over = 1
    if s.loop != NOBODY:
        _drop_loops(w, s.loop)


@rare
def _drop_loops(w: Any, loop: int) -> None:
    while loop != NOBODY:
        give_back(w, LOOPS, loop)
        loop = looping_at(w, loop).parent


@rare
def drop_fork(w: Any, fork: int) -> None:
    """Give a fork back, and all its branches."""
    forget_fork(w, fork)
    branch = fork_at(w, fork).branches
    while branch != NOBODY:
        after = strand_at(w, branch).sibling
        end_strand(w, branch)
        give_back(w, STRANDS, branch)
        branch = after
    give_back(w, FORKS, fork)
