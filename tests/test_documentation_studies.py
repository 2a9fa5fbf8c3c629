import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def question(tmp_path):
    (tmp_path / "simulations").mkdir()
    shutil.copy(ROOT / "simulations" / "hotel.yaml", tmp_path / "simulations")
    (text,) = blocks("yml")
    path = tmp_path / "question.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def printed(shown, text):
    return [part for part in f"\n{shown}".split("\n…\n") if part.strip("\n") not in text] == []


def test_the_study_in_the_readme_names_every_key(question):
    from servicechain.studies.study_file import KEYS, read_study

    text = question.read_text(encoding="utf-8")
    assert [key for key in KEYS if not re.search(rf"\b{key}:", text)] == []
    plan = read_study(question)
    assert [each.name for each in plan.scenarios] == [
        "base",
        *re.findall(r"- name: (.*?)\s*(?:#.*)?$", text, re.MULTILINE),
    ]
    # what stands there as a comment can be said as well
    said = re.sub(r"^# (?=\w+:)", "", text, flags=re.MULTILINE).replace("method: batch_means", "method: replications")
    question.write_text(said, encoding="utf-8")
    assert read_study(question).choice.indifference == 0.2


@pytest.mark.theory  # it runs a lot
def test_the_study_in_the_readme_comes_to_what_is_printed(question):
    from servicechain.studies.study import run_plan
    from servicechain.studies.study_file import read_study

    shown = next(block for block in blocks("text") if block.startswith("A fifth receptionist?"))
    assert printed(shown, run_plan(read_study(question, engine="compiled")).text(100))


@pytest.mark.theory  # it runs a lot
def test_the_staff_in_the_readme_is_what_is_found():
    from servicechain import read
    from servicechain.studies.staffing import staffing

    shown = next(block for block in blocks("text") if "The cheapest staff that meets" in block)
    goal = re.search(r"--goal \"(.*?)\"", README)[1]
    found = staffing(read(ROOT / "simulations" / "hotel.yaml"), goal, engine="compiled").text(100)
    assert printed(shown, found)
