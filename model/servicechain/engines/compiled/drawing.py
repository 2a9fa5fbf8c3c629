"""Keyed draws: from a variate of the program and whose it is to a number.

A service draws for up to four of its steps when it begins: their keys are known by then, and four uniform numbers
together cost little more than one. So do the gaps between four arrivals.
"""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.distributions.quantiles import quantile, quantile_scalar
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import (
    NOBODY,
    ahead_at,
    class_at,
    customer_at,
    gap_at,
    request_at,
    service_at,
    site_at,
    step_at,
    strand_at,
    variate_at,
)
from servicechain.engines.compiled.memory import floats
from servicechain.engines.compiled.uniforms import LANES, four_uniforms
from servicechain.engines.draws import step_key, uniform

_FLOAT = 8


@small
def drawn(w: Any, variate: int, who: int, number: int, lineage: int, path: int) -> float:
    """Draw from a variate."""
    if variate_at(w, variate).code == codes.CONSTANT:
        return variate_at(w, variate).a
    return of_uniform(w, variate, uniform(w.seed, w.replication, who, number, lineage, path, w.antithetic != 0))


@part
def of_uniform(w: Any, variate: int, u: float) -> float:
    """Give the quantile of a variate."""
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
    step = step_at(w, s.step)
    if step.site != NOBODY:
        return ahead_at(w, s.request * LANES + step.site).value
    return _tossed_now(w, strand)


@small
def _tossed_now(w: Any, strand: int) -> float:
    s = strand_at(w, strand)
    step = step_at(w, s.step)
    path = step_word(step.key, step.first, s.round)
    if s.request == NOBODY:
        c = customer_at(w, s.customer)
        return uniform(w.seed, w.replication, c.key, c.drawn_as, 0, path, w.antithetic != 0)
    r = request_at(w, s.request)
    return uniform(w.seed, w.replication, r.key, r.drawn_as, r.lineage, path, w.antithetic != 0)


@small
def draw_ahead(w: Any, request: int) -> None:
    """Draw for the steps of a service that are sure to be taken along its main strand, in its first round."""
    sites = service_at(w, request_at(w, request).service).sites
    if sites != NOBODY:
        r = request_at(w, request)
        number = r.drawn_as
        one, two = site_at(w, sites).value, site_at(w, sites + 1).value
        three, four = site_at(w, sites + 2).value, site_at(w, sites + 3).value
        place = w.ahead + request * (LANES * _FLOAT)
        four_uniforms(w, place, r.key, number, number, number, number, r.lineage, one, two, three, four)


@small
def drawn_gap(w: Any, customer_class: int) -> float:
    """Draw a number between 0 and 1 for the next arrival of a class; every fourth time, for the three after it too."""
    own = class_at(w, customer_class)
    lane = own.number & (LANES - 1)
    first = own.number - lane
    place = customer_class * LANES
    if own.gaps_from != first:
        own.gaps_from = first
        path, lineage = w.key_arrival, w.stream_arrival
        four_uniforms(
            w,
            w.gaps + place * _FLOAT,
            own.key,
            first,
            first + 1,
            first + 2,
            first + 3,
            lineage,
            path,
            path,
            path,
            path,
        )
    return gap_at(w, place + lane).value
