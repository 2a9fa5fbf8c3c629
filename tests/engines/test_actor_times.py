"""Where the servers' time goes: working, held, idle and down make up the time on duty; overtime comes on top."""

import pytest

from rosters import roster
from timelines import happened


def times(result, actor):
    """Give the integrals of an actor over the run; the shares times the time on duty."""
    told = result.to_dict()["actors"][actor]
    length = result.settings.until
    on_duty = told["on_duty"]["mean"] * length
    shares = [told[name]["mean"] * on_duty for name in ("working", "held", "idle", "down")]
    return [on_duty, told["busy"]["mean"] * length, *shares, told["overtime"]["mean"]]


def until(text, engine, end, **settings):
    return happened(text, engine, customers=None, until=end, **settings)


def desk(keys, steps, times, other="[]", other_steps=""):
    return f"""
        actors: {{desk: {{lane: contact, wage: 60, {keys}}}, back: {{lane: backstage, staff: unlimited}}}}
        services:
          serve: {{by: desk, steps: [{steps}]}}
          other: {{by: desk, steps: [{other_steps}]}}
          check: {{by: back, steps: [{{work: 8}}]}}
        customers:
          guest: {{arrivals: "at({times})", journey: [{{ask: serve}}]}}
          another: {{arrivals: "at({other})", priority: 0, journey: [{{ask: other}}]}}
        """


def test_in_overtime_the_time_on_duty_is_shared_in_proportion(engine):
    chain = desk(f"shifts: {roster({0: 2, 4: 1})}", "{work: 10}", [0], [0], "{ask: check}, {work: 1}")
    result = until(chain, engine, 10)
    # one works 0..10, the other is held 0..8 and works 8..9. On duty 2 * 4 + 6. In 4..8 one works and one is held in
    # one person's time: 2 and 2. In 8..9 both work: 1. Overtime 4..9.
    assert times(result, "desk") == pytest.approx([14, 19, 4 + 2 + 1 + 1, 4 + 2, 0, 0, 5])
    assert result.value("actors.desk.cost.mean") == pytest.approx(14 + 5)
    assert result.value("actors.desk.utilisation.mean") == pytest.approx(1)


def test_down_is_neither_working_nor_held_nor_idle(engine):
    chain = desk("staff: 2, failures: {every: 10, lasts: 3}", "{work: 4}", [8], [9], "{pause: 5}")
    # down 10..13, both; works 8..10 and 13..15, pauses 9..14; busy 8..15 and 9..14
    assert times(until(chain, engine, 20), "desk") == pytest.approx([40, 12, 4, 2, 28, 6, 0])


def test_down_in_overtime(engine):
    chain = desk(f"shifts: {roster({0: 2, 11: 1})}, failures: {{every: 10, lasts: 3}}", "{work: 6}", [8, 9])
    # two are busy until 17, one until 18; down 10..11 both, 11..13 the one on duty. Working: 1 in 8..9, 2 in 9..10,
    # 4 on duty in 13..17, 1 in 17..18
    assert times(until(chain, engine, 20), "desk") == pytest.approx([31, 18, 8, 0, 19, 4, 6])


def test_what_a_shift_puts_back_is_in_nobody_s_hands(engine):
    chain = desk(f"shifts: {roster({0: 2, 4: 1})}, at_shift_end: stop", "{work: 10}", [0, 1])
    result = until(chain, engine, 20)
    # 0..10; 1..4 and 10..17. Idle: one in 0..1, one in 17..20
    assert times(result, "desk") == pytest.approx([2 * 4 + 16, 20, 20, 0, 4, 0, 0])
    assert result.value("actors.desk.queue_length.mean.mean") == pytest.approx(6 / 20)
    assert result.value("actors.desk.queue_length.max.mean") == 1


