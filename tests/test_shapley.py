import json
import math
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import t

from engines.test_hotel_by_hand import CHAIN
from servicechain import run
from servicechain.errors import Mistake
from servicechain.shapley import coalitions, shapley_values
from test_cli import call, refused
from theory.references import REFERENCES
from timelines import HEAD, chain_of

pytestmark = pytest.mark.theory  # many runs


@pytest.fixture(scope="module")
def result():
    return run(chain_of(CHAIN), customers=10, replications=1)


@pytest.fixture(scope="module")
def hotel(result):
    return result.shapley()


def values(shapley, customer_class=None):
    return {name: value.mean for name, value in shapley.values[customer_class].items()}


@pytest.mark.parametrize("actor", ["programmer", "booking", "reception"])
def test_the_hotel_exactly(hotel, actor):
    # four customers, of whom the house waits for nothing
    assert values(hotel)[actor] * 4 == pytest.approx(REFERENCES[f"hotel_shapley_{actor}"].value, rel=1e-10)


def test_the_hotel_by_hand(hotel):
    told = {name: value * 4 for name, value in values(hotel).items()}
    assert told == pytest.approx({"programmer": 44 / 3, "booking": 55 / 6, "reception": 1 / 6}, rel=1e-12)
    assert list(told) == ["programmer", "booking", "reception"]
    assert hotel.removable[None].mean == 6


def test_all_eight_runs_of_the_hotel(result):
    runs = result._counterfactuals(None)
    from servicechain.changes import Change

    names = {"P": "programmer", "B": "booking", "R": "reception"}
    waits = {
        letters: runs.outcome(Change(ideal=frozenset(names[letter] for letter in letters))).waits[0, -1] * 4
        for letters in ("", "P", "B", "R", "PB", "PR", "BR", "PBR")
    }
    assert waits == {"": 24, "P": 3, "B": 8, "R": 22, "PB": 0, "PR": 4, "BR": 10, "PBR": 0}


@pytest.mark.parametrize("customer_class", [None, "house", "g1", "g2", "g3"])
def test_they_add_up_to_all_the_wait_there_is(hotel, customer_class):
    assert sum(values(hotel, customer_class).values()) == pytest.approx(hotel.removable[customer_class].mean)
    if customer_class is not None:
        whole = hotel.result.value(f"customers.{customer_class}.wait.mean")
        assert hotel.removable[customer_class].mean == whole


@pytest.mark.parametrize("count", range(1, 5))
def test_the_mean_over_all_orders(count):
    names = "abcd"[:count]
    chance = np.random.default_rng(count)
    waits = {coalition: chance.random(3) for coalition in coalitions(names)}
    told = shapley_values(waits, names)
    for name in names:
        savings = []
        for order in permutations(names):
            before = frozenset(order[: order.index(name)])
            savings.append(waits[before] - waits[before | {name}])
        assert told[name] == pytest.approx(np.mean(savings, axis=0))


NEST = """
actors:
  receptionist: {{lane: contact, staff: {staff}}}
  office: {{lane: backstage, staff: 1}}
  nobody: {{lane: backstage, staff: 1}}
services:
  check in: {{by: receptionist, steps: [{{work: exponential(mean=2)}}, {ask}]}}
  look it up: {{by: office, steps: [{{work: exponential(mean={mean})}}]}}
customers: {{guest: {{arrivals: poisson(rate={rate}/min), journey: [{{ask: check in}}]}}}}
"""


@pytest.mark.theory
@pytest.mark.parametrize(
    ("model", "staff", "ask", "mean", "rate"),
    [
        ("nest1", 1, "{ask: look it up}", 1, 0.25),
        ("nest2", 2, "{chance: 0.6, then: [{ask: look it up}]}", 1.5, 0.5),
    ],
)
def test_receptionists_held_by_the_office_in_the_long_run(model, staff, ask, mean, rate):
    chain = chain_of(NEST.format(staff=staff, ask=ask, mean=mean, rate=rate))
    told = run(chain, customers=1500, warm_up=400, replications=24, attribution=False).shapley()
    for actor, name in (("office", f"{model}_shapley_back"), ("receptionist", f"{model}_shapley_front")):
        value = told.values[None][actor]
        error = value.halfwidth / t.ppf(0.975, 23)
        # a right value is refused for one seed in 1000
        assert abs(value.mean - REFERENCES[name].value) < t.ppf(0.9995, 23) * error
        assert error < 0.4
    assert told.values[None]["nobody"].mean == told.values[None]["nobody"].halfwidth == 0


