"""A chain as flat arrays: what the kernel interprets.

Names become positions, paths become keys, every time is in the chain's unit. It is written from the chain itself and
shares with the reference engine only the draws, the calendars and the layout of records: so each can judge the other.
Steps are those of `servicechain.engines.compiled.sequences`.

The trap is the memory of the tables of distributions, to which the arrays refer by address: a `Program` keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.chain import Chain
from servicechain.customers import CustomerClass, PatienceCovers
from servicechain.engines.compiled.arrivals import NO_FIELDS, source_of
from servicechain.engines.compiled.crews import Crews
from servicechain.engines.compiled.layout import CLASS, CLOSED, MEMBER, NO_PRIORITY, SERVICE
from servicechain.engines.compiled.limits import obstacle_in
from servicechain.engines.compiled.rows import Row, Tables, rows_of, words
from servicechain.engines.compiled.sequences import Sequences
from servicechain.engines.compiled.variates import Variates
from servicechain.engines.draws import name_key
from servicechain.errors import RunError
from servicechain.records import Block
from servicechain.units import TimeUnit

USUAL_PRIORITY = 1
"""Of a service that says nothing else."""


@dataclass(frozen=True)
class Program:
    """The arrays of a chain, in their state at time 0 of a replication.

    Attributes
    ----------
    steps, variates, services : ndarray of STEP, VARIATE, SERVICE
    ways : ndarray of WORD
        Program counters of ways and branches.
    offers : ndarray of WORD
        Actors of the services, in their order of preference.
    priorities : ndarray of WORD
        All that a request can have, rising.
    moments, staff : ndarray of NUMBER, of WORD
        Changes of staff: seconds of the week, and how many are on duty from then on.
    classes, members, actors, breakdowns : ndarray of CLASS, MEMBER, ACTOR, BREAKDOWN
        What a replication changes, and therefore copies.
    place_bits : int
        Bits for the place of an actor among those of a service.
    lines : int
        How many lines there are, for attribution: services that the same actors offer have one.
    unit : TimeUnit
    tables : tuple of ndarray of float
        What the arrays refer to by address.
    """

    steps: Block
    variates: Block
    services: Block
    ways: Block
    offers: Block
    priorities: Block
    moments: Block
    staff: Block
    classes: Block
    members: Block
    actors: Block
    breakdowns: Block
    place_bits: int
    lines: int
    unit: TimeUnit
    tables: tuple[NDArray[np.float64], ...]


def program_of(chain: Chain, ideal: frozenset[str] = frozenset()) -> Program:
    """Write the program of a chain whose files have been read.

    Parameters
    ----------
    chain : Chain
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail. Every step keeps its path, so everybody else draws the same numbers as without them.

    Raises
    ------
    RunError
        If the chain holds a custom step.
    """
    obstacle = obstacle_in(chain)
    if obstacle is not None:
        raise RunError(obstacle)
    return _Writer(chain, ideal).program()


class _Writer:
    """Writes the parts of a program in the order in which they refer to each other."""

    def __init__(self, chain: Chain, ideal: frozenset[str]) -> None:
        self._chain = chain
        self._tables = Tables()
        self._variates = Variates(chain.unit, self._tables)
        positions = {name: index for index, name in enumerate(chain.services)}
        priorities = {name: _priority_of(service) for name, service in chain.services.items()}
        self._sequences = Sequences(positions, priorities, self._variates)
        self._crews = Crews(chain, ideal, positions, self._variates)
        self._offers: list[int] = []
        self._lines: dict[frozenset[int], int] = {}
        self._members: list[NDArray[np.void]] = []

    def program(self) -> Program:
        """Write everything."""
        services, classes = self._services(), self._classes()
        steps = self._sequences.steps
        priorities = _priorities(services, classes, steps)
        steps["level"] = np.searchsorted(priorities["value"], steps["priority"])
        most = int(services["actor_count"].max(initial=1))
        return Program(
            steps=steps,
            variates=self._variates.array,
            services=services,
            ways=self._sequences.ways,
            offers=words(self._offers),
            priorities=priorities,
            moments=self._crews.moments,
            staff=self._crews.staff,
            classes=classes,
            members=np.concatenate([np.empty(0, MEMBER), *self._members]),
            actors=self._crews.actors,
            breakdowns=self._crews.breakdowns,
            place_bits=(most - 1).bit_length(),
            lines=len(self._lines),
            unit=self._chain.unit,
            tables=tuple(self._tables.kept),
        )

    def _services(self) -> Block:
        return rows_of(SERVICE, [self._service(name, one) for name, one in self._chain.services.items()])

    def _service(self, name: str, service: Any) -> Row:
        position = {actor: index for index, actor in enumerate(self._chain.actors)}
        actors = [position[actor] for actor in service.actors]
        self._offers += actors
        return {
            "priority": _priority_of(service),
            "actors": len(self._offers) - len(actors),
            "actor_count": len(actors),
            "actor": actors[0],
            "steps": self._sequences.service(name, service.steps),
            "line": self._lines.setdefault(frozenset(actors), len(self._lines)),
        }

    def _classes(self) -> Block:
        classes = self._chain.customers.items()
        return rows_of(CLASS, [self._class(index, name, one) for index, (name, one) in enumerate(classes)])

    def _class(self, index: int, name: str, customer: CustomerClass) -> Row:
        arrivals = customer.arrivals.in_unit(self._chain.unit)
        source = {**NO_FIELDS, **source_of(arrivals, self._variates, self._tables)}
        if source["kind"] == CLOSED:
            source["members"] = self._add_members(index, int(source["population"]))
        priority = NO_PRIORITY if customer.priority is None else customer.priority
        patience = self._variates.of_optional(customer.patience)
        return {
            "key": name_key(f"customers/{name}"),
            "priority": priority,
            "patience": patience,
            "leaves_held": customer.patience_covers is PatienceCovers.WAIT,
            "journey": self._sequences.journey(name, customer.journey, priority, patience),
            "batch": self._variates.of_optional(customer.batch),
            **source,
            "number": 0,
            "open": 1,
            "place": 0,
            "rounds": 0,
            "reached": 0.0,
        }

    def _add_members(self, customer_class: int, population: int) -> int:
        members = np.zeros(population, MEMBER)
        members["customer_class"] = customer_class
        members["member"] = np.arange(population)
        first = sum(len(some) for some in self._members)
        self._members.append(members)
        return first


def _priority_of(service: Any) -> int:
    return USUAL_PRIORITY if service.priority is None else service.priority


def _priorities(services: Block, classes: Block, steps: Block) -> Block:
    found = np.concatenate([services["priority"], classes["priority"], steps["priority"]])
    return words(int(priority) for priority in np.unique(found) if priority != NO_PRIORITY)
