"""Networks whose results were published: the recorded runs of lqsim in the regression tests of LQNS.

Source: github.com/layeredqueuing/V5, models/regression/sim-results (lqsim 5.16 to 6.2.30, 2020 to 2024), each with
the half-width of its 95 % confidence interval. The true value is taken to lie within 1.5 half-widths of the recorded
one; beyond that the rule of `agrees` holds.
"""

from __future__ import annotations

from functools import cache

import pytest

from lqn.networks import MODELS, agrees, simulated

pytestmark = pytest.mark.theory
HALFWIDTHS = 1.5


@cache
def run(name, until):
    return simulated(MODELS / f"{name}.lqnx", until)


def check(name, until, quantity, actor, recorded, halfwidth):
    measured = getattr(run(name, until), quantity)(actor)
    assert agrees(measured, recorded, HALFWIDTHS * halfwidth)


QUICK = [
    ("forwarding", 1000, "throughput", "t0", 0.883978, 0.00518),
    ("forwarding", 1000, "busy", "t1", 1.57752, 0.00286),
    ("forwarding", 1000, "busy", "t2", 0.616574, 0.00329),
    ("forwarding", 1000, "busy", "t3", 0.221042, 0.00129),
    ("forwarding", 1000, "busy", "p1", 0.883918, 0.00082),
    ("forwarding", 1000, "busy", "p2", 0.442503, 0.00144),
    ("common_features", 1000, "throughput", "client", 1.40961, 0.00897),
    ("common_features", 1000, "busy", "server1", 1.67122, 0.00521),
    ("common_features", 1000, "busy", "server2", 0.432509, 0.00214),
    ("common_features", 1000, "busy", "server", 1.73542, 0.00545),
    ("and_fork", 1500, "throughput", "client", 0.400151, 0.00434),
    ("and_fork", 1500, "busy", "server", 0.599716, 0.00189),
    ("shared_processor", 3000, "throughput", "t1", 0.300118, 0.00234),
    ("shared_processor", 3000, "busy", "t2", 0.839284, 0.00202),
]
SLOW = [
    ("concurrency", 300, "throughput", "t1", 0.760647, 0.00313),
    ("concurrency", 300, "busy", "d1", 0.22839, 0.00054),
    ("concurrency", 300, "busy", "p1", 0.228106, 0.00026),
    ("rendezvous_a01", 40_000, "throughput", "t1", 0.0254344, 0.00017),
    ("rendezvous_a01", 40_000, "throughput", "t2", 0.0149059, 0.00025),
    ("rendezvous_a01", 40_000, "busy", "t3", 0.0636718, 0.00026),
    ("rendezvous_a01", 40_000, "busy", "t4", 0.983782, 0.00045),
    ("rendezvous_a01", 40_000, "busy", "t5", 0.995582, 0.00002),
    ("rendezvous_a01", 40_000, "busy", "p2", 0.996001, 0.00235),
    ("rendezvous_b07", 60_000, "throughput", "t1", 0.0310601, 0.00017),
    ("rendezvous_b07", 60_000, "busy", "t2", 0.674189, 0.00314),
    ("rendezvous_b07", 60_000, "busy", "t3", 0.0866668, 0.00078),
    ("rendezvous_b07", 60_000, "busy", "t4", 0.968126, 0.00016),
    ("rendezvous_b07", 60_000, "busy", "t5", 0.956604, 0.00041),
    ("rendezvous_b07", 60_000, "busy", "p1", 0.190651, 0.00073),
    ("rendezvous_b07", 60_000, "busy", "p2", 0.957007, 0.00055),
]


@pytest.mark.parametrize("case", QUICK, ids=lambda case: "-".join(map(str, case[:4])))
def test_recorded(case):
    check(*case)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW, ids=lambda case: "-".join(map(str, case[:4])))
def test_recorded_of_long_runs(case):
    check(*case)
