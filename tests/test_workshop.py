import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from servicechain import Chain, RunError, run, work
from servicechain.errors import Mistake
from servicechain.steps import custom
from servicechain.studies import block as blocks_module
from servicechain.studies.block import Bench, Block
from servicechain.studies.block import work as do
from servicechain.studies.ledger import Ledger
from servicechain.studies.measures import is_attributed
from servicechain.studies.workshop import Workshop
from small_studies import DESK, WAIT, blocks_of, by_block, plan_of

pytestmark = pytest.mark.theory  # whole studies


def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("servicechain")]


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    assert ours() == []


def done(plan, blocks, *arguments, **options):
    with Workshop(plan, *arguments, **options) as workshop:
        return workshop.columns, by_block(workshop.values(blocks))


def test_the_values_are_those_of_runs_scenario_by_scenario():
    plan = plan_of()
    columns, values = done(plan, blocks_of(plan), "here")
    assert len(values) == 4 * 3
    for place, scenario in enumerate(plan.scenarios):
        rows = np.concatenate([values[block] for block in blocks_of(plan) if block.scenario == place])
        result = run(scenario.chain, customers=60, replications=24, seed=3, engine="compiled")
        for path in (WAIT, "actors.desk.utilisation", "services.fix.queue_wait", "customers.guest.finished"):
            assert rows[:, columns.index(path)].mean() == pytest.approx(result.value(f"{path}.mean"), rel=1e-12)
    # the base case is as it is, the others are not
    assert values[Block(0, 0, 8, True)][0, 0] == values[Block(1, 0, 8, True)][0, 0] == 60
    assert (values[Block(0, 8, 8)] != values[Block(2, 8, 8)]).any()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_replication_r_is_replication_r_whatever_the_block(engine):
    plan = plan_of(engine=engine)
    bench = Bench.of(plan)
    whole = do(bench, Block(1, 0, 6, True))
    parts = [do(bench, Block(1, first, 2, True)) for first in (4, 0, 2)]
    np.testing.assert_array_equal(whole, np.concatenate([parts[1], parts[2], parts[0]]))


def test_without_attribution_its_columns_are_undefined_and_no_other_changes():
    plan = plan_of()
    columns, values = done(plan, [Block(0, 0, 4, True), Block(0, 0, 4, False)])
    blamed = np.array([is_attributed(column) for column in columns])
    with_it, without = values[Block(0, 0, 4, True)], values[Block(0, 0, 4, False)]
    assert np.isnan(without[:, blamed]).all()
    assert not np.isnan(with_it[:, blamed]).any()
    np.testing.assert_array_equal(with_it[:, ~blamed], without[:, ~blamed])


def test_scenarios_with_other_actors_share_columns_and_have_nan_where_they_have_none():
    data = DESK.to_dict()
    data["actors"]["porter"] = {"lane": "contact", "staff": 1}
    data["services"]["carry"] = {"by": "porter", "steps": [{"work": 1}]}
    data["customers"]["guest"]["journey"].append({"ask": "carry"})
    plan = plan_of()
    scenarios = (plan.scenarios[0], type(plan.scenarios[0])("porter", {}, Chain.from_dict(data)))
    plan = type(plan)(
        **{name: getattr(plan, name) for name in plan.__match_args__ if name != "scenarios"}, scenarios=scenarios
    )
    columns, values = done(plan, [Block(0, 0, 2), Block(1, 0, 2)], "here")
    place = columns.index("actors.porter.utilisation")
    assert place > columns.index("cost_per_day")
    assert np.isnan(values[Block(0, 0, 2)][:, place]).all()
    assert (values[Block(1, 0, 2)][:, place] > 0).all()
    assert (values[Block(1, 0, 2)][:, columns.index("customers.guest.finished")] == 60).all()


def test_percentiles_are_columns_when_they_are_asked_for():
    columns, values = done(plan_of(metrics=(f"{WAIT}.p90", WAIT)), [Block(0, 0, 3)], "here")
    assert f"{WAIT}.p95" not in columns
    rows = values[Block(0, 0, 3)]
    result = run(DESK, customers=60, replications=1, seed=3, engine="compiled", attribution=False)
    assert rows[0, columns.index(f"{WAIT}.p90")] == result.value(f"{WAIT}.p90")


def test_batches_of_one_run_are_its_customers_in_eight_parts():
    plan = plan_of(method="batch_means", customers=800)
    columns, values = done(plan, [Block(0, 0, 8), Block(0, 8, 8), Block(0, 16, 4)], "here")
    waits = {block.first: rows[:, columns.index(WAIT)] for block, rows in values.items()}
    for replication in range(3):
        result = run(DESK, customers=800, replications=replication + 1, seed=3, engine="compiled", keep_records=True)
        people = result.customer_records
        people = people[people["replication"] == replication].sort_values("arrived", kind="stable")
        expected = people["wait"].to_numpy().reshape(8, 100).mean(axis=1)
        np.testing.assert_allclose(waits[8 * replication], expected[: len(waits[8 * replication])], rtol=1e-12)


