"""Pre-emption: who is interrupted, by whom, when, and who goes on with it. Work is 6, urgent work 2."""

import pytest

from timelines import column, happened, requests

DESK = """
actors:
  desk: {lane: contact, staff: %s, preempt: true}
  back: {lane: backstage, staff: unlimited}
services:
  serve: {by: desk, steps: [{work: 6}]}
  rush: {by: desk, steps: [{work: 2}]}
customers:
"""


def guest(name, times, priority=1, service="serve"):
    return f'  {name}: {{arrivals: "at({times})", priority: {priority}, journey: [{{ask: {service}}}]}}\n'


def urgent(times):
    return guest("urgent", times, 0, "rush")


def left(result, *names):
    return [column(result, "left", name) for name in names]


def test_a_lower_number_interrupts_and_an_equal_one_waits(engine):
    result = happened(DESK % 1 + guest("a", [0]) + guest("b", [1], service="rush") + urgent([3]), engine)
    # a 0..3, urgent 3..5, a 5..8, b 8..10
    assert left(result, "a", "b", "urgent") == [[8], [10], [5]]


def test_without_the_word_nobody_is_interrupted(engine):
    chain = (DESK % 1).replace(", preempt: true", "") + guest("a", [0]) + urgent([3])
    assert left(happened(chain, engine), "a", "urgent") == [[6], [8]]


def test_the_highest_number_is_the_victim(engine):
    result = happened(DESK % 3 + guest("a", [0], 3) + guest("b", [1], 2) + guest("c", [2], 3) + urgent([3, 3]), engine)
    # c, with 5 left, and a, with 3; both are resumed at 5: a 5..8, c 5..10
    assert left(result, "a", "b", "c") == [[8], [7], [10]]


def test_of_equal_numbers_who_began_last_is_the_victim(engine):
    result = happened(DESK % 2 + guest("a", [0, 1]) + urgent([3]), engine)
    assert left(result, "a", "urgent") == [[6, 9], [5]]


def test_all_victims_come_back_in_the_order_of_asking(engine):
    result = happened(DESK % 2 + guest("a", [0, 1]) + guest("b", [2]) + urgent([3, 3, 3]), engine)
    # two urgent 3..5, the third 5..7 beside the first a, 5..8; then the second a, 7..11, and b, 8..14
    assert left(result, "a", "b", "urgent") == [[8, 11], [14], [5, 5, 7]]


def test_who_comes_first_of_the_urgent_is_first(engine):
    result = happened(DESK % 1 + guest("a", [0]) + urgent([2, 3]), engine)
    # a has 4 left when both have been served
    assert left(result, "a", "urgent") == [[10], [4, 6]]


def test_any_free_server_goes_on(engine):
    result = happened(DESK % 2 + guest("a", [0]) + guest("b", [2]) + guest("urgent", [3], 0, "serve"), engine)
    # urgent 3..9 on b's server; b, with 5 left, goes on on a's, 6..11
    assert left(result, "a", "b", "urgent") == [[6], [11], [9]]


def test_an_end_of_work_comes_before_who_would_interrupt_it(engine):
    result = happened(DESK % 1 + guest("a", [0]) + urgent([6]), engine)
    assert left(result, "a", "urgent") == [[6], [8]]
    assert column(result, "held", "a") == [0]


def test_it_can_happen_in_the_instant_of_the_beginning(engine):
    result = happened(DESK % 1 + guest("a", [0]) + urgent([0]), engine)
    assert requests(result, "begun", "serve") == [0]
    assert left(result, "a", "urgent") == [[8], [2]]
    assert column(result, "queueing", "a") == [0]


HELD = """
actors:
  desk: {lane: contact, staff: 1, preempt: true}
  back: {lane: backstage, staff: unlimited}
services:
  serve: {by: desk, steps: [STEPS]}
  rush: {by: desk, steps: [{work: 2}]}
  check: {by: back, steps: [{work: 4}]}
customers:
"""


