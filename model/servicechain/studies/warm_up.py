"""Where the beginning of a run ends: the customers to leave out because the chain was still empty when they came.

MSER-5 (White 1997, doi 10.1177/003754979706900601; White, Cobb & Spratt 2000, doi 10.1109/WSC.2000.899952) cuts where
the standard error of the mean of what is left is smallest: cutting less keeps a beginning that is not like the rest,
cutting more throws values away. It looks at means of five waits at a time, in the order of arrival, averaged over
replications customer by customer (Welch 1983), which leaves the trend and takes away most of the noise.

The traps: a series whose best cut lies in its second half has not settled, and no cut of it is right: that is said,
not hidden. And the last few values may lie so close together by chance that a cut just before them looks best; such
cuts are not tried (Hoad, Robinson & Davies 2010, doi 10.1057/jors.2009.121).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.errors import Mistake
from servicechain.records import Block, CustomerOutcome, Parts
from servicechain.studies.plan import ROUND
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.settings import Settings

Floats = NDArray[np.float64]

BATCH = 5
"""Waits that make one value of MSER-5."""

UNTRIED = 5
"""So many values at the end are never all that is left."""

FEWEST = 20
"""With fewer values than these nothing can be said."""

PIECES = (1 / 8, 1 / 4, 1 / 2)
"""How much of a run is looked at, before all of it."""


_KEPT = np.dtype([("arrived", np.float64), ("wait", np.float64), ("number", np.int64), ("customer_class", np.int32)])


def mser5(series: ArrayLike) -> int | None:
    """Tell how many values at the beginning of a series to leave out.

    Parameters
    ----------
    series : array_like
        At least 100 values; what is left over by groups of five is not looked at.

    Returns
    -------
    int or None
        A multiple of five, 0 if the series is settled from the start; None if the best cut lies in the second half,
        so that the series is too short.

    Raises
    ------
    Mistake
        If there are fewer values.
    """
    values = np.asarray(series, np.float64)
    count = values.size // BATCH
    if count < FEWEST:
        raise Mistake(
            f"a warm-up cannot be found from {counted(values.size, 'customer')}: it takes {FEWEST * BATCH} or more in "
            "every replication; run longer, or give the warm-up"
        )
    means = values[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    cut = int(np.argmin(errors_of_cuts(means)))
    return cut * BATCH if cut <= count // 2 else None


def errors_of_cuts(values: Floats) -> Floats:
    """Give the squared standard error of the mean of what is left, for each number of values cut off.

    Returns
    -------
    ndarray
        Σ (value − mean)² / n² over the n values from position 0, 1, … on; without the last `UNTRIED` positions.
    """
    # differences from the last value, so that an end of equal values has no spread at all
    apart = values - values[-1]
    left = np.arange(apart.size, 0, -1)
    sums, squares = np.cumsum(apart[::-1])[::-1], np.cumsum(apart[::-1] ** 2)[::-1]
    errors = np.maximum(squares - sums**2 / left, 0.0) / left.astype(np.float64) ** 2
    return np.asarray(errors[: apart.size - UNTRIED])


class ArrivalOrder:
    """A sink for the waits of the customers of one replication, in the order of their arrival.

    It keeps a few bytes of each customer who has left; who has not when the run ends is passed over. Those of the
    warm-up are taken, too: they are what this is about. Who arrives at one instant comes by class and number.

    Parameters
    ----------
    customer_class : int, optional
        Position of the class; by default all.

    Attributes
    ----------
    arrived, waits : ndarray
        When customers arrived, and how long they waited; once the replication has ended.
    """

    def __init__(self, customer_class: int | None = None) -> None:
        self._class = customer_class
        self._kept: list[Block] = []
        self.arrived: Floats = np.empty(0)
        self.waits: Floats = np.empty(0)

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Take customers."""
        chosen = block["outcome"] != CustomerOutcome.UNFINISHED
        if self._class is not None:
            chosen &= block["customer_class"] == self._class
        taken = block[chosen]
        kept = np.empty(taken.size, _KEPT)
        for name in ("arrived", "customer_class", "number"):
            kept[name] = taken[name]
        kept["wait"] = taken["queueing"] + taken["held"]
        self._kept.append(kept)

    def requests(self, block: Block) -> None:
        """Let them pass."""

    def close(self, actors: Block, window: float, end: float) -> None:
        """Put them in order."""
        kept = np.concatenate([np.empty(0, _KEPT), *self._kept])
        order = np.lexsort((kept["number"], kept["customer_class"], kept["arrived"]))
        self.arrived, self.waits = kept["arrived"][order], kept["wait"][order]
        self._kept = []


