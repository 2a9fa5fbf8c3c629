"""Offered load: how much of its servers' time is asked of each actor, computed without simulating.

A server is busy while it works *and* while it is held, so the time a request takes of it includes the
answers it waits for. Waiting in the lines behind is left out: the load is a lower bound where actors are
nested, exact where they are not.

A service that several actors offer is the load of none of them alone: any could leave it to the others. It is
counted for all of them together, at the speed of the fastest. So here, too, the load is a lower bound: where it
is not below the number of servers, no way to share the work out keeps the lines finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.answering import answering
from servicechain.arrivals import Profile
from servicechain.flows import Flow, flow_of
from servicechain.populations import Closed
from servicechain.totals import Totals

if TYPE_CHECKING:
    from servicechain.chain import Chain


@dataclass(frozen=True)
class Load:
    """What is asked of one actor, or of several together.

    Attributes
    ----------
    offered : float
        Servers that would be busy on average if nobody ever waited (Erlangs); infinite where requests breed
        requests without end.
    servers : float
        Servers there are, with shifts the mean over a week; infinite if unlimited.
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
        self.services, self.answer = answering(chain)
        self.journeys: dict[str, Flow] = {
            name: flow_of(one.journey, chain.unit, answers=self.answer) for name, one in chain.customers.items()
        }
        requests = Totals(_turned({name: flow.requests for name, flow in self.services.items()}))
        self.per_customer = {name: requests.of(flow.requests) for name, flow in self.journeys.items()}
        self.holding = {name: flow.time(self.answer) for name, flow in self.services.items()}

    def loads(self, rates: Mapping[str, float] | None = None) -> dict[str, Load]:
        """Compute every actor's offered load, of the services that nobody else offers.

        Parameters
        ----------
        rates : mapping from class to float, optional
            Customers per unit of time; by default the classes' long-run rates.
        """
        alone = dict.fromkeys(self.chain.actors, 0.0)
        for service, offered in self._offered(rates).items():
            name, *others = self.chain.services[service].actors
            if not others:
                alone[name] += offered
        return {name: Load(offered, mean_servers(self.chain, name)) for name, offered in alone.items()}

    def shared_loads(self, rates: Mapping[str, float] | None = None) -> dict[tuple[str, ...], Load]:
        """Compute the load of actors who share services: of all that nobody but these offer.

        Parameters
        ----------
        rates : mapping from class to float, optional
            As for `loads`.

        Returns
        -------
        dict from tuple of str to Load
            By the actors' names in the order of the chain: everybody who offers one service, and everybody who
            is connected by such services. Fewer actors first.
        """
        offered = self._offered(rates)
        place = {name: at for at, name in enumerate(self.chain.actors)}
        sharing = [set(service.actors) for service in self.chain.services.values() if len(service.actors) > 1]
        sets = {tuple(sorted(names, key=place.__getitem__)) for names in (*sharing, *_connected(sharing))}
        ordered = sorted(sets, key=lambda names: (len(names), [place[name] for name in names]))
        return {names: self._together(set(names), offered) for names in ordered}

    def _offered(self, rates: Mapping[str, float] | None) -> dict[str, float]:
        """Compute the load each service is."""
        rates = long_run_rates(self.chain) if rates is None else rates
        offered = dict.fromkeys(self.chain.services, 0.0)
        for customer, requests in self.per_customer.items():
            for service, number in requests.items():
                if number and rates[customer]:
                    time = number if math.isinf(number) else number * self.holding[service]
                    offered[service] += rates[customer] * time
        return offered

    def _together(self, actors: set[str], offered: Mapping[str, float]) -> Load:
        asked = (offered[name] for name, service in self.chain.services.items() if actors.issuperset(service.actors))
        return Load(sum(asked, 0.0), sum(mean_servers(self.chain, name) for name in actors))

    def journey_time(self, customer: str) -> float:
        """Give the expected time of a journey if nobody ever waited, in the chain's unit."""
        return self.journeys[customer].time(self.answer)


def mean_servers(chain: Chain, actor: str) -> float:
    """Tell how many servers an actor has, with shifts on average over a week; infinite if unlimited."""
    calendar = chain.actors[actor].calendar(chain.starts, chain.unit)
    return chain.actors[actor].servers if calendar is None else calendar.weekly_mean


def _connected(sets: Iterable[set[str]]) -> list[set[str]]:
    """Merge sets that have members in common.

    >>> [sorted(group) for group in _connected([{"a", "b"}, {"c", "d"}, {"b", "e"}])]
    [['c', 'd'], ['a', 'b', 'e']]
    """
    groups: list[set[str]] = []
    for names in sets:
        apart = [group for group in groups if group.isdisjoint(names)]
        groups = [*apart, names.union(*(group for group in groups if not group.isdisjoint(names)))]
    return groups


def long_run_rates(chain: Chain) -> dict[str, float]:
    """Give the customers per unit of time of each class in the long run; 0 for arrivals that end.

    For a closed population, as often as its members come if nobody ever waits: they come less often if they do.
    """
    return _rates(chain, lambda arrivals: float(arrivals.mean_rate))


def peak_rates(chain: Chain) -> dict[str, float]:
    """Give the highest rate of each class at any time; the long-run rate where it does not change."""
    return _rates(chain, lambda a: max(a.rates) if isinstance(a, Profile) else float(a.mean_rate))


def open_rates(chain: Chain) -> dict[str, float]:
    """Give the long-run rates of those who come however long the lines are; 0 for closed populations."""
    closed = {name for name, customer in chain.customers.items() if isinstance(customer.arrivals, Closed)}
    return {name: 0.0 if name in closed else rate for name, rate in long_run_rates(chain).items()}


def _rates(chain: Chain, rate: Callable[..., float]) -> dict[str, float]:
    rates = {}
    expected: Expected | None = None
    for name, customer in chain.customers.items():
        arrivals = customer.arrivals.in_unit(chain.unit)
        if isinstance(arrivals, Closed):
            expected = expected or Expected(chain)
            cycle = arrivals.think.mean + expected.journey_time(name)
            # whose cycles take no time, cannot be counted by time
            rates[name] = arrivals.population / cycle if cycle else 0.0
            continue
        size = 1.0 if customer.batch is None else customer.batch.in_unit(chain.unit).mean
        rates[name] = rate(arrivals) * size
    return rates


def _turned(breeds: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Turn "makes so many requests for" into "gets so many requests from"."""
    turned: dict[str, dict[str, float]] = {name: {} for name in breeds}
    for source, targets in breeds.items():
        for target, number in targets.items():
            turned[target][source] = number
    return turned
