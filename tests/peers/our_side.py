"""One replication of a chain by one of our engines, and when everything happened in it.

It asks the engine itself: `servicechain.run` would sum up every class and service, and here each customer is a
class of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from servicechain.engines import engine_for
from servicechain.records import Fanout, KeepCustomers, KeepRequests
from servicechain.settings import Settings


@dataclass(frozen=True)
class Happened:
    """The moments of one run, in the chain's unit; NaN is a moment that never came.

    Attributes
    ----------
    requests : dict
        (asked, begun, ended) of every request, by service.
    customers : dict
        (arrived, left) of every customer, by class.
    actors : dict
        By actor, an element of `servicechain.records.ACTOR_TIME`.
    """

    requests: dict
    customers: dict
    actors: dict


class _KeepActors:
    def customers(self, block, parts=None):
        pass

    def requests(self, block):
        pass

    def close(self, actors, window, end):
        self.actors = actors.copy()


LONG_AFTER = 100_000.0


def simulated(chain, engine, *, seed=1, replication=0, until=LONG_AFTER):
    """Run a chain once. (A run that ends with its last customer would cut off what is done for them afterwards.)"""
    settings = Settings.of(chain, replications=replication + 1, seed=seed, until=until, attribution=False)
    customers, requests, actors = KeepCustomers(), KeepRequests(), _KeepActors()
    engine_for(chain, engine).replicate(settings, replication, Fanout([customers, requests, actors]))
    return Happened(
        _by_name(requests.records, "service", list(chain.services), ("asked", "begun", "ended")),
        _by_name(customers.records, "customer_class", list(chain.customers), ("arrived", "left")),
        dict(zip(chain.actors, actors.actors, strict=True)),
    )


def _by_name(records, field, names, moments):
    happened = defaultdict(list)
    for position, *row in zip(*(records[name].tolist() for name in (field, *moments)), strict=True):
        happened[names[position]].append(tuple(row))
    return dict(happened)
