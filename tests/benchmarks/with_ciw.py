"""The models in Ciw (Palmer, Knight, Harper & Hawa 2019, doi 10.1080/17477778.2018.1473909).

A server of Ciw cannot be held by what another one does: M2 cannot be said in it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import ciw

from benchmarks import models


def simulator(model, warm_up=0.0):
    """Give the function that, for so many customers and a seed, gives the mean that `models.KNOWN` names.

    Who comes before `warm_up` is simulated, not counted.
    """
    return partial(_simulate, *_MODELS[model], warm_up)


def _simulate(network, mean_of, warm_up, customers, seed):
    ciw.seed(seed)
    simulation = ciw.Simulation(network())
    simulation.simulate_until_max_customers(customers, method="Finish")
    return mean_of(simulation.get_all_records(), warm_up)


def _front_desk():
    return ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(models.M1_RATE)],
        service_distributions=[ciw.dists.Lognormal(models.location(models.M1_WORK), models.SIGMA)],
        number_of_servers=[models.M1_DESKS],
    )


def _mean_wait(records, warm_up):
    return models.mean(record.waiting_time for record in records if record.arrival_date >= warm_up)


def _stations():
    first, others = [ciw.dists.Exponential(models.M3_RATE)], [None] * (len(models.M3_SERVERS) - 1)
    return ciw.create_network(
        arrival_distributions=first + others,
        service_distributions=[ciw.dists.Exponential(1 / mean) for mean in models.station_means().tolist()],
        number_of_servers=list(models.M3_SERVERS),
        routing=models.routing().tolist(),
    )


def _mean_time_in_system(records, warm_up):
    """Join the visits of those who have left."""
    first, last, left = {}, defaultdict(float), set()
    for record in records:
        first[record.id_number] = min(record.arrival_date, first.get(record.id_number, record.arrival_date))
        last[record.id_number] = max(record.exit_date, last[record.id_number])
        if record.destination == -1:
            left.add(record.id_number)
    return models.mean(last[one] - first[one] for one in left if first[one] >= warm_up)


_MODELS = {"M1": (_front_desk, _mean_wait), "M3": (_stations, _mean_time_in_system)}
