"""What stands in the boxes of a blueprint: a name, what is to be known of them, and the staff by the clock.

A blueprint has little room. So a box says what changes how its actor works (how many, when, how often down), not
everything a chain file holds: no wages, no distributions, only their means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.actors import Actor, ShiftEnd
from servicechain.calendars import WEEK, Calendar
from servicechain.customers import CustomerClass
from servicechain.failures import Failures, Stops
from servicechain.plots import blueprint_box_words as words
from servicechain.plots.blueprint_words import rate_text, servers_text, wrapped
from servicechain.plots.style import legible
from servicechain.populations import Closed
from servicechain.shifts import DAY
from servicechain.units import TimeUnit

if TYPE_CHECKING:
    import networkx as nx

    from servicechain.chain import Chain

# letters in a line of a name, of a fact
NAME_WIDTH, FACT_WIDTH = 17, 25


@dataclass(frozen=True)
class Cover:
    """The staff by the clock, of a day if all are alike, else of a week from Monday.

    Attributes
    ----------
    edges : tuple of float
        Where the number may change, as shares of the whole, from 0 to 1.
    staff : tuple of int
        How many are on duty between each two edges.
    marks : tuple of (float, str)
        What stands below: hours of the day or days of the week, and where.
    """

    edges: tuple[float, ...]
    staff: tuple[int, ...]
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Inside:
    """What stands in a box: the name, facts in lines below it, and the cover, if it changes."""

    name: str
    facts: str
    cover: Cover | None = None


def insides_of(chain: Chain, graph: nx.MultiDiGraph) -> dict[str, Inside]:
    """Give what stands in the box of each node of a chain's graph, whose files have been read."""
    classes = iter(chain.customers.values())
    insides = {}
    for node, about in graph.nodes(data=True):
        cover = None
        if about["kind"] == "customer":
            facts = _of_customers(next(classes), about["rate"], chain.unit)
        else:
            actor = chain.actors[node]
            # weeks begin on Monday in the picture, whenever the clock starts
            calendar = actor.calendar(None, TimeUnit.SECONDS)
            facts = _of_actor(actor, calendar, chain.unit)
            cover = None if calendar is None or calendar.constant else cover_of(calendar)
        lines = "\n".join(words.folded(fact, FACT_WIDTH) for fact in facts)
        insides[node] = Inside(wrapped(legible(node), NAME_WIDTH), lines, cover)
    return insides


def _of_customers(customer: CustomerClass, rate: float, unit: TimeUnit) -> Iterator[str]:
    if isinstance(customer.arrivals, Closed):
        think = customer.arrivals.think.in_unit(unit)
        yield from words.members_text(
            customer.arrivals.population, think.mean * unit.seconds, varies=think.variance > 0
        )
    else:
        yield rate_text(rate, unit)


def _of_actor(actor: Actor, calendar: Calendar | None, unit: TimeUnit) -> Iterator[str]:
    if calendar is None:
        yield servers_text(actor.lane, actor.servers)
    else:
        yield words.cover_text(actor.lane, calendar.lowest, calendar.peak)
    if actor.at_shift_end is ShiftEnd.STOP:
        yield words.STOPS
    if actor.preempt:
        yield words.PREEMPTS
    if actor.failures is not None:
        yield _failing(actor.failures, unit)


def _failing(failures: Failures, unit: TimeUnit) -> str:
    every = failures.every.in_unit(unit)
    lasts = None if failures.lasts is None else failures.lasts.in_unit(unit)
    return words.failures_text(
        every.mean * unit.seconds,
        None if lasts is None else lasts.mean * unit.seconds,
        each=failures.stops is Stops.ONE,
        working=failures.clock == "working",
        varies=every.variance > 0 or (lasts is not None and lasts.variance > 0),
    )


def cover_of(calendar: Calendar) -> Cover:
    """Divide a calendar that begins on Monday at 00:00, in seconds, into a day or a week."""
    times = sorted({0.0, *(moment % DAY for moment in calendar.moments)})
    alike = all(
        calendar.on_duty_at(time + day * DAY) == calendar.on_duty_at(time) for time in times for day in range(7)
    )
    if alike:
        marks = tuple((hour / 24, str(hour)) for hour in (0, 6, 12, 18, 24))
        return _divided(calendar, times, DAY, marks)
    days = tuple(((day + 0.5) / 7, letter) for day, letter in enumerate("MTWTFSS"))
    return _divided(calendar, sorted({0.0, *calendar.moments}), WEEK, days)


def _divided(calendar: Calendar, times: list[float], whole: int, marks: tuple[tuple[float, str], ...]) -> Cover:
    edges = (*(time / whole for time in times), 1.0)
    return Cover(edges, tuple(calendar.on_duty_at(time) for time in times), marks)
