"""Reads the files a chain names, so that the chain itself holds every number it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from servicechain.arrivals import At, AtFile
from servicechain.distributions import Distribution, EmpiricalFile
from servicechain.errors import ChainError, Mistake, Path, Problem

if TYPE_CHECKING:
    from servicechain.chain import Chain


def loaded(chain: Chain, folder: FilePath) -> Chain:
    """Give an equal chain in which files are replaced by their contents and time stamps by times."""
    from servicechain.chain import Chain

    problems: list[Problem] = []

    def attempt(path: Path, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except Mistake as mistake:
            problems.append(Problem(str(mistake), path))
            return None

    def walk(value: Any, path: Path) -> Any:
        if isinstance(value, AtFile | At):
            return attempt(path, lambda: _arrivals(chain, value, folder))
        if isinstance(value, EmpiricalFile):
            return attempt(path, lambda: _distribution(value, folder))
        if hasattr(value, "model_fields_set"):
            return value.model_copy(update={f: walk(v, (*path, _key(f))) for f, v in _fields(value)})
        if isinstance(value, tuple):
            return tuple(walk(item, (*path, index)) for index, item in enumerate(value))
        if isinstance(value, dict):
            return type(value)({name: walk(item, (*path, name)) for name, item in value.items()})
        return value

    result: Chain = walk(chain, ())
    if problems:
        raise ChainError(problems)
    result._folder = folder
    return Chain.model_validate(result)


def _fields(part: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(part, name)) for name in type(part).model_fields]


def _key(field: str) -> str:
    return "else" if field == "otherwise" else field


def _arrivals(chain: Chain, arrivals: At | AtFile, folder: FilePath) -> At:
    from servicechain.files.columns import read_column, times

    if isinstance(arrivals, At):
        return arrivals.counted_from(chain.starts, chain.unit)
    column = read_column(arrivals.file, arrivals.column, folder)
    return arrivals.loaded(times(column, chain.starts, chain.unit, f"{arrivals.file}, column {arrivals.column}"))


def _distribution(distribution: EmpiricalFile, folder: FilePath) -> Distribution:
    from servicechain.files.columns import numbers, read_column

    file, column = distribution.file, distribution.column
    values = numbers(read_column(file, column, folder), f"{file}, column {column}")
    return distribution.loaded(values)
