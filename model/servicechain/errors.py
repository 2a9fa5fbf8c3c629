"""What can go wrong, as one tree of exceptions.

Every message names the thing, the value, the rule and the next step. A `Mistake` is what a validator
raises about one value; a `ChainError` is what a person sees: all mistakes of a chain, each with its place.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

Path = tuple[str | int, ...]


class ServiceChainError(Exception):
    """Root of everything this package raises on purpose."""


class Mistake(ServiceChainError, ValueError):
    """One value that breaks a rule, told by a validator that does not know where the value stands."""


class RunError(ServiceChainError, RuntimeError):
    """A simulation that cannot go on: a clock that stands still, an engine that is not there."""


class FileProblem(ServiceChainError, OSError):
    """A file that cannot be read or written."""


@dataclass(frozen=True)
class Problem:
    """One mistake and where it stands.

    Attributes
    ----------
    message : str
        Thing, value, rule, next step, in one line.
    path : tuple
        Keys and list positions from the top of the chain, e.g. ``("services", "check in", "steps", 0)``.
    source : str or None
        The file (or the option) it was read from.
    line, column : int or None
        Position in that file, both from 1.
    """

    message: str
    path: Path = ()
    source: str | None = None
    line: int | None = None
    column: int | None = None

    def under(self, *prefix: str | int) -> Problem:
        """Give the same problem seen from further out."""
        return replace(self, path=(*prefix, *self.path))

    def __str__(self) -> str:
        message = " ".join(self.message.split())
        if self.source is not None and self.line is not None:
            return f"{self.source}:{self.line}:{self.column}: {message}"
        where = self.source or ".".join(str(key) for key in self.path)
        return f"{where}: {message}" if where else message


class ChainError(ServiceChainError, ValueError):
    """A chain that says what it cannot mean.

    Attributes
    ----------
    problems : tuple of Problem
        All that was found, in the order of the file; never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word: ``"; did you mean 'x'?"``, or list what there is.

    >>> nearest("recepionist", ["receptionist", "manager"])
    "; did you mean 'receptionist'?"
    >>> nearest("zzz", ["receptionist", "manager"])
    "; there are 'manager', 'receptionist'"
    """
    words = sorted({str(name) for name in known})
    close = difflib.get_close_matches(str(word)[:200], words, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    if not words:
        return "; there are none"
    shown = ", ".join(f"'{name}'" for name in words[:8])
    return f"; there are {shown}" + (" …" if len(words) > 8 else "")


def shown(value: object, limit: int = 60) -> str:
    """Show a value in a message: on one line and never longer than a line.

    >>> shown("exponential(3)")
    "'exponential(3)'"
    """
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
