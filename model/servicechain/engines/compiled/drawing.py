"""Keyed draws: from a variate of the program and whose it is to a number."""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.distributions.quantiles import exponential_quantile, quantile, quantile_scalar
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.fours import tossed
from servicechain.engines.compiled.layout import (
    NOBODY,
    customer_at,
    request_at,
    step_at,
    strand_at,
    variate_at,
)
from servicechain.engines.compiled.memory import floats
from servicechain.engines.draws import step_key, uniform


@small
def drawn(w: Any, variate: int, who: int, number: int, lineage: int, path: int) -> float:
    """Draw from a variate."""
    if variate_at(w, variate).code == codes.CONSTANT:
        return variate_at(w, variate).a
    return of_uniform(w, variate, uniform(w.seed, w.replication, who, number, lineage, path, w.antithetic != 0))


@small
def of_uniform(w: Any, variate: int, u: float) -> float:
    """Give the quantile of a variate."""
    v = variate_at(w, variate)
    if v.code == codes.EXPONENTIAL:
        return exponential_quantile(v.a, u)
    return _of_other(w, variate, u)


@part
def _of_other(w: Any, variate: int, u: float) -> float:
    v = variate_at(w, variate)
    if v.code < codes.HYPEREXPONENTIAL:
        return quantile_scalar(v.code, v.a, v.b, v.c, u)
    return _of_table(v.code, v.a, v.b, v.c, v.table, v.length, u)


@part
def _of_table(code: int, a: float, b: float, c: float, table: int, length: int, u: float) -> float:
    return quantile(code, a, b, c, floats(table, length), u)


@small
def step_word(key: int, first: int, round_: int) -> int:
    """Give the word of a step in the key of a draw, in this round of a loop."""
    return first if round_ == 0 else step_key(key, round_)


@small
def drawn_at(w: Any, strand: int) -> float:
    """Draw the variate of the step that a strand has come to, for whoever walks there."""
    variate = step_at(w, strand_at(w, strand).step).variate
    if variate_at(w, variate).code == codes.CONSTANT:
        return variate_at(w, variate).a
    return of_uniform(w, variate, tossed_at(w, strand))


@small
def tossed_at(w: Any, strand: int) -> float:
    """Draw a number between 0 and 1 at the step that a strand has come to, for whoever walks there."""
    s = strand_at(w, strand)
    place = s.step
    step = step_at(w, place)
    if s.round:
        return _tossed_in_round(w, strand)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return tossed(w, place, c.key, c.drawn_as, 0, step.first)
    r = request_at(w, s.request)
    return tossed(w, place, r.key, r.drawn_as, r.lineage, step.first)


@part
def _tossed_in_round(w: Any, strand: int) -> float:
    s = strand_at(w, strand)
    path = step_key(step_at(w, s.step).key, s.round)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return uniform(w.seed, w.replication, c.key, c.drawn_as, 0, path, w.antithetic != 0)
    r = request_at(w, s.request)
    return uniform(w.seed, w.replication, r.key, r.drawn_as, r.lineage, path, w.antithetic != 0)
