"""The same members again and again, in hand-written SimPy: they think, they ask, they think.

Each is a population of one, whose times of thinking and of work are always the same, but not a multiple of any
other's; so they keep meeting in line in ever new orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import simpy

from peers.agreement import same_moments
from peers.our_side import simulated
from peers.simpy_side import Log, use
from servicechain import Chain

pytestmark = pytest.mark.theory

DAYS = range(2)
UNTIL = 300.0


@dataclass(frozen=True)
class Member:
    name: str
    think: float
    work: float
    check: float
    priority: int


def drawn(rng):
    return [
        Member(
            f"member {index}", *(float(time) for time in rng.uniform([6, 1, 0.2], [30, 3, 2])), int(rng.integers(1, 3))
        )
        for index in range(8)
    ]


def chain_of(members):
    services, customers = {}, {}
    for member in members:
        services[f"serve {member.name}"] = {"by": "desk", "steps": [{"work": member.work}]}
        services[f"check {member.name}"] = {"by": "back office", "steps": [{"work": member.check}]}
        customers[member.name] = {
            "arrivals": {"population": 1, "think": member.think},
            "priority": member.priority,
            "journey": [{"ask": f"serve {member.name}"}, {"ask": f"check {member.name}"}],
        }
    actors = {"desk": {"lane": "contact", "staff": 1}, "back office": {"lane": "backstage", "staff": 1}}
    return Chain.from_dict(
        {"chain": "members", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


def by_simpy(members):
    env = simpy.Environment()
    log = Log(env)
    desk, back_office = simpy.PriorityResource(env), simpy.PriorityResource(env)

    def life(member):
        while True:
            yield env.timeout(member.think)
            arrived = env.now
            yield from use(env, log, desk, f"serve {member.name}", member.work, member.priority)
            yield from use(env, log, back_office, f"check {member.name}", member.check, member.priority)
            log.customers[member.name].append((arrived, env.now))

    for member in members:
        env.process(life(member))
    env.run(UNTIL)
    return log


def over(happened):
    """Leave out what was not over when the run ended."""
    return {key: [row for row in rows if row[-1] < UNTIL] for key, rows in happened.items()}


@pytest.mark.parametrize("day", DAYS)
def test_every_cycle_of_every_member(day, engine, rng):
    members = drawn(rng)
    ours, theirs = simulated(chain_of(members), engine, until=UNTIL), by_simpy(members)
    same_moments(over(ours.requests), theirs.requests)
    same_moments(over(ours.customers), theirs.customers)
    assert sum(begun > asked for rows in theirs.requests.values() for asked, begun, _ in rows) > 20
