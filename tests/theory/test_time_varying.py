"""Arrivals that come and go like a sine, as steps of a tenth of a minute with the mean rate of each.

The trap is a residual time drawn at the old rate that lives on into the next interval. What the steps
themselves change is below 1e-4 of the values. A probe, a customer without work, measures the virtual wait.
"""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory

STEP = 0.1


def sine(mean, amplitude, period=60.0):
    """Mean rates of mean · (1 + amplitude · sin(2πt/period)) over each step of one period."""
    ends = np.arange(0, period + STEP / 2, STEP)
    turn = 2 * np.pi / period
    cumulative = mean * (ends - amplitude * np.cos(turn * ends) / turn)
    return (np.diff(cumulative) / STEP).tolist()


UNLIMITED = Model(
    "M_t/M/inf",
    f"""
    unit: minutes
    actors: {{helpers: {{lane: contact, staff: unlimited}}}}
    services: {{help: {{by: helpers, steps: [{{work: exponential(mean=5)}}]}}}}
    customers:
      caller:
        arrivals: {{rates: {sine(4, 0.6)}, per: minute, each: {STEP}}}
        journey: [{{ask: help}}]
    """,
    until=45,
    replications=250,
)


def three_agents(name, minutes, **settings):
    """Callers come for so many minutes."""
    rates = sine(1.2, 0.5)[: round(minutes / STEP)]
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{agent: {{lane: contact, staff: 3}}}}
        services:
          answer: {{by: agent, steps: [{{work: exponential(mean=2)}}]}}
          probe: {{by: agent, steps: []}}
        customers:
          caller:
            arrivals: {{rates: {rates}, per: minute, each: {STEP}, repeat: false}}
            journey: [{{ask: answer}}]
          probe: {{arrivals: "at([30])", journey: [{{ask: probe}}]}}
        """,
        **settings,
    )


HALF_AN_HOUR = three_agents("M_t/M/3, half an hour", 30, until=300, replications=2000)
AN_HOUR = three_agents("M_t/M/3, an hour", 60, until=60, replications=12_000, slow=True)


def present_at(time):
    """How many have come and not left."""

    def count(run):
        customers = run.all_customers
        return np.sum((customers["arrived"] <= time) & ~(customers["left"] <= time))

    return count


def in_line_at(time):
    """How many callers have asked and not begun."""

    def count(run):
        requests = run.all_requests
        return np.sum((requests["service"] == "answer") & (requests["asked"] <= time) & ~(requests["begun"] <= time))

    return count


VALUES = {
    "mtminf_t15": UNLIMITED.mean(present_at(15)),
    "mtminf_t30": UNLIMITED.mean(present_at(30)),
    "mtminf_t45": UNLIMITED.mean(present_at(45)),
    "mtmc_Q15": HALF_AN_HOUR.mean(in_line_at(15)),
    "mtmc_Q30": HALF_AN_HOUR.mean(in_line_at(30)),
    "mtmc_V30": HALF_AN_HOUR.number("customers.probe.queueing"),
    "mtmc_Q45": AN_HOUR.mean(in_line_at(45)),
    "mtmc_Q60": AN_HOUR.mean(in_line_at(60)),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
