"""A booking system that breaks down, in hand-written SimPy: its work is interrupted, and goes on after the repair.

Up-times, and repairs that just last, are the same each time, but nothing else falls on their multiples. A repair by
the programmer stands in line with what else the programmer is asked for. The trap of SimPy: a `Resource` that is
down still gives its slots away, so whoever gets one must wait for the repair before they have begun.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import simpy

from peers.agreement import same_moments
from peers.our_side import simulated
from peers.people import arrivals
from peers.simpy_side import Log, use
from servicechain import Chain

pytestmark = pytest.mark.theory

DAYS = range(2)
COUNT = 60
UP, DOWN, UNTIL = 23.4567891, 6.54321987, 2000.0


@dataclass(frozen=True)
class Caller:
    name: str
    arrived: float
    look: float
    mend: float | None
    look_again: float

    @classmethod
    def drawn(cls, rng, index, arrived):
        mend = float(rng.exponential(5)) if rng.random() < 0.3 else None
        return cls(f"caller {index}", float(arrived), float(rng.exponential(4)), mend, float(rng.exponential(3)))


def drawn(rng):
    return [Caller.drawn(rng, index, when) for index, when in enumerate(arrivals(rng, COUNT, 6.0))]


def chain_of(callers, failures, capacity):
    services = {"restart": {"by": "programmer", "priority": 0, "steps": [{"work": DOWN}]}}
    customers = {}
    for caller in callers:
        ask = [] if caller.mend is None else [{"ask": f"mend {caller.name}"}]
        services[f"find {caller.name}"] = {
            "by": "system",
            "steps": [{"work": caller.look}, *ask, {"work": caller.look_again}],
        }
        if ask:
            services[f"mend {caller.name}"] = {"by": "programmer", "steps": [{"work": caller.mend}]}
        customers[caller.name] = {
            "arrivals": f"at([{caller.arrived!r}])",
            "journey": [{"ask": f"find {caller.name}"}],
        }
    if "repair" not in failures:
        del services["restart"]
    actors = {
        "system": {"lane": "system", "capacity": capacity, "failures": failures},
        "programmer": {"lane": "backstage", "staff": 1},
    }
    return Chain.from_dict(
        {"chain": "breakdowns", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


class Breakdowns:
    """The same in SimPy."""

    def __init__(self, callers, capacity, *, by_programmer=False, restart=False, only_working=False):
        self.env = env = simpy.Environment()
        self.log = Log(env)
        self.slots = simpy.Resource(env, capacity)
        self.programmer = simpy.PriorityResource(env, 1)
        self.by_programmer, self.restart, self.only_working = by_programmer, restart, only_working
        self.repaired = None  # an event while the system is down
        self.at_work = set()  # processes
        self.changed = env.event()  # somebody began or stopped working
        self.interruptions = 0
        for caller in callers:
            env.process(self.find(caller))
        env.process(self.break_down())
        env.run(UNTIL)

    def find(self, caller):
        yield self.env.timeout(caller.arrived)
        with self.log.request(f"find {caller.name}") as begin, self.slots.request() as slot:
            yield slot
            while self.repaired:
                yield self.repaired
            begin()
            yield from self.work(caller.look)
            if caller.mend is not None:
                yield from use(self.env, self.log, self.programmer, f"mend {caller.name}", caller.mend, 1)
            yield from self.work(caller.look_again)

    def work(self, duration):
        left, done = duration, False
        while not done:
            while self.repaired:
                yield self.repaired
            since = self.env.now
            self.set_at_work(True)
            try:
                yield self.env.timeout(left)
                done = True
            except simpy.Interrupt:
                self.interruptions += 1
                if not self.restart:
                    left -= self.env.now - since
            self.set_at_work(False)

    def set_at_work(self, at_work):
        (self.at_work.add if at_work else self.at_work.discard)(self.env.active_process)
        self.changed.succeed()
        self.changed = self.env.event()

    def break_down(self):
        while True:
            yield from self.time_up()
            self.repaired = self.env.event()
            for process in self.at_work:
                process.interrupt()
            if self.by_programmer:
                yield from use(self.env, self.log, self.programmer, "restart", DOWN, 0)
            else:
                yield self.env.timeout(DOWN)
            repaired, self.repaired = self.repaired, None
            repaired.succeed()

    def time_up(self):
        if not self.only_working:
            yield self.env.timeout(UP)
            return
        left = UP
        while left > 0:
            while not self.at_work:
                yield self.changed
            since, end = self.env.now, self.env.timeout(left)
            while self.at_work and not end.processed:
                yield self.changed | end
            left = 0 if end.processed else left - (self.env.now - since)


def compare(callers, engine, capacity, failures, **rules):
    ours = simulated(chain_of(callers, {"every": UP, **failures}, capacity), engine, until=UNTIL)
    theirs = Breakdowns(callers, capacity, **rules)
    finished = {service: moments for service, moments in ours.requests.items() if service != "restart"}
    restarts = theirs.log.requests.pop("restart", [])
    same_moments(finished, theirs.log.requests)
    ended = [moments for moments in ours.requests.get("restart", []) if moments[2] < UNTIL]
    same_moments({"restart": ended}, {"restart": restarts})
    assert theirs.interruptions > 3


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_a_failure_that_just_lasts(capacity, day, engine, rng):
    compare(drawn(rng), engine, capacity, {"lasts": DOWN})


@pytest.mark.parametrize("day", DAYS)
def test_interrupted_work_begins_again(day, engine, rng):
    compare(drawn(rng), engine, 2, {"lasts": DOWN, "after": "restart"}, restart=True)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("capacity", [1, 2])
def test_a_repair_the_programmer_is_asked_for(capacity, day, engine, rng):
    compare(drawn(rng), engine, capacity, {"repair": "restart"}, by_programmer=True)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("capacity", [1, 2])
def test_only_time_at_work_brings_a_failure_nearer(capacity, day, engine, rng):
    compare(drawn(rng), engine, capacity, {"lasts": DOWN, "clock": "working"}, only_working=True)


@pytest.mark.parametrize("day", DAYS)
def test_a_single_server_that_fails_by_itself(day, engine, rng):
    # put back, its request is still the first in line; so only what is held could make a difference, and nothing is
    callers = [Caller(one.name, one.arrived, one.look, None, one.look_again) for one in drawn(rng)]
    compare(callers, engine, 1, {"lasts": DOWN, "stops": "one"})
