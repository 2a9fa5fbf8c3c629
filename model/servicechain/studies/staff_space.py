"""Which staff may change, and between what: the space in which a staffing search looks.

Every lever is one number of the chain: the staff of an actor, or of one of its shifts. A plan is one whole number for
each lever. What all of them cost per day is known before anything is simulated, but for overtime: wages times hours on
duty. The trap is a roster whose hours lie outside the run: they would cost nothing, so a run that ends at a given time
counts the hours within it, and any other the hours of a week.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from servicechain.actors import Actor
from servicechain.calendars import Calendar
from servicechain.chain import Chain
from servicechain.errors import Mistake, nearest, shown
from servicechain.settings import Settings
from servicechain.shifts import Shift
from servicechain.studies.demand import AMPLE, LIKELY, Demand, staff_for

Staff = tuple[int, ...]
"""One number for each lever."""

HOURS = 24
MORE = 2
"""The range always goes so far beyond what there is today."""


@dataclass(frozen=True)
class Lever:
    """One number that may change.

    Attributes
    ----------
    name : str
        The actor, with the hours if it has several shifts.
    actor : str
    path : str
        Of the number in the chain, as ``--set`` takes it.
    low, high : int
        Between which it may lie, both included.
    today : int
        What it is in the chain.
    likely : int
        What the offered load asks for.
    price : float
        What one more costs per day.
    shift : Shift or None
        If it is the staff of a shift.
    """

    name: str
    actor: str
    path: str
    low: int
    high: int
    today: int
    likely: int
    price: float
    shift: Shift | None = None


@dataclass(frozen=True)
class StaffSpace:
    """All plans between the bounds.

    Attributes
    ----------
    chain : Chain
        As it is today, with its files read.
    levers : tuple of Lever
    fixed : float
        What those cost per day who do not change.
    """

    chain: Chain
    levers: tuple[Lever, ...]
    fixed: float

    @cached_property
    def base(self) -> Staff:
        """The staff of today, which may lie outside the bounds."""
        return tuple(lever.today for lever in self.levers)

    @property
    def top(self) -> Staff:
        """The most there may be of all."""
        return tuple(lever.high for lever in self.levers)

    @property
    def bottom(self) -> Staff:
        """The least there may be of all."""
        return tuple(lever.low for lever in self.levers)

    @property
    def likely(self) -> Staff:
        """What the offered load asks for."""
        return self.inside(lever.likely for lever in self.levers)

    @property
    def size(self) -> int:
        """How many plans there are."""
        return math.prod(lever.high - lever.low + 1 for lever in self.levers)

    def inside(self, staff: Iterable[int]) -> Staff:
        """Give the plan within the bounds that is nearest."""
        return tuple(min(max(n, lever.low), lever.high) for n, lever in zip(staff, self.levers, strict=True))

    def holds(self, staff: Staff) -> bool:
        """Tell whether a plan lies within the bounds."""
        return self.inside(staff) == staff

    def moved(self, staff: Staff, *moves: tuple[int, int]) -> Staff | None:
        """Give a plan with so many more or fewer of some levers; None if that is outside the bounds."""
        changed = list(staff)
        for place, by in moves:
            changed[place] += by
        found = tuple(changed)
        return found if self.holds(found) else None

    def cost(self, staff: Sequence[int]) -> float:
        """Tell what everybody costs per day by wages and rosters, without overtime."""
        return self.fixed + math.fsum(n * lever.price for n, lever in zip(staff, self.levers, strict=True))

    def order(self, staff: Staff) -> tuple[float, int, Staff]:
        """Give by what plans are ordered: cost, then how many they are; cents of rounding do not count."""
        return round(self.cost(staff), 6), sum(staff), staff

    def plans(self) -> Iterator[Staff]:
        """List all plans."""
        return itertools.product(*(range(lever.low, lever.high + 1) for lever in self.levers))

    def values(self, staff: Staff) -> dict[str, int]:
        """Give what is different from today: paths with their values."""
        pairs = zip(self.levers, staff, strict=True)
        return {lever.path: number for lever, number in pairs if number != lever.today}

    def chain_of(self, staff: Staff) -> Chain:
        """Give the chain with that staff."""
        values = self.values(staff)
        return self.chain.with_values(values).loaded() if values else self.chain

    def change(self, staff: Staff, other: Staff | None = None) -> str:
        """Say what is different from today, or from another plan, e.g. ``receptionist 3 -> 4``."""
        before = self.base if other is None else other
        parts = [
            f"{lever.name} {old} → {new}"
            for lever, old, new in zip(self.levers, before, staff, strict=True)
            if old != new
        ]
        return ", ".join(parts) or "nothing changed"


def space_of(
    chain: Chain,
    settings: Settings,
    actors: Sequence[str] | None = None,
    between: Mapping[str, tuple[int, int]] | None = None,
) -> StaffSpace:
    """Find the levers of a chain, their bounds and prices.

    Parameters
    ----------
    chain : Chain
        With its files read.
    settings : Settings
        Of the run: the hours that count.
    actors : sequence of str, optional
        Who may change; by default every team with a wage. An actor that is named may also be a system, or have no
        wage.
    between : mapping, optional
        From an actor (or ``NAME.shifts.N``, the N-th shift from 0) to the least and the most; who is named here may
        change, too. By default at least 1 (of a shift 0), and at most what is surely plenty for the load.

    Raises
    ------
    Mistake
        If nobody is called so, a bound is none, or nobody may change.
    """
    between = dict(between or {})
    ranges = {_target(name, chain): checked_range(name, bounds) for name, bounds in between.items()}
    named = _named(chain, actors)
    demand = Demand(chain)
    levers = []
    for name, actor in chain.actors.items():
        asked = name in named or any(owner == name for owner, _ in ranges)
        if asked or (actors is None and actor.wage and actor.lane.counts_people and math.isfinite(actor.servers)):
            levers += list(_levers_of(chain, settings, name, demand, ranges))
    if not levers:
        raise Mistake(
            "there is no team with a wage whose staff could change; name who may change, "
            f"e.g. --actor '{next(iter(chain.actors))}', or give them a wage"
        )
    moving = {lever.actor for lever in levers}
    fixed = math.fsum(_cost_of(chain, settings, name) for name in chain.actors if name not in moving)
    return StaffSpace(chain, tuple(levers), fixed)


def parse_between(texts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Read bounds as the command line writes them, ``NAME=LOW..HIGH``.

    >>> parse_between(["receptionist=2..6"])
    {'receptionist': (2, 6)}

    Raises
    ------
    Mistake
        If one is none, or somebody is named twice.
    """
    found: dict[str, tuple[int, int]] = {}
    for text in texts:
        name, equals, bounds = text.rpartition("=")
        low, dots, high = bounds.partition("..")
        if not (equals and dots and name.strip()) or not all(_digits(end) for end in (low, high)):
            raise Mistake(f"--between must be like receptionist=2..6, got {shown(text)}")
        if name.strip() in found:
            raise Mistake(f"--between names {shown(name.strip())} twice; give one range")
        found[name.strip()] = int(low), int(high)
    return found


