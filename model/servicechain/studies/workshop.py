"""The workshop of a study: blocks go in, values come out, from the ledger where it has them, else from a crew.

No more is handed out than a few bundles for each worker, a bundle being as many blocks as take a moment. What is
finished is written into the ledger before anybody sees it, also when the study is interrupted. The order in which
blocks come back is chance: whoever decides something by them must wait until they are complete.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from servicechain.metrics import Floats
from servicechain.studies.block import Bench, Block, union_of
from servicechain.studies.executors import Answer, Bundle, crew_for
from servicechain.studies.measures import is_attributed
from servicechain.tasks import GLANCE
from servicechain.volume import expected_requests

if TYPE_CHECKING:
    from servicechain.studies.ledger import Ledger
    from servicechain.studies.plan import Plan

Progress = Callable[[int, int], None]
"""Told, while blocks are waited for, how many replications are done, and how many have been asked for."""

MOMENT = 0.15
"""A bundle takes about so long, in seconds."""

AHEAD = 2
"""Bundles under way for each worker."""

PAYS = 2.0
"""With more than so many seconds of work to do, others are worth waiting for until they have started."""

_PER_REQUEST = {"compiled": 5e-7, "reference": 4e-5}


class Workshop:
    """Does the blocks of a study.

    Parameters
    ----------
    plan : Plan
        With its warm-up known.
    executor : str, concurrent.futures.Executor, distributed.Client or None
        Who does the work; see `servicechain.studies.executors.crew_for`.
    ledger : Ledger, optional
        What has been done before, and where what is done now is kept; somebody else closes it.
    progress : callable, optional
    workers : int, optional
        How many work side by side at most.

    Attributes
    ----------
    columns : tuple of str
        What the values are: all metrics of all scenarios; a scenario that lacks one has NaN there.
    notices : tuple of str
        What the ledger has to say, one line each: that it holds a study of the same title but of another chain.

    Raises
    ------
    Mistake, RunError
        If there is no such executor, or it cannot be used.
    FileProblem
        If the ledger cannot be written.
    """

    def __init__(
        self,
        plan: Plan,
        executor: object = None,
        ledger: Ledger | None = None,
        progress: Progress | None = None,
        workers: int | None = None,
    ) -> None:
        self._bench = bench = Bench.of(plan)
        own = [bench.columns(scenario) for scenario in range(len(bench.chains))]
        self.columns = union_of(own)
        place = {name: number for number, name in enumerate(self.columns)}
        self._places = [np.array([place[name] for name in each], np.intp) for each in own]
        self._attributed = [np.array([is_attributed(name) for name in each]) for each in own]
        self._shelf = None if ledger is None else ledger.study(plan, bench)
        self.notices: tuple[str, ...] = () if self._shelf is None else self._shelf.notices
        self._progress = progress
        self._pace = _Pace(bench)
        self._asked = self._done = 0
        self._longest = 1
        self._crew = crew_for(bench, executor, workers)

    def values(self, blocks: Sequence[Block]) -> Generator[tuple[Block, Floats]]:
        """Do blocks, and give each with its values as it is finished; whoever stops half-way closes the iterator.

        Parameters
        ----------
        blocks : sequence of Block
            Each at most once.

        Yields
        ------
        tuple of Block and ndarray
            Replications × `columns`; columns of attribution are NaN in a block that was to run without.

        Raises
        ------
        RunError
            If the simulation cannot go on, or the executor has broken down.
        FileProblem
            If the ledger cannot be written any more.
        """
        known = [block for block in blocks if self._shelf is not None and self._shelf.has(block)]
        pending = deque(block for block in blocks if self._shelf is None or not self._shelf.has(block))
        self._asked += sum(block.count for block in blocks)
        under_way: dict[Answer, Bundle] = {}
        try:
            self._pace.begin()
            self._hand_out(pending, under_way)
            for block in known:
                assert self._shelf is not None
                yield self._counted(block, self._shelf.get(block))
            while under_way:
                done = wait(under_way, GLANCE, FIRST_COMPLETED).done
                self._pace.go_on(self._crew.workers)
                found = self._settled(done, under_way)
                self._hand_out(pending, under_way)
                for block, rows in found:
                    yield self._counted(block, rows)
                if not found:
                    self._tell()
        finally:
            finished = [answer for answer in under_way if _has_rows(answer)]
            self._settled(finished, under_way)
            for answer in under_way:
                answer.cancel()

    def close(self) -> None:
        """Stop whoever works, and let them go."""
        self._crew.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _hand_out(self, pending: deque[Block], under_way: dict[Answer, Bundle]) -> None:
        crew = self._crew
        if self._pace.left(pending) > PAYS * crew.workers:
            crew.reinforce()
        while pending and len(under_way) < AHEAD * crew.workers:
            most = -(-len(pending) // (AHEAD * crew.workers))
            self._longest = min(most, 2 * self._longest, self._pace.blocks(pending[0]))
            bundle = tuple(pending.popleft() for _ in range(self._longest))
            under_way[crew.submit(bundle)] = bundle

    def _settled(self, answers: Collection[Answer], under_way: dict[Answer, Bundle]) -> list[tuple[Block, Floats]]:
        """Take what is finished, and write it into the ledger."""
        found: list[tuple[Block, Floats]] = []
        try:
            for answer in answers:
                bundle = under_way.pop(answer)
                rows = self._crew.result(answer)
                if rows is None:
                    under_way[self._crew.submit(bundle, again=True)] = bundle
                else:
                    found += zip(bundle, rows, strict=True)
        finally:
            if self._shelf is not None and found:
                self._shelf.put(found)
        self._pace.made += sum(block.count for block, _ in found)
        return found

    def _counted(self, block: Block, rows: Floats) -> tuple[Block, Floats]:
        self._done += block.count
        self._tell()
        values = np.full((block.count, len(self.columns)), np.nan)
        values[:, self._own(block)] = rows
        return block, values

    def _own(self, block: Block) -> NDArray[np.intp]:
        places = self._places[block.scenario]
        return places if block.attribution else places[~self._attributed[block.scenario]]

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._asked)


def _has_rows(answer: Answer) -> bool:
    return answer.done() and not answer.cancelled() and answer.exception() is None


class _Pace:
    """How long a replication takes: first guessed, then measured."""

    def __init__(self, bench: Bench) -> None:
        requests = expected_requests(bench.chains[0], replace(bench.settings, replications=1))
        self._guess = requests * _PER_REQUEST.get(bench.engine, 0.0)
        self._busy = 0.0
        self._last = 0.0
        self.made = 0

    def begin(self) -> None:
        """Count from now on."""
        self._last = time.perf_counter()

    def go_on(self, workers: int) -> None:
        """Count the time that has passed for so many workers."""
        now = time.perf_counter()
        self._busy += (now - self._last) * workers
        self._last = now

    @property
    def _seconds(self) -> float:
        return self._busy / self.made if self.made else max(self._guess, self._busy)

    def left(self, pending: Collection[Block]) -> float:
        """Tell how many seconds of work one worker has to do; what was done so far counts as much again."""
        return self._busy + self._seconds * sum(block.count for block in pending)

    def blocks(self, block: Block) -> int:
        """Tell how many blocks make a bundle."""
        return 1 if not self.made else max(1, int(MOMENT / max(1e-9, self._seconds * block.count)))
