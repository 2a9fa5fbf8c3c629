"""Branches side by side in a journey: how many are needed, what becomes of the others, and whose time it is."""

import pytest

from timelines import column, happened, requests

CHAIN = """
actors:
  desk: {lane: contact, staff: unlimited}
  back: {lane: backstage, staff: unlimited}
  clerk: {lane: contact, staff: 1}
services:
  two: {by: desk, steps: [{work: 2}]}
  five: {by: desk, steps: [{work: 5}]}
  nine: {by: desk, steps: [{work: 9}]}
  unseen five: {by: back, steps: [{work: 5}]}
  four by the clerk: {by: clerk, steps: [{work: 4}]}
  two and five: {by: desk, steps: [{work: 2}, {hand_off: five}]}
customers:
  guest: {arrivals: "at([0])", journey: [%s]}
"""
BUSY = '  early: {arrivals: "at([0])", priority: 0, journey: [{ask: four by the clerk}]}\n'
TWO_FIVE_NINE = "{together: [[{ask: two}], [{ask: five}], [{ask: nine}]]%s}"


def journey(steps, engine, more="", **settings):
    return happened(CHAIN % steps + more, engine, **settings)


def left(result):
    [time] = column(result, "left", "guest")
    return time


@pytest.mark.parametrize(
    ("need", "expected"),
    [("", 9), (", need: all", 9), (", need: any", 2), (", need: 1", 2), (", need: 2", 5), (", need: 3", 9)],
)
def test_it_goes_on_when_enough_are_done(engine, need, expected):
    assert left(journey(TWO_FIVE_NINE % need, engine)) == expected


def test_what_is_no_longer_needed_goes_on_like_a_tell(engine):
    result = journey(TWO_FIVE_NINE % ", need: any", engine, customers=None, until=20)
    assert [requests(result, "ended", name) for name in ("two", "five", "nine")] == [[2], [5], [9]]
    assert requests(result, "outcome", "nine") == ["finished"]


WITH_THE_CLERK = "{together: [[{ask: two}], [{ask: four by the clerk}]], need: any}"
LAST = '  last: {arrivals: "at([3])", journey: [{ask: four by the clerk}]}\n'


def test_what_has_begun_keeps_its_server(engine):
    result = journey(WITH_THE_CLERK, engine, LAST)
    assert left(result) == 2
    assert column(result, "left", "last") == [8]
    assert requests(result, "outcome", "four by the clerk") == ["finished", "finished"]


def test_what_has_not_begun_is_withdrawn(engine):
    chain = (CHAIN % WITH_THE_CLERK).replace("customers:\n", "customers:\n" + BUSY) + LAST
    result = happened(chain, engine)
    # the clerk has another until 4, and then takes the last
    assert left(result) == 2
    assert column(result, "left", "last") == [8]
    assert sorted(requests(result, "outcome", "four by the clerk")) == ["finished", "finished", "withdrawn"]
    assert result.value("services.four by the clerk.withdrawn.mean") == 1
    assert column(result, "queueing", "guest") == [0]  # attended meanwhile


def test_a_branch_no_longer_needed_takes_no_further_step(engine):
    steps = "{together: [[{ask: two}], [{ask: five}, {ask: nine}], [{work: 1}, {ask: five}, {work: 9}]], need: any}"
    result = journey(steps, engine, customers=None, until=20)
    assert left(result) == 2
    assert requests(result, "ended", "five") == [5, 6]
    assert requests(result, "asked", "nine") == []


@pytest.mark.parametrize("own", ["work", "pause"])
def test_what_the_customer_does_alone_is_broken_off(engine, own):
    result = journey(f"{{together: [[{{{own}: 10}}], [{{ask: two}}]], need: any}}, {{work: 3}}", engine)
    assert left(result) == 2 + 3
    assert column(result, "own", "guest") == [3]


def test_a_customer_can_do_several_things_alone(engine):
    result = journey("{together: [[{work: 3}], [{pause: 5}, {work: 1}]]}", engine)
    assert left(result) == 6
    assert column(result, "own") == [6]


