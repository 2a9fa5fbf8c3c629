"""The keyed draws of one replication."""

from __future__ import annotations

from servicechain.engines import draws
from servicechain.engines.reference.plan import Variate


class Draws:
    """Every number is a function of its key alone: who, which number, by which way, at which step."""

    __slots__ = ("_antithetic", "_replication", "_seed")

    def __init__(self, seed: int, replication: int, antithetic: bool) -> None:
        self._seed, self._replication, self._antithetic = seed, replication, antithetic

    def variate(self, variate: Variate, who: int, number: int, lineage: int, path: int) -> float:
        """Draw a value."""
        if variate.constant is not None:
            return variate.constant
        return variate.draw(
            self._seed, self._replication, who, number, lineage, path, self._antithetic, *variate.parameters
        )

    def uniform(self, who: int, number: int, lineage: int, path: int) -> float:
        """Draw a number strictly between 0 and 1."""
        return draws.uniform(self._seed, self._replication, who, number, lineage, path, self._antithetic)
