"""Studies on a real Dask cluster: a scheduler and worker processes on this machine."""

import os
import signal
import socket
import sys
import threading
import time

import pytest

from servicechain.errors import Mistake, RunError
from servicechain.studies import dask_executor
from servicechain.studies.block import Bench
from servicechain.studies.dask_executor import DaskCrew, address_of, connected
from servicechain.studies.ledger import Ledger
from servicechain.studies.workshop import Workshop
from small_studies import blocks_of, by_block, plan_of

distributed = pytest.importorskip("distributed")

# what Dask says in threads of its own: of sockets it closes late, and of workers that are gone
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def cluster_of(workers):
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def cluster():
    with cluster_of(2) as made:
        yield made


@pytest.fixture
def address(cluster):
    cluster.wait_for_workers(2, timeout=60)
    return cluster.scheduler_address.replace("tcp://", "dask://")


def values_with(executor, plan, until=48, **options):
    with Workshop(plan, executor, **options) as workshop:
        return by_block(workshop.values(blocks_of(plan, until)))


def in_bytes(values):
    return {block: rows.tobytes() for block, rows in values.items()}


@pytest.mark.theory
def test_the_values_are_the_same_by_address_and_by_client(cluster, address):
    expected = in_bytes(values_with("here", plan_of()))
    assert in_bytes(values_with(address, plan_of())) == expected
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        assert in_bytes(values_with(client, plan_of())) == expected
        assert client.status == "running"
    crew = DaskCrew(Bench.of(plan_of()), address)
    assert crew.workers == 2
    crew.close()
    assert crew.client.status == "closed"


@pytest.mark.theory
@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_worker_killed_in_the_middle_changes_nothing(cluster, address, tmp_path):
    # some seconds of work, and half-way one of the two is killed
    plan = plan_of(engine="reference", customers=150)
    expected = in_bytes(values_with("here", plan))
    victims = []
    values = {}
    with Ledger.open(tmp_path / "l.sqlite") as ledger, Workshop(plan, address, ledger) as workshop:
        assert workshop._crew.workers == 2
        for block, rows in workshop.values(blocks_of(plan)):
            assert block not in values, "counted twice"
            values[block] = rows
        for block, rows in workshop.values([each for each in blocks_of(plan, 48) if each.first >= 24]):
            assert block not in values, "counted twice"
            values[block] = rows
            if not victims:
                (*_, worker) = cluster.workers.values()
                victims.append(worker.pid)
                os.kill(worker.pid, signal.SIGKILL)
    assert victims
    assert in_bytes(values) == expected
    with Ledger.open(tmp_path / "l.sqlite", read_only=True) as ledger:
        (study,) = ledger.studies()
        assert [each.replications for each in study.scenarios] == [48] * 4
    # the nanny has brought a new one, which has never seen the bench
    cluster.wait_for_workers(2, timeout=60)
    assert victims[0] not in [worker.pid for worker in cluster.workers.values()]
    assert in_bytes(values_with(address, plan, 24)) == in_bytes({b: r for b, r in values.items() if b.first < 24})


@pytest.mark.theory
def test_an_error_of_the_simulation_comes_out_of_a_worker(address):
    from servicechain import Chain
    from small_studies import DESK

    data = DESK.to_dict()
    data["services"]["fix"]["steps"] = [{"tell": "fix"}]
    with pytest.raises(RunError, match="the clock stands still"):
        values_with(address, plan_of(chain=Chain.from_dict(data), vary={}))


@pytest.mark.theory
def test_a_scheduler_without_workers_is_told(monkeypatch):
    monkeypatch.setattr(dask_executor, "PATIENCE", 0.5)
    with (
        cluster_of(0) as empty,
        pytest.raises(RunError, match=r"the scheduler at tcp://127\.0\.0\.1:\d+ has no worker; start one with `dask w"),
    ):
        Workshop(plan_of(), empty.scheduler_address.replace("tcp", "dask"))


@pytest.mark.theory
def test_a_scheduler_that_goes_away_is_told():
    plan = plan_of(engine="reference", customers=100)
    made = cluster_of(1)

    def study():
        with Workshop(plan, made.scheduler_address.replace("tcp", "dask")) as workshop:
            for _ in workshop.values(blocks_of(plan, 4000)):
                made.close()

    with pytest.raises(RunError, match=r"Dask gives a task up|the executor has broken down|takes no work"):
        study()


@pytest.mark.theory  # it waits
def test_a_scheduler_that_does_not_answer_is_told_soon(monkeypatch):
    monkeypatch.setattr(dask_executor, "PATIENCE", 1.0)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(RunError, match=rf"no Dask scheduler answers at tcp://127\.0\.0\.1:{port} within 1 seconds"):
            Workshop(plan_of(), f"dask://127.0.0.1:{port}")
    assert time.monotonic() - started < 15
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("servicechain")]


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Mistake, match=r"pip install 'servicechain\[distributed\]'"):
        connected("dask://somewhere:8786")


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("dask://host:8787", "tcp://host:8787"),
        ("dask://host", "tcp://host:8786"),
        ("dask://10.0.0.7:99/", "tcp://10.0.0.7:99"),
        ("dask://[::1]:99", "tcp://[::1]:99"),
        ("dask://tls://host:1", "tls://host:1"),
    ],
)
def test_addresses(where, address):
    assert address_of(where) == address


@pytest.mark.parametrize("where", ["dask://", "dask://:8786", "dask://host:port"])
def test_what_is_no_address_is_refused(where):
    with pytest.raises(Mistake, match=r"write dask://"):
        address_of(where)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_two_workers_take_at_most_0_65_of_the_time_of_one():
    plan = plan_of(engine="reference", customers=400)

    def seconds(workers):
        with (
            cluster_of(workers) as made,
            Workshop(plan, made.scheduler_address.replace("tcp", "dask")) as workshop,
        ):
            made.wait_for_workers(workers, timeout=60)
            # imports, and engines
            list(workshop.values(blocks_of(plan, 16, size=1)))
            started = time.perf_counter()
            rows = by_block(workshop.values([each for each in blocks_of(plan, 112, size=2) if each.first >= 16]))
            return time.perf_counter() - started, in_bytes(rows)

    # the quickest of some rounds: whatever else the machine does only makes them longer
    rounds = [(seconds(1), seconds(2)) for _ in range(4)]
    assert all(one[1] == two[1] for one, two in rounds)
    ratio = min(two[0] for _, two in rounds) / min(one[0] for one, _ in rounds)
    assert ratio <= 0.65, rounds_told(rounds)


def rounds_told(rounds):
    return [(round(one[0], 2), round(two[0], 2)) for one, two in rounds]
