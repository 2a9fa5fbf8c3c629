"""Who made the customer wait, worked out by hand: lines, servers who are held, what follows in their wake.

Every expected number is found by following, in the comment's words, the wait-for graph over the timeline.
"""

import pytest

from blame import blamed, of_class, total
from timelines import happened

HOTEL = """
actors:
  reception: {lane: contact, staff: 2}
  booking: {lane: system, capacity: 1}
  programmer: {lane: backstage, staff: 1}
services:
  first guest: {by: reception, steps: [{work: 2}, {ask: difficult booking}, {work: 1}]}
  second guest: {by: reception, steps: [{work: 3}, {ask: booking as usual}, {work: 1}]}
  third guest: {by: reception, steps: [{work: 3}]}
  difficult booking: {by: booking, steps: [{work: 1}, {ask: unlock}, {work: 1}]}
  booking as usual: {by: booking, steps: [{work: 1}]}
  unlock: {by: programmer, steps: [{work: 4}]}
  fault: {by: programmer, steps: [{work: 6}]}
customers:
  house: {arrivals: "at([0])", journey: [{tell: fault}]}
  g1: {arrivals: "at([0])", journey: [{ask: first guest}]}
  g2: {arrivals: "at([1])", journey: [{ask: second guest}]}
  g3: {arrivals: "at([5])", journey: [{ask: third guest}]}
"""

# one desk, whose service asks one who works out of sight
DESK_AND_BACK = """
actors:
  desk: {lane: contact, staff: 1}
  back: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [%s]}
  brief: {by: desk, steps: [{work: 1}]}
  check: {by: back, steps: [%s]}
customers:
"""


def guest(name, times, service="serve", more=""):
    return f'  {name}: {{arrivals: "at({times})", {more} journey: [{{ask: {service}}}]}}\n'


def test_three_guests_at_the_hotel(engine):
    house, first, second, third = blamed(HOTEL, engine)
    assert house.waiting == {}
    # held 2..11: the system works, 2..3 and 10..11; 3..6 the programmer is at the fault, 6..10 at the booking
    assert (first.queueing, first.held) == ({}, {("programmer", "work"): 7, ("booking", "work"): 2})
    # held 4..12: the system is held by the first guest's booking until 10, works on it until 11, then on this one
    assert (second.queueing, second.held) == ({}, {("programmer", "work"): 6, ("booking", "work"): 2})
    # in line 5..12 behind two receptionists: both wait for the programmer until 10, both for the system until 11,
    # then one of them works
    expected = {("programmer", "work"): 5, ("booking", "work"): 1.5, ("reception", "work"): 0.5}
    assert (third.queueing, third.held) == (expected, {})


def test_by_way_of_whom(engine):
    _, _, second, third = blamed(HOTEL, engine)
    assert {path: time for path, time in second.held_paths if time} == {
        ("reception", "booking", "programmer", "work"): 6,
        ("reception", "booking", "work"): 2,
    }
    assert {path: time for path, time in third.queueing_paths if time} == {
        ("reception", "booking", "programmer", "work"): 5,
        ("reception", "booking", "work"): 1.5,
        ("reception", "work"): 0.5,
    }


def test_who_is_served_at_once_blames_nobody(engine):
    everybody = blamed(DESK_AND_BACK % ("{work: 3}", "") + guest("guest", [0, 1, 3, 9]), engine)
    # 0..3, 3..6, 6..9 and 9..12: in line 0, 2, 3 and 0
    assert [one.waiting for one in everybody] == [{}, {("desk", "work"): 2}, {("desk", "work"): 3}, {}]


def test_each_server_has_an_equal_share_also_who_will_not_serve(engine):
    chain = DESK_AND_BACK % ("{work: 1}, {ask: check}, {work: 1}", "{work: 6}")
    chain = chain.replace("staff: 1", "staff: 2", 1).replace(
        "brief: {by: desk, steps: [{work: 1}]}", "brief: {by: desk, steps: [{work: 5}]}"
    )
    everybody = blamed(
        chain + guest("long", [0]) + guest("short", [0], "brief") + guest("late", [0.5], "brief"), engine
    )
    long, short, late = everybody
    assert long.held == {("back", "work"): 6}  # 1..7
    assert short.waiting == {}
    # in line 0.5..5: both desks work until 1; then the one is held by the back office, the other works
    assert late.queueing == {("desk", "work"): 0.5 + 2, ("back", "work"): 2}


