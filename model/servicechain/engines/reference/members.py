"""Closed populations: members who think, come, and think again."""

from __future__ import annotations

from collections.abc import Callable

from servicechain.engines.draws import step_key
from servicechain.engines.reference.clock import END, Clock, Due
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import STREAM_ARRIVAL, ClassPlan
from servicechain.engines.reference.requests import Customer
from servicechain.populations import Closed

_KEY = step_key(STREAM_ARRIVAL, 0)


class Members:
    """The members of all closed populations.

    Attributes
    ----------
    thinking : int
        How many will come unless the run is over.
    """

    def __init__(self, clock: Clock, draws: Draws, comes: Callable[[Customer], None]) -> None:
        self._clock = clock
        self._draws = draws
        self._comes = comes
        self.thinking = 0

    def open(self, plan: ClassPlan) -> int:
        """Let all members of a class begin by thinking, and tell how many they are."""
        arrivals = plan.arrivals
        assert isinstance(arrivals, Closed)
        for member in range(arrivals.population):
            self._think(plan, member, 0)
        return arrivals.population

    def has_left(self, customer: Customer) -> None:
        """Let a member think whose journey is over; others are passed over."""
        if customer.plan.think is not None:
            cycle, member = divmod(customer.drawn_as, 1 << 32)
            self._think(customer.plan, member, cycle + 1)

    def _think(self, plan: ClassPlan, member: int, cycle: int) -> None:
        assert plan.think is not None
        self.thinking += 1
        drawn_as = cycle << 32 | member
        time = self._draws.variate(plan.think, plan.key, drawn_as, STREAM_ARRIVAL, _KEY)
        self._clock.after(time, END, self._come, (plan, drawn_as))

    def _come(self, due: Due) -> None:
        plan, drawn_as = due.subject
        self.thinking -= 1
        cycle, member = divmod(drawn_as, 1 << 32)
        self._comes(Customer(plan, cycle * plan.arrivals.population + member, drawn_as, self._clock.now))
