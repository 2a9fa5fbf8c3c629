"""Keyed draws: from a variate of the program and whose it is to a number."""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.distributions.quantiles import quantile, quantile_scalar
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import NOBODY, customer_at, request_at, strand_at, variate_at
from servicechain.engines.compiled.memory import floats
from servicechain.engines.draws import step_key, uniform


@small
def drawn(w: Any, variate: int, who: int, number: int, lineage: int, path: int) -> float:
    """Draw from a variate."""
    v = variate_at(w, variate)
    if v.code == codes.CONSTANT:
        return v.a  # type: ignore[no-any-return]
    u = uniform(w.seed, w.replication, who, number, lineage, path, w.antithetic != 0)
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


@part
def drawn_at(w: Any, variate: int, strand: int, path: int) -> float:
    """Draw for whoever walks along a strand."""
    s = strand_at(w, strand)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return drawn(w, variate, c.key, c.drawn_as, 0, path)
    r = request_at(w, s.request)
    return drawn(w, variate, r.key, r.drawn_as, r.lineage, path)


@part
def tossed_at(w: Any, strand: int, path: int) -> float:
    """Draw a number between 0 and 1 for whoever walks along a strand."""
    s = strand_at(w, strand)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return uniform(w.seed, w.replication, c.key, c.drawn_as, 0, path, w.antithetic != 0)
    r = request_at(w, s.request)
    return uniform(w.seed, w.replication, r.key, r.drawn_as, r.lineage, path, w.antithetic != 0)
