"""Whose the waiting is: the parts of a class's mean wait, each bar beginning where the one above it ends.

So the bars step up to the whole wait, and one sees at once that nothing is missing and nothing counted twice. The
half-widths stand beside the bars as numbers: whiskers on bars that begin somewhere would be read as their place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from servicechain.attribution import Part
from servicechain.blame import attribution_of, blame_sentence, class_of, short
from servicechain.estimates import Estimate
from servicechain.plots.culprits import HELD, OTHERS, Look, looks_of
from servicechain.plots.style import GREY, INK, house_style, new_axes
from servicechain.plots.words import (
    ROUND,
    SMALL,
    TICKS,
    fitted,
    headline,
    instead,
    key_below,
    width_in_points,
    width_of,
)
from servicechain.tables import branch, estimate, number, plus_minus

if TYPE_CHECKING:
    from servicechain.results import Result

ROWS = 12
LABEL = 140.0  # points for the names at the side
_HIGH = 0.62
_WHOLE = Look(GREY)


@dataclass(frozen=True)
class Bar:
    """One row of the picture: what it is called, how long it is, and what is said beside it."""

    name: str
    queueing: float
    held: float
    said: str
    look: Look

    @property
    def time(self) -> float:
        """Both together."""
        return self.queueing + self.held


def plot_causes(result: Result, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw whose the mean wait of a class is: actor and what they did, stepping up to the whole wait.

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
        x: time per customer who left, in the chain's unit, full colour for time in line and a lighter one for time
        held; y: causes, the longest first (beyond 12 the rest together), and the whole wait.

    Raises
    ------
    Mistake
        If there is no such class, or the run was made without attribution.
    """
    name = class_of(result, customer_class)
    bars = bars_of(result, attribution_of(result).parts(name))
    whole = sum(bar.time for bar in bars)
    with house_style():
        ax = new_axes(ax, height=2.3 + 0.36 * (len(bars) + 1))
        label = f"time waited ({result.unit}), mean per {short(name)} who left"
        if not bars:
            ax.set_xlabel(fitted(label, width_in_points(ax), 1, 10.0))
            ax.set_xticks([])
            ax.set_yticks([])
            headline(ax, blame_sentence(result, name))
            instead(ax, "no waiting to be told apart")
            return ax
        wait = estimate(branch(branch(result.estimates, "customers"), name), "wait")
        rows = [*bars, Bar("the whole wait", *in_line_and_held(bars), plus_minus(wait), _WHOLE)]
        labels = [fitted(bar.name, LABEL, 2) for bar in rows]
        aside = max(width_of(line) for label in labels for line in label.splitlines())
        room = max(width_of(bar.said) for bar in rows) + 10.0
        width = max(width_in_points(ax, aside), 2 * room)
        ax.set_xlabel(fitted(label, width_in_points(ax, aside), 1, 10.0))
        ax.set_xlim(0.0, whole * width / (width - room))
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), labels, parse_math=False)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width // TICKS)), steps=ROUND))
        draw_steps(ax, rows)
        headline(ax, blame_sentence(result, name), aside)
        key_below(
            ax,
            [
                (_WHOLE.sample(), "in line, not begun yet"),
                (_WHOLE.sample(HELD), "held: begun, but not attended"),
            ],
            aside=aside,
        )
    return ax


def bars_of(result: Result, parts: Sequence[Part]) -> list[Bar]:
    """Make a bar of every part, and one of all the short ones if there are too many."""
    looks = looks_of(result.facts)
    parts = [part for part in parts if part.time.mean > 0]
    kept, rest = (parts, []) if len(parts) <= ROWS else (parts[: ROWS - 1], parts[ROWS - 1 :])
    bars = [
        Bar(
            f"{part.key[0]}: {part.key[1]}",
            part.queueing.mean,
            part.held.mean,
            plus_minus(part.time),
            looks[part.key[0]],
        )
        for part in kept
    ]
    if rest:
        sums = total(part.queueing for part in rest), total(part.held for part in rest)
        bars.append(Bar(f"{len(rest)} shorter ones", *sums, number(sum(sums)), OTHERS))
    return bars


def total(times: Iterable[Estimate]) -> float:
    """Add up means."""
    return math.fsum(each.mean for each in times)


def in_line_and_held(bars: Sequence[Bar]) -> tuple[float, float]:
    """Add up the bars."""
    return math.fsum(bar.queueing for bar in bars), math.fsum(bar.held for bar in bars)


def draw_steps(ax: Axes, rows: Sequence[Bar]) -> None:
    """Draw the bars, each where the last one ended; the last row begins at zero again."""
    at = 0.0
    for place, bar in enumerate(rows):
        start = 0.0 if place == len(rows) - 1 else at
        for time, begins, lighter in ((bar.queueing, start, 0.0), (bar.held, start + bar.queueing, HELD)):
            ax.barh(place, time, left=begins, height=_HIGH, **bar.look.fill(lighter))
        at = start + bar.time
        ax.text(
            at, place, f"  {bar.said}", va="center_baseline", ha="left", fontsize=SMALL, color=INK, parse_math=False
        )
        if place < len(rows) - 1:
            ax.plot([at, at], [place + _HIGH / 2, place + 1 - _HIGH / 2], color=GREY, linewidth=0.8)
