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
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from servicechain.errors import RunError
from servicechain.experience.satisfaction import satisfaction
from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
from servicechain.parts import PartSums
from servicechain.records import Block, Parts
from servicechain.tallies import Tally
from servicechain.units import TimeUnit

if TYPE_CHECKING:
    from servicechain.sums import Sums

TIMES = ("queueing", "held", "attended", "own", "wait", "time_in_system")

Tree: TypeAlias = "dict[str, Tree | Tally | float]"
Floats: TypeAlias = NDArray[np.float64]


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
        self._sums: Sums | None = None
        self._classes: list[ClassSummary] = []
        self._services: list[ServiceSummary] = []
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
        if parts is not None:
            self.parts = self.parts or PartSums(len(self.facts.classes), self.warm_up)
            self.parts.add(block, parts)
        self._open().customers(block)

    def requests(self, block: Block) -> None:
        """Take requests; those not counted are passed over.

        Raises
        ------
        IndexError, ValueError
            As for `customers`.
        """
        self._open().requests(block)

    def _open(self) -> Sums:
        if self._sums is None:
            from servicechain.sums import Sums

            self._sums = Sums(self.facts, self.warm_up)
        return self._sums

    def close(self, actors: Block, window: float, end: float) -> None:
        """Take the actors' time and end the replication."""
        self.actors = actors.copy()
        self.window = float(window)
        self.end = float(end)
        sums, self._sums = self._sums, None
        if sums is None:
            self._classes = [ClassSummary(each) for each in self.facts.classes]
            self._services = [ServiceSummary(each) for each in self.facts.services]
            return
        sums.finish()
        people, asked = sums.people.tallies(), sums.asked.tallies()
        self._classes = [
            ClassSummary(facts, counts, [next(people) for _ in (*TIMES, "satisfaction")])
            for facts, counts in zip(self.facts.classes, sums.people_counts.tolist(), strict=True)
        ]
        self._services = [
            ServiceSummary(facts, counts, [next(asked), next(asked)])
            for facts, counts in zip(self.facts.services, sums.asked_counts.tolist(), strict=True)
        ]

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
            "customers": {each.facts.name: each.values() for each in self._classes},
            "services": {each.facts.name: each.values() for each in self._services},
            "actors": {
                facts.name: actor_values(facts, time, self.window, self.facts.unit)
                for facts, time in zip(self.facts.actors, self.actors, strict=True)
            },
        }


class ClassSummary:
    """The customers of one class in one replication.

    Parameters
    ----------
    facts : ClassFacts
    counts : sequence of int
        The `summing.CUSTOMER_COUNTS`.
    tallies : sequence of Tally
        The `TIMES` of those who left, and their satisfaction; of nobody, if it is not said.
    """

    def __init__(self, facts: ClassFacts, counts: Sequence[int] = (0,) * 6, tallies: Sequence[Tally] = ()) -> None:
        self.facts = facts
        self.counts = counts
        *times, self.satisfaction = tallies or [Tally() for _ in (*TIMES, "satisfaction")]
        self.times = dict(zip(TIMES, times, strict=True))

    def values(self) -> Tree:
        """Give the numbers of this class."""
        finished, abandoned, unfinished, begun, delighted, below = self.counts
        left = finished + abandoned
        tree: Tree = {
            "arrived": float(left + unfinished),
            "begun": float(begun),
            "finished": float(finished),
            "abandoned": float(abandoned),
            "unfinished": float(unfinished),
            "abandoned_share": share(abandoned, left),
            **self.times,
        }
        if self.facts.tolerance is not None:
            tree["satisfaction"] = self.satisfaction
            tree["delighted"] = share(delighted, left)
            tree["inside"] = share(left - delighted - below, left)
            tree["below"] = share(below, left)
        return tree


class ServiceSummary:
    """The requests for one service in one replication.

    Parameters
    ----------
    facts : ServiceFacts
    counts : sequence of int
        The `summing.REQUEST_COUNTS`.
    tallies : sequence of Tally
        Time in line of those that began, and duration of those that ended; of none, if it is not said.
    """

    def __init__(self, facts: ServiceFacts, counts: Sequence[int] = (0,) * 7, tallies: Sequence[Tally] = ()) -> None:
        self.facts = facts
        self.counts = counts
        self.queue_wait, self.duration = tallies or (Tally(), Tally())

    def values(self) -> Tree:
        """Give the numbers of this service."""
        begun, abandoned, withdrawn, waiting, delayed, in_time, _ = self.counts
        requests = begun + abandoned + withdrawn + waiting
        return {
            "requests": float(requests),
            "begun": float(begun),
            "abandoned": float(abandoned),
            "withdrawn": float(withdrawn),
            "waiting": float(waiting),
            "delayed_share": share(delayed, begun),
            "within_standard": math.nan if self.facts.standard is None else share(in_time, requests),
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
