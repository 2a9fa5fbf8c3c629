"""The parts of the customers' waiting, summed up while a replication runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from servicechain.causes import Path
from servicechain.records import Block, CustomerOutcome, Parts

Floats = NDArray[np.float64]


class PartSums:
    """The waiting of one replication, summed up by class and path: of those who count and have left."""

    def __init__(self, classes: int, warm_up: float) -> None:
        self._warm_up = warm_up
        self.left = np.zeros(classes, np.int64)
        self.times: list[dict[Path, Floats]] = [{} for _ in range(classes)]

    def add(self, block: Block, parts: Parts) -> None:
        """Take in customers, and the parts of their waiting."""
        gone = (block["arrived"] >= self._warm_up) & (block["outcome"] != CustomerOutcome.UNFINISHED)
        classes = block["customer_class"]
        self.left += np.bincount(classes[gone], minlength=self.left.size)
        rows = parts.rows[gone[parts.rows["customer"]]]
        of_class = classes[rows["customer"]]
        for position, times in enumerate(self.times):
            own = rows[of_class == position]
            if own.size:
                queueing = np.bincount(own["path"], own["queueing"])
                held = np.bincount(own["path"], own["held"])
                for path in np.unique(own["path"]):
                    key = parts.paths[path]
                    times[key] = times.get(key, np.zeros(2)) + np.array((queueing[path], held[path]))
