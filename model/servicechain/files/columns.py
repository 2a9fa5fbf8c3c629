"""Columns of CSV files: the numbers and time stamps a chain takes from a file beside it.

Plain or compressed (``.csv.gz``), with a header line, in UTF-8. Row numbers in errors count as a spreadsheet
does: the header is row 1. The trap is the file that is small on disk and endless when opened, so what is
counted is what comes out. References: RFC 4180 (CSV), ISO 8601 (time stamps).
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import pathlib
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Any

from servicechain.errors import Mistake, nearest, shown
from servicechain.units import TimeUnit

MAX_BYTES = 200_000_000
MAX_ROWS = 10_000_000

_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*", re.ASCII)


def read_column(file: str, column: str, folder: pathlib.Path) -> list[str]:
    """Read one column of a CSV file as text, without its header.

    Parameters
    ----------
    file : str
        Path of the file, from `folder`.
    column : str
        What the header line calls it.
    folder : Path
        Where the chain file lies.

    Raises
    ------
    Mistake
        If there is no such file or column, a row ends before it, or the file is no CSV in UTF-8, over 200 MB
        (as it is or uncompressed) or over ten million rows.
    """
    path = folder / file
    name = f"the file {shown(file)}"
    _check(path, name)
    with _told_as_mistakes(name), _opened(path, name) as lines:
        rows = csv.reader(lines)
        place = _place_of(column, next(rows, []), name)
        return list(_cells(rows, place, name))


def numbers(values: Sequence[str], thing: str) -> list[float]:
    """Take each value of a column as a number.

    Parameters
    ----------
    values : sequence of str
        As `read_column` gives them.
    thing : str
        What errors call the column; it should name the file.

    Raises
    ------
    Mistake
        At the first row that holds no finite number.
    """
    return [_number(value, f"{thing}, row {row}") for row, value in enumerate(values, start=2)]


def times(values: Sequence[str], starts: datetime | None, unit: TimeUnit, thing: str) -> list[float]:
    """Take each value of a column as a time since the clock's zero, in `unit`.

    Parameters
    ----------
    values : sequence of str
        Each a number in `unit`, or an ISO time stamp.
    starts : datetime or None
        The clock's zero, from which time stamps count.
    unit : TimeUnit
        Of the chain.
    thing : str
        What errors call the column; it should name the file.

    Raises
    ------
    Mistake
        At the first row that holds neither, or a time before zero, or a time stamp where `starts` is None.
    """
    return [time_of(value, starts, unit, f"{thing}, row {row}") for row, value in enumerate(values, start=2)]


def time_of(value: str, starts: datetime | None, unit: TimeUnit, where: str) -> float:
    """Take one text as a time since the clock's zero, as `times` takes all of a column.

    Raises
    ------
    Mistake
        If it is none.
    """
    if _NUMBER.fullmatch(value):
        time = float(value)
        if not 0 <= time < math.inf:
            raise Mistake(f"{where}: {shown(value)} must be a finite time not before 0, where the clock begins")
        return time
    try:
        stamp = datetime.fromisoformat(value.strip())
    except ValueError:
        raise Mistake(
            f"{where}: {shown(value)} is neither a number (of {unit}) nor an ISO time stamp such as "
            "2026-01-05T08:30; correct it, or delete the row"
        ) from None
    if starts is None:
        raise Mistake(
            f"{where}: the time stamp {shown(value)} counts from the chain's 'starts', and there is none; "
            "add 'starts: 2026-01-05T00:00' (with your own date) to the chain"
        )
    return _since(stamp, starts, where) / timedelta(seconds=unit.seconds)


def _number(value: str, where: str) -> float:
    number = float(value) if _NUMBER.fullmatch(value) else math.nan
    if math.isfinite(number):
        return number
    if not value.strip():
        raise Mistake(f"{where}: a number must stand here, and it is empty; fill it in, or delete the row")
    hint = "; write a decimal point, not a comma" if _NUMBER.fullmatch(value.replace(",", ".")) else ""
    raise Mistake(f"{where}: {shown(value)} is not a finite number{hint or '; correct it, or delete the row'}")


def _since(stamp: datetime, starts: datetime, where: str) -> timedelta:
    if (stamp.utcoffset() is None) != (starts.utcoffset() is None):
        raise Mistake(
            f"{where}: {stamp.isoformat()} and the chain's 'starts' ({starts.isoformat()}) must both have a "
            "time zone or both have none; add it to one, or take it from the other"
        )
    passed = stamp - starts
    if passed < timedelta(0):
        raise Mistake(
            f"{where}: {stamp.isoformat()} is before the chain's 'starts' ({starts.isoformat()}), where the "
            "clock begins; delete the row, or let the chain start earlier"
        )
    return passed


def _check(path: pathlib.Path, name: str) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise Mistake(f"{name} is not in the folder {path.parent}{_neighbours(path)}") from None
    except (OSError, ValueError) as error:
        raise Mistake(f"{name} cannot be read ({error}); check its name and who may read it") from None
    if not stat.S_ISREG(status.st_mode):
        raise Mistake(f"{name} is no regular file; name a CSV file")
    if status.st_size > MAX_BYTES:
        raise _too_big(name)


def _neighbours(path: pathlib.Path) -> str:
    try:
        names = [entry.name for entry in islice(path.parent.iterdir(), 10_000)]
    except OSError:
        return ", and there is no such folder; file names count from the folder of the chain file"
    tables = [name for name in names if name.lower().endswith((".csv", ".csv.gz"))]
    return nearest(path.name, tables) if tables else "; it holds no CSV file: put one there"


@contextmanager
def _told_as_mistakes(name: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise Mistake(f"{name} is not UTF-8 text ({error.reason}); save it as UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise Mistake(f"{name} cannot be read ({error}); is it whole, and compressed only if .gz?") from None
    except csv.Error as error:
        raise Mistake(f"{name} is not CSV ({error}); save it with commas between and quotes around") from None


@contextmanager
def _opened(path: pathlib.Path, name: str) -> Iterator[IO[str]]:
    with path.open("rb") as file:
        source: Any = gzip.GzipFile(fileobj=file) if path.name.lower().endswith(".gz") else file
        with io.TextIOWrapper(
            io.BufferedReader(_Limited(source, name), 1 << 16), encoding="utf-8-sig", newline=""
        ) as lines:
            yield lines


class _Limited(io.RawIOBase):
    """A stream of bytes that gives up when more comes out than a column may have."""

    def __init__(self, source: Any, name: str) -> None:
        super().__init__()
        self._source = source
        self._name = name
        self._left = MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise _too_big(self._name)
        buffer[: len(data)] = data
        return len(data)


def _too_big(name: str) -> Mistake:
    return Mistake(f"{name} is over {MAX_BYTES // 1_000_000} MB; keep only the column that is needed")


def _place_of(column: str, header: list[str], name: str) -> int:
    names = [cell.strip() for cell in header]
    found = names.count(column.strip())
    if not names:
        raise Mistake(f"{name} is empty; its first row must name the columns, one of them {shown(column)}")
    if found == 0:
        raise Mistake(f"{name} has no column {shown(column)}{nearest(column, [cell[:60] for cell in names])}")
    if found > 1:
        raise Mistake(f"{name} has {found} columns called {shown(column)}; rename all but one")
    return names.index(column.strip())


def _cells(rows: Iterator[list[str]], place: int, name: str) -> Iterator[str]:
    """Give the cells of a column; a blank line is an empty cell, unless nothing but blank lines follows."""
    blank = 0
    for number, row in enumerate(rows, start=2):
        if number > MAX_ROWS + 1:
            raise Mistake(f"{name} has more than {MAX_ROWS} rows; take a sample of them")
        if not row:
            blank += 1
            continue
        if place >= len(row):
            raise Mistake(
                f"{name}, row {number}: the row has {len(row)} of at least {place + 1} values; complete it, or "
                "delete the row"
            )
        yield from [""] * blank
        blank = 0
        yield row[place]
