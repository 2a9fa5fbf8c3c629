"""The families with a density: constructors take the numbers people know, a mean and how much it varies.

The trap is the parametrisation: `lognormal` and `gamma` take the mean and the coefficient of variation of the
time itself (not of its logarithm, not shape and scale), `weibull` its mean and shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from servicechain.distributions import codes
from servicechain.distributions.base import (
    Distribution,
    Lowered,
    Time,
    ascending,
    between,
    listed,
    positive_time,
    time,
    total,
    weights_of,
)
from servicechain.errors import Mistake
from servicechain.units import Quantity

_CONSTANT_INSTEAD = "for a time that hardly varies use constant(value)"


class _AroundMean(Distribution):
    """What the families written with a mean have in common."""

    mean_time: Quantity

    @property
    def mean(self) -> float:
        """Expected value: the parameter itself."""
        return self._bare(self.mean_time)


@dataclass(frozen=True, init=False, repr=False)
class Exponential(_AroundMean):
    """Exponential time.

    Parameters
    ----------
    mean : Quantity, number or text
        Expected time, above 0; a bare number is in the chain's unit.
    """

    family: ClassVar[str] = "exponential"
    parameters: ClassVar[tuple[str, ...]] = ("mean",)
    mean_time: Quantity

    def __init__(self, mean: Time) -> None:
        self._keep(mean_time=positive_time(mean, "the mean of exponential"))

    @property
    def variance(self) -> float:
        """Variance: the mean squared."""
        return self.mean * self.mean

    def _lower(self) -> Lowered:
        return Lowered(codes.EXPONENTIAL, self.mean)


@dataclass(frozen=True, init=False, repr=False)
class LogNormal(_AroundMean):
    """Lognormal time.

    Parameters
    ----------
    mean : Quantity, number or text
        Expected time, above 0.
    cv : float
        Standard deviation divided by the mean, above 0, at most 1,000,000.
    """

    family: ClassVar[str] = "lognormal"
    parameters: ClassVar[tuple[str, ...]] = ("mean", "cv")
    mean_time: Quantity
    cv: float

    def __init__(self, mean: Time, cv: float) -> None:
        self._keep(mean_time=positive_time(mean, "the mean of lognormal"), cv=_varies(cv, "lognormal", 1e-9, 1e6))

    @property
    def variance(self) -> float:
        """Variance: (cv × mean)²."""
        return (self.cv * self.mean) * (self.cv * self.mean)

    def _lower(self) -> Lowered:
        squared = math.log1p(self.cv * self.cv)
        return Lowered(codes.LOGNORMAL, math.log(self.mean) - squared / 2, math.sqrt(squared))


@dataclass(frozen=True, init=False, repr=False)
class Gamma(_AroundMean):
    """Gamma-distributed time.

    Parameters
    ----------
    mean : Quantity, number or text
        Expected time, above 0.
    cv : float
        Standard deviation divided by the mean, from 0.001 to 30.
    """

    family: ClassVar[str] = "gamma"
    parameters: ClassVar[tuple[str, ...]] = ("mean", "cv")
    mean_time: Quantity
    cv: float

    def __init__(self, mean: Time, cv: float) -> None:
        mean_time = positive_time(mean, "the mean of gamma")
        self._keep(mean_time=mean_time, cv=_varies(cv, "gamma", 1e-3, 30))

    @property
    def variance(self) -> float:
        """Variance: (cv × mean)²."""
        return (self.cv * self.mean) * (self.cv * self.mean)

    def _lower(self) -> Lowered:
        return _lowered_gamma(1 / (self.cv * self.cv), self.mean)


@dataclass(frozen=True, init=False, repr=False)
class Erlang(_AroundMean):
    """Sum of `k` equal exponential phases.

    Parameters
    ----------
    mean : Quantity, number or text
        Expected time of all phases together, above 0.
    k : int
        Number of phases, from 1 to 1,000,000.
    """

    family: ClassVar[str] = "erlang"
    parameters: ClassVar[tuple[str, ...]] = ("mean", "k")
    mean_time: Quantity
    k: int

    def __init__(self, mean: Time, k: int) -> None:
        phases = between(k, "k of erlang", 1, 1e6, _CONSTANT_INSTEAD)
        if phases != int(phases):
            raise Mistake(f"k of erlang must be a whole number of phases, got {k}; gamma(mean, cv) takes any")
        self._keep(mean_time=positive_time(mean, "the mean of erlang"), k=int(phases))

    @property
    def variance(self) -> float:
        """Variance: the mean squared, divided by `k`."""
        return self.mean * self.mean / self.k

    def _lower(self) -> Lowered:
        return _lowered_gamma(float(self.k), self.mean)


@dataclass(frozen=True, init=False, repr=False)
class Weibull(_AroundMean):
    """Weibull time.

    Parameters
    ----------
    mean : Quantity, number or text
        Expected time, above 0.
    shape : float
        From 0.05 to 1,000; below 1 the longer it took the longer it will take, 1 is exponential.
    """

    family: ClassVar[str] = "weibull"
    parameters: ClassVar[tuple[str, ...]] = ("mean", "shape")
    mean_time: Quantity
    shape: float

    def __init__(self, mean: Time, shape: float) -> None:
        self._keep(
            mean_time=positive_time(mean, "the mean of weibull"),
            shape=between(shape, "the shape of weibull", 0.05, 1000, _CONSTANT_INSTEAD),
        )

    @property
    def variance(self) -> float:
        """Variance: scale² (Γ(1 + 2/shape) − Γ(1 + 1/shape)²)."""
        squares = math.lgamma(1 + 2 / self.shape) - 2 * math.lgamma(1 + 1 / self.shape)
        return self.mean * self.mean * math.expm1(squares)

    def _lower(self) -> Lowered:
        return Lowered(codes.WEIBULL, self.mean / math.gamma(1 + 1 / self.shape), 1 / self.shape)


@dataclass(frozen=True, init=False, repr=False)
class Uniform(Distribution):
    """Every time between two bounds equally likely.

    Parameters
    ----------
    low, high : Quantity, number or text
        The bounds, 0 ≤ low ≤ high.
    """

    family: ClassVar[str] = "uniform"
    parameters: ClassVar[tuple[str, ...]] = ("low", "high")
    low: Quantity
    high: Quantity

    def __init__(self, low: Time, high: Time) -> None:
        bounds = {"low": time(low, "low of uniform"), "high": time(high, "high of uniform")}
        _check_order("uniform", bounds)
        self._keep(**bounds)

    @property
    def mean(self) -> float:
        """Expected value: the middle."""
        return self._bare(self.low) / 2 + self._bare(self.high) / 2

    @property
    def variance(self) -> float:
        """Variance: (high − low)² / 12."""
        width = self._bare(self.high) - self._bare(self.low)
        return width * width / 12

    @property
    def minimum(self) -> float:
        """The lower bound."""
        return self._bare(self.low)

    def _lower(self) -> Lowered:
        low, high = self._bare(self.low), self._bare(self.high)
        return Lowered(codes.UNIFORM, low, high - low, high)


class _ThreePoints(Distribution):
    """What the families written with low, mode and high have in common."""

    parameters: ClassVar[tuple[str, ...]] = ("low", "mode", "high")
    low: Quantity
    mode: Quantity
    high: Quantity

    def _keep_points(self, low: Time, mode: Time, high: Time) -> None:
        points = {
            name: time(value, f"{name} of {self.family}")
            for name, value in (("low", low), ("mode", mode), ("high", high))
        }
        _check_order(self.family, points)
        if ascending(points["high"], points["low"]):
            raise Mistake(f"low of {self.family} must be below high, got {low} and {high}; {_CONSTANT_INSTEAD}")
        self._keep(**points)

    @property
    def minimum(self) -> float:
        """The lower bound."""
        return self._bare(self.low)

    def _points(self) -> tuple[float, float, float]:
        return self._bare(self.low), self._bare(self.mode), self._bare(self.high)


@dataclass(frozen=True, init=False, repr=False)
class Triangular(_ThreePoints):
    """Density rising in a straight line from low to mode and falling to high.

    Parameters
    ----------
    low, mode, high : Quantity, number or text
        Least, most likely and greatest time; 0 ≤ low ≤ mode ≤ high, low < high.
    """

    family: ClassVar[str] = "triangular"
    low: Quantity
    mode: Quantity
    high: Quantity

    def __init__(self, low: Time, mode: Time, high: Time) -> None:
        self._keep_points(low, mode, high)

    @property
    def mean(self) -> float:
        """Expected value: (low + mode + high) / 3."""
        return total(point / 3 for point in self._points())

    @property
    def variance(self) -> float:
        """Variance: (rise² + rise × fall + fall²) / 18, the distances of the mode from both ends."""
        low, mode, high = self._points()
        rise, fall = mode - low, high - mode
        return (rise * rise + rise * fall + fall * fall) / 18

    def _lower(self) -> Lowered:
        return Lowered(codes.TRIANGULAR, *self._points())


@dataclass(frozen=True, init=False, repr=False)
class Pert(_ThreePoints):
    """Beta distribution by three estimates, the most likely one counting four times.

    After Malcolm, Roseboom, Clark and Fazar (1959), doi 10.1287/opre.7.5.646.

    Parameters
    ----------
    low, mode, high : Quantity, number or text
        Least, most likely and greatest time; 0 ≤ low ≤ mode ≤ high, low < high.
    """

    family: ClassVar[str] = "pert"
    low: Quantity
    mode: Quantity
    high: Quantity

    def __init__(self, low: Time, mode: Time, high: Time) -> None:
        self._keep_points(low, mode, high)

    @property
    def mean(self) -> float:
        """Expected value: (low + 4 mode + high) / 6."""
        low, mode, high = self._points()
        return total((low / 6, mode / 6 * 4, high / 6))

    @property
    def variance(self) -> float:
        """Variance: (mean − low)(high − mean) / 7."""
        low, _, high = self._points()
        return (self.mean - low) * (high - self.mean) / 7

    def _lower(self) -> Lowered:
        low, mode, high = self._points()
        return Lowered(codes.PERT, low, high, 1 + 4 * (mode - low) / (high - low))


@dataclass(frozen=True, init=False, repr=False)
class HyperExponential(Distribution):
    """One of several exponential times: many short jobs and a few long ones.

    Parameters
    ----------
    weights : list of float
        How often each of them; they need not sum to 1.
    means : list of Quantity, number or text
        The expected time of each, above 0.
    """

    family: ClassVar[str] = "hyperexponential"
    parameters: ClassVar[tuple[str, ...]] = ("weights", "means")
    weights: tuple[float, ...]
    means: tuple[Quantity, ...]

    def __init__(self, weights: object, means: object) -> None:
        each = "each of the means of hyperexponential"
        kept = tuple(positive_time(mean, each) for mean in listed(means, "the means of hyperexponential"))
        self._keep(weights=weights_of(weights, "the weights of hyperexponential", len(kept), "means"), means=kept)

    @property
    def mean(self) -> float:
        """Expected value: Σ share × mean."""
        return total(share * mean for share, mean in self._phases())

    @property
    def variance(self) -> float:
        """Variance: within the phases plus between them."""
        mean = self.mean
        return total(share * (m * m + (m - mean) * (m - mean)) for share, m in self._phases())

    def _phases(self) -> list[tuple[float, float]]:
        whole = total(self.weights)
        pairs = zip(self.weights, self.means, strict=True)
        return [(weight / whole, self._bare(mean)) for weight, mean in pairs if weight / whole > 0]

    def _lower(self) -> Lowered:
        import numpy as np

        table = np.array(self._phases(), dtype=np.float64).T.ravel()
        return Lowered(codes.HYPEREXPONENTIAL, table=table)


def _varies(cv: object, family: str, low: float, high: float) -> float:
    return between(cv, f"the cv of {family}", low, high, f"{_CONSTANT_INSTEAD}, cv=0.5 means half the mean")


def _check_order(family: str, bounds: dict[str, Quantity]) -> None:
    names = list(bounds)
    for before, after in pairwise(names):
        if ascending(bounds[before], bounds[after]) is False:
            raise Mistake(
                f"{before} of {family} must not be above {after}, got {bounds[before]} and {bounds[after]}; "
                f"the order is {', '.join(names)}"
            )


def _lowered_gamma(shape: float, mean: float) -> Lowered:
    """Give shape, scale and the logarithm that normalises the density (Stirling's series from 10 on)."""
    if shape < 10:
        return Lowered(codes.GAMMA, shape, mean / shape, math.lgamma(shape + 1))
    inverse, series = 1 / (shape * shape), 0.0
    for term in (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12):
        series = series * inverse + term
    return Lowered(codes.GAMMA, shape, mean / shape, series / shape + math.log(2 * math.pi * shape) / 2)
