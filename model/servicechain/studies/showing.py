"""How far a study is, shown to a person: a bar in a terminal, a line that changes in a notebook."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from servicechain.studies.headway import Headway

Told = Callable[[Headway], None]


@contextmanager
def shown_progress(progress: Told | bool | None) -> Iterator[Told | None]:
    """Give what is to be told of progress: a callable as it is, for True a bar, otherwise nothing."""
    if callable(progress):
        yield progress
    elif not progress:
        yield None
    elif in_notebook():
        yield _NotebookLine()
    else:
        with bar() as tell:
            yield tell


def in_notebook() -> bool:
    """Tell whether this runs in a notebook, where a bar of a terminal would leave a heap of lines."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class _NotebookLine:
    """One line under a cell, written anew each time."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, headway: Headway) -> None:
        from importlib import import_module

        text = {"text/plain": str(headway)}
        if self._handle is None:
            self._handle = import_module("IPython.display").display(text, raw=True, display_id=True)
        else:
            self._handle.update(text, raw=True)


@contextmanager
def bar() -> Iterator[Told | None]:
    """Show a bar on stderr if it is a terminal; a pipe or a file gets none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("beginning", total=None)

        def tell(headway: Headway) -> None:
            share = headway.share
            known = not math.isnan(share)
            total = 1.0 if known else None
            shown.update(task, description=_plain(str(headway)), completed=share if known else 0.0, total=total)

        yield tell


def _plain(text: str) -> str:
    """Keep brackets in names from being taken for markup."""
    return text.replace("[", r"\[")
