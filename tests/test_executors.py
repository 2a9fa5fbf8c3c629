import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from servicechain import Chain
from servicechain.errors import Mistake, RunError
from servicechain.studies import executors, team
from servicechain.studies import workshop as workshops
from servicechain.studies.block import Bench, Block
from servicechain.studies.executors import Carried, Lent, carry, crew_for, version
from servicechain.studies.team import Here, Team
from servicechain.studies.workshop import Workshop
from small_studies import DESK, blocks_of, by_block, plan_of


def values_with(executor, plan, until=48, **options):
    with Workshop(plan, executor, **options) as workshop:
        return by_block(workshop.values(blocks_of(plan, until)))


@pytest.fixture(scope="module")
def expected():
    plan = plan_of()
    return {block: rows.tobytes() for block, rows in values_with("here", plan).items()}


def same(found, expected):
    return {block: rows.tobytes() for block, rows in found.items()} == expected


@pytest.mark.parametrize("executor", [None, "here", "threads", "local"])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_values_are_the_same_whoever_works(executor, workers, expected):
    assert same(values_with(executor, plan_of(), workers=workers), expected)


def test_an_executor_of_threads_that_is_there_already(expected):
    with ThreadPoolExecutor(3) as pool:
        assert same(values_with(pool, plan_of()), expected)
        # it is still somebody else's
        assert pool.submit(int, "7").result() == 7


@pytest.mark.theory
def test_an_executor_of_processes_that_is_there_already(expected):
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert same(values_with(pool, plan_of()), expected)
        assert pool.submit(int, "7").result() == 7
        # another bench
        other = plan_of(seed=4, vary={})
        assert same(values_with(pool, other), {b: r.tobytes() for b, r in values_with("here", other).items()})


class Forgetful(Executor):
    """Has worker after worker, none of which has ever seen the bench."""

    _max_workers = 1

    def __init__(self):
        self.sent = []

    def submit(self, function, /, *arguments):
        assert function is carry
        executors._benches.clear()
        self.sent.append(arguments[2] is not None)
        done = Future()
        done.set_result(function(*arguments))
        return done


def test_a_worker_who_does_not_know_the_bench_is_given_it(expected):
    executor = Forgetful()
    assert same(values_with(executor, plan_of()), expected)
    # the first with it; each of the others once without, in vain, and once with it
    assert executor.sent[0]
    assert sum(executor.sent[1:]) == len(executor.sent[1:]) / 2 > 0


def test_the_bench_travels_once_to_each_worker(expected):
    class Remembering(Forgetful):
        def submit(self, function, /, *arguments):
            self.sent.append(arguments[2] is not None)
            done = Future()
            done.set_result(function(*arguments))
            return done

    executors._benches.clear()
    executor = Remembering()
    assert same(values_with(executor, plan_of()), expected)
    assert executor.sent.count(True) == 1 < len(executor.sent)


def test_a_worker_with_another_version_refuses():
    bench = Bench.of(plan_of())
    executors._benches.clear()
    assert carry(version(), bench.key, None, ()) is None
    with pytest.raises(RunError, match=r"a worker has servicechain .* and this study 0\.0; install the same"):
        carry("0.0", bench.key, None, (Block(0, 0, 1),))


@pytest.mark.theory
def test_a_pool_that_breaks_down_is_told():
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        import os

        broken = pool.submit(os._exit, 1)
        assert broken.exception() is not None
        with pytest.raises(RunError, match=r"the executor (takes no work|has broken down)"):
            values_with(pool, plan_of())


def test_a_pool_that_has_been_shut_down_is_told():
    pool = ProcessPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RunError, match="takes no work"):
        values_with(pool, plan_of())


@pytest.mark.parametrize(
    ("executor", "hint"),
    [("thread", "did you mean 'threads'"), ("processes", "got 'processes'"), (7, "got 7"), ("", "got ''")],
)
def test_what_is_no_executor_is_refused(executor, hint):
    with pytest.raises(Mistake, match="an executor is 'here', 'threads', 'local', 'dask://host:port'") as caught:
        crew_for(Bench.of(plan_of()), executor)
    assert hint in str(caught.value)


