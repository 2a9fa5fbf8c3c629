"""What must hold on every path of every chain, recomputed from the records alone."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from random_chains import chains
from servicechain import Chain, run

pytestmark = pytest.mark.theory  # many random chains

SLACK = 1e-9
EVERY_CHAIN = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@EVERY_CHAIN
@given(data=chains())
def test_time_and_customers_are_conserved(engine, data):
    result = run(Chain.from_dict(data), customers=40, replications=1, engine=engine, keep_records=True)
    customers, requests = result.customer_records, result.request_records
    check_customers(result, customers)
    check_requests(result, requests)
    check_servers(data, requests)
    for actor in result.to_dict()["actors"].values():
        shares = [actor[state]["mean"] for state in ("working", "held", "idle", "down")]
        assert None in shares or sum(shares) == pytest.approx(1)


@EVERY_CHAIN
@given(data=chains(everything=True))
def test_they_are_with_every_feature(engine, data):
    # some chains of asks can stand still, others never end: members come for ever
    result = run(Chain.from_dict(data), until=40, replications=1, engine=engine, keep_records=True)
    check_customers(result, result.customer_records)
    check_requests(result, result.request_records)
    for name, actor in result.to_dict()["actors"].items():
        told = {key: value["mean"] for key, value in actor.items() if key != "queue_length"}
        shares = [told[state] for state in ("working", "held", "idle", "down")]
        assert all(share is None or share >= 0 for share in shares)
        assert None in shares or sum(shares) == pytest.approx(1)
        assert told["overtime"] == 0 or "shifts" in data["actors"][name]
        if None not in shares:
            # who has a request in hand works, is held, works overtime, or stands still because all is down
            most = told["on_duty"] * (told["utilisation"] + told["down"]) + told["overtime"] / 40
            assert told["on_duty"] * told["utilisation"] - SLACK <= told["busy"] <= most + SLACK


@EVERY_CHAIN
@given(data=chains())
def test_the_integrals_agree_with_the_records(engine, data):
    until = 25.0
    result = run(Chain.from_dict(data), until=until, replications=1, engine=engine, keep_records=True)
    requests = result.request_records
    for name, actor in result.to_dict()["actors"].items():
        own = requests[requests["actor"] == name]
        begun = own[own["begun"].notna()]
        busy = (begun["ended"].fillna(until) - begun["begun"]).sum()
        assert actor["busy"]["mean"] * until == pytest.approx(busy, abs=1e-8)
        in_line = own["begun"].fillna(own["ended"]).fillna(until) - own["asked"]
        assert actor["queue_length"]["mean"]["mean"] * until == pytest.approx(in_line.sum(), abs=1e-8)


def check_customers(result, customers):
    parts = customers[["queueing", "held", "attended", "own"]]
    assert (parts >= 0).all(axis=None)
    gone = customers[customers["outcome"] != "unfinished"]
    stay = gone["left"] - gone["arrived"]
    assert np.allclose(parts.loc[gone.index].sum(axis=1), stay, rtol=0, atol=SLACK)
    assert np.allclose(gone["wait"], gone["queueing"] + gone["held"], rtol=0, atol=SLACK)
    for name, summary in result.to_dict()["customers"].items():
        ends = [summary[key]["mean"] for key in ("finished", "abandoned", "unfinished")]
        assert summary["arrived"]["mean"] == sum(ends) == (customers["class"] == name).sum()
        waits = gone.loc[gone["class"] == name, "wait"]
        if len(waits):
            assert summary["wait"]["mean"] == pytest.approx(waits.mean(), abs=SLACK)
            assert summary["wait"]["max"] == pytest.approx(waits.max(), abs=SLACK)


def check_requests(result, requests):
    begun = requests[requests["begun"].notna()]
    assert (begun["begun"] >= begun["asked"]).all()
    ended = begun[begun["ended"].notna()]
    assert (ended["ended"] >= ended["begun"]).all()
    answered = ended[ended["answered"].notna()]
    assert ((answered["answered"] >= answered["begun"]) & (answered["answered"] <= answered["ended"])).all()
    for name, summary in result.to_dict()["services"].items():
        counts = {key: summary[key]["mean"] for key in ("requests", "begun", "abandoned", "withdrawn", "waiting")}
        assert counts["requests"] == sum(counts.values()) - counts["requests"]
        assert counts["requests"] <= (requests["service"] == name).sum()


def check_servers(data, requests):
    """No actor ever has more requests begun and not ended than servers."""
    for name, actor in data["actors"].items():
        servers = actor.get("staff", actor.get("capacity"))
        own = requests[(requests["actor"] == name) & requests["begun"].notna()]
        # at one instant a server is released before it is taken again; a request of no time still takes one
        ended = [math.inf if math.isnan(time) else time for time in own["ended"]]
        moves = sorted([*((time, 1) for time in own["begun"]), *((time, 0) for time in ended)])
        instants = {}
        busy = most = 0
        for time, kind in moves:
            busy += 1 if kind else -1
            instants[time] = busy
        most = max(instants.values(), default=0)
        assert servers == "unlimited" or most <= servers
