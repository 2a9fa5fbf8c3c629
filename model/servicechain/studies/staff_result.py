"""What a staffing search came to: a `Staffing` that says what to do, what it costs, and what else could be had.

All numbers are those of the check, made with random numbers the search never saw. Their intervals hold together: the
chance that any of them misses is 5 %, so a plan that is said to meet its goals does. They are wider than those of one
number alone, and the trap would be to judge by the one and print the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from servicechain import report, tables
from servicechain.estimates import Estimate
from servicechain.printing import Printed
from servicechain.settings import Settings
from servicechain.studies.goals import Goal, Verdict
from servicechain.studies.measures import COST
from servicechain.studies.staff_book import Book
from servicechain.studies.staff_search import Found
from servicechain.studies.staff_space import Staff, StaffSpace

if TYPE_CHECKING:
    import pandas as pd


Cause = tuple[str, str, str, float]
"""Class, actor, cause, and the waiting per customer."""


@dataclass(frozen=True)
class Check:
    """A search, and the check of what it found.

    Attributes
    ----------
    search, fresh : Book
        What was looked at in the search, and in the check.
    budget : float or None
        Per day.
    found, within : Found or None
        The cheapest plan that meets the goals, and the best one within the budget, as far as they were looked for.
    meeting : Staff or None
        The cheapest that passed the check.
    best : Staff or None
        That, or if it is beyond the budget the best within it.
    """

    search: Book
    fresh: Book
    budget: float | None
    found: Found
    within: Found | None
    meeting: Staff | None
    best: Staff | None


@dataclass(frozen=True)
class StaffPlan:
    """One plan, by fresh random numbers.

    Attributes
    ----------
    staff : dict from name to int
        How many of each team, or on each shift.
    values : dict from path to int
        What is different from today, as `Chain.with_values` and ``--set`` take it.
    change : str
        The same in words.
    cost : Estimate
        What all actors cost per day, overtime included.
    metrics : dict from path to Estimate
        Of the goals, in the chain's unit, with half-widths that hold for all plans together.
    gave_up : dict from class to float
        Share of those who gave up.
    verdicts : dict from goal to Verdict
    verdict : Verdict
        Of all goals together.
    stranded : tuple of str
        Classes of whom it leaves people standing when the run ends, which no goal makes up for.
    replications : int
    today, best : bool
        Whether it is the staff of today, and what is advised.
    """

    staff: dict[str, int]
    values: dict[str, int]
    change: str
    cost: Estimate
    metrics: dict[str, Estimate]
    gave_up: dict[str, float]
    verdicts: dict[str, Verdict]
    verdict: Verdict
    stranded: tuple[str, ...]
    replications: int
    today: bool
    best: bool

    @property
    def met(self) -> bool:
        """Whether all goals are met, surely enough."""
        return self.verdict is Verdict.MET

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers."""
        return {
            "staff": dict(self.staff),
            "set": dict(self.values),
            "cost_per_day": self.cost.as_dict(),
            "metrics": {name: each.as_dict() for name, each in self.metrics.items()},
            "goals": {name: str(each) for name, each in self.verdicts.items()},
            "verdict": str(self.verdict),
            "left_standing": list(self.stranded),
            "replications": self.replications,
            "today": self.today,
            "best": self.best,
        }


