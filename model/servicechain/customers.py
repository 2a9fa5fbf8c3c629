"""Customer classes: who comes, how often, how patient, with which tolerance, and their journey."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from servicechain import patterns
from servicechain.arrivals import Arrivals, parse_arrivals
from servicechain.base import Duration, Part, Priority, Time, check_counts
from servicechain.steps import Steps

ArrivalsField = Annotated[
    Arrivals,
    BeforeValidator(parse_arrivals),
    PlainSerializer(lambda value: value.written()),
    WithJsonSchema(patterns.ARRIVALS),
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


class CustomerClass(Part):
    """One kind of customer.

    Attributes
    ----------
    arrivals : Poisson, Every, At, AtFile or Profile
    journey : tuple of steps
    batch : Distribution or None
        How many come at once; None: one.
    priority : int or None
        Of the journey's own requests.
    patience : Distribution or None
        How long a request of the journey may stand in line before the customer leaves; None: for ever.
    tolerance : Tolerance or None
    """

    arrivals: ArrivalsField
    batch: Duration | None = None
    priority: Priority | None = None
    patience: Duration | None = None
    tolerance: Tolerance | None = None
    journey: Steps

    @model_validator(mode="after")
    def _whole_batches(self) -> CustomerClass:
        if self.batch is not None:
            check_counts(self.batch, "batch")
        return self
