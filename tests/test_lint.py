import pytest

from servicechain import check
from timelines import chain_of

DESK = """\
actors:
  clerk: {lane: contact, staff: 2}
  system: {lane: system, capacity: 2}
  expert: {lane: backstage, staff: 1}
  cloud: {lane: supplier}
"""
GUEST = "  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}]}"


def findings(services, customers=GUEST, actors=DESK):
    chain = chain_of(f"{actors}services:\n{services}\ncustomers:\n{customers}\n")
    return [(".".join(map(str, one.path)), one.message) for one in check(chain)]


def only(*arguments, **named):
    (found,) = findings(*arguments, **named)
    return found


def test_a_sound_chain_has_no_findings():
    assert findings("  serve: {by: clerk, steps: [{work: 2}]}") == []


def test_services_that_no_journey_leads_to():
    path, message = only("""\
  serve: {by: clerk, steps: [{work: 2}, {tell: note}]}
  note: {by: system, steps: [{work: 1}]}
  forgotten: {by: expert, steps: [{work: 1}]}""")
    assert path == "services.forgotten"
    assert "'forgotten' is unreachable" in message


def test_what_only_unreachable_services_ask_is_unreachable_too():
    found = findings("""\
  serve: {by: clerk, steps: [{work: 2}]}
  lost: {by: expert, steps: [{ask: lost too}]}
  lost too: {by: system, steps: [{work: 1}]}""")
    assert [path for path, _ in found] == ["services.lost", "services.lost too"]


@pytest.mark.parametrize(("work", "unstable"), [(19.9, False), (20, True), (30, True)])
def test_an_actor_with_as_much_work_as_servers_is_unstable(work, unstable):
    # 6 an hour, two servers: 20 minutes each are just too much
    found = findings(f"  serve: {{by: clerk, steps: [{{work: {work}}}]}}")
    assert bool(found) == unstable
    if unstable:
        ((path, message),) = found
        assert path == "actors.clerk.staff"
        assert "'clerk' is unstable" in message
        assert f"its offered load is {work / 10:.3g}, and it has 2 servers (staff)" in message
        assert "add servers" in message


def test_a_load_that_rounding_has_moved_is_no_less_unstable():
    # 1/60 · 49 · 60/49 is not exactly 1
    found = findings(
        "  serve: {by: expert, steps: [{repeat: [{work: 0.1}], times: 100}]}",
        "  guest: {arrivals: every(10), journey: [{ask: serve}]}",
    )
    assert "'expert' is unstable: its offered load is 1, and it has 1 server (staff)" in found[0][1]


def test_patience_keeps_a_line_finite():
    path, message = only(
        "  serve: {by: clerk, steps: [{work: 30}]}",
        "  guest: {arrivals: poisson(rate=6/h), patience: 5, journey: [{ask: serve}]}",
    )
    assert path == "actors.clerk.staff"
    assert "'clerk' is overloaded, patience keeps it finite" in message
    assert "its offered load is 3," in message


BUSY = "  serve: {by: clerk, steps: [{work: 30}]}"
PASSED_ON = "  serve: {by: cloud, steps: [{PASS: do}]}\n  do: {by: clerk, steps: [{work: 30}]}"


def guests(journey, patience="patience: 5, "):
    return f"  guest: {{arrivals: poisson(rate=6/h), {patience}journey: [{journey}]}}"


@pytest.mark.parametrize(
    ("services", "customers", "finite"),
    [
        # one class without patience is enough
        (BUSY, guests("{ask: serve}") + "\n  other: {arrivals: every(60), journey: [{ask: serve}]}", False),
        # the patience of the step counts
        (BUSY, guests("{ask: serve, patience: 3}", patience=""), True),
        # what is told stays
        (BUSY, guests("{tell: serve}"), False),
        # what a server asks stays
        (PASSED_ON.replace("PASS", "ask"), guests("{ask: serve}"), False),
        # whoever is handed on keeps the right to leave
        (PASSED_ON.replace("PASS", "hand_off"), guests("{ask: serve}"), True),
        # but not what somebody else's server has asked
        (
            PASSED_ON.replace("PASS", "hand_off") + "\n  third: {by: system, steps: [{ask: serve}]}",
            guests("{ask: serve}, {ask: third}"),
            False,
        ),
        # a service that nobody reaches asks nothing
        (BUSY + "\n  lost: {by: system, steps: [{ask: serve}]}", guests("{ask: serve}"), True),
    ],
)
def test_a_line_is_finite_only_if_all_can_leave(services, customers, finite):
    messages = [message for _, message in findings(services, customers) if "'clerk'" in message]
    assert ["patience keeps it finite" in message for message in messages] == [finite]


