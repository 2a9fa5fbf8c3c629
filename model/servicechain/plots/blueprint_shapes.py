"""The lines and heads of a blueprint's arrows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from matplotlib.path import Path

from servicechain.plots.layout import Point, Rect

CORNER = 7.0


def head_of(route: list[Point], thick: float) -> list[Point]:
    """Give the corners of an arrow's head: its tip at the end of the route, then the two others."""
    (x0, y0), (x1, y1) = route[-2:]
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    long, half = 9.0 + 0.8 * thick, 4.0 + 0.8 * thick
    base = (x1 - long * ux, y1 - long * uy)
    return [(x1, y1), (base[0] - half * uy, base[1] + half * ux), (base[0] + half * uy, base[1] - half * ux)]


def rounded(points: list[Point]) -> Path:
    """Make a path through points whose corners are round."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        vertices += [_towards(corner, before, reach), corner, _towards(corner, after, reach)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _towards(start: Point, goal: Point, length: float) -> Point:
    share = length / (math.dist(start, goal) or 1.0)
    return start[0] + share * (goal[0] - start[0]), start[1] + share * (goal[1] - start[1])


def end_in(head: list[Point], kind: str, thick: float) -> Point:
    """Tell where in its head a line ends: at the base or, in an open head, as near the tip as it is thick."""
    tip, one, other = head
    base = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    share = min(thick / math.dist(one, other), 1.0) if kind == "tell" else 1.0
    return tip[0] + share * (base[0] - tip[0]), tip[1] + share * (base[1] - tip[1])


def without_label(route: list[Point], label: Rect) -> Iterator[list[Point]]:
    """Cut out of a route what lies under its label; there it runs straight up or down."""
    x = (label.left + label.right) / 2
    for at, ((x0, y0), (x1, y1)) in enumerate(pairwise(route)):
        inside = min(y0, y1) <= label.top and label.bottom <= max(y0, y1)
        if x0 == x1 and abs(x0 - x) < 0.01 and inside:
            first, second = (label.top, label.bottom) if y1 > y0 else (label.bottom, label.top)
            yield [*route[: at + 1], (x0, first)]
            yield [(x0, second), *route[at + 1 :]]
            return
    yield route
