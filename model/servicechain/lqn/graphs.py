"""Activity graphs, read from XML: activities, what follows what, where entries begin and are answered.

The traps are those of any graph that comes from outside: names that lead nowhere, activities that follow two
others or nobody, and circles, which a graph of activities may not have (a loop is a word of its own).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from servicechain.circles import circles
from servicechain.errors import nearest, shown
from servicechain.lqn.document import Element
from servicechain.lqn.network import Activity, Entry, Graph, Precedence
from servicechain.lqn.numbers import number_of, probability_of, text_of, whole_of
from servicechain.lqn.phases import read_activity

JOINS = ("pre", "pre-OR", "pre-AND")
FORKS = ("post", "post-OR", "post-AND", "post-LOOP")


def read_graph(element: Element, entries: tuple[Entry, ...]) -> Graph:
    """Read the activity graph of a task, and check that it is one."""
    activities: dict[str, Activity] = {}
    for part in element.each("activity"):
        activity = read_activity(part)
        if activity.name in activities:
            part.refuse("another activity of this task has this name; give each its own name")
        activities[activity.name] = activity
    precedences = tuple(_precedence(part, activities) for part in element.each("precedence"))
    graph = Graph(activities, precedences, _starts(element, entries), _replies(element, entries, activities), element)
    _check_links(graph)
    return graph


def _precedence(element: Element, activities: Mapping[str, Activity]) -> Precedence:
    joins, forks = list(element.each(*JOINS)), list(element.each(*FORKS))
    if len(joins) != 1 or len(forks) > 1:
        element.refuse("a precedence is one of <pre>, <pre-OR>, <pre-AND> and then at most one <post…>")
    join, fork = joins[0], forks[0] if forks else None
    before = _named(join, activities)
    if join.tag == "pre-AND" and whole_of(join, "quorum", 0) not in (0, len(before)):
        quorum = shown(join.attributes["quorum"])
        join.refuse(
            f"quorum={quorum}: the branches that are late would go on beside the rest, which `together` with "
            "'need' does not do (it ends them); wait for all of them, or leave the late ones out"
        )
    if fork is None:
        return Precedence(join.tag, before, None, (), (), None, element)
    end = text_of(fork, "end") if "end" in fork.attributes else None
    if end is not None and end not in activities:
        fork.refuse(f"no activity of this task is called {shown(end)}{nearest(end, activities)}")
    after = _named(fork, activities)
    if len(after) != 1 and fork.tag == "post":
        fork.refuse("<post> names one activity; write <post-OR> or <post-AND> for several")
    return Precedence(join.tag, before, fork.tag, after, _weights(fork), end, element)


def _named(element: Element, activities: Mapping[str, Activity]) -> tuple[str, ...]:
    names = []
    for part in element.each("activity"):
        name = text_of(part, "name")
        if name not in activities:
            part.refuse(f"no activity of this task is called so{nearest(name, activities)}")
        names.append(name)
    if not names:
        element.refuse("it names no activity; add one")
    return tuple(names)


def _weights(fork: Element) -> tuple[float, ...]:
    if fork.tag == "post-OR":
        weights = tuple(probability_of(part, "prob", 1) for part in fork.each("activity"))
        if not math.isclose(sum(weights), 1, rel_tol=0, abs_tol=1e-6):
            fork.refuse(f"the probabilities of its branches sum to {sum(weights):g}, and must sum to 1")
        return weights
    if fork.tag == "post-LOOP":
        return tuple(number_of(part, "count", 1) for part in fork.each("activity"))
    return tuple(1.0 for _ in fork.each("activity"))


def _starts(element: Element, entries: tuple[Entry, ...]) -> dict[str, str]:
    known = {entry.name: entry for entry in entries}
    starts: dict[str, str] = {}
    for part in element.each("activity"):
        if "bound-to-entry" not in part.attributes:
            continue
        entry = text_of(part, "bound-to-entry")
        if entry not in known:
            part.refuse(f"no entry of this task is called {shown(entry)}{nearest(entry, known)}")
        if known[entry].phases is not None:
            part.refuse(f'the entry {shown(entry)} has phases; it is either phases or a graph (type="NONE")')
        if entry in starts:
            part.refuse(f"the entry {shown(entry)} begins with {shown(starts[entry])} already; bind one activity")
        starts[entry] = text_of(part, "name")
    return starts


def _replies(
    element: Element, entries: tuple[Entry, ...], activities: Mapping[str, Activity]
) -> dict[str, frozenset[str]]:
    known = {entry.name for entry in entries}
    replies: dict[str, frozenset[str]] = {}
    for part in element.each("reply-entry"):
        entry = text_of(part, "name")
        if entry not in known:
            part.refuse(f"no entry of this task is called so{nearest(entry, known)}")
        for reply in part.each("reply-activity"):
            name = text_of(reply, "name")
            if name not in activities:
                reply.refuse(f"no activity of this task is called so{nearest(name, activities)}")
            replies[name] = replies.get(name, frozenset()) | {entry}
    return replies


def _check_links(graph: Graph) -> None:
    """Refuse activities that come after two things, lead to two, or to themselves."""
    led_from: set[str] = set()
    led_to: set[str] = set(graph.starts.values())
    links: dict[str, list[str]] = {name: [] for name in graph.activities}
    for precedence in graph.precedences:
        for name in precedence.before:
            if name in led_from:
                precedence.element.refuse(f"the activity {shown(name)} is followed by something else already")
            led_from.add(name)
            links[name].extend(precedence.leads_to)
        for name in precedence.leads_to:
            if name in led_to:
                precedence.element.refuse(
                    f"the activity {shown(name)} begins an entry or follows something else already; "
                    "where ways meet, write <pre-OR> or <pre-AND>"
                )
            led_to.add(name)
    for name, activity in graph.activities.items():
        if name not in led_to:
            activity.element.refuse("nothing leads to it; add bound-to-entry or a <precedence>")
    for circle in circles(links):
        message = f"the activities {' → '.join(map(shown, circle[:8]))} lead back to each other; write <post-LOOP>"
        graph.activities[circle[0]].element.refuse(message)