def test_half_widths_are_those_of_the_values_of_each_replication():
    chain = chain_of(NEST.format(staff=1, ask="{ask: look it up}", mean=1, rate=0.25))
    result = run(chain, customers=30, replications=5, attribution=False)
    whole = result.shapley()
    each = [run(chain, customers=30, replications=count, attribution=False).shapley() for count in range(1, 6)]
    means = [values(one)["office"] * count for count, one in enumerate(each, 1)]
    single = np.diff([0, *means])
    assert whole.values[None]["office"].halfwidth == pytest.approx(
        t.ppf(0.975, 4) * np.std(single, ddof=1) / math.sqrt(5)
    )


def test_those_left_out_stay_as_they_are(result):
    told = result.shapley(["booking", "reception"])
    # alone 16 and 2, together 14
    assert {name: value * 4 for name, value in values(told).items()} == {"booking": 14, "reception": 0}
    assert told.removable[None].mean * 4 == 14


def many(count):
    actors = "".join(f"  a{number}: {{lane: contact, staff: 1}}\n" for number in range(count))
    services = "".join(f"  s{number}: {{by: a{number}, steps: [{{work: 1}}]}}\n" for number in range(count))
    journey = ", ".join(f"{{ask: s{number}}}" for number in range(count))
    customers = f'  guest: {{arrivals: "at([0])", journey: [{journey}]}}\n'
    return f"actors:\n{actors}services:\n{services}customers:\n{customers}"


def test_too_many_are_refused_with_what_to_do():
    result = run(chain_of(many(9)), customers=1, replications=1)
    with pytest.raises(Mistake, match=r"of 9 actors take 2\*\*9 = 512 runs, and unasked at most 8 .* name those"):
        result.shapley()
    assert list(values(result.shapley(["a3", "a1"]))) == ["a1", "a3"]
    assert len(values(result.shapley([f"a{number}" for number in range(9)]))) == 9
    with pytest.raises(Mistake, match=r"131,072 runs, and at most 16 actors"):
        run(chain_of(many(17)), customers=1, replications=1).shapley([f"a{number}" for number in range(17)])


def test_who_does_not_matter_is_not_counted():
    text = many(8).replace("services:", "  idle: {lane: contact, staff: 1}\nservices:")
    told = run(chain_of(text), customers=1, replications=1).shapley()
    assert values(told)["idle"] == 0


def test_a_frame_and_a_page(hotel):
    frame = hotel.frame()
    assert list(frame.columns) == ["actor", "value", "value_halfwidth", "share"]
    assert frame.attrs["unit"] == "minutes"
    assert list(frame["share"]) == pytest.approx([44 / 72, 55 / 144, 1 / 144])
    assert "customers would wait 6 minutes less" in repr(hotel)
    assert "programmer          3.67     61%" in repr(hotel)
    assert "<td" in hotel._repr_html_()
    with pytest.raises(Mistake, match="no customer class is called 'g4'"):
        hotel.frame("g4")


def test_the_command(tmp_path, hotel):
    file = tmp_path / "hotel.yaml"
    file.write_text(HEAD + CHAIN)
    asked = ("leverage", file, "--customers", 10, "--replications", 1, "--shapley")
    told = call(*asked)
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.endswith("\n\n" + hotel.text() + "\n")
    report = json.loads(call(*asked, "--json", "-").stdout)["shapley"]
    assert report["all"]["removable"] == {"mean": 6, "halfwidth": None}
    assert report["all"]["actors"]["programmer"]["mean"] == pytest.approx(44 / 12)
    assert set(report["customers"]) == {"house", "g1", "g2", "g3"}


def test_the_command_refuses_too_many_before_it_runs_any(tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text(HEAD + many(9))
    assert "unasked at most 8 actors" in refused("leverage", file, "--customers", 10**9, "--shapley")