def _digits(text: str) -> bool:
    text = text.strip()
    return text.isascii() and text.isdigit() and len(text) < 10


def checked_range(name: str, bounds: object) -> tuple[int, int]:
    """Take the least and the most of something: whole numbers from 0, in this order.

    Raises
    ------
    Mistake
        If they are anything else.
    """
    if not isinstance(bounds, Sequence) or isinstance(bounds, str) or len(bounds) != 2:
        raise Mistake(f"the range of {shown(name)} must be the least and the most, e.g. (2, 6), got {shown(bounds)}")
    low, high = bounds
    if any(isinstance(end, bool) or not isinstance(end, int) or end < 0 for end in (low, high)):
        raise Mistake(f"the range of {shown(name)} must be two whole numbers from 0, got {shown(bounds)}")
    if low > high:
        raise Mistake(f"the range of {shown(name)} begins at {low} and ends at {high}; write the smaller one first")
    return low, high


def _named(chain: Chain, actors: Sequence[str] | None) -> set[str]:
    if isinstance(actors, str) or (actors is not None and not all(isinstance(name, str) for name in actors)):
        raise Mistake(f"actors are given as a list of names, e.g. ['{next(iter(chain.actors))}'], got {shown(actors)}")
    for name in actors or ():
        _known(name, chain)
    return set(actors or ())


