"""Keyed draws: from a variate of the program and whose it is to a number."""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.eights import in_turn
from servicechain.engines.compiled.inverting import of_uniform
from servicechain.engines.compiled.layout import (
    NOBODY,
    customer_at,
    request_at,
    step_at,
    strand_at,
    variate_at,
)
from servicechain.engines.draws import step_key, uniform


@small
def drawn(w: Any, variate: int, who: int, number: int, lineage: int, path: int) -> float:
    """Draw from a variate."""
    if variate_at(w, variate).code == codes.CONSTANT:
        return variate_at(w, variate).a
    return of_uniform(w, variate, uniform(w.seed, w.replication, who, number, lineage, path, w.antithetic != 0))


@small
def step_word(key: int, first: int, round_: int) -> int:
    """Give the word of a step in the key of a draw, in this round of a loop."""
    return first if round_ == 0 else step_key(key, round_)


@small
def drawn_at(w: Any, strand: int) -> float:
    """Draw the variate of the step that a strand has come to, for whoever walks there."""
    s = strand_at(w, strand)
    variate = step_at(w, s.step).variate
    if variate_at(w, variate).code == codes.CONSTANT:
        return variate_at(w, variate).a
    if s.round:
        return of_uniform(w, variate, _tossed_in_round(w, strand))
    return _in_turn_at(w, strand, variate)


@small
def tossed_at(w: Any, strand: int) -> float:
    """Draw a number between 0 and 1 at the step that a strand has come to, for whoever walks there."""
    if strand_at(w, strand).round:
        return _tossed_in_round(w, strand)
    return _in_turn_at(w, strand, NOBODY)


@small
def _in_turn_at(w: Any, strand: int, variate: int) -> float:
    s = strand_at(w, strand)
    place = s.step
    path = step_at(w, place).first
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return in_turn(w, place, variate, c.key, c.drawn_as, 0, path)
    r = request_at(w, s.request)
    return in_turn(w, place, variate, r.key, r.drawn_as, r.lineage, path)


@rare
def _tossed_in_round(w: Any, strand: int) -> float:
    s = strand_at(w, strand)
    path = step_key(step_at(w, s.step).key, s.round)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return uniform(w.seed, w.replication, c.key, c.drawn_as, 0, path, w.antithetic != 0)
    r = request_at(w, s.request)
    return uniform(w.seed, w.replication, r.key, r.drawn_as, r.lineage, path, w.antithetic != 0)
