"""Whom each customer's waiting is blamed on, of a chain run once.

The trap: an engine tells it in blocks, by the positions of actors; here it is told by names.
"""

from dataclasses import dataclass, field

from servicechain import Chain
from servicechain.causes import Cause
from servicechain.engines import engine_for
from servicechain.records import PART, CustomerOutcome, KeepCustomers, joined
from servicechain.settings import Settings
from timelines import chain_of


@dataclass
class Blamed:
    """One customer; `queueing` and `held` from path, (actor, …, cause), to time, each path once."""

    customer_class: str
    number: int
    record: object
    queueing_paths: list = field(default_factory=list)
    held_paths: list = field(default_factory=list)

    @property
    def queueing(self):
        return by_cause(self.queueing_paths)

    @property
    def held(self):
        return by_cause(self.held_paths)

    @property
    def waiting(self):
        return by_cause([*self.queueing_paths, *self.held_paths])

    @property
    def outcome(self):
        return CustomerOutcome(self.record["outcome"]).word


def by_cause(paths):
    """From (actor, cause) to time, nothing with no time."""
    times = {}
    for path, time in paths:
        if time:
            times[path[-2:]] = times.get(path[-2:], 0.0) + float(time)
    return times


def blamed(text, engine, *, replication=0, **settings):
    """Run a chain once; everybody in the order in which they came, ties in that of the classes."""
    chain = text if isinstance(text, Chain) else Chain.from_dict(text) if isinstance(text, dict) else chain_of(text)
    settings.setdefault("customers", None if "until" in settings else 1000)
    sink = KeepCustomers()
    chosen = Settings.of(chain, replications=1, **settings)
    engine_for(chain.loaded(), engine).replicate(chosen, replication, sink)
    return told(chain, sink)


def told(chain, sink):
    """Tell by names what was kept of one replication."""
    assert sink.parts or not len(sink.records), "the engine tells no parts of the waiting"
    actors, classes = list(chain.actors), list(chain.customers)
    paths = [(*(actors[actor] for actor in path[:-1]), Cause(path[-1]).word) for path in sink.paths]
    records = sink.records
    everybody = [Blamed(classes[one["customer_class"]], int(one["number"]), one) for one in records]
    for part in joined(sink.parts, PART):
        one, path = everybody[part["customer"]], paths[part["path"]]
        one.queueing_paths.append((path, float(part["queueing"])))
        one.held_paths.append((path, float(part["held"])))
    return sorted(everybody, key=lambda one: (one.record["arrived"], classes.index(one.customer_class), one.number))


def of_class(everybody, name):
    """Those of one class."""
    return [one for one in everybody if one.customer_class == name]


def total(everybody, state="waiting"):
    """From (actor, cause) to the time of all customers together."""
    times = {}
    for one in everybody:
        for cause, time in getattr(one, state).items():
            times[cause] = times.get(cause, 0.0) + time
    return times
