"""A tally: everything wanted of a stream of values, kept without the values.

Count, mean and sum of squared deviations merge exactly as if all values had been seen together (Chan, Golub &
LeVeque 1983, doi 10.1080/00031305.1983.10483115). The trap they avoid is the textbook sum of squares, which
loses every digit of the spread when the values are large and alike.
"""

from __future__ import annotations

import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from servicechain.histogram import Histogram


class Moments:
    """Count, mean and spread of a stream.

    Attributes
    ----------
    count : int
        How many values there were.
    squares : float
        Sum of the squared deviations from the mean.
    """

    def __init__(self) -> None:
        self.count = 0
        self.squares = 0.0
        self._mean = 0.0

    @classmethod
    def of(cls, count: int, mean: float, squares: float) -> Self:
        """Give those of values that have been summed up elsewhere."""
        made = cls()
        made.count, made._mean, made.squares = count, mean, squares
        return made

    @property
    def mean(self) -> float:
        """Mean of all values; NaN if there was none."""
        return self._mean if self.count else math.nan

    @property
    def sd(self) -> float:
        """Sample standard deviation (divisor n − 1); NaN below two values."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else math.nan

    def add(self, values: ArrayLike) -> None:
        """Take in values."""
        array = np.asarray(values, np.float64)
        if array.size == 0:
            return
        # differences from the first value, so that equal values have exactly their own mean and no spread
        first = float(array.flat[0])
        beyond = array - first
        shift = float(beyond.mean())
        beyond -= shift
        self.join(array.size, first + shift, float(np.dot(beyond.ravel(), beyond.ravel())))

    def merge(self, other: Moments) -> None:
        """Take in all that another has seen."""
        if other.count:
            self.join(other.count, other._mean, other.squares)

    def join(self, count: int, mean: float, squares: float) -> None:
        """Take in values of which these are the moments; at least one."""
        total = self.count + count
        if self.count == 0:
            self._mean = mean
            self.squares = squares
        else:
            apart = mean - self._mean
            self._mean += apart * count / total
            self.squares += squares + apart * apart * self.count * count / total
        self.count = total


class Tally:
    """Moments and percentiles of a stream: what the results call a distribution.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add([2.0, 4.0])
    >>> tally.mean, tally.percentile(0.5), tally.max
    (3.0, 2.0, 4.0)
    """

    def __init__(self, moments: Moments | None = None, histogram: Histogram | None = None) -> None:
        self.moments = moments or Moments()
        self.histogram = histogram or Histogram()

    @property
    def count(self) -> int:
        """How many values there were."""
        return self.moments.count

    @property
    def mean(self) -> float:
        """Mean of all values; NaN if there was none."""
        return self.moments.mean

    @property
    def sd(self) -> float:
        """Sample standard deviation; NaN below two values."""
        return self.moments.sd

    @property
    def max(self) -> float:
        """The largest value; NaN if there was none."""
        return self.histogram.max

    def percentile(self, share: float) -> float:
        """Give the value of rank ceil(share × count), to 0.5 %; NaN if there was none."""
        return self.histogram.percentile(share)

    def percentiles(self, shares: tuple[float, ...]) -> tuple[float, ...]:
        """Give several percentiles at once, the shares rising."""
        return self.histogram.percentiles(shares)

    def add(self, values: ArrayLike) -> None:
        """Take in values, none negative.

        Raises
        ------
        ValueError
            If one is NaN or infinite: an engine lost a time.
        """
        self.histogram.add(values)
        self.moments.add(values)

    def merge(self, other: Tally) -> None:
        """Take in all that another has seen."""
        self.histogram.merge(other.histogram)
        self.moments.merge(other.moments)
