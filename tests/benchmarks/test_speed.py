"""Is the reference engine fast enough? Against the same model written by hand in idiomatic SimPy, in one run.

The hand-written twin keeps no records, no metrics and no keyed random numbers; it is timed only after both
have been found to agree. Their times are CPU times, taken in turn, so that a busy machine troubles both.
"""

import statistics
import time

import pytest

from benchmarks import with_servicechain, with_simpy
from benchmarks.agreement import FEWEST_ROUNDS, check_agreement
from benchmarks.models import KNOWN

GUESTS = 20_000


def cpu_time(work, *arguments):
    start = time.process_time()
    work(*arguments)
    return time.process_time() - start


@pytest.mark.slow
def test_at_least_half_the_speed_of_simpy_by_hand():
    # what the other side does not do either is left out
    by_hand, ours = with_simpy.simulator("M2"), with_servicechain.simulator("M2", engine="reference", attribution=False)
    for name, simulate in (("SimPy by hand", by_hand), ("reference engine", ours)):
        check_agreement(KNOWN["M2"], name, [simulate(GUESTS // 2, seed) for seed in range(FEWEST_ROUNDS)])
    ratios = [cpu_time(by_hand, GUESTS, 1) / cpu_time(ours, GUESTS, 1) for _ in range(9)]
    print(f"reference engine: {statistics.median(ratios):.2f} times the speed of SimPy by hand {sorted(ratios)}")
    assert statistics.median(ratios) >= 0.5
