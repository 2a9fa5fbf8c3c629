"""Batch means: one long run, cut into batches, in place of many short ones that each have to warm up.

The customers of a run that count are cut, in the order of arrival, into batches of equal numbers; requests go by the
time at which they were made, the parts of a wait with its customer. The mean of a batch is nearly independent of
the next one if a batch is long against what the chain remembers, and then Student's t holds for the batches as for
replications. Ten to thirty batches are enough: more of them are shorter, and buy little (Schmeiser 1982, doi
10.1287/opre.30.3.556; Law 2015, Simulation Modeling and Analysis, section 9.5.3). Here a run has 8, and the batches of
several runs are put together: three runs have 24.

The trap is a batch that is too short: a crowd at the end of one is still there in the next, their means go up and down
together, and the half-width is too small without a word. So batches that follow each other are compared by von
Neumann's ratio, the mean square of successive differences over the variance (von Neumann 1941, doi
10.1214/aoms/1177731677), and `correlation_warning` says it.

What an actor did is reported for the whole run only, and cannot be cut: such metrics are refused. Records are kept
until the run ends (80 bytes a customer, 72 a request), since before nobody knows where a batch ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.errors import Mistake
from servicechain.records import ACTOR_TIME, CUSTOMER, PART, REQUEST, Block, Parts, joined
from servicechain.studies.measures import COST, Measures
from servicechain.studies.plan import BLOCK

if TYPE_CHECKING:
    from servicechain.causes import Path
    from servicechain.facts import ChainFacts

Floats = NDArray[np.float64]

PER_RUN = BLOCK
"""How many batches a run is cut into: as many as replications make a block, so that a run is a unit of work."""

FEWEST = 10
"""Customers of a batch, at least."""

_COUNTS = {
    "customers": {"arrived", "begun", "finished", "abandoned", "unfinished"},
    "services": {"requests", "begun", "abandoned", "withdrawn", "waiting"},
}

# One-sided: a false alarm in a hundred metrics whose batches are independent.
_ALARM = 2.3263478740408408


def check_metrics(metrics: Iterable[str]) -> None:
    """Refuse what cannot be told of a part of a run.

    Raises
    ------
    Mistake
        For metrics of actors, the cost, and the largest of anything.
    """
    for metric in metrics:
        if _of_actors(metric):
            raise Mistake(
                f"{metric} is known for a whole run only, so it has no batch means; leave it out, or use the method "
                "'replications' with a warm-up"
            )
        if metric.endswith(".max"):
            raise Mistake(
                f"{metric} grows with the length of a run, so that of a batch is not that of the run; ask for p99, or "
                "use the method 'replications'"
            )


def _of_actors(column: str) -> bool:
    return column == COST or column.startswith("actors.")


class Batches:
    """The sink that makes rows of numbers of one long run, one for each batch; it serves one run after the other.

    Parameters
    ----------
    facts : ChainFacts
    warm_up : float
        Customers who arrive before are in no batch; in the chain's unit.
    extra : sequence of str
        Percentiles wanted besides, as for `Measures`.
    batches : int

    Attributes
    ----------
    columns : tuple of str
        What the numbers of a row are: those of `Measures`.
    """

    def __init__(
        self, facts: ChainFacts, warm_up: float = 0.0, extra: Sequence[str] = (), batches: int = PER_RUN
    ) -> None:
        self._measures = Measures(facts, warm_up, extra)
        self._warm_up = warm_up
        self._batches = batches
        self._actors = np.full(len(facts.actors), math.nan, ACTOR_TIME)
        self.columns = self._measures.columns
        self._unknown = np.array([_of_actors(column) for column in self.columns])
        self._counted = np.array([_is_count(column) for column in self.columns])
        self._begin()

    def _begin(self) -> None:
        self._people: list[Block] = []
        self._parts: list[Block] = []
        self._paths: Sequence[Path] | None = None
        self._asked: list[Block] = []
        self._kept = 0

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Keep those who count, and the parts of their waiting."""
        counts = block["arrived"] >= self._warm_up
        if parts is not None:
            places = self._kept + np.cumsum(counts) - 1
            rows = parts.rows[counts[parts.rows["customer"]]]
            rows["customer"] = places[rows["customer"]]
            self._parts.append(rows)
            self._paths = parts.paths
        self._people.append(block[counts])
        self._kept += int(np.count_nonzero(counts))

    def requests(self, block: Block) -> None:
        """Keep those that count."""
        self._asked.append(block[block["counted"]])

    def close(self, actors: Block, window: float, end: float) -> None:
        """Let the actors' time pass: it is that of the whole run."""

    def rows(self) -> Floats:
        """Give the numbers of the run that has ended, and begin anew.

        Returns
        -------
        ndarray, batches × columns
            NaN for what is not defined, and for all columns of actors. Counts are multiplied by the number of
            batches, so that their mean is the count of the run.

        Raises
        ------
        Mistake
            If there are too few customers to cut.
        """
        people, asked, parts = joined(self._people, CUSTOMER), joined(self._asked, REQUEST), joined(self._parts, PART)
        edges = self._edges(people["arrived"])
        of_people, of_asked = (
            np.searchsorted(edges, times, side="right") for times in (people["arrived"], asked["asked"])
        )
        self._check(np.bincount(of_people, minlength=self._batches))
        of_parts = of_people[parts["customer"]]
        rows = np.empty((self._batches, len(self.columns)))
        for batch in range(self._batches):
            chosen = of_people == batch
            self._measures.customers(people[chosen], self._part(parts[of_parts == batch], chosen))
            self._measures.requests(asked[of_asked == batch])
            self._measures.close(self._actors, math.nan, math.nan)
            rows[batch] = self._measures.row()
        rows[:, self._unknown] = math.nan
        rows[:, self._counted] *= self._batches
        self._begin()
        return rows

    def _edges(self, arrived: Floats) -> Floats:
        """Give the arrivals with which the second batch and all further ones begin."""
        if arrived.size < FEWEST * self._batches:
            raise Mistake(
                f"{arrived.size:,} customers count, too few for {self._batches} batches of {FEWEST} or more; run "
                "longer, or use the method 'replications'"
            )
        return np.sort(arrived)[np.arange(1, self._batches) * arrived.size // self._batches]

    def _check(self, sizes: NDArray[np.int64]) -> None:
        if not sizes.all():
            raise Mistake(
                f"so many customers come at one instant that {np.count_nonzero(sizes == 0)} of {self._batches} batches "
                "are empty; run longer, or use the method 'replications'"
            )

    def _part(self, rows: Block, chosen: NDArray[np.bool_]) -> Parts | None:
        """Take the parts of the customers of one batch, who are counted from 0 there."""
        if self._paths is None:
            return None
        rows["customer"] = (np.cumsum(chosen) - 1)[rows["customer"]]
        return Parts(rows, self._paths)


def _is_count(column: str) -> bool:
    kind, _, rest = column.partition(".")
    return rest.rpartition(".")[2] in _COUNTS.get(kind, ())


class Leftover(NamedTuple):
    """How much batches that follow each other depend on one another.

    Attributes
    ----------
    correlation : float
        Of one batch with the next, 1 − ratio/2; NaN if nothing varies.
    score : float
        In standard errors: standard normal if batches are independent.
    """

    correlation: float
    score: float


def leftover_correlation(values: ArrayLike, batches: int = PER_RUN) -> Leftover:
    """Measure the correlation that is left between batches that follow each other.

    Of independent normal values the expectation of 1 − ratio/2 is 0, and for one run its variance (n − 2)/(n² − 1) (von
    Neumann 1941). Of several runs the steps are those within runs and the spread is that of all values, so that a run
    which stays above the others as a whole is seen; the variance is found in the same way, from the variances of the
    two sums of squares.

    Parameters
    ----------
    values : array_like
        One metric of the batches of one run, then of the next one, …; runs in which it is not always defined are left
        out.
    batches : int
        Of each run; 2 or more.
    """
    runs = np.asarray(values, np.float64).reshape(-1, batches)
    runs = runs[~np.isnan(runs).any(axis=1)]
    if runs.size < 3 or not np.ptp(runs) > 0:
        return Leftover(math.nan, math.nan)
    steps = len(runs) * (batches - 1)
    ratio = (np.diff(runs, axis=1) ** 2).sum() / steps / runs.var(ddof=1)
    variance = (1 + len(runs) * (3 * batches - 4) / steps**2) / (1 + 2 / (runs.size - 1)) - 1
    correlation = float(1 - ratio / 2)
    return Leftover(correlation, correlation / math.sqrt(variance))


def correlation_warning(metric: str, values: ArrayLike, batches: int = PER_RUN) -> str | None:
    """Say that batches are too short, if they are.

    Parameters
    ----------
    metric : str
    values, batches
        As for `leftover_correlation`.

    Returns
    -------
    str or None
        A sentence; None if nothing speaks against independence (of independent batches one metric in a hundred is
        warned of all the same).
    """
    left = leftover_correlation(values, batches)
    if not left.score > _ALARM:
        return None
    return (
        f"{metric}: the batches are too short. Each resembles the one before (correlation {left.correlation:.2f}), so "
        "the half-width is too small; run several times as long, or use the method 'replications'."
    )
