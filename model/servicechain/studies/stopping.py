"""When a scenario has been replicated often enough: every precision asked for, and the choice of the best.

A scenario stays open until all its metrics are as precise as asked, and, where the best is chosen with an indifference
zone, as long as it may turn out to be the best. The trap is a rule that never ends: a mean of 0 has no 2 %, and a
metric that is never defined has no mean. Such a metric is given up, and the result says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from servicechain.studies.plan import ROUND, Plan, Precision
from servicechain.studies.planning import LIMIT
from servicechain.studies.precision import Columns, Sample, Standing, predicted, standing
from servicechain.studies.selection import Selection
from servicechain.studies.series import Series

PATIENCE = 4 * ROUND
"""After so many replications a prediction is believed that says a precision is out of reach."""


class Rules:
    """What keeps the scenarios of a study open.

    Parameters
    ----------
    plan : Plan
    columns : sequence of str
        What the values of the replications are.

    Attributes
    ----------
    selection : Selection
    limit : float
        No scenario is replicated more often.
    """

    def __init__(self, plan: Plan, columns: Sequence[str]) -> None:
        self._plan = plan
        self._precision: list[tuple[str, Precision]] = [*plan.precision.items()]
        places = {name: place for place, name in enumerate(columns)}
        self._places = np.array([places[name] for name, _ in self._precision], np.intp)
        self._chosen = places[plan.choice.metric]
        self._samples = [Columns(len(self._precision)) for _ in plan.scenarios]
        self._has_budget = plan.budget.replications is not None or plan.budget.seconds is not None
        self.limit = math.inf if self._has_budget else LIMIT
        choice = plan.choice
        self.selection = Selection(
            [each.name for each in plan.scenarios], choice.metric, choice.goal, choice.indifference, choice.confidence
        )

    @property
    def selecting(self) -> bool:
        """Whether scenarios are kept open to choose the best of them."""
        return self._plan.choice.indifference is not None and not self.selection.decided

    def look(self, opened: Sequence[int], series: Sequence[Series], start: int, stop: int) -> list[int]:
        """Look at one more complete round, and tell who stays open.

        Parameters
        ----------
        opened : sequence of int
            Positions of the scenarios that have had this round.
        series : sequence of Series
            Of all scenarios.
        start, stop : int
            The replications of the round.
        """
        for place in opened:
            self._samples[place].add(series[place].rows(start, stop)[:, self._places])
        if self.selecting:
            self.selection.look(self.chosen_values(series, stop))
        if not self._decides:
            return [*opened]
        contenders = self.selection.contenders if self.selecting else ()
        return [place for place in opened if place in contenders or self._wants_more(place)]

    @property
    def _decides(self) -> bool:
        """Whether a look may close a scenario."""
        has_rule = bool(self._precision) or self._plan.choice.indifference is not None
        return self._plan.replications is None and has_rule

    def chosen_values(self, series: Sequence[Series], stop: int) -> list[NDArray[np.float64]]:
        """Give the values of the metric that decides which scenario is best."""
        return [each.rows(0, min(each.complete, stop))[:, self._chosen] for each in series]

    def _wants_more(self, place: int) -> bool:
        return any(
            standing(sample, precision) is Standing.OPEN and not self._hopeless(sample, precision)
            for _, precision, sample in self._asked(place)
        )

    def _hopeless(self, sample: Sample, precision: Precision) -> bool:
        """Tell whether a precision would take more replications than any scenario gets."""
        return sample.replications >= PATIENCE and predicted(sample, precision) >= self.limit

    def _asked(self, place: int) -> list[tuple[str, Precision, Sample]]:
        samples = self._samples[place]
        return [(name, precision, samples.sample(at)) for at, (name, precision) in enumerate(self._precision)]

    def predicted(self, place: int) -> float:
        """Predict how many replications a scenario will have taken in all; infinite if nobody can tell."""
        needs: list[float] = [predicted(sample, precision) for _, precision, sample in self._asked(place)]
        if self._plan.replications is not None:
            return self._plan.replications
        if self.selecting and place in self.selection.contenders:
            needs.append(min(self.selection.latest, 2 * self._samples[place].replications))
        return max(needs, default=math.inf)

    def missed(self, place: int) -> list[str]:
        """Name the metrics of a scenario that are not as precise as asked."""
        return [
            name
            for name, precision, sample in self._asked(place)
            if standing(sample, precision) is not Standing.REACHED
        ]

    def widths(self, places: Sequence[int]) -> dict[str, tuple[float, float]]:
        """Give, of each precision asked for, the half-width now and as asked, where it is farthest from it."""
        found: dict[str, tuple[float, float]] = {}
        for place in places:
            for name, precision, sample in self._asked(place):
                now, goal = sample.halfwidth, precision.width_at(sample.mean)
                if goal > 0 and (name not in found or now / goal > found[name][0] / found[name][1]):
                    found[name] = (now, goal)
        return found
