"""Circles among things that lead to each other: who can come back to themselves, directly or by others.

Nothing here recurses: a chain of five thousand services is deeper than the interpreter's stack.
Reference: Tarjan (1972), Depth-first search and linear graph algorithms, doi 10.1137/0201010.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

Links = Mapping[str, Iterable[str]]


def groups(links: Links) -> list[list[str]]:
    """Divide names into groups that reach each other, each group after all others it leads to.

    Parameters
    ----------
    links : mapping from name to names
        Every name that is led to is a key as well.
    """
    search = _Search(links)
    for name in links:
        if name not in search.number:
            search.begin(name)
    return search.found


class _Search:
    """Tarjan's search; `number` is the order in which names were met, `low` the first one each leads back to."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.number: dict[str, int] = {}
        self.found: list[list[str]] = []
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        self._way: list[tuple[str, Iterator[str]]] = []

    def begin(self, root: str) -> None:
        self._enter(root)
        while self._way:
            name, targets = self._way[-1]
            target = next(targets, None)
            if target is None:
                self._leave(name)
            elif target not in self.number:
                self._enter(target)
            elif target in self._open:
                self._low[name] = min(self._low[name], self.number[target])

    def _enter(self, name: str) -> None:
        self.number[name] = self._low[name] = len(self.number)
        self._open[name] = None
        self._way.append((name, iter(self.links[name])))

    def _leave(self, name: str) -> None:
        self._way.pop()
        if self._way:
            before = self._way[-1][0]
            self._low[before] = min(self._low[before], self._low[name])
        if self._low[name] == self.number[name]:
            group = [self._open.popitem()[0]]
            while group[-1] != name:
                group.append(self._open.popitem()[0])
            self.found.append(group)


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
    came_from: dict[str, str] = {}
    ends = deque([start])
    while ends:
        name = ends.popleft()
        for target in links[name]:
            if target == start:
                way = [start, name]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if target not in came_from:
                came_from[target] = name
                ends.append(target)
    return []
