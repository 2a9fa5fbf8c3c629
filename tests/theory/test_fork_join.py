"""Branches side by side: done when the last is, when the first is, when enough are.

The traps: halves that come together wait in lines that know of each other, so that two M/M/1 waits are no guess
for the later one (Nelson & Tantawi 1988, doi 10.1109/12.2213); and whoever is no longer needed, but has begun,
keeps its server busy to the end.
"""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Exact, Model, cases, check_exact, check_reference, exact_cases

pytestmark = pytest.mark.theory

BOTH_HALVES = Model(
    "both halves asked at once",
    """
    unit: minutes
    actors: {left desk: {lane: backstage, staff: 1}, right desk: {lane: backstage, staff: 1}}
    services:
      left half: {by: left desk, steps: [{work: exponential(mean=1)}]}
      right half: {by: right desk, steps: [{work: exponential(mean=1)}]}
    customers:
      case: {arrivals: poisson(rate=0.5/min), journey: [{together: [[{ask: left half}], [{ask: right half}]]}]}
    """,
    customers=800,
    warm_up=50,
)


def opinions(name, need, **settings):
    """Four suppliers without lines are asked, and so many answers are enough."""
    return Model(
        name,
        f"""
        unit: minutes
        actors:
          office: {{lane: contact, staff: unlimited}}
          expert: {{lane: supplier}}
        services:
          inquiry:
            by: office
            steps:
              - together: [[{{ask: opinion}}], [{{ask: opinion}}], [{{ask: opinion}}], [{{ask: opinion}}]]
                need: {need}
          opinion: {{by: expert, steps: [{{work: exponential(mean=2)}}]}}
        customers: {{client: {{arrivals: poisson(rate=1/min), journey: [{{ask: inquiry}}]}}}}
        """,
        **settings,
    )


FIRST = opinions("the first of four opinions", "any", customers=300, warm_up=20)
THIRD = opinions("the third of four opinions", "3", customers=300, warm_up=20)
LAST = opinions("all of four opinions", "all", customers=300, warm_up=20)


def spacing(needed, of=4, mean=2.0):
    """Mean of the so manieth smallest of exponentials (Rényi 1953)."""
    return sum(mean / (of - done) for done in range(needed))


