"""Customers who leave: loss, waiting rooms of limited size, Erlang A, patience that is the same for all.

The trap is of whom a mean is taken: of all, of those served, of those who gave up. Time in line counts for all.
"""

from __future__ import annotations

import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory

LOSS = Model(
    "M/M/10/10, Erlang B",
    """
    unit: minutes
    actors: {line: {lane: system, capacity: 10}}
    services: {talk: {by: line, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=8/min), patience: 0, journey: [{ask: talk}]}}
    """,
    customers=1300,
    warm_up=20,
)

# A place is held as long as its customer waits or is served; who finds none goes away at once.
WAITING_ROOM = Model(
    "M/M/3/8",
    """
    unit: minutes
    actors: {place: {lane: system, capacity: 8}, clerk: {lane: contact, staff: 3}}
    services:
      take a place: {by: place, steps: [{ask: serve}]}
      serve: {by: clerk, steps: [{work: exponential(mean=1)}]}
    customers: {guest: {arrivals: poisson(rate=3/min), patience: 0, journey: [{ask: take a place}]}}
    """,
    customers=2200,
    warm_up=40,
)

ERLANG_A = Model(
    "M/M/5+M, Erlang A",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 5}}
    services: {answer: {by: agent, standard: 0.5, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=5/min), patience: exponential(mean=2), journey: [{ask: answer}]}}
    """,
    customers=1700,
    warm_up=40,
)

ERLANG_A_BIG = Model(
    "M/M/100+M, Erlang A",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 100}}
    services: {answer: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=105/min), patience: exponential(mean=2), journey: [{ask: answer}]}}
    """,
    customers=20_000,
    warm_up=20,
    slow=True,
)

ERLANG_A_POISSON = Model(
    "M/M/100+M, as patient as long served",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 100}}
    services: {answer: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=100/min), patience: exponential(mean=1), journey: [{ask: answer}]}}
    """,
    customers=7000,
    warm_up=10,
    slow=True,
)

SAME_PATIENCE = Model(
    "M/M/5+D",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 5}}
    services: {answer: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=6/min), patience: 1, journey: [{ask: answer}]}}
    """,
    customers=1200,
    warm_up=30,
)

# The lines are the closed population: a free one waits for the next call, which comes from the network one at a time
# (calls that find no free line are those for which the network has nobody to serve), then for an agent, then talks.
TRUNK_LINES = Model(
    "M/M/5/9+M, nine trunk lines",
    """
    unit: minutes
    actors: {network: {lane: supplier, capacity: 1}, agent: {lane: contact, staff: 5}}
    services:
      bring a call: {by: network, steps: [{work: exponential(mean=0.2)}]}
      answer: {by: agent, steps: [{work: exponential(mean=1)}]}
    customers:
      trunk line:
        arrivals: {population: 9, think: 0}
        journey: [{ask: bring a call}, {ask: answer, patience: exponential(mean=2)}]
    """,
    until=500,
    warm_up=20,
)


def queueing_of(outcome):
    return lambda run: run.customers["queueing"][run.customers["outcome"] == outcome]


def has_waited(run):
    return run.customers["queueing"] > 0


VALUES = {
    "erlb_c10_a8": LOSS.number("customers.caller.abandoned_share"),
    "mmck_block": WAITING_ROOM.number("customers.guest.abandoned_share"),
    "mmck_wq_acc": WAITING_ROOM.number("services.serve.queue_wait"),
    "erla_c5_pwait": ERLANG_A.pooled(has_waited),
    "erla_c5_pab": ERLANG_A.number("customers.caller.abandoned_share"),
    "erla_c5_ew": ERLANG_A.number("customers.caller.queueing"),
    "erla_c5_ew_served": ERLANG_A.number("services.answer.queue_wait"),
    "erla_c5_ew_ab": ERLANG_A.pooled(queueing_of("abandoned")),
    "erla_c5_sl": ERLANG_A.number("services.answer.within_standard"),
    "erla_big_pwait": ERLANG_A_BIG.pooled(has_waited),
    "erla_big_pab": ERLANG_A_BIG.number("customers.caller.abandoned_share"),
    "erla_big_ew": ERLANG_A_BIG.number("customers.caller.queueing"),
    "erla_big_ew_served": ERLANG_A_BIG.number("services.answer.queue_wait"),
    "erla_big_ew_ab": ERLANG_A_BIG.pooled(queueing_of("abandoned")),
    "erla_poisson": ERLANG_A_POISSON.pooled(has_waited),
    "erla_trunk_block": TRUNK_LINES.number("actors.network.idle"),
    "erla_trunk_pab": TRUNK_LINES.number("customers.trunk line.abandoned_share"),
    "mmnd_pab": SAME_PATIENCE.number("customers.caller.abandoned_share"),
    "mmnd_ew": SAME_PATIENCE.number("customers.caller.queueing"),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
