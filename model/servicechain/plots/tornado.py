"""The tornado: inputs one below the other, what matters most on top, so that the picture narrows to its foot.

Three kinds of bars, by how it was asked: from the low end of a range to the high one, through the number of today; the
mean size of an effect; or shares of the variance. Whiskers are 95 %. The trap is a bar that hides which end of the
input is which: so the ends are told by colour, and the range stands below the name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from servicechain.estimates import Estimate
from servicechain.plots.style import BLUE, GREY, INK, ORANGE, SKY_BLUE, house_style, new_axes
from servicechain.plots.words import (
    ROUND,
    TICKS,
    fitted,
    headline,
    instead,
    key_below,
    width_in_points,
    width_of,
)

if TYPE_CHECKING:
    from servicechain.studies.influence import Effect
    from servicechain.studies.sensitivity import Sensitivity

ROWS = 20
LABEL = 190.0  # points for the names at the side
_HIGH = 0.62

Key = list[tuple[Artist, str]]


def plot_tornado(found: Sensitivity, ax: Axes | None = None) -> Axes:
    """Draw how much each input matters.

    Parameters
    ----------
    found : Sensitivity
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: the metric (one at a time), its mean change over the range of an input (Morris), or the share of the variance
        (Sobol); y: inputs with their ranges, the 20 that matter most.
    """
    effects = found.effects[:ROWS]
    with house_style():
        ax = new_axes(ax, width=7.6, height=2.1 + 0.54 * len(effects))
        labels = [label_of(found, effect) for effect in effects]
        aside = max(width_of(line) for label in labels for line in label.splitlines())
        ax.set_ylim(len(effects) - 0.4, -0.6)
        ax.set_yticks(range(len(effects)), labels, parse_math=False)
        ax.tick_params(axis="y", length=0)
        headline(ax, found.sentence().rstrip("."), aside)
        draw, label = _DRAWN[found.method]
        rest = len(found.effects) - len(effects)
        told = f"{label(found)}{f'; {rest} inputs that matter less left out' if rest else ''}"
        ax.set_xlabel(fitted(told, width_in_points(ax, aside), 2, 10.0))
        if all(math.isnan(each.mean) for effect in effects for each in effect.measures.values()):
            ax.set_xticks([])
            instead(ax, "none of the inputs changes anything")
            return ax
        key = draw(ax, found, effects)
        width = width_in_points(ax, aside)
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width // TICKS)), steps=ROUND))
        key_below(ax, key, 56.0 if "\n" in ax.get_xlabel() else 42.0, aside)
    return ax


def label_of(found: Sensitivity, effect: Effect) -> str:
    """Name an input and its range."""
    one = found.input(effect.path)
    return f"{fitted(one.name, LABEL, 2)}\n{fitted(one.range, LABEL, 1)}"


def draw_ends(ax: Axes, found: Sensitivity, effects: tuple[Effect, ...]) -> Key:
    """Draw bars from the number of today to those at the ends of each range."""
    factor = found.measured.factor
    base = found.base.mean * factor
    for place, effect in enumerate(effects):
        for end, colour, side in (("low", SKY_BLUE, 0.25), ("high", ORANGE, -0.25)):
            change = effect.measures[end]
            if math.isnan(change.mean):
                continue
            both = effect.measures["low"].mean * effect.measures["high"].mean > 0
            # where both ends move it the same way, one bar would hide the other
            at, high = (place - side * _HIGH, _HIGH / 2) if both else (place, _HIGH)
            ax.barh(at, change.mean * factor, left=base, height=high, color=colour, linewidth=0.0)
            whisker(ax, base + change.mean * factor, at, change.halfwidth * factor)
    ax.axvline(base, color=INK, linewidth=1.0)
    ax.margins(x=0.06)
    return [
        (Patch(facecolor=SKY_BLUE), "input at its low end"),
        (Patch(facecolor=ORANGE), "input at its high end"),
        (Line2D([], [], color=INK, linewidth=1.0), f"as it is: {found.measured.told(found.base)}"),
    ]


def draw_effects(ax: Axes, found: Sensitivity, effects: tuple[Effect, ...]) -> Key:
    """Draw the mean size of effects, and their spread as a mark."""
    factor = found.measured.factor
    for place, effect in enumerate(effects):
        size, sigma = effect.measures["mu_star"], effect.measures["sigma"].mean
        ax.barh(place, size.mean * factor, height=_HIGH, color=BLUE, linewidth=0.0)
        whisker(ax, size.mean * factor, place, size.halfwidth * factor)
        if sigma > 0.01 * effects[0].weight:
            ax.plot(sigma * factor, place, marker="D", markersize=5, color=ORANGE, markeredgecolor=INK, linestyle="")
    ax.set_xlim(left=0.0)
    return [
        (Patch(facecolor=BLUE), "μ*: mean size of the change"),
        (sigma_mark(), "σ: how much it varies with the other inputs"),
    ]


def sigma_mark() -> Line2D:
    """Give the mark of a spread."""
    return Line2D([], [], marker="D", markersize=5, color=ORANGE, markeredgecolor=INK, linestyle="")


def draw_shares(ax: Axes, _: Sensitivity, effects: tuple[Effect, ...]) -> Key:
    """Draw shares of the variance: of each input alone, and all it has a part in."""
    for place, effect in enumerate(effects):
        for name, colour, side in (("total", SKY_BLUE, -0.25), ("first", BLUE, 0.25)):
            share: Estimate = effect.measures[name]
            at = place + side * _HIGH
            ax.barh(at, share.mean, height=_HIGH / 2, color=colour, linewidth=0.0)
            whisker(ax, share.mean, at, share.halfwidth)
    ax.axvline(0.0, color=GREY, linewidth=0.8)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return [
        (Patch(facecolor=SKY_BLUE), "all it has a part in"),
        (Patch(facecolor=BLUE), "alone"),
    ]


def whisker(ax: Axes, at: float, place: float, half: float) -> None:
    """Draw a half-width, if there is one."""
    if half > 0:
        ax.errorbar(at, place, xerr=half, color=INK, linewidth=1.1, capsize=2.5)


_DRAWN: dict[str, tuple[Callable[..., Any], Callable[[Any], str]]] = {
    "one_at_a_time": (draw_ends, lambda found: found.measured.label),
    "morris": (draw_effects, lambda found: f"change of {found.measured.label} over the range of an input"),
    "sobol": (draw_shares, lambda found: f"share of the variance of {found.measured.name}"),
}
