"""``servicechain warm``: compile once, now, what else the first runs would wait for."""

from __future__ import annotations

import typer

from servicechain.cli.app import app, one_line_errors


@app.command()
def warm() -> None:
    """Compile everything, so that no run has to wait for it; a second call finds it done."""
    from servicechain.warming import warm as fill

    with one_line_errors():
        done = fill()
        took = f"{done.seconds:.1f} seconds"
        if done.folder is None:
            typer.echo(f"no folder for compiled code can be written, so every process compiles for itself: {took}")
        elif done.compiled:
            typer.echo(f"compiled in {took}; kept in {done.folder}")
        else:
            typer.echo(f"warm already, looked at in {took}; kept in {done.folder}")
        for folder in done.cleared:
            typer.echo(f"cleared away, unused for a month: {folder}")
