"""Where boxes, arrows and labels of a layered picture go, so that none lies on another.

Boxes stand in rows; between two rows runs a channel, in which arrows bend and carry their labels. An arrow is
cut into pieces that lead from one layer to the next (a box row, the labels of a channel, a box row, …), as
Sugiyama, Tagawa & Toda do (1981, Methods for visual understanding of hierarchical system structures, doi
10.1109/TSMC.1981.4308636): what passes a row, and every label, has a place in it like a box. So nothing can
overlap by construction, and nothing has to be moved apart afterwards.

Lengths are points of a plain screen (1/100 inch), y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from servicechain.plots.layout_columns import Columns
from servicechain.plots.layout_layers import Arrow, Box, Layers, Place, Zone
from servicechain.plots.layout_tracks import NEAR, Net, assign_tracks, clashes

__all__ = ["Arrow", "Box", "Plan", "Rect", "plan"]

# free of bends: heads stand here
LEAD = 22.0
# between parallel lines, and between a label and a line
TRACK = 10.0
GAP = 9.0
# what a lane's line needs on either side
BORDER = 8.0
EMPTY = 14.0
EMPTY_ROW = 28.0

# how often lines that run along each other are parted, which may bring others together
ATTEMPTS = 6

Point = tuple[float, float]


@dataclass(frozen=True)
class Rect:
    """A place in the picture."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Plan:
    """Where everything goes.

    Attributes
    ----------
    boxes : dict from name to Rect
    routes : list of list of (x, y)
        The corners of each arrow's line, from the border of its source to that of its target.
    labels : list of Rect
        The place of each arrow's label; its line passes under the middle.
    rows : list of (top, bottom)
    borders : dict from row to y
        The line under a row, where one was asked for; only vertical lines cross it.
    width, height : float
    """

    boxes: dict[str, Rect]
    routes: list[list[Point]]
    labels: list[Rect]
    rows: list[tuple[float, float]]
    borders: dict[int, float]
    width: float
    height: float


def plan(rows: Sequence[Sequence[Box]], arrows: Sequence[Arrow], borders: AbstractSet[int] = frozenset()) -> Plan:
    """Place everything.

    Parameters
    ----------
    rows : sequence of sequences of Box
        From top to bottom; may be empty. The order within a row is changed so that few arrows cross.
    arrows : sequence of Arrow
    borders : set of int
        Rows under which a line across the picture is wanted.
    """
    layers = Layers(rows, arrows)
    layers.order()
    columns = Columns(layers)
    for _ in range(ATTEMPTS):
        width = columns.settle()
        nets = _nets(layers)
        tracks = {zone: assign_tracks(found) for zone, found in nets.items()}
        if not _part_clashes(layers, columns, nets, tracks):
            break
    levels = _levels(layers, rows, tracks, borders)
    bends = {
        (net.arrow, net.piece): levels.zones[zone] + TRACK * track
        for zone, found in nets.items()
        for net, track in zip(found, tracks[zone], strict=True)
    }
    boxes = {
        place.name: Rect(place.left, *_spread(levels.rows[layer // 2], place.right))
        for layer, row in enumerate(layers.layers)
        for place in row
        if place.name is not None
    }
    labels = [_label(path, levels) for path in layers.paths]
    routes = [_route(layers, number, levels, bends) for number in range(len(arrows))]
    return Plan(boxes, routes, labels, levels.rows, levels.borders, width, levels.height)


def _part_clashes(layers: Layers, columns: Columns, nets: dict[Zone, list[Net]], tracks: dict[Zone, list[int]]) -> bool:
    """Demand that lines which run along each other are parted; tell whether there are any."""
    found = [pair for zone in nets for pair in clashes(nets[zone], tracks[zone])]
    for upper, lower in found:
        goes = max(_ends(layers, upper), key=lambda place: place.layer)
        comes = min(_ends(layers, lower), key=lambda place: place.layer)
        from_left = upper.tops[0] < upper.bottoms[0]
        columns.part(*((goes, comes) if from_left else (comes, goes)), NEAR + 1)
    return bool(found)


def _ends(layers: Layers, net: Net) -> list[Place]:
    return layers.paths[net.arrow][net.piece : net.piece + 2]


def _spread(row: tuple[float, float], right: float) -> tuple[float, float, float]:
    return row[0], right, row[1]


def _nets(layers: Layers) -> dict[Zone, list[Net]]:
    """Collect the pieces that need a bend, by the zone they bend in."""
    nets: dict[Zone, list[Net]] = {}
    for number, path in enumerate(layers.paths):
        for piece, (one, other) in enumerate(pairwise(path)):
            zone = layers.zone(one, other)
            if zone.part == "turn":
                nets.setdefault(zone, []).append(Net(number, piece, (one.x, other.x), ()))
            elif one.x != other.x:
                upper, lower = sorted((one, other), key=lambda place: place.layer)
                nets.setdefault(zone, []).append(Net(number, piece, (upper.x,), (lower.x,)))
    return nets


@dataclass
class _Levels:
    """The y of everything: rows, label rows, first tracks of zones, borders."""

    rows: list[tuple[float, float]]
    labels: list[tuple[float, float]]
    zones: dict[Zone, float]
    borders: dict[int, float]
    height: float


def _levels(
    layers: Layers, rows: Sequence[Sequence[Box]], tracks: dict[Zone, list[int]], borders: AbstractSet[int]
) -> _Levels:
    levels = _Levels([], [], {}, {}, 0.0)
    y = 0.0

    def zone(channel: int, part: str) -> None:
        nonlocal y
        key = Zone(channel, part)
        levels.zones[key] = y
        y += TRACK * max(tracks.get(key, ()), default=0)

    for channel, row in enumerate(rows):
        height = max((box.height for box in row), default=EMPTY_ROW)
        levels.rows.append((y, y + height))
        y += height
        stops = layers.layers[2 * channel + 1]
        if not stops:
            levels.labels.append((y, y))
            y += EMPTY
        else:
            y += LEAD
            zone(channel, "upper")
            y += GAP
            labels = max(stop.height for stop in stops)
            levels.labels.append((y, y + labels))
            y += labels + GAP
            zone(channel, "turn")
            y += GAP
        if channel in borders:
            y += BORDER
            levels.borders[channel] = y
            y += BORDER
        if channel + 1 == len(rows):
            break
        if stops:
            zone(channel, "lower")
            y += LEAD
        else:
            y += EMPTY
    levels.height = y
    return levels


def _label(path: list[Place], levels: _Levels) -> Rect:
    stop = next(place for place in path if place.labelled)
    top, bottom = levels.labels[stop.layer // 2]
    middle = (top + bottom) / 2
    return Rect(stop.x - stop.width / 2, middle - stop.height / 2, stop.x + stop.width / 2, middle + stop.height / 2)


def _route(layers: Layers, number: int, levels: _Levels, bends: dict[tuple[int, int], float]) -> list[Point]:
    path = layers.paths[number]
    first, last = path[0], path[-1]
    points = [(first.x, levels.rows[first.layer // 2][1])]
    for piece, (one, other) in enumerate(pairwise(path)):
        if (number, piece) in bends:
            y = bends[number, piece]
            points += [(one.x, y), (other.x, y)]
    into_top = last.layer > first.layer
    points.append((last.x, levels.rows[last.layer // 2][0 if into_top else 1]))
    return points[::-1] if layers.upwards[number] else points
