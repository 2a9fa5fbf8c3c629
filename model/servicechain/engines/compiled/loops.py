"""Loops: how many rounds there are, and the word by which a round is known in the keys of draws."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.consequences import count_move
from servicechain.engines.compiled.drawing import drawn_at, tossed_at
from servicechain.engines.compiled.layout import LOOPS, NOBODY, looping_at, step_at, strand_at
from servicechain.engines.compiled.pooling import give_back, take
from servicechain.engines.draws import step_key


@part
def begin_loop(w: Any, strand: int) -> None:
    """Come to a loop."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    loop = take(w, LOOPS)
    x = looping_at(w, loop)
    x.rounds = step.at_most
    if step.variate != NOBODY:
        x.rounds = drawn_at(w, strand)
    x.done = 0
    x.round = s.round
    x.step = s.step
    x.parent = s.loop
    s.loop = loop
    _next_round(w, strand)


@part
def end_round(w: Any, strand: int) -> None:
    """Come to the end of a round: go on behind the loop, or begin another."""
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    is_last = step.probability >= 0.0 and tossed_at(w, strand) < step.probability
    s.step = step.jump
    if is_last:
        _leave_loop(w, strand)
    else:
        _next_round(w, strand)


@small
def _next_round(w: Any, strand: int) -> None:
    s = strand_at(w, strand)
    x = looping_at(w, s.loop)
    if x.done < x.rounds:
        x.done += 1
        s.round = step_key(x.done, x.round)
        count_move(w)
        s.step = x.step + 1
    else:
        _leave_loop(w, strand)


@part
def _leave_loop(w: Any, strand: int) -> None:
    s = strand_at(w, strand)
    loop = s.loop
    x = looping_at(w, loop)
    s.round = x.round
    s.loop = x.parent
    s.step = step_at(w, x.step).jump
    give_back(w, LOOPS, loop)
