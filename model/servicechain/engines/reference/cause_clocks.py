"""Cause clocks: for everybody in one line, how much of their time each cause has taken.

All who stand in one line share, at every instant, the same causes: those of the servers they wait for, in equal
parts. So one clock per line is enough: a request subtracts what it showed at joining from what it shows at
leaving. A clock begins again when its line is empty, and what it showed is put aside every now and then, so that
a short wait is never the difference of two large numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Times = dict[int, float]
"""From the number of a path to time."""

Mark = tuple[int, Times]
"""What a clock showed: its leaf, and the times on it."""


def add(times: Times, path: int, time: float) -> None:
    """Add time to one path."""
    times[path] = times.get(path, 0.0) + time


class CauseClock:
    """The times of one line, in leaves of a length that keeps the last digits."""

    __slots__ = ("_leaf_length", "_leaves", "_span", "_sums", "now")

    def __init__(self, leaf_length: float) -> None:
        self._leaf_length = leaf_length
        self._span = 0.0
        self.now: Times = {}
        self._leaves: list[Times] = []
        self._sums: list[Times] = []

    def advance(self, by: Iterable[tuple[int, float]], span: float) -> None:
        """Add times to paths; together they make up `span`."""
        now = self.now
        for path, time in by:
            now[path] = now.get(path, 0.0) + time
        self._span += span
        if self._span >= self._leaf_length:
            self._turn_over()

    def advance_evenly(self, targets: Mapping[Any, int], time: float, span: float) -> None:
        """Add as many times a time to each path as it is counted; together they make up `span`."""
        now = self.now
        for path, count in targets.items():
            now[path] = now.get(path, 0.0) + time * count
        self._span += span
        if self._span >= self._leaf_length:
            self._turn_over()

    def _turn_over(self) -> None:
        total = dict(self._sums[-1]) if self._sums else {}
        for path, time in self.now.items():
            add(total, path, time)
        self._leaves.append(self.now)
        self._sums.append(total)
        self.now, self._span = {}, 0.0

    def mark(self) -> Mark:
        """Note what it shows."""
        return len(self._leaves), dict(self.now)

    def since(self, mark: Mark) -> Times:
        """Give the times since a mark."""
        leaf, then = mark
        if leaf == len(self._leaves):
            return {path: time - then.get(path, 0.0) for path, time in self.now.items()}
        passed = {path: time - then.get(path, 0.0) for path, time in self._leaves[leaf].items()}
        last = len(self._leaves) - 1
        if last > leaf:
            before = self._sums[leaf]
            for path, time in self._sums[last].items():
                add(passed, path, time - before.get(path, 0.0))
        for path, time in self.now.items():
            add(passed, path, time)
        return passed
