"""What becomes of a staffing plan, told by simulating it.

Replication r of every plan draws the same random numbers. Who is to blame is asked of a few replications with every
minute of waiting followed to its cause, and where a run ends at a given time, hour by hour: of the minutes a team is
blamed for, each shift answers for those in which it is on duty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from servicechain.calendars import Calendar
from servicechain.settings import Settings
from servicechain.studies.block import Block
from servicechain.studies.goals import Floats, Goal
from servicechain.studies.measures import is_attributed
from servicechain.studies.plan import BLOCK, Budget, Choice, Plan
from servicechain.studies.scenario import BASE, Scenario
from servicechain.studies.staff_space import Lever, Staff, StaffSpace
from servicechain.studies.workshop import Workshop

if TYPE_CHECKING:
    from servicechain.results import Result
    from servicechain.studies.ledger import Ledger

BLAMED = 8
"""So many replications are followed to the causes of waiting."""


@dataclass(frozen=True)
class Means:
    """With what plans are simulated.

    Attributes
    ----------
    settings : Settings
        Of one replication.
    engine : str
        Its name.
    title : str
        Of the study, in a ledger.
    executor : str, concurrent.futures.Executor, distributed.Client or None
        Who does it; see `servicechain.studies.executors.crew_for`.
    ledger : Ledger or None
        Where finished blocks are kept, and looked for first.
    workers : int or None
        How many blocks run side by side at most; by default one for each core.
    """

    settings: Settings
    engine: str
    title: str = "staffing"
    executor: object = None
    ledger: Ledger | None = None
    workers: int | None = None


def simulated(
    base: Scenario, wanted: Sequence[tuple[Scenario, range]], metrics: Sequence[str], means: Means
) -> list[Floats]:
    """Simulate scenarios of a chain, and give some metrics of each replication.

    Parameters
    ----------
    base : Scenario
        The chain as it is.
    wanted : sequence of (Scenario, range)
        With the numbers of its replications; those of the same number draw the same random numbers.
    metrics : sequence of str
    means : Means

    Returns
    -------
    list of ndarray, replications × metrics

    Raises
    ------
    RunError
        If a simulation cannot go on.
    FileProblem
        If the ledger cannot be used.
    """
    scenarios = (base, *(each for each, _ in wanted if not each.is_base))
    place = {each.name: number for number, each in enumerate(scenarios)}
    attribution = any(map(is_attributed, metrics))
    blocks = [
        Block(place[each.name], first, min(BLOCK, numbers.stop - first), attribution)
        for each, numbers in wanted
        for first in range(numbers.start, numbers.stop, BLOCK)
    ]
    plan = Plan(
        title=means.title,
        scenarios=scenarios,
        settings=means.settings,
        auto_warm_up=False,
        metrics=tuple(metrics),
        precision={},
        replications=None,
        budget=Budget(),
        choice=Choice(metrics[0]),
        engine=means.engine,
    )
    with Workshop(plan, means.executor, means.ledger, workers=means.workers) as workshop:
        columns = np.array([workshop.columns.index(metric) for metric in metrics], np.intp)
        with closing(workshop.values(blocks)) as harvest:
            found = {block: rows[:, columns] for block, rows in harvest}
    every = iter(blocks)
    return [
        np.concatenate([found[next(every)] for _ in range(numbers.start, numbers.stop, BLOCK)]) for _, numbers in wanted
    ]


class PlanRunner:
    """Simulates plans of a space.

    Parameters
    ----------
    space : StaffSpace
    means : Means
    goals : sequence of Goal
        Whose customers' waiting is meant when somebody is blamed.
    """

    def __init__(self, space: StaffSpace, means: Means, goals: Sequence[Goal]) -> None:
        self._space = space
        self._means = means
        self._classes = _classes_of(goals, list(space.chain.customers))
        self._scenarios: dict[Staff, Scenario] = {}
        self._results: dict[Staff, Result] = {}

    def values(self, wanted: Sequence[tuple[Staff, range]], metrics: Sequence[str]) -> list[Floats]:
        """Simulate plans, and give the metrics of each replication.

        Raises
        ------
        RunError
            If a simulation cannot go on.
        FileProblem
            If the ledger cannot be used.
        """
        named = [(self._scenario(staff), numbers) for staff, numbers in wanted]
        return simulated(self._scenario(self._space.base), named, metrics, self._means)

    def _scenario(self, staff: Staff) -> Scenario:
        if staff not in self._scenarios:
            space = self._space
            name = space.change(staff) if space.values(staff) else BASE
            self._scenarios[staff] = Scenario(name, space.values(staff), space.chain_of(staff))
        return self._scenarios[staff]

    def blame(self, staff: Staff) -> Sequence[float]:
        """Give for each lever the waiting attributed to its team, of a shift while it is on duty."""
        result = self._followed(staff)
        return [self._blame_of(result, lever) for lever in self._space.levers]

    def causes(self, staff: Staff) -> list[tuple[str, str, str, float]]:
        """Tell who makes customers wait: class, actor, cause, and the time per customer; the longest first."""
        attribution = self._followed(staff).attribution
        assert attribution is not None
        found = [
            (name, *part.key, part.time.mean)
            for name in self._classes
            for part in attribution.parts(name)
            if part.time.mean > 0
        ]
        return sorted(found, key=lambda each: -each[-1])

    def _followed(self, staff: Staff) -> Result:
        from servicechain.running import run

        if staff not in self._results:
            settings = self._means.settings
            self._results[staff] = run(
                self._scenario(staff).chain,
                customers=settings.customers,
                until=settings.until,
                warm_up=settings.warm_up,
                replications=BLAMED,
                seed=settings.seed,
                engine=self._means.engine,
                workers=self._means.workers,
            )
        return self._results[staff]

    def _blame_of(self, result: Result, lever: Lever) -> float:
        assert result.attribution is not None
        if lever.shift is None or result.timeline is None:
            return math.fsum(
                part.time.mean * max(0.0, result.value(f"customers.{name}.arrived.mean"))
                for name in self._classes
                for part in result.attribution.parts(name)
                if part.key[0] == lever.actor
            )
        timeline = result.timeline
        calendar = Calendar.of(
            [lever.shift.model_copy(update={"staff": 1})], self._space.chain.starts, self._space.chain.unit
        )
        edges = timeline.edges.tolist()
        there = np.array([calendar.mean(start, end) for start, end in pairwise(edges)])
        return math.fsum(
            float(time @ there)
            for (position, (actor, _)), time in timeline.waiting.items()
            if timeline.classes[position] in self._classes and timeline.actors[actor] == lever.actor
        )


def _classes_of(goals: Sequence[Goal], classes: Sequence[str]) -> tuple[str, ...]:
    """Name the classes the goals are about; all of them if they are about something else."""
    keys = [goal.metric.split(".") for goal in goals]
    named = {parts[1] for parts in keys if parts[0] in ("customers", "attribution") and len(parts) > 1}
    return tuple(name for name in classes if name in named) or tuple(classes)
