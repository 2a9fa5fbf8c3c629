"""A chain with some values changed before it is validated: ``--set actors.receptionist.staff=4``.

A path is keys and list positions with dots between; all of it but its last part must be there, so that a
misspelt name is told and not created. Of two keys that stand in place of each other (`staff` and `shifts`) the one
that is set takes the other's place. The trap is the error that comes later: a value set here has no line in
the file, so an `Overridden` remembers which paths were set and by what.
"""

from __future__ import annotations

import copy
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from servicechain.errors import ChainError, Mistake, Path, Problem, nearest, shown
from servicechain.files.tree import read_tree

_LONGEST_LABEL = 160
_CREATED = "run"


@dataclass(frozen=True)
class Overridden:
    """A changed copy of a chain's data.

    Attributes
    ----------
    data : dict
        The whole chain, as a `Tree` has it.
    sources : dict
        For each path that was set, what set it, such as ``--set actors.receptionist.staff=4``.
    """

    data: dict[str, Any]
    sources: dict[Path, str] = field(default_factory=dict)

    def source(self, path: Path) -> str | None:
        """Tell what set the value at a path, or a mapping or list it is part of; None if the file did."""
        for length in range(len(path), 0, -1):
            found = self.sources.get(path[:length])
            if found is not None:
                return found
        return None

    def placed(self, problem: Problem) -> Problem:
        """Give a problem the place of what set the value; as it is if that was the file."""
        source = self.source(problem.path)
        return problem if source is None else replace(problem, source=source, line=None, column=None)


def with_overrides(data: dict[str, Any], assignments: Sequence[str]) -> Overridden:
    """Set values as the command line writes them, ``PATH=VALUE``, one after the other.

    Parameters
    ----------
    data : dict
        A chain's data; it stays as it is.
    assignments : sequence of str
        VALUE is YAML, PATH such as ``services.check in.steps.0.work``.

    Raises
    ------
    ChainError
        With one problem for each assignment that cannot be made.
    """
    changes = [(f"--set {_label(text)}", partial(_assignment, text)) for text in assignments]
    return _with_all(data, changes)


def with_values(data: dict[str, Any], values: Mapping[str, Any]) -> Overridden:
    """Set values as Python has them, for instance ``{"actors.receptionist.staff": 4}``.

    Parameters
    ----------
    data : dict
        A chain's data; it stays as it is.
    values : mapping
        From paths to what a chain file could hold: text, numbers, truth values, None, lists, mappings;
        and functions of custom steps.

    Raises
    ------
    ChainError
        With one problem for each value that cannot be set.
    """
    return _with_all(data, [(_label(str(path)), partial(_value, path, value)) for path, value in values.items()])


def _with_all(data: dict[str, Any], changes: Iterable[tuple[str, Callable[[], tuple[list[str], Any]]]]) -> Overridden:
    changed = Overridden(copy.deepcopy(data))
    problems = []
    for label, read in changes:
        try:
            parts, value = read()
            _set(changed, parts, value, label)
        except ChainError as error:
            # A line and a column within a shell argument would help nobody.
            problems += [Problem(problem.message, source=label) for problem in error.problems]
        except Mistake as mistake:
            problems.append(Problem(str(mistake), source=label))
    if problems:
        raise ChainError(problems)
    return changed


def _label(text: str) -> str:
    """Name an assignment on one line, whatever bytes a shell has put into it."""
    line = " ".join(text.split()).encode("utf-8", "backslashreplace").decode()
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1] + "…"


def _assignment(text: str) -> tuple[list[str], Any]:
    path, equals, value = text.partition("=")
    if not equals:
        raise Mistake(f"{shown(text)} has no '='; write PATH=VALUE, such as actors.receptionist.staff=4")
    if value.strip()[:1] in ("", "#"):
        raise Mistake("nothing stands after the '='; write a value there, or null for none")
    return _parts(path), read_tree(value, "--set").data


def _value(path: object, value: Any) -> tuple[list[str], Any]:
    if not isinstance(path, str):
        raise Mistake(f"a path must be a text such as 'actors.receptionist.staff', got {shown(path)}")
    return _parts(path), _plain(value, 0)


def _parts(path: str) -> list[str]:
    parts = path.strip().split(".")
    if not all(parts):
        raise Mistake(
            f"the path {shown(path)} has an empty part; write names with one dot between, such as "
            "actors.receptionist.staff"
        )
    return parts


def _plain(value: Any, depth: int) -> Any:
    """Copy a Python value into what a chain file could hold."""
    if depth > 50:
        raise Mistake("the value is nested deeper than 50 levels; a chain never needs that")
    if value is None or isinstance(value, (str, bool)) or callable(value):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part, depth + 1) for part in value]
    if isinstance(value, Mapping):
        return {_key(key): _plain(part, depth + 1) for key, part in value.items()}
    raise Mistake(
        f"{shown(value)} of type {type(value).__name__} cannot stand in a chain file; give it as the text, "
        "number, list or mapping a file would hold"
    )


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise Mistake(f"keys must be text, got {shown(key)}; put quotes around it")
    return key


def _set(changed: Overridden, parts: list[str], value: Any, label: str) -> None:
    container: Any = changed.data
    path: Path = ()
    if len(parts) > 1 and parts[0] == _CREATED and isinstance(container, dict) and not container.get(_CREATED):
        container[_CREATED] = {}
    for part in parts[:-1]:
        index = _existing(container, part, path)
        container, path = container[index], (*path, index)
    last = parts[-1] if isinstance(container, dict) else _existing(container, parts[-1], path)
    _make_room(container, (*path, last), value)
    container[last] = value
    path = (*path, last)
    for known in [known for known in changed.sources if known[: len(path)] == path]:
        del changed.sources[known]
    changed.sources[path] = label


_INSTEAD = {
    "staff": ("shifts", "at_shift_end"),
    "capacity": ("shifts", "at_shift_end"),
    "shifts": ("staff", "capacity"),
    "lasts": ("repair",),
    "repair": ("lasts",),
}
"""What stands in place of what, so that setting the one takes the other out."""


def _make_room(container: Any, path: Path, value: Any) -> None:
    """Take out of an actor, or its failures, what the value that is set stands in place of."""
    if path[0] == "actors" and len(path) in (3, 4) and value is not None and isinstance(container, dict):
        for other in _INSTEAD.get(str(path[-1]), ()):
            container.pop(other, None)


def _existing(container: Any, part: str, path: Path) -> str | int:
    where = f"'{'.'.join(str(key) for key in path)}'" if path else "the chain"
    if isinstance(container, dict):
        if part not in container:
            raise Mistake(f"{where} has no {shown(part)}{nearest(part, container)}")
        return part
    if not isinstance(container, list):
        raise Mistake(f"{where} is {shown(container)}, which has no parts, so no {shown(part)}; shorten the path")
    if not (part.isascii() and part.isdigit()):
        raise Mistake(f"{where} is a list, and {shown(part)} no position in it; write {_positions(container)}")
    position = int(part) if len(part) < 10 else math.inf
    if position >= len(container):
        raise Mistake(f"{where} has no position {shown(part)}; it has {len(container)}: write {_positions(container)}")
    return int(position)


def _positions(container: list[Any]) -> str:
    if not container:
        return "another path, for it is empty"
    return "0" if len(container) == 1 else f"one from 0 to {len(container) - 1}"
