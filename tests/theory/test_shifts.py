"""Staff that comes and goes by the clock, against Kolmogorov's equations with a jump at each change of shift.

The trap is the end of a shift. With `finish`, those busy stay until they are done, so the state is not only how many
are there but also how many are being served, and nobody begins before the busy are no more than those on duty.
With `stop`, the surplus goes back in line, and a night without anybody on duty counts as waiting.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np
import pytest

from theory.agreement import Exact, Model, check_exact, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory

# From full to nearly empty: half of the day's shifts end while all are busy.
ONE_DAY = Model(
    "three, then one, then two on duty",
    """
    unit: hours
    actors:
      clerk:
        lane: contact
        wage: 10
        shifts:
          - {days: daily, from: "00:00", to: "04:00", staff: 3}
          - {days: daily, from: "04:00", to: "08:00", staff: 1}
          - {days: daily, from: "08:00", to: "24:00", staff: 2}
    services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
    customers: {guest: {arrivals: poisson(rate=2/h), journey: [{ask: serve}]}}
    """,
    until=10,
    replications=2400,
    records=False,
)

# Day after day, from eight to four; what is not done goes home in the drawer.
DRAWER = Model(
    "two by day, nobody by night, work is put back",
    """
    unit: hours
    actors:
      clerk:
        lane: contact
        shifts: [{days: daily, from: "08:00", to: "16:00", staff: 2}]
        at_shift_end: stop
    services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
    customers: {guest: {arrivals: poisson(rate=0.4/h), journey: [{ask: serve}]}}
    """,
    until=2400,
    warm_up=96,
)

# Callers by the hour of the day, and agents who stay until their last call is over.
CALL_CENTRE = Model(
    "a day of calls and shifts",
    """
    unit: hours
    actors:
      agent:
        lane: contact
        shifts:
          - {days: daily, from: "00:00", to: "24:00", staff: 1}
          - {days: daily, from: "06:00", to: "18:00", staff: 1}
          - {days: daily, from: "12:00", to: "18:00", staff: 2}
    services: {answer: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers:
      caller: {arrivals: {rates: [0.3, 1.5, 3, 0.6], per: hour, each: 6h}, journey: [{ask: answer}]}
    """,
    until=2448,
    warm_up=48,
)


class Staffed:
    """M/M/c with c by the clock: a list of segments (hours, rate of arrivals, on duty); work takes an hour.

    States: how many are there, how many of them are served (more than are on duty, in overtime).
    """

    def __init__(self, segments, *, stop=False, most=90):
        peak = max(duty for _, _, duty in segments)
        grid = [(there, served) for there in range(most + 1) for served in range(min(there, peak) + 1)]
        self.segments = segments
        self.stop = stop
        self.chains = [Markov(grid, self.moves(rate, duty, most)) for _, rate, duty in segments]
        self.there, self.served = np.array(grid).T
        self.empty = self.chains[0].certainly((0, 0))

    @staticmethod
    def moves(rate, duty, most):
        def moves(state):
            there, served = state
            if there < most:
                yield rate, (there + 1, served + (there == served and served < duty))
            yield served, (there - 1, served - (served > duty or there == served))

        return moves

    def change(self, shares, number):
        """Let a shift begin."""
        duty, chain = self.segments[number][2], self.chains[number]
        after = np.zeros_like(shares)
        for share, there, served in zip(shares, self.there, self.served, strict=True):
            can = min(there, duty)
            after[chain.place[there, can if self.stop else max(served, can)]] += share
        return after

    def through(self, shares, until=np.inf):
        """Go through the segments: the shares at the end, and of each segment the time spent in each state."""
        spent = []
        for number, (lasts, _, _) in enumerate(self.segments):
            time = min(lasts, until)
            shares = self.change(shares, number)
            spent.append(self.chains[number].spent(shares, time))
            shares = self.chains[number].after(shares, time)
            until -= time
            if until <= 0:
                break
        return shares, spent

    @cached_property
    def usual_day(self):
        """What `through` gives once each day is like the day before."""
        shares, spent = self.through(self.empty)
        for _ in range(60):
            before, (shares, spent) = shares, self.through(shares)
            if np.abs(shares - before).sum() < 1e-10:
                break
        return shares, spent

    def line(self, spent):
        return sum(part @ (self.there - self.served) for part in spent) / sum(part.sum() for part in spent)

    def overtime(self, spent):
        duties = [duty for _, _, duty in self.segments]
        return sum(part @ np.maximum(0, self.served - duty) for part, duty in zip(spent, duties, strict=False))

    def working(self, spent):
        """Share of the time on duty; overtime is beyond it."""
        duties = [duty for _, _, duty in self.segments]
        parts = [*zip(spent, duties, strict=False)]
        on_duty = sum(part.sum() * duty for part, duty in parts)
        return sum(part @ np.minimum(self.served, duty) for part, duty in parts) / on_duty


@cache
def one_day():
    return Staffed([(4, 2.0, 3), (4, 2.0, 1), (16, 2.0, 2)])


@cache
def ten_hours():
    return one_day().through(one_day().empty, until=10)


@cache
def drawer():
    return Staffed([(8, 0.4, 0), (8, 0.4, 2), (8, 0.4, 0)], stop=True)


@cache
def call_centre():
    return Staffed([(6, 0.3, 1), (6, 1.5, 2), (6, 3.0, 4), (6, 0.6, 1)])


def held_over_night():
    """Who is put back at four goes on at eight, first of all: sixteen hours, shared out over a day's guests."""
    clerks = drawer()
    shares = clerks.change(clerks.usual_day[0], 0)
    for number in (0, 1):
        shares = clerks.chains[number].after(clerks.change(shares, number), 8)
    return 16 * (shares @ np.minimum(clerks.there, 2)) / (24 * 0.4)


KOLMOGOROV = "Kolmogorov's equations, by uniformization"

EXACT = {
    "shift_number": Exact(
        "E[number there] two hours after the second change",
        KOLMOGOROV,
        lambda: float(ten_hours()[0] @ one_day().there),
        ONE_DAY.number("customers.guest.unfinished"),
    ),
    "shift_line": Exact(
        "E[in line] over the ten hours",
        KOLMOGOROV,
        lambda: one_day().line(ten_hours()[1]),
        ONE_DAY.number("actors.clerk.queue_length.mean"),
    ),
    "shift_overtime": Exact(
        "E[overtime] in hours",
        KOLMOGOROV,
        lambda: one_day().overtime(ten_hours()[1]),
        ONE_DAY.number("actors.clerk.overtime"),
    ),
    "shift_working": Exact(
        "share of time on duty at work",
        KOLMOGOROV,
        lambda: one_day().working(ten_hours()[1]),
        ONE_DAY.number("actors.clerk.working"),
        probability=True,
    ),
    "shift_cost": Exact(
        "E[cost] = 10 (∫ on duty + overtime)",
        KOLMOGOROV,
        lambda: 10 * (4 * 3 + 4 * 1 + 2 * 2 + one_day().overtime(ten_hours()[1])),
        ONE_DAY.number("actors.clerk.cost"),
    ),
    "shift_drawer_line": Exact(
        "E[in line], nobody by night",
        f"{KOLMOGOROV}, day after day",
        lambda: drawer().line(drawer().usual_day[1]),
        DRAWER.number("actors.clerk.queue_length.mean"),
    ),
    "shift_drawer_held": Exact(
        "E[held] = 16 h E[put back] / E[guests a day]",
        f"{KOLMOGOROV}, day after day",
        held_over_night,
        DRAWER.number("customers.guest.held"),
    ),
    "shift_drawer_working": Exact(
        "share of time on duty at work",
        "all work is done by day",
        lambda: 24 * 0.4 / 16,
        DRAWER.number("actors.clerk.working"),
        probability=True,
    ),
    "shift_calls_line": Exact(
        "E[in line], rates and staff by the hour",
        f"{KOLMOGOROV}, day after day",
        lambda: call_centre().line(call_centre().usual_day[1]),
        CALL_CENTRE.number("actors.agent.queue_length.mean"),
    ),
    "shift_calls_overtime": Exact(
        "E[overtime] of 100 days",
        f"{KOLMOGOROV}, day after day",
        lambda: 100 * call_centre().overtime(call_centre().usual_day[1]),
        CALL_CENTRE.number("actors.agent.overtime"),
    ),
}


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)


def test_staff_that_never_changes_is_erlangs():
    """With the same staff all day the equations come to M/M/2, whose line is 2ρ³/(1 − ρ²)."""
    steady = Staffed([(12, 1.2, 2), (12, 1.2, 2)])
    line = 2 * 0.6**3 / (1 - 0.6**2)
    assert steady.line(steady.usual_day[1]) == pytest.approx(line, rel=1e-6)
