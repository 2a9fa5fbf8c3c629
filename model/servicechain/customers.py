"""Customer classes: who comes, how often, how patient, with which tolerance, and their journey."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from servicechain.arrivals import Arrivals, parse_arrivals
from servicechain.base import Duration, Part, Priority, Time
from servicechain.errors import ChainError, Problem
from servicechain.steps import Steps

_ARRIVALS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": r"^\s*(poisson|every|at)\s*\(.*\)\s*$"},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["rates", "per", "each"],
            "properties": {
                "rates": {"type": "array", "minItems": 1, "items": {"type": "number", "minimum": 0}},
                "per": {"type": "string"},
                "each": {"type": ["number", "string"]},
                "repeat": {"type": "boolean"},
            },
        },
    ]
}

ArrivalsField = Annotated[
    Arrivals,
    BeforeValidator(parse_arrivals),
    PlainSerializer(lambda value: value.written()),
    WithJsonSchema(_ARRIVALS_SCHEMA),
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
        if self.batch is not None and not self.batch.is_whole:
            message = f"'batch' must be a whole number or a distribution over whole numbers, got {self.batch}"
            raise ChainError([Problem(f"{message}; write e.g. discrete(values=[1, 2], weights=[3, 1])", ("batch",))])
        return self
