"""Dask distributed: workers on as many machines as there are.

The scheduler gives the work of a worker that has died to another one, and takes one answer for each task, so nothing is
lost and nothing counted twice. The traps are its silences: a scheduler that does not answer, or one without workers, is
waited for without end, so both are asked for first; and what a client prints in its own threads, as it loses a worker,
is its own affair.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from servicechain.errors import Mistake, RunError
from servicechain.studies.block import Bench
from servicechain.studies.executors import DASK, Answer, Carried, Rows

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 5.0
"""So long, in seconds, a scheduler may take to answer, and a worker to be there."""

PORT = 8786

_COUNTED_ANEW = 1.0


class DaskCrew(Carried):
    """The workers of a Dask cluster.

    Parameters
    ----------
    bench : Bench
    where : str or distributed.Client
        ``dask://host:port``, or a client that somebody else closes.

    Raises
    ------
    Mistake
        If Dask is not installed, or the address is none.
    RunError
        If no scheduler answers, or it has no worker.
    """

    def __init__(self, bench: Bench, where: Any) -> None:
        self._own = isinstance(where, str)
        self.client = client = connected(where) if isinstance(where, str) else where
        try:
            self._counted = self._first_count()
            if not self._counted:
                address = client.scheduler_info()["address"]
                raise RunError(f"the scheduler at {address} has no worker; start one with `dask worker {address}`")
        except RunError:
            self._close_client()
            raise
        self._counted_at = time.monotonic()
        # a task is a task, even if the same blocks are asked for once more
        super().__init__(bench, client.get_executor(pure=False), self._counted)

    @property
    def workers(self) -> int:
        """How many threads all workers have together."""
        now = time.monotonic()
        if now - self._counted_at > _COUNTED_ANEW:
            self._counted_at = now
            with suppress(OSError):  # the scheduler is gone: whoever waits for an answer is told
                self._counted = self._count() or self._counted
        return self._counted

    def result(self, answer: Answer) -> Rows | None:
        """Give what was found; errors of Dask as ours."""
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        try:
            return super().result(answer)
        except (KilledWorker, FutureCancelledError) as error:
            raise RunError(f"Dask gives a task up: {' '.join(str(error).split())}") from None
        except ImportError as error:
            raise RunError(f"a worker cannot do this work: {error}; install servicechain there, too") from None

    def close(self) -> None:
        """Take back what has not begun, and leave."""
        super().close()
        self._close_client()

    def _close_client(self) -> None:
        if self._own:
            self.client.close()

    def _first_count(self) -> int:
        """Count them, and wait a little for the first."""
        deadline = time.monotonic() + PATIENCE
        while not (count := self._count()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return count

    def _count(self) -> int:
        return sum(self.client.nthreads().values())


def connected(where: str) -> Client:
    """Connect to the scheduler at ``dask://host:port``.

    Raises
    ------
    Mistake
        If Dask is not installed, or the address is none.
    RunError
        If nobody answers there.
    """
    address = address_of(where)
    try:
        from distributed import Client
    except ImportError:
        raise Mistake(
            f"the executor {where} needs Dask distributed, which is not installed; "
            "pip install 'servicechain[distributed]'"
        ) from None
    try:
        client: Client = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise RunError(
            f"no Dask scheduler answers at {address} within {PATIENCE:g} seconds ({reason}); start one with "
            "`dask scheduler`, or use the executor 'local'"
        ) from None
    return client


def address_of(where: str) -> str:
    """Take the address of a scheduler out of ``dask://host:port``.

    Raises
    ------
    Mistake
        If there is no host in it.
    """
    rest = where.removeprefix(DASK).rstrip("/")
    if not rest or rest.startswith(":"):
        raise Mistake(f"'{where}' names no host; write dask://host:{PORT}")
    if "://" in rest:
        return rest
    host, colon, port = rest.rpartition(":")
    if colon and port.isdigit():
        return f"tcp://{rest}"
    if colon and not host.startswith("["):
        raise Mistake(f"'{where}' has no port number behind the colon; write dask://{host}:{PORT}")
    return f"tcp://{rest}:{PORT}"
