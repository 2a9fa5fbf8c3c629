import csv
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import ClassVar, NamedTuple

import pytest

from broken_chains import chain_text
from servicechain import __version__
from servicechain.cli import main
from servicechain.cli.progress import progress_bar
from servicechain.engines import ENGINES
from servicechain.engines.reference.engine import ReferenceEngine
from servicechain.files.schema import chain_schema
from servicechain.settings import Settings

# which engine is taken by itself hangs on what is compiled on this machine
SMALL = ("--customers", "20", "--replications", "2", "--engine", "reference")


class Called(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str
    exception: BaseException | None = None


def call(*arguments):
    """Call the command line as the program does, without starting one."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["servicechain", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        return Called(end.code or 0, out.getvalue(), err.getvalue())
    finally:
        sys.argv = before
    return Called(0, out.getvalue(), err.getvalue())


def program(*arguments, **environment):
    """Start the program itself."""
    code = "from servicechain.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment}, timeout=120)


class InThreads(ReferenceEngine):
    """The reference engine by another name, to be run in threads."""

    name = "compiled"


@pytest.fixture
def desk(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text())
    return file


def refused(*arguments):
    """Expect one line on stderr, nothing on stdout and exit 2; give the line."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")
    return result.stderr


def test_a_run_prints_its_result(desk):
    result = call("run", desk, *SMALL)
    assert result.exit_code == 0
    assert result.stdout.startswith("Desk\n2 replications of 20 customers, seed 1, reference engine")
    assert result.stderr == ""


def test_json_on_stdout_is_json_and_nothing_else(desk):
    result = call("run", desk, *SMALL, "--json", "-")
    report = json.loads(result.stdout)
    assert (report["chain"], report["replications"], report["seed"], report["engine"]) == (
        "Desk",
        2,
        1,
        "reference",
    )
    assert report["customers"]["guest"]["arrived"]["mean"] == 20
    assert result.stderr == ""


@pytest.mark.theory  # it starts processes
def test_the_same_seed_gives_the_same_bytes_in_another_process(desk):
    again = program("run", desk, *SMALL, "--json", "-")
    assert again.returncode == 0
    assert again.stderr == b""
    assert again.stdout.decode() == call("run", desk, *SMALL, "--json", "-", "--seed", 1).stdout
    assert again.stdout.decode() != call("run", desk, *SMALL, "--json", "-", "--seed", 2).stdout


@pytest.mark.theory  # it starts processes
def test_results_leave_in_utf8_whatever_the_locale(tmp_path):
    file = tmp_path / "Büro.yaml"
    file.write_text(chain_text().replace("Desk", "Büro"), encoding="utf-8")
    result = program("run", file, *SMALL, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert result.returncode == 0
    assert result.stdout.decode().startswith("Büro\n")
    assert "±" in result.stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGPIPE on Windows, and its shells behave otherwise")
def test_a_reader_who_has_seen_enough_is_no_error(desk):
    code = "from servicechain.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""


def test_values_can_be_set(desk):
    result = call("run", desk, *SMALL, "--json", "-", "--set", "actors.clerk.staff=4", "--set", "chain=Two desks")
    report = json.loads(result.stdout)
    assert report["chain"] == "Two desks"
    assert report["actors"]["clerk"]["on_duty"]["mean"] == 4


def test_the_command_line_replaces_the_values_of_the_chain(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text(top="run: {until: 1h, warm_up: 10, replications: 3, seed: 8}"))
    own = json.loads(call("run", file, "--json", "-").stdout)
    assert (own["replications"], own["seed"], own["warm_up"]) == (3, 8, 10)
    arguments = ("--customers", 5, "--warm-up", 0, "--replications", 2, "--seed", 9)
    other = json.loads(call("run", file, "--json", "-", *arguments).stdout)
    assert (other["replications"], other["seed"], other["warm_up"]) == (2, 9, 0)
    assert other["customers"]["guest"]["arrived"]["mean"] == 5


def test_times_may_have_units(desk):
    report = json.loads(
        call("run", desk, "--until", "2h", "--warm-up", "30m", "--replications", 1, "--json", "-").stdout
    )
    assert report["warm_up"] == 30


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--customers", "abc"], ["--customers", "whole number", "'abc'"]),
        (["--customers", "1.5"], ["--customers", "whole number", "'1.5'"]),
        (["--customers", "0"], ["customers", "at least 1", "got 0"]),
        (["--customers", "-5"], ["customers", "at least 1", "got -5"]),
        (["--customers", "1" + "0" * 30], ["customers", "at most", "2**53"]),
        (["--customers", "nan"], ["--customers", "'nan'"]),
        (["--customers", ""], ["--customers", "''"]),
        (["--customers", "5", "--until", "5"], ["customers", "until", "both", "leave one out"]),
        (["--replications", "0"], ["replications", "at least 1", "got 0"]),
        (["--replications", "two"], ["--replications", "'two'"]),
        (["--seed", "-1"], ["seed", "at least 0", "got -1"]),
        (["--seed", "4294967296"], ["seed", "2**32"]),
        (["--seed", "x"], ["--seed", "'x'"]),
        (["--workers", "all"], ["--workers", "whole number", "'all'"]),
        (["--workers", "0"], ["workers", "at least 1", "got 0"]),
        (["--until", "-1"], ["end of a run", "negative", "'-1'"]),
        (["--until", "0"], ["end of a run", "above 0"]),
        (["--until", "nan"], ["end of a run", "'nan'"]),
        (["--until", "inf"], ["end of a run", "'inf'"]),
        (["--until", "1e400"], ["end of a run", "finite"]),
        (["--until", "1e308d"], ["end of a run", "too long", "minutes"]),
        (["--until", "soon"], ["end of a run", "2h", "'soon'"]),
        (["--warm-up", "-1"], ["warm-up", "negative"]),
        (["--warm-up", "5x"], ["unit of time", "'x'"]),
        (["--until", "1h", "--warm-up", "2h"], ["warm-up (120)", "before the run (60)"]),
        (["--until", "1h", "--warm-up", "1h"], ["warm-up (60)", "before the run (60)"]),
        (["--engine", "compiledd"], ["engine", "'compiledd'"]),
        (["--engine", ""], ["engine", "''"]),
        (["--set", "actors.clerk.staff"], ["--set actors.clerk.staff", "no '='"]),
        (["--set", "actors.clrk.staff=3"], ["--set actors.clrk.staff=3", "did you mean 'clerk'"]),
        (
            ["--set", "actors.clerk.staff=-3"],
            ["--set actors.clerk.staff=-3: ", "number of servers", "got -3"],
        ),
        (["--set", "unit=weeks"], ["--set unit=weeks: ", "'weeks'"]),
        (["--set", "services.serve.by=[]"], ["'by' names nobody"]),
        (["--json", "/nowhere/at/all.json"], ["/nowhere/at/all.json", "no folder"]),
        (["--records", "/nowhere/at/all.csv"], ["/nowhere/at/all.csv", "cannot be written"]),
        (["--records", "-"], ["only --json", "stdout"]),
        (["--requests", "-"], ["only --json", "stdout"]),
        (["--foo"], ["--foo", "servicechain run --help"]),
        (["--customers"], ["--customers", "requires an argument"]),
        (["--overwrite=5"], ["--overwrite", "does not take a value"]),
        (["further", "words"], ["further words", "--help"]),
    ],
)
def test_wrong_options_are_told_in_one_line(desk, arguments, words):
    line = refused("run", desk, *arguments)
    for word in words:
        assert word in line


