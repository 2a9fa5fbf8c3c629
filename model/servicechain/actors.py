"""Actors: teams of interchangeable people, systems and outside suppliers."""

from __future__ import annotations

import math
from datetime import datetime
from enum import StrEnum

from pydantic import StrictBool, model_validator

from servicechain.base import Part, Servers, Speed, Wage, wrong
from servicechain.calendars import Calendar
from servicechain.errors import Mistake
from servicechain.failures import Failures, Stops
from servicechain.shifts import Shift
from servicechain.units import TimeUnit


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


class ShiftEnd(StrEnum):
    """What those do who are busy when staff falls: finish in overtime, or put back what they began last."""

    FINISH = "finish"
    STOP = "stop"


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
    preempt : bool
        Whether a request with a lower priority number interrupts work on one with a higher number.
    shifts : tuple of Shift, or None
        Staff by the clock, in place of `staff` or `capacity`.
    at_shift_end : ShiftEnd
        ``finish``: whoever is busy finishes, in overtime; ``stop``: what began last is put back in line.
    failures : Failures or None
        How often it breaks down.
    """

    lane: Lane
    staff: Servers | None = None
    capacity: Servers | None = None
    wage: Wage | None = None
    speed: Speed | None = None
    preempt: StrictBool = False
    shifts: tuple[Shift, ...] | None = None
    at_shift_end: ShiftEnd = ShiftEnd.FINISH
    failures: Failures | None = None

    @model_validator(mode="after")
    def _counted_in_its_word(self) -> Actor:
        word, other = ("staff", "capacity") if self.lane.counts_people else ("capacity", "staff")
        if getattr(self, other) is not None:
            counts = "people are counted as 'staff'" if word == "staff" else "slots are counted as 'capacity'"
            raise wrong(f"the lane is {self.lane}, and there {counts}; write {word}", other)
        if self.shifts is not None and getattr(self, word) is not None:
            raise wrong(f"'shifts' say how many are on duty, and when; leave '{word}' out", word)
        if self.shifts is None and getattr(self, word) is None and self.lane is not Lane.SUPPLIER:
            example = f"say how many, e.g. {word}: 2, or by the clock, with 'shifts'"
            raise Mistake(f"a {self.lane} actor lacks '{word}'; {example}")
        return self

    @model_validator(mode="after")
    def _shifts_and_failures(self) -> Actor:
        if self.shifts == ():
            raise wrong("'shifts' is empty, so nobody would ever be on duty; add a shift", "shifts")
        if self.shifts is None and "at_shift_end" in self.model_fields_set:
            message = "'at_shift_end' belongs to 'shifts', and there are none; leave it out, or write shifts"
            raise wrong(message, "at_shift_end")
        if self.failures is not None and self.failures.stops is Stops.ONE:
            if self.shifts is not None:
                message = "servers that fail one by one have numbers, and those of a shift have none"
                raise wrong(f"{message}; write 'stops: all', or a number instead of 'shifts'", "failures", "stops")
            if math.isinf(self.servers):
                message = (
                    f"servers that fail one by one must be counted; write '{self.servers_key}: 3', or 'stops: all'"
                )
                raise wrong(message, "failures", "stops")
        return self

    def calendar(self, starts: datetime | None, unit: TimeUnit) -> Calendar | None:
        """Give the staff by the clock; None without shifts.

        Parameters
        ----------
        starts : datetime or None
            The clock's zero; a Monday at 00:00 if None.
        unit : TimeUnit
            Of the times it will be asked for.
        """
        return None if self.shifts is None else Calendar.of(self.shifts, starts, unit)

    @property
    def servers(self) -> float:
        """How many can work at once; ``math.inf`` if unlimited, the most there ever are with shifts."""
        if self.shifts is not None:
            return float(Calendar.of(self.shifts, None, TimeUnit.SECONDS).peak)
        given = self.staff if self.lane.counts_people else self.capacity
        return math.inf if given in (None, "unlimited") else float(given)

    @property
    def servers_key(self) -> str:
        """The word of the chain file that counts this actor's servers."""
        if self.shifts is not None:
            return "shifts"
        return "staff" if self.lane.counts_people else "capacity"
