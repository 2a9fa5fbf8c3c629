"""Customer classes: who comes, how often, how patient, with which tolerance, and their journey."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from servicechain import patterns
from servicechain.arrivals import Arrivals, parse_arrivals
from servicechain.base import Duration, Part, Priority, Time, check_counts, wrong
from servicechain.populations import CLOSED, Closed
from servicechain.steps import Steps

ARRIVALS: Final[dict[str, Any]] = {"anyOf": [*patterns.ARRIVALS["anyOf"], CLOSED]}
"""What arrivals look like, for the JSON Schema."""

ArrivalsField = Annotated[
    Arrivals,
    BeforeValidator(parse_arrivals),
    PlainSerializer(lambda value: value.written()),
    WithJsonSchema(ARRIVALS),
]


class Tolerance(Part):
    """The zone of tolerance of a class's wait (Zeithaml, Berry & Parasuraman 1993, doi 10.1177/0092070393211001).

    Attributes
    ----------
    desired : Quantity
        The wait up to which a customer is delighted.
    adequate : Quantity
        The longest wait that is just acceptable.
    """

    desired: Time
    adequate: Time


class PatienceCovers(StrEnum):
    """What patience is lost by: standing in line only, or all waiting, also for a server that is held."""

    QUEUEING = "queueing"
    WAIT = "wait"


class CustomerClass(Part):
    """One kind of customer.

    Attributes
    ----------
    arrivals : Poisson, Every, At, AtFile, Profile or Closed
    journey : tuple of steps
    batch : Distribution or None
        How many come at once; None: one.
    priority : int or None
        Of the journey's own requests.
    patience : Distribution or None
        How long a request of the journey may stand in line before the customer leaves; None: for ever.
    patience_covers : PatienceCovers
        ``queueing``: who has begun stays; ``wait``: who is held leaves too.
    tolerance : Tolerance or None
    """

    arrivals: ArrivalsField
    batch: Duration | None = None
    priority: Priority | None = None
    patience: Duration | None = None
    patience_covers: PatienceCovers = PatienceCovers.QUEUEING
    tolerance: Tolerance | None = None
    journey: Steps

    @model_validator(mode="after")
    def _whole_batches(self) -> CustomerClass:
        if self.batch is not None:
            check_counts(self.batch, "batch")
            if isinstance(self.arrivals, Closed):
                message = "members of a closed population come one by one; leave 'batch' out, or use other arrivals"
                raise wrong(message, "batch")
        return self
