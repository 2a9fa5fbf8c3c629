import pytest

from servicechain.errors import ChainError
from timelines import chain_of

HEAD = """\
actors:
  clerk: {lane: contact, staff: STAFF}
  system: {lane: system, capacity: 2}
services:
  look up: {by: system, steps: [{work: 1}]}
"""


def paths(services, staff=1, customers="{}"):
    """Where the rules are broken; [] if they are not."""
    try:
        chain_of(f"{HEAD.replace('STAFF', str(staff))}{services}\ncustomers: {customers}\n")
    except ChainError as error:
        return [".".join(map(str, problem.path)) for problem in error.problems]
    return []


def serve(steps):
    return f"  serve: {{by: clerk, steps: {steps}}}"


@pytest.mark.parametrize(
    "steps",
    [
        "[reply, {work: 1}, {ask: look up}, {tell: look up}]",
        "[{chance: 0.5, then: [reply], else: [reply]}, {work: 1}]",
        "[{chance: 0.5, then: [reply, {work: 1}], else: [{hand_off: look up}]}]",
        "[{chance: 0.5, then: [{hand_off: look up}]}, reply]",
        "[{choose: [{weight: 1, steps: [reply]}, {weight: 1, steps: [{hand_off: look up}]}, {weight: 1}]}]",
        "[{repeat: [{work: 1}, {chance: 0.5, then: [{hand_off: look up}]}], times: 3}, reply]",
        "[{repeat: [reply], times: 1}, {work: 1}]",
        "[{repeat: [reply], until: 1}]",
        "[{repeat: [reply], until: 0.5, at_most: 1}]",
        "[{repeat: [{repeat: [reply], times: 1}], times: 'discrete(values=[0, 1], weights=[1, 1])'}]",
        "[{hand_off: serve}]",
        "[{tell: serve}]",
    ],
)
def test_ways_to_answer_once_are_allowed(steps):
    assert paths(serve(steps)) == []


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ("[reply, {work: 1}, reply]", ["2"]),
        ("[{chance: 0.5, then: [reply]}, reply]", ["1"]),
        (
            "[reply, {chance: 0.5, then: [reply], else: [{hand_off: look up}]}]",
            ["1.then.0", "1.else.0.hand_off"],
        ),
        ("[{repeat: [{chance: 0.1, then: [reply]}], until: 0.5}]", ["0.repeat.0.then.0"]),
        ("[{repeat: [reply], until: 0.5, at_most: 2}]", ["0.repeat.0"]),
        ("[{repeat: [reply], times: 'discrete(values=[0, 2], weights=[1, 1])'}]", ["0.repeat.0"]),
        ("[{choose: [{weight: 1, steps: [reply]}, {weight: 1}]}, {hand_off: look up}]", ["1.hand_off"]),
        ("[{repeat: [reply, reply], times: 5}]", ["0.repeat.1", "0.repeat.0"]),
        ("[{hand_off: look up}, reply]", ["0.hand_off"]),
        ("[{chance: 1, then: [{hand_off: look up}, {work: 1}]}]", ["0.then.0.hand_off"]),
        ("[{repeat: [{work: 1}, {hand_off: look up}], until: 0.5}]", ["0.repeat"]),
    ],
)
def test_ways_to_answer_twice_or_to_go_on_after_the_end_are_not(steps, broken):
    assert paths(serve(steps)) == [f"services.serve.steps.{path}" for path in broken]


@pytest.mark.parametrize(("staff", "broken"), [(0, False), (1, True), (2, False), ("unlimited", False)])
def test_a_single_server_cannot_ask_itself(staff, broken):
    found = paths(serve("[{work: 1}, {chance: 0.1, then: [{ask: serve}]}]"), staff)
    assert found == (["services.serve.steps.1.then.0.ask"] if broken else [])


def test_a_single_server_cannot_ask_itself_by_others():
    services = serve("[{ask: check}]") + "\n  check: {by: system, steps: [{work: 1}, {ask: confirm}]}"
    services += "\n  confirm: {by: system, steps: [{ask: serve}]}"
    assert paths(services) == ["services.serve.steps.0.ask"]
    assert paths(services, staff=2) == []


