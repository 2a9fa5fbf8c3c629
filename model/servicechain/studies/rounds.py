"""The rounds of a study: replications are run ahead, decisions are made behind, one complete round after the other.

A round is `ROUND` replications of every scenario that is still open. As many further rounds as the asked precision is
predicted to take are handed out together, so that workers never wait for a decision; but each round is decided for
itself, in order, as if it had been the last. So the result is the same on one worker and on a hundred. What was run
beyond the decision is not used, and not lost where there is a ledger.

The trap is a budget of seconds: what it leaves depends on the machine, and it is the only thing here that does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from servicechain.studies.differences import differences
from servicechain.studies.headway import Headway
from servicechain.studies.measures import is_attributed
from servicechain.studies.metric_names import is_time
from servicechain.studies.outcome import ScenarioResult, StudyResult, estimate_of
from servicechain.studies.plan import BLOCK, ROUND, Plan
from servicechain.studies.series import Floats, Series
from servicechain.studies.stopping import Rules

if TYPE_CHECKING:
    from collections.abc import Generator

    from servicechain.studies.block import Block

Told = Callable[[Headway], None]

GROWTH = 8
"""So many times the replications there are, at most, are run before the next prediction."""

CAUTION = 0.9
"""This share of a prediction that lies far ahead."""

TELLS = 0.1
"""Seconds between two tellings of how far a study is."""


class Worker(Protocol):
    """Who turns blocks into values; see `servicechain.studies.workshop.Workshop`."""

    columns: tuple[str, ...]

    def values(self, blocks: Sequence[Block]) -> Generator[tuple[Block, Floats]]:
        """Give the values of blocks as they are finished."""


def carry_out(plan: Plan, workshop: Worker, progress: Told | None = None, started: float | None = None) -> StudyResult:
    """Run a study.

    Parameters
    ----------
    plan : Plan
        With its warm-up known.
    workshop : Workshop
    progress : callable, optional
        Told a `Headway` now and then.
    started : float, optional
        When the study began, by `time.monotonic`; by default now. A budget of seconds counts from then.

    Raises
    ------
    RunError
        If a simulation cannot go on.
    """
    return _Rounds(plan, workshop, progress, time.monotonic() if started is None else started).result()


class _Rounds:
    """The state of a study between two rounds."""

    def __init__(self, plan: Plan, workshop: Worker, progress: Told | None, started: float) -> None:
        self._plan = plan
        self._workshop = workshop
        self._progress = progress
        self._rules = Rules(plan, workshop.columns)
        self._series = [Series(len(workshop.columns)) for _ in plan.scenarios]
        self._counts = [0] * len(plan.scenarios)
        self._open = [*range(len(plan.scenarios))]
        self._done = 0  # replications of those that are open
        self._handed_out = [0] * len(plan.scenarios)
        self._ended: str | None = None
        self._always = any(map(is_attributed, plan.metrics))
        self._started = started
        self._told = -math.inf

    def result(self) -> StudyResult:
        while self._ended is None:
            with closing(self._workshop.values([*self._blocks()])) as found:
                for block, values in found:
                    self._series[block.scenario].put(block.first, values)
                    self._decide()
                    if self._ended is None and self._done and self._is_late():
                        self._ended = "budget"
                    self._tell()
                    if self._ended is not None:
                        break
        return self._summed_up()

    def _size(self) -> int:
        """Give the number of replications in the next round; a fixed number may end with a shorter one."""
        fixed = self._plan.replications
        return ROUND if fixed is None else min(ROUND, fixed - self._done)

    def _decide(self) -> None:
        """Decide all rounds that are complete and have not been decided."""
        while self._ended is None:
            stop = self._done + self._size()
            if any(self._series[place].complete < stop for place in self._open):
                return
            before = self._open
            self._open = self._rules.look(before, self._series, self._done, stop)
            self._done = stop
            for place in before:
                self._counts[place] = stop
            self._ended = self._ending()

    def _ending(self) -> str | None:
        """Tell what ends the study here; None if it goes on."""
        fixed, budget = self._plan.replications, self._plan.budget.replications
        if fixed is not None and self._done >= fixed:
            return "replications"
        if not self._open:
            missed = any(self._rules.missed(place) for place in range(len(self._counts)))
            return "out of reach" if missed else "precision"
        if budget is not None and sum(self._counts) + self._size() * len(self._open) > budget:
            return "budget"
        return "out of reach" if fixed is None and self._done + ROUND > self._rules.limit else None

    def _is_late(self) -> bool:
        seconds = self._plan.budget.seconds
        return seconds is not None and time.monotonic() - self._started >= seconds

    def _horizon(self, place: int) -> int:
        """Tell up to which replication a scenario is run before the next prediction."""
        least = self._done + self._size()
        if self._done == 0:
            return least
        wanted = self._rules.predicted(place)
        if wanted > 1.25 * self._done and self._plan.replications is None:
            wanted = CAUTION * min(wanted, self._rules.limit)
        wanted = min(wanted, GROWTH * self._done, self._affordable())
        if self._plan.replications is not None and wanted >= self._plan.replications:
            return self._plan.replications
        return max(least, int(wanted) // ROUND * ROUND)

    def _affordable(self) -> float:
        """Tell how many replications each open scenario may reach, should all of them stay open."""
        budget = self._plan.budget.replications
        if budget is None:
            return math.inf
        return self._done + (budget - sum(self._counts)) / len(self._open)

    def _blocks(self) -> Iterator[Block]:
        """Hand out further rounds, one round of all scenarios after the other."""
        from servicechain.studies.block import Block

        horizons = {place: self._horizon(place) for place in self._open}
        start = self._done
        while start < max(horizons.values()):
            for place, horizon in horizons.items():
                stop = min(start + ROUND, horizon)
                for first in range(max(start, self._handed_out[place]), stop, BLOCK):
                    yield Block(place, first, min(BLOCK, stop - first), self._always or first < ROUND)
                self._handed_out[place] = max(self._handed_out[place], stop)
            start += ROUND

    def _tell(self) -> None:
        now = time.monotonic()
        if self._progress is None or (now - self._told < TELLS and self._ended is None):
            return
        self._told = now
        expected = 0.0
        for place, series in enumerate(self._series):
            wanted = self._rules.predicted(place) if place in self._open and self._done else self._counts[place]
            expected += max(wanted, series.received)
        if self._plan.budget.replications is not None:
            expected = min(expected, self._plan.budget.replications)
        received = sum(series.received for series in self._series)
        if not self._done:
            expected = max(received, self._size() * len(self._open))
        headway = Headway(
            scenarios=len(self._counts),
            open=len(self._open) if self._ended is None else 0,
            replications=received,
            expected=expected,
            widths=self._rules.widths(self._open or range(len(self._counts))) if self._done else {},
            seconds=now - self._started,
            budget=self._plan.budget.seconds,
            ended=self._ended,
        )
        self._progress(headway)

    def _summed_up(self) -> StudyResult:
        plan, columns = self._plan, self._workshop.columns
        places = {metric: columns.index(metric) for metric in plan.metrics}
        values = [series.rows(0, count) for series, count in zip(self._series, self._counts, strict=True)]
        chosen = [each[:, columns.index(plan.choice.metric)] for each in values]
        unit = str(plan.unit) if is_time(plan.choice.metric) else ""
        guarantee = self._rules.selection.guarantee(chosen, unit)
        others = len(values) - 1
        results = []
        for place, scenario in enumerate(plan.scenarios):
            own = values[place]
            apart = {
                metric: differences(own[:, at], values[0][:, at], others) for metric, at in places.items() if place > 0
            }
            metrics = {metric: estimate_of(own[:, at]) for metric, at in places.items()}
            best = scenario.name in guarantee.best
            results.append(ScenarioResult(scenario, self._counts[place], own, metrics, apart, best))
        missed = tuple(
            (scenario.name, metric)
            for place, scenario in enumerate(plan.scenarios)
            for metric in self._rules.missed(place)
        )
        assert self._ended is not None
        result = StudyResult(plan, columns, tuple(results), guarantee, plan.settings.warm_up, self._ended, missed)
        from servicechain.studies.outcome_words import shortfall

        short = shortfall(result)
        return replace(result, guarantee=replace(guarantee, text=f"{guarantee.text} {short}")) if short else result
