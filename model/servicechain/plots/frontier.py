"""What does better service cost? Every scenario by its cost and its service, and those no other one beats joined.

The joining line goes in steps, for between two plans there is none. The trap is a plan that is better by chance: the
whiskers are the 95 % half-widths, and where they overlap, nobody knows yet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from servicechain.errors import Mistake
from servicechain.estimates import Estimate
from servicechain.plots.placing import Named, place_names
from servicechain.plots.style import BLUE, GREY, INK, ORANGE, PALE, VERMILION, house_style, new_axes
from servicechain.plots.words import ROUND, TICKS, fitted, headline, instead, key_below, side_label, width_in_points
from servicechain.studies.measured import Measured, measured
from servicechain.studies.measures import COST
from servicechain.tables import number

if TYPE_CHECKING:
    from servicechain.studies.outcome import StudyResult

NAMED = 40
"""Of more points only those on the frontier, the base and the best are named."""


@dataclass(frozen=True)
class Point:
    """One plan.

    Attributes
    ----------
    name : str
    cost : float
        Per day.
    value : Estimate
        Of the metric.
    base, best : bool
        Whether it is the chain as it is, and whether it is chosen.
    """

    name: str
    cost: float
    value: Estimate
    base: bool = False
    best: bool = False


def plot_frontier(outcome: StudyResult, metric: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a metric of every scenario against its cost, and join those that no other one beats.

    Parameters
    ----------
    outcome : StudyResult
    metric : str, optional
        By default what the study chooses by; or, where that is the cost, its first other metric.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: cost per day; y: the metric, with its half-widths.

    Raises
    ------
    Mistake
        If nobody has a wage, or there is no such metric.
    """
    from servicechain.studies.plan import usual_goal

    choice = outcome.plan.choice
    if metric is None:
        metric = next((each for each in (choice.metric, *outcome.plan.metrics) if each != COST), COST)
    goal = choice.goal if metric == choice.metric else usual_goal(metric)
    points = [
        Point(
            each.name,
            outcome.estimate(each.name, COST).mean,
            outcome.estimate(each.name, metric),
            base=each is outcome.base,
            best=each.best,
        )
        for each in outcome.scenarios
    ]
    return draw_frontier(points, measured(metric, str(outcome.plan.unit)), goal, ax=ax)


