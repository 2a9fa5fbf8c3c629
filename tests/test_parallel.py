import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from pandas.testing import assert_frame_equal

from servicechain import Chain, RunError, ask, custom, processes, run, sharing
from servicechain.changes import Change
from servicechain.counterfactuals import Counterfactuals
from servicechain.engines import ENGINES
from servicechain.engines.reference.engine import ReferenceEngine
from servicechain.errors import Mistake
from servicechain.processes import Processes
from servicechain.records import KeepCustomers
from servicechain.settings import Settings
from servicechain.tasks import checked_workers, cores, in_order
from timelines import chain_of

pytestmark = pytest.mark.theory  # workers

# by several ways to the same cause, so that sums over them have an order to depend on
HOTEL = chain_of("""
    actors:
      desk: {lane: contact, staff: 2}
      bell: {lane: contact, staff: 1}
      system: {lane: system, capacity: 1, failures: {every: exponential(mean=60), repair: restart}}
      programmer: {lane: backstage, staff: 1}
    services:
      check in: {by: desk, steps: [{work: exponential(mean=2)}, {ask: find}, {chance: 0.3, then: [{ask: fix}]}]}
      carry: {by: bell, steps: [{chance: 0.5, then: [{ask: find}]}, {work: exponential(mean=1)}]}
      find: {by: system, steps: [{work: exponential(mean=0.5)}, {chance: 0.2, then: [{ask: fix}]}]}
      fix: {by: programmer, steps: [{work: exponential(mean=4)}]}
      restart: {by: programmer, steps: [{work: exponential(mean=5)}]}
    customers:
      guest:
        arrivals: poisson(rate=20/h)
        patience: exponential(mean=30)
        tolerance: {desired: 3, adequate: 10}
        journey: [{ask: check in}, {chance: 0.4, then: [{ask: carry}]}]
    """)
DAY = {"until": 400, "replications": 5}


class InThreads(ReferenceEngine):
    """The reference engine by another name, to be run in threads."""

    name = "compiled"


@pytest.fixture(autouse=True)
def threads(monkeypatch):
    monkeypatch.setitem(ENGINES, "compiled", InThreads)
    monkeypatch.setattr(sharing, "is_ready", lambda: True)
    monkeypatch.setattr(sharing, "PER_THREAD", 1)
    yield
    assert ours() == []


def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("servicechain")]


@dataclass(frozen=True)
class Squares:
    """A job that needs no engine; the first task is done last."""

    fails: tuple[int, ...] = ()

    def begin(self):
        return self.one

    def one(self, number, told):
        time.sleep(0.06 if number == 0 else 0.001)
        if told is not None:
            told(number, 1.0)
        if number in self.fails:
            raise RunError(f"task {number}")
        return number * number


@pytest.mark.parametrize("settings", [DAY, {"customers": 60, "replications": 4, "antithetic": True}])
def test_the_numbers_are_the_same_whatever_the_number_of_workers(settings):
    results = [run(HOTEL, engine="compiled", workers=workers, **settings) for workers in (1, 2, 3)]
    first = results[0].to_json()
    assert [result.to_json() == first for result in results] == [True, True, True]
    assert '"cause": "failure"' in first
    if results[0].timeline is not None:
        assert_frame_equal(results[0].timeline.frame(), results[2].timeline.frame(), check_exact=True)
        assert_frame_equal(results[0].timeline.caused, results[2].timeline.caused, check_exact=True)
    assert str(results[0].paths("guest")) == str(results[2].paths("guest"))


def test_an_engine_that_has_met_other_paths_before_gives_the_same():
    # one worker's engine has met all paths of the replications before, a fresh one has met none
    alone = run(HOTEL, engine="compiled", workers=1, keep_records=True, **DAY)
    side_by_side = run(HOTEL, engine="compiled", workers=5, keep_records=True, **DAY)
    assert alone.to_json() == side_by_side.to_json()
    for one, other in zip(alone.kept_parts, side_by_side.kept_parts, strict=True):
        assert (one.rows == other.rows).all()
        assert one.paths == other.paths == sorted(one.paths)


def test_records_are_kept_in_the_order_of_the_replications():
    one, other = (run(HOTEL, engine="compiled", workers=n, keep_records=True, **DAY) for n in (1, 3))
    assert_frame_equal(one.customer_records, other.customer_records, check_exact=True)
    assert_frame_equal(one.request_records, other.request_records, check_exact=True)
    assert one.customer_records["replication"].is_monotonic_increasing


def test_results_come_in_order_though_tasks_end_in_another():
    told = []
    with closing(in_order(Squares(), 8, 3, lambda number, left, now: told.append(number))) as found:
        assert list(found) == [number * number for number in range(8)]
    assert set(told) == set(range(8))


