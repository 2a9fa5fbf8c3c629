"""Causes of waiting, and the ways by which they reach a customer.

A *path* is who was held by whom: ``(receptionist, booking system, programmer)`` and what the last of them did.
"""

from __future__ import annotations

from enum import IntEnum

Path = tuple[int, ...]
"""Positions of actors, from the one the customer asked to the one who made them wait, and a `Cause` at the end."""


class Cause(IntEnum):
    """What the actor at the end of a path did."""

    WORK = 0
    PAUSE = 1
    FAILURE = 2
    ABSENCE = 3
    DEADLOCK = 4

    @property
    def word(self) -> str:
        """The word files and results use."""
        return self.name.lower()


class Paths:
    """Numbers for paths, given out as they are met."""

    def __init__(self) -> None:
        self.all: list[Path] = []
        self._numbers: dict[Path, int] = {}
        self._longer: dict[tuple[int, int], int] = {}
        self._failed: dict[int, int] = {}

    def number(self, path: Path) -> int:
        """Give the number of a path."""
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self.all)
            self.all.append(path)
        return number

    def after(self, actor: int, path: int) -> int:
        """Give the number of the path that begins with an actor and goes on like another path."""
        key = actor, path
        number = self._longer.get(key)
        if number is None:
            number = self._longer[key] = self.number((actor, *self.all[path]))
        return number

    def failed(self, path: int) -> int:
        """Give the number of the same path that ends in a failure."""
        number = self._failed.get(path)
        if number is None:
            number = self._failed[path] = self.number((*self.all[path][:-1], Cause.FAILURE))
        return number