def test_another_service_of_the_same_server_is_no_circle_of_services():
    assert paths(serve("[{ask: confirm}]") + "\n  confirm: {by: clerk, steps: [{work: 1}]}") == []


@pytest.mark.parametrize("kind", ["tell", "hand_off"])
def test_tells_and_hand_offs_may_go_in_circles(kind):
    services = serve(f"[{{chance: 0.5, then: [{{{kind}: check}}]}}]")
    services += f"\n  check: {{by: clerk, steps: [{{{kind}: serve}}]}}"
    assert paths(services) == []


def test_circles_are_only_looked_for_when_all_names_are_known():
    assert paths(serve("[{ask: serve}, {ask: nope}]")) == ["services.serve.steps.1.ask"]


def test_journeys_have_no_asker_and_no_server():
    steps = "[{ask: serve, patience: 3}, {chance: 0.5, then: [reply, {hand_off: serve}]}]"
    found = paths(serve("[{work: 1}]"), customers=f"{{guest: {{arrivals: every(5), journey: {steps}}}}}")
    assert found == ["customers.guest.journey.1.then.0", "customers.guest.journey.1.then.1.hand_off"]


@pytest.mark.parametrize(
    ("zone", "broken"),
    [
        ("{desired: 0, adequate: 1}", False),
        ("{desired: 59s, adequate: 1}", False),
        ("{desired: 60s, adequate: 1}", True),
        ("{desired: 2, adequate: 1}", True),
        ("{desired: 0, adequate: 0}", True),
    ],
)
def test_a_zone_of_tolerance_has_a_width(zone, broken):
    journey = f"{{guest: {{arrivals: every(5), tolerance: {zone}, journey: []}}}}"
    assert paths(serve("[]"), customers=journey) == (["customers.guest.tolerance.adequate"] if broken else [])


def test_parameters_are_compared_in_the_unit_of_the_chain():
    assert paths(serve("[{work: 'uniform(low=30s, high=1)'}]")) == []
    assert paths(serve("[{work: 'uniform(low=90s, high=1)'}]")) == ["services.serve.steps.0.work"]
    journey = "{guest: {arrivals: 'every(uniform(low=90s, high=1))', journey: []}}"
    assert paths(serve("[]"), customers=journey) == ["customers.guest.arrivals"]


@pytest.mark.parametrize(
    "steps",
    [
        "[{together: [[{ask: look up}, {work: 1}, {pause: 1}], [{ask: look up}], [{tell: look up}]]}]",
        "[{together: [[{chance: 0.5, then: [{work: 1}], else: [{pause: 2}]}], []]}]",
        "[{together: [[{together: [[{work: 1}], [{ask: look up}]]}], [{ask: look up}]]}]",
        "[{together: [[{work: 1}]]}, {together: [[{work: 1}]]}]",
        "[{together: [[{ask: look up}]]}, reply, {together: [[{work: 1}]]}]",
        "[{chance: 0.5, then: [{together: [[{work: 1}]]}, {hand_off: look up}]}]",
        "[{repeat: [{together: [[{work: 1}], [{ask: look up}]]}], times: 2}, reply]",
    ],
)
def test_branches_that_leave_the_server_one_thing_to_do_are_allowed(steps):
    assert paths(serve(steps)) == []


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        (
            "[{together: [[{work: 1}], [{ask: look up}], [{pause: 1}], [{work: 2}]]}]",
            ["0.together.2.0.pause", "0.together.3.0.work"],
        ),
        (
            "[{together: [[{work: 1}], [{together: [[{ask: look up}], [{chance: 1, then: [{work: 1}]}]]}]]}]",
            ["0.together.1.0.together.1.0.then.0.work"],
        ),
        (
            "[{chance: 0.5, then: [{together: [[{together: [[{work: 1}], [{work: 1}]]}], []]}]}]",
            ["0.then.0.together.0.0.together.1.0.work"],
        ),
        ("[{together: [[reply], []]}]", ["0.together.0.0"]),
        (
            "[{together: [[{together: [[reply]]}], [{choose: [{weight: 1, steps: [{hand_off: look up}]}]}]]}]",
            ["0.together.0.0.together.0.0", "0.together.1.0.choose.0.steps.0.hand_off"],
        ),
        (
            "[{repeat: [{together: [[reply, reply]]}], times: 3}]",
            ["0.repeat.0.together.0.0", "0.repeat.0.together.0.1"],
        ),
        ("[reply, {together: [[{hand_off: look up}, {work: 1}]]}]", ["1.together.0.0.hand_off"]),
        ("[{together: [[{ask: look up, patience: 3}]]}]", ["0.together.0.0.patience"]),
    ],
)
def test_a_server_does_one_thing_at_a_time_and_branches_answer_nobody(steps, broken):
    assert paths(serve(steps)) == [f"services.serve.steps.{path}" for path in broken]


