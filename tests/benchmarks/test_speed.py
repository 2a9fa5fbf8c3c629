"""Is the reference engine fast enough? Against the same model written by hand in idiomatic SimPy, in one run.

The hand-written twin keeps no records, no metrics and no keyed random numbers; it is timed only after both
have been found to agree. Their times are CPU times, taken in turn, so that a busy machine troubles both.
"""

import random
import statistics
import time

import pytest
import simpy

from servicechain import run
from timelines import chain_of

HOTEL = """
actors:
  receptionist: {lane: contact, staff: 3}
  booking system: {lane: system, capacity: 2}
  programmer: {lane: backstage, staff: 1}
  manager: {lane: backstage, staff: 1}
services:
  check in:
    by: receptionist
    steps:
      - work: exponential(mean=1)
      - ask: find
      - chance: 0.1
        then: [{ask: fix}]
      - chance: 0.05
        then: [{ask: approve}]
      - work: exponential(mean=2)
  find: {by: booking system, steps: [{work: "lognormal(mean=1.5, cv=0.7)"}]}
  fix: {by: programmer, steps: [{work: exponential(mean=15)}]}
  approve: {by: manager, steps: [{work: exponential(mean=5)}]}
customers:
  guest: {arrivals: poisson(rate=0.46), patience: exponential(mean=20), journey: [{ask: check in}]}
"""
EXACT_WAIT = 3.784  # mean time in line of those served, from long runs of several programs
GUESTS = 20_000
SIGMA2 = 0.39877611995736784  # ln(1 + 0.7²)


def guest(env, desks, rng, waits):
    arrived = env.now
    with desks["receptionist"].request() as turn:
        got = yield turn | env.timeout(rng.expovariate(1 / 20))
        if turn not in got:
            return
        waits.append(env.now - arrived)
        yield env.timeout(rng.expovariate(1))
        with desks["booking system"].request() as slot:
            yield slot
            yield env.timeout(rng.lognormvariate(0.4054651081081644 - SIGMA2 / 2, SIGMA2**0.5))
        for share, desk, mean in ((0.1, "programmer", 15), (0.05, "manager", 5)):
            if rng.random() < share:
                with desks[desk].request() as turn_there:
                    yield turn_there
                    yield env.timeout(rng.expovariate(1 / mean))
        yield env.timeout(rng.expovariate(1 / 2))


def arrivals(env, desks, rng, waits, guests):
    for _ in range(guests):
        yield env.timeout(rng.expovariate(0.46))
        env.process(guest(env, desks, rng, waits))


def by_hand(guests, seed):
    env, rng, waits = simpy.Environment(), random.Random(seed), []
    staff = {"receptionist": 3, "booking system": 2, "programmer": 1, "manager": 1}
    desks = {name: simpy.Resource(env, number) for name, number in staff.items()}
    env.process(arrivals(env, desks, rng, waits, guests))
    env.run()
    return statistics.fmean(waits)


def cpu_time(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def agrees(values):
    """Within 4.5 standard errors (one false alarm in some thousand, by Student's t with nine degrees)."""
    error = statistics.stdev(values) / len(values) ** 0.5
    assert error < 0.05 * EXACT_WAIT
    assert abs(statistics.fmean(values) - EXACT_WAIT) < 4.5 * error


@pytest.mark.theory
def test_at_least_half_the_speed_of_simpy_by_hand():
    chain = chain_of(HOTEL)

    def ours(replication=1, guests=GUESTS):
        # what the other side does not do either is left out
        result = run(chain, customers=guests, replications=1, seed=replication, engine="reference", attribution=False)
        return result.value("services.check in.queue_wait.mean")

    agrees([by_hand(GUESTS, seed) for seed in range(10)])
    agrees([ours(seed) for seed in range(10)])
    ratios = [cpu_time(lambda: by_hand(GUESTS, 1)) / cpu_time(ours) for _ in range(9)]
    print(f"reference engine: {statistics.median(ratios):.2f} times the speed of SimPy by hand {sorted(ratios)}")
    assert statistics.median(ratios) >= 0.5
