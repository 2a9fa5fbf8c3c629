"""The day of waiting: how much of it arises when, and because of whom.

A mean over the day hides that most waiting arises in a few hours of it. Here all customers' waiting counts in the
hour in which they stand there, not in which they came: the trap of records is that they know only the latter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from servicechain.blame import ALL, attribution_of, brief, short
from servicechain.errors import Mistake, nearest, shown
from servicechain.plots.clock import interval, set_clock
from servicechain.plots.culprits import OTHERS, looks_of
from servicechain.plots.queues import draw_warm_up, timeline_of
from servicechain.plots.style import house_style, new_axes
from servicechain.plots.words import ROUND, headline, in_percent, instead, key_below, side_label
from servicechain.timeline import Floats, Timeline
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.results import Result

ACTORS = 8
_HOUR, _DAY = 3600, 86400
_LONG = 6 * _HOUR


def plot_day(result: Result, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how much customers wait in each hour, and because of whom.

    Parameters
    ----------
    result : Result
        Of a run that ended at a given time.
    customer_class : str, optional
        Only the waiting of this class; by default of all.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time in the chain's unit, told as clock time or days; y: waiting of all customers, in the chain's unit per
        hour (per day where the bars are days), mean over the replications; the 7 who cause most apart, others together.

    Raises
    ------
    Mistake
        If the run did not end at a given time, was made without attribution, or no class is called so.
    """
    timeline = timeline_of(result)
    attribution_of(result)
    if customer_class is not None and customer_class not in timeline.classes:
        hint = nearest(customer_class, timeline.classes)
        raise Mistake(f"no customer class is called {shown(customer_class)}{hint}")
    edges, caused = caused_by(timeline, customer_class)
    seconds = np.diff(edges) * timeline.unit.seconds
    per, size = ("day", _DAY) if seconds[0] >= _DAY else ("hour", _HOUR)
    rates = {actor: times / (seconds / size) for actor, times in caused.items()}
    with house_style():
        ax = new_axes(ax, height=4.6)
        down = set_clock(ax, timeline)
        who = "all customers" if customer_class is None else short(customer_class)
        side_label(
            ax, f"{result.unit} waited per {per} by {who}, mean of {counted(result.replications, 'replication')}"
        )
        total = sum(rates.values(), np.zeros(edges.size - 1))
        top = float(total.max(initial=0.0))
        ax.set_ylim(0.0, top * 1.08 if top else 1.0)
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=ROUND))
        headline(ax, finding(timeline, edges, rates, per), 30.0)
        if not top:
            instead(ax, "nobody waited")
        key_below(ax, [*draw_stack(ax, result, edges, rates), *draw_warm_up(ax, result)], down)
    return ax


def caused_by(timeline: Timeline, customer_class: str | None) -> tuple[Floats, dict[str, Floats]]:
    """Give the edges of hours (of buckets, in a short run or a long one), and the waiting each actor causes in them.

    Actors come in order of what they cause, those of nothing not at all.
    """
    seconds = timeline.edges * timeline.unit.seconds
    hour = round(_HOUR / float(seconds[1]))
    group = hour if hour > 1 and seconds[-1] >= _LONG else 1
    starts = np.arange(0, timeline.edges.size - 1, group)
    sums: dict[str, Floats] = {}
    for (position, (actor, _)), times in timeline.waiting.items():
        if customer_class in (None, timeline.classes[position]):
            name = timeline.actors[actor]
            sums[name] = sums.get(name, np.zeros(starts.size)) + np.add.reduceat(times, starts)
    most = sorted((name for name in sums if sums[name].sum() > 0), key=lambda name: -float(sums[name].sum()))
    return np.append(timeline.edges[starts], timeline.edges[-1]), {name: sums[name] for name in most}


def draw_stack(ax: Axes, result: Result, edges: Floats, rates: Mapping[str, Floats]) -> list[tuple[Artist, str]]:
    """Draw what the actors cause on top of each other, the most at the bottom, and give the entries of the key."""
    looks, names = looks_of(result.facts), list(rates)
    kept, rest = (names, []) if len(names) <= ACTORS else (names[: ACTORS - 1], names[ACTORS - 1 :])
    layers = [(looks[name], f"because of {short(name)}", rates[name]) for name in kept]
    if rest:
        layers.append((OTHERS, f"because of {len(rest)} others", np.sum([rates[name] for name in rest], axis=0)))
    base = np.zeros(edges.size - 1)
    for look, _, rate in layers:
        ax.stairs(base + rate, edges, baseline=base, fill=True, **look.fill())
        base = base + rate
    return [(look.sample(), text) for look, text, _ in layers]


def finding(timeline: Timeline, edges: Floats, rates: Mapping[str, Floats], per: str) -> str:
    """Say when customers wait most, and because of whom then."""
    if not rates:
        return "Nobody waits"
    total = np.sum(list(rates.values()), axis=0)
    worst = int(np.argmax(total >= total.max() * (1 - 1e-9)))
    actor = max(rates, key=lambda name: rates[name][worst])
    when = interval(timeline, float(edges[worst]), float(edges[worst + 1]))
    share = float(rates[actor][worst] / total[worst])
    told = f"Most waiting from {when}: {brief(float(total[worst]))} {timeline.unit} per {per}"
    return f"{told}, {'all' if share >= ALL else in_percent(share)} because of the {short(actor)}"
