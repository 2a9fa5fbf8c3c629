"""Where did the minutes go? Scenarios side by side, each bar the mean wait and its pieces who caused it.

The pieces come from the first round of replications, the whole wait from all; so that a bar ends where its wait is, the
pieces are stretched by what is between (a few percent). An actor has one colour, as in all pictures, and what it did
besides is a lighter piece of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from servicechain.blame import article
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate
from servicechain.plots.culprits import OTHERS, Look, looks_of
from servicechain.plots.style import GREY, INK, PALE, house_style, new_axes
from servicechain.plots.words import (
    ROUND,
    SMALL,
    TICKS,
    fitted,
    headline,
    instead,
    key_below,
    short,
    width_in_points,
    width_of,
)
from servicechain.studies.measured import customer_class_of
from servicechain.studies.measures import COST
from servicechain.tables import UNDEFINED, number, plus_minus

if TYPE_CHECKING:
    from servicechain.facts import ChainFacts
    from servicechain.studies.outcome import StudyResult

Cause: TypeAlias = tuple[str, str]

ROWS = 24
PIECES = 7
LABEL = 190.0  # points for the names at the side
LINES = 4
BEST = "★"
_HIGH = 0.62
_SHADES = (0.0, 0.4, 0.6, 0.75, 0.85)
_REST: Cause = ("", "")


@dataclass(frozen=True)
class Row:
    """One scenario: what it is called, how long its customers wait, because of whom, and what it costs.

    Attributes
    ----------
    name : str
    wait : Estimate
        Per customer who left.
    parts : mapping from (actor, cause) to float
        They add up to the wait; empty where nobody followed it.
    cost : Estimate
        Per day.
    best : bool
        The study's choice, or equal to it to the last digit.
    """

    name: str
    wait: Estimate
    parts: Mapping[Cause, float]
    cost: Estimate
    best: bool


def plot_comparison(outcome: StudyResult, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the mean wait of a class in every scenario, told apart by who caused it.

    Parameters
    ----------
    outcome : StudyResult
    customer_class : str, optional
        Whose wait, by name or by one of its metrics; by default that of the class the study chooses by, or the first.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time per customer who left, in the chain's unit, a whisker for the half-width of the whole; y: scenarios,
        the base first (of more than 24 the base, the best, and those with the shortest waits). Beside them the wait
        and, if wages are known, the cost per day.

    Raises
    ------
    Mistake
        If there is no such class.
    """
    classes = tuple(outcome.plan.scenarios[0].chain.customers)
    name = chosen_class(outcome.plan.choice.metric, classes, customer_class)
    every = [] if name is None else rows_of(outcome, name)
    rows = most_telling(every)
    unit = str(outcome.plan.scenarios[0].chain.unit)
    pieces = biggest(rows)
    with house_style():
        labels = [fitted(label_of(row, base=row is every[0]), LABEL, LINES) for row in rows]
        lines = max((1 + label.count("\n") for label in labels), default=1)
        high = max(0.46, 0.15 * lines + 0.1)
        ax = new_axes(ax, width=8.4, height=2.9 + high * len(rows) + 0.2 * math.ceil(len(pieces) / 3))
        aside = max((width_of(line) for label in labels for line in label.splitlines()), default=0.0)
        whose = f"time waited ({unit}), mean per {short(name or 'customer')} who left"
        below = [fitted(whose + left_out(len(every) - len(rows)), width_in_points(ax, aside), 2, 10.0)]
        below += [fitted(f"{BEST} {outcome.guarantee.text}", width_in_points(ax, aside), 4, 10.0)]
        ax.set_xlabel("\n".join(below), loc="left")
        ax.set_ylim(len(rows) - 0.4, -1.1)
        ax.set_yticks(range(len(rows)), labels, parse_math=False)
        ax.tick_params(axis="y", length=0)
        headline(ax, finding(every, name, unit), aside)
        if not any(row.wait.mean > 0 for row in rows):
            ax.set_xticks([])
            instead(ax, "no waiting to be told apart")
            return ax
        width = width_in_points(ax, aside)
        room = write_columns(ax, rows, unit, width)
        ends = [row.wait.mean + (0.0 if math.isnan(row.wait.halfwidth) else row.wait.halfwidth) for row in rows]
        longest = max(end for end in ends if not math.isnan(end))
        width = max(width, 2 * room)
        ax.set_xlim(0.0, longest * width / (width - room))
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width // TICKS)), steps=ROUND))
        looks = looks_over(outcome, pieces)
        if any(key not in looks for row in rows for key in row.parts):
            looks[_REST] = OTHERS, 0.0
        for place, row in enumerate(rows):
            draw_row(ax, place, row, looks)
        down = 30.0 + 14.0 * sum(1 + text.count("\n") for text in below)
        key_below(ax, [(look.sample(shade), said(piece)) for piece, (look, shade) in looks.items()], down, aside)
    return ax


