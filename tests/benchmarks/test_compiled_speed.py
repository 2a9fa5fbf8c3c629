"""Is the compiled engine fast enough, and does it stay so when the chain grows? (The numbers: floors.py.)"""

from functools import cache

import pytest

from benchmarks.compare import CUSTOMERS, compared
from benchmarks.floors import ATTRIBUTION_COSTS, MORE_ACTORS_COST, TIMES_SIMPY
from benchmarks.models import chain_for
from benchmarks.stopwatch import Run, side_by_side
from servicechain import run

pytestmark = pytest.mark.slow


@cache
def rows(model):
    return compared(model, ["simpy", "compiled", "compiled-bare"], CUSTOMERS)


@pytest.mark.parametrize(("model", "program"), TIMES_SIMPY)
def test_so_many_times_the_speed_of_simpy(model, program):
    ratio = rows(model)[program].ratio
    print(f"{model}, {program}: {ratio:.1f} times SimPy")
    assert ratio >= TIMES_SIMPY[model, program]


def test_attribution_costs_little():
    # it has to have been done
    result = run(chain_for("M2"), customers=1000, replications=1, seed=1, engine="compiled")
    assert result.to_dict()["attribution"]["guest"]
    timed = {program: row.timed.per_customer for program, row in rows("M2").items()}
    ratio = timed["compiled"] / timed["compiled-bare"]
    print(f"with attribution {ratio:.2f} times the time without")
    assert ratio <= ATTRIBUTION_COSTS


def test_a_customer_costs_little_more_among_a_hundred_times_the_actors():
    small, large = side_by_side([Run("compiled", f"hotels {copies}", 400_000) for copies in (1, 100)], 5)
    ratio = large.per_customer / small.per_customer
    print(f"400 actors: {ratio:.2f} times the time of 4 for each customer")
    assert ratio <= MORE_ACTORS_COST