def test_what_is_held_when_a_shift_stops_is_in_nobody_s_hands(engine):
    chain = desk(f"shifts: {roster({0: 1, 4: 0, 6: 1})}, at_shift_end: stop", "{work: 1}, {ask: check}, {work: 1}", [0])
    result = until(chain, engine, 12)
    # works 0..1, held 1..4, idle 6..9, works 9..10, idle 10..12
    assert times(result, "desk") == pytest.approx([10, 5, 2, 3, 5, 0, 0])


def test_an_interrupted_server_works_on(engine):
    chain = desk("staff: 1, preempt: true", "{work: 6}", [0], [2], "{work: 3}")
    result = until(chain, engine, 10)
    # 0..2, the other 2..5, 5..9
    assert times(result, "desk") == pytest.approx([10, 9, 9, 0, 1, 0, 0])
    assert result.value("actors.desk.queue_length.mean.mean") == pytest.approx(0.3)
    assert result.value("actors.desk.queue_length.max.mean") == 1


def test_one_server_down_and_one_working(engine):
    keys = "staff: 2, failures: {stops: one, clock: working, every: 4, lasts: 3}"
    # server 0 works 0..4 and is down 4..7, server 1 works 4..6
    assert times(until(desk(keys, "{work: 6}", [0]), engine, 10), "desk") == pytest.approx([20, 6, 6, 0, 11, 3, 0])


def test_who_repairs_works(engine):
    result = until(
        """
        actors:
          box: {lane: system, capacity: 1, failures: {every: 10, repair: mend}}
          engineer: {lane: backstage, staff: 1}
        services: {look: {by: box, steps: [{work: 1}]}, mend: {by: engineer, steps: [{work: 3}, reply, {work: 2}]}}
        customers: {guest: {arrivals: "at([1])", journey: [{ask: look}]}}
        """,
        engine,
        20,
    )
    assert times(result, "engineer") == pytest.approx([20, 5, 5, 0, 15, 0, 0])
    assert times(result, "box") == pytest.approx([20, 1, 1, 0, 16, 3, 0])
    assert result.value("services.mend.requests.mean") == 1


def test_the_unlimited_have_no_shares(engine):
    chain = desk("staff: unlimited, failures: {every: 10, lasts: 3}", "{work: 4}", [8, 8])
    told = until(chain, engine, 20).to_dict()["actors"]["desk"]
    # 8..15 twice
    assert told["busy"]["mean"] == pytest.approx(14 / 20)
    assert told["on_duty"]["mean"] is None
    assert [told[name]["mean"] for name in ("working", "held", "idle", "down")] == [None] * 4


def test_who_is_never_on_duty_has_no_shares_and_costs_nothing(engine):
    told = until(desk("staff: 0", "{work: 4}", [8]), engine, 20).to_dict()["actors"]["desk"]
    assert told["on_duty"]["mean"] == told["busy"]["mean"] == told["cost"]["mean"] == 0
    assert [told[name]["mean"] for name in ("working", "held", "idle", "down")] == [None] * 4
    assert told["queue_length"]["mean"]["mean"] == pytest.approx(12 / 20)


THREE = desk(f"shifts: {roster({0: 3, 4: 1})}", "{work: 5}", [0, 1, 2])


def test_overtime_is_counted_from_the_warm_up(engine):
    result = until(THREE, engine, 12, warm_up=5)
    # three are busy 4..5, two 5..6: of the 2 + 1 the last 1
    assert result.value("actors.desk.overtime.mean") == 1
    assert result.value("actors.desk.on_duty.mean") == 1
    assert result.value("actors.desk.cost.mean") == pytest.approx(7 + 1)


def test_overtime_is_counted_until_the_last_arrival(engine):
    result = happened(desk(f"shifts: {roster({0: 3, 4: 1})}", "{work: 5}", [0, 1, 2, 4.5]), engine)
    assert result.value("actors.desk.overtime.mean") == pytest.approx(2 * 0.5)
    assert result.value("actors.desk.on_duty.mean") == pytest.approx((3 * 4 + 0.5) / 4.5)