def chosen_class(metric: str, classes: Sequence[str], name: str | None) -> str | None:
    """Take the class of a name, or the one a metric speaks of; None if there is none at all.

    Raises
    ------
    Mistake
        If no class is called so.
    """
    if name is not None:
        found = name.split(".")[1] if name.startswith(("customers.", "attribution.")) else name
        if found not in classes:
            raise Mistake(f"no customer class is called {shown(found)}{nearest(found, classes)}")
        return found
    return customer_class_of(metric, tuple(classes))


def rows_of(outcome: StudyResult, customer_class: str) -> list[Row]:
    """Make a row of every scenario."""
    return [row_of(outcome, each.scenario.name, customer_class, best=each.best) for each in outcome.scenarios]


def row_of(outcome: StudyResult, scenario: str, customer_class: str, *, best: bool) -> Row:
    """Make the row of a scenario."""
    wait = outcome.estimate(scenario, f"customers.{customer_class}.wait")
    frame = outcome.attribution(scenario, customer_class)
    times = zip(frame["actor"], frame["cause"], frame["time"], strict=True)
    parts = {(str(actor), str(cause)): float(time) for actor, cause, time in times if time > 0}
    whole = math.fsum(parts.values())
    parts = {key: time * wait.mean / whole for key, time in parts.items()} if wait.mean > 0 else {}
    return Row(scenario, wait, parts, outcome.estimate(scenario, COST), best)


def most_telling(rows: Sequence[Row]) -> list[Row]:
    """Keep as many as can be drawn: the base, which is first, the best, and the shortest waits; in their order."""

    def weight(place: int) -> tuple[bool, bool, float]:
        wait = rows[place].wait.mean
        return place > 0, not rows[place].best, math.inf if math.isnan(wait) else wait

    return [rows[place] for place in sorted(sorted(range(len(rows)), key=weight)[:ROWS])]


def label_of(row: Row, *, base: bool) -> str:
    """Name a scenario at the side."""
    name = f"{row.name} (as it is)" if base else row.name
    return f"{BEST} {name}" if row.best else name


def left_out(count: int) -> str:
    """Say how many scenarios are not drawn."""
    return f"; {count} more scenarios with longer waits left out" if count else ""


def biggest(rows: Iterable[Row]) -> list[Cause]:
    """List the causes that have a piece of their own, those of one actor together, the longest actor first."""
    longest: dict[Cause, float] = {}
    for row in rows:
        for key, time in row.parts.items():
            longest[key] = max(time, longest.get(key, 0.0))
    kept = sorted(longest, key=lambda key: -longest[key])
    kept = kept if len(kept) <= PIECES + 1 else kept[:PIECES]
    actors = list(dict.fromkeys(actor for actor, _ in kept))
    return sorted(kept, key=lambda key: (actors.index(key[0]), -longest[key]))


