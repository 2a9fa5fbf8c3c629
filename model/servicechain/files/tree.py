"""A chain file as plain data, each value with the place it was written at.

A `Tree` knows nothing of chains: it is mappings, lists, texts, numbers, truth values and None, and for each
of them line and column. The trap is that files come from anywhere: nothing here recurses over the input, and
whatever is wrong with a file is one `ChainError` with one `Problem`.
Reference: YAML 1.2.2 (https://yaml.org/spec/1.2.2/), of which JSON is a part.
"""

from __future__ import annotations

import codecs
import os
import pathlib
import stat
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from servicechain.errors import ChainError, Mistake, Path, Problem, nearest
from servicechain.files.building import Place, build
from servicechain.files.scanning import Unreadable, line_and_column

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Tree:
    """What a chain file holds.

    Attributes
    ----------
    data : object
        Mappings (their keys are text), lists, text, numbers, truth values and None.
    source : str
        The file as the user named it.
    """

    data: Any
    source: str
    _root: Place = field(repr=False, compare=False)

    def position(self, path: Path, key: bool = False) -> tuple[int, int]:
        """Tell where the value at a path was written: line and column, both from 1.

        That is where the value begins if it begins on the line of its key, otherwise its key: whoever reads
        "check in: …" looks for the line that says so. With `key` it is always the key. Where the path leads
        to nothing it is the place of the last part that exists.
        """
        place = self._root
        for part in path:
            found = place.parts.get(part)
            if found is None:
                break
            place = found
        if key or place.line != place.key_line:
            return place.key_line, place.key_column
        return place.line, place.column


def load_tree(path: str | pathlib.Path) -> Tree:
    """Read a chain file, YAML or JSON.

    Raises
    ------
    ChainError
        If the file is missing, no regular file, over 1 MB (it is not read then), not UTF-8, or anything
        `read_tree` refuses.
    """
    source = os.fspath(path)
    try:
        content = _content(pathlib.Path(path))
    except Mistake as mistake:
        raise ChainError([Problem(str(mistake), source=source)]) from None
    except (OSError, ValueError) as error:
        raise ChainError([Problem(_unopened(pathlib.Path(path), error), source=source)]) from None
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        line, column = line_and_column(before, len(before))
        message = (
            f"the byte 0x{content[error.start]:02x} is not UTF-8, and a chain file is a text in UTF-8; save it as UTF-8"
        )
        raise ChainError([Problem(message, source=source, line=line, column=column)]) from None
    return read_tree(text, source)


def read_tree(text: str, source: str) -> Tree:
    """Read the text of a chain file, YAML or JSON.

    Parameters
    ----------
    text : str
        At most 1 MB, with at most 100,000 values.
    source : str
        What errors call it.

    Raises
    ------
    ChainError
        With one problem: no YAML, empty, or holding what a chain file may not: control characters, anchors,
        aliases, tags, directives, several documents, merge keys, duplicate keys, keys that are no text,
        more than 50 levels.
    """
    try:
        if len(text) > MAX_BYTES:
            raise Unreadable(_too_big(len(text)), 1, 1)
        data, root = build(text)
    except Unreadable as error:
        problem = Problem(str(error), source=source, line=error.line, column=error.column)
        raise ChainError([problem]) from None
    return Tree(data, source, root)


def _too_big(size: int) -> str:
    return (
        f"the file has {size} bytes, and a chain file at most {MAX_BYTES} (1 MB); "
        'put long lists of numbers into a CSV file and name it with file="…"'
    )


def _content(path: pathlib.Path) -> bytes:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise Mistake("this is a folder, not a chain file; name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise Mistake("this is no regular file, and a chain is read from nothing else; save it as a file first")
    if status.st_size > MAX_BYTES:
        raise Mistake(_too_big(status.st_size))
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Mistake(_too_big(len(content)))
    return content


def _unopened(path: pathlib.Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file" + (_like(path) or "; check its name and its folder")
    reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
    return f"the file cannot be read ({reason}); check its name and who may read it"


def _like(path: pathlib.Path) -> str:
    try:
        neighbours = [entry.name for entry in islice(path.parent.iterdir(), 10_000)]
    except OSError:
        return ""
    chains = [name for name in neighbours if name.lower().endswith((".yaml", ".yml", ".json"))]
    return nearest(path.name, chains) if chains else ""
