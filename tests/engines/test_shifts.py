"""Shifts: who begins when staff comes and goes, what happens at the very minute, and what overtime costs."""

import pytest

from rosters import roster
from timelines import column, happened, requests

DESK = """
actors: {{desk: {{lane: contact, shifts: {shifts}, at_shift_end: {end}, wage: 60}}}}
services: {{serve: {{by: desk, steps: [{{work: {work}}}]}}}}
customers: {{guest: {{arrivals: "at({times})", {more} journey: [{{ask: serve}}]}}}}
"""


def desk(levels, times, engine, work=2, end="finish", more="", **settings):
    chain = DESK.format(shifts=roster(levels), end=end, work=work, times=times, more=more)
    return happened(chain, engine, **settings)


def test_one_then_three_then_one(engine):
    # 0..2 by the first, and 1..3 by the two who come at 1; they leave when they have finished
    assert column(desk({0: 1, 1: 3, 2: 1}, [0, 0, 0], engine), "left") == [2, 3, 3]


def test_two_of_three_leave_and_nobody_begins_before_the_last_has_finished(engine):
    # busy until 5, 6 and 7; staff falls to 1 at 4, and at 6 one is still busy
    result = desk({0: 3, 4: 1}, [0, 1, 2, 3], engine, work=5)
    assert requests(result, "begun", "serve") == [0, 1, 2, 7]


def test_overtime_and_what_it_costs(engine):
    result = desk({0: 3, 4: 1}, [0, 1, 2, 3], engine, work=5, customers=None, until=12)
    # on duty 3 * 4 + 1 * 8; three busy 4..5, two 5..6, one 6..12; 60 an hour is 1 a minute
    assert result.value("actors.desk.on_duty.mean") == pytest.approx(20 / 12)
    assert result.value("actors.desk.overtime.mean") == 3
    assert result.value("actors.desk.cost.mean") == pytest.approx(20 + 3)
    assert result.value("actors.desk.busy.mean") == pytest.approx(20 / 12)
    # on duty they are idle for 2 in 0..1 and 1 in 1..2
    assert result.value("actors.desk.working.mean") == pytest.approx(17 / 20)
    assert result.value("actors.desk.idle.mean") == pytest.approx(3 / 20)


def test_doors_open(engine):
    result = desk({0: 0, 5: 2}, [0, 1, 3], engine)
    assert requests(result, "begun", "serve") == [5, 5, 7]
    assert column(result, "queueing") == [5, 4, 4]


def test_a_shift_that_begins_with_the_clock_is_there_at_once(engine):
    assert column(desk({0: 1}, [0], engine), "left") == [2]


@pytest.mark.parametrize("end", ["finish", "stop"])
def test_entries_that_meet_change_nothing(engine, end):
    result = desk({0: 1, 3: 1, 4: 1}, [0, 1], engine, work=5, end=end)
    assert column(result, "left") == [5, 10]


def test_entries_at_the_same_time_add_up(engine):
    chain = DESK.format(shifts="SHIFTS", end="finish", work=5, times=[0, 0, 0], more="")
    one = "{days: daily, from: '00:00', to: '24:00', staff: 1}"
    two = "{days: mon, from: '00:02', to: '00:03', staff: 2}"
    result = happened(chain.replace("SHIFTS", f"[{one}, {two}]"), engine)
    assert requests(result, "begun", "serve") == [0, 2, 2]


def test_nobody_is_added_while_more_are_busy_than_on_duty(engine):
    result = desk({0: 2, 3: 0, 5: 1}, [0, 1, 2], engine, work=10, customers=None, until=30)
    # busy until 10 and 11; at 5 one comes on duty, but two are busy, and at 10 one still is
    assert requests(result, "begun", "serve") == [0, 1, 11]
    # 3..5 twice two, 5..10 one
    assert result.value("actors.desk.overtime.mean") == 4 + 5


def test_staff_rises_for_some_who_are_in_overtime(engine):
    # two busy until 10 and 11 with one on duty from 3; at 5 three are on duty, so one more begins
    result = desk({0: 2, 3: 1, 5: 3}, [0, 1, 2, 2], engine, work=10)
    assert requests(result, "begun", "serve") == [0, 1, 5, 10]


@pytest.mark.parametrize(("end", "left"), [("finish", [4, 8]), ("stop", [4, 13])])
def test_an_end_of_work_comes_before_the_end_of_a_shift(engine, end, left):
    # at 4 the first ends, the second begins, and then the shift is over: it stays, or is put back with 4 left
    result = desk({0: 1, 4: 0, 9: 1}, [0, 1], engine, work=4, end=end)
    assert requests(result, "begun", "serve") == [0, 4]
    assert column(result, "left") == left


def test_the_end_of_a_shift_comes_before_an_arrival(engine):
    assert requests(desk({0: 1, 4: 0, 9: 1}, [4], engine), "begun", "serve") == [9]