@pytest.mark.parametrize("workers", [0, -1, 1.5])
def test_a_wrong_number_of_workers_is_refused(workers):
    with pytest.raises(Mistake, match="workers"):
        Workshop(plan_of(), workers=workers)


# -- what pays --------------------------------------------------------------------------------------------------------


def crew_of(executor=None, workers=4, **asked):
    crew = crew_for(Bench.of(plan_of(**asked)), executor, workers)
    crew.close()
    return crew


def test_threads_are_for_long_replications_of_the_compiled_engine_and_processes_for_all_else():
    assert crew_of(engine="reference")._processes is not None
    assert crew_of(customers=60)._processes is not None
    assert crew_of(customers=100_000)._processes is None
    assert crew_of("threads", customers=60)._processes is None
    assert isinstance(crew_of("here"), Here)
    assert isinstance(crew_of(workers=1), Here)


def test_others_are_started_only_when_there_is_enough_to_do(monkeypatch):
    started = []
    original = team.Team.reinforce
    monkeypatch.setattr(team.Team, "reinforce", lambda self: started.append(1) or original(self))
    plan = plan_of(vary={})
    with Workshop(plan, workers=2) as workshop:
        list(workshop.values(blocks_of(plan, 8)))
        assert (started, workshop._crew.workers) == ([], 1)
        monkeypatch.setattr(workshops, "PAYS", 0.0)
        list(workshop.values(blocks_of(plan, 240)))
        assert started


def test_what_is_known_to_take_long_is_begun_by_all_at_once(monkeypatch):
    started = []

    class Interrupted(Here):
        def reinforce(self):
            started.append(1)

        def submit(self, bundle, again=False):
            raise KeyboardInterrupt

    monkeypatch.setattr(workshops, "crew_for", lambda bench, *rest: Interrupted(bench))
    for customers in (60, 100_000):
        plan = plan_of(vary={}, engine="reference", customers=customers)
        with Workshop(plan) as workshop, pytest.raises(KeyboardInterrupt):
            next(workshop.values(blocks_of(plan, 8)))
        assert len(started) == (customers > 60)


def test_nobody_waits_for_a_worker_that_is_still_starting(monkeypatch):
    late = threading.Event()
    bench = Bench.of(plan_of())
    crew = Team(bench, 2, apart=False)
    crew._add(lambda: late.wait(30) and crew._job.begin())
    answers = [crew.submit((Block(0, first, 1),)) for first in range(6)]
    assert [len(answer.result(20)) for answer in answers] == [1] * 6
    assert crew.workers == 1
    late.set()
    crew.close()


def test_a_process_that_cannot_be_started_is_one_fewer(monkeypatch, expected):
    def refuse(*arguments, **options):
        raise OSError("no more processes")

    monkeypatch.setattr("servicechain.processes.subprocess.Popen", refuse)
    assert same(values_with("local", plan_of(), workers=3), expected)


def test_a_process_that_dies_at_work_is_told():
    crew = Team(Bench.of(plan_of(engine="reference", customers=3000)), 2, apart=True)
    crew.reinforce()
    try:
        deadline = time.monotonic() + 60
        while crew.workers < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        answers = [crew.submit((Block(0, first, 1),)) for first in range(4)]
        time.sleep(0.05)
        crew._processes._all[0].kill()
        with pytest.raises(RunError, match="a worker process has ended"):
            [answer.result(60) for answer in answers]
    finally:
        crew.close()


def test_threads_of_others_stop_when_nobody_waits_any_more():
    with ThreadPoolExecutor(1) as pool:
        crew = Lent(Bench.of(plan_of(engine="reference", customers=50_000)), pool)
        answer = crew.submit((Block(0, 0, 100),))
        time.sleep(0.1)
        started = time.monotonic()
        crew.close()
        assert answer.exception(30) is not None
        assert time.monotonic() - started < 10


def test_a_bench_is_small_on_its_way():
    chain = Chain.from_dict(DESK.to_dict())
    crew = Carried(Bench.of(plan_of(chain=chain)), Forgetful(), 1)
    assert len(crew._sent) < 20_000
    np.testing.assert_equal(crew.workers, 1)
