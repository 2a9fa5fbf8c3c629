"""Circles among things that lead to each other: who can come back to themselves, directly or by others.

networkx does the search; this room says what is asked of it, and keeps the order of the file in the answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Links = Mapping[str, Iterable[str]]

Ways = Mapping[str, Collection[tuple[str, ...]]]
"""The ways in which each name can come to wait: each way, for all of several others at once."""


def groups(links: Links) -> list[list[str]]:
    """Divide names into groups that reach each other, each group after all others it leads to.

    Parameters
    ----------
    links : mapping from name to names
        Every name that is led to is a key as well.
    """
    import networkx as nx

    parts = nx.condensation(_graph(links))
    return [sorted(parts.nodes[part]["members"]) for part in reversed(list(nx.topological_sort(parts)))]


def _graph(links: Links) -> nx.DiGraph:
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(links)
    graph.add_edges_from((name, target) for name, targets in links.items() for target in targets)
    return graph


def circles(links: Links) -> list[list[str]]:
    """Find the groups whose members can come back to themselves, in the order of `links`.

    >>> circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"]})
    [['b', 'c'], ['d']]
    """
    place = {name: position for position, name in enumerate(links)}
    found = [sorted(group, key=place.__getitem__) for group in groups(links) if len(group) > 1 or _own(group, links)]
    return sorted(found, key=lambda group: place[group[0]])


def _own(group: list[str], links: Links) -> bool:
    return group[0] in set(links[group[0]])


def way_back(links: Links, start: str) -> list[str]:
    """Give one shortest way from a name back to itself, both ends included; [] if there is none.

    >>> way_back({"a": ["b", "c"], "b": ["c"], "c": ["a"]}, "a")
    ['a', 'c', 'a']
    """
    import networkx as nx

    graph = _graph(links)
    if start in graph[start]:
        return [start, start]
    came_from = dict(nx.bfs_predecessors(graph, start))  # in the order in which they are met, nearest first
    for name in came_from:
        if start in graph[name]:
            way = [start, name]
            while way[-1] != start:
                way.append(came_from[way[-1]])
            return way[::-1]
    return []


def endless(ways: Ways) -> set[str]:
    """Name who can end up waiting for ever: where, in one of their ways, all whom they wait for can.

    One who can always go on frees whoever waits for it, alone or among others.

    >>> sorted(endless({"a": [("b",)], "b": [("a",)], "c": [("a", "d")], "d": []}))
    ['a', 'b']
    """
    stuck = set(ways)
    users: dict[str, set[str]] = {name: set() for name in ways}
    for name, all_ways in ways.items():
        for other in (one for way in all_ways for one in way):
            users[other].add(name)
    open_ends = list(ways)
    while open_ends:
        name = open_ends.pop()
        if name in stuck and not any(stuck.issuperset(way) for way in ways[name]):
            stuck.discard(name)
            open_ends.extend(users[name])
    return stuck
