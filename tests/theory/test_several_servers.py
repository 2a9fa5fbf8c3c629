"""Servers that are not alike, asked in order of preference, and guests who come in groups to several servers.

The trap of unlike servers: which of them is busy is part of the state (Gumbel 1960, doi 10.1287/opre.8.4.504;
Singh 1970, doi 10.1287/opre.18.2.267), and a guest who has begun with the slow one stays there when the fast one
gets free. The trap of groups: a mean over guests is not a mean over groups.
"""

from __future__ import annotations

import pytest

from theory.agreement import Exact, Model, check_exact, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory


def preferred(name, rate, actors, more="", **settings):
    """Actors with one server each, of these speeds, asked in this order."""
    described = "".join(f"      {actor}: {{lane: contact, staff: 1, speed: {speed}}}\n" for actor, speed in actors)
    return Model(
        name,
        f"""
    unit: minutes
    actors:
{described}
    services: {{serve: {{by: [{", ".join(actor for actor, _ in actors)}], steps: [{{work: exponential(mean=1)}}]}}}}
    customers: {{guest: {{arrivals: poisson(rate={rate}/min), {more} journey: [{{ask: serve}}]}}}}
    """,
        **settings,
    )


FAST_AND_SLOW = preferred("a fast and a slow clerk", 0.8, [("fast", 1), ("slow", 0.5)], customers=2800, warm_up=60)
THREE_LINES = preferred(
    "three lines of three speeds, no waiting",
    1.5,
    [("first", 1.5), ("second", 1), ("third", 0.5)],
    more="patience: 0,",
    customers=800,
    warm_up=30,
)
GROUPS = Model(
    "M^[X]/M/3",
    """
    unit: minutes
    actors: {waiter: {lane: contact, staff: 3}}
    services: {serve: {by: waiter, steps: [{work: exponential(mean=1)}]}}
    customers:
      guest:
        arrivals: poisson(rate=0.8/min)
        batch: "discrete(values=[1, 2, 4], weights=[2, 1, 1])"
        journey: [{ask: serve}]
    """,
    customers=2400,
    warm_up=40,
)


def unlike(rate, speeds, most):
    """States: who is busy, how many are in line; nobody waits beyond `most`."""

    def moves(state):
        busy, line = state
        if False in busy:
            free = busy.index(False)
            yield rate, ((*busy[:free], True, *busy[free + 1 :]), 0)
        elif line < most:
            yield rate, (busy, line + 1)
        for server, speed in enumerate(speeds):
            if busy[server]:
                freed = (*busy[:server], False, *busy[server + 1 :])
                yield speed, (busy, line - 1) if line else (freed, 0)

    return Markov([((False,) * len(speeds), 0)], moves)


def fast_and_slow():
    return unlike(0.8, (1, 0.5), 200)


def three_lines():
    return unlike(1.5, (1.5, 1, 0.5), 0)


def groups(most=150):
    """States: how many are there."""

    def moves(there):
        for size, share in ((1, 0.5), (2, 0.25), (4, 0.25)):
            yield 0.8 * share, min(there + size, most)
        yield min(there, 3), there - 1

    return Markov([0], moves)


CHAIN = "Markov chain, solved"
GUMBEL = "Gumbel (1960); Singh (1970); Markov chain, solved"

EXACT = {
    "unlike_T": Exact(
        "E[T]",
        GUMBEL,
        lambda: fast_and_slow().mean(lambda state: sum(state[0]) + state[1]) / 0.8,
        FAST_AND_SLOW.number("customers.guest.time_in_system"),
    ),
    "unlike_line": Exact(
        "E[in line]",
        GUMBEL,
        lambda: fast_and_slow().mean(lambda state: state[1]),
        FAST_AND_SLOW.number("actors.fast.queue_length.mean"),
    ),
    "unlike_slow": Exact(
        "P(slow one works)",
        GUMBEL,
        lambda: fast_and_slow().mean(lambda state: state[0][1]),
        FAST_AND_SLOW.number("actors.slow.working"),
        probability=True,
    ),
    "ordered_lost": Exact(
        "P(lost), three unlike servers",
        CHAIN,
        lambda: three_lines().mean(lambda state: all(state[0])),
        THREE_LINES.number("customers.guest.abandoned_share"),
        probability=True,
    ),
    "ordered_first": Exact(
        "P(first works) = a/(1 + a)",
        "Erlang (1917), of the first server alone",
        lambda: 0.5,
        THREE_LINES.number("actors.first.working"),
        probability=True,
    ),
    "ordered_third": Exact(
        "P(third works)",
        CHAIN,
        lambda: three_lines().mean(lambda state: state[0][2]),
        THREE_LINES.number("actors.third.working"),
        probability=True,
    ),
    "groups_T": Exact(
        "E[T], groups and c = 3",
        f"{CHAIN}; Chaudhry & Templeton (1983)",
        lambda: groups().mean(float) / (0.8 * 2),
        GROUPS.number("customers.guest.time_in_system"),
    ),
    "groups_wait": Exact(
        "E[Wq], groups and c = 3",
        CHAIN,
        lambda: groups().mean(lambda there: max(0, there - 3)) / (0.8 * 2),
        GROUPS.number("services.serve.queue_wait"),
    ),
}


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)