@pytest.mark.parametrize(
    ("branches", "more", "expected"),
    [
        # queueing, held, attended, own
        ("[{ask: two}], [{work: 5}]", "", (0, 0, 2, 3)),
        ("[{ask: two}], [{ask: unseen five}]", "", (0, 3, 2, 0)),
        ("[{ask: unseen five}], [{work: 8}]", "", (0, 5, 0, 3)),
        # in the clerk's line 0..4
        ("[{ask: four by the clerk}], [{ask: two}]", BUSY, (2, 0, 6, 0)),
        ("[{ask: four by the clerk}], [{ask: unseen five}]", BUSY, (0, 4, 4, 0)),
        ("[{ask: four by the clerk}], [{work: 10}]", BUSY, (4, 0, 4, 2)),
        ("[{tell: five}], [{work: 1}]", "", (0, 0, 0, 1)),
    ],
)
def test_the_best_of_the_branches_is_the_customer_s_state(engine, branches, more, expected):
    result = happened((CHAIN % f"{{together: [{branches}]}}").replace("customers:\n", "customers:\n" + more), engine)
    assert tuple(column(result, name, "guest")[0] for name in ("queueing", "held", "attended", "own")) == expected


def test_branches_start_in_the_order_written(engine):
    result = journey("{together: [[{ask: four by the clerk}, {work: 1}], [{ask: four by the clerk}]]}", engine)
    assert requests(result, "begun", "four by the clerk") == [0, 4]
    assert left(result) == 8


def test_the_next_request_begins_before_the_customer_goes_on(engine):
    # at 4 the clerk takes the second branch's request, and then the first branch is done: it has begun
    steps = "{together: [[{ask: four by the clerk}], [{ask: four by the clerk}]], need: any}"
    result = journey(steps, engine, customers=None, until=20)
    assert left(result) == 4
    assert requests(result, "outcome", "four by the clerk") == ["finished", "finished"]


def test_no_branch_starts_when_enough_are_done(engine):
    result = journey("{together: [[], [{ask: nine}]], need: any}, {ask: two}", engine, customers=None, until=20)
    assert left(result) == 2
    assert requests(result, "asked", "nine") == []


def test_an_empty_branch_is_done_at_once(engine):
    assert left(journey("{together: [[], [{ask: five}], [{ask: two}]], need: 2}", engine)) == 2
    assert left(journey("{together: [[]]}", engine)) == 0


NESTED = "{together: [[{together: [[{ask: two}], [{ask: nine}]], need: any}, {ask: five}], [{ask: five}]]%s}"


def test_together_in_together(engine):
    # the inner one is done at 2, and its branch at 7
    assert left(journey(NESTED % "", engine)) == 7
    result = journey(NESTED % ", need: any", engine, customers=None, until=20)
    assert left(result) == 5
    assert requests(result, "ended", "five") == [5, 7]


def test_what_is_inside_a_branch_no_longer_needed_ends_too(engine):
    steps = (
        "{together: [[{ask: two}], [{together: [[{work: 9}], [{ask: five}, {ask: nine}]]}, {ask: nine}]], need: any}"
    )
    result = journey(steps, engine, customers=None, until=20)
    assert left(result) == 2
    assert requests(result, "ended", "five") == [5]
    assert requests(result, "asked", "nine") == []


@pytest.mark.parametrize(("need", "expected", "ended"), [("all", 15, [5, 10, 15]), ("any", 6, [5, 7, 9])])
def test_in_a_loop_every_round_begins_anew(engine, need, expected, ended):
    steps = f"{{repeat: [{{together: [[{{ask: two}}], [{{ask: five}}]], need: {need}}}], times: 3}}"
    result = journey(steps, engine, customers=None, until=30)
    assert left(result) == expected
    assert requests(result, "ended", "five") == ended


def test_a_loop_in_a_branch(engine):
    steps = "{together: [[{repeat: [{ask: two}], times: 3}], [{chance: 1, then: [{ask: five}], else: [{ask: nine}]}]]}"
    assert left(journey(steps, engine)) == 6


def test_a_branch_is_done_when_what_was_handed_off_is(engine):
    assert left(journey("{together: [[{ask: two and five}], [{ask: two}]]}", engine)) == 7
    # broken off at 6, when the second half has begun
    result = journey("{together: [[{ask: two and five}], [{work: 6}]], need: any}", engine, customers=None, until=20)
    assert left(result) == 6
    assert requests(result, "ended", "five") == [7]


def test_a_handed_off_request_no_longer_needed_is_still_handed_off(engine):
    # broken off at 1: it goes on like a tell
    result = journey("{together: [[{ask: two and five}], [{work: 1}]], need: any}", engine, customers=None, until=20)
    assert left(result) == 1
    assert requests(result, "begun", "five") == [2]
    assert requests(result, "ended", "five") == [7]
