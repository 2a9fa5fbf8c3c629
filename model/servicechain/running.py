"""Running a chain: replications, on all cores, into one result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from servicechain.errors import Mistake, shown

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.facts import ChainFacts
    from servicechain.metrics import ReplicationSummary
    from servicechain.records import Sink
    from servicechain.replications import Harvest, Kept
    from servicechain.results import Result

Progress = Callable[[int, int, float], None]
"""Told now and then: a replication, how many customers have left in it, what time it is there."""


def run(
    chain: Chain,
    *,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    workers: int | None = None,
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
        ``reference``, ``compiled``, or ``auto`` for the one that is done first; the numbers are the same.
    workers : int, optional
        How many replications run side by side at most; by default one for each core. The numbers are the same.
        Chains with steps in Python, runs with `sinks`, and short ones on the reference engine, take one.
    antithetic : bool
        Let every second replication use the mirrored random numbers of the one before.
    attribution : bool
        Follow every minute of waiting to who causes it; without, a run takes about half the time.
    keep_records : bool
        Keep every customer and request in memory, for `Result.customer_records` and `request_records`.
    sinks : callable, optional
        From the number of a replication to further sinks for its records. With them replications run one after
        the other, and the sinks are called in the thread that calls `run`.
    progress : callable, optional
        Told a replication, how many customers have left in it, and its clock, again and again, of each of those
        that run side by side; in the thread that calls `run`.

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
    from servicechain.engines import chosen
    from servicechain.estimates import combine
    from servicechain.parts import PartSums
    from servicechain.replications import Replications
    from servicechain.report import versions_for
    from servicechain.results import Result
    from servicechain.settings import Settings
    from servicechain.sharing import shared
    from servicechain.tasks import checked_workers
    from servicechain.timeline import TimelinePool
    from servicechain.volume import expected_requests

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
    at_most = 1 if sinks else checked_workers(workers)
    started = time.perf_counter()
    requests = expected_requests(chain, settings)
    name = chosen(chain, engine, requests)
    facts = facts_of(chain, attribution)
    blamed = Attribution(facts, settings.antithetic) if attribution else None
    over_time = None if settings.until is None else TimelinePool(chain, settings.until, settings.antithetic)
    if over_time is not None:
        settings = replace(settings, edges=over_time.inner_edges)
    job = Replications(chain, name, settings, facts, over_time, keep_records, sinks)
    kept: list[Kept] = []

    def summaries(harvests: Iterable[Harvest]) -> Iterator[ReplicationSummary]:
        for harvest in harvests:
            if blamed is not None:
                blamed.add(harvest.summary.parts or PartSums(len(facts.classes), settings.warm_up))
            if over_time and harvest.day:
                over_time.add(harvest.day)
            if harvest.kept is not None:
                kept.append(harvest.kept)
            yield harvest.summary

    with closing(shared(job, settings.replications, requests, at_most, progress)) as harvests:
        estimates = combine(summaries(harvests), settings.antithetic)
    return Result(
        facts=facts,
        settings=settings,
        engine=name,
        estimates=estimates,
        versions=versions_for(name),
        wall_time=time.perf_counter() - started,
        kept_customers=[each.customers for each in kept] if keep_records else None,
        kept_requests=[each.requests for each in kept] if keep_records else None,
        timeline=over_time.timeline() if over_time else None,
        attribution=blamed,
        kept_parts=[each.parts for each in kept] if keep_records and attribution else None,
        model=chain,
    )


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
