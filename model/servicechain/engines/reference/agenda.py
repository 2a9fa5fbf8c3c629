"""What follows from an event, carried out completely, first in, first out, before the next event.

A service is *asked* for, a request has *begun*, an asker is *answered*: each is put here by the walk that
causes it, and may cause others. Only a server that is *released* does not wait for its turn: it is given away at
once, so its next request stands here before the asker who is answered by the same end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from servicechain.engines.reference.clock import Clock
from servicechain.errors import RunError

STANDSTILL = 200_000
PER_ARRIVAL = 100
"""So many goings-on at one instant, and so many more for each who arrived then, mean a circle without time."""


class Agenda:
    """The consequences that are still to be carried out at this instant."""

    __slots__ = ("_allowed", "_always", "_clock", "_due", "_instant", "_moves", "at_end", "touched")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._instant = -1.0
        self._moves = 0
        self._always = self._allowed = STANDSTILL
        self.touched: dict[Any, None] | None = None
        self.at_end: Callable[[], None] | None = None

    def touch(self, thing: Any) -> None:
        """Note that something changes at this instant, for whoever looks `at_end` of it."""
        if self.touched is not None:
            self.touched[thing] = None

    def add(self, consequence: Callable[[Any], None], subject: Any) -> None:
        """Let something happen to `subject`, after all that was added before."""
        self._due.append((consequence, subject))

    def expect(self, customers: int) -> None:
        """Let more happen at this instant, because so many have come."""
        self._note_instant()
        self._allowed += customers * PER_ARRIVAL

    def expect_members(self, members: int) -> None:
        """Let more happen at every instant: all members of a closed population may come at once, but once only."""
        self._always += members * PER_ARRIVAL

    def carry_out(self) -> None:
        """Carry out everything, and all that follows from it."""
        due = self._due
        if due:
            self._note_instant()
        while due:
            self._moves += 1
            if self._moves > self._allowed:
                self._stand_still()
            consequence, subject = due.popleft()
            consequence(subject)
        if self.touched and self.at_end is not None:
            self.at_end()

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
            self._stand_still()

    def _stand_still(self) -> NoReturn:
        raise RunError(
            f"the clock stands still at {self._instant:g}: more than {self._allowed:,} things happened at that "
            "instant; look for a circle of tell or hand_off, or a repeat, in which nothing takes time"
        )

    def _note_instant(self) -> None:
        now = self._clock.now
        if now != self._instant:
            self._instant, self._moves, self._allowed = now, 0, self._always
