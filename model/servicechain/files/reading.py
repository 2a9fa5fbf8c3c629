"""Reading a chain file: the tree, the changes asked for, the chain; and the places of what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from servicechain.chain import Chain
from servicechain.errors import ChainError, Problem, shown
from servicechain.files.overrides import Overridden, with_overrides
from servicechain.files.tree import Tree, load_tree
from servicechain.problems import KeyProblem


def read(path: str | Path, sets: Sequence[str] = ()) -> Chain:
    """Read a chain file, YAML or JSON, and the files it names.

    Parameters
    ----------
    path : str or Path
    sets : sequence of str
        Values to change before the chain is checked, as ``PATH=VALUE``, e.g. ``actors.receptionist.staff=4``.

    Raises
    ------
    ChainError
        With all that is wrong, each with line and column, in the order of the file.
    """
    return read_with_places(path, sets)[0]


def read_with_places(path: str | Path, sets: Sequence[str] = ()) -> tuple[Chain, Tree]:
    """Read a chain file as `read` does, and keep where everything in it stands."""
    tree = load_tree(path)
    if not isinstance(tree.data, dict):
        message = f"a chain file is a mapping that starts with 'chain: NAME', got {shown(tree.data)}"
        raise ChainError([_placed(Problem(message), tree)])
    changed = with_overrides(tree.data, sets) if sets else Overridden(tree.data)
    try:
        chain = Chain.from_dict(changed.data, folder=Path(os.fspath(path)).parent)
        chain.loaded()
    except ChainError as error:
        placed = [changed.placed(_placed(problem, tree)) for problem in error.problems]
        raise ChainError(sorted(placed, key=_order)) from None
    return chain, tree


def place(tree: Tree, problems: Sequence[Problem]) -> list[Problem]:
    """Give findings about a chain their places in the file it was read from, in the order of the file."""
    return sorted((_placed(problem, tree) for problem in problems), key=_order)


def _placed(problem: Problem, tree: Tree) -> Problem:
    line, column = tree.position(problem.path, key=isinstance(problem, KeyProblem))
    return replace(problem, source=tree.source, line=line, column=column)


def _order(problem: Problem) -> tuple[int, int]:
    return (problem.line or 0, problem.column or 0)
