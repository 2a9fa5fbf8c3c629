"""From replications to numbers one may quote: means with 95 % half-widths.

Customers of one run wait in the same queue, so their waits are not independent, and the usual standard error
of all values together is far too small: that is the trap. Replications *are* independent; the half-width
comes from their means alone, by Student's t (Law 2015, Simulation Modeling and Analysis, section 9.4).
Spread, percentiles and maximum are those of all values of all replications together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TypeAlias

from servicechain.errors import Mistake
from servicechain.histogram import Histogram
from servicechain.metrics import ReplicationSummary, Tree
from servicechain.tallies import Moments, Tally


@dataclass(frozen=True)
class Estimate:
    """A number across replications.

    Attributes
    ----------
    mean : float
        Mean over the replications in which it is defined; NaN if in none.
    halfwidth : float
        Of the 95 % confidence interval of the mean; NaN for fewer than two replications.
    """

    mean: float
    halfwidth: float

    def as_dict(self) -> dict[str, float | None]:
        """Give the numbers by name; what is not defined is None."""
        numbers = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "histogram"}
        return {name: None if math.isnan(number) else number for name, number in numbers.items()}


@dataclass(frozen=True)
class Spread(Estimate):
    """A distribution across replications: an estimate of its mean, and all values together.

    Attributes
    ----------
    sd : float
        Sample standard deviation of all values; NaN below two.
    p50, p90, p95, p99 : float
        Percentiles of all values (inverse of the empirical distribution function), to 0.5 %.
    max : float
        The largest value.
    histogram : Histogram or None
        All values of all replications, to 0.5 %; not one of the numbers above, so not part of the JSON.
    """

    sd: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float
    histogram: Histogram | None = field(default=None, repr=False, compare=False)


Estimates: TypeAlias = "dict[str, Estimates | Estimate]"


class Pool:
    """One number of the results, gathered from replication after replication."""

    def __init__(self) -> None:
        self.means: list[float] = []
        self.tally: Tally | None = None

    def add(self, value: Tally | float) -> None:
        """Take in the number, or the distribution, of one more replication."""
        if isinstance(value, Tally):
            self.tally = self.tally or Tally()
            self.tally.merge(value)
            self.means.append(value.mean)
        else:
            self.means.append(value)

    def estimate(self, antithetic: bool) -> Estimate:
        """Give the number across all replications so far."""
        defined = moments(self.means)
        mean = defined.mean
        halfwidth = half_width_of(moments(in_pairs(self.means)) if antithetic else defined)
        if self.tally is None:
            return Estimate(mean, halfwidth)
        p50, p90, p95, p99 = self.tally.percentiles((0.5, 0.9, 0.95, 0.99))
        return Spread(mean, halfwidth, self.tally.sd, p50, p90, p95, p99, self.tally.max, self.tally.histogram)


def combine(summaries: Iterable[ReplicationSummary], antithetic: bool = False) -> Estimates:
    """Combine replications, one after another, each needed only for a moment.

    Parameters
    ----------
    summaries : iterable of ReplicationSummary
        In the order of the replications; of the same chain.
    antithetic : bool
        Replications 2k and 2k + 1 are a pair. They depend on each other, so half-widths come from the means
        of the pairs (Hammersley & Morton 1956, doi 10.1017/S0305004100031455).

    Returns
    -------
    dict
        As `ReplicationSummary.values`, with an `Estimate` in place of each number and a `Spread` in place of
        each distribution.

    Raises
    ------
    Mistake
        If there is no replication, or an odd number of antithetic ones.
    """
    pools: dict[tuple[str, ...], Pool] = {}
    count = 0
    for summary in summaries:
        count += 1
        for path, value in leaves(summary.values()):
            pools.setdefault(path, Pool()).add(value)
    if count == 0:
        raise Mistake("no replication was run, so there is nothing to report; ask for 1 or more")
    if antithetic and count % 2:
        raise Mistake(f"antithetic replications come in pairs, got {count}; ask for an even number")
    result: Estimates = {"customers": {}, "services": {}, "actors": {}}
    for path, pool in pools.items():
        branch = result
        for key in path[:-1]:
            deeper = branch.setdefault(key, {})
            assert isinstance(deeper, dict)
            branch = deeper
        branch[path[-1]] = pool.estimate(antithetic)
    return result


def leaves(tree: Tree, *path: str) -> Iterable[tuple[tuple[str, ...], Tally | float]]:
    """List the numbers of a tree with their paths, in order."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, *path, key)
        else:
            yield (*path, key), value


def half_width(means: Iterable[float]) -> float:
    """Give the 95 % half-width of independent means, NaN ones left out; NaN below two."""
    return half_width_of(moments(means))


def half_width_of(defined: Moments) -> float:
    """Give the 95 % half-width of the mean of independent values; NaN below two."""
    if defined.count < 2:
        return math.nan
    return student(defined.count - 1) * defined.sd / math.sqrt(defined.count)


def in_pairs(means: list[float]) -> list[float]:
    """Give the mean of each pair; NaN where either is."""
    return [(one + other) / 2 for one, other in zip(means[::2], means[1::2], strict=True)]


def moments(values: Iterable[float]) -> Moments:
    """Give the moments of those values that are defined."""
    defined = [value for value in values if not math.isnan(value)]
    # of one replication there is nothing to sum up
    if len(defined) == 1:
        return Moments.of(1, defined[0], 0.0)
    made = Moments()
    made.add(defined)
    return made


@cache
def student(freedom: int) -> float:
    """Give the 97.5 % quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
