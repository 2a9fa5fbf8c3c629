"""``servicechain draw CHAIN``: the service blueprint, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servicechain.cli.app import app, one_line_errors


@app.command()
def draw(
    chain: Annotated[str, typer.Argument(metavar="CHAIN", help="A chain file, YAML or JSON.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.svg|png",
            help="What to write. Default: the chain file's name, as .svg.",
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a value first; may be repeated."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Draw who asks whom, and who of them the customer sees: the service blueprint."""
    from servicechain.files.reading import read

    with one_line_errors():
        model = read(chain, sets or ())
        from servicechain.plots import style

        target = Path(output if output is not None else f"{Path(chain).stem}.svg")
        style.form_of(target)
        style.refuse_to_lose(target, overwrite=overwrite)
        style.save(model.draw(), target, overwrite=overwrite)
        typer.echo(str(target))
