"""How long the lines are, and when: the mean over the replications, with how sure one can be of it.

The trap of a single day is that it is a single day: the line of one Tuesday at four says little about Tuesdays.
The band around each mean is its 95 % confidence interval, as everywhere in the results; single days differ by
far more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from servicechain.errors import Mistake, nearest, shown
from servicechain.plots.clock import centres, lasting, moment, set_clock
from servicechain.plots.style import COLOURS, GREY, PALE, house_style, new_axes
from servicechain.plots.words import ROUND, headline, instead, key_below, short, side_label
from servicechain.tables import number
from servicechain.timeline import Floats, Timeline
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.results import Result

LINES = 6
ABOVE = 2.5  # how far the axis goes at most, in peaks of the mean
STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))


def plot_queues(result: Result, *actors: str, ax: Axes | None = None) -> Axes:
    """Draw the mean number of requests in line over the run, by actor.

    Parameters
    ----------
    result : Result
        Of a run that ended at a given time.
    *actors : str
        Whose lines; by default the six longest on average.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time in the chain's unit, told as clock time or days; y: requests in line.

    Raises
    ------
    Mistake
        If the run did not end at a given time, or no actor is called so.
    """
    timeline = timeline_of(result)
    rows = rows_of(timeline, actors)
    with house_style():
        ax = new_axes(ax, height=4.6)
        down = set_clock(ax, timeline, f", in steps of {lasting(timeline)}")
        side_label(ax, "mean requests in line")
        entries = [draw_line(ax, timeline, row, place) for place, row in enumerate(rows)]
        note = band_note(result)
        if note and rows:
            entries.append((Patch(facecolor=GREY, alpha=0.25), note))
        entries += draw_warm_up(ax, result)
        left_out = len(timeline.actors) - len(rows)
        headline(ax, finding(timeline, rows))
        # with few replications the band is wide; it may leave the picture, the line stays readable
        ax.set_ylim(0.0, min(ax.get_ylim()[1], ABOVE * peak(timeline, rows)) or 1.0)
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=ROUND))
        if rows:
            if left_out and not actors:
                entries.append((Line2D([], [], linestyle=""), f"{left_out} more with shorter lines, or none"))
            key_below(ax, entries, down=down)
        else:
            ax.set_yticks([])
            instead(ax, "nobody ever stood in line")
    return ax


def timeline_of(result: Result) -> Timeline:
    """Take the timeline of a result.

    Raises
    ------
    Mistake
        If it has none.
    """
    if result.timeline is None:
        raise Mistake(
            "this run ended after a number of customers, so there is no day to show; "
            "run it to a given time, e.g. sc.run(chain, until='1d')"
        )
    return result.timeline


def rows_of(timeline: Timeline, actors: Sequence[str]) -> list[int]:
    """Find the rows of some actors, or of those with the longest lines.

    Raises
    ------
    Mistake
        If no actor is called so.
    """
    for name in actors:
        if name not in timeline.actors:
            raise Mistake(f"no actor is called {shown(name)}{nearest(name, timeline.actors)}")
    if actors:
        return [timeline.actors.index(name) for name in actors]
    means = timeline.in_line.mean @ np.diff(timeline.edges)
    longest = np.argsort(-means, kind="stable")[:LINES]
    return [int(row) for row in longest if means[row] > 0]


def draw_line(ax: Axes, timeline: Timeline, row: int, place: int) -> tuple[Artist, str]:
    """Draw one actor's line with its band, and give its entry in the key."""
    at = centres(timeline.edges)
    mean, halfwidth = timeline.in_line.mean[row], np.nan_to_num(timeline.in_line.halfwidth[row])
    colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
    low, high = np.maximum(mean - halfwidth, 0.0), mean + halfwidth
    ax.fill_between(at, low, high, color=colour, alpha=0.18, linewidth=0)
    (line,) = ax.plot(at, mean, color=colour, linestyle=style, label=timeline.actors[row])
    average = float(mean @ np.diff(timeline.edges)) / float(timeline.edges[-1])
    return line, f"{short(timeline.actors[row])}: {number(average)} on average"


def band_note(result: Result) -> str:
    """Say what the band is; nothing where there is none."""
    independent = result.replications // (2 if result.settings.antithetic else 1)
    if independent < 2:
        return ""
    return f"95% interval of the mean, {counted(result.replications, 'replication')}"


def draw_warm_up(ax: Axes, result: Result) -> list[tuple[Artist, str]]:
    """Shade the warm-up, and give its entry in the key."""
    if not result.warm_up:
        return []
    ax.axvspan(0.0, result.warm_up, color=PALE, alpha=0.6, linewidth=0, zorder=0.5)
    return [(Patch(facecolor=PALE, alpha=0.6), "warm-up, not counted in the results")]


def peak(timeline: Timeline, rows: Sequence[int]) -> float:
    """Give the most that are in line on average in any bucket."""
    return float(timeline.in_line.mean[list(rows)].max(initial=0.0))


def finding(timeline: Timeline, rows: Sequence[int]) -> str:
    """Say before whom the line is longest, and when."""
    if not rows:
        return "Nobody ever stands in line"
    mean: Floats = timeline.in_line.mean[list(rows)]
    if not mean.any():
        return "Nobody ever stands in line"
    # the first of equally long ones, whatever rounding makes of them
    row, bucket = np.argwhere(mean >= mean.max() * (1 - 1e-9))[0]
    name = short(timeline.actors[rows[row]])
    when = moment(timeline, float(timeline.edges[bucket]))
    return f"Longest line: before {name} from {when}, {number(float(mean[row, bucket]))} in it on average"
