"""Customers and requests while they live.

Both *walk*: they go through steps as a generator that stops wherever they must wait, and is advanced when
what they wait for has come.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from servicechain.engines.reference.clock import Due
from servicechain.engines.reference.plan import ClassPlan, ServicePlan, Variate

Walk = Generator[None, None, bool]

QUEUEING, HELD, ATTENDED, OWN = range(4)
"""The four states of a customer's time."""


class Customer:
    """One customer: where their time went, and the walk through their journey."""

    __slots__ = (
        "arrived",
        "begun",
        "deadline",
        "lineage",
        "number",
        "plan",
        "since",
        "state",
        "times",
        "walk",
    )

    def __init__(self, plan: ClassPlan, number: int, now: float) -> None:
        self.plan = plan
        self.number = number
        self.lineage = 0
        self.arrived = self.since = now
        self.state = OWN
        self.times = [0.0, 0.0, 0.0, 0.0]
        self.begun = False
        self.deadline: Due | None = None
        self.walk: Walk

    @property
    def customer(self) -> Customer:
        """The customer whose draws these are: as for a request."""
        return self

    def enter(self, state: int, now: float) -> None:
        """Be in another state from now on."""
        if now > self.since:
            self.times[self.state] += now - self.since
            self.since = now
        self.state = state


class Request:
    """One asking for one service.

    Attributes
    ----------
    customer : Customer
        In whose journey it began, however many hands ago: their number keys its draws.
    asker : Customer, Request or None
        Who goes on when it is answered; None if it was told, or has been answered.
    front : bool
        It is what the customer's own journey asked for, or was handed to.
    patience : Variate or None
        How long the customer stays in line for it.
    waiting : bool
        It stands in line.
    """

    __slots__ = (
        "answered",
        "asked",
        "asker",
        "begun",
        "customer",
        "front",
        "lineage",
        "patience",
        "priority",
        "server",
        "service",
        "waiting",
        "walk",
    )

    def __init__(
        self,
        customer: Customer,
        service: ServicePlan,
        asker: Customer | Request | None,
        front: bool,
        lineage: int,
        priority: int,
        now: float,
    ) -> None:
        self.customer = customer
        self.service = service
        self.asker = asker
        self.front = front
        self.lineage = lineage
        self.priority = priority
        self.asked = now
        self.begun: float | None = None
        self.answered: float | None = None
        self.patience: Variate | None = None
        self.waiting = False
        self.server = -1
        self.walk: Walk

    def __lt__(self, other: Any) -> bool:
        return False  # the line's own order decides before it comes to this
