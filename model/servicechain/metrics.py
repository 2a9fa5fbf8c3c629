"""What one replication comes down to: every number of the results, before they meet other replications.

`ReplicationSummary` is the sink an engine feeds. It keeps counts and tallies only, so a day and a century
cost the same memory, and it can travel from another process. Of whom each number is taken:

- customers: who arrived at or after the warm-up; times and satisfaction of those who *left*, by finishing or
  giving up. The trap is a mean over those served: it flatters a service that drives people away.
- services: the requests that the engine marked as counted.
- actors: the observed time, from the warm-up to the last arrival (or the end).

A number that is not defined (a share of nobody, the mean of nothing) is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from servicechain.errors import RunError
from servicechain.experience.satisfaction import AT_ADEQUATE, AT_DESIRED, STEEPNESS, satisfaction
from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
from servicechain.parts import PartSums
from servicechain.records import CUSTOMER, REQUEST, Block, CustomerOutcome, Parts
from servicechain.tallies import Tally
from servicechain.units import TimeUnit

TIMES = ("queueing", "held", "attended", "own", "wait", "time_in_system")

SCALE = (AT_DESIRED, AT_ADEQUATE, STEEPNESS * (AT_DESIRED - AT_ADEQUATE) / AT_ADEQUATE)
"""Satisfaction at the desired and at the adequate wait, and how fast it falls beyond."""

Tree: TypeAlias = "dict[str, Tree | Tally | float]"
Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


class ReplicationSummary:
    """The sink that sums up one replication.

    Parameters
    ----------
    facts : ChainFacts
        What the positions in the records mean.
    warm_up : float
        Customers who arrive before are not counted; in the chain's unit.
    """

    def __init__(self, facts: ChainFacts, warm_up: float = 0.0) -> None:
        self.facts = facts
        self.warm_up = warm_up
        self.classes = [ClassSummary(each) for each in facts.classes]
        self.services = [ServiceSummary(each) for each in facts.services]
        self._zones = np.array([each.tolerance or (math.nan, math.nan) for each in facts.classes]).reshape(-1, 2)
        self._standards = np.array([math.nan if each.standard is None else each.standard for each in facts.services])
        self.parts: PartSums | None = None
        self.actors: Block | None = None
        self.window = 0.0
        self.end = 0.0

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Take customers and the parts of their waiting; those of the warm-up are passed over.

        Raises
        ------
        IndexError
            If a record has a class, an outcome or a path that does not exist: an engine made a mistake.
        ValueError
            If a time is NaN or infinite: an engine lost it.
        """
        from servicechain import summing

        if parts is not None:
            self.parts = self.parts or PartSums(len(self.classes), self.warm_up)
            self.parts.add(block, parts)
        columns = np.empty((len(TIMES) + 1, block.size))
        counts = np.zeros((len(self.classes), len(summing.CUSTOMER_COUNTS)), np.int64)
        ends = np.zeros(len(self.classes), np.int64)
        records = summing.solid(block, CUSTOMER)
        summing.lay_out_customers(records, self.warm_up, self._zones, SCALE, counts, ends, columns)
        for each, count, part in zip(self.classes, counts, in_groups(columns, ends), strict=True):
            each.add(count, part)

    def requests(self, block: Block) -> None:
        """Take requests; those not counted are passed over.

        Raises
        ------
        IndexError, ValueError
            As for `customers`.
        """
        from servicechain import summing

        columns = np.empty((2, block.size))
        counts = np.zeros((len(self.services), len(summing.REQUEST_COUNTS)), np.int64)
        waits, lasts = np.zeros((2, len(self.services)), np.int64)
        records = summing.solid(block, REQUEST)
        summing.lay_out_requests(records, self._standards, counts, waits, lasts, columns)
        parts = zip(in_groups(columns[0], waits), in_groups(columns[1], lasts), strict=True)
        for each, count, (wait, duration) in zip(self.services, counts, parts, strict=True):
            each.add(count, wait, duration)

    def close(self, actors: Block, window: float, end: float) -> None:
        """Take the actors' time and end the replication."""
        self.actors = actors.copy()
        self.window = float(window)
        self.end = float(end)

    def values(self) -> Tree:
        """Give every number of the results, keyed and ordered as they are printed.

        Returns
        -------
        dict
            ``customers``, ``services`` and ``actors``, each by name; a number, or a `Tally` where the results
            show a distribution. Times in the chain's unit.

        Raises
        ------
        RunError
            If the replication has not ended.
        """
        if self.actors is None:
            raise RunError("this replication has not ended, so it cannot be summed up; close it first")
        return {
            "customers": {each.facts.name: each.values() for each in self.classes},
            "services": {each.facts.name: each.values() for each in self.services},
            "actors": {
                facts.name: actor_values(facts, time, self.window, self.facts.unit)
                for facts, time in zip(self.facts.actors, self.actors, strict=True)
            },
        }


