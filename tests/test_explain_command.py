from pathlib import Path

import pytest
from typer.testing import CliRunner

import servicechain as sc
import servicechain.cli.explain
from servicechain.blame import explanation
from servicechain.cli.app import app
from servicechain.errors import Mistake

HOTEL = Path(__file__).parents[1] / "simulations" / "hotel.yaml"
CHAIN = """
chain: A desk
unit: minutes
actors:
  desk: {lane: contact, staff: 1}
  clerk: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [{work: 1}, {ask: look up}]}
  look up: {by: clerk, steps: [{work: 14}]}
customers:
  guest: {arrivals: "at([0, 10, 15.5])", journey: [{ask: serve}]}
  caller: {arrivals: "at([100])", journey: [{ask: look up}]}
  nobody: {arrivals: "poisson(rate=0)", journey: [{ask: look up}]}
"""
# worked out by hand in test_plots_attribution: the three guests wait 14, 19 and 28.5 minutes, half a minute because of
# the desk; the caller asks somebody out of sight, and so is held until answered
GUEST = "Of the 20 minutes a guest waits, nearly all belong to the clerk, whom no guest sees."
CALLER = "All of the 14 minutes a caller waits belong to the clerk."
TREE = """by way of whom:
guest                                            20.5 minutes  100%
└─ desk                                          20.5 minutes  100%
   ├─ clerk                                      20.3 minutes   99%
   │  └─ work                                    20.3 minutes   99%
   └─ work                                      0.167 minutes    1%
"""
SHORT = ("--until", "3h", "--replications", "1")


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.yaml").write_text(CHAIN)
    # the application has its commands once their modules are imported
    assert servicechain.cli.explain.explain
    return lambda *arguments: CliRunner().invoke(app, ["explain", *map(str, arguments)])


def test_it_tells_the_sentence_the_causes_and_the_tree_of_every_class(call):
    result = call("desk.yaml", *SHORT)
    assert (result.exit_code, result.stderr) == (0, "")
    told = result.stdout
    assert told.startswith("A desk\n1 replication of 180 minutes, seed 1")
    assert f"\n{GUEST}\n{CALLER}\nnobody: nobody arrived and left again.\n" in told
    assert TREE in told
    assert "caller                                             14 minutes  100%" in told
    lines = [line.split("  ") for line in told.splitlines()]
    (clerk,) = [line for line in lines if line[0] == "clerk: work" and "20.3" in " ".join(line)]
    assert [cell.strip() for cell in clerk if cell.strip()][1:4] == ["20.3", "6.33", "14"]
    assert told.count("by way of whom") == 2
    assert told.endswith("\n")
    assert not told.endswith("\n\n")


def test_of_one_class_only(call):
    told = call("desk.yaml", *SHORT, "--class", "caller").stdout
    assert CALLER in told
    assert "guest" not in told


def test_it_takes_the_options_of_a_run(call):
    told = call(
        "desk.yaml", *SHORT[:2], "--replications", "2", "--seed", "7", "--warm-up", "5", "--engine", "reference"
    ).stdout
    assert "2 replications of 180 minutes, the first 5 minutes not counted, seed 7" in told
    # of the last two guests
    assert "Of the 24 minutes a guest waits, nearly all" in told
    told = call("desk.yaml", *SHORT, "--set", "actors.desk.staff=3").stdout
    # they pass the desk now, and stand in line for the clerk: 14, 5 + 14 and 13.5 + 14 minutes
    assert "All of the 20 minutes a guest waits belong to the clerk" in told
    assert call("desk.yaml", "--customers", "4", "--replications", "1").exit_code == 0


def test_pictures(call, tmp_path):
    result = call("desk.yaml", *SHORT, "-o", "causes.svg", "--story", "story.PNG")
    assert (result.exit_code, result.stderr) == (0, "")
    assert (tmp_path / "causes.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "story.PNG").read_bytes().startswith(b"\x89PNG")
    again = call("desk.yaml", *SHORT, "-o", "again.svg", "--class", "guest")
    assert again.exit_code == 0
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "causes.svg").read_bytes()


def test_an_existing_picture_is_replaced_only_if_that_was_said(call, tmp_path):
    (tmp_path / "a.svg").write_text("precious")
    for option in ("-o", "--story"):
        result = call("desk.yaml", *SHORT, option, "a.svg")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "servicechain: a.svg exists; choose another name, or say --overwrite to replace it\n"
    assert (tmp_path / "a.svg").read_text() == "precious"
    assert call("desk.yaml", *SHORT, "-o", "a.svg", "--overwrite").exit_code == 0
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("desk.yaml", "-o", "a.pdf"), "a picture is written as .svg or .png, and this name ends in '.pdf'"),
        (("desk.yaml", "--story", "a"), "a picture is written as .svg or .png"),
        (("desk.yaml", "-o", "no/such/a.svg"), "there is no folder no/such"),
        (("desk.yaml", "-o", "a.svg", "--story", "a.svg"), "a.svg is named twice; give -o and --story a file each"),
        (("desk.yaml", "--class", "gest"), "no customer class is called 'gest'; did you mean 'guest'"),
        (("desk.yaml", "-o", "b.svg", "--story", "a.svg", "--class", "nobody", *SHORT), "no nobody who counts left"),
        (("desk.yaml", "--customers", "5", "--until", "1h"), "both"),
        (("desk.yaml", "--replications", "many"), "--replications must be a whole number"),
        (("nowhere.yaml",), "nowhere.yaml"),
        ((), "Missing argument"),
    ],
)
def test_errors_are_one_line(call, arguments, told, tmp_path):
    result = call(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["desk.yaml"]


def test_the_hotel_is_explained():
    hotel = sc.run(sc.read(HOTEL), replications=3)
    told = explanation(hotel, width=200)
    assert "belong to the programmer, whom no guest sees." in told
    assert str(hotel.paths("guest")) in told
    assert str(hotel.paths("department")) in told
    with pytest.raises(Mistake, match="did you mean 'guest'"):
        explanation(hotel, "gest")
