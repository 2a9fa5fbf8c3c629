"""What the documents say is true: examples run, printed results are printed, lists are complete."""

import doctest
import importlib
import pkgutil
import re
import runpy
import tomllib
from pathlib import Path

import pytest

import servicechain
from servicechain import ChainError, check, read

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted(module.name for module in pkgutil.walk_packages(servicechain.__path__, "servicechain."))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_there_are_examples_in_docstrings():
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tests) >= 8


def test_two_lines_set_everything_up():
    main, tests = blocks("bash")[0].splitlines()
    assert main.startswith("pip install ")
    assert main.endswith("&& servicechain run simulations/hotel.yaml")
    assert tests.startswith("pip install ")
    assert tests.endswith("&& pytest")


def test_the_chain_in_the_readme_reads_and_nothing_is_found(tmp_path):
    text, _ = blocks("yaml")
    path = tmp_path / "desk.yaml"
    path.write_text(text, encoding="utf-8")
    assert check(read(path)) == []


def test_the_actors_in_the_readme_fit_into_the_chain(tmp_path):
    text, actors = blocks("yaml")
    before, _, after = text.partition("actors:")
    repair = "  restart the booking system: {by: programmer, steps: [{work: 5}]}\n"
    services = after[after.index("services:") :].replace("  fix the booking:\n", repair + "  fix the booking:\n")
    path = tmp_path / "desk.yaml"
    path.write_text(before + actors + "\n" + services, encoding="utf-8")
    findings = [finding.message for finding in check(read(path))]
    assert [message for message in findings if "overloaded" not in message] == []  # the guests are of the other example


def test_the_python_in_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert "Hotel front desk" in capsys.readouterr().out
    assert set(names["hotel"].graph) >= {"guest", "receptionist", "programmer"}
    assert names["desk"].services["serve"].by == "clerk"


@pytest.mark.theory  # it draws or runs a lot
def test_the_printed_result_is_what_is_printed():
    shown = next(block for block in blocks("text") if block.startswith("Hotel front desk"))
    printed = servicechain.run(read(ROOT / "simulations" / "hotel.yaml"), engine="reference").text(100)
    for part in shown.split("\n…\n"):
        assert part.strip() in printed


@pytest.mark.theory  # it draws or runs a lot
def test_who_made_them_wait_is_what_is_printed():
    table, tree = (block.strip() for block in blocks("text")[1:3])
    result = servicechain.run(read(ROOT / "simulations" / "hotel.yaml"), engine="reference")
    assert table in result.text(100)
    assert tree == str(result.paths("guest"))


def test_the_message_in_the_readme_is_the_message(tmp_path):
    text, _ = blocks("yaml")
    path = tmp_path / "hotel.yaml"
    path.write_text(text.replace("      - ask: check in", "      - ask: chek in"), encoding="utf-8")
    with pytest.raises(ChainError) as caught:
        read(path)
    shown = next(block for block in blocks("text") if block.startswith("hotel.yaml:")).strip()
    told = str(caught.value).removeprefix(str(tmp_path) + "/")
    assert re.sub(r":\d+:\d+:", ":", told) == re.sub(r":\d+:\d+:", ":", shown)


@pytest.mark.theory  # it draws or runs a lot
def test_the_gallery_is_there_and_its_script_draws_it(tmp_path):
    shown = set(re.findall(r"\(simulations/gallery/(.*?)\.png\)", README))
    space = runpy.run_path(str(ROOT / "simulations" / "gallery.py"))
    space["main"](tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == shown
    assert {path.stem for path in (ROOT / "simulations" / "gallery").iterdir()} == shown
    assert all(path.stat().st_size > 10_000 for path in tmp_path.iterdir())


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == servicechain.__version__


def test_no_pin_names_a_host():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line), line
