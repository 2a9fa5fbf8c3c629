"""One replication: from an empty floor to the end of the run."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from servicechain.causes import Paths
from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.attribution import Attribution
from servicechain.engines.reference.breakdowns import Breakdowns
from servicechain.engines.reference.clock import ARRIVAL, BEFORE, Clock, Due
from servicechain.engines.reference.desk import Desk
from servicechain.engines.reference.disruptions import Disruptions
from servicechain.engines.reference.duty import Duty
from servicechain.engines.reference.floor import Floor
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.members import Members
from servicechain.engines.reference.plan import ClassPlan, Plan
from servicechain.engines.reference.recorder import Recorder
from servicechain.engines.reference.requests import Customer
from servicechain.engines.reference.sources import NextTime, batch_size, source_of
from servicechain.engines.reference.teams import Team
from servicechain.engines.reference.walking import Walks
from servicechain.records import ACTOR_TIME, Sink
from servicechain.settings import Settings
from servicechain.units import TimeUnit, convert

QUIET_DAYS = 8
"""A floor on which nobody works and nothing has begun for so long stays as it is: a week's calendar and a day."""

REPAIR_DAYS = 365
"""A repair may end so late and still be waited for; then a floor that does nothing but repair stays as it is."""

Progress = Callable[[int, float], None]
"""Told now and then how many customers have left and what time it is."""

_STRIDE = 2048


