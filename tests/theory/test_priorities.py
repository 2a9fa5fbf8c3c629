"""Two classes at one clerk, no preemption: who is first in line, and how often somebody is overtaken."""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory

TWO_CLASSES = Model(
    "M/M/1, two priorities",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services:
      serve a member: {by: clerk, steps: [{work: exponential(mean=1)}]}
      serve a guest: {by: clerk, steps: [{work: exponential(mean=1.25)}]}
    customers:
      member: {arrivals: poisson(rate=0.2/min), priority: 1, journey: [{ask: serve a member}]}
      guest: {arrivals: poisson(rate=0.4/min), priority: 2, journey: [{ask: serve a guest}]}
    """,
    customers=6500,
    warm_up=200,
)


def overtakes(run):
    """For each guest: how many members came later and began earlier."""
    members = run.all_requests[run.all_requests["class"] == "member"]
    guests = run.requests[run.requests["class"] == "guest"]
    begun_before = np.searchsorted(members["begun"], guests["begun"])
    came_before = np.searchsorted(members["asked"], guests["asked"], side="right")
    return np.maximum(0, begun_before - came_before)


VALUES = {
    "prio_np1_w1": TWO_CLASSES.number("customers.member.queueing"),
    "prio_np1_w2": TWO_CLASSES.number("customers.guest.queueing"),
    "prio_np1_overtakes": TWO_CLASSES.pooled(overtakes),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
