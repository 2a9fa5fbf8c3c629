"""The options that every command has that simulates: what a run is like, said in the same words everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

ChainFile = Annotated[str, typer.Argument(metavar="CHAIN", help="A chain file, YAML or JSON.")]
Customers = Annotated[
    str | None, typer.Option(metavar="N", help="End after N customers, warm-up included. Default: 10000.")
]
Until = Annotated[str | None, typer.Option(metavar="T", help="End at time T, e.g. 1d, instead of after N customers.")]
WarmUp = Annotated[str | None, typer.Option(metavar="T", help="Who arrives before T is simulated, not counted.")]
Replications = Annotated[str | None, typer.Option(metavar="R", help="How many independent runs. Default: 10.")]
Seed = Annotated[str | None, typer.Option(metavar="S", help="Of all random numbers. Default: 1.")]
EngineName = Annotated[str, typer.Option(metavar="auto|reference|compiled", help="What simulates.")]
Workers = Annotated[
    str | None,
    typer.Option(metavar="N", help="How many replications run side by side at most. Default: one for each core."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a value, e.g. actors.receptionist.staff=4; may be repeated.",
    ),
]
NoAttribution = Annotated[
    bool, typer.Option("--no-attribution", help="Do not follow waiting to who causes it; takes half the time.")
]
JsonFile = Annotated[str | None, typer.Option(metavar="FILE|-", help="Write the result as JSON.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
