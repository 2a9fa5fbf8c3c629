"""Offered load: how much of its servers' time is asked of each actor, computed without simulating.

A server is busy while it works *and* while it is held, so the time a request takes of it includes the
answers it waits for. Waiting in the lines behind is left out: the load is a lower bound where actors are
nested, exact where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.arrivals import Profile
from servicechain.flows import Flow, flow_of
from servicechain.totals import Totals

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
        requests = Totals(_turned({name: flow.requests for name, flow in self.services.items()}))
        self.per_customer = {name: requests.of(flow.requests) for name, flow in self.journeys.items()}
        waits_for = {name: _plus(flow.asks_before, flow.hand_offs) for name, flow in self.services.items()}
        self.answer = Totals(waits_for).of(
            {name: flow.work_before + flow.pause_before for name, flow in self.services.items()}
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
                if number and rates[customer]:
                    time = number if math.isinf(number) else number * self.holding[service]
                    offered[self.chain.services[service].by] += rates[customer] * time
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


def _turned(breeds: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Turn "makes so many requests for" into "gets so many requests from"."""
    turned: dict[str, dict[str, float]] = {name: {} for name in breeds}
    for source, targets in breeds.items():
        for target, number in targets.items():
            turned[target][source] = number
    return turned
