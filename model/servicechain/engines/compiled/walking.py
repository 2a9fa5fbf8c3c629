"""The meaning of every step: one at a time, until whoever walks must wait."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.consequences import add, is_next
from servicechain.engines.compiled.desk import (
    answer,
    ask_of_customer,
    ask_of_server,
    customer_finishes,
    hand_off,
    tell_of_customer,
)
from servicechain.engines.compiled.drawing import drawn_at, tossed_at
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.floor import count_work, start_work, touch_owner
from servicechain.engines.compiled.following import finish, is_asked
from servicechain.engines.compiled.layout import (
    ASK,
    ASKED,
    CHANCE,
    CHOOSE,
    END,
    FINISH,
    HAND_OFF,
    JUMP,
    LEAVE,
    LOOP,
    NOBODY,
    PAUSE,
    REPLY,
    ROUND,
    TELL,
    TIME_OVER,
    TIMED,
    TOGETHER,
    WORK,
    actor_at,
    request_at,
    step_at,
    strand_at,
    way_at,
)
from servicechain.engines.compiled.loops import begin_loop, end_round
from servicechain.engines.compiled.together import begin_fork, end_branch


@small
def take_step(w: Any, strand: int) -> int:
    """Take the step a strand has come to; give who walks on, or NOBODY."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    op = step.op
    if op == WORK:
        _work(w, strand)
        return NOBODY
    if op == CHANCE:
        # which way they go cannot be foretold, so this must not be a branch
        then, otherwise = s.step + 1, step.jump
        s.step = then if tossed_at(w, strand) < step.probability else otherwise
        return strand
    if op == PAUSE:
        _pause(w, strand)
        return NOBODY
    if op == JUMP:
        s.step = step.jump
        return strand
    # what follows may take elements of the pools, or write records
    if w.short:
        w.walker = strand
        return NOBODY
    if op == FINISH:
        return finish(w, s.request)
    if op == ASK:
        request = ask_of_customer(w, strand) if s.request == NOBODY else ask_of_server(w, strand, strand)
        s.step += 1
        if is_next(w):
            return is_asked(w, request)
        add(w, ASKED, request)
        return NOBODY
    if op == LEAVE:
        customer_finishes(w, strand)
        return NOBODY
    return _take_rarer_step(w, strand, op)


@rare
def _take_rarer_step(w: Any, strand: int, op: int) -> int:
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    if op == CHOOSE:
        way = int(drawn_at(w, strand))
        s.step = way_at(w, step.ways + way).value
        return strand
    if op == REPLY:
        answer(w, s.request)
        s.step += 1
        return strand
    if op == TELL:
        if s.request == NOBODY:
            tell_of_customer(w, strand)
        else:
            add(w, ASKED, ask_of_server(w, strand, NOBODY))
        s.step += 1
        return strand
    if op == HAND_OFF:
        hand_off(w, strand)
        return NOBODY
    if op == LOOP:
        begin_loop(w, strand)
        return strand
    if op == ROUND:
        end_round(w, strand)
        return strand
    if op == TOGETHER:
        begin_fork(w, strand)
        return NOBODY
    return end_branch(w, strand)


@part
def _work(w: Any, strand: int) -> None:
    """Let the server work."""
    s = strand_at(w, strand)
    s.by_server = 1
    _take_time(w, strand)
    start_work(w, strand)


@part
def _pause(w: Any, strand: int) -> None:
    """Let time pass, in which nobody is held to work: in a pause, or when customers do something themselves."""
    s = strand_at(w, strand)
    s.by_server = 0
    _take_time(w, strand)
    passes = s.drawn
    if s.request != NOBODY and _is_in_ideal_hands(w, s.request):
        passes = 0.0
    count_work(w, strand, 1)
    touch_owner(w, strand)
    s.due = schedule(w, w.now + passes, END, TIME_OVER, strand)


@small
def _take_time(w: Any, strand: int) -> None:
    s = strand_at(w, strand)
    s.drawn = drawn_at(w, strand)
    s.step += 1
    s.doing = TIMED


@small
def _is_in_ideal_hands(w: Any, request: int) -> bool:
    actor = request_at(w, request).actor
    return actor != NOBODY and actor_at(w, actor).ideal != 0
