"""From plain data to a chain file a person likes to read, and safely onto the disk.

What is short stands on one line, what has structure stands in lines of its own, one step each. The trap is
text that looks like something else (``null``, ``1e3``, ``a: b``): it gets quotes, also where only older YAML
would misread it (``yes``, ``24:00``), and reading back gives the same data to the last character.
"""

from __future__ import annotations

import io
import json
import math
import os
import pathlib
import re
import secrets
import shutil
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.tag import Tag

from servicechain.errors import FileProblem, Mistake, Path, shown
from servicechain.files.scalars import resolved
from servicechain.files.scanning import MAX_DEPTH

_LINE = 80
_LEVELS_ON_A_LINE = 2
_SECTIONS = frozenset(("actors", "services", "customers"))
_STEPS = frozenset(("steps", "journey"))
_LISTS_OF_STEPS = _STEPS | {"then", "else", "repeat"}

# Never written, but ruamel.yaml wants to see it where a text is empty.
_TEXT = Tag(suffix="tag:yaml.org,2002:str")

_OLD_YAML = re.compile(r"(?:y|n|yes|no|on|off)|[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9]*)?|[0-9][0-9_.]*", re.I)
_SIGNIFICANT = re.compile(r": |:$| #")
_SIGNIFICANT_IN_BRACKETS = re.compile(r"[][{},:?]")


def to_yaml(data: dict[str, Any]) -> str:
    """Write a chain's data as YAML.

    Parameters
    ----------
    data : dict
        Mappings with text as keys, lists, text, numbers, truth values and None.

    Raises
    ------
    Mistake
        If it holds anything else, a number or a character no file can hold, or more than 50 levels.
    """
    if not isinstance(data, dict):
        raise Mistake(f"a chain file holds a mapping, got {shown(data)}; give a mapping")
    yaml = YAML(typ="safe", pure=True)
    # A line broken by the writer would be joined again by the reader, but not always to the same text.
    yaml.width = 2**31
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    stream = io.StringIO()
    yaml.emit(_document(data), stream)
    return stream.getvalue()


def to_json(data: Any) -> str:
    """Write plain data as JSON, indented by two, in the order it has.

    Raises
    ------
    Mistake
        If it holds NaN or an infinite number, or what JSON has no form for.
    """
    try:
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=_refuse) + "\n"
    except Mistake:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise Mistake(f"this cannot be written as JSON ({error}); it holds text and finite numbers only") from None


def save(text: str, path: str | pathlib.Path, overwrite: bool = False) -> None:
    """Write a file as a whole or not at all, in UTF-8.

    Raises
    ------
    FileProblem
        If it exists and `overwrite` is False, or cannot be written.
    """
    name = os.fspath(path)
    target = pathlib.Path(path)
    try:
        if target.exists() and not target.is_file():
            raise FileProblem(f"{name} is no regular file, so nothing was written; choose another name")
        if not overwrite and os.path.lexists(target):
            raise FileProblem(
                f"{name} exists already, so nothing was written; choose another name, or set overwrite=True"
            )
        _replace(target.resolve(), text.encode())
    except UnicodeEncodeError as error:
        raise FileProblem(f"{name} was not written: the text holds half a character ({error.reason})") from None
    except FileProblem:
        raise
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise FileProblem(f"{name} cannot be written ({reason}); check its folder and who may write there") from None


def _replace(target: pathlib.Path, content: bytes) -> None:
    """Write beside the target first, so that nobody ever finds half a file."""
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _document(data: dict[str, Any]) -> Iterator[Any]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield from _value(data, (), in_brackets=False)
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()


