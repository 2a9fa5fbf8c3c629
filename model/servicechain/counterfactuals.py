"""What would be: the same customers once more, with something changed, and what each of them waits less.

Every run draws the same random numbers, so a customer finds the same day but for the change, and the difference of
two runs is far less a matter of chance than either. The trap is to compare the intervals of two runs as if they were
independent: the differences are taken replication by replication, and their half-width comes from them (Law 2015,
Simulation Modeling and Analysis, section 10.2.1). The second trap is rounding: sums are exact here, so that who is
not touched by a change is told 0, not 1e-16.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from servicechain.chain import Chain
from servicechain.changes import AS_IT_IS, Change, players
from servicechain.engines import Engine, engine_for
from servicechain.errors import RunError
from servicechain.estimates import Estimate, Pool
from servicechain.facts import ChainFacts
from servicechain.metrics import actor_values, count_of, grouped, share
from servicechain.records import Block, CustomerOutcome, Parts
from servicechain.settings import Settings
from servicechain.sharing import shared
from servicechain.tasks import Told, checked_workers
from servicechain.volume import expected_requests

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Told after each replication: how many are done, of how many."""


class WaitSums:
    """The sink that adds up the wait of who left, by class, without any rounding.

    Customers who leave at the same instant may do so in another order after a change; an exact sum is the same in
    every order. It is kept as a few numbers that do not overlap, the largest first (Shewchuk 1997,
    doi 10.1007/PL00009321).
    """

    def __init__(self, facts: ChainFacts, warm_up: float) -> None:
        self._facts = facts
        self._warm_up = warm_up
        self._sums: list[list[float]] = [[] for _ in facts.classes]
        self.left = [0] * len(facts.classes)
        self.window = self.cost = 0.0

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Take customers; those of the warm-up, and those who have not left, are passed over."""
        over = block["outcome"] != CustomerOutcome.UNFINISHED
        counted = block[over & (block["arrived"] >= self._warm_up)]
        for position, part in grouped(counted, "customer_class", len(self.left)):
            self.left[position] += count_of(part["outcome"] >= 0)
            wait = part["queueing"] + part["held"]
            self._sums[position] = exact_sum([*self._sums[position], *wait.tolist()])

    def requests(self, block: Block) -> None:
        """Let them pass."""

    def close(self, actors: Block, window: float, end: float) -> None:
        """Add up what the actors cost; for the unlimited nobody can tell."""
        self.window = float(window)
        for facts, time in zip(self._facts.actors, actors, strict=True):
            cost = actor_values(facts, time, window, self._facts.unit)["cost"]
            assert isinstance(cost, float)
            self.cost += 0.0 if math.isnan(cost) else cost

    def means(self) -> list[float]:
        """Give the mean wait of each class, and last that of all customers together; NaN of nobody."""
        whole = [number for sums in self._sums for number in sums]
        sums = [*map(math.fsum, self._sums), math.fsum(whole)]
        return [share(total, count) for total, count in zip(sums, (*self.left, sum(self.left)), strict=True)]


def exact_sum(numbers: Sequence[float]) -> list[float]:
    """Give a few numbers that add up to exactly what the numbers add up to, the largest first.

    >>> exact_sum([1e16, 1.0, -1e16]), exact_sum([1e16, 1.0])
    ([1.0], [1e+16, 1.0])
    """
    parts: list[float] = []
    while part := math.fsum([*numbers, *(-each for each in parts)]):
        parts.append(part)
    return parts


@dataclass(frozen=True)
class Outcome:
    """What came of one change, replication by replication.

    Attributes
    ----------
    waits : ndarray, replications × (classes + 1)
        Mean wait per customer who left, by class, and last of all customers together; in the chain's unit, NaN
        where nobody left.
    left_rate : ndarray, one element per replication
        Customers who left per unit of observed time.
    cost_rate : ndarray, one element per replication
        Cost per unit of observed time.
    """

    waits: Floats
    left_rate: Floats
    cost_rate: Floats


@dataclass(frozen=True)
class Variants:
    """The job of running a chain with each of some changes; the replications of one change come together."""

    chain: Chain
    engine: str
    settings: Settings
    facts: ChainFacts
    changes: tuple[Change, ...]

    def begin(self) -> Callable[[int, Told | None], tuple[list[float], float, float]]:
        """Give what runs a replication: mean waits, customers who left and cost per unit of time."""
        made: dict[Change, Engine] = {}

        def task(number: int, told: Told | None) -> tuple[list[float], float, float]:
            place, replication = divmod(number, self.settings.replications)
            change = self.changes[place]
            if change not in made:
                made.clear()
                made[change] = engine_for(change.of(self.chain), self.engine, change.ideal)
            sums = WaitSums(self.facts, self.settings.warm_up)
            try:
                made[change].replicate(self.settings, replication, sums, told)
            except RunError as error:
                raise RunError(f"with {change}, {error}") from None
            return sums.means(), share(sum(sums.left), sums.window), share(sums.cost, sums.window)

        return task


class Counterfactuals:
    """A chain run again and again with the same random numbers, each change once.

    Parameters
    ----------
    chain : Chain
        With its files read.
    settings : Settings
    engine : str
        Its name.
    progress : callable, optional
        Told after each replication how many are done, of how many.
    workers : int, optional
        How many replications run side by side at most; by default one for each core.

    Attributes
    ----------
    facts : ChainFacts
        Of the chain as it is.
    players : tuple of str
        The actors on whom anybody's wait can depend.
    """

    def __init__(
        self,
        chain: Chain,
        settings: Settings,
        engine: str,
        progress: Progress | None = None,
        workers: int | None = None,
    ) -> None:
        from servicechain.running import facts_of

        self._chain = chain
        self._settings = replace(settings, attribution=False)
        self._engine = engine
        self._progress = progress
        self._workers = checked_workers(workers)
        self._outcomes: dict[Change, Outcome] = {}
        self.facts = facts_of(chain, attribution=False)
        self.players = players(chain)

    def run(self, changes: Iterable[Change]) -> None:
        """Run all that have not been run yet.

        Raises
        ------
        RunError
            If a simulation cannot go on.
        """
        wanted = {self._effective(change) for change in (AS_IT_IS, *changes)}
        todo = sorted(wanted - self._outcomes.keys(), key=str)
        count = self._settings.replications
        job = Variants(self._chain, self._engine, self._settings, self.facts, tuple(todo))
        requests = len(todo) * expected_requests(self._chain, self._settings)
        found = []
        with closing(shared(job, len(todo) * count, requests, self._workers)) as harvests:
            for each in harvests:
                found.append(each)
                if self._progress is not None:
                    self._progress(len(found), len(todo) * count)
                if len(found) % count == 0:
                    waits, left, cost = zip(*found[-count:], strict=True)
                    change = todo[len(found) // count - 1]
                    self._outcomes[change] = Outcome(np.array(waits), np.array(left), np.array(cost))

    def outcome(self, change: Change = AS_IT_IS) -> Outcome:
        """Tell what comes of a change; it is run if it has not been."""
        self.run((change,))
        return self._outcomes[self._effective(change)]

    def saved(self, change: Change) -> Floats:
        """Give the wait saved per customer, replication by replication; columns as in `Outcome.waits`."""
        self.run((change,))
        return self.outcome().waits - self.outcome(change).waits

    def estimate(self, values: Iterable[float]) -> Estimate:
        """Give the mean of a number known for each replication, with its half-width."""
        pool = Pool()
        for value in values:
            pool.add(float(value))
        return pool.estimate(self._settings.antithetic)

    def _effective(self, change: Change) -> Change:
        """Leave out what can change nothing: more of the unlimited, and whoever nobody's wait depends on."""
        more, faster = change.one_more, change.faster
        return Change(
            change.ideal.intersection(self.players),
            None if more is None or math.isinf(self._chain.actors[more].servers) else more,
            faster if faster in self.players else None,
        )
