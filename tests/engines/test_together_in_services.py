"""Branches side by side in a service: the server works in one of them at most, and is held while it does not."""

import pytest

from timelines import column, happened, requests

CHAIN = """
actors:
  desk: {lane: contact, staff: 1, preempt: true FAILS}
  back: {lane: backstage, staff: BACK}
services:
  serve: {by: desk, steps: [{together: BRANCHES}, {work: 1}]}
  rush: {by: desk, steps: [{work: 5}]}
  six: {by: back, steps: [{work: 6}]}
  two: {by: back, steps: [{work: 2}]}
customers:
  guest: {arrivals: "at([START])", journey: [{ask: serve}]}
"""


def serve(branches, engine, more="", back="unlimited", fails="", start=0, **settings):
    chain = CHAIN.replace("BRANCHES", branches).replace("BACK", back).replace("FAILS", fails)
    return happened(chain.replace("START", str(start)) + more, engine, **settings)


@pytest.mark.parametrize(
    ("branches", "attended", "held"),
    [
        ("[[{work: 4}], [{ask: six}]]", 4 + 1, 2),
        ("[[{work: 8}], [{ask: six}]]", 8 + 1, 0),
        ("[[{work: 4}], [{ask: six}]], need: any", 4 + 1, 0),
        ("[[{work: 8}], [{ask: six}]], need: any", 6 + 1, 0),  # the rest of the work is broken off
        ("[[{pause: 8}], [{ask: six}]], need: any", 1, 6),
        ("[[{pause: 1}, {work: 2}], [{ask: six}]]", 2 + 1, 1 + 3),
        ("[[{ask: two}], [{ask: six}]]", 1, 6),
        ("[[{ask: two}, {ask: two}], [{ask: six}]], need: any", 1, 4),
        ("[[{work: 3}], [{ask: two}], [{ask: six}]], need: 2", 3 + 1, 0),
    ],
)
def test_the_server_works_or_is_held(engine, branches, attended, held):
    result = serve(branches, engine)
    assert column(result, "attended") == [attended]
    assert column(result, "held") == [held]
    assert column(result, "left") == [attended + held]


def test_the_server_s_time(engine):
    result = serve("[[{work: 4}], [{ask: six}]]", engine, customers=None, until=10)
    # works 0..4 and 6..7
    assert result.value("actors.desk.working.mean") == pytest.approx(0.5)
    assert result.value("actors.desk.held.mean") == pytest.approx(0.2)
    assert result.value("actors.desk.idle.mean") == pytest.approx(0.3)


def test_what_is_no_longer_needed_is_withdrawn_or_goes_on(engine):
    branches = "[[{work: 1}], [{ask: six}], [{ask: two}]], need: any"
    result = serve(branches, engine, back="1", customers=None, until=20)
    assert column(result, "left") == [2]
    assert requests(result, "ended", "six") == [6]
    assert requests(result, "outcome", "six") == ["finished"]
    assert requests(result, "outcome", "two") == ["withdrawn"]
    assert result.value("actors.back.busy.mean") == pytest.approx(6 / 20)


URGENT = '  urgent: {arrivals: "at([%s])", priority: 0, journey: [{ask: rush}]}\n'


def test_the_work_is_interrupted_and_what_was_asked_goes_on(engine):
    result = serve("[[{work: 4}], [{ask: six}]]", engine, URGENT % 2)
    # works 0..2, urgent 2..7, works 7..9 and, answered since 6, 9..10
    assert column(result, "left", "urgent") == [7]
    assert column(result, "left", "guest") == [10]
    assert requests(result, "ended", "six") == [6]


def test_who_is_held_in_all_branches_is_not_interrupted(engine):
    result = serve("[[{work: 4}], [{ask: six}]]", engine, URGENT % 5)
    # held 4..6; it would work again at 6, and is interrupted then: 6..11, 11..12
    assert column(result, "left", "urgent") == [11]
    assert column(result, "left", "guest") == [12]


def test_an_answer_that_comes_while_the_work_is_put_back_breaks_it_off(engine):
    result = serve("[[{work: 9}], [{ask: six}]], need: any", engine, URGENT % 4)
    # urgent 4..9; answered at 6, so the rest of the 9 is not needed; the server is there again at 9
    assert column(result, "left", "urgent") == [9]
    assert column(result, "left", "guest") == [10]


@pytest.mark.parametrize(
    ("branches", "left"),
    [
        # down 10..13: works 8..10 and 13..15, answered meanwhile or at 14
        ("[[{work: 4}], [{ask: two}]]", 16),
        ("[[{work: 4}], [{ask: six}]]", 16),
        # answered at 12, so the rest of the 9 is not needed; it goes on at 13
        ("[[{work: 9}], [{ask: two}, {ask: two}]], need: any", 14),
    ],
)
def test_a_failure_meanwhile(engine, branches, left):
    result = serve(branches, engine, fails=", failures: {every: 10, lasts: 3}", start=8)
    assert column(result, "left") == [left]
