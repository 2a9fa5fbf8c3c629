import math

import pytest
from hypothesis import given, settings

import random_chains
from blame import blamed, total
from servicechain import Chain
from servicechain.engines import engine_for
from servicechain.possible_causes import possible_causes
from servicechain.records import KeepCustomers
from servicechain.running import facts_of
from servicechain.settings import Settings
from servicechain.studies.measures import Measures
from timelines import chain_of, happened

ENGINES = ("compiled", "reference")


def listed(chain):
    names = list(chain.actors)
    return [(names[actor], cause.word) for actor, cause in possible_causes(chain)]


def stuck(text):
    """Who can be blamed for a deadlock."""
    return [actor for actor, cause in listed(chain_of(text)) if cause == "deadlock"]


def test_possible_causes_are_those_a_chain_can_have():
    chain = chain_of(
        """
        actors:
          desk: {lane: contact, shifts: [{days: daily, from: "08:00", to: "16:00", staff: 1}]}
          box: {lane: system, capacity: 1, failures: {every: 9, repair: mend}}
          line: {lane: supplier, failures: {every: 9, lasts: 1}}
          helper: {lane: backstage, staff: 1}
          stock: {lane: backstage, staff: 1}
        services:
          serve: {by: desk, steps: [{work: 1}, {ask: look}]}
          look: {by: box, steps: [{pause: 1}, {ask: carry}]}
          carry: {by: line, steps: []}
          mend: {by: helper, steps: [{work: 1}, {ask: fetch}]}
          fetch: {by: stock, steps: [{work: 1}]}
        customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
        """
    )
    assert listed(chain) == [
        ("desk", "work"),
        ("desk", "absence"),
        ("box", "pause"),
        ("line", "failure"),
        ("helper", "work"),
        ("helper", "failure"),
        ("stock", "work"),
        ("stock", "failure"),
    ]


# who serves may come to stand in line for what only they can do while b is not there
SHARED = """
actors:
  a: {lane: backstage, staff: 1}
  b: {lane: backstage, B}
services:
  serve: {by: a, steps: [{work: 1}, {ask: look}]}
  look: {by: [a, b], steps: [{work: 1}]}
  other: {by: b, steps: [{work: 1}, ELSE]}
customers: {guest: {arrivals: "at([0, 3])", journey: [{ask: serve}]}}
"""
NEVER_BY_NIGHT = 'shifts: [{days: daily, from: "08:00", to: "16:00", staff: 1}]'


def shared(b, otherwise="{work: 1}"):
    return SHARED.replace("B}", b + "}").replace("ELSE", otherwise)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("b", ["staff: 0", NEVER_BY_NIGHT])
def test_a_line_waits_for_itself_while_another_who_serves_it_is_not_there(engine, b):
    chain = chain_of(shared(b))
    # from 1 on a stands in a line that only a could serve; it is the line of both, so each has half of the blame
    found = total(blamed(chain, engine, until=10))
    # one guest is held from 1 to 10, the other is in line for a alone from 3 to 10
    assert found == pytest.approx(
        {("a", "work"): 1, ("a", "deadlock"): 9 / 2 + 7 / 2, ("b", "deadlock"): 9 / 2 + 7 / 2}
    )
    assert {*found} <= {*listed(chain)}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_records_and_a_study_keep_has_a_place_for_it(engine):
    chain = chain_of(shared(NEVER_BY_NIGHT))
    records = happened(chain, engine, customers=None, until=10).customer_records
    assert records["held|b|deadlock"].tolist() == [4.5, 0]
    assert records["queueing|b|deadlock"].tolist() == [0, 3.5]
    measures = Measures(facts_of(chain))
    engine_for(chain, engine).replicate(Settings(until=10.0), 0, measures)
    row = dict(zip(measures.columns, measures.row(), strict=True))
    assert math.isnan(row["attribution.guest.b.deadlock.time"])  # nobody has left


def test_who_is_always_there_and_waits_for_nobody_lets_all_go_on():
    assert stuck(shared("staff: 1")) == []
    assert stuck(shared("staff: unlimited")) == []
    # whom one tells or hands off to one does not wait for
    assert stuck(shared("staff: 1", "{tell: serve}")) == []
    assert stuck(shared("staff: 1", "{hand_off: serve}")) == []
    assert stuck(shared("staff: 1", "{ask: serve}")) == ["a", "b"]


def test_what_has_begun_leads_further_though_its_own_line_never_stands():
    services = """
    services:
      serve: {by: a, steps: [{ask: pass on}]}
      pass on: {by: [b, c], steps: [KIND]}
      confirm: {by: a, steps: [{work: 1}]}
    customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
    """
    actors = """
    actors: {a: {lane: backstage, staff: 1}, b: {lane: backstage, staff: 1}, c: {lane: backstage, staff: unlimited}}
    """
    for kind in ("ask: confirm", "hand_off: confirm"):
        text = actors + services.replace("KIND", "{" + kind + "}")
        assert stuck(text) == ["a"]
        for engine in ENGINES:
            assert total(blamed(chain_of(text), engine, until=7)) == {("a", "deadlock"): 7}
    assert stuck(actors + services.replace("KIND", "{tell: confirm}")) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_repair_in_line_waits_for_all_that_its_servers_do(engine):
    chain = chain_of(
        """
        actors:
          box: {lane: system, capacity: 1, failures: {every: 3, repair: mend}}
          helper: {lane: backstage, staff: 1}
          stock: {lane: backstage, staff: 1}
          unasked: {lane: backstage, staff: 1}
        services:
          use: {by: box, steps: [{work: 4}]}
          mend: {by: helper, steps: [{work: 1}, {tell: note}]}
          order: {by: helper, steps: [{work: 2}, {ask: fetch}]}
          fetch: {by: stock, steps: [{work: 5}]}
          note: {by: unasked, steps: [{work: 1}]}
        customers:
          guest: {arrivals: "at([0])", journey: [{ask: use}]}
          other: {arrivals: "at([0])", journey: [{ask: order}]}
        """
    )
    everybody = blamed(chain, engine)
    # the repair stands in line from 3 to 7 while its helper waits for the stock, and is done at 8
    assert everybody[0].held == {("stock", "failure"): 4, ("helper", "failure"): 1}
    causes = listed(chain)
    assert {*total(everybody)} <= {*causes}
    assert ("unasked", "failure") not in causes


@pytest.mark.theory  # many runs
@given(random_chains.chains(everything=True))
@settings(max_examples=100, deadline=None)
def test_on_random_chains_every_cause_that_is_found_is_listed(data):
    chain = Chain.from_dict(data)
    for engine in ENGINES:
        kept = KeepCustomers()
        engine_for(chain, engine).replicate(Settings(until=60.0), 0, kept)
        waiting = kept.waiting
        found = set() if waiting is None else {waiting.paths[path][-2:] for path in waiting.rows["path"].tolist()}
        assert found <= {*possible_causes(chain)}
