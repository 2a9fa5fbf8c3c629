"""The service blueprint of a chain: who asks whom, and who of them the customer sees.

Lanes lie below each other: the customers, who deals with them, who works backstage, the technology, the
suppliers. The line of visibility parts what the customer sees from what not (Shostack 1984, Designing
services that deliver, doi 10.1225/84115); the lines of interaction and of internal interaction are those of
Bitner, Ostrom & Morgan (2008, Service blueprinting, doi 10.2307/41166446). An arrow is as thick as its
requests are frequent. The trap of such pictures is that they crowd: where the names of the services would
make it too wide, arrows carry numbers, and a key beside the picture names them. A failure is drawn as what it is
for whoever repairs it: a request like others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from servicechain.plots import blueprint_words as words
from servicechain.plots.blueprint_boxes import insides_of
from servicechain.plots.blueprint_drawing import Drawing
from servicechain.plots.blueprint_graph import Request, requests_of, rows_of
from servicechain.plots.blueprint_marks import label_of, marks_of
from servicechain.plots.blueprint_paint import Canvas
from servicechain.plots.blueprint_writing import Writing
from servicechain.plots.layout import Arrow, Box, Plan, plan
from servicechain.plots.style import house_style, legible, new_axes, rendered

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

    from servicechain.chain import Chain

# letters in a line of a label, of the key
LABEL_WIDTH, KEY_WIDTH = 18, 44
# wider than this, labels become numbers
WIDEST = 900.0
NUMBER_SIZE = (14.0, 20.0)


def draw_blueprint(chain: Chain, ax: Axes | None = None) -> Axes:
    """Draw the service blueprint of a chain.

    Parameters
    ----------
    chain : Chain
    ax : Axes, optional
        Where to draw; by default on a new figure as large as the chain needs, which shows itself in a
        notebook.

    Returns
    -------
    Axes
        One unit of its scales is 1/100 inch if the figure is ours.

    Raises
    ------
    ChainError
        If a file the chain names cannot be read.
    """
    graph = chain.graph
    with house_style():
        drawing = _drawing(chain.loaded(), graph)
        axes = new_axes(ax, drawing.width / 100, drawing.height / 100, layout=None)
        if ax is None:
            axes.set_position((0, 0, 1, 1))
        Canvas(axes, drawing).paint()
    return axes


def blueprint_svg(chain: Chain) -> str:
    """Give the blueprint as the text of an SVG file."""
    return rendered(draw_blueprint(chain), "svg").decode()


def _drawing(chain: Chain, graph: nx.MultiDiGraph) -> Drawing:
    """Lay the picture out with names on the arrows or, where that is too wide, with numbers."""
    writing = Writing()
    rows = rows_of(graph)
    requests = requests_of(graph, chain.services)
    insides = insides_of(chain, graph)
    boxes = [[Box(node, *writing.box(insides[node])) for node in names] for _, names in rows]
    lanes = [lane for lane, _ in rows]
    borders = {row for row, (lane, after) in enumerate(pairwise(lanes)) if lane != after}
    marks = marks_of(chain, graph)
    called = [(legible(text), mark) for text, mark in (label_of(one, marks) for one in requests)]
    labels = [words.marked(*each, LABEL_WIDTH) for each in called]
    sizes = [writing.label(label) for label in labels]
    layout = plan(boxes, _arrows(requests, sizes), borders)
    key: list[str] = []
    if layout.width > WIDEST:
        sizes = [NUMBER_SIZE] * len(requests)
        layout = plan(boxes, _arrows(requests, sizes), borders)
        labels, key = _numbered([words.marked(*each, KEY_WIDTH, 3) for each in called], layout)
    empty = set(lanes) - {lane for lane, names in rows if names}
    hidden = [facts["lane"] for _, facts in graph.nodes(data=True) if facts["kind"] == "actor"]
    title = legible(words.title_of(words.wrapped(chain.chain, 80, 1), hidden))
    return Drawing(writing, layout, lanes, insides, requests, labels, key, title, empty)


def _arrows(requests: list[Request], sizes: Iterable[tuple[float, float]]) -> list[Arrow]:
    """Describe the arrows to the layout; a thick one should be straight first."""
    most = max((one.expected for one in requests if math.isfinite(one.expected)), default=0.0) or 1.0
    return [
        Arrow(one.source, one.target, *size, weight=1 + min(one.expected / most, 1.0))
        for one, size in zip(requests, sizes, strict=True)
    ]


def _numbered(names: list[str], layout: Plan) -> tuple[list[str], list[str]]:
    """Give what is asked for numbers, in the order in which one reads it, and write the key."""
    places = [(place.top, place.left) for place in layout.labels]
    reading = [name for _, name in sorted(zip(places, names, strict=True))]
    numbers = {name: str(number) for number, name in enumerate(dict.fromkeys(reading), start=1)}
    return [numbers[name] for name in names], list(numbers)
