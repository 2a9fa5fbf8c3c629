"""M/M/1 and M/G/1 once more, so long that second moments and sensitivities can be seen; slow.

The derivative of the wait with respect to the mean work is estimated in two ways: by the age of the busy
period that an arrival meets (a shift of all work shifts each wait by the work of its busy period so far:
Suri & Zazanis 1988, doi 10.1287/mnsc.34.1.39), and by two runs with the same random numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Measure, Measured, Model, cases, check_reference

pytestmark = pytest.mark.theory


def one_clerk(mean_work, **settings):
    return Model(
        "M/M/1, long",
        f"""
        unit: minutes
        actors: {{clerk: {{lane: contact, staff: 1}}}}
        services: {{serve: {{by: clerk, steps: [{{work: exponential(mean={mean_work})}}]}}}}
        customers: {{guest: {{arrivals: poisson(rate=0.8/min), journey: [{{ask: serve}}]}}}}
        """,
        slow=True,
        **settings,
    )


MM1 = one_clerk(1, customers=50_000, warm_up=500)
# the same name, so the same seed: each customer draws the same numbers in both
QUICKER = one_clerk(0.995, customers=20_000, warm_up=500)
SLOWER = one_clerk(1.005, customers=20_000, warm_up=500)

LOGNORMAL = Model(
    "M/G/1, lognormal work, long",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: "lognormal(mean=1, cv=1.224744871391589)"}]}}  # cv² = 1.5
    customers: {guest: {arrivals: poisson(rate=0.7/min), journey: [{ask: serve}]}}
    """,
    customers=40_000,
    warm_up=500,
    slow=True,
)


def number_in_system(run):
    """Time, and the time integrals of N and N², from the warm-up to the last arrival: one row."""
    arrived, left = run.all_customers["arrived"].to_numpy(), run.all_customers["left"].to_numpy()
    times = np.concatenate([arrived, left])
    order = np.argsort(times, kind="stable")
    present = np.cumsum(np.repeat([1, -1], arrived.size)[order])
    bounds = np.clip(times[order], run.warm_up, arrived[-1])
    lasts = np.diff(bounds)
    return [[lasts.sum(), present[:-1] @ lasts, present[:-1] ** 2 @ lasts]]


def sd_over_time(rows):
    time, first, second = np.sum(rows, axis=0)
    return np.sqrt(second / time - (first / time) ** 2)


def age_of_busy_period(run):
    """How long the clerk has been at work without a break when each customer comes; 0 if idle."""
    arrived, left = run.all_customers["arrived"].to_numpy(), run.all_customers["left"].to_numpy()
    finds_idle = np.concatenate([[True], arrived[1:] >= left[:-1]])
    began = np.maximum.accumulate(np.where(finds_idle, arrived, -np.inf))
    return (arrived - began)[arrived >= run.warm_up]


def squared_waits(run):
    return run.customers["queueing"] ** 2


def gini(values):
    """Mean absolute difference over twice the mean (Gini 1912)."""
    ranks = 2 * np.arange(1, values.size + 1) - values.size - 1
    return ranks @ np.sort(values) / (values.size * values.sum())


def jain(values):
    """Jain, Chiu & Hawe (1984), DEC technical report 301."""
    return values.mean() ** 2 / (values**2).mean()


def paired_slope():
    """Difference of the mean waits of two runs with the same random numbers, over the difference of the work."""
    means = np.array([[run.customers["queueing"].mean() for run in model.runs] for model in (QUICKER, SLOWER)])
    slopes = (means[1] - means[0]) / 0.01
    return Measured(slopes.mean(), slopes.std(ddof=1) / np.sqrt(slopes.size), slopes.size)


VALUES = {
    "mm1_sd_N": MM1.pooled(number_in_system, sd_over_time),
    "mm1_fifo_EW2": MM1.pooled(squared_waits),
    "mm1_wait_gini": MM1.pooled(lambda run: run.customers["queueing"], gini),
    "mm1_wait_jain": MM1.pooled(lambda run: run.customers["queueing"], jain),
    "mm1_bp_age": MM1.pooled(age_of_busy_period),
    "mm1_ipa_dwq": Measure(paired_slope, MM1.name, slow=True),
    "mg1_logn_sdwq": LOGNORMAL.pooled(lambda run: run.customers["queueing"], np.std),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
