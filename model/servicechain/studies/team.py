"""Those of this machine who do the work of a study: this thread, or a team of threads and processes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from servicechain.errors import ServiceChainError
from servicechain.processes import Processes
from servicechain.studies.block import Bench, work
from servicechain.tasks import Hands, Stopped, Task, Told

if TYPE_CHECKING:
    from servicechain.studies.executors import Answer, Bundle, Rows


class Here:
    """Whoever asks does it, in this very thread."""

    workers = 1

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def submit(self, bundle: Bundle, again: bool = False) -> Answer:
        """Do it at once."""
        done: Answer = Future()
        done.set_result([work(self._bench, block) for block in bundle])
        return done

    def result(self, answer: Answer) -> Rows | None:
        """Give what was found."""
        return answer.result()

    def reinforce(self) -> None:
        """Do nothing: nobody else is there."""

    def close(self) -> None:
        """Do nothing: nothing is under way."""


class BenchJob:
    """Blocks of a bench as a job, which threads and processes can do."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def begin(self) -> Task[Rows]:
        """Give what does a bundle of blocks."""
        return self._do

    def _do(self, bundle: Any, told: Told | None) -> Rows:
        return [work(self.bench, block, told) for block in bundle]


class Team:
    """Threads of this process, the first of which works itself; the others do too, or speak to a process each.

    Whoever is ready takes the next bundle from a queue, so nothing waits for a process that is still starting.

    Parameters
    ----------
    bench : Bench
    workers : int
    apart : bool
        Let all but the first work in a process of its own.
    """

    def __init__(self, bench: Bench, workers: int, *, apart: bool) -> None:
        self._job = BenchJob(bench)
        self._at_most = workers
        self._processes: Hands[Rows] | None = Processes.of(self._job) if apart else None
        self._waiting: queue.SimpleQueue[tuple[Bundle, Answer] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._ready = 0
        self._lock = threading.Lock()
        self._add(self._job.begin)

    @property
    def workers(self) -> int:
        """How many have begun."""
        return max(1, self._ready)

    def submit(self, bundle: Bundle, again: bool = False) -> Answer:
        """Put blocks into the queue."""
        done: Answer = Future()
        self._waiting.put((bundle, done))
        return done

    def result(self, answer: Answer) -> Rows | None:
        """Give what was found."""
        return answer.result()

    def reinforce(self) -> None:
        """Start all the others."""
        while len(self._threads) < self._at_most:
            self._add(self._job.begin if self._processes is None else self._processes.begin)

    def close(self) -> None:
        """Stop all of them."""
        self._stop.set()
        if self._processes is not None:
            self._processes.halt()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        if self._processes is not None:
            self._processes.clear()

    def _add(self, begin: Callable[[], Task[Rows]]) -> None:
        thread = threading.Thread(target=self._serve, args=(begin,), name="servicechain study", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, begin: Callable[[], Task[Rows]]) -> None:
        try:
            task = begin()
            # nothing to do, but it comes back when the process has begun
            task((), None)
        except ServiceChainError:
            return  # a process that cannot be started is one fewer, and the first of the team is always there
        with self._lock:
            self._ready += 1
        while (item := self._waiting.get()) is not None:
            bundle, done = item
            if not self._stop.is_set() and done.set_running_or_notify_cancel():
                self._do(task, bundle, done)

    def _do(self, task: Task[Rows], bundle: Bundle, done: Answer) -> None:
        try:
            rows = task(bundle, self._told)
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(rows)

    def _told(self, left: int, now: float) -> None:
        if self._stop.is_set():
            raise Stopped
