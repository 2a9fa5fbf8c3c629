"""Where things stand in a chain: its lists of steps, its durations and its times, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.distributions import Distribution
from servicechain.errors import Path
from servicechain.populations import Closed
from servicechain.steps import Ask, Pause, Repeat, Steps, Work, every_step
from servicechain.units import Quantity

if TYPE_CHECKING:
    from servicechain.chain import Chain


def all_lists(chain: Chain) -> Iterator[tuple[Path, Steps]]:
    """Give the steps of every service and every journey."""
    for name, service in chain.services.items():
        yield ("services", name, "steps"), service.steps
    for name, customer in chain.customers.items():
        yield ("customers", name, "journey"), customer.journey


def durations(chain: Chain) -> Iterator[tuple[Path, Distribution]]:
    """Give everything that is drawn, except intervals between arrivals."""
    for name, actor in chain.actors.items():
        for key in ("every", "lasts"):
            value = getattr(actor.failures, key, None)
            if value is not None:
                yield ("actors", name, "failures", key), value
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            for key, value in _drawn(step):
                if value is not None:
                    yield (*at, key), value
    for name, customer in chain.customers.items():
        for key in ("batch", "patience"):
            value = getattr(customer, key)
            if value is not None:
                yield ("customers", name, key), value
        if isinstance(customer.arrivals, Closed):
            yield ("customers", name, "arrivals", "think"), customer.arrivals.think


def _drawn(step: object) -> tuple[tuple[str, Distribution | None], ...]:
    match step:
        case Work():
            return (("work", step.work),)
        case Pause():
            return (("pause", step.pause),)
        case Ask():
            return (("patience", step.patience),)
        case Repeat():
            return (("times", step.times),)
    return ()


def times(chain: Chain) -> Iterator[tuple[Path, Quantity]]:
    """Give every single time: standards, zones of tolerance, defaults of a run."""
    for name, service in chain.services.items():
        if service.standard is not None:
            yield ("services", name, "standard"), service.standard
    for name, customer in chain.customers.items():
        if customer.tolerance is not None:
            yield ("customers", name, "tolerance", "desired"), customer.tolerance.desired
            yield ("customers", name, "tolerance", "adequate"), customer.tolerance.adequate
    for key in ("until", "warm_up"):
        value = getattr(chain.run, key, None)
        if value is not None:
            yield ("run", key), value
