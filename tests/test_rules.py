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
