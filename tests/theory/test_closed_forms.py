"""Closed forms beside the references: each is computed here, from the parameters, in a line or two.

The trap is a formula that was copied with its mistake from the code it judges; these come from the textbooks
named, and share nothing with the package.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory.agreement import Model, check

pytestmark = pytest.mark.theory


def one_team(name, arrivals, staff, work, *, more="", **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{team: {{lane: contact, staff: {staff}}}}}
        services: {{serve: {{by: team, steps: [{{work: "{work}"}}]}}}}
        customers: {{guest: {{arrivals: "{arrivals}", {more} journey: [{{ask: serve}}]}}}}
        """,
        **settings,
    )


def erlang_b(servers, load):
    """Share lost (Erlang 1917), by the recursion in the number of servers."""
    lost = 1.0
    for server in range(1, servers + 1):
        lost = load * lost / (server + load * lost)
    return lost


def erlang_c(servers, load):
    """Share delayed (Erlang 1917)."""
    lost = erlang_b(servers, load)
    return lost / (1 - load / servers * (1 - lost))


@pytest.mark.parametrize(("servers", "load", "customers"), [(1, 0.5, 1200), (2, 1.2, 4000), (4, 2.8, 9000)])
def test_erlang_c(servers, load, customers):
    model = one_team(
        f"Erlang C, {servers}, {load}",
        f"poisson(rate={load}/min)",
        servers,
        "exponential(mean=1)",
        customers=customers,
        warm_up=30,
    )
    delayed = erlang_c(servers, load)
    check(model.number("services.serve.delayed_share").take(), delayed, "P(Wq>0)", probability=True)
    check(model.number("services.serve.queue_wait").take(), delayed / (servers - load), "E[Wq]")
    check(model.number("actors.team.utilisation").take(), load / servers, "utilisation", probability=True)


@pytest.mark.parametrize(
    "work",
    ["constant(value=2)", "lognormal(mean=2, cv=1)", "uniform(low=0, high=4)"],
)
def test_the_loss_depends_on_the_mean_work_alone(work):
    """Erlang's formula holds for any law of the work (Sevastyanov 1957, doi 10.1137/1102005)."""
    model = one_team(
        f"M/G/4/4, {work}", "poisson(rate=1.5/min)", 4, work, more="patience: 0,", customers=600, warm_up=30
    )
    lost = model.number("customers.guest.abandoned_share").take()
    check(lost, erlang_b(4, 3.0), "P(lost)", probability=True)


# the work of one customer, its mean and its second moment, worked by hand
WORKS = {
    "uniform(low=0, high=2)": (1, 4 / 3),
    "gamma(mean=1, cv=0.5)": (1, 1.25),
    "weibull(mean=1, shape=2)": (1, 4 / math.pi),
    "triangular(low=0, mode=0, high=3)": (1, 1.5),
    "hyperexponential(weights=[1, 1], means=[0.5, 1.5])": (1, 2.5),
    "discrete(values=[0, 2], weights=[1, 1])": (1, 2),
}


@pytest.mark.parametrize("work", WORKS)
def test_pollaczek_khinchine(work):
    """Mean wait λE[S²]/2(1−ρ) (Pollaczek 1930, Khintchine 1932)."""
    model = one_team(f"M/G/1, {work}", "poisson(rate=0.6/min)", 1, work, customers=3000, warm_up=50)
    mean, square = WORKS[work]
    check(model.number("services.serve.queue_wait").take(), 0.6 * square / (2 * (1 - 0.6 * mean)), "E[Wq]")


def test_regular_arrivals():
    """D/M/1: mean wait σ/(1−σ), σ the root of σ = exp(−(1−σ)·1.25) below 1 (Kleinrock 1975, section 6.4)."""
    model = one_team("D/M/1", "every(1.25)", 1, "exponential(mean=1)", customers=4000, warm_up=100)
    sigma = 0.5
    for _ in range(200):
        sigma = math.exp(-(1 - sigma) * 1.25)
    check(model.number("services.serve.queue_wait").take(), sigma / (1 - sigma), "E[Wq]")
    check(model.number("services.serve.delayed_share").take(), sigma, "P(Wq>0)", probability=True)


def test_three_priorities():
    """Mean wait W₀/((1−σ₋)(1−σ)), W₀ = Σλ E[S²]/2 (Cobham 1954, doi 10.1287/opre.2.1.70)."""
    model = Model(
        "M/G/1, three priorities",
        """
        unit: minutes
        actors: {clerk: {lane: contact, staff: 1}}
        services:
          short: {by: clerk, steps: [{work: 0.5}]}
          usual: {by: clerk, steps: [{work: exponential(mean=1)}]}
          long: {by: clerk, steps: [{work: "uniform(low=1, high=2)"}]}
        customers:
          courier: {arrivals: poisson(rate=0.3/min), priority: 3, journey: [{ask: short}]}
          guest: {arrivals: poisson(rate=0.25/min), priority: 1, journey: [{ask: usual}]}
          member: {arrivals: poisson(rate=0.1/min), priority: 2, journey: [{ask: long}]}
        """,
        customers=3000,
        warm_up=100,
    )
    guest, member, courier = (0.25, 1, 2), (0.1, 1.5, 7 / 3), (0.3, 0.5, 0.25)
    begun = sum(rate * square / 2 for rate, _, square in (guest, member, courier))
    before = 0.0
    for name, (rate, mean, _) in {"guest": guest, "member": member, "courier": courier}.items():
        exact = begun / ((1 - before) * (1 - before - rate * mean))
        check(model.number(f"customers.{name}.queueing").take(), exact, f"E[Wq {name}]")
        before += rate * mean


def test_arrivals_see_time_averages():
    """The share delayed is the share of time in which all are busy (Wolff 1982, doi 10.1287/opre.30.2.223)."""
    model = one_team("PASTA", "poisson(rate=2.4/min)", 3, "lognormal(mean=1, cv=1)", customers=1500, warm_up=0)

    def delayed_less_all_busy(run):
        requests = run.all_requests
        asked, begun, ended = (requests[each].to_numpy() for each in ("asked", "begun", "ended"))
        times = np.concatenate([begun, ended])
        order = np.argsort(times, kind="stable")
        busy = np.cumsum(np.repeat([1, -1], begun.size)[order])
        lasts = np.diff(np.minimum(times[order], asked[-1]))
        return np.mean(begun > asked) - lasts @ (busy[:-1] == 3) / asked[-1]

    difference = model.mean(delayed_less_all_busy).take()
    assert abs(difference.mean) <= 4.5 * difference.error
    assert difference.error < 0.003


def test_who_waits_loses_patience_at_its_rate():
    """With exponential patience, P(abandon) = E[time in line] / mean patience, whatever the work (Palm 1957)."""
    model = one_team(
        "M/G/4+M",
        "poisson(rate=2.2/min)",
        4,
        "lognormal(mean=2, cv=1.5)",
        more="patience: exponential(mean=3),",
        customers=2000,
    )

    def difference(run):
        customers = run.all_customers
        return (customers["outcome"] == "abandoned").mean() - customers["queueing"].mean() / 3

    measured = model.mean(difference).take()
    assert abs(measured.mean) <= 4.5 * measured.error
    assert measured.error < 0.002
