"""Patience: a deadline for what the customer waits for now.

The traps: who is attended at the deadline leaves at the next moment at which they are not, and a gap of no
length between two works is no such moment. So leaving is an event of its own kind, the last of its instant, and
looks at the state the customer is in then.
"""

from __future__ import annotations

from collections.abc import Callable

from servicechain.engines.draws import step_key
from servicechain.engines.reference.clock import PATIENCE, Clock, Due
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import STREAM_PATIENCE, Variate
from servicechain.engines.reference.requests import HELD, QUEUEING, Customer

_KEY = step_key(STREAM_PATIENCE, 0)


class Patience:
    """Sets deadlines; `leave` is what happens to who does not wait any longer."""

    def __init__(self, clock: Clock, draws: Draws, leave: Callable[[Customer], None]) -> None:
        self._clock = clock
        self._draws = draws
        self._leave = leave

    def begin(self, customer: Customer, patience: Variate, lineage: int) -> None:
        """Draw a deadline, from now on."""
        stays = self._draws.variate(patience, customer.key, customer.drawn_as, lineage, _KEY)
        customer.deadline = self._clock.after(stays, PATIENCE, self._over, customer)

    def end(self, customer: Customer) -> None:
        """Let the deadline be void: what they waited for has come."""
        if customer.deadline is not None:
            customer.deadline.call_off()
            customer.deadline = None
        customer.overdue = None

    def _over(self, due: Due) -> None:
        customer: Customer = due.subject
        customer.deadline = None
        if customer.state == QUEUEING or (customer.state == HELD and customer.plan.leaves_held):
            customer.overdue = None
            self._leave(customer)
        elif customer.plan.leaves_held:
            customer.overdue = self._at_the_end_of_this_instant

    def _at_the_end_of_this_instant(self, customer: Customer) -> None:
        if customer.deadline is None:
            customer.deadline = self._clock.after(0.0, PATIENCE, self._over, customer)
