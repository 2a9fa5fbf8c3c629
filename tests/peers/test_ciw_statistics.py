"""Random models in Ciw, each program with random numbers of its own: their means have to agree.

What the exact comparisons cannot see: that the distributions, the Poisson processes and the branches are what they
are called. So here stand all that both programs know.
"""

import math

import ciw
import pytest
from ciw import dists

from peers.ciw_side import twin
from peers.pairs import Pair

pytestmark = [pytest.mark.theory, pytest.mark.slow]


def lognormal(mean, cv):
    variance = math.log(1 + cv**2)
    return dists.Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def gamma(mean, cv):
    return dists.Gamma(cv**-2, mean * cv**2)


CLASSES = Pair(
    "three classes, each with work of its own",
    """
    actors: {desk: {lane: contact, staff: 2}}
    services:
      urgent at desk: {by: desk, steps: [{work: "lognormal(mean=2, cv=0.7)"}]}
      usual at desk: {by: desk, steps: [{work: "gamma(mean=3, cv=1.2)"}]}
      planned at desk: {by: desk, steps: [{work: "triangular(low=1, mode=2, high=6)"}]}
    customers:
      urgent: {arrivals: poisson(rate=0.15), priority: 0, journey: [{ask: urgent at desk}]}
      usual: {arrivals: "every(gamma(mean=5, cv=0.6))", journey: [{ask: usual at desk}]}
      planned: {arrivals: "every(uniform(low=4, high=12))", journey: [{ask: planned at desk}]}
    """,
    twin(
        ["desk"],
        lambda: ciw.create_network(
            number_of_servers=[2],
            priority_classes={"urgent": 0, "usual": 1, "planned": 1},
            arrival_distributions={
                "urgent": [dists.Exponential(0.15)],
                "usual": [gamma(5, 0.6)],
                "planned": [dists.Uniform(4, 12)],
            },
            service_distributions={
                "urgent": [lognormal(2, 0.7)],
                "usual": [gamma(3, 1.2)],
                "planned": [dists.Triangular(1, 2, 6)],
            },
        ),
    ),
    until=5000,
    warm_up=100,
)

PATIENCE = Pair(
    "callers who give up",
    """
    actors: {agent: {lane: contact, staff: 3}}
    services:
      caller at agent: {by: agent, steps: [{work: exponential(mean=2)}]}
      member at agent: {by: agent, steps: [{work: "weibull(mean=2.6586807763582736, shape=2)"}]}
    customers:
      caller: {arrivals: poisson(rate=1), patience: exponential(mean=3), journey: [{ask: caller at agent}]}
      member:
        arrivals: poisson(rate=0.4)
        priority: 0
        patience: "uniform(low=0, high=2)"
        journey: [{ask: member at agent}]
    """,
    twin(
        ["agent"],
        lambda: ciw.create_network(
            number_of_servers=[3],
            priority_classes={"caller": 1, "member": 0},
            arrival_distributions={"caller": [dists.Exponential(1)], "member": [dists.Exponential(0.4)]},
            service_distributions={"caller": [dists.Exponential(0.5)], "member": [dists.Weibull(3, 2)]},
            reneging_time_distributions={"caller": [dists.Exponential(1 / 3)], "member": [dists.Uniform(0, 2)]},
        ),
    ),
    until=700,
    warm_up=30,
)

FEEDBACK = Pair(
    "cases that come back",
    """
    actors: {desk: {lane: contact, staff: 2}, expert: {lane: backstage, staff: 1}}
    services:
      case at desk:
        by: desk
        steps:
          - work: erlang(mean=1.5, k=3)
          - choose:
              - {weight: 0.3, steps: [{hand_off: case at expert}]}
              - {weight: 0.1, steps: [{hand_off: case at desk}]}
              - {weight: 0.6, steps: []}
      case at expert:
        by: expert
        steps: [{work: "uniform(low=0.5, high=2)"}, {chance: 0.5, then: [{hand_off: case at desk}]}]
    customers: {case: {arrivals: poisson(rate=0.6), journey: [{ask: case at desk}]}}
    """,
    twin(
        ["desk", "expert"],
        lambda: ciw.create_network(
            number_of_servers=[2, 1],
            arrival_distributions={"case": [dists.Exponential(0.6), None]},
            service_distributions={"case": [dists.Erlang(2, 3), dists.Uniform(0.5, 2)]},
            routing={"case": [[0.1, 0.3], [0.5, 0.0]]},
        ),
    ),
    until=1500,
    warm_up=50,
)

BATCHES = Pair(
    "families",
    """
    actors: {waiter: {lane: contact, staff: 4}}
    services:
      family at waiter: {by: waiter, steps: [{work: "hyperexponential(weights=[0.7, 0.3], means=[1, 3])"}]}
    customers:
      family:
        arrivals: poisson(rate=0.45)
        batch: "discrete(values=[1, 2, 3, 6], weights=[0.2, 0.5, 0.2, 0.1])"
        journey: [{ask: family at waiter}]
    """,
    twin(
        ["waiter"],
        lambda: ciw.create_network(
            number_of_servers=[4],
            arrival_distributions={"family": [dists.Exponential(0.45)]},
            batching_distributions={"family": [dists.Pmf([1, 2, 3, 6], [0.2, 0.5, 0.2, 0.1])]},
            service_distributions={"family": [dists.HyperExponential([1, 1 / 3], [0.7, 0.3])]},
        ),
    ),
    until=1100,
    warm_up=50,
)

DAY = Pair(
    "a day with a rush",
    """
    actors: {desk: {lane: contact, staff: 5}}
    services: {guest at desk: {by: desk, steps: [{work: "lognormal(mean=4, cv=1)"}]}}
    customers:
      guest:
        arrivals: {rates: [20, 170, 20, 0], per: hour, each: 2h, repeat: false}
        journey: [{ask: guest at desk}]
    """,
    twin(
        ["desk"],
        lambda: ciw.create_network(
            number_of_servers=[5],
            arrival_distributions={
                "guest": [dists.PoissonIntervals([20 / 60, 170 / 60, 20 / 60, 0], [120, 240, 360, 480], 480)]
            },
            service_distributions={"guest": [lognormal(4, 1)]},
        ),
    ),
    until=600,
    replications=100,
)

COMPARED = [
    (CLASSES, "time", "urgent at desk"),
    (CLASSES, "time", "usual at desk"),
    (CLASSES, "time", "planned at desk"),
    (PATIENCE, "time", "caller at agent"),
    (PATIENCE, "time", "member at agent"),
    (PATIENCE, "gave_up", "caller at agent"),
    (PATIENCE, "gave_up", "member at agent"),
    (FEEDBACK, "time", "case at desk"),
    (FEEDBACK, "time", "case at expert"),
    (BATCHES, "time", "family at waiter"),
    (DAY, "wait", "guest at desk"),
    (DAY, "time", "guest at desk"),
]


@pytest.mark.parametrize(("pair", "measure", "service"), COMPARED, ids=lambda part: getattr(part, "name", part))
def test_agrees(pair, measure, service):
    pair.compare(measure, service)
