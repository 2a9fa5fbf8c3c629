import json
import math
import pickle

import pytest

from engines.test_hotel_by_hand import CHAIN
from servicechain import Result, run
from servicechain.errors import Mistake
from servicechain.files.tree import read_tree
from test_cli import call, refused
from timelines import HEAD, chain_of

GUESTS = ("g1", "g2", "g3")


@pytest.fixture(scope="module")
def hotel():
    """Three guests, and an event of the house of whom nobody is a customer in line."""
    return run(chain_of(CHAIN), customers=10, replications=1).leverage()


def total(leverage, actor, change):
    """Minutes saved by all guests; there are four customers, the house waits for nothing."""
    return getattr(leverage.of(actor), change).mean * 4


def test_who_would_save_what_in_the_hotel(hotel):
    # they wait 24 minutes; 3 are left with an ideal programmer, 8 with an ideal system, 22 with ideal receptionists
    assert hotel.wait[None].mean * 4 == 24
    saved = {name: total(hotel, name, "ideal") for name in ("programmer", "booking", "reception")}
    assert saved == {"programmer": 21, "booking": 16, "reception": 2}


def test_one_more_server_in_the_hotel(hotel):
    # two programmers: g1 waits 2..8, g2 4..9, g3 5..9; two threads: g2 waits 4..5, g3 5..6; three desks: g3 not at all
    saved = {name: total(hotel, name, "one_more") for name in ("programmer", "booking", "reception")}
    assert saved == {"programmer": 24 - 15, "booking": 24 - 11, "reception": 7}


def test_ten_percent_faster_in_the_hotel(hotel):
    # the programmer is ready at 10 / 1.1 instead of 10, and all three wait for him
    assert total(hotel, "programmer", "faster") == pytest.approx(3 * (10 - 10 / 1.1))
    # g1 asks at 2 / 1.1 for the system, but it gets the programmer at 6 anyway, and waits longer for it; so does g2;
    # g3 gets the desk 1 - 1 / 1.1 earlier
    assert total(hotel, "reception", "faster") == pytest.approx(-2 - 3 + 1 + (2 + 3 - 1) / 1.1)


def test_who_made_them_wait_and_what_would_help_differ(hotel):
    attributed = {name: hotel.of(name).attributed * 4 for name in ("programmer", "booking", "reception")}
    assert attributed == pytest.approx({"programmer": 18, "booking": 5.5, "reception": 0.5})
    assert sum(total(hotel, name, "ideal") for name in attributed) > 24
    assert total(hotel, "reception", "one_more") > total(hotel, "reception", "ideal")


def test_every_class_for_itself(hotel):
    saved = {guest: hotel.of("reception", guest).ideal.mean for guest in GUESTS}
    # who is served in no time asks earlier, and waits longer for the system
    assert saved == {"g1": -2, "g2": -3, "g3": 7}
    assert hotel.of("programmer", "house").ideal.mean == 0


QUIET = """
actors:
  desk: {lane: contact, staff: 1}
  archive: {lane: backstage, staff: unlimited, wage: 7}
  nobody: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [{work: "lognormal(mean=3, cv=1)"}, {tell: file}]}
  file: {by: archive, steps: [{work: exponential(mean=3)}, {pause: 1}]}
customers: {guest: {arrivals: poisson(rate=0.25/min), journey: [{ask: serve}]}}
"""


@pytest.mark.parametrize("actor", ["archive", "nobody"])
def test_who_changes_nothing_for_anybody_has_exactly_no_leverage(actor):
    leverage = run(chain_of(QUIET), customers=200, replications=4).leverage()
    told = leverage.of(actor)
    assert [each.mean for each in (told.ideal, told.one_more, told.faster)] == [0, 0, 0]
    assert [each.halfwidth for each in (told.ideal, told.one_more, told.faster)] == [0, 0, 0]
    assert leverage.of("desk").ideal.mean > 0


