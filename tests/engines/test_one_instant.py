"""What happens first when several things happen at one instant: chains with whole-number times full of ties.

Every expected number is worked out by hand from the rules; the comment beside it tells the way.
"""

import pytest

from timelines import column, happened, requests

ONE_DESK = """
actors: {{desk: {{lane: contact, staff: {staff}}}}}
services: {{serve: {{by: desk, steps: [{{work: {work}}}]}}}}
customers: {{guest: {{arrivals: "at({times})", {more} journey: [{{ask: serve}}]}}}}
"""


def one_desk(times, engine, staff=1, work=2, more="", **settings):
    return happened(ONE_DESK.format(times=times, staff=staff, work=work, more=more), engine, **settings)


def test_first_come_first_served(engine):
    result = one_desk([0, 0, 1], engine)
    # begins at 0, 2 and 4
    assert column(result, "queueing") == [0, 2, 3]
    assert column(result, "left") == [2, 4, 6]


def test_an_end_of_work_comes_before_an_arrival(engine):
    result = one_desk([0, 2], engine)
    assert column(result, "queueing") == [0, 0]
    assert result.value("actors.desk.queue_length.max.mean") == 0  # nobody ever stood in line


def test_who_waits_is_taken_before_who_arrives_at_that_instant(engine):
    result = one_desk([0, 1, 2], engine)
    assert column(result, "queueing") == [0, 1, 2]


def test_a_free_server_comes_before_the_end_of_patience(engine):
    # the second joins at 1 and would leave at 2, when the first ends
    result = one_desk([0, 1], engine, more="patience: 1,")
    assert column(result, "outcome") == ["finished", "finished"]
    assert column(result, "queueing") == [0, 1]


def test_an_arrival_comes_before_the_end_of_patience(engine):
    # the second's patience ends at 3, when the third arrives: for an instant both stand in line
    result = one_desk([0, 1, 3], engine, work=10, more="patience: 2,")
    assert column(result, "outcome") == ["finished", "abandoned", "abandoned"]
    assert column(result, "left") == [10, 3, 5]
    assert result.value("actors.desk.queue_length.max.mean") == 2


def test_patience_zero_is_loss(engine):
    result = one_desk([0, 1, 2], engine, more="patience: 0,")
    assert column(result, "outcome") == ["finished", "abandoned", "finished"]
    assert column(result, "left") == [2, 1, 4]


def test_work_of_no_time_ends_before_the_next_arrival_of_that_instant(engine):
    # work: 0 is an event of the first kind, so each is gone before the next comes, all at 0
    result = one_desk([0, 0, 0], engine, work=0)
    assert column(result, "left") == [0, 0, 0]
    assert result.value("actors.desk.queue_length.max.mean") == 0


def test_arrivals_of_one_instant_come_in_the_order_of_the_file(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 2}]}}
        customers:
          second: {arrivals: "every(1)", journey: [{ask: serve}]}
          first: {arrivals: "at([1])", journey: [{ask: serve}]}
        """,
        engine,
        customers=2,
    )
    # both come at 1; `second` stands first in the file, whatever was scheduled first
    assert column(result, "queueing", "second") == [0]
    assert column(result, "queueing", "first") == [2]


def test_a_batch_asks_in_the_order_of_its_numbers(engine):
    result = one_desk([0], engine, work=3, more="batch: 3,")
    assert column(result, "number") == [0, 1, 2]
    assert column(result, "queueing") == [0, 3, 6]


def test_the_server_takes_its_next_request_before_the_asker_goes_on(engine):
    # the asker wants the same system again, but the system has taken the second guest's request by then
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 2}, system: {lane: system, capacity: 1}}
        services:
          serve: {by: desk, steps: [{ask: look}, {ask: look}]}
          look: {by: system, steps: [{work: 1}]}
        customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
        """,
        engine,
    )
    # looks: first guest 0..1, second 1..2, first again 2..3, second again 3..4
    assert column(result, "left") == [3, 4]


