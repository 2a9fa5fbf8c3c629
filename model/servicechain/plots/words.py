"""Words in pictures: names and headlines that fit their place, and keys that stand below the axes.

A name comes from a file and may be of any length; matplotlib draws it over whatever stands beside it. So letters
are measured before they are drawn, broken into lines, and cut with "…" if they still do not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.transforms import ScaledTranslation

from servicechain.plots.style import GREY, legible
from servicechain.tables import UNDEFINED, clean

LONGEST = 28  # letters of a name within a sentence
SMALL = 9.0
LARGE = 12.0
SAMPLE = 2.9 * SMALL  # a line or a colour in a key, and the room after it, in points
GAP = 2.0 * SMALL  # between the columns of a key
TICKS = 62.0  # points on the x axis for each of its numbers
ROUND = (1, 2, 5, 10)  # steps between numbers on an axis


def short(name: str) -> str:
    """Give a name as it stands within a sentence: cut if it is so long that the rest would be lost.

    >>> short("receptionist"), short("somebody with a name of many words")
    ('receptionist', 'somebody with a name of man…')
    """
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def in_percent(value: float) -> str:
    """Write a share in whole percent, a small or a large one so that it is not taken for none or all.

    >>> in_percent(0.194), in_percent(0.0001), in_percent(1.0)
    ('19%', 'under 1%', '100%')
    """
    if math.isnan(value):
        return UNDEFINED
    if 0 < value < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= value < 1 else f"{value:.0%}"


def width_of(text: str, size: float = SMALL, *, bold: bool = False) -> float:
    """Measure a line of text, in points."""
    return size * sum(letter_width(letter, bold) for letter in text)


@cache
def letter_width(letter: str, bold: bool) -> float:
    """Measure how far a letter moves the pen, as a part of the letters' size."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(100.0, 72.0)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def fitted(text: str, width: float, lines: int = 2, size: float = SMALL, *, bold: bool = False) -> str:
    """Break a text into lines that fit a width in points, and cut what is too much.

    Parameters
    ----------
    text : str
        Letters that are not printable are replaced.
    width : float
        In points.
    lines : int
        At most.
    size : float
        Of the letters, in points.
    bold : bool
    """

    def fits(line: str) -> bool:
        return width_of(line, size, bold=bold) <= width

    found: list[str] = []
    for word in words_of(legible(clean(text)), fits):
        longer = f"{found[-1]} {word}" if found else word
        if found and fits(longer):
            found[-1] = longer
        else:
            found.append(word)
    if len(found) > lines:
        last = found[lines - 1]
        while last and not fits(last + "…"):
            last = last[:-1]
        found[lines - 1 :] = [last + "…"]
    return "\n".join(found)


def words_of(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Give the words of a text, those that no line can hold in pieces."""
    for word in text.split():
        piece = ""
        for letter in word:
            if piece and not fits(piece + letter):
                yield piece
                piece = ""
            piece += letter
        yield piece


def width_in_points(ax: Axes, aside: float = 0.0) -> float:
    """Tell how wide some axes are or, where matplotlib makes room for labels only later, will be.

    Parameters
    ----------
    ax : Axes
    aside : float
        What the labels at the side take beyond ordinary numbers, in points.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    whole = float(figure.get_size_inches()[0]) * 72
    alone = len(figure.axes) == 1 and figure.get_layout_engine() is not None
    width = whole - 60.0 if alone else float(ax.get_position().width) * whole
    return max(width - aside, 100.0)


def headline(ax: Axes, text: str, aside: float = 0.0) -> None:
    """Say what the picture shows, in up to three lines above it."""
    ax.set_title(fitted(text, width_in_points(ax, aside), 3, LARGE, bold=True))


def side_label(ax: Axes, text: str) -> None:
    """Name the y axis, in two lines where one is too long."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    height = float(ax.get_position().height) * float(figure.get_size_inches()[1]) * 72
    ax.set_ylabel(fitted(text, max(0.75 * height, 80.0), 2, 10.0))


def key_below(ax: Axes, entries: Sequence[tuple[Artist, str]], down: float = 42.0, aside: float = 0.0) -> None:
    """Explain lines and colours below the axes, where nothing can be hidden by it.

    Parameters
    ----------
    ax : Axes
    entries : sequence of (artist, text)
        The texts are broken where they are too long.
    down : float
        Room for ticks and the label of the x axis, in points.
    aside : float
        As for `width_in_points`.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    width = width_in_points(ax, aside)
    texts = [fitted(text, width - SAMPLE, 2) for _, text in entries]
    ax.legend(
        [artist for artist, _ in entries],
        # matplotlib leaves out of a key what begins with an underscore
        [f" {text}" if text.startswith("_") else text for text in texts],
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, -down / 72, figure.dpi_scale_trans),
        borderaxespad=0.0,
        borderpad=0.0,
        ncols=next((count for count in (4, 3, 2) if key_width(texts, count) <= width), 1),
    )


def key_width(texts: Sequence[str], columns: int) -> float:
    """Tell how wide a key of so many columns is, which are filled one after the other; in points."""
    size, longer = divmod(len(texts), columns)
    total, start = GAP * (columns - 1), 0
    for column in range(columns):
        stop = start + size + (column < longer)
        lines = [line for text in texts[start:stop] for line in text.splitlines()]
        total += max(map(width_of, lines), default=0.0) + SAMPLE
        start = stop
    return total


def instead(ax: Axes, text: str) -> None:
    """Say in the middle of empty axes why there is nothing to see."""
    ax.text(
        0.5,
        0.5,
        fitted(text, width_in_points(ax) * 0.9, 4, 10.0),
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=GREY,
    )
