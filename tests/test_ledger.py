import json
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from typer.testing import CliRunner

import servicechain.cli.ledger
from servicechain import Chain
from servicechain.cli.app import app
from servicechain.errors import FileProblem, RunError
from servicechain.studies import block as blocks_module
from servicechain.studies import ledger_file
from servicechain.studies import shelf as shelves
from servicechain.studies.block import Block
from servicechain.studies.ledger import Ledger
from servicechain.studies.ledger_file import APPLICATION
from servicechain.studies.workshop import Workshop
from small_studies import DESK, WAIT, blocks_of, by_block, plan_of

pytestmark = pytest.mark.theory  # whole studies

assert servicechain.cli.ledger.ledger


def done(path, plan, blocks, executor="here"):
    with Ledger.open(path) as ledger, Workshop(plan, executor, ledger) as workshop:
        return workshop, by_block(workshop.values(blocks))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "study.sqlite"


@pytest.fixture
def worked(monkeypatch):
    """Count the replications that are really run."""
    counts = []
    original = blocks_module._Station.do

    def do(self, block, told):
        counts.append(block.count)
        return original(self, block, told)

    monkeypatch.setattr(blocks_module._Station, "do", do)
    return counts


def test_what_is_there_is_not_run_again_and_comes_back_bit_for_bit(file, worked):
    plan = plan_of()
    _, first = done(file, plan, blocks_of(plan))
    assert sum(worked) == 96
    _, second = done(file, plan, blocks_of(plan))
    assert sum(worked) == 96
    assert {block: rows.tobytes() for block, rows in first.items()} == {
        block: rows.tobytes() for block, rows in second.items()
    }


def test_more_replications_other_scenarios_titles_and_metrics_reuse_what_is_there(file, worked):
    plan = plan_of()
    done(file, plan, blocks_of(plan))
    worked.clear()
    done(file, plan, blocks_of(plan, 48))
    assert sum(worked) == 4 * 24
    worked.clear()
    # the same chains under other names, in another study, with another metric, on another engine
    other = plan_of(
        title="another",
        vary={"actors.office.staff": [1, 2, 3]},
        metrics=("actors.desk.utilisation",),
        engine="reference",
    )
    done(file, other, blocks_of(other))
    assert sum(worked) == 24
    worked.clear()
    # the first replications of a longer block
    done(file, plan, [Block(0, 0, 5, True)])
    assert worked == []


def test_a_percentile_not_kept_before_is_run_and_nothing_is_replaced(file, worked):
    plan = plan_of(vary={})
    done(file, plan, blocks_of(plan))
    worked.clear()
    finer = plan_of(vary={}, metrics=(f"{WAIT}.p90",))
    _, values = done(file, finer, blocks_of(finer))
    assert sum(worked) == 24
    worked.clear()
    # the finer blocks hold all the others hold; both are there
    _, again = done(file, plan, blocks_of(plan))
    assert worked == []
    assert all(len(rows[0]) < len(values[block][0]) for block, rows in again.items())
    database = sqlite3.connect(file)
    assert database.execute("SELECT count(*) FROM blocks").fetchone() == (6,)
    database.close()


def test_attribution_is_found_only_where_it_was_followed(file, worked):
    plan = plan_of(vary={})
    _, plain = done(file, plan, blocks_of(plan, attribution=lambda first: False))
    worked.clear()
    _, followed = done(file, plan, blocks_of(plan, attribution=lambda first: True))
    assert sum(worked) == 24
    worked.clear()
    workshop, again = done(file, plan, blocks_of(plan, attribution=lambda first: False))
    assert worked == []
    for block, rows in plain.items():
        np.testing.assert_array_equal(again[block], rows)
    place = workshop.columns.index("attribution.guest.office.work.time")
    assert all(np.isnan(rows[:, place]).all() for rows in again.values())
    assert not any(np.isnan(rows[:, place]).any() for rows in followed.values())


