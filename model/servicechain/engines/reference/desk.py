"""Requests, from the asking to the answer: joining a line, beginning, being answered, handed on, given up.

The traps of a general resource are avoided by having none: who leaves the line is out of it before anything
else happens, and a free server is given away at once. Who asks, begins or is answered waits for their turn on
the agenda, in the order in which the walks caused it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from servicechain.engines.draws import lineage as lineage_of
from servicechain.engines.draws import step_key
from servicechain.engines.reference.agenda import Agenda, go_on
from servicechain.engines.reference.clock import PATIENCE, Clock, Due
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import STREAM_PATIENCE, RequestPlan, Variate
from servicechain.engines.reference.recorder import Recorder
from servicechain.engines.reference.requests import HELD, OWN, QUEUEING, Customer, Request, Walk
from servicechain.engines.reference.teams import Team
from servicechain.records import CustomerOutcome, RequestOutcome

_PATIENCE_KEY = step_key(STREAM_PATIENCE, 0)


class Desk:
    """Where requests are made, taken and answered.

    Attributes
    ----------
    present : dict of Customer
        Who has come and not left, in the order in which they came.
    open : dict of Request
        Begun and not ended, in the order in which they began.
    left : int
        How many journeys are over.
    last_begun : float
        When a request last began.
    walk_of : callable
        Makes the walk of a request through its service.
    """

    def __init__(self, clock: Clock, agenda: Agenda, teams: list[Team], draws: Draws, recorder: Recorder) -> None:
        self._clock = clock
        self._agenda = agenda
        self._draws = draws
        self._recorder = recorder
        self.teams = teams
        self.present: dict[Customer, None] = {}
        self.open: dict[Request, None] = {}
        self.left = 0
        self.last_begun = 0.0
        self.walk_of: Callable[[Request], Walk]

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

    # -- making requests --------------------------------------------------------------------------------------

    def ask(self, step: RequestPlan, walker: Customer | Request, round_: int) -> None:
        """Request a service; the walker goes on when it is answered."""
        front = type(walker) is Customer
        request = self._request(step, walker, round_, asker=walker, front=front)
        if front:
            request.patience = step.patience or walker.customer.plan.patience
            walker.customer.enter(QUEUEING, request.asked)
        self._agenda.add(self._asked, request)

    def tell(self, step: RequestPlan, walker: Customer | Request, round_: int) -> None:
        """Request a service and go on."""
        self._agenda.add(self._asked, self._request(step, walker, round_, asker=None, front=False))

    def hand_off(self, step: RequestPlan, walker: Request, round_: int) -> None:
        """Release the walker's server and let its request go on as a request for another service."""
        request = self._request(step, walker, round_, asker=walker.asker, front=walker.front)
        request.patience = walker.patience
        if request.front:
            request.customer.enter(QUEUEING, request.asked)
        self._end(walker, RequestOutcome.HANDED_OFF)
        self._agenda.add(self._asked, request)

    def _request(
        self,
        step: RequestPlan,
        walker: Customer | Request,
        round_: int,
        asker: Customer | Request | None,
        front: bool,
    ) -> Request:
        customer = walker.customer
        priority = step.priority
        if priority is None and front:
            priority = customer.plan.priority
        if priority is None:
            priority = step.service.priority
        lineage = lineage_of(walker.lineage, step.path, round_)
        return Request(customer, step.service, asker, front, lineage, priority, self._clock.now)

    def _asked(self, request: Request) -> None:
        """Take a free server at once, or join the line."""
        now = self._clock.now
        team = self.teams[request.service.actor]
        if team.has_free_server:
            self._take(request, team.take_server(now))
            return
        team.join_line(request, now)
        if request.patience is not None:
            self._set_deadline(request, request.patience)

    def _set_deadline(self, request: Request, patience: Variate) -> None:
        customer = request.customer
        stays = self._draws.variate(patience, customer.plan.key, customer.number, request.lineage, _PATIENCE_KEY)
        customer.deadline = self._clock.after(stays, PATIENCE, self._give_up, request)

    def _give_up(self, due: Due) -> None:
        request: Request = due.subject
        customer, now = request.customer, self._clock.now
        self.teams[request.service.actor].leave_line(request, now)
        self._recorder.request(request, now, RequestOutcome.ABANDONED)
        customer.walk.close()
        self._leave(customer, CustomerOutcome.ABANDONED)

    # -- serving them -----------------------------------------------------------------------------------------

    def _take(self, request: Request, server: int) -> None:
        """Give a request a server; its service begins when it is its turn on the agenda."""
        now = self._clock.now
        request.begun = self.last_begun = now
        request.server = server
        request.walk = self.walk_of(request)
        self.open[request] = None
        if request.front:
            customer = request.customer
            customer.begun = True
            customer.enter(HELD, now)
            if customer.deadline is not None:
                customer.deadline.call_off()
                customer.deadline = None
        self._agenda.add(go_on, request)

    def answer(self, request: Request) -> None:
        """Let the asker go on; what the server still does is wrap-up."""
        request.answered = self._clock.now
        asker, request.asker = request.asker, None
        if request.front:
            request.front = False
            request.customer.enter(OWN, request.answered)
        if asker is not None:
            self._agenda.add(go_on, asker)

    def finish(self, request: Request) -> None:
        """End a service: the server is released, and only then the asker goes on."""
        unanswered = request.answered is None
        if unanswered:
            request.answered = self._clock.now
        self._end(request, RequestOutcome.FINISHED)
        if unanswered:
            self.answer(request)

    def _end(self, request: Request, outcome: RequestOutcome) -> None:
        del self.open[request]
        self._recorder.request(request, self._clock.now, outcome)
        self._release(request)

    def _release(self, request: Request) -> None:
        """Give the server to the first in line, or let it be free."""
        now = self._clock.now
        team = self.teams[request.service.actor]
        following = team.next_in_line(now)
        if following is None:
            team.release_server(request.server, now)
        else:
            self._take(following, request.server)

    # -- the end ----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Record what is unfinished when the run ends."""
        now = self._clock.now
        for request in self.open:
            self._recorder.request(request, math.nan, RequestOutcome.UNFINISHED)
        for team in self.teams:
            for request in team.line:
                self._recorder.request(request, math.nan, RequestOutcome.WAITING)
        for customer in self.present:
            customer.enter(OWN, now)
            self._recorder.customer(customer, math.nan, CustomerOutcome.UNFINISHED)
