"""What a study keeps of a replication: one row of numbers, each called by the path under which a run's JSON has it.

A column holds what a run takes the mean of: so the mean of a column over replications is the run's number, to the
last bit. Of a distribution it is the mean. Spread and percentiles are those of the replication, and are kept only
where they are asked for: they need a histogram, which takes longer than all else here.

The trap is a number that is not defined (the share of nobody): it is NaN, and left out when means are taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from servicechain.causes import Cause
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import leaves
from servicechain.facts import ChainFacts
from servicechain.metrics import TIMES, Floats, ReplicationSummary, share
from servicechain.parts import PartSums
from servicechain.records import ACTOR_TIME, Block, Parts
from servicechain.tallies import Tally

COST = "cost_per_day"
"""What all actors together cost, for each day that was observed."""

SPREADS = ("sd", "p50", "p90", "p95", "p99", "max")
"""What else a distribution can be asked for, after a point: ``customers.guest.wait.p90``."""

ATTRIBUTED = ("queueing", "held", "time")
"""Measures of each cause of waiting, per customer who left: ``attribution.guest.programmer.work.time``."""

_CUSTOMER_TIMES = (*TIMES, "satisfaction")
_SERVICE_TIMES = ("queue_wait", "duration")


def columns_of(facts: ChainFacts) -> tuple[str, ...]:
    """List every number there is for each replication, spreads and percentiles left out."""
    return (*_plain(facts), COST, *_attributed(facts))


def extra_columns_of(facts: ChainFacts) -> tuple[str, ...]:
    """List the spreads and percentiles that can be asked for besides."""
    return tuple(f"{name}.{spread}" for name in _distributions(facts) for spread in SPREADS)


def is_attributed(column: str) -> bool:
    """Tell whether a column is known only where waiting is followed to who causes it."""
    return column.startswith("attribution.")


def _plain(facts: ChainFacts) -> tuple[str, ...]:
    return tuple(".".join(path) for path, _ in leaves(_nothing(facts).values()))


def _distributions(facts: ChainFacts) -> tuple[str, ...]:
    return tuple(".".join(path) for path, value in leaves(_nothing(facts).values()) if isinstance(value, Tally))


def _nothing(facts: ChainFacts) -> ReplicationSummary:
    """Sum up a replication in which nothing happened: it has all the names."""
    summary = ReplicationSummary(facts)
    summary.close(np.zeros(len(facts.actors), ACTOR_TIME), 0.0, 0.0)
    return summary


def _attributed(facts: ChainFacts) -> Iterator[str]:
    for each in facts.classes:
        for actor, cause in facts.causes:
            for measure in ATTRIBUTED:
                yield f"attribution.{each.name}.{facts.actors[actor].name}.{cause.word}.{measure}"


class Measures:
    """The sink that makes a row of numbers of each replication; it serves one after the other.

    Parameters
    ----------
    facts : ChainFacts
    warm_up : float
        Customers who arrive before are not counted; in the chain's unit.
    extra : sequence of str
        Spreads and percentiles wanted besides: some of `extra_columns_of`.

    Attributes
    ----------
    columns : tuple of str
        What the numbers of a row are: `columns_of` the facts, then what is extra.

    Raises
    ------
    Mistake
        If something extra is not there.
    """

    def __init__(self, facts: ChainFacts, warm_up: float = 0.0, extra: Sequence[str] = ()) -> None:
        from servicechain.sums import Sums

        self._facts = facts
        self._warm_up = warm_up
        self._plain = len(_plain(facts)) + 1
        self._extra = _checked(facts, extra)
        self.columns = (*columns_of(facts), *extra)
        self._wages = np.array([each.wage for each in facts.actors])
        self._unlimited = np.array([each.unlimited for each in facts.actors], np.bool_)
        wanted = {(each.of_customers, each.stream) for each in self._extra}
        people_kept = [(True, stream) in wanted for stream in range(len(facts.classes) * len(_CUSTOMER_TIMES))]
        asked_kept = [(False, stream) in wanted for stream in range(len(facts.services) * len(_SERVICE_TIMES))]
        self._sums = Sums(facts, warm_up, people_kept, asked_kept)
        self._parts: PartSums | None = None
        self._row: Floats | None = None

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
            self._parts = self._parts or PartSums(len(self._facts.classes), self._warm_up)
            self._parts.add(block, parts)
        self._sums.customers(block)

    def requests(self, block: Block) -> None:
        """Take requests; those not counted are passed over.

        Raises
        ------
        IndexError, ValueError
            As for `customers`.
        """
        self._sums.requests(block)

    def close(self, actors: Block, window: float, end: float) -> None:
        """Take the actors' time and end the replication."""
        from servicechain import summing
        from servicechain.studies import averaging

        sums = self._sums
        sums.finish()
        row = np.full(len(self.columns), math.nan)
        averaging.fill_row(
            sums.people_counts,
            sums.people.room.streams.reshape(-1, len(_CUSTOMER_TIMES)),
            sums.zones,
            sums.asked_counts,
            sums.asked.room.streams.reshape(-1, len(_SERVICE_TIMES)),
            sums.standards,
            summing.solid(actors, ACTOR_TIME),
            self._wages,
            self._unlimited,
            float(window),
            float(self._facts.unit.seconds),
            row,
        )
        self._row = row

    def row(self) -> Floats:
        """Give the numbers of the replication that has ended, and begin anew.

        Returns
        -------
        ndarray
            One number for each of the columns, NaN where it is not defined; those of the waiting by cause are NaN
            in a replication that was run without attribution.
        """
        assert self._row is not None, "this replication has not ended"
        row = self._row
        if self._parts is not None and self._facts.causes:
            row[self._plain : len(row) - len(self._extra)] = [*attributed(self._facts, self._parts)]
        streams = self._sums.asked, self._sums.people
        for place, extra in enumerate(self._extra, len(row) - len(self._extra)):
            row[place] = _spread(streams[extra.of_customers].tally(extra.stream), extra.spread)
        self._sums.clear()
        self._parts = None
        self._row = None
        return row


