import copy

import numpy as np
import pytest

from servicechain.errors import ChainError, Problem
from servicechain.files.overrides import with_overrides, with_values

SHIFT = {"days": "daily", "from": "08:00", "to": "16:00", "staff": 2}
CHAIN = {
    "chain": "Hotel",
    "actors": {
        "receptionist": {"lane": "contact", "staff": 3},
        "24": {"lane": "system", "shifts": [SHIFT], "failures": {"every": "1d", "lasts": 2}},
    },
    "services": {
        "check in": {"by": "receptionist", "steps": [{"work": 2}, {"ask": "find"}, "reply"]},
        "wait": {"by": "24", "steps": [{"together": [[{"ask": "find"}], [{"work": 2}]]}]},
    },
    "customers": {"guest": {"arrivals": {"population": 20, "think": 3}, "journey": []}},
}


@pytest.fixture
def data():
    return copy.deepcopy(CHAIN)


def problems(function, *arguments):
    with pytest.raises(ChainError) as caught:
        function(*arguments)
    for problem in caught.value.problems:
        assert problem.line is None
        assert "\n" not in str(problem)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("actors.receptionist.staff=4", ("actors", "receptionist", "staff"), 4),
        (" actors.receptionist.staff = 4 ", ("actors", "receptionist", "staff"), 4),
        ("actors.24.capacity=unlimited", ("actors", "24", "capacity"), "unlimited"),
        (
            "services.check in.steps.0.work=lognormal(mean=3, cv=1)",
            ("services", "check in", "steps", 0, "work"),
            "lognormal(mean=3, cv=1)",
        ),
        ("services.check in.steps.2={tell: find}", ("services", "check in", "steps", 2), {"tell": "find"}),
        ("services.check in.steps=[]", ("services", "check in", "steps"), []),
        (
            "actors.receptionist.shifts=[{days: daily, staff: 2}]",
            ("actors", "receptionist", "shifts"),
            [{"days": "daily", "staff": 2}],
        ),
        ("about=null", ("about",), None),
        ("about='a=b'", ("about",), "a=b"),
        ("about=a=b", ("about",), "a=b"),
        ("run.until=1d", ("run", "until"), "1d"),
        ("services.check in.by=[receptionist, manager]", ("services", "check in", "by"), ["receptionist", "manager"]),
        (
            "actors.24.failures.every=exponential(mean=8h)",
            ("actors", "24", "failures", "every"),
            "exponential(mean=8h)",
        ),
        ("actors.24.failures.stops=one", ("actors", "24", "failures", "stops"), "one"),
        ("actors.24.shifts.0.staff=4", ("actors", "24", "shifts", 0, "staff"), 4),
        ("actors.24.shifts.0.to='24:00'", ("actors", "24", "shifts", 0, "to"), "24:00"),
        ("customers.guest.arrivals.population=30", ("customers", "guest", "arrivals", "population"), 30),
        (
            "services.wait.steps.0.together.1.0.work=3",
            ("services", "wait", "steps", 0, "together", 1, 0, "work"),
            3,
        ),
        ("services.wait.steps.0.need=any", ("services", "wait", "steps", 0, "need"), "any"),
    ],
)
def test_one_value_changes_and_the_chain_given_stays(data, assignment, path, value):
    changed = with_overrides(data, [assignment])
    found = changed.data
    for part in path:
        found = found[part]
    assert found == value
    assert data == CHAIN
    assert changed.data != CHAIN
    assert list(changed.sources) == [path]


def test_nothing_set_is_a_copy(data):
    changed = with_overrides(data, [])
    assert changed.data == data
    assert changed.data["actors"] is not data["actors"]


def test_later_ones_see_what_earlier_ones_set(data):
    changed = with_overrides(
        data, ["actors.manager={staff: 1}", "actors.manager.staff=2", "run.until=1d", "run.seed=7"]
    )
    assert changed.data["actors"]["manager"] == {"staff": 2}
    assert changed.data["run"] == {"until": "1d", "seed": 7}


def test_an_empty_run_is_filled(data):
    data["run"] = None
    assert with_overrides(data, ["run.seed=7"]).data["run"] == {"seed": 7}


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("actors.recepionist.staff=4", "'actors' has no 'recepionist'; did you mean 'receptionist'?"),
        ("actor.receptionist.staff=4", "the chain has no 'actor'; did you mean 'actors'?"),
        ("customers.gest.batch=2", "'customers' has no 'gest'; did you mean 'guest'?"),
        ("services.check in.steps.3=reply", "has no position '3'; it has 3: write one from 0 to 2"),
        ("services.check in.steps.-1=reply", "is a list, and '-1' no position in it"),
        ("services.check in.steps.²=reply", "no position"),
        ("services.check in.steps.first.work=1", "no position"),
        ("services.check in.steps." + "9" * 5000 + ".work=1", "no position"),
        ("services.check in.steps.2.work=1", "'services.check in.steps.2' is 'reply', which has no parts"),
        ("chain.x.y=1", "'chain' is 'Hotel', which has no parts"),
        ("actors.receptionist.staff", "has no '='"),
        ("actors.receptionist.staff=", "nothing stands after the '='"),
        ("actors.receptionist.staff= # 4", "nothing stands after the '='"),
        ("=4", "has an empty part"),
        ("actors..staff=4", "has an empty part"),
        ("about=[1, 2", "never closed"),
        ("about=&x 1", "anchor"),
        ("about={work: gamma(mean=1, cv=2)}", "put quotes around"),
    ],
)
def test_what_cannot_be_set_is_told(data, assignment, words):
    (message,) = problems(with_overrides, data, [assignment])
    assert message.startswith(f"--set {assignment[:100]}")
    assert words in message
    assert len(message) < 700


