"""Patience that covers all waiting (`patience_covers: wait`): when a customer leaves, and what becomes of it all."""

import pytest

from timelines import column, happened, requests

CHAIN = """
actors:
  desk: {lane: contact, staff: 1}
  back: {lane: backstage, staff: 1}
  expert: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [STEPS]}
  check: {by: back, steps: [{work: 4}]}
  deep check: {by: back, steps: [{work: 1}, {ask: decide}, {work: 1}]}
  decide: {by: expert, steps: [{work: 4}]}
  nod: {by: expert, steps: []}
  brief: {by: desk, steps: [{work: 2}]}
customers:
  guest: {arrivals: "at(TIMES)", patience: PATIENCE, patience_covers: wait, journey: [{ask: SERVICE}]}
"""


def guest(steps, patience, engine, more="", times=(0,), service="serve", **settings):
    chain = CHAIN.replace("STEPS", steps).replace("PATIENCE", str(patience)).replace("TIMES", str(list(times)))
    return happened(chain.replace("SERVICE", service) + more, engine, **settings)


@pytest.mark.parametrize(
    ("patience", "left"),
    [
        # attended 0..3, held 3..7, attended 7..8, held 8..12, attended 12..13
        (0, 3),
        (2, 3),
        (3, 3),  # at 3 the work ends first, and then the guest is held
        (5, 5),
        (7, 8),  # at 7 the answer is first: attended until 8
        (7.5, 8),
        (10, 10),
        (12, 13),
        (20, 13),
    ],
)
def test_at_the_deadline_or_the_next_moment_of_waiting(engine, patience, left):
    result = guest("{work: 3}, {ask: check}, {work: 1}, {ask: check}, {work: 1}", patience, engine)
    assert column(result, "left") == [left]
    assert column(result, "outcome") == ["finished" if left == 13 else "abandoned"]
    assert requests(result, "outcome", "serve") == ["finished" if left == 13 else "abandoned"]


def test_patience_zero_leaves_a_held_server_at_once(engine):
    assert column(guest("{pause: 4}, {work: 1}", 0, engine), "left") == [0]


def test_a_gap_of_no_time_is_no_waiting(engine):
    # held for an instant at 3, while the expert nods
    result = guest("{work: 3}, {ask: nod}, {work: 3}", 1, engine)
    assert column(result, "outcome") == ["finished"]
    assert column(result, "left") == [6]


def test_in_line_it_ends_as_ever(engine):
    result = guest("{work: 6}", 2, engine, times=[0, 1])
    assert column(result, "left") == [6, 3]


def test_it_counts_from_the_asking_and_not_from_the_beginning(engine):
    # the first is answered at 7, its deadline; the second in line 1..7, attended 7..13, held from 13 on: not 7 + 7
    result = guest("{work: 6}, {pause: 1}", 7, engine, times=[0, 1])
    assert column(result, "left") == [7, 13]


def test_when_answered_nothing_is_left_of_it(engine):
    result = guest("{work: 1}, reply, {pause: 9}", 5, engine, customers=None, until=20)
    assert column(result, "outcome") == ["finished"]
    assert requests(result, "ended", "serve") == [10]