def looks_over(outcome: StudyResult, pieces: Sequence[Cause]) -> dict[Cause, tuple[Look, float]]:
    """Give each piece its actor's look and how much lighter it is; what has none of its own comes last."""
    from servicechain.running import facts_of

    facts = [facts_of(scenario.chain) for scenario in outcome.plan.scenarios]
    looks = looks_of(together(facts))
    found: dict[Cause, tuple[Look, float]] = {}
    for actor, cause in pieces:
        before = sum(1 for other, _ in found if other == actor)
        found[actor, cause] = looks[actor], _SHADES[min(before, len(_SHADES) - 1)]
    return found


def together(facts: Sequence[ChainFacts]) -> ChainFacts:
    """Add to the actors of the base those that only other scenarios have, after them, so that colours stay."""
    actors = {each.name: each for one in reversed(facts) for each in one.actors}
    base = facts[0]
    new = [each for name, each in actors.items() if name not in {own.name for own in base.actors}]
    return replace(base, actors=(*base.actors, *sorted(new, key=lambda each: each.name)))


def said(piece: Cause) -> str:
    """Name a piece in the key."""
    return "others" if piece == _REST else f"{piece[0]}: {piece[1]}"


def draw_row(ax: Axes, place: int, row: Row, looks: Mapping[Cause, tuple[Look, float]]) -> None:
    """Draw one bar, piece by piece, and the whisker of the whole."""
    if math.isnan(row.wait.mean):
        ax.text(0.0, place, "  nobody arrived and left again", va="center_baseline", color=GREY, fontsize=SMALL)
        return
    start = 0.0
    for piece, (look, shade) in looks.items():
        rest = math.fsum(row.parts.get(key, 0.0) for key in row.parts if key not in looks)
        time = rest if piece == _REST else row.parts.get(piece, 0.0)
        if time > 0:
            ax.barh(place, time, left=start, height=_HIGH, **look.fill(shade))
            start += time
    if not row.parts:
        ax.barh(place, row.wait.mean, height=_HIGH, facecolor=PALE, edgecolor="none")
    if row.wait.halfwidth > 0:
        ax.errorbar(row.wait.mean, place, xerr=row.wait.halfwidth, color=INK, linewidth=1.2, capsize=3.0)


def write_columns(ax: Axes, rows: Sequence[Row], unit: str, width: float) -> float:
    """Write waits, and costs if any are known, at the right edge; give the room they take, in points."""
    columns = [(unit, [plus_minus(row.wait) for row in rows])]
    if any(row.cost.mean > 0 for row in rows):
        columns.append(("cost a day", [number(row.cost.mean) for row in rows]))
    taken = 0.0
    for head, cells in reversed(columns):
        right = 1.0 - taken / width
        for place, cell in ((-0.8, head), *enumerate(cells)):
            ax.text(
                right,
                place,
                cell,
                transform=ax.get_yaxis_transform(),
                ha="right",
                va="center_baseline",
                fontsize=SMALL,
                color=GREY if place < 0 else INK,
            )
        taken += max(map(width_of, (head, *cells))) + 16.0
    return taken


def finding(rows: Sequence[Row], customer_class: str | None, unit: str) -> str:
    """Say what the best scenario makes of today's wait."""
    if not rows or customer_class is None:
        return "No customers"
    base, best = rows[0], [row for row in rows if row.best]
    today = number(base.wait.mean)
    who = article(short(customer_class))
    who = who[:1].upper() + who[1:]
    if math.isnan(base.wait.mean):
        return f"{short(customer_class)}: nobody arrived and left again in the base case"
    if not best or all(row is base for row in best):
        return f"{who} waits {today} {unit} today, and nothing tried is better"
    if len(best) > 1:
        return f"{who} waits {today} {unit} today; {len(best)} scenarios ({BEST}) are equally good"
    new = UNDEFINED if math.isnan(best[0].wait.mean) else number(best[0].wait.mean)
    return f"{who} waits {new} {unit} with {best[0].name}, {today} today"
