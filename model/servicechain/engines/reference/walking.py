"""The meaning of every step, as generators that walk through steps.

A walk yields wherever it must wait, and is advanced when what it waits for has come. It returns whether it
came to an end before its last step: handed off.
"""

from __future__ import annotations

from typing import Any

from servicechain import steps as written
from servicechain.engines.draws import step_key
from servicechain.engines.reference.agenda import Agenda, go_on
from servicechain.engines.reference.clock import END, Clock, Due
from servicechain.engines.reference.desk import Desk
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import (
    BranchPlan,
    RepeatPlan,
    ReplyPlan,
    RequestPlan,
    Variate,
    WorkPlan,
)
from servicechain.engines.reference.requests import ATTENDED, HELD, Customer, Request, Walk

Walker = Customer | Request


class Walks:
    """Makes the walks of customers through their journeys and of requests through their services.

    `working_now` counts the work and the pauses that are going on.
    """

    def __init__(self, clock: Clock, agenda: Agenda, draws: Draws, desk: Desk) -> None:
        self._clock = clock
        self._agenda = agenda
        self._draws = draws
        self._desk = desk
        self.working_now = 0
        desk.walk_of = self.service

    def journey(self, customer: Customer) -> Walk:
        """Walk through a customer's journey."""
        yield from self._steps(customer.plan.journey, customer, 0)
        self._desk.customer_finished(customer)
        return False

    def service(self, request: Request) -> Walk:
        """Walk through the service that was requested, from its beginning to the release of the server."""
        if (yield from self._steps(request.service.steps, request, 0)):
            return True
        self._desk.finish(request)
        return False

    def _steps(self, steps: list[Any], walker: Walker, round_: int) -> Walk:
        for step in steps:
            kind = type(step)
            if kind is WorkPlan:
                self._take_time(step, walker, round_)
                yield
            elif kind is RequestPlan:
                if step.kind is written.Ask:
                    self._desk.ask(step, walker, round_)
                    yield
                elif step.kind is written.Tell:
                    self._desk.tell(step, walker, round_)
                else:
                    self._desk.hand_off(step, walker, round_)  # type: ignore[arg-type]  # only services hand off
                    return True
            elif kind is BranchPlan:
                if (yield from self._steps(self._way(step, walker, round_), walker, round_)):
                    return True
            elif kind is RepeatPlan:
                if (yield from self._repeat(step, walker, round_)):
                    return True
            elif kind is ReplyPlan:
                self._desk.answer(walker)  # type: ignore[arg-type]  # only services reply
        return False

    def _way(self, step: BranchPlan, walker: Walker, round_: int) -> list[Any]:
        if step.probability is not None:
            return step.ways[0 if self._toss(step, walker, round_) < step.probability else 1]
        assert step.variate is not None
        return step.ways[int(self._draw(step.variate, step, walker, round_))]

    def _repeat(self, step: RepeatPlan, walker: Walker, round_: int) -> Walk:
        rounds = step.at_most if step.times is None else self._draw(step.times, step, walker, round_)
        done = 0
        while done < rounds:
            done += 1
            inner = step_key(done, round_)
            self._agenda.count_move()
            if (yield from self._steps(step.body, walker, inner)):
                return True
            if step.until is not None and self._toss(step, walker, inner) < step.until:
                break
        return False

    # -- time -----------------------------------------------------------------------------------------------

    def _take_time(self, step: WorkPlan, walker: Walker, round_: int) -> None:
        duration = self._draw(step.variate, step, walker, round_)
        self.working_now += 1
        if step.by_server and type(walker) is Request:
            team = self._desk.teams[walker.service.actor]
            team.start_work(self._clock.now)
            if walker.front and team.in_front:
                walker.customer.enter(ATTENDED, self._clock.now)
            self._clock.after(duration / step.speed, END, self._work_over, walker)
        else:
            self._clock.after(duration, END, self._pause_over, walker)

    def _work_over(self, due: Due) -> None:
        request: Request = due.subject
        now = self._clock.now
        team = self._desk.teams[request.service.actor]
        team.stop_work(now)
        if request.front and team.in_front:
            request.customer.enter(HELD, now)
        self._go_on(request)

    def _pause_over(self, due: Due) -> None:
        self._go_on(due.subject)

    def _go_on(self, walker: Walker) -> None:
        self.working_now -= 1
        go_on(walker)
        self._agenda.carry_out()

    # -- draws ----------------------------------------------------------------------------------------------

    def _draw(self, variate: Variate, step: Any, walker: Walker, round_: int) -> float:
        if variate.constant is not None:
            return variate.constant
        customer = walker.customer
        key = step.first if round_ == 0 else step_key(step.path, round_)
        return self._draws.variate(variate, customer.plan.key, customer.number, walker.lineage, key)

    def _toss(self, step: Any, walker: Walker, round_: int) -> float:
        customer = walker.customer
        key = step.first if round_ == 0 else step_key(step.path, round_)
        return self._draws.uniform(customer.plan.key, customer.number, walker.lineage, key)