@pytest.mark.parametrize(
    ("steps", "a", "rush"),
    [
        # held 0..4; would work from 4 on, is put back instead with all its work
        ("{ask: check}, {work: 3}", 9, 6),
        ("{pause: 4}, {work: 3}", 9, 6),
        # works 0..1, 2 left at 1, where it is interrupted: 3..5, and then held
        ("{work: 3}, {ask: check}", 9, 3),
        # never works again: it is not interrupted
        ("{ask: check}, {pause: 1}", 5, 7),
    ],
)
def test_who_is_held_is_interrupted_when_it_works_again(engine, steps, a, rush):
    result = happened(HELD.replace("STEPS", steps) + guest("a", [0]) + urgent([1]), engine)
    assert left(result, "a", "urgent") == [[a], [rush]]


def test_who_gave_up_waiting_interrupts_nobody(engine):
    chain = HELD.replace("STEPS", "{ask: check}, {work: 3}") + guest("a", [0])
    result = happened(chain + urgent([1]).replace("priority: 0", "priority: 0, patience: 2"), engine)
    assert left(result, "a", "urgent") == [[7], [3]]


def test_wrap_up_is_interrupted_while_it_works_and_not_while_it_is_held(engine):
    steps = "{work: 1}, reply, {work: 2}, {pause: 3}, {work: 1}"
    chain = HELD.replace("STEPS", steps) + guest("a", [0]) + urgent([2, 6])
    # wrap-up 1..2, urgent 2..4, wrap-up 4..5, pause 5..8, urgent 8..10, wrap-up 10..11
    result = happened(chain, engine, customers=None, until=20)
    assert requests(result, "ended", "serve") == [11]
    assert left(result, "a", "urgent") == [[1], [4, 10]]


def test_the_priority_of_a_step_of_a_service_counts(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 2}, expert: {lane: backstage, staff: 1, preempt: true}}
        services:
          as usual: {by: desk, steps: [{ask: decide}]}
          in a hurry: {by: desk, steps: [{ask: decide, priority: 0}]}
          decide: {by: expert, steps: [{work: 6}]}
        customers:
          a: {arrivals: "at([0])", journey: [{ask: as usual}]}
          b: {arrivals: "at([2])", journey: [{ask: in a hurry}]}
        """,
        engine,
    )
    assert left(result, "a", "b") == [[12], [8]]
    # both stand before a desk that is held, all the time
    assert column(result, "held") == [12, 6]


BOX = """
actors: {box: {lane: system, capacity: 1, preempt: true, failures: {every: 10, lasts: 3, after: AFTER}}}
services: {serve: {by: box, steps: [{work: WORK}]}, rush: {by: box, steps: [{work: 2}]}}
customers:
"""


@pytest.mark.parametrize(("after", "slow"), [("resume", 17), ("restart", 19)])
def test_who_came_during_a_failure_interrupts_at_the_repair(engine, after, slow):
    chain = BOX.replace("AFTER", after).replace("WORK", "4") + guest("a", [8]) + urgent([11])
    # a 8..10; at 13 urgent, 13..15, then the other 2 of 4, or all 4
    assert left(happened(chain, engine), "a", "urgent") == [[slow], [15]]


@pytest.mark.parametrize("after", ["resume", "restart"])
def test_who_is_interrupted_by_a_request_never_starts_again(engine, after):
    chain = BOX.replace("AFTER", after).replace("WORK", "4") + guest("a", [0]) + urgent([3])
    assert left(happened(chain, engine), "a", "urgent") == [[6], [5]]


@pytest.mark.parametrize(("after", "end"), [("resume", 13 + 1.5), ("restart", 13 + 9.5)])
def test_a_failure_after_an_interruption_restarts_the_whole_step(engine, after, end):
    chain = BOX.replace("AFTER", after).replace("WORK", "9.5") + guest("a", [0]) + urgent([2])
    # 2 done, urgent 2..4, 6 more by 10: 1.5 left, or 9.5
    assert left(happened(chain, engine), "a", "urgent") == [[end], [4]]


def test_a_failure_strikes_who_interrupts_too(engine):
    chain = BOX.replace("AFTER", "resume").replace("WORK", "4") + guest("a", [8]) + urgent([9])
    # a 8..9, urgent 9..10 and 13..14, a 14..17
    assert left(happened(chain, engine), "a", "urgent") == [[17], [14]]