def test_requests_that_breed_without_end():
    found = findings("""\
  serve: {by: clerk, steps: [{work: 2}, {tell: note}]}
  note: {by: cloud, steps: [{work: 1}, {tell: note}]}""")
    assert [path for path, _ in found] == ["actors.cloud.capacity"]
    assert "'cloud' is unstable: requests breed requests without end" in found[0][1]


def test_unlimited_actors_are_never_overloaded():
    assert findings("  serve: {by: cloud, steps: [{work: 1000}]}") == []


def test_a_service_asked_of_actors_who_are_never_on_duty():
    actors = DESK.replace("staff: 2", "staff: 0").replace("capacity: 2", "capacity: 0")
    found = findings(
        "  serve: {by: clerk, steps: [{work: 2}, {chance: 0.5, then: [{tell: note}, {tell: note}]}]}\n"
        "  note: {by: system, steps: [{work: 1}]}",
        actors=actors,
    )
    assert [path for path, _ in found] == [
        "services.serve.steps.1.then.0.tell",
        "customers.guest.journey.0.ask",
    ]
    assert "'note' is asked of 'system', who is never on duty; give 'system' capacity above 0" in found[0][1]
    assert "give 'clerk' staff above 0" in found[1][1]


def test_two_teams_that_ask_each_other_can_deadlock():
    path, message = only("""\
  serve: {by: clerk, steps: [{work: 1}, {ask: look up}]}
  look up: {by: system, steps: [{work: 1}, {chance: 0.01, then: [{ask: confirm}]}]}
  confirm: {by: clerk, steps: [{work: 1}]}""")
    assert path == "services.serve.steps.1.ask"
    assert "'clerk' and 'system' ask each other in a circle" in message
    assert "deadlock" in message


def test_a_team_that_asks_itself_can_deadlock():
    for services in (
        "  serve: {by: clerk, steps: [{work: 1}, {ask: confirm}]}\n  confirm: {by: clerk, steps: [{work: 1}]}",
        "  serve: {by: clerk, steps: [{work: 1}, {chance: 0.1, then: [{ask: serve}]}]}",
    ):
        path, message = only(services)
        assert path.startswith("services.serve.steps.1")
        assert "'clerk' asks itself" in message


def test_a_circle_through_somebody_without_limit_can_deadlock():
    _, message = only("""\
  serve: {by: clerk, steps: [{work: 1}, {ask: pass on}]}
  pass on: {by: cloud, steps: [{ask: confirm}]}
  confirm: {by: clerk, steps: [{work: 1}]}""")
    assert "'clerk' and 'pass on' ask each other in a circle" in message


def test_different_services_of_somebody_without_limit_make_no_circle():
    assert (
        findings("""\
  serve: {by: clerk, steps: [{work: 1}, {ask: pass on}]}
  pass on: {by: cloud, steps: [{work: 1}, {tell: start}]}
  start: {by: cloud, steps: [{ask: confirm}]}
  confirm: {by: clerk, steps: [{work: 1}]}""")
        == []
    )


def test_a_circle_can_be_closed_by_a_hand_off():
    _, message = only("""\
  serve: {by: clerk, steps: [{work: 1}, {ask: look up}]}
  look up: {by: system, steps: [{work: 1}, {hand_off: confirm}]}
  confirm: {by: clerk, steps: [{work: 1}]}""")
    assert "'clerk' asks itself" in message


def test_a_service_without_limit_that_asks_itself_by_chance():
    path, message = only("  serve: {by: cloud, steps: [{work: 1}, {chance: 0.3, then: [{ask: serve}]}]}")
    assert path == "services.serve.steps.1.then.0.ask"
    assert "'serve' asks itself: each asking makes another" in message


@pytest.mark.parametrize("kind", ["tell", "hand_off"])
def test_tells_and_hand_offs_may_go_in_circles(kind):
    assert (
        findings(f"""\
  serve: {{by: clerk, steps: [{{work: 1}}, {{chance: 0.4, then: [{{{kind}: look up}}]}}]}}
  look up: {{by: system, steps: [{{work: 1}}, {{chance: 0.4, then: [{{{kind}: serve}}]}}]}}""")
        == []
    )


