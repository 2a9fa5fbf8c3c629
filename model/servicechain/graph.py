"""The chain as a networkx graph, so that networkx's algorithms apply to it.

Nodes are customer classes and actors; an edge is one service that the one requests of the other. Where several
could take a request, each gets an edge, and the expected number stands where it goes if nobody ever waits.

>>> import networkx as nx
>>> from servicechain import Chain
>>> hotel = Chain(
...     chain="Hotel", unit="minutes",
...     actors={"receptionist": {"lane": "contact", "staff": 3},
...             "booking system": {"lane": "system", "capacity": 2},
...             "programmer": {"lane": "backstage", "staff": 1},
...             "housekeeping": {"lane": "backstage", "staff": 2}},
...     services={"check in": {"by": "receptionist", "steps": [
...                   {"work": 2}, {"ask": "find the booking"}, {"tell": "bring a towel"}]},
...               "find the booking": {"by": "booking system", "steps": [
...                   {"work": 1}, {"chance": 0.1, "then": [{"ask": "fix"}]}]},
...               "fix": {"by": "programmer", "steps": [{"work": 10}]},
...               "bring a towel": {"by": "housekeeping", "steps": [{"work": 5}]}},
...     customers={"guest": {"arrivals": "poisson(rate=24/h)", "journey": [{"ask": "check in"}]}})

Whom do all guests depend on, whether they see them or not? Whoever is asked, by whatever way, with certainty:

>>> graph = hotel.graph
>>> certain = nx.subgraph_view(graph, filter_edge=lambda *edge: graph.edges[edge]["expected"] >= 1)
>>> sorted(nx.descendants(certain, "guest"))
['booking system', 'housekeeping', 'receptionist']

The longest chain of people and systems who hold each other:

>>> asks = nx.DiGraph([(a, b) for a, b, kind in graph.edges(data="kind") if kind == "ask"])
>>> nx.dag_longest_path(asks)
['guest', 'receptionist', 'booking system', 'programmer']
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from servicechain.flows import Flow
from servicechain.load import Expected, long_run_rates

if TYPE_CHECKING:
    import networkx as nx

    from servicechain.chain import Chain


def graph_of(chain: Chain) -> nx.MultiDiGraph:
    """Build the graph of who requests what of whom.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes: classes (``kind="customer"``, ``rate``: customers per unit of time in the long run, for a closed
        population if nobody ever waited) and actors (``kind="actor"``, ``lane``, ``servers``: with shifts the
        most there ever are, ``wage``, ``speed``). Edges, keyed by (kind, service): ``kind`` (ask, tell, hand_off
        or repair), ``service``, ``expected`` (requests per customer; the classes weighted by their rates, evenly
        if none has one) and ``by_class``, the same for each class. A class that is called like an actor has
        " (customer)" after its name.

        Between actors who share services there is an edge from each who could ask to each who could be asked;
        ``expected`` is all on the edge between those named first in `by`, who are free if nobody ever waits,
        and 0 on the others. A repair leads from the actor that fails to whoever repairs it; how often depends
        on the clock, so its ``expected`` is NaN, and ``by_class`` is empty.

    Raises
    ------
    ChainError
        If a file the chain names cannot be read.
    """
    import networkx as nx

    expected = Expected(chain)
    rates = long_run_rates(expected.chain)
    graph = nx.MultiDiGraph(name=chain.chain, unit=str(chain.unit))
    for name, actor in chain.actors.items():
        facts = {"lane": str(actor.lane), "servers": actor.servers}
        graph.add_node(name, kind="actor", **facts, wage=actor.wage or 0.0, speed=actor.speed or 1.0)
    for name in chain.customers:
        graph.add_node(_class_node(chain, name), kind="customer", rate=rates[name])
    weights = rates if sum(rates.values()) > 0 else dict.fromkeys(rates, 1.0)
    for name, flow in expected.journeys.items():
        _add_edges(graph, chain, _class_node(chain, name), flow, {name: 1.0}, weights)
    for name, flow in expected.services.items():
        passes = {customer: requests[name] for customer, requests in expected.per_customer.items()}
        for place, source in enumerate(chain.services[name].actors):
            _add_edges(graph, chain, source, flow, passes if place == 0 else {}, weights)
    _add_repairs(graph, chain)
    return graph


def _class_node(chain: Chain, name: str) -> str:
    return f"{name} (customer)" if name in chain.actors else name


def _add_edges(
    graph: nx.MultiDiGraph,
    chain: Chain,
    source: str,
    flow: Flow,
    passes: dict[str, float],
    weights: dict[str, float],
) -> None:
    whole = sum(weights.values())
    for kind, requests in (("ask", flow.all_asks), ("tell", flow.tells), ("hand_off", flow.hand_offs)):
        for service, number in requests.items():
            key = (kind, service)
            for place, target in enumerate(chain.services[service].actors):
                by_class = {name: 0.0 if place else passes.get(name, 0.0) * number for name in weights}
                if graph.has_edge(source, target, key):  # another service of the same actor makes it too
                    before = graph.edges[source, target, key]["by_class"]
                    by_class = {name: by_class[name] + before[name] for name in by_class}
                mean = sum(weights[name] / whole * by_class[name] for name in weights)
                graph.add_edge(source, target, key=key, kind=kind, service=service, expected=mean, by_class=by_class)


def _add_repairs(graph: nx.MultiDiGraph, chain: Chain) -> None:
    for name, actor in chain.actors.items():
        service = None if actor.failures is None else actor.failures.repair
        for target in () if service is None else chain.services[service].actors:
            key = ("repair", service)
            graph.add_edge(name, target, key=key, kind="repair", service=service, expected=math.nan, by_class={})
