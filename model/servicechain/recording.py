"""Files with one row per customer or per request, written while the simulation runs.

CSV, or Parquet if the name ends in ``.parquet``. Rows are written block by block and never held; a file gets
its name only when it is complete, so an interrupted run leaves none, and an existing file is never lost
unless that was asked for. The trap: rows of all replications and of the warm-up are in it; who wants what
the results count keeps ``arrived`` ≥ the warm-up.
"""

from __future__ import annotations

import csv
import importlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from servicechain.columns import Columns, Words, customer_columns, request_columns
from servicechain.errors import FileProblem
from servicechain.facts import ChainFacts
from servicechain.records import CUSTOMER, REQUEST, Block, Parts

ROWS_AT_ONCE = 1 << 16


class Writer(Protocol):
    """Something that puts columns into a file."""

    def write(self, columns: Columns) -> None:
        """Append rows."""

    def close(self) -> None:
        """Complete the file."""


class RecordFile(ABC):
    """A file of records that appears when it is complete.

    Use it as a context manager: leaving it without an error completes the file, an error (or Ctrl-C) removes
    what was written so far.

    Parameters
    ----------
    path : str or Path
        Where to write; ``.parquet`` gives Parquet, any other name CSV (UTF-8, header, empty if undefined).
    facts : ChainFacts
        What the positions in the records mean.
    overwrite : bool
        Whether a file that exists may be replaced.

    Raises
    ------
    FileProblem
        If the file exists, or cannot be written, or pyarrow is needed and not installed.
    """

    dtype: ClassVar[np.dtype[Any]]

    def __init__(self, path: str | Path, facts: ChainFacts, overwrite: bool = False) -> None:
        self.path = Path(path)
        self.facts = facts
        self.overwrite = overwrite
        # a link stays a link: what it points at is replaced
        self._final = Path(os.path.realpath(self.path))
        with self._told():
            self._refuse_to_lose()
            self._partial = self._final.with_name(f".{self._final.name}.{os.getpid()}.partial")
            self._writer = self._opened()
        # the header stands even above no rows
        self.append(0, np.empty(0, self.dtype))

    def append(self, replication: int, block: Block, parts: Parts | None = None) -> None:
        """Write the records of a block.

        Raises
        ------
        FileProblem
            If the disk is full, or gone.
        """
        with self._told():
            self._writer.write(self.columns(replication, block, parts))

    @abstractmethod
    def columns(self, replication: int, block: Block, parts: Parts | None = None) -> Columns:
        """Lay out the records of a block."""

    def sink(self, replication: int) -> FileSink:
        """Give the sink that writes one replication's records here."""
        return FileSink(self, replication)

    def close(self) -> None:
        """Complete the file and give it its name.

        Raises
        ------
        FileProblem
            If a file of this name has come up meanwhile, or this one cannot be completed.
        """
        try:
            with self._told():
                self._writer.close()
                self._refuse_to_lose()
                self._partial.replace(self._final)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove what was written so far."""
        # a disk that is full is told once, where it was met, not again while clearing away
        with suppress(OSError):
            self._writer.close()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()

    def _opened(self) -> Writer:
        if self.path.suffix.lower() == ".parquet":
            return ParquetWriter(self._partial)
        return CsvWriter(self._partial)

    def _refuse_to_lose(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_file():
            raise FileProblem(f"{self.path} is not a file, so no records can be written to it; name a file")
        if not self.overwrite and self.path.stat().st_size:
            raise FileProblem(
                f"{self.path} exists and would be lost; name another file, or allow it with --overwrite "
                "(in Python: overwrite=True)"
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say which file it was that the operating system complains about."""
        try:
            yield
        except FileProblem:
            raise
        except FileExistsError:
            raise FileProblem(
                f"{self.path} is being written already; give each kind of records a file of its own"
            ) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise FileProblem(
                f"{self.path} cannot be written: {reason}; check the folder, its rights and the room left"
            ) from error


