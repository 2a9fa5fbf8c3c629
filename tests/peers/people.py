"""People with everything about them fixed in advance, so that two programs can be given the same ones.

In a chain each of them is a customer class of their own with services of their own, of constant work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from servicechain import Chain

COUNT = 60
DESK = "desk"


@dataclass(frozen=True)
class Visit:
    desk: str
    work: float


@dataclass(frozen=True)
class Person:
    """Somebody (with `batch`, several who are alike) who comes once; `patience` in each line anew."""

    name: str
    arrived: float
    visits: tuple[Visit, ...]
    priority: int = 1
    patience: float = math.inf
    batch: int = 1


def arrivals(rng, count, mean):
    """Draw when they come: a Poisson process."""
    return rng.exponential(mean, count).cumsum()


def drawn(rng, *, count=COUNT, between=1.2, work=None, ways=((DESK,),), **more):
    """Draw people, each of whom goes one of the `ways` from desk to desk.

    `work` and the further keys are functions that draw a value: for one visit (gamma distributed with mean 3 if not
    given), for one person.
    """
    work = work or (lambda: rng.gamma(1.5, 2.0))
    return [
        Person(
            f"guest {index}",
            float(when),
            tuple(Visit(desk, float(work())) for desk in ways[rng.integers(len(ways))]),
            **{key: draw() for key, draw in more.items()},
        )
        for index, when in enumerate(arrivals(rng, count, between))
    ]


def chain_of(people, desks, *, by_journey=False):
    """Write people and desks (name to the keys of an actor) as a chain.

    From one visit to the next they are handed off, or with `by_journey` ask for each themselves.
    """
    services, customers = {}, {}
    for person in people:
        names = [service_name(person, index) for index in range(len(person.visits))]
        for name, visit, after in zip(names, person.visits, [*names[1:], None], strict=True):
            steps = [{"work": visit.work}]
            if after is not None and not by_journey:
                steps.append({"hand_off": after})
            services[name] = {"by": visit.desk, "steps": steps}
        asked = names if by_journey else names[:1]
        customers[person.name] = {
            "arrivals": f"at([{person.arrived!r}])",
            "priority": person.priority,
            "journey": [{"ask": name} for name in asked],
        }
        if person.batch > 1:
            customers[person.name]["batch"] = person.batch
        if person.patience < math.inf:
            customers[person.name]["patience"] = person.patience
    actors = {name: {"lane": "contact", **keys} for name, keys in desks.items()}
    return Chain.from_dict(
        {"chain": "people", "unit": "minutes", "actors": actors, "services": services, "customers": customers}
    )


def service_name(person, index):
    return f"{person.name} visit {index + 1}"
