"""Servers that break down one by one, at random, in hand-written SimPy: the means have to agree.

Whose server fails is put back: first in line still, and whichever server is free goes on with what was left.
"""

from __future__ import annotations

import random
from itertools import count

import pytest
import simpy

from peers.pairs import Pair

pytestmark = [pytest.mark.theory, pytest.mark.slow]


def by_simpy(seed, until):
    env, rng = simpy.Environment(), random.Random(seed)
    line, number, moments = simpy.PriorityStore(env), count(), []

    def callers():
        while True:
            yield env.timeout(rng.expovariate(0.5))
            yield line.put(simpy.PriorityItem(next(number), {"asked": env.now, "left": rng.gammavariate(2, 1)}))

    def server():
        failure = env.timeout(rng.expovariate(1 / 20))
        while True:
            turn = line.get()
            yield turn | failure
            if turn.triggered:
                yield from serve(turn.value, failure)
            else:
                turn.cancel()
            if failure.processed:
                yield env.timeout(rng.weibullvariate(4, 2))
                failure = env.timeout(rng.expovariate(1 / 20))

    def serve(item, failure):
        since, caller = env.now, item.item
        caller.setdefault("begun", since)
        yield env.timeout(caller["left"]) | failure
        if failure.processed:
            caller["left"] -= env.now - since
            yield line.put(item)
        else:
            moments.append((caller["asked"], caller["begun"], env.now))

    env.process(callers())
    for _ in range(2):
        env.process(server())
    env.run(until)
    return {"look": moments}


ONE_BY_ONE = Pair(
    "servers that fail one by one",
    """
    actors:
      system:
        lane: system
        capacity: 2
        failures: {every: exponential(mean=20), lasts: "weibull(mean=3.5449077018110318, shape=2)", stops: one}
    services: {look: {by: system, steps: [{work: "erlang(mean=2, k=2)"}]}}
    customers: {caller: {arrivals: poisson(rate=0.5), journey: [{ask: look}]}}
    """,
    by_simpy,
    until=3000,
    warm_up=50,
)
COMPARED = [(ONE_BY_ONE, "time", "look")]


@pytest.mark.parametrize(("pair", "measure", "service"), COMPARED, ids=lambda part: getattr(part, "name", part))
def test_agrees(pair, measure, service):
    pair.compare(measure, service)
