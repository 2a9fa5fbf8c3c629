"""What the language has no word for, as steps in Python: balking, calling again, the last first, servers shared.

Each function below is the rule of the model, and no more; the lines, the servers and the times are the chain's.
What a rule must remember of others (how many are there, who has begun) is forgotten when time begins anew.

A rate that depends on how many are there is drawn by thinning: exponential work ends at its largest rate, and an
end counts with the probability that the rate of this moment has in it (Lewis & Shedler 1979,
doi 10.1002/nav.3800260304); else the work goes on. That is exact because such work has no memory.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from servicechain.steps import ask, custom, pause, together, work
from theory.agreement import Measure, Measured, Model, cases, check_reference

pytestmark = pytest.mark.theory


class Remembered:
    """How many are there and who has begun, in this replication."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.now = self.attained = 0.0
        self.here = 0
        self.begun = set()

    def look(self, context):
        """Give the number there; time that runs backwards is another replication."""
        if context.now < self.now:
            self.clear()
        self.attained += (context.now - self.now) / max(1, self.here)
        self.now = context.now
        return self.here

    def enter(self, context):
        self.look(context)
        self.here += 1

    def leave(self, context):
        self.look(context)
        self.here -= 1

    def note_begin(self, context):
        """Note that this customer is served; a step of the server."""
        self.look(context)
        self.begun.add(context.number)
        yield from ()

    def has_begun(self, context):
        self.look(context)
        return context.number in self.begun


def balking(remembered, servers, joins, stay):
    """Who finds no server free stays with probability `joins` to the number in line, themselves included."""

    def come(context):
        here = remembered.look(context)
        if here < servers or context.random() < joins ** (here - servers + 1):
            remembered.enter(context)
            yield stay
            remembered.leave(context)

    return come


def callers(name, rate, agents, python, **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{agent: {{lane: contact, staff: {agents}}}}}
        services: {{answer: {{by: agent, steps: [{{custom: note_begin}}, {{work: exponential(mean=1)}}]}}}}
        customers: {{caller: {{arrivals: poisson(rate={rate}/min), journey: [{{custom: come, requests: [answer]}}]}}}}
        """,
        python=python,
        **settings,
    )


TOLD = Remembered()
ANNOUNCED = callers(
    "M/M/5, told the wait, stays or goes",
    6,
    5,
    {"come": balking(TOLD, 5, 5 / 5.5, ask("answer")), "note_begin": TOLD.note_begin},
    customers=1500,
    warm_up=30,
)


def patience(remembered, mean):
    """Patience that ends when an agent begins: from then on, stay to the end."""
    patient, for_ever = pause(f"exponential(mean={mean})"), pause(1e6)

    def wait(context):
        yield patient
        if remembered.has_begun(context):
            yield for_ever

    return custom(wait)


SEEN = Remembered()
BALKING = callers(
    "M/M/4+M, sees the line, stays or goes",
    6,
    4,
    {
        "come": balking(SEEN, 4, 0.75, together([ask("answer")], [patience(SEEN, 1 / 0.3)], need="any")),
        "note_begin": SEEN.note_begin,
    },
    customers=1300,
    warm_up=30,
)

DIALLED = Remembered()
DIAL = together([ask("answer")], [pause(0)], need="any")
WAIT_TO_DIAL = pause("exponential(mean=5)")


def redial(context):
    """Try, and hang up at once if the line is busy; then try again, until somebody answers."""
    while True:
        yield DIAL
        if DIALLED.has_begun(context):
            return
        yield WAIT_TO_DIAL


REDIALLING = callers(
    "M/M/1, busy callers call again",
    0.6,
    1,
    {"come": redial, "note_begin": DIALLED.note_begin},
    customers=1300,
    warm_up=300,
    slow=True,
)


def last_first(context):
    """Go before everybody who came before."""
    yield ask("serve", priority=10**9 - context.number)


LAST_FIRST = Model(
    "M/M/1, the last comes first",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
    customers: {guest: {arrivals: poisson(rate=0.8/min), journey: [{custom: come, requests: [serve]}]}}
    """,
    python={"come": last_first},
    customers=8_000,
    warm_up=300,
    slow=True,
)

CHATS = Remembered()
TYPE = work("exponential(mean=1)")


def chat(context):
    """Several chats at once slow each other down."""
    CHATS.enter(context)
    while True:
        yield TYPE
        if context.random() < 1 / (1 + 0.25 * (CHATS.look(context) - 1)):
            break
    CHATS.leave(context)


