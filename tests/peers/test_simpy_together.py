"""Branches side by side, in hand-written SimPy with its own conditions.

A receptionist asks several places at once and goes on when all, or enough, have answered. What is no longer needed is
withdrawn where it has not begun, and otherwise goes on without anybody waiting; a branch of two asks takes no
second step. The trap of SimPy: a request that lost must be cancelled, or it takes its server for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import simpy

from peers.agreement import same_moments
from peers.our_side import simulated
from peers.people import arrivals
from peers.simpy_side import Log
from servicechain import Chain

pytestmark = pytest.mark.theory

DAYS = range(2)
COUNT = 40
PLACES = {"hotel": 2, "airline": 1, "railway": 1}


@dataclass(frozen=True)
class Trip:
    """`branches`: one after the other (place, work); `own`: work of the receptionist side by side with them."""

    name: str
    arrived: float
    hello: float
    branches: tuple[tuple[tuple[str, float], ...], ...]
    own: float | None
    goodbye: float


def drawn(rng, *, own):
    trips = []
    for index, when in enumerate(arrivals(rng, COUNT, 3.0)):
        branches = tuple(
            tuple((str(rng.choice(list(PLACES))), float(rng.exponential(2))) for _ in range(rng.integers(1, 3)))
            for _ in range(3)
        )
        hello, mine, goodbye = (float(time) for time in rng.exponential(1.5, 3))
        trips.append(Trip(f"trip {index}", float(when), hello, branches, mine if own else None, goodbye))
    return trips


def service_name(trip, branch, step):
    return f"{trip.name} branch {branch} step {step}"


def chain_of(trips, need, *, by_journey):
    services, customers = {}, {}
    for trip in trips:
        branches = []
        for number, branch in enumerate(trip.branches):
            names = [service_name(trip, number, step) for step in range(len(branch))]
            branches.append([{"ask": name} for name in names])
            services |= {
                name: {"by": place, "steps": [{"work": work}]}
                for name, (place, work) in zip(names, branch, strict=True)
            }
        own = [] if trip.own is None else [[{"work": trip.own}]]
        steps = [{"work": trip.hello}, {"together": [*branches, *own], "need": need}, {"work": trip.goodbye}]
        if not by_journey:
            services[trip.name] = {"by": "receptionist", "steps": steps}
            steps = [{"ask": trip.name}]
        customers[trip.name] = {"arrivals": f"at([{trip.arrived!r}])", "journey": steps}
    actors = {name: {"lane": "supplier", "capacity": number} for name, number in PLACES.items()}
    if not by_journey:
        actors["receptionist"] = {"lane": "contact", "staff": 4}
    return Chain.from_dict(
        {"chain": "travel agency", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


class Agency:
    """The same in SimPy."""

    def __init__(self, trips, need, *, by_journey):
        self.env = env = simpy.Environment()
        self.log = Log(env)
        self.need = need
        self.receptionists = simpy.Resource(env, 4)
        self.places = {name: simpy.Resource(env, number) for name, number in PLACES.items()}
        self.withdrawn = self.unattended = 0
        for trip in trips:
            env.process(self.journey(trip) if by_journey else self.at_the_desk(trip))
        env.run()

    def journey(self, trip):
        yield self.env.timeout(trip.arrived)
        yield from self.book(trip)
        self.log.customers[trip.name].append((trip.arrived, self.env.now))

    def at_the_desk(self, trip):
        yield self.env.timeout(trip.arrived)
        with self.log.request(trip.name) as begin, self.receptionists.request() as turn:
            yield turn
            begin()
            yield from self.book(trip)
        self.log.customers[trip.name].append((trip.arrived, self.env.now))

    def book(self, trip):
        env = self.env
        yield env.timeout(trip.hello)
        enough = env.event()
        parts = [env.process(self.branch(trip, number, enough)) for number in range(len(trip.branches))]
        if trip.own is not None:
            parts.append(env.timeout(trip.own))
        number = {"all": len(parts), "any": 1}.get(self.need, self.need)
        yield simpy.events.Condition(env, lambda _, count: count >= number, parts)
        enough.succeed()
        yield env.timeout(trip.goodbye)

    def branch(self, trip, number, enough):
        for step, (place, work) in enumerate(trip.branches[number]):
            if enough.triggered:
                return
            with self.log.request(service_name(trip, number, step)) as begin, self.places[place].request() as turn:
                yield turn | enough
                if not turn.triggered:
                    self.withdrawn += 1
                    return
                begin()
                yield self.env.timeout(work)
                self.unattended += enough.triggered


def compare(trips, need, engine, *, by_journey):
    ours = simulated(chain_of(trips, need, by_journey=by_journey), engine)
    theirs = Agency(trips, need, by_journey=by_journey)
    same_moments(ours.requests, theirs.log.requests)
    same_moments(ours.customers, theirs.log.customers)
    return theirs


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("by_journey", [False, True], ids=["by the receptionist", "by the journey"])
@pytest.mark.parametrize("need", ["any", 2])
def test_enough_of_them(need, by_journey, day, engine, rng):
    theirs = compare(drawn(rng, own=False), need, engine, by_journey=by_journey)
    assert theirs.withdrawn > 3
    assert theirs.unattended > 3


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("by_journey", [False, True], ids=["by the receptionist", "by the journey"])
@pytest.mark.parametrize("own", [False, True], ids=["others only", "own work too"])
def test_all_of_them(own, by_journey, day, engine, rng):
    compare(drawn(rng, own=own), "all", engine, by_journey=by_journey)
