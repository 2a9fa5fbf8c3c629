"""The two engines, record for record, on random chains with every feature and many ties.

510 chains, in runs of so many customers, until a time, and with a warm-up; others with another
``SERVICECHAIN_SEED_OFFSET``.
"""

import zlib

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from agreement import check_agreement
from peers.agreement import SEED_OFFSET
from random_chains import chains
from servicechain import read
from servicechain.engines import ENGINES

RUNS = (
    {"customers": 40},
    {"until": 300, "edges": (50.0, 100.0, 250.0)},
    {"customers": 25, "warm_up": 7},
)


@pytest.mark.theory
@pytest.mark.parametrize("run", range(len(RUNS)))
@pytest.mark.parametrize(("everything", "number"), [(True, 140), (False, 30)], ids=["every word", "fewer words"])
def test_random_chains(request, run, everything, number):
    @seed(zlib.crc32(request.node.name.encode()) + SEED_OFFSET)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(chains(everything=everything))
    def agree(chain):
        check_agreement(chain, replication=run, seed=run + 1, **RUNS[run])

    agree()


@pytest.mark.parametrize(
    ("file", "settings"),
    [("hotel", {"until": "1d"}), ("it_service_desk", {"customers": 400})],
)
def test_the_simulations(file, settings):
    check_agreement(read(f"simulations/{file}.yaml"), **settings)


def test_many_are_unfinished_at_the_end():
    """Some at work, some put back, most in line, some asked for by nobody: each recorded in its place."""
    check_agreement(
        {
            "chain": "rush hour",
            "unit": "minutes",
            "actors": {
                "clerk": {"lane": "contact", "staff": 3, "preempt": True},
                "archive": {"lane": "system", "capacity": 1},
            },
            "services": {
                "advise": {"by": "clerk", "steps": [{"tell": "file"}, {"work": "exponential(mean=9)"}]},
                "urgent": {"by": "clerk", "priority": 0, "steps": [{"work": "exponential(mean=2)"}]},
                "file": {"by": "archive", "steps": [{"work": "exponential(mean=6)"}]},
            },
            "customers": {
                "caller": {"arrivals": "poisson(rate=2)", "journey": [{"ask": "advise"}]},
                "alarm": {"arrivals": "poisson(rate=0.2)", "journey": [{"pause": 1}, {"ask": "urgent"}]},
            },
        },
        until=600,
    )


def test_antithetic_replications():
    check_agreement(read("simulations/hotel.yaml"), replication=1, customers=50, antithetic=True)


def test_a_difference_is_found(monkeypatch):
    """The comparison itself, against an engine in which somebody works a little longer."""
    chain = read("simulations/hotel.yaml")
    slower = chain.with_values({"actors.receptionist.speed": 0.999}).loaded()
    monkeypatch.setitem(ENGINES, "slower", lambda _, ideal: ENGINES["compiled"](slower, ideal))
    with pytest.raises(AssertionError, match="row 0"):
        check_agreement(chain, others=("slower",), customers=30)