def draw_frontier(
    points: Sequence[Point],
    what: Measured,
    goal: str = "min",
    *,
    limit: float | None = None,
    best: str = "best",
    ax: Axes | None = None,
) -> Axes:
    """Draw plans by cost and service, and join those that no other one beats.

    Parameters
    ----------
    points : sequence of Point
    what : Measured
        The metric of their values.
    goal : str
        ``min`` if less of it is better, else ``max``.
    limit : float, optional
        What the metric is to reach; drawn as a line.
    best : str
        What the chosen ones are called in the key.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Raises
    ------
    Mistake
        If no plan has a cost.
    """
    if points and not any(point.cost > 0 for point in points):
        raise Mistake("nobody in this chain has a wage, so no plan has a cost; give actors a 'wage' per hour")
    shown = [point for point in points if math.isfinite(point.cost) and math.isfinite(point.value.mean)]
    with house_style():
        ax = new_axes(ax, width=7.6, height=5.2)
        ax.set_xlabel(fitted(f"cost per day{left_out(len(points) - len(shown))}", width_in_points(ax), 1, 10.0))
        side_label(ax, what.label)
        if not shown:
            ax.set_xticks([])
            ax.set_yticks([])
            headline(ax, f"{what.name}: undefined")
            instead(ax, "no plan has a value to be shown")
            return ax
        front = unbeaten(shown, goal)
        headline(ax, finding(front, what, goal))
        key_below(ax, key_of(shown, front, best, limit, what))
        set_limits(ax, shown, what, limit)
        line = draw_line(ax, front, what)
        if limit is not None:
            ax.axhline(limit * what.factor, color=GREY, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        marked = [point for point in shown if point in front or point.base or point.best]
        draw_beaten(ax, [point for point in shown if point not in marked], what)
        for point in marked:
            draw_point(ax, point, what, beaten=point not in front)
        write_names(ax, shown, front, line, what)
    return ax


def left_out(count: int) -> str:
    """Say how many plans cannot be drawn."""
    return f"; {count} without a value left out" if count else ""


def unbeaten(points: Sequence[Point], goal: str) -> list[Point]:
    """Give the points that no other one beats, the cheapest first."""
    from servicechain.studies.frontier import frontier

    sign = -1.0 if goal == "max" else 1.0
    places = frontier(range(len(points)), lambda place: (points[place].cost, sign * points[place].value.mean))
    return [points[place] for place in places]


def set_limits(ax: Axes, points: Sequence[Point], what: Measured, limit: float | None) -> None:
    """Choose the ends of the axes, with room for names."""
    costs = [point.cost for point in points]
    values = [point.value.mean for point in points]
    halves = [0.0 if math.isnan(point.value.halfwidth) else point.value.halfwidth for point in points]
    low = min(value - half for value, half in zip(values, halves, strict=True))
    high = max(value + half for value, half in zip(values, halves, strict=True))
    if limit is not None:
        low, high = min(low, limit), max(high, limit)
    wide = (max(costs) - min(costs)) or 0.2 * abs(costs[0]) or 1.0
    tall = (high - low) or 0.2 * abs(high) or 1.0
    ax.set_xlim(min(costs) - 0.16 * wide, max(costs) + 0.16 * wide)
    ax.set_ylim((low - 0.12 * tall) * what.factor, (high + 0.12 * tall) * what.factor)
    ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width_in_points(ax) // TICKS)), steps=ROUND))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=ROUND))


def draw_line(ax: Axes, front: Sequence[Point], what: Measured) -> list[tuple[float, float]]:
    """Join the frontier in steps; give the corners."""
    corners: list[tuple[float, float]] = []
    for point in front:
        value = point.value.mean * what.factor
        corners += [(point.cost, corners[-1][1])] if corners else []
        corners.append((point.cost, value))
    ax.plot(*np.array(corners).T, color=BLUE, linewidth=1.2, zorder=1.5)
    return corners


def draw_beaten(ax: Axes, points: Sequence[Point], what: Measured) -> None:
    """Draw the plans that others beat, all at once, as there may be thousands."""
    if not points:
        return
    costs = [point.cost for point in points]
    values, halves = (
        np.array([getattr(point.value, name) for point in points]) * what.factor for name in ("mean", "halfwidth")
    )
    ax.errorbar(
        costs, values, yerr=np.nan_to_num(halves), fmt="none", ecolor=PALE, elinewidth=1.0, capsize=2.5, zorder=2
    )
    ax.plot(costs, values, **_look(points[0], beaten=True), zorder=3)


def draw_point(ax: Axes, point: Point, what: Measured, *, beaten: bool) -> None:
    """Draw one plan and its whisker."""
    half = point.value.halfwidth * what.factor
    colour = GREY if beaten else BLUE
    at = point.cost, point.value.mean * what.factor
    if half > 0:
        ax.errorbar(*at, yerr=half, color=PALE if beaten else colour, linewidth=1.0, capsize=2.5, zorder=2)
    ax.plot(*at, **_look(point, beaten=beaten), zorder=3)


def _look(point: Point, *, beaten: bool) -> dict[str, Any]:
    if point.best:
        return {"marker": "*", "color": ORANGE, "markeredgecolor": INK, "markersize": 13, "linestyle": ""}
    if point.base:
        return {"marker": "s", "color": VERMILION, "markersize": 7, "linestyle": ""}
    fill = "white" if beaten else BLUE
    return {"marker": "o", "color": GREY if beaten else BLUE, "markerfacecolor": fill, "markersize": 5, "linestyle": ""}


def write_names(
    ax: Axes, points: Sequence[Point], front: Sequence[Point], line: Sequence[tuple[float, float]], what: Measured
) -> None:
    """Name the best, the base, those on the frontier, and if they are not too many the others."""
    order = sorted(points, key=lambda point: (not point.best, not point.base, point not in front))
    if len(points) > NAMED:
        order = [point for point in order if point.best or point.base or point in front]
    factor = what.factor
    whiskers = [
        (p.cost, (p.value.mean - p.value.halfwidth) * factor, (p.value.mean + p.value.halfwidth) * factor)
        for p in points
        if p.value.halfwidth > 0
    ]
    place_names(
        ax,
        [
            Named(point.cost, point.value.mean * factor, point.name, point.best or point.base or point in front)
            for point in order
        ],
        [(point.cost, point.value.mean * factor) for point in points],
        whiskers,
        line,
    )


def key_of(
    points: Sequence[Point], front: Sequence[Point], best: str, limit: float | None, what: Measured
) -> list[tuple[Artist, str]]:
    """Explain the marks."""
    plain = Point("", 0.0, Estimate(0.0, 0.0))
    beaten = any(point not in front and not point.base and not point.best for point in points)
    entries: list[tuple[Artist, str]] = [
        (sample(plain, beaten=False, line=True), "none is both cheaper and better"),
        *([(sample(plain, beaten=True), "others")] if beaten else []),
        *([(sample(Point("", 0.0, plain.value, base=True)), "as it is")] if any(p.base for p in points) else []),
        *([(sample(Point("", 0.0, plain.value, best=True)), best)] if any(p.best for p in points) else []),
    ]
    if limit is not None:
        dashes = Line2D([], [], color=GREY, linewidth=1.0, linestyle=(0, (4, 3)))
        entries.append((dashes, f"goal: {what.brief(limit)}"))
    return entries


def sample(point: Point, *, beaten: bool = False, line: bool = False) -> Line2D:
    """Give a mark for the key."""
    look = _look(point, beaten=beaten) | ({"linestyle": "-", "linewidth": 1.2} if line else {})
    return Line2D([], [], **look)


def finding(front: Sequence[Point], what: Measured, goal: str) -> str:
    """Say what the cheapest and the dearest plan of the frontier come to."""
    first, last = front[0], front[-1]
    cheap = f"{what.name}: {what.brief(first.value.mean)} for {number(first.cost)} a day"
    if len(front) == 1:
        return f"{cheap}; nothing tried is cheaper or {'lower' if goal == 'min' else 'higher'}"
    return f"{cheap}, {what.brief(last.value.mean)} for {number(last.cost)}"
