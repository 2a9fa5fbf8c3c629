"""The frontier: plans than which none is both cheaper and better.

With several goals a plan is better if it is at least as good at all of them. The trap is a plan that is as good but
for the last digit of a mean: it would fill the frontier with plans that nobody can tell apart, so of plans of one cost
and one service only the first stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Plan = TypeVar("Plan", bound=Hashable)

ROUNDING = 1e-9
"""Numbers that differ by less than this part of them are taken for equal."""


def frontier(plans: Iterable[Plan], numbers: Callable[[Plan], Sequence[float]]) -> list[Plan]:
    """Give the plans that no other one beats, the cheapest first.

    Parameters
    ----------
    plans : iterable
        Each once; of those with the same numbers the first stays.
    numbers : callable
        The cost of a plan, then what is to be small as well; what is infinite or not defined is never good.

    Examples
    --------
    >>> points = {"a": (1, 9), "b": (2, 5), "c": (3, 6), "d": (4, 1)}
    >>> frontier(points, points.__getitem__)
    ['a', 'b', 'd']
    """
    known = [(plan, tuple(math.inf if math.isnan(n) else n for n in numbers(plan))) for plan in plans]
    order = sorted(range(len(known)), key=lambda place: (known[place][1], place))
    kept: list[int] = []
    for place in order:
        mine = known[place][1]
        if not any(_beats(known[other][1], mine) for other in kept):
            kept.append(place)
    return [known[place][0] for place in kept]


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    """Tell whether one is at least as good everywhere."""
    return all(mine <= theirs or _alike(mine, theirs) for mine, theirs in zip(one, other, strict=True))


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING * max(abs(one), abs(other)) if math.isfinite(one + other) else one == other


def thinned(plans: Sequence[Plan], keep: Plan | None, most: int) -> list[Plan]:
    """Leave at most so many plans of a frontier: the ends, the one to keep and its neighbours, others evenly between.

    >>> thinned([1, 2, 3, 4, 5, 6, 7, 8, 9], 2, 5)
    [1, 2, 3, 6, 9]
    """
    if len(plans) <= most:
        return list(plans)
    last = len(plans) - 1
    middle = plans.index(keep) if keep in plans else last // 2
    chosen = dict.fromkeys([middle, 0, last, max(middle - 1, 0), min(middle + 1, last)])
    while len(chosen) < most:
        # the one that is furthest from all that are chosen
        chosen[max(range(len(plans)), key=lambda place: (min(abs(place - other) for other in chosen), -place))] = None
    return [plans[place] for place in sorted([*chosen][:most])]
