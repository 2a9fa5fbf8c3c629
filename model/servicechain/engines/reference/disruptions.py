"""What happens to work in progress when staff changes, when an actor fails, and when it is repaired."""

from __future__ import annotations

from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import Clock
from servicechain.engines.reference.floor import Floor
from servicechain.engines.reference.strands import Strand
from servicechain.engines.reference.teams import Team


class Disruptions:
    """The rows of the table "what happens to work in progress" that concern a whole team."""

    def __init__(self, clock: Clock, agenda: Agenda, floor: Floor) -> None:
        self._clock = clock
        self._agenda = agenda
        self._floor = floor

    def staff_changes(self, team: Team, staff: int) -> None:
        """Let so many be on duty from now on."""
        self._agenda.touch(team)
        team.book(self._clock.now)
        team.on_duty = staff
        if team.plan.stops and team.busy > staff:
            self._stop_surplus(team, int(team.busy - staff))
        self._floor.settle(team)

    def _stop_surplus(self, team: Team, surplus: int) -> None:
        now = self._clock.now
        back = []
        for request in [*team.served][-surplus:]:
            if request.is_answered:
                continue
            self._agenda.touch(request)
            if request.working is not None:
                self._floor.interrupt(request)
            if request.interrupted is not None or request.pending:
                back.append(request)
            team.release(request, now)
        for request in sorted(back, key=lambda each: (each.priority, each.order)):
            self._floor.arrange(request)

    def all_fail(self, team: Team, restarts: bool) -> None:
        """Let all servers of a team stop."""
        self._agenda.touch(team)
        team.book(self._clock.now)
        team.is_down = True
        for request in [*team.served]:
            if request.working is not None:
                request.working.restarts = restarts
                self._floor.interrupt(request)

    def all_repaired(self, team: Team) -> None:
        """Let all servers of a team go on."""
        self._agenda.touch(team)
        team.book(self._clock.now)
        team.is_down = False
        waiting: list[tuple[int, Strand]] = []
        for request in team.served:
            waiting += request.pending
            request.pending = []
            self._floor.work_on(request)
        self._floor.settle(team)
        for _, strand in sorted(waiting, key=lambda each: each[0]):
            self._agenda.add(Strand.answered, strand)

    def server_fails(self, team: Team, server: int, restarts: bool) -> None:
        """Let one server stop; what it has in hand goes back in line."""
        now = self._clock.now
        self._agenda.touch(team)
        request = next((each for each in team.served if each.server == server), None)
        if request is None:
            team.break_server(server, now)
            return
        self._agenda.touch(request)
        if request.working is not None:
            request.working.restarts = restarts
            self._floor.interrupt(request)
        team.release(request, now)
        team.break_server(server, now)
        if request.interrupted is not None:
            self._floor.arrange(request)

    def server_repaired(self, team: Team, server: int) -> None:
        """Let one server go on."""
        team.mend_server(server, self._clock.now)
        self._floor.settle(team)