def test_every_wrong_assignment_is_told(data):
    assert len(problems(with_overrides, data, ["x.y=1", "chain=Inn", "actors.z.staff=1"])) == 2


def test_bytes_a_shell_let_through_can_be_printed(data):
    (message,) = problems(with_overrides, data, ["about=\udcff\n"])
    message.encode()
    assert "U+DCFF" in message


def test_a_chain_that_is_a_list_is_told(data):
    assert "the chain is a list" in problems(with_overrides, [data], ["run.seed=1"])[0]


def test_a_problem_found_later_is_told_of_what_set_the_value(data):
    changed = with_overrides(data, ["actors.receptionist.staff=-4", "services.check in.steps=[{wrk: 3}]"])
    found = Problem("must be 0 or more", ("actors", "receptionist", "staff"), "hotel.yaml", 7, 3)
    assert str(changed.placed(found)) == "--set actors.receptionist.staff=-4: must be 0 or more"
    below = Problem("unknown key", ("services", "check in", "steps", 0, "wrk"), "hotel.yaml", 9, 1)
    assert str(changed.placed(below)).startswith("--set services.check in.steps=[{wrk: 3}]: ")
    beside = Problem("wrong", ("actors", "receptionist"), "hotel.yaml", 5, 3)
    assert changed.placed(beside) is beside


def test_what_is_set_over_another_takes_its_place(data):
    changed = with_overrides(data, ["actors.24.capacity=1", "actors.24={lane: system}", "actors.24.capacity=x"])
    assert changed.source(("actors", "24", "lane")) == "--set actors.24={lane: system}"
    assert changed.source(("actors", "24", "capacity")) == "--set actors.24.capacity=x"
    changed = with_overrides(data, ["actors.24.capacity=1", "actors.24={lane: system}"])
    assert changed.source(("actors", "24", "capacity")) == "--set actors.24={lane: system}"


def test_values_from_python_are_set_as_they_are(data):
    values = {
        "actors.receptionist.staff": np.int64(4),
        "services.check in.steps.0.work": np.float64(0.1),
        "services.check in.steps.1": ({"a": (1, None)}),
        "about": "no",
    }
    changed = with_values(data, values)
    assert changed.data["actors"]["receptionist"]["staff"] == 4
    assert type(changed.data["actors"]["receptionist"]["staff"]) is int
    assert type(changed.data["services"]["check in"]["steps"][0]["work"]) is float
    assert changed.data["services"]["check in"]["steps"][1] == {"a": [1, None]}
    assert changed.data["about"] == "no"
    assert changed.source(("about",)) == "about"
    assert data == CHAIN


def test_later_changes_of_what_was_given_change_nothing(data):
    steps = [{"work": 1}]
    changed = with_values(data, {"services.check in.steps": steps})
    steps.append("reply")
    assert changed.data["services"]["check in"]["steps"] == [{"work": 1}]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"actors.recepionist.staff": 4},
            "actors.recepionist.staff: 'actors' has no 'recepionist'; did you mean",
        ),
        ({"services.wait.steps.0.together.2": []}, "has no position '2'; it has 2: write one from 0 to 1"),
        ({"about": object()}, "of type object cannot stand in a chain file"),
        ({"about": {1: 2}}, "keys must be text, got 1"),
        ({3: 2}, "a path must be a text"),
    ],
)
def test_values_that_cannot_be_set_are_told(data, values, words):
    (message,) = problems(with_values, data, values)
    assert words in message


def test_values_that_hold_themselves_are_told(data):
    circle = []
    circle.append(circle)
    assert "nested deeper" in problems(with_values, data, {"about": circle})[0]


@pytest.mark.parametrize(
    ("key", "value", "left"),
    [
        ("actors.desk.staff", 3, {"lane": "contact", "staff": 3, "failures": {"every": 9, "lasts": 1}}),
        ("actors.desk.failures.repair", "mend", {"failures": {"every": 9, "repair": "mend"}}),
    ],
)
def test_what_is_set_takes_the_place_of_what_it_stands_for(key, value, left):
    shifts = [{"days": "daily", "from": "08:00", "to": "16:00", "staff": 1}]
    desk = {"lane": "contact", "shifts": shifts, "at_shift_end": "stop", "failures": {"every": 9, "lasts": 1}}
    data = {"actors": {"desk": desk}}
    changed = with_values(data, {key: value}).data["actors"]["desk"]
    assert changed == {**({} if "staff" in left else desk), **left}
    back = with_values({"actors": {"desk": changed}}, {"actors.desk.shifts": shifts}).data["actors"]["desk"]
    assert back["shifts"] == shifts
    assert "staff" not in back
