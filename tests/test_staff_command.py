import json

import pytest

from test_cli import call, refused
from test_staffing import SHIFTS, TEAMS
from timelines import HEAD

pytestmark = pytest.mark.theory  # searches

SMALL = ("--customers", "300", "--replications", "4", "--engine", "compiled")
GOAL = ("--goal", "customers.guest.below <= 60%")


@pytest.fixture
def teams(tmp_path):
    file = tmp_path / "teams.yaml"
    file.write_text(HEAD + TEAMS)
    return file


def test_it_says_what_to_do(teams):
    result = call("staff", teams, *GOAL, *SMALL)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "a timeline: how many, and when" in result.stdout
    assert "that meets 'customers.guest.below <= 0.6'" in result.stdout
    assert "a day" in result.stdout
    assert "today" in result.stdout


def test_json_is_json_and_the_same_every_time(teams, tmp_path):
    first = call("staff", teams, *GOAL, *SMALL, "--json", "-").stdout
    told = json.loads(first)
    assert told["chain"] == "a timeline"
    assert set(told["staff"]) == {"desk", "cook"}
    assert told["best"]["goals"] == {"customers.guest.below <= 0.6": "met"}
    file = tmp_path / "staff.json"
    assert call("staff", teams, *GOAL, *SMALL, "--json", file, "--workers", "1").exit_code == 0
    assert file.read_text() == first
    assert "--overwrite" in refused("staff", teams, *GOAL, *SMALL, "--json", file)
    assert call("staff", teams, *GOAL, *SMALL, "--json", file, "--overwrite").exit_code == 0


def test_the_best_can_be_set_and_run(teams):
    told = json.loads(call("staff", teams, *GOAL, *SMALL, "--json", "-").stdout)
    sets = [part for path, value in told["best"]["set"].items() for part in ("--set", f"{path}={value}")]
    ran = json.loads(call("run", teams, *sets, "--customers", "300", "--json", "-").stdout)
    assert ran["actors"]["desk"]["on_duty"]["mean"] == told["best"]["staff"]["desk"]


def test_who_may_change_and_between_what(teams):
    arguments = ("--actor", "desk", "--between", "desk=2..3", *GOAL, *SMALL, "--json", "-")
    told = json.loads(call("staff", teams, *arguments).stdout)
    assert told["staff"] == {"desk": {"path": "actors.desk.staff", "low": 2, "high": 3, "today": 2}}


def test_values_may_be_set_first(teams):
    told = json.loads(call("staff", teams, "--set", "actors.desk.staff=4", *GOAL, *SMALL, "--json", "-").stdout)
    assert told["base"]["staff"]["desk"] == 4


def test_the_best_for_some_money(teams):
    result = call("staff", teams, "--budget", "1400", *SMALL, "--json", "-")
    told = json.loads(result.stdout)
    assert told["budget"] == 1400
    assert told["goals"] == [{"metric": "customers.guest.below", "at_most": True, "bound": None}]
    assert told["best"]["cost_per_day"]["mean"] <= 1400
    assert "The best service found within 1,400 a day" in call("staff", teams, "--budget", "1400", *SMALL).stdout


def test_the_shifts_of_a_day(tmp_path):
    file = tmp_path / "shifts.yaml"
    file.write_text(HEAD + SHIFTS)
    goal = ("--goal", "customers.guest.wait <= 2 min")
    result = call("staff", file, *goal, "--until", "1d", "--replications", "6", "--engine", "compiled")
    assert result.exit_code == 0
    assert "desk 08:00-12:00 1 → " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is no goal"),
        (("--goal", "customers.guest.bello <= 1"), "did you mean 'customers.guest.below'?"),
        (("--goal", "customers.guest.below <= 60"), "10 % are 0.1 or 10%"),
        (("--goal", "below"), "did you mean 'customers.guest.below'?"),
        (("--goal", ""), "a goal is a metric"),
        ((*GOAL, "--budget", "much"), "--budget must be a number"),
        ((*GOAL, "--budget", "inf"), "finite"),
        ((*GOAL, "--budget", "-1"), "above 0"),
        ((*GOAL, "--actor", "chef"), "no actor is called 'chef'"),
        ((*GOAL, "--actor", "cloud"), "unlimited"),
        ((*GOAL, "--between", "desk"), "--between must be like"),
        ((*GOAL, "--between", "desk=1..2", "--between", "desk=1..3"), "twice"),
        ((*GOAL, "--replications", "1"), "at least 2"),
        ((*GOAL, "--replications", "many"), "whole number"),
        ((*GOAL, "--customers", "10", "--until", "1d"), "got both"),
        ((*GOAL, "--engine", "steam"), "no engine"),
        ((*GOAL, "--set", "actors.desk.staff"), "PATH=VALUE"),
        ((*GOAL, "--json", "/nowhere/at/all.json"), "there is no folder"),
        ((*GOAL, "--goals", "x"), "No such option"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(teams, arguments, words):
    assert words in refused("staff", teams, *arguments)


def test_a_chain_that_is_not_there():
    assert "nowhere.yaml" in refused("staff", "nowhere.yaml", *GOAL)
