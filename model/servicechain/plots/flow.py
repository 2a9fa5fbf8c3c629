"""The flow of waiting: who waits, by way of whom, because of whom; as wide as it is long.

From the left, where the customers stand, strands run to whom they asked, and on to whom those asked, until they
reach who was working, absent or broken. A strand has the colour of who is at its end, all the way: the colours at
the left are the answer to who makes the customers wait, and the way shows why nobody there knows.
(Sankey 1898, Minutes of Proceedings of the Institution of Civil Engineers 134.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from servicechain.blame import ALL, attribution_of, blame_sentence, brief, class_of, short
from servicechain.plots import culprits
from servicechain.plots.culprits import Look, looks_of
from servicechain.plots.strands import Stop, Strand, stops_of, strands_of
from servicechain.plots.style import INK, house_style, new_axes
from servicechain.plots.words import LARGE, SMALL, fitted, headline, instead, key_below, width_in_points
from servicechain.tables import number

if TYPE_CHECKING:
    from servicechain.results import Result

PALER = 0.45  # of strands between stops, so that what stands over them can be read
THICK = 11.0  # of a stop, in points
_LINES = 3.4 * SMALL  # room above a stop for what is said of it, in points
_HIGH = 3.0  # of the whole flow, in inches


def plot_flow(result: Result, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw by way of whom the mean wait of a class came to be, as strands as wide as the time.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        Whose wait; by default that of the first class.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: 0 the customers, 1 whom they asked, and so on; y: time per customer who left, in the chain's unit, downwards.
        A way narrower than the 15 widest is drawn with all such as one.

    Raises
    ------
    Mistake
        If there is no such class, or the run was made without attribution.
    """
    name = class_of(result, customer_class)
    strands = strands_of(name, attribution_of(result).parts(name, "path"))
    whole = math.fsum(strand.time for strand in strands)
    with house_style():
        most = max((sum(each.depth == depth for each in stops_of(strands, 0.0)) for depth in range(99)), default=0)
        ax = new_axes(ax, height=1.6 + _HIGH + most * _LINES / 72)
        ax.set_yticks([])
        ax.set_xticks([])
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        headline(ax, finding(strands, result.unit) if strands else blame_sentence(result, name))
        if not strands:
            instead(ax, "no waiting to be followed")
            ax.set_xlabel(f"time waited ({result.unit})")
            return ax
        gap = whole / max(height_in_points(ax) - most * _LINES, 72.0) * _LINES
        stops = stops_of(strands, gap)
        deepest = max(stop.depth for stop in stops)
        width = width_in_points(ax)
        column = (width - THICK) / (deepest + 1)
        ax.set_xlim(0.0, width / column)
        ax.set_ylim(max(stop.top + math.fsum(strands[each].time for each in stop.strands) for stop in stops), -gap)
        label = f"who waits → by way of whom → because of whom ({result.unit} per {short(name)} who left)"
        ax.set_xlabel(fitted(label, width, 1, 10.0), loc="left")
        looks = looks_of(result.facts)
        draw(ax, strands, stops, looks, THICK / column)
        for stop in stops:
            lines = said(stop, strands, column - 8.0)
            ax.text(stop.depth, stop.top - 0.1 * gap, lines, ha="left", va="bottom", fontsize=SMALL, color=INK)
        ends = dict.fromkeys(strand.end for strand in sorted(strands, key=lambda each: -each.time))
        key_below(ax, [(looks.get(end, culprits.OTHERS).sample(), f"because of {short(end)}") for end in ends], 28.0)
    return ax


def height_in_points(ax: Axes) -> float:
    """Tell how high some axes will be, once the title, the label and the key have their room."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    whole = float(figure.get_size_inches()[1]) * 72
    return float(ax.get_position().height) * whole if len(figure.axes) > 1 else whole - 5 * LARGE - 5 * SMALL


def draw(ax: Axes, strands: Sequence[Strand], stops: Sequence[Stop], looks: Mapping[str, Look], thick: float) -> None:
    """Draw every strand: at its stops in full colour, paler in between."""
    before: dict[int, float] = {}
    for stop in stops:
        top = stop.top
        for place in stop.strands:
            strand = strands[place]
            look = looks.get(strand.end, culprits.OTHERS)
            ax.add_patch(Rectangle((stop.depth, top), thick, strand.time, **look.fill()))
            if stop.depth:
                left, right = stop.depth - 1 + thick, float(stop.depth)
                ribbon = band(left, right, before[place], top, strand.time)
                ax.add_patch(PathPatch(ribbon, zorder=0.8, **look.fill(PALER)))
            before[place] = top
            top += strand.time


def band(left: float, right: float, begins: float, ends: float, width: float) -> Path:
    """Give the outline of a strand between two stops, as wide at both."""
    middle = (left + right) / 2
    there = [(left, begins), (middle, begins), (middle, ends), (right, ends)]
    back = [(x, y + width) for x, y in reversed(there)]
    curve = [Path.CURVE4] * 3
    return Path([*there, *back, there[0]], [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def said(stop: Stop, strands: Sequence[Strand], width: float) -> str:
    """Say of a stop who it is, how much passes, and how much ends there."""
    times = [strands[place].time for place in stop.strands]
    ending = math.fsum(strands[place].time for place in stop.strands if len(strands[place].stops) == stop.depth + 1)
    whole = math.fsum(times)
    told = number(whole)
    if stop.depth and 0 < ending < whole:
        told += f", {brief(ending)} own"
    return f"{fitted(stop.name, width, 1)}\n{fitted(told, width, 1)}"


def finding(strands: Sequence[Strand], unit: str) -> str:
    """Tell the widest of the ways, from its end to the customers."""
    widest = max(strands, key=lambda strand: strand.time)
    whole = math.fsum(strand.time for strand in strands)
    if widest.time >= ALL * whole:
        part = f"All of the {brief(whole)} {unit}"
    else:
        part = f"{brief(widest.time)} of {brief(whole)} {unit}"
    via = [f"the {short(name)}" for name in reversed(widest.stops[1:-1])]
    if not via:
        return f"{part} come straight from the {short(widest.end)}"
    way = " and ".join(filter(None, (", ".join(via[:-1]), via[-1])))
    return f"{part} come from the {short(widest.end)}, by way of {way}"
