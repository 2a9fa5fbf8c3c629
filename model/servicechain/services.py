"""Services: what an actor offers, as a named list of steps."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from servicechain import patterns
from servicechain.base import Part, Priority, Time, check_name, wrong
from servicechain.errors import Mistake, shown
from servicechain.steps import Steps


def _actors(value: object) -> str | tuple[str, ...]:
    """Take the name of an actor, or several in order of preference."""
    if not isinstance(value, (list, tuple)):
        return check_name(value)
    if not value:
        raise Mistake("'by' names nobody; write the actor who offers it, or several in order of preference")
    names: list[str] = []
    for place, one in enumerate(value):
        try:
            name = check_name(one)
        except Mistake as mistake:
            raise wrong(str(mistake), place) from None
        if name in names:
            raise wrong(f"'by' names {shown(name)} twice; name each actor once, the preferred first", place)
        names.append(name)
    return tuple(names)


_SEVERAL = {"type": "array", "minItems": 1, "uniqueItems": True, "items": patterns.NAME}
Actors = Annotated[
    str | tuple[str, ...],
    BeforeValidator(_actors),
    WithJsonSchema({"anyOf": [patterns.NAME, _SEVERAL]}),
]


class Service(Part):
    """What an actor does for whoever asks.

    Attributes
    ----------
    by : str or tuple of str
        The actor that offers it; or several, in order of preference: the first who is free takes a request.
    steps : tuple of steps
    priority : int or None
        Place in the line of requests for it, lowest first, where neither the step nor the class says another.
    standard : Quantity or None
        A request should begin within this time.
    """

    by: Actors
    steps: Steps
    priority: Priority | None = None
    standard: Time | None = None

    @property
    def actors(self) -> tuple[str, ...]:
        """The names of all who offer it, in order of preference."""
        return (self.by,) if isinstance(self.by, str) else self.by
