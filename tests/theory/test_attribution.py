"""Who makes customers wait: the long-run means of blame, and the worked example of the hotel.

In the long run the mean blame on a cause is the mean, over time, of the blame rates of all who wait at that moment,
divided by the rate of arrival: H = λG (Brumelle 1971; Heyman & Stidham 1980, doi 10.1287/opre.28.4.983). So a Markov
chain gives it exactly. The trap: a mean is taken of all customers who left, also of those who did not wait.
"""

from __future__ import annotations

from functools import cache

import pytest

from theory.agreement import Exact, Model, cases, check_exact, check_reference, exact_cases
from theory.markov import Markov
from theory.shares import blame

pytestmark = pytest.mark.theory

SOURCE = "Markov chain, solved; H = λG, Brumelle (1971); Heyman & Stidham (1980)"


HOTEL = Model(
    "three guests at the hotel",
    """
    unit: minutes
    actors:
      reception: {lane: contact, staff: 2}
      booking: {lane: system, capacity: 1}
      programmer: {lane: backstage, staff: 1}
    services:
      first guest: {by: reception, steps: [{work: 2}, {ask: difficult booking}, {work: 1}]}
      second guest: {by: reception, steps: [{work: 3}, {ask: booking as usual}, {work: 1}]}
      third guest: {by: reception, steps: [{work: 3}]}
      difficult booking: {by: booking, steps: [{work: 1}, {ask: unlock}, {work: 1}]}
      booking as usual: {by: booking, steps: [{work: 1}]}
      unlock: {by: programmer, steps: [{work: 4}]}
      fault: {by: programmer, steps: [{work: 6}]}
    customers:
      house: {arrivals: "at([0])", journey: [{tell: fault}]}
      g1: {arrivals: "at([0])", journey: [{ask: first guest}]}
      g2: {arrivals: "at([1])", journey: [{ask: second guest}]}
      g3: {arrivals: "at([5])", journey: [{ask: third guest}]}
    """,
    replications=2,
    customers=10,
    attribution=True,
)


def hotel(guest, actor):
    return blame(HOTEL, actor, "queueing", "held", who=guest)


VALUES = {
    "hotel_g1_programmer": hotel("g1", "programmer"),
    "hotel_g1_booking": hotel("g1", "booking"),
    "hotel_g2_programmer": hotel("g2", "programmer"),
    "hotel_g2_booking": hotel("g2", "booking"),
    "hotel_g3_programmer": hotel("g3", "programmer"),
    "hotel_g3_booking": hotel("g3", "booking"),
    "hotel_g3_reception": hotel("g3", "reception"),
}


# A desk behind which a system breaks down at any time; one programmer mends it, and has other work of her own.
BROKEN = Model(
    "a desk, a system that fails, a programmer with other work",
    """
    unit: minutes
    actors:
      desk: {lane: contact, staff: 2}
      system: {lane: system, capacity: 1, failures: {every: exponential(mean=6), repair: mend}}
      programmer: {lane: backstage, staff: 1}
    services:
      serve: {by: desk, steps: [{work: exponential(mean=1.5)}, {ask: find}]}
      find: {by: system, steps: [{work: exponential(mean=1)}]}
      mend: {by: programmer, steps: [{work: exponential(mean=1)}]}
      develop: {by: programmer, steps: [{work: exponential(mean=1)}]}
    customers:
      guest: {arrivals: poisson(rate=0.35/min), journey: [{ask: serve}]}
      colleague: {arrivals: poisson(rate=0.4/min), journey: [{ask: develop}]}
    """,
    customers=8000,
    warm_up=200,
    attribution=True,
    slow=True,
)


MOST_GUESTS, MOST_JOBS = 45, 10


@cache
def broken():
    """States: guests, how many of them are at the system, the programmer's jobs, how many stand before the repair.

    With none before it, it is being done; None: the system is up.
    """

    def moves(state):
        guests, asking, jobs, place = state
        working = min(guests, 2) - asking
        if guests < MOST_GUESTS:
            yield 0.35, (guests + 1, asking, jobs, place)
        if working:
            yield working / 1.5, (guests, asking + 1, jobs, place)
        if asking and place is None:
            yield 1.0, (guests - 1, asking - 1, jobs, place)
        if jobs < MOST_JOBS:
            yield 0.4, (guests, asking, jobs + 1, place)
        if place is None:
            yield 1 / 6, (guests, asking, jobs, jobs)
        if place == 0:
            yield 1.0, (guests, asking, jobs, None)
        elif jobs:
            yield 1.0, (guests, asking, jobs - 1, None if place is None else place - 1)

    chain = Markov([(0, 0, 0, None)], moves)
    return chain, chain.long_run()


