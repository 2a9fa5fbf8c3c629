"""What the results must know of a chain and of a run: a few plain facts, never the chain itself.

So whatever runs a chain, wherever (another engine, another process), can be summed up and printed alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from servicechain.causes import Cause
from servicechain.units import TimeUnit


@dataclass(frozen=True)
class ClassFacts:
    """A customer class.

    Attributes
    ----------
    name : str
        Its name in the chain.
    tolerance : tuple of float, or None
        Desired and adequate wait, in the chain's unit.
    """

    name: str
    tolerance: tuple[float, float] | None = None


@dataclass(frozen=True)
class ServiceFacts:
    """A service.

    Attributes
    ----------
    name : str
        Its name in the chain.
    standard : float or None
        Within which time a request should begin, in the chain's unit.
    """

    name: str
    standard: float | None = None


@dataclass(frozen=True)
class ActorFacts:
    """An actor.

    Attributes
    ----------
    name : str
        Its name in the chain.
    lane : str
        ``contact``, ``backstage``, ``system`` or ``supplier``.
    wage : float
        Per server and hour on duty; 0 if it costs nothing.
    unlimited : bool
        Whether it takes whatever comes at once, so that "on duty" and "idle" mean nothing.
    """

    name: str
    lane: str = "contact"
    wage: float = 0.0
    unlimited: bool = False


@dataclass(frozen=True)
class ChainFacts:
    """A chain, as far as its results are concerned; every tuple in the order of the file.

    Attributes
    ----------
    name : str
        What the chain is called.
    unit : TimeUnit
        The unit of every time in records and results.
    classes, services, actors : tuple
        What the positions in records mean.
    causes : tuple
        What can make a customer wait: positions of actors, each with a `Cause`; empty without attribution.
    """

    name: str
    unit: TimeUnit
    classes: tuple[ClassFacts, ...]
    services: tuple[ServiceFacts, ...]
    actors: tuple[ActorFacts, ...]
    causes: tuple[tuple[int, Cause], ...] = ()
