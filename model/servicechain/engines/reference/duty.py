"""Staff by the clock: one change after the other, each looked up when the one before has happened."""

from __future__ import annotations

from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import STAFF, Clock, Due
from servicechain.engines.reference.disruptions import Disruptions
from servicechain.engines.reference.teams import Team


class Duty:
    """Who is on duty when."""

    def __init__(self, clock: Clock, agenda: Agenda, disruptions: Disruptions) -> None:
        self._clock = clock
        self._agenda = agenda
        self._disruptions = disruptions

    def open(self, team: Team) -> None:
        """Let those be on duty who are from the start, and the changes come."""
        calendar = team.plan.calendar
        if calendar is not None:
            team.on_duty = calendar.on_duty_at(0.0)
            self._schedule(team)

    def _schedule(self, team: Team) -> None:
        assert team.plan.calendar is not None
        change = team.plan.calendar.next_change(self._clock.now)
        if change is not None:
            time, staff = change
            self._clock.at(time, STAFF, self._change, (team, staff))

    def _change(self, due: Due) -> None:
        team, staff = due.subject
        self._disruptions.staff_changes(team, staff)
        self._schedule(team)
        self._agenda.carry_out()
