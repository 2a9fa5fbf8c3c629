"""Two factors of a grid at once: one number of every scenario, written where its row and its column meet.

The trap is a colour without a number, and a number without its half-width: so both are written, and the colour only
helps to find them. A scenario that was not simulated, and a number that is not defined, stand there as such. Further
factors of the grid have a panel for each of their values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate
from servicechain.plots.culprits import mixed
from servicechain.plots.style import BLUE, GREY, INK, PALE, PAPER, VERMILION, ShownAxes, house_style, new_axes
from servicechain.plots.words import LARGE, SMALL, fitted, headline, width_in_points, width_of
from servicechain.studies.measured import Measured, measured
from servicechain.tables import UNDEFINED, clean

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.studies.outcome import StudyResult

PANELS = 12
LEVELS = 12
BEST = "★"
CELL = 88.0  # points
_PALEST, _DEEPEST = 0.92, 0.0
_DARK = 0.62


@dataclass(frozen=True)
class Cell:
    """What one scenario came to, where its factors put it."""

    value: Estimate
    base: bool
    best: bool


@dataclass(frozen=True)
class Grid:
    """The scenarios of a study by the values of its factors.

    Attributes
    ----------
    factors : mapping from path to tuple
        Every value each factor takes, numbers in order.
    cells : mapping from tuple to Cell
        By the values of all factors, in their order.
    shorts : mapping from path to str
        What a factor is called in the picture.
    """

    factors: Mapping[str, tuple[Any, ...]]
    cells: Mapping[tuple[Hashable, ...], Cell]
    shorts: Mapping[str, str]


def plot_heat_map(
    outcome: StudyResult, metric: str | None = None, x: str | None = None, y: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a metric of all scenarios of a grid by two of its factors.

    Parameters
    ----------
    outcome : StudyResult
        Of a study that varies at least two values.
    metric : str, optional
        By default what the study chooses by.
    x, y : str, optional
        Paths of two factors, short ones too where there is only one such; by default the first two, of which the one
        with more values runs along.
    ax : Axes, optional
        To draw on, of a grid of two factors only; by default those of a new figure, with a panel for each combination
        of the further factors.

    Returns
    -------
    Axes
        The first panel. In the cells the mean and its half-width; ★ is the best, a frame the base case, "–" what is
        not defined; a crossed cell was not simulated.

    Raises
    ------
    Mistake
        If fewer than two factors are varied, a path is none of them, or there are too many panels.
    """
    metric = outcome.plan.choice.metric if metric is None else metric
    grid = grid_of(outcome, metric)
    across, up = chosen_factors(grid, x, y)
    panels = panels_of(grid, across, up)
    if ax is not None and len(panels) > 1:
        further = ", ".join(f"'{path}'" for path in grid.factors if path not in (across, up))
        raise Mistake(f"one picture shows two factors, and this study has {further} besides; leave 'ax' out")
    what = measured(metric, str(outcome.plan.scenarios[0].chain.unit))
    with house_style():
        shown_axes = [new_axes(ax, *size_of(grid, across, up))] if len(panels) == 1 else []
        shown_axes = shown_axes or panel_axes(grid, across, up, len(panels))
        for place, (axes, (title, fixed)) in enumerate(zip(shown_axes, panels, strict=True)):
            draw_panel(axes, grid, what, (across, up), fixed)
            if title:
                axes.set_title(fitted(title, width_in_points(axes), 2, SMALL), fontsize=SMALL, weight="normal")
            if place:
                axes.set_ylabel("")
        heading(shown_axes, f"{what.name}: {range_told(grid, what)}{key_of(outcome, grid)}")
    return shown_axes[0]


