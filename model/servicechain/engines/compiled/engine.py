"""The compiled engine: the meaning of the reference engine, for studies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np

from servicechain.chain import Chain
from servicechain.engines.compiled.attribution.memory import AttributionMemory
from servicechain.engines.compiled.kernel import simulate
from servicechain.engines.compiled.layout import BLOCK_FULL, OVER, ROOM_SHORT, STANDS_STILL
from servicechain.engines.compiled.pools import Pools
from servicechain.engines.compiled.program import program_of
from servicechain.errors import RunError
from servicechain.records import ACTOR_TIME, CUSTOMER, Block, Sink
from servicechain.settings import Settings

NAME = "compiled"
Progress = Callable[[int, float], None]

EVENTS = 200_000
"""After so many the kernel returns: a key that stops the run is heard within a tenth of a second."""


@dataclass
class Memory:
    """What one replication needs; attribution only if it has ever been asked for."""

    pools: Pools
    attribution: AttributionMemory | None = None

    def start(self, settings: Settings, replication: int) -> AttributionMemory | None:
        """Bring everything into its state at the beginning, and give what this replication has of attribution."""
        if not settings.attribution:
            self.pools.start(settings, replication)
            return None
        attribution = self.attribution = self.attribution or AttributionMemory(self.pools.program)
        attribution.start(settings)
        self.pools.start(settings, replication, attribution.address)
        return attribution


class CompiledEngine:
    """Simulates with one compiled kernel that interprets the chain's program.

    Parameters
    ----------
    chain : Chain
        With its files read.
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail.

    Raises
    ------
    RunError
        If the chain holds a custom step.
    """

    name = NAME

    def __init__(self, chain: Chain, ideal: frozenset[str] = frozenset()) -> None:
        self._program = program_of(chain, ideal)
        self._free: list[Memory] = []
        self._lock = Lock()

    def replicate(self, settings: Settings, replication: int, sink: Sink, progress: Progress | None = None) -> None:
        """Run one replication; several threads may do so at once.

        Parameters
        ----------
        settings : Settings
        replication : int
            From 0; one word of the key of every draw.
        sink : Sink
            Takes the records, and is closed; the blocks it gets are written over later.
        progress : callable, optional
            Told now and then how many customers have left and what time it is.

        Raises
        ------
        RunError
            If the clock stands still.
        """
        with self._memory() as memory:
            attribution = memory.start(settings, replication)
            _Replication(memory.pools, attribution, sink).run(progress)

    @contextmanager
    def _memory(self) -> Iterator[Memory]:
        """Lend memory that nobody uses; it is made where there is none."""
        with self._lock:
            memory = self._free.pop() if self._free else None
        memory = memory or Memory(Pools(self._program))
        try:
            yield memory
        finally:
            with self._lock:
                self._free.append(memory)


class _Replication:
    """Calls the kernel until the run is over, and does what it returns for."""

    def __init__(self, pools: Pools, attribution: AttributionMemory | None, sink: Sink) -> None:
        self._pools = pools
        self._attribution = attribution
        self._sink = sink

    def run(self, progress: Progress | None) -> None:
        pools = self._pools
        while (reason := self._simulate()) != OVER:
            if reason == STANDS_STILL:
                raise RunError(self._standstill())
            if reason == BLOCK_FULL:
                self._hand_on_full()
            elif reason == ROOM_SHORT:
                self._grow()
            if progress is not None:
                progress(pools.value("left"), pools.value("now"))
        self._close()
        if progress is not None:
            progress(pools.value("left"), pools.value("now"))

    def _simulate(self) -> int:
        self._pools.set(steps_left=EVENTS)
        return int(simulate(self._pools.world))

    def _grow(self) -> None:
        self._pools.grow()
        if self._attribution is not None:
            self._attribution.grow()

    def _hand_on_full(self) -> None:
        """Hand on the block that is full; the other goes on being filled."""
        if self._pools.value("request_count") >= self._pools.block:
            self._requests()
        if self._pools.value("customer_count") >= self._pools.block:
            self._customers()

    def _customers(self) -> None:
        block = self._pools.take("customer_block", "customer_count")
        if not block.size:
            return
        if self._attribution is None:
            self._sink.customers(block)
        else:
            self._sink.customers(block, self._attribution.parts())

    def _requests(self) -> None:
        block = self._pools.take("request_block", "request_count")
        if block.size:
            self._sink.requests(block)

    def _close(self) -> None:
        self._customers()
        self._requests()
        course = None if self._attribution is None else self._attribution.course()
        if course is not None:
            self._sink.customers(np.empty(0, CUSTOMER), course)
        times = actor_times(self._pools["observed_actors"])
        self._sink.close(times, self._pools.value("window"), self._pools.value("now"))

    def _standstill(self) -> str:
        instant, allowed = self._pools.value("now"), self._pools.value("allowed")
        return (
            f"the clock stands still at {instant:g}: more than {allowed:,} things happened at that "
            "instant; look for a circle of tell or hand_off, or a repeat, in which nothing takes time"
        )


def actor_times(actors: Block) -> Block:
    """Read where the actors' time went, as ACTOR_TIME, off ACTORs as they were when observing stopped."""
    times = np.empty(len(actors), ACTOR_TIME)
    for name in ("busy", "working", "held", "idle", "down", "queue"):
        times[name] = actors[f"{name}_time"]
    times["on_duty"] = actors["duty_time"]
    times["overtime"] = actors["overtime"]
    times["queue_max"] = actors["queue_max"]
    unlimited = np.isinf(actors["on_duty"])
    times["on_duty"][unlimited] = times["idle"][unlimited] = math.nan
    times["down"][unlimited] = 0.0
    return times
