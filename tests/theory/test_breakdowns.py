"""Breakdowns: of a whole system or of each server, by the clock or by work, repaired by nobody or by somebody.

The traps: whether a failure may come while nobody is served (it then makes the next customer wait), whether the work
done so far is lost, and that a repairman with two broken systems mends one after the other.
With failures only during work, a service with all its breakdowns is one long service, the completion time, and
Pollaczek and Khintchine's formula holds for it (Gaver 1962; Avi-Itzhak & Naor 1963, doi 10.1287/opre.11.3.303).
"""

from __future__ import annotations

import math

import pytest

from theory.agreement import Exact, Model, cases, check_exact, check_reference, exact_cases
from theory.markov import Markov

pytestmark = pytest.mark.theory


def fragile_clerk(name, arrivals, work, failures, **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{clerk: {{lane: contact, staff: 1, failures: {{{failures}}}}}}}
        services: {{serve: {{by: clerk, steps: [{{work: "{work}"}}]}}}}
        customers: {{guest: {{arrivals: poisson(rate={arrivals}/min), journey: [{{ask: serve}}]}}}}
        """,
        **settings,
    )


ALWAYS = fragile_clerk(
    "M/M/1, breaks down",
    0.5,
    "exponential(mean=1)",
    "every: exponential(mean=10), lasts: exponential(mean=2.5)",
    customers=2400,
    warm_up=100,
)
WORKING = fragile_clerk(
    "M/M/1, breaks down at work",
    0.5,
    "exponential(mean=1)",
    "every: exponential(mean=10), lasts: exponential(mean=2.5), clock: working",
    customers=2400,
    warm_up=100,
)
GENERAL = fragile_clerk(
    "M/G/1, breaks down, general repairs",
    0.3,
    "gamma(mean=1, cv=0.5)",
    'every: exponential(mean=8), lasts: "lognormal(mean=2, cv=0.8)"',
    customers=1200,
    warm_up=100,
)
GENERAL_WORKING = fragile_clerk(
    "M/G/1, breaks down at work, general repairs",
    0.35,
    "gamma(mean=1, cv=0.5)",
    'every: exponential(mean=4), lasts: "lognormal(mean=1.5, cv=0.8)", clock: working',
    customers=1600,
    warm_up=100,
)
RESTARTED = fragile_clerk(
    "M/D/1, breaks down at work and begins again",
    0.3,
    "1",
    'every: exponential(mean=2), lasts: "uniform(low=0, high=1)", clock: working, after: restart',
    customers=1200,
    warm_up=100,
)


def completion(work, square, rate, repair, repair_square):
    """First two moments of a work with the repairs of its breakdowns."""
    longer = 1 + rate * repair
    return work * longer, square * longer**2 + rate * work * repair_square


def wait_for(arrivals, moments):
    """Pollaczek (1930), Khintchine (1932)."""
    return arrivals * moments[1] / (2 * (1 - arrivals * moments[0]))


REPAIR = (2.0, 4 * 1.64)
ANY_TIME = completion(1, 1.25, 1 / 8, *REPAIR)
AT_WORK = completion(1, 1.25, 1 / 4, 1.5, 2.25 * 1.64)


def wait_with_failures_at_any_time():
    """Who comes to nobody waiting may still find the clerk down: the rest of a repair, as after a vacation."""
    rate, (repair, square) = 1 / 8, REPAIR
    return wait_for(0.3, ANY_TIME) + rate * square / (2 * (1 + rate * repair))


def restarted(work=1.0, rate=0.5, repair=0.5, repair_square=1 / 3):
    """First two moments of a work that begins again after each breakdown: lost tries, repairs, and one success."""
    kept = math.exp(-rate * work)
    lost = 1 - kept
    tries, tries_variance = lost / kept, lost / kept**2
    try_mean = 1 / rate - work * kept / lost
    try_square = (2 / rate**2 - kept * (work**2 + 2 * work / rate + 2 / rate**2)) / lost
    one = try_mean + repair
    one_variance = try_square - try_mean**2 + repair_square - repair**2
    mean = work + tries * one
    return mean, tries * one_variance + tries_variance * one**2 + mean**2


# Each server breaks down by itself, and what it did is put back; one repairman mends them one after the other.
ONE_BY_ONE = Model(
    "M/M/3, servers break down one by one, one repairman",
    """
    unit: minutes
    actors:
      agent:
        lane: contact
        staff: 3
        failures: {every: exponential(mean=5), stops: one, repair: mend}
      repairman: {lane: backstage, staff: 1}
    services:
      serve: {by: agent, steps: [{work: exponential(mean=1)}]}
      mend: {by: repairman, steps: [{work: exponential(mean=1.5)}]}
    customers: {guest: {arrivals: poisson(rate=0.8/min), journey: [{ask: serve}]}}
    """,
    customers=2800,
    warm_up=60,
)
WORN_BY_WORK = Model(
    "M/M/2, servers worn by work, each repairs itself",
    """
    unit: minutes
    actors:
      agent:
        lane: contact
        staff: 2
        failures: {every: exponential(mean=5), stops: one, clock: working, lasts: exponential(mean=2)}
    services: {serve: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers: {guest: {arrivals: poisson(rate=0.9/min), journey: [{ask: serve}]}}
    """,
    customers=1800,
    warm_up=60,
)


def breaking_servers(arrivals, servers, fails, mends, most=120):
    """States: customers (those put back are among them), servers up; work left has no memory."""

    def moves(state):
        customers, up = state
        if customers < most:
            yield arrivals, (customers + 1, up)
        if customers:
            yield min(customers, up), (customers - 1, up)
        if up:
            yield fails(customers, up), (customers, up - 1)
        if up < servers:
            yield mends(servers - up), (customers, up + 1)

    return Markov([(0, servers)], moves)


def one_by_one():
    return breaking_servers(0.8, 3, lambda _, up: up / 5, lambda _: 1 / 1.5)


def worn_by_work():
    return breaking_servers(0.9, 2, lambda customers, up: min(customers, up) / 5, lambda down: down / 2)


# Two systems and one repairman; those who use them do not matter.
TWO_SYSTEMS = """
    unit: hours
    actors:
      web:
        lane: system
        capacity: 1
        failures: {every: exponential(mean=10), repair: mend the web}
      mail:
        lane: system
        capacity: 1
        failures: {every: exponential(mean=5), repair: mend the mail}
      repairman: {lane: backstage, staff: 1, preempt: PREEMPT}
    services:
      use the web: {by: web, steps: []}
      use the mail: {by: mail, steps: []}
      mend the web: {by: repairman, priority: 0, steps: [{work: exponential(mean=4)}]}
      mend the mail: {by: repairman, priority: PRIORITY, steps: [{work: exponential(mean=2)}]}
    customers:
      nobody: {arrivals: "at([0])", journey: [{ask: use the web}, {ask: use the mail}]}
"""
ONE_AFTER_THE_OTHER = Model(
    "two systems, one repairman",
    TWO_SYSTEMS.replace("PREEMPT", "false").replace("PRIORITY", "0"),
    until=3000,
    warm_up=50,
)
WEB_FIRST = Model(
    "two systems, one repairman, one system first",
    TWO_SYSTEMS.replace("PREEMPT", "true").replace("PRIORITY", "1"),
    until=3000,
    warm_up=50,
)


def two_systems(*, web_first):
    """States: what is down, in the order in which it is mended."""
    fails, mends = {"web": 1 / 10, "mail": 1 / 5}, {"web": 1 / 4, "mail": 1 / 2}

    def moves(down):
        for system, rate in fails.items():
            if system not in down:
                line = (*down, system)
                yield rate, tuple(sorted(line, reverse=True)) if web_first else line
        if down:
            yield mends[down[0]], down[1:]

    return Markov([()], moves)


def share_down(system, *, web_first=False):
    return lambda: two_systems(web_first=web_first).mean(lambda down: system in down)


# The system's repairs and other people's tickets meet at one programmer, who finishes what she has begun.
BUSY_PROGRAMMER = Model(
    "a system, whose programmer has other work",
    """
    unit: minutes
    actors:
      booking system:
        lane: system
        capacity: 1
        failures: {every: exponential(mean=20), repair: restart}
      programmer: {lane: backstage, staff: 1}
    services:
      book: {by: booking system, steps: [{work: exponential(mean=1)}]}
      restart: {by: programmer, priority: 0, steps: [{work: exponential(mean=2)}]}
      change: {by: programmer, steps: [{work: exponential(mean=2)}]}
    customers:
      guest: {arrivals: poisson(rate=0.4/min), journey: [{ask: book}]}
      colleague: {arrivals: poisson(rate=0.15/min), journey: [{ask: change}]}
    """,
    customers=3200,
    warm_up=100,
)


def busy_programmer(most_guests=90, most_tickets=25):
    """States: guests, whether the system is up, what the programmer does, tickets in her line."""

    def next_work(up, tickets):
        if not up:
            return "restart", tickets
        return ("change", tickets - 1) if tickets else ("", 0)

    def moves(state):
        guests, up, work, tickets = state
        if guests < most_guests:
            yield 0.4, (guests + 1, up, work, tickets)
        if guests and up:
            yield 1.0, (guests - 1, up, work, tickets)
        if not work:
            yield 0.15, (guests, up, "change", 0)
        elif tickets < most_tickets:
            yield 0.15, (guests, up, work, tickets + 1)
        if up:
            yield 0.05, (guests, False, work or "restart", tickets)
        if work:
            up = up or work == "restart"
            yield 0.5, (guests, up, *next_work(up, tickets))

    return Markov([(0, True, "", 0)], moves)


VALUES = {
    "brk_T": ALWAYS.number("customers.guest.time_in_system"),
    "brk_pdown": ALWAYS.number("actors.clerk.down"),
    "brk_active_T": WORKING.number("customers.guest.time_in_system"),
}

GAVER = "Gaver (1962); Avi-Itzhak & Naor (1963)"
CHAIN = "Markov chain, solved"

EXACT = {
    "brk_general_wait": Exact(
        "E[Wq], fails at any time",
        f"{GAVER}, and the decomposition of Fuhrmann & Cooper (1985)",
        wait_with_failures_at_any_time,
        GENERAL.number("services.serve.queue_wait"),
    ),
    "brk_general_completion": Exact(
        "E[begin to end of service]", GAVER, lambda: ANY_TIME[0], GENERAL.number("services.serve.duration")
    ),
    "brk_general_down": Exact(
        "P(down)", "renewal theory", lambda: 2 / (8 + 2), GENERAL.number("actors.clerk.down"), probability=True
    ),
    "brk_work_wait": Exact(
        "E[Wq], fails only at work",
        GAVER,
        lambda: wait_for(0.35, AT_WORK),
        GENERAL_WORKING.number("services.serve.queue_wait"),
    ),
    "brk_work_completion": Exact(
        "E[begin to end of service]", GAVER, lambda: AT_WORK[0], GENERAL_WORKING.number("services.serve.duration")
    ),
    "brk_work_held": Exact(
        "E[time a begun customer stands still]",
        GAVER,
        lambda: AT_WORK[0] - 1,
        GENERAL_WORKING.number("customers.guest.held"),
    ),
    "brk_restart_completion": Exact(
        "E[begin to end of service] = (e^(λd) − 1)(1/λ + E[R])",
        "Gaver (1962), preemptive repeat identical",
        lambda: (math.exp(0.5) - 1) * (2 + 0.5),
        RESTARTED.number("services.serve.duration"),
    ),
    "brk_restart_wait": Exact(
        "E[Wq]",
        "Pollaczek–Khintchine of the tries until one succeeds",
        lambda: wait_for(0.3, restarted()),
        RESTARTED.number("services.serve.queue_wait"),
    ),
    "brk_one_T": Exact(
        "E[T], c = 3, one repairman",
        f"{CHAIN}; Neuts & Lucantoni (1979) Mgmt Sci 25:849-861",
        lambda: one_by_one().mean(lambda state: state[0]) / 0.8,
        ONE_BY_ONE.number("customers.guest.time_in_system"),
    ),
    "brk_one_down": Exact(
        "share of servers down",
        "machine repair, Palm (1947)",
        lambda: one_by_one().mean(lambda state: 1 - state[1] / 3),
        ONE_BY_ONE.number("actors.agent.down"),
        probability=True,
    ),
    "brk_one_line": Exact(
        "E[requests in line], put-back ones too",
        CHAIN,
        lambda: one_by_one().mean(lambda state: max(0, state[0] - state[1])),
        ONE_BY_ONE.number("actors.agent.queue_length.mean"),
    ),
    "brk_one_repairman": Exact(
        "P(repairman works)",
        CHAIN,
        lambda: one_by_one().mean(lambda state: state[1] < 3),
        ONE_BY_ONE.number("actors.repairman.working"),
        probability=True,
    ),
    "brk_worn_T": Exact(
        "E[T], c = 2, worn by work",
        CHAIN,
        lambda: worn_by_work().mean(lambda state: state[0]) / 0.9,
        WORN_BY_WORK.number("customers.guest.time_in_system"),
    ),
    "brk_worn_down": Exact(
        "share of servers down",
        CHAIN,
        lambda: worn_by_work().mean(lambda state: 1 - state[1] / 2),
        WORN_BY_WORK.number("actors.agent.down"),
        probability=True,
    ),
    "brk_two_web": Exact(
        "P(web down), first come first mended",
        CHAIN,
        share_down("web"),
        ONE_AFTER_THE_OTHER.number("actors.web.down"),
        probability=True,
    ),
    "brk_two_mail": Exact(
        "P(mail down), first come first mended",
        CHAIN,
        share_down("mail"),
        ONE_AFTER_THE_OTHER.number("actors.mail.down"),
        probability=True,
    ),
    "brk_first_web": Exact(
        "P(web down), mended first", "renewal theory", lambda: 4 / 14, WEB_FIRST.number("actors.web.down")
    ),
    "brk_first_mail": Exact(
        "P(mail down), interrupted by the web",
        CHAIN,
        share_down("mail", web_first=True),
        WEB_FIRST.number("actors.mail.down"),
        probability=True,
    ),
    "brk_programmer_T": Exact(
        "E[T] of guests",
        CHAIN,
        lambda: busy_programmer().mean(lambda state: state[0]) / 0.4,
        BUSY_PROGRAMMER.number("customers.guest.time_in_system"),
    ),
    "brk_programmer_down": Exact(
        "P(system down)",
        CHAIN,
        lambda: busy_programmer().mean(lambda state: not state[1]),
        BUSY_PROGRAMMER.number("actors.booking system.down"),
        probability=True,
    ),
    "brk_programmer_tickets": Exact(
        "E[Wq] of her other work",
        CHAIN,
        lambda: busy_programmer().mean(lambda state: state[3]) / 0.15,
        BUSY_PROGRAMMER.number("customers.colleague.queueing"),
    ),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


@pytest.mark.parametrize(("name", "exact"), exact_cases(EXACT))
def test_agrees_with_what_is_computed_here(name, exact):
    check_exact(name, exact)


def test_the_cut_of_the_line_is_never_met():
    assert one_by_one().mean(lambda state: state[0] > 100) < 1e-9
    assert busy_programmer().mean(lambda state: state[0] > 85 or state[3] > 23) < 1e-6