def find_warm_up(replications: Iterable[tuple[ArrayLike, ArrayLike]]) -> float:
    """Find the time before which customers should not count.

    Parameters
    ----------
    replications : iterable of (arrived, waits)
        Of each replication the times of arrival, ascending, and the waits; all in one unit. Used one after the other,
        as far as the shortest goes.

    Returns
    -------
    float
        In that unit: 0, or the latest time at which the first customer who counts arrives in any replication, rounded
        up to two digits.

    Raises
    ------
    Mistake
        If waits do not settle in the first half of the series, or there are too few customers.
    """
    waits, latest, count = np.zeros(0), np.zeros(0), 0
    for arrived_of_one, waits_of_one in replications:
        arrived, more = np.asarray(arrived_of_one, np.float64), np.asarray(waits_of_one, np.float64)
        size = min(arrived.size, latest.size) if count else arrived.size
        waits = waits[:size] + more[:size] if count else more.copy()
        latest = np.maximum(latest[:size], arrived[:size]) if count else arrived.copy()
        count += 1
    cut = mser5(waits / max(count, 1))
    if cut is None:
        raise Mistake(
            f"no warm-up was found: over {counted(waits.size, 'customer')} (until {latest[-1]:.4g}) waits do not "
            "settle in the first half; run at least twice as long, or give the warm-up; where more comes than can be "
            "served, or the load follows the clock, they never settle: see `servicechain check`"
        )
    return rounded_up(float(latest[cut])) if cut else 0.0


def rounded_up(time: float) -> float:
    """Give the next time with two digits.

    >>> rounded_up(1234.5), rounded_up(0.071), rounded_up(30.0)
    (1300.0, 0.071, 30.0)
    """
    if time <= 0:
        return 0.0
    step = 1 - math.floor(math.log10(time))
    scaled = math.ceil(round(time * 10.0**step, 9))
    return scaled / 10**step if step >= 0 else float(scaled * 10**-step)


def warm_up_of(chain: Chain, settings: Settings, engine: str, replications: int = ROUND) -> float:
    """Run the first replications of a chain to find its warm-up: only their beginning, if that settles in itself.

    Parameters
    ----------
    chain : Chain
        With its files read.
    settings : Settings
        Of the runs to be made; their own warm-up and attribution are left out.
    engine : str
        Its name.
    replications : int
        How many to average over: those with the numbers from 0 on, which the study draws as well.

    Returns
    -------
    float
        As `find_warm_up`; of the study's scenarios the longest should be used for all, so that the same customers
        count in each.

    Raises
    ------
    Mistake
        If none can be found, or it is not over when a run ends.
    """
    from servicechain.engines import engine_for

    runner = engine_for(chain, engine)
    plain = replace(settings, warm_up=0.0, attribution=False, edges=(), watched=None)

    def series(of: Settings) -> Iterable[tuple[Floats, Floats]]:
        for number in range(replications):
            sink = ArrivalOrder()
            runner.replicate(of, number, sink)
            yield sink.arrived, sink.waits

    for share in PIECES:
        with suppress(Mistake):
            return find_warm_up(series(_beginning(plain, share)))
    return find_warm_up(series(plain))


def _beginning(settings: Settings, share: float) -> Settings:
    """Give the settings of a run that ends earlier."""
    if settings.until is not None:
        return replace(settings, until=settings.until * share)
    return replace(settings, customers=math.ceil((settings.customers or 1) * share))