def grid_of(outcome: StudyResult, metric: str) -> Grid:
    """Place the scenarios of a study by what they change.

    Raises
    ------
    Mistake
        If they change fewer than two values, or not each the same ones.
    """
    from servicechain.studies.grid import short_path

    base, *others = outcome.scenarios
    paths = list(dict.fromkeys(path for each in others for path in each.scenario.values))
    if len(paths) < 2:
        raise Mistake(
            f"a heat map needs two factors, and this study varies {len(paths)}; give 'vary' two paths, or use "
            "plot_comparison()"
        )
    today = {path: at_path(base.scenario.chain, path) for path in paths}
    cells: dict[tuple[Hashable, ...], Cell] = {}
    levels: dict[str, tuple[Any, ...]] = {}
    for each in (*others, base):
        place = tuple(as_level(each.scenario.values.get(path, today[path])) for path in paths)
        cell = Cell(outcome.estimate(each.scenario.name, metric), each is base, each.best)
        if each is base:
            levels = {path: in_order(known[number] for known in cells) for number, path in enumerate(paths)}
        # the chain as it is may lie outside of the grid
        if each is not base or all(level in levels[path] for level, path in zip(place, paths, strict=True)):
            cells[place] = cell
    for path, values in levels.items():
        if len(values) > LEVELS:
            raise Mistake(
                f"'{path}' takes {len(values)} values, and a heat map has room for {LEVELS}; use frame() or "
                "plot_comparison()"
            )
    return Grid(levels, cells, {path: short_path(base.scenario.chain, path) for path in paths})


def at_path(chain: Chain, path: str) -> Any:
    """Find what a path leads to in a chain, also what is usual and not written; None if nothing stands there."""
    found: Any = chain
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, (list, tuple)):
            found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
        else:
            found = getattr(found, part, None)
    return found.written() if hasattr(found, "written") else found


def as_level(value: Any) -> Hashable:
    """Make of a value what can be compared and written: itself, or how it is written."""
    return value if isinstance(value, (int, float, str)) else "as it is" if value is None else clean(str(value))


def in_order(values: Any) -> tuple[Any, ...]:
    """Give each value once, numbers in order, others as they come."""
    found = list(dict.fromkeys(values))
    return tuple(sorted(found) if all(isinstance(value, (int, float)) for value in found) else found)


def chosen_factors(grid: Grid, x: str | None, y: str | None) -> tuple[str, str]:
    """Take the two factors that are asked for, or those with most to see.

    Raises
    ------
    Mistake
        If a path is no factor, or both are the same.
    """
    asked = [None if path is None else factor_of(grid, path) for path in (x, y)]
    if asked[0] is not None and asked[0] == asked[1]:
        raise Mistake(f"x and y are both '{asked[0]}'; name two factors")
    free = [path for path in grid.factors if path not in asked]
    if asked == [None, None]:
        return (free[0], free[1]) if len(grid.factors[free[0]]) >= len(grid.factors[free[1]]) else (free[1], free[0])
    return asked[0] or free[0], asked[1] or free[0]


def factor_of(grid: Grid, path: str) -> str:
    """Find the factor of a path, or of the end of one.

    Raises
    ------
    Mistake
        If there is none, or more than one.
    """
    found = [each for each in grid.factors if each == path or each.endswith(f".{path}")]
    if path in found:
        return path
    if len(found) != 1:
        raise Mistake(f"no factor of this study is called {shown(path)}{nearest(path, grid.factors)}")
    return found[0]


def panels_of(grid: Grid, across: str, up: str) -> list[tuple[str, dict[str, Any]]]:
    """List the combinations of the further factors, each with its title.

    Raises
    ------
    Mistake
        If they are too many.
    """
    further = {path: values for path, values in grid.factors.items() if path not in (across, up)}
    combinations = [dict(zip(further, values, strict=True)) for values in itertools.product(*further.values())]
    if len(combinations) > PANELS:
        raise Mistake(
            f"besides '{across}' and '{up}' this study varies so much that {len(combinations)} heat maps would be "
            f"needed, and there is room for {PANELS}; vary fewer values"
        )
    names = grid.shorts
    return [(", ".join(f"{names[path]}={value}" for path, value in fixed.items()), fixed) for fixed in combinations]


def size_of(grid: Grid, across: str, up: str) -> tuple[float, float]:
    """Choose how wide and high a picture of one panel is, in inches."""
    wide, high = len(grid.factors[across]), len(grid.factors[up])
    return max(5.6, 1.5 + wide * CELL / 72), max(1.7 + 0.62 * high, 3.4)


