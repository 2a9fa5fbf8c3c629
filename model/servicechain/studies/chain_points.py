"""Many chains that differ in a few values, run on the same random numbers: one number of each replication.

Every chain is made, and with that checked, before any is run. The trap is memory: a design of thousands of points would
be thousands of chains in the hands of every worker, so they are handed out some hundreds at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from servicechain.errors import ChainError, Problem, shown
from servicechain.studies.inputs import Floats, Input
from servicechain.studies.plan import BLOCK, Budget, Choice, Plan
from servicechain.studies.scenario import BASE, Scenario

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.settings import Settings

BATCH = 256


class ChainPoints:
    """What gives a metric of a chain with some values changed: points × replications.

    Parameters
    ----------
    chain : Chain
    metric : str
        A full path.
    settings : Settings
    engine : str
        ``reference`` or ``compiled``.
    progress : callable, optional
        Told how many replications of all points are done, of how many.
    executor, workers
        As for `servicechain.studies.workshop.Workshop`.

    Attributes
    ----------
    points : int
        How many chains have been run.
    """

    def __init__(
        self,
        chain: Chain,
        metric: str,
        settings: Settings,
        engine: str,
        progress: Callable[[int, int], None] | None = None,
        executor: object = None,
        workers: int | None = None,
    ) -> None:
        self._chain = chain
        self._metric = metric
        self._settings = replace(settings, attribution=metric.startswith("attribution."))
        self._engine = engine
        self._progress = progress
        self._executor = executor
        self._workers = workers
        self.points = 0

    def check(self, inputs: Sequence[Input]) -> None:
        """Make the chains at the ends and in the middle of each range.

        Raises
        ------
        ChainError
            If one breaks a rule; its problem names the input and the value.
        """
        problems = []
        for each in inputs:
            for part in (0.0, 0.5, 1.0):
                try:
                    self._changed({each.path: each.near(part)})
                except ChainError as error:
                    problems += list(error.problems)
                    break
        if problems:
            raise ChainError(problems)

    def __call__(self, points: Sequence[Mapping[str, Any]]) -> Floats:
        """Run all points.

        Raises
        ------
        ChainError
            If one breaks a rule.
        RunError
            If a simulation cannot go on.
        """
        scenarios = [
            Scenario(f"point {place}" if point else BASE, dict(point), self._changed(point))
            for place, point in enumerate(points)
        ]
        found = np.full((len(points), self._settings.replications), np.nan)
        for start in range(0, len(scenarios), BATCH):
            part = scenarios[start : start + BATCH]
            self._fill(part, found[start : start + len(part)], start * found.shape[1], found.size)
        self.points += len(points)
        return found

    def _fill(self, scenarios: Sequence[Scenario], found: Floats, done: int, count: int) -> None:
        from servicechain.studies.block import Block
        from servicechain.studies.workshop import Workshop

        total = found.shape[1]
        blocks = [
            Block(place, first, min(BLOCK, total - first), self._settings.attribution)
            for place in range(len(scenarios))
            for first in range(0, total, BLOCK)
        ]
        with closing(Workshop(self._plan(scenarios), self._executor, workers=self._workers)) as workshop:
            column = workshop.columns.index(self._metric)
            with closing(workshop.values(blocks)) as harvest:
                for block, values in harvest:
                    found[block.scenario, block.first : block.first + block.count] = values[:, column]
                    done += block.count
                    if self._progress is not None:
                        self._progress(done, count)

    def _plan(self, scenarios: Sequence[Scenario]) -> Plan:
        return Plan(
            title="sensitivity",
            scenarios=tuple(scenarios),
            settings=self._settings,
            auto_warm_up=False,
            metrics=(self._metric,),
            precision={},
            replications=self._settings.replications,
            budget=Budget(),
            choice=Choice(self._metric),
            engine=self._engine,
        )

    def _changed(self, point: Mapping[str, Any]) -> Chain:
        if not point:
            return self._chain
        try:
            return self._chain.with_values(point)
        except ChainError as error:
            values = ", ".join(f"{path}={shown(value)}" for path, value in point.items())
            raise ChainError(Problem(f"with {values}: {each}") for each in error.problems) from None
