"""``servicechain leverage CHAIN``: run again with one actor better, and print what that saves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servicechain.cli.app import app, one_line_errors, whole_number
from servicechain.cli.options import (
    ChainFile,
    Customers,
    EngineName,
    JsonFile,
    NoAttribution,
    Overwrite,
    Replications,
    Seed,
    Sets,
    Until,
    WarmUp,
    Workers,
)
from servicechain.cli.targets import check_target, show

if TYPE_CHECKING:
    from servicechain.counterfactuals import Progress
    from servicechain.results import Result


@app.command()
def leverage(
    chain: ChainFile,
    customers: Customers = None,
    until: Until = None,
    warm_up: WarmUp = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: EngineName = "auto",
    workers: Workers = None,
    sets: Sets = None,
    actors: Annotated[
        list[str] | None,
        typer.Option("--actor", metavar="NAME", help="Ask about this actor only; may be repeated. Default: all."),
    ] = None,
    shapley: Annotated[
        bool, typer.Option("--shapley", help="Also one fair number each, by 2^n runs for n actors.")
    ] = False,
    no_attribution: NoAttribution = False,
    json: JsonFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Tell how much less customers would wait, were an actor ideal, had one more server, or worked 10 % faster."""
    from servicechain.changes import players
    from servicechain.counterfactuals import Counterfactuals
    from servicechain.engines import chosen
    from servicechain.files.reading import read
    from servicechain.leverage import CHANGES, checked, leverage_of
    from servicechain.running import run
    from servicechain.settings import Settings
    from servicechain.shapley import players_of, shapley_of
    from servicechain.volume import expected_requests

    with one_line_errors():
        model = read(chain, sets or ()).loaded()
        asked: dict[str, Any] = {
            "customers": whole_number(customers, "--customers"),
            "until": until,
            "warm_up": warm_up,
            "replications": whole_number(replications, "--replications"),
            "seed": whole_number(seed, "--seed"),
        }
        at_most = whole_number(workers, "--workers")
        if json not in (None, "-"):
            check_target(Path(str(json)), overwrite)
        names = checked(actors, [*model.actors])
        if shapley:
            players_of(players(model), names, asked=actors is not None)
        with _progress() as progress:
            many = 2 + len(CHANGES) * len(names) + (2 ** len(names) if shapley else 0)
            name = chosen(model, engine, many * expected_requests(model, Settings.of(model, **asked)))
            result = run(model, **asked, engine=name, workers=at_most, attribution=not no_attribution)
            runs = Counterfactuals(model, result.settings, name, progress, at_most)
            answers: dict[str, Any] = {"leverage": leverage_of(result, runs, actors)}
            if shapley:
                answers["shapley"] = shapley_of(result, runs, actors)
    with one_line_errors():
        show(lambda: _text(answers), lambda: _json(result, answers), json)


def _text(answers: dict[str, Any]) -> str:
    from servicechain.printing import terminal_width

    return "\n\n".join(answer.text(terminal_width()) for answer in answers.values())


def _json(result: Result, answers: dict[str, Any]) -> str:
    from servicechain.report import as_json

    report = result.to_dict()
    head = ("chain", "unit", "engine", "seed", "replications", "warm_up", "versions")
    told = {name: answer.as_dict() for name, answer in answers.items()}
    return as_json({**{key: report[key] for key in head}, **told})


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """Show a bar on a terminal; a pipe or a file gets none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("simulating", total=None)

        def tell(done: int, of: int) -> None:
            bar.update(task, description=f"replication {done:,} of {of:,}", completed=done, total=of)

        yield tell
