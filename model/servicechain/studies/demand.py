"""How many servers the work that comes would keep busy, hour by hour: where a search for staff looks first.

The load of a moment is what it would be if its rate of arrivals lasted for ever (the pointwise stationary
approximation, Green & Kolesar 1991, doi 10.1287/mnsc.37.1.84); what goes well with a load R is R plus some
times its root (Halfin & Whitt 1981, doi 10.1287/opre.29.3.567). The trap is to staff by it: it leaves out the time
servers are held in the lines behind, and work that is left over from a rush. It says where to look, not what is enough.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from servicechain.arrivals import Arrivals, At, Profile
from servicechain.calendars import WEEK, Calendar
from servicechain.chain import Chain
from servicechain.load import Expected, long_run_rates
from servicechain.shifts import Shift
from servicechain.units import Quantity, TimeUnit, convert

Floats = NDArray[np.float64]

STEPS = 7 * 24 * 4
"""A week is looked at every quarter of an hour."""

LIKELY, AMPLE = 0.5, 3.0
"""So many roots of the load above it are likely needed, and surely plenty."""


class Demand:
    """The offered load of every actor of a chain over a week from the clock's zero.

    Parameters
    ----------
    chain : Chain
        With its files read.
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        week = convert(WEEK, TimeUnit.SECONDS, chain.unit)
        self._times = (np.arange(STEPS) + 0.5) * week / STEPS
        rates = {name: _course(chain, name, rate, self._times) for name, rate in long_run_rates(chain).items()}
        self._loads = {name: np.zeros(STEPS) for name in chain.actors}
        for customer, course in rates.items():
            for actor, each in _load_per_rate(chain, customer).items():
                if each:
                    self._loads[actor] = self._loads[actor] + each * course

    def peak(self, actor: str, shift: Shift | None = None) -> float:
        """Give the highest load of an actor at any time of the week, or of a shift, in servers; perhaps infinite."""
        loads = self._loads[actor]
        if shift is None:
            return float(loads.max())
        calendar = Calendar.of([shift.model_copy(update={"staff": 1})], self._chain.starts, self._chain.unit)
        there = np.array([calendar.on_duty_at(time) > 0 for time in self._times.tolist()])
        return float(loads[there].max()) if there.any() else float(loads.max())


def staff_for(load: float, roots: float, otherwise: int) -> int:
    """Give the staff for a load: so many roots above it, rounded up.

    >>> staff_for(9.0, 0.5, 1), staff_for(math.inf, 0.5, 7)
    (11, 7)
    """
    return math.ceil(load + roots * math.sqrt(load)) if math.isfinite(load) else otherwise


def _load_per_rate(chain: Chain, customer: str) -> dict[str, float]:
    """Give the load of each actor for one customer of a class per unit of time; shared work counts in full."""
    rates = {name: float(name == customer) for name in chain.customers}
    expected = Expected(chain)
    loads = {name: load.offered for name, load in expected.loads(rates).items()}
    for names, load in expected.shared_loads(rates).items():
        for name in names:
            loads[name] = max(loads[name], load.offered)
    return loads


def _course(chain: Chain, customer: str, long_run: float, times: Floats) -> Floats:
    """Give the rate of a class at some times: of a list of arrivals, how many come within half an hour."""
    one = chain.customers[customer]
    arrivals: Arrivals = one.arrivals.in_unit(chain.unit)
    size = 1.0 if one.batch is None else one.batch.in_unit(chain.unit).mean
    if isinstance(arrivals, Profile):
        places = np.floor(times / arrivals.each.value).astype(np.int64)
        rates = np.array(arrivals.rates, np.float64)[places % len(arrivals.rates)]
        return size * (rates if arrivals.repeat else np.where(places < len(arrivals.rates), rates, 0.0))
    if isinstance(arrivals, At):
        moments = np.array([time.value for time in arrivals.times if isinstance(time, Quantity)])
        hour = convert(1.0, TimeUnit.HOURS, chain.unit)
        count = np.searchsorted(moments, times + hour / 2) - np.searchsorted(moments, times - hour / 2)
        return np.asarray(size * count / hour, np.float64)
    return np.full(times.size, long_run, np.float64)
