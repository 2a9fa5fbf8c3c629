"""Services that more than one actor offers: who takes the request, where it stands in line, who goes on with it."""

import pytest

from rosters import roster
from timelines import column, happened, requests

TWO = """
actors:
  senior: {lane: contact, staff: 1%s}
  junior: {lane: contact, staff: 1%s}
services:
  serve: {by: [senior, junior], steps: [{work: 10}]}
  either brief: {by: [senior, junior], steps: [{work: 4}]}
  for the senior: {by: senior, steps: [{work: 4}]}
  for the junior: {by: junior, steps: [{work: 4}]}
customers:
"""


def guest(name, times, service, more=""):
    return f'  {name}: {{arrivals: "at({times})", {more} journey: [{{ask: {service}}}]}}\n'


def test_the_first_who_is_free_takes_it(engine):
    result = happened(TWO % ("", ", speed: 0.5") + guest("a", [0, 0, 0, 0, 30], "either brief"), engine)
    # senior 0..4, junior 0..8, senior 4..8; at 8 the junior's end was scheduled first: 8..16. All free: the senior
    assert requests(result, "actor", "either brief") == ["senior", "junior", "senior", "junior", "senior"]
    assert column(result, "left") == [4, 8, 8, 16, 34]


def test_they_share_one_line(engine):
    chain = TWO % ("", "") + guest("old", [0], "serve") + guest("new", [0], "for the junior")
    chain += guest("a", [1], "either brief") + guest("b", [2], "for the junior") + guest("c", [3], "either brief")
    result = happened(chain, engine)
    # senior 0..10; junior 0..4, then in the order of asking: a 4..8, b 8..12; c by the senior at 10
    assert [column(result, "left", name) for name in "abc"] == [[8], [12], [14]]


def test_the_lowest_number_is_first_in_the_line_they_share(engine):
    chain = TWO % ("", "") + guest("old", [0], "serve") + guest("new", [0], "for the junior")
    chain += guest("a", [1], "either brief") + guest("b", [2], "for the junior", "priority: 0,")
    result = happened(chain, engine)
    assert [column(result, "left", name) for name in "ab"] == [[12], [8]]


def test_whoever_is_taken_has_left_the_other_line(engine):
    chain = TWO % ("", "") + guest("old", [0], "serve") + guest("new", [0], "for the junior")
    chain += guest("a", [1], "either brief")
    result = happened(chain, engine, customers=None, until=20)
    # a by the junior 4..8; the senior, free at 10, finds nobody
    assert result.value("services.either brief.begun.mean") == 1
    assert result.value("actors.senior.busy.mean") == pytest.approx(10 / 20)
    assert result.value("actors.junior.busy.mean") == pytest.approx(8 / 20)


def test_in_line_it_counts_at_the_first_of_them(engine):
    chain = TWO % ("", "") + guest("old", [0], "serve") + guest("new", [0], "for the junior")
    chain += guest("a", [1, 2], "either brief") + guest("b", [3], "for the junior")
    result = happened(chain, engine, customers=None, until=20)
    # the junior works 0..4, 4..8, 8..12: a waits 1..4 and 2..8, counted at the senior, and b 3..12 at the junior. The
    # senior, free at 10, may not take b
    assert requests(result, "begun", "either brief") == [4, 8]
    assert requests(result, "begun", "for the junior") == [0, 12]
    assert result.value("actors.senior.queue_length.mean.mean") == pytest.approx((3 + 6) / 20)
    assert result.value("actors.senior.queue_length.max.mean") == 2
    assert result.value("actors.junior.queue_length.mean.mean") == pytest.approx(9 / 20)
    assert result.value("actors.junior.queue_length.max.mean") == 1


URGENT = ("urgent", [4], "either brief", "priority: 0,")


@pytest.mark.parametrize(
    ("senior", "junior", "left"),
    [
        # both began at 0, work 10; urgent at 4 for 4
        (", preempt: true", ", preempt: true", [14, 10]),
        (", preempt: true", "", [14, 10]),
        ("", ", preempt: true", [10, 14]),
    ],
)
def test_the_first_who_can_be_interrupted_is(engine, senior, junior, left):
    result = happened(TWO % (senior, junior) + guest("a", [0, 0], "serve") + guest(*URGENT), engine)
    assert column(result, "left", "a") == left
    assert column(result, "left", "urgent") == [8]


