"""What happened when: requests in line, arrivals and servers on duty, from the beginning of a run to its end.

A mean over a day hides its rush. So a run that ends at a given time is also summed up in at most 96 buckets of a
handy length, each with exact time averages; memory follows the buckets, not the run or its replications. The
trap is to count who stands in line at some moments: a line that is long between two of them is never seen. Here
everybody who stands in line adds exactly the time they stand there, bucket by bucket.

A request counts from asking until it begins, is given up or withdrawn; one that still waits at the end, until
then. One that has begun and is put back in line does not count again. One that several actors could take counts
at the first of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from servicechain.causes import Cause, Path
from servicechain.estimates import student
from servicechain.records import REQUEST, Block, Parts
from servicechain.units import TimeUnit, plain

if TYPE_CHECKING:
    import pandas as pd

    from servicechain.chain import Chain

BUCKETS = 96
_DAY = 86400
# a quarter of an hour for a day: lengths that fit into the next longer ones a clock has
_SECONDS = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(60 * minutes for minutes in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY, 2 * _DAY),
)

Floats = NDArray[np.float64]
Caused: TypeAlias = "dict[tuple[int, Path], Floats]"
"""Minutes of waiting in each bucket, by the class that waits (its position), and the actor and cause it waits for."""


def bucket_edges(until: float, unit: TimeUnit) -> Floats:
    """Cut the time from 0 to `until` into at most 96 buckets of a handy length, the last perhaps shorter.

    Parameters
    ----------
    until : float
        Above 0, in `unit`.
    unit : TimeUnit

    Returns
    -------
    ndarray
        Edges in `unit`, the first 0 and the last `until`.

    Examples
    --------
    >>> bucket_edges(1440.0, TimeUnit.MINUTES)[:3].tolist()
    [0.0, 15.0, 30.0]
    """
    least = until * unit.seconds / BUCKETS
    if not 1e-9 < least < 1e12:
        return np.array([0.0, until])  # no clock measures that
    starts = np.arange(BUCKETS) * handy(least) / unit.seconds
    # without the sliver that rounding may leave before the end
    return np.append(starts[starts < until * (1 - 1e-9)], until)


def handy(seconds: float) -> float:
    """Give the shortest handy length that is at least so long.

    >>> handy(700), handy(0.3), handy(10 * 86400)
    (900, 0.5, 1209600)
    """
    if seconds > _SECONDS[-1]:
        return math.ceil(seconds / (7 * _DAY)) * 7 * _DAY
    if seconds > 0.5:
        return next(length for length in _SECONDS if length >= seconds)
    power = 10.0 ** math.floor(math.log10(seconds))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= seconds)


class DaySum:
    """The sink that sums up one replication, bucket by bucket.

    Parameters
    ----------
    edges : ndarray
        Of the buckets, in the chain's unit, from 0 to the end of the run.
    lines : ndarray of int
        For each service the position of the actor in whose line its requests count.
    actors, classes : int
        How many there are.
    """

    def __init__(self, edges: Floats, lines: NDArray[np.intp], actors: int, classes: int) -> None:
        self._edges = edges
        self._lines = lines
        self._buckets = edges.size - 1
        self._joined = np.zeros((actors, self._buckets))  # who joined a line in a bucket, less who left one
        self._within = np.zeros((actors, self._buckets))  # the time they stood there in that very bucket
        self._arrived = np.zeros((classes, self._buckets))
        self.caused: Caused = {}

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Take customers, those of the warm-up too, and all waiting by bucket."""
        if parts is not None and parts.course is not None:
            for row in parts.course:
                key = int(row["customer_class"]), parts.paths[row["path"]][-2:]
                self.caused.setdefault(key, np.zeros(self._buckets))[row["bucket"]] += row["time"]
        places = np.searchsorted(self._edges, block["arrived"], side="right") - 1
        cells = block["customer_class"] * self._buckets + np.minimum(places, self._buckets - 1)
        self._arrived += np.bincount(cells, minlength=self._arrived.size).reshape(self._arrived.shape)

    def requests(self, block: Block) -> None:
        """Take requests, those not counted too."""
        from servicechain import summing

        # each block by itself, so that small times are not added to large sums one by one
        joined, within = np.zeros_like(self._joined), np.zeros_like(self._within)
        summing.stand_in_line(summing.solid(block, REQUEST), self._edges, self._lines, joined, within)
        self._joined += joined
        self._within += within

    def close(self, actors: Block, window: float, end: float) -> None:
        """End the replication; whoever stands in line does so to the end of the last bucket."""

    @property
    def in_line(self) -> Floats:
        """Mean number of requests in line, per actor and bucket."""
        widths = np.diff(self._edges)
        before = np.cumsum(self._joined, axis=1) - self._joined
        # what is left of a difference of equal times may be a little less than nothing
        return np.maximum(before + self._within / widths, 0.0)

    @property
    def arrivals(self) -> Floats:
        """Number of customers who arrived, per class and bucket."""
        return self._arrived


