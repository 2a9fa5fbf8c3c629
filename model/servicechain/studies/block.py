"""The unit of work of a study: some consecutive replications of one scenario, and all that a worker needs for it.

A worker is given the `Bench` once, and after that only blocks, which are four numbers each. What it makes of the bench
(engines, and the sinks that measure) it keeps for the next block, apart for each thread. The trap: a bench is told
from another by its `key` alone, so all that can change a number must be in the key.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from servicechain.chain import Chain
from servicechain.engines import engine_for, has_python
from servicechain.facts import ChainFacts
from servicechain.metrics import Floats
from servicechain.running import facts_of
from servicechain.settings import Settings
from servicechain.studies.batch_means import Batches
from servicechain.studies.measures import Measures, columns_of, extra_columns_of, is_attributed
from servicechain.studies.plan import BATCHES, BLOCK
from servicechain.tasks import Told

if TYPE_CHECKING:
    from servicechain.studies.plan import Plan

NUMBERS = 1
"""Raised whenever the same chain and seed give other numbers than before, or columns mean something else."""

KEPT_ENGINES = 32
"""So many scenarios a thread keeps an engine for; each takes about a megabyte."""

KEPT_BENCHES = 2

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, order=True)
class Block:
    """Replications `first` to `first` + `count` - 1 of one scenario.

    With the method of batch means they are batches instead: run k is cut into batches k × `BLOCK` and following.

    Attributes
    ----------
    scenario : int
        Its position in the plan.
    first, count : int
    attribution : bool
        Whether waiting is followed to who causes it; it changes no other number.
    """

    scenario: int
    first: int
    count: int
    attribution: bool = False


@dataclass(frozen=True, eq=False)
class Bench:
    """All that is needed to do any block of a study.

    Attributes
    ----------
    chains : tuple of Chain
        Of each scenario, with its files read.
    chain_keys : tuple of str
        What tells them apart.
    settings : Settings
        Of one run; whether with attribution is up to the block.
    method : str
    engine : str
        Its name.
    extra : tuple of str
        Spreads and percentiles wanted besides what is always measured.
    """

    chains: tuple[Chain, ...]
    chain_keys: tuple[str, ...]
    settings: Settings
    method: str
    engine: str
    extra: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> Bench:
        """Make the bench of a plan."""
        chains = tuple(each.chain for each in plan.scenarios)
        known: dict[str, None] = {}
        for chain in chains:
            known.update(dict.fromkeys(extra_columns_of(facts_of(chain))))
        wanted = (*plan.metrics, *plan.precision, plan.choice.metric)
        extra = tuple(dict.fromkeys(metric for metric in wanted if metric in known))
        keys = tuple(each.key for each in plan.scenarios)
        return cls(chains, keys, plan.settings, plan.method, plan.engine, extra)

    @cached_property
    def key(self) -> str:
        """The SHA-256 of all of it."""
        told = [self.chain_keys, asdict(self.settings), self.method, self.engine, self.extra, NUMBERS]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def needs_python(self) -> bool:
        """Whether a scenario has steps in Python, which stay in the process they were written in."""
        return any(map(has_python, self.chains))

    def extra_of(self, facts: ChainFacts) -> tuple[str, ...]:
        """Give of what is wanted besides that which a scenario has."""
        known = extra_columns_of(facts) if self.extra else ()
        return tuple(column for column in self.extra if column in known)

    def columns(self, scenario: int, attribution: bool = True) -> tuple[str, ...]:
        """List what a block of this scenario holds, column by column."""
        facts = facts_of(self.chains[scenario])
        columns = (*columns_of(facts), *self.extra_of(facts))
        return columns if attribution else tuple(each for each in columns if not is_attributed(each))


def work(bench: Bench, block: Block, told: Told | None = None) -> Floats:
    """Run the replications of a block.

    Parameters
    ----------
    bench : Bench
    block : Block
    told : callable, optional
        Told now and then how far a replication is.

    Returns
    -------
    ndarray
        One row for each replication (or batch); the columns are ``bench.columns(block.scenario, block.attribution)``.

    Raises
    ------
    RunError
        If the simulation cannot go on.
    Mistake
        If a run has too few customers to be cut into batches.
    """
    return _workplace(bench).do(block, told)


class _Workplace:
    """What one thread has made of a bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._stations: OrderedDict[int, _Station] = OrderedDict()

    def do(self, block: Block, told: Told | None) -> Floats:
        place = block.scenario
        station = kept(self._stations, place, KEPT_ENGINES, lambda: _Station(self._bench, place))
        try:
            return station.do(block, told)
        except BaseException:
            # a sink that has seen half a replication must not see another one
            del self._stations[place]
            raise


class _Station:
    """An engine for one scenario, and the sink behind it."""

    def __init__(self, bench: Bench, scenario: int) -> None:
        facts = facts_of(bench.chains[scenario])
        self._settings = bench.settings
        self._engine = engine_for(bench.chains[scenario], bench.engine)
        extra = bench.extra_of(facts)
        self._batches = None
        self._measures = Measures(facts, bench.settings.warm_up, extra)
        if bench.method == BATCHES:
            self._batches = Batches(facts, bench.settings.warm_up, extra, BLOCK)
        self._plain = np.array([not is_attributed(column) for column in self._measures.columns])

    def do(self, block: Block, told: Told | None) -> Floats:
        settings = replace(self._settings, attribution=block.attribution)
        if self._batches is not None:
            self._engine.replicate(settings, block.first // BLOCK, self._batches, told)
            rows = self._batches.rows()[block.first % BLOCK :][: block.count]
        else:
            rows = np.empty((block.count, self._plain.size))
            for place in range(block.count):
                self._engine.replicate(settings, block.first + place, self._measures, told)
                rows[place] = self._measures.row()
        return rows if block.attribution else rows[:, self._plain]


_here = threading.local()


def _workplace(bench: Bench) -> _Workplace:
    if not hasattr(_here, "places"):
        _here.places = OrderedDict()
    places: OrderedDict[str, _Workplace] = _here.places
    return kept(places, bench.key, KEPT_BENCHES, lambda: _Workplace(bench))


def kept(store: OrderedDict[Key, Value], key: Key, most: int, make: Callable[[], Value]) -> Value:
    """Give what is kept, or make it; what has not been asked for the longest goes when there is too much."""
    if key not in store:
        while len(store) >= most:
            store.popitem(last=False)
        store[key] = make()
    store.move_to_end(key)
    return store[key]


def clear_bench() -> None:
    """Forget what this thread has made."""
    _here.__dict__.clear()


def union_of(columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Put columns of several scenarios together: those of the first, then what others have besides."""
    return tuple(dict.fromkeys(name for each in columns for name in each))
