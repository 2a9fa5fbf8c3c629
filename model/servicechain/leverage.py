"""What would help: the wait each actor's improvement saves, found by running the same day once more.

For each actor: were they ideal, had they one more server, worked they 10 % faster. The trap is to take a saving for
a share of the blame. Attribution adds up to the wait; savings do not, because actors wait for each other: what one
fewer minute of the programmer saves depends on who stands in line behind the guest whom he keeps. The second trap
is to take ideal for an upper bound: a receptionist who needs no time turns the minutes a guest was served into
minutes of waiting for the next system, so that one more receptionist may save more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from servicechain import tables
from servicechain.changes import Change
from servicechain.counterfactuals import Counterfactuals
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate
from servicechain.units import TimeUnit, convert

if TYPE_CHECKING:
    import pandas as pd

    from servicechain.attribution import Attribution
    from servicechain.results import Result

WIDTH = 100
CHANGES = ("ideal", "one_more", "faster")
UNKNOWN = Estimate(math.nan, math.nan)


@dataclass(frozen=True)
class Saving:
    """What improving one actor saves.

    Attributes
    ----------
    actor : str
    attributed : float
        Wait per customer that attribution gives to the actor; NaN if the run was made without it.
    ideal, one_more, faster : Estimate
        Wait saved per customer who left, were the actor ideal, had they one more server, worked they 10 % faster;
        in the chain's unit, with the half-width of the paired differences.
    extra_cost : Estimate
        By how much one more server changes the cost of all actors, per day; NaN without a wage of this one.
    cost_per_minute : float
        That cost for each minute saved; NaN if it is not known, or the saving is not above 0 by more than its
        half-width. Of all customers together only, as `extra_cost` is.
    """

    actor: str
    attributed: float
    ideal: Estimate
    one_more: Estimate
    faster: Estimate
    extra_cost: Estimate = UNKNOWN
    cost_per_minute: float = math.nan

    def as_dict(self, with_cost: bool) -> dict[str, Any]:
        """Give the numbers by name; what is not defined is None."""
        numbers: dict[str, Any] = {"attributed": defined(self.attributed)}
        numbers |= {name: getattr(self, name).as_dict() for name in CHANGES}
        if with_cost:
            numbers["extra_cost_per_day"] = self.extra_cost.as_dict()
            numbers["cost_per_saved_minute"] = defined(self.cost_per_minute)
        return numbers


@dataclass(frozen=True, repr=False)
class Leverage:
    """The savings of all actors, for all customers together and for each class.

    Attributes
    ----------
    result : Result
        What it was asked of.
    wait : dict from class, or None, to Estimate
        Mean wait per customer who left, nothing changed; None: all customers together.
    savings : dict from class, or None, to tuple of Saving
        The actor first who, ideal, saves most; None: of all customers together, each counting the same.
    """

    result: Result
    wait: dict[str | None, Estimate]
    savings: dict[str | None, tuple[Saving, ...]]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the customer classes."""
        return tuple(each.name for each in self.result.facts.classes)

    def of(self, actor: str, customer_class: str | None = None) -> Saving:
        """Find what improving one actor saves a class, or all customers together.

        Raises
        ------
        Mistake
            If there is no such class or actor.
        """
        savings = {saving.actor: saving for saving in self._of(customer_class)}
        if actor not in savings:
            raise Mistake(f"no actor asked about is called {shown(actor)}{nearest(actor, savings)}")
        return savings[actor]

    def frame(self, customer_class: str | None = None) -> pd.DataFrame:
        """Give one row per actor, the largest saving first.

        Parameters
        ----------
        customer_class : str, optional
            By default all customers together.

        Returns
        -------
        DataFrame
            Columns ``actor``, ``attributed``, then ``ideal``, ``one_more`` and ``faster`` (wait saved per customer
            who left, in ``frame.attrs["unit"]``), each with its half-width, and of all customers together
            ``extra_cost_per_day``, with its half-width, and ``cost_per_saved_minute``.
        """
        import pandas as pd

        rows = []
        for saving in self._of(customer_class):
            row: dict[str, Any] = {"actor": saving.actor, "attributed": saving.attributed}
            named = {name: getattr(saving, name) for name in CHANGES}
            named |= {"extra_cost_per_day": saving.extra_cost} if customer_class is None else {}
            for name, estimate in named.items():
                row |= {name: estimate.mean, f"{name}_halfwidth": estimate.halfwidth}
            rows.append(row | ({"cost_per_saved_minute": saving.cost_per_minute} if customer_class is None else {}))
        frame = pd.DataFrame(rows)
        frame.attrs["unit"] = self.result.unit
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None; as in the JSON."""
        return {
            "all": self._part(None),
            "customers": {name: self._part(name) for name in self.classes},
        }

    def _part(self, name: str | None) -> dict[str, Any]:
        savings = {saving.actor: saving.as_dict(name is None) for saving in self._of(name)}
        return {"wait": self.wait[name].as_dict(), "actors": savings}

    def text(self, width: int = WIDTH) -> str:
        """Say in plain words and tables what would help."""
        return tables.text(self._page(), width)

    def _of(self, customer_class: str | None) -> tuple[Saving, ...]:
        if customer_class not in self.savings:
            hint = nearest(str(customer_class), self.classes)
            raise Mistake(f"no customer class is called {shown(customer_class)}{hint}")
        return self.savings[customer_class]

    def _page(self) -> tables.Page:
        result = self.result
        return tables.Page(
            title=f"{tables.clean(result.chain)}: what would help",
            about=tables.about(result.facts, result.settings, result.engine),
            sentences=tuple(self._sentences()),
            tables=tuple(self._table(name) for name in shown_classes(self.wait)),
        )

    def _sentences(self) -> list[str]:
        unit, everybody = self.result.unit, self.savings[None]
        told = [f"Customers wait {tables.plus_minus(self.wait[None])} {unit} on average."]
        for name, words in (
            ("ideal", "If ideal (their own work takes no time, they are never busy, absent or down)"),
            ("one_more", "With one more server"),
            ("faster", "Working 10% faster"),
        ):
            best = max(everybody, key=lambda saving: known(getattr(saving, name).mean), default=None)
            if best is not None and surely_above_zero(getattr(best, name)):
                saved = f"{tables.plus_minus(getattr(best, name))} {unit} per customer"
                told.append(f"{words}, {tables.clean(best.actor)} would save most: {saved}.")
        told.append("What is attributed says who made them wait, and adds up; what is saved says what would help.")
        return told

    def _table(self, name: str | None) -> tables.Table:
        savings = self._of(name)
        columns: list[tuple[str, Callable[[Saving], str]]] = [
            ("attributed", lambda saving: tables.number(saving.attributed)),
            ("ideal saves", lambda saving: tables.plus_minus(saving.ideal)),
            ("one more saves", lambda saving: tables.plus_minus(saving.one_more)),
            ("10% faster saves", lambda saving: tables.plus_minus(saving.faster)),
            ("extra cost a day", lambda saving: tables.plus_minus(saving.extra_cost)),
            ("per minute saved", lambda saving: tables.number(saving.cost_per_minute)),
        ]
        cells = [(head, [show(saving) for saving in savings]) for head, show in columns]
        cells = [(head, column) for head, column in cells if not {tables.UNDEFINED}.issuperset(column)]
        rows = zip((tables.clean(saving.actor) for saving in savings), *(each for _, each in cells), strict=True)
        title = "actors" if name is None else f"{tables.clean(name)} only"
        return tables.Table((title, *(head for head, _ in cells)), tuple(rows))

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tables.markup(self._page())


def shown_classes(waits: Mapping[str | None, Estimate]) -> list[str | None]:
    """List for whom a table is printed: all customers, and of several classes those who wait at all."""
    waiting = [name for name, wait in waits.items() if name is not None and wait.mean > 0]
    return [None, *waiting] if len(waits) > 2 else [None]


def leverage_of(result: Result, runs: Counterfactuals, actors: Sequence[str] | None = None) -> Leverage:
    """Ask for each actor what they would save, ideal, with one more server and 10 % faster.

    Parameters
    ----------
    result : Result
        Of the chain as it is.
    runs : Counterfactuals
        Of the same chain; what it has run already is not run again.
    actors : sequence of str, optional
        Whom to ask about; by default everybody.

    Raises
    ------
    Mistake
        If nobody is called so.
    RunError
        If a simulation cannot go on.
    """
    names = checked(actors, [each.name for each in runs.facts.actors])
    changes = {name: (Change(ideal=frozenset({name})), Change(one_more=name), Change(faster=name)) for name in names}
    runs.run(change for each in changes.values() for change in each)
    wait: dict[str | None, Estimate] = {}
    savings: dict[str | None, tuple[Saving, ...]] = {}
    places: list[str | None] = [*(each.name for each in runs.facts.classes), None]
    for place, customer_class in enumerate(places):
        wait[customer_class] = runs.estimate(runs.outcome().waits[:, place])
        found = []
        for name in names:
            ideal, one_more, faster = (runs.estimate(runs.saved(change)[:, place]) for change in changes[name])
            cost = _cost(runs, changes[name][1], one_more) if customer_class is None else (UNKNOWN, math.nan)
            found.append(Saving(name, attributed(result, name, customer_class), ideal, one_more, faster, *cost))
        savings[customer_class] = tuple(sorted(found, key=lambda saving: -known(saving.ideal.mean)))
    return Leverage(result, wait, savings)


def _cost(runs: Counterfactuals, change: Change, saved: Estimate) -> tuple[Estimate, float]:
    """Give what a change costs per day, and per minute that it saves."""
    unit = runs.facts.unit
    base, changed = runs.outcome(), runs.outcome(change)
    if not any(facts.wage for facts in runs.facts.actors if facts.name == change.one_more):
        return UNKNOWN, math.nan
    extra = runs.estimate((changed.cost_rate - base.cost_rate) * convert(1.0, TimeUnit.DAYS, unit))
    minutes = convert(saved.mean, unit, TimeUnit.MINUTES)
    customers = runs.estimate(base.left_rate * convert(1.0, TimeUnit.DAYS, unit)).mean
    paid = surely_above_zero(saved) and extra.mean != 0 and customers > 0
    return extra, extra.mean / (minutes * customers) if paid else math.nan


def attributed(result: Result, actor: str, customer_class: str | None) -> float:
    """Give the wait per customer that attribution gives to an actor; NaN if it was left out."""
    attribution = result.attribution
    if attribution is None:
        return math.nan
    if customer_class is not None:
        return _attributed(attribution, actor, customer_class)
    weights = {name: _left(result, name) for name in attribution.classes}
    if not any(weights.values()):
        return math.nan
    parts = (weight * _attributed(attribution, actor, name) for name, weight in weights.items() if weight)
    return math.fsum(parts) / math.fsum(weights.values())


def _attributed(attribution: Attribution, actor: str, customer_class: str) -> float:
    return math.fsum(part.time.mean for part in attribution.parts(customer_class) if part.key[0] == actor)


def _left(result: Result, customer_class: str) -> float:
    return sum(result.value(f"customers.{customer_class}.{outcome}.mean") for outcome in ("finished", "abandoned"))


def checked(actors: Sequence[str] | None, known_actors: Sequence[str]) -> list[str]:
    """Take names of actors, each once, in the order of the chain.

    Raises
    ------
    Mistake
        If nobody is called so.
    """
    if actors is None:
        return [*known_actors]
    if isinstance(actors, str) or not all(isinstance(name, str) for name in actors):
        raise Mistake(f"actors are given as a list of names, e.g. ['{known_actors[0]}'], got {shown(actors)}")
    if not actors:
        raise Mistake(f"no actor is asked about; name some, e.g. ['{known_actors[0]}'], or leave it out for all")
    for name in actors:
        if name not in known_actors:
            raise Mistake(f"no actor is called {shown(name)}{nearest(name, known_actors)}")
    return [name for name in known_actors if name in actors]


def surely_above_zero(saved: Estimate) -> bool:
    """Tell whether an estimate is above 0 by more than its half-width, if that is known."""
    return saved.mean > (0.0 if math.isnan(saved.halfwidth) else saved.halfwidth)


def known(number: float) -> float:
    """Give a number by which to order; an undefined one comes last."""
    return -math.inf if math.isnan(number) else number


def defined(number: float) -> float | None:
    """Give a number as JSON knows it."""
    return None if math.isnan(number) else number
