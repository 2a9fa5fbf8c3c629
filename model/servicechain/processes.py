"""Workers in processes of their own, for an engine written in Python: one interpreter does one thing at a time.

Each is a new interpreter that gets the job as bytes and numbers of tasks one after the other. Not `multiprocessing`:
its new interpreters run the user's script once more, which breaks one that does not guard against that, and a copy
of this process (fork) would copy locks that other threads hold. The trap is the keyboard: Ctrl-C goes to a whole
group of processes, so these stand in a group of their own, and end when whoever started them is gone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, Generic, Self

from servicechain.errors import RunError, ServiceChainError
from servicechain.tasks import Found, Job, Task, Told

TELLS = 0.1
"""A task tells how far it is at most so often, in seconds."""

_BEGIN = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import sys; sys.path[:] = sys.argv[1:]; "
    "from servicechain.processes import serve; serve()"
)


class Processes(Generic[Found]):
    """The processes that work for one job."""

    def __init__(self, job: bytes) -> None:
        self._job = job
        self._all: list[Worker[Found]] = []
        self._lock = threading.Lock()
        self._halted = False

    @classmethod
    def of(cls, job: Job[Found]) -> Self | None:
        """Get ready to start some; None if the job cannot be sent, or there is no interpreter to start."""
        if not sys.executable or getattr(sys, "frozen", False):
            return None
        try:
            sent = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError):
            return None
        # what a script defines is in the script alone
        return None if b"__main__" in sent else cls(sent)

    def begin(self) -> Task[Found]:
        """Start one more."""
        with self._lock:
            worker: Worker[Found] = Worker(self._job)
            self._all.append(worker)
            if self._halted:
                worker.kill()
        return worker

    def halt(self) -> None:
        """End them all, whatever they are doing."""
        with self._lock:
            self._halted = True
            for worker in self._all:
                worker.kill()

    def clear(self) -> None:
        """Close what led to them."""
        for worker in self._all:
            worker.close()


class Worker(Generic[Found]):
    """One process, spoken to by one thread."""

    def __init__(self, job: bytes) -> None:
        paths = [path for path in sys.path if isinstance(path, str)]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN, *paths],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"no worker process can be started: {error}; ask for workers=1") from None
        self._send(job)

    def __call__(self, number: Any, told: Told | None) -> Found:
        """Have a task done, known by its number or by whatever its job takes for one."""
        self._send(pickle.dumps(number))
        while True:
            kind, value = self._answer()
            if kind == "done":
                found: Found = value
                return found
            if kind == "failed":
                raise value
            if told is not None:
                told(*value)

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the pipes to it."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was not sent any more
                pipe.close()

    def _send(self, message: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(message)
            self._process.stdin.flush()
        except OSError:
            raise self._gone() from None

    def _answer(self) -> tuple[str, Any]:
        assert self._process.stdout is not None
        try:
            answer: tuple[str, Any] = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise self._gone() from None
        return answer

    def _gone(self) -> RunError:
        return RunError("a worker process has ended before its task was done; ask for workers=1 to run without any")


def serve() -> None:
    """Be a worker: take a job and numbers of tasks from stdin, and give what is found to stdout."""
    # whatever prints must not come between the answers
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = sys.stdin.buffer
    job: Job[Any] = pickle.load(asked)
    task: Task[Any] | None = None
    try:
        while (number := _next(asked)) is not None:
            teller = _Teller(answers)
            try:
                task = task or job.begin()
                answer = "done", task(number, teller)
            except ServiceChainError as error:
                answer = "failed", error
            teller.tell()
            _give(answers, answer)
    except BrokenPipeError:
        # whoever asked has been killed; what stands in buffers can be told to nobody either
        os._exit(1)


def _next(asked: BinaryIO) -> Any:
    try:
        return pickle.load(asked)
    except EOFError:
        return None


def _give(answers: BinaryIO, answer: tuple[str, Any]) -> None:
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


class _Teller:
    """Tells how far a task is, but not all the time."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._last = time.monotonic()
        self._untold: tuple[int, float] | None = None

    def __call__(self, left: int, now: float) -> None:
        self._untold = left, now
        if time.monotonic() - self._last >= TELLS:
            self.tell()

    def tell(self) -> None:
        """Tell what is new."""
        if self._untold is not None:
            _give(self._answers, ("told", self._untold))
        self._last, self._untold = time.monotonic(), None
