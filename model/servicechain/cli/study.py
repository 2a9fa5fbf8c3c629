"""``servicechain study FILE``: compare the scenarios of a study file, and write what was asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from servicechain.cli.app import INTERRUPTED, app, one_line_errors, whole_number
from servicechain.cli.options import JsonFile, Overwrite
from servicechain.cli.targets import check_target, show
from servicechain.errors import FileProblem, shown


@app.command()
def study(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A study file, YAML or JSON.")],
    ledger: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep every finished block here (SQLite), and go on from what is in it."),
    ] = None,
    json: JsonFile = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="Write one page for a manager: question, answer, picture.")
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(metavar="local|threads|here|dask://HOST:PORT", help="Where it runs. Default: on all cores here."),
    ] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="N", help="How many work side by side at most. Default: one for each core.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(metavar="auto|reference|compiled", help="What simulates. Default: as in the file, or auto."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare scenarios of a chain, replicated until the answer is sound."""
    from servicechain.studies.showing import bar
    from servicechain.studies.study import how_to_go_on, run_plan
    from servicechain.studies.study_file import read_study

    with one_line_errors(of_chain=False):
        _check_targets(json, report, ledger, overwrite)
        at_most = whole_number(workers, "--workers")
        plan = read_study(file, engine)
        try:
            with bar() as progress:
                result = run_plan(plan, ledger=ledger, executor=executor, workers=at_most, progress=progress)
        except KeyboardInterrupt as interrupt:
            # one that comes while the study is being set up, or closed, says nothing itself
            sys.stderr.write(f"servicechain: {str(interrupt) or how_to_go_on(ledger)}\n")
            raise typer.Exit(INTERRUPTED) from None
    with one_line_errors():
        if json == "-":
            sys.stderr.writelines(f"servicechain: {notice}\n" for notice in result.notices)
        if report is not None:
            result.report(report, overwrite=overwrite)
        show(result.text, result.to_json, json)


def _check_targets(json: str | None, report: str | None, ledger: str | None, overwrite: bool) -> None:
    """Refuse files that cannot be written before hours are spent, not after."""
    named = [Path(name).absolute() for name in (json, report, ledger) if name not in (None, "-")]
    for path in named:
        if named.count(path) > 1:
            raise FileProblem(f"{path.name} is named twice; give --json, --report and --ledger a file each")
    for option, name in (("--report", report), ("--ledger", ledger)):
        if name == "-":
            raise FileProblem(f"only --json can write to stdout; give {option} the name of a file")
    if report is not None and Path(report).suffix.lower() not in (".html", ".htm"):
        raise FileProblem(f"a report is a web page, got {shown(report)}; give --report a name such as report.html")
    for name in (json, report):
        if name not in (None, "-"):
            check_target(Path(str(name)), overwrite)
