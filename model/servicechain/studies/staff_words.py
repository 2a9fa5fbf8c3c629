"""A staffing search in plain words: what to do, what it costs, what one step less would do, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain import tables
from servicechain.estimates import Estimate
from servicechain.studies.goals import Goal, Verdict, kind_of
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.studies.staff_result import Staffing, StaffPlan

_CAUSES = 3
_TRIFLE = 0.001
"""Costs that differ by less than this part are told as the same."""
_MORE_GIVE_UP = 0.01
"""So much larger a share of customers who give up than today is told, though nobody asked."""


def page(staffing: Staffing) -> tables.Page:
    """Compose what is shown of a staffing search."""
    return tables.Page(
        title=f"{tables.clean(staffing.chain)}: how many, and when",
        about=_about(staffing),
        sentences=tuple(map(tables.clean, _sentences(staffing))),
        tables=(_table(staffing),),
    )


def shown(estimate: Estimate, metric: str) -> str:
    """Write the value of a metric: a share in percent."""
    if math.isnan(estimate.mean):
        return "not defined"
    return tables.percent(estimate) if kind_of(metric) == "share" else tables.plus_minus(estimate)


def _about(staffing: Staffing) -> str:
    settings = staffing.settings
    end = (
        f"{tables.number(settings.until)} {staffing.unit}"
        if settings.until is not None
        else counted(settings.customers or 0, "customer")
    )
    warm_up = f", the first {tables.number(settings.warm_up)} {staffing.unit} not counted" if settings.warm_up else ""
    return (
        f"runs of {end}{warm_up}, seed {settings.seed}, {staffing.engine} engine, times in {staffing.unit}, costs per "
        "day, ± half-widths that hold for all numbers together at 95%"
    )


def _sentences(staffing: Staffing) -> Iterator[str]:
    yield from _answer(staffing)
    best = staffing.best
    if best is not None:
        yield from _one_step_cheaper(staffing, best)
        yield from _cautions(staffing, best)
    yield from _blame(staffing)
    yield _how(staffing)


def _answer(staffing: Staffing) -> Iterator[str]:
    best, cheapest = staffing.best, staffing.cheapest
    asked = [goal for goal in staffing.goals if goal.bound is not None]
    if best is None:
        yield from _none(staffing)
        return
    words = "" if not best.values else f": {best.change}"
    if asked and best is cheapest:
        found = "" if staffing.exact else " found"
        begin = f"The staff of today is the cheapest{found}" if best.today else f"The cheapest staff{found}"
        yield f"{begin} that meets {_goals(asked)}{words}."
    else:
        begin = "The staff of today gives the best service" if best.today else "The best service"
        yield f"{begin} found within {tables.number(staffing.budget or 0.0)} a day{words}."
    yield f"It costs {tables.plus_minus(best.cost)} a day{_against(best.cost.mean, staffing.base.cost.mean)}."
    for goal in staffing.goals:
        yield f"{_value(best, goal)}{'' if best.today else '; today ' + _plain(staffing.base, goal)}."
    if asked and best is not cheapest:
        yield f"It does not surely meet {_goals(asked)}{_price(cheapest, best)}."


def _price(cheapest: StaffPlan | None, best: StaffPlan) -> str:
    if cheapest is None:
        return "; no plan was found that does"
    more = _money(cheapest.cost.mean - best.cost.mean)
    return f"; that costs {tables.plus_minus(cheapest.cost)} a day, {more} more: {cheapest.change}"


def _goals(goals: list[Goal]) -> str:
    return " and ".join(f"'{goal}'" for goal in goals)


def _value(plan: StaffPlan, goal: Goal) -> str:
    wanted = "" if goal.bound is None else f" (wanted {'<=' if goal.at_most else '>='} {_bound(goal)})"
    return f"{goal.metric} is {_plain(plan, goal)}{wanted}"


def _bound(goal: Goal) -> str:
    return shown(Estimate(goal.bound or 0.0, math.nan), goal.metric)


def _plain(plan: StaffPlan, goal: Goal) -> str:
    return shown(plan.metrics[goal.metric], goal.metric)


def _against(cost: float, today: float) -> str:
    apart = cost - today
    if abs(apart) < _TRIFLE * today:
        return ", as much as today"
    return f", {_money(abs(apart))} {'more' if apart > 0 else 'less'} than today"


def _money(amount: float) -> str:
    return tables.number(round(amount, 2 if amount < 100 else 0))


def _one_step_cheaper(staffing: Staffing, best: StaffPlan) -> Iterator[str]:
    """Say what comes of the next cheaper plan told of."""
    cheaper = [plan for plan in staffing.plans if plan.cost.mean < best.cost.mean * (1 - _TRIFLE)]
    if not cheaper:
        yield "Nothing cheaper is left in the range."
        return
    step = cheaper[-1]
    saved = _money(best.cost.mean - step.cost.mean)
    told = ", ".join(_value(step, goal) for goal in staffing.goals)
    words = "the staff of today" if step.today else step.change
    verdict = f"; {_judged(step)}" if any(goal.bound is not None for goal in staffing.goals) or step.stranded else ""
    yield f"One step cheaper ({words}) saves {saved} a day: {told}{verdict}."


def _judged(plan: StaffPlan) -> str:
    if plan.stranded:
        return f"it leaves {' and '.join(plan.stranded)} standing when the run ends"
    words = {
        Verdict.MET: "the goals are met",
        Verdict.FAILING: "that is not enough",
        Verdict.UNDECIDED: f"too close to tell in {plan.replications} replications, more (--replications) may",
    }
    return words[plan.verdict]


def _cautions(staffing: Staffing, best: StaffPlan) -> Iterator[str]:
    if best.stranded:
        yield f"Mind that it leaves {' and '.join(best.stranded)} standing when the run ends; they count in no metric."
    for name, share in best.gave_up.items():
        today = staffing.base.gave_up[name]
        if share > (0.0 if math.isnan(today) else today) + _MORE_GIVE_UP:
            yield (
                f"Mind that {share:.1%} of {name} give up, {today:.1%} today; a goal on "
                f"customers.{name}.abandoned_share would hold that."
            )
    levers = staffing.space.levers
    full = [f"{lever.name} ({lever.high})" for lever in levers if best.staff[lever.name] == lever.high > lever.low]
    if full:
        yield f"At the end of the range: {', '.join(full)}; a wider one (--between) may hold something better."


def _none(staffing: Staffing) -> Iterator[str]:
    asked = [goal for goal in staffing.goals if goal.bound is not None]
    if staffing.budget is not None and staffing.cheapest is None and not asked:
        yield f"No plan in the range costs at most {tables.number(staffing.budget)} a day."
        return
    if staffing.cheapest is not None:
        yield (
            f"No plan in the range costs at most {tables.number(staffing.budget or 0.0)} a day; the cheapest that "
            f"meets {_goals(asked)} costs {tables.plus_minus(staffing.cheapest.cost)}: {staffing.cheapest.change}."
        )
        return
    surely = "No plan in the range meets" if staffing.exact else "No plan was found that surely meets"
    yield f"{surely} {_goals(asked)}."
    largest = max(staffing.plans, key=lambda plan: (plan.cost.mean, sum(plan.staff.values())))
    for goal in asked:
        if largest.verdicts[str(goal)] is not Verdict.MET:
            staff = ", ".join(f"{name} {number}" for name, number in largest.staff.items())
            yield f"Even with {staff}: {_value(largest, goal)}, {_judged(largest)}."


def _blame(staffing: Staffing) -> Iterator[str]:
    """Say who makes customers wait with that staff, and whether they could be more."""
    movable = {lever.actor for lever in staffing.space.levers}
    by_class: dict[str, list[str]] = {}
    for name, actor, cause, time in staffing.causes:
        fixed = "" if actor in movable else "; may not change here"
        parts = by_class.setdefault(name, [])
        if len(parts) < _CAUSES:
            parts.append(f"{actor} ({cause}{fixed}) {tables.number(time)}")
    with_whom = "that staff" if staffing.best is not None else "the largest staff"
    for name, parts in by_class.items():
        yield f"What keeps {name} waiting with {with_whom}, in {staffing.unit} each: {', '.join(parts)}."


def _how(staffing: Staffing) -> str:
    size = f"{counted(staffing.space.size, 'plan')} in the range"
    simulated = f"{counted(staffing.simulated, 'plan')} simulated in {counted(staffing.replications, 'replication')}"
    checked = "All numbers are of fresh replications that the search did not see."
    if staffing.best is None:
        return f"{size}, {simulated}. {checked}"
    if staffing.exact:
        rest = "everything better is excluded, if more staff never turns a met goal into a missed one"
        if staffing.undecided:
            rest += f", but for {counted(len(staffing.undecided), 'plan')} too close to tell"
    else:
        rest = "a local search: no step or swap it tried does better, something further off may"
    return f"{size}, {simulated}; {rest}. {checked}"


def _table(staffing: Staffing) -> tables.Table:
    metrics = list(dict.fromkeys(goal.metric for goal in staffing.goals))
    bounded = ["goals"] if any(goal.bound is not None for goal in staffing.goals) else []
    head = ("plan", "cost a day", *metrics, *bounded, *(lever.name for lever in staffing.space.levers))
    rows = []
    for place, plan in enumerate(staffing.plans, 1):
        marks = [word for word, here in (("today", plan.today), ("best", plan.best)) if here]
        cells = [tables.plus_minus(plan.cost), *(shown(plan.metrics[metric], metric) for metric in metrics)]
        cells += [_short(plan)] if bounded else []
        rows.append((" ".join([str(place), *marks]), *cells, *map(str, plan.staff.values())))
    return tables.Table(tuple(map(tables.clean, head)), tuple(rows))


def _short(plan: StaffPlan) -> str:
    return "left standing" if plan.stranded else str(plan.verdict)
