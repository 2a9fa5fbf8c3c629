"""Requests, from the asking to the answer: asked, told, answered, handed on, withdrawn, given up.

Who asks, begins or is answered waits for their turn on the agenda, in the order in which the walks caused it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from servicechain.engines.draws import lineage as lineage_of
from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import Clock
from servicechain.engines.reference.floor import Floor
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.patience import Patience
from servicechain.engines.reference.plan import RequestPlan, ServicePlan, TogetherPlan
from servicechain.engines.reference.recorder import Recorder
from servicechain.engines.reference.requests import OWN, Asker, Customer, Request
from servicechain.engines.reference.strands import Fork, Strand, Timed
from servicechain.records import CustomerOutcome, RequestOutcome

if TYPE_CHECKING:
    from servicechain.engines.reference.breakdowns import Repair


class Desk:
    """Where requests are made and answered.

    Attributes
    ----------
    present : dict of Customer
        Who has come and not left, in the order in which they came.
    left : int
        How many journeys are over.
    has_left : callable
        Told who has left.
    """

    def __init__(self, clock: Clock, agenda: Agenda, floor: Floor, draws: Draws, recorder: Recorder) -> None:
        self._clock = clock
        self._agenda = agenda
        self._floor = floor
        self._recorder = recorder
        self._patience = Patience(clock, draws, self._give_up)
        self.present: dict[Customer, None] = {}
        self.left = 0
        self.has_left: Callable[[Customer], None]

    # -- customers ------------------------------------------------------------------------------------------

    def customer_finished(self, customer: Customer) -> None:
        """Let a customer go whose journey is over."""
        self._leave(customer, CustomerOutcome.FINISHED)

    def _leave(self, customer: Customer, outcome: CustomerOutcome) -> None:
        now = self._clock.now
        customer.enter(OWN, now)
        del self.present[customer]
        self.left += 1
        self._recorder.customer(customer, now, outcome)
        del customer.main
        self.has_left(customer)

    def _give_up(self, customer: Customer) -> None:
        """Let a customer leave, and everything of theirs end."""
        idle: list[Request] = []
        self._break_off(customer.main, idle)
        self._leave(customer, CustomerOutcome.ABANDONED)
        for request in idle:
            self._floor.release(request)
        self._agenda.carry_out()

    # -- making requests --------------------------------------------------------------------------------------

    def ask(self, step: RequestPlan, strand: Strand, round_: int) -> None:
        """Request a service; the strand goes on when it is answered."""
        owner = strand.owner
        front = type(owner) is Customer
        request = self._request(step, owner, round_, asker=strand, front=front)
        strand.doing = request
        self._agenda.touch(owner)
        if front:
            if strand.fork is None:
                request.patience = step.patience or owner.origin.plan.patience
            request.show(request.asked)
        self._agenda.add(self._asked, request)

    def tell(self, step: RequestPlan, strand: Strand, round_: int) -> None:
        """Request a service and go on."""
        self._agenda.add(self._asked, self._request(step, strand.owner, round_, asker=None, front=False))

    def hand_off(self, step: RequestPlan, strand: Strand, round_: int) -> None:
        """Release the server and let its request go on as a request for another service."""
        before = strand.owner
        assert isinstance(before, Request)
        request = self._request(step, before, round_, asker=before.asker, front=before.front)
        request.patience = before.patience
        if request.asker is not None:
            request.asker.doing = request
            self._agenda.touch(request.asker.owner)
        if request.front:
            if request.patience is not None:
                self._patience.end(request.origin)
            before.stand_aside(request.asked)
            request.show(request.asked)
        self._end(before, RequestOutcome.HANDED_OFF)
        self._floor.release(before)
        self._agenda.add(self._asked, request)

    def repair(self, service: ServicePlan, repair: Repair) -> None:
        """Request a service on behalf of what has failed."""
        request = Request(repair, service, repair, False, repair.lineage, service.priority, self._clock.now)
        repair.doing = request
        self._agenda.add(self._asked, request)

    def _request(
        self, step: RequestPlan, owner: Customer | Request, round_: int, asker: Asker | None, front: bool
    ) -> Request:
        priority = step.priority
        if priority is None and front:
            priority = owner.origin.plan.priority
        if priority is None:
            priority = step.service.priority
        lineage = lineage_of(owner.lineage, step.path, round_)
        return Request(owner.origin, step.service, asker, front, lineage, priority, self._clock.now)

    def _asked(self, request: Request) -> None:
        """Take a free server at once, or join the line."""
        if request.withdrawn:
            return
        joins = self._floor.arrive(request)
        if request.patience is not None and (joins or request.origin.plan.leaves_held):
            self._patience.begin(request.origin, request.patience, request.lineage)

    # -- answering them -----------------------------------------------------------------------------------------

    def answer(self, request: Request) -> None:
        """Let the asker go on; what the server still does is wrap-up."""
        request.answered = self._clock.now
        asker, request.asker = request.asker, None
        if request.front:
            if request.patience is not None:
                self._patience.end(request.origin)
            request.stand_aside(request.answered)
        if asker is not None:
            self._agenda.add(_answered, asker)

    def finish(self, request: Request) -> None:
        """End a service: the server is released, and only then the asker goes on."""
        unanswered = not request.is_answered
        if unanswered:
            request.answered = self._clock.now
        self._end(request, RequestOutcome.FINISHED)
        self._floor.release(request)
        if unanswered:
            self.answer(request)

    def _end(self, request: Request, outcome: RequestOutcome) -> None:
        self._floor.end(request)
        self._recorder.request(request, self._clock.now, outcome)
        del request.main  # a circle of references keeps memory until it is searched for

    # -- branches side by side ----------------------------------------------------------------------------------

    def together_begins(self, step: TogetherPlan, strand: Strand, round_: int) -> None:
        """Draw the one deadline of a customer who does several things at once."""
        customer = strand.owner
        if isinstance(customer, Customer) and strand.fork is None and customer.plan.patience is not None:
            lineage = lineage_of(customer.lineage, step.path, round_)
            self._patience.begin(customer, customer.plan.patience, lineage)

    def together_is_over(self, fork: Fork) -> None:
        """Break off the branches that are no longer needed."""
        customer = fork.strand.owner
        if isinstance(customer, Customer) and fork.strand.fork is None:
            self._patience.end(customer)
        for branch in fork.branches:
            if not branch.over:
                self._break_off(branch, None)

    def _break_off(self, strand: Strand, idle: list[Request] | None) -> None:
        """Let nobody walk along a strand any more.

        What was asked for is withdrawn if it has not begun, and else goes on unattended. Only if a customer
        leaves (`idle` is a list) do their own requests end; their servers are added to it, to be released when
        all of them have left their lines.
        """
        strand.over = True
        doing, strand.doing = strand.doing, None
        if isinstance(doing, Fork):
            for branch in doing.branches:
                if not branch.over:
                    self._break_off(branch, idle)
        elif isinstance(doing, Timed):
            self._break_off_time(doing)
        elif doing is not None:
            self._let_go(doing, idle)
        strand.walk.close()

    def _break_off_time(self, timed: Timed) -> None:
        if timed.by_server:
            request = timed.strand.owner
            assert isinstance(request, Request)
            self._floor.break_off(timed, request)
        elif timed.due is not None:
            timed.due.call_off()
            timed.due = None
            self._floor.count_work(timed.strand.owner, -1)

    def _let_go(self, request: Request, idle: list[Request] | None) -> None:
        request.asker = None
        own = request.front and idle is not None
        request.stand_aside(self._clock.now)
        if not request.has_begun:
            request.withdrawn = True
            if request.waiting:
                self._floor.leave_line(request)
            outcome = RequestOutcome.ABANDONED if own else RequestOutcome.WITHDRAWN
            self._recorder.request(request, self._clock.now, outcome)
        elif own and idle is not None:
            self._break_off(request.main, None)
            self._end(request, RequestOutcome.ABANDONED)
            idle.append(request)

    # -- the end ----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Record what is unfinished when the run ends."""
        now = self._clock.now
        for request in self._floor.open:
            self._recorder.request(request, math.nan, RequestOutcome.UNFINISHED)
        for request in self._floor.in_line:
            self._recorder.request(request, math.nan, RequestOutcome.WAITING)
        for customer in self.present:
            customer.enter(OWN, now)
            self._recorder.customer(customer, math.nan, CustomerOutcome.UNFINISHED)


def _answered(asker: Asker) -> None:
    asker.answered()
