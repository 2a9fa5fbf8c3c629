"""Multiple comparisons with the best: who may be the best, and by how much the chosen one may be worse.

The best is not known, so each scenario would have to be compared with every other one. Hsu (1984, doi
10.1214/aos/1176346798) needs only the comparisons of the true best with the others: if those k − 1 one-sided bounds
hold, all that is said here is true. They are paired t bounds on common random numbers, each with confidence
1 − α/(k − 1) (Bonferroni; Nelson & Matejcik 1995, doi 10.1287/mnsc.41.12.1935).

The trap is to call the one with the best mean the best: often several cannot be told from it. And where a study went
on until its intervals were short, the bounds hold nearly, as all intervals then do; see `precision`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.studies.differences import apart
from servicechain.studies.precision import CONFIDENCE, Columns, t_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """Scenarios compared with the best of them, by position.

    Attributes
    ----------
    best : tuple of int
        With the best mean; several if nothing tells them apart at all.
    candidates : tuple of int
        Those of whom one is the best.
    worse_by : float
        By how much the first of `best` may be worse than the best, at most; infinite if that cannot be said.
    """

    best: tuple[int, ...]
    candidates: tuple[int, ...]
    worse_by: float


def with_the_best(values: Sequence[ArrayLike], goal: str, confidence: float = CONFIDENCE) -> Comparison:
    """Compare each scenario with the best of the others, by paired t intervals.

    Scenario i may be the best if it is behind no other one by more than the half-width of their difference. With the
    given confidence the true best is among these, and then none of them can be behind it by more than the observed
    difference and the half-width together (Hsu 1984; with common random numbers Nelson & Matejcik 1995, doi
    10.1287/mnsc.41.12.1935).

    Parameters
    ----------
    values : sequence of array_like
        Of each scenario the metric by replication, NaN where it is not defined; scenarios may have different numbers
        of them, a pair has as many as the shorter. Who is defined nowhere takes no part.
    goal : str
        ``min`` or ``max``.
    confidence : float
        Of everything said together.
    """
    table = _table(values) * (1 if goal == "max" else -1)
    present = np.flatnonzero(~np.isnan(table).all(axis=0))
    if present.size == 0:
        return Comparison((), (), math.nan)
    table = table[:, present]
    share = 1 - (1 - confidence) / max(present.size - 1, 1)
    bounds = np.array([_bounds(table, column, share) for column in range(present.size)])
    may_be = np.flatnonzero((bounds >= 0).all(axis=1))
    if may_be.size == 0:  # only where pairs are defined in different replications
        may_be = np.arange(present.size)
    every = Columns(present.size)
    every.add(table)
    first = int(may_be[np.argmax(every.means[may_be])])
    others = may_be[may_be != first]
    equal = [int(other) for other in others if _alike(table[:, first], table[:, other])]
    return Comparison(
        best=tuple(sorted(int(present[place]) for place in (first, *equal))),
        candidates=tuple(int(present[place]) for place in may_be),
        worse_by=max(0.0, float(bounds[others, first].max(initial=0.0))),
    )


def _table(values: Sequence[ArrayLike]) -> Floats:
    """Put arrays side by side, the shorter ones filled with NaN."""
    arrays = [np.asarray(each, np.float64) for each in values]
    table = np.full((max((array.size for array in arrays), default=0), len(arrays)), math.nan)
    for column, array in enumerate(arrays):
        table[: array.size, column] = array
    return table


def _alike(one: Floats, other: Floats) -> bool:
    """Tell whether nothing but rounding tells two scenarios apart."""
    return np.array_equal(np.isnan(one), np.isnan(other)) and not np.nansum(np.abs(apart(one, other))) > 0


def _bounds(table: Floats, column: int, share: float) -> Floats:
    """Give by how much one column may be better than each other one, at most; of itself 0, of unknown ones infinite."""
    found = Columns(table.shape[1])
    found.add(apart(table[:, column, None], table))
    quantiles = np.array([t_quantile(max(int(count) - 1, 1), share) for count in found.counts])
    bounds = found.means + quantiles * found.sds / np.sqrt(np.maximum(found.counts, 1))
    bounds[found.counts < 2] = math.inf
    bounds[column] = 0.0
    return bounds