def test_more_servers_than_are_needed_do_not_count(engine):
    chain = """
    actors: {desk: {lane: contact, staff: 1}, back: {lane: backstage, staff: 3}}
    services:
      serve: {by: desk, steps: [{ask: check}]}
      check: {by: back, steps: [{work: 4}]}
    customers: {guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}}
    """
    first, second = blamed(chain, engine)
    assert first.waiting == {("back", "work"): 4}
    assert (second.queueing, second.held) == ({("back", "work"): 3}, {("back", "work"): 4})


def test_who_overtakes_is_followed(engine):
    chain = DESK_AND_BACK % ("{work: 2}", "{work: 4}")
    chain = chain.replace("brief: {by: desk, steps: [{work: 1}]}", "brief: {by: desk, steps: [{ask: check}]}")
    chain += guest("first", [0]) + guest("normal", [1]) + guest("urgent", [1.5], "brief", "priority: 0,")
    _, normal, urgent = blamed(chain, engine)
    # the first works until 2, the urgent one holds the desk 2..6 and waits for the back office all the while
    assert normal.queueing == {("desk", "work"): 1, ("back", "work"): 4}
    assert (urgent.queueing, urgent.held) == ({("desk", "work"): 0.5}, {("back", "work"): 4})


def test_who_is_interrupted_waits_for_who_interrupts(engine):
    chain = DESK_AND_BACK % ("{work: 6}", "{work: 2}")
    chain = chain.replace("desk: {lane: contact, staff: 1}", "desk: {lane: contact, staff: 1, preempt: true}")
    chain = chain.replace("steps: [{work: 1}]", "steps: [{work: 1}, {ask: check}, {work: 1}]")
    first, urgent = blamed(chain + guest("first", [0]) + guest("urgent", [3], "brief", "priority: 0,"), engine)
    # put back 3..7: the desk works on the urgent one 3..4, is held 4..6, works 6..7
    assert (first.queueing, first.held) == ({}, {("desk", "work"): 2, ("back", "work"): 2})
    assert urgent.waiting == {("back", "work"): 2}


def test_wrap_up_is_the_server_s_own_work(engine):
    chain = DESK_AND_BACK % ("{work: 1}, reply, {work: 3}", "") + guest("guest", [0, 0])
    first, second = blamed(chain, engine)
    assert first.waiting == {}
    assert second.queueing == {("desk", "work"): 4}


def test_wrap_up_behind_the_desk(engine):
    chain = DESK_AND_BACK % ("{ask: check}, {work: 1}", "{work: 2}, reply, {work: 10}") + guest("guest", [0, 0])
    first, second = blamed(chain, engine)
    assert first.waiting == {("back", "work"): 2}
    # in line 0..3; then the back office wraps up until 12 and works for this one until 14
    assert second.queueing == {("back", "work"): 2, ("desk", "work"): 1}
    assert second.held == {("back", "work"): 11}


def test_who_asks_in_wrap_up_is_followed(engine):
    chain = DESK_AND_BACK % ("{work: 1}, reply, {ask: check}", "{work: 5}") + guest("guest", [0, 0])
    first, second = blamed(chain, engine)
    assert first.waiting == {}
    assert second.queueing == {("desk", "work"): 1, ("back", "work"): 5}


def test_after_a_hand_off_it_is_the_next_one_s_line(engine):
    chain = """
    actors:
      menu: {lane: system, capacity: unlimited}
      agent: {lane: contact, staff: 1}
    services:
      listen: {by: menu, steps: [{work: 1}, {hand_off: talk}]}
      talk: {by: agent, steps: [{work: 4}]}
    customers: {caller: {arrivals: "at([0, 1])", journey: [{ask: listen}]}}
    """
    first, second = blamed(chain, engine)
    assert first.waiting == {}
    assert (second.queueing, second.held) == ({("agent", "work"): 3}, {})  # listens 1..2, in line 2..5


