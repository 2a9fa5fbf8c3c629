"""Where things stand from left to right: in order, never too close, and so that lines are straight.

All places are found at once by a linear program: the lines run sideways as little as possible, with the order
in each layer and the gaps as constraints. As a sum of absolute differences is made small, most lines come out
exactly straight (so do Gansner, Koutsofios, North & Vo 1993, A technique for drawing directed graphs, doi
10.1109/32.221135). A box may grow a little where that spares a bend.
"""

from __future__ import annotations

from itertools import pairwise

from servicechain.plots.layout_layers import PASS, Layers, Place

# between two boxes; between a box or a label and a line; between two arrows on the side of a box
BOX_GAP = 34.0
LINE_GAP = 8.0
PORT = PASS + LINE_GAP
CORNER = 16.0
# how much a box may grow on either side
GROWTH = 60.0
# what a unit of length costs: sideways in a row that is passed, sideways at a box, between the legs of an
# arrow that turns, of a box beyond its need, from the middle of a box to its arrows, of the whole picture
PASSING, LEAVING, TURNING, GROWING, LEANING, WIDENING = 4.0, 2.0, 0.4, 0.3, 0.04, 0.3
# what it costs to let two lines run along each other
CLASHING = 20.0
# nearer than this is straight
STRAIGHT = 0.05

# factors of variables, by the variable's number
Sum = dict[int, float]


class Program:
    """A linear program, built line by line: make the cost least, all variables ≥ 0."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self._rows: list[Sum] = []
        self._least: list[float] = []

    def variable(self, cost: float = 0.0) -> int:
        """Add a variable and give its number."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def at_least(self, least: float, terms: Sum) -> None:
        """Demand that a sum is not below a number."""
        self._rows.append(terms)
        self._least.append(least)

    def near(self, one: int, other: int, cost: float) -> None:
        """Let a difference, whatever its sign, cost that much."""
        difference = self.variable(cost)
        self.at_least(0.0, {difference: 1.0, one: 1.0, other: -1.0})
        self.at_least(0.0, {difference: 1.0, one: -1.0, other: 1.0})

    def solve(self) -> list[float]:
        """Find the values of all variables.

        >>> program = Program()
        >>> x, y = program.variable(2.0), program.variable(1.0)
        >>> program.at_least(3.0, {x: 1.0, y: 1.0})
        >>> program.solve()
        [0.0, 3.0]
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        if not self._rows:
            return [0.0] * len(self.costs)
        places = [(row, column) for row, terms in enumerate(self._rows) for column in terms]
        factors = [-factor for terms in self._rows for factor in terms.values()]
        shape = (len(self._rows), len(self.costs))
        matrix = csr_array((factors, tuple(zip(*places, strict=True))), shape=shape)
        # the simplex method ends in a corner, and there lines are exactly straight
        found = linprog(self.costs, matrix, [-least for least in self._least], method="highs-ds")
        return [float(value) for value in found.x]


class Columns:
    """The linear program of all places: which variable is whose, and what is demanded of them.

    It gives every place and port of the layers its x, and every box its width.
    """

    def __init__(self, layers: Layers) -> None:
        layers.order_ports()
        self.layers = layers
        self.program = Program()
        self.places = [place for layer in layers.layers for place in layer]
        self.ports = [port for sides in layers.ports.values() for side in sides for port in side]
        self.x = {id(place): self.program.variable() for place in (*self.places, *self.ports)}
        self.more = {name: self.program.variable(GROWING) for name in layers.boxes}
        self.whole = self.program.variable(WIDENING)
        self._keep_ports()
        self.least = {name: box.width for name, box in layers.boxes.items()}
        self._keep_apart()
        self._prefer_straight()

    def settle(self) -> float:
        """Find all places, and tell the width of the picture."""
        values = self.program.solve()
        for place in (*self.places, *self.ports):
            place.x = values[self.x[id(place)]]
        for name, box in self.layers.boxes.items():
            box.width = self.least[name] + 2 * values[self.more[name]]
        _make_straight(self.layers)
        return values[self.whole]

    def part(self, left: Place, right: Place, distance: float) -> None:
        """Demand that two places of neighbouring layers are so far apart, unless that is too dear."""
        spared = self.program.variable(CLASHING)
        self.program.at_least(distance, {self.x[id(right)]: 1.0, self.x[id(left)]: -1.0, spared: 1.0})

    def _keep_apart(self) -> None:
        """Keep the order in each layer, the gaps, and the borders of the picture."""
        for more in self.more.values():
            self.program.at_least(-GROWTH, {more: -1.0})
        for place in self.places:
            x, growth = self.x[id(place)], self._growth(place)
            self.program.at_least(place.width / 2, {x: 1.0} | growth)
            self.program.at_least(place.width / 2, {self.whole: 1.0, x: -1.0} | growth)
        for layer in self.layers.layers:
            for one, other in pairwise(layer):
                terms = {self.x[id(other)]: 1.0, self.x[id(one)]: -1.0}
                self.program.at_least(_gap(one, other), terms | self._growth(one) | self._growth(other))

    def _keep_ports(self) -> None:
        """Keep the ports of a box in order, apart, and away from its corners."""
        for name, sides in self.layers.ports.items():
            box = self.layers.boxes[name]
            box.width = max(box.width, PORT * (max(map(len, sides)) - 1) + 2 * CORNER)
            middle, reach = self.x[id(box)], box.width / 2 - CORNER
            for side in sides:
                for one, other in pairwise(side):
                    self.program.at_least(PORT, {self.x[id(other)]: 1.0, self.x[id(one)]: -1.0})
                for port in side:
                    x = self.x[id(port)]
                    self.program.at_least(-reach, {x: 1.0, middle: -1.0, self.more[name]: 1.0})
                    self.program.at_least(-reach, {x: -1.0, middle: 1.0, self.more[name]: 1.0})
                    self.program.near(x, middle, LEANING)

    def _prefer_straight(self) -> None:
        """Let every way sideways cost."""
        for path, weight in zip(self.layers.paths, self.layers.weights, strict=True):
            for one, other in pairwise(path):
                cost = weight * _cost(self.layers, one, other)
                self.program.near(self.x[id(one)], self.x[id(other)], cost)

    def _growth(self, place: Place) -> Sum:
        return {} if place.name is None else {self.more[place.name]: -1.0}


def _gap(one: Place, other: Place) -> float:
    """Tell how far apart the middles of two neighbours must be."""
    apart = BOX_GAP if one.name is not None and other.name is not None else LINE_GAP
    return (one.width + other.width) / 2 + apart


def _cost(layers: Layers, one: Place, other: Place) -> float:
    if one.layer == other.layer:
        return TURNING
    return LEAVING if id(one) in layers.owners or id(other) in layers.owners else PASSING


def _make_straight(layers: Layers) -> None:
    """Take away what the program's rounding leaves between places that are the same."""
    for path in layers.paths:
        for one, other in pairwise(path):
            if one.layer != other.layer and abs(one.x - other.x) < STRAIGHT:
                other.x = one.x
