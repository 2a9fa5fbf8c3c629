"""How a blueprint is painted: its shapes and texts, put on axes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle

from servicechain.actors import Lane
from servicechain.plots import blueprint_words as words
from servicechain.plots import style
from servicechain.plots.blueprint_boxes import Cover
from servicechain.plots.blueprint_drawing import KEY_GAP, LEGEND_LINE, MARGIN, Drawing, Entry
from servicechain.plots.blueprint_shapes import end_in, head_of, rounded, without_label
from servicechain.plots.blueprint_writing import (
    COVER,
    COVER_BAR,
    LABEL,
    LINE_HEIGHT,
    NAME,
    PADDING,
    SMALL,
    TINY,
    TITLE,
)
from servicechain.plots.layout import Point, Rect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILLS = {
    words.CUSTOMERS: "#FFFFFF",
    Lane.CONTACT: "#CFE8F7",
    Lane.BACKSTAGE: "#FBE3B5",
    Lane.SYSTEM: "#BFE5D8",
    Lane.SUPPLIER: "#F2DCE8",
}
EDGES = {
    words.CUSTOMERS: style.INK,
    Lane.CONTACT: style.BLUE,
    Lane.BACKSTAGE: "#9A6A00",
    Lane.SYSTEM: "#00664B",
    Lane.SUPPLIER: "#96406F",
}
SIGHT, OUT_OF_SIGHT = "#FFFFFF", "#EFEFEF"
INKS = {"ask": style.INK, "tell": style.BLUE, "hand_off": style.VERMILION, "repair": "#96406F"}
DASHES: dict[str, Any] = {
    "ask": "-",
    "tell": (0, (4.0, 2.0)),
    "hand_off": (0, (7.0, 2.0, 1.0, 2.0)),
    "repair": (0, (1.2, 1.2)),
}


class Canvas:
    """Puts a drawing on axes, which it takes over: scales of 1/100 inch, no ticks."""

    def __init__(self, ax: Axes, drawing: Drawing) -> None:
        self.ax = ax
        self.drawing = drawing
        self.layout = drawing.layout
        area = ax.get_window_extent()
        dots = ax.figure.dpi / 100
        # axes that somebody else made have their own size: letters and lines shrink with the picture
        self.scale = min(area.width / dots / drawing.width, area.height / dots / drawing.height)

    def paint(self) -> None:
        """Paint everything."""
        self.ax.set_axis_off()
        self.ax.set_xlim(0, self.drawing.width)
        self.ax.set_ylim(self.drawing.height, 0)
        self.ax.set_aspect("equal", adjustable="box", anchor="NW")
        self._title()
        self._bands()
        for number in self._thin_last():
            self._arrow(number)
        for name, rect in self.layout.boxes.items():
            self._box(name, rect)
        self._key()
        self._legend()

    def _title(self) -> None:
        x, y = MARGIN / self.drawing.width, 1 - 26 / self.drawing.height
        look: dict[str, Any] = {
            "fontsize": TITLE * self.scale,
            "va": "top",
            "gid": "title",
            "linespacing": LINE_HEIGHT,
        }
        self.ax.set_title(self.drawing.title_lines, loc="left", x=x, y=y, pad=0, **look)

    def _bands(self) -> None:
        """Paint the lanes and the lines between them."""
        left, right = MARGIN, self.drawing.bands_right
        tops = [self.drawing.top, *(self._y(y) for y in self.layout.borders.values())]
        bottoms = [*tops[1:], self.drawing.bottom]
        for lane, top, bottom in zip(dict.fromkeys(self.drawing.lanes), tops, bottoms, strict=True):
            seen = lane in (words.CUSTOMERS, Lane.CONTACT)
            self._add(Rectangle((left, top), right - left, bottom - top, fc=SIGHT if seen else OUT_OF_SIGHT, lw=0))
            self._lane_name(lane, (top + bottom) / 2 - 6)
        for lane, y in zip(dict.fromkeys(self.drawing.lanes), tops[1:], strict=False):
            self._line(lane, y, left, right)
        self._company(tops)

    def _lane_name(self, lane: str, y: float) -> None:
        name, about = words.LANES[lane]
        if lane in self.drawing.empty:
            about = "none"
        x = MARGIN + PADDING
        if not about:
            self._write(x, y, name, NAME, weight="bold", ha="left", va="center", gid="lane")
            return
        self._write(x, y - 1, name, NAME, weight="bold", ha="left", va="bottom", gid="lane")
        self._write(x, y + 3, about, SMALL - 1, color=style.GREY, ha="left", va="top", gid="lane")

    def _line(self, lane: str, y: float, left: float, right: float) -> None:
        """Draw the line under a lane, that of visibility so that nobody overlooks it."""
        main = lane == Lane.CONTACT
        if lane == Lane.SYSTEM:
            return
        look: dict[str, Any] = {"color": style.INK, "lw": 2.0} if main else {"color": style.GREY, "lw": 1.0}
        self._stroke([(left, y), (right, y)], ls="-" if main else (0, (5, 3)), zorder=2, **look)
        self._line_name(words.LINES[lane], y, bold=main)

    def _line_name(self, name: str, y: float, bold: bool = False) -> None:
        look = {"weight": "bold" if bold else "normal", "color": style.INK if bold else style.GREY}
        place = {"ha": "left", "va": "bottom", "gid": "line"}
        self._write(MARGIN + PADDING, y - 3, name, SMALL - 0.5, style="italic", **look, **place)

    def _company(self, tops: list[float]) -> None:
        """Draw the border of the company, outside of which its customers and suppliers stand."""
        if Lane.SUPPLIER not in self.drawing.lanes:
            return
        left, right, top, bottom = MARGIN + 3, self.drawing.bands_right - 3, tops[1] + 4, tops[-1]
        frame = FancyBboxPatch(
            (left, top), right - left, bottom - top, boxstyle="round,pad=0,rounding_size=8", fc="none",
            ec=style.GREY, lw=1.6 * self.scale, zorder=2,
        )  # fmt: skip
        self._add(frame)
        self._line_name(words.LINES[Lane.SYSTEM], bottom)

    def _thin_last(self) -> list[int]:
        """Thin arrows lie on thick ones."""
        requests = self.drawing.requests
        return sorted(range(len(requests)), key=lambda number: -requests[number].expected)

    def _arrow(self, number: int) -> None:
        request = self.drawing.requests[number]
        thick = self.drawing.thickness_of(request)
        route = [(self._x(x), self._y(y)) for x, y in self.layout.routes[number]]
        label, size = self.drawing.labels[number], self.layout.labels[number]
        place = Rect(self._x(size.left), self._y(size.top), self._x(size.right), self._y(size.bottom))
        head = head_of(route, thick)
        line = [*route[:-1], end_in(head, request.kind, thick)]
        for part in without_label(line, place):
            self._stroke(part, ls=DASHES[request.kind], color=INKS[request.kind], lw=thick, zorder=3, gid="arrow")
        self._head(head, request.kind)
        x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
        if self.drawing.key:
            self._number(x, y, label, INKS[request.kind])
        else:
            self._write(x, y, label, LABEL, color=INKS[request.kind], ha="center", va="center", gid="label", zorder=5)

    def _head(self, corners: list[Point], kind: str) -> None:
        """Draw a head: full for who waits, hollow for who hands over, open for who only tells."""
        if kind == "tell":
            tip, one, other = corners
            self._stroke([one, tip, other], color=INKS[kind], lw=1.6, zorder=4, gid="head")
            return
        fill = style.PAPER if kind == "hand_off" else INKS[kind]
        self._add(
            Polygon(corners, fc=fill, ec=INKS[kind], lw=1.2 * self.scale, zorder=4, gid="head", joinstyle="miter")
        )

    def _box(self, name: str, rect: Rect) -> None:
        left, top, right, bottom = (
            self._x(rect.left),
            self._y(rect.top),
            self._x(rect.right),
            self._y(rect.bottom),
        )
        lane = next(
            lane
            for lane, (low, high) in zip(self.drawing.lanes, self.layout.rows, strict=True)
            if low <= rect.top <= high
        )
        rounding = 16 if lane == words.CUSTOMERS else 2
        frame = FancyBboxPatch(
            (left, top), right - left, bottom - top, boxstyle=f"round,pad=0,rounding_size={rounding}",
            fc=FILLS[lane], ec=EDGES[lane], lw=1.4 * self.scale, zorder=5, gid="box",
        )  # fmt: skip
        self._add(frame)
        inside = self.drawing.insides[name]
        writing = self.drawing.writing
        above, below = writing.size(inside.name, NAME)[1], writing.size(inside.facts, SMALL)[1]
        x, first = (left + right) / 2, (top + bottom - above - below - (COVER[1] if inside.cover else 0)) / 2
        look: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 6}
        self._write(x, first + above / 2, inside.name, NAME, weight="bold", gid="name", **look)
        self._write(x, first + above + below / 2 + 2, inside.facts, SMALL, gid="count", **look)
        if inside.cover:
            self._cover(x - COVER[0] / 2, first + above + below + 5, inside.cover, EDGES[lane])

    def _cover(self, left: float, top: float, cover: Cover, colour: str) -> None:
        """Draw how many are on duty by the clock, over a line with its hours or days."""
        width, base = COVER[0], top + COVER_BAR
        high = [base - COVER_BAR * staff / max(cover.staff) for staff in cover.staff]
        steps = [
            (left + width * edge, y)
            for (start, end), y in zip(pairwise(cover.edges), high, strict=True)
            for edge in (start, end)
        ]
        corners = [(left, base), *steps, (left + width, base)]
        # with an edge, or half an hour of a week would not show
        self._add(Polygon(corners, fc=colour, ec=colour, lw=0.8 * self.scale, zorder=6, gid="cover"))
        self._stroke([(left, base), (left + width, base)], color=colour, lw=0.8, zorder=6)
        for place, text in cover.marks:
            self._write(left + width * place, base + 9, text, TINY, ha="center", va="center", zorder=6, gid="count")

    def _number(self, x: float, y: float, number: str, colour: str) -> None:
        self._add(Circle((x, y), 9, fc=style.PAPER, ec=colour, lw=0.9 * self.scale, zorder=5, gid="number"))
        points = SMALL - 1 if len(number) < 3 else TINY - 1
        self._write(x, y, number, points, color=colour, ha="center", va="center_baseline", zorder=6, gid="label")

    def _key(self) -> None:
        """Say what the numbers mean."""
        for column, entries in enumerate(self.drawing.key_columns):
            left = self.drawing.bands_right + KEY_GAP + column * self.drawing.key_width
            for number, text, y in entries:
                self._number(left + 12, y + 10, str(number), style.INK)
                self._write(left + 28, y + 3, text, SMALL, ha="left", va="top", gid="key")

    def _legend(self) -> None:
        """Say what the arrows mean."""
        for line, entries in enumerate(self.drawing.legend):
            y = self.drawing.bottom + LEGEND_LINE * (line + 0.9)
            x = MARGIN + PADDING
            for entry in entries:
                self._sample(x, y, entry)
                x += entry.width

    def _sample(self, x: float, y: float, entry: Entry) -> None:
        end = x + entry.length
        ink = INKS[entry.kind or "ask"]
        line = [(x, y), (end, y)]
        if entry.kind:
            head = head_of(line, entry.thick)
            self._head(head, entry.kind)
            line = [(x, y), end_in(head, entry.kind, entry.thick)]
        if entry.length:
            self._stroke(line, ls=DASHES[entry.kind or "ask"], color=ink, lw=entry.thick, zorder=3)
        at = end + 6 if entry.length else x
        self._write(at, y, entry.text, SMALL, ha="left", va="center_baseline", gid="legend")

    def _x(self, x: float) -> float:
        return self.drawing.shift + x

    def _y(self, y: float) -> float:
        return self.drawing.top + PADDING + y

    def _write(self, x: float, y: float, text: str, points: float, **look: Any) -> None:
        self.ax.text(x, y, text, fontsize=points * self.scale, linespacing=LINE_HEIGHT, **look)

    def _stroke(self, points: list[Point], lw: float, color: str, **look: Any) -> None:
        path = PathPatch(
            rounded(points),
            fc="none",
            ec=color,
            lw=lw * self.scale,
            capstyle="butt",
            joinstyle="miter",
            **look,
        )
        self._add(path)

    def _add(self, patch: Any) -> None:
        self.ax.add_patch(patch)
