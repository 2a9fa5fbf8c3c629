"""Who does the work of a study: this thread, threads, processes of this machine, or an executor from elsewhere.

All of them are *crews*: they are handed bundles of blocks and answer with futures. By default it is this process, and
others beside it as soon as it is clear that they pay: starting one takes longer than many a whole study. The compiled
engine lets go of the interpreter's lock, so threads do for long replications; of short ones most is Python, and only
processes help. Steps in Python stay in the process they were written in.

The bench travels once to each worker. An executor that is not ours does not tell which worker takes a task, so a
worker that does not know the bench says so, and is given the task again together with it.
"""

from __future__ import annotations

import pickle
import threading
import zlib
from collections import OrderedDict
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from servicechain.engines import is_ready
from servicechain.errors import Mistake, RunError, nearest, shown
from servicechain.metrics import Floats
from servicechain.sharing import PER_THREAD, compile_here
from servicechain.studies.block import KEPT_BENCHES, NUMBERS, Bench, Block, kept, work
from servicechain.studies.team import Here, Team
from servicechain.tasks import Stopped, checked_workers
from servicechain.volume import expected_requests

Bundle = tuple[Block, ...]
Rows = list[Floats]
Answer = Future[Rows | None]

NAMES = ("here", "threads", "local")
DASK = "dask://"


class Crew(Protocol):
    """Those who do the work."""

    @property
    def workers(self) -> int:
        """How many can work side by side at present."""

    def submit(self, bundle: Bundle, again: bool = False) -> Answer:
        """Have blocks done; `again` those that a worker has refused."""

    def result(self, answer: Answer) -> Rows | None:
        """Give the rows of each block, in their order; None if the worker knows nothing of the bench."""

    def reinforce(self) -> None:
        """Bring in all who can be had: there is enough to do."""

    def close(self) -> None:
        """Stop at once, as far as that can be done; nobody waits for what is under way."""


def crew_for(bench: Bench, executor: object = None, workers: int | None = None) -> Crew:
    """Find those who do the work.

    Parameters
    ----------
    bench : Bench
    executor : str, concurrent.futures.Executor, distributed.Client or None
        ``here`` for this thread, ``threads``, ``local`` for processes, ``dask://host:port``, or one that is there
        already; None for what pays.
    workers : int, optional
        How many at most; by default one for each core. Whoever brings an executor has said it there.

    Raises
    ------
    Mistake
        If there is no such executor, or it cannot do this work.
    RunError
        If nobody answers at that address.
    """
    at_most = checked_workers(workers)
    if (isinstance(executor, str) and executor.startswith(DASK)) or _is_dask(executor):
        from servicechain.studies.dask_executor import DaskCrew

        _refuse_python(bench)
        return DaskCrew(bench, executor)
    if isinstance(executor, ThreadPoolExecutor):
        return Lent(bench, executor)
    if isinstance(executor, Executor):
        _refuse_python(bench)
        return Carried(bench, executor, getattr(executor, "_max_workers", at_most))
    if executor is not None and executor not in NAMES:
        raise _unknown(executor)
    if executor == "local":
        _refuse_python(bench)
    if bench.engine == "compiled" and not is_ready():
        compile_here()
    if executor == "here" or at_most == 1 or (executor is None and bench.needs_python):
        return Here(bench)
    team = Team(bench, at_most, apart=executor == "local" or (executor is None and _are_short(bench)))
    if executor is not None:
        team.reinforce()
    return team


def _unknown(executor: object) -> Mistake:
    hint = nearest(executor, NAMES) if isinstance(executor, str) else ""
    return Mistake(
        f"an executor is 'here', 'threads', 'local', 'dask://host:port', a concurrent.futures.Executor or a "
        f"distributed.Client, got {shown(executor)}{hint}"
    )


def _is_dask(executor: object) -> bool:
    """Tell a client of Dask without importing it."""
    return any(each.__module__.split(".")[0] == "distributed" for each in type(executor).__mro__)


