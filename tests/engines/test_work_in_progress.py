"""The table of what happens to work in progress: one test for each of its cells, every number worked out by hand.

The first visitor's service brings the server into the state that heads the column; the numbers are the instants
at which each service ends (wrap-up included), not those at which the visitors leave.
"""

import pytest

from rosters import roster
from timelines import column, happened, requests

SERVICES = """
  working: {by: desk, steps: [{work: 6}]}
  held: {by: desk, steps: [{work: 1}, {ask: check}, {work: 1}]}
  pausing: {by: desk, steps: [{work: 1}, {pause: 6}, {work: 1}]}
  wrap-up: {by: desk, steps: [{work: 1}, reply, {work: 5}]}
  check: {by: back, steps: [{work: 6}]}
  other: {by: desk, steps: [{work: 6}]}
"""

STAFF_FALLS = (
    "actors:\n  desk: {lane: contact, shifts: "
    + roster({0: 2, 4: 1})
    + """, at_shift_end: END}
  back: {lane: backstage, staff: unlimited}
services:"""
    + SERVICES
    + """
customers:
  one: {arrivals: "at(TIMES)", journey: [{ask: CELL}]}
  last: {arrivals: "at([5])", journey: [{ask: other}]}
"""
)


@pytest.mark.parametrize(
    ("cell", "end", "ended", "last", "overtime"),
    [
        # 0..6 and 2..8; the last begins when both have ended
        ("working", "finish", [6, 8], 14, 2),
        # at 4 the second has 4 left: 6..10
        ("working", "stop", [6, 10], 16, 0),
        # works 0..1, held 1..7, works 7..8; works 2..3, held 3..9, works 9..10
        ("held", "finish", [8, 10], 16, 4),
        # at 4 the second has no server any more; at 8 the last takes the only one and the second, answered at 9,
        # stands in line until 14
        ("held", "stop", [8, 15], 14, 0),
        ("pausing", "finish", [8, 10], 16, 4),
        ("pausing", "stop", [8, 15], 14, 0),
        # wrap-up 1..6 and 3..8
        ("wrap-up", "finish", [6, 8], 14, 2),
        ("wrap-up", "stop", [6, 8], 14, 2),
    ],
)
def test_staff_falls(engine, cell, end, ended, last, overtime):
    chain = STAFF_FALLS.replace("END", end).replace("TIMES", "[0, 2]").replace("CELL", cell)
    result = happened(chain, engine, customers=None, until=30)
    assert requests(result, "ended", cell) == ended
    assert requests(result, "ended", "other") == [last]
    assert result.value("actors.desk.overtime.mean") == overtime


@pytest.mark.parametrize("end", ["finish", "stop"])
def test_staff_falls_and_who_is_idle_leaves(engine, end):
    # the second server has nothing to do at 4; the last waits for the first, 0..6
    chain = STAFF_FALLS.replace("END", end).replace("TIMES", "[0]").replace("CELL", "working")
    result = happened(chain, engine, customers=None, until=30)
    assert requests(result, "ended", "other") == [12]
    assert result.value("actors.desk.overtime.mean") == 0


FAILS = """
actors:
  desk: {lane: system, capacity: 1, failures: {every: 10, lasts: 3, HOW}}
  back: {lane: backstage, staff: unlimited}
services:
  working: {by: desk, steps: [{work: 4}]}
  held briefly: {by: desk, steps: [{work: 1}, {ask: brief check}, {work: 1}]}
  held long: {by: desk, steps: [{work: 1}, {ask: long check}, {work: 1}]}
  pausing briefly: {by: desk, steps: [{work: 1}, {pause: 2}, {work: 1}]}
  pausing long: {by: desk, steps: [{work: 1}, {pause: 6}, {work: 1}]}
  wrap-up: {by: desk, steps: [{work: 1}, reply, {work: 4}]}
  brief check: {by: back, steps: [{work: 2}]}
  long check: {by: back, steps: [{work: 6}]}
  other: {by: desk, steps: [{work: 5}]}
customers:
  one: {arrivals: "at([8])", journey: [{ask: CELL}]}
  last: {arrivals: "at([12])", journey: [{ask: other}]}
"""
ALL, RESTART = "stops: all, after: resume", "stops: all, after: restart"
ONE, ONE_RESTART = "stops: one, after: resume", "stops: one, after: restart"