def test_a_long_circle_is_told_in_one_line():
    number = 40
    actors = "actors:\n" + "".join(f"  a{i}: {{lane: contact, staff: 5}}\n" for i in range(number))
    services = "\n".join(
        f"  s{i}: {{by: a{i}, steps: [{{work: 1}}, {{chance: 0.1, then: [{{ask: s{(i + 1) % number}}}]}}]}}"
        for i in range(number)
    )
    _, message = only(services, "  guest: {arrivals: every(60), journey: [{ask: s0}]}", actors)
    assert "'a0' and 'a1'" in message
    assert "34 more" in message
    assert len(message) < 250


WEEKDAYS = '[{days: mon-fri, from: "08:00", to: "18:00", staff: 3}]'


@pytest.mark.parametrize(("work", "unstable"), [(8.8, False), (9, True)])
def test_shifts_are_compared_by_their_mean(work, unstable):
    # 30 server hours a day on 5 of 7 days: 3 * 50 / 168 = 0.893 servers; 6 an hour
    actors = DESK.replace("staff: 2", f"shifts: {WEEKDAYS}")
    found = findings(f"  serve: {{by: clerk, steps: [{{work: {work}}}]}}", actors=actors)
    assert bool(found) == unstable
    if unstable:
        ((path, message),) = found
        assert path == "actors.clerk.shifts"
        assert "'clerk' is unstable: its offered load is 0.9, and it has 0.893 servers on duty on average" in message


def test_a_rush_at_which_more_is_asked_than_are_on_duty_is_no_finding():
    # the rate of the second hour is 60/h × 5 minutes = 5 servers; on average 5 / 24 of 0.893
    rates = [0, 60, *[0] * 22]
    guest = f"  guest: {{arrivals: {{rates: {rates}, per: hour, each: 1h}}, journey: [{{ask: serve}}]}}"
    actors = DESK.replace("staff: 2", f"shifts: {WEEKDAYS}")
    assert findings("  serve: {by: clerk, steps: [{work: 5}]}", guest, actors) == []


def test_patience_keeps_the_line_of_a_shift_finite():
    actors = DESK.replace("staff: 2", f"shifts: {WEEKDAYS}")
    _, message = only(BUSY, guests("{ask: serve}"), actors)
    assert "'clerk' is overloaded, patience keeps it finite" in message
    assert "0.893 servers on duty on average (shifts)" in message


def test_shifts_of_nobody():
    actors = DESK.replace("staff: 2", f"shifts: {WEEKDAYS.replace('3', '0')}")
    path, message = only("  serve: {by: clerk, steps: [{work: 2}]}", actors=actors)
    assert path == "customers.guest.journey.0.ask"
    assert "'serve' is asked of 'clerk', who is never on duty; give 'clerk' a shift with staff above 0" in message


def shared(serve, advise=0, junior=1, senior=1, customers=GUEST):
    actors = f"actors:\n  junior: {{lane: contact, staff: {junior}}}\n  senior: {{lane: contact, staff: {senior}}}\n"
    services = f"""\
  serve: {{by: [junior, senior], steps: [{{work: {serve}}}, {{tell: advise}}]}}
  advise: {{by: senior, steps: [{{work: {advise}}}]}}"""
    return findings(services, customers, actors)


def test_a_shared_service_may_be_more_than_one_of_them_can_do():
    # 6 an hour: 1.9 servers' work of 2
    assert shared(19) == []
    assert shared(10, advise=9.5) == []


def test_a_shared_service_that_is_too_much_for_all_of_them_together():
    ((path, message),) = shared(20)
    assert path == "services.serve.by"
    assert "'junior' and 'senior' together are unstable" in message
    assert "the offered load of what only they do is 2, and they have 2 servers, so their lines grow" in message


def test_what_one_does_alone_and_what_they_share_add_up():
    ((path, message),) = shared(12, advise=9)
    assert path == "services.serve.by"
    assert "is 2.1, and they have 2 servers" in message


def test_too_much_for_one_alone_is_said_of_that_one_only():
    ((path, message),) = shared(12, advise=10)
    assert path == "actors.senior.staff"
    assert "'senior' is unstable: its offered load is 1, and it has 1 server (staff)" in message


