"""Changes of one actor that a counterfactual asks about: ideal, one more server, faster work.

One more server and faster work are values of the chain. Ideal is none: no file can say that a pause takes no
time, so it is left to the engine. The trap of one more server is a roster: whose shifts overlap would get several
more, so the cover is made of the stretches in which anybody is on duty.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from servicechain.actors import Actor
from servicechain.base import Named
from servicechain.calendars import WEEK, Calendar
from servicechain.chain import Chain
from servicechain.custom_steps import Custom
from servicechain.places import all_lists
from servicechain.shifts import DAY, DAYS, Shift
from servicechain.steps import every_step, requests_of
from servicechain.units import TimeUnit

FASTER = 1.1
"""So many times as fast is "10 % faster"."""


@dataclass(frozen=True)
class Change:
    """What is different from the chain as it is; nothing by default.

    Attributes
    ----------
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail.
    one_more : str or None
        The actor that has one more server, with shifts whenever anybody of them is on duty.
    faster : str or None
        The actor that works 10 % faster.
    """

    ideal: frozenset[str] = frozenset()
    one_more: str | None = None
    faster: str | None = None

    def of(self, chain: Chain) -> Chain:
        """Give the chain with those changes that are values of it; the same chain if there is none."""
        if self.one_more is not None:
            chain = _with(chain, self.one_more, **_one_more(chain.actors[self.one_more]))
        if self.faster is not None:
            chain = _with(chain, self.faster, speed=FASTER * (chain.actors[self.faster].speed or 1.0))
        return chain

    def __str__(self) -> str:
        parts = [f"an ideal {name}" for name in sorted(self.ideal)]
        parts += [] if self.one_more is None else [f"one more server of {self.one_more}"]
        parts += [] if self.faster is None else [f"a faster {self.faster}"]
        return " and ".join(parts) or "nothing changed"


AS_IT_IS = Change()


def players(chain: Chain) -> tuple[str, ...]:
    """Name the actors on whom anybody's wait can depend, in the order of the chain.

    Those are who offers a service that a journey or a repair can lead to, and who has to be repaired by somebody.
    What a custom step asks for is not known before it runs; with one, everybody who offers a service can matter.
    """
    repairs = {
        name: actor.failures.repair
        for name, actor in chain.actors.items()
        if actor.failures is not None and actor.failures.repair is not None
    }
    if any(isinstance(step, Custom) for _, steps in all_lists(chain) for _, step in every_step(steps)):
        services = set(chain.services)
    else:
        services = _reached(chain, set(repairs.values()))
    offering = {actor for name in services for actor in chain.services[name].actors}
    return tuple(name for name in chain.actors if name in offering or name in repairs)


def _reached(chain: Chain, found: set[str]) -> set[str]:
    """Name the services that journeys, and some services, lead to."""
    lists = [one.journey for one in chain.customers.values()] + [chain.services[name].steps for name in found]
    while lists:
        for _, step in every_step(lists.pop()):
            new = {service for _, service in requests_of(step)} - found
            found |= new
            lists += [chain.services[service].steps for service in new]
    return found


def _with(chain: Chain, actor: str, **values: Any) -> Chain:
    """Give a chain with other values of one actor; the same chain if there are none."""
    if not values:
        return chain
    changed = chain.actors[actor].model_copy(update=values)
    return chain.model_copy(update={"actors": Named({**chain.actors, actor: changed})})


def _one_more(actor: Actor) -> dict[str, Any]:
    if actor.shifts is not None:
        return {"shifts": (*actor.shifts, *_cover(actor.shifts))}
    return {} if math.isinf(actor.servers) else {actor.servers_key: int(actor.servers) + 1}


def _cover(shifts: tuple[Shift, ...]) -> Iterator[Shift]:
    """Give shifts of one person for whenever anybody is on duty, each within a day."""
    calendar = Calendar.of(shifts, None, TimeUnit.SECONDS)
    ends = (*calendar.moments[1:], calendar.moments[0] + WEEK)
    for start, end, staff in zip(calendar.moments, ends, calendar.staff, strict=True):
        at, last = int(start), int(end)
        while staff and at < last:
            until = min(last, (at // DAY + 1) * DAY)
            day = DAYS[at // DAY % len(DAYS)]
            yield Shift(days=day, start=_clock(at % DAY), end=_clock((until - 1) % DAY + 1), staff=1)
            at = until


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
