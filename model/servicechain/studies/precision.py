"""When a mean is known well enough: its half-width, what was asked of it, and how many replications that takes.

"2 %" means: the half-width of the 95 % interval, by Student's t over the replications, is at most 0.02 × |mean|, the
very numbers that are printed. It is not a bound for the error relative to the *true* mean; who wants that one, r,
asks for the smaller r/(1 + r) (Law 2015, Simulation Modeling and Analysis, section 9.4.1): 1.96 % in place of 2 %.

The trap is to stop when the interval happens to be short. A spread that came out too small stops too early, so the
intervals of studies that stop themselves cover a little less than 95 %; that goes away as intervals get shorter (Chow
& Robbins 1965, doi 10.1214/aoms/1177700156). What keeps it small is a first round of many replications, whose spread
can be trusted, and few looks: one after each round. The tests measure what is left.

A `Sample` is what all of this needs to know of the replications; `Columns` keeps the samples of many metrics up to
date, each round at the cost of its new rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.estimates import Estimate
from servicechain.studies.planning import LIMIT

if TYPE_CHECKING:
    from servicechain.studies.plan import Precision

Floats = NDArray[np.float64]

CONFIDENCE = 0.95

MOST = LIMIT
"""No more replications are ever predicted: beyond, it is as good as never."""


class Standing(Enum):
    """How a metric stands by what was asked of it."""

    REACHED = "reached"
    OPEN = "open"
    UNDEFINED = "undefined"
    """In no replication so far; more of them need not help, and waiting for it may never end."""


@dataclass(frozen=True)
class Sample:
    """What is known of one metric from its replications.

    Attributes
    ----------
    replications : int
        How many there are.
    count : int
        In how many of them the metric is defined.
    mean, sd : float
        Of those; NaN for none, and for fewer than two.
    """

    replications: int
    count: int
    mean: float
    sd: float

    @property
    def halfwidth(self) -> float:
        """Half-width of the 95 % interval of the mean; NaN below two values, exactly 0 if all are alike."""
        if self.count < 2:
            return math.nan
        return t_quantile(self.count - 1, (1 + CONFIDENCE) / 2) * self.sd / math.sqrt(self.count)

    @property
    def estimate(self) -> Estimate:
        """The mean with its half-width."""
        return Estimate(self.mean, self.halfwidth)


class Columns:
    """The samples of many metrics, replication after replication.

    Mean and squared deviations of new rows are joined to those of the old (Chan, Golub & LeVeque 1983, doi
    10.1080/00031305.1983.10483115).

    Parameters
    ----------
    columns : int
        How many metrics there are.
    """

    def __init__(self, columns: int) -> None:
        self.replications = 0
        self._counts = np.zeros(columns, np.int64)
        self._means = np.zeros(columns)
        self._squares = np.zeros(columns)

    def add(self, rows: ArrayLike) -> None:
        """Take in replications.

        Parameters
        ----------
        rows : array_like, replications × columns
            Where a metric is not defined, NaN.
        """
        values = np.asarray(rows, np.float64)
        self.replications += values.shape[0]
        defined = ~np.isnan(values)
        counts = np.count_nonzero(defined, axis=0)
        if not counts.any():
            return
        # differences from the first value, so that equal values have exactly their own mean and no spread
        first = values[np.argmax(defined, axis=0), np.arange(values.shape[1])]
        beyond = np.where(defined, values - first, 0.0)
        shift = beyond.sum(axis=0) / np.maximum(counts, 1)
        squares = (np.where(defined, beyond - shift, 0.0) ** 2).sum(axis=0)
        self._join(counts, np.where(counts > 0, first + shift, 0.0), squares)

    def _join(self, counts: NDArray[np.int64], means: Floats, squares: Floats) -> None:
        before, total = self._counts, np.maximum(self._counts + counts, 1)
        apart = np.where((before > 0) & (counts > 0), means - self._means, 0.0)
        moved = np.where(before > 0, self._means + apart * counts / total, means)
        self._means = moved
        self._squares = self._squares + squares + apart * apart * before * counts / total
        self._counts = before + counts

    @property
    def counts(self) -> NDArray[np.int64]:
        """In how many replications each metric is defined."""
        return self._counts

    @property
    def means(self) -> Floats:
        """The mean of each metric; NaN where it is not defined in any."""
        return np.where(self._counts > 0, self._means, math.nan)

    @property
    def sds(self) -> Floats:
        """The standard deviation of each metric; NaN below two values."""
        return np.where(self._counts > 1, np.sqrt(self._squares / np.maximum(self._counts - 1, 1)), math.nan)

    def sample(self, column: int) -> Sample:
        """Give what is known of one metric."""
        numbers = int(self._counts[column]), float(self.means[column]), float(self.sds[column])
        return Sample(self.replications, *numbers)


def sample_of(values: ArrayLike) -> Sample:
    """Sum up the values of one metric, one for each replication, NaN where it is not defined."""
    columns = Columns(1)
    columns.add(np.asarray(values, np.float64).reshape(-1, 1))
    return columns.sample(0)


def standing(sample: Sample, precision: Precision) -> Standing:
    """Tell how a metric stands.

    Parameters
    ----------
    sample : Sample
    precision : Precision
        The half-width asked for; of a relative one, as a share of the mean's size.

    Returns
    -------
    Standing
        Of values that are all alike `REACHED`, whatever was asked. A mean of 0 has no other relative precision.
    """
    if sample.replications and not sample.count:
        return Standing.UNDEFINED
    return Standing.REACHED if sample.halfwidth <= precision.width_at(sample.mean) else Standing.OPEN


def reached(values: ArrayLike, precision: Precision) -> bool:
    """Tell whether the values of a metric, one for each replication, are as precise as asked; see `standing`."""
    return standing(sample_of(values), precision) is Standing.REACHED


def needed(values: ArrayLike, precision: Precision) -> int:
    """Predict how many replications the asked precision takes; see `predicted`."""
    return predicted(sample_of(values), precision)


def predicted(sample: Sample, precision: Precision) -> int:
    """Predict how many replications the asked precision takes in all, should mean and spread stay as they are.

    Returns
    -------
    int
        The smallest number whose half-width is small enough (times the replications in which the metric is not
        defined), at most `MOST`; as many as there are if it is reached, or undefined in all of them. Twice as many
        if nothing can be said from one value.
    """
    now = sample.replications
    if standing(sample, precision) is not Standing.OPEN:
        return now
    if sample.count < 2:
        return min(max(2 * now, 2), MOST)
    goal = precision.width_at(sample.mean)
    count = _smallest(sample.sd / goal) if goal > 0 else MOST
    return min(max(math.ceil(count * now / sample.count), now + 1), MOST)


def _smallest(ratio: float) -> int:
    """Find the smallest number n with t(n − 1) × ratio ≤ √n; from the normal quantile it is a few steps."""
    share = (1 + CONFIDENCE) / 2
    guess = (1.959963984540054 * ratio) ** 2
    if guess >= MOST:
        return MOST
    count = max(2, math.floor(guess))
    while t_quantile(count - 1, share) * ratio > math.sqrt(count):
        count += 1
    return count


@lru_cache(maxsize=4096)
def t_quantile(freedom: int, share: float) -> float:
    """Give the quantile of Student's t with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
