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
