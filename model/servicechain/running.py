"""Running a chain: replications, one after the other, into one result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from servicechain.errors import Mistake, shown

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.facts import ChainFacts
    from servicechain.records import Sink
    from servicechain.results import Result

Progress = Callable[[int, int, float], None]
"""Told now and then: the replication, how many customers have left in it, what time it is there."""


def run(
    chain: Chain,
    *,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    antithetic: bool = False,
    attribution: bool = True,
    keep_records: bool = False,
    sinks: Callable[[int], Sequence[Sink]] | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate a chain.

    What is not given is taken from the chain's own ``run``, and from the package where that is silent too:
    10,000 customers, no warm-up, 10 replications, seed 1.

    Parameters
    ----------
    chain : Chain
    customers : int, optional
        End each replication when so many journeys are over, warm-up included; or
    until : float or str, optional
        end it at this time, a number in the chain's unit or a text such as ``"1d"``.
    warm_up : float or str, optional
        Who arrives before is simulated, not counted.
    replications : int, optional
        How many independent runs.
    seed : int, optional
        0 to 2**32 - 1; the same seed gives the same numbers.
    engine : str
        Its name, or ``auto``.
    antithetic : bool
        Let every second replication use the mirrored random numbers of the one before.
    attribution : bool
        Follow every minute of waiting to who causes it; without, a run takes about half the time.
    keep_records : bool
        Keep every customer and request in memory, for `Result.customer_records` and `request_records`.
    sinks : callable, optional
        From the number of a replication to further sinks for its records.
    progress : callable, optional
        Told the replication, how many customers have left in it, and its clock.

    Returns
    -------
    Result
        Of a run that ends at `until`, also with a `Timeline`.

    Raises
    ------
    ChainError
        If a file the chain names cannot be read.
    Mistake
        If a setting breaks a rule.
    RunError
        If there is no such engine, or the simulation cannot go on.
    """
    from servicechain.attribution import Attribution
    from servicechain.chain import Chain
    from servicechain.engines import engine_for
    from servicechain.estimates import combine
    from servicechain.metrics import ReplicationSummary
    from servicechain.parts import PartSums
    from servicechain.records import Fanout, KeepCustomers, KeepRequests
    from servicechain.report import versions_for
    from servicechain.results import Result
    from servicechain.settings import Settings
    from servicechain.timeline import TimelinePool

    if customers is not None and until is not None:
        raise Mistake("a run ends either after 'customers' or at 'until', got both; leave one out")
    if not isinstance(chain, Chain):
        raise Mistake(f"run takes a Chain, got {shown(chain)}; read a file with servicechain.read(…) first")
    chain = chain.loaded()
    settings = Settings.of(
        chain,
        customers=customers,
        until=until,
        warm_up=warm_up,
        replications=replications,
        seed=seed,
        antithetic=antithetic,
        attribution=attribution,
    )
    started = time.perf_counter()
    runner = engine_for(chain, engine)
    facts = facts_of(chain, attribution)
    customers_kept, requests_kept, parts_kept = [], [], []
    blamed = Attribution(facts, settings.antithetic) if attribution else None
    over_time = None if settings.until is None else TimelinePool(chain, settings.until, settings.antithetic)
    if over_time is not None:
        settings = replace(settings, edges=over_time.inner_edges)

    def replicate() -> Iterator[ReplicationSummary]:
        for replication in range(settings.replications):
            summary = ReplicationSummary(facts, settings.warm_up)
            day = over_time.sink() if over_time else None
            into: list[Sink] = [summary, *([day] if day else ()), *(sinks(replication) if sinks else ())]
            people, asked = KeepCustomers(), KeepRequests()
            if keep_records:
                into += [people, asked]
            told = None if progress is None else _telling(progress, replication)
            runner.replicate(settings, replication, Fanout(into), told)
            if keep_records:
                customers_kept.append(people.records)
                requests_kept.append(asked.records)
                parts_kept.append(people.waiting)
            if blamed is not None:
                blamed.add(summary.parts or PartSums(len(facts.classes), settings.warm_up))
            if over_time and day:
                over_time.add(day)
            yield summary

    estimates = combine(replicate(), settings.antithetic)
    return Result(
        facts=facts,
        settings=settings,
        engine=runner.name,
        estimates=estimates,
        versions=versions_for(runner.name),
        wall_time=time.perf_counter() - started,
        kept_customers=customers_kept if keep_records else None,
        kept_requests=requests_kept if keep_records else None,
        timeline=over_time.timeline() if over_time else None,
        attribution=blamed,
        kept_parts=parts_kept if keep_records and attribution else None,
        model=chain,
    )


def _telling(progress: Progress, replication: int) -> Callable[[int, float], None]:
    return lambda left, now: progress(replication, left, now)


def facts_of(chain: Chain, attribution: bool = True) -> ChainFacts:
    """Tell what the results need to know of a chain."""
    from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
    from servicechain.possible_causes import possible_causes

    unit = chain.unit
    classes = tuple(
        ClassFacts(
            name,
            None
            if one.tolerance is None
            else (one.tolerance.desired.in_unit(unit), one.tolerance.adequate.in_unit(unit)),
        )
        for name, one in chain.customers.items()
    )
    services = tuple(
        ServiceFacts(name, None if one.standard is None else one.standard.in_unit(unit))
        for name, one in chain.services.items()
    )
    actors = tuple(
        ActorFacts(name, str(one.lane), one.wage or 0.0, one.servers == float("inf"))
        for name, one in chain.actors.items()
    )
    causes = possible_causes(chain) if attribution else ()
    return ChainFacts(chain.chain, unit, classes, services, actors, causes)