def test_a_chain_that_cannot_go_on_says_so_and_leaves_nothing_half_done():
    plan = plan_of(metrics=(WAIT,), engine="reference")
    told = []

    def tell(left, now):
        told.append(left)
        if len(told) == 2:
            raise KeyboardInterrupt

    bench = Bench.of(plan)
    expected = do(bench, Block(0, 0, 4))
    with pytest.raises(KeyboardInterrupt):
        do(bench, Block(0, 0, 4), tell)
    np.testing.assert_array_equal(do(bench, Block(0, 0, 4)), expected)


def test_engines_are_kept_for_a_few_scenarios_only(monkeypatch):
    blocks_module.clear_bench()
    monkeypatch.setattr(blocks_module, "KEPT_ENGINES", 2)
    made = []
    original = blocks_module.engine_for
    monkeypatch.setattr(blocks_module, "engine_for", lambda *args: made.append(1) or original(*args))
    bench = Bench.of(plan_of())
    for scenario in (0, 1, 0, 1, 2, 0):
        do(bench, Block(scenario, 0, 1))
    assert len(made) == 4


@pytest.mark.parametrize(
    "change", [{"seed": 4}, {"customers": 61}, {"metrics": (f"{WAIT}.p90",)}, {"engine": "reference"}, {"vary": {}}]
)
def test_whatever_changes_a_number_changes_the_key(change):
    assert Bench.of(plan_of()).key == Bench.of(plan_of(title="another")).key
    assert Bench.of(plan_of()).key != Bench.of(plan_of(**change)).key


def test_progress_is_told_of_what_is_done_and_asked_for():
    told = []
    plan = plan_of()
    with Workshop(plan, "here", progress=lambda *both: told.append(both)) as workshop:
        list(workshop.values(blocks_of(plan)))
    assert told[-1] == (96, 96)
    assert [one for one, _ in told] == sorted(one for one, _ in told)


def test_whoever_stops_half_way_finds_what_was_finished_in_the_ledger(tmp_path):
    plan = plan_of()
    with Ledger.open(tmp_path / "l.sqlite") as ledger, Workshop(plan, "threads", ledger) as workshop:
        values = workshop.values(blocks_of(plan, 240))
        seen = dict([next(values) for _ in range(3)])
        values.close()
        shelf = ledger.study(plan)
        assert all(shelf.has(block) for block in seen)
        again = by_block(workshop.values(blocks_of(plan, 240)))
    assert len(again) == 120
    for block, rows in seen.items():
        np.testing.assert_array_equal(again[block], rows)


def test_steps_in_python_are_walked_in_this_thread():
    threads = set()

    def walk(context):
        threads.add(threading.current_thread())
        yield work(1)

    data = DESK.to_dict()
    data["services"]["fix"]["steps"] = [custom(walk)]
    plan = plan_of(chain=Chain.from_dict(data), vary={}, engine="reference")
    _, values = done(plan, [Block(0, 0, 2)])
    assert len(values) == 1
    assert threads == {threading.current_thread()}
    for executor in ("local", "dask://127.0.0.1:1"):
        with pytest.raises(Mistake, match="steps in Python stay in the process"):
            Workshop(plan, executor)


@pytest.mark.parametrize("executor", ["threads", "local", "here", None])
def test_an_error_of_the_simulation_comes_out(executor):
    data = DESK.to_dict()
    data["services"]["fix"]["steps"] = [{"tell": "fix"}]
    plan = plan_of(chain=Chain.from_dict(data), vary={})
    with pytest.raises(RunError, match="the clock stands still"):
        done(plan, blocks_of(plan), executor)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from small_studies import DESK, blocks_of, plan_of
from servicechain.studies.workshop import Workshop
from servicechain.studies.ledger import Ledger

plan = plan_of(engine="reference", customers=300)
with Ledger.open(sys.argv[3]) as ledger, Workshop(plan, sys.argv[2], ledger, workers=2) as workshop:
    print("ready", flush=True)
    for block, rows in workshop.values(blocks_of(plan, 2400, 1)):
        print(block.scenario, block.first, flush=True)
"""


def children_of(process):
    return [
        int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit() and parent_of(folder) == process
    ]


def parent_of(folder):
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


@pytest.mark.theory
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find the workers")
@pytest.mark.parametrize(
    "executor", ["local", *(pytest.param(name, marks=pytest.mark.slow) for name in ("threads", "here"))]
)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_ctrl_c_and_kill_leave_no_process_behind(executor, how, tmp_path):
    folder = str(Path(__file__).parent)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder, executor, str(tmp_path / "l.sqlite")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline() == "ready\n"
        # blocks come as they are finished; what is looked at afterwards is the base case
        while program.stdout.readline() not in ("0 0\n", ""):
            pass
        deadline = time.monotonic() + 30
        while executor == "local" and not children_of(program.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        workers = children_of(program.pid)
        assert len(workers) == (executor == "local")
        started = time.monotonic()
        program.send_signal(how)
        _, told = program.communicate(timeout=30)
        assert time.monotonic() - started < 10
        assert ("KeyboardInterrupt" in told) == (how == signal.SIGINT)
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    finally:
        program.kill()
        program.communicate()
    with Ledger.open(tmp_path / "l.sqlite", read_only=True) as ledger:
        (study,) = ledger.studies()
        assert study.scenarios[0].replications > 0
