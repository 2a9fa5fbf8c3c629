"""A layered queueing network as frozen dataclasses, in its own words.

Each keeps the XML element it was read from, so that whatever turns out to be wrong with it later can say where.
Reference: Franks, Al-Omari, Woodside, Das & Derisavi 2009, Enhanced modeling and solution of layered queueing
networks, IEEE Trans. Software Engineering 35:148-161, doi 10.1109/TSE.2008.74.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from servicechain.lqn.document import Element


@dataclass(frozen=True)
class Call:
    """Requests to an entry of another task.

    Attributes
    ----------
    dest : str
        The entry.
    mean : float
        How many, on average.
    waits : bool
        A rendezvous (True) or send-no-reply.
    element : Element
    """

    dest: str
    mean: float
    waits: bool
    element: Element


@dataclass(frozen=True)
class Activity:
    """A phase of an entry or a node of an activity graph: it takes host demand and makes calls.

    Attributes
    ----------
    name : str
    demand : float
        Mean host demand, of all slices together.
    cvsq : float
        Squared coefficient of variation of a slice.
    think : float
        Mean time in which the thread does nothing, before.
    exact : bool
        Calls are deterministic in number; else geometric.
    calls : tuple of Call
    element : Element
    """

    name: str
    demand: float
    cvsq: float
    think: float
    exact: bool
    calls: tuple[Call, ...]
    element: Element

    @property
    def does_something(self) -> bool:
        """Whether it takes time or calls anybody."""
        return self.demand > 0 or self.think > 0 or any(call.mean > 0 for call in self.calls)


@dataclass(frozen=True)
class Forward:
    """With this probability the answer is left to another entry."""

    dest: str
    probability: float
    element: Element


@dataclass(frozen=True)
class Entry:
    """What a task can be asked for.

    Attributes
    ----------
    name : str
    rate : float
        Of open arrivals, per second; 0 if there are none.
    priority : int
        At its task; the highest first.
    phases : mapping from phase (1, 2, 3) to Activity, or None
        None: what it does is an activity graph of its task.
    forwards : tuple of Forward
    element : Element
    """

    name: str
    rate: float
    priority: int
    phases: Mapping[int, Activity] | None
    forwards: tuple[Forward, ...]
    element: Element


@dataclass(frozen=True, eq=False)
class Precedence:
    """What follows what in an activity graph.

    Attributes
    ----------
    joins : {"pre", "pre-OR", "pre-AND"}
    before : tuple of str
        The activities it joins.
    forks : {"post", "post-OR", "post-AND", "post-LOOP"} or None
        None: nothing follows.
    after : tuple of str
        The activities that follow; of a loop, its bodies.
    weights : tuple of float
        Of each in `after`: its probability, or the mean number of rounds of a loop.
    end : str or None
        Of a loop: the activity that follows when it is done.
    element : Element
    """

    joins: str
    before: tuple[str, ...]
    forks: str | None
    after: tuple[str, ...]
    weights: tuple[float, ...]
    end: str | None
    element: Element

    @property
    def leads_to(self) -> tuple[str, ...]:
        """Every activity that can come next."""
        return self.after if self.end is None else (*self.after, self.end)


@dataclass(frozen=True)
class Graph:
    """The activity graph of a task.

    Attributes
    ----------
    activities : mapping from name to Activity
    precedences : tuple of Precedence
    starts : mapping from entry to activity
    replies : mapping from activity to the entries it answers
    element : Element
    """

    activities: Mapping[str, Activity]
    precedences: tuple[Precedence, ...]
    starts: Mapping[str, str]
    replies: Mapping[str, frozenset[str]]
    element: Element

    @cached_property
    def forks(self) -> bool:
        """Whether one thread can do several things at once."""
        return any(precedence.forks == "post-AND" for precedence in self.precedences)


@dataclass(frozen=True)
class Task:
    """Threads that answer requests, or (scheduling ``ref``) customers who make them.

    Attributes
    ----------
    name, processor, scheduling : str
    threads : float
        How many; ``math.inf`` if unlimited.
    think : float
        Mean think time of customers.
    priority : int
        At its processor; the highest first.
    entries : tuple of Entry
    graph : Graph or None
    element : Element
    """

    name: str
    processor: str
    scheduling: str
    threads: float
    think: float
    priority: int
    entries: tuple[Entry, ...]
    graph: Graph | None
    element: Element

    @property
    def is_customers(self) -> bool:
        """Whether it is a reference task."""
        return self.scheduling == "ref"

    def activities(self) -> Iterator[Activity]:
        """Give everything its threads do."""
        for entry in self.entries:
            yield from (entry.phases or {}).values()
        if self.graph is not None:
            yield from self.graph.activities.values()


@dataclass(frozen=True, eq=False)
class Processor:
    """What executes tasks.

    Attributes
    ----------
    name, scheduling : str
    servers : float
        How many slices it executes at once; ``math.inf`` if it is a delay.
    speed : float
        Divides host demands.
    tasks : tuple of Task
    element : Element
    """

    name: str
    scheduling: str
    servers: float
    speed: float
    tasks: tuple[Task, ...]
    element: Element

    @cached_property
    def never_busy(self) -> bool:
        """Whether no slice can ever wait for it, so that its order of service does not matter either."""
        if math.isinf(self.servers):
            return True
        alone = len(self.tasks) == 1 and not (self.tasks[0].graph and self.tasks[0].graph.forks)
        return alone and self.tasks[0].threads <= self.servers


@dataclass(frozen=True)
class Network:
    """A layered queueing network; all names of one kind are different, and every call leads somewhere."""

    name: str
    about: str
    processors: tuple[Processor, ...]
    element: Element

    def tasks(self) -> Iterator[Task]:
        """Give all tasks, in the order of the file."""
        return (task for processor in self.processors for task in processor.tasks)
