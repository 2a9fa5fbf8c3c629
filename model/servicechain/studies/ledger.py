"""The ledger: an SQLite file that keeps every finished block of a study, so that nothing is simulated twice.

Blocks belong to a *series*: one chain, run in one way with one seed by one version of the package. What a study is
called, who else is in it, how precise it is to be, which engine ran it: none of that is part of it, so what one study
has done serves the next. Versions of libraries are written down with each block, but do not part it: draws are the
same to 1e-12 with all of them.

The traps are files of others. A file is looked at before SQLite opens it, so that a foreign one is not touched; and
each block carries a checksum, since SQLite does not notice when bytes of a number change on disk.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from servicechain.errors import FileProblem
from servicechain.metrics import Floats
from servicechain.studies.ledger_file import opened, told

if TYPE_CHECKING:
    from servicechain.studies.block import Bench
    from servicechain.studies.plan import Plan
    from servicechain.studies.shelf import Shelf


@dataclass(frozen=True)
class Entry:
    """A scenario of a study in a ledger.

    Attributes
    ----------
    name : str
    changes : mapping
        From paths to values.
    series : int
        Where its blocks are.
    replications : int
        How many are there.
    """

    name: str
    changes: Mapping[str, Any]
    series: int
    replications: int


@dataclass(frozen=True)
class Kept:
    """A study in a ledger.

    Attributes
    ----------
    title, chain : str
        What the study, and its chain, are called.
    seed : int
    method : str
    run : mapping
        What one run is like: customers or until, and the warm-up, in the chain's unit.
    metrics : tuple of str
    version : str
        Of the package that computed the numbers.
    versions : tuple of mapping
        Of all that wrote a block: engine, and libraries.
    written : float
        When the last block was written, in seconds since 1970; NaN if there is none.
    scenarios : tuple of Entry
        The base case first.
    """

    title: str
    chain: str
    seed: int
    method: str
    run: Mapping[str, Any]
    metrics: tuple[str, ...]
    version: str
    versions: tuple[Mapping[str, str], ...]
    written: float
    scenarios: tuple[Entry, ...]


class Ledger:
    """A file of finished blocks. Several processes may have it open at once.

    Parameters
    ----------
    path : Path
    connection : sqlite3.Connection
        See `open`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, read_only: bool = False) -> Self:
        """Open a ledger, or begin one where no file is.

        Parameters
        ----------
        path : path-like
        read_only : bool
            It must be there, and is not changed.

        Raises
        ------
        FileProblem
            If it is no ledger, damaged, of a later version, or cannot be read or written. It is left as it is.
        """
        file = Path(path).absolute()
        return cls(file, opened(file, read_only))

    def close(self) -> None:
        """Close the file; all is in it."""
        with told(self.path):
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def study(self, plan: Plan, bench: Bench | None = None) -> Shelf:
        """Enter a study, and give where its blocks are kept.

        Raises
        ------
        FileProblem
            If the ledger cannot be read or written.
        """
        from servicechain.studies.block import Bench
        from servicechain.studies.shelf import Shelf

        return Shelf(self, plan, bench or Bench.of(plan))

    def studies(self) -> list[Kept]:
        """List the studies in it, in the order in which they were first entered.

        Raises
        ------
        FileProblem
            If the ledger is damaged.
        """
        with told(self.path):
            rows = self.connection.execute(
                "SELECT studies.id, title, studies.chain, seed, method, run, metrics, version "
                "FROM studies JOIN series ON series.id = base ORDER BY studies.id"
            ).fetchall()
            return [self._kept(*row) for row in rows]

    def _kept(self, study: int, title: str, chain: str, *of_series: Any) -> Kept:
        seed, method, run, metrics, version = of_series
        mine = "WHERE series IN (SELECT series FROM members WHERE study = ?)"
        members = self.connection.execute(
            "SELECT name, changes, series FROM members WHERE study = ? ORDER BY rowid", (study,)
        ).fetchall()
        written = self.connection.execute(f"SELECT max(written) FROM blocks {mine}", (study,)).fetchone()[0]
        versions = self.connection.execute(
            f"SELECT versions FROM writers WHERE id IN (SELECT writer FROM blocks {mine}) ORDER BY id", (study,)
        ).fetchall()
        return Kept(
            title,
            chain,
            seed,
            method,
            json.loads(run),
            tuple(json.loads(metrics)),
            version,
            tuple(json.loads(each) for (each,) in versions),
            np.nan if written is None else written,
            tuple(
                Entry(name, json.loads(changes), series, len(self._best(series))) for name, changes, series in members
            ),
        )

    def _best(self, series: int) -> dict[int, tuple[int, int]]:
        """Find for each replication the block that tells most of it, and its place there."""
        found: dict[int, tuple[int, int]] = {}
        for block, first, count in self.connection.execute(
            "SELECT blocks.rowid, first, count FROM blocks JOIN columns ON columns.id = blocks.columns "
            "WHERE series = ? ORDER BY length(names), blocks.rowid",
            (series,),
        ):
            found.update({first + place: (block, place) for place in range(count)})
        return dict(sorted(found.items()))

    def replications(self, series: int) -> Iterator[tuple[int, dict[str, float]]]:
        """Give what is known of each replication of a scenario, in their order: its number, and values by column.

        Raises
        ------
        FileProblem
            If the ledger is damaged.
        """
        last: int | None = None
        names: tuple[str, ...] = ()
        rows: Floats = np.empty((0, 0))
        with told(self.path):
            best = self._best(series)
        for replication, (block, place) in best.items():
            if block != last:
                last, (names, rows) = block, self.block(block)
            yield replication, dict(zip(names, rows[place].tolist(), strict=True))

    def block(self, block: int) -> tuple[tuple[str, ...], Floats]:
        """Read a block: the names of its columns, and its rows.

        Raises
        ------
        FileProblem
            If it is not what was written.
        """
        with told(self.path):
            names, count, checksum, numbers = self.connection.execute(
                "SELECT names, count, checksum, numbers FROM blocks JOIN columns ON columns.id = blocks.columns "
                "WHERE blocks.rowid = ?",
                (block,),
            ).fetchone()
        if zlib.crc32(numbers) != checksum:
            raise FileProblem(
                f"{self.path} is damaged: a block of it is not what was written; begin another ledger, or take a copy "
                "of this one"
            )
        columns = tuple(json.loads(names))
        return columns, np.frombuffer(numbers, "<f8").reshape(count, len(columns))

    def write(self, blocks: Sequence[tuple[int, int, int, int, int, Floats]]) -> None:
        """Write finished blocks, all or none: series, columns, first, count, writer and rows of each.

        Raises
        ------
        FileProblem
            If there is no more room, or the file cannot be written.
        """
        now = time.time()
        with told(self.path), self.transaction():
            for *where, rows in blocks:
                numbers = np.ascontiguousarray(rows, "<f8").tobytes()
                # another process may have been quicker: its numbers are the same
                self.connection.execute(
                    "INSERT OR IGNORE INTO blocks (series, columns, first, count, writer, written, checksum, numbers) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*where, now, zlib.crc32(numbers), numbers),
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Change something: all of it, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def number_of(self, table: str, **values: Any) -> int:
        """Find the number of a row with these values, or write one."""
        where = " AND ".join(f"{name} = :{name}" for name in values)
        found = self.connection.execute(f"SELECT id FROM {table} WHERE {where}", values).fetchone()
        if found is not None:
            return int(found[0])
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        made = self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)
        return int(made.lastrowid or 0)
