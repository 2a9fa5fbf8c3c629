"""Results that print themselves: as plain text in a terminal, as HTML in a notebook.

The trap is the width: a pipe or a file has none, and what is written there must not depend on where it was run.
"""

from __future__ import annotations

import shutil
import sys
from abc import ABC, abstractmethod

from servicechain import tables

WIDTH = 100
"""In characters, where there is no terminal."""


def terminal_width() -> int:
    """Give the width of the terminal, or `WIDTH` if what is printed goes elsewhere."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


class Printed(ABC):
    """What prints itself."""

    @abstractmethod
    def _page(self) -> tables.Page:
        """Compose what is shown."""

    def text(self, width: int | None = None) -> str:
        """Say in plain words and tables what matters.

        Parameters
        ----------
        width : int, optional
            In characters; by default that of the terminal, or 100 if there is none.
        """
        return tables.text(self._page(), terminal_width() if width is None else width)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tables.markup(self._page())
