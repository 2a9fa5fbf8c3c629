"""From text to the events of YAML, with everything refused at once that a chain file never needs.

The parser is ruamel.yaml's; its scanner is told to stop at the first anchor, alias, tag or directive and at
the first bracket too deep. The traps are time, not meaning: ruamel looks ahead up to 1,024 characters for
the ``:`` of a key and walks over all open brackets for each, so ``[[[[…`` costs minutes when parsed to its
end, and ``!!!!…`` seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scanner import Scanner

from servicechain.errors import Mistake, shown

MAX_DEPTH = 50

# Line separators other than \n and \r count as line breaks for some readers only, so they are out as well.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
# An unclosed quote runs to the end: without that, a file full of them would be searched again from each.
_JSON_TAB = re.compile(r'"(?:[^"\\]++|\\.)*+"?|\'[^\']*+\'?|\t', re.DOTALL)


class Unreadable(Mistake):
    """A text that is no chain file, told by the one who stands at the place.

    Attributes
    ----------
    line, column : int
        Where, both from 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def unreadable(message: str, mark: Any) -> Unreadable:
    """Make the error for a mark of ruamel.yaml, which counts from 0."""
    return Unreadable(message, mark.line + 1, mark.column + 1)


def too_deep(mark: Any) -> Unreadable:
    """Make the error for one level too many."""
    return unreadable(
        f"this is nested deeper than {MAX_DEPTH} levels, more than a chain ever needs; "
        "check that every bracket is closed",
        mark,
    )


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Count lines and columns, both from 1, up to a place in a text."""
    line, start = 1, 0
    for match in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1


def events(text: str) -> Iterator[Any]:
    """Give the events of a YAML or JSON text, one at a time.

    Raises
    ------
    Unreadable
        At the first place that is no YAML, or that a chain file may not hold.
    """
    text = text.removeprefix("\ufeff")
    _refuse_control_characters(text)
    if "\t" in text and text.lstrip()[:1] in ("{", "["):
        text = _JSON_TAB.sub(lambda match: " " if match[0] == "\t" else match[0], text)
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _StrictScanner
    try:
        yield from yaml.parse(text)
    except MarkedYAMLError as error:
        raise _translated(error) from None


def _refuse_control_characters(text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found is not None:
        raise Unreadable(
            f"the character U+{ord(found[0]):04X} must not stand in a chain file, which is text; delete it, "
            "or write it as an escape in double quotes",
            *line_and_column(text, found.start()),
        )


class _StrictScanner(Scanner):
    """The scanner of ruamel.yaml, which stops where a chain file may not go on."""

    def fetch_anchor(self) -> None:
        self._refuse("an anchor", "write the value out wherever it is needed")

    def fetch_alias(self) -> None:
        self._refuse("an alias", "write the value out wherever it is needed")

    def fetch_tag(self) -> None:
        self._refuse("a tag", "leave it out")

    def fetch_directive(self) -> None:
        self._refuse("a directive", "leave the line out")

    def fetch_flow_sequence_start(self) -> None:
        self._go_deeper()
        super().fetch_flow_sequence_start()

    def fetch_flow_mapping_start(self) -> None:
        self._go_deeper()
        super().fetch_flow_mapping_start()

    def scan_flow_scalar(self, style: Any) -> Any:
        mark = self.reader.get_mark()
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError):
            raise unreadable(
                "the text that begins here has an escape \\U beyond 0010FFFF, the last character there is; "
                "correct it, or use single quotes if the backslash is meant",
                mark,
            ) from None

    def _go_deeper(self) -> None:
        if self.flow_level >= MAX_DEPTH:
            raise too_deep(self.reader.get_mark())

    def _refuse(self, what: str, instead: str) -> NoReturn:
        word = re.split(r"[\s\0]", self.reader.prefix(30))[0]
        raise unreadable(
            f"{shown(word)} is {what} of YAML, which a chain file may not hold; {instead}, "
            f"or put quotes around a text that begins with {word[:1]}",
            self.reader.get_mark(),
        )


# What ruamel.yaml says (the beginning of it), what we say, and whether the place to show is where the trouble
# was noticed or where it began. The first that fits is taken.
_MESSAGES: tuple[tuple[str, str, bool], ...] = (
    ("found character '\\t'", "a tab stands where YAML wants spaces; replace it by spaces", False),
    (
        "found character ",
        "a value cannot begin with {character}; put quotes around it",
        False,
    ),
    (
        "mapping values are not allowed here",
        "a second ': ' (or a key without a line of its own) cannot stand here; put quotes around a text that "
        "holds ': ', or check the indentation",
        False,
    ),
    (
        "sequence entries are not allowed here",
        "a list entry '- ' cannot begin here; begin it on a line of its own under its key, or put quotes "
        "around a text that begins with '- '",
        False,
    ),
    ("mapping keys are not allowed here", "a key '? ' cannot begin here; write 'key: value'", False),
    (
        "could not find expected ':'",
        "this is neither 'key: value' nor a list entry '- …'; is a ':' with a space after it missing, or is "
        "the indentation wrong?",
        True,
    ),
    (
        "found unexpected end of stream",
        "the quote that opens here is never closed; close it before the end of the file",
        True,
    ),
    (
        "found unexpected document separator",
        "the quote that opens here runs into a line '---' or '...'; close it",
        True,
    ),
    (
        "found unknown escape character",
        "in double quotes a backslash begins an escape, and there is none with {character}; use single "
        "quotes, or write the backslash twice",
        False,
    ),
    (
        "expected escape sequence of",
        "an escape \\x, \\u or \\U in double quotes needs 2, 4 or 8 hexadecimal digits; complete it, or use "
        "single quotes",
        False,
    ),
    *(
        (
            f"expected ',' or '{bracket}', but got ':'",
            "a second ': ' cannot stand here; put quotes around a text that holds ': ' (a key stands on one "
            "line and has at most 1024 characters)",
            False,
        )
        for bracket in "]}"
    ),
    (
        "expected ',' or ",
        "the bracket opened on line {line} needs a ',' or its closing bracket here; close it, or put quotes "
        "around a text that holds brackets",
        False,
    ),
    (
        "expected <block end>, but found '<block",
        "the indentation of this line fits none of the lines above; line it up with what it belongs to "
        "(line {line} begins the part)",
        False,
    ),
    (
        "expected <block end>, but found '-'",
        "a list entry '- ' stands among keys; indent it under the key it belongs to",
        False,
    ),
    (
        "expected <block end>",
        "something more stands here where the value has ended; check quotes, brackets and indentation",
        False,
    ),
    (
        "expected '<document start>'",
        "something more stands here where the file should have ended; check quotes, brackets and "
        "indentation (a file holds one chain)",
        False,
    ),
    (
        "expected the node content",
        "a value is missing here; write it, or put quotes around a text that begins with this character",
        False,
    ),
    (
        "expected chomping",
        "after | or > a line must end; put quotes around a text that begins with one of them",
        False,
    ),
    (
        "expected a comment or a line break",
        "after | or > a line must end; put quotes around a text that begins with one of them",
        False,
    ),
)
_CHARACTER = re.compile(r"character ('.*?'|\".*?\")")


def _translated(error: MarkedYAMLError) -> Unreadable:
    """Say in one line, with the next step, what ruamel.yaml says in five."""
    said = str(error.problem or error.context)
    noticed = error.problem_mark or error.context_mark
    began = error.context_mark or noticed
    if _tab_indents(noticed):
        return unreadable(
            "the indentation of this line has a tab, and YAML indents with spaces only; replace it by spaces",
            noticed,
        )
    if said.startswith("expected ',' or ") and "<stream end>" in said:
        return unreadable("the bracket that opens here is never closed; close it", began)
    for beginning, message, from_the_start in _MESSAGES:
        if said.startswith(beginning):
            character = _CHARACTER.search(said)
            told = message.format(line=began.line + 1, character=character[1] if character else "this")
            return unreadable(told, began if from_the_start else noticed)
    return unreadable(f"this is not YAML: {said}; put quotes around the text, or check its form", noticed)


def _tab_indents(mark: Any) -> bool:
    start = mark.index - mark.column
    line = mark.buffer[start : start + 200]
    return "\t" in line[: len(line) - len(line.lstrip(" \t"))]