def waiting_in_line(state):
    return max(state[0] - 2, 0)


def behind_the_system(state):
    """The share of the desk's servers who are at the system."""
    return state[1] / 2


def broken_blame(rate, arrivals=0.35):
    def value():
        chain, shares = broken()
        return float(shares @ chain.of_each(rate)) / arrivals

    return value


def failure_in_line(state):
    return waiting_in_line(state) * behind_the_system(state) * (state[3] is not None)


def system_in_line(state):
    return waiting_in_line(state) * behind_the_system(state) * (state[3] is None)


def desk_in_line(state):
    return waiting_in_line(state) * (1 - behind_the_system(state))


def failure_held(state):
    return state[1] * (state[3] is not None)


# Two servers, each at work, held by the archive, or in a pause, before a line of people who leave.
COUNTER = Model(
    "a counter that asks the archive and pauses, and people who leave",
    """
    unit: minutes
    actors:
      counter: {lane: contact, staff: 2}
      archive: {lane: backstage, staff: 1}
    services:
      serve: {by: counter, steps: [{work: exponential(mean=1)}, {ask: look up}, {pause: exponential(mean=0.5)}]}
      look up: {by: archive, steps: [{work: exponential(mean=1)}]}
    customers:
      guest: {arrivals: poisson(rate=0.5/min), patience: exponential(mean=3), journey: [{ask: serve}]}
    """,
    customers=3000,
    warm_up=60,
    attribution=True,
    slow=True,
)


def counter(most=30):
    """States: in line, servers at work, at the archive, in a pause; who is in line leaves at rate 1/3."""

    def moves(state):
        line, works, asks, pauses = state
        busy = works + asks + pauses
        if busy < 2:
            yield 0.5, (line, works + 1, asks, pauses)
        elif line < most:
            yield 0.5, (line + 1, works, asks, pauses)
        if line:
            yield line / 3, (line - 1, works, asks, pauses)
        if works:
            yield works, (line, works - 1, asks + 1, pauses)
        if asks:
            yield 1.0, (line, works, asks - 1, pauses + 1)
        if pauses:
            after = (line - 1, works + 1, asks, pauses - 1) if line else (line, works, asks, pauses - 1)
            yield 2.0 * pauses, after

    return Markov([(0, 0, 0, 0)], moves)


def counter_blame(place):
    """Mean blame in line; `place` of a state tells of whom."""
    return lambda: counter().mean(lambda state: state[0] * state[place] / 2) / 0.5


def counter_column(name):
    return COUNTER.mean(lambda run: run.customers[name].mean())


EXACT = {
    "blame_failure_line": Exact(
        "E[blame on failures in line]", SOURCE, broken_blame(failure_in_line), blame(BROKEN, "programmer", "queueing")
    ),
    "blame_failure_held": Exact(
        "E[blame on failures while held]", SOURCE, broken_blame(failure_held), blame(BROKEN, "programmer", "held")
    ),
    "blame_failure_system": Exact(
        "E[blame on the system's work in line]",
        SOURCE,
        broken_blame(system_in_line),
        blame(BROKEN, "system", "queueing"),
    ),
    "blame_failure_desk": Exact(
        "E[blame on the desk's work in line]", SOURCE, broken_blame(desk_in_line), blame(BROKEN, "desk", "queueing")
    ),
    "blame_leave_work": Exact(
        "E[blame on the counter's work in line], all", SOURCE, counter_blame(1), counter_column("queueing|counter|work")
    ),
    "blame_leave_archive": Exact(
        "E[blame on the archive in line], all", SOURCE, counter_blame(2), counter_column("queueing|archive|work")
    ),
    "blame_leave_pause": Exact(
        "E[blame on the counter's pauses in line], all",
        SOURCE,
        counter_blame(3),
        counter_column("queueing|counter|pause"),
    ),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_exactly(name, exact):
    check_exact(name, exact)


def test_the_cut_lines_are_never_so_long():
    cut, shares = broken()
    assert shares[cut.of_each(lambda state: state[0] == MOST_GUESTS or state[2] == MOST_JOBS) > 0].sum() < 1e-3
    assert counter().mean(lambda state: state[0] == 30) < 1e-9
