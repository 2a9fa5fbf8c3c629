"""Reads the files a chain names, so that the chain itself holds every number it needs."""

from __future__ import annotations

from dataclasses import replace
from operator import is_
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from servicechain.arrivals import At, AtFile, Every
from servicechain.distributions import Distribution, EmpiricalFile
from servicechain.errors import ChainError, Mistake, Path, Problem, shown
from servicechain.populations import Closed

if TYPE_CHECKING:
    from servicechain.chain import Chain

_COUNTS = ("times", "batch")


def loaded(chain: Chain, folder: FilePath) -> Chain:
    """Give an equal chain in which files are replaced by their contents and time stamps by times."""
    from servicechain.rules_numbers import wrong_numbers

    loader = _Loader(chain, folder)
    result: Chain = loader.walk(chain, ())
    if not loader.problems and loader.has_read:
        loader.problems.extend(wrong_numbers(result))
    if loader.problems:
        raise ChainError(loader.problems)
    result._folder = folder
    return result


class _Loader:
    """Walks through a chain and remembers what it read and what is wrong with it."""

    def __init__(self, chain: Chain, folder: FilePath) -> None:
        self.problems: list[Problem] = []
        self._chain = chain
        self._folder = folder
        self._columns: dict[tuple[str, str], list[str]] = {}

    @property
    def has_read(self) -> bool:
        return bool(self._columns)

    def walk(self, value: Any, path: Path) -> Any:
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, Closed):
            return replace(value, think=self.walk(value.think, (*path, "think")))
        if isinstance(value, At | AtFile | Every | EmpiricalFile):
            try:
                return self._read(value, path)
            except Mistake as mistake:
                self.problems.append(Problem(str(mistake), path))
                return None
        if hasattr(value, "model_fields_set"):
            found = {name: (old, self.walk(old, (*path, key))) for name, key, old in _fields(value)}
            new = {name: new for name, (old, new) in found.items() if new is not old}
            # parts are frozen, so what holds nothing that was read may stand in both chains
            return value.model_copy(update=new) if new or not path else value
        if isinstance(value, tuple):
            items = tuple(self.walk(item, (*path, index)) for index, item in enumerate(value))
            return value if all(map(is_, items, value)) else items
        if isinstance(value, dict):
            return type(value)({name: self.walk(item, (*path, name)) for name, item in value.items()})
        return value

    def _read(self, value: At | AtFile | Every | EmpiricalFile, path: Path) -> Any:
        from servicechain.files.columns import times

        match value:
            case At():
                return value.counted_from(self._chain.starts, self._chain.unit)
            case AtFile():
                column = self._column(value.file, value.column)
                return value.loaded(times(column, self._chain.starts, self._chain.unit, _name(value)))
            case Every():
                interval = value.interval
                return Every(self._distribution(interval, path)) if isinstance(interval, EmpiricalFile) else value
            case EmpiricalFile():
                return self._distribution(value, path)

    def _distribution(self, distribution: EmpiricalFile, path: Path) -> Distribution:
        from servicechain.files.columns import numbers

        values = numbers(self._column(distribution.file, distribution.column), _name(distribution))
        for row, value in enumerate(values, start=2):
            where = f"{_name(distribution)}, row {row}"
            if value < 0:
                raise Mistake(f"{where}: a time or number must not be negative, got {value:g}; correct or delete it")
            if path[-1] in _COUNTS and not value.is_integer():
                raise Mistake(f"{where}: '{path[-1]}' must be a whole number, got {value:g}; correct or delete it")
        if not values:
            raise Mistake(f"{_name(distribution)}: there is no value below the heading; fill in at least one")
        return distribution.loaded(values)

    def _column(self, file: str, column: str) -> list[str]:
        from servicechain.files.columns import read_column

        if (file, column) not in self._columns:
            self._columns[file, column] = read_column(file, column, self._folder)
        return self._columns[file, column]


def _name(value: AtFile | EmpiricalFile) -> str:
    return f"{value.file}, column {shown(value.column)}"


def _fields(part: Any) -> list[tuple[str, str, Any]]:
    """Give the name, the key in a chain file and the value of everything a part holds."""
    return [(name, field.alias or name, getattr(part, name)) for name, field in type(part).model_fields.items()]
