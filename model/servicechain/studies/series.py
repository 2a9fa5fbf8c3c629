"""The replications of one scenario, put together from blocks that come in any order.

The trap is a hole: of a scenario only what is complete from replication 0 on may be looked at, or a decision would
depend on who was quicker.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from servicechain.studies.plan import BLOCK

Floats = NDArray[np.float64]


class Series:
    """The values of one scenario, replication by replication.

    Parameters
    ----------
    columns : int
        How many values each has.

    Attributes
    ----------
    complete : int
        So many replications from number 0 on are there.
    received : int
        So many replications are there in all.
    """

    def __init__(self, columns: int) -> None:
        self.complete = 0
        self.received = 0
        self._rows = np.empty((BLOCK, columns))
        self._waiting: dict[int, int] = {}

    def put(self, first: int, values: Floats) -> None:
        """Take a block in.

        Parameters
        ----------
        first : int
            Number of its first replication.
        values : ndarray, replications × columns
        """
        stop = first + len(values)
        if stop > len(self._rows):
            grown = np.empty((max(stop, 2 * len(self._rows)), self._rows.shape[1]))
            grown[: len(self._rows)] = self._rows
            self._rows = grown
        self._rows[first:stop] = values
        self._waiting[first] = stop
        self.received += len(values)
        while self.complete in self._waiting:
            self.complete = self._waiting.pop(self.complete)

    def rows(self, start: int, stop: int) -> Floats:
        """Give the replications from `start` to before `stop`, which must be complete."""
        assert stop <= self.complete
        return self._rows[start:stop]