def test_branches_of_a_journey_have_one_deadline():
    def found(steps):
        guests = f"{{guest: {{arrivals: every(5), patience: 9, journey: {steps}}}}}"
        return paths(serve("[{work: 1}]"), customers=guests)

    assert found("[{together: [[{work: 1}, {ask: serve}], [{work: 2}], [{pause: 2}]], need: 2}]") == []
    assert found("[{ask: serve, patience: 3}, {together: [[{ask: serve}]]}]") == []
    nested = "[{together: [[{ask: serve}], [{together: [[{chance: 1, then: [{ask: serve, patience: 3}]}]]}]]}]"
    assert found(nested) == ["customers.guest.journey.0.together.1.0.together.0.0.then.0.patience"]


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ("[{together: [[{ask: serve}]]}]", "0.together.0.0.ask"),
        ("[{together: [[{work: 1}], [{chance: 0.1, then: [{ask: serve}]}]], need: 2}]", "0.together.1.0.then.0.ask"),
        # what is asked for is withdrawn when the other branch is done
        ("[{together: [[{work: 1}], [{ask: serve}]], need: any}]", None),
        ("[{together: [[{tell: serve}], []]}]", None),
    ],
)
def test_asking_oneself_side_by_side(steps, broken):
    assert paths(serve(steps)) == ([] if broken is None else [f"services.serve.steps.{broken}"])


@pytest.mark.parametrize(
    ("by", "staff", "broken"),
    [
        ("clerk", 1, True),
        ("[clerk]", 1, True),
        ("[clerk, system]", 1, False),
        ("[clerk, nobody]", 1, True),
        ("[nobody, clerk]", 1, True),
        ("[nobody, clerk]", 2, False),
    ],
)
def test_who_shares_a_service_is_counted_together(by, staff, broken):
    services = f"  serve: {{by: {by}, steps: [{{ask: serve}}]}}"
    head = HEAD.replace("services:", "  nobody: {lane: contact, staff: 0}\nservices:").replace("STAFF", str(staff))
    try:
        chain_of(f"{head}{services}\ncustomers: {{}}\n")
        found = []
    except ChainError as error:
        found = [
            (".".join(map(str, problem.path)), "'clerk' has one server" in str(problem)) for problem in error.problems
        ]
    assert found == ([("services.serve.steps.0.ask", True)] if broken else [])


def repaired(by, failures):
    text = f"""\
actors:
  clerk: {{lane: contact, staff: 1}}
  system: {{lane: system, capacity: 2, failures: {failures}}}
services:
  fix: {{by: {by}, steps: [{{work: 5}}]}}
customers: {{}}
"""
    try:
        chain_of(text)
    except ChainError as error:
        return [".".join(map(str, problem.path)) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("by", "broken"), [("clerk", False), ("system", True), ("[clerk, system]", True), ("[system]", True)]
)
def test_a_repair_is_asked_of_another_actor(by, broken):
    assert repaired(by, "{every: 3, repair: fix}") == (["actors.system.failures.repair"] if broken else [])


@pytest.mark.parametrize(
    ("every", "broken"),
    [
        ("1s", False),
        ("0", True),
        ("0h", True),
        ("'discrete(values=[0, 0], weights=[1, 2])'", True),
        ("'discrete(values=[0, 1], weights=[1, 2])'", False),
    ],
)
def test_there_is_time_between_failures(every, broken):
    assert repaired("clerk", f"{{every: {every}, lasts: 0}}") == (["actors.system.failures.every"] if broken else [])


def test_a_misspelt_repair_hides_no_other_problem():
    found = repaired("clrk", "{every: 0, repair: fx}")
    assert found == ["services.fix.by", "actors.system.failures.repair", "actors.system.failures.every"]
