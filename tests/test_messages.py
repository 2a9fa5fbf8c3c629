from itertools import pairwise

import pytest

from broken_chains import BROKEN, chain_text
from servicechain import read
from servicechain.errors import ChainError


def problems(folder, text, sets=()):
    file = folder / "desk.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ChainError) as caught:
        read(file, sets)
    return caught.value.problems


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.written)
def test_a_broken_chain_is_told_in_one_line_at_its_place(tmp_path, broken):
    found = problems(tmp_path, broken.text)
    assert [(problem.line, problem.column) for problem in found] == [broken.position]
    line = str(found[0])
    assert line.startswith(f"{tmp_path / 'desk.yaml'}:{broken.position[0]}:{broken.position[1]}: ")
    assert "\n" not in line
    message = line.removeprefix(f"{tmp_path / 'desk.yaml'}")
    assert len(message) < 300
    for words in broken.words.split("|"):
        assert words in message


def test_the_template_is_sound(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(chain_text())
    assert read(file).chain == "Desk"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, ["nothing but blank lines"]),
        ("5", 1, 1, ["a mapping that starts with 'chain: NAME'", "got 5"]),
        ("- chain: x", 1, 1, ["a mapping that starts with 'chain: NAME'"]),
        ("chain: x\n", 1, 1, ["the chain lacks 'unit'"]),
        (
            "chain: x\nunit: minutes\nactors: {}\nservices: {}\n",
            1,
            1,
            ["the chain lacks 'customers'; add it"],
        ),
        (chain_text().replace("unit: minutes", "unit: minute"), 2, 7, ["'unit'", "minutes", "'minute'"]),
        (chain_text().replace("chain: Desk", "chain: 5"), 1, 8, ["'chain'", "text", "got 5"]),
        (chain_text().replace("  clerk:", "  cl.erk:"), 5, 3, ["'cl.erk'", "'.'", "hyphen"]),
        (chain_text().replace("  serve:", "  'ser|ve':"), 8, 3, ["'ser|ve'", "'|'"]),
        (chain_text().replace("  guest:", '  "gu\\nest":'), 11, 3, ["'\\n'", "line break"]),
        (chain_text().replace("  guest:", "  '':"), 11, 3, ["a name", "not empty"]),
        (chain_text().replace("  clerk:", "  24:"), 8, 15, ["service 'serve' is by 'clerk'", "'24'"]),
        (
            chain_text().replace("{by: system, steps: [{work: 1}]}", "{by: system, steps: [{ask: serve}]}"),
            8,
            47,
            ["'serve' asks itself (serve → look up → serve)", "'clerk' has one server"],
        ),
    ],
)
def test_what_stands_elsewhere_is_told_too(tmp_path, text, line, column, words):
    first = problems(tmp_path, text)[0]
    assert (first.line, first.column) == (line, column)
    for word in words:
        assert word in str(first)


def test_all_problems_are_told_in_the_order_of_the_file(tmp_path):
    found = problems(tmp_path, chain_text(top="foo: 1", actor="{lane: contct, staff: -1}", steps="[{wrok: 1}]"))
    assert [(one.line, one.column) for one in found] == [(3, 1), (5, 17), (5, 32), (8, 31)]


def test_names_that_lead_nowhere_are_all_told(tmp_path):
    found = problems(tmp_path, chain_text(by="clrk", journey="[{ask: sreve}, {tell: nope}]"))
    assert [
        "did you mean 'clerk'" in str(found[0]),
        "'serve'" in str(found[1]),
        "'nope'" in str(found[2]),
    ] == [True] * 3


def test_thousands_of_misspelt_names_take_no_time_each(tmp_path):
    steps = ", ".join(f"{{ask: look{number}}}" for number in range(2000))
    found = problems(tmp_path, chain_text(steps=f"[{steps}]"))
    assert len(found) == 2000
    assert "did you mean 'look up'" in str(found[0])
    assert "no service is called 'look1999'; correct the name" in str(found[-1])


def test_a_value_set_from_outside_is_told_by_what_set_it(tmp_path):
    found = problems(tmp_path, chain_text(), ["actors.clerk.staff=-2", "services.serve.by=clrk"])
    assert [str(problem).partition(": ")[0] for problem in found] == ["--set actors.clerk.staff=-2"]
    found = problems(tmp_path, chain_text(), ["services.serve.by=clrk"])
    assert str(found[0]).startswith("--set services.serve.by=clrk: service 'serve'")


def test_a_loop_at_the_end_of_a_long_circle_is_told_in_one_line(tmp_path):
    names = [f"step {number}" for number in range(500)]
    services = "".join(f"  {a}: {{by: system, steps: [{{ask: {b}}}]}}\n" for a, b in pairwise(names))
    text = chain_text(steps="[{ask: step 0}]").replace(
        "customers:", f"{services}  step 499: {{by: system, steps: [{{ask: serve}}]}}\ncustomers:"
    )
    (found,) = problems(tmp_path, text)
    assert "service 'serve' asks itself (serve → step 0 → " in str(found)
    assert len(str(found)) < 500
