"""Customer lifetime value, simulated: what each purchase brings, discounted by the years since the first.

The trap is when the first margin counts: at once and undiscounted (Pfeifer & Carraway 2000; Gupta & Lehmann 2003).
A year is a day of the clock.
"""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory

MARGINS = {"delighted": 30, "satisfied": 25, "neutral": 18, "dissatisfied": 10}
NEXT = {
    "delighted": [0.7, 0.22, 0.05, 0.02],
    "satisfied": [0.2, 0.6, 0.12, 0.03],
    "neutral": [0.05, 0.3, 0.4, 0.1],
    "dissatisfied": [0.02, 0.13, 0.2, 0.25],
}


def purchase(state):
    """A year passes; then the next purchase, in whatever state, or none."""
    options = [
        f"{{weight: {chance}, steps: [{{hand_off: {after}}}]}}" for after, chance in zip(NEXT, NEXT[state], strict=True)
    ]
    lost = f"{{weight: {1 - sum(NEXT[state])}, label: lost}}"
    return f"{{by: shop, steps: [{{pause: 1}}, {{choose: [{', '.join([*options, lost])}]}}]}}"


STATES = Model(
    "purchases, delighted or not",
    "\n".join(
        [
            "unit: days",
            "actors: {shop: {lane: system, capacity: unlimited}}",
            "services:",
            *(f"  {state}: {purchase(state)}" for state in NEXT),
            "customers:",
            *(f"  {state}: {{arrivals: poisson(rate=1/day), journey: [{{ask: {state}}}]}}" for state in NEXT),
        ]
    ),
    customers=200,
)
RETAINED = Model(
    "purchases, four of five come again",
    """
    unit: days
    actors: {shop: {lane: system, capacity: unlimited}}
    services: {buy: {by: shop, steps: []}}
    customers:
      customer: {arrivals: poisson(rate=1/day), journey: [{repeat: [{ask: buy}, {work: 1}], until: 0.2}]}
    """,
    customers=100,
)


def lifetime_values(customer_class, margins):
    """What each customer of a class brings, at a discount of a tenth a year."""

    def values(run):
        customers = run.all_customers[run.all_customers["class"] == customer_class].set_index("number")
        requests = run.all_requests[run.all_requests["class"] == customer_class]
        years = requests["asked"] - requests["number"].map(customers["arrived"])
        worth = requests["service"].map(margins).astype(float) / 1.1**years
        return np.bincount(requests["number"], weights=worth, minlength=len(customers))

    return values


VALUES = {
    **{f"clv_{state}": STATES.pooled(lifetime_values(state, MARGINS)) for state in NEXT},
    "clv_geometric": RETAINED.pooled(lifetime_values("customer", {"buy": 100})),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
