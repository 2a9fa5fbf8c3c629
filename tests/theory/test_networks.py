"""Several teams one after the other, work that comes back, phone menus, tickets, few customers who stay."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory

REWORK = Model(
    "two desks with rework",
    """
    unit: minutes
    actors: {first desk: {lane: contact, staff: 1}, second desk: {lane: contact, staff: 1}}
    services:
      fill in: {by: first desk, steps: [{work: exponential(mean=1)}]}
      check: {by: second desk, steps: [{work: exponential(mean=1.25)}]}
    customers:
      case:
        arrivals: poisson(rate=0.5/min)
        journey: [{repeat: [{ask: fill in}, {ask: check}], until: 0.8}]
    """,
    customers=2500,
    warm_up=250,
)

CALLING_AGAIN = Model(
    "three of four callers helped at once",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 4}}
    services: {call: {by: agent, steps: [{work: exponential(mean=2)}]}}
    customers:
      caller:
        arrivals: poisson(rate=1.2/min)
        journey:
          - ask: call
          - chance: 0.25
            then: [{repeat: [{work: exponential(mean=60)}, {ask: call}], until: 0.75}]
    """,
    customers=12_000,
    slow=True,
    warm_up=400,
)

GIVING_UP_CALLING = Model(
    "six of ten call again",
    """
    unit: minutes
    actors: {help desk: {lane: system, capacity: unlimited}}
    services:
      call:
        by: help desk
        steps:
          - chance: 0.75
            then: [{hand_off: close the case}]
            else: [{chance: 0.6, then: [{pause: exponential(mean=60)}, {hand_off: call}]}]
      close the case: {by: help desk, steps: []}
    customers: {caller: {arrivals: poisson(rate=1/min), journey: [{ask: call}]}}
    """,
    customers=500,
)


def repairs(name, **settings):
    """Six systems that never leave: up for exponential times, then in line for one of two programmers."""
    return Model(
        name,
        """
        unit: hours
        actors: {programmer: {lane: contact, staff: 2}}
        services: {repair: {by: programmer, steps: [{work: exponential(mean=2.5)}]}}
        customers:
          system:
            arrivals: at([0, 0, 0, 0, 0, 0])
            journey: [{repeat: [{work: exponential(mean=10)}, {ask: repair}], times: 1000000}]
        """,
        warm_up=100,
        **settings,
    )


REPAIRS = repairs("six systems, two programmers", until=4000)
REPAIRS_LONG = repairs("six systems, two programmers, long", until=80_000, slow=True)

# Two desks are asked at once, and nobody waits for the told one: the case is done when the later one is.
BOTH_DESKS = Model(
    "a case split to two desks",
    """
    unit: minutes
    actors: {left desk: {lane: contact, staff: 1}, right desk: {lane: contact, staff: 1}}
    services:
      left half: {by: left desk, steps: [{work: exponential(mean=1)}]}
      right half: {by: right desk, steps: [{work: exponential(mean=1)}]}
    customers: {case: {arrivals: poisson(rate=0.6/min), journey: [{tell: left half}, {ask: right half}]}}
    """,
    customers=900,
    warm_up=50,
)

# A trunk line is held through the menu, the wait and the talk.
TRUNKS = Model(
    "14 trunk lines, a menu, 8 agents",
    """
    unit: minutes
    actors: {trunk line: {lane: system, capacity: 14}, agent: {lane: contact, staff: 8}}
    services:
      menu: {by: trunk line, steps: [{work: exponential(mean=1)}, {chance: 0.6, then: [{ask: talk}]}]}
      talk: {by: agent, steps: [{work: exponential(mean=2.5)}]}
    customers: {caller: {arrivals: poisson(rate=5/min), patience: 0, journey: [{ask: menu}]}}
    """,
    customers=4000,
    warm_up=60,
)

