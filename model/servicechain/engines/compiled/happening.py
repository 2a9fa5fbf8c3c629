"""What happens at an event, and what follows from it."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import turn_bucket
from servicechain.engines.compiled.compiling import part, rare
from servicechain.engines.compiled.consequences import begin_instant, count_move
from servicechain.engines.compiled.deadlines import gives_up
from servicechain.engines.compiled.desk import give_up
from servicechain.engines.compiled.disruptions import fails, repaired
from servicechain.engines.compiled.duty import change_staff
from servicechain.engines.compiled.events import code_of, subject_of, take_first
from servicechain.engines.compiled.floor import count_work, resume, stop_work
from servicechain.engines.compiled.following import begins, goes_on, is_asked
from servicechain.engines.compiled.frames import end_frame, put_aside
from servicechain.engines.compiled.layout import (
    ARRIVES,
    ASKED,
    BEGINS,
    FAILURE,
    LASTED,
    MEMBER_COMES,
    NEXT_BUCKET,
    NOBODY,
    PATIENCE_OVER,
    PENDING,
    RESUMES,
    SHIFT,
    STARTING,
    TIME_OVER,
    WORK_OVER,
    consequence_at,
    frame_at,
    request_at,
    strand_at,
)
from servicechain.engines.compiled.replication import batch_comes, begin_to_observe, member_comes, next_customer
from servicechain.engines.compiled.together import proceed, start_branch


@part
def next_event(w: Any) -> int:
    """Let the next event happen; give who walks now."""
    time, what = take_first(w)
    if time != w.now:
        w.now = time
        begin_instant(w)
    code, subject = code_of(what), subject_of(what)
    if code == WORK_OVER:
        stop_work(w, subject)
        strand_at(w, subject).doing = NOBODY
        return subject
    if code == ARRIVES:
        return batch_comes(w, subject)
    if code == TIME_OVER:
        s = strand_at(w, subject)
        s.due = NOBODY
        s.doing = NOBODY
        count_work(w, subject, -1)
        return proceed(w, subject)
    if code == PATIENCE_OVER:
        if gives_up(w, subject):
            give_up(w, subject)
        return NOBODY
    if code == MEMBER_COMES:
        return member_comes(w, subject)
    _rarer_event(w, code, subject)
    return NOBODY


@rare
def _rarer_event(w: Any, code: int, subject: int) -> None:
    if code == LASTED:
        w.repairs_now -= 1
        repaired(w, subject)
    elif code == SHIFT:
        change_staff(w, subject)
    elif code == FAILURE:
        fails(w, subject)
    elif code == NEXT_BUCKET:
        turn_bucket(w)
    else:
        begin_to_observe(w)


@part
def next_consequence(w: Any) -> int:
    """Carry out what has waited longest on the agenda; give who walks now."""
    c = consequence_at(w, w.agenda_first & w.agenda_mask)
    code, subject = c.code, c.subject
    w.agenda_first += 1
    w.waiting -= 1
    count_move(w)
    if code == BEGINS:
        return begins(w, subject)
    if code == ASKED:
        return NOBODY if request_at(w, subject).withdrawn else is_asked(w, subject)
    if code == RESUMES:
        resume(w, subject)
        r = request_at(w, subject)
        if r.pending != NOBODY:
            put_aside(w, PENDING, r.pending, 0, 0)
            r.pending = NOBODY
        return NOBODY
    if subject < NOBODY:
        repaired(w, -2 - subject)
        return NOBODY
    return goes_on(w, subject)


@rare
def next_of_frame(w: Any) -> int:
    """Do what is still to be done before the agenda goes on; give who walks now."""
    f = frame_at(w, w.frame_count - 1)
    if f.kind == STARTING:
        return start_branch(w, f.subject)
    if f.kind == PENDING:
        strand = f.subject
        s = strand_at(w, strand)
        if s.pending == NOBODY:
            end_frame(w)
        else:
            f.subject = s.pending
            s.pending = NOBODY
        return goes_on(w, strand)
    number = f.next
    customer_class = f.subject
    f.next = number + 1
    if f.next == f.last:
        end_frame(w)
    return next_customer(w, customer_class, number, number)
