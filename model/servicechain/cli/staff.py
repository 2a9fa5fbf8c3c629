"""``servicechain staff CHAIN --goal "customers.guest.below <= 10%"``: the cheapest staff that meets the goals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from servicechain.cli.app import INTERRUPTED, app, one_line_errors, whole_number
from servicechain.cli.options import (
    ChainFile,
    Customers,
    EngineName,
    JsonFile,
    Overwrite,
    Seed,
    Sets,
    Until,
    WarmUp,
    Workers,
)
from servicechain.cli.targets import check_target, show
from servicechain.errors import FileProblem, Mistake, shown


@app.command()
def staff(
    chain: ChainFile,
    goals: Annotated[
        list[str] | None,
        typer.Option(
            "--goal",
            metavar="'PATH <= NUMBER'",
            help="What must be, e.g. 'customers.guest.below <= 10%'; may be repeated. Only a PATH: the best there is.",
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="MONEY", help="What the staff may cost per day: the best service within it.")
    ] = None,
    actors: Annotated[
        list[str] | None,
        typer.Option("--actor", metavar="NAME", help="Who may change; may be repeated. Default: teams with a wage."),
    ] = None,
    between: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW..HIGH",
            help="The least and the most of an actor, or of a shift, NAME.shifts.0=LOW..HIGH; may be repeated.",
        ),
    ] = None,
    customers: Customers = None,
    until: Until = None,
    warm_up: WarmUp = None,
    replications: Annotated[
        str | None,
        typer.Option(metavar="R", help="Of each plan, at first; up to 16 times as many if in doubt. Default: 24."),
    ] = None,
    seed: Seed = None,
    engine: EngineName = "auto",
    workers: Workers = None,
    sets: Sets = None,
    json: JsonFile = None,
    ledger: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep every finished block here (SQLite), and go on from what is in it."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Find the cheapest staff that meets the goals, or the best service for some money."""
    from servicechain.files.reading import read
    from servicechain.studies.staff_space import parse_between
    from servicechain.studies.staffing import staffing

    with one_line_errors(), _told_if_interrupted(ledger):
        _check_targets(json, ledger, overwrite)
        model = read(chain, sets or ())
        with _progress() as progress:
            found = staffing(
                model,
                goals or (),
                budget=_money(budget),
                actors=actors,
                between=parse_between(between or ()),
                customers=whole_number(customers, "--customers"),
                until=until,
                warm_up=warm_up,
                replications=whole_number(replications, "--replications"),
                seed=whole_number(seed, "--seed"),
                engine=engine,
                ledger=ledger,
                workers=whole_number(workers, "--workers"),
                progress=progress,
            )
    with one_line_errors():
        show(found.text, found.to_json, json)


def _check_targets(json: str | None, ledger: str | None, overwrite: bool) -> None:
    """Refuse files that cannot be written before hours are spent, not after."""
    if ledger == "-":
        raise FileProblem("only --json can write to stdout; give --ledger the name of a file")
    if json in (None, "-"):
        return
    if ledger is not None and Path(str(json)).absolute() == Path(ledger).absolute():
        raise FileProblem(f"{Path(ledger).name} is named twice; give --json and --ledger a file each")
    check_target(Path(str(json)), overwrite)


@contextmanager
def _told_if_interrupted(ledger: str | None) -> Iterator[None]:
    """Say after Ctrl-C how to go on, if anything was kept."""
    try:
        yield
    except KeyboardInterrupt:
        if ledger is None:
            raise
        sys.stderr.write(
            f"servicechain: interrupted; what is finished is in {ledger}: the same command goes on there\n"
        )
        raise typer.Exit(INTERRUPTED) from None


def _money(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise Mistake(f"--budget must be a number, what the staff may cost per day, got {shown(text)}") from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None] | None]:
    """Say on a terminal how far the search is; a pipe or a file gets nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    with console.status("searching") as status:
        yield lambda words: status.update(Text(words))
