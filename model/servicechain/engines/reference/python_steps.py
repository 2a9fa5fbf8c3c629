"""What a `Custom` step knows while it runs: see `servicechain.custom_steps.Context`."""

from __future__ import annotations

import math

from servicechain.engines.draws import mix, step_key
from servicechain.engines.reference.clock import Clock
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.requests import Customer, Request


class PythonContext:
    """The clock, the customer and keyed random numbers."""

    def __init__(self, clock: Clock, draws: Draws, owner: Customer | Request, path: int, round_: int) -> None:
        self._clock = clock
        self._draws = draws
        self._owner = owner
        self._key = step_key(path, round_)
        self._drawn = 0

    @property
    def now(self) -> float:
        """The clock, in the chain's unit."""
        return float(self._clock.now)

    @property
    def customer_class(self) -> str | None:
        """The class of the customer it is for; None for a repair."""
        origin = self._owner.origin
        return origin.plan.name if isinstance(origin, Customer) else None

    @property
    def number(self) -> int:
        """The customer's number within the class; -1 for a repair."""
        return int(self._owner.origin.number)

    @property
    def arrived(self) -> float:
        """When the customer arrived; NaN for a repair."""
        origin = self._owner.origin
        return origin.arrived if isinstance(origin, Customer) else math.nan

    def random(self) -> float:
        """Draw a number between 0 and 1."""
        self._drawn += 1
        origin = self._owner.origin
        key = mix(self._key, self._drawn)
        return self._draws.uniform(origin.key, origin.drawn_as, self._owner.lineage, key)
