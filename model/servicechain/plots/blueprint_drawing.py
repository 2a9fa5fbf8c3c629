"""What a blueprint shows and where its parts stand: title, lanes, key and legend around the layout."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from servicechain.plots import blueprint_words as words
from servicechain.plots.blueprint_boxes import Inside
from servicechain.plots.blueprint_graph import Request
from servicechain.plots.blueprint_writing import PADDING, SMALL, TITLE, Writing
from servicechain.plots.layout import Plan

# in 1/100 inch
MARGIN = 24.0
LANE_WIDTH = 178.0
NARROWEST = 920.0
TITLE_ROOM = 52.0
LEGEND_LINE = 30.0
KEY_GAP = 12.0
# of lines, in points
THINNEST, THICKEST, REPAIRING = 1.0, 5.0, 2.0


class Entry(NamedTuple):
    """A sample of a line with what it means, or only words; and how much room it takes."""

    kind: str | None
    length: float
    thick: float
    text: str
    width: float


@dataclass
class Drawing:
    """Everything a blueprint shows, and where.

    Attributes
    ----------
    writing : Writing
    layout : Plan
        Of the lanes' contents.
    lanes : list of str
        The lane of each row.
    insides : dict from name to Inside
        What stands in each box.
    requests : list of Request
    labels : list of str
        On each arrow: the names of services, or a number of the key.
    key : list of str
        What the numbers mean, from 1; empty if names stand on the arrows.
    title : str
    empty : set of str
        Lanes in which nobody stands.
    """

    writing: Writing
    layout: Plan
    lanes: list[str]
    insides: dict[str, Inside]
    requests: list[Request]
    labels: list[str]
    key: list[str]
    title: str
    empty: set[str]
    left: float = field(default=MARGIN + LANE_WIDTH, init=False)

    @cached_property
    def title_lines(self) -> str:
        """The title, broken where the picture ends."""
        width = max(self.left + self.layout.width, NARROWEST - MARGIN)
        return self.writing.fold(self.title, TITLE, width)

    @cached_property
    def top(self) -> float:
        """The y of the first band."""
        return TITLE_ROOM + self.writing.size(self.title_lines, TITLE)[1] - 20

    @property
    def bands_right(self) -> float:
        """Where the lanes end."""
        drawn = self.left + self.layout.width + MARGIN
        return max(drawn, NARROWEST)

    @property
    def shift(self) -> float:
        """How far to the right the layout stands, so that it is in the middle of its lanes."""
        return self.left + (self.bands_right - MARGIN - self.left - self.layout.width) / 2

    @property
    def bottom(self) -> float:
        """The y of the end of the last band."""
        return self.top + PADDING + self.layout.height + PADDING

    @cached_property
    def key_columns(self) -> list[list[tuple[int, str, float]]]:
        """The key in columns no longer than the picture: number, text, y."""
        columns: list[list[tuple[int, str, float]]] = []
        y = math.inf
        for number, text in enumerate(self.key, start=1):
            height = max(self.writing.size(text, SMALL)[1], 20.0) + 4
            if y + height > self.bottom:
                columns.append([])
                y = self.top
            columns[-1].append((number, text, y))
            y += height
        return columns

    @cached_property
    def key_width(self) -> float:
        """The width of one column of the key."""
        return max((self.writing.size(text, SMALL)[0] for text in self.key), default=0.0) + 42

    @property
    def width(self) -> float:
        """The width of the picture."""
        beside = len(self.key_columns) * self.key_width + KEY_GAP if self.key else 0.0
        return self.bands_right + beside + MARGIN

    @property
    def height(self) -> float:
        """The height of the picture."""
        return self.bottom + LEGEND_LINE * len(self.legend) + MARGIN

    @cached_property
    def legend(self) -> list[list[Entry]]:
        """What the arrows mean, in lines that fit."""
        if not self.requests:
            return []
        present = [kind for kind in words.KINDS if any(one.kind == kind for one in self.requests)]
        groups = [[self._entry(kind, 34.0, 2.0, words.KINDS[kind], 22.0)] for kind in present]
        choices = any(one.choice > 1 for one in self.requests)
        most = words.round_below(self.most)
        groups.append(
            [
                self._entry(None, 0.0, 0.0, words.THICKNESS_UNCROWDED if choices else words.THICKNESS, 10.0),
                *(
                    self._entry(None, 22.0, self.thickness(amount), words.short_number(amount), 22.0)
                    for amount in (most, most / 10)
                ),
            ]
        )
        if choices:
            groups.append([self._entry(None, 0.0, 0.0, words.CHOICE, 22.0)])
        return _in_lines(groups, self.width - 2 * MARGIN)

    def _entry(self, kind: str | None, length: float, thick: float, text: str, after: float) -> Entry:
        room = length + (6 if length else 0) + self.writing.size(text, SMALL)[0] + after
        return Entry(kind, length, thick, text, room)

    @cached_property
    def most(self) -> float:
        """The highest expected number of requests on an arrow."""
        finite = [one.expected for one in self.requests if math.isfinite(one.expected)]
        return max(finite, default=0.0) or 1.0

    def thickness(self, expected: float) -> float:
        """Tell how thick, in points, an arrow is; requests without end are as thick as the most frequent."""
        return THINNEST + (THICKEST - THINNEST) * min(expected / self.most, 1.0)

    def thickness_of(self, request: Request) -> float:
        """Tell how thick, in points, the arrow of a request is; how often a repair is asked, a chain does not say."""
        return REPAIRING if request.kind == "repair" else self.thickness(request.expected)


def _in_lines(groups: list[list[Entry]], width: float) -> list[list[Entry]]:
    """Put groups of entries side by side, as many as fit in a line."""
    lines: list[list[Entry]] = []
    for group in groups:
        longer = [*(lines[-1] if lines else []), *group]
        if lines and sum(entry.width for entry in longer) < width:
            lines[-1] = longer
        else:
            lines.append(group)
    return lines
