"""From uniform numbers to a variate of the program."""

from __future__ import annotations

from typing import Any

from servicechain.distributions import codes
from servicechain.distributions.quantiles import exponential_quantile, quantile, quantile_scalar
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import number, variate_at
from servicechain.engines.compiled.memory import floats


@small
def of_uniform(w: Any, variate: int, u: float) -> float:
    """Give the quantile of a variate."""
    v = variate_at(w, variate)
    if v.code == codes.EXPONENTIAL:
        return exponential_quantile(v.a, u)
    return _of_other(w, variate, u)


@part
def _of_other(w: Any, variate: int, u: float) -> float:
    v = variate_at(w, variate)
    if v.code < codes.HYPEREXPONENTIAL:
        return quantile_scalar(v.code, v.a, v.b, v.c, u)
    return _of_table(v.code, v.a, v.b, v.c, v.table, v.length, u)


@rare
def _of_table(code: int, a: float, b: float, c: float, table: int, length: int, u: float) -> float:
    return quantile(code, a, b, c, floats(table, length), u)


@part
def invert(w: Any, variate: int, address: int, count: int) -> None:
    """Turn the uniform numbers that stand at an address into values of a variate."""
    for place in range(count):
        value = number(address, place)
        value.value = of_uniform(w, variate, value.value)
