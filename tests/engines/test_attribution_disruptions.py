"""Who made the customer wait when nobody is there, or something has failed: worked out by hand."""

import pytest

from blame import blamed, of_class
from rosters import roster


def guest(name, times, service="serve", more=""):
    return f'  {name}: {{arrivals: "at({times})", {more} journey: [{{ask: {service}}}]}}\n'


def desk_by_the_clock(levels, steps, more=""):
    return f"""
actors:
  desk: {{lane: contact, shifts: {roster(levels)}{more}}}
  back: {{lane: backstage, staff: 1}}
services:
  serve: {{by: desk, steps: [{steps}]}}
  brief: {{by: desk, steps: [{{work: 4}}]}}
  check: {{by: back, steps: [{{work: 10}}]}}
customers:
"""


# -- nobody there -----------------------------------------------------------------------------------------------


def test_nobody_on_duty_is_absence(engine):
    chain = desk_by_the_clock({0: 1, 2: 0, 6: 1}, "{work: 1}") + guest("guest", [3])
    assert blamed(chain, engine)[0].queueing == {("desk", "absence"): 3}


def test_who_works_overtime_is_there(engine):
    chain = desk_by_the_clock({0: 1, 2: 0, 7: 1}, "{work: 4}") + guest("guest", [1, 2])
    # the first is served 1..5, then nobody is there
    assert [one.queueing for one in blamed(chain, engine)] == [{}, {("desk", "work"): 3, ("desk", "absence"): 2}]


def test_who_has_gone_home_is_not_blamed(engine):
    chain = desk_by_the_clock({0: 2, 2: 1}, "{ask: check}") + guest("long", [0]) + guest("short", [0], "brief")
    late = of_class(blamed(chain + guest("late", [1]), engine), "late")[0]
    # until 4 (overtime from 2) one is held by the back office and one works; then only the first is left, until 10
    assert late.queueing == {("back", "work"): 1.5 + 6, ("desk", "work"): 1.5}


def test_work_put_back_at_the_end_of_a_shift(engine):
    chain = desk_by_the_clock({0: 1, 3: 0, 8: 1}, "{work: 6}", ", at_shift_end: stop") + guest("guest", [0])
    assert (blamed(chain, engine)[0].queueing, blamed(chain, engine)[0].held) == ({}, {("desk", "absence"): 5})


def test_what_was_asked_goes_on_without_the_server_who_asked(engine):
    chain = desk_by_the_clock({0: 1, 2: 0, 13: 1}, "{ask: check}, {work: 1}", ", at_shift_end: stop")
    first, second = blamed(chain + guest("guest", [0, 4]), engine)
    # the desk leaves at 2, the back office answers at 10, then nobody is there until 13; then the second's own
    # booking, 14..24
    assert first.held == {("back", "work"): 10, ("desk", "absence"): 3}
    assert second.queueing == {("desk", "absence"): 9, ("desk", "work"): 1}
    assert second.held == {("back", "work"): 10}


def test_nobody_behind_the_desk(engine):
    chain = """
    actors:
      desk: {lane: contact, staff: 1}
      expert: {lane: backstage, staff: 0}
    services:
      serve: {by: desk, steps: [{work: 1}, {ask: advise}]}
      advise: {by: expert, steps: [{work: 1}]}
    customers: {guest: {arrivals: "at([0, 3])", journey: [{ask: serve}]}}
    """
    first, second = blamed(chain, engine, until=10)
    assert first.held == {("expert", "absence"): 9}
    assert second.queueing == {("expert", "absence"): 7}
    assert [path for path, time in second.queueing_paths if time] == [("desk", "expert", "absence")]


# -- failures ---------------------------------------------------------------------------------------------------

LASTS = """
actors:
  system: {lane: system, capacity: %s, failures: {every: 4, lasts: 3}}
services:
  serve: {by: system, steps: [{work: 6}]}
customers:
"""


def test_a_failure_that_lasts_is_the_system_s(engine):
    first, second = blamed(LASTS % 1 + guest("guest", [0, 5]), engine)
    # works 0..4, is down 4..7, works 7..9 and for the second 9..11, is down 11..14, works 14..18
    assert (first.queueing, first.held) == ({}, {("system", "failure"): 3})
    assert second.queueing == {("system", "failure"): 2, ("system", "work"): 2}
    assert second.held == {("system", "failure"): 3}


@pytest.mark.parametrize("capacity", [1, 3])
def test_who_comes_to_an_idle_system_that_is_down(engine, capacity):
    assert blamed(LASTS % capacity + guest("guest", [5]), engine)[0].queueing == {("system", "failure"): 2}


def test_who_failed_behind_the_desk(engine):
    chain = """
    actors:
      desk: {lane: contact, staff: 1}
      system: {lane: system, capacity: 1, failures: {every: 4, lasts: 3}}
    services:
      serve: {by: desk, steps: [{work: 3}, {ask: find}]}
      find: {by: system, steps: [{work: 2}]}
    customers: {guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}}
    """
    first, second = blamed(chain, engine)
    # the system works 3..4, is down 4..7, works 7..8
    assert first.held == {("system", "work"): 2, ("system", "failure"): 3}
    assert second.queueing == {("desk", "work"): 2, ("system", "work"): 2, ("system", "failure"): 3}


REPAIRED = """
actors:
  system: {lane: system, capacity: 1, failures: {every: %s, repair: mend}}
  programmer: {lane: backstage, %s}
  vendor: {lane: supplier, capacity: 1}
services:
  use: {by: system, steps: [{work: 2}]}
  mend: {by: programmer, steps: [%s]}
  develop: {by: programmer, steps: [{work: %s}]}
  supply: {by: vendor, steps: [{work: 4}]}
customers:
"""


