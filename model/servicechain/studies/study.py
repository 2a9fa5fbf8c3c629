"""A study: a question about a chain, answered by scenarios that are replicated until the answer is sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servicechain.errors import Mistake, shown

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.studies.headway import Headway
    from servicechain.studies.ledger import Ledger
    from servicechain.studies.outcome import StudyResult
    from servicechain.studies.plan import Plan


def study(
    chain: Chain,
    *,
    vary: Mapping[str, Iterable[Any]] | None = None,
    scenarios: Sequence[Any] | Mapping[str, Any] | None = None,
    title: str | None = None,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    precision: Mapping[str, float | str] | float | str | None = None,
    budget: Mapping[str, float] | None = None,
    metrics: Sequence[str] | None = None,
    best: Mapping[str, Any] | str | None = None,
    seed: int | None = None,
    engine: str = "auto",
    method: str = "replications",
    ledger: Ledger | str | Path | None = None,
    executor: Any = None,
    workers: int | None = None,
    progress: Callable[[Headway], None] | bool | None = None,
) -> StudyResult:
    """Compare scenarios of a chain.

    The chain as it is, is always the first, called ``base``; replication r of every scenario uses the same random
    numbers, and every scenario is compared with the base case pairwise. What is not given is taken from the chain's
    own ``run``; without precision, replications or budget there are 24 replications of each scenario.

    Parameters
    ----------
    chain : Chain
    vary : mapping, optional
        From paths, as ``--set`` takes them, to lists of values: all combinations are tried. Paths may be short where
        nothing else is called so: ``receptionist.staff``.
    scenarios : sequence or mapping, optional
        Or: ``{"name": …, "set": {path: value}}`` one after the other; or a mapping from names to ``{path: value}`` or
        to a function from chain to chain.
    title : str, optional
        The question.
    customers, until, warm_up : optional
        What each replication is like, as for `servicechain.run`; a warm-up ``"auto"`` is found (MSER-5).
    replications : int, optional
        A fixed number for every scenario; or
    precision : mapping, optional
        from metrics to the 95 % half-width to reach, in every scenario: ``"2%"`` of the mean, a number, or for times
        a text such as ``"30 s"``. One for all `metrics` needs no mapping.
    budget : mapping, optional
        ``{"replications": 400, "seconds": 600}``, either or both: what the whole study may take at most.
    metrics : sequence of str, optional
        What is told: paths into the JSON of a run, such as ``customers.guest.wait``, and ``cost_per_day``.
    best : mapping or str, optional
        ``{"metric": …, "goal": "min" | "max", "indifference": …, "confidence": 0.95}``: by what the best is chosen;
        by default by the first metric. With an indifference (a difference that does not matter) replications go on
        until the best is found.
    seed : int, optional
        0 to 2**32 - 1.
    engine : str
        ``reference``, ``compiled``, or ``auto``; the numbers are the same.
    method : str
        ``replications`` for days that end, ``batch_means`` for a service that does not.
    ledger : str, Path or Ledger, optional
        A file in which every finished block is kept, so that a study can be interrupted, and asked for more later.
    executor : optional
        ``local``, ``threads``, ``here``, ``dask://host:port``, a `concurrent.futures.Executor` or a Dask client.
    workers : int, optional
        How many work side by side at most.
    progress : callable or bool, optional
        Told a `Headway` now and then; True shows a bar, in a terminal or a notebook.

    Returns
    -------
    StudyResult

    Raises
    ------
    ChainError
        With all that is wrong with what is asked, before anything runs.
    Mistake
        If the ledger or the executor cannot be used.
    RunError
        If there is no such engine, or a simulation cannot go on.
    """
    from servicechain.chain import Chain
    from servicechain.studies.planning import Asked, plan_of

    if not isinstance(chain, Chain):
        raise Mistake(f"study takes a Chain, got {shown(chain)}; read a file with servicechain.read(…) first")
    asked = Asked(
        vary=vary,
        scenarios=scenarios,
        title=title,
        customers=customers,
        until=until,
        warm_up=warm_up,
        replications=replications,
        precision=precision,
        budget=budget,
        metrics=metrics,
        best=best,
        seed=seed,
        engine=engine,
        method=method,
    )
    return run_plan(plan_of(chain, asked), ledger=ledger, executor=executor, workers=workers, progress=progress)


def run_plan(
    plan: Plan,
    *,
    ledger: Ledger | str | Path | None = None,
    executor: Any = None,
    workers: int | None = None,
    progress: Callable[[Headway], None] | bool | None = None,
) -> StudyResult:
    """Run what has been planned; parameters as for `study`.

    Raises
    ------
    KeyboardInterrupt
        If it is interrupted; it says how to go on.
    """
    from servicechain.studies.ledger import Ledger
    from servicechain.studies.rounds import carry_out
    from servicechain.studies.showing import shown_progress
    from servicechain.studies.workshop import Workshop

    started = time.monotonic()
    with ExitStack() as stack:
        kept: Ledger | None = None
        if isinstance(ledger, (str, Path)):
            kept = Ledger.open(Path(ledger))
            stack.callback(kept.close)
        elif ledger is None or isinstance(ledger, Ledger):
            kept = ledger
        else:
            raise Mistake(f"a ledger is the name of a file, got {shown(ledger)}; write e.g. 'study.sqlite'")
        told = stack.enter_context(shown_progress(progress))
        try:
            ready = with_warm_up(plan)
            workshop = Workshop(ready, executor=executor, ledger=kept, workers=workers)
            stack.callback(workshop.close)
            return replace(carry_out(ready, workshop, told, started), notices=workshop.notices)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(how_to_go_on(ledger)) from None


def with_warm_up(plan: Plan) -> Plan:
    """Find the warm-up, if it is to be found: the longest that any of the scenarios needs, the same for all.

    Raises
    ------
    Mistake
        If a scenario does not settle, or not before its run ends.
    """
    if not plan.auto_warm_up:
        return plan
    from servicechain.studies.warm_up import warm_up_of

    longest = 0.0
    for each in plan.scenarios:
        try:
            longest = max(longest, warm_up_of(each.chain, plan.settings, plan.engine))
        except Mistake as mistake:
            raise Mistake(f"scenario {shown(each.name)}: {mistake}") from None
    until = plan.settings.until
    if until is not None and longest >= until:
        raise Mistake(f"the warm-up found ({longest:g}) must end before the run ({until:g}); run longer, or give it")
    return replace(plan, settings=replace(plan.settings, warm_up=longest))


def how_to_go_on(ledger: object) -> str:
    """Say what is kept of a study that is interrupted, and how to go on."""
    if ledger is None:
        return "interrupted; nothing was kept: with a ledger (--ledger FILE) a study can go on where it was"
    name = shown(str(ledger)) if isinstance(ledger, (str, Path)) else "the ledger"
    return f"interrupted; all finished blocks are kept in {name}: run the same study with it again to go on"
