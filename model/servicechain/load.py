"""Offered load: how much of its servers' time is asked of each actor, computed without simulating.

A server is busy while it works *and* while it is held, so the time a request takes of it includes the
answers it waits for. Waiting in the lines behind is left out: the load is a lower bound where actors are
nested, exact where they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.arrivals import Profile
from servicechain.flows import Flow, flow_of

if TYPE_CHECKING:
    from servicechain.chain import Chain


@dataclass(frozen=True)
class Load:
    """What is asked of one actor.

    Attributes
    ----------
    offered : float
        Servers that would be busy on average if nobody ever waited (Erlangs); infinite where requests breed
        requests without end.
    servers : float
        Servers there are; infinite if unlimited.
    """

    offered: float
    servers: float

    @property
    def per_server(self) -> float:
        """Offered load per server."""
        if self.servers == 0:
            return 0.0 if self.offered == 0 else float("inf")
        return self.offered / self.servers


class Expected:
    """Expected requests and times of a chain.

    Attributes
    ----------
    per_customer : dict from class to dict from service to float
        Expected number of requests that one customer causes, by whatever way.
    holding : dict from service to float
        Expected time a request keeps its server, in the chain's unit.
    answer : dict from service to float
        Expected time from beginning to answer.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain = chain.loaded()
        self.services: dict[str, Flow] = {
            name: flow_of(service.steps, chain.unit, chain.actors[service.by].speed or 1.0)
            for name, service in chain.services.items()
        }
        self.journeys: dict[str, Flow] = {
            name: flow_of(one.journey, chain.unit) for name, one in chain.customers.items()
        }
        breeds = {name: flow.requests for name, flow in self.services.items()}
        self.per_customer = {name: _accumulate(flow.requests, breeds) for name, flow in self.journeys.items()}
        self.answer = _totals(
            {name: flow.work_before + flow.pause_before for name, flow in self.services.items()},
            {name: _plus(flow.asks_before, flow.hand_offs) for name, flow in self.services.items()},
        )
        self.holding = {
            name: flow.work + flow.pause + sum(n * self.answer[asked] for asked, n in flow.asks.items() if n)
            for name, flow in self.services.items()
        }

    def loads(self, rates: Mapping[str, float] | None = None) -> dict[str, Load]:
        """Compute every actor's offered load.

        Parameters
        ----------
        rates : mapping from class to float, optional
            Customers per unit of time; by default the classes' long-run rates.
        """
        rates = long_run_rates(self.chain) if rates is None else rates
        offered = dict.fromkeys(self.chain.actors, 0.0)
        for customer, requests in self.per_customer.items():
            for service, number in requests.items():
                if number and rates[customer] and self.holding[service]:
                    offered[self.chain.services[service].by] += rates[customer] * number * self.holding[service]
        return {name: Load(offered[name], actor.servers) for name, actor in self.chain.actors.items()}


def long_run_rates(chain: Chain) -> dict[str, float]:
    """Give the customers per unit of time of each class in the long run; 0 for arrivals that end."""
    return _rates(chain, lambda arrivals: float(arrivals.mean_rate))


def peak_rates(chain: Chain) -> dict[str, float]:
    """Give the highest rate of each class at any time; the long-run rate where it does not change."""
    return _rates(chain, lambda a: max(a.rates) if isinstance(a, Profile) else float(a.mean_rate))


def _rates(chain: Chain, rate: Callable[..., float]) -> dict[str, float]:
    rates = {}
    for name, customer in chain.customers.items():
        size = 1.0 if customer.batch is None else customer.batch.in_unit(chain.unit).mean
        rates[name] = rate(customer.arrivals.in_unit(chain.unit)) * size
    return rates


def _plus(*parts: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for key, number in part.items():
            total[key] = total.get(key, 0.0) + number
    return total


def _accumulate(start: Mapping[str, float], breeds: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Solve x = start + breedsᵀ x: all requests that come of the first ones."""
    turned: dict[str, dict[str, float]] = {name: {} for name in breeds}
    for source, targets in breeds.items():
        for target, number in targets.items():
            turned[target][source] = number
    return _totals({name: start.get(name, 0.0) for name in breeds}, turned)


def _totals(own: Mapping[str, float], uses: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Solve x = own + uses x, circle by circle; infinite where a circle gains and is fed."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(own)
    graph.add_edges_from((user, used) for user, targets in uses.items() for used, n in targets.items() if n)
    solved: dict[str, float] = {}
    for group in map(list, nx.strongly_connected_components(graph)):
        base = {
            name: own[name] + sum(n * solved[used] for used, n in uses[name].items() if n and used in solved)
            for name in group
        }
        solved.update(_solve(group, base, uses))
    return solved


def _solve(group: list[str], base: Mapping[str, float], uses: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    if len(group) == 1 and not uses[group[0]].get(group[0]):
        return dict(base)
    import numpy as np

    if not any(base.values()):
        return dict.fromkeys(group, 0.0)
    gains = np.array([[uses[name].get(other, 0.0) for other in group] for name in group])
    if max(abs(np.linalg.eigvals(gains))) >= 1 - 1e-12 or not all(np.isfinite(list(base.values()))):
        return dict.fromkeys(group, float("inf"))
    values = np.linalg.solve(np.eye(len(group)) - gains, [base[name] for name in group])
    return {name: float(value) for name, value in zip(group, values, strict=True)}
