"""The families that list their values: a constant, weighted values, and measured ones drawn again.

`empirical` is resampling: each of the n values with probability 1/n, nothing between and nothing beyond them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, NoReturn

from servicechain.distributions import codes
from servicechain.distributions.base import Distribution, Lowered, Time, time, times, total, weights_of
from servicechain.errors import Mistake, shown
from servicechain.units import Quantity, TimeUnit


@dataclass(frozen=True, init=False, repr=False)
class Constant(Distribution):
    """Always the same.

    Parameters
    ----------
    value : Quantity, number or text
        The time, not negative.
    """

    family: ClassVar[str] = "constant"
    parameters: ClassVar[tuple[str, ...]] = ("value",)
    value: Quantity

    def __init__(self, value: Time) -> None:
        self._keep(value=time(value, "the value of constant"))

    @property
    def mean(self) -> float:
        """Expected value: the value."""
        return self._bare(self.value)

    @property
    def variance(self) -> float:
        """Variance: 0."""
        return 0.0 * self.mean

    @property
    def minimum(self) -> float:
        """The value."""
        return self.mean

    @property
    def is_whole(self) -> bool:
        """Whether the value is a whole number without a unit."""
        return _whole((self.value,))

    def written(self) -> float | str:
        """Give back the bare number, or the text with its unit."""
        return self.value.written()

    def _lower(self) -> Lowered:
        return Lowered(codes.CONSTANT, self.mean)


@dataclass(frozen=True, init=False, repr=False)
class Empirical(Distribution):
    """Measured values, drawn again with equal probability.

    Parameters
    ----------
    values : list of Quantity, number or text
        What was measured, in any order; none negative.
    """

    family: ClassVar[str] = "empirical"
    parameters: ClassVar[tuple[str, ...]] = ("values",)
    values: tuple[Quantity, ...]

    def __init__(self, values: object) -> None:
        self._keep(values=times(values, "the values of empirical"))

    @property
    def mean(self) -> float:
        """Expected value: the mean of the values."""
        return total(value / len(self.values) for value in self._numbers())

    @property
    def variance(self) -> float:
        """Variance: the mean squared distance from the mean (divided by n, they are all there is)."""
        mean = self.mean
        return total((value - mean) * (value - mean) for value in self._numbers()) / len(self.values)

    @property
    def minimum(self) -> float:
        """The least value."""
        return min(self._numbers())

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers without a unit."""
        return _whole(self.values)

    def _numbers(self) -> list[float]:
        return [self._bare(value) for value in self.values]

    def _lower(self) -> Lowered:
        import numpy as np

        return Lowered(codes.EMPIRICAL, table=np.sort(np.array(self._numbers(), dtype=np.float64)))


@dataclass(frozen=True, init=False, repr=False)
class EmpiricalFile(Distribution):
    """Measured values that stand in a column of a file; it must be loaded before it can be drawn from.

    Parameters
    ----------
    file : str
        Path of the file, relative to the chain file.
    column : str
        Name of the column.
    """

    family: ClassVar[str] = "empirical"
    parameters: ClassVar[tuple[str, ...]] = ("file", "column")
    file: str
    column: str

    def __init__(self, file: str, column: str) -> None:
        path = _one_line(file, "the file of empirical")
        self._keep(file=path, column=_one_line(column, "the column of empirical"))

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The file and its column."""
        return ((self.file, self.column),)

    def loaded(self, values: Sequence[float]) -> Empirical:
        """Give the distribution of the values that were read, in the chain's unit.

        Raises
        ------
        Mistake
            If there are none, or one is negative or no number.
        """
        return Empirical(values)

    @property
    def mean(self) -> float:
        """Not known before the values are loaded."""
        self._unloaded()

    @property
    def variance(self) -> float:
        """Not known before the values are loaded."""
        self._unloaded()

    @property
    def minimum(self) -> float:
        """Not known before the values are loaded."""
        self._unloaded()

    def in_unit(self, unit: TimeUnit) -> NoReturn:
        """Refuse: a file's values have to be read first."""
        self._unloaded()

    def _lower(self) -> Lowered:
        self._unloaded()

    def _unloaded(self) -> NoReturn:
        raise Mistake(f"the values of {self} have not been read; read the file and call loaded(values) first")


@dataclass(frozen=True, init=False, repr=False)
class Discrete(Distribution):
    """One of several values, each with a weight.

    Parameters
    ----------
    values : list of Quantity, number or text
        The values, none negative.
    weights : list of float
        How often each of them; they need not sum to 1.
    """

    family: ClassVar[str] = "discrete"
    parameters: ClassVar[tuple[str, ...]] = ("values", "weights")
    values: tuple[Quantity, ...]
    weights: tuple[float, ...]

    def __init__(self, values: object, weights: object) -> None:
        kept = times(values, "the values of discrete")
        self._keep(values=kept, weights=weights_of(weights, "the weights of discrete", len(kept), "values"))

    @property
    def mean(self) -> float:
        """Expected value: Σ share × value."""
        return total(share * value for value, share in self._shares())

    @property
    def variance(self) -> float:
        """Variance: Σ share × (value − mean)²."""
        mean = self.mean
        return total(share * (value - mean) * (value - mean) for value, share in self._shares())

    @property
    def minimum(self) -> float:
        """The least value that has a weight."""
        return self._shares()[0][0]

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers without a unit."""
        return _whole(self.values)

    def _shares(self) -> list[tuple[float, float]]:
        """Pair each possible value with its probability, least value first."""
        whole = total(self.weights)
        pairs = zip(self.values, self.weights, strict=True)
        return sorted((self._bare(value), weight / whole) for value, weight in pairs if weight / whole > 0)

    def _lower(self) -> Lowered:
        import numpy as np

        values, shares = zip(*self._shares(), strict=True)
        # The last bound is above every probability, whatever the rounding of the sum.
        bounds = [*accumulate(shares[:-1]), 2.0]
        return Lowered(codes.DISCRETE, table=np.array([*values, *bounds], dtype=np.float64))


def empirical(
    values: object = None, *, file: str | None = None, column: str | None = None
) -> Empirical | EmpiricalFile:
    """Draw measured values again, given as a list or as a column of a file.

    Raises
    ------
    Mistake
        Unless either `values`, or both `file` and `column` are given.
    """
    if values is not None and file is None and column is None:
        return Empirical(values)
    if values is None and file is not None and column is not None:
        return EmpiricalFile(file, column)
    raise Mistake("empirical needs either values, or file and column; give one of the two")


def _whole(values: Sequence[Quantity]) -> bool:
    return all(value.unit is None and value.value == int(value.value) for value in values)


def _one_line(text: object, thing: str) -> str:
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise Mistake(f"{thing} must be a text on one line, got {shown(text)}")
    return text
