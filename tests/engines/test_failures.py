"""Failures that stop a whole actor. If nothing else is said, the box fails at 10, is back at 13 and fails at 23."""

import pytest

from rosters import roster
from timelines import column, happened, requests

BOX = """
actors: {{box: {{lane: system, capacity: {capacity}, failures: {{{failures}}}}}}}
services: {{serve: {{by: box, steps: [{steps}]}}}}
customers: {{guest: {{arrivals: "at({times})", {more} journey: [{{ask: serve}}]}}}}
"""
LASTS = "every: 10, lasts: 3"


def box(times, engine, steps="{work: 4}", failures=LASTS, capacity=1, more="", **settings):
    chain = BOX.format(times=times, steps=steps, failures=failures, capacity=capacity, more=more)
    return happened(chain, engine, **settings)


@pytest.mark.parametrize("capacity", [2, "unlimited"])
def test_all_servers_stop_and_nobody_begins(engine, capacity):
    result = box([7, 8, 11], engine, capacity=capacity)
    # 1 and 2 of 4 are left at 10; who comes at 11 begins at 13 if there is room, else at 14
    assert column(result, "left") == [14, 15, 17 if capacity == "unlimited" else 18]
    assert column(result, "held") == [3, 3, 0]
    assert column(result, "queueing") == [0, 0, 2 if capacity == "unlimited" else 3]


def test_two_failures_in_a_row(engine):
    # 2 + 10 + 2: 8..10, 13..23, 26..28
    assert column(box([8], engine, "{work: 14}"), "left") == [28]


def test_restarted_work_ends_before_the_failure_of_that_instant(engine):
    assert column(box([8], engine, "{work: 10}", LASTS + ", after: restart"), "left") == [23]


@pytest.mark.parametrize(("after", "left"), [("resume", 15), ("restart", 17)])
def test_only_the_interrupted_step_starts_again(engine, after, left):
    # 7..8 and 8..10
    assert column(box([7], engine, "{work: 1}, {work: 4}", f"{LASTS}, after: {after}"), "left") == [left]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_restarted_work_keeps_its_drawn_duration(engine, seed):
    steps = "{work: 'uniform(low=3, high=9)'}"
    [undisturbed] = column(box([8], engine, steps, "every: 100, lasts: 3", seed=seed), "left")
    [restarted] = column(box([8], engine, steps, LASTS + ", after: restart", seed=seed), "left")
    [resumed] = column(box([8], engine, steps, seed=seed), "left")
    assert restarted - 13 == pytest.approx(undisturbed - 8)
    assert resumed - 3 == pytest.approx(undisturbed)


@pytest.mark.parametrize(("after", "left"), [("resume", 15), ("restart", 17)])
def test_speed_divides_what_starts_again(engine, after, left):
    chain = BOX.format(times=[8], steps="{work: 8}", failures=f"{LASTS}, after: {after}", capacity=1, more="")
    assert column(happened(chain.replace("capacity: 1", "capacity: 1, speed: 2"), engine), "left") == [left]


def test_an_end_of_work_comes_before_a_failure_and_a_failure_before_an_arrival(engine):
    result = box([8, 10], engine, "{work: 2}")
    assert column(result, "left") == [10, 15]
    assert column(result, "held") == [0, 0]
    assert column(result, "queueing") == [0, 3]


def test_the_end_of_a_failure_comes_before_the_end_of_patience(engine):
    result = box([10, 11], engine, capacity=2, more="patience: 2,")
    # the first's patience ends at 12, the second's at 13, when the box is back
    assert column(result, "outcome") == ["abandoned", "finished"]
    assert column(result, "left") == [12, 17]


@pytest.mark.parametrize(("after", "left"), [("resume", 12), ("restart", 14)])
def test_a_failure_may_last_no_time(engine, after, left):
    assert column(box([8], engine, failures=f"every: 10, lasts: 0, after: {after}"), "left") == [left]


def test_who_asks_what_is_down_is_held(engine):
    result = happened(
        """
        actors:
          desk: {lane: contact, staff: 1}
          box: {lane: system, capacity: 1, failures: {every: 10, lasts: 3}}
        services:
          serve: {by: desk, steps: [{ask: look}, {work: 1}]}
          look: {by: box, steps: [{work: 4}]}
        customers: {guest: {arrivals: "at([8, 9])", journey: [{ask: serve}]}}
        """,
        engine,
    )
    # look 8..10 and 13..15, work 15..16; look 16..20, work 20..21
    assert column(result, "left") == [16, 21]
    assert column(result, "held") == [7, 4]
    assert column(result, "attended") == [1, 1]