def test_the_first_error_in_order_is_raised_whichever_came_first():
    found = []
    with pytest.raises(RunError, match="task 4"), closing(in_order(Squares((5, 4)), 9, 3)) as squares:
        found.extend(squares)
    assert found == [0, 1, 4, 9]


class Failing(InThreads):
    """An engine whose later replications fail at once."""

    def replicate(self, settings, replication, sink, progress=None):
        if replication:
            raise RunError(f"the clock stands still in {replication}")
        super().replicate(settings, replication, sink, progress)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_an_error_of_a_replication_is_raised_as_it_is(monkeypatch, workers):
    monkeypatch.setitem(ENGINES, "compiled", Failing)
    with pytest.raises(RunError, match=r"^the clock stands still in 1$"):
        run(HOTEL, engine="compiled", workers=workers, replications=5, customers=20)
    with pytest.raises(RunError, match=r"^with nothing changed, the clock stands still in 1$"):
        runs_of(workers).outcome()


def test_progress_is_told_in_the_calling_thread_and_goes_forward():
    told = []

    def progress(*news):
        told.append((threading.get_ident(), *news))

    run(HOTEL, engine="compiled", workers=3, customers=2100, replications=3, progress=progress)
    assert {ident for ident, *_ in told} == {threading.get_ident()}
    for replication in range(3):
        left = [left for _, number, left, _ in told if number == replication]
        assert left == sorted(left)
        assert left[-1] == 2100


def test_sinks_are_called_in_the_calling_thread_one_replication_after_the_other():
    met = []

    class Sink(KeepCustomers):
        def close(self, *_):
            met.append(threading.get_ident())

    asked = []
    run(HOTEL, engine="compiled", workers=3, sinks=lambda number: asked.append(number) or [Sink()], **DAY)
    assert asked == [0, 1, 2, 3, 4]
    assert set(met) == {threading.get_ident()}


class Endless:
    """An engine that never comes to an end, as far as a test can wait."""

    name = "compiled"
    running = 0

    def __init__(self, chain, ideal=frozenset()):
        pass

    def replicate(self, settings, replication, sink, progress=None):
        type(self).running += 1
        try:
            for moment in range(100_000):
                time.sleep(0.002)
                progress(moment, float(moment))
        finally:
            type(self).running -= 1


def test_ctrl_c_stops_at_once_and_leaves_nothing(monkeypatch):
    monkeypatch.setitem(ENGINES, "compiled", Endless)

    def interrupted(*_):
        assert Endless.running == 2
        signal.raise_signal(signal.SIGINT)

    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        run(HOTEL, engine="compiled", workers=2, replications=4, progress=interrupted)
    assert time.perf_counter() - started < 1
    assert Endless.running == 0


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", True])
def test_workers_are_counted_in_whole_numbers(workers):
    with pytest.raises(Mistake, match="workers must be a whole number of at least 1"):
        run(HOTEL, workers=workers, customers=1)


def test_by_default_all_cores_that_may_be_used():
    assert checked_workers(None) == cores() >= 1
    if hasattr(os, "sched_getaffinity"):
        assert cores() == len(os.sched_getaffinity(0))


def runs_of(workers, engine="compiled", told=None):
    settings = Settings.of(HOTEL, customers=40, replications=3)
    return Counterfactuals(HOTEL.loaded(), settings, engine, told, workers)


def test_variants_are_run_side_by_side_with_the_same_numbers():
    changes = [Change(ideal=frozenset({"programmer"})), Change(one_more="desk"), Change(faster="system")]
    found, told = [], []
    for workers in (1, 2, 3):
        runs = runs_of(workers, told=lambda done, of: told.append((done, of)))
        runs.run(changes)
        found.append([getattr(runs.outcome(c), name).tobytes() for c in changes for name in ("waits", "cost_rate")])
    assert found[0] == found[1] == found[2]
    assert told == 3 * [(done, 12) for done in range(1, 13)]


def shared_with(job, monkeypatch, **settings):
    """Tell how many workers a run asks for, and of what kind, without running it."""
    asked = {}

    def noted(job, count, workers, progress=None, *, apart=False):
        asked.update(workers=workers, apart=apart)
        return iter(())

    monkeypatch.setattr(sharing, "in_order", noted)
    sharing.shared(job, **settings)
    return asked["workers"], asked["apart"]


class Asked(NamedTuple):
    engine: str
    chain: Chain = HOTEL


def restock(context):
    yield ask("serve")


PYTHON = chain_of("""
    actors: {desk: {lane: contact, staff: 1}}
    services: {serve: {by: desk, steps: [{work: 1}]}}
    customers: {guest: {arrivals: "every(2)", journey: [{ask: serve}]}}
    """)
PYTHON = Chain.from_dict(
    {**PYTHON.to_dict(), "customers": {"guest": {"arrivals": "every(2)", "journey": [custom(restock)]}}}
)


