"""``servicechain explain CHAIN``: whose the customers' waiting is, in a sentence, a table, a tree, and in pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servicechain.cli.app import app, one_line_errors, whole_number
from servicechain.cli.options import (
    ChainFile,
    Customers,
    EngineName,
    Overwrite,
    Replications,
    Seed,
    Sets,
    Until,
    WarmUp,
    Workers,
)
from servicechain.cli.progress import progress_bar
from servicechain.errors import FileProblem, Mistake, nearest, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from servicechain.chain import Chain
    from servicechain.results import Result


@app.command()
def explain(
    chain: ChainFile,
    customers: Customers = None,
    until: Until = None,
    warm_up: WarmUp = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: EngineName = "auto",
    workers: Workers = None,
    sets: Sets = None,
    customer_class: Annotated[
        str | None, typer.Option("--class", metavar="NAME", help="Of these customers only. Default: all.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.svg|png",
            help="Draw the causes and the flow; of the first class, or of --class.",
        ),
    ] = None,
    story: Annotated[
        str | None,
        typer.Option(metavar="FILE.svg|png", help="Draw the visit of the customer of that class who waited longest."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Tell who makes the customers wait, and by way of whom."""
    from servicechain.blame import explanation
    from servicechain.files.reading import read
    from servicechain.printing import terminal_width
    from servicechain.running import run
    from servicechain.settings import Settings

    with one_line_errors():
        model = read(chain, sets or ())
        _check_class(model, customer_class)
        _check_pictures(output, story, overwrite)
        asked: dict[str, Any] = {
            "customers": whole_number(customers, "--customers"),
            "until": until,
            "warm_up": warm_up,
            "replications": whole_number(replications, "--replications"),
            "seed": whole_number(seed, "--seed"),
        }
        at_most = whole_number(workers, "--workers")
        with progress_bar(Settings.of(model, **asked)) as progress:
            result = run(model, **asked, engine=engine, workers=at_most, progress=progress)
        told = explanation(result, customer_class, terminal_width())
        for name, picture in _pictures(result, customer_class, output, story):
            _save(picture, name, overwrite)
        sys.stdout.write(told + "\n")


def _check_class(model: Chain, name: str | None) -> None:
    if name is not None and name not in model.customers:
        raise Mistake(f"no customer class is called {shown(name)}{nearest(name, model.customers)}")


def _check_pictures(output: str | None, story: str | None, overwrite: bool) -> None:
    """Refuse pictures that cannot be written before hours are spent, not after."""
    from servicechain.cli.targets import check_target
    from servicechain.plots.style import form_of

    named = [Path(name) for name in (output, story) if name is not None]
    for path in named:
        form_of(path)
        check_target(path, overwrite)
    if len({path.absolute() for path in named}) < len(named):
        raise FileProblem(f"{named[0].name} is named twice; give -o and --story a file each")


def _pictures(
    result: Result, customer_class: str | None, output: str | None, story: str | None
) -> list[tuple[str, Axes]]:
    """Draw what was asked for, all of it before any is written."""
    drawn: list[tuple[str, Axes]] = []
    if output is not None:
        from servicechain.plots.explanation import plot_explanation

        drawn.append((output, plot_explanation(result, customer_class)))
    if story is not None:
        drawn.append((story, result.plot_story(customer_class)))
    return drawn


def _save(picture: Axes, name: str, overwrite: bool) -> None:
    from servicechain.plots.style import save

    save(picture, Path(name), overwrite=overwrite)