def test_the_customer_s_own_time_is_no_waiting(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 1}]}}
        customers:
          guest: {arrivals: "at([0])", patience: 2, patience_covers: wait,
                  journey: [{ask: serve}, {pause: 9}, {ask: serve}]}
        """,
        engine,
    )
    assert column(result, "left") == [11]


def test_a_step_s_own_patience_covers_the_same(engine):
    chain = CHAIN.replace("STEPS", "{work: 1}, {pause: 9}").replace("PATIENCE", "9").replace("TIMES", "[0]")
    result = happened(chain.replace("{ask: SERVICE}", "{ask: serve, patience: 4}"), engine)
    assert column(result, "left") == [4]


def test_a_hand_off_draws_a_new_deadline(engine):
    # the first deadline is 3; handed off at 2 it is 5, and the back works out of sight: held
    result = guest("{work: 2}, {hand_off: check}", 3, engine)
    assert column(result, "left") == [5]
    assert requests(result, "outcome", "serve") == ["handed_off"]
    assert requests(result, "outcome", "check") == ["abandoned"]


LAST = '  last: {arrivals: "at([1])", journey: [{ask: %s}]}\n'


def test_who_works_out_of_sight_is_released(engine):
    result = guest("", 3, engine, LAST % "check", service="check")
    assert column(result, "left", "guest") == [3]
    assert column(result, "left", "last") == [7]


def test_a_held_server_takes_its_next_at_once_and_what_it_asked_for_goes_on(engine):
    result = guest("{work: 1}, {ask: check}, {work: 1}", 3, engine, LAST % "brief", customers=None, until=20)
    assert column(result, "left") == [3, 5]
    assert requests(result, "ended", "check") == [5]
    assert requests(result, "outcome", "check") == ["finished"]


def test_what_it_asked_for_is_withdrawn_if_not_begun(engine):
    more = '  other: {arrivals: "at([0])", journey: [{ask: check}]}\n'
    result = guest("{work: 1}, {ask: check}, {work: 1}", 3, engine, more, customers=None, until=20)
    # the back works for the other 0..4
    assert column(result, "left", "guest") == [3]
    assert sorted(requests(result, "outcome", "check")) == ["finished", "withdrawn"]
    assert result.value("services.check.withdrawn.mean") == 1
    assert result.value("actors.back.busy.mean") == pytest.approx(4 / 20)


def test_what_goes_on_unattended_goes_on_to_its_end(engine):
    more = '  other: {arrivals: "at([0])", journey: [{ask: decide}]}\n'
    more += '  second: {arrivals: "at([0.5])", journey: [{ask: decide}]}\n'
    result = guest("{ask: deep check}", 2, engine, more, customers=None, until=20)
    # the check 0..1 asks the expert, in line behind two, and the guest leaves at 2: it waits until 8 all the same
    assert column(result, "left", "guest") == [2]
    assert requests(result, "ended", "deep check") == [13]
    assert sorted(requests(result, "ended", "decide")) == [4, 8, 12]


def test_both_branches_of_a_held_server(engine):
    more = '  other: {arrivals: "at([0])", journey: [{ask: decide}]}\n'
    steps = "{together: [[{ask: check}], [{ask: decide}]]}, {work: 1}"
    result = guest(steps, 2, engine, more, times=[0.5], customers=None, until=20)
    assert column(result, "left", "guest") == [2.5]
    assert requests(result, "outcome", "check") == ["finished"]
    assert requests(result, "outcome", "decide") == ["finished", "withdrawn"]


def test_what_was_told_goes_on(engine):
    result = guest("{tell: check}, {pause: 9}", 1, engine, customers=None, until=20)
    assert column(result, "left") == [1]
    assert requests(result, "ended", "check") == [4]


BOX = """
actors: {box: {lane: system, capacity: 1, failures: {every: 10, lasts: 3, STOPS}}}
services: {serve: {by: box, steps: [{work: 4}]}}
customers:
  guest: {arrivals: "at([8])", patience: PATIENCE, patience_covers: COVERS, journey: [{ask: serve}]}
  last: {arrivals: "at([12])", journey: [{ask: serve}]}
"""


@pytest.mark.parametrize("stops", ["stops: all", "stops: one"])
@pytest.mark.parametrize(
    ("covers", "patience", "left", "last"),
    [
        # works 8..10, down 10..13
        ("queueing", 3, 15, 19),
        ("wait", 1, 10, 17),
        ("wait", 2, 10, 17),
        ("wait", 3, 11, 17),
        ("wait", 5, 15, 19),  # at 13 the box is back first
        ("wait", 6, 15, 19),
    ],
)
def test_patience_ends_during_a_failure(engine, stops, covers, patience, left, last):
    chain = BOX.replace("STOPS", stops).replace("COVERS", covers).replace("PATIENCE", str(patience))
    result = happened(chain, engine)
    assert column(result, "left") == [left, last]


def test_who_gives_up_while_held_has_been_held(engine):
    result = guest("{work: 1}, {ask: check}", 3, engine)
    assert [column(result, name) for name in ("queueing", "held", "attended")] == [[0], [2], [1]]
    assert result.value("customers.guest.abandoned_share.mean") == 1
    assert result.value("customers.guest.begun.mean") == 1
    assert result.value("services.serve.begun.mean") == 1
