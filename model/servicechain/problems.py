"""From pydantic's report to sentences a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from servicechain.errors import ChainError, Path, Problem, nearest, shown

LATER = {
    "shifts": "staff by the clock",
    "at_shift_end": "staff by the clock",
    "failures": "breakdowns",
    "preempt": "pre-emption",
    "patience_covers": "patience while held",
    "together": "branches side by side",
    "need": "branches side by side",
    "population": "closed populations",
    "think": "closed populations",
}
"""Words of the chain language that this version does not have yet, and what they are about."""


def problems_of(error: ValidationError) -> list[Problem]:
    """Turn a report of pydantic into problems, in the order of the report."""
    return [problem for entry in error.errors(include_url=False) for problem in _problems(entry)]


def _problems(entry: Any) -> Iterator[Problem]:
    path: Path = tuple(part for part in entry["loc"] if not (isinstance(part, str) and part.startswith("<")))
    kind, value = entry["type"], entry["input"]
    cause = entry.get("ctx", {}).get("error")
    if isinstance(cause, ChainError):
        yield from (problem.under(*path) for problem in cause.problems)
    elif path and path[-1] == "[key]":
        yield Problem(str(cause), path[:-1])
    elif kind == "value_error":
        yield Problem(str(cause), path)
    elif kind == "extra_forbidden":
        yield Problem(_unknown_key(path, entry), path)
    elif kind == "missing":
        yield Problem(f"{_thing(path[:-1])} lacks '{path[-1]}'; add it", path[:-1])
    else:
        yield Problem(_SENTENCES.get(kind, _other)(path, value, entry), path)


def _thing(path: Path) -> str:
    """Name the part of a chain a path leads to: ``actor 'programmer'``, ``a step``, ``the chain``."""
    match path:
        case ():
            return "the chain"
        case ("actors", name):
            return f"actor '{name}'"
        case ("services", name):
            return f"service '{name}'"
        case ("customers", name):
            return f"customer class '{name}'"
        case (*_, int()):
            return "this step" if path[-2] != "choose" else "this option"
    return f"'{path[-1]}'"


def _unknown_key(path: Path, entry: Any) -> str:
    key = str(path[-1])
    if key in LATER:
        return f"'{key}' ({LATER[key]}) is part of the chain language but not of this version; leave it out"
    known = entry.get("ctx", {}).get("known") or _known_keys(path)
    return f"{_thing(path[:-1])} has no key {shown(key)}{nearest(key, known)}"


def _known_keys(path: Path) -> list[str]:
    match path[:-1]:
        case ():
            return ["chain", "about", "unit", "starts", "run", "actors", "services", "customers"]
        case ("run",):
            return ["customers", "until", "warm_up", "replications", "seed"]
        case ("actors", _):
            return ["lane", "staff", "capacity", "wage", "speed"]
        case ("services", _):
            return ["by", "steps", "priority", "standard"]
        case ("customers", _):
            return ["arrivals", "batch", "priority", "patience", "tolerance", "journey"]
        case (*_, "tolerance"):
            return ["desired", "adequate"]
        case (*_, "arrivals"):
            return ["rates", "per", "each", "repeat"]
        case (*_, "choose", int()):
            return ["weight", "label", "steps"]
    return [*STEP_KEYS, "priority", "patience", "then", "else", "times", "until", "at_most"]


STEP_KEYS = ("work", "ask", "tell", "hand_off", "reply", "pause", "chance", "choose", "repeat")


def _step(_: Path, value: Any, __: Any) -> str:
    if isinstance(value, dict):
        later = [key for key in value if key in LATER]
        if later:
            return f"'{later[0]}' ({LATER[later[0]]}) is part of the chain language but not of this version"
        found = [key for key in value if key in STEP_KEYS]
        if len(found) > 1:
            return f"a step is one thing, got {' and '.join(found)} in one; write them as two steps, each with its '-'"
        key = next(iter(value), "")
        return f"no step is called {shown(key)}{nearest(str(key), STEP_KEYS)}; a step is one of {', '.join(STEP_KEYS)}"
    if isinstance(value, str):
        hint = nearest(value.split(":")[0], STEP_KEYS)
        return f"{shown(value)} is not a step by itself{hint}; write e.g. 'ask: check in'"
    return f"a step must be a mapping such as 'work: 2' or the word reply, got {shown(value)}"


def _mapping(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be a mapping of keys and values, got {shown(value)}"


def _list(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be a list (each entry after a '-'), got {shown(value)}"


def _text(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be a text, got {shown(value)}; put it in quotes if it is meant as one"


def _choice(path: Path, value: Any, entry: Any) -> str:
    words = [word.strip("' ") for word in str(entry["ctx"]["expected"]).replace(" or ", ", ").split(",")]
    return f"{_thing(path)} must be one of {', '.join(words)}, got {shown(value)}{_close(value, words)}"


def _close(value: Any, words: list[str]) -> str:
    hint = nearest(str(value), words)
    return hint if "mean" in hint else ""


def _truth(path: Path, value: Any, _: Any) -> str:
    return f"{_thing(path)} must be true or false, got {shown(value)}"


def _other(path: Path, value: Any, entry: Any) -> str:
    return f"{_thing(path)}: {entry['msg'].lower()}, got {shown(value)}"


_SENTENCES = {
    "union_tag_not_found": _step,
    "union_tag_invalid": _step,
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
