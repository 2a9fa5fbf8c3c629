"""Closed populations: the same few come again and again, so that the slower they are served, the fewer come.

The trap is who is asked: the time average of the line is not what a member finds on coming (that is the line of a
population with one member less: Sevcik & Mitrani 1981, doi 10.1145/322248.322257).
"""

from __future__ import annotations

import math

import pytest

from theory.agreement import Exact, Model, check_exact, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory

MENDERS = Model(
    "M/M/2//8",
    """
    unit: hours
    actors: {mender: {lane: backstage, staff: 2}}
    services: {mend: {by: mender, steps: [{work: exponential(mean=2)}]}}
    customers: {machine: {arrivals: {population: 8, think: exponential(mean=10)}, journey: [{ask: mend}]}}
    """,
    until=1400,
    warm_up=40,
)
# how long they think matters by its mean alone
ANY_THINKING = Model(
    "G/M/2//8, lognormal thinking",
    """
    unit: hours
    actors: {mender: {lane: backstage, staff: 2}}
    services: {mend: {by: mender, steps: [{work: exponential(mean=2)}]}}
    customers: {machine: {arrivals: {population: 8, think: "lognormal(mean=10, cv=1.5)"}, journey: [{ask: mend}]}}
    """,
    until=1200,
    warm_up=80,
)


def finite_source(members=8, servers=2, work=2.0, think=10.0):
    """Shares of time with so many at the servers (Palm 1947)."""
    weights = [1.0]
    for here in range(1, members + 1):
        weights.append(weights[-1] * (members - here + 1) / think / (min(here, servers) / work))
    return [weight / sum(weights) for weight in weights]


def mender_busy():
    return sum(share * min(here, 2) for here, share in enumerate(finite_source())) / 2


def machines_wait():
    shares = finite_source()
    line = sum(share * max(0, here - 2) for here, share in enumerate(shares))
    return line / (mender_busy() * 2 / 2.0)


def waits_on_coming():
    """Who comes sees the others as if they were alone: all menders are busy."""
    return sum(finite_source(members=7)[2:])


NETWORK = Model(
    "seven members, three stations, thinking",
    """
    unit: minutes
    actors:
      entry: {lane: contact, staff: 1}
      desk: {lane: contact, staff: 1}
      archive: {lane: contact, staff: unlimited}
    services:
      enter: {by: entry, steps: [{work: exponential(mean=1)}]}
      ask at the desk: {by: desk, steps: [{work: exponential(mean=0.8)}]}
      read: {by: archive, steps: [{work: "gamma(mean=3, cv=0.6)"}]}
    customers:
      member:
        arrivals: {population: 7, think: exponential(mean=5)}
        journey:
          - ask: enter
          - repeat: [{ask: ask at the desk}, {chance: 0.3, then: [{ask: read}]}]
            until: 0.5
    """,
    until=500,
    warm_up=40,
)


def mean_value_analysis(members=7):
    """Throughput and times in system of single servers of demands 1 and 1.6 (Reiser & Lavenberg 1980)."""
    demands, delay = (1.0, 1.6), 5 + 2 * 0.3 * 3
    lines = [0.0, 0.0]
    for count in range(1, members + 1):
        times = [demand * (1 + line) for demand, line in zip(demands, lines, strict=True)]
        throughput = count / (delay + sum(times))
        lines = [throughput * time for time in times]
    return throughput, members / throughput - 5, lines


URGENT = Model(
    "two closed classes, one first",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services:
      serve a member: {by: clerk, steps: [{work: exponential(mean=1)}]}
      serve a guest: {by: clerk, steps: [{work: exponential(mean=1.5)}]}
    customers:
      member: {arrivals: {population: 3, think: exponential(mean=6)}, priority: 0, journey: [{ask: serve a member}]}
      guest: {arrivals: {population: 4, think: exponential(mean=10)}, priority: 1, journey: [{ask: serve a guest}]}
    """,
    until=1000,
    warm_up=30,
)


def urgent():
    """States: members and guests in line, who is served."""

    def begin(members, guests):
        if members:
            return members - 1, guests, "member"
        return (0, guests - 1, "guest") if guests else (0, 0, "")

    def moves(state):
        members, guests, served = state
        members_away = 3 - members - (served == "member")
        guests_away = 4 - guests - (served == "guest")
        yield members_away / 6, (members + 1, guests, served) if served else (0, 0, "member")
        yield guests_away / 10, (members, guests + 1, served) if served else (0, 0, "guest")
        if served:
            yield 1.0 if served == "member" else 1 / 1.5, begin(members, guests)

    return Markov([(0, 0, "")], moves)


def wait_of(place, served, work):
    """Little: those in line over those served per minute."""
    line, busy = urgent().means(lambda state: state[place], lambda state: state[2] == served)
    return line / (busy / work)


def per_minute(customer_class):
    """Journeys finished per unit of time, from the warm-up to the end."""

    def rate(run):
        left = run.all_customers[run.all_customers["class"] == customer_class]["left"]
        return (left > run.warm_up).sum() / (run.end - run.warm_up)

    return rate


PALM = "Palm (1947), machine repair"
MVA = "mean value analysis, Reiser & Lavenberg (1980)"

EXACT = {
    "closed_wait": Exact("E[Wq]", PALM, machines_wait, MENDERS.number("services.mend.queue_wait")),
    "closed_busy": Exact(
        "P(a mender works)", PALM, mender_busy, MENDERS.number("actors.mender.working"), probability=True
    ),
    "closed_pwait": Exact(
        "P(Wq>0), arrival theorem",
        "Sevcik & Mitrani (1981)",
        waits_on_coming,
        MENDERS.number("services.mend.delayed_share"),
        probability=True,
    ),
    "closed_any_thinking": Exact(
        "E[Wq], lognormal thinking",
        "insensitive: Bunday & Scraton (1980) EJOR 4:399-401",
        machines_wait,
        ANY_THINKING.number("services.mend.queue_wait"),
    ),
    "closed_mva_X": Exact(
        "journeys per minute", MVA, lambda: mean_value_analysis()[0], NETWORK.mean(per_minute("member"))
    ),
    "closed_mva_T": Exact(
        "E[T]", MVA, lambda: mean_value_analysis()[1], NETWORK.number("customers.member.time_in_system")
    ),
    "closed_mva_line": Exact(
        "E[in line at the desk]",
        MVA,
        lambda: mean_value_analysis()[2][1] - 1.6 * mean_value_analysis()[0],
        NETWORK.number("actors.desk.queue_length.mean"),
    ),
    "closed_first_wait": Exact(
        "E[Wq], first class",
        "Markov chain, solved",
        lambda: wait_of(0, "member", 1.0),
        URGENT.number("customers.member.queueing"),
    ),
    "closed_second_wait": Exact(
        "E[Wq], second class",
        "Markov chain, solved",
        lambda: wait_of(1, "guest", 1.5),
        URGENT.number("customers.guest.queueing"),
    ),
}


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)


def test_two_ways_to_the_closed_line_agree():
    """The recursion over members against the chain of states, for one station and no archive."""

    def moves(here):
        if here < 6:
            yield (6 - here) / 4, here + 1
        if here:
            yield 1.0, here - 1

    line = 0.0
    for count in range(1, 7):
        line = count / (4 + 1 + line) * (1 + line)
    assert math.isclose(Markov([0], moves).mean(float), line, rel_tol=1e-10)
