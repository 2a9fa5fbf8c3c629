"""Layers of a picture and who stands where in them, so that few arrows cross.

Layer 2r is the row r of boxes, layer 2r + 1 the channel under it, where labels stand. An arrow between rows
passes all layers between; an arrow within a row goes down into the channel, turns, and comes back. The order
within a layer follows the mean place of the neighbours above, then below, and so on (the barycentre method of
Sugiyama, Tagawa & Toda 1981, doi 10.1109/TSMC.1981.4308636); the order with the fewest crossings is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SWEEPS = 16
# what an arrow takes of a row it passes
PASS = 14.0


@dataclass(frozen=True)
class Box:
    """A box to be placed; the picture may make it wider, never smaller."""

    name: str
    width: float
    height: float


@dataclass(frozen=True)
class Arrow:
    """An arrow to be led from box to box, the room its label needs, and how much it should be straight."""

    source: str
    target: str
    label_width: float
    label_height: float
    weight: float = 1.0


class Zone(NamedTuple):
    """Where lines bend: above the labels of a channel, below them, or where arrows within a row turn."""

    channel: int
    part: str


@dataclass(eq=False)
class Place:
    """What has a place in a layer: a box (only that has a name), a label, an arrow that passes; or a port.

    A port is where an arrow meets a box.
    """

    layer: int
    width: float
    height: float = 0.0
    name: str | None = None
    labelled: bool = False
    x: float = 0.0
    above: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)

    @property
    def left(self) -> float:
        """The left border."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The right border."""
        return self.x + self.width / 2


class Layers:
    """All layers, and the way of each arrow through them.

    Attributes
    ----------
    layers : list of list of Place
        From top to bottom, each from left to right.
    paths : list of list of Place
        Of each arrow: a port, the places it passes downwards, a port. For an arrow within a row: a port, its
        label, where it comes back, a port.
    upwards : list of bool
        Whether the arrow goes against its path.
    weights : list of float
        How much it matters that each arrow is straight.
    ports : dict from name to (upper, lower) ports
    owners : dict from the id of a port to its box
    """

    def __init__(self, rows: Sequence[Sequence[Box]], arrows: Sequence[Arrow]) -> None:
        self.layers: list[list[Place]] = [[] for _ in range(2 * len(rows))]
        self.boxes: dict[str, Place] = {}
        self.paths: list[list[Place]] = []
        self.upwards: list[bool] = []
        self.weights: list[float] = []
        self.ports: dict[str, tuple[list[Place], list[Place]]] = {}
        self.owners: dict[int, Place] = {}
        self._crowd = [0.0] * len(rows)
        for number, row in enumerate(rows):
            for box in row:
                place = self.boxes[box.name] = Place(2 * number, box.width, box.height, box.name)
                self.ports[box.name] = ([], [])
                self.layers[2 * number].append(place)
        for arrow in arrows:
            self._lead(arrow)

    def zone(self, one: Place, other: Place) -> Zone:
        """Tell where a line between two places of a path bends."""
        layer = min(one.layer, other.layer)
        if one.layer == other.layer:
            return Zone(layer // 2, "turn")
        return Zone(layer // 2, "lower" if layer % 2 else "upper")

    def order(self) -> None:
        """Order every layer."""
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(SWEEPS):
            if fewest == 0:
                break
            if sweep % 2 == 0:
                for upper, lower in zip(self.layers, self.layers[1:], strict=False):
                    _sort(lower, upper, lambda place: place.above)
            else:
                for lower, upper in zip(self.layers[::-1], self.layers[-2::-1], strict=False):
                    _sort(upper, lower, lambda place: place.below)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def order_ports(self) -> None:
        """Order the ports on each side of a box as what they lead to is ordered."""
        where = {id(place): number for layer in self.layers for number, place in enumerate(layer)}
        for upper, lower in self.ports.values():
            upper.sort(key=lambda port: where[id(port.above[0])])
            lower.sort(key=lambda port: where[id(port.below[0])])

    def _lead(self, arrow: Arrow) -> None:
        source, target = self.boxes[arrow.source], self.boxes[arrow.target]
        upwards = source.layer > target.layer
        upper, lower = (target, source) if upwards else (source, target)
        within = upper.layer == lower.layer
        first, last = self._port(upper, 1), self._port(lower, 1 if within else 0)
        if within:
            self._crowd[upper.layer // 2] += arrow.label_width
            stops = [self._stop(upper.layer + 1, arrow), self._stop(upper.layer + 1)]
            for end, port, stop in ((upper, first, stops[0]), (lower, last, stops[1])):
                _link(end, stop)
                _link(port, stop, both=False)
        else:
            # the label stands where there is most room, if equal near the one who is asked
            channels = range(upper.layer // 2, lower.layer // 2)
            nearest = channels if upwards else channels[::-1]
            home = min(nearest, key=lambda channel: self._crowd[channel])
            self._crowd[home] += arrow.label_width
            stops = [
                self._stop(layer, arrow if layer == 2 * home + 1 else None)
                for layer in range(upper.layer + 1, lower.layer)
            ]
            for one, other in zip([upper, *stops], [*stops, lower], strict=True):
                _link(one, other)
            _link(first, stops[0], both=False)
            last.above.append(stops[-1])
        self.paths.append([first, *stops, last])
        self.upwards.append(upwards)
        self.weights.append(arrow.weight)

    def _port(self, box: Place, side: int) -> Place:
        port = Place(box.layer, 0.0)
        self.ports[str(box.name)][side].append(port)
        self.owners[id(port)] = box
        return port

    def _stop(self, layer: int, arrow: Arrow | None = None) -> Place:
        width, height = (PASS, 0.0) if arrow is None else (arrow.label_width, arrow.label_height)
        stop = Place(layer, max(width, PASS), height, labelled=arrow is not None)
        self.layers[layer].append(stop)
        return stop

    def _crossings(self) -> int:
        return sum(_crossings(*pair) for pair in zip(self.layers, self.layers[1:], strict=False))


def _link(upper: Place, lower: Place, both: bool = True) -> None:
    upper.below.append(lower)
    if both:
        lower.above.append(upper)


def _sort(layer: list[Place], fixed: list[Place], neighbours: Callable[[Place], list[Place]]) -> None:
    """Order a layer by the mean place of each one's neighbours; who has none stays where it was."""
    where = {id(place): (number + 0.5) / len(fixed) for number, place in enumerate(fixed)}
    wanted: dict[int, float] = {}
    for number, place in enumerate(layer):
        near = [where[id(other)] for other in neighbours(place)]
        wanted[id(place)] = sum(near) / len(near) if near else (number + 0.5) / len(layer)
    layer.sort(key=lambda place: wanted[id(place)])


def _crossings(upper: list[Place], lower: list[Place]) -> int:
    where = {id(place): number for number, place in enumerate(lower)}
    seen: list[int] = []
    count = 0
    for place in upper:
        ends = sorted(where[id(other)] for other in place.below)
        count += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return count
