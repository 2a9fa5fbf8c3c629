"""The models in idiomatic SimPy: a process for each customer, `simpy.Resource`, a timeout beside the request.

They keep no records and no metrics but one list, and their random numbers come one after the other.
"""

from __future__ import annotations

import random
from functools import partial
from itertools import accumulate

import simpy

from benchmarks import models


def simulator(model, warm_up=0.0):
    """Give the function that, for so many customers and a seed, gives the mean that `models.KNOWN` names.

    Who comes before `warm_up` is simulated, not counted.
    """
    return partial(_simulate, model, warm_up)


def _simulate(model, warm_up, customers, seed):
    customer, rate, servers = _MODELS[model]
    env, rng, kept = simpy.Environment(), random.Random(seed), []
    desks = {name: simpy.Resource(env, number) for name, number in servers.items()}

    def arrivals():
        for _ in range(customers):
            yield env.timeout(rng.expovariate(rate))
            env.process(customer(env, desks, rng, kept if env.now >= warm_up else []))

    env.process(arrivals())
    env.run()
    return models.mean(kept)


def _customer_of_the_desk(env, desks, rng, waits):
    arrived = env.now
    with desks["desk"].request() as turn:
        yield turn
        waits.append(env.now - arrived)
        yield env.timeout(rng.lognormvariate(models.location(models.M1_WORK), models.SIGMA))


def _guest(env, desks, rng, waits):
    arrived = env.now
    with desks["receptionist"].request() as turn:
        got = yield turn | env.timeout(rng.expovariate(1 / models.M2_PATIENCE))
        if turn not in got:
            return
        waits.append(env.now - arrived)
        yield env.timeout(rng.expovariate(1 / models.M2_BEFORE))
        with desks["booking system"].request() as slot:
            yield slot
            yield env.timeout(rng.lognormvariate(models.location(models.M2_BOOKING), models.SIGMA))
        for helper, (share, mean) in models.M2_HELPERS.items():
            if rng.random() < share:
                with desks[helper].request() as turn_there:
                    yield turn_there
                    yield env.timeout(rng.expovariate(1 / mean))
        yield env.timeout(rng.expovariate(1 / models.M2_AFTER))


_SERVICE_RATES = [1 / mean for mean in models.station_means().tolist()]
_LAST = len(models.M3_SERVERS) - 1
_ON, _ANYWHERE = accumulate((models.M3_NEXT, models.M3_ANY))


def _customer_of_the_stations(env, stations, rng, times):
    arrived, station = env.now, 0
    while station is not None:
        with stations[station].request() as turn:
            yield turn
            yield env.timeout(rng.expovariate(_SERVICE_RATES[station]))
        chosen = rng.random()
        if chosen < _ON:
            station = station + 1 if station < _LAST else None
        else:
            station = rng.randrange(_LAST + 1) if chosen < _ANYWHERE else None
    times.append(env.now - arrived)


_MODELS = {
    "M1": (_customer_of_the_desk, models.M1_RATE, {"desk": models.M1_DESKS}),
    "M2": (_guest, models.M2_RATE, models.M2_SERVERS),
    "M3": (_customer_of_the_stations, models.M3_RATE, dict(enumerate(models.M3_SERVERS))),
}