ENGINEER = """
actors:
  box: {lane: system, capacity: 1, failures: {every: 10, repair: mend}}
  engineer: {lane: backstage, staff: 1}
  depot: {lane: supplier}
services:
  serve: {by: box, steps: [{work: 4}]}
  mend: {by: engineer, priority: %s, steps: [%s]}
  odd job: {by: engineer, steps: [{work: 6}]}
  send a part: {by: depot, steps: [{work: 2}]}
customers:
  guest: {arrivals: "at(%s)", journey: [{ask: serve}]}
  house: {arrivals: "at(%s)", journey: [{ask: odd job}]}
"""


def test_a_repair_waits_for_who_repairs_and_up_time_counts_from_its_end(engine):
    result = happened(ENGINEER % (1, "{work: 3}", [8, 24], [7]), engine)
    # an odd job 7..13, mend 13..16; the next failure is at 26, and mended by 29
    assert column(result, "left", "guest") == [18, 31]
    assert requests(result, "asked", "mend") == [10, 26]
    assert requests(result, "begun", "mend") == [13, 26]
    assert requests(result, "ended", "mend") == [16, 29]
    assert requests(result, "number", "mend") == [-1, -1]
    assert result.value("actors.box.queue_length.max.mean") == 0


@pytest.mark.parametrize(("priority", "guest", "house"), [(0, 18, [13, 22]), (1, 24, [13, 19])])
def test_a_repair_has_the_priority_of_its_service(engine, priority, guest, house):
    # odd jobs at 7 and 9, the second stands in line when the box fails at 10
    result = happened(ENGINEER % (priority, "{work: 3}", [8], [7, 9]), engine)
    assert column(result, "left", "guest") == [guest]
    assert column(result, "left", "house") == house


def test_a_repair_is_over_when_it_is_answered(engine):
    result = happened(ENGINEER % (1, "{work: 3}, reply, {work: 20}", [8, 22], []), engine)
    # back at 13; at 23 the engineer is in wrap-up until 33, and mends until 36
    assert column(result, "left") == [15, 36 + 3]


def test_a_repair_that_is_handed_off_is_over_when_the_other_has_finished(engine):
    result = happened(ENGINEER % (1, "{work: 1}, {hand_off: send a part}", [8], []), engine)
    assert column(result, "left") == [15]


def test_a_repair_may_wait_for_the_morning(engine):
    chain = (ENGINEER % (1, "{work: 3}", [8], [])).replace("staff: 1", "shifts: " + roster({0: 0, 15: 1}))
    assert column(happened(chain, engine), "left") == [20]


WORKING = "every: 4, lasts: 3, clock: working"


def test_only_work_wears_out(engine):
    # 0..3 and 10..11 make 4; back at 14
    assert column(box([0, 10], engine, "{work: 3}", WORKING, capacity=2), "left") == [3, 16]


def test_a_held_server_does_not_wear_out(engine):
    # works 0..2, pauses 2..7, works 7..9; back at 12 with 2 left
    assert column(box([0], engine, "{work: 2}, {pause: 5}, {work: 4}", WORKING), "left") == [14]


def test_two_who_work_at_once_wear_it_out_once(engine):
    # 0..3 and 1..4 make 4 when the work has just ended: so it fails when work begins again, at 9
    result = box([0, 1, 9], engine, "{work: 3}", WORKING, capacity=2)
    assert column(result, "left") == [3, 4, 15]
    assert requests(result, "begun", "serve") == [0, 1, 9]
    assert column(result, "held") == [0, 0, 3]


def test_a_failure_due_when_one_of_two_ends_happens_then(engine):
    # the second has 2 left at 4
    assert column(box([0, 2], engine, failures=WORKING, capacity=2), "left") == [4, 9]


def test_a_failure_due_when_the_next_begins_happens_then(engine):
    # at 4 the second begins and the box fails; it works 7..11
    result = box([0, 1], engine, failures=WORKING)
    assert requests(result, "begun", "serve") == [0, 4]
    assert column(result, "left") == [4, 11]


