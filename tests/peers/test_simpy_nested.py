"""Whoever asks is held until answered: a hotel in hand-written SimPy, with the same guests.

The receptionist keeps the guest while the booking system looks, and the system keeps the receptionist while the
programmer mends; the guest leaves at the reply, the receptionist only after the wrap-up. Every request of every
guest has to be asked, begun and ended at the same moments in both.
"""

from __future__ import annotations

import math
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
SPEED = 0.8  # of the booking system
STAFF = {"receptionist": 3, "booking system": 2, "programmer": 1, "manager": 1}


@dataclass(frozen=True)
class Guest:
    """Durations in minutes; None where it does not happen."""

    name: str
    arrived: float
    patience: float
    hello: float
    looks: int
    look: float
    mend: float | None
    look_again: float
    think: float | None
    approve: float | None
    send_out: float
    goodbye: float
    wrap_up: float
    file_it: float | None
    ticket: float | None

    @classmethod
    def drawn(cls, rng, index, arrived):
        def at_times(share, mean):
            return float(rng.exponential(mean)) if rng.random() < share else None

        return cls(
            name=f"guest {index}",
            arrived=float(arrived),
            patience=float(rng.exponential(15)),
            hello=float(rng.exponential(1)),
            looks=int(rng.integers(1, 4)),
            look=float(rng.exponential(0.6)),
            mend=at_times(0.1, 5),
            look_again=float(rng.exponential(0.3)),
            think=at_times(0.3, 1),
            approve=at_times(0.2, 4),
            send_out=float(rng.exponential(3)),
            goodbye=float(rng.exponential(1)),
            wrap_up=float(rng.exponential(0.5)),
            file_it=at_times(0.5, 0.5),
            ticket=at_times(0.3, 4),
        )


def chain_of(guests):
    services, customers = {}, {}
    for guest in guests:
        services |= services_for(guest)
        customers[guest.name] = {
            "arrivals": f"at([{guest.arrived!r}])",
            "patience": guest.patience,
            "journey": [{"ask": f"check in {guest.name}"}],
        }
    actors = {
        "receptionist": {"lane": "contact", "staff": STAFF["receptionist"]},
        "booking system": {"lane": "system", "capacity": STAFF["booking system"], "speed": SPEED},
        "programmer": {"lane": "backstage", "staff": STAFF["programmer"]},
        "manager": {"lane": "backstage", "staff": STAFF["manager"]},
        "head office": {"lane": "supplier"},
    }
    return Chain.from_dict(
        {"chain": "hotel", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


def services_for(guest):
    name = guest.name
    check_in = [
        {"work": guest.hello},
        {"repeat": [{"ask": f"find {name}"}], "times": guest.looks},
        *only_if(guest.think, {"pause": guest.think}),
        *only_if(guest.approve, {"ask": f"approve {name}"}),
        {"work": guest.goodbye},
        *only_if(guest.ticket, {"tell": f"ticket {name}"}),
        "reply",
        {"work": guest.wrap_up},
        *only_if(guest.file_it, {"ask": f"file {name}"}),
    ]
    find = [{"work": guest.look}, *only_if(guest.mend, {"ask": f"mend {name}"}), {"work": guest.look_again}]
    approve = [{"work": guest.approve}, {"hand_off": f"send out {name}"}]
    all_services = {
        "check in": ("receptionist", check_in),
        "find": ("booking system", find),
        "file": ("booking system", [{"work": guest.file_it}]),
        "mend": ("programmer", [{"work": guest.mend}]),
        "ticket": ("programmer", [{"work": guest.ticket}]),
        "approve": ("manager", approve),
        "send out": ("head office", [{"work": guest.send_out}]),
    }
    left_out = {
        "file": guest.file_it,
        "mend": guest.mend,
        "ticket": guest.ticket,
        "approve": guest.approve,
        "send out": guest.approve,
    }
    services = {
        f"{service} {name}": {"by": actor, "steps": steps}
        for service, (actor, steps) in all_services.items()
        if left_out.get(service, 0) is not None
    }
    for service, priority in (("mend", 0), ("ticket", 2)):
        if f"{service} {name}" in services:
            services[f"{service} {name}"]["priority"] = priority
    return services


def only_if(duration, step):
    return [] if duration is None else [step]


class Hotel:
    """The same in SimPy."""

    def __init__(self, guests):
        self.env = env = simpy.Environment()
        self.log = Log(env)
        self.receptionists = simpy.Resource(env, STAFF["receptionist"])
        self.system = simpy.Resource(env, STAFF["booking system"])
        self.programmer = simpy.PriorityResource(env, STAFF["programmer"])
        self.manager = simpy.Resource(env, STAFF["manager"])
        for guest in guests:
            env.process(self.check_in(guest))
        env.run()

    def check_in(self, guest):
        env, log = self.env, self.log
        yield env.timeout(guest.arrived)
        with log.request(f"check in {guest.name}") as begin, self.receptionists.request() as turn:
            yield turn | env.timeout(guest.patience)
            if not turn.triggered:
                log.customers[guest.name].append((guest.arrived, env.now))
                return
            begin()
            yield env.timeout(guest.hello)
            for _ in range(guest.looks):
                yield from self.find(guest)
            if guest.think is not None:
                yield env.timeout(guest.think)
            if guest.approve is not None:
                yield from use(env, log, self.manager, f"approve {guest.name}", guest.approve)
                with log.request(f"send out {guest.name}") as begin_there:
                    begin_there()
                    yield env.timeout(guest.send_out)
            yield env.timeout(guest.goodbye)
            if guest.ticket is not None:
                env.process(use(env, log, self.programmer, f"ticket {guest.name}", guest.ticket, 2))
            log.customers[guest.name].append((guest.arrived, env.now))
            yield env.timeout(guest.wrap_up)
            if guest.file_it is not None:
                yield from use(env, log, self.system, f"file {guest.name}", guest.file_it / SPEED)

    def find(self, guest):
        env, log = self.env, self.log
        with log.request(f"find {guest.name}") as begin, self.system.request() as slot:
            yield slot
            begin()
            yield env.timeout(guest.look / SPEED)
            if guest.mend is not None:
                yield from use(env, log, self.programmer, f"mend {guest.name}", guest.mend, 0)
            yield env.timeout(guest.look_again / SPEED)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("between", [2.0, 2.5])
def test_every_request_of_every_guest(between, day, engine, rng):
    guests = [Guest.drawn(rng, index, when) for index, when in enumerate(arrivals(rng, COUNT, between))]
    ours, theirs = simulated(chain_of(guests), engine), Hotel(guests).log
    same_moments(ours.requests, theirs.requests)
    same_moments(ours.customers, theirs.customers)
    gone = sum(math.isnan(begun) for guest in guests for _, begun, _ in theirs.requests[f"check in {guest.name}"])
    assert 0 < gone < COUNT - 10
