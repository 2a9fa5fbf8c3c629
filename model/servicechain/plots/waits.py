"""How many customers wait longer than what: the picture of the wait, and what they make of it.

A histogram of waits hides its most important number, the share of those who do not wait at all, and changes its
look with its bars. Here stands for each time the share who wait longer: at 0 all who wait at all, at the adequate
wait all who wait too long; and the area below a curve is the mean. The curves come from the histograms of the
results, to 0.5 %, so a picture of a million customers costs what one of a hundred does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimates
from servicechain.facts import ClassFacts
from servicechain.histogram import Histogram
from servicechain.plots.style import GREY, INK, PALE, STATES, house_style, new_axes
from servicechain.plots.words import (
    ROUND,
    TICKS,
    fitted,
    headline,
    in_percent,
    instead,
    key_below,
    short,
    side_label,
    width_in_points,
    width_of,
)
from servicechain.tables import branch, estimate, mean, number, plus_minus, spread
from servicechain.timeline import Floats

if TYPE_CHECKING:
    from servicechain.results import Result

Rows: TypeAlias = "Sequence[tuple[ClassFacts, Estimates]]"

ROWS = 40
DELIGHTED, INSIDE, BELOW = "#DDEEF9", "#F1F1F1", "#F8E3D8"
LABEL = 130.0  # points for the names at the side
_ROW = 0.82  # of the room of a class, the rest keeps it from the next


def plot_waits(result: Result, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw which share of the customers who left waits longer than what, queueing and held told apart.

    Behind the curves lies the zone of tolerance: up to the desired wait customers are delighted, up to the
    adequate one inside the zone, beyond it below.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        Whose waits; by default of all classes, one row for each on one axis of time (of the 40 with the longest
        waits if there are more).
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time in the chain's unit; y: share of the customers.

    Raises
    ------
    Mistake
        If no class is called so.
    """
    found = chosen(result.facts.classes, customer_class)
    customers = branch(result.estimates, "customers")
    rows = with_longest_waits([(facts, branch(customers, facts.name)) for facts in found])
    left_out = len(found) - len(rows)
    with house_style():
        ax = new_axes(ax, height=4.4 if len(rows) < 2 else 1.8 + 1.15 * len(rows))
        ax.set_xlabel(
            f"time waited ({result.unit})" + (f"; {left_out} classes with shorter waits left out" if left_out else "")
        )
        if not rows:
            ax.set_yticks([])
            instead(ax, "no customers are described")
            headline(ax, "No customers")
            return ax
        end = longest(rows)
        ax.set_xlim(0.0, end)
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width_in_points(ax) // TICKS)), steps=ROUND))
        for place, (facts, metrics) in enumerate(rows):
            base = float(len(rows) - 1 - place)
            height = _ROW if len(rows) > 1 else 1.0
            draw_zone(ax, facts, end, base, height)
            draw_curves(ax, metrics, end, base, height)
        if len(rows) == 1:
            tell_one(ax, rows[0], result.unit)
        else:
            tell_all(ax, rows, result.unit)
    return ax


def chosen(classes: Sequence[ClassFacts], name: str | None) -> list[ClassFacts]:
    """Take the class of a name, or all.

    Raises
    ------
    Mistake
        If no class is called so.
    """
    found = [each for each in classes if name in (None, each.name)]
    if name is not None and not found:
        raise Mistake(f"no customer class is called {shown(name)}{nearest(name, [each.name for each in classes])}")
    return found


def with_longest_waits(rows: Rows) -> Rows:
    """Keep as many classes as can be drawn, those with the longest waits, in their order."""
    waits = np.nan_to_num([mean(metrics, "wait") for _, metrics in rows])
    kept = sorted(np.argsort(-waits, kind="stable")[:ROWS])
    return [rows[place] for place in kept]


