"""When a run ends, what is counted, and what is unfinished."""

from itertools import pairwise

import pytest

from servicechain import RunError, run
from timelines import column, happened, requests

DAY = """
actors: {desk: {lane: contact, staff: 2, wage: 30}}
services: {serve: {by: desk, standard: 1, steps: [{work: 4}]}}
customers: {guest: {arrivals: "at([0, 0, 0, 10, 12])", tolerance: {desired: 1, adequate: 5}, journey: [{ask: serve}]}}
"""


def test_all_numbers_of_a_small_day(engine):
    result = happened(DAY, engine)
    # servers: two busy 0..4, one 4..8, one 10..14, one 12..16; observed until the last arrival at 12
    report = result.to_dict()
    guest, serve, desk = report["customers"]["guest"], report["services"]["serve"], report["actors"]["desk"]
    assert (guest["arrived"]["mean"], guest["finished"]["mean"], guest["abandoned_share"]["mean"]) == (5, 5, 0)
    assert guest["wait"]["mean"] == pytest.approx(4 / 5)
    assert guest["wait"]["max"] == guest["wait"]["p95"] == 4
    assert guest["time_in_system"]["mean"] == pytest.approx(4.8)
    assert guest["delighted"]["mean"] == pytest.approx(0.8)
    assert (guest["inside"]["mean"], guest["below"]["mean"]) == (pytest.approx(0.2), 0)
    # zone of tolerance: 1 at no wait, 0.9 at 1, 0.5 at 5: at 4 it is 0.9 - 0.4 * 3 / 4
    assert guest["satisfaction"]["mean"] == pytest.approx((4 + 0.6) / 5)
    assert serve["requests"]["mean"] == 5
    assert serve["delayed_share"]["mean"] == pytest.approx(0.2)
    assert serve["within_standard"]["mean"] == pytest.approx(0.8)
    assert serve["duration"]["mean"] == 4
    assert desk["on_duty"]["mean"] == 2
    assert desk["busy"]["mean"] == pytest.approx((8 + 4 + 2) / 12)
    assert desk["working"]["mean"] == desk["utilisation"]["mean"] == pytest.approx(14 / 24)
    assert desk["idle"]["mean"] == pytest.approx(10 / 24)
    assert (desk["held"]["mean"], desk["down"]["mean"], desk["overtime"]["mean"]) == (0, 0, 0)
    assert desk["cost"]["mean"] == pytest.approx(30 * 2 * 12 / 60)
    assert desk["queue_length"]["mean"]["mean"] == pytest.approx(4 / 12)
    assert desk["queue_length"]["max"]["mean"] == 1
    (part,) = report["attribution"]["guest"]
    assert (part["actor"], part["cause"], part["share"]["mean"]) == ("desk", "work", 1)
    assert (part["queueing"]["mean"], part["held"]["mean"], part["time"]["mean"]) == (
        pytest.approx(0.8),
        0,
        pytest.approx(0.8),
    )
    assert guest["wait"]["halfwidth"] is None  # one replication tells nothing of its own error


def test_the_warm_up_is_simulated_and_not_counted(engine):
    result = happened(DAY, engine, warm_up=2)
    assert result.value("customers.guest.arrived.mean") == 2
    assert result.value("customers.guest.wait.mean") == 0
    assert result.value("services.serve.requests.mean") == 2
    # observed 2..12: two busy 2..4, one 4..8, one 10..12; one in line 2..4
    assert result.value("actors.desk.busy.mean") == pytest.approx((4 + 4 + 2) / 10)
    assert result.value("actors.desk.queue_length.mean.mean") == pytest.approx(0.2)
    assert result.value("actors.desk.queue_length.max.mean") == 1
    assert len(result.customer_records) == 5


def test_so_many_customers_cut_a_batch(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 1}]}}
        customers: {group: {arrivals: "every(10)", batch: 4, journey: [{ask: serve}]}}
        """,
        engine,
        customers=6,
    )
    assert column(result, "arrived") == [10, 10, 10, 10, 20, 20]
    assert column(result, "left") == [11, 12, 13, 14, 21, 22]


def test_requests_after_the_last_arrival_are_recorded_and_not_counted(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {greet: {by: desk, steps: [{work: 1}]}, serve: {by: desk, steps: [{work: 1}]}}
        customers: {guest: {arrivals: "at([0, 2])", journey: [{ask: greet}, {ask: serve}]}}
        """,
        engine,
    )
    assert requests(result, "asked", "serve") == [1, 3]
    assert result.value("services.greet.requests.mean") == 2
    assert result.value("services.serve.requests.mean") == 1


