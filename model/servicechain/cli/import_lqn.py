"""``servicechain import-lqn FILE.lqnx``: a layered queueing network, as a chain file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servicechain.cli.app import app, one_line_errors


@app.command("import-lqn")
def import_lqn(
    model: Annotated[str, typer.Argument(metavar="FILE.lqnx", help="A layered queueing network, as LQNS reads it.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="CHAIN.yaml", help="What to write. Default: the model's name, as .yaml."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Write a layered queueing network (.lqnx) as a chain file; tell what was changed on stderr."""
    from servicechain.errors import FileProblem
    from servicechain.lqn import import_lqn as read

    with one_line_errors():
        imported = read(model)
        target = Path(output if output is not None else f"{Path(model).stem}.yaml")
        if target.is_file() and not overwrite:
            raise FileProblem(f"{target} exists; choose another name, or say --overwrite to replace it")
        imported.chain.save(target, overwrite=overwrite)
        for note in imported.notes:
            typer.echo(f"note: {note}", err=True)
        typer.echo(str(target))
