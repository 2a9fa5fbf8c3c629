"""Percentiles of a stream in bounded memory: a histogram whose buckets grow geometrically.

Any bucket's values differ by less than 0.5 %, so any percentile is known to 0.5 % however long the run. Two
histograms of two streams merge into the histogram of both (Masson, Rim & Lee 2019, doi
10.14778/3352063.3352135). Beyond that paper each bucket knows the mean of its values, which makes a value
that occurs again and again (a constant service time, the deadline of a patience) come out exactly.

The trap is that last promise: 0.1 added up ten times and divided by ten is not 0.1. So a bucket adds up
differences from the first value it saw, which for equal values are exactly zero.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATIO = 1.005
SMALLEST = 1e-18
_LOG_RATIO = math.log(RATIO)

Floats = NDArray[np.float64]


class Histogram:
    """How often which value, to 0.5 %.

    Values are times or shares: never negative. Whatever is below 1e-18 (rounding may also leave a wait of
    −1e-17) is taken for zero. Memory follows the spread of the values, not their number: 500 buckets per
    factor of 12, at most 150 000.

    Attributes
    ----------
    count : int
        How many values there were.
    max : float
        The largest, exactly; NaN if there was none.

    Examples
    --------
    >>> histogram = Histogram()
    >>> histogram.add([1.0, 2.0, 3.0, 4.0])
    >>> histogram.percentile(0.5), histogram.max
    (2.0, 4.0)
    """

    def __init__(self) -> None:
        self.zeros = 0
        self.max = math.nan
        self._low = 0  # index of the first bucket kept
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._first: Floats = np.zeros(0)  # first value of each bucket
        self._beyond: Floats = np.zeros(0)  # sum of (value - first)

    @property
    def count(self) -> int:
        """How many values there were."""
        return self.zeros + int(self._counts.sum())

    def add(self, values: ArrayLike) -> None:
        """Take in values.

        Raises
        ------
        ValueError
            If one is NaN or infinite: an engine lost a time.
        """
        array = np.asarray(values, np.float64).ravel()
        if array.size == 0:
            return
        largest = float(array.max())
        if not (math.isfinite(largest) and math.isfinite(array.min())):
            raise ValueError(f"a histogram takes finite values; one of {array.size} is not")
        self.max = float(np.fmax(self.max, max(0.0, largest)))
        positive = array[array >= SMALLEST]
        self.zeros += array.size - positive.size
        if positive.size:
            self._add_positive(positive)

    def _add_positive(self, values: Floats) -> None:
        buckets = np.floor(np.log(values) / _LOG_RATIO).astype(np.int64)
        low = int(buckets.min())
        self._cover(low, int(buckets.max()))
        places = buckets - self._low
        fresh = self._counts[places] == 0
        # backwards, so that of several values of one fresh bucket the first is what stays
        self._first[places[fresh][::-1]] = values[fresh][::-1]
        width = self._counts.size
        self._counts += np.bincount(places, minlength=width)
        self._beyond += np.bincount(places, values - self._first[places], minlength=width)

    def merge(self, other: Histogram) -> None:
        """Take in all that another histogram has seen."""
        self.zeros += other.zeros
        self.max = float(np.fmax(self.max, other.max))
        used = np.flatnonzero(other._counts)
        if used.size == 0:
            return
        self._cover(other._low + int(used[0]), other._low + int(used[-1]))
        here = used + (other._low - self._low)
        counts = other._counts[used]
        first = np.where(self._counts[here] > 0, self._first[here], other._first[used])
        self._first[here] = first
        self._counts[here] += counts
        self._beyond[here] += other._beyond[used] + counts * (other._first[used] - first)

    def percentile(self, share: float) -> float:
        """Give the value below or at which this share of all values lies.

        It is the value of rank ceil(share × count), the inverse of the empirical distribution function, to
        0.5 % (a zero to 1e-18); NaN if there was no value.

        Parameters
        ----------
        share : float
            From 0 to 1, e.g. 0.95.
        """
        count = self.count
        if count == 0:
            return math.nan
        # 0.07 × 100 is a little more than 7 in floating point, and would be rank 8
        rank = max(1, math.ceil(Fraction(repr(float(share))) * count))
        if rank <= self.zeros:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self._counts), rank - self.zeros))
        mean = self._first[place] + self._beyond[place] / self._counts[place]
        return min(float(mean), self.max)

    def state(self) -> dict[str, Any]:
        """Tell all it knows in plain numbers and lists, ready for JSON."""
        used = np.flatnonzero(self._counts)
        return {
            "zeros": self.zeros,
            "max": None if math.isnan(self.max) else self.max,
            "buckets": (used + self._low).tolist(),
            "counts": self._counts[used].tolist(),
            "first": self._first[used].tolist(),
            "beyond": self._beyond[used].tolist(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make the histogram again from its `state`."""
        made = cls()
        made.zeros = int(state["zeros"])
        made.max = math.nan if state["max"] is None else float(state["max"])
        if state["buckets"]:
            made._cover(state["buckets"][0], state["buckets"][-1])
            places = np.asarray(state["buckets"]) - made._low
            made._counts[places] = state["counts"]
            made._first[places] = state["first"]
            made._beyond[places] = state["beyond"]
        return made

    def _cover(self, low: int, high: int) -> None:
        """Keep buckets from `low` to `high` at least, with room to spare so that growing is rare."""
        size = self._counts.size
        if size and low >= self._low and high < self._low + size:
            return
        if size:
            low = min(low, self._low)
            high = max(high, self._low + size - 1)
        low, high = low - 64, high + 64
        width = high - low + 1
        start = self._low - low
        for name in ("_counts", "_first", "_beyond"):
            old = getattr(self, name)
            new = np.zeros(width, old.dtype)
            new[start : start + size] = old
            setattr(self, name, new)
        self._low = low
