"""A study file: what to vary, what to measure and when it is enough, for a chain that lies beside it.

It is read as a chain file is: the same YAML, the same limits, and whatever is wrong with it stands at its line and
column. The trap is the chain: its path is relative to the study file, not to where one happens to be.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from servicechain.errors import ChainError, Problem, RunError, nearest, shown
from servicechain.files.reading import read
from servicechain.files.tree import Tree, load_tree
from servicechain.problems import KeyProblem

if TYPE_CHECKING:
    from servicechain.studies.plan import Plan
    from servicechain.studies.planning import Asked

KEYS = (
    *("study", "chain", "vary", "scenarios", "run", "metrics", "precision", "replications", "budget", "best"),
    *("method", "seed", "engine"),
)
RUN_KEYS = ("customers", "until", "warm_up")


def read_study(path: str | Path, engine: str | None = None) -> Plan:
    """Read a study file and the chain it names, and make the plan.

    Parameters
    ----------
    path : str or Path
    engine : str, optional
        In place of the one in the file.

    Raises
    ------
    ChainError
        With all that is wrong, each with line and column, in the order of the file; of the chain, in the chain's.
    RunError
        If there is no such engine.
    """
    from servicechain.studies.planning import plan_of

    tree = load_tree(path)
    try:
        asked, chain = _asked(tree.data)
        chain_file = Path(os.fspath(path)).parent / chain
        if not _is_file(chain_file):
            raise ChainError([Problem(_no_chain(chain, chain_file), ("chain",))])
    except ChainError as error:
        raise _placed(error, tree) from None
    model = read(chain_file)
    try:
        return plan_of(model, asked if engine is None else replace(asked, engine=engine))
    except ChainError as error:
        raise _placed(error, tree) from None
    except RunError as error:
        if engine is None and asked.engine != "auto":
            raise _placed(ChainError([Problem(str(error), ("engine",))]), tree) from None
        raise


def _asked(data: object) -> tuple[Asked, str]:
    """Take the file apart; what stands in its parts is checked with the chain."""
    from servicechain.studies.planning import Asked

    if not isinstance(data, dict):
        raise ChainError([Problem(f"a study file is a mapping that starts with 'study: TITLE', got {shown(data)}")])
    unknown = [key for key in data if key not in KEYS]
    if unknown and ("actors" in data or "services" in data):
        message = f"a study file has no key {shown(unknown[0])}: this looks like a chain file; name it in a study file"
        raise ChainError([KeyProblem(f"{message}: 'chain: …'", (unknown[0],))])
    problems: list[Problem] = [_unknown(key, KEYS, "a study file", (key,)) for key in unknown]
    problems += [_empty(key, (key,)) for key, value in data.items() if value is None and key in KEYS]
    run = data.get("run")
    if run is not None and not isinstance(run, Mapping):
        problems.append(Problem(f"'run' is a mapping such as {{until: 1d}}, got {shown(run)}", ("run",)))
        run = None
    run = dict(run or {})
    for key, value in run.items():
        if key not in RUN_KEYS:
            problems.append(_unknown(key, RUN_KEYS, "the run of a study", ("run", key)))
        elif value is None:
            problems.append(_empty(key, ("run", key)))
    chain = data.get("chain")
    if "chain" not in data:
        problems.append(Problem("a study file lacks 'chain'; add the name of a chain file, e.g. chain: hotel.yaml"))
    elif chain is not None and (not isinstance(chain, str) or not chain.strip() or "\0" in chain):
        problems.append(Problem(f"'chain' is the name of a chain file, got {shown(chain)}", ("chain",)))
    if problems:
        raise ChainError(problems)
    rest = {key: value for key, value in data.items() if key not in ("study", "chain", "run")}
    return Asked(title=data.get("study"), **rest, **run), str(chain)


def _unknown(key: str, known: tuple[str, ...], thing: str, path: tuple[str, ...]) -> Problem:
    if key in KEYS:
        return KeyProblem(f"{thing} has no key {shown(key)}; it stands beside 'run', not in it", path)
    if key in RUN_KEYS:
        return KeyProblem(f"{thing} has no key {shown(key)}; it stands in 'run': {{{key}: …}}", path)
    return KeyProblem(f"{thing} has no key {shown(key)}{nearest(key, known)}", path)


def _empty(key: str, path: tuple[str, ...]) -> Problem:
    return KeyProblem(f"{shown(key)} is empty; write what it is to be, or leave it out", path)


def _no_chain(name: str, file: Path) -> str:
    try:
        near = [each.name for each in file.parent.iterdir() if each.suffix.lower() in (".yaml", ".yml", ".json")]
    except (OSError, ValueError):
        near = []
    hint = nearest(file.name, near) if near else "; paths are relative to the study file"
    return f"there is no chain file {shown(name)} beside this file{hint}"


def _placed(error: ChainError, tree: Tree) -> ChainError:
    placed = []
    for problem in error.problems:
        line, column = tree.position(problem.path, key=isinstance(problem, KeyProblem))
        placed.append(replace(problem, source=tree.source, line=line, column=column))
    return ChainError(sorted(placed, key=lambda each: (each.line or 0, each.column or 0)))


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name longer than any file's
        return False
