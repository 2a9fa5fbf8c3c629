"""Sources: when the customers of one class come.

A source is an iterator over times of arrival; `None` says that nobody comes any more. Its draws are keyed by
the number of the first customer who comes at that moment.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from servicechain.arrivals import Arrivals, At, Every, Poisson, Profile
from servicechain.distributions import Exponential
from servicechain.engines.draws import step_key
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import STREAM_ARRIVAL, STREAM_BATCH, ClassPlan, Variate
from servicechain.populations import Closed
from servicechain.units import TimeUnit

NextTime = Callable[[float, int], float | None]
"""From the time of the last arrival and the number of the next customer to the time of the next arrival."""

_KEY = step_key(STREAM_ARRIVAL, 0)
_BATCH_KEY = step_key(STREAM_BATCH, 0)


def source_of(plan: ClassPlan, draws: Draws, unit: TimeUnit) -> NextTime:
    """Make the source of a class."""
    return _gaps_or_times(plan.arrivals, plan.key, draws, unit)


def batch_size(plan: ClassPlan, draws: Draws, number: int) -> int:
    """Draw how many come at once, the first of them with this number."""
    return 1 if plan.batch is None else int(draws.variate(plan.batch, plan.key, number, STREAM_BATCH, _BATCH_KEY))


def _gaps_or_times(arrivals: Arrivals, key: int, draws: Draws, unit: TimeUnit) -> NextTime:
    match arrivals:
        case Poisson():
            if arrivals.rate.value == 0:
                return lambda _, __: None
            return _renewal(Variate.of(Exponential(1 / arrivals.rate.value), unit), key, draws)
        case Every():
            return _renewal(Variate.of(arrivals.interval, unit), key, draws)
        case At():
            times = iter([time.value for time in arrivals.times])  # type: ignore[union-attr]  # stamps are counted by now
            return lambda _, __: next(times, None)
        case Profile():
            return _Inversion(arrivals, key, draws)
        case Closed():  # its members come back by themselves
            return lambda _, __: None
    raise AssertionError(arrivals)


def _renewal(gap: Variate, key: int, draws: Draws) -> NextTime:
    return lambda now, number: now + draws.variate(gap, key, number, STREAM_ARRIVAL, _KEY)


class _Inversion:
    """Arrivals of a profile: unit exponentials, laid end to end along the cumulative rate.

    The cumulative rate is kept within one round of the profile, so that it does not lose digits as it grows.
    """

    def __init__(self, profile: Profile, key: int, draws: Draws) -> None:
        each = profile.each.value
        self._profile, self._each, self._key, self._draws = profile, each, key, draws
        self._ends = list(accumulate(rate * each for rate in profile.rates))
        self._rounds = 0
        self._reached = 0.0

    def __call__(self, now: float, number: int) -> float | None:
        total = self._ends[-1]
        if total == 0:
            return None
        u = self._draws.uniform(self._key, number, STREAM_ARRIVAL, _KEY)
        reached = self._reached - math.log1p(-u)
        if reached >= total:
            if not self._profile.repeat:
                return None
            rounds = math.floor(reached / total)
            self._rounds += rounds
            reached = max(0.0, reached - rounds * total)
        self._reached = reached
        index = bisect_right(self._ends, reached)
        if index == len(self._ends):  # only where rounding brings it to the very end of a round
            index -= 1
        before = self._ends[index - 1] if index else 0.0
        start = (self._rounds * len(self._ends) + index) * self._each
        return start + (reached - before) / self._profile.rates[index]