def test_a_hand_off_behind_the_desk(engine):
    chain = """
    actors:
      desk: {lane: contact, staff: 1}
      first line: {lane: backstage, staff: 1}
      second line: {lane: backstage, staff: 1}
    services:
      serve: {by: desk, steps: [{ask: help}]}
      help: {by: first line, steps: [{work: 1}, {hand_off: help more}]}
      help more: {by: second line, steps: [{work: 3}]}
    customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
    """
    first, second = blamed(chain, engine)
    assert first.held == {("first line", "work"): 1, ("second line", "work"): 3}
    assert {path for path, time in first.held_paths if time} == {
        ("desk", "first line", "work"),
        ("desk", "second line", "work"),
    }
    assert second.queueing == second.held == first.held


def test_telling_holds_nobody_but_what_was_told_is_work(engine):
    chain = DESK_AND_BACK % ("{tell: check}, {work: 1}", "{work: 5}")
    chain = chain.replace("steps: [{work: 1}]", "steps: [{ask: check}]")
    teller, asker = blamed(chain + guest("teller", [0]) + guest("asker", [0.5], "brief"), engine)
    assert teller.waiting == {}
    # the desk works until 1; the back office on what it was told until 5, then on this one until 10
    assert (asker.queueing, asker.held) == ({("desk", "work"): 0.5}, {("back", "work"): 9})


def test_every_round_of_a_loop(engine):
    chain = DESK_AND_BACK % ("{repeat: [{work: 1}, {ask: check}], times: 2}", "{work: 2}") + guest("guest", [0, 0])
    first, second = blamed(chain, engine)
    assert first.held == {("back", "work"): 4}
    assert (second.queueing, second.held) == ({("back", "work"): 4, ("desk", "work"): 2}, {("back", "work"): 4})


def test_a_pause_is_the_server_s(engine):
    first, second = blamed(DESK_AND_BACK % ("{work: 1}, {pause: 4}", "") + guest("guest", [0, 0]), engine)
    assert first.held == {("desk", "pause"): 4}
    assert second.queueing == {("desk", "work"): 1, ("desk", "pause"): 4}


def test_one_s_own_doing_is_no_wait(engine):
    chain = DESK_AND_BACK % ("{work: 1}", "")
    chain += '  guest: {arrivals: "at([0])", journey: [{work: 2}, {ask: serve}, {pause: 3}]}\n'
    assert [one.waiting for one in blamed(chain, engine)] == [{}]


def test_work_out_of_sight_is_waiting_and_a_system_s_is_not(engine):
    for lane, expected in (
        ("contact", {}),
        ("system", {}),
        ("backstage", {("one", "work"): 2}),
        ("supplier", {("one", "work"): 2}),
    ):
        count = "staff" if lane in ("contact", "backstage") else "capacity"
        chain = f"""
        actors: {{one: {{lane: {lane}, {count}: 1}}}}
        services: {{serve: {{by: one, steps: [{{work: 2}}]}}}}
        customers: {{guest: {{arrivals: "at([0])", journey: [{{ask: serve}}]}}}}
        """
        assert [one.held for one in blamed(chain, engine)] == [expected], lane


def test_who_gave_up_has_waited_too(engine):
    chain = DESK_AND_BACK % ("{work: 1}, {ask: check}", "{work: 9}") + guest("first", [0])
    _, second = blamed(chain + guest("second", [0], more="patience: 4,"), engine)
    assert second.outcome == "abandoned"
    assert (second.queueing, second.held) == ({("desk", "work"): 1, ("back", "work"): 3}, {})


