"""What a run came to: a `Result` that knows where it came from, prints itself, and answers questions.

The trap of a result is a number without its circumstances: so chain, unit, seed, engine and versions travel
with it, and every mean has its half-width. The wall time is known too, but is not part of the JSON, in which
nothing differs from run to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from servicechain import report, tables
from servicechain.columns import customer_columns, request_columns
from servicechain.errors import Mistake
from servicechain.estimates import Estimates, combine
from servicechain.facts import ChainFacts
from servicechain.metrics import ReplicationSummary
from servicechain.printing import Printed
from servicechain.records import Block, Parts
from servicechain.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from servicechain.attribution import Attribution
    from servicechain.chain import Chain
    from servicechain.counterfactuals import Counterfactuals, Progress
    from servicechain.leverage import Leverage
    from servicechain.paths import PathTree
    from servicechain.shapley import Shapley
    from servicechain.story import Story
    from servicechain.timeline import Timeline


@dataclass(frozen=True, repr=False, eq=False)
class Result(Printed):
    """The numbers of one chain, run some times.

    Attributes
    ----------
    facts : ChainFacts
        The chain's name, unit, and whom and what it has.
    settings : Settings
        Seed, replications, warm-up, and when each replication ended.
    engine : str
        ``reference`` or ``compiled``.
    estimates : dict
        ``customers``, ``services`` and ``actors``, by name and metric: an `Estimate` or a `Spread`. Times in
        the chain's unit.
    versions : dict
        Of all that can influence a number.
    wall_time : float
        How long the run took, in seconds.
    kept_customers, kept_requests : tuple of ndarray, or None
        The records of each replication, if they were to be kept.
    timeline : Timeline or None
        What happened when; of runs that end at a given time.
    attribution : Attribution or None
        Who made the customers wait; None if it was left out.
    kept_parts : tuple of Parts, or None
        The parts of each kept customer's waiting.
    model : Chain or None
        The chain itself, with its files read, to be run again; None in a result put together from summaries.

    Examples
    --------
    A number is found by the keys of the JSON that lead to it: ``result.value("customers.guest.wait.p95")``.
    """

    facts: ChainFacts
    settings: Settings
    engine: str
    estimates: Estimates
    versions: dict[str, str]
    wall_time: float
    kept_customers: Sequence[Block] | None = field(default=None)
    kept_requests: Sequence[Block] | None = field(default=None)
    timeline: Timeline | None = field(default=None)
    attribution: Attribution | None = field(default=None)
    kept_parts: Sequence[Parts | None] | None = field(default=None)
    model: Chain | None = field(default=None)

    @classmethod
    def from_summaries(
        cls,
        facts: ChainFacts,
        summaries: Iterable[ReplicationSummary],
        settings: Settings,
        engine: str,
        wall_time: float,
        *,
        kept_customers: Sequence[Block] | None = None,
        kept_requests: Sequence[Block] | None = None,
    ) -> Self:
        """Combine replications into a result.

        Parameters
        ----------
        facts, settings, engine, wall_time, kept_customers, kept_requests
            See the attributes.
        summaries : iterable of ReplicationSummary
            In the order of the replications; each is needed only until the next is asked for.

        Raises
        ------
        Mistake
            If there is none, or an odd number of antithetic ones.
        """
        estimates = combine(summaries, settings.antithetic)
        versions = report.versions_for(engine)
        return cls(facts, settings, engine, estimates, versions, wall_time, kept_customers, kept_requests)

    @property
    def chain(self) -> str:
        """What the chain is called."""
        return self.facts.name

    @property
    def unit(self) -> str:
        """The unit of every time in this result."""
        return str(self.facts.unit)

    @property
    def seed(self) -> int:
        """The seed of all random numbers."""
        return self.settings.seed

    @property
    def replications(self) -> int:
        """How many independent runs were made."""
        return self.settings.replications

    @property
    def warm_up(self) -> float:
        """Who arrived before was not counted; in the chain's unit."""
        return self.settings.warm_up

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None; as in the JSON."""
        return {
            "chain": self.chain,
            "unit": self.unit,
            "engine": self.engine,
            "seed": self.seed,
            "replications": self.replications,
            "warm_up": float(self.warm_up),
            "versions": dict(self.versions),
            **report.plain_tree(self.estimates),
            "attribution": {} if self.attribution is None else self.attribution.as_dict(),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Give everything as JSON, undefined numbers null; the same for the same run."""
        return report.as_json(self.to_dict(), indent)

    def value(self, path: str) -> float:
        """Find one number, e.g. ``customers.guest.wait.mean``; NaN if it is not defined.

        Parameters
        ----------
        path : str
            The keys of the JSON that lead to it, joined by points.

        Raises
        ------
        Mistake
            If a key is not there, or the path does not end at a number; the nearest name is suggested.
        """
        return report.value_at(self._report, path)

    @cached_property
    def _report(self) -> dict[str, Any]:
        return self.to_dict()

    @property
    def customers(self) -> pd.DataFrame:
        """One row per customer class and metric; see `frames.tidy`. Times in ``frame.attrs["unit"]``."""
        return self._tidy("customers", "customer_class")

    @property
    def services(self) -> pd.DataFrame:
        """One row per service and metric; see `frames.tidy`. Times in ``frame.attrs["unit"]``."""
        return self._tidy("services", "service")

    @property
    def actors(self) -> pd.DataFrame:
        """One row per actor and metric; see `frames.tidy`. Times in ``frame.attrs["unit"]``."""
        return self._tidy("actors", "actor")

    def _tidy(self, branch: str, thing: str) -> pd.DataFrame:
        from servicechain.frames import tidy

        return tidy(tables.branch(self.estimates, branch), thing, self.unit)

    @property
    def customer_records(self) -> pd.DataFrame:
        """One row per customer, the warm-up's too, with the columns of ``--records``.

        Raises
        ------
        Mistake
            If the records were not kept.
        """
        from servicechain.frames import record_frame

        return record_frame(customer_columns, self.facts, kept(self.kept_customers), self.kept_parts)

    @property
    def request_records(self) -> pd.DataFrame:
        """One row per request, with the columns of ``--requests``.

        Raises
        ------
        Mistake
            If the records were not kept.
        """
        from servicechain.frames import record_frame

        return record_frame(request_columns, self.facts, kept(self.kept_requests))

    def plot_waits(self, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how many customers wait longer than what; see `servicechain.plots.waits.plot_waits`."""
        from servicechain.plots.waits import plot_waits

        return plot_waits(self, customer_class, ax)

    def plot_causes(self, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw whose the waiting of a class is; see `servicechain.plots.causes.plot_causes`."""
        from servicechain.plots.causes import plot_causes

        return plot_causes(self, customer_class, ax)

    def plot_flow(self, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw by way of whom the waiting of a class came about; see `servicechain.plots.flow.plot_flow`."""
        from servicechain.plots.flow import plot_flow

        return plot_flow(self, customer_class, ax)

    def plot_day(self, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how much waiting arises when, and because of whom; see `servicechain.plots.day.plot_day`."""
        from servicechain.plots.day import plot_day

        return plot_day(self, customer_class, ax)

    def story(self, customer_class: str | None = None, number: int | None = None) -> Story:
        """Tell the visit of one customer, who waited longest by default; see `servicechain.story.story_of`."""
        from servicechain.story import story_of

        return story_of(self, customer_class, number)

    def plot_story(self, customer_class: str | None = None, number: int | None = None, ax: Axes | None = None) -> Axes:
        """Draw the visit of one customer, who waited longest by default; see `servicechain.plots.story.plot_story`."""
        from servicechain.plots.story import plot_story

        return plot_story(self, customer_class, number, ax)

    def paths(self, customer_class: str | None = None) -> PathTree:
        """Tell by way of whom a class's waiting came about, as a tree; of the first class by default.

        Raises
        ------
        Mistake
            If there is no such class, or the run was made without attribution.
        """
        return self._attributed().paths(customer_class)

    def _attributed(self) -> Attribution:
        if self.attribution is None:
            raise Mistake("this run was made without attribution; run it again with attribution=True")
        return self.attribution

    def leverage(self, actors: Sequence[str] | None = None, progress: Progress | None = None) -> Leverage:
        """Run again with each actor ideal, with one more server, or 10 % faster, and tell what that saves.

        Parameters
        ----------
        actors : sequence of str, optional
            Whom to ask about; by default everybody. Each takes as long as three runs.
        progress : callable, optional
            Told after each replication how many are done, of how many.

        Raises
        ------
        Mistake
            If there is no such actor, or the result does not know its chain.
        RunError
            If a simulation cannot go on.
        """
        from servicechain.leverage import leverage_of

        return leverage_of(self, self._counterfactuals(progress), actors)

    def shapley(self, actors: Sequence[str] | None = None, progress: Progress | None = None) -> Shapley:
        """Share out all the wait that ideal actors would remove, one fair number each.

        Parameters
        ----------
        actors : sequence of str, optional
            Who could be improved; by default everybody, but not more than 8. For n of them, 2**n runs are made.
        progress : callable, optional
            Told after each replication how many are done, of how many.

        Raises
        ------
        Mistake
            If there is no such actor, they are too many, or the result does not know its chain.
        RunError
            If a simulation cannot go on.
        """
        from servicechain.shapley import shapley_of

        return shapley_of(self, self._counterfactuals(progress), actors)

    def _counterfactuals(self, progress: Progress | None) -> Counterfactuals:
        from servicechain.counterfactuals import Counterfactuals

        if self.model is None:
            raise Mistake("this result does not know its chain, so it cannot be run again; use what run returns")
        return Counterfactuals(self.model, self.settings, self.engine, progress)

    def plot_load(self, ax: Axes | None = None) -> Axes:
        """Draw what everybody's time on duty is spent on; see `servicechain.plots.load.plot_load`."""
        from servicechain.plots.load import plot_load

        return plot_load(self, ax)

    def plot_queues(self, *actors: str, ax: Axes | None = None) -> Axes:
        """Draw how long the lines are, and when; see `servicechain.plots.queues.plot_queues`."""
        from servicechain.plots.queues import plot_queues

        return plot_queues(self, *actors, ax=ax)

    def plot_arrivals(self, *actors: str, ax: Axes | None = None) -> Axes:
        """Draw arrivals against servers on duty; see `servicechain.plots.arrivals.plot_arrivals`."""
        from servicechain.plots.arrivals import plot_arrivals

        return plot_arrivals(self, *actors, ax=ax)

    def _page(self) -> tables.Page:
        return tables.page(self.facts, self.settings, self.engine, self.estimates, self.attribution)


def kept(records: Sequence[Block] | None) -> Sequence[Block]:
    """Take records that were kept.

    Raises
    ------
    Mistake
        If they were not.
    """
    if records is None:
        raise Mistake("the records of this run were not kept; run it again with keep_records=True")
    return records