@dataclass(frozen=True, repr=False)
class Staffing(Printed):
    """The answer of a staffing search.

    Attributes
    ----------
    chain, unit : str
    goals : tuple of Goal
    budget : float or None
        Per day.
    plans : tuple of StaffPlan
        From the cheapest: the frontier of cost and service, and today.
    best : StaffPlan or None
        The cheapest that meets all goals (within a budget: the best service for it); None if there is none.
    base : StaffPlan
        Today.
    cheapest : StaffPlan or None
        The cheapest that meets all goals, also if it is beyond the budget.
    space : StaffSpace
        Who may change, and between what.
    settings : Settings
        Of a replication.
    engine : str
    simulated, replications : int
        Plans and replications of the search.
    exact : bool
        Whether every better plan in the space was excluded.
    undecided : tuple of dict
        Cheaper plans (by name, how many) of which the search could not tell whether they meet the goals.
    causes : tuple
        Who makes customers wait with the plan that is best, or with the largest staff if none is: class, actor,
        cause, and the time per customer.
    """

    chain: str
    unit: str
    goals: tuple[Goal, ...]
    budget: float | None
    plans: tuple[StaffPlan, ...]
    best: StaffPlan | None
    base: StaffPlan
    cheapest: StaffPlan | None
    space: StaffSpace
    settings: Settings
    engine: str
    simulated: int
    replications: int
    exact: bool
    undecided: tuple[dict[str, int], ...]
    causes: tuple[Cause, ...]

    def frame(self) -> pd.DataFrame:
        """Give one row per plan, the cheapest first.

        Returns
        -------
        DataFrame
            Columns ``plan`` (what is different from today), one for each team or shift, ``cost_per_day`` and each
            metric with its half-width, ``verdict``, ``today``, ``best``, ``replications``; times in
            ``frame.attrs["unit"]``.
        """
        import pandas as pd

        rows = []
        for plan in self.plans:
            row: dict[str, Any] = {"plan": plan.change, **plan.staff}
            for name, each in {COST: plan.cost, **plan.metrics}.items():
                row |= {name: each.mean, f"{name}_halfwidth": each.halfwidth}
            row |= {"verdict": str(plan.verdict), "today": plan.today, "best": plan.best}
            rows.append(row | {"replications": plan.replications})
        frame = pd.DataFrame(rows)
        frame.attrs["unit"] = self.unit
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None; nothing differs from run to run."""
        return {
            "chain": self.chain,
            "unit": self.unit,
            "engine": self.engine,
            "seed": self.settings.seed,
            "warm_up": float(self.settings.warm_up),
            "versions": report.versions_for(self.engine),
            "goals": [{"metric": goal.metric, "at_most": goal.at_most, "bound": goal.bound} for goal in self.goals],
            "budget": self.budget,
            "staff": {
                lever.name: {"path": lever.path, "low": lever.low, "high": lever.high, "today": lever.today}
                for lever in self.space.levers
            },
            "best": None if self.best is None else self.best.as_dict(),
            "cheapest": None if self.cheapest is None else self.cheapest.as_dict(),
            "base": self.base.as_dict(),
            "plans": [plan.as_dict() for plan in self.plans],
            "search": {
                "plans": self.space.size,
                "simulated": self.simulated,
                "replications": self.replications,
                "exact": self.exact,
                "undecided": list(self.undecided),
            },
            "causes": [
                {"customer_class": name, "actor": actor, "cause": cause, "time": time}
                for name, actor, cause, time in self.causes
            ],
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Give everything as JSON, undefined numbers null; the same for the same search."""
        return report.as_json(self.as_dict(), indent)

    def _page(self) -> tables.Page:
        from servicechain.studies.staff_words import page

        return page(self)


def staffing_of(check: Check, settings: Settings, engine: str, causes: Sequence[Cause]) -> Staffing:
    """Put together what a search and its check came to."""
    fresh, space = check.fresh, check.fresh.space
    told = {staff: _plan(check, staff) for staff in fresh.plans if _is_told(check, staff)}
    order = sorted(told, key=fresh.order)
    return Staffing(
        chain=space.chain.chain,
        unit=str(space.chain.unit),
        goals=fresh.goals,
        budget=check.budget,
        plans=tuple(told[staff] for staff in order),
        best=None if check.best is None else told[check.best],
        base=told[space.base],
        cheapest=None if check.meeting is None else told[check.meeting],
        space=space,
        settings=settings,
        engine=engine,
        simulated=len(check.search.plans),
        replications=check.search.replications,
        exact=_exact(check),
        undecided=tuple(_staff(space, staff) for staff in check.found.undecided if _cheaper(check, staff)),
        causes=tuple(causes),
    )


def _exact(check: Check) -> bool:
    """Tell whether all that is better has been excluded.

    Where a dearer plan is taken, because the one found did not pass, nobody has looked at those in between.
    """
    if check.best is None or check.best == check.meeting:
        found = check.found
        passed = check.best is None or (found.best is not None and not _dearer(check, check.best, found.best))
        return found.exact and passed
    return check.within is not None and check.within.exact and check.within.best == check.best


def _dearer(check: Check, staff: Staff, other: Staff) -> bool:
    return check.fresh.order(staff)[:2] > check.fresh.order(other)[:2]


def _cheaper(check: Check, staff: Staff) -> bool:
    return check.meeting is not None and check.search.price(staff) < check.search.price(check.meeting)


def _is_told(check: Check, staff: Staff) -> bool:
    """Leave out the largest staff, which everything is compared with, unless it is all that could be done."""
    space = check.fresh.space
    lost = check.best is None and check.meeting is None
    return lost or staff in (check.best, check.meeting, check.found.best, space.base) or staff != space.top


def _plan(check: Check, staff: Staff) -> StaffPlan:
    fresh, space = check.fresh, check.fresh.space
    return StaffPlan(
        staff=_staff(space, staff),
        values=space.values(staff),
        change=space.change(staff),
        cost=fresh.estimate(staff, COST),
        metrics={goal.metric: fresh.estimate(staff, goal.metric) for goal in fresh.goals},
        gave_up={name: fresh.mean(staff, f"customers.{name}.abandoned_share") for name in fresh.yardstick.classes},
        verdicts={str(goal): verdict for goal, verdict in fresh.verdicts(staff).items()},
        verdict=fresh.verdict(staff),
        stranded=tuple(fresh.stranded(staff)),
        replications=fresh.count(staff),
        today=staff == space.base,
        best=staff == check.best,
    )


def _staff(space: StaffSpace, staff: Staff) -> dict[str, int]:
    return {lever.name: number for lever, number in zip(space.levers, staff, strict=True)}
