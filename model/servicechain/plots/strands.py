"""Where the strands of the picture of the flow run: every way by which waiting came is one of them.

A strand begins at the customers, passes everybody by way of whom they were made to wait, and ends at who did it. Its
width is its time everywhere; so what stands at an actor, strand on strand, is all waiting that passes it. The trap
is crossing strands: they are stacked everywhere in the one order of the printed tree, the widest branches first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from servicechain.attribution import Part

STRANDS = 16
OTHERS = "all others"


@dataclass(frozen=True)
class Strand:
    """One way by which waiting came.

    Attributes
    ----------
    stops : tuple of str
        The customer class, then actors; the last of them made them wait.
    time : float
    """

    stops: tuple[str, ...]
    time: float

    @property
    def end(self) -> str:
        """Who made them wait."""
        return self.stops[-1]


@dataclass(frozen=True)
class Stop:
    """Who is passed at one depth, and where.

    Attributes
    ----------
    name : str
    depth : int
        0 for the customers.
    top : float
        Where its first strand runs, in units of time, downwards.
    strands : tuple of int
        Which pass or end here, from the top.
    """

    name: str
    depth: int
    top: float
    strands: tuple[int, ...]


def strands_of(customer_class: str, parts: Iterable[Part]) -> list[Strand]:
    """Make the strands of a class from the parts of its waiting by path, in the order of the tree.

    Whatever an actor did counts together; beyond 16 strands the narrowest become one.
    """
    times: dict[tuple[str, ...], float] = {}
    for part in parts:
        if part.time.mean > 0:
            stops = (customer_class, *part.key[0])
            times[stops] = times.get(stops, 0.0) + part.time.mean
    widest = sorted(times, key=lambda stops: -times[stops])
    if len(widest) > STRANDS:
        rest = math.fsum(times.pop(stops) for stops in widest[STRANDS - 1 :])
        times[customer_class, OTHERS] = rest
    branches: dict[tuple[str, ...], float] = {}
    for stops, time in times.items():
        for end in range(1, len(stops) + 1):
            branches[stops[:end]] = branches.get(stops[:end], 0.0) + time

    def place(stops: tuple[str, ...]) -> list[tuple[float, str]]:
        ways = [(-branches[stops[:end]], stops[end - 1]) for end in range(1, len(stops) + 1)]
        # what goes on runs above what ends, so that strands end at the lower edge of a stop
        return [*ways, (math.inf, "")]

    return [Strand(stops, times[stops]) for stops in sorted(times, key=place)]


def stops_of(strands: Sequence[Strand], gap: float) -> list[Stop]:
    """Place the stops: those of one depth below each other, with a gap between them.

    Parameters
    ----------
    strands : sequence of Strand
    gap : float
        In units of time.
    """
    found: list[Stop] = []
    for depth in range(max((len(strand.stops) for strand in strands), default=0)):
        here: dict[str, list[int]] = {}
        for number, strand in enumerate(strands):
            if len(strand.stops) > depth:
                here.setdefault(strand.stops[depth], []).append(number)
        top = 0.0
        for name, numbers in here.items():
            found.append(Stop(name, depth, top, tuple(numbers)))
            top += math.fsum(strands[number].time for number in numbers) + gap
    return found
