"""The chain as an engine needs it: numbers in one unit, names as positions, draws with their keys.

Steps are copied into small objects that hold what each needs when it happens, so that the walk through a
service looks nothing up by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from servicechain import steps as written
from servicechain.actors import Actor
from servicechain.arrivals import Arrivals
from servicechain.chain import Chain
from servicechain.customers import CustomerClass
from servicechain.distributions import Constant, Discrete, Distribution
from servicechain.engines.draws import draw, draw_scalar, name_key, step_key
from servicechain.units import Quantity, TimeUnit

STREAM_ARRIVAL = name_key("arrival")
STREAM_BATCH = name_key("batch")
STREAM_PATIENCE = name_key("patience")


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

    __slots__ = ("by_server", "speed", "variate")

    def __init__(self, path: str, variate: Variate, speed: float, by_server: bool) -> None:
        super().__init__(path)
        self.variate, self.speed, self.by_server = variate, speed, by_server


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


@dataclass
class ServicePlan:
    """A service: the position of its actor, its priority, its steps."""

    index: int
    actor: int
    priority: int
    steps: list[Any] = field(default_factory=list)


@dataclass
class ClassPlan:
    """A customer class."""

    index: int
    key: int
    arrivals: Arrivals
    batch: Variate | None
    priority: int | None
    patience: Variate | None
    journey: list[Any] = field(default_factory=list)


@dataclass
class Plan:
    """The whole chain."""

    actors: list[Actor]
    services: list[ServicePlan]
    classes: list[ClassPlan]
    unit: TimeUnit


def plan_of(chain: Chain) -> Plan:
    """Prepare a chain whose files have been read."""
    return _Planner(chain).plan


class _Planner:
    """Makes plans of steps; services may ask each other in any order, so they exist before their steps."""

    def __init__(self, chain: Chain) -> None:
        self.unit = chain.unit
        actor_index = {name: index for index, name in enumerate(chain.actors)}
        self.services = {
            name: ServicePlan(index, actor_index[service.by], 1 if service.priority is None else service.priority)
            for index, (name, service) in enumerate(chain.services.items())
        }
        for name, service in chain.services.items():
            speed = chain.actors[service.by].speed
            self.services[name].steps = self._steps(service.steps, f"services/{name}", 1.0 if speed is None else speed)
        classes = [self._class(index, name, one) for index, (name, one) in enumerate(chain.customers.items())]
        self.plan = Plan(list(chain.actors.values()), list(self.services.values()), classes, chain.unit)

    def _class(self, index: int, name: str, customer: CustomerClass) -> ClassPlan:
        return ClassPlan(
            index=index,
            key=name_key(f"customers/{name}"),
            arrivals=customer.arrivals.in_unit(self.unit),
            batch=Variate.of_optional(customer.batch, self.unit),
            priority=customer.priority,
            patience=Variate.of_optional(customer.patience, self.unit),
            journey=self._steps(customer.journey, f"customers/{name}", 1.0),
        )

    def _steps(self, steps: written.Steps, path: str, speed: float) -> list[Any]:
        return [self._step(step, f"{path}/{index}", speed) for index, step in enumerate(steps)]

    def _step(self, step: Any, path: str, speed: float) -> StepPlan:
        match step:
            case written.Work():
                return WorkPlan(path, Variate.of(step.work, self.unit), speed, by_server=True)
            case written.Pause():
                return WorkPlan(path, Variate.of(step.pause, self.unit), 1.0, by_server=False)
            case written.Ask():
                patience = Variate.of_optional(step.patience, self.unit)
                return self._request(path, step, step.ask, patience)
            case written.Tell():
                return self._request(path, step, step.tell, None)
            case written.HandOff():
                return self._request(path, step, step.hand_off, None)
            case written.Chance():
                ways = [
                    self._steps(step.then, f"{path}/then", speed),
                    self._steps(step.otherwise, f"{path}/else", speed),
                ]
                return BranchPlan(path, step.chance, None, ways)
            case written.Choose():
                return self._choose(step, path, speed)
            case written.Repeat():
                body = self._steps(step.repeat, f"{path}/repeat", speed)
                at_most = math.inf if step.at_most is None else step.at_most
                return RepeatPlan(path, body, Variate.of_optional(step.times, self.unit), step.until, at_most)
        return ReplyPlan(path)

    def _request(self, path: str, step: Any, service: str, patience: Variate | None) -> RequestPlan:
        plan = RequestPlan(path, type(step), step.priority, patience)
        plan.service = self.services[service]
        return plan

    def _choose(self, step: written.Choose, path: str, speed: float) -> BranchPlan:
        ways = [self._steps(option.steps, f"{path}/{index}", speed) for index, option in enumerate(step.choose)]
        positions = Discrete(
            values=tuple(Quantity(float(index)) for index in range(len(ways))),
            weights=tuple(option.weight for option in step.choose),
        )
        return BranchPlan(path, None, Variate.of(positions, self.unit), ways)
