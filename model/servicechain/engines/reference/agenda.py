"""What follows from an event: walks that can go on, carried out first in, first out, before the next event.

A server is given away at the moment it is released and a request joins its line at the moment it is made;
what is queued here is who *goes on* because of it: requests that have begun, askers that were answered.
"""

from __future__ import annotations

from collections import deque

from servicechain.engines.reference.clock import Clock
from servicechain.engines.reference.requests import Customer, Request
from servicechain.errors import RunError

STANDSTILL = 200_000
PER_ARRIVAL = 100
"""So many goings-on at one instant, and so many more for each who arrived then, mean a circle without time."""


class Agenda:
    """The walks that go on at this instant."""

    __slots__ = ("_allowed", "_clock", "_due", "_instant", "_moves")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: deque[Customer | Request] = deque()
        self._instant = -1.0
        self._moves = 0
        self._allowed = STANDSTILL

    def add(self, walker: Customer | Request) -> None:
        """Let somebody go on, after all who were added before."""
        self._due.append(walker)

    def add_arrival(self, customer: Customer) -> None:
        """Let somebody begin their journey."""
        self._note_instant()
        self._allowed += PER_ARRIVAL
        self._due.append(customer)

    def carry_out(self) -> None:
        """Let everybody go on who can, and who can because of that."""
        due = self._due
        while due:
            self.count_move()
            next(due.popleft().walk, None)

    def count_move(self) -> None:
        """Notice a clock that stands still.

        Raises
        ------
        RunError
            After too many moves at one instant.
        """
        self._note_instant()
        self._moves += 1
        if self._moves > self._allowed:
            raise RunError(
                f"the clock stands still at {self._instant:g}: more than {self._allowed:,} things happened at that "
                "instant; look for a circle of tell or hand_off, or a repeat, in which nothing takes time"
            )

    def _note_instant(self) -> None:
        now = self._clock.now
        if now != self._instant:
            self._instant, self._moves, self._allowed = now, 0, STANDSTILL