def test_the_second_who_is_free_comes_before_the_first_who_is_not(engine):
    result = happened(TWO % (", preempt: true", "") + guest("a", [0], "serve") + guest(*URGENT), engine)
    assert column(result, "left", "a") == [10]
    assert requests(result, "actor", "either brief") == ["junior"]


@pytest.mark.parametrize(
    ("senior", "junior", "left"),
    [
        # interrupted at 4 with 6 of 10 left, and the junior is free
        ("", "", 10),
        ("", ", speed: 0.5", 16),
        # a senior of speed 2 needs 5: at 4 one minute, so 2 of 10, is left
        (", speed: 2", "", 6),
        (", speed: 2", ", speed: 4", 4.5),
    ],
)
def test_another_goes_on_at_their_own_speed(engine, senior, junior, left):
    chain = TWO % (", preempt: true" + senior, junior) + guest("a", [0], "serve")
    result = happened(chain + guest("urgent", [4], "for the senior", "priority: 0,"), engine)
    assert column(result, "left", "a") == [left]


def test_the_first_goes_on_with_what_the_second_began(engine):
    chain = TWO % ("", ", preempt: true, speed: 0.5") + guest("early", [0], "for the senior")
    chain += guest("a", [1], "serve") + guest("urgent", [5], "for the junior", "priority: 0,")
    # the junior begins at 1 and would need 20; at 5, 8 of 10 are left, and the senior has been free since 4
    assert column(happened(chain, engine), "left", "a") == [13]


BROKEN = """
actors:
  box: {lane: system, capacity: 1, failures: {every: 10, lasts: 3, %s}}
  paper: {lane: system, capacity: 1, speed: 0.5}
services: {look: {by: [box, paper], steps: [{work: 4}]}}
customers: {guest: {arrivals: "at(%s)", journey: [{ask: look}]}}
"""


@pytest.mark.parametrize(
    ("how", "left"),
    [
        ("stops: all", 15),  # keeps its server, the box: 8..10 and 13..15
        ("stops: all, after: restart", 17),
        ("stops: one", 14),  # back in line, and paper takes the other 2 of 4 in 4
        ("stops: one, after: restart", 18),  # or all 4 in 8
    ],
)
def test_what_a_failure_interrupts(engine, how, left):
    assert column(happened(BROKEN % (how, [8]), engine), "left") == [left]


@pytest.mark.parametrize("how", ["stops: all", "stops: one"])
def test_who_is_down_takes_nothing(engine, how):
    result = happened(BROKEN % (how, [11, 12]), engine)
    # paper 11..19, box 13..17
    assert requests(result, "actor", "look") == ["paper", "box"]
    assert column(result, "left") == [19, 17]


def test_who_is_not_there_takes_nothing_and_another_goes_on_after_the_shift(engine):
    chain = (TWO % ("", "")).replace("senior: {lane: contact, staff: 1", "senior: {lane: contact, SHIFTS")
    chain = chain.replace("SHIFTS", f"shifts: {roster({0: 1, 4: 0})}, at_shift_end: stop")
    chain += guest("a", [0], "serve") + guest("b", [20], "either brief")
    result = happened(chain, engine)
    # a by the senior 0..4, by the junior 4..10; b by the junior
    assert column(result, "left", "a") == [10]
    assert column(result, "left", "b") == [24]


def test_whether_a_customer_is_attended_depends_on_who_serves(engine):
    chain = (TWO % ("", "")).replace("junior: {lane: contact", "junior: {lane: backstage")
    result = happened(chain + guest("a", [0, 0], "either brief"), engine)
    assert column(result, "attended") == [4, 0]
    assert column(result, "held") == [0, 4]


def test_who_gives_up_leaves_all_lines(engine):
    chain = TWO % ("", "") + guest("old", [0, 0], "serve") + guest("hasty", [1], "either brief", "patience: 2,")
    result = happened(chain + guest("last", [5, 5], "either brief"), engine)
    assert column(result, "left", "hasty") == [3]
    assert column(result, "left", "last") == [14, 14]
