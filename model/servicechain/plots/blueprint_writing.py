"""How large the texts of a blueprint are, known before there is a picture to put them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

if TYPE_CHECKING:
    from servicechain.plots.blueprint_boxes import Inside

# of letters, in points
TITLE, NAME, SMALL, LABEL, TINY = 13.0, 10.5, 9.0, 9.0, 7.0
LINE_HEIGHT = 1.25
# between the border of a box and its text, in 1/100 inch
PADDING = 12.0
# the picture of the staff by the clock, with the words below it, and how much of its height is above them
COVER = (112.0, 36.0)
COVER_BAR = 18.0


class Writing:
    """Measures texts before there is a picture, in 1/100 inch."""

    def __init__(self) -> None:
        self._renderer: Any = RendererAgg(10, 10, 100)  # type: ignore[no-untyped-call]  # matplotlib's gap
        self._known: dict[tuple[str, float, bool], float] = {}

    def size(self, text: str, points: float, bold: bool = False) -> tuple[float, float]:
        """Tell the width and height of a text of some lines."""
        lines = text.split("\n")
        height = LINE_HEIGHT * points * 100 / 72 * len(lines)
        return max(self._width(line, points, bold) for line in lines), height

    def box(self, inside: Inside) -> tuple[float, float]:
        """Tell how large the box of an actor must be."""
        above, below = self.size(inside.name, NAME, bold=True), self.size(inside.facts, SMALL)
        cover = COVER if inside.cover else (0.0, 0.0)
        return max(above[0], below[0], cover[0], 70) + 2 * PADDING, above[1] + below[1] + cover[1] + 2 * PADDING

    def label(self, text: str) -> tuple[float, float]:
        """Tell how much room the label of an arrow needs."""
        width, height = self.size(text, LABEL)
        return width + 6, height

    def fold(self, text: str, points: float, width: float) -> str:
        """Break a bold text into lines no wider than that, unless a single word is."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._width(longer, points, True) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return "\n".join(lines)

    def _width(self, line: str, points: float, bold: bool) -> float:
        key = (line, points, bold)
        if key not in self._known:
            letters = FontProperties(family="DejaVu Sans", size=points, weight="bold" if bold else "normal")
            self._known[key] = self._renderer.get_text_width_height_descent(line, letters, False)[0]
        return self._known[key]
