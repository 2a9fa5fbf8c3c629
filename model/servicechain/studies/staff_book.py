"""What is known of each staffing plan: every replication simulated so far, and the verdict they allow.

Replication r of every plan draws the same numbers, so plans differ by their staff and little else. A plan begins with
a few replications and gets twice as many while a goal is undecided, up to a limit. The trap is to look often: an
interval that covers with 95 % each time it is looked at does not cover with 95 % every time, so the risk is divided by
the number of looks, goals and (where it counts) plans (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from servicechain.estimates import Estimate
from servicechain.studies.goals import Floats, Goal, Verdict, interval, verdict_of
from servicechain.studies.measures import COST
from servicechain.studies.staff_space import Staff, StaffSpace

RISK = 0.05
"""Chance that any verdict of the final check is wrong, together."""

MOST = 16
"""An undecided plan gets up to so many times the replications it began with."""

ALLOWED_SHARE, ALLOWED = 0.01, 2.0
"""A plan may leave so many more customers standing at the end of a run than the largest staff does: this share of
those who arrive, or so many."""

STRANDED = 1e9

Tell = Callable[[str], None]
"""Told now and then, in a few words, what is being done."""


class Evaluator(Protocol):
    """Whoever knows what becomes of a plan."""

    def values(self, wanted: Sequence[tuple[Staff, range]], metrics: Sequence[str]) -> list[Floats]:
        """Give the metrics of plans in some replications each: arrays of replications × metrics, NaN: undefined."""

    def blame(self, staff: Staff) -> Sequence[float]:
        """Give for each lever the waiting attributed to whom it is the staff of, while they are on duty."""


@dataclass(frozen=True)
class Yardstick:
    """What plans are measured by.

    Attributes
    ----------
    goals : tuple of Goal
    classes : tuple of str
        Customer classes of whom nobody may be left standing.
    """

    goals: tuple[Goal, ...]
    classes: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """What has to be known of a plan, each once."""
        ends = (f"customers.{name}.{end}" for name in self.classes for end in ("arrived", "unfinished"))
        shares = (f"customers.{name}.abandoned_share" for name in self.classes)
        return tuple(dict.fromkeys([*(goal.metric for goal in self.goals), COST, *ends, *shares]))


class Book:
    """All plans looked at, with what was found.

    Parameters
    ----------
    evaluator : Evaluator
    space : StaffSpace
    yardstick : Yardstick
    first : int
        Replications a plan begins with.
    offset : int
        Number of the first replication: another one draws other numbers.
    most : int
        An undecided plan gets up to so many times as many.
    plans : int
        How many plans the confidence is shared by.
    tell : callable, optional
    """

    def __init__(
        self,
        evaluator: Evaluator,
        space: StaffSpace,
        yardstick: Yardstick,
        first: int,
        offset: int = 0,
        most: int = MOST,
        plans: int = 1,
        tell: Tell | None = None,
    ) -> None:
        self.space = space
        self.yardstick = yardstick
        self.goals = yardstick.goals
        self.first = first
        self._limit = most * first
        looks = 1 + int(math.log2(most))
        self.confidence = 1 - RISK / (max(1, len(self.goals)) * plans * looks)
        # less than that is overtime, which differs by chance
        self._quantum = 0.05 * min((lever.price for lever in space.levers if lever.price), default=1.0)
        self._evaluator = evaluator
        self._offset = offset
        self._tell = tell
        self._rows: dict[Staff, Floats] = {}
        self._known: dict[tuple[Staff, str], tuple[int, Estimate]] = {}
        self._blame: dict[Staff, tuple[float, ...]] = {}
        self._column = {metric: place for place, metric in enumerate(yardstick.metrics)}

    @property
    def plans(self) -> tuple[Staff, ...]:
        """All that were looked at, in this order."""
        return tuple(self._rows)

    @property
    def replications(self) -> int:
        """How many were simulated."""
        return sum(len(rows) for rows in self._rows.values())

    def count(self, staff: Staff) -> int:
        """Tell how many replications of a plan are known."""
        return len(self._rows.get(staff, ()))

    def look(self, plans: Iterable[Staff], count: int | None = None) -> None:
        """Have at least so many replications of every plan; by default those it begins with."""
        most = self.first if count is None else count
        wanted = []
        for staff in dict.fromkeys(plans):
            have = self.count(staff)
            if have < most:
                wanted.append((staff, range(self._offset + have, self._offset + most)))
        if not wanted:
            return
        found = self._evaluator.values(wanted, self.yardstick.metrics)
        for (staff, _), rows in zip(wanted, found, strict=True):
            known = self._rows.get(staff)
            self._rows[staff] = rows if known is None else np.concatenate([known, rows])
        if self._tell is not None:
            self._tell(f"{len(self._rows)} plans, {self.replications:,} replications")

    def column(self, staff: Staff, metric: str) -> Floats:
        """Give a metric of a plan, replication by replication."""
        self.look([staff])
        return self._rows[staff][:, self._column[metric]]

    def estimate(self, staff: Staff, metric: str) -> Estimate:
        """Give a metric of a plan with its half-width, at the confidence of this book."""
        count, known = self._known.get((staff, metric), (0, None))
        if known is None or count != self.count(staff):
            known = interval(self.column(staff, metric), self.confidence)
            self._known[staff, metric] = self.count(staff), known
        return known

    def mean(self, staff: Staff, metric: str) -> float:
        """Give the mean of a metric; NaN if it is not defined in half of the replications or more."""
        return self.estimate(staff, metric).mean

    def cost(self, staff: Staff) -> float:
        """Give what everybody costs per day, overtime included."""
        cost = self.mean(staff, COST)
        return self.space.cost(staff) if math.isnan(cost) else cost

    def price(self, staff: Staff) -> float:
        """Give the cost by which plans are compared: overtime counts where it is more than a trifle.

        Plans with the same wages differ by cents of overtime, and nobody chooses by these.
        """
        roster = self.space.cost(staff)
        return roster + self._quantum * round((self.cost(staff) - roster) / self._quantum)

    def order(self, staff: Staff) -> tuple[float, int, float, Staff]:
        """Give by what plans are ordered: the cheaper, the fewer, the better."""
        return round(self.price(staff), 6), sum(staff), self.need(staff), staff

    def verdict(self, staff: Staff) -> Verdict:
        """Judge a plan by what is known so far."""
        if self.stranded(staff):
            return Verdict.FAILING
        return verdict_of(self.verdicts(staff).values())

    def verdicts(self, staff: Staff) -> dict[Goal, Verdict]:
        """Judge a plan by each goal."""
        return {goal: goal.verdict(self.estimate(staff, goal.metric)) for goal in self.goals}

    def judged(self, staff: Staff) -> Verdict:
        """Judge a plan, and simulate on until it is decided or the limit is reached."""
        self.look([staff])
        while self.verdict(staff) is Verdict.UNDECIDED and self.count(staff) < self._limit:
            self.look([staff], 2 * self.count(staff))
        return self.verdict(staff)

    def stranded(self, staff: Staff) -> list[str]:
        """Name the classes of whom a plan leaves more standing at the end of the run than need be.

        The results count who left. A plan that lets people stand until the run is over would look good.
        """
        left = self._left_standing(staff)
        return [name for name, (more, allowed) in left.items() if more > allowed]

    def _left_standing(self, staff: Staff) -> dict[str, tuple[float, float]]:
        """Count for each class how many more are left than by the largest staff, and how many may be."""
        self.look([staff, self.space.top] if self.yardstick.classes else [staff])
        found = {}
        for name in self.yardstick.classes:
            arrived, left = f"customers.{name}.arrived", f"customers.{name}.unfinished"
            more = self.mean(staff, left) - self.mean(self.space.top, left)
            found[name] = more, max(ALLOWED, ALLOWED_SHARE * self.mean(staff, arrived))
        return found

    def misses(self, staff: Staff) -> list[float]:
        """Tell for each goal by which part of its bound a plan misses it, below 0 if it does not.

        Without a bound: the metric as a part of what it is today, so that less is better.
        """
        found = []
        for goal in self.goals:
            value = self.mean(staff, goal.metric)
            scale = abs(self.mean(self.space.base, goal.metric) if goal.bound is None else goal.bound)
            miss = (value - (goal.bound or 0.0)) * (1 if goal.at_most else -1)
            found.append(math.inf if math.isnan(miss) else miss / (1.0 if math.isnan(scale) else scale or 1.0))
        return found

    def need(self, staff: Staff) -> float:
        """Tell in one number how far a plan is from its goals: the sum of what is missed, or the tightest margin.

        Whom a plan leaves standing weighs more than any goal: `STRANDED`, and so many as are left.
        """
        if self.stranded(staff):
            return STRANDED + math.fsum(max(0.0, more) for more, _ in self._left_standing(staff).values())
        misses = self.misses(staff)
        if all(goal.bound is not None for goal in self.goals) and max(misses) <= 0:
            return max(misses)
        bounded = zip(self.goals, misses, strict=True)
        return math.fsum(miss if goal.bound is None else max(0.0, miss) for goal, miss in bounded)

    def blame(self, staff: Staff) -> tuple[float, ...]:
        """Give for each lever the waiting attributed to whom it is the staff of."""
        if staff not in self._blame:
            self._blame[staff] = tuple(self._evaluator.blame(staff))
        return self._blame[staff]