def test_the_repair_stands_in_the_programmer_s_line(engine):
    chain = REPAIRED % (4, "staff: 1", "{work: 3}", 6)
    chain += '  house: {arrivals: "at([0])", journey: [{tell: develop}]}\n'
    chain += guest("first", [3], "use") + guest("second", [5], "use") + guest("colleague", [5], "develop")
    _, first, second, colleague = blamed(chain, engine)
    # the repair is in line 4..6 behind what the programmer develops, and is done 6..9
    assert first.held == {("programmer", "failure"): 5}
    assert {path for path, time in first.held_paths if time} == {("system", "programmer", "failure")}
    assert second.queueing == {("programmer", "failure"): 4, ("system", "work"): 1}
    # who waits for the programmer herself waits for her work, whatever she works on; her own takes 9..15
    assert colleague.queueing == {("programmer", "work"): 4}
    assert colleague.held == {("programmer", "work"): 6}


def test_a_repair_that_asks_somebody_else(engine):
    chain = REPAIRED % (1, "staff: 1", "{work: 1}, {ask: supply}, {work: 1}", 1) + guest("guest", [0], "use")
    chain += guest("colleague", [2], "develop")
    guests, colleague = blamed(chain, engine, until=7)
    # down from 1 on: the programmer 1..2, the vendor 2..6, the programmer 6..7
    assert guests.held == {("programmer", "failure"): 2, ("vendor", "failure"): 4}
    assert colleague.queueing == {("vendor", "work"): 4, ("programmer", "work"): 1}


def test_nobody_there_to_repair_is_a_failure(engine):
    chain = REPAIRED % (1, "shifts: " + roster({0: 0, 5: 1}), "{work: 3}", 1) + guest("guest", [0, 2], "use")
    first, second = blamed(chain, engine, until=8)
    assert first.held == {("programmer", "failure"): 7}
    assert second.queueing == {("programmer", "failure"): 6}


def test_what_is_asked_goes_on_while_the_asker_is_down(engine):
    chain = """
    actors:
      system: {lane: system, capacity: 1, failures: {every: 2, lasts: 3}}
      back: {lane: backstage, staff: 1}
    services:
      serve: {by: system, steps: [{ask: check}]}
      check: {by: back, steps: [{work: 4}]}
    customers: {guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}}
    """
    first, second = blamed(chain, engine, until=5)
    # down 2..5: whatever the one it asked does meanwhile, the failure comes first
    assert first.held == {("back", "work"): 2, ("system", "failure"): 3}
    assert second.queueing == {("back", "work"): 1, ("system", "failure"): 3}


def test_servers_that_fail_one_by_one(engine):
    chain = """
    actors:
      desk: {lane: contact, staff: 2, failures: {every: 4, lasts: 3, stops: one, clock: working}}
    services: {serve: {by: desk, steps: [{work: 8}]}}
    customers:
    """.rstrip(" ")
    first, second = blamed(chain.replace("\n    ", "\n") + guest("a", [0]) + guest("b", [2]), engine)
    # a is put back at 4; server 0 is down 4..7, server 1 works on b until 6 and is down 6..9. a goes on 7..11 on
    # server 0, b 9..13 on server 1. In line, a down server and a working one share alike
    assert (first.queueing, first.held) == ({}, {("desk", "failure"): 1 + 1, ("desk", "work"): 1})
    assert (second.queueing, second.held) == ({}, {("desk", "failure"): 1 + 1, ("desk", "work"): 1})


def test_one_server_of_two_is_mended_by_the_programmer(engine):
    chain = """
actors:
  desk: {lane: contact, staff: 2, failures: {every: 4, repair: mend, stops: one, clock: working}}
  programmer: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [{work: 6}]}
  mend: {by: programmer, steps: [{work: 5}]}
customers:
"""
    first, second, third = blamed(chain + guest("a", [0]) + guest("b", [1]) + guest("c", [2]), engine, until=9)
    # a: server 0 until 4; b: server 1 from 1 until 5. Server 0 is mended 4..9; server 1's repair waits from 5 on.
    # a, put back at 4: a down server and a working one until 5, then two down, both waiting for the programmer
    assert first.held == {("programmer", "failure"): 0.5 + 4, ("desk", "work"): 0.5}
    assert second.held == {("programmer", "failure"): 4}
    assert third.queueing == {("desk", "work"): 2 + 0.5, ("programmer", "failure"): 0.5 + 4}


def test_every_server_that_is_down_counts(engine):
    chain = """
actors:
  one: {lane: system, capacity: 1}
  two: {lane: system, capacity: 3, failures: {every: 2, lasts: 50}}
services:
  serve: {by: [one, two], steps: [{work: 1}]}
  long: {by: one, steps: [{work: 10}]}
customers:
"""
    # one server works until 10, three are down, busy or not
    late = of_class(blamed(chain + guest("long", [0], "long") + guest("late", [4]), engine), "late")[0]
    assert late.queueing == {("one", "work"): 6 / 4, ("two", "failure"): 6 * 3 / 4}


def test_the_servers_that_are_down_are_those_on_duty(engine):
    chain = f"""
actors:
  one: {{lane: contact, staff: 1}}
  two: {{lane: contact, shifts: {roster({0: 3, 6: 1})}, failures: {{every: 2, lasts: 50}}}}
services:
  serve: {{by: [one, two], steps: [{{work: 1}}]}}
  long: {{by: one, steps: [{{work: 10}}]}}
customers:
"""
    late = of_class(blamed(chain + guest("long", [0], "long") + guest("late", [4]), engine), "late")[0]
    # three are down until 6, then one
    assert late.queueing == {("one", "work"): 2 / 4 + 4 / 2, ("two", "failure"): 2 * 3 / 4 + 4 / 2}
