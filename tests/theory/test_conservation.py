"""What holds on every single run, to the last digits: time is neither lost nor made, and Little's law.

Each chain of this folder is run briefly, and its results are counted again from its records.
"""

from __future__ import annotations

import numpy as np
import pytest

import servicechain as sc
from theory.rooms import models

pytestmark = pytest.mark.theory

MODELS = {name: model for name, model in models().items() if not name.endswith("long")}


@pytest.fixture(scope="module", params=MODELS)
def short_run(request):
    """A run of one replication, and the times from the warm-up to where its actors are observed."""
    model = MODELS[request.param]
    until = model.settings.get("until")
    end = {"customers": 300} if until is None else {"until": min(until, 200.0)}
    result = sc.run(
        model.chain, replications=1, warm_up=0.5, seed=model.seed, engine=model.engine, keep_records=True, **end
    )
    stop = result.customer_records["arrived"].max() if until is None else end["until"]
    return model.chain, result, 0.5, stop


def offered_by(chain, requests, actor):
    """Requests for this actor's services, in whose line they count while they are there."""
    return requests[requests["service"].map(lambda service: chain.services[service].actors[0] == actor)]


def keeps_its_servers(actor):
    """Whether who has begun has a server to the end: nobody interrupts, fails or goes home."""
    return not (actor.preempt or actor.failures or actor.shifts)


def overlap(begin, end, start, stop):
    """Total time of the intervals [begin, end) within [start, stop]; an open end lasts."""
    begin, end = np.asarray(begin), np.asarray(end)
    end = np.where(np.isnan(end), np.inf, end)
    return np.sum(np.maximum(0, np.minimum(end, stop) - np.maximum(begin, start)))


def test_the_four_states_add_up_to_the_time_in_system(short_run):
    _, result, _, _ = short_run
    records = result.customer_records.dropna(subset=["left"])
    states = records[["queueing", "held", "attended", "own"]].sum(axis=1)
    np.testing.assert_allclose(states, records["left"] - records["arrived"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(records["wait"], records["queueing"] + records["held"], rtol=1e-12)


def test_nobody_is_lost(short_run):
    chain, result, start, _ = short_run
    for name in chain.customers:
        there = {
            key: result.value(f"customers.{name}.{key}.mean")
            for key in ("arrived", "finished", "abandoned", "unfinished")
        }
        assert there["arrived"] == there["finished"] + there["abandoned"] + there["unfinished"]
        records = result.customer_records
        came = (records["class"] == name) & (records["arrived"] >= start)
        assert there["arrived"] == came.sum()
    for name in chain.services:
        made = {
            key: result.value(f"services.{name}.{key}.mean")
            for key in ("requests", "begun", "abandoned", "withdrawn", "waiting")
        }
        parts = made["begun"] + made["abandoned"] + made["withdrawn"] + made["waiting"]
        assert made["requests"] == parts


def test_the_line_is_as_long_as_the_waits_in_it(short_run):
    """Little's law on one path: the time integral of the line is the sum of the times spent in it."""
    chain, result, start, stop = short_run
    requests = result.request_records
    for actor in filter(lambda name: keeps_its_servers(chain.actors[name]), chain.actors):
        own = offered_by(chain, requests, actor)
        waits = overlap(own["asked"], own["begun"].fillna(own["ended"]), start, stop)
        length = result.value(f"actors.{actor}.queue_length.mean.mean")
        assert length * (stop - start) == pytest.approx(waits, rel=1e-9, abs=1e-9)


def test_time_on_duty_is_neither_lost_nor_made(short_run):
    chain, result, _, _ = short_run
    for name, actor in chain.actors.items():
        if actor.servers < np.inf:
            shares = [result.value(f"actors.{name}.{state}.mean") for state in ("working", "held", "idle", "down")]
            assert sum(shares) == pytest.approx(1, abs=1e-9)
            assert min(shares) >= -1e-12


def test_servers_are_busy_as_long_as_their_requests_last(short_run):
    chain, result, start, stop = short_run
    requests = result.request_records
    for name, actor in chain.actors.items():
        if not keeps_its_servers(actor):
            continue
        own = requests[requests["begun"].notna() & (requests["actor"] == name)]
        time = overlap(own["begun"], own["ended"], start, stop)
        busy = result.value(f"actors.{name}.busy.mean")
        assert busy * (stop - start) == pytest.approx(time, rel=1e-9, abs=1e-9)
        if actor.servers < np.inf:
            utilisation = result.value(f"actors.{name}.utilisation.mean")
            assert busy == pytest.approx(utilisation * actor.servers, rel=1e-9, abs=1e-12)
