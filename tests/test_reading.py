import json
import os
from pathlib import Path

import pytest

from broken_chains import chain_text
from good_chains import EVERY_KEY
from servicechain import Chain, check, read
from servicechain.errors import ChainError
from servicechain.files.reading import place, read_with_places


def test_a_file_is_read_whatever_names_it(tmp_path, monkeypatch):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text())
    monkeypatch.chdir(tmp_path)
    assert read(file) == read(str(file)) == read("desk.yaml")


def test_yaml_and_json_say_the_same(tmp_path):
    yaml, plain = tmp_path / "a.yaml", tmp_path / "a.json"
    yaml.write_text(EVERY_KEY)
    chain = read(yaml)
    chain.save(plain)
    assert json.loads(plain.read_text())["chain"] == "Everything"
    assert read(plain) == chain


def test_what_is_saved_is_read_back(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(EVERY_KEY)
    chain = read(file)
    chain.save(tmp_path / "b.yaml")
    assert read(tmp_path / "b.yaml") == chain
    assert chain.to_yaml() == (tmp_path / "b.yaml").read_text()


def test_values_are_set_before_the_chain_is_judged(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text(actor="{lane: contact, staff: -1}"))
    chain = read(file, ["actors.clerk.staff=4", "run.until=1d"])
    assert chain.actors["clerk"].staff == 4
    assert str(chain.run.until) == "1d"


def test_problems_name_the_file_as_the_user_did(tmp_path, monkeypatch):
    (tmp_path / "desk.yaml").write_text(chain_text(by="clrk"))
    monkeypatch.chdir(tmp_path)
    for name in ("desk.yaml", Path("desk.yaml"), os.path.join(".", "desk.yaml")):
        with pytest.raises(ChainError) as caught:
            read(name)
        assert str(caught.value).startswith(f"{os.fspath(name)}:8:15: ")
        assert caught.value.problems[0].path == ("services", "serve", "by")


def test_what_stands_in_lines_below_its_key_is_told_at_the_key(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(
        "chain: Desk\nunit: minutes\nactors:\n  clerk:\n    lane: contact\nservices:\n"
        "  serve:\n    by: clerk\n    steps:\n      - work: 1\n      - chance: 0.5\n        then:\n"
        "          work: 1\n      - repeat:\n          - work: 1\ncustomers: {}\n"
    )
    with pytest.raises(ChainError) as caught:
        read(file)
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(4, 3), (12, 9), (14, 9)]


def test_findings_get_their_places(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text(service="}\n  lost: {by: clerk, steps: []", steps="[{work: 100}]"))
    chain, tree = read_with_places(file)
    assert isinstance(chain, Chain)
    placed = place(tree, check(chain))
    assert [(problem.line, problem.column) for problem in placed] == [(5, 33), (9, 9), (10, 12)]
    assert all(problem.source == str(file) for problem in placed)


def test_a_chain_with_several_mistakes_is_one_error(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text(by="clrk", journey="[{ask: nope}]"))
    with pytest.raises(ChainError) as caught:
        read(file)
    assert len(caught.value.problems) == 2
    assert isinstance(caught.value, ValueError)
