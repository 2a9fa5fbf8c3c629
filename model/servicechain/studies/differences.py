"""Scenarios compared on common random numbers: the mean difference, replication by replication.

The same replication of two scenarios has the same customers with the same needs, so most of what is luck in it is
the same in both, and leaves in the difference (Law 2015, Simulation Modeling and Analysis, section 11.2). The trap is
to compare two intervals that overlap: that throws the pairing away. The interval of the *difference* decides.

The second trap is to compare many: of twenty scenarios that change nothing, one looks different at 95 %. So the
intervals of all comparisons with the base in one metric hold *together* with 95 % confidence: each is made with
confidence 1 − 0.05/comparisons (Bonferroni; Dunn 1961, doi 10.1080/01621459.1961.10482090). Metrics are not
corrected for one another: each is a question of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.estimates import Estimate
from servicechain.studies.precision import CONFIDENCE, sample_of, t_quantile

ROUNDING = 1e-12
"""A difference this small beside the numbers themselves is the rounding of sums, not chance."""


def differences(values: ArrayLike, base: ArrayLike, comparisons: int = 1, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate by how much a scenario differs from the base.

    Parameters
    ----------
    values, base : array_like
        One metric, one value for each replication from number 0 on, NaN where it is not defined. The shorter of the
        two decides how many pairs there are.
    comparisons : int
        How many scenarios are compared with the base in this metric; their intervals hold together.
    confidence : float
        Of all of them together.

    Returns
    -------
    Estimate
        Mean of scenario less base over the pairs in which both are defined, NaN without any; and its half-width, NaN
        below two, exactly 0 if all differences are alike.
    """
    sample = sample_of(paired(values, base))
    if sample.count < 2:
        return Estimate(sample.mean, math.nan)
    quantile = t_quantile(sample.count - 1, 1 - (1 - confidence) / (2 * max(comparisons, 1)))
    return Estimate(sample.mean, quantile * sample.sd / math.sqrt(sample.count))


def variance_reduction(values: ArrayLike, base: ArrayLike) -> float:
    """Tell how many times as many replications the difference would take without common random numbers.

    Returns
    -------
    float
        (var(values) + var(base)) / var(values − base) over the pairs in which both are defined. Infinite if the
        difference does not vary but they do; NaN below two pairs, or if nothing varies at all.
    """
    one, other = _both(values, base)
    alone = sample_of(one).sd ** 2 + sample_of(other).sd ** 2
    together = sample_of(apart(one, other)).sd ** 2
    if together > 0:
        return alone / together
    return math.inf if alone > 0 else math.nan


def paired(values: ArrayLike, base: ArrayLike) -> NDArray[np.float64]:
    """Give the difference of each pair of replications with one number in which both are defined."""
    return apart(*_both(values, base))


def apart(values: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Subtract, and take what only the rounding of sums has left for nothing."""
    found = values - others
    return np.where(np.abs(found) <= ROUNDING * np.abs(values), 0.0, found)


def _both(values: ArrayLike, base: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, other = np.asarray(values, np.float64), np.asarray(base, np.float64)
    pairs = min(one.size, other.size)
    one, other = one[:pairs], other[:pairs]
    defined = ~(np.isnan(one) | np.isnan(other))
    return one[defined], other[defined]
