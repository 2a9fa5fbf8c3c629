from pathlib import Path

import pytest

from servicechain import ChainError, RunError, read
from servicechain.errors import Mistake
from servicechain.studies.plan import Budget, Choice, Precision
from servicechain.studies.planning import Asked, plan_of
from servicechain.studies.study_file import read_study
from servicechain.units import TimeUnit

CHAIN = """\
chain: desk
unit: minutes
run: {until: 8h, replications: 12, seed: 3}
actors:
  clerk: {lane: contact, staff: 2, wage: 20}
  boss: {lane: backstage, staff: 1, wage: 40}
services:
  serve: {by: clerk, steps: [{work: exponential(mean=3)}, {chance: 0.2, then: [{ask: sign}]}]}
  sign: {by: boss, steps: [{work: 1}]}
customers:
  guest:
    arrivals: poisson(rate=24/h)
    patience: exponential(mean=20)
    tolerance: {desired: 3, adequate: 10}
    journey: [{ask: serve}]
"""
STUDY = """\
study: A second boss, or a third clerk?
chain: desk.yaml
vary: {actors.clerk.staff: [2, 3], boss.staff: [1, 2]}
run: {customers: 20000, warm_up: auto}
metrics: [customers.guest.wait, customers.guest.abandoned_share]
precision: {customers.guest.wait: 2%, actors.boss.utilisation: 0.01}
budget: {replications: 400, seconds: 600}
best: {metric: customers.guest.wait, indifference: 6 s, confidence: 0.9}
seed: 11
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "desk.yaml").write_text(CHAIN)
    return tmp_path


def plan(folder, text, **more):
    (folder / "study.yaml").write_text(text)
    return read_study(folder / "study.yaml", **more)


def refused(folder, text, **more):
    with pytest.raises(ChainError) as error:
        plan(folder, text, **more)
    return [str(problem).removeprefix(f"{folder}/") for problem in error.value.problems]


def test_a_study_file_says_all_of_a_study(folder):
    found = plan(folder, STUDY)
    assert found.title == "A second boss, or a third clerk?"
    assert [each.name for each in found.scenarios] == [
        "base",
        "clerk.staff=2, boss.staff=2",
        "clerk.staff=3, boss.staff=1",
        "clerk.staff=3, boss.staff=2",
    ]
    assert (found.settings.customers, found.settings.until, found.settings.seed) == (20000, None, 11)
    assert found.auto_warm_up
    # what a precision is asked of is told too
    assert found.metrics == ("customers.guest.wait", "customers.guest.abandoned_share", "actors.boss.utilisation")
    assert found.precision == {
        "customers.guest.wait": Precision(0.02, True),
        "actors.boss.utilisation": Precision(0.01, False),
    }
    assert found.budget == Budget(400, 600.0)
    assert found.choice == Choice("customers.guest.wait", "min", 0.1, 0.9)
    assert found.replications is None


def test_a_short_study_takes_the_rest_from_the_chain(folder):
    found = plan(folder, "chain: desk.yaml\n")
    assert found.title == "Study of desk"
    assert [each.name for each in found.scenarios] == ["base"]
    assert (found.settings.until, found.settings.seed, found.settings.warm_up) == (480.0, 3, 0.0)
    assert found.replications == 12
    assert found.metrics == ("customers.guest.wait", "customers.guest.abandoned_share", "cost_per_day")
    assert found.choice == Choice("customers.guest.wait")


def test_without_anything_said_there_is_one_round(folder):
    (folder / "desk.yaml").write_text(CHAIN.replace("run: {until: 8h, replications: 12, seed: 3}\n", ""))
    found = plan(folder, "chain: desk.yaml\n")
    assert (found.replications, found.settings.seed, found.settings.customers) == (24, 1, 10_000)


def test_a_study_file_may_be_json_and_list_its_scenarios(folder):
    found = plan(
        folder, '{"study": "x", "chain": "desk.yaml", "scenarios": [{"name": "two", "set": {"boss.staff": 2}}]}'
    )
    assert [each.name for each in found.scenarios] == ["base", "two"]


def test_an_engine_that_is_named_takes_the_place_of_the_files(folder):
    assert plan(folder, "chain: desk.yaml\nengine: compiled\n", engine="reference").engine == "reference"


def test_one_precision_may_be_asked_of_all_metrics(folder):
    found = plan(folder, "chain: desk.yaml\nmetrics: [customers.guest.wait, cost_per_day]\nprecision: 1%\n")
    assert found.precision == dict.fromkeys(("customers.guest.wait", "cost_per_day"), Precision(0.01, True))


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("vray: {clerk.staff: [3]}", "2:1", "a study file has no key 'vray'; did you mean 'vary'?"),
        ("vary: {clrek.staff: [3]}", "2:8", "nothing is called 'clrek'; did you mean 'clerk'?"),
        ("vary: {clerk.stff: [3]}", "2:8", "did you mean 'staff'?"),
        ("vary: {clerk.staff: [3, many]}", "2:25", "'many'"),
        ("vary: {clerk.staff: 3}", "2:21", "must be a list, got 3"),
        ("vary: {}", "2:7", "'vary' goes from paths to lists"),
        ("vary:\n  clerk.staff: [1, 2, three]\n", "3:23", "'three'"),
        ("scenarios: []", "2:12", "the list of scenarios is empty"),
        (
            "scenarios:\n- {name: a, set: {boss.staff: 2}}\n- {name: a, set: {boss.staff: 3}}",
            "4:3",
            "two scenarios are called",
        ),
        ("scenarios:\n- {name: a, set: {boss.staf: 2}}", "3:19", "did you mean 'staff'?"),
        ("scenarios:\n- {nam: a, set: {boss.staff: 2}}", "3:4", "no key 'nam'"),
        ("scenarios: [a]", "2:13", "a scenario is {name: …, set: {path: value}}, got 'a'"),
        (
            "vary: {boss.staff: [2]}\nscenarios: [{name: a, set: {boss.staff: 2}}]",
            "2:7",
            "either 'vary' or 'scenarios'",
        ),
        ("run: 5", "2:6", "'run' is a mapping"),
        ("run: {replications: 5}", "2:7", "has no key 'replications'; it stands beside 'run', not in it"),
        ("run: {until: }", "2:7", "'until' is empty"),
        ("until: 1d", "2:1", "a study file has no key 'until'; it stands in 'run': {until: …}"),
        ("vary:", "2:1", "'vary' is empty; write what it is to be, or leave it out"),
        ("study:", "2:1", "'study' is empty"),
        ("vary: {clerk.staff: [3, 2, 3]}", "2:21", "the value 3 is to be tried twice; keep one of them"),
        ("run: {until: 1d, customers: 5}", "2:6", "got both"),
        ("run: {until: soon}", "2:6", "the end of a run must be a number or a time"),
        ("run: {customers: 0}", "2:6", "whole number of at least 1, got 0"),
        ("run: {until: 5, warm_up: 7}", "2:6", "the warm-up (7) must end before the run (5)"),
        ("run: {warm_up: automatic}", "2:6", "a warm-up must be a number or a time"),
        ("metrics: []", "2:10", "the list of metrics is empty"),
        ("metrics: customers.guest.wait", "2:10", "metrics are a list of paths"),
        ("metrics: [customers.guest.wiat]", "2:11", "did you mean 'customers.guest.wait'?"),
        ("metrics: [guest.wait]", "2:11", "did you mean 'customers.guest.wait'?"),
        ("metrics: [customers.guest]", "2:11", "it holds arrived, begun"),
        ("metrics: [customers.guest.wait.p37]", "2:11", "there are sd, p50, p90, p95, p99, max"),
        ("metrics: [5]", "2:11", "a metric is a path such as customers.guest.wait, got 5"),
        ("metrics: [[1]]", "2:11", "a metric is a path such as customers.guest.wait, got [1]"),
        ("precision: {customers.guest.wait: -2%}", "2:35", "between 0% and 100%, got '-2%'"),
        ("precision: {customers.guest.wait: 0}", "2:35", "it is above 0, got 0"),
        ("precision: {customers.guest.wait: 2 %%}", "2:35", "got '2 %%'"),
        ("precision: {customers.guest.wait: [2]}", "2:35", "must be a number, got [2]"),
        ("precision: {customers.guest.wait: two}", "2:35", "got 'two'"),
        ("precision: {customers.guest.wait: 1e400}", "1:1", ""),
        ("precision: {customers.guest.below: 3 s}", "2:36", "got '3 s'"),
        ("precision: {customers.guest.wiat: 2%}", "2:13", "did you mean 'customers.guest.wait'?"),
        ("precision: 2%", "2:12", "a precision is asked of a metric"),
        ("precision: {}", "2:12", "no precision is asked for"),
        ("precision: {customers.guest.wait: 2%, customers.guest.wait.mean: 3%}", "2:39", "asked for twice"),
        ("precision: {customers.guest.wait: 2%}\nreplications: 24", "3:15", "got both"),
        ("replications: 0", "2:15", "whole number of at least 1, got 0"),
        ("replications: many", "2:15", "whole number of at least 1, got 'many'"),
        ("replications: 2.5", "2:15", "whole number of at least 1, got 2.5"),
        ("replications: 10000000000", "2:15", "at most 10,000,000"),
        ("budget: 5", "2:9", "a budget is {replications: 400, seconds: 600}"),
        ("budget: {}", "2:9", "a budget is {replications: 400, seconds: 600}"),
        ("budget: {minutes: 5}", "2:9", "a budget has no key 'minutes'"),
        ("budget: {seconds: -5}", "2:9", "must be above 0, got -5"),
        ("budget: {seconds: soon}", "2:9", "must be a number, got 'soon'"),
        ("budget: {replications: 0.5}", "2:9", "whole number"),
        ("best: {goal: mean}", "2:7", "there is no goal 'mean'"),
        ("best: {metric: nothing}", "2:7", "no metric is called 'nothing'"),
        ("best: {indifference: 0}", "2:7", "the indifference must be above 0"),
        ("best: {confidence: 95}", "2:7", "between 0.5 and 1, got 95"),
        ("best: [1]", "2:7", "what is best is"),
        ("best: {mertic: a}", "2:7", "did you mean 'metric'?"),
        ("method: batches", "2:9", "there is no method 'batches'; did you mean 'batch_means'?"),
        ("method: batch_means\nmetrics: [cost_per_day]", "3:10", "known for a whole run only"),
        ("seed: -1", "2:7", "a seed must be a whole number"),
        ("seed: 4294967296", "2:7", "below 2**32"),
        ("engine: quick", "2:9", "there is no engine 'quick'"),
        ("engine: 5", "2:9", "an engine is named by a text"),
        ("study: [1]", "2:8", "the title of a study must be a text"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(folder, line, place, message):
    told = refused(folder, f"chain: desk.yaml\n{line}\n")
    if place == "1:1":  # a number no file may hold
        assert told[0].startswith("study.yaml:2:")
        return
    assert told[0].startswith(f"study.yaml:{place}: "), told
    assert message in told[0]


def test_all_that_is_wrong_is_told_in_the_order_of_the_file(folder):
    told = refused(folder, "chain: desk.yaml\nseed: x\nmethod: y\nbudget: 3\nrun: {until: z}\n")
    assert [line.split(":")[1] for line in told] == ["2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vary: {boss.staff: [2]}\n", "1:1: a study file lacks 'chain'; add the name of a chain file"),
        ("chain: 5\n", "1:8: 'chain' is the name of a chain file, got 5"),
        ("chain: dsk.yaml\n", "1:8: there is no chain file 'dsk.yaml' beside this file; did you mean 'desk.yaml'?"),
        (f"chain: {'x' * 500}\n", "1:8: there is no chain file"),
        ("chain: .\n", "1:8: there is no chain file"),
        ("- 1\n", "1:1: a study file is a mapping"),
        ("chain: [\n", "2:1: "),
        ("chain: desk.yaml\nchain: desk.yaml\n", "2:1: the key 'chain' stands here twice"),
        ("", "1:1: there is nothing"),
    ],
)
def test_a_file_that_is_no_study_is_told(folder, text, message):
    assert refused(folder, text)[0].startswith(f"study.yaml:{message}")


def test_a_chain_file_is_told_from_a_study_file_once(folder):
    (told,) = refused(folder, CHAIN)
    assert "this looks like a chain file" in told


def test_what_is_wrong_with_the_chain_stands_in_the_chain(folder):
    (folder / "desk.yaml").write_text(CHAIN.replace("by: boss", "by: bos"))
    assert refused(folder, "chain: desk.yaml\n")[0].startswith("desk.yaml:9:")


def test_a_study_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ChainError, match="there is no such file"):
        read_study(tmp_path / "none.yaml")


def test_an_engine_named_beside_the_file_is_no_mistake_of_the_file(folder):
    with pytest.raises(RunError, match="there is no engine 'quick'"):
        plan(folder, "chain: desk.yaml\n", engine="quick")


def test_the_chain_lies_beside_the_study_not_where_one_is(folder, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert plan(folder, STUDY).base.chain.chain == "desk"


@pytest.mark.parametrize(
    ("written", "is_time", "expected"),
    [
        ("2%", True, (0.02, True)),
        ("0.5 %", False, (0.005, True)),
        (0.1, False, (0.1, False)),
        ("0.1", False, (0.1, False)),
        (3, False, (3.0, False)),
        ("30 s", True, (0.5, False)),
        ("1e-2", False, (0.01, False)),
    ],
)
def test_a_precision_is_read(written, is_time, expected):
    found = Precision.of(written, TimeUnit.MINUTES, is_time)
    assert (found.halfwidth, found.relative) == expected


@pytest.mark.parametrize(
    "written", ["", "%", "100%", "0%", "nan", "inf", "-1", True, None, float("nan"), [], {}, "30 s 2", 10**400]
)
def test_a_precision_that_is_none_is_told(written):
    with pytest.raises(Mistake):
        Precision.of(written, TimeUnit.MINUTES)


@pytest.mark.parametrize(
    "metric", ["customers.guest.wait", "customers.guest.wait.p90", "services.serve.within_standard", "cost_per_day"]
)
def test_more_is_better_of_some_metrics(folder, metric):
    found = plan_of(read(folder / "desk.yaml"), Asked(metrics=[metric]))
    assert found.choice == Choice(metric, "max" if "within" in metric else "min")


def test_names_with_spaces_are_found_whole():
    chain = Path(__file__).parents[1] / "simulations" / "hotel.yaml"
    found = plan_of(read(chain), Asked(metrics=["services.check in.delayed_share", "actors.booking system.down"]))
    assert found.metrics == ("services.check in.delayed_share", "actors.booking system.down")


def test_a_metric_that_only_a_scenario_has_can_be_asked_for(folder):
    # with a failure there is a cause that the base case does not know
    failures = {"every": "exponential(mean=60)", "lasts": 5}
    metric = "attribution.guest.clerk.failure.time"
    chain = read(folder / "desk.yaml")
    found = plan_of(chain, Asked(metrics=[metric], scenarios={"fails": {"clerk.failures": failures}}))
    assert found.metrics == (metric,)
    with pytest.raises(ChainError, match="no metric is called"):
        plan_of(chain, Asked(metrics=[metric]))


@pytest.mark.theory  # it starts a process
def test_reading_a_study_compiles_nothing(folder):
    import subprocess
    import sys

    (folder / "study.yaml").write_text(STUDY)
    code = (
        "import sys; from servicechain.studies.study_file import read_study; "
        f"read_study({str(folder / 'study.yaml')!r}); "
        "print([name for name in ('pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
