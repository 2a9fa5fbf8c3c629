"""What a study says to who has to decide: the answer in two or three sentences, the table, and how it was found.

The trap is an answer that is surer than the numbers: where the interval of a difference has zero in it, it is said that
it may be chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.estimates import Estimate
from servicechain.report import versions_for
from servicechain.studies.measured import Measured, measured
from servicechain.studies.measures import COST
from servicechain.studies.plan import BATCHES
from servicechain.tables import UNDEFINED, number
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.studies.outcome import ScenarioResult, StudyResult

BEST = "★"


def answer(outcome: StudyResult) -> Iterator[str]:
    """Say which scenario is best, what it changes, and what it costs."""
    chosen = outcome.best
    base = outcome.base
    what = measure_of(outcome, outcome.plan.choice.metric)
    today = base.metrics[outcome.plan.choice.metric]
    if len(outcome.scenarios) == 1:
        yield f"As it is, {what.phrase} is {what.told(today)}; nothing else was tried."
        return
    if not chosen:
        yield "No scenario can be called the best."
    elif all(each is base for each in chosen):
        yield f"Leave it as it is: {what.phrase} is {what.told(today)}, and nothing tried is better."
    else:
        yield from change(outcome, next(each for each in chosen if each is not base), what)
    if len(chosen) > 1:
        yield f"Equally good: {', '.join(each.name for each in chosen)}."
    yield outcome.guarantee.text


def change(outcome: StudyResult, best: ScenarioResult, what: Measured) -> Iterator[str]:
    """Say what a scenario makes of today's number, and what it costs."""
    metric = outcome.plan.choice.metric
    today, then = outcome.base.metrics[metric], best.metrics[metric]
    yield f"Best is {best.name}: {what.phrase} is {what.brief(then.mean)} instead of {what.brief(today.mean)}."
    apart = best.differences.get(metric, Estimate(math.nan, math.nan))
    if not math.isnan(apart.mean):
        much = what.told(Estimate(abs(apart.mean), apart.halfwidth))
        chance = "; that may be chance" if math.isnan(apart.halfwidth) or abs(apart.mean) <= apart.halfwidth else ""
        yield f"{same(outcome, best)} that is {much} {'less' if apart.mean < 0 else 'more'} than today{chance}."
    if cost_known(outcome) and metric != COST:
        yield price(outcome, best)


def same(outcome: StudyResult, best: ScenarioResult) -> str:
    """Say on what two scenarios are compared: what both have been run on."""
    if best.replications == outcome.base.replications:
        return "Compared on the same random numbers,"
    count = min(best.replications, outcome.base.replications)
    return f"Compared on the {count:,} {unit_of_work(outcome)} that both have been run on,"


def price(outcome: StudyResult, best: ScenarioResult) -> str:
    """Say what a scenario costs more than today."""
    now, then = (outcome.estimate(each.name, COST).mean for each in (outcome.base, best))
    more = then - now
    if abs(more) < 0.005 * abs(now):
        return f"It costs what it costs today, {number(now)} a day."
    return (
        f"It costs {number(abs(more))} a day {'more' if more > 0 else 'less'}: {number(then)} instead of {number(now)}."
    )


def cost_known(outcome: StudyResult) -> bool:
    """Tell whether anybody has a wage."""
    return any(outcome.estimate(each.name, COST).mean > 0 for each in outcome.scenarios)


def measure_of(outcome: StudyResult, metric: str) -> Measured:
    """Say what a metric is called."""
    return measured(metric, str(outcome.plan.unit))


def headings(outcome: StudyResult) -> list[str]:
    """Give the heads of the table's columns."""
    compared = len(outcome.scenarios) > 1
    heads = ["scenario"]
    for metric in outcome.plan.metrics:
        heads += [measure_of(outcome, metric).label, *(["against today"] if compared else [])]
    return [
        *heads,
        *(["cost a day"] if cost_known(outcome) and COST not in outcome.plan.metrics else []),
        unit_of_work(outcome),
    ]


def unit_of_work(outcome: StudyResult) -> str:
    """Say what is counted: replications, or batches."""
    return "batches" if outcome.plan.method == BATCHES else "replications"


def rows_of(outcome: StudyResult) -> Iterator[tuple[str, bool, list[str]]]:
    """Give each scenario's name, whether it is the best, and its numbers as text."""
    compared = len(outcome.scenarios) > 1
    cost = cost_known(outcome) and COST not in outcome.plan.metrics
    for each in outcome.scenarios:
        cells = []
        for metric, value in each.metrics.items():
            what = measure_of(outcome, metric)
            cells.append(what.told(value, unit=False))
            if compared:
                apart = each.differences.get(metric)
                cells.append("" if apart is None else signed(what, apart))
        cells += [number(outcome.estimate(each.name, COST).mean)] if cost else []
        name = f"{each.name} (as it is)" if each is outcome.base else each.name
        yield f"{BEST} {name}" if each.best else name, each.best, [*cells, f"{each.replications:,}"]


def signed(what: Measured, apart: Estimate) -> str:
    """Write a difference with its sign."""
    told = what.told(apart, unit=False)
    return told if told == UNDEFINED or not apart.mean > 0 else f"+{told}"


def size_note(outcome: StudyResult) -> str:
    """Say how the table is to be read."""
    told = "± is the half-width of the 95% interval."
    if len(outcome.scenarios) > 1:
        told += (
            f" Differences are taken over the {unit_of_work(outcome)} both have, on the same random numbers; their "
            "intervals hold together, for all scenarios of one column."
        )
    return told + (f" {BEST} is the best." if outcome.best else "")


def facts_of_study(outcome: StudyResult) -> list[tuple[str, str]]:
    """List how the numbers were made."""
    plan, settings = outcome.plan, outcome.plan.settings
    counts = [each.replications for each in outcome.scenarios]
    count = f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
    best = outcome.guarantee
    zone = "" if best.indifference is None else f", indifferent to {number(best.indifference)}"
    versions = ", ".join(f"{name} {version}" for name, version in versions_for(plan.engine).items())
    facts = [
        ("Model", f"{plan.base.chain.chain} ({plan.base.key[:12]}), times in {plan.unit}"),
        ("About it", plan.base.chain.about or ""),
        ("Each run", run_of(outcome)),
        ("Warm-up", warm_up_of(outcome)),
        ("How often", f"{count} {unit_of_work(outcome)} of each of {counted(len(counts), 'scenario')}"),
        ("Seed", str(settings.seed)),
        ("Asked for", asked_of(outcome)),
        ("Best by", f"{plan.choice.metric}, the {'lowest' if plan.choice.goal == 'min' else 'highest'}{zone}"),
        ("Guarantee", f"{best.confidence:.0%} confidence; {best.procedure}"),
        ("Engine", plan.engine),
        ("Versions", versions),
    ]
    return [(name, text) for name, text in facts if text]


def run_of(outcome: StudyResult) -> str:
    """Say when a run ends."""
    settings = outcome.plan.settings
    if settings.until is not None:
        return f"{number(settings.until)} {outcome.plan.unit}"
    return counted(settings.customers or 0, "customer")


def warm_up_of(outcome: StudyResult) -> str:
    """Say who is not counted."""
    found = " (found by MSER-5)" if outcome.plan.auto_warm_up else ""
    if not outcome.warm_up:
        return f"none{found}"
    return f"who arrives in the first {number(outcome.warm_up)} {outcome.plan.unit} is not counted{found}"


def asked_of(outcome: StudyResult) -> str:
    """Say when the study was to end, and whether it got there."""
    plan = outcome.plan
    asked = "; ".join(f"{metric} {precision}" for metric, precision in plan.precision.items())
    ended = {
        "precision": "reached",
        "budget": "the budget was spent first",
        "out of reach": "out of reach",
    }.get(outcome.ended, "")
    if asked:
        return f"{asked}: {ended}" if ended else asked
    return f"a fixed number of {unit_of_work(outcome)}" if plan.replications else ended