def _known(name: str, chain: Chain) -> None:
    if name not in chain.actors:
        raise Mistake(f"no actor is called {shown(name)}{nearest(name, chain.actors)}")


def _target(name: str, chain: Chain) -> tuple[str, int | None]:
    """Find the actor, and the shift, that a range is for."""
    owner, *rest = str(name).split(".")
    _known(owner, chain)
    if not rest:
        return owner, None
    shifts = chain.actors[owner].shifts or ()
    if len(rest) == 2 and rest[0] == "shifts" and _digits(rest[1]) and int(rest[1]) < len(shifts):
        return owner, int(rest[1])
    there = f"'{owner}.shifts.0' to '{owner}.shifts.{len(shifts) - 1}'" if shifts else f"'{owner}', without shifts"
    raise Mistake(f"the range for {shown(name)} must be for {there}")


def _levers_of(
    chain: Chain,
    settings: Settings,
    name: str,
    demand: Demand,
    ranges: Mapping[tuple[str, int | None], tuple[int, int]],
) -> Iterator[Lever]:
    actor = chain.actors[name]
    if math.isinf(actor.servers):
        raise Mistake(
            f"'{name}' is unlimited, so its staff cannot change; set a number first, e.g. --set "
            f"actors.{name}.{actor.servers_key}=3"
        )
    wage = (actor.wage or 0.0) * HOURS
    if actor.shifts is None:
        load = demand.peak(name)
        low, high = _bounds(ranges.get((name, None)), 1, int(actor.servers), load)
        likely = staff_for(load, LIKELY, int(actor.servers))
        yield Lever(name, name, f"actors.{name}.{actor.servers_key}", low, high, int(actor.servers), likely, wage)
        return
    for place, shift in enumerate(actor.shifts):
        load = demand.peak(name, shift)
        low, high = _bounds(ranges.get((name, place), ranges.get((name, None))), 0, shift.staff, load)
        there = _mean_on_duty(chain, settings, [shift.model_copy(update={"staff": 1})])
        if not there:
            continue  # its hours lie outside the run, so nothing could be said of it
        price = wage * there
        path = f"actors.{name}.shifts.{place}.staff"
        likely = staff_for(load, LIKELY, shift.staff)
        yield Lever(_name_of(name, actor.shifts, place), name, path, low, high, shift.staff, likely, price, shift)


def _name_of(actor: str, shifts: Sequence[Shift], place: int) -> str:
    """Name a shift by its hours, and its days if not all; shifts with the same hours are numbered."""
    if len(shifts) == 1:
        return actor
    hours = [_hours(shift) for shift in shifts]
    number = hours[: place + 1].count(hours[place])
    return f"{actor} {hours[place]}" + (f" ({number})" if hours.count(hours[place]) > 1 else "")


def _hours(shift: Shift) -> str:
    days = shift.days if isinstance(shift.days, str) else ", ".join(shift.days)
    return f"{'' if days == 'daily' else days + ' '}{shift.start}-{shift.end}"


def _bounds(asked: tuple[int, int] | None, least: int, today: int, load: float) -> tuple[int, int]:
    if asked is not None:
        return asked
    return least, max(today + MORE, staff_for(load, AMPLE, today) + MORE)


def _mean_on_duty(chain: Chain, settings: Settings, shifts: Iterable[Shift]) -> float:
    calendar = Calendar.of(shifts, chain.starts, chain.unit)
    return calendar.weekly_mean if settings.until is None else calendar.mean(settings.warm_up, settings.until)


def _cost_of(chain: Chain, settings: Settings, name: str) -> float:
    """Tell what an actor costs per day; who is unlimited counts as nothing, as in a run."""
    actor: Actor = chain.actors[name]
    if not actor.wage or math.isinf(actor.servers):
        return 0.0
    mean = actor.servers if actor.shifts is None else _mean_on_duty(chain, settings, actor.shifts)
    return actor.wage * HOURS * mean
