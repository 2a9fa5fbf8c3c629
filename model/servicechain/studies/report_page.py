"""One page for who has to decide: the question, the answer, the pictures, a table, and the small print.

A single HTML file that needs nothing else: pictures are in it as data, and a policy in its head forbids a browser to
fetch anything from anywhere. The same study gives the same bytes. The trap is text that comes from a file: whatever a
study, a chain or a scenario is called, it is escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from servicechain.errors import Mistake
from servicechain.studies.report_style import STYLE
from servicechain.studies.report_words import answer, cost_known, facts_of_study, headings, rows_of, size_note
from servicechain.tables import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from servicechain.studies.outcome import StudyResult

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(outcome: StudyResult, path: str | Path, overwrite: bool = False) -> None:
    """Write a study as one HTML page.

    Parameters
    ----------
    outcome : StudyResult
    path : str or Path
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    FileProblem
        If the file exists and may not be replaced, or cannot be written.
    """
    from servicechain.files.writing import save

    save(report(outcome), path, overwrite)


def report(outcome: StudyResult) -> str:
    """Give the page of a study as HTML."""
    plan = outcome.plan
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{said(plan.title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f'<p class="of">Study of {said(plan.base.chain.chain)}</p>',
            f"<h1>{said(plan.title)}</h1>",
            '<section class="answer">',
            *(f"<p>{said(line)}</p>" for line in answer(outcome)),
            "</section>",
            *(line for title, ax in pictures(outcome) for line in figure(title, ax)),
            *table(outcome),
            *small_print(outcome),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def said(text: str) -> str:
    """Make text fit to stand in HTML."""
    return escape(clean(text))


def pictures(outcome: StudyResult) -> Iterator[tuple[str, Axes]]:
    """Draw what there is to see, each with what it answers."""
    from servicechain.plots.comparison import plot_comparison
    from servicechain.plots.frontier import plot_frontier
    from servicechain.plots.heat_map import plot_heat_map

    if outcome.plan.base.chain.customers:
        yield "Where do the minutes go?", plot_comparison(outcome)
    # only a grid of a few values each has one
    with suppress(Mistake):
        yield "How do the changes act together?", plot_heat_map(outcome)
    if cost_known(outcome):
        yield "What does better service cost?", plot_frontier(outcome)


def figure(title: str, ax: Axes) -> Iterator[str]:
    """Set a picture, with what is written above it for those who cannot see it."""
    from servicechain.plots.style import rendered

    data = base64.b64encode(rendered(ax, "png")).decode()
    root = ax.figure.canvas.figure
    width, height = (round(96 * float(inches)) for inches in root.get_size_inches())
    shown = ax.get_title(loc="left") or root.get_suptitle()
    alt = said(f"{title} {' '.join(shown.split())}")
    yield f"<h2>{said(title)}</h2>"
    yield '<figure tabindex="0">'
    least = f"min-width:{round(0.7 * width)}px"
    yield f'<img alt="{alt}" width="{width}" height="{height}" style="{least}" src="data:image/png;base64,{data}">'
    yield "</figure>"


def table(outcome: StudyResult) -> Iterator[str]:
    """Set the scenarios with their numbers, the base first."""
    heads = headings(outcome)
    yield "<h2>All scenarios</h2>"
    yield '<div class="wide" tabindex="0">'
    yield "<table>"
    titles = "".join(f'<th scope="col">{said(head)}</th>' for head in heads)
    yield f"<thead><tr>{titles}</tr></thead>"
    yield "<tbody>"
    for name, best, cells in rows_of(outcome):
        mark = ' class="best"' if best else ""
        numbers = "".join(f"<td>{said(cell)}</td>" for cell in cells)
        yield f'<tr{mark}><th scope="row">{said(name)}</th>{numbers}</tr>'
    yield "</tbody>"
    yield "</table>"
    yield "</div>"
    yield f"<p>{said(size_note(outcome))}</p>"


def small_print(outcome: StudyResult) -> Iterator[str]:
    """Say how the numbers were made, so that somebody else could make them again."""
    yield '<section class="small">'
    yield "<h2>Small print</h2>"
    yield "<dl>"
    facts: Sequence[tuple[str, str]] = facts_of_study(outcome)
    for name, text in facts:
        yield f"<dt>{said(name)}</dt><dd>{said(text)}</dd>"
    yield "</dl>"
    yield "</section>"
