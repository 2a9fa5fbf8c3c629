"""Where results go: stdout, and files that are not overwritten by accident."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from servicechain.errors import FileProblem


def check_target(path: Path, overwrite: bool) -> None:
    """Refuse a file that cannot be written, before hours are spent on what it is to hold.

    Raises
    ------
    FileProblem
        If it is a folder, lies in none, or exists and is not to be replaced.
    """
    if path.is_dir():
        raise FileProblem(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise FileProblem(f"{path} cannot be written: there is no folder {path.parent}; make it, or name another")
    if path.is_file() and path.stat().st_size and not overwrite:
        raise FileProblem(f"{path} exists; choose another name, or say --overwrite to replace it")


def show(text: Callable[[], str], json: Callable[[], str], target: str | None) -> None:
    """Print the text, and write the JSON where it was asked for; on stdout it takes the place of the text.

    Raises
    ------
    FileProblem
        If the file cannot be written.
    """
    if target == "-":
        sys.stdout.write(json() + "\n")
        return
    if target is not None:
        try:
            Path(target).write_text(json() + "\n", encoding="utf-8")
        except OSError as error:
            raise FileProblem(f"{target} cannot be written: {error.strerror}; name another file") from None
    sys.stdout.write(text() + "\n")