def test_who_gave_up_while_held(engine):
    chain = DESK_AND_BACK % ("{work: 1}, {ask: check}", "{work: 9}")
    chain += guest("first", [0], more="patience: 4, patience_covers: wait,") + guest("second", [2])
    first, second = blamed(chain, engine)
    assert (first.outcome, first.waiting) == ("abandoned", {("back", "work"): 3})
    # the desk is free at 4, works 4..5; the back office goes on unattended until 10, then works 9 for this one
    assert second.queueing == {("back", "work"): 2}
    assert second.held == {("back", "work"): 14}


def test_who_is_still_there_at_the_end(engine):
    chain = DESK_AND_BACK % ("{work: 1}, {ask: check}", "{work: 20}") + guest("guest", [0, 2])
    first, second = blamed(chain, engine, until=10)
    assert [first.outcome, second.outcome] == ["unfinished"] * 2
    assert (first.queueing, first.held) == ({}, {("back", "work"): 9})
    assert (second.queueing, second.held) == ({("back", "work"): 8}, {})


def test_members_of_a_closed_population_wait_for_each_other(engine):
    chain = """
    actors: {desk: {lane: contact, staff: 1}}
    services: {serve: {by: desk, steps: [{work: 3}]}}
    customers: {member: {arrivals: {population: 2, think: 1}, journey: [{ask: serve}]}}
    """
    everybody = blamed(chain, engine, until=13)
    # 1..4 and 4..7, then 7..10 and 10..13: who comes at 1 second, 5, 8 and 11 waits 3, 2, 2 and 2
    assert [one.waiting.get(("desk", "work"), 0) for one in everybody] == [0, 3, 2, 2, 2]
    assert set(total(everybody)) == {("desk", "work")}


SEVERAL = """
actors:
  one: {lane: contact, %s}
  two: {lane: contact, %s}
  back: {lane: backstage, staff: 1}
services:
  serve: {by: [one, two], steps: [{work: 1}]}
  work of one: {by: one, steps: [{work: 6}]}
  work of two: {by: two, steps: [{work: 6}]}
  held: {by: two, steps: [{ask: check}]}
  check: {by: back, steps: [{work: 6}]}
customers:
"""


def test_all_servers_of_all_who_offer_it_share_alike(engine):
    chain = SEVERAL % ("staff: 1", "staff: 2") + guest("a", [0], "work of one") + guest("b", [0], "work of two")
    everybody = blamed(chain + guest("c", [0], "held") + guest("guest", [0]), engine)
    # three servers until 6, one of them held by the back office
    assert of_class(everybody, "guest")[0].queueing == {("one", "work"): 2, ("two", "work"): 2, ("back", "work"): 2}


def test_of_several_only_who_is_there_counts(engine):
    chain = SEVERAL % ("staff: 0", "staff: 1") + guest("a", [0], "held") + guest("guest", [2])
    assert of_class(blamed(chain, engine), "guest")[0].queueing == {("back", "work"): 4}


def test_of_several_nobody_is_there(engine):
    chain = SEVERAL % ("staff: 0", "staff: 0") + guest("guest", [2])
    assert blamed(chain, engine, until=8)[0].queueing == {("one", "absence"): 3, ("two", "absence"): 3}


def test_many_waits_in_a_row_in_one_line(engine):
    chain = DESK_AND_BACK % ("{work: 0.1}, {ask: check}", "{work: 0.2}") + guest("guest", [0] * 60)
    for place, one in enumerate(blamed(chain, engine)):
        assert sum(one.queueing.values()) == pytest.approx(0.3 * place, rel=1e-12)
        assert one.queueing.get(("back", "work"), 0) == pytest.approx(0.2 * place, rel=1e-12)


def test_the_records_tell_the_same(engine):
    frame = happened(HOTEL, engine).customer_records.set_index("class")
    assert frame.loc["g1", "held|programmer|work"] == 7
    assert frame.loc["g2", "held|booking|work"] == 2
    assert frame.loc["g3", "queueing|booking|work"] == 1.5
    assert frame.loc["g3", "queueing|reception|work"] == 0.5
    assert frame.loc["g3", "held|reception|work"] == 0
