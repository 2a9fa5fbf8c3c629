"""One customer's visit, moment by moment: what they did, whom they waited for, and who had a request of theirs.

A run keeps no such thing of anybody: it would grow without end. But the same random numbers make the same run, so
whoever is asked about is watched in a second one. Time in line is whose the line is, and that changes all the while;
so the visit is cut into short spells, and neighbours in which the same happens are one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from servicechain.causes import Cause
from servicechain.errors import Mistake, nearest, shown
from servicechain.facts import ChainFacts
from servicechain.records import Block, CustomerOutcome, Fanout, Moment, Parts
from servicechain.tables import clean, number

if TYPE_CHECKING:
    import pandas as pd

    from servicechain.results import Result

STATES = ("queueing", "held", "attended", "own")
SPELLS = 400
"""Into so many pieces a visit is cut at first."""


@dataclass(frozen=True)
class Blame:
    """A share of a spell of waiting.

    Attributes
    ----------
    path : tuple of str
        By way of whom; the last made the customer wait.
    cause : str
        What the last did.
    share : float
        Of the spell.
    """

    path: tuple[str, ...]
    cause: str
    share: float


@dataclass(frozen=True)
class Spell:
    """A while in which the same happens.

    Attributes
    ----------
    start, end : float
        In the chain's unit, since the run began.
    state : str
        ``queueing``, ``held``, ``attended`` or ``own``.
    blame : tuple of Blame
        Whose this time is, if the customer waits.
    """

    start: float
    end: float
    state: str
    blame: tuple[Blame, ...]


@dataclass(frozen=True)
class Errand:
    """A request that was made for the customer, by themselves or by somebody on their behalf.

    Attributes
    ----------
    service, actor : str
    asked, begun, ended : float
        `ended` is the end of the visit's replication for one that was not.
    """

    service: str
    actor: str
    asked: float
    begun: float
    ended: float


@dataclass(frozen=True)
class Story:
    """The visit of one customer, in the first replication.

    Attributes
    ----------
    customer_class : str
    number : int
        Of the customer within the class, from 0.
    arrived, left : float
        In `unit`; `left` is the end of the run for one who had not left.
    outcome : str
        ``finished``, ``abandoned`` or ``unfinished``.
    spells : tuple of Spell
        One after the other.
    errands : tuple of Errand
        Begun requests, in the order in which they were asked.
    unit : str
    """

    customer_class: str
    number: int
    arrived: float
    left: float
    outcome: str
    spells: tuple[Spell, ...]
    errands: tuple[Errand, ...]
    unit: str

    @property
    def wait(self) -> float:
        """How long they waited, in line and held."""
        return math.fsum(spell.end - spell.start for spell in self.spells if spell.state in STATES[:2])

    def by_actor(self) -> dict[str, float]:
        """Give how long each actor made them wait, the longest first."""
        times: dict[str, float] = {}
        for spell in self.spells:
            for blame in spell.blame:
                actor = blame.path[-1]
                times[actor] = times.get(actor, 0.0) + blame.share * (spell.end - spell.start)
        return dict(sorted(times.items(), key=lambda item: -item[1]))

    def frame(self) -> pd.DataFrame:
        """Give the spells as a tidy frame.

        Returns
        -------
        DataFrame
            Columns ``start``, ``end``, ``state``, ``path`` (tuple of actors, empty where the customer does not wait),
            ``cause``, ``time``; one row for each share of a spell; times in ``frame.attrs["unit"]``.
        """
        import pandas as pd

        rows = [
            (spell.start, spell.end, spell.state, each.path, each.cause, each.share * (spell.end - spell.start))
            for spell in self.spells
            for each in spell.blame or (Blame((), "", 1.0),)
        ]
        frame = pd.DataFrame(rows, columns=["start", "end", "state", "path", "cause", "time"])
        frame.attrs["unit"] = self.unit
        return frame

    def __repr__(self) -> str:
        told = f"{clean(self.customer_class)} {self.number}: {number(self.wait)} of "
        told += f"{number(self.left - self.arrived)} {self.unit} waited"
        blamed = ", ".join(f"{clean(actor)} {number(time)}" for actor, time in self.by_actor().items())
        return told + (f", because of: {blamed}" if blamed else "")


def story_of(result: Result, customer_class: str | None = None, number: int | None = None) -> Story:
    """Run the first replication once more and watch one customer.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        By default the first.
    number : int, optional
        Of the customer within the class, in order of arrival from 0; by default of the one who waited longest of
        those who count and have left.

    Raises
    ------
    Mistake
        If there is no such customer, or the result does not know its chain.
    RunError
        If the simulation cannot go on.
    """
    from servicechain.blame import class_of
    from servicechain.engines import engine_for

    name = class_of(result, customer_class)
    names = [each.name for each in result.facts.classes]
    if name not in names:
        raise Mistake(f"no customer class is called {shown(name)}{nearest(name, names)}")
    if result.model is None:
        raise Mistake("this result does not know its chain, so it cannot be run again; use what run returns")
    # the engines mean the same, and this one tells stories
    engine = engine_for(result.model, "reference")
    settings = replace(result.settings, edges=(), attribution=False)
    search = Search(names.index(name), number, settings.warm_up)
    engine.replicate(settings, 0, search)
    if search.found is None:
        raise Mistake(_nobody(name, number, search.came))
    found = search.found[0]
    left = search.end if np.isnan(found["left"]) else float(found["left"])
    edges = np.linspace(found["arrived"], left, SPELLS + 1)[1:-1].tolist()
    watch = Watch(names.index(name), int(found["number"]))
    watched = replace(settings, attribution=True, edges=tuple(edges), watched=watch.whom)
    engine.replicate(watched, 0, Fanout([watch]))
    return Story(
        customer_class=name,
        number=int(found["number"]),
        arrived=float(found["arrived"]),
        left=left,
        outcome=CustomerOutcome(found["outcome"]).word,
        spells=_spells(watch, result.facts),
        errands=_errands(watch, result.facts, search.end),
        unit=str(result.facts.unit),
    )


class Search:
    """Finds a customer by number, or the one who waited longest.

    Attributes
    ----------
    found : ndarray of CUSTOMER or None
        Of length one.
    came : int
        How many of the class came.
    end : float
        When the run ended.
    """

    def __init__(self, customer_class: int, number: int | None, warm_up: float) -> None:
        self._class, self._number, self._warm_up = customer_class, number, warm_up
        self.found: Block | None = None
        self.came = 0
        self.end = math.nan

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Look through customers."""
        own = block[block["customer_class"] == self._class]
        self.came += own.size
        if self._number is not None:
            chosen = own[own["number"] == self._number]
        else:
            left = (own["arrived"] >= self._warm_up) & (own["outcome"] != CustomerOutcome.UNFINISHED)
            chosen = own[left]
            if chosen.size:
                longest = int(np.argmax(_wait(chosen)))
                chosen = chosen[longest : longest + 1]
        if chosen.size and (self.found is None or _wait(chosen)[0] > _wait(self.found)[0]):
            self.found = chosen.copy()

    def requests(self, block: Block) -> None:
        """Let them pass."""

    def close(self, actors: Block, window: float, end: float) -> None:
        """Note when the run ended."""
        self.end = end


