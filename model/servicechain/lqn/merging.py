"""Where the ways of an or-fork meet again.

That is the nearest or-join that every way has to pass: an immediate postdominator, found as the lowest common
ancestor in the tree of postdominators (Cooper, Harvey & Kennedy 2001, A simple, fast dominance algorithm). Where
there is none, each way has to be followed to its own end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from servicechain.circles import groups
from servicechain.lqn.network import Graph, Precedence

_END = ""


def merges(graph: Graph) -> dict[Precedence, Precedence | None]:
    """Give for each or-fork the or-join at which all its ways meet, if any."""
    links = _links(graph)
    parents: dict[str, str] = {}
    depths = {_END: 0}
    for (node,) in groups(links):
        if node != _END:
            parents[node] = _common(links[node], parents, depths)
            depths[node] = depths[parents[node]] + 1
    found = {f"precedence {index}": one for index, one in enumerate(graph.precedences)}
    return {one: _or_join(node, parents, found) for node, one in found.items() if one.forks == "post-OR"}


def _links(graph: Graph) -> dict[str, Sequence[str]]:
    links: dict[str, Sequence[str]] = {_END: ()}
    links.update({f"activity {name}": (_END,) for name in graph.activities})
    for index, precedence in enumerate(graph.precedences):
        node = f"precedence {index}"
        links.update({f"activity {name}": (node,) for name in precedence.before})
        on = [precedence.end] if precedence.end is not None else precedence.after
        goes_on = precedence.forks is not None and (precedence.forks != "post-LOOP" or precedence.end is not None)
        links[node] = [f"activity {name}" for name in on] if goes_on else (_END,)
    return links


def _common(nodes: Sequence[str], parents: Mapping[str, str], depths: Mapping[str, int]) -> str:
    common = nodes[0]
    for node in nodes[1:]:
        other = node
        while other != common:
            if depths[other] >= depths[common]:
                other = parents[other]
            else:
                common = parents[common]
    return common


def _or_join(node: str, parents: Mapping[str, str], found: Mapping[str, Precedence]) -> Precedence | None:
    at = parents[node]
    while at != _END:
        if at in found and found[at].joins != "pre":
            return found[at] if found[at].joins == "pre-OR" else None
        at = parents[at]
    return None
