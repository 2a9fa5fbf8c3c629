"""One customer's story: their visit from left to right, and below it everybody who had to do with it.

Read it downwards: while the customer stands in the first row, the colour of who makes them wait runs, pale, through
the rows of those by way of whom, to the row of who it is, where it is full. A frame is a request made for this
customer in somebody's hands. The trap is to take a full bar without a frame for a mistake: whoever works for others
makes this customer wait as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from servicechain.blame import ALL, brief, short
from servicechain.plots.clock import moment
from servicechain.plots.culprits import Look, looks_of, mixed
from servicechain.plots.style import GREY, INK, PALE, PAPER, house_style, new_axes
from servicechain.plots.words import (
    ROUND,
    SMALL,
    TICKS,
    fitted,
    headline,
    key_below,
    width_in_points,
    width_of,
)
from servicechain.story import Errand, Spell, Story, story_of
from servicechain.tables import number

if TYPE_CHECKING:
    from servicechain.results import Result

ROWS = 24
LABEL = 140.0  # points for the names at the side
THROUGH = 0.72  # how much paler those are by way of whom
_HIGH = 0.66
_STATES: Mapping[str, dict[str, Any]] = {
    "queueing": {"facecolor": GREY, "edgecolor": GREY},
    "held": {"facecolor": mixed(GREY, 0.45), "edgecolor": GREY},
    "attended": {"facecolor": PAPER, "edgecolor": GREY},
    "own": {"facecolor": PAPER, "edgecolor": PALE, "hatch": "...."},
}
_WORDS = {
    "queueing": "in line",
    "held": "held: begun, but not attended",
    "attended": "attended",
    "own": "busy with something of their own",
}


def plot_story(
    result: Result, customer_class: str | None = None, number: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the visit of one customer of the first replication, which is run once more for it.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        By default the first.
    number : int, optional
        Of the customer within the class, from 0; by default of the one who waited longest.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: time since the customer arrived, in the chain's unit; y: the customer, and below the actors (the first 24),
        from the one who was asked to those farther away.

    Raises
    ------
    Mistake
        If there is no such customer, or the result does not know its chain.
    RunError
        If the simulation cannot go on.
    """
    story = story_of(result, customer_class, number)
    actors = actors_of(story)
    rows, left_out = actors[:ROWS], len(actors[ROWS:])
    looks, length = looks_of(result.facts), story.left - story.arrived
    with house_style():
        ax = new_axes(ax, height=2.5 + 0.46 * (len(rows) + 1))
        labels = [fitted(f"{story.customer_class} {story.number}", LABEL, 2), *(label_of(story, each) for each in rows)]
        aside = max(width_of(line) for label in labels for line in label.splitlines())
        ax.set_xlim(0.0, length or 1.0)
        ax.set_ylim(len(rows) + 0.5, -0.6)
        ax.set_yticks(range(len(rows) + 1), labels, parse_math=False)
        ax.tick_params(axis="y", length=0)
        width = width_in_points(ax, aside)
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(width // TICKS)), steps=ROUND))
        at = "" if result.timeline is None else f" at {moment(result.timeline, story.arrived)}"
        more = f"; {left_out} more actors left out" if left_out else ""
        ax.set_xlabel(fitted(f"{story.unit} since the arrival{at}{more}", width, 1, 10.0))
        draw_visit(ax, story)
        for place, actor in enumerate(rows, 1):
            draw_actor(ax, story, place, actor, looks, width / length if length else 0.0)
        headline(ax, finding(story), aside)
        key_below(ax, key_of(story), aside=aside)
    return ax


def actors_of(story: Story) -> list[str]:
    """List who had to do with a visit: those the customer dealt with first, then those behind them."""
    depths: dict[str, int] = {}
    for errand in story.errands:
        depth = sum(within(errand, each) for each in story.errands)
        depths[errand.actor] = min(depths.get(errand.actor, depth), depth)
    for spell in story.spells:
        for blame in spell.blame:
            for depth, actor in enumerate(blame.path):
                depths[actor] = min(depths.get(actor, depth), depth)
    return sorted(depths, key=lambda actor: depths[actor])


def within(one: Errand, other: Errand) -> bool:
    """Tell whether one request was made while another was in somebody's hands."""
    return one is not other and other.begun <= one.asked and one.ended <= other.ended


def label_of(story: Story, actor: str) -> str:
    """Name an actor at the side, and say how long they made this customer wait."""
    time = story.by_actor().get(actor, 0.0)
    return fitted(actor, LABEL, 1) + (f"\n{number(time)} because of them" if time else "")


def draw_visit(ax: Axes, story: Story) -> None:
    """Draw what the customer did, in the first row."""
    for spell in story.spells:
        start, length = spell.start - story.arrived, spell.end - spell.start
        ax.add_patch(Rectangle((start, -_HIGH / 2), length, _HIGH, linewidth=0.8, **_STATES[spell.state]))


def draw_actor(ax: Axes, story: Story, place: int, actor: str, looks: Mapping[str, Look], scale: float) -> None:
    """Draw one actor's row: the waiting because of them, that by way of them, and requests in their hands."""
    bottom = place + _HIGH / 2
    for spell in story.spells:
        start, length = spell.start - story.arrived, spell.end - spell.start
        height = 0.0
        for share, look, lighter in shares(spell, actor, looks):
            high = share * _HIGH
            ax.add_patch(Rectangle((start, bottom - height - high), length, high, **look.fill(lighter)))
            height += high
        word = sole_cause(spell, actor)
        if word and length * scale > width_of(word) + 8 and not looks[actor].hatch:
            ink = PAPER if brightness(looks[actor].colour) < 0.5 else INK
            ax.text(start + length / 2, place, word, ha="center", va="center_baseline", fontsize=SMALL, color=ink)
    for errand in story.errands:
        if errand.actor == actor:
            start, end = errand.begun - story.arrived, min(errand.ended, story.left) - story.arrived
            ax.add_patch(Rectangle((start, place - _HIGH / 2), end - start, _HIGH, fill=False, edgecolor=INK))
            ax.plot([errand.asked - story.arrived, start], [bottom, bottom], color=INK, linewidth=1.2, linestyle=":")


def shares(spell: Spell, actor: str, looks: Mapping[str, Look]) -> list[tuple[float, Look, float]]:
    """Give the parts of a spell to be drawn in an actor's row: share, look, how pale."""
    ends = [(each.share, looks[actor], 0.0) for each in spell.blame if each.path[-1] == actor]
    through = [
        (each.share, looks[each.path[-1]], THROUGH)
        for each in spell.blame
        if actor in each.path[:-1] and each.path[-1] != actor
    ]
    return ends + through


def sole_cause(spell: Spell, actor: str) -> str:
    """Give what an actor did, if all of a spell is because of that."""
    causes = {each.cause for each in spell.blame if each.path[-1] == actor}
    alone = all(each.path[-1] == actor for each in spell.blame)
    return causes.pop() if alone and len(causes) == 1 else ""


def brightness(colour: str) -> float:
    """Tell how bright a colour looks, 0 to 1 (ITU-R BT.601)."""
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def key_of(story: Story) -> list[tuple[Artist, str]]:
    """Explain the shades of the first row that occur, and what the other rows are made of."""
    met = {spell.state for spell in story.spells}
    entries: list[tuple[Artist, str]] = [
        (Patch(linewidth=0.8, **look), _WORDS[state]) for state, look in _STATES.items() if state in met
    ]
    if any(len(blame.path) > 1 for spell in story.spells for blame in spell.blame):
        entries.append((Patch(facecolor=PALE), "pale: by way of them"))
    if story.errands:
        entries.append((Patch(fill=False, edgecolor=INK), "this customer's request in hand"))
    if any(errand.begun > errand.asked for errand in story.errands):
        entries.append((Line2D([], [], color=INK, linestyle=":", linewidth=1.2), "… still in line"))
    return entries


def finding(story: Story) -> str:
    """Say how long they waited, and because of whom most."""
    name = f"{short(story.customer_class)} {story.number}"
    length = f"{brief(story.left - story.arrived)} {story.unit}"
    gave_up = ", then gives up" if story.outcome == "abandoned" else ""
    if not story.wait > 0:
        return f"{name} is there for {length} and does not wait{gave_up}"
    actor, time = next(iter(story.by_actor().items()))
    part = "all" if time >= ALL * story.wait else brief(time)
    return f"{name} waits {brief(story.wait)} of {length}, {part} because of the {short(actor)}{gave_up}"
