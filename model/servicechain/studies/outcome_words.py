"""A study in words: the answer first, then one table, the best marked, and what is to be known about the intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from servicechain import tables
from servicechain.estimates import Estimate
from servicechain.studies.measured import measured
from servicechain.studies.plan import BATCHES, BLOCK
from servicechain.studies.planning import LIMIT
from servicechain.studies.report_words import BEST, unit_of_work
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.studies.outcome import ScenarioResult, StudyResult
    from servicechain.studies.plan import Plan

_NAMED = 3


def page(result: StudyResult) -> tables.Page:
    """Compose what is shown of a study."""
    return tables.Page(
        title=tables.clean(result.plan.title),
        about=_about(result),
        sentences=tuple(_sentences(result)),
        tables=(_table(result),),
    )


def label(metric: str) -> str:
    """Give a metric the name it has in a table: without the section it is in."""
    section, _, rest = metric.partition(".")
    return tables.clean(rest if section in ("customers", "services", "actors") and rest else metric)


def amount(metric: str, value: Estimate) -> str:
    """Write a metric with its half-width; a share in percent."""
    what = measured(metric, "")
    return what.told(value, unit=what.unit == "%")


def shortfall(result: StudyResult) -> str:
    """Say which precisions were not reached, and why; nothing if all were."""
    if not result.missed:
        return ""
    plan = result.plan
    asked = len(plan.scenarios) * len(plan.precision)
    told = [f"'{metric}' of '{scenario}'{_how_far(result, scenario, metric)}" for scenario, metric in result.missed]
    more = f", and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    why, advice = "The precision asked for was not reached", ""
    if result.ended == "budget":
        why = "The budget was spent before the precision asked for was reached"
    elif any(not math.isnan(result.scenario(name).metrics[metric].mean) for name, metric in result.missed):
        why = f"The precision asked for is out of reach within {LIMIT:,} replications"
        advice = " Ask for less, or give a budget, which is then spent."
    return f"{why} ({len(told)} of {asked}): {'; '.join(told[:_NAMED])}{more}.{advice}"


def _how_far(result: StudyResult, scenario: str, metric: str) -> str:
    estimate = result.scenario(scenario).metrics[metric]
    if math.isnan(estimate.mean):
        return " is defined in no replication"
    precision = result.plan.precision[metric]
    return f" is {tables.plus_minus(estimate)}, asked for {precision}"


def _about(result: StudyResult) -> str:
    plan, settings = result.plan, result.plan.settings
    counts = [each.replications for each in result.scenarios]
    fewest, most = min(counts), max(counts)
    each = _counted(most, plan) if fewest == most else f"{fewest:,} to {_counted(most, plan)}"
    if plan.method == BATCHES:
        each += f", {BLOCK} to a run"
    if settings.customers is not None:
        each += f" of {counted(settings.customers, 'customer')}"
    elif settings.until is not None:
        each += f" of {tables.number(settings.until)} {plan.unit}"
    parts = [tables.clean(plan.base.chain.chain), f"{counted(len(counts), 'scenario')}, each {each}"]
    if result.warm_up:
        found = ", found by MSER-5" if plan.auto_warm_up else ""
        parts.append(f"the first {tables.number(result.warm_up)} {plan.unit} not counted{found}")
    elif plan.auto_warm_up:
        parts.append("no warm-up is needed, by MSER-5")
    parts += [f"seed {settings.seed}", f"{plan.engine} engine", f"times in {plan.unit}", "± 95% half-width"]
    return ", ".join(parts)


def _counted(count: int, plan: Plan) -> str:
    return f"{count:,} batches" if plan.method == BATCHES else counted(count, "replication")


def _sentences(result: StudyResult) -> list[str]:
    plan = result.plan
    told = [tables.clean(result.guarantee.text)]
    if result.ended == "precision" and plan.precision:
        asked = ", ".join(f"{label(metric)} {precision}" for metric, precision in plan.precision.items())
        told.append(f"Every scenario is as precise as asked: {asked}.")
    elif result.ended == "budget" and not result.missed:
        told.append("The budget is spent.")
    if plan.method == BATCHES:
        told += _too_short(result)
    if len(result.scenarios) > 1:
        told.append(_versus(result))
    return [*told, *map(tables.clean, result.notices)]


def _versus(result: StudyResult) -> str:
    """Say what a difference is, and why it may not be that of the two means beside it."""
    told = "'vs base' is the scenario less the base case on the same random numbers"
    if len({each.replications for each in result.scenarios}) > 1:
        told += f", over the {unit_of_work(result)} that both have: it need not be the difference of the two means"
    if len(result.scenarios) > 2:
        told += ". Its intervals hold together, for all scenarios of one metric"
    return f"{told}."


def _too_short(result: StudyResult) -> list[str]:
    """Say of which metrics the batches are too short, once for each."""
    from servicechain.studies.batch_means import correlation_warning

    found: dict[str, str] = {}
    for each in result.scenarios:
        for metric in result.plan.metrics:
            warning = correlation_warning(metric, each.values[:, result.column(metric)], BLOCK)
            if warning is not None:
                found.setdefault(metric, f"In scenario '{tables.clean(each.name)}', {tables.clean(warning)}")
    return [*found.values()]


def _table(result: StudyResult) -> tables.Table:
    head = ["scenario"]
    rows = [[_name(each)] for each in result.scenarios]
    compared = len(result.scenarios) > 1
    for metric in result.plan.metrics:
        head += [label(metric), *(["vs base"] if compared else [])]
        for row, each in zip(rows, result.scenarios, strict=True):
            row.append(amount(metric, each.metrics[metric]))
            if compared:
                apart = each.differences.get(metric)
                row.append("" if apart is None else _signed(amount(metric, apart), apart))
    if len({each.replications for each in result.scenarios}) > 1:
        head.append(unit_of_work(result))
        for row, each in zip(rows, result.scenarios, strict=True):
            row.append(f"{each.replications:,}")
    return tables.Table(tuple(head), tuple(tuple(row) for row in rows), together=2 if compared else 1)


def _name(each: ScenarioResult) -> str:
    return f"{BEST} {tables.clean(each.name)}" if each.best else f"  {tables.clean(each.name)}"


def _signed(text: str, apart: Estimate) -> str:
    return f"+{text}" if apart.mean > 0 else text