def test_the_number_of_workers_changes_no_byte(desk, monkeypatch):
    monkeypatch.setattr("servicechain.sharing.PER_THREAD", 1)
    monkeypatch.setattr("servicechain.sharing.is_ready", lambda: True)
    monkeypatch.setitem(ENGINES, "compiled", InThreads)
    runs = [
        call("run", desk, "--replications", 3, "--customers", 50, "--engine", "compiled", "--json", "-", "--workers", n)
        for n in (1, 2, 3)
    ]
    assert runs[0].exit_code == 0
    assert runs[0].stdout == runs[1].stdout == runs[2].stdout
    for command in ("leverage", "explain"):
        told = [call(command, desk, *SMALL, "--workers", n) for n in (1, 2)]
        assert told[0].exit_code == 0
        assert told[0] == told[1]


class Bar:
    """A terminal's progress bar, as far as it is told anything."""

    told: ClassVar[list[float]] = []

    def __init__(self, *_, **__):
        self.told.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def add_task(self, *_, total):
        self.total = total

    def update(self, *_, completed, **__):
        self.told.append(completed / self.total)


@pytest.mark.parametrize("settings", [Settings(customers=100, replications=3), Settings(None, 50.0, replications=3)])
def test_the_bar_goes_forward_with_several_replications_under_way(monkeypatch, settings):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("rich.progress.Progress", Bar)
    with progress_bar(settings) as tell:
        for replication, share in ((0, 0.4), (1, 0.1), (0, 1), (2, 0.5), (1, 1), (2, 1)):
            tell(replication, int(100 * share), 50 * share)
    assert Bar.told == sorted(Bar.told)
    assert Bar.told[1] == pytest.approx(0.5 / 3)
    assert Bar.told[-1] == pytest.approx(1)


@pytest.mark.parametrize("engine", ["simpy", "fast"])
def test_an_engine_that_is_not_there_is_told_with_those_that_are(desk, engine):
    line = refused("run", desk, "--engine", engine)
    assert engine in line
    assert "'reference'" in line


@pytest.mark.parametrize("command", ["run", "check"])
def test_what_is_no_chain_is_told_in_one_line(tmp_path, command):
    empty, latin = tmp_path / "empty.yaml", tmp_path / "latin.yaml"
    empty.write_text("")
    latin.write_bytes(b"chain: B\xfcro\n")
    assert "there is no such file" in refused(command, tmp_path / "none.yaml")
    assert f"{tmp_path}: this is a folder" in refused(command, tmp_path)
    assert f"{empty}:1:1: there is nothing" in refused(command, empty)
    assert f"{latin}:1:9: the byte 0xfc is not UTF-8" in refused(command, latin)
    assert "CHAIN" in refused(command)
    refused(command, "")
    refused(command, "a\0b")


