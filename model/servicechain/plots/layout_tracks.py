"""On which level each line bends where many bend, so that few cross and none runs along another.

Lines come into a zone from above or below, run sideways on a track, and leave. Two lines that would cross
with the one above and not with the other above want an order; one that would run along another demands it.
The order is improved line by line, then each line takes the highest track it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# two lines nearer than this cannot be told apart
NEAR = 8.0
ALONG = 1000
PASSES = 8


@dataclass(frozen=True)
class Net:
    """One bend: the piece of an arrow that runs sideways, and where its ends come from.

    Attributes
    ----------
    arrow, piece : int
        Which piece of which arrow.
    tops, bottoms : tuple of float
        The x of the ends that lead upwards and downwards out of the zone.
    """

    arrow: int
    piece: int
    tops: tuple[float, ...]
    bottoms: tuple[float, ...]

    @property
    def left(self) -> float:
        """Where it begins."""
        return min((*self.tops, *self.bottoms))

    @property
    def right(self) -> float:
        """Where it ends."""
        return max((*self.tops, *self.bottoms))


def assign_tracks(nets: Sequence[Net]) -> list[int]:
    """Give every net its track, 0 the uppermost."""
    price = [[_price(upper, lower) for lower in nets] for upper in nets]
    order = sorted(range(len(nets)), key=lambda number: (nets[number].left, nets[number].right))
    for _ in range(PASSES):
        if not _improve(order, price):
            break
    tracks = [0] * len(nets)
    for position, number in enumerate(order):
        met = [tracks[other] for other in order[:position] if _meet(nets[number], nets[other])]
        tracks[number] = max(met, default=-1) + 1
    return tracks


def clashes(nets: Sequence[Net], tracks: Sequence[int]) -> list[tuple[Net, Net]]:
    """Find the pairs that run along each other: the upper goes down where the lower comes in."""
    return [
        (upper, lower)
        for upper, high in zip(nets, tracks, strict=True)
        for lower, low in zip(nets, tracks, strict=True)
        if high < low and any(abs(x - other) < NEAR for x in upper.bottoms for other in lower.tops)
    ]


def _meet(one: Net, other: Net) -> bool:
    return one.left < other.right + NEAR and other.left < one.right + NEAR


def _price(upper: Net, lower: Net) -> int:
    """Count what goes wrong between two nets when the one is above the other."""
    wrong = 0
    for x in upper.bottoms:
        wrong += lower.left < x < lower.right
        wrong += ALONG * any(abs(x - other) < NEAR for other in lower.tops)
    for x in lower.tops:
        wrong += upper.left < x < upper.right
    return wrong


def _improve(order: list[int], price: list[list[int]]) -> bool:
    """Move each net to where it costs least among the others; tell whether any moved."""
    moved = False
    for number in sorted(order):
        at = order.index(number)
        rest = order[:at] + order[at + 1 :]
        cost = sum(price[number][other] for other in rest)
        best, lowest = 0, cost
        costs = [cost]
        for position, other in enumerate(rest):
            cost += price[other][number] - price[number][other]
            costs.append(cost)
            if cost < lowest:
                best, lowest = position + 1, cost
        if lowest < costs[at]:
            order[:] = [*rest[:best], number, *rest[best:]]
            moved = True
    return moved
