"""From the bytes of an XML file to frozen elements that know line and column, safely.

The trap is what XML can do besides holding data: a document type may define entities that grow without end
("billion laughs") or fetch other files. The parser is stopped at the first sign of one, before anything of it
is read. Reference: Extensible Markup Language 1.0, https://www.w3.org/TR/xml/.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from servicechain.errors import ChainError, FileProblem, Problem, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 50


@dataclass(frozen=True)
class Element:
    """One XML element with its place.

    Attributes
    ----------
    tag : str
    attributes : mapping from name to text
        Without those of other vocabularies (``xmlns``, ``xsi:…``).
    parts : tuple of Element
        The elements inside; text between them is of no meaning here.
    source : str
        The file as the user named it.
    line, column : int
        Where it begins, both from 1.
    """

    tag: str
    attributes: Mapping[str, str]
    parts: tuple[Element, ...]
    source: str
    line: int
    column: int

    def each(self, *tags: str) -> Iterator[Element]:
        """Give the elements inside that have one of these tags, in order."""
        return (part for part in self.parts if part.tag in tags)

    def refuse(self, message: str) -> NoReturn:
        """Raise what is wrong here, with this element and its place.

        Raises
        ------
        ChainError
            Always.
        """
        raise ChainError(
            [Problem(f"{self}: {message}", source=self.source, line=self.line, column=self.column)]
        ) from None

    def __str__(self) -> str:
        for key in ("name", "dest"):
            if key in self.attributes:
                return f"<{self.tag} {key}={shown(self.attributes[key])}>"
        return f"<{self.tag}>"


def read_document(path: str | Path) -> Element:
    """Read the root element of an XML file.

    Raises
    ------
    FileProblem
        If the file is missing, no regular file, or over 1 MB (it is not read then).
    ChainError
        If it is no well-formed XML, holds a document type or entities, or is nested deeper than 50 levels.
    """
    source = os.fspath(path)
    try:
        content = _content(Path(path), source)
    except FileProblem:
        raise
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise FileProblem(f"{source} cannot be read ({reason}); check its name and its folder") from None
    return parse_document(content, source)


def _content(path: Path, source: str) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FileProblem(f"{source} is no regular file; name an .lqnx file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b" " * (MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        message = f"{source} is larger than {MAX_BYTES} bytes (1 MB), and no model needs that; leave results out"
        raise FileProblem(message)
    return content


def parse_document(content: bytes, source: str) -> Element:
    """Parse the bytes of an XML file; see `read_document`."""
    builder = _Builder(source)
    try:
        builder.parser.Parse(content, True)
    except expat.ExpatError as error:
        message = f"this is not well-formed XML ({expat.ErrorString(error.code)}); correct it here"
        problem = Problem(message, source=source, line=error.lineno, column=error.offset + 1)
        raise ChainError([problem]) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, ChainError):
            raise
        message = f"the encoding it declares cannot be read ({error}); save it as UTF-8"
        raise ChainError([Problem(message, source=source, line=1, column=1)]) from None
    return builder.root[0]


@dataclass
class _Open:
    """An element whose end has not come yet."""

    tag: str
    attributes: dict[str, str]
    line: int
    column: int
    parts: list[Element] = field(default_factory=list)


class _Builder:
    """What expat tells, made into elements."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.root: list[Element] = []
        self._open: list[_Open] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _place(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def _stop(self, message: str) -> NoReturn:
        line, column = self._place()
        raise ChainError([Problem(message, source=self.source, line=line, column=column)])

    def _doctype(self, *_: object) -> None:
        self._stop("a model holds no <!DOCTYPE …> and no entities, which can do harm; take them out")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) == MAX_DEPTH:
            self._stop(f"this is nested deeper than {MAX_DEPTH} levels, more than a model ever is; check the end tags")
        own = {key: text for key, text in attributes.items() if ":" not in key and key != "xmlns"}
        self._open.append(_Open(tag, own, *self._place()))

    def _end(self, _: str) -> None:
        done = self._open.pop()
        element = Element(done.tag, done.attributes, tuple(done.parts), self.source, done.line, done.column)
        (self._open[-1].parts if self._open else self.root).append(element)
