"""The table in README.md: what was expected, what came out. It stands between two marks and is written by the tests.

With one engine or several processes, slow tests or not: what was measured in this session replaces the lines of
the same names, and a line whose name no test has any more goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from theory.agreement import Entry
from theory.references import REFERENCES
from theory.rooms import computed

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- written by the tests: begin -->", "<!-- written by the tests: end -->"
HEAD = """
| reference | what | source | expected | ours | error | in standard errors |
| --- | --- | --- | ---: | ---: | ---: | ---: |
"""


def rows() -> dict[str, str]:
    """Read the lines of the table, by name."""
    block = README.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    lines = [line for line in block.splitlines() if line.startswith("| ")]
    return {cells(line)[0]: line for line in lines if not line.startswith(("| reference ", "| --- "))}


def cells(line: str) -> list[str]:
    """Cut a line of the table; a bar inside a cell is written with a backslash."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def row(name: str, entry: Entry) -> str:
    """Write one line."""
    ours, error = entry.measured.mean, entry.measured.error
    away = f"{(ours - entry.expected) / error:+.1f}" if error else "exact"
    difference = f"{100 * (ours - entry.expected) / entry.expected:+.2f} %"
    told = (name, entry.quantity, entry.source, f"{entry.expected:.6g}", f"{ours:.6g}", difference, away)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in told)} |"


def write(ledger: Mapping[str, Entry]) -> None:
    """Put what was measured into the table."""
    lines = rows() | {name: row(name, entry) for name, entry in ledger.items()}
    kept = [lines[name] for name in (*REFERENCES, *computed()) if name in lines]
    text = README.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    README.write_text(before + BEGIN + "\n" + HEAD + "\n".join(kept) + "\n\n" + END + after, encoding="utf-8")
