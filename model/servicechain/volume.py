"""How much there is to simulate: customers and requests to be expected in a run, told without running it.

It decides what a run is worth: compiling first, or processes of its own. The trap is to take it for a forecast. A
list of arrivals is counted, everything else taken at its long-run rate, and nobody ever waits or gives up.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from servicechain.arrivals import At, Profile
from servicechain.load import Expected, long_run_rates
from servicechain.units import Quantity

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.settings import Settings


def expected_requests(chain: Chain, settings: Settings) -> float:
    """Give how many customers and requests all replications together will have, roughly.

    Parameters
    ----------
    chain : Chain
        With its files read.
    settings : Settings

    Returns
    -------
    float
        Infinite where requests breed requests without end.
    """
    each = {name: 1.0 + sum(requests.values()) for name, requests in Expected(chain).per_customer.items()}
    customers = expected_customers(chain, settings)
    return settings.replications * sum(customers[name] * number for name, number in each.items() if customers[name])


def expected_customers(chain: Chain, settings: Settings) -> dict[str, float]:
    """Give how many customers of each class will come in one replication, roughly."""
    rates = long_run_rates(chain)
    end = settings.until
    if end is not None:
        return {name: rate * end or _listed(chain, name, end) for name, rate in rates.items()}
    room = float(settings.customers or 0)
    whole = sum(rates.values())
    if math.isinf(whole):  # whose thinking and visit take no time come first
        return {name: room if math.isinf(rate) else 0.0 for name, rate in rates.items()}
    if whole:
        return {name: room * rate / whole for name, rate in rates.items()}
    listed = {name: _listed(chain, name, math.inf) for name in rates}
    share = min(1.0, room / (sum(listed.values()) or 1.0))
    return {name: number * share for name, number in listed.items()}


def _listed(chain: Chain, name: str, end: float) -> float:
    """Count those who come before `end`, of arrivals that cease; 0 of any others."""
    one = chain.customers[name]
    arrivals = one.arrivals.in_unit(chain.unit)
    size = 1.0 if one.batch is None else one.batch.in_unit(chain.unit).mean
    if isinstance(arrivals, At):
        return size * sum(float(time.value) < end for time in arrivals.times if isinstance(time, Quantity))
    if isinstance(arrivals, Profile) and not arrivals.repeat:
        length = min(end, arrivals.each.value * len(arrivals.rates))
        return size * replace(arrivals, repeat=True).mean_rate * length
    return 0.0