def test_customers_with_patience_keep_a_shared_line_finite():
    patient = "  guest: {arrivals: poisson(rate=6/h), patience: 5, journey: [{ask: serve}]}"
    ((_, message),) = shared(20, customers=patient)
    assert "unstable" in message  # what is told stays
    services = "  serve: {by: [clerk, expert], steps: [{work: 40}]}"
    _, message = only(services, patient)
    assert "'clerk' and 'expert' together are overloaded, patience keeps it finite" in message


def test_nobody_is_overloaded_who_shares_with_somebody_without_limit():
    assert findings("  serve: {by: [expert, cloud], steps: [{work: 1000}]}") == []


def test_a_shared_service_is_never_done_only_if_none_of_them_is_ever_on_duty():
    assert shared(2, junior=0) == []
    found = [message for path, message in shared(2, junior=0, senior=0) if path.startswith("customers")]
    assert found == [
        "'serve' is asked of 'junior' or 'senior', who are never on duty; give 'junior' staff above 0",
    ]


def test_connected_actors_are_looked_at_together():
    # each pair could do what only it does (1.5 of 2), all three not (3 of 3)
    actors = "actors:\n" + "".join(f"  {name}: {{lane: contact, staff: 1}}\n" for name in "abc")
    ((path, message),) = findings(
        "  one: {by: [a, b], steps: [{work: 15}]}\n  two: {by: [b, c], steps: [{work: 15}]}",
        guests("{ask: one}, {ask: two}", patience=""),
        actors,
    )
    assert path == "services.one.by"
    assert "'a' and 'b' and 'c' together are unstable" in message


def test_a_closed_population_is_never_unstable():
    closed = "  member: {arrivals: {population: 50, think: 1}, journey: [{ask: serve}]}"
    assert findings(BUSY, closed) == []
    # but it does not make up for others
    both = f"{closed}\n{guests('{ask: serve}', patience='')}"
    assert "offered load is 3," in only(BUSY, both)[1]


def test_a_closed_population_can_breed_requests_without_end():
    closed = "  member: {arrivals: {population: 50, think: 1}, journey: [{ask: serve}]}"
    path, message = only("  serve: {by: clerk, steps: [{work: 30}, {tell: serve}]}", closed)
    assert path == "actors.clerk.staff"
    assert "breed requests without end" in message


def test_who_can_be_replaced_does_not_deadlock():
    # the expert can always finish what the clerk asks for
    services = """\
  serve: {by: clerk, steps: [{work: 1}, {ask: confirm}]}
  confirm: {by: [BY], steps: [{work: 1}]}"""
    assert findings(services.replace("BY", "clerk, expert")) == []
    assert "'clerk' asks itself" in only(services.replace("BY", "clerk"))[1]


def test_all_who_share_a_service_can_wait_for_each_other():
    path, message = only("  serve: {by: [clerk, expert], steps: [{work: 1}, {chance: 0.1, then: [{ask: serve}]}]}")
    assert path == "services.serve.steps.1.then.0.ask"
    assert "'clerk' and 'expert' ask each other in a circle" in message


REPAIRED = """\
actors:
  clerk: {lane: contact, staff: 2}
  system: {lane: system, capacity: 2, failures: {every: 8h, repair: restart}}
  expert: {lane: backstage, staff: STAFF}
services:
  serve: {by: clerk, steps: [{work: 1}, {ask: look up}]}
  look up: {by: system, steps: [{work: 1}]}
  restart: {by: BY, steps: [{work: 20}]}
customers:
  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}]}
"""


def repaired(by="expert", staff=1):
    chain = chain_of(REPAIRED.replace("BY", by).replace("STAFF", str(staff)))
    return [(".".join(map(str, one.path)), one.message) for one in check(chain)]


def test_a_repair_makes_a_service_reachable():
    assert repaired() == []


def test_a_repair_by_somebody_who_is_never_on_duty():
    ((path, message),) = repaired(staff=0)
    assert path == "actors.system.failures.repair"
    assert "'restart' is asked of 'expert', who is never on duty" in message


def test_a_repair_by_those_who_wait_for_what_is_broken():
    ((path, message),) = repaired(by="clerk")
    assert path == "services.serve.steps.1.ask"
    assert "'clerk' and 'system' ask each other in a circle" in message