def test_a_broken_chain_is_told_with_how_many_more(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(chain_text(top="foo: 1", by="clrk", actor="{lane: contact, staff: -1}"))
    line = refused("run", file)
    assert line.startswith(f"{file}:3:1: the chain has no key 'foo'")
    assert line.endswith("(and 1 more: `servicechain check` lists all)\n")
    file.write_text(chain_text(by="clrk"))
    assert "more" not in refused("run", file)


def test_check_lists_all_problems_of_a_chain_that_cannot_be_read(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(chain_text(top="foo: 1", actor="{lane: contact, staff: -1}", steps="[{wrok: 1}, 5]"))
    result = call("check", file)
    assert result.exit_code == 2
    assert result.stdout == ""
    places = [line.removeprefix(str(file)).split(": ")[0] for line in result.stderr.splitlines()]
    assert places == [":3:1", ":5:33", ":8:31", ":8:41"]


def test_check_tells_findings_and_exits_1(desk):
    result = call("check", desk, "--set", "services.serve.steps.0.work=30")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert result.stdout.startswith(f"{desk}:5:33: 'clerk' is unstable: its offered load is 2.07")
    assert result.stdout.count("\n") == 1


def test_check_is_content_and_exits_0(desk):
    result = call("check", desk)
    assert result.exit_code == 0
    assert result.stdout == f"{desk}: nothing found (2 actors, 2 services, 1 customer class)\n"


def test_schema_prints_the_schema():
    result = call("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == chain_schema()


def test_help_and_version():
    assert call("--version").stdout == f"servicechain {__version__}\n"
    for arguments in (["--help"], ["run", "--help"], ["check", "--help"], ["schema", "--help"]):
        result = call(*arguments)
        assert result.exit_code == 0
        assert "Usage: servicechain" in result.stdout


def test_no_command_shows_the_help_and_a_wrong_one_is_told():
    result = call()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: servicechain" in result.stderr
    assert "'simulate'" in refused("simulate", "desk.yaml")
    assert "--help" in refused("--nonsense")


def rows(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_records_and_requests_are_written(desk, tmp_path):
    customers, requests, report = tmp_path / "c.csv", tmp_path / "r.csv", tmp_path / "out.json"
    result = call("run", desk, *SMALL, "--records", customers, "--requests", requests, "--json", report)
    assert result.exit_code == 0
    assert result.stdout.startswith("Desk\n")
    assert [row["replication"] for row in rows(customers)] == ["0"] * 20 + ["1"] * 20
    assert {row["service"] for row in rows(requests)} == {"serve", "look up"}
    assert json.loads(report.read_text(encoding="utf-8"))["chain"] == "Desk"
    assert report.read_text(encoding="utf-8") == call("run", desk, *SMALL, "--json", "-").stdout


@pytest.mark.parametrize("option", ["--json", "--records", "--requests"])
def test_a_file_is_only_replaced_when_told(desk, tmp_path, option):
    file = tmp_path / "out"
    file.write_text("precious")
    line = refused("run", desk, *SMALL, option, file)
    assert "out exists" in line
    assert "--overwrite" in line
    assert file.read_text() == "precious"
    assert call("run", desk, *SMALL, option, file, "--overwrite").exit_code == 0
    assert "precious" not in file.read_text()


@pytest.mark.parametrize("option", ["--json", "--records", "--requests"])
def test_an_empty_file_may_be_filled(desk, tmp_path, option):
    file = tmp_path / "out"
    file.touch()
    assert call("run", desk, *SMALL, option, file).exit_code == 0
    assert file.stat().st_size > 0


@pytest.mark.parametrize("option", ["--json", "--records", "--requests"])
def test_a_folder_is_no_file(desk, tmp_path, option):
    refused("run", desk, *SMALL, option, tmp_path)


def test_two_outputs_need_two_files(desk, tmp_path):
    both = tmp_path / "both.csv"
    line = refused("run", desk, *SMALL, "--records", both, "--json", tmp_path / "x" / ".." / "both.csv")
    assert "both.csv" in line
    line = refused("run", desk, *SMALL, "--records", both, "--requests", both)
    assert "named twice" in line
    assert not both.exists()


@pytest.mark.theory  # it starts processes
def test_a_run_that_fails_leaves_no_files(tmp_path):
    file = tmp_path / "loop.yaml"
    file.write_text(chain_text(steps="[{tell: serve}]"))
    line = refused("run", file, *SMALL, "--records", tmp_path / "c.csv", "--json", tmp_path / "out.json")
    assert "the clock stands still" in line
    assert [found.name for found in tmp_path.iterdir()] == ["loop.yaml"]


def test_attribution_may_be_left_out(desk):
    assert json.loads(call("run", desk, *SMALL, "--no-attribution", "--json", "-").stdout)["attribution"] == {}


def test_a_key_on_the_keyboard_ends_a_run_without_a_traceback(desk, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("servicechain.running.run", interrupted)
    result = call("run", desk, *SMALL)
    assert result.exit_code == 130
    assert result.stderr == "servicechain: interrupted; nothing was written\n"
