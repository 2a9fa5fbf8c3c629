"""From XML elements to a layered queueing network, with every rule about single values and about names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from servicechain.errors import nearest, shown
from servicechain.lqn.document import Element, read_document
from servicechain.lqn.graphs import read_graph
from servicechain.lqn.network import Activity, Entry, Forward, Graph, Network, Processor, Task
from servicechain.lqn.numbers import number_of, probability_of, servers_of, text_of, whole_of, word_of
from servicechain.lqn.phases import read_activity
from servicechain.lqn.vocabulary import TOKENS, check_words

PROCESSORS = ("fcfs", "hol", "pp", "pri", "inf", "ps", "ps-hol", "ps-pp", "rand", "cfs")
TASKS = ("ref", "fcfs", "hol", "pri", "inf", "burst", "uniform", "poll", "semaphore", "rwlock")
_NO_EQUAL = {
    "burst": 'customers with Pareto times have no equal here; write scheduling="ref"',
    "uniform": 'customers with uniform times have no equal here; write scheduling="ref"',
    "poll": 'polling has no equal here; write scheduling="fcfs" if any order will do',
    "semaphore": TOKENS,
    "rwlock": TOKENS,
}


class _Placed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def element(self) -> Element: ...


Part = TypeVar("Part", bound=_Placed)


def read_network(path: str | Path) -> Network:
    """Read a layered queueing network.

    Raises
    ------
    FileProblem
        If the file is missing, no regular file, or over 1 MB.
    ChainError
        For the first thing that is wrong or has no equal in a chain, with its place.
    """
    root = read_document(path)
    check_words(root)
    name = root.attributes.get("name", "").strip() or Path(path).stem
    comments = [part.attributes.get("comment", "") for part in root.each("solver-params")]
    about = next((text.strip() for text in comments if text.strip()), "")
    network = Network(_line(name), _line(about), tuple(map(_processor, root.each("processor"))), root)
    _check_names(network)
    return network


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _processor(element: Element) -> Processor:
    name = text_of(element, "name")
    scheduling = word_of(element, "scheduling", PROCESSORS, "fcfs")
    servers = math.inf if scheduling == "inf" else servers_of(element)
    speed = number_of(element, "speed-factor", 1)
    if speed == 0:
        element.refuse('speed-factor="0" would never finish anything; write a number above 0')
    return Processor(
        name, scheduling, servers, speed, tuple(_task(part, name) for part in element.each("task")), element
    )


def _task(element: Element, processor: str) -> Task:
    scheduling = word_of(element, "scheduling", TASKS, "fcfs")
    if scheduling in _NO_EQUAL:
        element.refuse(f"scheduling={shown(scheduling)}: {_NO_EQUAL[scheduling]}")
    threads = servers_of(element)
    if scheduling == "inf":
        threads = math.inf
    think = number_of(element, "think-time", 0)
    if scheduling == "ref" and math.isinf(threads):
        element.refuse('customers (scheduling="ref") must be counted; write their number as multiplicity')
    if scheduling != "ref" and think:
        element.refuse('only customers (scheduling="ref") think; take think-time out, or give it to an activity')
    entries = tuple(_entry(part) for part in element.each("entry"))
    if not entries:
        element.refuse("a task lacks entries; add an <entry>")
    unique(entries, "entry")
    graph = _graph(element, entries)
    priority = whole_of(element, "priority", 0)
    return Task(text_of(element, "name"), processor, scheduling, threads, think, priority, entries, graph, element)


def _graph(element: Element, entries: tuple[Entry, ...]) -> Graph | None:
    parts = list(element.each("task-activities"))
    if len(parts) > 1:
        parts[1].refuse("a task has one list of activities; put them together")
    graph = read_graph(parts[0], entries) if parts else None
    for entry in entries:
        if entry.phases is None and (graph is None or entry.name not in graph.starts):
            entry.element.refuse("it has no phases, and no activity is bound to it; add bound-to-entry to one")
    return graph


def _entry(element: Element) -> Entry:
    lists = list(element.each("entry-phase-activities"))
    kind = word_of(element, "type", ("ph1ph2", "none", "graph"), "ph1ph2" if lists else "none")
    if kind == "graph":
        element.refuse('type="GRAPH": no solver reads it either; write type="NONE" and <task-activities>')
    if kind == "none" and lists:
        lists[0].refuse('type="NONE" means an activity graph; write type="PH1PH2" for phases')
    phases: dict[int, Activity] = {}
    for part in (activity for each in lists for activity in each.each("activity")):
        phase = whole_of(part, "phase", 0, least=1) if text_of(part, "phase") else 0
        if phase > 3 or phase in phases:
            part.refuse(f"phase={shown(part.attributes['phase'])} must be 1, 2 or 3, and each at most once")
        phases[phase] = read_activity(part)
    forwards = tuple(
        Forward(text_of(part, "dest"), probability_of(part, "prob"), part) for part in element.each("forwarding")
    )
    if sum(forward.probability for forward in forwards) > 1 + 1e-9:
        element.refuse("it forwards with probabilities that sum to more than 1; lower one")
    return Entry(
        text_of(element, "name"),
        number_of(element, "open-arrival-rate", 0),
        whole_of(element, "priority", 0),
        dict(sorted(phases.items())) if kind == "ph1ph2" else None,
        tuple(forward for forward in forwards if forward.probability > 0),
        element,
    )


def unique(parts: Iterable[Part], kind: str) -> dict[str, Part]:
    """Give parts by name; refuse a name that stands twice."""
    found: dict[str, Part] = {}
    for part in parts:
        if part.name in found:
            first = found[part.name].element.line
            part.element.refuse(f"another {kind} of this name stands in line {first}; give each its own name")
        found[part.name] = part
    return found


def _check_names(network: Network) -> None:
    unique(network.processors, "processor")
    unique(network.tasks(), "task")
    entries = unique((entry for task in network.tasks() for entry in task.entries), "entry")
    customers = {entry.name for task in network.tasks() if task.is_customers for entry in task.entries}
    for task in network.tasks():
        for dest, element in _requests(task):
            if dest not in entries:
                element.refuse(f"no entry is called {shown(dest)}{nearest(dest, entries)}")
            if dest in customers:
                element.refuse(f'{shown(dest)} belongs to customers (scheduling="ref"), who answer nobody')
            if any(dest == entry.name for entry in task.entries):
                element.refuse(f"the task {shown(task.name)} would wait for itself; call an entry of another task")
        if task.is_customers:
            _check_customers(task)
    if not any(task.is_customers or any(entry.rate for entry in task.entries) for task in network.tasks()):
        network.element.refuse('nobody comes: there is no task with scheduling="ref" and no open-arrival-rate')


def _requests(task: Task) -> Iterator[tuple[str, Element]]:
    for activity in task.activities():
        yield from ((call.dest, call.element) for call in activity.calls)
    for entry in task.entries:
        yield from ((forward.dest, forward.element) for forward in entry.forwards)


def _check_customers(task: Task) -> None:
    answers: Mapping[str, frozenset[str]] = task.graph.replies if task.graph else {}
    for entry in task.entries:
        if entry.rate:
            _no_customer(entry, "open arrivals come to servers; take open-arrival-rate out")
        if entry.forwards:
            _no_customer(entry, "nobody asked them, so there is no answer to forward; take <forwarding> out")
        if any(entry.name in names for names in answers.values()):
            _no_customer(entry, "nobody asked them, so there is nobody to answer; take <reply-entry> out")


def _no_customer(entry: Entry, reason: str) -> NoReturn:
    entry.element.refuse(f'its task stands for customers (scheduling="ref"): {reason}')