@dataclass(frozen=True, eq=False)
class Course:
    """A number over time, across replications.

    Attributes
    ----------
    mean : ndarray
        Mean over the replications; one row per thing, one column per bucket.
    halfwidth : ndarray
        Of the 95 % confidence interval of each mean; NaN for fewer than two replications.
    """

    mean: Floats
    halfwidth: Floats


@dataclass(frozen=True, eq=False)
class Timeline:
    """What happened when, across the replications of a run.

    Attributes
    ----------
    edges : ndarray
        Of the buckets, in `unit`; one more than there are buckets.
    unit : TimeUnit
        The chain's.
    starts : datetime or None
        The clock's zero; if None, a Monday at 00:00.
    actors, classes : tuple of str
        What the rows are.
    in_line : Course
        Mean number of requests in line, per actor and bucket.
    arrivals : Course
        Number of customers who arrive, per class and bucket.
    on_duty : ndarray
        Mean number of servers on duty by the clock, per actor and bucket; infinite if unlimited.
    waiting : dict
        Minutes of waiting (in `unit`) in each bucket by customer class, actor and cause, mean over the
        replications; empty without attribution.
    """

    edges: Floats
    unit: TimeUnit
    starts: datetime | None
    actors: tuple[str, ...]
    classes: tuple[str, ...]
    in_line: Course
    arrivals: Course
    on_duty: Floats
    waiting: Caused = field(default_factory=dict)

    def __repr__(self) -> str:
        buckets, end = self.edges.size - 1, plain(float(self.edges[-1]))
        return (
            f"Timeline(0 to {end} {self.unit} in {buckets} buckets: requests in line and servers on duty by actor, "
            f"arrivals by customer class; as a table: frame())"
        )

    @property
    def caused(self) -> pd.DataFrame:
        """All waiting as a tidy frame: in which bucket, whose it was, and who caused it.

        Returns
        -------
        DataFrame
            Columns ``start``, ``end`` (of the bucket), ``customer_class``, ``actor``, ``cause``, ``time``: waiting of
            all customers of the class in the bucket, mean over the replications; in ``frame.attrs["unit"]``.
        """
        import pandas as pd

        columns = ["start", "end", "customer_class", "actor", "cause", "time"]
        parts = [
            pd.DataFrame(
                {
                    "start": self.edges[:-1],
                    "end": self.edges[1:],
                    "customer_class": self.classes[customer_class],
                    "actor": self.actors[actor],
                    "cause": Cause(cause).word,
                    "time": time,
                }
            )
            for (customer_class, (actor, cause)), time in sorted(self.waiting.items(), key=lambda item: item[0])
        ]
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
        frame.attrs["unit"] = str(self.unit)
        return frame

    def frame(self) -> pd.DataFrame:
        """Give it as a tidy frame: one row per bucket, thing and metric.

        Returns
        -------
        DataFrame
            Columns ``start``, ``end`` (of the bucket, in ``frame.attrs["unit"]``), ``metric`` (``in_line``,
            ``on_duty``: by actor; ``arrivals``: by customer class), ``name``, ``mean``, ``halfwidth``.
        """
        import pandas as pd

        duty = Course(self.on_duty, np.zeros_like(self.on_duty))
        parts = [
            pd.DataFrame(
                {
                    "start": self.edges[:-1],
                    "end": self.edges[1:],
                    "metric": metric,
                    "name": name,
                    "mean": course.mean[row],
                    "halfwidth": course.halfwidth[row],
                }
            )
            for metric, names, course in (
                ("in_line", self.actors, self.in_line),
                ("on_duty", self.actors, duty),
                ("arrivals", self.classes, self.arrivals),
            )
            for row, name in enumerate(names)
        ]
        frame = pd.concat(parts, ignore_index=True)
        frame.attrs["unit"] = str(self.unit)
        return frame


