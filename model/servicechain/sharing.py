"""How many workers share the replications of a run, and of what kind: what pays for this engine and this much.

The compiled engine lets go of the interpreter's lock, so threads do. The reference engine is Python all through: only
processes help, and each of them first imports what it needs, which takes about as long as simulating ten thousand
customers. Steps in Python stay in the process they were written in, since they may look at anything in it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from servicechain.chain import Chain
from servicechain.engines import has_python, is_ready
from servicechain.tasks import Found, Found_co, Job, Progress, in_order

PER_THREAD = 20_000
"""With fewer customers and requests to a replication, what is done in Python for it takes longer than the engine."""

PER_PROCESS = 60_000
"""So many customers and requests take the reference engine more than twice as long as starting a process."""


class JobOfChain(Job[Found_co], Protocol):
    """A job that runs a chain, or variants of it, on an engine."""

    @property
    def chain(self) -> Chain:
        """The chain."""

    @property
    def engine(self) -> str:
        """The engine's name."""


def shared(
    job: JobOfChain[Found], count: int, requests: float, workers: int, progress: Progress | None = None
) -> Generator[Found]:
    """Do the tasks of a job, on as many workers as pay, and give their results in order.

    Parameters
    ----------
    job : JobOfChain
    count : int
        How many tasks.
    requests : float
        How many customers and requests are to be expected in all of them.
    workers : int
        How many at most.
    progress : callable, optional
        Told how far each task is.
    """
    workers = min(workers, count)
    if job.engine == "compiled":
        workers = workers if requests >= PER_THREAD * count else 1
        if workers > 1 and not is_ready():
            compile_here()
        return in_order(job, count, workers, progress)
    if job.engine != "reference" or has_python(job.chain):
        workers = 1
    return in_order(job, count, max(1, int(min(workers, requests / PER_PROCESS))), progress, apart=True)


def compile_here() -> None:
    """Compile in this thread, where Ctrl-C is heard, before others begin."""
    from servicechain.warming import fill

    fill()
