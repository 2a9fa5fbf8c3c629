"""One replication: from an empty floor to the end of the run."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from servicechain.engines.reference.agenda import Agenda, go_on
from servicechain.engines.reference.clock import ARRIVAL, BEFORE, Clock, Due
from servicechain.engines.reference.desk import Desk
from servicechain.engines.reference.keyed import Draws
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

Progress = Callable[[int, float], None]
"""Told now and then how many customers have left and what time it is."""

_STRIDE = 2048


class Replication:
    """One independent run of a plan."""

    def __init__(self, plan: Plan, settings: Settings, replication: int, sink: Sink) -> None:
        self._plan = plan
        self._settings = settings
        self._clock = clock = Clock()
        self._draws = draws = Draws(settings.seed, *settings.stream(replication))
        self._recorder = Recorder(sink, settings.warm_up)
        self._teams = [Team(index, a.servers, a.lane.in_front) for index, a in enumerate(plan.actors)]
        self._agenda = Agenda(clock)
        self._desk = Desk(clock, self._agenda, self._teams, draws, self._recorder)
        self._walks = Walks(clock, self._agenda, draws, self._desk)
        self._numbers = [0] * len(plan.classes)
        self._sources: dict[int, NextTime] = {}
        self._room = math.inf if settings.customers is None else settings.customers
        self._arrived = 0
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
        for plan in self._plan.classes:
            self._sources[plan.index] = source_of(plan, self._draws, self._plan.unit)
        for plan in self._plan.classes:
            self._schedule(plan)
        self._note_last_arrival()

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
            self._arrive(Customer(plan, number, self._clock.now))
        # an empty batch still uses up its number, or the same draw would be made for ever
        self._numbers[plan.index] = first + max(size, 1)
        self._arrived += size
        if self._arrived >= self._room:
            self._sources.clear()
        else:
            self._schedule(plan)
        self._agenda.carry_out()
        self._note_last_arrival()

    def _arrive(self, customer: Customer) -> None:
        customer.walk = self._walks.journey(customer)
        self._desk.present[customer] = None
        go_on(customer)

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
        self._observed = window, [team.times(window) for team in self._teams]

    # -- running --------------------------------------------------------------------------------------------

    def _until_all_have_left(self, progress: Progress | None) -> None:
        clock, desk, sources, walks = self._clock, self._desk, self._sources, self._walks
        quiet = convert(QUIET_DAYS, TimeUnit.DAYS, self._plan.unit)
        report_at = _STRIDE
        while sources or desk.left < self._arrived:
            if not sources and not walks.working_now:
                enough = max(desk.last_begun, self._recorder.last_arrival) + quiet
                if clock.peek() > enough:
                    clock.go_to(enough)
                    break
            clock.step()
            if progress is not None and desk.left >= report_at:
                report_at = desk.left + _STRIDE
                progress(desk.left, clock.now)

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
