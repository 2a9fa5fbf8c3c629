"""Nothing grows with the run."""

import pytest

from benchmarks.floors import MILLION_GROWTH, MILLION_PEAK
from benchmarks.stopwatch import Worker
from benchmarks.worker import STATUS

pytestmark = [
    pytest.mark.slow,
    # getrusage would tell the peak of the process that started this one, if that is higher
    pytest.mark.skipif(not STATUS.exists(), reason="the peak is read from /proc"),
]


def peak(program, model, customers):
    with Worker(program, model) as worker:
        return worker.simulate(customers, 1)["peak"]


def test_thirty_times_as_many_customers_take_no_more_memory():
    """What does not grow from the first ten thousand to 300,000 stays under a gigabyte for any number."""
    many = peak("reference", "tolerant M1", 300_000)
    assert many < 1e9
    assert many < peak("reference", "tolerant M1", 10_000) + 30e6


def test_the_compiled_engine_needs_little_memory_and_no_more_for_a_million():
    million = peak("compiled", "M2", 1_000_000)
    assert million < MILLION_PEAK
    assert million < peak("compiled", "M2", 100_000) + MILLION_GROWTH
