"""A study that is killed goes on where it was, and comes to the same bytes.

The number of kills and their moments are told by a seed; each kill is SIGKILL, which nobody can prepare for.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from servicechain.studies.ledger import Ledger

PROGRAM = """
import json, signal, sys
sys.path.insert(0, sys.argv[1])
from small_studies import blocks_of, plan_of
from servicechain.studies.ledger import Ledger
from servicechain.studies import workshop as workshops
from servicechain.studies.workshop import Workshop

workshops.MOMENT = 0.005
plan = plan_of(engine="reference", customers=12)
blocks = blocks_of(plan, 96, size=2)
with Ledger.open(sys.argv[2]) as ledger:
    print("begun", flush=True)
    with Workshop(plan, sys.argv[3], ledger) as workshop:
        values = {}
        for block, rows in workshop.values(blocks):
            values[block] = rows
            print("done", flush=True)
            if len(values) == int(sys.argv[4]):
                signal.pause()
assert len(values) == len(blocks)
print(json.dumps([[repr(block), values[block].tobytes().hex()] for block in blocks]))
"""

ALL = 4 * 48
STEP = 9
FOLDER = str(Path(__file__).parent)


def start(file, executor, stops_after=0):
    """The study as a process; having seen `stops_after` blocks it waits, so that a slow reader cannot miss its end."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, FOLDER, str(file), executor, str(stops_after)],
        stdout=subprocess.PIPE,
        text=True,
    )


def finished(file, executor):
    program = start(file, executor)
    told, _ = program.communicate(timeout=120)
    assert program.returncode == 0
    return told.splitlines()[-1]


def kept_in(file):
    """What is in a ledger, by an SQLite of its own."""
    database = sqlite3.connect(file)
    try:
        tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        rows = database.execute("SELECT series, first, count, numbers FROM blocks").fetchall() if tables else []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        database.close()
    return {(series, first): (count, numbers) for series, first, count, numbers in rows}, len(rows)


def killed_again_and_again(file, kills, seed, executor):
    """Run and kill, and tell how many blocks there were after each kill."""
    moments, counts, before = random.Random(seed), [], {}
    for _ in range(kills):
        most = min(len(before) + STEP, ALL - 1)
        program = start(file, executor, stops_after=most)
        # at any moment: while it starts, opens the file, or after some more blocks than there were before
        if moments.random() < 0.1:
            time.sleep(moments.uniform(0, 1.5))
        else:
            seen = min(moments.choice([0, len(before), len(before) + moments.randrange(STEP)]), most)
            for _ in range(1 + seen):
                assert program.stdout.readline() in ("begun\n", "done\n")
            time.sleep(moments.uniform(0, 0.05))
        program.send_signal(signal.SIGKILL)
        program.communicate()
        after, rows = kept_in(file) if file.exists() else ({}, 0)
        assert rows == len(after), "a block is there twice"
        assert {key: after.get(key) for key in before} == before, "a block is lost, or has changed"
        before = after
        counts.append(rows)
    return counts


@pytest.mark.theory
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_moment_and_run_again_it_comes_to_the_same_bytes(tmp_path, kills):
    expected = finished(tmp_path / "whole.sqlite", "here")
    counts = killed_again_and_again(tmp_path / "killed.sqlite", kills, kills, "here")
    assert counts[0] < counts[-1] < ALL, "it was never killed while it worked"
    assert finished(tmp_path / "killed.sqlite", "here") == expected
    assert len(json.loads(expected)) == kept_in(tmp_path / "killed.sqlite")[1] == ALL
    with Ledger.open(tmp_path / "killed.sqlite", read_only=True) as ledger:
        assert [each.replications for each in ledger.studies()[0].scenarios] == [96] * 4


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["threads", "local"])
def test_others_who_help_change_nothing(tmp_path, executor):
    expected = finished(tmp_path / "whole.sqlite", "here")
    killed_again_and_again(tmp_path / "killed.sqlite", 4, 7, executor)
    assert finished(tmp_path / "killed.sqlite", executor) == expected
