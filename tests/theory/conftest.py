"""Writes the table in README.md, when the environment variable SERVICECHAIN_WRITE_TABLE is 1.

The trap: tests run in several processes, each of which has measured a part; one of them may write.
"""

from __future__ import annotations

import os

import pytest

from theory.agreement import LEDGER, Entry, Measured


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["agreement"] = [packed(name, entry) for name, entry in LEDGER.items()]
    elif LEDGER and os.environ.get("SERVICECHAIN_WRITE_TABLE") == "1":
        from theory.table import write

        write(LEDGER)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    for name, *told, measured in getattr(node, "workeroutput", {}).get("agreement", []):
        LEDGER[name] = Entry(*told, Measured(*measured))


def packed(name, entry):
    """Give an entry in plain numbers and texts, the only things that pass between processes."""
    measured = entry.measured
    numbers = [float(measured.mean), float(measured.error), int(measured.replications)]
    return [name, entry.quantity, entry.source, float(entry.expected), numbers]
