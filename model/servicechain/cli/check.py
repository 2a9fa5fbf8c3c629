"""``servicechain check CHAIN``: what is legal and still most likely not meant."""

from __future__ import annotations

from typing import Annotated

import typer

from servicechain.cli.app import app, one_line_errors


@app.command()
def check(
    chain: Annotated[str, typer.Argument(metavar="CHAIN", help="A chain file, YAML or JSON.")],
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a value first; may be repeated."),
    ] = None,
) -> None:
    """Look for what is probably not meant: exit 0 nothing found, 1 findings, 2 unreadable."""
    from servicechain.files.reading import place, read_with_places
    from servicechain.lint import check as look

    with one_line_errors(all_of_them=True):
        model, tree = read_with_places(chain, sets or ())
        findings = look(model)
        for finding in place(tree, findings):
            typer.echo(str(finding))
    if findings:
        raise typer.Exit(1)
    from servicechain.wording import size_of

    typer.echo(f"{chain}: nothing found ({size_of(model)})")
