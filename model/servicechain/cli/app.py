"""The commands, each in a file of its own, and how errors leave the command line: one line, exit 2.

The trap is the library's own errors, a misspelt option or a missing argument: printed by itself they take
four lines or a box, so the group of commands catches them as well.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from servicechain.errors import ChainError, Mistake, ServiceChainError, shown

UNUSABLE = 2
INTERRUPTED = 130

# Where this class lives differs between releases of typer; that a wrong parameter is one of them does not.
_Usage: Any = typer.BadParameter.__mro__[2]

_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,300}\s*")


class OneLineGroup(TyperGroup):
    """Commands whose wrong use is told in one line."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and, as a program of its own does, end with its exit code."""
        try:
            code = super().main(args, "servicechain", complete_var, False, windows_expand_args, **extra)
        except _Usage as error:
            message = " ".join(error.format_message().split()).rstrip(".")
            context = getattr(error, "ctx", None)
            command = "servicechain" if context is None else context.command_path
            sys.stderr.write(f"servicechain: {message}; see {command} --help\n")
            code = UNUSABLE
        except typer.Abort:
            code = INTERRUPTED
        if not standalone_mode:
            return code
        return sys.exit(code if isinstance(code, int) else 0)


app = typer.Typer(
    cls=OneLineGroup,
    help="Model a service as a chain of actors who ask each other, and see why customers wait.",
    invoke_without_command=True,
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
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Model a service as a chain of actors who ask each other, and see why customers wait."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(UNUSABLE)


def speak_utf8() -> None:
    """Let results leave in UTF-8 whatever the terminal's language; names of files may hold anything."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def whole_number(text: str | None, option: str) -> int | None:
    """Take the whole number an option was given; its range is checked with the other settings.

    Raises
    ------
    Mistake
        If it is none.
    """
    if text is None:
        return None
    if not _WHOLE.fullmatch(text):
        raise Mistake(f"{option} must be a whole number such as 20, got {shown(text)}")
    return int(text)


@contextmanager
def one_line_errors(all_of_them: bool = False, of_chain: bool = True) -> Iterator[None]:
    """Turn what can go wrong into a line on stderr and exit 2; Ctrl-C into exit 130.

    Only where a command reads nothing but a chain, `check` lists the rest.
    """
    try:
        yield
    except ChainError as error:
        lines = [str(problem) for problem in error.problems]
        more = len(lines) - 1
        if more and not all_of_them:
            lines = [f"{lines[0]} (and {more} more{': `servicechain check` lists all' if of_chain else ''})"]
        sys.stderr.write("\n".join(lines) + "\n")
        raise typer.Exit(UNUSABLE) from None
    except BrokenPipeError:
        raise  # whoever read the results has seen enough
    except (ServiceChainError, OSError) as error:
        sys.stderr.write(f"servicechain: {' '.join(str(error).split())}\n")
        raise typer.Exit(UNUSABLE) from None
    except KeyboardInterrupt:
        sys.stderr.write("servicechain: interrupted; nothing was written\n")
        raise typer.Exit(INTERRUPTED) from None