def test_batch_means_and_replications_are_not_mixed(file, worked):
    for method in ("replications", "batch_means", "replications"):
        plan = plan_of(vary={}, method=method, customers=200)
        done(file, plan, [Block(0, 0, 8)])
    assert len(worked) == 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"chain": DESK.with_values({"actors.desk.wage": 21})}, "another chain"),
        ({"seed": 4}, "another seed"),
        ({"customers": 61}, "other runs"),
        ({"method": "batch_means"}, "another method"),
    ],
)
def test_a_changed_chain_is_a_different_study_and_says_so(file, worked, change, word):
    plan = plan_of()
    workshop, _ = done(file, plan, blocks_of(plan, 8))
    assert workshop.notices == ()
    worked.clear()
    other = plan_of(**change)
    workshop, _ = done(file, other, [])
    (notice,) = workshop.notices
    assert "study.sqlite holds a study called 'small' (2" in notice
    assert f" with {word}: this is a different study" in notice
    # said once, and going on with either says nothing
    assert done(file, other, [])[0].notices == ()
    assert done(file, plan, blocks_of(plan, 8))[0].notices == ()
    assert worked == []
    assert done(file, replace(plan, title="new"), [])[0].notices == ()


def test_a_scenario_that_means_something_else_says_so(file):
    scenarios = [{"name": "more", "set": {"actors.desk.staff": 3}}]
    plan = plan_of()
    from servicechain.studies.grid import scenarios_of

    one = replace(plan, scenarios=scenarios_of(DESK, scenarios=scenarios))
    scenarios[0]["set"] = {"actors.desk.staff": 4}
    two = replace(plan, scenarios=scenarios_of(DESK, scenarios=scenarios))
    assert done(file, one, [])[0].notices == ()
    (notice,) = done(file, two, [])[0].notices
    assert "another scenario called 'more'" in notice


@pytest.mark.parametrize("what", ["version", "numbers"])
def test_numbers_of_another_version_are_kept_and_not_mixed_in(file, worked, monkeypatch, what):
    plan = plan_of(vary={})
    done(file, plan, blocks_of(plan))
    worked.clear()
    if what == "version":
        monkeypatch.setattr("servicechain.__version__", "9.9.9")
    else:
        monkeypatch.setattr(shelves, "NUMBERS", 99)
    workshop, _ = done(file, plan, blocks_of(plan))
    assert sum(worked) == 24
    assert "another version of servicechain" in workshop.notices[0]
    with Ledger.open(file, read_only=True) as ledger:
        assert [each.scenarios[0].replications for each in ledger.studies()] == [24, 24]


# -- files that are no ledger, or not any more ------------------------------------------------------------------------


