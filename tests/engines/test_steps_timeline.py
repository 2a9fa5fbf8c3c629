"""What each step does to servers and customers: timelines worked out by hand."""

from timelines import column, happened, requests

DESK_AND_BACK = """
actors:
  desk: {lane: contact, staff: 1}
  back: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [%s]}
  check: {by: back, steps: [{work: 3}]}
customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
"""


def states(result):
    names = ("queueing", "held", "attended", "own")
    return list(zip(*(column(result, name) for name in names), strict=True))


def test_an_ask_holds_the_server_and_the_customer(engine):
    result = happened(DESK_AND_BACK % "{work: 2}, {ask: check}, {work: 1}", engine)
    # first 0..6: attended 0..2, held 2..5, attended 5..6; second waits 6, the same again
    assert states(result) == [(0, 3, 3, 0), (6, 3, 3, 0)]
    assert requests(result, "begun", "check") == [2, 8]
    assert column(result, "left") == [6, 12]


def test_a_tell_holds_nobody(engine):
    result = happened(DESK_AND_BACK % "{work: 2}, {tell: check}, {work: 1}", engine)
    assert states(result) == [(0, 0, 3, 0), (3, 0, 3, 0)]
    # told at 2 and at 5; the first check takes 2..5
    assert requests(result, "asked", "check") == [2, 5]
    assert requests(result, "begun", "check") == [2, 5]


def test_a_told_request_outlives_the_teller_and_the_run(engine):
    result = happened(DESK_AND_BACK % "{work: 2}, {work: 1}, {tell: check}", engine)
    assert column(result, "left") == [3, 6]
    # told at 3: 3..6, ending at the instant in which the run ends; told at 6: begun, not ended
    assert requests(result, "outcome", "check")[1] == "unfinished"


def test_a_hand_off_frees_the_server_and_queues_anew(engine):
    result = happened(DESK_AND_BACK % "{work: 2}, {hand_off: check}", engine)
    # desk 0..2, 2..4; back 2..5, 5..8. Behind the line of visibility the customer is held, not attended
    assert states(result) == [(0, 3, 2, 0), (2 + 1, 3, 2, 0)]
    assert requests(result, "outcome", "serve") == ["handed_off", "handed_off"]
    assert column(result, "left") == [5, 8]


def test_a_reply_lets_the_customer_go_and_keeps_the_server(engine):
    result = happened(DESK_AND_BACK % "{work: 2}, reply, {work: 5}", engine)
    assert column(result, "left") == [2, 9]
    assert states(result) == [(0, 0, 2, 0), (7, 0, 2, 0)]
    assert requests(result, "answered", "serve") == [2, 9]
    assert requests(result, "ended", "serve")[0] == 7


def test_a_reply_lets_an_asking_server_go_on(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}, back: {lane: backstage, staff: 1}}
        services:
          serve: {by: desk, steps: [{ask: check}, {work: 1}]}
          check: {by: back, steps: [{work: 2}, reply, {work: 10}]}
        customers: {guest: {arrivals: "at([0, 0])", journey: [{ask: serve}]}}
        """,
        engine,
    )
    # check 0..2 answered, wrap-up until 12; the second guest is served from 3 and checked from 12
    assert column(result, "left") == [3, 15]
    assert states(result) == [(0, 2, 1, 0), (3, 11, 1, 0)]


def test_a_pause_holds_the_server_without_work(engine):
    result = happened(DESK_AND_BACK % "{work: 1}, {pause: 4}", engine, customers=None, until=10)
    assert states(result) == [(0, 4, 1, 0), (5, 4, 1, 0)]  # the second ends with the run, at 10
    assert result.value("actors.desk.working.mean") == 0.2  # 0..1 and 5..6 of ten
    assert result.value("actors.desk.held.mean") == 0.8


def test_own_work_and_pause_of_a_journey(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 1}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{work: 2}, {ask: serve}, {pause: 3}, {ask: serve}]}}
        """,
        engine,
    )
    assert states(result) == [(0, 0, 2, 5)]
    assert column(result, "left") == [7]


def test_out_of_sight_is_held_and_a_system_attends(engine):
    for lane, expected in (("contact", 0), ("system", 0), ("backstage", 2), ("supplier", 2)):
        count = "staff" if lane in ("contact", "backstage") else "capacity"
        result = happened(
            f"""
            actors: {{one: {{lane: {lane}, {count}: 1}}}}
            services: {{serve: {{by: one, steps: [{{work: 2}}]}}}}
            customers: {{guest: {{arrivals: "at([0])", journey: [{{ask: serve}}]}}}}
            """,
            engine,
        )
        assert column(result, "held") == [expected], lane
        assert column(result, "attended") == [2 - expected], lane


def test_speed_divides_work_and_not_pauses(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1, speed: 0.5}}
        services: {serve: {by: desk, steps: [{work: 2}, {pause: 1}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{work: 7}, {ask: serve}]}}
        """,
        engine,
    )
    assert column(result, "left") == [7 + 4 + 1]


def test_branches_that_are_certain(engine):
    result = happened(
        DESK_AND_BACK % "{chance: 1, then: [{work: 1}], else: [{work: 50}]}, {chance: 0, then: [{work: 50}]},"
        "{choose: [{weight: 0, steps: [{work: 50}]}, {weight: 2, label: this, steps: [{work: 4}]}, {weight: 0}]}",
        engine,
    )
    assert column(result, "attended") == [5, 5]


def test_loops_that_are_certain(engine):
    result = happened(
        DESK_AND_BACK % "{repeat: [{work: 1}], times: 3}, {repeat: [{work: 10}], times: 0},"
        "{repeat: [{work: 2}], until: 1}, {repeat: [{work: 4}], until: 0, at_most: 2}",
        engine,
    )
    assert column(result, "attended") == [3 + 2 + 8] * 2


def test_a_hand_off_in_a_branch_of_a_loop_leaves_it(engine):
    result = happened(
        DESK_AND_BACK % "{repeat: [{work: 1}, {chance: 1, then: [{hand_off: check}]}], times: 5}, {work: 100}", engine
    )
    assert column(result, "left") == [4, 7]


def test_rounds_of_a_loop_draw_anew_and_the_same_round_draws_the_same(engine):
    chain = DESK_AND_BACK % "{repeat: [{work: exponential(mean=1)}], times: 4}"
    once, again = (column(happened(chain, engine), "attended") for _ in range(2))
    assert once == again
    single = column(happened(DESK_AND_BACK % "{repeat: [{work: exponential(mean=1)}], times: 1}", engine), "attended")
    assert all(four != 4 * one for four, one in zip(once, single, strict=True))


def test_unlimited_never_lets_anybody_wait(engine):
    result = happened(
        """
        actors: {post: {lane: supplier}}
        services: {send: {by: post, steps: [{work: 5}]}}
        customers: {parcel: {arrivals: "at([0, 0, 0, 1])", journey: [{ask: send}]}}
        """,
        engine,
    )
    assert column(result, "left") == [5, 5, 5, 6]
    assert result.to_dict()["actors"]["post"]["utilisation"]["mean"] is None
    assert result.value("actors.post.busy.mean") == 3  # from 0 to the last arrival at 1


def test_an_empty_service_and_an_empty_journey_take_no_time(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {nod: {by: desk, steps: []}}
        customers:
          passer: {arrivals: "at([1])", journey: []}
          guest: {arrivals: "at([1, 2])", journey: [{ask: nod}]}
        """,
        engine,
    )
    assert column(result, "left") == [1, 1, 2]
