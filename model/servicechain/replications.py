"""The replications of a run as tasks of one kind, each with all that it leaves behind.

What a replication leaves must not depend on what its engine has run before. Engines number the paths of waiting as
they meet them, so these are put into one order here, or sums over them would differ in the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from servicechain.chain import Chain
from servicechain.engines import Engine, engine_for
from servicechain.facts import ChainFacts
from servicechain.metrics import ReplicationSummary
from servicechain.parts import PartSums
from servicechain.records import Block, Fanout, KeepCustomers, KeepRequests, Parts, Sink
from servicechain.settings import Settings
from servicechain.tasks import Told
from servicechain.timeline import DaySum, TimelinePool


class Kept(NamedTuple):
    """The records of one replication: customers, requests, and the parts of these customers' waiting."""

    customers: Block
    requests: Block
    parts: Parts | None


@dataclass(frozen=True)
class Harvest:
    """What one replication leaves.

    Attributes
    ----------
    summary : ReplicationSummary
    day : DaySum or None
        Bucket by bucket; of runs that end at a given time.
    kept : Kept or None
        If they were to be kept.
    """

    summary: ReplicationSummary
    day: DaySum | None = None
    kept: Kept | None = None


@dataclass(frozen=True)
class Replications:
    """The job of running a chain.

    Attributes
    ----------
    chain : Chain
        With its files read.
    engine : str
        Its name.
    settings : Settings
    facts : ChainFacts
    over_time : TimelinePool or None
        Makes the sinks for the days.
    keep_records : bool
    sinks : callable or None
        From the number of a replication to further sinks.
    """

    chain: Chain
    engine: str
    settings: Settings
    facts: ChainFacts
    over_time: TimelinePool | None = None
    keep_records: bool = False
    sinks: Callable[[int], Sequence[Sink]] | None = None

    def begin(self) -> Callable[[int, Told | None], Harvest]:
        """Make an engine, and give what runs a replication on it."""
        return partial(self._one, engine_for(self.chain, self.engine))

    def _one(self, engine: Engine, replication: int, told: Told | None) -> Harvest:
        summary = ReplicationSummary(self.facts, self.settings.warm_up)
        day = self.over_time.sink() if self.over_time else None
        into: list[Sink] = [summary, *([day] if day else ()), *(self.sinks(replication) if self.sinks else ())]
        people, asked = KeepCustomers(), KeepRequests()
        if self.keep_records:
            into += [people, asked]
        engine.replicate(self.settings, replication, Fanout(into), told)
        if summary.parts is not None:
            order_paths(summary.parts)
        if not self.keep_records:
            return Harvest(summary, day)
        return Harvest(summary, day, Kept(people.records, asked.records, with_paths_in_order(people.waiting)))


def order_paths(sums: PartSums) -> None:
    """Put sums by path into the order of the paths."""
    sums.times[:] = [dict(sorted(times.items())) for times in sums.times]


def with_paths_in_order(parts: Parts | None) -> Parts | None:
    """Give the paths that occur new numbers, in their order."""
    if parts is None:
        return None
    used, places = np.unique(parts.rows["path"], return_inverse=True)
    met = [parts.paths[number] for number in used.tolist()]
    order = sorted(range(len(met)), key=met.__getitem__)
    rank = np.empty(used.size, np.int32)
    rank[order] = np.arange(used.size, dtype=np.int32)
    rows = parts.rows.copy()
    rows["path"] = rank[places]
    return Parts(rows, [met[place] for place in order])