class CustomerFile(RecordFile):
    """One row per customer, also those of the warm-up and those unfinished.

    Columns: replication, class, number, arrived, left, outcome, queueing, held, attended, own, wait,
    satisfaction, and with attribution ``queueing|ACTOR|CAUSE`` and ``held|ACTOR|CAUSE``; times in the chain's unit.
    """

    dtype = CUSTOMER

    def columns(self, replication: int, block: Block, parts: Parts | None = None) -> Columns:
        """Lay out customers."""
        return customer_columns(self.facts, replication, block, parts)


class RequestFile(RecordFile):
    """One row per request.

    Columns: replication, class, number, service, actor, asked, begun, answered, ended, outcome; times in the
    chain's unit.
    """

    dtype = REQUEST

    def columns(self, replication: int, block: Block, parts: Parts | None = None) -> Columns:
        """Lay out requests."""
        return request_columns(self.facts, replication, block)


class FileSink:
    """The sink that writes one replication's customers, or requests, to a file."""

    def __init__(self, file: RecordFile, replication: int) -> None:
        self.file = file
        self.replication = replication

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Write customers, if the file is one of customers."""
        if self.file.dtype == CUSTOMER:
            self.file.append(self.replication, block, parts)

    def requests(self, block: Block) -> None:
        """Write requests, if the file is one of requests."""
        if self.file.dtype == REQUEST:
            self.file.append(self.replication, block)

    def close(self, actors: Block, window: float, end: float) -> None:
        """End the replication; the file waits for others."""


class CsvWriter:
    """Rows of text: every float with all its digits, empty where a value is undefined."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8", newline="")
        self._begun = False

    def write(self, columns: Columns) -> None:
        """Append rows, below a header the first time."""
        if not self._begun:
            self._file.write(",".join(quoted(name) for name in columns) + "\n")
            self._begun = True
        cells = [texts(column) for column in columns.values()]
        self._file.writelines(",".join(row) + "\n" for row in zip(*cells, strict=True))

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


class ParquetWriter:
    """Columns of numbers and words, null where a value is undefined."""

    def __init__(self, path: Path) -> None:
        try:
            self._arrow = importlib.import_module("pyarrow")
            self._parquet = importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise FileProblem(
                "Parquet files need pyarrow, which is not installed; install servicechain[parquet], or give "
                "the file a name that ends in .csv"
            ) from None
        self._file = path.open("xb")
        self._writer: Any = None
        self._tables: list[Any] = []

    def write(self, columns: Columns) -> None:
        """Append rows; blocks are gathered, since many small groups of rows read slowly."""
        arrays = [self._array(column) for column in columns.values()]
        self._tables.append(self._arrow.table(arrays, names=list(columns)))
        if sum(table.num_rows for table in self._tables) >= ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Complete the file."""
        try:
            self._flush()
            if self._writer is not None:
                self._writer.close()
        finally:
            self._file.close()

    def _array(self, column: Any) -> Any:
        if isinstance(column, Words):
            codes = self._arrow.array(column.codes, type=self._arrow.int32(), mask=column.codes < 0)
            words = self._arrow.array(column.words, type=self._arrow.string())
            return self._arrow.DictionaryArray.from_arrays(codes, words)
        return self._arrow.array(np.ascontiguousarray(column), from_pandas=True)

    def _flush(self) -> None:
        if not self._tables:
            return
        table = self._arrow.concat_tables(self._tables)
        self._tables = []
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._file, table.schema)
        self._writer.write_table(table)


def texts(column: Any) -> list[str]:
    """Write out a column: words quoted where needed, floats so that they read back to the last bit."""
    if isinstance(column, Words):
        # the code −1 finds the empty word at the end
        words = [*(quoted(word) for word in column.words), ""]
        return [words[code] for code in column.codes.tolist()]
    if column.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in column.tolist()]  # noqa: PLR0124 - NaN only
    return [str(value) for value in column.tolist()]


def quoted(word: str) -> str:
    """Quote a word as CSV does, only where it must be."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([word, ""])
    return line.getvalue()[:-1]