class TimelinePool:
    """Gathers replication after replication into a timeline, each needed only for a moment.

    Means and squared deviations are updated one replication at a time (Welford 1962, doi
    10.1080/00401706.1962.10490022).
    """

    def __init__(self, chain: Chain, until: float, antithetic: bool = False) -> None:
        self._chain = chain
        self._edges = bucket_edges(until, chain.unit)
        names = list(chain.actors)
        self._lines = np.array([names.index(each.actors[0]) for each in chain.services.values()], np.intp)
        self._antithetic = antithetic
        self._half: tuple[Floats, Floats] | None = None
        self._line, self._arrivals = _Running(), _Running()
        self._caused: Caused = {}
        self._days = 0

    @property
    def inner_edges(self) -> tuple[float, ...]:
        """Where one bucket ends and the next begins."""
        return tuple(self._edges[1:-1].tolist())

    def sink(self) -> DaySum:
        """Make the sink for one more replication."""
        return DaySum(self._edges, self._lines, len(self._chain.actors), len(self._chain.customers))

    def add(self, day: DaySum) -> None:
        """Take in a replication that has ended; of antithetic ones each pair counts as one."""
        self._days += 1
        for key, time in day.caused.items():
            self._caused[key] = self._caused.get(key, 0.0) + time
        now = day.in_line, day.arrivals
        if self._antithetic and self._half is None:
            self._half = now
            return
        if self._half is not None:
            now = (now[0] + self._half[0]) / 2, (now[1] + self._half[1]) / 2
            self._half = None
        self._line.add(now[0])
        self._arrivals.add(now[1])

    def timeline(self) -> Timeline:
        """Give what has come together."""
        return Timeline(
            edges=self._edges,
            unit=self._chain.unit,
            starts=self._chain.starts,
            actors=tuple(self._chain.actors),
            classes=tuple(self._chain.customers),
            in_line=self._line.course(),
            arrivals=self._arrivals.course(),
            on_duty=on_duty(self._chain, self._edges),
            waiting={key: time / self._days for key, time in self._caused.items()},
        )


def on_duty(chain: Chain, edges: Floats) -> Floats:
    """Tell how many servers of each actor are on duty by the clock, on average in each bucket.

    Parameters
    ----------
    chain : Chain
    edges : ndarray
        Of the buckets, in the chain's unit.

    Returns
    -------
    ndarray
        One row per actor, one column per bucket; infinite if unlimited.
    """
    means = np.empty((len(chain.actors), edges.size - 1))
    for row, actor in zip(means, chain.actors.values(), strict=True):
        calendar = actor.calendar(chain.starts, chain.unit)
        if calendar is None:
            row[:] = actor.servers
        else:
            row[:] = [calendar.mean(start, end) for start, end in pairwise(edges.tolist())]
    return means


class _Running:
    """Mean and squared deviations of arrays that come one after the other."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(0)
        self.squares: Floats = np.zeros(0)

    def add(self, values: Floats) -> None:
        self.count += 1
        if self.count == 1:
            self.mean, self.squares = values.copy(), np.zeros_like(values)
            return
        apart = values - self.mean
        self.mean = self.mean + apart / self.count
        self.squares = self.squares + apart * (values - self.mean)

    def course(self) -> Course:
        if self.count < 2:
            return Course(self.mean, np.full_like(self.mean, math.nan))
        error = np.sqrt(self.squares / (self.count - 1) / self.count)
        return Course(self.mean, student(self.count - 1) * error)
