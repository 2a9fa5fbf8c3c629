"""Layers of asks with few members, and customers whose patience goes on while they are held.

The traps: a server that has answered may still be busy (a second phase, in the words of layered queueing networks:
Franks et al. 2009, doi 10.1109/TSE.2008.74); and whoever leaves while somebody out of sight works for them leaves
that work behind, where it delays the next.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from theory.agreement import Exact, Model, check_exact, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory

THREE_LAYERS = Model(
    "six members, three layers",
    """
    unit: minutes
    actors:
      front desk: {lane: contact, staff: 2}
      application: {lane: system, capacity: 2}
      database: {lane: system, capacity: 1}
    services:
      serve: {by: front desk, steps: [{work: exponential(mean=1)}, {ask: compute}]}
      compute:
        by: application
        steps:
          - work: exponential(mean=0.8)
          - chance: 0.5
            then: [{ask: look up}]
          - reply
          - work: exponential(mean=1.6)
      look up: {by: database, steps: [{work: exponential(mean=1)}]}
    customers: {member: {arrivals: {population: 6, think: exponential(mean=8)}, journey: [{ask: serve}]}}
    """,
    until=700,
    warm_up=30,
)


@cache
def three_layers():
    """States: in line and worked for at the desk; in line, in work, at the database and in wrap-up below."""

    def answered(state):
        """A desk is released, and serves the next."""
        line, desk, waits, first, at_database, second = state
        return (line - 1, desk + 1, waits, first, at_database, second) if line else state

    def moves(state):
        line, desk, waits, first, at_database, second = state
        inside = desk + waits + first + at_database
        coming = (line + 1, desk, *state[2:]) if inside == 2 else (line, desk + 1, *state[2:])
        yield (6 - line - inside) / 8, coming
        if desk:
            full = first + at_database + second == 2
            yield desk, (line, desk - 1, waits + full, first + (not full), at_database, second)
        if first:
            yield first * 0.5 / 0.8, (line, desk, waits, first - 1, at_database + 1, second)
            yield first * 0.5 / 0.8, answered((line, desk, waits, first - 1, at_database, second + 1))
        if at_database:
            yield 1.0, answered((line, desk, waits, first, at_database - 1, second + 1))
        if second:
            taken = min(waits, 1)
            yield second / 1.6, (line, desk, waits - taken, first + taken, at_database, second - 1)

    return Markov([(0, 0, 0, 0, 0, 0)], moves)


def members_per_minute():
    return three_layers().mean(lambda state: state[1]) / 1.0


def leaving_per_minute(run):
    return np.sum(run.all_customers["left"] > run.warm_up) / (run.end - run.warm_up)


HELD_PATIENCE = Model(
    "patience that covers what is done out of sight",
    """
    unit: minutes
    actors: {desk: {lane: contact, staff: 1}, office: {lane: backstage, staff: 1}}
    services:
      serve: {by: desk, steps: [{work: exponential(mean=1)}, {ask: decide}]}
      decide: {by: office, steps: [{work: exponential(mean=1.5)}]}
    customers:
      guest:
        arrivals: poisson(rate=0.5/min)
        patience: exponential(mean=4)
        patience_covers: wait
        journey: [{ask: serve}]
    """,
    customers=1600,
    warm_up=40,
)

COME, LEAVE, WORK, DECIDE = 0.5, 1 / 4, 1.0, 1 / 1.5


@cache
def held_patience(most=60):
    """States: in line; the desk (free, working, working for somebody overdue, held, held in line); left behind.

    `left` says whether the office works for somebody who has left.
    """

    def follow(line, left):
        return (line - 1, "working", left) if line else (0, "free", left)

    def moves(state):
        line, desk, left = state
        if desk == "free":
            yield COME, (0, "working", left)
        elif line < most:
            yield COME, (line + 1, desk, left)
        if line:
            yield line * LEAVE, (line - 1, desk, left)
        if left:
            yield DECIDE, (line, "held" if desk == "in line" else desk, False)
        if desk == "working":
            yield LEAVE, (line, "overdue", left)
            yield WORK, (line, "in line" if left else "held", left)
        if desk == "overdue":
            yield WORK, follow(line, True)  # the office begins before they go, unless it is busy already
        if desk == "held":
            yield DECIDE, follow(line, False)
            yield LEAVE, follow(line, True)
        if desk == "in line":
            yield LEAVE, follow(line, True)

    return Markov([(0, "free", False)], moves)


def share_that_finishes():
    return held_patience().mean(lambda state: state[1] == "held") * DECIDE / COME


def per_guest(value):
    """Little: a mean number over the rate of arrivals."""
    return lambda: held_patience().mean(value) / COME


CHAIN = "Markov chain, solved"

EXACT = {
    "layers_X": Exact("members served per minute", CHAIN, members_per_minute, THREE_LAYERS.mean(leaving_per_minute)),
    "layers_T": Exact(
        "E[T] = N/X − Z",
        CHAIN,
        lambda: 6 / members_per_minute() - 8,
        THREE_LAYERS.number("customers.member.time_in_system"),
    ),
    "layers_held": Exact(
        "share of the desk held",
        CHAIN,
        lambda: three_layers().mean(lambda state: sum(state[2:5])) / 2,
        THREE_LAYERS.number("actors.front desk.held"),
        probability=True,
    ),
    "layers_line": Exact(
        "E[in line for the application]",
        CHAIN,
        lambda: three_layers().mean(lambda state: state[2]),
        THREE_LAYERS.number("actors.application.queue_length.mean"),
    ),
    "layers_application": Exact(
        "share of the application at work, wrap-up too",
        CHAIN,
        lambda: three_layers().mean(lambda state: state[3] + state[5]) / 2,
        THREE_LAYERS.number("actors.application.working"),
        probability=True,
    ),
    "layers_database": Exact(
        "P(database works)",
        CHAIN,
        lambda: three_layers().mean(lambda state: state[4] > 0),
        THREE_LAYERS.number("actors.database.working"),
        probability=True,
    ),
    "leave_pab": Exact(
        "P(leaves)",
        CHAIN,
        lambda: 1 - share_that_finishes(),
        HELD_PATIENCE.number("customers.guest.abandoned_share"),
        probability=True,
    ),
    "leave_queueing": Exact(
        "E[in line], all", CHAIN, per_guest(lambda state: state[0]), HELD_PATIENCE.number("customers.guest.queueing")
    ),
    "leave_held": Exact(
        "E[held], all",
        CHAIN,
        per_guest(lambda state: state[1] in ("held", "in line")),
        HELD_PATIENCE.number("customers.guest.held"),
    ),
    "leave_attended": Exact(
        "E[attended], all",
        CHAIN,
        per_guest(lambda state: state[1] in ("working", "overdue")),
        HELD_PATIENCE.number("customers.guest.attended"),
    ),
    "leave_office": Exact(
        "P(office works), also for who has left",
        CHAIN,
        lambda: held_patience().mean(lambda state: state[2] or state[1] == "held"),
        HELD_PATIENCE.number("actors.office.working"),
        probability=True,
    ),
}


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)