def test_the_next_request_begins_before_the_asker_goes_on(engine):
    result = happened(
        """
        actors:
          desk: {lane: contact, staff: 2}
          system: {lane: system, capacity: 1}
          expert: {lane: backstage, staff: 1}
        services:
          serve: {by: desk, steps: [{ask: look}, {ask: decide}]}
          look: {by: system, steps: [{ask: decide}, {work: 1}]}
          decide: {by: expert, steps: [{work: 4}]}
        customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
        """,
        engine,
    )
    # First look 0..5: decided 0..4, work 4..5. At 5 the system takes the second look, which asks the expert
    # first, 5..9; only then the first desk goes on and asks too: 9..13. The second look works 9..10, and its
    # desk asks at 10: 13..17.
    frame = result.request_records
    decided = frame[frame["service"] == "decide"].sort_values("begun")
    assert list(decided["begun"]) == [0, 5, 9, 13]
    assert list(decided["number"]) == [0, 1, 0, 1]
    assert requests(result, "begun", "look") == [0, 5]
    assert column(result, "left") == [13, 17]


def test_a_request_joins_its_line_when_it_is_its_turn(engine):
    result = happened(
        """
        actors: {team: {lane: contact, staff: 3}}
        services:
          s1: {by: team, steps: [{tell: s2}, {hand_off: s2, priority: 2}]}
          s2: {by: team, steps: [{hand_off: s3}]}
          s3: {by: team, steps: [{work: 1}]}
        customers: {guest: {arrivals: "at([0])", batch: 3, journey: [{ask: s1}]}}
        """,
        engine,
    )
    # All at 0. The three begin s1; each tells (t) and hands off (h), which frees its server: asked, in turn, are
    # t1 h1 t2 h2 t3 h3. t1, h1 and t2 take the servers, t3 stands before h2 and h3. Then they hand off in turn:
    # t1's server takes t3, h1's takes h2, t2's takes h3. Next in turn: t3 hands off and its server is free, t1
    # is asked for s3 and takes it; h2 hands off and its server is free, h1 is asked for s3 and takes it: 0..1.
    assert column(result, "left")[0] == 1


def test_consequences_go_first_in_first_out(engine):
    # at 2 the copier finishes, in this order, the jobs of `a` and `b` (scheduled in that order), and both
    # desks then ask the printer: `a` is first, though `b` has come first of all
    result = happened(
        """
        actors:
          desk: {lane: contact, staff: 2}
          copier: {lane: system, capacity: 2}
          printer: {lane: system, capacity: 1}
        services:
          slow: {by: desk, steps: [{work: 1}, {ask: copy one}, {ask: print}]}
          quick: {by: desk, steps: [{ask: copy two}, {ask: print}]}
          copy one: {by: copier, steps: [{work: 1}]}
          copy two: {by: copier, steps: [{work: 2}]}
          print: {by: printer, steps: [{work: 5}]}
        customers:
          b: {arrivals: "at([0])", journey: [{ask: slow}]}
          a: {arrivals: "at([0])", journey: [{ask: quick}]}
        """,
        engine,
    )
    # copy two was scheduled at 0 for 2, copy one at 1 for 2: the end of copy two is first
    assert column(result, "left", "a") == [7]
    assert column(result, "left", "b") == [12]


def test_a_handed_off_request_joins_after_the_server_has_taken_its_next(engine):
    # one desk offers both: the first visitor's second half joins the line behind who already stands there
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services:
          ask first: {by: desk, steps: [{work: 2}, {hand_off: finish}]}
          finish: {by: desk, steps: [{work: 3}]}
        customers: {guest: {arrivals: "at([0, 1])", journey: [{ask: ask first}]}}
        """,
        engine,
    )
    # 0..2 first, 2..4 second, 4..7 first again, 7..10 second again
    assert requests(result, "begun", "finish") == [4, 7]
    assert column(result, "queueing") == [2, 4]  # 2..4; and 1..2 with 4..7
    assert column(result, "left") == [7, 10]


def test_a_run_until_a_time_leaves_out_what_is_due_then(engine):
    result = one_desk([0, 5], engine, work=5, customers=None, until=5)
    assert column(result, "outcome") == ["unfinished"]
    assert result.value("customers.guest.arrived.mean") == 1
    assert result.value("actors.desk.working.mean") == 1


@pytest.mark.parametrize("order", [[5, 1, 3], [1, 3, 5], [3, 5, 1]])
def test_listed_times_need_no_order(engine, order):
    assert column(one_desk(order, engine, work=1), "arrived") == [1, 3, 5]
