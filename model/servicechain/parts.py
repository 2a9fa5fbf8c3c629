"""The parts of the customers' waiting, summed up while a replication runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from servicechain.causes import Path
from servicechain.records import CUSTOMER, PART, Block, Parts

Floats = NDArray[np.float64]

PART_SUM = np.dtype(
    [
        ("rows", np.int64),
        ("queueing", np.float64),
        ("queueing_lost", np.float64),  # what rounding took from the sum
        ("held", np.float64),
        ("held_lost", np.float64),
    ],
    align=True,
)


class PartSums:
    """The waiting of one replication, summed up by class and path: of those who count and have left.

    Attributes
    ----------
    left : ndarray
        How many customers of each class they are.
    """

    def __init__(self, classes: int, warm_up: float) -> None:
        self._warm_up = warm_up
        self.left = np.zeros(classes, np.int64)
        self._paths: list[Path] = []
        self._sums = np.zeros((classes, 0), PART_SUM)
        self._times: list[dict[Path, Floats]] | None = None

    @property
    def times(self) -> list[dict[Path, Floats]]:
        """For each class, the time in line and the time held by path."""
        if self._times is None:
            self._times = [self._by_path(sums) for sums in self._sums]
        return self._times

    def add(self, block: Block, parts: Parts) -> None:
        """Take in customers, and the parts of their waiting."""
        from servicechain import summing

        self._times = None
        self._paths.extend(parts.paths[len(self._paths) :])
        self._make_room()
        customers, rows = summing.solid(block, CUSTOMER), summing.solid(parts.rows, PART)
        summing.add_parts(rows, customers, self._warm_up, self.left, self._sums)

    def _by_path(self, sums: NDArray[np.void]) -> dict[Path, Floats]:
        times: dict[Path, Floats] = {}
        for place in np.flatnonzero(sums["rows"]):
            path, part = self._paths[place], sums[place]
            exactly = np.array((part["queueing"] + part["queueing_lost"], part["held"] + part["held_lost"]))
            times[path] = times.get(path, np.zeros(2)) + exactly
        return times

    def _make_room(self) -> None:
        classes, width = self._sums.shape
        if width < len(self._paths):
            grown = np.zeros((classes, 2 * len(self._paths)), PART_SUM)
            grown[:, :width] = self._sums
            self._sums = grown
