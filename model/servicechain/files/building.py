"""From the events of YAML to plain data and the places it was written at.

A stack takes the place of recursion, so a file cannot exhaust the interpreter's. Keys are text as it is
written: an actor called ``24`` is no number. The trap is a distribution without quotes inside brackets:
``{work: lognormal(mean=1, cv=0.7)}`` is good YAML for the two keys ``work`` and ``cv=0.7)``, so it is looked
for while building.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from servicechain.errors import Mistake, shown
from servicechain.files.scalars import Scalar, resolved
from servicechain.files.scanning import MAX_DEPTH, Unreadable, events, too_deep, unreadable

MAX_VALUES = 100_000

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Place:
    """Where a value was written, where its key was, and the same for its parts; lines and columns from 1.

    A value without a key has the value's own place for both.
    """

    line: int
    column: int
    key_line: int
    key_column: int
    parts: dict[str | int, Place] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A mapping or a list whose end has not come."""

    data: dict[str, Any] | list[Any]
    place: Place
    in_brackets: bool
    is_pair: bool  # one "key: value" in a list, without braces
    key: str | None = None
    key_mark: Any = None
    cut: Any = None  # the event of a text with an unclosed "(", if this stands in brackets


def build(text: str) -> tuple[Any, Place]:
    """Give the data of a YAML or JSON text, and its places.

    Raises
    ------
    Unreadable
        At the first place where it is no YAML, or not for a chain.
    """
    builder = _Builder()
    for event in _with_hint(builder, events(text)):
        builder.take(event)
    if builder.root is None:
        raise Unreadable("there is nothing but blank lines and comments here; write a chain", 1, 1)
    return builder.root


def _with_hint(builder: _Builder, source: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from source
    except Unreadable:
        builder.blame_missing_quotes()
        raise


class _Builder:
    """Takes events one by one; `root` is the data and its place when the last has been taken."""

    def __init__(self) -> None:
        self.root: tuple[Any, Place] | None = None
        self._open: list[_Open] = []
        self._values = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, NodeEvent):
            self._count(event)
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, CollectionStartEvent):
                self._begin(event)
        elif isinstance(event, CollectionEndEvent):
            self._end()
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise unreadable(
                    "a second document begins here, and a file holds one chain; delete this line, or split the file",
                    event.start_mark,
                )

    def blame_missing_quotes(self) -> None:
        """Raise the error of a distribution cut off by a bracket, if one is open here.

        Raises
        ------
        Unreadable
            If there is one.
        """
        for part in reversed(self._open):
            if part.cut is not None:
                raise _cut_off(part.cut)

    def _count(self, event: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise unreadable(
                f"the file holds more than {MAX_VALUES} keys and values, too many for a chain; put long "
                'lists of numbers into a CSV file and name it with file="…"',
                event.start_mark,
            )

    def _scalar(self, event: Any) -> None:
        parent = self._open[-1] if self._open else None
        plain = event.implicit[0]
        if plain and parent is not None and parent.in_brackets:
            _watch_brackets(parent, event)
        if parent is not None and isinstance(parent.data, dict) and parent.key is None:
            self._key(parent, event)
            return
        value: Scalar
        try:
            value = resolved(event.value) if plain else _whole(event.value)
        except Mistake as mistake:
            raise unreadable(str(mistake), event.start_mark) from None
        self._add(value, event.start_mark)

    def _key(self, parent: _Open, event: Any) -> None:
        mark = event.start_mark
        try:
            key = _whole(event.value)
        except Mistake as mistake:
            raise unreadable(str(mistake), mark) from None
        if event.implicit[0] and key == "":
            raise unreadable("a key is missing before this ':'; write one", mark)
        if event.implicit[0] and key == "<<":
            raise unreadable(
                "'<<' merges mappings, which a chain file may not do; write the keys out where they belong",
                mark,
            )
        first = parent.place.parts.get(key)
        if first is not None:
            raise unreadable(
                f"the key {shown(key)} stands here twice, first on line {first.key_line}; keep one of them",
                mark,
            )
        parent.key, parent.key_mark = key, mark

    def _begin(self, event: CollectionStartEvent) -> None:
        parent = self._open[-1] if self._open else None
        mapping = isinstance(event, MappingStartEvent)
        if parent is not None and isinstance(parent.data, dict) and parent.key is None:
            raise unreadable(
                f"a key must be a text, and here a {'mapping' if mapping else 'list'} stands in its place; "
                "name it, or put quotes around a text that begins with a bracket",
                event.start_mark,
            )
        if len(self._open) >= MAX_DEPTH:
            raise too_deep(event.start_mark)
        data: dict[str, Any] | list[Any] = {} if mapping else []
        place = self._add(data, event.start_mark)
        in_brackets = bool(event.flow_style)
        opening = event.start_mark.buffer[event.start_mark.index]
        self._open.append(_Open(data, place, in_brackets, is_pair=in_brackets and opening not in "[{"))

    def _end(self) -> None:
        closed = self._open.pop()
        # "[work: gamma(mean=1, cv=2)]" makes a mapping of its own of "work: gamma(mean=1".
        if closed.is_pair and self._open:
            self._open[-1].cut = self._open[-1].cut or closed.cut

    def _add(self, value: Any, mark: Any) -> Place:
        line, column = mark.line + 1, mark.column + 1
        place = Place(line, column, line, column)
        if not self._open:
            self.root = (value, place)
            return place
        parent = self._open[-1]
        if isinstance(parent.data, list):
            parent.place.parts[len(parent.data)] = place
            parent.data.append(value)
        else:
            key = str(parent.key)
            place.key_line, place.key_column = parent.key_mark.line + 1, parent.key_mark.column + 1
            parent.place.parts[key] = place
            parent.data[key] = value
            parent.key = None
        return place


def _watch_brackets(parent: _Open, event: Any) -> None:
    balance = event.value.count("(") - event.value.count(")")
    if balance > 0 and parent.cut is None:
        parent.cut = event
    elif balance < 0 and parent.cut is not None:
        raise _cut_off(parent.cut)


def _cut_off(event: Any) -> Unreadable:
    written = _until_closed(event.start_mark)
    quote = "'" if '"' in written else '"'
    return unreadable(
        f"{shown(event.value)} is cut off: inside {{ }} or [ ] YAML ends a value at a comma or a bracket; "
        f"put quotes around the whole distribution: {quote}{written}{quote}",
        event.start_mark,
    )


def _until_closed(mark: Any) -> str:
    line = re.split(r"[\r\n\0]", mark.buffer[mark.index : mark.index + 100])[0]
    balance = 0
    for length, character in enumerate(line, start=1):
        balance += (character == "(") - (character == ")")
        if balance == 0 and character == ")":
            return str(line[:length])
    return "lognormal(mean=2, cv=0.7)"


def _whole(text: str) -> str:
    """Join the halves of characters that JSON writes as two escapes.

    Raises
    ------
    Mistake
        If there is half a character.
    """
    if _SURROGATES.search(text) is None:
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise Mistake(
            f"the text {shown(text)} has an escape \\uD800 to \\uDFFF that is half a character; write both "
            "halves, or the character itself"
        ) from None