MENUS = Model(
    "a phone menu with loops",
    """
    unit: seconds
    actors: {telephone: {lane: system, capacity: unlimited}}
    services:
      main:
        by: telephone
        steps:
          - work: 25
          - choose:
              - {weight: 0.05, steps: [{hand_off: main}]}
              - {weight: 0.4, steps: [{hand_off: booking}]}
              - {weight: 0.25, steps: [{hand_off: billing}]}
              - {weight: 0.15, steps: [{hand_off: other}]}
              - {weight: 0.08, steps: [{hand_off: agent}]}
              - {weight: 0.07, steps: [{hand_off: hangup}]}
      booking:
        by: telephone
        steps:
          - work: 20
          - choose:
              - {weight: 0.15, steps: [{hand_off: main}]}
              - {weight: 0.05, steps: [{hand_off: booking}]}
              - {weight: 0.05, steps: [{hand_off: other}]}
              - {weight: 0.45, steps: [{hand_off: agent}]}
              - {weight: 0.25, steps: [{hand_off: self served}]}
              - {weight: 0.05, steps: [{hand_off: hangup}]}
      billing:
        by: telephone
        steps:
          - work: 22
          - choose:
              - {weight: 0.2, steps: [{hand_off: main}]}
              - {weight: 0.05, steps: [{hand_off: billing}]}
              - {weight: 0.05, steps: [{hand_off: other}]}
              - {weight: 0.5, steps: [{hand_off: agent}]}
              - {weight: 0.15, steps: [{hand_off: self served}]}
              - {weight: 0.05, steps: [{hand_off: hangup}]}
      other:
        by: telephone
        steps:
          - work: 30
          - choose:
              - {weight: 0.3, steps: [{hand_off: main}]}
              - {weight: 0.1, steps: [{hand_off: other}]}
              - {weight: 0.4, steps: [{hand_off: agent}]}
              - {weight: 0.05, steps: [{hand_off: self served}]}
              - {weight: 0.15, steps: [{hand_off: hangup}]}
      agent: {by: telephone, steps: []}
      self served: {by: telephone, steps: []}
      hangup: {by: telephone, steps: []}
    customers: {caller: {arrivals: poisson(rate=1/min), journey: [{ask: main}]}}
    """,
    customers=600,
)

# In each state the time is that of the first of several exponential clocks, then one of them has rung.
TICKETS = Model(
    "the life of a ticket",
    """
    unit: hours
    actors: {desk: {lane: system, capacity: unlimited}}
    services:
      new: {by: desk, steps: [{pause: exponential(mean=0.5)}, {hand_off: first level}]}
      first level:
        by: desk
        steps:
          - pause: exponential(mean=1)
          - choose:
              - {weight: 0.7, steps: [{hand_off: resolved}]}
              - {weight: 0.2, steps: [{hand_off: second level}]}
              - {weight: 0.1, steps: [{hand_off: customer}]}
      second level:
        by: desk
        steps:
          - pause: exponential(mean=6.666666666666667)
          - choose:
              - {weight: 0.08, steps: [{hand_off: resolved}]}
              - {weight: 0.05, steps: [{hand_off: customer}]}
              - {weight: 0.02, steps: [{hand_off: first level}]}
      customer: {by: desk, steps: [{pause: exponential(mean=16.666666666666668)}, {hand_off: first level}]}
      resolved:
        by: desk
        steps: [{pause: exponential(mean=10)}, {chance: 0.1, then: [{hand_off: first level}]}]
    customers: {ticket: {arrivals: poisson(rate=1/h), journey: [{ask: new}]}}
    """,
    customers=600,
)

# Every customer tells Poisson(0.3) others, who tell others; probabilities beyond eight are below 1e-10.
WORD_OF_MOUTH = Model(
    "word of mouth",
    f"""
    unit: days
    actors: {{town: {{lane: supplier}}}}
    services:
      hear of it:
        by: town
        steps:
          - repeat: [{{tell: hear of it}}]
            times: discrete(values={list(range(9))}, weights={[0.3**k / math.factorial(k) for k in range(9)]})
    customers: {{seed: {{arrivals: poisson(rate=1/day), journey: [{{ask: hear of it}}]}}}}
    """,
    customers=200,
)

LOYALTY = Model(
    "purchases until a customer is lost",
    """
    unit: days
    actors: {shop: {lane: system, capacity: unlimited}}
    services:
      delighted:
        by: shop
        steps:
          - choose:
              - {weight: 0.7, steps: [{hand_off: delighted}]}
              - {weight: 0.22, steps: [{hand_off: satisfied}]}
              - {weight: 0.05, steps: [{hand_off: neutral}]}
              - {weight: 0.02, steps: [{hand_off: dissatisfied}]}
              - {weight: 0.01, label: lost}
      satisfied:
        by: shop
        steps:
          - choose:
              - {weight: 0.2, steps: [{hand_off: delighted}]}
              - {weight: 0.6, steps: [{hand_off: satisfied}]}
              - {weight: 0.12, steps: [{hand_off: neutral}]}
              - {weight: 0.03, steps: [{hand_off: dissatisfied}]}
              - {weight: 0.05, label: lost}
      neutral:
        by: shop
        steps:
          - choose:
              - {weight: 0.05, steps: [{hand_off: delighted}]}
              - {weight: 0.3, steps: [{hand_off: satisfied}]}
              - {weight: 0.4, steps: [{hand_off: neutral}]}
              - {weight: 0.1, steps: [{hand_off: dissatisfied}]}
              - {weight: 0.15, label: lost}
      dissatisfied:
        by: shop
        steps:
          - choose:
              - {weight: 0.02, steps: [{hand_off: delighted}]}
              - {weight: 0.13, steps: [{hand_off: satisfied}]}
              - {weight: 0.2, steps: [{hand_off: neutral}]}
              - {weight: 0.25, steps: [{hand_off: dissatisfied}]}
              - {weight: 0.4, label: lost}
    customers: {customer: {arrivals: poisson(rate=1/day), journey: [{ask: satisfied}]}}
    """,
    customers=80,
)


