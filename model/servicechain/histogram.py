"""Percentiles of a stream in bounded memory: a histogram whose buckets grow with the values.

Any bucket's values differ by less than 0.5 %, so any percentile is known to 0.5 % however long the run. Two
histograms of two streams merge into the histogram of both (Masson, Rim & Lee 2019, doi
10.14778/3352063.3352135). Beyond that paper each bucket knows the mean of its values, which makes a value
that occurs again and again (a constant service time, the deadline of a patience) come out exactly.

The bucket of a value is its own first bits, so no logarithm is taken: sign and exponent name the octave, the next 8
bits one of its 256 buckets, each 1/256 to 1/511 of its values wide. An octave gets its page of buckets when a value
first falls into it.

The trap is the promise about repeated values: 0.1 added up ten times and divided by ten is not 0.1. So a bucket adds
up differences from the first value it saw, which for equal values are exactly zero.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALLEST = 2.0**-60

BUCKET = np.dtype(
    [
        ("count", np.int64),
        ("first", np.float64),  # the first value
        ("beyond", np.float64),  # sum of (value - first)
    ],
    align=True,
)

_PAGE = 256
_OCTAVE_BITS = 52
_PAGE_BITS = 8
_FIRST_PAGES = 4
_LOWEST = int(np.float64(SMALLEST).view(np.uint64)) >> _OCTAVE_BITS
_INFINITE = 0x7FF
_NEGATIVE = 0x800

Floats = NDArray[np.float64]


class Histogram:
    """How often which value, to 0.5 %.

    Values are times or shares: never negative. Whatever is below 1e-18 (rounding may also leave a wait of
    −1e-17) is taken for zero. Memory follows the spread of the values, not their number: 32 kB, and 6 to 12 kB for each
    octave (factor of 2) in which there are values.

    Attributes
    ----------
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
        self.max = math.nan
        # by sign and exponent; page 0 is for whatever is taken for zero, -1 means none
        self._pages = np.full(2 * _NEGATIVE, -1, np.int16)
        self._pages[:_LOWEST] = 0
        self._pages[_NEGATIVE : _NEGATIVE + _INFINITE] = 0
        self._buckets = np.zeros(_FIRST_PAGES * _PAGE, BUCKET)
        self._used_pages = 1

    @property
    def zeros(self) -> int:
        """How many values were taken for zero."""
        return int(self._buckets["count"][:_PAGE].sum())

    @property
    def count(self) -> int:
        """How many values there were."""
        return int(self._buckets["count"].sum())

    def add(self, values: ArrayLike) -> None:
        """Take in values.

        Raises
        ------
        ValueError
            If one is NaN or infinite: an engine lost a time. What came before it may have been taken in.
        """
        array = np.ascontiguousarray(values, np.float64).ravel()
        if array.size:
            self.take(array)

    def take(self, values: Floats) -> tuple[float, float]:
        """Take in values, and on the way find their mean and the sum of their squared deviations from it.

        Parameters
        ----------
        values : ndarray
            In one piece, not empty.

        Raises
        ------
        ValueError
            As for `add`.
        """
        from servicechain import summing

        words = values.view(np.uint64)
        taken, largest, mean, squares = summing.tally(values, words, self._pages, self._buckets, 0, 0.0, 0.0)
        if taken < values.size:
            self._open_for(words[taken:])
            rest = values[taken:], words[taken:]
            _, more, mean, squares = summing.tally(*rest, self._pages, self._buckets, taken, mean, squares)
            largest = max(largest, more)
        # NaN, the largest of none so far, is not larger than 0
        self.max = max(0.0, self.max, largest)
        return mean, max(0.0, squares)

    def merge(self, other: Histogram) -> None:
        """Take in all that another histogram has seen."""
        self.max = float(np.fmax(self.max, other.max))
        if not self.count:
            self._pages, self._used_pages = other._pages.copy(), other._used_pages
            self._buckets = other._buckets[: other._used_pages * _PAGE].copy()
            return
        from servicechain import histogram_loops

        self._buckets["count"][0] += other.zeros
        self._open(np.flatnonzero((other._pages > 0) & (self._pages < 0)))
        histogram_loops.pour(self._pages, self._buckets, other._pages, other._buckets)

    def percentile(self, share: float) -> float:
        """Give the value below or at which this share of all values lies.

        It is the value of rank ceil(share × count), the inverse of the empirical distribution function, to
        0.5 % (a zero to 1e-18); NaN if there was no value.

        Parameters
        ----------
        share : float
            From 0 to 1, e.g. 0.95.
        """
        return self.percentiles((share,))[0]

    def percentiles(self, shares: tuple[float, ...]) -> tuple[float, ...]:
        """Give several percentiles at once.

        Parameters
        ----------
        shares : tuple of float
            From 0 to 1, rising.
        """
        from servicechain import histogram_loops

        count = self.count
        if count == 0:
            return (math.nan,) * len(shares)
        # 0.07 × 100 is a little more than 7 in floating point, and would be rank 8
        ranks = np.array([max(1, math.ceil(_exactly(share) * count)) for share in shares], np.int64)
        values = np.empty(len(shares))
        histogram_loops.values_of_rank(self._pages, self._buckets, ranks, values)
        return tuple(min(value, self.max) for value in values.tolist())

    def state(self) -> dict[str, Any]:
        """Tell all it knows in plain numbers and lists, ready for JSON."""
        keys, buckets = self._used()
        return {
            "zeros": self.zeros,
            "max": None if math.isnan(self.max) else self.max,
            "buckets": keys.tolist(),
            "counts": buckets["count"].tolist(),
            "first": buckets["first"].tolist(),
            "beyond": buckets["beyond"].tolist(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make the histogram again from its `state`."""
        made = cls()
        made.max = math.nan if state["max"] is None else float(state["max"])
        made._buckets["count"][0] = state["zeros"]
        places = made._places(np.asarray(state["buckets"], np.intp))
        for name, key in (("count", "counts"), ("first", "first"), ("beyond", "beyond")):
            made._buckets[name][places] = state[key]
        return made

    def _used(self) -> tuple[NDArray[np.intp], NDArray[np.void]]:
        """Give the buckets that hold values above zero, in their order, and the first bits of their values."""
        octaves = np.flatnonzero(self._pages > 0)
        keys = (octaves[:, None] * _PAGE + np.arange(_PAGE)).ravel()
        buckets = self._buckets[self._places(keys)]
        used = buckets["count"] > 0
        return keys[used], buckets[used]

    def _places(self, keys: NDArray[np.intp]) -> NDArray[np.intp]:
        """Find where the buckets of values with these first bits are; make them if they are not there."""
        octaves = keys >> _PAGE_BITS
        self._open(octaves)
        places: NDArray[np.intp] = self._pages[octaves].astype(np.intp) * _PAGE + keys % _PAGE
        return places

    def _open_for(self, words: NDArray[np.uint64]) -> None:
        """Give a page to each octave of values that has none."""
        from servicechain import histogram_loops

        found = np.empty(self._pages.size, np.int64)
        count = histogram_loops.octaves_without_page(words, self._pages, found)
        self._pages[found[:count]] = -1
        self._open(found[:count])

    def _open(self, octaves: NDArray[np.intp]) -> None:
        """Give a page to each octave that has none."""
        new = np.unique(octaves[self._pages[octaves] < 0]) if len(octaves) else octaves
        if new.size == 0:
            return
        if np.any(new % _NEGATIVE == _INFINITE):
            raise ValueError("a histogram takes finite values, got NaN or infinity; whoever measured it lost a time")
        first = self._used_pages
        self._used_pages += new.size
        self._pages[new] = np.arange(first, self._used_pages)
        if self._used_pages * _PAGE > self._buckets.size:
            longer = np.zeros(2 * self._used_pages * _PAGE, BUCKET)
            longer[: first * _PAGE] = self._buckets[: first * _PAGE]
            self._buckets = longer


@cache
def _exactly(share: float) -> Fraction:
    """Give the number that is written, where a float can only come near it."""
    return Fraction(repr(float(share)))
