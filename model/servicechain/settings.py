"""What one run is like: when it ends, what is counted, how often and with which seed it is repeated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.base import check_seed, check_whole
from servicechain.errors import Mistake, shown
from servicechain.units import Quantity, TimeUnit

if TYPE_CHECKING:
    from servicechain.chain import Chain

CUSTOMERS = 10_000
REPLICATIONS = 10
SEED = 1


@dataclass(frozen=True)
class Settings:
    """Settings of a run, times in the chain's unit.

    Attributes
    ----------
    customers : int or None
        End when so many journeys are over; or
    until : float or None
        end at this time.
    warm_up : float
        Who arrives before is simulated, not counted.
    replications : int
    seed : int
    antithetic : bool
        Every second replication uses the mirrored numbers of the one before.
    attribution : bool
        Follow every minute of waiting to who causes it.
    edges : tuple of float
        Between the buckets of time by which waiting is summed up as well; none: not at all.
    watched : tuple of int, or None
        Class (its position) and number of a customer whose visit is told moment by moment.
    """

    customers: int | None = CUSTOMERS
    until: float | None = None
    warm_up: float = 0.0
    replications: int = REPLICATIONS
    seed: int = SEED
    antithetic: bool = False
    attribution: bool = True
    edges: tuple[float, ...] = ()
    watched: tuple[int, int] | None = None

    @classmethod
    def of(
        cls,
        chain: Chain,
        *,
        customers: int | None = None,
        until: float | str | None = None,
        warm_up: float | str | None = None,
        replications: int | None = None,
        seed: int | None = None,
        antithetic: bool = False,
        attribution: bool = True,
    ) -> Settings:
        """Combine what is asked for with the chain's own defaults and the package's.

        Raises
        ------
        Mistake
            If a value breaks a rule, or both `customers` and `until` are asked for.
        """
        own = chain.run
        if customers is not None and until is not None:
            raise Mistake("a run ends either after --customers or at --until, got both; leave one out")
        if customers is None and until is None and own is not None:
            customers, until = own.customers, own.until  # type: ignore[assignment]  # a Quantity is parsed as well
        first = _first(warm_up, own.warm_up if own else None, 0.0)
        end = None if until is None else _time(until, "the end of a run", chain.unit)
        settings = cls(
            customers=None if end is not None else check_whole(_first(customers, CUSTOMERS), "customers", 1),
            until=end,
            warm_up=_time(first, "a warm-up", chain.unit),
            replications=check_whole(
                _first(replications, own.replications if own else None, REPLICATIONS), "replications", 1
            ),
            seed=check_seed(_first(seed, own.seed if own else None, SEED)),
            antithetic=antithetic,
            attribution=attribution,
        )
        return settings._checked()

    def _checked(self) -> Settings:
        if self.until == 0:
            raise Mistake("the end of a run must be above 0, got 0; nobody comes before")
        if self.until is not None and self.warm_up >= self.until:
            raise Mistake(
                f"the warm-up ({self.warm_up:g}) must end before the run ({self.until:g}), or nobody is counted"
            )
        if self.antithetic and self.replications % 2:
            raise Mistake(f"antithetic replications come in pairs, got {self.replications}; ask for an even number")
        return self

    def stream(self, replication: int) -> tuple[int, bool]:
        """Tell which stream of numbers a replication draws from, and whether mirrored."""
        return (replication // 2, replication % 2 == 1) if self.antithetic else (replication, False)


def _time(written: object, thing: str, unit: TimeUnit) -> float:
    time = Quantity.parse(written, thing).in_unit(unit)
    if math.isinf(time):
        raise Mistake(f"{thing} is too long to be counted in {unit}, got {shown(written)}; write a shorter time")
    return time


def _first(*values: object) -> object:
    return next((value for value in values if value is not None), None)