class ClassSummary:
    """The customers of one class in one replication."""

    def __init__(self, facts: ClassFacts) -> None:
        self.facts = facts
        self.outcomes = np.zeros(len(CustomerOutcome), np.int64)
        self.begun = 0
        self.times = {name: Tally() for name in TIMES}
        self.satisfaction = Tally()
        self.delighted = 0
        self.below = 0

    def add(self, counts: Counts, columns: Floats) -> None:
        """Take customers of this class.

        Parameters
        ----------
        counts : ndarray
            Their `CUSTOMER_COUNTS`.
        columns : ndarray
            The `TIMES` of those who left, and their satisfaction.
        """
        self.outcomes += counts[: len(CustomerOutcome)]
        begun, delighted, below = counts[len(CustomerOutcome) :].tolist()
        self.begun += begun
        self.delighted += delighted
        self.below += below
        for tally, column in zip(self.times.values(), columns, strict=False):
            tally.add(column)
        if self.facts.tolerance is not None:
            self.satisfaction.add(columns[-1])

    def values(self) -> Tree:
        """Give the numbers of this class."""
        finished, abandoned, unfinished = (int(count) for count in self.outcomes)
        left = finished + abandoned
        tree: Tree = {
            "arrived": float(left + unfinished),
            "begun": float(self.begun),
            "finished": float(finished),
            "abandoned": float(abandoned),
            "unfinished": float(unfinished),
            "abandoned_share": share(abandoned, left),
            **self.times,
        }
        if self.facts.tolerance is not None:
            tree["satisfaction"] = self.satisfaction
            tree["delighted"] = share(self.delighted, left)
            tree["inside"] = share(left - self.delighted - self.below, left)
            tree["below"] = share(self.below, left)
        return tree


class ServiceSummary:
    """The requests for one service in one replication."""

    def __init__(self, facts: ServiceFacts) -> None:
        self.facts = facts
        self.begun = 0
        self.abandoned = 0
        self.withdrawn = 0
        self.waiting = 0
        self.delayed = 0
        self.in_time = 0
        self.queue_wait = Tally()
        self.duration = Tally()

    def add(self, counts: Counts, waits: Floats, durations: Floats) -> None:
        """Take requests for this service.

        Parameters
        ----------
        counts : ndarray
            Their `REQUEST_COUNTS`.
        waits : ndarray
            Time in line of those that began.
        durations : ndarray
            Of those that ended.
        """
        begun, abandoned, withdrawn, waiting, delayed, in_time = counts.tolist()
        self.begun += begun
        self.abandoned += abandoned
        self.withdrawn += withdrawn
        self.waiting += waiting
        self.delayed += delayed
        self.in_time += in_time
        self.queue_wait.add(waits)
        self.duration.add(durations)

    def values(self) -> Tree:
        """Give the numbers of this service."""
        requests = self.begun + self.abandoned + self.withdrawn + self.waiting
        return {
            "requests": float(requests),
            "begun": float(self.begun),
            "abandoned": float(self.abandoned),
            "withdrawn": float(self.withdrawn),
            "waiting": float(self.waiting),
            "delayed_share": share(self.delayed, self.begun),
            "within_standard": math.nan if self.facts.standard is None else share(self.in_time, requests),
            "queue_wait": self.queue_wait,
            "duration": self.duration,
        }


def actor_values(facts: ActorFacts, time: np.void, window: float, unit: TimeUnit) -> Tree:
    """Give the numbers of one actor from the integrals of its states.

    Parameters
    ----------
    facts : ActorFacts
        Who it is.
    time : one element of ACTOR_TIME
        Server time in each state, in the chain's unit.
    window : float
        Length of the observed time; in none of length 0 a mean number is defined.
    unit : TimeUnit
        Of these times: a wage is per hour.
    """
    parts = {name: float(time[name]) for name in ("working", "held", "idle", "down")}
    on_duty, overtime = float(time["on_duty"]), float(time["overtime"])
    whole = math.nan if facts.unlimited else on_duty
    shares: Tree = {name: share(part, whole) for name, part in parts.items()}
    return {
        "on_duty": share(whole, window),
        "busy": share(float(time["busy"]), window),
        **shares,
        "utilisation": share(parts["working"] + parts["held"], whole),
        "overtime": overtime,
        "cost": facts.wage * (whole + overtime) * unit.seconds / 3600 if facts.wage else 0.0,
        "queue_length": {"mean": share(float(time["queue"]), window), "max": float(time["queue_max"])},
    }


def satisfaction_of(wait: Floats, gave_up: NDArray[np.bool_], tolerance: tuple[float, float]) -> Floats:
    """Give the satisfaction of customers who left: by the zone of tolerance, and 0 for who gave up."""
    return np.where(gave_up, 0.0, satisfaction(wait, *tolerance))


def count_of(mask: NDArray[np.bool_]) -> int:
    """Count what holds, as a plain number that JSON knows."""
    return int(np.count_nonzero(mask))


def share(part: float, whole: float) -> float:
    """Divide; a share of nothing is NaN."""
    return part / whole if whole else math.nan


def in_groups(columns: Floats, ends: Counts) -> Iterator[Floats]:
    """Cut columns where the groups end."""
    start = 0
    for end in ends.tolist():
        yield columns[..., start:end]
        start = end


def grouped(block: Block, field: str, count: int) -> Iterator[tuple[int, Block]]:
    """Split a block by a field of positions, each part in the order of the block."""
    if block.size == 0:
        return
    keys = block[field]
    if count == 1:
        yield 0, block
        return
    # keys of 16 bits are sorted in linear time
    order = np.argsort(keys.astype(np.int16) if count < 2**15 else keys, kind="stable")
    bounds = np.searchsorted(keys[order], np.arange(count + 1))
    for position in range(count):
        if bounds[position] < bounds[position + 1]:
            yield position, block[order[bounds[position] : bounds[position + 1]]]
