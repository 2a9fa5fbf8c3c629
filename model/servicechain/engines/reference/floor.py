"""The floor: which request has which server, who waits for one, and what happens to work in progress.

The traps of a general resource are avoided by having none: who leaves a line is out of it before anything else
happens, and a free server is given away at once. *Put back* means one thing, whatever the reason: the request
keeps its priority and its place, and any free server resumes it with the work that is left.
"""

from __future__ import annotations

from collections.abc import Callable

from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import END, Clock, Due
from servicechain.engines.reference.plan import ServicePlan
from servicechain.engines.reference.requests import Customer, Request
from servicechain.engines.reference.strands import Strand, Timed
from servicechain.engines.reference.teams import Team


class Floor:
    """All teams and their lines.

    Attributes
    ----------
    open : dict of Request
        Begun and not ended, in the order in which they began.
    in_line : dict of Request
        Standing in line without having begun, in the order in which they came.
    last_begun : float
        When a customer's request last began, or was resumed.
    working_now : int
        How many works and pauses are going on, those of repairs left out.
    repairs_now : int
        How many works and pauses of repairs are going on, and repairs that just last.
    begins : callable
        Lets a request that has a server walk through its service.
    """

    def __init__(self, clock: Clock, agenda: Agenda, teams: list[Team], services: list[ServicePlan]) -> None:
        self._clock = clock
        self._agenda = agenda
        self._teams_of = [[teams[actor] for actor in service.actors] for service in services]
        self.open: dict[Request, None] = {}
        self.in_line: dict[Request, None] = {}
        self.last_begun = 0.0
        self.working_now = self.repairs_now = 0
        self._requests = self._postponed = 0
        self.begins: Callable[[Request], None]

    # -- lines ------------------------------------------------------------------------------------------------

    def arrive(self, request: Request) -> bool:
        """Let a new request take a server at once or stand in line; tell whether it stands in line."""
        self._requests += 1
        request.order = self._requests
        return self.arrange(request)

    def arrange(self, request: Request) -> bool:
        """Find a server for a request: a free one, else one that works on something less urgent, else none."""
        teams = self._teams_of[request.service.index]
        for team in teams:
            if team.has_free_server:
                self._take(request, team)
                return False
        for team in teams:
            if team.preempts and team.is_full:
                victim = team.victim(request.priority)
                if victim is not None:
                    self._displace(team, victim, request)
                    return False
        self._join(request, teams)
        return True

    def _join(self, request: Request, teams: list[Team]) -> None:
        self._agenda.touch(request)
        request.waiting = True
        request.joined += 1
        teams[0].lengthen(1, self._clock.now)
        for team in teams:
            team.line.join(request)
        if not request.has_begun:
            self.in_line[request] = None

    def leave_line(self, request: Request) -> None:
        """Let a request that stands in line stand there no more."""
        self._agenda.touch(request)
        request.waiting = False
        self._teams_of[request.service.index][0].lengthen(-1, self._clock.now)
        self.in_line.pop(request, None)

    def settle(self, team: Team) -> None:
        """Give free servers to those in line, and servers whose work is less urgent than what waits."""
        while team.has_free_server:
            first = team.line.first()
            if first is None:
                return
            self.leave_line(first)
            self._take(first, team)
        while team.preempts and team.is_full:
            first = team.line.first()
            victim = None if first is None else team.victim(first.priority)
            if first is None or victim is None:
                return
            self.leave_line(first)
            self._displace(team, victim, first)

    # -- servers ----------------------------------------------------------------------------------------------

    def _take(self, request: Request, team: Team) -> None:
        """Give a request a free server; it begins, or goes on, when it is its turn on the agenda."""
        now = self._clock.now
        self._agenda.touch(request)
        team.take(request, now)
        if request.origin.index >= 0:
            self.last_begun = now
        if request.has_begun:
            self._agenda.add(self._resume, request)
            return
        request.begun = now
        if request.front:
            request.origin.begun = True
            request.show(now)
        self.open[request] = None
        self._agenda.add(self.begins, request)

    def _displace(self, team: Team, victim: Request, request: Request) -> None:
        self.interrupt(victim)
        team.release(victim, self._clock.now)
        self._take(request, team)
        self.arrange(victim)

    def release(self, request: Request) -> None:
        """Take a request out of its server's hands and give the server to the next in line."""
        team = request.team
        if request.server < 0 or team is None:
            return
        team.release(request, self._clock.now)
        self.settle(team)

    def end(self, request: Request) -> None:
        """Forget a request that has begun; its server, if it has one, is still to be released."""
        self._agenda.touch(request)
        request.over = True
        del self.open[request]
        if request.waiting:
            self.leave_line(request)

    # -- work -------------------------------------------------------------------------------------------------

    def can_act(self, request: Request) -> bool:
        """Whether a request has a server that can take its next step."""
        return request.server >= 0 and request.team is not None and not request.team.is_down

    def postpone(self, strand: Strand, request: Request) -> None:
        """Let a strand go on when its request has a server again."""
        self._postponed += 1
        request.pending.append((self._postponed, strand))
        if request.server < 0 and not request.waiting:
            self.arrange(request)

    def start_work(self, timed: Timed, request: Request) -> None:
        """Let a server work for the time that was drawn."""
        assert request.team is not None
        timed.speed = request.team.speed
        self._work(timed, request, timed.drawn / timed.speed)
        if request.team.preempts:
            self.settle(request.team)

    def _work(self, timed: Timed, request: Request, duration: float) -> None:
        team = request.team
        assert team is not None
        now = self._clock.now
        self.count_work(request, 1)
        self._agenda.touch(request)
        timed.ends = now + duration
        timed.due = self._clock.at(timed.ends, END, self._work_over, timed)
        request.working = timed
        team.start_work(request, now)
        request.show(now)

    def _work_over(self, due: Due) -> None:
        timed: Timed = due.subject
        request = timed.strand.owner
        assert isinstance(request, Request)
        self._stop(timed, request)
        timed.strand.doing = None
        next(timed.strand.walk, None)
        self._agenda.carry_out()

    def _stop(self, timed: Timed, request: Request) -> None:
        assert request.team is not None
        now = self._clock.now
        self.count_work(request, -1)
        self._agenda.touch(request)
        timed.due = None
        request.working = None
        request.team.stop_work(request, now)
        request.show(now)

    def count_work(self, owner: Customer | Request, by: int) -> None:
        """Count one more work or pause that goes on (1), or one less (-1)."""
        if owner.origin.index >= 0:
            self.working_now += by
        else:
            self.repairs_now += by

    def interrupt(self, request: Request) -> None:
        """Stop the work on a request; the work that is left stays known."""
        timed = request.working
        assert timed is not None
        assert timed.due is not None
        timed.due.call_off()
        timed.left = timed.ends - self._clock.now
        request.interrupted = timed
        self._stop(timed, request)

    def break_off(self, timed: Timed, request: Request) -> None:
        """Stop work for good."""
        if request.working is timed:
            assert timed.due is not None
            timed.due.call_off()
            self._stop(timed, request)
        elif request.interrupted is timed:
            request.interrupted = None

    def _resume(self, request: Request) -> None:
        """Go on with the work that is left, and let those go on who have waited for a server."""
        assert request.team is not None
        self.work_on(request)
        if request.team.preempts:
            self.settle(request.team)
        waiting, request.pending = request.pending, []
        for _, strand in waiting:
            strand.answered()

    def work_on(self, request: Request) -> None:
        """Go on with the work that is left, if there is any."""
        timed, request.interrupted = request.interrupted, None
        if timed is None:
            return
        assert request.team is not None
        speed = request.team.speed
        if timed.restarts:
            timed.restarts = False
            timed.left = timed.drawn / speed
        elif timed.speed != speed:
            timed.left = timed.left * timed.speed / speed
        timed.speed = speed
        self._work(timed, request, timed.left)
