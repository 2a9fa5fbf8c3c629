"""What a blueprint takes from the graph of a chain: arrows, and who stands in which row of which lane."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.actors import Lane
from servicechain.plots import blueprint_words as words

if TYPE_CHECKING:
    import networkx as nx

    from servicechain.services import Service

LANES = (words.CUSTOMERS, Lane.CONTACT, Lane.BACKSTAGE, Lane.SYSTEM, Lane.SUPPLIER)
# boxes side by side
IN_A_ROW = 5


@dataclass(frozen=True)
class Request:
    """All services of one kind that one requests of another.

    Attributes
    ----------
    source, target, kind : str
    choice : int
        At which place, from 1, the target stands among those who offer them.
    services : tuple of str
    expected : float
        Requests per customer; 0 where only the clock or the lines tell.
    """

    source: str
    target: str
    kind: str
    choice: int
    services: tuple[str, ...]
    expected: float


def requests_of(graph: nx.MultiDiGraph, services: Mapping[str, Service]) -> list[Request]:
    """Join the services between the same two into one arrow per kind and choice, the most frequent first."""
    found: dict[tuple[str, str, str, int], list[tuple[float, str]]] = {}
    for source, target, edge in graph.edges(data=True):
        choice = services[edge["service"]].actors.index(target) + 1
        expected = 0.0 if math.isnan(edge["expected"]) else edge["expected"]
        found.setdefault((source, target, edge["kind"], choice), []).append((expected, edge["service"]))
    return [
        Request(
            *key,
            tuple(service for _, service in sorted(names, key=lambda pair: -pair[0])),
            sum(expected for expected, _ in names),
        )
        for key, names in found.items()
    ]


def rows_of(graph: nx.MultiDiGraph) -> list[tuple[str, list[str]]]:
    """Divide the nodes into lanes, and lanes that are too long into rows: who asks stands above who is asked.

    Returns
    -------
    list of (lane, names)
        Every lane has a row, be it empty; only suppliers are left out where there are none.
    """
    depth = _depths(graph)
    rows: list[tuple[str, list[str]]] = []
    for lane in LANES:
        names = [name for name, node in graph.nodes(data=True) if node.get("lane", words.CUSTOMERS) == lane]
        if lane == Lane.SUPPLIER and not names:
            continue
        if len(names) > IN_A_ROW:
            names.sort(key=lambda name: depth[name])
        number = max(1, math.ceil(len(names) / IN_A_ROW))
        size = math.ceil(len(names) / number)
        rows += [(lane, names[row * size : (row + 1) * size]) for row in range(number)]
    return rows


def _depths(graph: nx.MultiDiGraph) -> dict[str, int]:
    """Tell over how many others the customers reach each one at least; who is never reached comes last."""
    level = [name for name, node in graph.nodes(data=True) if node["kind"] == "customer"]
    depth = dict.fromkeys(level, 0)
    while level:
        following = [other for name in level for other in graph.successors(name)]
        level = [name for name in dict.fromkeys(following) if name not in depth]
        depth |= dict.fromkeys(level, max(depth.values()) + 1)
    return {name: depth.get(name, len(graph)) for name in graph}
