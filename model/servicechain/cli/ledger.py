"""``servicechain ledger list|show|export FILE``: what a ledger of studies holds."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servicechain.cli.app import app, one_line_errors
from servicechain.cli.options import Overwrite
from servicechain.cli.targets import check_target
from servicechain.errors import FileProblem, Mistake, nearest, shown
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.studies.ledger import Kept, Ledger

LedgerFile = Annotated[str, typer.Argument(metavar="FILE", help="A ledger, written by `servicechain study`.")]
Title = Annotated[str | None, typer.Option("--study", metavar="TITLE", help="Only studies of this title.")]

ledger = typer.Typer(help="Look into a ledger of studies.")
app.add_typer(ledger, name="ledger")


@ledger.command("list")
def list_studies(file: LedgerFile) -> None:
    """List the studies in a ledger."""
    with one_line_errors():
        rows = [
            (
                each.title,
                each.chain,
                str(len(each.scenarios)),
                f"{sum(scenario.replications for scenario in each.scenarios):,}",
                str(each.seed),
                _moment(each.written),
                each.version,
            )
            for each in _studies(file, None)
        ]
        heads = ("study", "chain", "scenarios", "replications", "seed", "written", "version")
        sys.stdout.write(_table(heads, rows, right=(2, 3, 4)) if rows else "no study has been kept yet\n")


@ledger.command("show")
def show_studies(file: LedgerFile, study: Title = None) -> None:
    """Show the studies in a ledger, scenario by scenario."""
    with one_line_errors():
        sys.stdout.write("\n".join(map(_shown, _studies(file, study))) or "no study has been kept yet\n")


@ledger.command("export")
def export(
    file: LedgerFile,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT|-", help="A .csv or .json file. Default: stdout, as CSV.")
    ] = "-",
    form: Annotated[str | None, typer.Option("--format", metavar="csv|json", help="Default: by the name.")] = None,
    study: Title = None,
    overwrite: Overwrite = False,
) -> None:
    """Write every replication in a ledger as CSV, one row each, or as JSON."""
    with one_line_errors():
        write = _writer(form or Path(output).suffix[1:] or "csv")
        if output != "-":
            check_target(Path(output), overwrite)
        with _opened(file) as opened:
            text = write(opened, _chosen(opened, study))
        if output == "-":
            sys.stdout.write(text)
            return
        try:
            Path(output).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise FileProblem(f"{output} cannot be written: {error.strerror}; name another file") from None


def _writer(form: str) -> Callable[[Ledger, list[Kept]], str]:
    writers = {"csv": _csv, "json": _json}
    if form not in writers:
        raise Mistake(f"a ledger is exported as csv or json, got {shown(form)}{nearest(form, writers)}")
    return writers[form]


def _csv(opened: Ledger, studies: list[Kept]) -> str:
    rows = [
        ({"study": each.title, "seed": each.seed, "scenario": scenario, "replication": replication}, values)
        for each in studies
        for scenario, replication, values in _replications(opened, each)
    ]
    columns = dict.fromkeys(name for _, values in rows for name in values)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["study", "seed", "scenario", "replication", *columns])
    for where, values in rows:
        writer.writerow([*where.values(), *("" if math.isnan(v := values.get(c, math.nan)) else v for c in columns)])
    return text.getvalue()


def _json(opened: Ledger, studies: list[Kept]) -> str:
    report = [
        {
            "study": each.title,
            "chain": each.chain,
            "seed": each.seed,
            "method": each.method,
            "run": each.run,
            "version": each.version,
            "versions": each.versions,
            "scenarios": [
                {
                    "name": scenario.name,
                    "set": scenario.changes,
                    "replications": [
                        {"replication": number, **{k: None if math.isnan(v) else v for k, v in values.items()}}
                        for number, values in opened.replications(scenario.series)
                    ],
                }
                for scenario in each.scenarios
            ],
        }
        for each in studies
    ]
    return json.dumps({"studies": report}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _replications(opened: Ledger, study: Kept) -> Iterator[tuple[str, int, dict[str, float]]]:
    for scenario in study.scenarios:
        for number, values in opened.replications(scenario.series):
            yield scenario.name, number, values


def _opened(file: str) -> Ledger:
    from servicechain.studies.ledger import Ledger

    return Ledger.open(file, read_only=True)


def _studies(file: str, title: str | None) -> list[Kept]:
    with _opened(file) as opened:
        return _chosen(opened, title)


def _chosen(opened: Ledger, title: str | None) -> list[Kept]:
    studies = opened.studies()
    found = [each for each in studies if title in (None, each.title)]
    if title is not None and not found:
        raise Mistake(f"the ledger holds no study called {shown(title)}{nearest(title, [s.title for s in studies])}")
    return found


def _shown(study: Kept) -> str:
    ends = ", ".join(f"{name} {value:g}" for name, value in study.run.items() if value and value is not True)
    lines = [
        study.title,
        f"chain {study.chain}, {counted(len(study.scenarios), 'scenario')}, seed {study.seed}, method {study.method}",
        f"each run: {ends}; metrics: {', '.join(study.metrics)}",
        f"last written {_moment(study.written)}, numbers of servicechain {study.version}",
        *(f"by {', '.join(f'{name} {version}' for name, version in each.items())}" for each in study.versions),
    ]
    rows = [
        (each.name, f"{each.replications:,}", ", ".join(f"{path}={_value(v)}" for path, v in each.changes.items()))
        for each in study.scenarios
    ]
    return "\n  ".join(lines) + "\n\n" + _table(("scenario", "replications", "set"), rows, right=(1,))


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _moment(seconds: float) -> str:
    return "never" if math.isnan(seconds) else datetime.fromtimestamp(seconds).isoformat(" ", "seconds")


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: tuple[int, ...]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = []
    for row in (heads, *rows):
        cells = [
            f"{c:>{w}}" if place in right else f"{c:<{w}}" for place, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
