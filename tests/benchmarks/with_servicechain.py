"""The models in our own language, by `servicechain.run` with everything it measures."""

from __future__ import annotations

from functools import partial

from benchmarks import models
from servicechain import run

PATHS = {
    "M1": "services.serve.queue_wait.mean",
    "M2": "services.check in.queue_wait.mean",
    "M3": "customers.customer.time_in_system.mean",
}


def simulator(model, warm_up=0.0, *, engine, attribution=True):
    """Give the function that, for so many customers and a seed, gives the mean that `models.KNOWN` names.

    (None for the models of growth, of which nothing is known.) Who comes before `warm_up` is simulated, not counted.
    """
    return partial(_simulate, models.chain_for(model), PATHS.get(model), warm_up, engine, attribution)


def _simulate(chain, path, warm_up, engine, attribution, customers, seed):
    result = run(
        chain,
        customers=customers,
        warm_up=warm_up,
        replications=1,
        seed=seed,
        engine=engine,
        attribution=attribution,
    )
    return result.value(path) if path else None
