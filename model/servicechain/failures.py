"""Failures: how often an actor, or each of its servers, breaks down, and what brings it back."""

from __future__ import annotations

from enum import StrEnum

from pydantic import model_validator

from servicechain.base import Duration, Name, Part
from servicechain.errors import Mistake


class Stops(StrEnum):
    """Whom one failure stops: the actor's servers all at once, or each by itself."""

    ALL = "all"
    ONE = "one"


class FailureClock(StrEnum):
    """Which time brings a failure nearer: all of it, or only that spent working."""

    ALWAYS = "always"
    WORKING = "working"


class After(StrEnum):
    """How a step goes on that a failure interrupted: where it stopped, or from its beginning."""

    RESUME = "resume"
    RESTART = "restart"


class Failures(Part):
    """Breakdowns of an actor.

    Attributes
    ----------
    every : Distribution
        Up-time, from the start or a repair to the next failure.
    repair : str or None
        The service, of another actor, that repairs it; or
    lasts : Distribution or None
        how long it is down, where nobody is needed.
    stops : Stops
        ``all`` servers at once, or each by itself (``one``).
    clock : FailureClock
        Up-time is counted ``always``, or only while ``working``.
    after : After
        Interrupted work goes on where it stopped (``resume``) or from its beginning (``restart``).
    """

    every: Duration
    repair: Name | None = None
    lasts: Duration | None = None
    stops: Stops = Stops.ALL
    clock: FailureClock = FailureClock.ALWAYS
    after: After = After.RESUME

    @model_validator(mode="after")
    def _one_way_back(self) -> Failures:
        if (self.repair is None) == (self.lasts is None):
            both = "both" if self.repair is not None else "neither"
            raise Mistake(f"failures need either 'repair' (a service) or 'lasts' (how long), got {both}")
        return self
