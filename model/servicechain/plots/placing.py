"""Names beside points, none upon another: where each finds room.

A name is tried right and left of its point, above and below it, then further and further away, with a line to its
point. The trap is to place names before one knows where the points will be on the paper: so the picture is laid out
first, and everything is measured in points (1/72 inch) from the lower left corner of the axes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from servicechain.plots.style import GREY, INK
from servicechain.plots.words import SMALL, fitted, width_of

WIDEST = 150.0
LINE = 1.3 * SMALL
_NEAR = 7.0
_STEPS = 14
_AROUND = 24


class Box(NamedTuple):
    """A rectangle on the paper, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Tell whether two have anything in common."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def within(self, other: Box) -> bool:
        """Tell whether it lies in another one."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.bottom <= self.bottom
            and self.top <= other.top
        )


class Named(NamedTuple):
    """A point with a name, in data coordinates; `far`: worth a line to a name further away."""

    x: float
    y: float
    text: str
    far: bool = True


def place_names(
    ax: Axes,
    names: Sequence[Named],
    points: Sequence[tuple[float, float]],
    whiskers: Sequence[tuple[float, float, float]] = (),
    line: Sequence[tuple[float, float]] = (),
) -> list[str]:
    """Write names beside their points, the most important ones first.

    Parameters
    ----------
    ax : Axes
        With its limits set and all drawn but the names.
    names : sequence of Named
        What to write, beside where.
    points : sequence of (x, y)
        Of all marks, with or without a name.
    whiskers : sequence of (x, low, high)
        Upright lines no name may cover.
    line : sequence of (x, y)
        Corners of a line that names keep off if they can.

    Returns
    -------
    list of str
        The names that found no room.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    paper = Box(0.0, 0.0, *_on_paper(ax, [(1.0, 1.0)], axes=True)[0])
    taken = [_around(each, 4.5) for each in _on_paper(ax, points)]
    for x, low, high in whiskers:
        (left, bottom), (_, top) = _on_paper(ax, [(x, low), (x, high)])
        taken.append(Box(left - 2.5, bottom - 1.0, left + 2.5, top + 1.0))
    kept_off = [_around(each, 1.5) for each in _along(_on_paper(ax, line))]
    homeless = []
    for name, point in zip(names, _on_paper(ax, [each[:2] for each in names]), strict=True):
        told = fitted(name.text, WIDEST, 3)
        lines = told.splitlines()
        size = max(map(width_of, lines), default=0.0) + 6.0, LINE * len(lines) + 1.0
        rooms = [
            (room, [room, *_leader(room, point)])
            for room in _rooms(point, size, _STEPS if name.far else 1)
            if room.within(paper)
        ]
        rooms = [each for each in rooms if not _meet(each[1], taken)]
        if not rooms:
            homeless.append(name.text)
            continue
        room, needed = next((each for each in rooms if not _meet([each[0]], kept_off)), rooms[0])
        taken += needed
        _write(ax, told, room, point)
    return homeless


def _meet(some: Sequence[Box], others: Sequence[Box]) -> bool:
    return any(one.meets(other) for one in some for other in others)


def _nearest_in(room: Box, point: tuple[float, float]) -> tuple[float, float]:
    return min(max(point[0], room.left), room.right), min(max(point[1], room.bottom), room.top)


def _is_beside(room: Box, point: tuple[float, float]) -> bool:
    near = _nearest_in(room, point)
    return math.hypot(near[0] - point[0], near[1] - point[1]) <= 2 * _NEAR


def _leader(room: Box, point: tuple[float, float]) -> list[Box]:
    """Give the ground a line from a name to its point takes, without the two ends; none if they touch."""
    if _is_beside(room, point):
        return []
    steps = _along([_nearest_in(room, point), point])
    return [_around(each, 0.8) for each in steps if math.hypot(each[0] - point[0], each[1] - point[1]) > _NEAR]


def _on_paper(ax: Axes, places: Sequence[tuple[float, float]], *, axes: bool = False) -> list[tuple[float, float]]:
    if not places:
        return []
    figure = ax.get_figure(root=True)
    assert figure is not None
    shown = (ax.transAxes if axes else ax.transData).transform(np.array(places, float))
    corner = ax.transAxes.transform((0.0, 0.0))
    return [(float(x), float(y)) for x, y in (shown - corner) * 72 / figure.dpi]


def _around(place: tuple[float, float], far: float) -> Box:
    x, y = place
    return Box(x - far, y - far, x + far, y + far)


def _along(corners: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    for (x, y), (to_x, to_y) in itertools.pairwise(corners):
        steps = max(1, int(math.hypot(to_x - x, to_y - y) / 4))
        for step in range(steps + 1):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps


def _rooms(point: tuple[float, float], size: tuple[float, float], steps: int) -> Iterator[Box]:
    """Give rooms of a size near a point, the nearest first."""
    wide, high = size
    for step in range(steps):
        far = _NEAR + 9.0 * step
        for turn in range(_AROUND):
            angle = math.pi / 4 + math.pi * turn / _AROUND * (2 if turn % 2 else -2)
            # the middle of the name, so far out that its nearest edge is `far` from the point
            x = point[0] + math.cos(angle) * (far + wide / 2)
            y = point[1] + math.sin(angle) * (far + high / 2)
            yield Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _write(ax: Axes, text: str, room: Box, point: tuple[float, float]) -> None:
    """Write a name into its room, and draw a line to its point if that is not beside it."""
    middle = (room.left + room.right) / 2, (room.bottom + room.top) / 2
    style: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    style |= {"annotation_clip": False, "in_layout": False}
    if not _is_beside(room, point):
        arrow = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0.0, "shrinkB": 4.0}
        ax.annotate("", point, _nearest_in(room, point), arrowprops=arrow, **style)
    ax.annotate(text, middle, middle, ha="center", va="center", fontsize=SMALL, color=INK, linespacing=1.1, **style)