CHATTING = Model(
    "one agent, three chats at once",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 3}}
    services: {chat: {by: agent, steps: [{custom: chat}]}}
    customers: {caller: {arrivals: poisson(rate=1/min), journey: [{ask: chat}]}}
    """,
    python={"chat": chat},
    customers=4500,
    warm_up=30,
    slow=True,
)

SHARED = Remembered()


def share(mean):
    alone = work(f"exponential(mean={mean})")

    def run(context):
        """Work that has no memory, at the speed that one of so many gets."""
        SHARED.enter(context)
        while True:
            yield alone
            if context.random() < 1 / SHARED.look(context):
                break
        SHARED.leave(context)

    return run


def share_two(context):
    """Exactly two minutes of work: look again whenever it could be done at the earliest, up to a ten-thousandth."""
    SHARED.enter(context)
    goal = SHARED.attained + 2
    while goal - SHARED.attained > 1e-4:
        yield work(goal - SHARED.attained)
        SHARED.look(context)
    SHARED.leave(context)


def processor(name, services, arrivals, **settings):
    """Everybody is served at once, by a processor that divides itself."""
    described = "".join(f"      {one}: {{by: processor, steps: {steps}}}\n" for one, steps in services.items())
    come = "".join(
        f"      {one}: {{arrivals: poisson(rate={rate}/min), journey: [{{ask: {one}}}]}}\n"
        for one, rate in arrivals.items()
    )
    return Model(
        name,
        f"""
    unit: minutes
    actors: {{processor: {{lane: system, capacity: unlimited}}}}
    services:
{described}
    customers:
{come}
    """,
        **settings,
    )


# a fifth of all jobs is long: mean 1, squared coefficient of variation 4
LONG, SHORT = 1 + math.sqrt(6), 1 - math.sqrt(6) / 4
SHARING = processor(
    "M/H2/1, processor sharing",
    {"job": "[{choose: [{weight: 1, steps: [{custom: long}]}, {weight: 4, steps: [{custom: short}]}]}]"},
    {"job": 0.75},
    python={"long": share(LONG), "short": share(SHORT)},
    customers=5000,
    warm_up=100,
    slow=True,
)
# mean work 1 again: four of five exponential with mean 0.75, one of five exactly 2
SHARING_TWO = processor(
    "M/G/1, processor sharing, some jobs of two",
    {"job": "[{custom: job}]", "two": "[{custom: two}]"},
    {"job": 0.6, "two": 0.15},
    python={"job": share(0.75), "two": share_two},
    customers=2200,
    warm_up=100,
    slow=True,
)


def balked(run):
    """Who asked nothing."""
    return ~run.customers["number"].isin(run.all_requests["number"])


def withdrew(run):
    """Who asked, and got no answer."""
    requests = run.all_requests
    return run.customers["number"].isin(requests["number"][requests["begun"].isna()])


def redials(run):
    tries = np.bincount(run.all_requests["number"], minlength=len(run.all_customers))
    return tries[run.customers["number"]] - 1


def in_orbit(run):
    """Mean number of those who wait to call again, from the warm-up to the last arrival."""
    arrived, left = run.all_customers["arrived"], run.all_customers["left"]
    end = arrived.max()
    return (left.clip(run.warm_up, end) - arrived.clip(run.warm_up, end)).sum() / (end - run.warm_up)


def squared_waits():
    """Mean squared wait, with what the same beginnings would have been first come first served as control variate.

    Few long waits make up most of the mean. First come first served it is exactly 40, and how far a replication is
    away from that tells most of its luck (Lavenberg & Welch 1981, doi 10.1287/mnsc.27.3.322).
    """
    last_first, in_order = [], []
    for run in LAST_FIRST.runs:
        asked, begun = run.requests["asked"].to_numpy(), run.requests["begun"].to_numpy()
        last_first.append(np.mean((begun - asked) ** 2))
        in_order.append(np.mean((np.sort(begun) - np.sort(asked)) ** 2))
    slope, _ = np.polyfit(in_order, last_first, 1)
    values = np.array(last_first) - slope * (np.array(in_order) - 40)
    return Measured(values.mean(), values.std(ddof=2) / np.sqrt(values.size), values.size)


VALUES = {
    "mm1_lifo_EW2": Measure(squared_waits, LAST_FIRST.name, slow=True),
    "announce_pbalk": ANNOUNCED.pooled(balked),
    "announce_ew": ANNOUNCED.number("services.answer.queue_wait"),
    "erla_balk_pbalk": BALKING.pooled(balked),
    "erla_balk_pab": BALKING.pooled(withdrew),
    "retrial_orbit": REDIALLING.mean(in_orbit),
    "retrial_wait": REDIALLING.number("customers.caller.time_in_system"),
    "retrial_attempts": REDIALLING.pooled(redials),
    "chat_wq": CHATTING.number("services.chat.queue_wait"),
    "chat_T": CHATTING.number("customers.caller.time_in_system"),
    "ps_T": SHARING.number("customers.job.time_in_system"),
    "ps_T_x2": SHARING_TWO.number("customers.two.time_in_system"),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
