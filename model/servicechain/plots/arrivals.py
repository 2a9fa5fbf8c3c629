"""When customers come, and who is on duty then.

Two scales in one picture invite to compare what cannot be compared. Both begin at zero here, each is written in
its own unit, and whether the staff suffice is not read from where the lines cross: a customer may be one minute's
work or an hour's. What the picture shows is whether the two rise and fall together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from servicechain.errors import Mistake, nearest, shown
from servicechain.facts import ActorFacts
from servicechain.plots.clock import interval, lasting, set_clock
from servicechain.plots.queues import STYLES, draw_warm_up, timeline_of
from servicechain.plots.style import GREEN, INK, ORANGE, PALE, PURPLE, SKY_BLUE, VERMILION, house_style, new_axes
from servicechain.plots.words import ROUND, headline, instead, key_below, short, side_label
from servicechain.tables import number
from servicechain.timeline import Floats, Timeline
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.results import Result

FILLS = (SKY_BLUE, ORANGE, GREEN, PURPLE, VERMILION)
TEAMS = 3
_HOUR, _DAY = 3600, 86400
_LONG = 6 * _HOUR


def plot_arrivals(result: Result, *actors: str, ax: Axes | None = None) -> Axes:
    """Draw how many customers arrive when, by class, and how many servers are on duty.

    Parameters
    ----------
    result : Result
        Of a run that ended at a given time.
    *actors : str
        Whose servers; by default those of the first three teams in contact with customers.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time in the chain's unit, told as clock time or days; y: arrivals per hour (per day where the bars are
        days), mean over the replications; servers on duty on an axis of its own at the right.

    Raises
    ------
    Mistake
        If the run did not end at a given time, or no actor is called so, or is unlimited.
    """
    timeline = timeline_of(result)
    teams = teams_of(result.facts.actors, actors)
    edges, counts = coarser(timeline)
    seconds = np.diff(edges) * timeline.unit.seconds
    per, size = ("day", _DAY) if seconds[0] >= _DAY else ("hour", _HOUR)
    rates = counts / (seconds / size)
    with house_style():
        ax = new_axes(ax, height=4.6)
        down = set_clock(ax, timeline)
        side_label(ax, f"arrivals per {per}, mean of {counted(result.replications, 'replication')}")
        entries = draw_classes(ax, timeline.classes, edges, rates)
        top = float(rates.sum(axis=0).max(initial=0.0))
        ax.set_ylim(0.0, top * 1.12 if top else 1.0)
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=ROUND))
        if not top:
            instead(ax, "nobody arrived")
        if teams:
            entries += draw_teams(ax, timeline, teams)
        entries += draw_warm_up(ax, result)
        headline(ax, finding(timeline, edges, rates, per, teams), 30.0)
        key_below(ax, entries, down, 30.0)
    return ax


def teams_of(actors: Sequence[ActorFacts], names: Sequence[str]) -> list[int]:
    """Find whose servers to show: those asked for, or the teams customers meet.

    Raises
    ------
    Mistake
        If no actor is called so, or it is unlimited.
    """
    places = {each.name: place for place, each in enumerate(actors)}
    for name in names:
        if name not in places:
            raise Mistake(f"no actor is called {shown(name)}{nearest(name, places)}")
        if actors[places[name]].unlimited:
            raise Mistake(f"{shown(name)} is unlimited, so it has no number of servers on duty; name another actor")
    if names:
        return [places[name] for name in names]
    return [places[each.name] for each in actors if each.lane == "contact" and not each.unlimited][:TEAMS]


def coarser(timeline: Timeline) -> tuple[Floats, Floats]:
    """Put buckets together to hours, if the run is long enough for it; give their edges, and arrivals per class."""
    seconds = timeline.edges * timeline.unit.seconds
    hour = round(_HOUR / float(seconds[1]))
    group = hour if hour > 1 and seconds[-1] >= _LONG else 1
    starts = np.arange(0, timeline.edges.size - 1, group)
    counts = np.add.reduceat(timeline.arrivals.mean, starts, axis=1)
    return np.append(timeline.edges[starts], timeline.edges[-1]), counts


def draw_classes(ax: Axes, names: Sequence[str], edges: Floats, rates: Floats) -> list[tuple[Artist, str]]:
    """Draw the arrivals of the classes on top of each other, and give their entries in the key."""
    most = np.argsort(-rates.sum(axis=1), kind="stable")
    shown_ones = sorted(int(row) for row in most[: len(FILLS)] if rates[row].sum() > 0)
    entries: list[tuple[Artist, str]] = []
    base = np.zeros(edges.size - 1)
    for row, colour in zip(shown_ones, FILLS, strict=False):
        ax.stairs(base + rates[row], edges, baseline=base, fill=True, color=colour, linewidth=0)
        entries.append((Patch(color=colour), short(names[row])))
        base = base + rates[row]
    rest = rates.sum(axis=0) - base
    if len(most) > len(FILLS) and rest.sum() > 1e-9 * base.sum():
        ax.stairs(base + rest, edges, baseline=base, fill=True, color=PALE, linewidth=0)
        entries.append((Patch(color=PALE), "all other classes"))
    return entries


def draw_teams(ax: Axes, timeline: Timeline, teams: Sequence[int]) -> list[tuple[Artist, str]]:
    """Draw servers on duty on an axis at the right, and give their entries in the key."""
    right = ax.twinx()
    right.spines["right"].set_visible(True)
    right.spines["left"].set_visible(False)
    # a shift may begin within a bucket; the number is a mean then
    within = np.any(timeline.on_duty[list(teams)] % 1)
    right.set_ylabel("servers on duty" + (f", mean of {lasting(timeline)}" if within else ""))
    entries: list[tuple[Artist, str]] = []
    for place, row in enumerate(teams):
        style = STYLES[place % len(STYLES)]
        right.stairs(timeline.on_duty[row], timeline.edges, baseline=None, color=INK, linewidth=2.0, linestyle=style)
        entries.append((Line2D([], [], color=INK, linestyle=style), f"{short(timeline.actors[row])} on duty"))
    right.set_ylim(0.0, max(float(timeline.on_duty[list(teams)].max(initial=0.0)), 1.0) * 1.3)
    right.yaxis.set_major_locator(MaxNLocator(6, integer=True, steps=ROUND))
    return entries


def finding(timeline: Timeline, edges: Floats, rates: Floats, per: str, teams: Sequence[int]) -> str:
    """Say when most customers come, and who is there then."""
    total = rates.sum(axis=0)
    if not total.sum():
        return "Nobody arrives"
    busiest = int(np.argmax(total >= total.max() * (1 - 1e-9)))
    when = interval(timeline, float(edges[busiest]), float(edges[busiest + 1]))
    told = f"Most arrivals from {when}: {number(round(float(total[busiest]), 1))} per {per}"
    if len(teams) != 1:
        return told
    within = (timeline.edges[:-1] >= edges[busiest]) & (timeline.edges[:-1] < edges[busiest + 1])
    return f"{told}, with {number(float(timeline.on_duty[teams[0]][within].mean()))} on duty"
