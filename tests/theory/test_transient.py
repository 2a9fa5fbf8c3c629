"""From the empty floor: M/M/1 at 0.9, the wait of the n-th customer, how many are there at a time.

One customer, one moment of each replication counts, so the replications are many and short.
"""

from __future__ import annotations

import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory


def from_empty(name, **settings):
    return Model(
        name,
        """
        unit: minutes
        actors: {clerk: {lane: contact, staff: 1}}
        services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
        customers: {guest: {arrivals: poisson(rate=0.9/min), journey: [{ask: serve}]}}
        """,
        **settings,
    )


TWENTY = from_empty("M/M/1, the first 20", customers=20, replications=3200)
HUNDRED = from_empty("M/M/1, the first 100", customers=100, replications=2000, slow=True)
TEN_MINUTES = from_empty("M/M/1, ten minutes", until=10, replications=1800)
HUNDRED_MINUTES = from_empty("M/M/1, a hundred minutes", until=100, replications=1600)


def wait_of(customer):
    """The n-th customer has number n − 1."""
    return lambda run: run.all_customers["queueing"].iloc[customer - 1]


VALUES = {
    "mm1_trans_W5": TWENTY.mean(wait_of(5)),
    "mm1_trans_W20": TWENTY.mean(wait_of(20)),
    "mm1_trans_W100": HUNDRED.mean(wait_of(100)),
    "mm1_trans_N10": TEN_MINUTES.number("customers.guest.unfinished"),
    "mm1_trans_N100": HUNDRED_MINUTES.number("customers.guest.unfinished"),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