# A clerk is held for the later of two answers, and then serves the next: M/G/1 with the maximum as service time.
CLERK_ASKS_TWO = Model(
    "a clerk held for two answers",
    """
    unit: minutes
    actors:
      clerk: {lane: contact, staff: 1}
      bank: {lane: supplier}
      register: {lane: supplier}
    services:
      serve: {by: clerk, steps: [{together: [[{ask: credit}], [{ask: entry}]]}]}
      credit: {by: bank, steps: [{work: exponential(mean=1)}]}
      entry: {by: register, steps: [{work: exponential(mean=0.5)}]}
    customers: {guest: {arrivals: poisson(rate=0.4/min), journey: [{ask: serve}]}}
    """,
    customers=1400,
    warm_up=50,
)
CLERK_TAKES_FIRST = Model(
    "a clerk held for the first of two answers",
    """
    unit: minutes
    actors:
      clerk: {lane: contact, staff: 1}
      bank: {lane: supplier}
      register: {lane: supplier}
    services:
      serve: {by: clerk, steps: [{together: [[{ask: credit}], [{ask: entry}]], need: any}]}
      credit: {by: bank, steps: [{work: exponential(mean=2)}]}
      entry: {by: register, steps: [{work: exponential(mean=1)}]}
    customers: {guest: {arrivals: poisson(rate=0.9/min), journey: [{ask: serve}]}}
    """,
    customers=1400,
    warm_up=50,
)
CLERK_WORKS_MEANWHILE = Model(
    "a clerk who works while she waits",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}, bank: {lane: supplier}}
    services:
      serve: {by: clerk, steps: [{together: [[{work: exponential(mean=1)}], [{ask: credit}]]}]}
      credit: {by: bank, steps: [{work: exponential(mean=0.5)}]}
    customers: {guest: {arrivals: poisson(rate=0.4/min), journey: [{ask: serve}]}}
    """,
    customers=1400,
    warm_up=50,
)


def latest(first=1.0, second=0.5):
    """First two moments of the larger of two exponentials, by those of each and of the smaller."""
    smaller = 1 / (1 / first + 1 / second)
    return first + second - smaller, 2 * (first**2 + second**2 - smaller**2)


def wait_for_latest(arrivals=0.4):
    mean, square = latest()
    return arrivals * square / (2 * (1 - arrivals * mean))


# The customer talks to a person and waits for a supplier at once: held is what the supplier takes longer.
TALKING_MEANWHILE = Model(
    "a customer attended by one, waiting for another",
    """
    unit: minutes
    actors: {adviser: {lane: contact, staff: unlimited}, laboratory: {lane: supplier}}
    services:
      talk: {by: adviser, steps: [{work: exponential(mean=3)}]}
      test: {by: laboratory, steps: [{work: exponential(mean=2)}]}
    customers: {patient: {arrivals: poisson(rate=1/min), journey: [{together: [[{ask: talk}], [{ask: test}]]}]}}
    """,
    customers=300,
)


# A ticket waits at the back office for ten hours in the mean, and its owner asks again and again meanwhile.
def chasing(name, first):
    return Model(
        name,
        f"""
        unit: hours
        actors: {{back office: {{lane: backstage, staff: 1}}, mailbox: {{lane: system, capacity: unlimited}}}}
        services:
          ticket: {{by: back office, steps: [{{work: exponential(mean=5)}}]}}
          chaser: {{by: mailbox, steps: []}}
        customers:
          owner:
            arrivals: poisson(rate=0.1/h)
            journey:
              - together:
                  - [{{ask: ticket}}]
                  - - work: {first}
                    - repeat: [{{work: exponential(mean=3.3333333333333335)}}, {{tell: chaser}}]
                      times: 1000000
                need: any
        """,
        customers=800,
    )


TOLD_NOTHING = chasing("asks again from the start", 0)
TOLD_FOUR_HOURS = chasing("asks again after four hours", 4)


def chasers(run):
    requests = run.all_requests
    made = requests["number"][requests["service"] == "chaser"]
    return np.bincount(made, minlength=len(run.all_customers))


VALUES = {"chaser_noinfo": TOLD_NOTHING.pooled(chasers), "chaser_promise": TOLD_FOUR_HOURS.pooled(chasers)}

ORDER = "order statistics of exponentials, Rényi (1953)"
PK = "Pollaczek–Khintchine with the maximum as service"

EXACT = {
    "fork_both_T": Exact(
        "E[T] = (12 − ρ)/8 · 1/(μ − λ)",
        "Nelson & Tantawi (1988)",
        lambda: (12 - 0.5) / 8 / (1 - 0.5),
        BOTH_HALVES.number("customers.case.time_in_system"),
    ),
    "fork_third_T": Exact("E[T], 3 of 4", ORDER, lambda: spacing(3), THIRD.number("customers.client.time_in_system")),
    "fork_last_T": Exact("E[T], 4 of 4", ORDER, lambda: spacing(4), LAST.number("customers.client.held")),
    "fork_first_T": Exact("E[T], 1 of 4", ORDER, lambda: spacing(1), FIRST.number("customers.client.time_in_system")),
    "fork_first_busy": Exact(
        "E[experts at work], 1 of 4: none stops",
        "Little (1961)",
        lambda: 4 * 2.0,
        FIRST.number("actors.expert.busy"),
    ),
    "fork_clerk_wait": Exact("E[Wq]", PK, wait_for_latest, CLERK_ASKS_TWO.number("services.serve.queue_wait")),
    "fork_clerk_held": Exact(
        "P(clerk held)",
        "Little (1961)",
        lambda: 0.4 * latest()[0],
        CLERK_ASKS_TWO.number("actors.clerk.held"),
        probability=True,
    ),
    "fork_clerk_first_wait": Exact(
        "E[Wq], the first is enough",
        "M/M/1 with the smaller",
        lambda: 0.6 / (1.5 - 0.9),
        CLERK_TAKES_FIRST.number("services.serve.queue_wait"),
    ),
    "fork_meanwhile_wait": Exact(
        "E[Wq], works meanwhile", PK, wait_for_latest, CLERK_WORKS_MEANWHILE.number("services.serve.queue_wait")
    ),
    "fork_meanwhile_working": Exact(
        "P(clerk works)",
        "Little (1961)",
        lambda: 0.4 * 1,
        CLERK_WORKS_MEANWHILE.number("actors.clerk.working"),
        probability=True,
    ),
    "fork_meanwhile_held": Exact(
        "P(clerk held)",
        "Little (1961)",
        lambda: 0.4 * (latest()[0] - 1),
        CLERK_WORKS_MEANWHILE.number("actors.clerk.held"),
        probability=True,
    ),
    "fork_talk_attended": Exact(
        "E[attended]", "mean of an exponential", lambda: 3.0, TALKING_MEANWHILE.number("customers.patient.attended")
    ),
    "fork_talk_held": Exact(
        "E[held] = E[(B − A)⁺]",
        ORDER,
        lambda: latest(3, 2)[0] - 3,
        TALKING_MEANWHILE.number("customers.patient.held"),
    ),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)
