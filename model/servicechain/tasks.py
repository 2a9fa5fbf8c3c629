"""Many tasks on all cores, their results in the order of their numbers.

Who does which task first is chance; so that nothing depends on it, a worker keeps nothing from one task to the next
that shows in a result, and results are handed out in order. Threads work for an engine that lets go of the
interpreter's lock, processes for one written in Python. Whoever is told of progress is told in the thread that asks
for the results, and there an error of a task is raised, when its turn has come.

The trap is Ctrl-C: it reaches one thread only, and compiled code not at all. So a worker looks, each time its task
tells how far it is, whether it is to stop.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, Generic, Protocol, TypeVar

from servicechain.base import check_whole

Told = Callable[[int, float], None]
"""Told within a task how many customers have left and what time it is there."""
Progress = Callable[[int, int, float], None]
"""Told the number of a task as well."""

Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)
Task = Callable[[Any, Told | None], Found]
"""Does what is known by a number, or by whatever else its job takes for one."""

GLANCE = 0.05
"""So often, in seconds, whoever waits for a result looks how far it is."""


class Job(Protocol[Found_co]):
    """Tasks of one kind, told apart by their numbers; for processes it must be one that can be pickled."""

    def begin(self) -> Task[Found_co]:
        """Make ready what one worker needs, and give what does a task."""


class Stopped(BaseException):
    """Ends a task that nobody waits for any more."""


def checked_workers(workers: int | None) -> int:
    """Take how many workers there may be at most; None is one for each core this process may use.

    Raises
    ------
    Mistake
        If it is not a whole number of at least 1.
    """
    return cores() if workers is None else check_whole(workers, "workers", 1)


def cores() -> int:
    """Count the cores this process may use."""
    allowed: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return (len(allowed(0)) if allowed else os.cpu_count()) or 1


def in_order(
    job: Job[Found], count: int, workers: int, progress: Progress | None = None, *, apart: bool = False
) -> Generator[Found]:
    """Do the tasks 0 to `count` - 1, and give their results in this order.

    Whoever may stop half-way must close the iterator; workers then stop within a moment.

    Parameters
    ----------
    job : Job
    count : int
    workers : int
        How many at most; one does it here, in this thread.
    progress : callable, optional
        Told here how far each task is, now and then and at its end; of several tasks in turn.
    apart : bool
        In processes instead of threads, if the job can be sent to one.
    """
    workers = min(workers, count)
    if workers > 1 and not apart:
        return _side_by_side(Threads(job), count, workers, progress)
    if workers > 1:
        from servicechain.processes import Processes

        processes = Processes.of(job)
        if processes is not None:
            return _side_by_side(processes, count, workers, progress)
    return _one_by_one(job.begin(), count, progress)


def _one_by_one(task: Task[Found], count: int, progress: Progress | None) -> Generator[Found]:
    for number in range(count):
        yield task(number, None if progress is None else _about(progress, number))


def _about(progress: Progress, number: int) -> Told:
    return lambda left, now: progress(number, left, now)


class Hands(Protocol[Found_co]):
    """Those who do the tasks, each spoken to by one thread."""

    def begin(self) -> Task[Found_co]:
        """Make one more ready, in the thread that calls."""

    def halt(self) -> None:
        """Let all stop at once, whatever they are doing, as far as they do not look themselves."""

    def clear(self) -> None:
        """Clear away, when no thread is left."""


class Threads(Generic[Found]):
    """Threads of this process."""

    def __init__(self, job: Job[Found]) -> None:
        self._job = job
        # the first is made here, so that modules are imported, and what is refused is told, in this thread
        self._ready = [job.begin()]

    def begin(self) -> Task[Found]:
        """Give the one that is ready, or make another."""
        try:
            return self._ready.pop()
        except IndexError:
            return self._job.begin()

    def halt(self) -> None:
        """Do nothing: they look themselves."""

    def clear(self) -> None:
        """Leave nothing, as nothing is there."""


def _side_by_side(hands: Hands[Found], count: int, workers: int, progress: Progress | None) -> Generator[Found]:
    from concurrent.futures import Future, ThreadPoolExecutor, wait

    news = _News(progress)
    own = threading.local()

    def do(number: int) -> Found:
        if not hasattr(own, "task"):
            own.task = hands.begin()
        found: Found = own.task(number, news.of(number))
        return found

    pool = ThreadPoolExecutor(workers, thread_name_prefix="servicechain")
    # no more tasks are begun than a few beyond the one waited for: what they find has to be kept
    numbers, under_way = iter(range(count)), deque[Future[Found]]()
    try:
        for waited_for in range(count):
            while len(under_way) < 2 * workers and (number := next(numbers, None)) is not None:
                under_way.append(pool.submit(do, number))
            first = under_way.popleft()
            while not wait([first], GLANCE).done:
                news.tell(waited_for, len(under_way) + 1)
            news.tell(waited_for, 1)
            yield first.result()
    finally:
        news.stop.set()
        hands.halt()
        pool.shutdown(cancel_futures=True)
        hands.clear()


class _News:
    """What tasks tell of themselves: left here by the threads that do them, passed on by the one that waits."""

    def __init__(self, progress: Progress | None) -> None:
        self.stop = threading.Event()
        self._progress = progress
        self._latest: dict[int, tuple[int, float]] = {}
        self._passed_on: dict[int, tuple[int, float]] = {}

    def of(self, number: int) -> Told:
        """Give what a task tells how far it is, and which ends it when nobody waits for it any more."""

        def told(left: int, now: float) -> None:
            if self.stop.is_set():
                raise Stopped
            self._latest[number] = left, now

        return told

    def tell(self, first: int, many: int) -> None:
        """Pass on what is new of so many tasks from the first; before it, all are done."""
        self._latest.pop(first - 1, None)
        self._passed_on.pop(first - 1, None)
        for number in range(first, first + many):
            latest = self._latest.get(number)
            if latest is not None and latest != self._passed_on.get(number) and self._progress is not None:
                self._passed_on[number] = latest
                self._progress(number, *latest)
