"""The staff that a search finds against the staff that formulas ask for."""

import itertools
import math

import pytest

from servicechain.studies.staffing import staffing
from timelines import chain_of

pytestmark = pytest.mark.theory

SERVICE = 5.0
RUN = {"customers": 12_000, "warm_up": 600, "replications": 16, "engine": "compiled"}


def desk(load, servers):
    return chain_of(
        f"""
        actors: {{desk: {{lane: contact, staff: {servers}, wage: 20}}}}
        services: {{serve: {{by: desk, steps: [{{work: exponential(mean={SERVICE})}}]}}}}
        customers: {{guest: {{arrivals: poisson(rate={load / SERVICE}), journey: [{{ask: serve}}]}}}}
        """
    )


def erlang_c(load, servers):
    """Probability of waiting in M/M/c (Erlang 1917), by the recursion of Erlang's loss formula."""
    if servers <= load:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait(load, servers):
    return math.inf if servers <= load else erlang_c(load, servers) * SERVICE / (servers - load)


def between(formula, load, servers):
    """A bound that so many servers keep and one fewer do not, with some room on both sides."""
    lower, upper = formula(load, servers), formula(load, servers - 1)
    return lower * 1.5 if math.isinf(upper) else math.sqrt(lower * upper)


@pytest.mark.parametrize(
    ("load", "servers", "today"), [(0.7, 2, 1), (2.5, 5, 9), (2.5, 4, 3), (8.0, 11, 8), (25.0, 30, 12)]
)
def test_the_fewest_servers_that_keep_the_wait(load, servers, today):
    bound = between(mean_wait, load, servers)
    found = staffing(desk(load, today), f"customers.guest.wait <= {bound!r}", **RUN)
    assert found.best.staff == {"desk": servers}
    assert found.exact
    # the interval that goes with it holds the exact value
    told = found.best.metrics["customers.guest.wait"]
    assert abs(told.mean - mean_wait(load, servers)) <= told.halfwidth
    assert found.best.cost.mean == pytest.approx(servers * 20 * 24)


@pytest.mark.parametrize("load", [4.0, 16.0, 64.0])
def test_the_root_of_the_load(load):
    # a fifth wait: beta = 1.06 (Halfin & Whitt 1981, doi 10.1287/opre.29.3.567), within one server
    servers = next(count for count in itertools.count(1) if erlang_c(load, count) <= 0.2)
    bound = between(erlang_c, load, servers)
    found = staffing(desk(load, math.ceil(load)), f"services.serve.delayed_share <= {bound!r}", **RUN)
    assert found.best.staff == {"desk": servers}
    assert abs(servers - (load + 1.06 * math.sqrt(load))) <= 1


@pytest.mark.parametrize("target", [pytest.param(each, marks=pytest.mark.slow) for each in (0.5, 1.0, 2.0)])
def test_two_stations_in_a_row_share_the_wait_in_the_cheapest_way(target):
    # a network of Jackson's: each station is M/M/c, and the waits add up
    loads, wages = (3.2, 4.6), (15.0, 40.0)
    chain = chain_of(
        f"""
        actors:
          first: {{lane: contact, staff: 4, wage: {wages[0]}}}
          second: {{lane: contact, staff: 5, wage: {wages[1]}}}
        services:
          greet: {{by: first, steps: [{{work: exponential(mean={loads[0]})}}, {{hand_off: serve}}]}}
          serve: {{by: second, steps: [{{work: exponential(mean={loads[1]})}}]}}
        customers: {{guest: {{arrivals: poisson(rate=1), journey: [{{ask: greet}}]}}}}
        """
    )

    def wait(plan):
        each = (
            erlang_c(load, count) * load / max(count - load, 1e-300) for load, count in zip(loads, plan, strict=True)
        )
        return sum(each) if all(count > load for load, count in zip(loads, plan, strict=True)) else math.inf

    plans = list(itertools.product(range(1, 14), repeat=2))
    cost = {plan: sum(wage * count * 24 for wage, count in zip(wages, plan, strict=True)) for plan in plans}
    waits = sorted(wait(plan) for plan in plans)
    # in the widest gap near the target, so that no plan is too close to tell
    near = [(b / a, math.sqrt(a * b)) for a, b in itertools.pairwise(waits) if target / 1.5 < a and b < target * 1.5]
    bound = max(near)[1]
    found = staffing(chain, f"customers.guest.wait <= {bound!r}", **RUN)
    expected = min((plan for plan in plans if wait(plan) <= bound), key=cost.__getitem__)
    assert tuple(found.best.staff.values()) == expected
    assert found.exact
