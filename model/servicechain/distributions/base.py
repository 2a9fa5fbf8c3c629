"""What every distribution of a time can do, and the checks its parameters share.

A distribution keeps its parameters as they were written, with their units, so that a chain reads back as it
was. It can therefore only compute once it is `in_unit` of the chain: asked before, it says so.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias

from servicechain.distributions.expressions import Call, quoted
from servicechain.errors import Mistake, shown
from servicechain.units import Quantity, TimeUnit, finite, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Time: TypeAlias = Quantity | float | str
Parameter: TypeAlias = Quantity | float | str | tuple[Quantity, ...] | tuple[float, ...]


class Lowered(NamedTuple):
    """A distribution as the compiled quantile function takes it.

    Attributes
    ----------
    code : int
        The family, one of `servicechain.distributions.codes`.
    a, b, c : float
        Its precomputed parameters; unused ones are 0.
    table : array of float
        What does not fit into three numbers; else the shared empty array.
    """

    code: int
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    table: NDArray[np.float64] = None  # type: ignore[assignment]  # `lowered` fills it; numpy is loaded then


class Distribution(ABC):
    """A distribution of a non-negative time or number, as a chain writes it.

    Attributes
    ----------
    family : str
        The name it is written with.
    parameters : tuple of str
        Its parameters in their order.
    """

    family: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expected value, in the chain's unit; only of bare numbers."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """Variance, in the chain's unit squared; only of bare numbers."""

    @property
    def minimum(self) -> float:
        """The largest number that no value falls below; only of bare numbers."""
        return 0.0

    @property
    def is_whole(self) -> bool:
        """Whether every value is surely a whole number without a unit."""
        return False

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The (file, column) pairs its values stand in."""
        return ()

    @abstractmethod
    def _lower(self) -> Lowered:
        """Compute the numbers the quantile function needs."""

    def lowered(self) -> Lowered:
        """Give the numbers the compiled quantile function needs; computed once.

        Raises
        ------
        Mistake
            If a parameter still carries a unit, or the values have not been loaded.
        """
        return self._lowered

    @cached_property
    def _lowered(self) -> Lowered:
        lowered = self._lower()
        return lowered if lowered.table is not None else lowered._replace(table=_no_table())

    def quantile(self, u: float) -> float:
        """Give the value that a share `u` of all values do not exceed.

        Parameters
        ----------
        u : float
            Probability, above 0 and below 1.

        Raises
        ------
        Mistake
            If `u` is outside, or a parameter still carries a unit.
        """
        share = finite(u, "the probability of a quantile")
        if not 0.0 < share < 1.0:
            raise Mistake(f"the probability of a quantile must lie between 0 and 1, both excluded; got {u}")
        lowered = self.lowered()
        from servicechain.distributions.quantiles import quantile

        return quantile(*lowered, share)

    def in_unit(self, unit: TimeUnit) -> Self:
        """Give the same distribution with bare numbers, counted in a unit.

        Raises
        ------
        Mistake
            If parameters that could not be compared before turn out to be in the wrong order.
        """
        return type(self)(**{name: _in_unit(value, unit) for name, value in self._arguments().items()})

    def written(self) -> float | str:
        """Give back the text (for a constant: the number) a file would hold; it parses to an equal object."""
        inside = ", ".join(f"{name}={_write(value)}" for name, value in self._arguments().items())
        return f"{self.family}({inside})"

    def __str__(self) -> str:
        return str(self.written())

    def __repr__(self) -> str:
        text = str(self)
        return text if len(text) <= 120 else text[:119] + "…"

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, _FIELDS.get(name, name)) for name in self.parameters}

    def _keep(self, **fields: Parameter) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _bare(self, quantity: Quantity) -> float:
        if quantity.unit is not None:
            raise Mistake(f"{self!r} counts in its own units; call in_unit with the chain's unit first")
        return quantity.value


# The property `mean` is the computed number, so the parameter as written is kept under another name.
_FIELDS = {"mean": "mean_time"}


@cache
def _no_table() -> NDArray[np.float64]:
    import numpy as np

    return np.empty(0, dtype=np.float64)


def _in_unit(value: Parameter, unit: TimeUnit) -> object:
    if isinstance(value, Quantity):
        return Quantity(value.in_unit(unit))
    if isinstance(value, tuple):
        return tuple(_in_unit(part, unit) for part in value)
    return value


def _write(value: Parameter) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_write(part) for part in value) + "]"
    if isinstance(value, str):
        return quoted(value)
    return str(value) if isinstance(value, Quantity) else plain(value)


def number(written: object, thing: str) -> float:
    """Take a finite number of any numeric type, numpy's included; no text, no truth value."""
    if isinstance(written, Call):
        raise Mistake(f"{thing} must be a number, got {written}; a distribution cannot hold another")
    if isinstance(written, Real) and not isinstance(written, int):
        written = float(written)
    return finite(written, thing)