def test_a_deadlock_ends_the_run(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 2}, back: {lane: backstage, staff: 2}}
        services:
          serve: {by: desk, steps: [{work: 1}, {ask: check}]}
          check: {by: back, steps: [{ask: look up}]}
          look up: {by: desk, steps: [{work: 1}]}
        customers:
          guest: {arrivals: "at([0, 0, 0])", journey: [{ask: serve}]}
          passer: {arrivals: "at([0])", journey: [{work: 3}]}
        """,
        engine,
    )
    # both desks are held by checks that wait for a desk; nobody else can ever begin
    assert column(result, "outcome", "guest") == ["unfinished"] * 3
    assert column(result, "left", "passer") == [3]
    assert result.value("customers.guest.unfinished.mean") == 3
    assert result.value("customers.guest.begun.mean") == 2
    assert requests(result, "outcome", "look up") == ["waiting"] * 2
    assert requests(result, "outcome", "check") == ["unfinished"] * 2
    assert result.value("services.serve.waiting.mean") == 1
    assert result.to_dict()["customers"]["guest"]["wait"]["mean"] is None


def test_eight_quiet_days_end_the_run_before_patience_does(engine):
    chain = """
        actors: {{desk: {{lane: contact, staff: 0}}}}
        services: {{serve: {{by: desk, steps: [{{work: 1}}]}}}}
        customers: {{guest: {{arrivals: "at([0])", patience: {patience}, journey: [{{ask: serve}}]}}}}
        """
    assert column(happened(chain.format(patience="7d"), engine), "outcome") == ["abandoned"]
    stuck = happened(chain.format(patience="9d"), engine)
    assert column(stuck, "outcome") == ["unfinished"]
    assert column(stuck, "queueing") == [8 * 24 * 60]


def test_the_quiet_days_count_from_the_last_arrival(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 0}}
        services: {serve: {by: desk, steps: [{work: 1}]}}
        customers: {guest: {arrivals: "at([20000])", patience: 3, journey: [{ask: serve}]}}
        """,
        engine,
    )
    assert column(result, "left") == [20003]


def test_a_warm_up_after_everybody_has_come_leaves_nothing_observed(engine):
    desk = happened(DAY, engine, warm_up=30).to_dict()["actors"]["desk"]
    assert desk["busy"]["mean"] is None
    assert desk["queue_length"]["max"]["mean"] is None


@pytest.mark.theory  # it lets 200,000 things happen
def test_a_clock_that_stands_still_is_told(engine):
    circle = """
        actors: {{a: {{lane: system, capacity: 1}}, b: {{lane: system, capacity: 1}}}}
        services: {{ping: {{by: a, steps: [{steps}{{{kind}: pong}}]}}, pong: {{by: b, steps: [{{{kind}: ping}}]}}}}
        customers: {{guest: {{arrivals: "at([5])", journey: [{{ask: ping}}]}}}}
        """
    for kind, steps in (("hand_off", ""), ("hand_off", "{work: 0}, "), ("tell", "{work: 0}, ")):
        with pytest.raises(RunError, match="the clock stands still at 5"):
            happened(circle.format(kind=kind, steps=steps), engine, customers=None, until=10)


def test_a_loop_that_takes_no_time_is_told(engine):
    with pytest.raises(RunError, match="stands still"):
        happened(
            """
            actors: {desk: {lane: contact, staff: 1}}
            services: {serve: {by: desk, steps: [{repeat: [{chance: 0.5, then: []}], until: 1.0e-9}]}}
            customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
            """,
            engine,
        )


def test_nobody_comes(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 1}]}}
        customers: {guest: {arrivals: poisson(rate=0), journey: [{ask: serve}]}}
        """,
        engine,
    )
    assert result.value("customers.guest.arrived.mean") == 0
    assert result.to_dict()["customers"]["guest"]["abandoned_share"]["mean"] is None
    assert result.to_dict()["actors"]["desk"]["utilisation"]["mean"] is None


def test_progress_is_told(engine):
    from timelines import chain_of

    told = []
    chain = chain_of(DAY.replace("at([0, 0, 0, 10, 12])", "poisson(rate=0.1)"))
    run(chain, customers=9000, replications=2, engine=engine, progress=lambda *now: told.append(now))
    assert {replication for replication, _, _ in told} == {0, 1}
    assert all(before < after for before, after in pairwise(told))
    assert [left for replication, left, _ in told if replication == 0][-1] == 9000
