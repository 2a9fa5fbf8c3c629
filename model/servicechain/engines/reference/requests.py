"""Customers and requests while they live: where their time goes, who has them in hand, what they wait for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from servicechain.engines.reference.clock import Due
from servicechain.engines.reference.plan import ClassPlan, ServicePlan, Variate

if TYPE_CHECKING:
    from servicechain.engines.reference.attribution import Account
    from servicechain.engines.reference.strands import Strand, Timed
    from servicechain.engines.reference.teams import Team
    from servicechain.engines.reference.wait_for import Node, Target, View

QUEUEING, HELD, ATTENDED, OWN = range(4)
"""The four states of a customer's time; the first three are also those of a request of theirs."""


class Origin(Protocol):
    """On whose behalf something is asked, however many hands ago: a customer, or the repair of a failure.

    `key` and `drawn_as` key all draws, `lineage` those at the root; `index` (of the class) and `number` stand in
    the records, -1 for a repair.
    """

    @property
    def key(self) -> int:
        """Of the class or the actor."""

    @property
    def drawn_as(self) -> int:
        """The number that keys the draws."""

    @property
    def lineage(self) -> int:
        """Of what it asks for itself."""

    @property
    def index(self) -> int:
        """The position of the class."""

    @property
    def number(self) -> int:
        """The number in the records."""


class Asker(Protocol):
    """Who goes on when a request is answered: a strand, or a repair.

    `owner` is whose strand it is, `doing` what it waits for.
    """

    doing: Any

    @property
    def owner(self) -> Any:
        """Whose strand it is."""

    def answered(self) -> None:
        """Go on."""


class Customer:
    """One customer: where their time went, and the walk through their journey."""

    __slots__ = (
        "account",
        "arrived",
        "begun",
        "deadline",
        "drawn_as",
        "index",
        "key",
        "lineage",
        "main",
        "number",
        "overdue",
        "plan",
        "requests",
        "since",
        "state",
        "times",
    )

    def __init__(self, plan: ClassPlan, number: int, drawn_as: int, now: float) -> None:
        self.plan = plan
        self.index, self.key = plan.index, plan.key
        self.number = number
        self.drawn_as = drawn_as
        self.lineage = 0
        self.arrived = self.since = now
        self.state = OWN
        self.times = [0.0, 0.0, 0.0, 0.0]
        self.requests = [0, 0, 0, 0]
        self.begun = False
        self.deadline: Due | None = None
        self.overdue: Callable[[Customer], None] | None = None
        self.account: Account | None = None
        self.main: Strand

    @property
    def origin(self) -> Customer:
        """The customer whose draws these are: as for a request."""
        return self

    def enter(self, state: int, now: float) -> None:
        """Be in another state from now on."""
        if now > self.since:
            self.times[self.state] += now - self.since
            self.since = now
        self.state = state
        if self.overdue is not None and state <= HELD:
            self.overdue(self)

    def see(self, before: int, after: int, now: float) -> None:
        """Take note that one of the customer's own requests goes from one state to another; OWN is none."""
        requests = self.requests
        requests[before] -= 1
        requests[after] += 1
        if requests[ATTENDED]:
            self.enter(ATTENDED, now)
        elif requests[HELD]:
            self.enter(HELD, now)
        else:
            self.enter(QUEUEING if requests[QUEUEING] else OWN, now)


class Request:
    """One asking for one service.

    Attributes
    ----------
    origin : Customer or Repair
        On whose behalf it was asked.
    asker : Strand, Repair or None
        Who goes on when it is answered; None if it was told, or has been answered.
    front : bool
        It is what the customer's own journey asked for, or was handed to.
    patience : Variate or None
        How long the customer stays in line for it.
    order : int
        The how-many-eth request of the run it is: its place among those of the same priority.
    joined : int
        How often it has stood in line; with `waiting` it tells which entry of a line is good.
    waiting : bool
        It stands in line.
    withdrawn : bool
        Nobody wants it any more, and it has not begun.
    team, server : Team and int
        Who has it in hand, or had it last; server -1 while nobody has.
    working : Timed or None
        The work on it that goes on.
    interrupted : Timed or None
        The work on it that stands interrupted.
    over : bool
        It has ended.
    line, target, counted
        Where it stands in the wait-for graph; see `servicechain.engines.reference.attribution`.
    pending : list of (int, Strand)
        Those that go on when a server is there again, numbered in the order in which they could have.
    """

    __slots__ = (
        "answered",
        "asked",
        "asker",
        "begun",
        "counted",
        "front",
        "interrupted",
        "joined",
        "line",
        "lineage",
        "main",
        "order",
        "origin",
        "over",
        "patience",
        "pending",
        "priority",
        "server",
        "service",
        "shown",
        "target",
        "team",
        "waiting",
        "withdrawn",
        "working",
    )

    def __init__(
        self,
        origin: Origin,
        service: ServicePlan,
        asker: Asker | None,
        front: bool,
        lineage: int,
        priority: int,
        now: float,
    ) -> None:
        self.origin: Any = origin
        self.service = service
        self.asker = asker
        self.front = front
        self.lineage = lineage
        self.priority = priority
        self.asked = now
        self.begun = self.answered = math.nan
        self.patience: Variate | None = None
        self.order = self.joined = 0
        self.waiting = self.withdrawn = False
        self.server = -1
        self.team: Team | None = None
        self.working: Timed | None = None
        self.interrupted: Timed | None = None
        self.pending: list[tuple[int, Strand]] = []
        self.shown = OWN
        self.over = False
        self.line: Node | None = None
        self.target: Target | None = None
        self.counted: tuple[View, Target, int] | None = None
        self.main: Strand

    @property
    def has_begun(self) -> bool:
        """Whether a server has ever taken it."""
        return self.begun == self.begun  # NaN is what differs from itself

    @property
    def is_answered(self) -> bool:
        """Whether what a server still does is wrap-up."""
        return self.answered == self.answered  # NaN is what differs from itself

    def show(self, now: float) -> None:
        """Let the customer see how their own request stands."""
        if not self.front:
            state = OWN
        elif self.team is None:
            state = QUEUEING
        else:
            state = ATTENDED if self.working is not None and self.team.in_front else HELD
        if self.shown != state:
            self.origin.see(self.shown, state, now)
            self.shown = state

    def stand_aside(self, now: float) -> None:
        """Be the customer's own no longer: answered, or no longer needed."""
        self.front = False
        self.show(now)