def panel_axes(grid: Grid, across: str, up: str, count: int) -> list[Axes]:
    """Make a figure of some panels."""
    wide, high = size_of(grid, across, up)
    columns = max(1, min(count, int(15.0 // wide)))
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(columns * wide, rows * (high + 0.25) + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    return [figure.add_subplot(rows, columns, place + 1, axes_class=ShownAxes) for place in range(count)]


def heading(axes: Sequence[Axes], text: str) -> None:
    """Say above all panels what they show."""
    if len(axes) == 1:
        headline(axes[0], text)
        return
    figure = axes[0].figure.canvas.figure
    width = 72 * float(figure.get_size_inches()[0]) - 24.0
    lines = fitted(text, width, 3, LARGE, bold=True)
    figure.suptitle(lines, x=0.01, ha="left", fontsize=LARGE, fontweight="bold")


def draw_panel(ax: Axes, grid: Grid, what: Measured, axes: tuple[str, str], fixed: Mapping[str, Any]) -> None:
    """Draw the cells of one panel, the first value of the rows at the bottom."""
    across, up = axes
    columns, rows = grid.factors[across], grid.factors[up]
    low, high = bounds_of(grid)
    wide = max(width_in_points(ax) / len(columns), 30.0)
    for (column, one), (row, other) in itertools.product(enumerate(columns), enumerate(rows)):
        values = {across: one, up: other} | dict(fixed)
        cell = grid.cells.get(tuple(values[path] for path in grid.factors))
        draw_cell(ax, (column, row), cell, what, (low, high), wide)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.set_xticks(range(len(columns)), [fitted(str(value), wide - 6.0, 2) for value in columns], parse_math=False)
    ax.set_yticks(range(len(rows)), [fitted(str(value), 110.0, 2) for value in rows], parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(fitted(grid.shorts[across], width_in_points(ax), 2, SMALL), fontsize=SMALL)
    ax.set_ylabel(fitted(grid.shorts[up], max(45.0 * len(rows), 130.0), 3, SMALL), fontsize=SMALL)


def bounds_of(grid: Grid) -> tuple[float, float]:
    """Tell the smallest and the largest value there is."""
    known = [cell.value.mean for cell in grid.cells.values() if not math.isnan(cell.value.mean)]
    return (min(known), max(known)) if known else (0.0, 0.0)


def draw_cell(
    ax: Axes,
    place: tuple[int, int],
    cell: Cell | None,
    what: Measured,
    bounds: tuple[float, float],
    wide: float,
) -> None:
    """Draw one cell: its colour, its number, and whether it is the base or the best."""
    column, row = place
    corner = (column - 0.5, row - 0.5)
    if cell is None or math.isnan(cell.value.mean):
        hatch = "xx" if cell is None else None
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=PAPER, edgecolor=PALE, hatch=hatch, linewidth=0.8))
        if cell is None:
            return
        deep = 0.0
    else:
        low, high = bounds
        deep = (cell.value.mean - low) / (high - low) if high > low else 0.0
        colour = mixed(BLUE, _PALEST + (_DEEPEST - _PALEST) * deep)
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor=PAPER, linewidth=1.5))
    if cell.base:
        frame: dict[str, Any] = {"fill": False, "edgecolor": VERMILION, "linewidth": 2.0}
        ax.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, zorder=3, **frame))
    ink = PAPER if deep > _DARK else GREY if math.isnan(cell.value.mean) else INK
    for lines in written(cell, what):
        if max(map(width_of, lines.splitlines())) <= wide - 8.0:
            break
    ax.text(column, row, lines, ha="center", va="center", fontsize=SMALL, color=ink, linespacing=1.25)


def written(cell: Cell, what: Measured) -> tuple[str, str, str]:
    """Write a cell's value with its half-width, in forms that are narrower and narrower."""
    star = f"{BEST} " if cell.best else ""
    whole = what.told(cell.value, unit=False)
    mean, _, half = whole.partition(" ± ")
    two = f"{star}{mean}\n± {half}" if half else f"{star}{mean}"
    return f"{star}{whole}", two, f"{star}{what.brief(cell.value.mean, unit=False)}"


def range_told(grid: Grid, what: Measured) -> str:
    """Say between which values the metric lies."""
    low, high = bounds_of(grid)
    if all(math.isnan(cell.value.mean) for cell in grid.cells.values()):
        return UNDEFINED
    return what.brief(low) if low == high else f"from {what.brief(low, unit=False)} to {what.brief(high)}"


def key_of(outcome: StudyResult, grid: Grid) -> str:
    """Say what the marks in the cells mean."""
    marks = ["framed: as it is"] if any(cell.base for cell in grid.cells.values()) else []
    best = [cell for cell in grid.cells.values() if cell.best]
    if best:
        by = measured(outcome.guarantee.metric, str(outcome.plan.scenarios[0].chain.unit)).name
        marks.append(f"{BEST} {'best' if len(best) == 1 else 'equally good'} by {by}")
    return f" ({'; '.join(marks)})" if marks else ""