@pytest.mark.parametrize(
    ("job", "requests", "expected"),
    [
        (Asked("compiled"), 1e9, (4, False)),
        (Asked("reference"), 1e9, (4, True)),
        (Asked("reference"), 3 * sharing.PER_PROCESS, (3, True)),
        # not worth a second process
        (Asked("reference"), 1.9 * sharing.PER_PROCESS, (1, True)),
        # what a function looks at is in this process
        (Asked("reference", PYTHON), 1e9, (1, True)),
        # of an engine nobody knows, nobody knows whether it may be run in threads
        (Asked("another"), 1e9, (1, True)),
    ],
    ids=str,
)
def test_as_many_workers_as_pay(monkeypatch, job, requests, expected):
    assert shared_with(job, monkeypatch, count=10, requests=requests, workers=4) == expected


def test_threads_pay_where_replications_are_long(monkeypatch):
    monkeypatch.setattr(sharing, "PER_THREAD", 1000)
    many = {"count": 100, "workers": 4}
    assert shared_with(Asked("compiled"), monkeypatch, requests=99_000, **many) == (1, False)
    assert shared_with(Asked("compiled"), monkeypatch, requests=100_000, **many) == (4, False)


def test_what_cannot_be_sent_stays_here(monkeypatch):
    assert Processes.of(Squares()) is not None

    @dataclass(frozen=True)
    class Local(Squares):
        pass

    assert Processes.of(Local()) is None
    assert list(in_order(Local(), 3, 2, apart=True)) == [0, 1, 4]
    monkeypatch.setattr(processes.sys, "executable", "")
    assert Processes.of(Squares()) is None


# -- with processes, which take a second to start -----------------------------------------------------------------


@pytest.fixture
def worth_it(monkeypatch):
    monkeypatch.setattr(sharing, "PER_PROCESS", 1)


@pytest.mark.slow
def test_processes_give_the_same_numbers_and_tell_how_far_they_are(worth_it):
    told = []
    alone = run(HOTEL, engine="reference", workers=1, keep_records=True, **DAY)
    apart = run(
        HOTEL, engine="reference", workers=2, keep_records=True, progress=lambda *news: told.append(news), **DAY
    )
    assert alone.to_json() == apart.to_json()
    assert_frame_equal(alone.customer_records, apart.customer_records, check_exact=True)
    assert sorted(number for number, _, now in told if now == 400) == [0, 1, 2, 3, 4]
    change = Change(one_more="desk")
    waits = [runs_of(workers, "reference").outcome(change).waits.tobytes() for workers in (1, 2)]
    assert waits[0] == waits[1]


@pytest.mark.slow
def test_an_error_in_a_process_is_the_same_error(worth_it):
    chain = chain_of("""
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{tell: serve}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
        """)
    with pytest.raises(RunError, match="the clock stands still at 0:"):
        run(chain, engine="reference", workers=2, customers=10, replications=4)


@pytest.mark.slow
def test_a_process_that_is_killed_is_told(worth_it, monkeypatch):
    begin = Processes.begin

    def killed(self):
        worker = begin(self)
        worker.kill()
        return worker

    monkeypatch.setattr(Processes, "begin", killed)
    with pytest.raises(RunError, match="ended before its task was done; ask for workers=1"):
        run(HOTEL, engine="reference", workers=2, **DAY)


SCRIPT = """
print("begun", flush=True)
import servicechain as sc
from servicechain import sharing
sharing.PER_PROCESS = 1
chain = sc.Chain.from_dict({
    "chain": "Desk", "unit": "minutes", "actors": {"desk": {"lane": "contact", "staff": 1}},
    "services": {"serve": {"by": "desk", "steps": [{"work": 1}]}},
    "customers": {"guest": {"arrivals": "every(2)", "journey": [{"ask": "serve"}]}}})
CALL
print("ended")
"""


@pytest.mark.slow
def test_a_script_without_a_guard_runs_once(tmp_path):
    file = tmp_path / "study.py"
    settings = "engine='reference', workers=2, customers=50, replications=3"
    call = f"print(sc.run(chain, {settings}).value('services.serve.begun.mean'))"
    file.write_text(SCRIPT.replace("CALL", call))
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout.split(), done.stderr) == (["begun", "50.0", "ended"], "")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no signal can be sent to one process there")
def test_ctrl_c_ends_the_processes_too(tmp_path):
    file = tmp_path / "study.py"
    call = (
        "sc.run(chain, engine='reference', workers=2, customers=10**7, replications=2, "
        "progress=lambda *_: print('under way', flush=True))"
    )
    file.write_text(SCRIPT.replace("CALL", call))
    with subprocess.Popen(
        [sys.executable, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as script:
        assert script.stdout.readline() == "begun\n"
        assert script.stdout.readline() == "under way\n"
        script.send_signal(signal.SIGINT)
        started = time.perf_counter()
        # its standard error is closed when no process has it any more
        told = script.stderr.read()
        assert time.perf_counter() - started < 3
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert script.returncode != 0
