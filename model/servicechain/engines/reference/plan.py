"""The chain as an engine needs it: numbers in one unit, names as positions, draws with their keys.

Steps are copied into small objects that hold what each needs when it happens, so that the walk through a
service looks nothing up by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from servicechain.arrivals import Arrivals
from servicechain.calendars import Calendar
from servicechain.custom_steps import Function
from servicechain.distributions import Constant, Distribution
from servicechain.engines.draws import draw, draw_scalar, name_key, step_key
from servicechain.units import TimeUnit

STREAM_ARRIVAL = name_key("arrival")
STREAM_BATCH = name_key("batch")
STREAM_PATIENCE = name_key("patience")
STREAM_FAILURE = name_key("failure")
STREAM_REPAIR = name_key("repair")


@dataclass(frozen=True)
class Variate:
    """What is drawn: a constant, or a compiled draw with the parameters of its inversion."""

    constant: float | None
    parameters: tuple[Any, ...] = ()
    draw: Callable[..., float] = draw_scalar

    @classmethod
    def of(cls, distribution: Distribution, unit: TimeUnit) -> Variate:
        """Make one of a distribution, in the chain's unit."""
        bare = distribution.in_unit(unit)
        if isinstance(bare, Constant):
            return cls(bare.mean)
        lowered = bare.lowered()
        if len(lowered.table):
            return cls(None, tuple(lowered), draw)
        return cls(None, tuple(lowered[:-1]), draw_scalar)

    @classmethod
    def of_optional(cls, distribution: Distribution | None, unit: TimeUnit) -> Variate | None:
        """Make one, unless there is nothing to draw."""
        return None if distribution is None else cls.of(distribution, unit)


class StepPlan:
    """A step with its place in the key of a draw.

    `path` names the step among all steps of the chain; `first` is its key outside any loop.
    """

    __slots__ = ("first", "path")

    def __init__(self, path: str) -> None:
        self.path = name_key(path)
        self.first: int = step_key(self.path, 0)


class WorkPlan(StepPlan):
    """Work, or (`by_server` false) a pause."""

    __slots__ = ("by_server", "variate")

    def __init__(self, path: str, variate: Variate, by_server: bool) -> None:
        super().__init__(path)
        self.variate, self.by_server = variate, by_server


class RequestPlan(StepPlan):
    """Ask, tell or hand off; `kind` is the class of the step."""

    __slots__ = ("kind", "patience", "priority", "service")

    def __init__(self, path: str, kind: type, priority: int | None, patience: Variate | None) -> None:
        super().__init__(path)
        self.kind, self.priority, self.patience = kind, priority, patience
        self.service: ServicePlan


class ReplyPlan(StepPlan):
    """The asker is answered."""

    __slots__ = ()


class BranchPlan(StepPlan):
    """One of several ways, by a draw of its position."""

    __slots__ = ("probability", "variate", "ways")

    def __init__(self, path: str, probability: float | None, variate: Variate | None, ways: list[Any]) -> None:
        super().__init__(path)
        self.probability, self.variate = probability, variate
        self.ways: list[list[Any]] = ways


class RepeatPlan(StepPlan):
    """A loop; `until` None: as many rounds as `times` says."""

    __slots__ = ("at_most", "body", "times", "until")

    def __init__(self, path: str, body: list[Any], times: Variate | None, until: float | None, at_most: float) -> None:
        super().__init__(path)
        self.body, self.times, self.until, self.at_most = body, times, until, at_most


class TogetherPlan(StepPlan):
    """Branches side by side, of which `needed` must be done."""

    __slots__ = ("needed", "ways")

    def __init__(self, path: str, needed: int, ways: list[list[Any]]) -> None:
        super().__init__(path)
        self.needed, self.ways = needed, ways


class CustomPlan(StepPlan):
    """A Python generator function; `plan_step` prepares what it yields, by the place of that in the chain."""

    __slots__ = ("function", "place", "plan_step")

    def __init__(self, path: str, function: Function, plan_step: Callable[[Any, str], Any]) -> None:
        super().__init__(path)
        self.place, self.function, self.plan_step = path, function, plan_step


@dataclass
class ServicePlan:
    """A service: the positions of its actors, its priority, its steps."""

    index: int
    actors: tuple[int, ...]
    priority: int
    steps: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class FailurePlan:
    """How an actor fails; one of `lasts` and `service` brings it back."""

    every: Variate
    lasts: Variate | None
    service: ServicePlan | None
    by_server: bool
    while_working: bool
    restarts: bool


@dataclass(frozen=True)
class ActorPlan:
    """An actor; `calendar` None: always the same number of servers.

    Pauses in the hands of an `ideal` one take no time; what else is ideal about it is in its other values.
    """

    index: int
    key: int
    name: str
    servers: float
    calendar: Calendar | None
    speed: float
    in_front: bool
    preempts: bool
    stops: bool
    failures: FailurePlan | None
    ideal: bool = False


@dataclass
class ClassPlan:
    """A customer class; `think` is that of a closed population."""

    index: int
    key: int
    name: str
    arrivals: Arrivals
    batch: Variate | None
    think: Variate | None
    priority: int | None
    patience: Variate | None
    leaves_held: bool
    journey: list[Any] = field(default_factory=list)


@dataclass
class Plan:
    """The whole chain."""

    actors: list[ActorPlan]
    services: list[ServicePlan]
    classes: list[ClassPlan]
    unit: TimeUnit
