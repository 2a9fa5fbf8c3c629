"""The people of `people.py` in Ciw (Palmer, Knight, Harper & Hawa 2019, doi 10.1080/17477778.2018.1473909).

Each of them is a class that comes once; a desk is a node; the way from desk to desk is fixed for each class. The
trap: when several of Ciw's events fall on one moment it draws lots, so nothing here may depend on that.
"""

from __future__ import annotations

import math
from collections import defaultdict

import ciw

from peers.people import service_name


def simulated_by_ciw(people, servers, *, preempt=False):
    """Simulate people at desks (name to a number of servers, ``inf`` or a `ciw.Schedule`).

    Returns the simulation, and (asked, begun, ended) of every visit as `our_side.Happened` has them.
    """
    desks = list(servers)
    ranks = {number: rank for rank, number in enumerate(sorted({person.priority for person in people}))}
    priorities = {person.name: ranks[person.priority] for person in people}
    network = ciw.create_network(
        number_of_servers=list(servers.values()),
        priority_classes=(priorities, ["resume" if preempt else False] * len(desks)),
        arrival_distributions={person.name: _arrivals(person, desks) for person in people},
        batching_distributions={person.name: [ciw.dists.Deterministic(person.batch)] * len(desks) for person in people},
        service_distributions={person.name: [_works(person, desk) for desk in desks] for person in people},
        reneging_time_distributions={person.name: [_patience(person)] * len(desks) for person in people},
        routing={person.name: _route(person, desks) for person in people},
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(sum(person.batch for person in people), method="Finish")
    return simulation, _moments(simulation, {person.name: person for person in people})


def twin(desks, network):
    """Give a function that simulates a network of Ciw until a time; its services are called ``CLASS at DESK``.

    `network` makes the network anew each time: some of Ciw's distributions draw as soon as they are made.
    """

    def simulate(seed, until):
        ciw.seed(seed)
        simulation = ciw.Simulation(network())
        simulation.simulate_until_max_time(until)
        moments = defaultdict(list)
        for record in simulation.get_all_records():
            row = (record.arrival_date, record.service_start_date, record.exit_date)
            moments[f"{record.original_customer_class} at {desks[record.node - 1]}"].append(row)
        return moments

    return simulate


def _arrivals(person, desks):
    once = ciw.dists.Sequential([person.arrived, math.inf])
    return [once if desk == person.visits[0].desk else None for desk in desks]


def _works(person, desk):
    works = [visit.work for visit in person.visits if visit.desk == desk]
    if person.batch > 1:  # they take turns with the sequence
        assert len(works) <= 1
    return ciw.dists.Sequential(works or [0.0])


def _patience(person):
    return None if person.patience == math.inf else ciw.dists.Deterministic(person.patience)


def _route(person, desks):
    numbers = [1 + desks.index(visit.desk) for visit in person.visits]
    return ciw.routing.ProcessBased(lambda _individual, _simulation: numbers[1:])


def _moments(simulation, people):
    moments = defaultdict(list)
    for individual in simulation.nodes[-1].all_individuals:
        person = people[individual.original_class]
        visit, begun = 0, math.nan
        for record in individual.data_records:  # in the order in which they were written
            begun = record.service_start_date if math.isnan(begun) else begun
            if record.record_type == "interrupted service":
                continue
            ended = record.exit_date  # with reneging, when they leave
            moments[service_name(person, visit)].append((record.arrival_date, begun, ended))
            visit, begun = visit + 1, math.nan
    return dict(moments)
