"""The clock: a SimPy environment whose event priorities are the kinds of event of one instant.

SimPy orders events by time, then priority, then order of scheduling, which is the rule we need once the
priorities are ours. Its own `succeed()` and `Timeout` use priorities of their own, and conditions go through
the event list again; so events are placed here, at exact times, and their consequences run from an `Agenda`.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any

import simpy

# Of events due at one instant the lowest goes first; arrivals take ARRIVAL + position of their class.
BEFORE = 0  # the observed time begins
END = 1  # work, a pause, a repair or thinking ends
STAFF = 2  # staff changes, a failure comes
ARRIVAL = 3
PATIENCE = 1 << 40  # beyond any number of classes


class Due(simpy.Event):
    """Something that will happen at a known time, unless it is called off.

    `callback` and `subject` say what and to whom; SimPy calls it with the event itself.
    """

    def __init__(self, clock: Clock, time: float, callback: Callable[[Any], None], subject: Any) -> None:
        self.env = clock
        self.time = time
        self.callbacks: list[Callable[[Any], None]] = [callback]
        self._ok = True
        self._value = None
        self.subject = subject

    def call_off(self) -> None:
        """Let its time pass without effect; taking it out of the event list would cost a search."""
        if self.callbacks is not None:
            self.callbacks.clear()


class Clock(simpy.Environment):
    """Places events at exact times."""

    def at(self, time: float, kind: int, callback: Callable[[Any], None], subject: Any) -> Due:
        """Let `callback` be called at `time`, in the order of its `kind` among what is due then."""
        due = Due(self, time, callback, subject)
        heappush(self._queue, (time, kind, next(self._eid), due))  # type: ignore[misc]  # kinds beyond SimPy's own
        return due

    def after(self, duration: float, kind: int, callback: Callable[[Any], None], subject: Any) -> Due:
        """Let `callback` be called `duration` from now: one addition, so that both engines agree to the bit."""
        return self.at(self._now + duration, kind, callback, subject)

    def go_to(self, time: float) -> None:
        """Let the clock show `time` although nothing happens then."""
        self._now = time
