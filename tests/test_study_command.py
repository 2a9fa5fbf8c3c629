import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import servicechain as sc
import servicechain.cli.study
from servicechain.cli.app import app

CHAIN = """\
chain: A desk
unit: minutes
actors:
  clerk: {lane: contact, staff: 1, wage: 30}
services:
  serve: {by: clerk, steps: [{work: exponential(mean=1)}]}
customers:
  guest: {arrivals: poisson(rate=0.5), journey: [{ask: serve}]}
"""
STUDY = """\
study: A second clerk?
chain: desk.yaml
vary: {clerk.staff: [1, 2]}
run: {until: 100}
metrics: [customers.guest.wait, cost_per_day]
replications: 24
seed: 5
"""
MAIN = "from servicechain.cli import main; main()"


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.yaml").write_text(CHAIN)
    (tmp_path / "study.yaml").write_text(STUDY)
    assert servicechain.cli.study.study
    return lambda *arguments: CliRunner().invoke(app, ["study", *map(str, arguments)])


def test_it_prints_the_answer_and_one_table(call):
    result = call("study.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "A second clerk?"
    assert lines[1].startswith("A desk, 2 scenarios, each 24 replications of 100 minutes, seed 5")
    assert "'clerk.staff=2' has the lowest customers.guest.wait" in result.stdout
    (best,) = [line for line in lines if line.startswith("★")]
    assert best.split()[1] == "clerk.staff=2"
    # a clerk costs 30 an hour, 720 a day
    (base,) = [line for line in lines if line.startswith("  base")]
    assert "720" in base
    assert "+720" in best


def test_the_json_is_that_of_the_study(call):
    result = call("study.yaml", "--json", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    chain = sc.read("desk.yaml")
    alone = sc.run(chain, until=100, replications=24, seed=5)
    found = json.loads(result.stdout)
    wait = found["scenarios"][0]["metrics"]["customers.guest.wait"]
    assert wait == {key: alone.value(f"customers.guest.wait.{key}") for key in ("mean", "halfwidth")}
    same = sc.study(
        chain,
        vary={"clerk.staff": [1, 2]},
        title="A second clerk?",
        until=100,
        metrics=["customers.guest.wait", "cost_per_day"],
        replications=24,
        seed=5,
    )
    assert result.stdout == same.to_json() + "\n"


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("executor", ["here", "threads"])
def test_how_it_is_run_changes_nothing(call, engine, executor):
    told = call("study.yaml", "--json", "-", "--engine", engine, "--executor", executor, "--workers", "2")
    assert told.stdout == call("study.yaml", "--json", "-").stdout


def test_what_is_in_the_ledger_is_not_run_again(call):
    plain = call("study.yaml", "--json", "-").stdout
    assert call("study.yaml", "--json", "-", "--ledger", "a.sqlite").stdout == plain
    started = time.perf_counter()
    assert call("study.yaml", "--json", "-", "--ledger", "a.sqlite").stdout == plain
    assert time.perf_counter() - started < 5


def test_a_changed_chain_is_another_study_and_says_so(call):
    assert call("study.yaml", "--ledger", "a.sqlite").exit_code == 0
    Path("desk.yaml").write_text(CHAIN.replace("mean=1", "mean=1.5"))
    changed = call("study.yaml", "--ledger", "a.sqlite", "--json", "-")
    assert changed.exit_code == 0
    assert changed.stderr.startswith("servicechain: ")
    assert changed.stdout == call("study.yaml", "--json", "-").stdout


def test_results_are_written_and_not_over_others(call):
    assert call("study.yaml", "--json", "a.json").exit_code == 0
    assert json.loads(Path("a.json").read_text())["study"] == "A second clerk?"
    again = call("study.yaml", "--json", "a.json")
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "a.json exists" in again.stderr
    assert call("study.yaml", "--json", "a.json", "--overwrite").exit_code == 0


def test_a_report_is_written(call):
    pytest.importorskip("servicechain.studies.report_page")
    result = call("study.yaml", "--report", "a.html")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "A second clerk?" in Path("a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "none.yaml: there is no such file"),
        (["."], "this is a folder"),
        (["desk.yaml"], "this looks like a chain file"),
        (["study.yaml", "--workers", "many"], "--workers must be a whole number"),
        (["study.yaml", "--workers", "0"], "workers must be a whole number of at least 1"),
        (["study.yaml", "--engine", "quick"], "there is no engine 'quick'"),
        (["study.yaml", "--executor", "loacl"], "did you mean 'local'?"),
        (["study.yaml", "--json", "no/a.json"], "there is no folder no"),
        (["study.yaml", "--report", "no/a.html"], "there is no folder no"),
        (["study.yaml", "--ledger", "no/a.sqlite"], "no"),
        (["study.yaml", "--ledger", "desk.yaml"], "desk.yaml"),
        (["study.yaml", "--report", "-"], "only --json can write to stdout"),
        (["study.yaml", "--json", "a", "--report", "a"], "a is named twice"),
        (["study.yaml", "--report", "out.txt"], "a report is a web page, got 'out.txt'"),
    ],
)
def test_what_is_wrong_is_one_line(call, arguments, message):
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
    assert Path("desk.yaml").read_text() == CHAIN


def test_what_is_wrong_in_the_file_has_its_place(call):
    Path("study.yaml").write_text(STUDY.replace("clerk.staff", "clark.staff"))
    result = call("study.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("study.yaml:3:8: 'clark.staff': nothing is called 'clark'; did you mean 'clerk'?")


def test_of_several_mistakes_in_a_study_the_first_is_told_and_no_other_command_is_named(call):
    Path("study.yaml").write_text(STUDY.replace("seed: 5", "seed: x\nmethod: y"))
    told = call("study.yaml").stderr
    assert told.endswith(" (and 1 more)\n")


def test_a_budget_that_is_spent_is_told(call):
    Path("study.yaml").write_text(
        STUDY.replace("replications: 24", "precision: {customers.guest.wait: 0.1%}\nbudget: {replications: 60}")
    )
    result = call("study.yaml")
    assert result.exit_code == 0
    assert "The budget was spent before the precision asked for was reached (2 of 2)" in " ".join(result.stdout.split())
    assert "The budget was spent" in json.loads(call("study.yaml", "--json", "-").stdout)["guarantee"]["text"]


@pytest.mark.theory
@pytest.mark.parametrize(
    ("ledger", "message"), [("a.sqlite", "run the same study with it again"), (None, "nothing was kept")]
)
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(call, tmp_path, ledger, message):
    Path("study.yaml").write_text(STUDY.replace("replications: 24", "precision: {customers.guest.wait: 0.5%}"))
    more = [] if ledger is None else ["--ledger", ledger]
    command = [sys.executable, "-c", MAIN, "study", "study.yaml", "--executor", "here", *more]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, "")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("ledger", "message"), [("a.sqlite", "run the same study with it again"), (None, "nothing was kept")]
)
def test_ctrl_c_before_anything_runs_says_the_same(call, monkeypatch, ledger, message):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("servicechain.studies.study.run_plan", interrupted)
    result = call("study.yaml", *([] if ledger is None else ["--ledger", ledger]))
    assert result.exit_code == 130
    assert message in result.stderr


@pytest.mark.theory
def test_workers_of_a_study_that_is_killed_end_without_a_word(call, tmp_path):
    Path("study.yaml").write_text(STUDY.replace("replications: 24", "precision: {customers.guest.wait: 0.2%}"))
    command = [sys.executable, "-c", MAIN, "study", "study.yaml", "--executor", "local", "--workers", "3"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(6)
    running.kill()
    # the workers hold stderr open until they have ended
    out, err = running.communicate(timeout=30)
    assert (out, err) == ("", "")


@pytest.mark.theory
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there is no terminal here to look at")
def test_a_terminal_is_shown_how_far_it_is(call, tmp_path):
    Path("study.yaml").write_text(STUDY.replace("replications: 24", "precision: {customers.guest.wait: 10%}"))
    mother, child = os.openpty()
    command = [sys.executable, "-c", MAIN, "study", "study.yaml", "--json", "a.json"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
    done = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=child, env=environment)
    os.close(child)
    seen = b""
    while True:
        try:
            more = os.read(mother, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more
    os.close(mother)
    assert done.wait(timeout=60) == 0
    done.communicate()
    assert b"of 2 scenarios open" in seen
    assert b"customers.guest.wait \xc2\xb1" in seen