def _value(value: Any, path: Path, in_brackets: bool) -> Iterator[Any]:
    if len(path) >= MAX_DEPTH and isinstance(value, (dict, list, tuple)):
        raise Mistake(f"the data is nested deeper than {MAX_DEPTH} levels, which a chain file cannot be")
    if isinstance(value, dict):
        in_brackets = in_brackets or not _stands_in_lines(value, path)
        yield MappingStartEvent(None, None, True, flow_style=in_brackets)
        for key, part in value.items():
            if not isinstance(key, str):
                raise Mistake(f"a key of a chain file is text, got {shown(key)}; write it as text")
            yield _text(key, in_brackets, is_key=True)
            yield from _value(part, (*path, key), in_brackets)
        yield MappingEndEvent()
    elif isinstance(value, (list, tuple)):
        in_brackets = in_brackets or not _stands_in_lines(value, path)
        yield SequenceStartEvent(None, None, True, flow_style=in_brackets)
        for position, part in enumerate(value):
            yield from _value(part, (*path, position), in_brackets)
        yield SequenceEndEvent()
    elif isinstance(value, str):
        yield _text(value, in_brackets)
    else:
        yield _scalar(_written(value), None)


def _stands_in_lines(value: Any, path: Path) -> bool:
    """Tell whether a mapping or list stands in lines of its own, or in brackets on one line."""
    if not value:
        return False
    if not path:
        return True
    section, last = path[0], path[-1]
    if isinstance(value, dict):
        structured = (
            (len(path) == 1 and section in _SECTIONS)
            or (len(path) == 2 and section in ("services", "customers"))
            or (isinstance(last, int) and (path[-2] in _LISTS_OF_STEPS or path[-3:-2] == ("together",)))
        )
    else:
        structured = last in _STEPS
    return structured or _levels(value) > _LEVELS_ON_A_LINE or _width(value) > _LINE


def _levels(value: Any) -> int:
    """Count levels, but not beyond what matters."""
    level, parts = 0, [value]
    while parts and level <= _LEVELS_ON_A_LINE:
        containers = [part for part in parts if isinstance(part, (dict, list, tuple))]
        level += bool(containers)
        parts = [part for one in containers for part in (one.values() if isinstance(one, dict) else one)]
    return level


def _width(value: Any) -> int:
    """Estimate how long a line of brackets is, in characters."""
    if isinstance(value, dict):
        return 2 + sum(len(str(key)) + 4 + _width(part) for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return 2 + sum(2 + _width(part) for part in value)
    return len(value) if isinstance(value, str) else 4


def _text(text: str, in_brackets: bool, is_key: bool = False) -> Any:
    if _is_plain(text, in_brackets):
        return _scalar(text, None)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Mistake(f"the text {shown(text)} holds half a character, which no file can hold; correct it") from None
    return _scalar(text, "|" if not in_brackets and not is_key and _is_paragraph(text) else '"')


def _is_plain(text: str, in_brackets: bool) -> bool:
    """Tell whether a text means itself without quotes, in YAML 1.2 as in 1.1."""
    if not text.isprintable() or not text[:1].isalnum() or text.endswith(" ") or _OLD_YAML.fullmatch(text):
        return False
    if _SIGNIFICANT.search(text) or (in_brackets and _SIGNIFICANT_IN_BRACKETS.search(text)):
        return False
    if in_brackets and text.count("(") != text.count(")"):  # would read as a distribution that is cut off
        return False
    try:
        return resolved(text) == text
    except Mistake:
        return False


def _is_paragraph(text: str) -> bool:
    """Tell whether a text of lines can stand as lines."""
    lines = text.split("\n")
    return lines.pop() == "" and all(line and line.isprintable() and line == line.strip() for line in lines)


def _scalar(text: str, style: str | None) -> Any:
    return ScalarEvent(None, _TEXT if style else None, (True, True, True), text, style=style)


def _written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _written_integer(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ".nan"
        return repr(float(value)) if math.isfinite(value) else (".inf" if value > 0 else "-.inf")
    if callable(value):
        raise Mistake(_python(value))
    raise Mistake(f"{shown(value)} of type {type(value).__name__} has no form in a chain file; write it as text")


def _refuse(value: object) -> None:
    """Tell json what it cannot write."""
    if callable(value):
        raise Mistake(_python(value))
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _python(function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return (
        f"the custom step '{name}' is Python, which no chain file can hold; "
        "keep such a chain as a Python script, or say the step in words of the chain file"
    )


def _written_integer(value: int) -> str:
    try:
        float(value)
    except OverflowError:
        raise Mistake(f"a whole number of {value.bit_length()} bits is beyond 1.8e308; write a smaller one") from None
    return str(int(value))