def longest(rows: Rows) -> float:
    """Choose where the axis of time ends: beyond 95 % of all waits, and beyond every zone of tolerance."""
    ends = [1.25 * spread(metrics, "wait").p95 for _, metrics in rows]
    ends += [1.15 * facts.tolerance[1] for facts, _ in rows if facts.tolerance]
    defined = [end for end in ends if end > 0]
    if defined:
        return max(defined)
    most = max((spread(metrics, "wait").max for _, metrics in rows), default=0.0)
    return 1.05 * most if most > 0 else 1.0


def exceeding(histogram: Histogram, end: float) -> tuple[Floats, Floats]:
    """Give times up to `end`, and for each the share of values above it, as the corners of a curve of steps."""
    values, counts = histogram.means()
    above = np.append(np.cumsum(counts[::-1])[::-1], 0.0) / histogram.count
    times = np.concatenate(([0.0], values))
    seen = times < end
    return np.append(times[seen], end), np.append(above[seen], above[seen][-1])


def draw_zone(ax: Axes, facts: ClassFacts, end: float, base: float, height: float) -> None:
    """Colour the ground of one row by its zone of tolerance."""
    if facts.tolerance is None:
        return
    desired, adequate = facts.tolerance
    for start, stop, colour in ((0.0, desired, DELIGHTED), (desired, adequate, INSIDE), (adequate, end, BELOW)):
        ax.add_patch(Rectangle((start, base), stop - start, height, facecolor=colour, edgecolor="none", zorder=0.5))
    for edge in (desired, adequate):
        ax.plot([edge, edge], [base, base + height], color=GREY, linewidth=0.8, linestyle=":", zorder=0.8)


def draw_curves(ax: Axes, metrics: Estimates, end: float, base: float, height: float) -> None:
    """Draw the wait of one class, and its two parts."""
    for name in ("wait", "queueing", "held"):
        histogram = spread(metrics, name).histogram
        if histogram is None or not histogram.count:
            ax.text(end / 2, base + height / 2, "nobody arrived and left again", ha="center", va="center", color=GREY)
            return
        times, above = exceeding(histogram, end)
        heights = base + height * above
        if name == "wait":
            ax.fill_between(times, base, heights, step="post", color=INK, alpha=0.10, linewidth=0, zorder=1)
        ax.plot(times, heights, drawstyle="steps-post", label=name, zorder=2, **LINES[name])
    ax.plot([0, end], [base, base], color=GREY, linewidth=0.8)


LINES: dict[str, dict[str, Any]] = {
    "wait": {"color": INK, "linewidth": 3.4},
    "queueing": {"color": STATES["queueing"], "linestyle": (0, (4, 1.5)), "linewidth": 1.8},
    "held": {"color": STATES["held"], "linewidth": 1.6},
}


def tell_one(ax: Axes, row: tuple[ClassFacts, Estimates], unit: str) -> None:
    """Label the picture of a single class."""
    facts, metrics = row
    ax.set_ylim(0.0, 1.0)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    side_label(ax, "share who wait longer")
    headline(ax, finding(facts, metrics, unit))
    key_below(ax, [*curve_key(metrics), *zone_key(facts, metrics, unit)])


def tell_all(ax: Axes, rows: Rows, unit: str) -> None:
    """Label the picture of several classes, each a row."""
    ax.set_ylim(-0.04, len(rows) - 1 + _ROW + 0.02)
    places = [len(rows) - 1 - place + _ROW / 2 for place in range(len(rows))]
    labels = [row_label(facts, metrics) for facts, metrics in rows]
    ax.set_yticks(places, labels, parse_math=False)
    ax.tick_params(axis="y", length=0)
    side_label(ax, "share who wait longer, each row 0 to 100%")
    ax.spines["left"].set_visible(False)
    aside = max(width_of(line) for label in labels for line in label.splitlines())
    headline(ax, longest_wait(rows, unit), aside)
    zones = any(facts.tolerance for facts, _ in rows)
    zone: list[tuple[Artist, str]] = [
        (Patch(facecolor=DELIGHTED, edgecolor=PALE), "delighted: up to the desired wait"),
        (Patch(facecolor=INSIDE, edgecolor=PALE), "inside the zone of tolerance"),
        (Patch(facecolor=BELOW, edgecolor=PALE), "below: beyond the adequate wait"),
    ]
    key_below(ax, [*curve_key(None), *(zone if zones else [])], aside=aside)


