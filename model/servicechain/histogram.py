"""Percentiles of a stream in bounded memory: a histogram whose buckets grow with the values.

Any bucket's values differ by less than 0.5 %, so any percentile is known to 0.5 % however long the run. Two
histograms of two streams merge into the histogram of both (Masson, Rim & Lee 2019, doi
10.14778/3352063.3352135). Beyond that paper each bucket knows the mean of its values, which makes a value
that occurs again and again (a constant service time, the deadline of a patience) come out exactly.

The bucket of a value is its own first bits, so no logarithm is taken: sign and exponent name the octave, the next 8
bits one of its 256 buckets, each 1/256 to 1/511 of its values wide. An octave gets its page of buckets when a value
first falls into it. A few thousand values need no buckets at all: they are sorted when a percentile is asked for, and
come into buckets when they become more; the answer is the same.

The trap is the promise about repeated values: 0.1 added up ten times and divided by ten is not 0.1. So a bucket adds
up the bits that its values do not share, as whole numbers, and no digit is lost.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

BUCKET = np.dtype(
    [
        ("count", np.int64),
        ("rest", np.uint64),  # sum of the bits that the bucket does not tell, but for
        ("carried", np.uint64),  # what was put aside of it, in units of 2**44
    ],
    align=True,
)

FEW = 8192
"""So many values may lie loose."""

_FIRST_PAGES = 8

Floats = NDArray[np.float64]


class Histogram:
    """How often which value, to 0.5 %.

    Values are times or shares: never negative. Whatever is below 1e-18 (rounding may also leave a wait of
    −1e-17) is taken for zero. Memory follows the spread of the values, not their number: 64 kB, and 6 to 12 kB for each
    octave (factor of 2) in which there are values.

    Attributes
    ----------
    max : float
        The largest, exactly; NaN if there was none.
    zeros : int
        How many values were taken for zero.

    Examples
    --------
    >>> histogram = Histogram()
    >>> histogram.add([1.0, 2.0, 3.0, 4.0])
    >>> histogram.percentile(0.5), histogram.max
    (2.0, 4.0)
    """

    def __init__(self) -> None:
        self.max = math.nan
        self.zeros = 0
        self._loose: list[Floats] = []
        self._many_loose = 0
        self._in_buckets = 0
        # which page an octave has, and how many are in use; made when there are values to be put into buckets
        self._pages: NDArray[np.int32] | None = None
        self._buckets = _NO_BUCKETS
        self._used = _NO_PAGES

    @classmethod
    def of(cls, largest: float, zeros: int, loose: Floats) -> Self:
        """Make one of some values: none of those given is below the smallest, and nobody else changes them."""
        made = cls()
        made.zeros = zeros
        if loose.size:
            made._loose.append(loose)
            made._many_loose = loose.size
        if zeros or loose.size:
            made.max = largest
        return made

    @property
    def count(self) -> int:
        """How many values there were."""
        return self.zeros + self._many_loose + self._in_buckets

    def add(self, values: ArrayLike) -> None:
        """Take in values.

        Raises
        ------
        ValueError
            If one is NaN or infinite: an engine lost a time.
        """
        from servicechain.histogram_loops import SMALLEST

        array = np.ascontiguousarray(values, np.float64).ravel()
        if array.size == 0:
            return
        if not np.isfinite(array).all():
            raise ValueError("a histogram takes finite values, got NaN or infinity; whoever measured it lost a time")
        # NaN, the largest of none so far, is not larger than 0
        self.max = max(0.0, self.max, float(array.max()))
        large = array[array >= SMALLEST]
        self.zeros += array.size - large.size
        self._fill(large)

    def take_pages(self, pages: NDArray[np.int32], buckets: NDArray[np.void], count: int, largest: float) -> None:
        """Take in so many values that are in the buckets of these pages.

        Parameters
        ----------
        pages : ndarray
            Which page each octave has.
        buckets : ndarray of BUCKET
            Of these pages, and perhaps of others.
        count : int
            How many values are in them.
        largest : float
            Of these.
        """
        from servicechain import histogram_loops

        self.max = float(np.fmax(self.max, largest))
        self._in_buckets += count
        if self._pages is None:
            self._pages = np.zeros(histogram_loops.OCTAVES, np.int32)
            self._used = np.zeros(1, np.int64)
        new = int(np.count_nonzero((pages > 0) & (self._pages == 0)))
        short = (int(self._used[0]) + new) * histogram_loops.PAGE - self._buckets.size
        if short > 0:
            self._add_pages(short)
        histogram_loops.pour(self._pages, self._buckets, self._used, pages, buckets)

    def merge(self, other: Histogram) -> None:
        """Take in all that another histogram has seen."""
        if other.count == 0:
            return
        if not other.max <= self.max:
            self.max = other.max
        self.zeros += other.zeros
        if other._pages is not None:
            self.take_pages(other._pages, other._buckets, other._in_buckets, other.max)
        self._loose += other._loose
        self._many_loose += other._many_loose
        if self._many_loose > FEW:
            self._put_away()

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
        ranks = np.array([_rank(share, count) for share in shares], np.int64)
        values = np.empty(len(shares))
        words = values.view(np.uint64)
        if self._pages is None:
            numbers = self._sorted()
            histogram_loops.values_of_rank_among(numbers.view(np.uint64), self.zeros, ranks, words)
        else:
            self._put_away()
            histogram_loops.values_of_rank(self._pages, self._buckets, self.zeros, ranks, words)
        return tuple(min(value, self.max) for value in values.tolist())

    def means(self) -> tuple[Floats, NDArray[np.int64]]:
        """Give the means of all buckets that hold values above zero, rising, and how many values are in each."""
        from servicechain import histogram_loops

        keys, buckets = self._filled()
        values = np.empty(keys.size)
        histogram_loops.means(keys, buckets, values.view(np.uint64))
        return values, buckets["count"]

    def state(self) -> dict[str, Any]:
        """Tell all it knows in plain numbers and lists, ready for JSON."""
        from servicechain.histogram_loops import REST_BITS

        keys, buckets = self._filled()
        sums = zip(buckets["carried"].tolist(), buckets["rest"].tolist(), strict=True)
        return {
            "zeros": self.zeros,
            "max": None if math.isnan(self.max) else self.max,
            "buckets": keys.tolist(),
            "counts": buckets["count"].tolist(),
            "rests": [(carried << REST_BITS) + rest for carried, rest in sums],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make the histogram again from its `state`."""
        from servicechain.histogram_loops import LOWEST, OCTAVES, PAGE, REST_BITS

        made = cls()
        made.max = math.nan if state["max"] is None else float(state["max"])
        made.zeros = state["zeros"]
        keys = np.asarray(state["buckets"], np.intp) - LOWEST * PAGE
        if keys.size:
            octaves = np.unique(keys // PAGE)
            made._pages = np.zeros(OCTAVES, np.int32)
            made._pages[octaves] = np.arange(1, octaves.size + 1)
            made._used = np.array([octaves.size])
            made._buckets = np.zeros(octaves.size * PAGE, BUCKET)
            places = (made._pages[keys // PAGE].astype(np.intp) - 1) * PAGE + keys % PAGE
            made._buckets["count"][places] = state["counts"]
            made._buckets["rest"][places] = [rest % (1 << REST_BITS) for rest in state["rests"]]
            made._buckets["carried"][places] = [rest >> REST_BITS for rest in state["rests"]]
            made._in_buckets = int(made._buckets["count"].sum())
        return made

    def _filled(self) -> tuple[NDArray[np.intp], NDArray[np.void]]:
        """Give the buckets that hold values above zero, in their order, and the first bits of their values."""
        from servicechain.histogram_loops import LOWEST, PAGE

        self._put_away()
        if self._pages is None:
            return np.zeros(0, np.intp), _NO_BUCKETS
        octaves = np.flatnonzero(self._pages)
        keys = ((octaves + LOWEST)[:, None] * PAGE + np.arange(PAGE)).ravel()
        buckets = self._buckets.reshape(-1, PAGE)[self._pages[octaves] - 1].ravel()
        filled = buckets["count"] > 0
        return keys[filled], buckets[filled]

    def _sorted(self) -> Floats:
        """Sort what is loose."""
        if len(self._loose) > 1 or not self._many_loose:
            self._loose = [np.concatenate([*self._loose, np.empty(0)])]
        self._loose = [np.sort(self._loose[0])]
        return self._loose[0]

    def _put_away(self) -> None:
        """Put what is loose into buckets."""
        loose, self._loose, self._many_loose = self._loose, [], 0
        if loose:
            self._fill(np.concatenate(loose))

    def _fill(self, values: Floats) -> None:
        """Put values into buckets, none below the smallest."""
        from servicechain import histogram_loops

        if values.size == 0:
            return
        if self._pages is None:
            self._pages = np.zeros(histogram_loops.OCTAVES, np.int32)
            self._used = np.zeros(1, np.int64)
        words, done = values.view(np.uint64), 0
        while done < values.size:
            end = min(done + histogram_loops.BEFORE_CARRYING, values.size)
            into = self._in_buckets, self._pages, self._buckets, self._used
            reached = int(histogram_loops.fill(words, done, end, *into))
            self._in_buckets += reached - done
            done = reached
            if done < end:
                self._add_pages(max(self._buckets.size, _FIRST_PAGES * histogram_loops.PAGE))

    def _add_pages(self, more: int) -> None:
        """Get so many more buckets."""
        longer = np.zeros(self._buckets.size + more, BUCKET)
        longer[: self._buckets.size] = self._buckets
        self._buckets = longer


_NO_BUCKETS = np.zeros(0, BUCKET)
_NO_PAGES = np.zeros(1, np.int64)


def _rank(share: float, count: int) -> int:
    """Give ceil(share × count), at least 1; 0.07 × 100 is a little more than 7 in floating point, and would be 8."""
    above, below = _exactly(share)
    return max(1, -(-above * count // below))


@cache
def _exactly(share: float) -> tuple[int, int]:
    """Give the number that is written, where a float can only come near it, as a fraction."""
    return Fraction(repr(float(share))).as_integer_ratio()
