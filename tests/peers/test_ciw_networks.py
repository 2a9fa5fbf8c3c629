"""From desk to desk, the same people in Ciw: in tandem, back to where they were, again to the same desk.

In a chain they are handed off, or their journey asks for one service after the other: to Ciw that is the same.
"""

import math

import pytest

from peers.agreement import same_moments
from peers.ciw_side import simulated_by_ciw
from peers.our_side import simulated
from peers.people import chain_of, drawn

pytestmark = pytest.mark.theory

DAYS = range(2)
WAYS = {
    "tandem": [("first", "second", "third")],
    "there and back": [("first", "second", "first"), ("second", "first", "second", "first")],
    "again": [("first", "first"), ("second", "second", "second"), ("first", "third", "third", "first")],
    "anyhow": [("third", "first"), ("first",), ("first", "second", "first", "second", "third"), ("second", "third")],
}
SERVERS = {"first": 2, "second": 1, "third": math.inf}


def compare(people, engine, *, by_journey):
    desks = {name: {"staff": "unlimited" if number == math.inf else number} for name, number in SERVERS.items()}
    ours = simulated(chain_of(people, desks, by_journey=by_journey), engine)
    _, theirs = simulated_by_ciw(people, SERVERS)
    same_moments(ours.requests, theirs)
    return theirs


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("by_journey", [False, True], ids=["handed off", "by journey"])
@pytest.mark.parametrize("ways", WAYS)
def test_routes(ways, by_journey, day, engine, rng):
    happened = compare(drawn(rng, between=4.0, ways=WAYS[ways]), engine, by_journey=by_journey)
    assert sum(begun > asked for ((asked, begun, _),) in happened.values()) > 5


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("by_journey", [False, True], ids=["handed off", "by journey"])
def test_with_priorities_and_a_patience_for_each_line(by_journey, day, engine, rng):
    people = drawn(
        rng,
        between=1.8,
        ways=WAYS["anyhow"],
        priority=lambda: int(rng.integers(1, 4)),
        patience=lambda: float(rng.gamma(2, 3)),
    )
    happened = compare(people, engine, by_journey=by_journey)
    gone = [service for service, ((_, begun, _),) in happened.items() if math.isnan(begun)]
    assert gone
