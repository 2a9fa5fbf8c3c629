"""Work that is put back: its place in the line, what is left of it, and whose time it is."""

import pytest

from rosters import roster
from timelines import column, happened, requests

# a request of each priority, by one desk that may be interrupted
PRIORITIES = """
actors: {desk: {lane: contact, staff: %s, preempt: true}}
services: {serve: {by: desk, steps: [{work: 6}]}, brief: {by: desk, steps: [{work: 2}]}}
customers:
"""
SHIFTS = "actors: {desk: {lane: contact, shifts: %s, at_shift_end: stop}}\n"
SERVE = "services: {serve: {by: desk, steps: [{work: 6}]}}\ncustomers:\n"


def guest(name, times, service="serve", more=""):
    return f'  {name}: {{arrivals: "at({times})", {more} journey: [{{ask: {service}}}]}}\n'


def test_it_keeps_its_first_place_in_the_line(engine):
    chain = PRIORITIES % 1 + guest("first", [0]) + guest("second", [1], "brief")
    result = happened(chain + guest("urgent", [3], "brief", "priority: 0,"), engine)
    # first 0..3, urgent 3..5, first again 5..8, and only then the second, who has stood in line since 1
    assert [column(result, "left", name) for name in ("first", "urgent", "second")] == [[8], [5], [10]]


def test_it_keeps_its_priority(engine):
    chain = PRIORITIES % 1 + guest("slow", [0], more="priority: 2,") + guest("normal", [4], "brief")
    result = happened(chain + guest("urgent", [3], "brief", "priority: 0,"), engine)
    # slow 0..3, urgent 3..5, normal 5..7, slow again 7..10
    assert [column(result, "left", name) for name in ("slow", "urgent", "normal")] == [[10], [5], [7]]


def test_the_time_in_line_again_is_held_and_not_queueing(engine):
    chain = PRIORITIES % 1 + guest("first", [0]) + guest("urgent", [3], "brief", "priority: 0,")
    result = happened(chain, engine)
    # put back 3..5, and nothing of it before the first beginning
    assert column(result, "queueing") == [0, 0]
    assert column(result, "held") == [2, 0]
    assert column(result, "attended") == [6, 2]
    assert requests(result, "begun", "serve") == [0]


def test_what_was_put_back_can_be_put_back_again(engine):
    chain = PRIORITIES % 1 + guest("first", [0]) + guest("urgent", [2, 6], "brief", "priority: 0,")
    result = happened(chain, engine)
    # first 0..2, urgent 2..4, first 4..6, urgent 6..8, first 8..10
    assert column(result, "left", "first") == [10]
    assert column(result, "left", "urgent") == [4, 8]


def test_one_interrupts_who_interrupts_another(engine):
    chain = PRIORITIES % 1 + guest("slow", [0], more="priority: 2,") + guest("normal", [2])
    result = happened(chain + guest("urgent", [4], "brief", "priority: 0,"), engine)
    # slow 0..2, normal 2..4, urgent 4..6; then normal's 4 left, 6..10, and slow's 4, 10..14
    assert [column(result, "left", name) for name in ("slow", "normal", "urgent")] == [[14], [10], [6]]


def test_a_shift_puts_back_what_was_put_back_before(engine):
    chain = PRIORITIES.replace("staff: %s", "shifts: " + roster({0: 1, 5: 0, 7: 1}) + ", at_shift_end: stop")
    result = happened(chain + guest("first", [0]) + guest("urgent", [2], "brief", "priority: 0,"), engine)
    # first 0..2, urgent 2..4, first 4..5, nobody there 5..7, and the last 3 of 6
    assert column(result, "left", "first") == [10]
    assert column(result, "held", "first") == [4]


def test_who_was_resumed_last_counts_as_who_began_last(engine):
    chain = PRIORITIES.replace("staff: %s", "shifts: " + roster({0: 2, 5: 1}) + ", at_shift_end: stop")
    chain += guest("slow", [0], more="priority: 2,") + guest("normal", [1])
    result = happened(chain + guest("urgent", [2], "brief", "priority: 0,"), engine)
    # urgent takes slow's server, 2..4; slow has it again at 4, later than normal took the other at 1. So at 5 slow
    # is put back, with 6 - 2 - 1 left; normal 1..7, slow 7..10
    assert column(result, "left", "normal") == [7]
    assert column(result, "left", "slow") == [10]


def test_no_staff_and_staff_again(engine):
    result = happened(SHIFTS % roster({0: 1, 3: 0, 8: 1}) + SERVE + guest("guest", [0, 1, 9]), engine)
    # the first 0..3 and 8..11, then those who came later
    assert column(result, "left") == [11, 17, 23]
    assert column(result, "held") == [5, 0, 0]
    assert column(result, "queueing") == [0, 10, 8]


def test_all_are_put_back_and_resumed_in_the_order_of_asking(engine):
    result = happened(SHIFTS % roster({0: 3, 3: 0, 8: 1}) + SERVE + guest("guest", [0, 1, 2]), engine)
    # 3, 4 and 5 are left: 8..11, 11..15, 15..20
    assert column(result, "left") == [11, 15, 20]


def test_patience_is_not_drawn_again(engine):
    chain = PRIORITIES % 1 + guest("first", [0], more="patience: 1,")
    result = happened(chain + guest("urgent", [3], "brief", "priority: 0,"), engine)
    # in line again 3..5, longer than its patience: but it has begun
    assert column(result, "outcome", "first") == ["finished"]
    assert column(result, "left", "first") == [8]


@pytest.mark.parametrize(("patience", "left"), [(2, 3), (3, 3), (4, 4), (5, 8)])
def test_patience_that_covers_the_wait_ends_in_line(engine, patience, left):
    # in line again 3..5. A deadline at 2 finds the first attended: the next moment to leave is 3. The urgent one
    # ends at 5, and then the first works again, before the deadline that ends at 5
    chain = PRIORITIES % 1 + guest("first", [0], more=f"patience: {patience}, patience_covers: wait,")
    result = happened(
        chain + guest("urgent", [3], "brief", "priority: 0,") + guest("last", [4], "brief"),
        engine,
    )
    assert column(result, "left", "first") == [left]
    # who has left stands in nobody's way any more
    assert column(result, "left", "last") == [10 if left == 8 else 7]
    assert requests(result, "outcome", "serve") == ["finished" if left == 8 else "abandoned"]


def test_the_line_s_length_counts_what_was_put_back(engine):
    chain = PRIORITIES % 1 + guest("first", [0]) + guest("second", [1], "brief")
    result = happened(chain + guest("urgent", [3], "brief", "priority: 0,"), engine, customers=None, until=10)
    # the second 1..8, the first 3..5
    assert result.value("actors.desk.queue_length.mean.mean") == (7 + 2) / 10
    assert result.value("actors.desk.queue_length.max.mean") == 2


def test_who_rejoins_the_line_after_the_shift_counts_when_they_rejoin(engine):
    chain = "actors: {desk: {lane: contact, shifts: " + roster({0: 2, 2: 1}) + ", at_shift_end: stop},"
    chain += """ back: {lane: backstage, staff: unlimited}}
services:
  serve: {by: desk, steps: [{ask: check}, {work: 1}]}
  long: {by: desk, steps: [{work: 9}]}
  check: {by: back, steps: [{work: 4}]}
customers:
"""
    result = happened(chain + guest("a", [0], "long") + guest("b", [1]), engine, customers=None, until=10)
    # b is held 1..5, its server leaves at 2, and it is in line 5..9
    assert result.value("actors.desk.queue_length.mean.mean") == 4 / 10
    assert column(result, "held", "b") == [8]