AT_THE_REPAIR = """
actors:
  box: {lane: system, capacity: 3, failures: {every: 10, lasts: 3}}
  back: {lane: backstage, staff: unlimited}
  expert: {lane: backstage, staff: 1}
services:
  after a check: {by: box, steps: [{ask: check}, {ask: decide}]}
  after a long check: {by: box, steps: [{ask: long check}, {ask: decide}]}
  at once: {by: box, steps: [{ask: decide}]}
  check: {by: back, steps: [{work: 3}]}
  long check: {by: back, steps: [{work: 4}]}
  decide: {by: expert, steps: [{work: 1}]}
customers:
  a: {arrivals: "at([8])", journey: [{ask: after a long check}]}
  b: {arrivals: "at([8])", journey: [{ask: after a check}]}
  c: {arrivals: "at([12])", journey: [{ask: at once}]}
"""


def test_at_the_repair_who_stands_in_line_begins_before_who_was_answered_meanwhile(engine):
    # b was answered at 11, a at 12; c has stood in line since 12, takes the third server at 13 and is decided first
    result = happened(AT_THE_REPAIR, engine)
    assert [column(result, "left", name) for name in "cba"] == [[14], [15], [16]]


def test_at_the_repair_interrupted_work_resumes_in_the_order_of_taking_servers(engine):
    result = happened(
        """
        actors:
          box: {lane: system, capacity: 2, failures: {every: 10, lasts: 3}}
          expert: {lane: backstage, staff: 1}
        services:
          four: {by: box, steps: [{work: 4}]}
          five: {by: box, steps: [{work: 5}]}
          decide: {by: expert, steps: [{work: 1}]}
        customers:
          late: {arrivals: "at([8])", journey: [{ask: four}, {ask: decide}]}
          early: {arrivals: "at([7])", journey: [{ask: five}, {ask: decide}]}
        """,
        engine,
    )
    # both have 2 left and end at 15: the early one's end was scheduled first
    assert column(result, "left", "early") == [16]
    assert column(result, "left", "late") == [17]


@pytest.mark.parametrize(("end", "left", "overtime"), [("finish", [17, 18], 6), ("stop", [17, 22], 0)])
def test_staff_falls_while_all_are_down(engine, end, left, overtime):
    # from 8 and 9, 6 each: 4 and 5 are left at 10. One of two goes at 11: the second is put back, or both keep
    # their servers and go on at 13, two with one on duty from 11 to 17
    chain = BOX.format(times=[8, 9], steps="{work: 6}", failures=LASTS, capacity=1, more="")
    chain = chain.replace("capacity: 1", f"shifts: {roster({0: 2, 11: 1})}, at_shift_end: {end}")
    result = happened(chain, engine, customers=None, until=22.5)
    assert column(result, "left") == left
    assert result.value("actors.box.overtime.mean") == overtime


@pytest.mark.parametrize(("end", "left"), [("finish", 17), ("stop", 19)])
def test_all_staff_goes_while_all_are_down(engine, end, left):
    # 8..10, 4 left; nobody on duty 11..15
    chain = BOX.format(times=[8], steps="{work: 6}", failures=LASTS, capacity=1, more="")
    chain = chain.replace("capacity: 1", f"shifts: {roster({0: 1, 11: 0, 15: 1})}, at_shift_end: {end}")
    assert column(happened(chain, engine), "left") == [left]


@pytest.mark.parametrize("failures", ["lasts: 1h", "repair: mend"])
def test_repairs_alone_do_not_keep_a_run_going(engine, failures):
    result = happened(
        """
        actors:
          desk: {lane: contact, staff: 0}
          box: {lane: system, capacity: 1, failures: {every: 1d, FAILURES}}
          engineer: {lane: backstage, staff: 1}
        services: {serve: {by: desk, steps: [{ask: look}]}, look: {by: box, steps: []},
                   mend: {by: engineer, steps: [{work: 1h}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
        """.replace("FAILURES", failures),
        engine,
    )
    # the last repair before the eighth day is over by 7d 7h
    assert column(result, "outcome") == ["unfinished"]
    assert column(result, "queueing") == [8 * 1440]


@pytest.mark.parametrize("failures", ["lasts: 100", "repair: mend"])
def test_a_repair_is_work_that_a_run_waits_for(engine, failures):
    result = happened(
        """
        actors:
          desk: {lane: contact, staff: 0}
          box: {lane: system, capacity: 1, failures: {every: 11500, FAILURES}}
          engineer: {lane: backstage, staff: 1}
        services: {serve: {by: desk, steps: [{ask: look}]}, look: {by: box, steps: []},
                   mend: {by: engineer, steps: [{work: 100}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
        """.replace("FAILURES", failures),
        engine,
    )
    # eight days are 11520 minutes; the repair has begun at 11500, which counts for nothing, and works until 11600
    assert column(result, "queueing") == [11600]