def requests_per_customer(*services):
    """How many requests for these services each customer made, themselves or through others; for no warm-up."""

    def count(run):
        made = run.all_requests["number"][run.all_requests["service"].isin(services)]
        return np.bincount(made, minlength=len(run.all_customers))

    return count


menus_heard = requests_per_customer("main", "booking", "billing", "other")


def hours_to_closure(run):
    return run.customers["left"] - run.customers["arrived"]


def calls_per_caller(run):
    calls = run.all_requests["number"]
    counted = run.all_customers["arrived"].to_numpy() >= run.warm_up
    return np.bincount(calls, minlength=counted.size)[counted]


def all_in_repair(run):
    """Share of the time in which all six wait or are mended."""
    asked, answered = run.all_requests["asked"].to_numpy(), run.all_requests["answered"].to_numpy()
    times = np.concatenate([[run.warm_up], asked, answered[~np.isnan(answered)], [run.end]])
    change = np.concatenate([[0], np.ones(asked.size), -np.ones(np.sum(~np.isnan(answered))), [0]])
    order = np.argsort(times, kind="stable")
    down = np.cumsum(change[order])
    lasts = np.diff(np.maximum(times[order], run.warm_up))
    return lasts @ (down[:-1] == 6) / (run.end - run.warm_up)


def systems_down(run):
    """Mean number of those who wait or are mended, over the time from the warm-up on."""
    asked = run.all_requests["asked"].clip(lower=run.warm_up)
    answered = run.all_requests["answered"].fillna(run.end).clip(lower=run.warm_up)
    return (answered - asked).sum() / (run.end - run.warm_up)


def time_of_the_later_half(run):
    """Of all cases but the last fifty, whose told halves the run does not wait for."""
    requests = run.requests
    made = requests[requests["number"] < len(run.all_customers) - 50].groupby("number")
    return made["ended"].max() - made["asked"].min()


VALUES = {
    "jackson2_T": REWORK.number("customers.case.time_in_system"),
    "fcr_contacts": CALLING_AGAIN.pooled(calls_per_caller),
    "fcr_wq": CALLING_AGAIN.number("services.call.queue_wait"),
    "fcr_resolved_share": GIVING_UP_CALLING.pooled(requests_per_customer("close the case")),
    "repair_down": REPAIRS.mean(systems_down),
    "repair_avail": REPAIRS.mean(lambda run: 1 - systems_down(run) / 6),
    "repair_wait": REPAIRS.number("services.repair.queue_wait"),
    "repair_alldown": REPAIRS_LONG.mean(all_in_repair),
    "forkjoin_T": BOTH_DESKS.pooled(time_of_the_later_half),
    "ivr_agents_block": TRUNKS.number("customers.caller.abandoned_share"),
    "ivr_agents_wq": TRUNKS.number("services.talk.queue_wait"),
    "ivr_menus": MENUS.pooled(menus_heard),
    "ivr_menus_sd": MENUS.pooled(menus_heard, np.std),
    "ivr_p_gt3": MENUS.pooled(lambda run: menus_heard(run) > 3),
    "ivr_seconds": MENUS.number("customers.caller.time_in_system"),
    "ivr_p_agent": MENUS.pooled(requests_per_customer("agent")),
    "ivr_p_self_served": MENUS.pooled(requests_per_customer("self served")),
    "ivr_p_hangup": MENUS.pooled(requests_per_customer("hangup")),
    "ticket_mean": TICKETS.number("customers.ticket.time_in_system"),
    "ticket_sd": TICKETS.pooled(hours_to_closure, np.std),
    "ticket_sl24": TICKETS.pooled(lambda run: hours_to_closure(run) <= 24),
    "ticket_escalations": TICKETS.pooled(requests_per_customer("second level")),
    "ticket_reopen": TICKETS.pooled(lambda run: requests_per_customer("resolved")(run) - 1),
    "wom_total": WORD_OF_MOUTH.pooled(requests_per_customer("hear of it")),
    "loyalty_lifetime": LOYALTY.pooled(requests_per_customer("delighted", "satisfied", "neutral", "dissatisfied")),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
