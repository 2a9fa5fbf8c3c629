"""Reading an .lqnx file as a chain, with what a reader should know about it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from servicechain.chain import Chain
from servicechain.errors import ChainError, Mistake
from servicechain.lqn.reading import read_network
from servicechain.lqn.translation import Translation


@dataclass(frozen=True)
class Imported:
    """A chain that was a layered queueing network.

    Attributes
    ----------
    chain : Chain
    notes : tuple of str
        One line each: names that were changed, and what was given a meaning.
    """

    chain: Chain
    notes: tuple[str, ...]


def import_lqn(path: str | Path) -> Imported:
    """Read a layered queueing network as a chain; see `read_lqn`."""
    translation = Translation(read_network(path))
    data = translation.data()
    try:
        chain = Chain.from_dict(data)
        chain.to_yaml()
    except ChainError as error:
        source = os.fspath(path)
        told = [
            replace(problem, message=f"as a chain, at {'.'.join(map(str, problem.path))}: {problem.message}")
            for problem in error.problems
        ]
        raise ChainError(replace(problem, source=source) for problem in told) from None
    except Mistake as mistake:
        raise Mistake(f"{os.fspath(path)}: {mistake}") from None
    return Imported(chain, tuple(translation.notes))


def read_lqn(path: str | Path) -> Chain:
    """Read a layered queueing network in the XML format of LQNS (.lqnx) as a chain.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Chain
        In seconds. What becomes what: see `servicechain.lqn`.

    Raises
    ------
    FileProblem
        If the file is missing, no regular file, or over 1 MB.
    ChainError
        For the first thing that is wrong or has no equal in a chain, with line and column.
    """
    return import_lqn(path).chain
