"""Lines that wait for each other: their clocks are the solution of a small linear system.

Who stands in a line waits for servers who themselves stand in lines, and these lines may lead back. In such a
circle every line's time is a mixture of what the others' servers do, in shares that add up to 1; as long as one
of them works, is absent or has failed, the mixture is determined. Where none does, each line waits for its own
actors for ever: a deadlock.
"""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import numpy as np

from servicechain.causes import Cause
from servicechain.engines.reference.wait_for import Clocks, Link, Node

Leaf = tuple[int, int]
"""An actor and a cause."""


def ordered(start: Node, now: float) -> list[list[Node]]:
    """Give the nodes whose clocks must be brought up to now, those behind first; circles as one group."""
    graph = nx.DiGraph()
    graph.add_node(start)
    found = [start]
    while found:
        node = found.pop()
        for other in node.behind():
            if other.last != now:
                if other not in graph:
                    found.append(other)
                graph.add_edge(node, other)
    groups = nx.condensation(graph)
    return [list(groups.nodes[group]["members"]) for group in reversed(list(nx.topological_sort(groups)))]


def advance_circle(group: list[Node], now: float, clocks: Clocks) -> None:
    """Bring the clocks of a circle up to now, all at once."""
    inside = frozenset(group)
    span = now - group[0].last
    gains = [clocks.gained(node, now, inside) for node in group]
    no_way_out = not any(gains)
    within = {node: _stuck(node, span) for node in group} if no_way_out else _solved(group, gains, clocks)
    for node, gained in zip(group, gains, strict=True):
        if no_way_out and node.actors:
            gained.extend((clocks.paths.number(leaf), time) for leaf, time in within[node].items())
            continue
        for target, share in node.shares():
            if type(target) is Link and target.node in inside:
                gained.extend(_seen(target, share, within[target.node], clocks))
    for node, gained in zip(group, gains, strict=True):
        node.clock.advance(gained, span)
    for node in group:
        clocks.read(node, now)


def _stuck(node: Node, span: float) -> dict[Leaf, float]:
    """Give the time of a node of a circle from which there is no way out: to its own actors, if it is a line."""
    if node.actors:
        return {(actor, Cause.DEADLOCK): span / len(node.actors) for actor in node.actors}
    times: defaultdict[Leaf, float] = defaultdict(float)
    for target, share in node.shares():
        if type(target) is Link:
            for leaf, time in _stuck(target.node, span).items():
                times[leaf] += time * share
    return times


def _seen(link: Link, share: float, leaves: dict[Leaf, float], clocks: Clocks) -> list[tuple[int, float]]:
    """Give the times of a node in a circle: by which way round is left out, or there would be no end to it."""
    seen = []
    for (actor, cause), time in leaves.items():
        ending = Cause.FAILURE if link.failed else cause
        by = link.by[:1] if link.by and link.by[0] != actor else ()
        seen.append((clocks.paths.number((*by, actor, ending)), time * share))
    return seen


def _solved(group: list[Node], gains: list[list[tuple[int, float]]], clocks: Clocks) -> dict[Node, dict[Leaf, float]]:
    """Solve for the time of each node by actor and cause."""
    place = {node: index for index, node in enumerate(group)}
    size = len(group)
    plain, failed = np.zeros((size, size)), np.zeros((size, size))
    for node, row in place.items():
        for target, share in node.shares():
            if type(target) is Link and target.node in place:
                (failed if target.failed else plain)[row, place[target.node]] += share
    own: defaultdict[Leaf, np.ndarray] = defaultdict(lambda: np.zeros(size))
    for row, gained in enumerate(gains):
        for path, time in gained:
            actor, cause = clocks.paths.all[path][-2:]
            own[actor, cause][row] += time
    times: dict[Leaf, np.ndarray] = {}
    whole = np.eye(size)
    for actor in {actor for actor, _ in own}:
        of_actor = {cause: own[actor, cause] for cause in Cause if (actor, cause) in own}
        total = np.linalg.solve(whole - plain - failed, sum(of_actor.values()))
        for cause in {*of_actor, Cause.FAILURE}:
            right = of_actor.get(cause, np.zeros(size))
            if cause == Cause.FAILURE:
                right = right + failed @ total
            times[actor, cause] = np.linalg.solve(whole - plain, right)
    return {node: {leaf: float(time[row]) for leaf, time in times.items() if time[row]} for node, row in place.items()}
