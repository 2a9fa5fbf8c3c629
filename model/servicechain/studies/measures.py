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
from numpy.typing import NDArray

from servicechain.causes import Cause
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import leaves
from servicechain.facts import ChainFacts
from servicechain.metrics import SCALE, TIMES, Counts, Floats, ReplicationSummary, in_groups, share
from servicechain.parts import PartSums
from servicechain.records import ACTOR_TIME, CUSTOMER, REQUEST, Block, Parts
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
        from servicechain.studies.averaging import OCTAVE_WORDS, STREAM

        self._facts = facts
        self._warm_up = warm_up
        self._plain = len(_plain(facts)) + 1
        self._extra = _checked(facts, extra)
        self.columns = (*columns_of(facts), *extra)
        self._zones = np.array([each.tolerance or (math.nan, math.nan) for each in facts.classes]).reshape(-1, 2)
        self._standards = np.array([math.nan if each.standard is None else each.standard for each in facts.services])
        self._wages = np.array([each.wage for each in facts.actors])
        self._unlimited = np.array([each.unlimited for each in facts.actors], np.bool_)
        self._people = _Streams(len(facts.classes), len(_CUSTOMER_TIMES), STREAM, OCTAVE_WORDS)
        self._asked = _Streams(len(facts.services), len(_SERVICE_TIMES), STREAM, OCTAVE_WORDS)
        self._ends = np.zeros(len(facts.classes), np.int64)
        self._waits, self._lasts = np.zeros((2, len(facts.services)), np.int64)
        self._begin()

    def _begin(self) -> None:
        self._people.clear()
        self._asked.clear()
        self._tallies = [Tally() for _ in self._extra]
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
        from servicechain import summing
        from servicechain.studies import averaging

        if parts is not None:
            self._parts = self._parts or PartSums(len(self._facts.classes), self._warm_up)
            self._parts.add(block, parts)
        of = self._people
        columns, words = of.room(block.size)
        averaging.take_customers(
            summing.solid(block, CUSTOMER),
            self._warm_up,
            self._zones,
            SCALE,
            of.counts,
            self._ends,
            columns,
            words,
            of.streams,
            of.octaves,
        )
        self._tally("customers", _CUSTOMER_TIMES, columns, [self._ends] * len(_CUSTOMER_TIMES))

    def requests(self, block: Block) -> None:
        """Take requests; those not counted are passed over.

        Raises
        ------
        IndexError, ValueError
            As for `customers`.
        """
        from servicechain import summing
        from servicechain.studies import averaging

        of = self._asked
        columns, words = of.room(block.size)
        averaging.take_requests(
            summing.solid(block, REQUEST),
            self._standards,
            of.counts,
            self._waits,
            self._lasts,
            columns,
            words,
            of.streams,
            of.octaves,
        )
        self._tally("services", _SERVICE_TIMES, columns, [self._waits, self._lasts])

    def _tally(self, kind: str, times: Sequence[str], columns: Floats, ends: Sequence[Counts]) -> None:
        for extra, tally in zip(self._extra, self._tallies, strict=True):
            if extra.kind == kind:
                column = times.index(extra.time)
                groups = [*in_groups(columns[column], ends[column])]
                tally.add(groups[extra.position])

    def close(self, actors: Block, window: float, end: float) -> None:
        """Take the actors' time and end the replication."""
        from servicechain import summing
        from servicechain.studies import averaging

        row = np.full(len(self.columns), math.nan)
        averaging.fill_row(
            self._people.counts,
            self._people.streams,
            self._zones,
            self._asked.counts,
            self._asked.streams,
            self._standards,
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
        for place, (extra, tally) in enumerate(
            zip(self._extra, self._tallies, strict=True), len(row) - len(self._extra)
        ):
            row[place] = _spread(tally, extra.spread)
        self._begin()
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


class _Streams:
    """The counts and streams of some classes or services, and the room to lay out their times."""

    def __init__(self, groups: int, many: int, stream: np.dtype[np.void], octave_words: int) -> None:
        self.counts = np.zeros((groups, 6), np.int64)
        self.streams = np.zeros((groups, many), stream)
        self.octaves = np.zeros((groups, many, octave_words), np.uint64)
        self._columns = np.empty((many, 0))

    def clear(self) -> None:
        """Forget the replication."""
        self.counts[:] = 0
        self.streams["count"] = 0
        self.octaves[:] = 0

    def room(self, size: int) -> tuple[Floats, NDArray[np.uint64]]:
        """Give columns of at least this length, as numbers and as bits."""
        if self._columns.shape[1] < size:
            self._columns = np.empty((len(self._columns), size))
        return self._columns, self._columns.view(np.uint64)


class _Extra(NamedTuple):
    """A spread or percentile that is asked for: of whom, of which time."""

    kind: str
    position: int
    time: str
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
        found.append(_Extra(kind, names[kind].index(name), time, spread))
    return found


def _spread(tally: Tally, name: str) -> float:
    if name in ("sd", "max"):
        return tally.sd if name == "sd" else tally.max
    return tally.percentile(int(name[1:]) / 100)
