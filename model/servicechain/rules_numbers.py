"""Rules about numbers: what cannot be counted in the chain's unit, and zones, gaps and batches of nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.arrivals import Arrivals, Every, Poisson, Profile
from servicechain.customers import Tolerance
from servicechain.distributions import Distribution
from servicechain.errors import Mistake, Path, Problem
from servicechain.places import durations, times
from servicechain.units import Rate

if TYPE_CHECKING:
    from servicechain.chain import Chain


def wrong_numbers(chain: Chain) -> Iterator[Problem]:
    """Find what cannot be counted in the chain's unit, and times, zones, gaps and batches of nothing.

    Values that stand in files are left out until they have been read.
    """
    for path, time in times(chain):
        if math.isinf(time.in_unit(chain.unit)):
            yield Problem(f"{time} is too long to be counted in {chain.unit}; write a shorter time", path)
    for path, duration in durations(chain):
        if not duration.files:
            yield from _uncountable(duration, chain, path)
    for name, actor in chain.actors.items():
        if actor.failures is not None and not actor.failures.every.files and _mean(actor.failures.every, chain) == 0:
            message = f"'{name}' would fail again and again at once; write an 'every' with a mean above 0"
            yield Problem(message, ("actors", name, "failures", "every"))
    for name, customer in chain.customers.items():
        path = ("customers", name, "arrivals")
        yield from _gaps(customer.arrivals, chain, path)
        if customer.batch is not None and not customer.batch.files and _mean(customer.batch, chain) == 0:
            yield Problem("nobody comes in a batch of 0; write how many come at once", ("customers", name, "batch"))
        yield from _zone(customer.tolerance, chain, name)


def _mean(duration: Distribution, chain: Chain) -> float:
    try:
        return float(duration.in_unit(chain.unit).mean)
    except Mistake:  # told as uncountable
        return math.nan


def _uncountable(duration: Distribution, chain: Chain, path: Path) -> Iterator[Problem]:
    try:
        mean = duration.in_unit(chain.unit).mean
    except Mistake as mistake:
        yield Problem(f"{duration!r}, counted in {chain.unit}: {mistake}", path)
        return
    if not math.isfinite(mean):
        yield Problem(f"{duration!r} is too long to be counted in {chain.unit}; write a shorter time", path)


def _gaps(arrivals: Arrivals, chain: Chain, path: Path) -> Iterator[Problem]:
    if isinstance(arrivals, Every):
        if arrivals.interval.files:
            return
        yield from _uncountable(arrivals.interval, chain, path)
        if _mean(arrivals.interval, chain) == 0:
            message = f"{arrivals.written()} would bring all customers at once; the interval must be above 0"
            yield Problem(message, path)
    elif isinstance(arrivals, Poisson | Profile):
        rates = (arrivals.rate,) if isinstance(arrivals, Poisson) else [Rate(r, arrivals.per) for r in arrivals.rates]
        if any(math.isinf(rate.in_unit(chain.unit)) for rate in rates):
            yield Problem(f"the rate {max(rates, key=_value)} is beyond what can be counted; write a lower one", path)


def _value(rate: Rate) -> float:
    return rate.value


def _zone(zone: Tolerance | None, chain: Chain, name: str) -> Iterator[Problem]:
    if zone is not None and not zone.desired.in_unit(chain.unit) < zone.adequate.in_unit(chain.unit):
        message = (
            f"the adequate wait ({zone.adequate}) must be longer than the desired one ({zone.desired}); "
            "between them lies the zone of tolerance"
        )
        yield Problem(message, ("customers", name, "tolerance", "adequate"))
