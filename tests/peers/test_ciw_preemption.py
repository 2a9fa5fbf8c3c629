"""Who is interrupted by whom, and goes on when: the same people in Ciw (`priority_classes` with "resume")."""

import pytest

from peers.agreement import same_moments
from peers.ciw_side import simulated_by_ciw
from peers.our_side import simulated
from peers.people import chain_of, drawn, service_name

pytestmark = pytest.mark.theory

DAYS = range(2)


def interrupted(people, moments):
    """How many took longer from beginning to end than they are work."""
    lasted = {service: ended - begun for service, ((_, begun, ended),) in moments.items()}
    return sum(
        lasted[service_name(person, place)] > visit.work + 1e-6
        for person in people
        for place, visit in enumerate(person.visits)
    )


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("servers", [1, 3])
def test_one_desk(servers, day, engine, rng):
    people = drawn(rng, between=3.0 / servers, priority=lambda: int(rng.integers(1, 4)))
    ours = simulated(chain_of(people, {"desk": {"staff": servers, "preempt": True}}), engine)
    _, theirs = simulated_by_ciw(people, {"desk": servers}, preempt=True)
    same_moments(ours.requests, theirs)
    assert interrupted(people, theirs) > 3


@pytest.mark.parametrize("day", DAYS)
def test_from_desk_to_desk(day, engine, rng):
    people = drawn(
        rng,
        between=3.0,
        ways=[("first", "second"), ("second", "first", "first"), ("second",)],
        priority=lambda: int(rng.integers(0, 3)),
    )
    desks = {"first": {"staff": 1, "preempt": True}, "second": {"staff": 2, "preempt": True}}
    ours = simulated(chain_of(people, desks), engine)
    _, theirs = simulated_by_ciw(people, {"first": 1, "second": 2}, preempt=True)
    same_moments(ours.requests, theirs)
    assert interrupted(people, theirs) > 3
