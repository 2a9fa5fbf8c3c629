"""From a chain to the plan an engine runs: every step, class and actor prepared once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from servicechain import steps as written
from servicechain.actors import ShiftEnd
from servicechain.base import Part
from servicechain.chain import Chain
from servicechain.custom_steps import Custom
from servicechain.customers import CustomerClass, PatienceCovers
from servicechain.distributions import Discrete
from servicechain.engines.draws import name_key
from servicechain.engines.reference.plan import (
    ActorPlan,
    BranchPlan,
    ClassPlan,
    CustomPlan,
    FailurePlan,
    Plan,
    RepeatPlan,
    ReplyPlan,
    RequestPlan,
    ServicePlan,
    StepPlan,
    TogetherPlan,
    Variate,
    WorkPlan,
)
from servicechain.errors import RunError, nearest, shown
from servicechain.failures import After, FailureClock, Failures, Stops
from servicechain.populations import Closed
from servicechain.units import Quantity


def plan_of(chain: Chain, ideal: frozenset[str] = frozenset()) -> Plan:
    """Prepare a chain whose files have been read.

    Parameters
    ----------
    chain : Chain
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail. Every step keeps its path, so everybody else draws the same numbers as without them.
    """
    return _Planner(chain, ideal).plan


class _Planner:
    """Makes plans of steps; services may ask each other in any order, so they exist before their steps."""

    def __init__(self, chain: Chain, ideal: frozenset[str]) -> None:
        self.unit = chain.unit
        position = {name: index for index, name in enumerate(chain.actors)}
        self.services = {
            name: ServicePlan(
                index,
                tuple(position[actor] for actor in service.actors),
                1 if service.priority is None else service.priority,
            )
            for index, (name, service) in enumerate(chain.services.items())
        }
        for name, service in chain.services.items():
            self.services[name].steps = self._steps(service.steps, f"services/{name}")
        actors = [self._actor(index, name, chain) for index, name in enumerate(chain.actors)]
        actors = [_idealised(actor) if actor.name in ideal else actor for actor in actors]
        classes = [self._class(index, name, one) for index, (name, one) in enumerate(chain.customers.items())]
        self.plan = Plan(actors, list(self.services.values()), classes, chain.unit)

    def _actor(self, index: int, name: str, chain: Chain) -> ActorPlan:
        actor = chain.actors[name]
        return ActorPlan(
            index=index,
            key=name_key(f"actors/{name}"),
            name=name,
            servers=actor.servers,
            calendar=actor.calendar(chain.starts, chain.unit),
            speed=1.0 if actor.speed is None else actor.speed,
            in_front=actor.lane.in_front,
            preempts=actor.preempt,
            stops=actor.at_shift_end is ShiftEnd.STOP,
            failures=None if actor.failures is None else self._failures(actor.failures),
        )

    def _failures(self, failures: Failures) -> FailurePlan:
        return FailurePlan(
            every=Variate.of(failures.every, self.unit),
            lasts=Variate.of_optional(failures.lasts, self.unit),
            service=None if failures.repair is None else self.services[failures.repair],
            by_server=failures.stops is Stops.ONE,
            while_working=failures.clock is FailureClock.WORKING,
            restarts=failures.after is After.RESTART,
        )

    def _class(self, index: int, name: str, customer: CustomerClass) -> ClassPlan:
        arrivals = customer.arrivals.in_unit(self.unit)
        return ClassPlan(
            index=index,
            key=name_key(f"customers/{name}"),
            name=name,
            arrivals=arrivals,
            batch=Variate.of_optional(customer.batch, self.unit),
            think=Variate.of(arrivals.think, self.unit) if isinstance(arrivals, Closed) else None,
            priority=customer.priority,
            patience=Variate.of_optional(customer.patience, self.unit),
            leaves_held=customer.patience_covers is PatienceCovers.WAIT,
            journey=self._steps(customer.journey, f"customers/{name}"),
        )

    def _steps(self, steps: written.Steps, path: str) -> list[Any]:
        return [self._step(step, f"{path}/{index}") for index, step in enumerate(steps)]

    def _step(self, step: Any, path: str) -> StepPlan:
        match step:
            case written.Work():
                return WorkPlan(path, Variate.of(step.work, self.unit), by_server=True)
            case written.Pause():
                return WorkPlan(path, Variate.of(step.pause, self.unit), by_server=False)
            case written.Ask():
                patience = Variate.of_optional(step.patience, self.unit)
                return self._request(path, step, step.ask, patience)
            case written.Tell():
                return self._request(path, step, step.tell, None)
            case written.HandOff():
                return self._request(path, step, step.hand_off, None)
            case written.Chance():
                ways = [self._steps(step.then, f"{path}/then"), self._steps(step.otherwise, f"{path}/else")]
                return BranchPlan(path, step.chance, None, ways)
            case written.Choose():
                return self._choose(step, path)
            case written.Repeat():
                body = self._steps(step.repeat, f"{path}/repeat")
                at_most = math.inf if step.at_most is None else step.at_most
                return RepeatPlan(path, body, Variate.of_optional(step.times, self.unit), step.until, at_most)
            case written.Together():
                ways = [self._steps(one, f"{path}/together/{index}") for index, one in enumerate(step.together)]
                return TogetherPlan(path, step.needed, ways)
            case Custom():
                return CustomPlan(path, step.custom, self._of_custom)
        return ReplyPlan(path)

    def _request(self, path: str, step: Any, service: str, patience: Variate | None) -> RequestPlan:
        plan = RequestPlan(path, type(step), step.priority, patience)
        plan.service = self.services[service]
        return plan

    def _choose(self, step: written.Choose, path: str) -> BranchPlan:
        ways = [self._steps(option.steps, f"{path}/{index}") for index, option in enumerate(step.choose)]
        positions = Discrete(
            values=tuple(Quantity(float(index)) for index in range(len(ways))),
            weights=tuple(option.weight for option in step.choose),
        )
        return BranchPlan(path, None, Variate.of(positions, self.unit), ways)

    def _of_custom(self, step: Any, path: str) -> StepPlan:
        """Prepare a step that a `Custom` step yields while the chain runs.

        Raises
        ------
        RunError
            If it is no step, requests a service there is not, or ends or answers the request.
        """
        if not isinstance(step, Part) or type(step) not in written.KINDS:
            raise RunError(f"{path} yields {shown(step)}, which is no step; yield e.g. work(2) or ask('check in')")
        for _, inner in written.every_step((step,)):  # type: ignore[arg-type]  # its kind was looked at
            if isinstance(inner, written.HandOff | written.Reply):
                raise RunError(f"{path} yields {inner!r}; a custom step neither hands off nor replies: write it after")
            name = getattr(inner, "ask", None) or getattr(inner, "tell", None)
            if name is not None and name not in self.services:
                raise RunError(f"{path} requests '{name}', and no service is called so{nearest(name, self.services)}")
        return self._step(step, path)


def _idealised(actor: ActorPlan) -> ActorPlan:
    """Take away whatever can make anybody wait for an actor; work at infinite speed takes no time."""
    return replace(actor, servers=math.inf, calendar=None, speed=math.inf, stops=False, failures=None, ideal=True)
