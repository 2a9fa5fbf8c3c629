"""The wait-for graph: whom everybody waits for, followed to who works, is absent or has failed.

A *target* is where somebody's time goes at this instant: the number of a path that has come to its end, or a
`Link` to a line (or to the branches of a `together`) in which the path goes on. Whoever asks has the target of what
they asked for, one actor further; so a change travels up from a request to the customer. What lies behind a line
does not travel: it is on the line's clock.

The state of an instant counts only when the instant is over, so things that change are *touched*, and looked at
once, after everything that follows from an event. Until then the graph still shows the time before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from servicechain.causes import Cause, Paths
from servicechain.engines.reference.cause_clocks import CauseClock, Mark, Times


class Link(NamedTuple):
    """A path that goes on in a node.

    Attributes
    ----------
    node : Node
    by : tuple of int
        The actors that lead there.
    failed : bool
        Whether it ends in a failure, whatever is at its end: who waits for a repair.
    """

    node: Node
    by: tuple[int, ...]
    failed: bool


Target = int | Link


class View:
    """What some servers, or branches, wait for or do: how many of them have each target."""

    __slots__ = ("lines", "links", "present", "targets")

    def __init__(self) -> None:
        self.targets: dict[Target, int] = {}
        self.present = 0
        self.links = 0
        self.lines: list[Node] = []

    def change(self, target: Target, by: int) -> None:
        """Count one more (1) or less (-1)."""
        self.present += by
        if type(target) is Link:
            self.links += by
        count = self.targets.get(target, 0) + by
        if count:
            self.targets[target] = count
        else:
            del self.targets[target]


class Node:
    """A line, or the branches of a `together`: equal shares over all that its views count.

    Attributes
    ----------
    actors : tuple of int
        To blame if nobody is there.
    standing : int
        How many stand in the line.
    last : float
        Up to when the clock is right.
    marks : dict
        What the clocks of the nodes behind showed then.
    """

    __slots__ = ("actors", "clock", "is_open", "last", "marks", "standing", "views")

    def __init__(self, actors: tuple[int, ...], views: list[View]) -> None:
        self.actors = actors
        self.views = views
        self.standing = 0
        self.is_open = False
        self.last = 0.0
        self.clock: CauseClock
        self.marks: dict[Node, Mark] = {}

    def open(self, now: float, leaf_length: float) -> None:
        """Let the clock begin."""
        self.clock = CauseClock(leaf_length)
        self.is_open = True
        self.last = now
        self.marks = {}
        for view in self.views:
            view.lines.append(self)

    def close(self) -> None:
        """Let the clock end: nobody is left to read it."""
        self.is_open = False
        for view in self.views:
            view.lines.remove(self)

    def shares(self) -> Iterator[tuple[Target, float]]:
        """Give every target with its share; they add up to 1. Nothing if nobody is there."""
        present = sum(view.present for view in self.views)
        for view in self.views:
            for target, count in view.targets.items():
                yield target, count / present

    def behind(self) -> list[Node]:
        """Give the nodes in which paths go on from here."""
        if not any(view.links for view in self.views):
            return []
        return [target.node for view in self.views for target in view.targets if type(target) is Link]


class Clocks:
    """Keeps the clocks of all nodes right."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def through(self, link: Link, times: Times) -> Iterator[tuple[int, float]]:
        """Give the times of a node as seen by who got there over a link."""
        paths = self.paths
        for path, time in times.items():
            number = paths.failed(path) if link.failed else path
            for actor in reversed(link.by):
                number = paths.after(actor, number)
            yield number, time

    def bring(self, node: Node, now: float) -> None:
        """Bring a node's clock, and those behind it, up to now."""
        span = now - node.last
        if span == 0:
            return
        first = node.views[0]
        if len(node.views) == 1 and not first.links and first.present:  # most lines, most of the time
            node.clock.advance_evenly(first.targets, span / first.present, span)
            node.last = now
            return
        order: list[Node] = []
        if self._in_order(node, now, order, set()):
            for each in order:
                self._advance(each, now)
            return
        from servicechain.engines.reference.wait_circles import advance_circle, ordered

        for group in ordered(node, now):
            if len(group) == 1 and group[0] not in group[0].behind():
                self._advance(group[0], now)
            else:
                advance_circle(group, now, self)

    def _in_order(self, node: Node, now: float, order: list[Node], above: set[Node]) -> bool:
        """Put a node and those behind it in order, those behind first; tell whether there is no circle."""
        if node.last == now or node in order:
            return True
        if node in above:
            return False
        above.add(node)
        if not all(self._in_order(other, now, order, above) for other in node.behind()):
            return False
        above.remove(node)
        order.append(node)
        return True

    def _advance(self, node: Node, now: float) -> None:
        node.clock.advance(self.gained(node, now), now - node.last)
        self.read(node, now)

    def gained(self, node: Node, now: float, without: frozenset[Node] = frozenset()) -> list[tuple[int, float]]:
        """Give what the time since a node was last right goes to, links to some nodes left out."""
        span = now - node.last
        gains: list[tuple[int, float]] = []
        nobody = True
        for target, share in node.shares():
            nobody = False
            if not isinstance(target, Link):
                gains.append((target, span * share))
            elif target.node not in without:
                times = target.node.clock.since(node.marks[target.node])
                gains += ((path, time * share) for path, time in self.through(target, times))
        if nobody:
            share = span / len(node.actors)
            gains += ((self.paths.number((actor, Cause.ABSENCE)), share) for actor in node.actors)
        return gains

    def read(self, node: Node, now: float) -> None:
        """Note that a node's clock is right, and what the clocks behind it show."""
        node.last = now
        behind = node.behind()
        if behind or node.marks:
            node.marks = {other: other.clock.mark() for other in behind}
