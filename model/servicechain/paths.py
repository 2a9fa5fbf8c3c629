"""By way of whom waiting came about: a tree whose leaves add up to the wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from servicechain.tables import number

if TYPE_CHECKING:
    from servicechain.attribution import Part


@dataclass(frozen=True)
class PathTree:
    """An actor on the way, or a cause at its end.

    Attributes
    ----------
    name : str
        The customer class at the root, an actor, or what the actor above did.
    time : float
        Per customer who left, in `unit`: the sum of the branches.
    share : float
        Of the whole wait.
    branches : tuple of PathTree
        The longest time first.
    unit : str
    """

    name: str
    time: float
    share: float
    unit: str
    branches: tuple[PathTree, ...] = field(default=())

    @classmethod
    def of(cls, customer_class: str, parts: Iterable[Part], unit: str) -> PathTree:
        """Make the tree of a class from the parts of its waiting by path."""
        times = {(*part.key[0], part.key[1]): part.time.mean for part in parts}
        return _grown(customer_class, times, sum(times.values()), unit)

    def leaves(self) -> Iterator[PathTree]:
        """Give the causes at the ends."""
        if not self.branches:
            yield self
        for branch in self.branches:
            yield from branch.leaves()

    def __str__(self) -> str:
        return "\n".join(_lines(self, "", ""))

    __repr__ = __str__


def _grown(name: str, times: dict[tuple[str, ...], float], whole: float, unit: str) -> PathTree:
    time = sum(times.values())
    below: dict[str, dict[tuple[str, ...], float]] = {}
    for path, part in times.items():
        if path:
            below.setdefault(path[0], {})[path[1:]] = part
    branches = sorted((_grown(key, rest, whole, unit) for key, rest in below.items()), key=lambda branch: -branch.time)
    return PathTree(name, time, time / whole if whole else float("nan"), unit, tuple(branches))


def _lines(tree: PathTree, before: str, below: str) -> Iterator[str]:
    label = f"{before}{tree.name}"
    yield f"{label:<44} {number(tree.time):>8} {tree.unit}  {tree.share:4.0%}"
    for branch in tree.branches:
        last = branch is tree.branches[-1]
        yield from _lines(branch, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))
