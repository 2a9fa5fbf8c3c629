"""From pydantic's report to sentences a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from servicechain.errors import ChainError, Path, Problem, nearest, shown

MARK = "\x1f"
"""Begins what pydantic calls a kind of step: a character no file can hold, so no key is taken for one."""


@dataclass(frozen=True)
class KeyProblem(Problem):
    """A mistake in a key, not in what stands behind it; the path ends with that key."""


def problems_of(error: ValidationError) -> list[Problem]:
    """Turn a report of pydantic into problems, in the order of the report."""
    return [problem for entry in error.errors(include_url=False) for problem in _problems(entry)]


def _problems(entry: Any) -> Iterator[Problem]:
    kind, value = entry["type"], entry["input"]
    path: Path = tuple(part for part in entry["loc"] if not _is_tag(part))
    cause = entry.get("ctx", {}).get("error")
    if isinstance(cause, ChainError):
        yield from (problem.under(*path) for problem in cause.problems)
    elif path and path[-1] == "[key]" and kind != "extra_forbidden":
        yield KeyProblem(str(cause or _other(path[:-1], value, entry)), path[:-1])
    elif kind == "value_error":
        yield Problem(str(cause), path)
    elif kind == "extra_forbidden":
        yield KeyProblem(_unknown_key(path, _step_kind(entry)), path)
    elif kind == "missing":
        thing = _thing(path[:-1], _step_kind(entry))
        yield Problem(f"{thing} lacks '{path[-1]}'; add it", path[:-1])
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        yield _no_step(path, value)
    else:
        yield Problem(_SENTENCES.get(kind, _other)(path, value, entry), path)


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith(MARK)


def _step_kind(entry: Any) -> str | None:
    """Tell which kind of step a key stands in; None if it stands in none."""
    around = entry["loc"][-2:-1]
    return around[0].removeprefix(MARK) if around and _is_tag(around[0]) else None


def _thing(path: Path, step: str | None = None) -> str:
    """Name the part of a chain a path leads to: ``actor 'programmer'``, ``a 'work' step``, ``the chain``."""
    if step is not None:
        return f"a '{step}' step"
    match path:
        case ():
            return "the chain"
        case ("actors", name):
            return f"actor '{name}'"
        case ("services", name):
            return f"service '{name}'"
        case ("customers", name):
            return f"customer class '{name}'"
        case (*_, around, int()):
            return _ENTRIES.get(around, "this step")
    return f"'{path[-1]}'"


_ENTRIES: dict[str | int, str] = {"choose": "this option", "shifts": "this shift", "together": "this branch"}


def _unknown_key(path: Path, step: str | None) -> str:
    key = str(path[-1])
    known = _known_keys(path) if step is None else (step, *STEPS.get(step, _IN_PYTHON))
    return f"{_thing(path[:-1], step)} has no key {shown(key)}{nearest(key, known)}"


def _known_keys(path: Path) -> Sequence[str]:
    match path[:-1]:
        case ():
            return ("chain", "about", "unit", "starts", "run", "actors", "services", "customers")
        case ("run",):
            return ("customers", "until", "warm_up", "replications", "seed")
        case ("actors", _):
            return (
                *("lane", "staff", "capacity", "wage", "speed"),
                *("preempt", "shifts", "at_shift_end", "failures"),
            )
        case ("actors", _, "failures"):
            return ("every", "repair", "lasts", "stops", "clock", "after")
        case ("actors", _, "shifts", int()):
            return ("days", "from", "to", "staff")
        case ("services", _):
            return ("by", "steps", "priority", "standard")
        case ("customers", _):
            return ("arrivals", "batch", "priority", "patience", "patience_covers", "tolerance", "journey")
        case (*_, "tolerance"):
            return ("desired", "adequate")
        case (*_, "choose", int()):
            return ("weight", "label", "steps")
    return STEP_KEYS


STEPS: dict[str, tuple[str, ...]] = {
    "work": (),
    "ask": ("priority", "patience"),
    "tell": ("priority",),
    "hand_off": ("priority",),
    "reply": (),
    "pause": (),
    "chance": ("then", "else"),
    "choose": (),
    "repeat": ("times", "until", "at_most"),
    "together": ("need",),
}
"""The kinds of steps by their telling keys, and the other keys of each."""

STEP_KEYS = tuple(STEPS)

_IN_PYTHON = ("requests",)
"""The other keys of a step in Python, which no chain file holds."""


def _no_step(path: Path, value: Any) -> Problem:
    if not isinstance(value, dict):
        return Problem(_no_mapping(value), path)
    if not value:
        return Problem(f"a step is empty; a step is one of {', '.join(STEP_KEYS)}", path)
    found = [key for key in value if key in STEP_KEYS]
    if len(found) > 1:
        both = " and ".join(found)
        message = f"a step is one thing, got {both} in one; write them as two steps, each with its '-'"
        return KeyProblem(message, (*path, found[1]))
    if found == ["reply"]:
        return KeyProblem("'reply' is a bare word; write it without the ':' and what follows", (*path, "reply"))
    if "custom" in value:
        return KeyProblem(_PYTHON, (*path, "custom"))
    key = str(next(iter(value)))
    hint = _close(key, STEP_KEYS) or f"; a step is one of {', '.join(STEP_KEYS)}"
    return KeyProblem(f"no step is called {shown(key)}{hint}", (*path, key))


_PYTHON = (
    "'custom' is a Python function, and no chain file can hold one; "
    "build the chain in Python with servicechain.custom, or say it in other steps"
)


def _no_mapping(value: Any) -> str:
    if not isinstance(value, str):
        return f"a step must be a mapping such as 'work: 2' or the word reply, got {shown(value)}"
    word = value.split(":")[0].strip()
    if word in STEP_KEYS:
        space = "; YAML wants a space after the ':' and no quotes around" if ":" in value else ""
        return f"{shown(value)} lacks what belongs to it{space}; write e.g. '{_EXAMPLES.get(word, word)}'"
    return f"{shown(value)} is not a step by itself{_close(word, STEP_KEYS)}; write e.g. 'ask: check in'"


_EXAMPLES = {
    "work": "work: 2",
    "ask": "ask: check in",
    "tell": "tell: clean the room",
    "hand_off": "hand_off: second line",
    "pause": "pause: 2",
    "chance": "chance: 0.1",
    "choose": "choose: [{weight: 1}]",
    "repeat": "repeat: [{work: 2}]",
    "together": "together: [[{ask: find the file}], [{work: 2}]]",
}


def _mapping(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be a mapping of keys and values, got {shown(value)}"


def _list(path: Path, value: Any, _: Any) -> str:
    if path[-2:-1] == ("together",):
        return f"a branch of a together is a list of steps, got {shown(value)}; put [ ] around its steps"
    return f"{_thing(path)} must be a list (each entry after a '-'), got {shown(value)}"


def _text(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be a text, got {shown(value)}; put it in quotes if it is meant as one"


def _choice(path: Path, value: Any, entry: Any) -> str:
    words = [word.strip("' ") for word in str(entry["ctx"]["expected"]).replace(" or ", ", ").split(",")]
    return f"{_thing(path)} must be one of {', '.join(words)}, got {shown(value)}{_close(value, words)}"


def _close(value: Any, words: Sequence[str]) -> str:
    hint = nearest(str(value), words)
    return hint if "mean" in hint else ""


def _truth(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be true or false, got {shown(value)}"


def _other(path: Path, value: Any, entry: Any) -> str:
    return f"{_thing(path)}: {entry['msg'].lower()}, got {shown(value)}"


_SENTENCES = {
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "dict_type": _mapping,
    "mapping_type": _mapping,
    "list_type": _list,
    "tuple_type": _list,
    "string_type": _text,
    "enum": _choice,
    "literal_error": _choice,
    "bool_type": _truth,
    "bool_parsing": _truth,
}
