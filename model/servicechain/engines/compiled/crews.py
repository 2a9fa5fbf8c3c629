"""Actors as the kernel finds them at time 0: their servers, their calendar, and what of them can fail.

Change `k` of week `r` of a calendar has the number ``r * changes + k``; the latest at time 0 is therefore change 0
if it happens at that very time, and else -1, the last of the week before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from servicechain.actors import Actor, ShiftEnd
from servicechain.calendars import Calendar
from servicechain.chain import Chain
from servicechain.engines.compiled.layout import ACTOR, BREAKDOWN, NOBODY, UNLIMITED
from servicechain.engines.compiled.rows import Row, numbers, rows_of, words
from servicechain.engines.compiled.variates import Variates
from servicechain.engines.draws import name_key
from servicechain.failures import After, FailureClock, Stops
from servicechain.records import Block

_USUAL: dict[str, float] = {
    **dict.fromkeys(ACTOR.names or (), 0),
    **dict.fromkeys(("calendar", "breakdowns", "every", "lasts", "repair", "outage", "served", "served_last"), NOBODY),
    "speed": 1.0,
}
_RUNS: dict[str, float] = {
    **dict.fromkeys(BREAKDOWN.names or (), 0),
    **dict.fromkeys(("due", "repair", "serving"), NOBODY),
    **dict.fromkeys(("target", "counted", "counted_target"), NOBODY),
}


class Crews:
    """All actors of a chain.

    Parameters
    ----------
    chain : Chain
    ideal : frozenset of str
        Those with unlimited servers of infinite speed, always on duty, who never fail.
    services : mapping from name to int
        The positions of the services, for repairs.
    variates : Variates
        Takes what failures draw.
    """

    def __init__(self, chain: Chain, ideal: frozenset[str], services: Mapping[str, int], variates: Variates) -> None:
        self._services = services
        self._variates = variates
        self._actors: list[Row] = []
        self._breakdowns: list[Row] = []
        self._moments: list[float] = []
        self._staff: list[int] = []
        for name, actor in chain.actors.items():
            calendar = None if name in ideal else actor.calendar(chain.starts, chain.unit)
            own = self._ideal() if name in ideal else self._real(actor, calendar)
            unsteady = "change" in own or "breakdowns" in own
            self._actors.append(
                {
                    **_USUAL,
                    "key": name_key(f"actors/{name}"),
                    "in_front": actor.lane.in_front,
                    "preempts": actor.preempt,
                    **own,
                    "unsteady": unsteady,
                    "special": unsteady or actor.preempt or own["speed"] != 1.0,
                    "up": UNLIMITED if math.isinf(own["on_duty"]) else own["on_duty"],
                    "keeps_served": actor.preempt or unsteady,
                }
            )

    @property
    def actors(self) -> Block:
        """All of them, as ACTOR."""
        return rows_of(ACTOR, self._actors)

    @property
    def breakdowns(self) -> Block:
        """What can fail, as BREAKDOWN, in the order of the actors and of their servers."""
        return rows_of(BREAKDOWN, self._breakdowns)

    @property
    def moments(self) -> Block:
        """Seconds of the week at which staff changes, as NUMBER, one calendar after the other."""
        return numbers(self._moments)

    @property
    def staff(self) -> Block:
        """How many are on duty from each of them on, as WORD."""
        return words(self._staff)

    # -- one actor --------------------------------------------------------------------------------------------

    def _ideal(self) -> dict[str, float]:
        return {"servers": math.inf, "on_duty": math.inf, "unlimited": 1, "speed": math.inf, "ideal": 1}

    def _real(self, actor: Actor, calendar: Calendar | None) -> dict[str, float]:
        servers = actor.servers
        return {
            "servers": servers,
            "on_duty": servers,
            "unlimited": math.isinf(servers),
            "speed": 1.0 if actor.speed is None else actor.speed,
            "stops": actor.at_shift_end is ShiftEnd.STOP,
            **({} if calendar is None else self._by_the_clock(calendar)),
            **self._failing(actor),
        }

    def _by_the_clock(self, calendar: Calendar) -> dict[str, float]:
        latest = 0 if calendar.moments[0] == 0 else -1
        on_duty = {"on_duty": float(calendar.staff[latest])}
        if calendar.constant:
            return on_duty
        first = len(self._moments)
        self._moments += calendar.moments
        self._staff += calendar.staff
        return {**on_duty, "calendar": first, "changes": len(calendar.moments), "change": latest}

    def _failing(self, actor: Actor) -> dict[str, float]:
        failures = actor.failures
        if failures is None:
            return {}
        by_server = failures.stops is Stops.ONE
        count = int(actor.servers) if by_server else 1
        first, position = len(self._breakdowns), len(self._actors)
        self._breakdowns += [{**_RUNS, "actor": position, "server": server} for server in range(count)]
        return {
            "breakdowns": first,
            "breakdown_count": count,
            "by_server": by_server,
            "while_working": failures.clock is FailureClock.WORKING,
            "restarts": failures.after is After.RESTART,
            "every": self._variates.of(failures.every),
            "lasts": self._variates.of_optional(failures.lasts),
            "repair": NOBODY if failures.repair is None else self._services[failures.repair],
        }
