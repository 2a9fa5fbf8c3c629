"""From uniform numbers to a variate of the program."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from servicechain.distributions import codes
from servicechain.distributions.logarithm import exponential_code
from servicechain.distributions.quantiles import exponential_quantile, quantile, quantile_scalar
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import number, variate_at
from servicechain.engines.compiled.memory import floats
from servicechain.engines.compiled.uniforms import LANES

_FLOATS = ir.VectorType(ir.DoubleType(), LANES)
_BYTES = 8


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


def _invert_code(typing: Any, address: Any, mean: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, mean = arguments
        place = builder.inttoptr(address, _FLOATS.as_pointer())
        means = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), mean, ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        means = builder.shuffle_vector(means, ir.Constant(_FLOATS, ir.Undefined), lanes)
        values = builder.fmul(means, exponential_code(builder, builder.load(place, align=_BYTES)))
        builder.store(values, place, align=_BYTES)
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), code


_invert_exponential: Any = intrinsic(_invert_code)


@part
def invert(w: Any, variate: int, address: int) -> None:
    """Turn the eight uniform numbers that stand at an address into values of a variate."""
    v = variate_at(w, variate)
    if v.code == codes.EXPONENTIAL:
        _invert_exponential(address, v.a)
        return
    for place in range(LANES):
        value = number(address, place)
        value.value = of_uniform(w, variate, value.value)
