"""Services: what an actor offers, as a named list of steps."""

from __future__ import annotations

from servicechain.base import Name, Part, Priority, Time
from servicechain.steps import Steps


class Service(Part):
    """What an actor does for whoever asks.

    Attributes
    ----------
    by : str
        The actor that offers it.
    steps : tuple of steps
    priority : int or None
        Place in the line of requests for it, lowest first, where neither the step nor the class says another.
    standard : Quantity or None
        A request should begin within this time.
    """

    by: Name
    steps: Steps
    priority: Priority | None = None
    standard: Time | None = None