PAID = """
actors: {desk: {lane: contact, staff: 1, wage: 60}, cook: {lane: backstage, staff: 1, wage: 30}}
services: {serve: {by: desk, steps: [{work: 10}]}}
customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
"""


def test_what_a_saved_minute_costs():
    # two guests; the second waits 10, with two servers not at all; 60 more for the hour
    told = run(chain_of(PAID), until=60, replications=1).leverage()
    assert told.of("desk").one_more.mean == 5
    assert told.of("desk").extra_cost.mean == pytest.approx(60 * 24)
    assert told.of("desk").cost_per_minute == pytest.approx(60 / 10)
    assert told.of("cook").extra_cost.mean == pytest.approx(30 * 24)
    assert math.isnan(told.of("cook").cost_per_minute)


def test_of_whom_no_wage_is_known_no_cost_is():
    told = run(chain_of(PAID.replace("wage: 60", "wage: 0")), until=60, replications=1).leverage()
    assert told.of("desk").one_more.mean == 5
    assert math.isnan(told.of("desk").extra_cost.mean)
    assert math.isnan(told.of("desk").cost_per_minute)
    assert told.of("cook").extra_cost.mean == pytest.approx(30 * 24)


def test_it_is_a_minute_whatever_the_unit():
    hours = read_tree(HEAD + PAID, "paid").data | {"unit": "hours"}
    hours["services"]["serve"]["steps"] = [{"work": "10min"}]
    told = run(type(chain_of(PAID)).from_dict(hours), until="60min", replications=1).leverage()
    assert told.of("desk").one_more.mean == pytest.approx(5 / 60)
    assert told.of("desk").cost_per_minute == pytest.approx(6)


def test_a_saving_that_may_be_chance_has_no_price():
    text = PAID.replace('"at([0, 0])"', "poisson(rate=1/h)").replace("work: 10", "work: exponential(mean=1)")
    told = run(chain_of(text), until=120, replications=3).leverage()
    saved = told.of("desk").one_more
    assert saved.mean <= saved.halfwidth
    assert math.isnan(told.of("desk").cost_per_minute)


def test_where_nobody_is_paid_nothing_is_said_of_cost(hotel):
    assert "cost" not in hotel.text()
    assert math.isnan(hotel.of("reception").extra_cost.mean)


def test_the_frame_is_tidy(hotel):
    frame = hotel.frame()
    assert frame.attrs["unit"] == "minutes"
    assert list(frame["actor"]) == ["programmer", "booking", "reception"]
    assert list(frame["ideal"] * 4) == [21, 16, 2]
    changes = [name + end for name in ("ideal", "one_more", "faster") for end in ("", "_halfwidth")]
    cost = ["extra_cost_per_day", "extra_cost_per_day_halfwidth", "cost_per_saved_minute"]
    assert list(frame.columns) == ["actor", "attributed", *changes, *cost]
    assert list(hotel.frame("g3").columns) == ["actor", "attributed", *changes]


def test_it_prints_itself(hotel):
    text = hotel.text(200)
    assert "Customers wait 6 minutes on average." in text
    assert "programmer would save most: 5.25 minutes per customer." in text
    assert "With one more server, booking would save most: 3.25 minutes per customer." in text
    assert "house only" not in text
    assert repr(hotel) == hotel.text()
    assert "<td" in hotel._repr_html_()


@pytest.mark.theory  # many runs
def test_without_attribution_there_is_nothing_beside_it():
    told = run(chain_of(CHAIN), customers=10, replications=1, attribution=False).leverage()
    assert math.isnan(told.of("programmer").attributed)
    assert "attributed  " not in told.text(200)
    assert total(told, "programmer", "ideal") == 21


def test_only_those_asked_about_are_run(hotel):
    calls = []
    result = hotel.result
    told = result.leverage(["booking"], progress=lambda done, of: calls.append((done, of)))
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told.of("booking") == hotel.of("booking")
    with pytest.raises(Mistake, match="no actor asked about is called 'reception'; there are 'booking'"):
        told.of("reception")