@pytest.mark.parametrize(
    ("cell", "how", "ended", "last"),
    [
        # down 10..13, and next at 23. Works 8..10, and the other 2 of 4, or all 4, from 13
        ("working", ALL, 15, 20),
        ("working", RESTART, 17, 22),
        ("working", ONE, 15, 20),
        ("working", ONE_RESTART, 17, 22),
        # answered at 11, goes on at 13; also where it has to join the line, at 11, before the last
        ("held briefly", ALL, 14, 19),
        ("held briefly", RESTART, 14, 19),
        ("held briefly", ONE, 14, 19),
        ("held briefly", ONE_RESTART, 14, 19),
        # answered at 15; with `one` it has lost its server, and the last has it 13..18
        ("held long", ALL, 16, 21),
        ("held long", RESTART, 16, 21),
        ("held long", ONE, 19, 18),
        ("held long", ONE_RESTART, 19, 18),
        ("pausing briefly", ALL, 14, 19),
        ("pausing briefly", RESTART, 14, 19),
        ("pausing briefly", ONE, 14, 19),
        ("pausing long", ALL, 16, 21),
        ("pausing long", RESTART, 16, 21),
        ("pausing long", ONE, 19, 18),
        # wrap-up from 9, 1 of 4 done at 10
        ("wrap-up", ALL, 16, 21),
        ("wrap-up", RESTART, 17, 22),
        ("wrap-up", ONE, 16, 21),
        ("wrap-up", ONE_RESTART, 17, 22),
    ],
)
def test_a_system_fails(engine, cell, how, ended, last):
    result = happened(FAILS.replace("HOW", how).replace("CELL", cell), engine)
    assert requests(result, "ended", cell) == [ended]
    assert requests(result, "ended", "other") == [last]


@pytest.mark.parametrize("how", [ALL, RESTART, ONE, ONE_RESTART])
def test_an_idle_system_that_fails_begins_nothing(engine, how):
    result = happened(FAILS.replace("HOW", how).replace("[8]", "[]").replace("CELL", "working"), engine)
    assert requests(result, "begun", "other") == [13]
    assert column(result, "queueing") == [1]


PRE_EMPTED = (
    """
actors:
  desk: {lane: contact, staff: 1, preempt: true}
  back: {lane: backstage, staff: unlimited}
services:"""
    + SERVICES
    + """
customers:
  one: {arrivals: "at([0])", journey: [{ask: CELL}]}
  urgent: {arrivals: "at([3])", priority: 0, journey: [{ask: other}]}
"""
)


@pytest.mark.parametrize(
    ("cell", "ended", "urgent"),
    [
        ("working", 12, 9),  # 0..3 and 9..12
        ("held", 14, 13),  # held 1..7, so urgent waits until it would work again: 7..13, then the last of its work
        ("pausing", 14, 13),
        ("wrap-up", 12, 9),  # wrap-up 1..3, and the other 3 of 5 from 9
    ],
)
def test_pre_empted(engine, cell, ended, urgent):
    result = happened(PRE_EMPTED.replace("CELL", cell), engine, customers=None, until=30)
    assert requests(result, "ended", cell) == [ended]
    assert requests(result, "ended", "other") == [urgent]


def test_an_idle_server_is_taken_before_anybody_is_interrupted(engine):
    chain = PRE_EMPTED.replace("CELL", "working").replace("staff: 1", "staff: 2")
    assert column(happened(chain, engine), "left") == [6, 9]


PATIENCE_ENDS = (
    """
actors:
  desk: {lane: contact, staff: 1}
  back: {lane: backstage, staff: unlimited}
services:"""
    + SERVICES
    + """
customers:
  one: {arrivals: "at([0])", patience: 3, patience_covers: COVERS, journey: [{ask: CELL}]}
  last: {arrivals: "at([1])", journey: [{ask: other}]}
"""
)


@pytest.mark.parametrize(
    ("cell", "covers", "outcome", "left", "last"),
    [
        ("working", "queueing", "finished", 6, 12),
        ("working", "wait", "finished", 6, 12),
        ("held", "queueing", "finished", 8, 14),
        ("held", "wait", "abandoned", 3, 9),  # and the server is free at once
        ("pausing", "queueing", "finished", 8, 14),
        ("pausing", "wait", "abandoned", 3, 9),
        ("wrap-up", "queueing", "finished", 1, 12),  # answered at 1, the server works until 6
        ("wrap-up", "wait", "finished", 1, 12),
    ],
)
def test_patience_ends(engine, cell, covers, outcome, left, last):
    result = happened(PATIENCE_ENDS.replace("COVERS", covers).replace("CELL", cell), engine)
    assert column(result, "outcome", "one") == [outcome]
    assert column(result, "left", "one") == [left]
    assert column(result, "left", "last") == [last]


@pytest.mark.parametrize("covers", ["queueing", "wait"])
def test_a_server_that_is_free_when_patience_ends_begins(engine, covers):
    # the second's patience ends at 6, when the first's work does
    chain = PATIENCE_ENDS.replace("COVERS", covers).replace("CELL", "working").replace("[0]", "[0, 3]")
    chain = chain.replace('"at([1])"', '"at([])"')
    result = happened(chain, engine)
    assert column(result, "outcome") == ["finished", "finished"]
    assert column(result, "left") == [6, 12]