def test_the_beginning_of_a_shift_comes_before_the_end_of_patience(engine):
    result = desk({0: 0, 4: 1}, [1, 2], engine, more="patience: 3,")
    # the first's patience ends at 4, when the desk opens; the second's at 5
    assert column(result, "outcome") == ["finished", "abandoned"]
    assert column(result, "left") == [6, 5]


def test_whose_patience_ends_before_the_doors_open_leaves(engine):
    assert column(desk({0: 0, 5: 1}, [1], engine, more="patience: 3,"), "left") == [4]


def test_the_next_opening_may_be_days_away(engine):
    # Monday 9:30; open on Mondays from 8 to 9
    shifts = "[{days: mon, from: '08:00', to: '09:00', staff: 1}]"
    result = happened(DESK.format(shifts=shifts, end="finish", work=2, times=[570], more=""), engine)
    assert column(result, "left") == [7 * 1440 + 480 + 2]


def test_a_night_shift_goes_on_after_midnight(engine):
    shifts = "[{days: daily, from: '23:00', to: '01:00', staff: 1}]"
    result = happened(DESK.format(shifts=shifts, end="stop", work=100, times=[10], more=""), engine)
    # 0:10..1:00 are 50 of 100; then 23:00..23:50
    assert column(result, "left") == [23 * 60 + 50]


def test_who_began_last_stops(engine):
    # three are busy, from 0, 1 and 2; at 4 two stop, with 3 and 4 left; the first ends at 5
    result = desk({0: 3, 4: 1}, [0, 1, 2], engine, work=5 + 1, end="stop")
    assert column(result, "left") == [6, 6 + 3, 9 + 4]


MIXED = """
actors:
  desk: {lane: contact, shifts: %s, at_shift_end: stop}
  back: {lane: backstage, staff: unlimited}
services:
  long: {by: desk, steps: [{work: 10}]}
  short: {by: desk, steps: [{work: 1}, reply, {work: 5}]}
customers:
  early: {arrivals: "at([0])", journey: [{ask: long}]}
  late: {arrivals: "at([1])", journey: [{ask: short}]}
"""


def test_who_began_last_and_is_in_wrap_up_finishes_in_overtime(engine):
    # at 3 the surplus is the late one's wrap-up, 2..7: it goes on, and the early one is not put back instead
    result = happened(MIXED % roster({0: 2, 3: 1}), engine, customers=None, until=20)
    assert requests(result, "ended", "long") == [10]
    assert requests(result, "ended", "short") == [7]
    assert result.value("actors.desk.overtime.mean") == 7 - 3


def test_what_is_held_ends_with_the_shift_and_what_it_asked_for_goes_on(engine):
    chain = MIXED.replace("[{work: 1}, reply, {work: 5}]", "[{ask: check}, {work: 2}]")
    chain = chain.replace("services:", "services:\n  check: {by: back, steps: [{work: 4}]}")
    result = happened(chain % roster({0: 2, 3: 1, 12: 2}), engine, customers=None, until=20)
    # checked 1..5, no server from 3 on; in line from 5, and the early one ends at 10
    assert requests(result, "ended", "check") == [5]
    assert requests(result, "ended", "short") == [12]
    assert column(result, "held", "late") == [9]
    assert result.value("actors.desk.overtime.mean") == 0


def test_nobody_is_interrupted_in_overtime(engine):
    chain = """
        actors: {desk: {lane: contact, shifts: SHIFTS, preempt: true}}
        services: {serve: {by: desk, steps: [{work: 10}]}, rush: {by: desk, priority: 0, steps: [{work: 2}]}}
        customers:
          guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}
          urgent: {arrivals: "at([5])", journey: [{ask: rush}]}
        """
    result = happened(chain.replace("SHIFTS", roster({0: 2, 4: 1})), engine)
    # 4..10 two are busy and one is on duty: whoever were interrupted would go home. At 10 the first ends, and the
    # second, with 1 left, is interrupted then: urgent 10..12, second 12..13
    assert column(result, "left", "guest") == [10, 13]
    assert column(result, "left", "urgent") == [12]
    assert column(result, "queueing", "urgent") == [5]


def test_staff_falls_before_the_urgent_of_that_minute_comes(engine):
    chain = """
        actors: {desk: {lane: contact, shifts: SHIFTS, preempt: true, at_shift_end: stop}}
        services: {serve: {by: desk, steps: [{work: 10}]}, rush: {by: desk, priority: 0, steps: [{work: 2}]}}
        customers:
          guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}
          urgent: {arrivals: "at([4])", journey: [{ask: rush}]}
        """
    result = happened(chain.replace("SHIFTS", roster({0: 2, 4: 1})), engine)
    # at 4 the second is put back with 7 left, then the first is interrupted with 6 left: 6..12, and 12..19
    assert column(result, "left", "urgent") == [6]
    assert column(result, "left", "guest") == [12, 19]