def attributed(facts: ChainFacts, sums: PartSums) -> Iterator[float]:
    """Give, class by class and cause by cause, the time in line, held, and both, per customer who left."""
    for position, times in enumerate(sums.times):
        left = int(sums.left[position])
        totals = {cause: [0.0, 0.0] for cause in facts.causes}
        # the order of the paths, or the last bit would depend on which of them an engine met first
        for path, (queueing, held) in sorted((path, both.tolist()) for path, both in times.items()):
            total = totals[path[-2], Cause(path[-1])]
            total[0] += queueing
            total[1] += held
        for queueing, held in totals.values():
            yield from (share(queueing, left), share(held, left), share(queueing + held, left))


class _Extra(NamedTuple):
    """A spread or percentile that is asked for: of which stream of the customers, or of the services."""

    of_customers: bool
    stream: int
    spread: str


def _checked(facts: ChainFacts, extra: Sequence[str]) -> list[_Extra]:
    """Take apart what is asked for besides.

    Raises
    ------
    Mistake
        If it is not there.
    """
    names = {
        "customers": [each.name for each in facts.classes],
        "services": [each.name for each in facts.services],
    }
    known = extra_columns_of(facts) if extra else ()
    found = []
    for column in extra:
        if column not in known:
            raise Mistake(f"no spread or percentile is called {shown(column)}{nearest(column, known)}")
        kind, name, time, spread = column.split(".")
        times = _CUSTOMER_TIMES if kind == "customers" else _SERVICE_TIMES
        found.append(_Extra(kind == "customers", names[kind].index(name) * len(times) + times.index(time), spread))
    return found


def _spread(tally: Tally, name: str) -> float:
    if name in ("sd", "max"):
        return tally.sd if name == "sd" else tally.max
    return tally.percentile(int(name[1:]) / 100)
