"""Closed populations: members think, come, leave and think again. Thinking takes 3 and work 2."""

import pytest

from servicechain import RunError
from timelines import column, happened

DESK = """
actors: {desk: {lane: contact, staff: STAFF}}
services: {serve: {by: desk, steps: [{work: 2}]}}
customers:
  member: {arrivals: {population: 2, think: 3}, MORE journey: [{ask: serve}]}
"""


def desk(engine, staff=1, more="", think=3, population=2, others="", **settings):
    chain = DESK.replace("STAFF", str(staff)).replace("MORE", more).replace("think: 3", f"think: {think}")
    return happened(chain.replace("population: 2", f"population: {population}") + others, engine, **settings)


def test_members_begin_by_thinking_and_think_again(engine):
    result = desk(engine, customers=4)
    # 0: 3..5, thinks until 8, 8..10. 1: waits 3..5, 5..7, thinks until 10, 10..12
    assert column(result, "arrived") == [3, 3, 8, 10]
    assert column(result, "queueing") == [0, 2, 0, 0]
    assert column(result, "left") == [5, 7, 10, 12]


def test_numbers_tell_the_cycle_and_the_member(engine):
    assert column(desk(engine, customers=4), "number") == [0, 1, 2, 3]
    # 2 servers: both come at 3, 8, 13
    assert column(desk(engine, staff=2, customers=6), "number") == [0, 1, 2, 3, 4, 5]
    assert column(desk(engine, staff=2, customers=6), "arrived") == [3, 3, 8, 8, 13, 13]


def test_who_gives_up_thinks_again(engine):
    result = desk(engine, more="patience: 1,", customers=4)
    # 1 leaves at 4, thinks until 7, 7..9; 0 left at 5, is back at 8 and begins at 9, when its patience ends
    assert column(result, "arrived") == [3, 3, 7, 8]
    assert column(result, "number") == [0, 1, 3, 2]
    assert column(result, "outcome") == ["finished", "abandoned", "finished", "finished"]
    assert column(result, "left") == [5, 4, 9, 11]


def test_members_stop_after_so_many_journeys(engine):
    result = desk(engine, customers=3)
    assert column(result, "arrived") == [3, 3, 8]
    assert column(result, "left") == [5, 7, 10]
    assert result.value("customers.member.unfinished.mean") == 0


def test_a_run_until_a_time_leaves_members_where_they_are(engine):
    result = desk(engine, customers=None, until=11)
    assert result.value("customers.member.arrived.mean") == 4
    assert column(result, "outcome") == ["finished", "finished", "finished", "unfinished"]


def test_a_busy_desk_of_three_members(engine):
    result = desk(engine, population=3, think=1, customers=None, until=21)
    # from 1 on somebody always waits: ends at 3, 5 … 19, and each is back one minute later, 4, 6 … 20
    assert result.value("actors.desk.working.mean") == pytest.approx(20 / 21)
    assert result.value("customers.member.arrived.mean") == 3 + 9
    assert result.value("customers.member.finished.mean") == 9
    # round by round: 0, 2, 4 at first; then they come one minute before one of two minutes' work ends, with one
    # more before them: 3 each
    assert column(result, "queueing")[:6] == [0, 2, 4, 3, 3, 3]


def test_thinking_may_take_no_time(engine):
    result = desk(engine, population=1, think=0, customers=None, until=7)
    assert column(result, "arrived") == [0, 2, 4, 6]


@pytest.mark.theory  # it lets 200,000 things happen
def test_a_member_who_does_nothing_and_does_not_think_stands_still(engine):
    def enough(replication, left, now):
        assert left < 400_000, f"{left} journeys at {now}"  # and not for ever

    with pytest.raises(RunError, match="stands still"):
        happened(
            """
            actors: {desk: {lane: contact, staff: 1}}
            services: {serve: {by: desk, steps: []}}
            customers: {member: {arrivals: {population: 1, think: 0}, journey: [{ask: serve}]}}
            """,
            engine,
            customers=None,
            until=10,
            progress=enough,
        )


def test_the_end_of_thinking_comes_before_arrivals(engine):
    others = '  guest: {arrivals: "at([3])", journey: [{ask: serve}]}\n'
    result = desk(engine, population=1, others=others, customers=2)
    assert column(result, "queueing", "guest") == [2]
    first = DESK.replace("customers:\n", "customers:\n" + others).replace("population: 2", "population: 1")
    result = happened(first.replace("STAFF", "1").replace("MORE", ""), engine, customers=2)
    assert column(result, "queueing", "guest") == [2]  # also where the class stands first in the file


def test_the_whole_journey_counts_also_what_is_done_alone(engine):
    result = desk(engine, population=1, more="", customers=2)
    assert column(result, "arrived") == [3, 8]
    chain = DESK.replace("STAFF", "1").replace("MORE", "").replace("2, think", "1, think")
    result = happened(chain.replace("[{ask: serve}]", "[{ask: serve}, {pause: 4}]"), engine, customers=2)
    # 3..5, 5..9, thinks until 12
    assert column(result, "arrived") == [3, 12]


def test_what_was_told_goes_on_while_the_teller_thinks(engine):
    chain = DESK.replace("STAFF", "1").replace("MORE", "").replace("2, think", "1, think")
    result = happened(chain.replace("{ask: serve}", "{tell: serve}"), engine, customers=3)
    assert column(result, "arrived") == [3, 6, 9]


def test_a_member_thinks_as_long_whatever_the_staff(engine):
    def thoughts(staff):
        frame = desk(engine, staff=staff, population=3, think="exponential(mean=3)", customers=30).customer_records
        found = {}
        for one in frame.itertuples():
            cycle, member = divmod(one.number, 3)
            before = frame[frame["number"] == one.number - 3]["left"]
            found[cycle, member] = one.arrived - (before.item() if cycle else 0)
        return found

    slow, quick = thoughts(1), thoughts(3)
    common = slow.keys() & quick.keys()
    assert len(common) > 20
    assert len({round(slow[key], 9) for key in common}) == len(common)
    assert all(slow[key] == pytest.approx(quick[key], abs=1e-9) for key in common)
