"""Timing programs side by side: CPU time, in turn, medians.

Each program runs in a process of its own (`worker.py`), only one of them at a time. A round lets every program
simulate once; a busy machine troubles all of a round alike, so ratios of medians hold where times do not. The first
simulation of a process, ten customers, compiles or loads what it needs, and is the end of its cold start.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FEW = 10  # customers of the first simulation


@dataclass(frozen=True)
class Run:
    """What is timed: a program on a model, for so many customers, by an interpreter."""

    program: str
    model: str
    customers: int
    python: str = sys.executable


@dataclass
class Timed:
    """What was measured.

    Attributes
    ----------
    run : Run
    seconds : list of float
        CPU time, by round.
    values : list of float
        The mean the program found, by round.
    peak : int
        Bytes of memory, at most.
    """

    run: Run
    seconds: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    peak: int = 0

    def add(self, answer):
        self.seconds.append(answer["seconds"])
        self.values.append(answer["value"])
        self.peak = max(self.peak, answer["peak"])

    @property
    def per_customer(self):
        """Median CPU seconds for each customer."""
        return statistics.median(self.seconds) / self.run.customers


class Worker:
    """A process that simulates one model with one program when told to; a context manager."""

    def __init__(self, program, model, python=sys.executable, **environment):
        self._name = f"{program} on {model}"
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", program, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=TESTS,
            env={**os.environ, **environment},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.__exit__(*_)

    def simulate(self, customers, seed):
        """Give the answer of `worker.py`."""
        self._process.stdin.write(json.dumps({"customers": customers, "seed": seed}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} ended with {self._process.wait()}; see its message above")
        return json.loads(line)

    def cold_start(self):
        """Give the CPU seconds from the start of the process to the end of its first, tiny simulation."""
        return self.simulate(FEW, 0)["process"]


def side_by_side(runs, rounds):
    """Time runs in turn, each round with a seed of its own.

    Parameters
    ----------
    runs : sequence of Run
    rounds : int

    Returns
    -------
    list of Timed
        In the order of `runs`.
    """
    timed = [Timed(run) for run in runs]
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(Worker(run.program, run.model, run.python)) for run in runs]
        for worker in workers:
            worker.simulate(FEW, 0)
        for seed in range(1, rounds + 1):
            for one, worker in zip(timed, workers, strict=True):
                one.add(worker.simulate(one.run.customers, seed))
    return timed


def cold_starts(program, model, python=sys.executable):
    """Give the CPU seconds of two first starts: one that has to compile, and one that finds the compiled code."""
    with tempfile.TemporaryDirectory() as cache:
        starts = []
        for _ in range(2):
            with Worker(program, model, python, NUMBA_CACHE_DIR=cache) as worker:
                starts.append(worker.cold_start())
    return starts
