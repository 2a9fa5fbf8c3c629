"""Who may be interrupted when: a receptionist who works, who is held, who wraps up; in hand-written SimPy.

While the back office answers, the receptionist is held and cannot be interrupted; as soon as it has answered, they
work again and can be. Whoever was interrupted goes on with what was left, at whichever receptionist is free.
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


@dataclass(frozen=True)
class Guest:
    name: str
    arrived: float
    priority: int
    hello: float
    check: float
    goodbye: float
    wrap_up: float


def drawn(rng, servers):
    return [
        Guest(f"guest {index}", float(when), int(rng.choice([1, 2, 2, 3])), *(float(time) for time in times))
        for index, when in enumerate(arrivals(rng, COUNT, 6.0 / servers))
        for times in [rng.exponential(1.5, 4)]
    ]


def chain_of(guests, servers):
    services, customers = {}, {}
    for guest in guests:
        steps = [{"work": guest.hello}, {"ask": f"check {guest.name}"}, {"work": guest.goodbye}]
        services[f"serve {guest.name}"] = {"by": "desk", "steps": [*steps, "reply", {"work": guest.wrap_up}]}
        services[f"check {guest.name}"] = {"by": "back office", "steps": [{"work": guest.check}]}
        customers[guest.name] = {
            "arrivals": f"at([{guest.arrived!r}])",
            "priority": guest.priority,
            "journey": [{"ask": f"serve {guest.name}"}],
        }
    actors = {
        "desk": {"lane": "contact", "staff": servers, "preempt": True},
        "back office": {"lane": "backstage", "staff": 2},
    }
    return Chain.from_dict(
        {"chain": "desk", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


class Turn:
    """A guest's place: in line until `granted`, at the desk since `since`, working until `stopped` if it is set."""

    def __init__(self, guest):
        self.rank = (guest.priority, guest.arrived)
        self.granted = self.since = self.stopped = None


class Desk:
    """The same in SimPy, with a line of its own: a SimPy resource interrupts also whoever is held."""

    def __init__(self, guests, servers):
        self.env = env = simpy.Environment()
        self.log = Log(env)
        self.back_office = simpy.Resource(env, 2)
        self.free, self.line, self.present = servers, [], set()
        self.interruptions = 0
        for guest in guests:
            env.process(self.serve(guest))
        env.run()

    def serve(self, guest):
        env, log = self.env, self.log
        yield env.timeout(guest.arrived)
        turn = Turn(guest)
        with log.request(f"serve {guest.name}") as begin:
            self.stand_in_line(turn)
            self.give_away()
            yield turn.granted
            begin()
            yield from self.work(turn, guest.hello)
            yield from use(env, log, self.back_office, f"check {guest.name}", guest.check)
            yield from self.work(turn, guest.goodbye)
            log.customers[guest.name].append((guest.arrived, env.now))
            yield from self.work(turn, guest.wrap_up)
            self.present.remove(turn)
            self.free += 1
            self.give_away()

    def work(self, turn, left):
        while True:
            begun, stopped = self.env.now, self.env.event()
            turn.stopped = stopped
            self.give_away()  # from now on they may be interrupted, also by somebody who waits already
            yield self.env.timeout(left) | stopped
            if not stopped.triggered:
                turn.stopped = None
                return
            left -= self.env.now - begun
            yield turn.granted

    def stand_in_line(self, turn):
        turn.granted = self.env.event()
        self.line.append(turn)

    def give_away(self):
        """Let those first in line go to whoever is free, or interrupt whoever may be."""
        while self.line:
            first = min(self.line, key=lambda turn: turn.rank)
            if not self.free and not self.interrupted_for(first):
                return
            self.line.remove(first)
            self.free -= 1
            self.present.add(first)
            first.since = self.env.now
            first.granted.succeed()

    def interrupted_for(self, first):
        """Put somebody back whose number is higher: the highest, then who began last."""
        working = [turn for turn in self.present if turn.stopped and turn.rank[0] > first.rank[0]]
        if not working:
            return False
        last = max(working, key=lambda turn: (turn.rank[0], turn.since))
        last.stopped.succeed()
        last.stopped = None
        self.present.remove(last)
        self.stand_in_line(last)
        self.free += 1
        self.interruptions += 1
        return True


def compare(guests, servers, engine):
    ours, theirs = simulated(chain_of(guests, servers), engine), Desk(guests, servers)
    same_moments(ours.requests, theirs.log.requests)
    same_moments(ours.customers, theirs.log.customers)
    return theirs


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("servers", [1, 2, 3])
def test_only_work_is_interrupted(servers, day, engine, rng):
    assert compare(drawn(rng, servers), servers, engine).interruptions > 5


def test_whoever_goes_on_begins_again(engine):
    guests = [
        Guest("early", 0.0, 2, hello=10.0, check=1.0, goodbye=1.0, wrap_up=1.0),
        Guest("late", 1.0, 2, hello=1.0, check=5.0, goodbye=10.0, wrap_up=1.0),
        Guest("urgent", 3.0, 1, hello=2.0, check=0.5, goodbye=0.5, wrap_up=0.5),
        Guest("most urgent", 8.0, 1, hello=1.0, check=0.25, goodbye=0.25, wrap_up=0.25),
    ]
    # At 3 only the early one works, the late one is held (2 to 7); so the early one is put back, and goes on at 6.5
    # with 7 left. At 8 both work, and who began last is the early one again: they go on at 9.75 with 5.5 left,
    # 15.25, and are checked until 16.25, with 2 still to do. The late one is never interrupted: 7 to 18.
    theirs = compare(guests, 2, engine)
    assert theirs.interruptions == 2
    assert theirs.log.requests["serve early"] == [(0.0, 0.0, 18.25)]
    assert theirs.log.requests["serve late"] == [(1.0, 1.0, 18.0)]
