"""The reference engine: the readable specification of what a chain means."""

from __future__ import annotations

from servicechain.causes import Paths
from servicechain.chain import Chain
from servicechain.engines.reference.planner import plan_of
from servicechain.engines.reference.replication import Progress, Replication
from servicechain.records import Sink
from servicechain.settings import Settings

NAME = "reference"


class ReferenceEngine:
    """Simulates with SimPy, one customer at a time."""

    name = NAME

    def __init__(self, chain: Chain, ideal: frozenset[str] = frozenset()) -> None:
        self._plan = plan_of(chain, ideal)
        self._paths = Paths()

    def replicate(self, settings: Settings, replication: int, sink: Sink, progress: Progress | None = None) -> None:
        """Run one replication.

        Parameters
        ----------
        settings : Settings
        replication : int
            From 0; one word of the key of every draw.
        sink : Sink
            Takes the records, and is closed.
        progress : callable, optional
            Told now and then how many customers have left and what time it is.

        Raises
        ------
        RunError
            If the clock stands still.
        """
        Replication(self._plan, settings, replication, sink, self._paths).run(progress)