class Replication:
    """One independent run of a plan."""

    def __init__(self, plan: Plan, settings: Settings, replication: int, sink: Sink, paths: Paths) -> None:
        self._plan = plan
        self._settings = settings
        self._clock = clock = Clock()
        self._draws = draws = Draws(settings.seed, *settings.stream(replication))
        self._recorder = Recorder(sink, settings.warm_up)
        self._teams = [Team(actor) for actor in plan.actors]
        self._agenda = Agenda(clock)
        self._floor = Floor(clock, self._agenda, self._teams, plan.services)
        self._desk = Desk(clock, self._agenda, self._floor, draws, self._recorder)
        self._walks = Walks(clock, self._agenda, draws, self._floor, self._desk)
        disruptions = Disruptions(clock, self._agenda, self._floor)
        self._duty = Duty(clock, self._agenda, disruptions)
        self._breakdowns = Breakdowns(clock, self._agenda, draws, self._floor, self._desk, disruptions)
        self._attribution: Attribution | None = None
        if settings.attribution:
            self._attribution = self._recorder.attribution = Attribution(clock, self._agenda, plan, paths, settings)
        self._members = Members(clock, draws, self._member_comes)
        self._desk.has_left = self._members.has_left
        self._closed = sum(one.think is not None for one in plan.classes)
        self._numbers = [0] * len(plan.classes)
        self._sources: dict[int, NextTime] = {}
        self._room = math.inf if settings.customers is None else settings.customers
        self._arrived = 0
        self._last_arrival = 0.0
        self._observed: tuple[float, list[tuple[float, ...]]] | None = None

    def run(self, progress: Progress | None = None) -> None:
        """Simulate, hand all records to the sink, and close it."""
        self._open()
        if self._settings.until is None:
            self._until_all_have_left(progress)
        else:
            self._until_time(self._settings.until, progress)
        self._close()
        if progress is not None:
            progress(self._desk.left, self._clock.now)

    # -- beginning ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._settings.warm_up > 0:
            self._clock.at(self._settings.warm_up, BEFORE, self._begin_to_observe, None)
        if self._attribution is not None:
            for edge in self._settings.edges:
                self._clock.at(edge, BEFORE, self._turn_bucket, None)
        for team in self._teams:
            self._duty.open(team)
            self._breakdowns.open(team)
        for plan in self._plan.classes:
            self._sources[plan.index] = source_of(plan, self._draws, self._plan.unit)
        for plan in self._plan.classes:
            if plan.think is None:
                self._schedule(plan)
            else:
                self._agenda.expect_members(self._members.open(plan))
        self._note_last_arrival()

    def _turn_bucket(self, _: Due) -> None:
        assert self._attribution is not None
        self._attribution.turn_bucket(self._desk.present)

    def _begin_to_observe(self, _: Due) -> None:
        for team in self._teams:
            team.start_over(self._clock.now)

    # -- arrivals -------------------------------------------------------------------------------------------

    def _schedule(self, plan: ClassPlan) -> None:
        time = self._sources[plan.index](self._clock.now, self._numbers[plan.index])
        if time is None:
            del self._sources[plan.index]
        else:
            self._clock.at(time, ARRIVAL + plan.index, self._arrival, plan)

    def _arrival(self, due: Due) -> None:
        plan: ClassPlan = due.subject
        if plan.index not in self._sources:
            return
        first = self._numbers[plan.index]
        size = int(min(batch_size(plan, self._draws, first), self._room - self._arrived))
        self._agenda.expect(size)
        for number in range(first, first + size):
            self._arrive(Customer(plan, number, number, self._clock.now))
        # an empty batch still uses up its number, or the same draw would be made for ever
        self._numbers[plan.index] = first + max(size, 1)
        self._last_arrival = self._clock.now
        if self._arrived >= self._room:
            self._sources.clear()
        else:
            self._schedule(plan)
        self._agenda.carry_out()
        self._note_last_arrival()

    def _member_comes(self, customer: Customer) -> None:
        if self._arrived >= self._room:
            return
        self._agenda.count_move()
        self._arrive(customer)
        self._last_arrival = self._clock.now
        if self._arrived >= self._room:
            self._sources.clear()
        self._agenda.carry_out()
        self._note_last_arrival()

    def _arrive(self, customer: Customer) -> None:
        self._arrived += 1
        self._desk.present[customer] = None
        if self._attribution is not None:
            self._attribution.open(customer)
        self._walks.begin_journey(customer)

    def _note_last_arrival(self) -> None:
        """Stop observing when nobody will come any more; a run until a time observes to its end."""
        if not self._sources and self._settings.until is None and self._observed is None:
            self._recorder.last_arrival = self._clock.now
            self._stop_observing()

    def _stop_observing(self) -> None:
        window = self._clock.now - self._settings.warm_up
        for team in self._teams:
            if window < 0:  # all came before the warm-up was over
                team.start_over(self._clock.now)
                team.queue_max = math.nan
            team.book(self._clock.now)
        window = max(0.0, window)
        self._observed = window, [team.times() for team in self._teams]

    # -- running --------------------------------------------------------------------------------------------

    def _until_all_have_left(self, progress: Progress | None) -> None:
        clock, desk, floor = self._clock, self._desk, self._floor
        quiet, long = (convert(days, TimeUnit.DAYS, self._plan.unit) for days in (QUIET_DAYS, REPAIR_DAYS))
        report_at = _STRIDE
        while self._sources or desk.left < self._arrived:
            if not floor.working_now and not self._somebody_will_come():
                enough = max(floor.last_begun, self._last_arrival) + (long if floor.repairs_now else quiet)
                if clock.peek() > enough:
                    clock.go_to(max(clock.now, enough))  # a repair may have taken longer
                    break
            clock.step()
            if progress is not None and desk.left >= report_at:
                report_at = desk.left + _STRIDE
                progress(desk.left, clock.now)

    def _somebody_will_come(self) -> bool:
        """Tell whether anybody is on their way; members of a closed population only while they think."""
        if len(self._sources) > self._closed:
            return True
        return bool(self._sources) and self._members.thinking > 0

    def _until_time(self, end: float, progress: Progress | None) -> None:
        clock, events = self._clock, 0
        while clock.peek() < end:
            clock.step()
            events += 1
            if progress is not None and events % _STRIDE == 0:
                progress(self._desk.left, clock.now)
        clock.go_to(end)

    def _close(self) -> None:
        if self._observed is None:
            self._stop_observing()
        assert self._observed is not None
        window, times = self._observed
        self._desk.close()
        self._recorder.flush()
        self._recorder.sink.close(np.array(times, ACTOR_TIME), window, self._clock.now)
