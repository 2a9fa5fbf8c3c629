"""Whoever asks is a client: a receptionist held by the back office, by a system, by a programmer behind it.

The trap is the release: a receptionist who hands the work off instead of asking is free at once, and what the
customer waits for her falls from 4.8 to 0.7 minutes at the same amount of work (`nest2_wq`, `async2_wq`).
The greatest possible throughput is that of a crowd which stands before the desk when it opens.
"""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference
from theory.shares import blame, held_per_call

pytestmark = pytest.mark.theory

NEST_1 = Model(
    "a receptionist held by the back office",
    """
    unit: minutes
    actors: {receptionist: {lane: contact, staff: 1}, back office: {lane: backstage, staff: 1}}
    services:
      check in: {by: receptionist, steps: [{work: exponential(mean=2)}, {ask: look it up}]}
      look it up: {by: back office, steps: [{work: exponential(mean=1)}]}
    customers: {guest: {arrivals: poisson(rate=0.25/min), journey: [{ask: check in}]}}
    """,
    customers=5000,
    warm_up=500,
    attribution=True,
)


def two_receptionists(name, arrivals, ending="ask", **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{receptionist: {{lane: contact, staff: 2}}, back office: {{lane: backstage, staff: 1}}}}
        services:
          check in:
            by: receptionist
            steps: [{{work: exponential(mean=2)}}, {{chance: 0.6, then: [{{{ending}: look it up}}]}}]
          look it up: {{by: back office, steps: [{{work: exponential(mean=1.5)}}]}}
        customers: {{guest: {{{arrivals}, journey: [{{ask: check in}}]}}}}
        """,
        **settings,
    )


NEST_2 = two_receptionists(
    "two receptionists held by one back office",
    "arrivals: poisson(rate=0.5/min)",
    customers=8000,
    warm_up=500,
    attribution=True,
)
NEST_2_CROWD = two_receptionists(
    "two receptionists and a crowd", "arrivals: 'at([0])', batch: 1000", until=1200, warm_up=30
)
RELEASED_2 = two_receptionists(
    "two receptionists who hand off",
    "arrivals: poisson(rate=0.5/min)",
    ending="hand_off",
    customers=3600,
    warm_up=200,
)


def receptionists_system_programmer(name, arrivals, **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors:
          receptionist: {{lane: contact, staff: 2}}
          booking system: {{lane: system, capacity: 1}}
          programmer: {{lane: backstage, staff: 1}}
        services:
          check in:
            by: receptionist
            steps: [{{work: exponential(mean=2)}}, {{chance: 0.5, then: [{{ask: find the booking}}]}}]
          find the booking:
            by: booking system
            steps: [{{work: exponential(mean=1)}}, {{chance: 0.15, then: [{{ask: mend the booking}}]}}]
          mend the booking: {{by: programmer, steps: [{{work: exponential(mean=5)}}]}}
        customers: {{guest: {{{arrivals}, journey: [{{ask: check in}}]}}}}
        """,
        **settings,
    )


NEST_5 = receptionists_system_programmer(
    "receptionists, system, programmer",
    "arrivals: poisson(rate=0.35/min)",
    customers=5500,
    warm_up=400,
    attribution=True,
)
NEST_5_CROWD = receptionists_system_programmer(
    "receptionists, system, programmer and a crowd", "arrivals: 'at([0])', batch: 1200", until=1400, warm_up=50
)

# A clerk keeps the case until the next desk takes it: that desk answers as it begins, and works on.
BLOCKING = Model(
    "two desks without a shelf between them",
    """
    unit: minutes
    actors: {front desk: {lane: contact, staff: 1}, back desk: {lane: backstage, staff: 1}}
    services:
      first part: {by: front desk, steps: [{work: exponential(mean=1)}, {ask: second part}]}
      second part: {by: back desk, steps: [reply, {work: exponential(mean=0.8)}]}
    customers: {case: {arrivals: poisson(rate=0.4/min), journey: [{ask: first part}]}}
    """,
    customers=2500,
    warm_up=200,
)
BLOCKING_CROWD = Model(
    "two desks without a shelf between them, and a crowd",
    """
    unit: minutes
    actors: {front desk: {lane: contact, staff: 1}, back desk: {lane: backstage, staff: 1}}
    services:
      first part: {by: front desk, steps: [{work: exponential(mean=1)}, {ask: second part}]}
      second part: {by: back desk, steps: [reply, {work: exponential(mean=0.8)}]}
    customers: {case: {arrivals: "at([0])", batch: 600, journey: [{ask: first part}]}}
    """,
    until=500,
    warm_up=20,
)


def hold_per_call(service):
    """From asking to the answer."""

    def hold(run):
        requests = run.requests_for(service)
        return requests["answered"] - requests["asked"]

    return hold


def throughput(run):
    """Who leaves per minute, from the warm-up to the end."""
    return np.sum(run.all_customers["left"] > run.warm_up) / (run.end - run.warm_up)


def time_in_both_parts(run):
    """From arrival to the end of the second part, which the first desk does not wait for."""
    customers = run.customers.set_index("number")["arrived"].iloc[:-50]  # the run does not wait for the last
    second = run.all_requests[run.all_requests["service"] == "second part"].set_index("number")["ended"]
    return second[customers.index] - customers


VALUES = {
    "nest1_wq": NEST_1.number("services.check in.queue_wait"),
    "nest1_blame_back": blame(NEST_1, "back office", "queueing"),
    "nest1_blame_front": blame(NEST_1, "receptionist", "queueing"),
    "nest2_wq": NEST_2.number("services.check in.queue_wait"),
    "nest2_pwait": NEST_2.number("services.check in.delayed_share"),
    "nest2_hold": NEST_2.pooled(hold_per_call("look it up")),
    "nest2_bqwait": NEST_2.number("services.look it up.queue_wait"),
    "nest2_heldshare": NEST_2.number("actors.receptionist.held"),
    "nest2_T": NEST_2.number("customers.guest.time_in_system"),
    "nest2_delay": NEST_2.number("customers.guest.wait"),
    "nest2_blame_back": blame(NEST_2, "back office", "queueing"),
    "nest2_blame_front": blame(NEST_2, "receptionist", "queueing"),
    "nest2_irb_back": blame(NEST_2, "back office", "queueing", "held"),
    "nest2_cap": NEST_2_CROWD.mean(throughput),
    "async2_wq": RELEASED_2.number("services.check in.queue_wait"),
    "nest5_wq": NEST_5.number("services.check in.queue_wait"),
    "nest5_hold": NEST_5.pooled(hold_per_call("find the booking")),
    "nest5_T": NEST_5.number("customers.guest.time_in_system"),
    "nest5_blame_prog": blame(NEST_5, "programmer", "queueing"),
    "nest5_blame_book": blame(NEST_5, "booking system", "queueing"),
    "nest5_blame_front": blame(NEST_5, "receptionist", "queueing"),
    "nest5_holdblame_prog": NEST_5.pooled(held_per_call),
    "nest5_cap": NEST_5_CROWD.mean(throughput),
    "tandem_block_wq1": BLOCKING.number("services.first part.queue_wait"),
    "tandem_block_pblocked": BLOCKING.number("actors.front desk.held"),
    "tandem_block_T": BLOCKING.pooled(time_in_both_parts),
    "tandem_block_cap": BLOCKING_CROWD.mean(throughput),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


def test_the_crowd_does_not_run_out():
    for model in (NEST_2_CROWD, NEST_5_CROWD, BLOCKING_CROWD):
        assert all(run.all_customers["left"].isna().any() for run in model.runs)
