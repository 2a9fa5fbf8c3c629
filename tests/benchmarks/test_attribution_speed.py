"""Attribution at most doubles the time of a run: both in one process, one after the other, many times."""

import statistics
import time
from pathlib import Path

import pytest

from servicechain import read, run

HOTEL = Path(__file__).parents[2] / "simulations" / "hotel.yaml"


def cpu_time(chain, attribution):
    start = time.process_time()
    run(chain, customers=2000, replications=1, engine="reference", attribution=attribution)
    return time.process_time() - start


@pytest.mark.theory
def test_at_most_twice_the_time():
    chain = read(HOTEL)
    cpu_time(chain, attribution=True)
    ratios = [cpu_time(chain, attribution=True) / cpu_time(chain, attribution=False) for _ in range(9)]
    print(f"with attribution {statistics.median(ratios):.2f} times the time without {sorted(ratios)}")
    assert statistics.median(ratios) <= 2
