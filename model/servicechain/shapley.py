"""One fair number for each actor: the Shapley value of the wait that improving them removes.

Savings of single actors do not add up. The Shapley value does: it is what an actor, made ideal, saves on average
over all orders in which the actors could be made ideal one after the other (Shapley 1953, A value for n-person games,
doi 10.1515/9781400881970-018). All 2**n combinations are run, so nothing is sampled but the customers. The trap: it
can be negative, where an actor's slowness keeps others from waiting elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from servicechain import tables
from servicechain.changes import Change
from servicechain.counterfactuals import Counterfactuals, Floats
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate
from servicechain.leverage import checked, known, shown_classes

if TYPE_CHECKING:
    import pandas as pd

    from servicechain.results import Result

WIDTH = 100
UNASKED = 8
"""So many actors are taken without being named: 256 runs."""
MOST = 16


@dataclass(frozen=True, repr=False)
class Shapley:
    """The fair number of each actor, for all customers together and for each class.

    Attributes
    ----------
    result : Result
        What it was asked of.
    removable : dict from class, or None, to Estimate
        Wait per customer who left that goes away if all these actors are ideal: the sum of the values; None: of
        all customers together.
    values : dict from class, or None, to dict from actor to Estimate
        In the chain's unit, the largest first; exactly 0 for whom nobody's wait depends on.
    """

    result: Result
    removable: dict[str | None, Estimate]
    values: dict[str | None, dict[str, Estimate]]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the customer classes."""
        return tuple(each.name for each in self.result.facts.classes)

    def frame(self, customer_class: str | None = None) -> pd.DataFrame:
        """Give one row per actor, the largest value first.

        Parameters
        ----------
        customer_class : str, optional
            By default all customers together.

        Returns
        -------
        DataFrame
            Columns ``actor``, ``value`` and ``value_halfwidth`` (wait per customer who left, in
            ``frame.attrs["unit"]``), and ``share`` of the removable wait.
        """
        import pandas as pd

        whole = self._removable(customer_class).mean
        rows = [
            {
                "actor": name,
                "value": value.mean,
                "value_halfwidth": value.halfwidth,
                "share": value.mean / whole if whole else math.nan,
            }
            for name, value in self.values[customer_class].items()
        ]
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
        values = {actor: value.as_dict() for actor, value in self.values[name].items()}
        return {"removable": self.removable[name].as_dict(), "actors": values}

    def text(self, width: int = WIDTH) -> str:
        """Say in plain words and tables who is to be credited with what."""
        return tables.text(self._page(), width)

    def _removable(self, customer_class: str | None) -> Estimate:
        if customer_class not in self.removable:
            hint = nearest(str(customer_class), self.classes)
            raise Mistake(f"no customer class is called {shown(customer_class)}{hint}")
        return self.removable[customer_class]

    def _page(self) -> tables.Page:
        result, whole = self.result, self.removable[None]
        return tables.Page(
            title=f"{tables.clean(result.chain)}: one fair number each",
            about=tables.about(result.facts, result.settings, result.engine),
            sentences=(
                f"If all of them were ideal, customers would wait {tables.plus_minus(whole)} {result.unit} less.",
                "Each value is what the actor saves on average over all orders of improving them; they add up to that.",
            ),
            tables=tuple(self._table(name) for name in shown_classes(self.removable)),
        )

    def _table(self, name: str | None) -> tables.Table:
        whole = self.removable[name].mean
        rows = tuple(
            (
                tables.clean(actor),
                tables.plus_minus(value),
                f"{100 * value.mean / whole:.0f}%" if whole else tables.UNDEFINED,
            )
            for actor, value in self.values[name].items()
        )
        return tables.Table(("actors" if name is None else f"{tables.clean(name)} only", "fair number", "share"), rows)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tables.markup(self._page())


def shapley_of(result: Result, runs: Counterfactuals, actors: Sequence[str] | None = None) -> Shapley:
    """Give the Shapley values of actors, by running every combination of ideal ones.

    Parameters
    ----------
    result : Result
        Of the chain as it is.
    runs : Counterfactuals
        Of the same chain; what it has run already is not run again.
    actors : sequence of str, optional
        Who could be improved; everybody else stays as they are. By default everybody.

    Raises
    ------
    Mistake
        If nobody is called so, or they are too many.
    RunError
        If a simulation cannot go on.
    """
    names = checked(actors, [each.name for each in runs.facts.actors])
    these = players_of(runs.players, names, asked=actors is not None)
    runs.run(Change(ideal=coalition) for coalition in coalitions(these))
    waits = {coalition: runs.outcome(Change(ideal=coalition)).waits for coalition in coalitions(these)}
    by_replication = shapley_values(waits, these)
    # a class of which nobody left in one of the runs of a replication has no value in that replication
    removable = waits[frozenset()] - waits[frozenset(these)]
    removable = np.where(np.isnan([*waits.values()]).any(axis=0), np.nan, removable)
    places: list[str | None] = [*(each.name for each in runs.facts.classes), None]
    values = {}
    for place, customer_class in enumerate(places):
        found = {name: runs.estimate(by_replication.get(name, 0.0 * removable)[:, place]) for name in names}
        values[customer_class] = dict(sorted(found.items(), key=lambda item: -known(item[1].mean)))
    whole = {name: runs.estimate(removable[:, place]) for place, name in enumerate(places)}
    return Shapley(result, whole, values)


def players_of(players: Sequence[str], names: Sequence[str], *, asked: bool) -> tuple[str, ...]:
    """Name those who could be improved and matter.

    Parameters
    ----------
    players : sequence of str
        All who matter.
    names : sequence of str
        Who could be improved.
    asked : bool
        Whether these were asked for, and not just everybody.

    Raises
    ------
    Mistake
        If they are more than can be run.
    """
    these = tuple(name for name in names if name in players)
    most = MOST if asked else UNASKED
    if len(these) > most:
        some = ", ".join(repr(name) for name in these[:3])
        raise Mistake(
            f"Shapley values of {len(these)} actors take 2**{len(these)} = {2 ** len(these):,} runs, and "
            f"{'at most' if asked else 'unasked at most'} {most} actors are taken; name those you could "
            f"improve, e.g. {some}, or look at their leverage: 3 runs each"
        )
    return these


def coalitions(names: Sequence[str]) -> list[frozenset[str]]:
    """List all sets of some of these names, the smaller ones first."""
    return [frozenset(each) for size in range(len(names) + 1) for each in combinations(names, size)]


def shapley_values(waits: dict[frozenset[str], Floats], players: Iterable[str]) -> dict[str, Floats]:
    """Give each player's mean saving over all orders, element by element.

    Parameters
    ----------
    waits : dict from set of players to ndarray
        What remains when these are ideal; of every set.
    players : iterable of str
    """
    everybody = tuple(players)
    count = len(everybody)
    values = {}
    for player in everybody:
        value = np.zeros_like(waits[frozenset()])
        for coalition in coalitions([name for name in everybody if name != player]):
            size = len(coalition)
            orders = math.factorial(size) * math.factorial(count - 1 - size)
            value = value + orders * (waits[coalition] - waits[coalition | {player}])
        values[player] = value / math.factorial(count)
    return values
