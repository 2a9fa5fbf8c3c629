"""One desk, the same people in Ciw: every one of them is asked, begun and ended at the same moments."""

import math
from itertools import pairwise

import pytest

from peers.agreement import same_moments
from peers.ciw_side import simulated_by_ciw
from peers.our_side import simulated
from peers.people import COUNT, chain_of, drawn

pytestmark = pytest.mark.theory

DAYS = range(2)


def compare(people, servers, engine):
    """Let both simulate; give what happened."""
    staff = "unlimited" if servers == math.inf else servers
    ours = simulated(chain_of(people, {"desk": {"staff": staff}}), engine)
    _, theirs = simulated_by_ciw(people, {"desk": servers})
    same_moments(ours.requests, theirs)
    return {service: moments[0] for service, moments in theirs.items()}


def overtakes(happened):
    """How many begin before somebody who was there first."""
    begun = [begun for _, begun, _ in sorted(happened.values()) if not math.isnan(begun)]
    return sum(late < early for early, late in pairwise(begun))


def waits(happened):
    return [begun - asked for asked, begun, _ in happened.values()]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("servers", [1, 3, 7, math.inf])
def test_first_come_first_served(servers, day, engine, rng):
    happened = compare(drawn(rng, between=3.6 / min(servers, 7)), servers, engine)
    assert overtakes(happened) == 0
    assert (max(waits(happened)) > 0) == (servers < math.inf)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("servers", [1, 3])
def test_priorities(servers, day, engine, rng):
    people = drawn(rng, between=2.7 / servers, priority=lambda: int(rng.integers(1, 4)))
    happened = compare(people, servers, engine)
    assert overtakes(happened) > 2


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("servers", [1, 2])
def test_patience(servers, day, engine, rng):
    people = drawn(rng, between=2.0 / servers, patience=lambda: float(rng.exponential(4)))
    happened = compare(people, servers, engine)
    gone = sum(math.isnan(wait) for wait in waits(happened))
    assert 3 < gone < COUNT - 20


@pytest.mark.parametrize("day", DAYS)
def test_patience_and_priorities(day, engine, rng):
    people = drawn(
        rng,
        between=1.0,
        priority=lambda: int(rng.integers(0, 3)),
        patience=lambda: float(rng.choice([rng.exponential(6), math.inf])),
    )
    happened = compare(people, 2, engine)
    assert overtakes(happened) > 2
    assert any(math.isnan(wait) for wait in waits(happened))


@pytest.mark.parametrize("day", DAYS)
def test_batches(day, engine, rng):
    people = drawn(
        rng, count=25, between=3.5, priority=lambda: int(rng.integers(1, 3)), batch=lambda: int(rng.integers(1, 6))
    )
    compare(people, 3, engine)
    assert sum(person.batch for person in people) > 40


@pytest.mark.parametrize("day", DAYS)
def test_batches_of_whom_some_give_up(day, engine, rng):
    # those of a batch who stand in line leave at one moment
    people = drawn(
        rng, count=25, between=5, patience=lambda: float(rng.exponential(3)), batch=lambda: int(rng.integers(1, 6))
    )
    compare(people, 2, engine)