def row_label(facts: ClassFacts, metrics: Estimates) -> str:
    """Name a class at the side of its row, and say its mean wait and who is not content."""
    lines = [fitted(facts.name, LABEL, 2)]
    if not math.isnan(mean(metrics, "wait")):
        lines.append(f"mean {plus_minus(estimate(metrics, 'wait'))}")
        if facts.tolerance:
            lines.append(f"{share(metrics, 'below')} below")
    return "\n".join(lines)


def curve_key(metrics: Estimates | None) -> list[tuple[Artist, str]]:
    """Explain the curves, with their means if they are those of one class."""
    words = {"wait": "wait = queueing + held", "queueing": "queueing, in line", "held": "held, service begun"}
    if metrics is not None:
        words = {name: text + in_numbers(metrics, name) for name, text in words.items()}
    return [(Line2D([], [], **LINES[name]), text) for name, text in words.items()]


def in_numbers(metrics: Estimates, name: str) -> str:
    """Write the mean of a time, and for how many there is none of it."""
    time = spread(metrics, name)
    if time.histogram is None or not time.histogram.count:
        return ""
    none = f", {told_share(time.histogram)} none" if time.histogram.zeros else ""
    return f": {plus_minus(time)}{none}"


def told_share(histogram: Histogram) -> str:
    """Write how many of some times are zero."""
    return in_percent(histogram.zeros / histogram.count)


def zone_key(facts: ClassFacts, metrics: Estimates, unit: str) -> list[tuple[Artist, str]]:
    """Explain the bands of the zone of tolerance, with the share of customers in each."""
    if facts.tolerance is None:
        return []
    desired, adequate = (number(edge) for edge in facts.tolerance)
    gave_up = " or gave up" if mean(metrics, "abandoned_share") > 0 else ""
    return [
        (
            Patch(facecolor=DELIGHTED, edgecolor=PALE),
            f"delighted, up to {desired} {unit}: {share(metrics, 'delighted')}",
        ),
        (Patch(facecolor=INSIDE, edgecolor=PALE), f"inside the zone, up to {adequate}: {share(metrics, 'inside')}"),
        (Patch(facecolor=BELOW, edgecolor=PALE), f"below, longer{gave_up}: {share(metrics, 'below')}"),
    ]


def share(metrics: Estimates, name: str) -> str:
    """Write a share of the customers."""
    return in_percent(mean(metrics, name))


def finding(facts: ClassFacts, metrics: Estimates, unit: str) -> str:
    """Say in a line how long a class waits, how many not at all, and how many too long."""
    wait = spread(metrics, "wait")
    name = short(facts.name)
    if wait.histogram is None or not wait.histogram.count:
        return f"{name}: nobody arrived and left again"
    if wait.max == 0:
        return f"{name}: nobody waits"
    told = f"{name}: waits {number(wait.mean)} {unit} on average"
    if wait.histogram.zeros:
        told += f", {told_share(wait.histogram)} not at all"
    if facts.tolerance is None:
        return told
    gives_up = " or give up" if mean(metrics, "abandoned_share") > 0 else ""
    below = f"{share(metrics, 'below')} wait" if mean(metrics, "below") else "nobody waits"
    return f"{told}; {below} longer than they accept{gives_up}"


def longest_wait(rows: Rows, unit: str) -> str:
    """Say who waits longest."""
    waits = [(mean(metrics, "wait"), short(facts.name)) for facts, metrics in rows]
    known = [each for each in waits if not math.isnan(each[0])]
    if not known:
        return "Nobody arrived and left again"
    most, name = max(known, key=lambda each: each[0])
    return f"Longest wait: {name}, {number(most)} {unit} on average" if most > 0 else "Nobody waits"
