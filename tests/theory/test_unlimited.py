"""M/G/∞: everybody is served at once. How many are in progress, and how often the later one is done first."""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import Model, cases, check_reference

pytestmark = pytest.mark.theory


def mails(name, **settings):
    return Model(
        name,
        """
        unit: hours
        actors: {writers: {lane: backstage, staff: unlimited}}
        services: {write back: {by: writers, steps: [{work: "lognormal(mean=2.5, cv=1)"}]}}
        customers: {mail: {arrivals: poisson(rate=4/h), journey: [{ask: write back}]}}
        """,
        **settings,
    )


STEADY = mails("M/G/inf", customers=1000, warm_up=60)
FROM_EMPTY = mails("M/G/inf from empty", until=2, replications=400)


def slips(run):
    """For each mail: how many came later and are answered earlier; for those whom all rivals have met."""
    arrived, left = run.all_customers["arrived"].to_numpy(), run.all_customers["left"].to_numpy()
    observed = (arrived >= run.warm_up) & (arrived <= arrived[-1] - 60)
    return [np.sum((arrived > arrived[i]) & (left < left[i])) for i in np.flatnonzero(observed)]


VALUES = {
    "mginf_mean": STEADY.number("actors.writers.busy"),
    "mginf_trans_t2": FROM_EMPTY.number("customers.mail.unfinished"),
    "slips_mginf": STEADY.pooled(slips),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)
