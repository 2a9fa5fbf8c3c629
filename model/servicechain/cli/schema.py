"""``servicechain schema``: the JSON Schema of chain files, for editors."""

from __future__ import annotations

import json

import typer

from servicechain.cli.app import app


@app.command()
def schema() -> None:
    """Print the JSON Schema of a chain file, for editors."""
    from servicechain.files.schema import chain_schema

    typer.echo(json.dumps(chain_schema(), indent=2, ensure_ascii=False))
