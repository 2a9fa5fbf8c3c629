"""The meaning of every step, as generators that walk through steps.

A walk yields wherever it must wait, and is advanced when what it waits for has come. It returns whether it
came to an end before its last step: handed off.
"""

from __future__ import annotations

from typing import Any

from servicechain import steps as written
from servicechain.engines.draws import step_key
from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import END, Clock, Due
from servicechain.engines.reference.desk import Desk
from servicechain.engines.reference.floor import Floor
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import (
    BranchPlan,
    CustomPlan,
    RepeatPlan,
    ReplyPlan,
    RequestPlan,
    TogetherPlan,
    Variate,
    WorkPlan,
)
from servicechain.engines.reference.python_steps import PythonContext
from servicechain.engines.reference.requests import Customer, Request
from servicechain.engines.reference.strands import Fork, Strand, Timed, Walk


class Walks:
    """Makes the walks of customers through their journeys and of requests through their services."""

    def __init__(self, clock: Clock, agenda: Agenda, draws: Draws, floor: Floor, desk: Desk) -> None:
        self._clock = clock
        self._agenda = agenda
        self._draws = draws
        self._floor = floor
        self._desk = desk
        floor.begins = self.begin_service

    def begin_journey(self, customer: Customer) -> None:
        """Let a customer walk."""
        customer.main = strand = Strand(customer, self._proceed)
        strand.walk = self._journey(strand, customer)
        next(strand.walk, None)

    def begin_service(self, request: Request) -> None:
        """Let a server walk through the service that was requested."""
        request.main = strand = Strand(request, self._proceed)
        strand.walk = self._service(strand, request)
        next(strand.walk, None)

    def _proceed(self, strand: Strand) -> None:
        """Let somebody walk on until they must wait again; a request only while it has a server."""
        if strand.over:
            return
        owner = strand.owner
        if type(owner) is Request and not self._floor.can_act(owner):
            self._floor.postpone(strand, owner)
        else:
            next(strand.walk, None)

    def _journey(self, strand: Strand, customer: Customer) -> Walk:
        yield from self._steps(customer.plan.journey, strand, 0)
        self._desk.customer_finished(customer)
        return False

    def _service(self, strand: Strand, request: Request) -> Walk:
        """Walk from the beginning of a service to the release of the server."""
        if (yield from self._steps(request.service.steps, strand, 0)):
            return True
        self._desk.finish(request)
        return False

    def _steps(self, steps: list[Any], strand: Strand, round_: int) -> Walk:
        for step in steps:
            kind = type(step)
            if kind is WorkPlan:
                self._take_time(step, strand, round_)
                yield
            elif kind is RequestPlan:
                if step.kind is written.Ask:
                    self._desk.ask(step, strand, round_)
                    yield
                elif step.kind is written.Tell:
                    self._desk.tell(step, strand, round_)
                else:
                    self._desk.hand_off(step, strand, round_)
                    return True
            elif kind is ReplyPlan:
                self._desk.answer(strand.owner)  # type: ignore[arg-type]  # only services reply
            elif (yield from self._several(step, strand, round_)):
                return True
        return False

    def _several(self, step: Any, strand: Strand, round_: int) -> Walk:
        """Walk through a step that holds others."""
        kind = type(step)
        if kind is BranchPlan:
            return (yield from self._steps(self._way(step, strand, round_), strand, round_))
        if kind is RepeatPlan:
            return (yield from self._repeat(step, strand, round_))
        if kind is TogetherPlan:
            return (yield from self._together(step, strand, round_))
        return (yield from self._custom(step, strand, round_))

    def _way(self, step: BranchPlan, strand: Strand, round_: int) -> list[Any]:
        if step.probability is not None:
            return step.ways[0 if self._toss(step, strand, round_) < step.probability else 1]
        assert step.variate is not None
        return step.ways[int(self._draw(step.variate, step, strand, round_))]

    def _repeat(self, step: RepeatPlan, strand: Strand, round_: int) -> Walk:
        rounds = step.at_most if step.times is None else self._draw(step.times, step, strand, round_)
        done = 0
        while done < rounds:
            done += 1
            inner = step_key(done, round_)
            self._agenda.count_move()
            if (yield from self._steps(step.body, strand, inner)):
                return True
            if step.until is not None and self._toss(step, strand, inner) < step.until:
                break
        return False

    # -- branches side by side ----------------------------------------------------------------------------------

    def _together(self, step: TogetherPlan, strand: Strand, round_: int) -> Walk:
        fork = strand.doing = Fork(strand, step.needed)
        self._desk.together_begins(step, strand, round_)
        for steps in step.ways:
            branch = Strand(strand.owner, self._proceed, fork)
            branch.walk = self._branch(branch, steps, round_)
            fork.branches.append(branch)
            self._proceed(branch)  # a branch before may have lost the server
            if fork.done >= fork.needed:
                break
        else:
            fork.waiting = True
            yield
        self._desk.together_is_over(fork)
        return False

    def _branch(self, branch: Strand, steps: list[Any], round_: int) -> Walk:
        yield from self._steps(steps, branch, round_)
        branch.over = True
        self._agenda.touch(branch.owner)
        fork = branch.fork
        assert fork is not None
        fork.done += 1
        if fork.waiting and fork.done >= fork.needed:
            next(fork.strand.walk, None)
        return False

    # -- steps in Python ----------------------------------------------------------------------------------------

    def _custom(self, step: CustomPlan, strand: Strand, round_: int) -> Walk:
        context = PythonContext(self._clock, self._draws, strand.owner, step.path, round_)
        for number, inner in enumerate(step.function(context)):
            self._agenda.count_move()
            yield from self._steps([step.plan_step(inner, f"{step.place}/{number}")], strand, round_)
        return False

    # -- time -----------------------------------------------------------------------------------------------

    def _take_time(self, step: WorkPlan, strand: Strand, round_: int) -> None:
        drawn = self._draw(step.variate, step, strand, round_)
        owner = strand.owner
        timed = strand.doing = Timed(strand, drawn, step.by_server and type(owner) is Request)
        if timed.by_server:
            self._floor.start_work(timed, owner)  # type: ignore[arg-type]  # only requests are served
        else:
            if type(owner) is Request and owner.team is not None and owner.team.plan.ideal:
                drawn = 0.0
            self._floor.count_work(owner, 1)
            self._agenda.touch(owner)
            timed.due = self._clock.after(drawn, END, self._time_over, timed)

    def _time_over(self, due: Due) -> None:
        timed: Timed = due.subject
        timed.due = None
        timed.strand.doing = None
        self._floor.count_work(timed.strand.owner, -1)
        self._proceed(timed.strand)
        self._agenda.carry_out()

    # -- draws ----------------------------------------------------------------------------------------------

    def _draw(self, variate: Variate, step: Any, strand: Strand, round_: int) -> float:
        if variate.constant is not None:
            return variate.constant
        owner = strand.owner
        origin = owner.origin
        key = step.first if round_ == 0 else step_key(step.path, round_)
        return self._draws.variate(variate, origin.key, origin.drawn_as, owner.lineage, key)

    def _toss(self, step: Any, strand: Strand, round_: int) -> float:
        owner = strand.owner
        origin = owner.origin
        key = step.first if round_ == 0 else step_key(step.path, round_)
        return self._draws.uniform(origin.key, origin.drawn_as, owner.lineage, key)
