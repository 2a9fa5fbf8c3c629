"""A line in which the more urgent interrupt the others, whose work goes on where it stopped: preemptive resume.

The trap is what is counted: an interrupted customer has begun, so the rest of the wait is held time and not part of
the wait in line before the first beginning; the time in system counts both. The first class never notices the others.
"""

from __future__ import annotations

import math

import pytest

from theory.agreement import Exact, Model, cases, check_exact, check_reference, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory

TWO_CLASSES = Model(
    "M/M/1, the first class interrupts",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1, preempt: true}}
    services:
      serve a member: {by: clerk, steps: [{work: exponential(mean=1)}]}
      serve a guest: {by: clerk, steps: [{work: exponential(mean=1.25)}]}
    customers:
      member: {arrivals: poisson(rate=0.2/min), priority: 1, journey: [{ask: serve a member}]}
      guest: {arrivals: poisson(rate=0.4/min), priority: 2, journey: [{ask: serve a guest}]}
    """,
    customers=2600,
    warm_up=100,
)

THREE_CLASSES = Model(
    "M/G/1, three classes that interrupt",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1, preempt: true}}
    services:
      short: {by: clerk, steps: [{work: 0.5}]}
      usual: {by: clerk, steps: [{work: "uniform(low=0, high=2)"}]}
      long: {by: clerk, steps: [{work: "gamma(mean=2, cv=0.5)"}]}
    customers:
      long: {arrivals: poisson(rate=0.1/min), priority: 3, journey: [{ask: long}]}
      usual: {arrivals: poisson(rate=0.2/min), priority: 2, journey: [{ask: usual}]}
      short: {arrivals: poisson(rate=0.4/min), priority: 1, journey: [{ask: short}]}
    """,
    customers=1800,
    warm_up=100,
)


def preemptive_resume(which, classes=((0.4, 0.5, 0.25), (0.2, 1.0, 4 / 3), (0.1, 2.0, 5.0))):
    """Mean time in system; of each class the rate, mean and second moment of the work."""
    before = sum(rate * mean for rate, mean, _ in classes[:which])
    load = before + classes[which][0] * classes[which][1]
    begun = sum(rate * square for rate, _, square in classes[: which + 1]) / 2
    return classes[which][1] / (1 - before) + begun / ((1 - before) * (1 - load))


def two_servers(name, member, guest, **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{clerk: {{lane: contact, staff: 2, preempt: true}}}}
        services:
          serve a member: {{by: clerk, steps: [{{work: exponential(mean={member})}}]}}
          serve a guest: {{by: clerk, steps: [{{work: exponential(mean={guest})}}]}}
        customers:
          guest: {{arrivals: poisson(rate=0.6/min), priority: 2, journey: [{{ask: serve a guest}}]}}
          member: {{arrivals: poisson(rate=0.6/min), priority: 1, journey: [{{ask: serve a member}}]}}
        """,
        **settings,
    )


ALIKE = two_servers("M/M/2, the first class interrupts, works alike", 1, 1, customers=2400, warm_up=60)
UNLIKE = two_servers("M/M/2, the first class interrupts, works differ", 0.5, 1.5, customers=3200, warm_up=60)


def number_in_system(servers, load):
    """Mean number in M/M/c (Erlang 1917)."""
    free = sum(load**k / math.factorial(k) for k in range(servers))
    full = load**servers / math.factorial(servers) / (1 - load / servers)
    return load + full / (free + full) * load / (servers - load)


def unlike(most=70):
    """States: members, guests."""

    def moves(state):
        members, guests = state
        with_members = min(members, 2)
        if members < most:
            yield 0.6, (members + 1, guests)
        if guests < most:
            yield 0.6, (members, guests + 1)
        yield with_members / 0.5, (members - 1, guests)
        yield min(guests, 2 - with_members) / 1.5, (members, guests - 1)

    return Markov([(0, 0)], moves)


def not_served(state):
    """Guests who wait, for the first time or interrupted."""
    members, guests = state
    return guests - min(guests, 2 - min(members, 2))


VALUES = {
    "prio_pr1_T1": TWO_CLASSES.number("customers.member.time_in_system"),
    "prio_pr1_T2": TWO_CLASSES.number("customers.guest.time_in_system"),
}

CONWAY = "Conway, Maxwell & Miller (1967), ch. 8; Jaiswal (1968)"

EXACT = {
    "pr_three_T1": Exact(
        "E[T class 1]", CONWAY, lambda: preemptive_resume(0), THREE_CLASSES.number("customers.short.time_in_system")
    ),
    "pr_three_T2": Exact(
        "E[T class 2]", CONWAY, lambda: preemptive_resume(1), THREE_CLASSES.number("customers.usual.time_in_system")
    ),
    "pr_three_T3": Exact(
        "E[T class 3]", CONWAY, lambda: preemptive_resume(2), THREE_CLASSES.number("customers.long.time_in_system")
    ),
    "pr_three_duration3": Exact(
        "E[begin to end of service, class 3] = E[S]/(1 − ρ₁ − ρ₂)",
        CONWAY,
        lambda: 2 / (1 - 0.2 - 0.2),
        THREE_CLASSES.number("services.long.duration"),
    ),
    "pr_mm2_T1": Exact(
        "E[T class 1], c = 2",
        "M/M/2 of the first class alone",
        lambda: number_in_system(2, 0.6) / 0.6,
        ALIKE.number("customers.member.time_in_system"),
    ),
    "pr_mm2_T2": Exact(
        "E[T class 2], c = 2",
        "M/M/2 of all less the first class",
        lambda: (number_in_system(2, 1.2) - number_in_system(2, 0.6)) / 0.6,
        ALIKE.number("customers.guest.time_in_system"),
    ),
    "pr_mm2_unlike_T2": Exact(
        "E[T class 2], c = 2, works differ",
        "Markov chain, solved",
        lambda: unlike().mean(lambda state: state[1]) / 0.6,
        UNLIKE.number("customers.guest.time_in_system"),
    ),
    "pr_mm2_unlike_wait2": Exact(
        "E[queueing + held, class 2], c = 2, works differ",
        "Markov chain, solved",
        lambda: unlike().mean(not_served) / 0.6,
        UNLIKE.number("customers.guest.wait"),
    ),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)
