"""Actors: teams of interchangeable people, systems and outside suppliers."""

from __future__ import annotations

import math
from enum import StrEnum

from pydantic import model_validator

from servicechain.base import Part, Servers, Speed, Wage
from servicechain.errors import ChainError, Problem


class Lane(StrEnum):
    """Where an actor stands; between contact and backstage runs the line of visibility."""

    CONTACT = "contact"
    BACKSTAGE = "backstage"
    SYSTEM = "system"
    SUPPLIER = "supplier"

    @property
    def counts_people(self) -> bool:
        """Whether its servers are people (``staff``) rather than slots (``capacity``)."""
        return self in (Lane.CONTACT, Lane.BACKSTAGE)

    @property
    def in_front(self) -> bool:
        """Whether a customer who asked it is attended while it works."""
        return self in (Lane.CONTACT, Lane.SYSTEM)


class Actor(Part):
    """A team, a system or a supplier.

    Attributes
    ----------
    lane : Lane
    staff : int or "unlimited"
        People of a contact or backstage team.
    capacity : int or "unlimited"
        What a system or supplier does at once; a supplier's default is unlimited.
    wage : float
        Per server and hour on duty.
    speed : float
        Divides the actor's work times.
    """

    lane: Lane
    staff: Servers | None = None
    capacity: Servers | None = None
    wage: Wage | None = None
    speed: Speed | None = None

    @model_validator(mode="after")
    def _counted_in_its_word(self) -> Actor:
        right, wrong = ("staff", "capacity") if self.lane.counts_people else ("capacity", "staff")
        if getattr(self, wrong) is not None:
            counts = "people are counted as 'staff'" if right == "staff" else "slots are counted as 'capacity'"
            raise ChainError([Problem(f"the lane is {self.lane}, and there {counts}; write {right}", (wrong,))])
        if getattr(self, right) is None and self.lane is not Lane.SUPPLIER:
            raise ChainError([Problem(f"a {self.lane} actor lacks '{right}'; say how many, e.g. {right}: 2")])
        return self

    @property
    def servers(self) -> float:
        """How many can work at once; ``math.inf`` if unlimited."""
        given = self.staff if self.lane.counts_people else self.capacity
        return math.inf if given in (None, "unlimited") else float(given)

    @property
    def servers_key(self) -> str:
        """The word of the chain file that counts this actor's servers."""
        return "staff" if self.lane.counts_people else "capacity"