def sqlite_of_somebody_else(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE mine (precious TEXT)")
    database.execute("INSERT INTO mine VALUES ('yes')")
    database.commit()
    database.close()


@pytest.mark.parametrize("kind", ["text", "sqlite", "short", "ours in name"])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_foreign_file_is_told_and_left_as_it_is(file, kind, read_only):
    match kind:
        case "text":
            file.write_text("my diary, " * 100)
        case "sqlite":
            sqlite_of_somebody_else(file)
        case "short":
            file.write_bytes(b"SQLite format 3\0" + b"\0" * 20)
        case "ours in name":
            file.write_bytes(APPLICATION.to_bytes(4, "big") * 50)
    before, others = file.read_bytes(), sorted(file.parent.iterdir())
    with pytest.raises(FileProblem, match=r"is no ledger|is an SQLite file of something else"):
        Ledger.open(file, read_only=read_only)
    assert file.read_bytes() == before
    assert sorted(file.parent.iterdir()) == others


def test_a_folder_no_folder_and_nothing_at_all_are_told(tmp_path):
    with pytest.raises(FileProblem, match="is a folder; name a file in it"):
        Ledger.open(tmp_path)
    with pytest.raises(FileProblem, match="there is no folder"):
        Ledger.open(tmp_path / "nowhere" / "l.sqlite")
    with pytest.raises(FileProblem, match="there is no ledger"):
        Ledger.open(tmp_path / "l.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_of_a_later_version_is_told(file):
    done(file, plan_of(), [])
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(FileProblem, match="a later version of servicechain"):
        Ledger.open(file)


@pytest.mark.parametrize("damage", ["cut", "zeros in the middle", "head", "a number"])
def test_damage_is_told_and_nothing_is_written_over(file, damage):
    plan = plan_of(vary={})
    _, values = done(file, plan, blocks_of(plan))
    data = bytearray(file.read_bytes())
    match damage:
        case "cut":
            del data[len(data) // 2 :]
        case "zeros in the middle":
            data[4096:8192] = bytes(4096)
        case "head":
            data[0:16] = bytes(16)
        case "a number":
            # one bit of one number of one block, which SQLite cannot notice
            number = next(iter(values.values()))[0, :4].tobytes()
            place = data.find(number)
            assert place > 0
            data[place + 5] ^= 1
    file.write_bytes(data)
    with pytest.raises(FileProblem, match=r"is damaged|is no ledger") as caught:
        done(file, plan, blocks_of(plan))
    assert "\n" not in str(caught.value)
    if damage == "a number":
        assert bytes(data[place : place + 32]) == file.read_bytes()[place : place + 32]
    else:
        assert bytes(data) == file.read_bytes()


READ_ONLY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from test_ledger import done
from small_studies import blocks_of, plan_of
from servicechain.errors import FileProblem

plan = plan_of(vary={}, engine="reference")
done(sys.argv[3], plan, blocks_of(plan, 32))
if not os.getuid():
    # nothing is read-only for root
    os.setuid(65534)
try:
    done(sys.argv[2], plan, blocks_of(plan, 32))
except FileProblem as problem:
    print(problem)
"""


@pytest.mark.theory
@pytest.mark.skipif(not hasattr(os, "setuid"), reason="there are no users here")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_ledger_is_told(tmp_path, what):
    with TemporaryDirectory(prefix="servicechain-test-", dir="/tmp") as own:
        folder = Path(own) / "ledgers"
        folder.mkdir()
        Path(own).chmod(0o755)
        file = folder / "l.sqlite"
        if what == "file":
            done(file, plan_of(vary={}), blocks_of(plan_of(vary={})))
            file.chmod(0o444)
        else:
            folder.chmod(0o555)
        before = file.read_bytes() if file.exists() else None
        told = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(Path(__file__).parent), str(file), str(tmp_path / "other.sqlite")],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        folder.chmod(0o755)
        assert "cannot be written: it is read-only" in told or "cannot be opened here" in told
        assert told.count("\n") == 1
        assert (file.read_bytes() if file.exists() else None) == before


def test_a_full_disk_is_told_and_finished_blocks_are_kept(file, worked):
    plan = plan_of()
    done(file, plan, blocks_of(plan, 8))
    with Ledger.open(file) as ledger, Workshop(plan, "here", ledger) as workshop:
        pages = ledger.connection.execute("PRAGMA page_count").fetchone()[0]
        ledger.connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(
            FileProblem, match=r"has no more room: the disk is full; make room .*finished blocks are kept"
        ):
            list(workshop.values(blocks_of(plan, 480)))
    worked.clear()
    _, values = done(file, plan, blocks_of(plan, 32))
    assert len(values) == 16
    assert sum(worked) < 4 * 24


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from test_ledger import done
from small_studies import blocks_of, plan_of
from servicechain.errors import FileProblem

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
plan = plan_of(vary={}, engine="reference", customers=5)
try:
    done(sys.argv[2], plan, blocks_of(plan, 4000))
except FileProblem as problem:
    print(problem)
"""


@pytest.mark.theory
def test_a_file_that_may_not_grow_is_told_and_finished_blocks_are_kept(file):
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(Path(__file__).parent), str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert told.startswith(f"{file} ")
    assert "finished blocks are kept" in told
    with Ledger.open(file) as ledger:
        assert ledger.studies()[0].scenarios[0].replications > 8


# -- several at once --------------------------------------------------------------------------------------------------


def test_two_at_once_share_a_ledger(file):
    plan = plan_of()
    found, errors = [], []

    def one(executor):
        try:
            found.append(done(file, plan, blocks_of(plan, 80), executor)[1])
        except (FileProblem, RunError) as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=("here",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for block, rows in found[0].items():
        np.testing.assert_array_equal(rows, found[1][block])
    with Ledger.open(file, read_only=True) as ledger:
        (study,) = ledger.studies()
        assert [each.replications for each in study.scenarios] == [80] * 4


def test_one_who_holds_the_ledger_too_long_is_told_of(file, monkeypatch):
    plan = plan_of(vary={})
    done(file, plan, [])
    monkeypatch.setattr(ledger_file, "WAITS", 0.2)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(FileProblem, match="is in use: another process has been writing"):
        done(file, plan, [])
    other.execute("ROLLBACK")
    other.close()
    done(file, plan, blocks_of(plan, 8))


# -- the command ------------------------------------------------------------------------------------------------------


def called(*arguments, code=0):
    result = CliRunner().invoke(app, ["ledger", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert (result.stderr == "") == (code == 0)
    return result.stdout if code == 0 else result.stderr


@pytest.fixture
def kept(file):
    plan = plan_of()
    _, values = done(file, plan, blocks_of(plan, 16))
    other = plan_of(title="other", vary={}, metrics=(f"{WAIT}.p90",), seed=9)
    done(file, other, blocks_of(other, 8))
    return plan, values


def test_list_tells_what_is_there(kept, file):
    head, one, two = called("list", file).splitlines()
    assert head.split() == ["study", "chain", "scenarios", "replications", "seed", "written", "version"]
    assert one.split()[:5] == ["small", "Desk", "4", "64", "3"]
    assert two.split()[:5] == ["other", "Desk", "1", "8", "9"]


def test_show_tells_scenario_by_scenario(kept, file):
    plan, _ = kept
    told = called("show", file, "--study", "small")
    for scenario in plan.scenarios:
        assert scenario.name in told
    assert "actors.desk.staff=3, actors.office.staff=2" in told
    assert "engine compiled" in told
    assert "each run: customers 60" in told
    assert "other" not in told


def test_export_gives_every_number(kept, file, tmp_path):
    import pandas as pd

    plan, values = kept
    out = tmp_path / "out.csv"
    called("export", file, "-o", out, "--study", "small")
    frame = pd.read_csv(out)
    assert len(frame) == 64
    workshop = Workshop(plan, "here")
    for block, rows in values.items():
        part = frame[(frame["scenario"] == plan.scenarios[block.scenario].name)]
        part = part[part["replication"].between(block.first, block.first + block.count - 1)]
        np.testing.assert_array_equal(part[[*workshop.columns]].to_numpy(float), rows)
    report = json.loads(called("export", file, "--format", "json"))
    assert [each["study"] for each in report["studies"]] == ["small", "other"]
    (only,) = report["studies"][1]["scenarios"]
    assert [each["replication"] for each in only["replications"]] == list(range(8))
    assert f"{WAIT}.p90" in only["replications"][0]


def test_wrong_use_of_the_command_is_one_line(kept, file, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert "exists; choose another name, or say --overwrite" in called("export", file, "-o", out, code=2)
    assert out.read_text() == "mine"
    called("export", file, "-o", out, "--overwrite")
    assert out.read_text().startswith("study,seed,")
    for arguments, words in (
        (("list", tmp_path / "none.sqlite"), "there is no ledger"),
        (("list", out), "is no ledger"),
        (("show", file, "--study", "smal"), "did you mean 'small'?"),
        (("export", file, "--format", "xml"), "as csv or json, got 'xml'"),
    ):
        told = called(*arguments, code=2)
        assert words in told
        assert told.count("\n") == 1


def test_a_ledger_in_a_folder_that_may_not_be_written_can_be_looked_at(kept, file):
    before = sorted(file.parent.iterdir())
    called("list", file)
    assert sorted(file.parent.iterdir()) == before


def test_a_chain_from_python_can_be_kept(file):
    plan = plan_of(chain=Chain.from_dict(DESK.to_dict()), vary={})
    done(file, plan, blocks_of(plan, 8))
    with Ledger.open(file, read_only=True) as ledger:
        assert ledger.studies()[0].scenarios[0].changes == {}
