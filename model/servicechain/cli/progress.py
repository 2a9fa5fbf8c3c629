"""How far a run has come, as a bar on a terminal; a pipe or a file gets none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servicechain.settings import Settings

Progress = Callable[[int, int, float], None]


@contextmanager
def progress_bar(settings: Settings) -> Iterator[Progress | None]:
    """Show a bar on a terminal; a pipe or a file gets none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    each = (settings.until if settings.customers is None else settings.customers) or 1
    done: dict[int, float] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("simulating", total=settings.replications * each)

        def tell(replication: int, left: int, now: float) -> None:
            done[replication] = now if settings.customers is None else left
            words = f"replication {len(done)} of {settings.replications}, {left:,} customers"
            bar.update(task, description=words, completed=sum(done.values()))

        yield tell