def time(written: object, thing: str) -> Quantity:
    """Take a time: a number, or a text with a unit; finite and not negative."""
    if not isinstance(written, (Quantity, str)):
        written = number(written, thing)
    quantity = Quantity.parse(written, thing)
    if not math.isfinite(quantity.value) or quantity.value < 0:
        raise Mistake(f"{thing} must be finite and not negative, got {quantity.value}")
    return Quantity(quantity.value + 0.0, quantity.unit)


def positive_time(written: object, thing: str) -> Quantity:
    """Take a time above 0."""
    quantity = time(written, thing)
    if quantity.value == 0:
        raise Mistake(f"{thing} must be above 0, got {quantity}; a time that is always 0 is written 0")
    return quantity


def between(written: object, thing: str, low: float, high: float, otherwise: str) -> float:
    """Take a pure number from `low` to `high`; `otherwise` tells what to do outside."""
    value = number(written, thing)
    if not low <= value <= high:
        raise Mistake(f"{thing} must lie between {plain(low)} and {plain(high)}, got {shown(written)}; {otherwise}")
    return value


def listed(written: object, thing: str) -> Sequence[object]:
    """Take a non-empty list, tuple, array or series."""
    if hasattr(written, "tolist"):
        written = written.tolist()
    if isinstance(written, (str, bytes, dict, Call)) or not isinstance(written, Iterable):
        raise Mistake(f"{thing} must be a list such as [1, 2, 3], got {shown(written)}")
    values = list(written)
    if not values:
        raise Mistake(f"{thing} must not be empty; list at least one value")
    return values


def times(written: object, thing: str) -> tuple[Quantity, ...]:
    """Take a non-empty list of times."""
    return tuple(time(value, f"each of {thing}") for value in listed(written, thing))


def weights_of(written: object, thing: str, expected: int, what: str) -> tuple[float, ...]:
    """Take a list of weights: as many as `expected`, none negative, not all 0."""
    values = tuple(number(value, f"each of {thing}") + 0.0 for value in listed(written, thing))
    if len(values) != expected:
        raise Mistake(f"{thing} must be as many as the {what}, got {len(values)} and {expected}")
    if min(values) < 0:
        raise Mistake(f"each of {thing} must not be negative, got {plain(min(values))}")
    if not 0 < total(values) < math.inf:
        raise Mistake(f"the sum of {thing} must be above 0 and finite, got {shown(values)}")
    return values


def ascending(low: Quantity, high: Quantity) -> bool | None:
    """Tell whether `low` ≤ `high`; None when only one of them has a unit, so nobody can know yet."""
    if (low.unit is None) != (high.unit is None):
        return None
    return low.in_unit(TimeUnit.SECONDS) <= high.in_unit(TimeUnit.SECONDS)


def total(values: Iterable[float]) -> float:
    """Add without rounding errors; infinite when it does not fit, never an OverflowError."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf
