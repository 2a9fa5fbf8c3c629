"""Results of studies that nobody has run: numbers as a test wants them, to be drawn and written."""

import numpy as np

from servicechain.running import facts_of
from servicechain.settings import Settings
from servicechain.studies.grid import scenarios_of
from servicechain.studies.outcome import ScenarioResult, StudyResult, estimate_of
from servicechain.studies.plan import Budget, Choice, Plan
from servicechain.studies.selection import Guarantee
from timelines import chain_of

# three actors, of whom two can make a guest wait
DESK = """
actors:
  receptionist: {lane: contact, staff: 2, wage: 18}
  programmer: {lane: backstage, staff: 1, wage: 40}
services:
  check in: {by: receptionist, steps: [{work: exponential(mean=3)}, {chance: 0.1, then: [{ask: unlock}]}]}
  unlock: {by: programmer, steps: [{work: exponential(mean=10)}]}
customers:
  guest: {arrivals: "poisson(rate=20/h)", tolerance: {desired: 3, adequate: 10}, journey: [{ask: check in}]}
"""
GUEST = "customers.guest.wait"
PROMISE = "With 95% confidence no other scenario has a shorter wait by more than 0.2 minutes (Kim and Nelson 2001)."


def made_study(
    waits,
    vary=None,
    scenarios=None,
    costs=None,
    parts=None,
    best=(),
    chain=None,
    count=24,
    metric=GUEST,
    goal="min",
    spread=0.05,
    title="Two programmers or four receptionists?",
    more=None,
):
    """A study of which the scenario in place i has the mean wait waits[i], half-widths in proportion to `spread`.

    parts: from (actor, cause) to the share of the wait, for all scenarios or a list of one for each.
    more: from further columns to their means.
    """
    chain = chain or chain_of(DESK)
    found = scenarios_of(chain, vary, scenarios)
    assert len(found) == len(waits), [each.name for each in found]
    costs = costs or [float("nan")] * len(found)
    parts = parts or {("receptionist", "work"): 0.3, ("programmer", "work"): 0.7}
    parts = parts if isinstance(parts, list) else [parts] * len(found)
    name = next(iter(chain.customers))
    keys = list(dict.fromkeys(key for each in parts for key in each))
    columns = [f"customers.{name}.wait", "cost_per_day", *(more or {})]
    columns += [
        f"attribution.{name}.{actor}.{cause}.{what}" for actor, cause in keys for what in ("queueing", "held", "time")
    ]
    noise = np.linspace(-1, 1, count)
    noise -= noise.mean()
    results = []
    for place, scenario in enumerate(found):
        wait = waits[place]
        rows = [wait * (1 + spread * noise * (1 + place % 3)), np.full(count, costs[place])]
        rows += [np.asarray(means[place]) * (1 + spread * noise) for means in (more or {}).values()]
        for key in keys:
            share = parts[place].get(key, 0.0) * wait
            rows += [np.full(count, 0.25 * share), np.full(count, 0.75 * share), np.full(count, share)]
        values = np.column_stack(rows)
        metrics = {each: estimate_of(values[:, columns.index(each)]) for each in dict.fromkeys((metric, columns[0]))}
        differences = {}
        if place:
            differences = {
                each: estimate_of(values[:, columns.index(each)] - results[0].values[:, columns.index(each)])
                for each in metrics
            }
        results.append(ScenarioResult(scenario, count, values, metrics, differences, place in best))
    plan = Plan(
        title=title,
        scenarios=found,
        settings=Settings.of(chain, until="1d", seed=11),
        auto_warm_up=False,
        metrics=tuple(results[0].metrics),
        precision={},
        replications=count,
        budget=Budget(),
        choice=Choice(metric, goal, 0.2),
    )
    guarantee = Guarantee(
        text=PROMISE,
        metric=metric,
        goal=goal,
        best=tuple(found[place].name for place in best),
        confidence=0.95,
        indifference=0.2,
        procedure="Kim and Nelson (2001, doi:10.1145/502109.502111)",
    )
    assert facts_of(chain).causes
    return StudyResult(plan, tuple(columns), tuple(results), guarantee, 0.0, "replications")
