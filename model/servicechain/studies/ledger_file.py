"""The file of a ledger: looking at it before it is opened, opening it, and what its errors mean.

The trap is a file of somebody else: SQLite would write into one, so its head is read before SQLite sees it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servicechain.errors import FileProblem, shown

APPLICATION = 0x53434C47
"""What SQLite's ``application_id`` is in a ledger: SCLG."""

FORMAT = 1
"""The ``user_version``: raised whenever the tables change."""

WAITS = 30.0
"""So long, in seconds, a process waits while another one writes."""

_MAGIC = b"SQLite format 3\0"
_CHECKED_WHOLE = 1 << 26

_TABLES = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, chain TEXT NOT NULL, run TEXT NOT NULL,
    seed INTEGER NOT NULL, method TEXT NOT NULL, version TEXT NOT NULL);
CREATE TABLE studies (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, chain TEXT NOT NULL, base INTEGER NOT NULL REFERENCES series,
    metrics TEXT NOT NULL, asked REAL NOT NULL, UNIQUE (title, base));
CREATE TABLE members (
    study INTEGER NOT NULL REFERENCES studies, name TEXT NOT NULL, changes TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series, PRIMARY KEY (study, name));
CREATE TABLE columns (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
CREATE TABLE writers (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE);
CREATE TABLE blocks (
    series INTEGER NOT NULL REFERENCES series, columns INTEGER NOT NULL REFERENCES columns,
    first INTEGER NOT NULL, count INTEGER NOT NULL, writer INTEGER NOT NULL REFERENCES writers,
    written REAL NOT NULL, checksum INTEGER NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (series, columns, first, count));
"""


def opened(file: Path, read_only: bool) -> sqlite3.Connection:
    """Open a ledger, or begin one.

    Raises
    ------
    FileProblem
        If it is no ledger, damaged, of a later version, or cannot be read or written. It is left as it is.
    """
    _look(file, read_only)
    with told(file):
        connection = sqlite3.connect(
            f"{file.as_uri()}?mode={_mode(file) if read_only else 'rwc'}",
            uri=True,
            timeout=WAITS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(connection, file, read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def _look(file: Path, read_only: bool) -> None:
    """Refuse what is no ledger before SQLite opens it.

    Raises
    ------
    FileProblem
        If it is none.
    """
    if file.is_dir():
        raise FileProblem(f"{file} is a folder; name a file in it for the ledger")
    if not file.parent.is_dir():
        raise FileProblem(f"{file} cannot be written: there is no folder {file.parent}; make it, or name another")
    try:
        head = _head(file)
    except FileNotFoundError:
        if read_only:
            raise FileProblem(f"there is no ledger {file}; name the file a study was run with") from None
        return
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error.strerror}; name another file for the ledger") from None
    if not head and not read_only:
        return
    if not head.startswith(_MAGIC) or len(head) < 100:
        raise FileProblem(
            f"{file} is no ledger: it begins with {shown(head[:16])}, not as SQLite files do; it was left as it is, "
            "name another file"
        )
    application = int.from_bytes(head[68:72], "big")
    if application != APPLICATION:
        raise FileProblem(
            f"{file} is an SQLite file of something else (application_id {application:#x}); it was left as it is, "
            "name another file for the ledger"
        )


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(100)


def _mode(file: Path) -> str:
    """Tell how a ledger is opened to be looked at: SQLite leaves files behind where it may not clear them away."""
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        return "rw"
    return "ro" if Path(f"{file}-wal").exists() else "ro&immutable=1"


def _prepare(connection: sqlite3.Connection, file: Path, read_only: bool) -> None:
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA synchronous = NORMAL")
        _begin(connection)
        # a study that has been killed leaves its last blocks there, and they are not lost
        _write_ahead(connection)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise FileProblem(
            f"{file} was written by a later version of servicechain (format {version}, this one knows {FORMAT}); "
            "install that, or begin another ledger"
        )
    if file.stat().st_size <= _CHECKED_WHOLE:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a log of what is written; SQLite does not wait by itself while another process begins one."""
    patience = time.monotonic() + WAITS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
        time.sleep(0.01)


def _begin(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none; only one of several processes does."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables:
        return
    connection.execute("BEGIN IMMEDIATE")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
    connection.execute("COMMIT")


_MEANING = {
    "SQLITE_FULL": "has no more room: the disk is full; make room and run the same again",
    "SQLITE_READONLY": "cannot be written: it is read-only; name another file for the ledger",
    "SQLITE_CANTOPEN": "cannot be opened here: the file, or its folder, may not be written; name another file",
    "SQLITE_CORRUPT": "is damaged; begin another ledger, or take a copy of this one",
    "SQLITE_NOTADB": "is damaged: it is no longer an SQLite file; begin another ledger, or take a copy of this one",
    "SQLITE_BUSY": f"is in use: another process has been writing for {WAITS:g} seconds; wait for it to end",
    "SQLITE_IOERR": "cannot be written or read: the disk reports an error, or may hold no more; see to it and run the "
    "same again",
}


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Tell errors of SQLite in our words; what had been written before stays.

    Raises
    ------
    FileProblem
        In place of them.
    """
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        meaning = next((text for prefix, text in _MEANING.items() if name.startswith(prefix)), None)
        own = " ".join(str(error).split())
        if meaning is None:
            meaning = "is damaged; begin another ledger, or take a copy of this one"
        raise FileProblem(f"{file} {meaning} ({own}); finished blocks are kept") from None
