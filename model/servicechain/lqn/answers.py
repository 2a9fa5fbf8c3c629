"""Answers: who gives them, who leaves them to another entry, and what comes first at the instant of an answer.

A thread that forwards is free for its next request, so forwarding is a `hand_off` at the end of the service. The
trap is a thread that goes on after it has forwarded (a second phase): a service that hands off has ended. Then the
*asker*, who waits anyway, asks the other entry when it is answered: at the same instant, in the same line. The same
goes for whoever forwards to such an entry, and to an entry on its own processor.

The other trap is a processor that asker and asked share. At the instant of an answer both may want it, the one to go
on, the other for its next request or second phase, and throughputs depend on who is first by several percent. As in
lqsim, a thread answers before it takes its next request (`pause: 0` behind the `reply` lets the asker go first), an
entry that is forwarded to comes before a second phase, and between the asker and a second phase a coin decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from servicechain.circles import circles, groups, way_back
from servicechain.errors import shown
from servicechain.lqn.hosts import Steps
from servicechain.lqn.network import Activity, Call, Entry, Graph, Network, Processor
from servicechain.lqn.numbers import tidy

MOST_WAYS = 1_000
FARTHEST = 8
_ALWAYS = 1 - 1e-9
_LET_FIRST = {"pause": 0}


class Answers:
    """Who answers, and how each entry is asked.

    Parameters
    ----------
    network : Network
    services : mapping from entry to service

    Raises
    ------
    ChainError
        If an entry waits for itself, by calls and forwarding.
    """

    def __init__(self, network: Network, services: Mapping[str, str]) -> None:
        self._services = services
        self._entries = {entry.name: entry for task in network.tasks() for entry in task.entries}
        self._hosts = {
            entry.name: processor
            for processor in network.processors
            for task in processor.tasks
            for entry in task.entries
        }
        _check_circles(network, self._entries)
        self._askers = _askers(network)
        self._by_asker = {
            entry.name
            for task in network.tasks()
            for entry in task.entries
            if entry.forwards and (_goes_on(entry, task.graph) or self._forwards_next_door(entry))
        }
        for name in _spread(self._entries):
            if any(forward.dest in self._by_asker for forward in self._entries[name].forwards):
                self._by_asker.add(name)

    def _forwards_next_door(self, entry: Entry) -> bool:
        """Whether it forwards to an entry that wants the same processor."""
        host = self._hosts[entry.name]
        return not host.never_busy and any(self._hosts[forward.dest] is host for forward in entry.forwards)

    def _asked_next_door(self, entry: Entry) -> bool:
        """Whether somebody waits for its answer who wants the same processor."""
        host = self._hosts[entry.name]
        return not host.never_busy and any(asker is host for asker in self._askers[entry.name])

    def call(self, call: Call) -> Steps:
        """Give the steps of one call.

        Raises
        ------
        ChainError
            If it waits for no answer and its entry forwards one, or forwarding spreads to too many entries.
        """
        if call.waits:
            return self.ask(call.dest)
        if self._entries[call.dest].forwards:
            call.element.refuse(f"nobody waits for an answer that {shown(call.dest)} could forward; write <synch-call>")
        return [{"tell": self._services[call.dest]}]

    def ask(self, name: str) -> Steps:
        """Give the steps of asking an entry and, where that falls to the asker, those it forwards to."""
        return self._ask(name, [MOST_WAYS], 0)

    def _ask(self, name: str, left: list[int], depth: int) -> Steps:
        left[0] -= 1
        if left[0] < 0 or depth > FARTHEST:
            limit = f"{MOST_WAYS} ways, or by more than {FARTHEST} entries one after the other"
            self._entries[name].element.refuse(f"an answer is forwarded in more than {limit}; forward less")
        asked: Steps = [{"ask": self._services[name]}]
        if name in self._by_asker:
            asked += _split(self._entries[name], lambda dest: self._ask(dest, left, depth + 1))
        return asked

    def answer(self, entry: Entry, last: bool) -> Steps:
        """Give the steps with which a service answers; `last` if it ends with them."""
        if entry.forwards and entry.name not in self._by_asker:
            return _split(entry, lambda dest: [{"hand_off": self._services[dest]}])
        if self._asked_next_door(entry):
            return ["reply", _LET_FIRST if last else {"chance": 0.5, "then": [_LET_FIRST]}]
        if self._forwards_next_door(entry):
            return ["reply", _LET_FIRST]
        return [] if last else ["reply"]


def _split(entry: Entry, on: Callable[[str], Steps]) -> Steps:
    rest = 1 - sum(forward.probability for forward in entry.forwards)
    if len(entry.forwards) == 1:
        (forward,) = entry.forwards
        if forward.probability >= _ALWAYS:
            return on(forward.dest)
        return [{"chance": tidy(forward.probability), "then": on(forward.dest)}]
    options: list[dict[str, Any]] = [
        {"weight": tidy(forward.probability), "label": forward.dest, "steps": on(forward.dest)}
        for forward in entry.forwards
    ]
    if rest > 1 - _ALWAYS:
        options.append({"weight": tidy(rest), "label": "answer", "steps": []})
    return [{"choose": options}]


def _goes_on(entry: Entry, graph: Graph | None) -> bool:
    """Whether the thread does anything after it has answered."""
    if entry.phases is not None:
        return any(phase > 1 and activity.does_something for phase, activity in entry.phases.items())
    if graph is None:
        return False
    return any(
        entry.name in graph.replies.get(name, ()) and precedence.forks is not None
        for precedence in graph.precedences
        for name in precedence.before
    )


def _spread(entries: Mapping[str, Entry]) -> list[str]:
    """Give all entries, each behind those it forwards to."""
    links = {name: [forward.dest for forward in entry.forwards] for name, entry in entries.items()}
    return [name for group in groups(links) for name in group]


def _askers(network: Network) -> dict[str, list[Processor]]:
    """Give for each entry the processors of those who wait for its answer."""
    askers: dict[str, list[Processor]] = {entry.name: [] for task in network.tasks() for entry in task.entries}
    entries = {entry.name: entry for task in network.tasks() for entry in task.entries}
    for processor in network.processors:
        for task in processor.tasks:
            for call in (call for activity in task.activities() for call in activity.calls if call.waits):
                askers[call.dest].append(processor)
    for name in reversed(_spread(entries)):
        for forward in entries[name].forwards:
            askers[forward.dest] += askers[name]
    return {name: list(dict.fromkeys(found)) for name, found in askers.items()}


def _check_circles(network: Network, entries: Mapping[str, Entry]) -> None:
    links: dict[str, list[str]] = {}
    for task in network.tasks():
        for entry in task.entries:
            calls = [call for activity in _does(entry, task.graph) for call in activity.calls]
            asked = [call.dest for call in calls if call.waits]
            links[entry.name] = asked + [forward.dest for forward in entry.forwards]
    for circle in circles(links):
        way = " → ".join(map(shown, way_back(links, circle[0])[:8]))
        entries[circle[0]].element.refuse(f"it would wait for itself ({way}); write <asynch-call>, or take a call out")


def _does(entry: Entry, graph: Graph | None) -> list[Activity]:
    """Give the activities an entry can come to."""
    if entry.phases is not None or graph is None:
        return list((entry.phases or {}).values())
    leads = {name: precedence.leads_to for precedence in graph.precedences for name in precedence.before}
    found, new = {graph.starts[entry.name]}, [graph.starts[entry.name]]
    while new:
        more = set(leads.get(new.pop(), ())) - found
        found |= more
        new += more
    return [graph.activities[name] for name in sorted(found)]