def _refuse_python(bench: Bench) -> None:
    if bench.needs_python:
        raise Mistake("steps in Python stay in the process they were written in; use the executor 'here' or 'threads'")


def _are_short(bench: Bench) -> bool:
    """Tell whether replications are so short that threads would wait for each other."""
    if bench.engine != "compiled":
        return True
    return expected_requests(bench.chains[0], replace(bench.settings, replications=1)) < PER_THREAD


class Lent:
    """The threads of an executor that somebody else has made, and will end."""

    def __init__(self, bench: Bench, executor: ThreadPoolExecutor) -> None:
        self._bench = bench
        self._executor = executor
        self._stop = threading.Event()
        self.workers: int = executor._max_workers

    def submit(self, bundle: Bundle, again: bool = False) -> Answer:
        """Hand blocks to a thread."""
        return self._executor.submit(self._do, bundle)

    def result(self, answer: Answer) -> Rows | None:
        """Give what was found."""
        return answer.result()

    def reinforce(self) -> None:
        """Do nothing: the executor knows how many it has."""

    def close(self) -> None:
        """Stop what is under way."""
        self._stop.set()

    def _do(self, bundle: Bundle) -> Rows:
        return [work(self._bench, block, self._told) for block in bundle]

    def _told(self, left: int, now: float) -> None:
        if self._stop.is_set():
            raise Stopped


class Carried:
    """The workers of an executor that somebody else has made, in processes or on machines of their own.

    The first so many bundles take the bench with them; after that only those whose worker does not know it.
    """

    def __init__(self, bench: Bench, executor: Executor, workers: int) -> None:
        self._key = bench.key
        self._sent = zlib.compress(pickle.dumps(bench, pickle.HIGHEST_PROTOCOL), 1)
        self._executor = executor
        self._workers = workers
        self._under_way: set[Answer] = set()
        self._travelled = 0

    @property
    def workers(self) -> int:
        """How many there are."""
        return self._workers

    def submit(self, bundle: Bundle, again: bool = False) -> Answer:
        """Hand blocks to a worker."""
        along = again or self._travelled < self.workers
        self._travelled += along
        try:
            answer = self._executor.submit(carry, version(), self._key, self._sent if along else None, bundle)
        except RuntimeError as error:
            raise RunError(f"the executor takes no work: {error}; make a new one") from None
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)
        return answer

    def result(self, answer: Answer) -> Rows | None:
        """Give what was found; errors of the executor as ours."""
        try:
            return answer.result()
        except (BrokenExecutor, CancelledError) as error:
            reason = " ".join(str(error).split()) or "its workers have gone"
            raise RunError(f"the executor has broken down: {reason}; make a new one and run the study again") from None

    def reinforce(self) -> None:
        """Do nothing: the executor knows how many it has."""

    def close(self) -> None:
        """Take back what has not begun."""
        for answer in [*self._under_way]:
            answer.cancel()


_benches: OrderedDict[str, Bench] = OrderedDict()
_lock = threading.Lock()


def version() -> str:
    """Tell which numbers a process computes."""
    from servicechain import __version__

    return f"{__version__}, numbers {NUMBERS}"


def carry(wanted: str, key: str, sent: bytes | None, bundle: Bundle) -> Rows | None:
    """Do blocks in a process that may never have seen the bench.

    Parameters
    ----------
    wanted : str
        The `version` of whoever asks.
    key : str
        Of the bench.
    sent : bytes or None
        The bench, where it travels along.
    bundle : tuple of Block

    Returns
    -------
    list of ndarray, or None
        None if the bench would be needed.

    Raises
    ------
    RunError
        If this process has another version of the package.
    """
    if wanted != version():
        raise RunError(f"a worker has servicechain {version()}, and this study {wanted}; install the same everywhere")
    with _lock:
        if sent is not None:
            kept(_benches, key, KEPT_BENCHES, lambda: pickle.loads(zlib.decompress(sent)))
        bench = _benches.get(key)
    return None if bench is None else [work(bench, block) for block in bundle]
