"""What everybody's time on duty is spent on: working, held, idle or down.

"Busy" hides who only stands there: a server that waits for somebody else has its hands full and does nothing. So
held time has a colour of its own. An actor without limit has no time on duty a share could be taken of; there
the mean number at work is said instead. Overtime is no part of the time on duty: it stands below the name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from servicechain.estimates import Estimates
from servicechain.facts import ActorFacts
from servicechain.plots.blueprint_box_words import duration_text
from servicechain.plots.style import BLUE, GREY, INK, ORANGE, PALE, PAPER, VERMILION, house_style, new_axes
from servicechain.plots.words import (
    SMALL,
    fitted,
    headline,
    in_percent,
    instead,
    key_below,
    short,
    width_in_points,
    width_of,
)
from servicechain.tables import branch, mean, number
from servicechain.units import TimeUnit
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.results import Result

PARTS = {"working": BLUE, "held": ORANGE, "down": VERMILION, "idle": PALE}
HATCHES = {"down": "////"}
ROWS = 60
CROWDED = 30
LABEL = 130.0  # points for the names at the side
_WORDS = {
    "working": "working",
    "held": "held: waiting for others, or pausing",
    "down": "down: broken",
    "idle": "idle",
}


def plot_load(result: Result, ax: Axes | None = None) -> Axes:
    """Draw which part of its time on duty each actor works, is held, is down, is idle.

    Parameters
    ----------
    result : Result
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: share of the time on duty; y: actors in the order of the chain, the first 60 of them by the time they
        are not idle if there are more.
    """
    actors = branch(result.estimates, "actors")
    everybody = [(facts, branch(actors, facts.name)) for facts in result.facts.actors]
    rows = busiest(everybody)
    with house_style():
        ax = new_axes(ax, height=max(1.9 + 0.36 * len(rows), 2.6))
        crowded = len(rows) >= CROWDED
        names = [label_of(facts, metrics, result.facts.unit, crowded=crowded) for facts, metrics in rows]
        aside = max((width_of(line) for name in names for line in name.splitlines()), default=0.0)
        left_out = len(everybody) - len(rows)
        ax.set_xlim(0.0, 1.0)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), names, parse_math=False)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.set_xlabel(
            f"share of time on duty, mean of {counted(result.replications, 'replication')}"
            + (f"; {left_out} less busy left out" if left_out else "")
        )
        width = width_in_points(ax, aside)
        for place, (facts, metrics) in enumerate(rows):
            draw_bar(ax, place, facts, metrics, width)
        headline(ax, finding(rows), aside)
        down = any(mean(metrics, "down") > 0 for _, metrics in rows)
        key_below(
            ax,
            [(sample_of(part), _WORDS[part]) for part in PARTS if down or part != "down"],
            aside=aside,
        )
        if not rows:
            instead(ax, "no actors are described")
    return ax


def label_of(facts: ActorFacts, metrics: Estimates, unit: TimeUnit, *, crowded: bool) -> str:
    """Give an actor's name in up to two lines (one where many stand below each other) and the overtime, if any."""
    overtime = mean(metrics, "overtime")
    if crowded or not overtime > 0:
        return fitted(facts.name, LABEL, 1 if crowded else 2)
    return fitted(facts.name, LABEL, 1) + f"\n+ {duration_text(overtime * unit.seconds)} overtime"


def sample_of(part: str) -> Patch:
    """Give a piece of a bar, for the key."""
    return Patch(facecolor=PARTS[part], edgecolor=PAPER, linewidth=0.0, hatch=HATCHES.get(part))


def busiest(rows: Sequence[tuple[ActorFacts, Estimates]]) -> list[tuple[ActorFacts, Estimates]]:
    """Keep those of whom there is most to see, in their order."""

    def seen(place: int) -> float:
        share = mean(rows[place][1], "utilisation")
        return -1.0 if math.isnan(share) else share

    kept = sorted(sorted(range(len(rows)), key=seen, reverse=True)[:ROWS])
    return [rows[place] for place in kept]


def draw_bar(ax: Axes, place: int, facts: ActorFacts, metrics: Estimates, width: float) -> None:
    """Draw one actor's time, or say why there is none to divide."""
    if math.isnan(mean(metrics, "utilisation")):
        ax.text(0.01, place, in_words(facts, metrics), va="center_baseline", ha="left", color=GREY, fontsize=SMALL)
        return
    start = 0.0
    for part, colour in PARTS.items():
        share = mean(metrics, part)
        hatch = HATCHES.get(part)
        ax.barh(place, share, left=start, height=0.62, color=colour, edgecolor=PAPER, linewidth=0.6, hatch=hatch)
        label = in_percent(share)
        if share * width > width_of(label) + 8:
            ink = PAPER if part in ("working", "down") else INK
            behind: dict[str, Any] | None = {"facecolor": colour, "edgecolor": "none", "pad": 1.5} if hatch else None
            look: dict[str, Any] = {"va": "center_baseline", "ha": "center", "fontsize": SMALL, "bbox": behind}
            ax.text(start + share / 2, place, label, color=ink, **look)
        start += share


def in_words(facts: ActorFacts, metrics: Estimates) -> str:
    """Say of an actor without a share what there is to say."""
    if not facts.unlimited:
        return "never on duty"
    busy = mean(metrics, "busy")
    return "unlimited" if math.isnan(busy) else f"unlimited: {number(busy)} busy on average"


def finding(rows: Sequence[tuple[ActorFacts, Estimates]]) -> str:
    """Say who waits most for somebody else, or else who is busiest."""

    def most(metric: str) -> tuple[float, str]:
        known = [(mean(metrics, metric), short(facts.name)) for facts, metrics in rows]
        return max((each for each in known if each[0] > 0), default=(0.0, ""))

    held, waits = most("held")
    used, busy = most("utilisation")
    if used == 0:
        at_work = any(mean(metrics, "busy") > 0 for _, metrics in rows)
        return "Who is busy here has no limit" if at_work else "Nobody has anything to do"
    told = f"{busy}, {in_percent(used)} of the time on duty"
    if held < 0.005:
        return f"Busiest: {told}"
    if waits == busy:
        return f"Busiest and most held: {told}, {in_percent(held)} held"
    return f"Busiest: {told}; most held: {waits}, {in_percent(held)}"
