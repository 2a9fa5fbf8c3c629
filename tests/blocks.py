"""Small hand-made blocks of records, and the chain they belong to."""

import math

import numpy as np

from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
from servicechain.records import ACTOR_TIME, CUSTOMER, REQUEST, CustomerOutcome, RequestOutcome
from servicechain.units import TimeUnit

FACTS = ChainFacts(
    "Front desk",
    TimeUnit.MINUTES,
    (ClassFacts("guest", (3.0, 10.0)), ClassFacts("caller")),
    (ServiceFacts("check in", 5.0), ServiceFacts("find, the booking")),
    (
        ActorFacts("receptionist", "contact", 18.0),
        ActorFacts("booking system", "system"),
        ActorFacts("cloud", "supplier", 2.0, unlimited=True),
    ),
)


def customers(*rows):
    """One block; each row is a dictionary of what differs from a customer who came at 0 and left at once."""
    return made(CUSTOMER, rows, {"outcome": CustomerOutcome.FINISHED, "begun": True})


def requests(*rows):
    """One block; each row is a dictionary of what differs from a request asked at 0 that has not begun."""
    never = {"begun": math.nan, "answered": math.nan, "ended": math.nan}
    return made(REQUEST, rows, {**never, "outcome": RequestOutcome.WAITING, "counted": True})


def actor_times(*rows):
    """One element per actor."""
    return made(ACTOR_TIME, rows, {})


def made(dtype, rows, usual):
    block = np.zeros(len(rows), dtype)
    for place, row in enumerate(rows):
        for name, value in {**usual, **row}.items():
            block[name][place] = value
    return block


IDLE = actor_times(*({"on_duty": 1.0, "idle": 1.0} for _ in FACTS.actors))
