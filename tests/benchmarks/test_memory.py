"""Nothing grows with the run: a million customers in one replication stay under 1 GB."""

import subprocess
import sys
from pathlib import Path

import pytest

# getrusage would tell the peak of the process that started this one, if that is higher
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")

MILLION = """
import re, sys
from pathlib import Path
from servicechain import Chain, run
chain = Chain.from_dict({
    "chain": "Desk", "unit": "minutes",
    "actors": {"desk": {"lane": "contact", "staff": 4}},
    "services": {"serve": {"by": "desk", "steps": [{"work": "lognormal(mean=4, cv=0.7)"}]}},
    "customers": {"guest": {"arrivals": "poisson(rate=0.9)", "tolerance": {"desired": 3, "adequate": 10},
                            "journey": [{"ask": "serve"}]}}})
result = run(chain, customers=int(sys.argv[1]), replications=1)
assert result.value("customers.guest.finished.mean") == int(sys.argv[1])
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
"""


def peak(customers):
    done = subprocess.run(
        [sys.executable, "-c", MILLION, str(customers)], capture_output=True, text=True, check=True, timeout=900
    )
    return int(done.stdout)


@pytest.mark.slow
def test_a_hundred_thousand_customers_take_no_more_memory_than_ten_thousand():
    assert peak(100_000) < peak(10_000) + 30e6


@pytest.mark.slow
def test_a_million_customers_stay_under_a_gigabyte():
    assert peak(1_000_000) < 1e9