class Watch:
    """Keeps the story of one customer, and the requests made for them."""

    def __init__(self, customer_class: int, number: int) -> None:
        self.whom = customer_class, number
        self.story: Sequence[Moment] = ()
        self.paths: Sequence[tuple[int, ...]] = ()
        self.made: list[Block] = []

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Keep the story if it is told with these."""
        if parts is not None and parts.story:
            self.story, self.paths = parts.story, parts.paths

    def requests(self, block: Block) -> None:
        """Keep those that were made for the customer."""
        own = (block["customer_class"] == self.whom[0]) & (block["number"] == self.whom[1])
        if own.any():
            self.made.append(block[own])

    def close(self, actors: Block, window: float, end: float) -> None:
        """Need nothing more."""


def _nobody(name: str, number: int | None, came: int) -> str:
    if number is None:
        return f"no {clean(name)} who counts left in the first replication; run it longer"
    rule = f"they are numbered from 0 to {came - 1}" if came else "nobody came"
    return f"no {clean(name)} has number {shown(number)} in the first replication; {rule}"


def _wait(block: Block) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    waits: np.ndarray[tuple[int], np.dtype[np.float64]] = block["queueing"] + block["held"]
    return waits


def _spells(watch: Watch, facts: ChainFacts) -> tuple[Spell, ...]:
    """Name what happened, and let neighbours in which the same happened be one."""
    found: list[Spell] = []
    for moment in watch.story:
        spell = Spell(moment.start, moment.end, STATES[moment.state], _blame(moment, watch.paths, facts))
        if found and _alike(found[-1], spell):
            spell = replace(spell, start=found.pop().start)
        found.append(spell)
    return tuple(found)


def _blame(moment: Moment, paths: Sequence[tuple[int, ...]], facts: ChainFacts) -> tuple[Blame, ...]:
    length = moment.end - moment.start
    told = [(paths[path], time / length) for path, time in moment.times.items() if time > 1e-9 * length]
    return tuple(
        Blame(tuple(facts.actors[actor].name for actor in path[:-1]), Cause(path[-1]).word, share)
        for path, share in sorted(told)
    )


def _alike(one: Spell, other: Spell) -> bool:
    if one.state != other.state or len(one.blame) != len(other.blame):
        return False
    return all(
        (a.path, a.cause) == (b.path, b.cause) and abs(a.share - b.share) < 1e-6
        for a, b in zip(one.blame, other.blame, strict=True)
    )


def _errands(watch: Watch, facts: ChainFacts, end: float) -> tuple[Errand, ...]:
    rows = [row for block in watch.made for row in block if row["actor"] >= 0 and not np.isnan(row["begun"])]
    return tuple(
        Errand(
            facts.services[row["service"]].name,
            facts.actors[row["actor"]].name,
            float(row["asked"]),
            float(row["begun"]),
            end if np.isnan(row["ended"]) else float(row["ended"]),
        )
        for row in sorted(rows, key=lambda row: (row["asked"], row["begun"]))
    )
