"""The one look of all our pictures: colours, letters, and the files they become.

A plotting function draws ``with house_style():`` on the axes it was given, or on `new_axes`, and gives the
axes back. Nothing here touches the settings of the person's own session, opens a window or needs a screen:
a figure of ours is unknown to pyplot. The trap of that is a notebook, where pyplot is what shows figures; so
axes of ours show themselves.

Colours are those of Okabe & Ito, which people tell apart whatever their sight of colours (Wong 2011, Points
of view: Color blindness, doi 10.1038/nmeth.1618). Letters are DejaVu Sans, which comes with matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from servicechain.errors import FileProblem, nearest

BLACK = "#000000"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"

INK = "#222222"
GREY = "#767676"
PALE = "#D9D9D9"
PAPER = "#FFFFFF"

# the order in which lines of one plot take them; yellow is left out, it is too pale for a line
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, SKY_BLUE, PURPLE, BLACK)
STATES: Mapping[str, str] = MappingProxyType({"queueing": VERMILION, "held": ORANGE, "attended": BLUE, "own": PALE})
CAUSES: Mapping[str, str] = MappingProxyType(
    {"work": BLUE, "pause": SKY_BLUE, "failure": VERMILION, "absence": PURPLE, "deadlock": BLACK}
)

FORMATS = ("svg", "png")
DPI = 150

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "text.color": INK,
    "text.usetex": False,
    "text.parse_math": False,
    "mathtext.fontset": "dejavusans",
    "figure.facecolor": PAPER,
    "figure.dpi": 100.0,
    "savefig.dpi": "figure",
    "savefig.facecolor": "auto",
    "savefig.bbox": None,
    "savefig.transparent": False,
    "axes.facecolor": PAPER,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.unicode_minus": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "lines.linewidth": 1.8,
    "patch.linewidth": 0.8,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    # letters as outlines: the picture looks the same where the fonts are not installed
    "svg.fonttype": "path",
    # names inside the file are made of this instead of by chance: the same picture is the same bytes
    "svg.hashsalt": "servicechain",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house's style inside, in whatever style was set outside; usable as a decorator too."""
    with mpl.rc_context():
        # what somebody set for their own figures is no part of ours
        settings: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if _is_look(key)}
        mpl.rcParams.update(settings | _SETTINGS)
        yield


def _is_look(key: str) -> bool:
    return key.partition(".")[0] not in _NO_LOOK


# where and how the person works rather than how a picture looks
_NO_LOOK = {"agg", "animation", "backend", "backend_fallback", "interactive", "keymap"}
_NO_LOOK |= {"macosx", "toolbar", "tk", "webagg"}


class ShownAxes(Axes):
    """Axes that show their figure where a notebook cell ends with them."""

    name = "servicechain"

    def _repr_png_(self) -> tuple[bytes, dict[str, float]]:
        """Give the picture finer than a plain screen has points, to be shown at its own size."""
        width, height = self.figure.canvas.figure.get_size_inches()
        return rendered(self, "png"), {"width": round(100 * width), "height": round(100 * height)}


def new_axes(
    ax: Axes | None = None,
    width: float = 7.0,
    height: float = 4.0,
    layout: Literal["constrained"] | None = "constrained",
) -> Axes:
    """Give the axes to draw on: those given, or the only ones of a new figure that pyplot does not know.

    Parameters
    ----------
    ax : Axes, optional
        Given back as it is.
    width, height : float
        Of a new figure, in inches.
    layout : "constrained" or None
        Whether matplotlib makes room for labels and titles, or the caller places everything.
    """
    if ax is not None:
        return ax
    with house_style():
        figure = Figure(figsize=(width, height), layout=layout)
        FigureCanvasAgg(figure)
        return figure.add_subplot(axes_class=ShownAxes)


def rendered(ax: Axes, form: str) -> bytes:
    """Give the whole figure of some axes as the bytes of an SVG or PNG file, equal for equal pictures."""
    buffer = io.BytesIO()
    # None: neither the day nor the version is noted, so that the bytes depend on the picture alone
    unsigned = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
    dpi: Any = DPI if form == "png" else "figure"
    with house_style():
        # the canvas knows the whole figure, also where these axes stand in a part of it
        ax.figure.canvas.figure.savefig(buffer, format=form, dpi=dpi, metadata=unsigned[form])
    return buffer.getvalue()


def save(ax: Axes, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the figure of some axes to a file, whose name tells its form: ``.svg`` or ``.png``.

    Raises
    ------
    FileProblem
        If the name ends in something else, or the file exists and `overwrite` was not said, or it cannot be
        written.
    """
    target = Path(path)
    form = form_of(target)
    refuse_to_lose(target, overwrite=overwrite)
    picture = rendered(ax, form)
    try:
        target.write_bytes(picture)
    except OSError as error:
        raise FileProblem(f"{target} cannot be written: {error.strerror}; name another file") from None
    return target


def form_of(path: Path) -> str:
    """Tell from a file's name which form it has, svg or png.

    Raises
    ------
    FileProblem
        If the name does not end in one of them.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise FileProblem(
            f"{path}: a picture is written as .svg or .png, and this name ends in '{path.suffix}'"
            + (nearest(form, FORMATS) if form else "")
            + f"; write {path.stem}.svg"
        )
    return form


def refuse_to_lose(path: Path, *, overwrite: bool) -> None:
    """Refuse a file that exists, unless it may be replaced.

    Raises
    ------
    FileProblem
        If it exists and holds something, or is no file.
    """
    if not path.exists():
        return
    if not path.is_file():
        raise FileProblem(f"{path} is not a file, so no picture can be written to it; name a file")
    if not overwrite and path.stat().st_size:
        raise FileProblem(f"{path} exists; choose another name, or say --overwrite to replace it")


def legible(text: str) -> str:
    """Replace what our letters lack by "�", one for one; spaces and line breaks become single spaces."""
    return "".join(
        letter if ord(letter) in _letters() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(text.split())
    )


@cache
def _letters() -> frozenset[int]:
    """Give the code points that both our plain and our bold letters have."""
    faces = (font_manager.FontProperties(family="DejaVu Sans", weight=weight) for weight in ("normal", "bold"))
    plain, bold = (set(font_manager.get_font(font_manager.findfont(face)).get_charmap()) for face in faces)
    return frozenset(plain & bold)
