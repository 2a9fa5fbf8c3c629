"""The commands, each in a file of its own, and how errors leave the command line: one line, exit 2."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from servicechain.errors import ChainError, ServiceChainError

UNUSABLE = 2

app = typer.Typer(
    help="Model a service as a chain of actors who ask each other, and see why customers wait.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from servicechain import __version__

        typer.echo(f"servicechain {__version__}")
        raise typer.Exit


@app.callback()
def servicechain(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Model a service as a chain of actors who ask each other, and see why customers wait."""


@contextmanager
def one_line_errors(all_of_them: bool = False) -> Iterator[None]:
    """Turn what can go wrong into a line on stderr and exit 2; Ctrl-C into exit 130."""
    try:
        yield
    except ChainError as error:
        lines = [str(problem) for problem in error.problems]
        more = len(lines) - 1
        if more and not all_of_them:
            lines = [f"{lines[0]} (and {more} more: `servicechain check` lists all)"]
        sys.stderr.write("\n".join(lines) + "\n")
        raise typer.Exit(UNUSABLE) from None
    except (ServiceChainError, OSError) as error:
        sys.stderr.write(f"servicechain: {' '.join(str(error).split())}\n")
        raise typer.Exit(UNUSABLE) from None
    except KeyboardInterrupt:
        sys.stderr.write("servicechain: interrupted; nothing was written\n")
        raise typer.Exit(130) from None
