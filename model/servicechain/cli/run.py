"""``servicechain run CHAIN``: simulate, print, and write what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
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
from servicechain.cli.progress import progress_bar
from servicechain.cli.targets import check_target, show
from servicechain.errors import FileProblem

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.records import Sink


@app.command()
def run(
    chain: ChainFile,
    customers: Customers = None,
    until: Until = None,
    warm_up: WarmUp = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: EngineName = "auto",
    workers: Workers = None,
    sets: Sets = None,
    json: JsonFile = None,
    records: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write one row per customer: CSV, or .parquet.")
    ] = None,
    requests: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write one row per request: CSV, or .parquet.")
    ] = None,
    no_attribution: NoAttribution = False,
    overwrite: Overwrite = False,
) -> None:
    """Simulate a chain and print where its customers lose their time."""
    from servicechain.files.reading import read
    from servicechain.running import run as simulate
    from servicechain.settings import Settings

    with one_line_errors(), ExitStack() as stack:
        model = read(chain, sets or ())
        _check_targets(json, records, requests, overwrite)
        sinks = _record_files(stack, model, records, requests, overwrite, not no_attribution)
        asked: dict[str, Any] = {
            "customers": whole_number(customers, "--customers"),
            "until": until,
            "warm_up": warm_up,
            "replications": whole_number(replications, "--replications"),
            "seed": whole_number(seed, "--seed"),
        }
        at_most = whole_number(workers, "--workers")
        progress = stack.enter_context(progress_bar(Settings.of(model, **asked)))
        result = simulate(
            model,
            **asked,
            engine=engine,
            workers=at_most,
            attribution=not no_attribution,
            sinks=sinks,
            progress=progress,
        )
    with one_line_errors():
        show(result.text, result.to_json, json)


def _check_targets(json: str | None, records: str | None, requests: str | None, overwrite: bool) -> None:
    """Refuse files that cannot be written before hours are spent, not after."""
    if "-" in (records, requests):
        raise FileProblem("only --json can write to stdout; give --records and --requests the name of a file")
    named = [Path(name).absolute() for name in (json, records, requests) if name not in (None, "-")]
    for path in named:
        if named.count(path) > 1:
            raise FileProblem(f"{path.name} is named twice; give --json, --records and --requests a file each")
    if json not in (None, "-"):
        check_target(Path(str(json)), overwrite)


def _record_files(
    stack: ExitStack, model: Chain, records: str | None, requests: str | None, overwrite: bool, attribution: bool
) -> Callable[[int], list[Sink]] | None:
    from servicechain.recording import CustomerFile, RequestFile
    from servicechain.running import facts_of

    facts = facts_of(model, attribution)
    files = [
        stack.enter_context(kind(name, facts, overwrite=overwrite))
        for kind, name in ((CustomerFile, records), (RequestFile, requests))
        if name is not None
    ]
    return (lambda replication: [file.sink(replication) for file in files]) if files else None