@pytest.mark.parametrize(
    ("actors", "words"),
    [
        (["recption"], "no actor is called 'recption'; did you mean 'reception'"),
        ("reception", "list of names, e.g. \\['reception'\\], got 'reception'"),
        ([3], "list of names"),
        ([], "no actor is asked about; name some, e.g. \\['reception'\\], or leave it out"),
    ],
)
def test_mistakes_are_told(hotel, actors, words):
    with pytest.raises(Mistake, match=words):
        hotel.result.leverage(actors)


def test_a_class_that_is_none_is_told(hotel):
    with pytest.raises(Mistake, match="no customer class is called 'g4'"):
        hotel.frame("g4")


def test_a_result_put_together_by_hand_cannot_be_run_again(hotel):
    there = hotel.result
    alone = Result(there.facts, there.settings, there.engine, there.estimates, there.versions, 0.0)
    with pytest.raises(Mistake, match="does not know its chain"):
        alone.leverage()


def test_a_result_travels_with_its_chain(hotel):
    again = pickle.loads(pickle.dumps(hotel.result))
    assert again.model == hotel.result.model
    assert again.leverage(["booking"]).of("booking") == hotel.of("booking")


# -- the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "hotel.yaml"
    file.write_text(HEAD + CHAIN)
    return file


ONCE = ("--customers", "10", "--replications", "1")


def test_the_command_prints_what_the_library_says(file, hotel):
    told = call("leverage", file, *ONCE)
    assert told == (0, hotel.text() + "\n", "", None)


def test_json_on_stdout_is_json_and_nothing_else(file):
    told = call("leverage", file, *ONCE, "--json", "-")
    report = json.loads(told.stdout)
    assert told.stderr == ""
    assert list(report) == ["chain", "unit", "engine", "seed", "replications", "warm_up", "versions", "leverage"]
    everybody = report["leverage"]["all"]
    assert everybody["wait"] == {"mean": 6, "halfwidth": None}
    assert list(everybody["actors"]) == ["programmer", "booking", "reception"]
    assert everybody["actors"]["booking"]["one_more"] == {"mean": 3.25, "halfwidth": None}
    assert everybody["actors"]["booking"]["attributed"] == pytest.approx(5.5 / 4)
    assert everybody["actors"]["booking"]["cost_per_saved_minute"] is None
    assert list(report["leverage"]["customers"]) == ["house", *GUESTS]
    assert report["leverage"]["customers"]["g3"]["actors"]["reception"]["ideal"]["mean"] == 7
    assert told.stdout == call("leverage", file, *ONCE, "--json", "-").stdout


def test_options_of_a_run_are_obeyed(file, tmp_path):
    target = tmp_path / "told.json"
    options = ("--until", "14", "--replications", "2", "--seed", "5", "--set", "actors.programmer.staff=2")
    told = call("leverage", file, *options, "--actor", "programmer", "--no-attribution", "--json", target)
    assert told.exit_code == 0
    assert "2 replications of 14 minutes, seed 5" in told.stdout
    report = json.loads(target.read_text())
    assert list(report["leverage"]["all"]["actors"]) == ["programmer"]
    assert report["leverage"]["all"]["actors"]["programmer"]["attributed"] is None
    # with two programmers they wait 15 minutes, and 3 with an ideal one
    assert report["leverage"]["all"]["actors"]["programmer"]["ideal"]["mean"] * 4 == 12


def test_wrong_use_is_told_in_one_line(file, tmp_path):
    assert "no actor is called 'boking'; did you mean 'booking'" in refused("leverage", file, "--actor", "boking")
    assert "--customers must be a whole number" in refused("leverage", file, "--customers", "many")
    assert "no engine" in refused("leverage", file, "--engine", "steam")
    assert "there is no folder" in refused("leverage", file, "--json", tmp_path / "no" / "where.json")
    assert "No such option" in refused("leverage", file, "--shaply")
    assert "hotel.yaml exists" in refused("leverage", file, "--json", file)
