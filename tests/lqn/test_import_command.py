"""The command: a chain file beside the model, notes on stderr, errors in one line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import servicechain.cli.import_lqn
from lqn.networks import MODELS
from servicechain import read
from servicechain.cli.app import app
from servicechain.lqn import read_lqn

MODEL = MODELS / "common_features.lqnx"


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # the application has its commands once their modules are imported
    assert servicechain.cli.import_lqn.import_lqn
    return lambda *arguments: CliRunner().invoke(app, ["import-lqn", *map(str, arguments)])


@pytest.mark.parametrize("model", sorted(MODELS.glob("*.lqnx")), ids=lambda path: path.stem)
def test_the_chain_file_is_the_chain(call, tmp_path, model):
    result = call(model)
    assert (result.exit_code, result.stdout) == (0, f"{model.stem}.yaml\n")
    assert "note: a layered queueing network names no unit of time" in result.stderr
    assert read(tmp_path / f"{model.stem}.yaml") == read_lqn(model)


def test_an_existing_file_is_replaced_only_if_that_was_said(call, tmp_path):
    (tmp_path / "chain.yaml").write_text("precious")
    result = call(MODEL, "-o", "chain.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "servicechain: chain.yaml exists; choose another name, or say --overwrite to replace it\n"
    assert (tmp_path / "chain.yaml").read_text() == "precious"
    assert call(MODEL, "-o", "chain.yaml", "--overwrite").exit_code == 0
    assert read(tmp_path / "chain.yaml").chain == "Common features"


def test_errors_are_one_line(call, tmp_path):
    (tmp_path / "bad.lqnx").write_text('<lqn-model>\n  <processor name="p" replication="2"/>\n</lqn-model>')
    for name, expected in (("bad.lqnx", "bad.lqnx:2:3: <processor name='p'>: replication='2'"), ("no.lqnx", "no.lqnx")):
        result = call(name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert expected in result.stderr
        assert result.stderr.count("\n") == 1
