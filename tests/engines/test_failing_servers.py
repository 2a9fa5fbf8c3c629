"""Servers that fail one by one (`stops: one`): each has its own clock, and its work goes back in line."""

import pytest

from timelines import column, happened, requests

BOX = """
actors: {{box: {{lane: system, capacity: {capacity}, failures: {{stops: one, {failures}}}}}}}
services: {{serve: {{by: box, steps: [{{work: {work}}}]}}, brief: {{by: box, steps: [{{work: 2}}]}}}}
customers:
  first: {{arrivals: "at({first})", journey: [{{ask: brief}}]}}
  guest: {{arrivals: "at({times})", {more} journey: [{{ask: serve}}]}}
"""
WORKING, ALWAYS = "clock: working, every: 4, lasts: 3", "every: 10, lasts: 3"


def box(times, engine, failures, work=6, capacity=2, first=(), more="", **settings):
    values = {"failures": failures, "work": work, "capacity": capacity, "more": more}
    return happened(BOX.format(times=times, first=list(first), **values), engine, **settings)


def test_another_server_takes_the_work_at_once(engine):
    # first server 0..4, second server 4..6
    result = box([0], engine, WORKING)
    assert column(result, "left") == [6]
    assert column(result, "held") == [0]


def test_each_server_has_its_own_clock(engine):
    # Server 0 works 0..4 and is down until 7; server 1 takes the first guest's last 2, 4..6, then the second's, who
    # came at 5, until it has worked 4 too, at 8. Server 0 is back and works 4, 8..12.
    result = box([0, 5], engine, WORKING)
    assert column(result, "left") == [6, 12]
    assert column(result, "queueing") == [0, 1]


def test_the_free_server_with_the_lowest_number_is_taken(engine):
    # server 0 has worked 0..2, so it fails 2 after it took the guest at 3; server 1 does all of it again, 5..8
    assert column(box([3], engine, WORKING + ", after: restart", work=3, first=[0]), "left", "guest") == [8]


@pytest.mark.parametrize(("after", "left"), [("resume", 5), ("restart", 7)])
def test_another_server_resumes_or_starts_again(engine, after, left):
    # server 0 has worked 0..2 when it takes the guest, and fails at 4; of 3 is left 1
    result = box([2], engine, f"{WORKING}, after: {after}", work=3, first=[0])
    assert column(result, "left", "guest") == [left]


def test_both_fail_at_one_instant(engine):
    # at 10 server 0 fails, server 1 takes the guest and fails too; 2 of 4 are left at 13
    result = box([8], engine, ALWAYS, work=4)
    assert column(result, "left") == [15]
    assert column(result, "held") == [3]


def test_a_failure_due_when_the_work_ends_happens_when_that_server_works_again(engine):
    # 0..4; at 6 it begins and fails, and works 9..13
    result = box([0, 6], engine, WORKING, work=4, capacity=1)
    assert requests(result, "begun", "serve") == [0, 6]
    assert column(result, "left") == [4, 13]


REPAIRED = """
actors:
  box: {lane: system, capacity: 2, failures: {stops: one, every: 10, repair: mend}}
  engineer: {lane: backstage, staff: STAFF}
  back: {lane: backstage, staff: unlimited}
services:
  four: {by: box, steps: [{work: 4}]}
  six: {by: box, steps: [{work: 6}]}
  held: {by: box, steps: [{work: 1}, {ask: check}, {work: 1}]}
  check: {by: back, steps: [{work: 6}]}
  mend: {by: engineer, steps: [{work: 3}]}
customers:
"""


def test_one_engineer_repairs_one_server_after_the_other(engine):
    chain = REPAIRED + '  a: {arrivals: "at([8])", journey: [{ask: four}]}\n'
    chain += '  b: {arrivals: "at([9])", journey: [{ask: six}]}\n'
    result = happened(chain.replace("STAFF", "1"), engine)
    # server 0 is back at 13 and does what is left of both, 2 and 5; server 1 is back at 16, too late
    assert requests(result, "ended", "mend") == [13, 16]
    assert column(result, "left") == [15, 20]


def test_two_engineers_repair_both_at_once(engine):
    chain = REPAIRED + '  a: {arrivals: "at([8])", journey: [{ask: four}]}\n'
    chain += '  b: {arrivals: "at([9])", journey: [{ask: six}]}\n'
    result = happened(chain.replace("STAFF", "2"), engine)
    assert requests(result, "ended", "mend") == [13, 13]
    assert column(result, "left") == [15, 18]


def test_who_is_held_has_no_server_any_more(engine):
    chain = REPAIRED + '  a: {arrivals: "at([8, 8])", journey: [{ask: held}]}\n'
    chain += '  c: {arrivals: "at([12])", journey: [{ask: six}]}\n'
    result = happened(chain.replace("STAFF", "1"), engine)
    # Both are checked 9..15 and lose their servers at 10. Server 0 is back at 13 and takes c, 13..19. From 15 both
    # stand in line; server 1 is back at 16: 16..17, 17..18.
    assert column(result, "left", "c") == [19]
    assert column(result, "left", "a") == [17, 18]
    assert column(result, "held", "a") == [7, 8]


def test_patience_that_covers_the_wait_ends_in_line_again(engine):
    # begins at 8, in line from 10
    for patience, left in ((1, 10), (2, 10), (3, 11), (6, 15)):
        more = f"patience: {patience}, patience_covers: wait,"
        assert column(box([8], engine, ALWAYS, work=4, capacity=1, more=more), "left") == [left], patience


def test_what_is_put_back_interrupts_work_of_a_higher_number(engine):
    result = happened(
        """
        actors: {box: {lane: system, capacity: 2, preempt: true,
                       failures: {stops: one, every: 4, lasts: 3, clock: working}}}
        services: {serve: {by: box, steps: [{work: 6}]}, long: {by: box, steps: [{work: 10}]}}
        customers:
          normal: {arrivals: "at([0])", journey: [{ask: serve}]}
          slow: {arrivals: "at([3])", priority: 2, journey: [{ask: long}]}
        """,
        engine,
    )
    # Server 0 fails at 4; normal interrupts slow (1 done) on server 1 and ends at 6. Slow goes on there until server
    # 1 has worked 1 + 2 + 1, at 7; on server 0, just back, 7..11; on server 1, back since 10, 11..15: 1 + 1 + 4 + 4
    assert column(result, "left", "normal") == [6]
    assert column(result, "left", "slow") == [15]


def test_a_down_server_is_down_and_not_busy(engine):
    # one works 8..10 and 13..15, both are down 10..13; next they fail at 23
    one = box([8], engine, ALWAYS, work=4, customers=None, until=20)
    assert one.value("actors.box.busy.mean") == pytest.approx(4 / 20)
    assert one.value("actors.box.down.mean") == pytest.approx(6 / 40)
    assert one.value("actors.box.working.mean") == pytest.approx(4 / 40)
    assert one.value("actors.box.idle.mean") == pytest.approx(30 / 40)
    assert one.value("actors.box.queue_length.mean.mean") == pytest.approx(3 / 20)
    assert one.value("actors.box.overtime.mean") == 0
