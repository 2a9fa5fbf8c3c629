"""Logarithms in arithmetic alone, for one number or several side by side.

The C library's is a call for each number. This one is written for numbers and for vectors of them by the same lines, so
a logarithm is the same to the last bit in whatever company it is taken; both engines take it.

log x = k log 2 + log m, with m from the root of 1/2 to that of 2, and log m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5
+ ...) with s = (m - 1) / (m + 1): M. Abramowitz & I. Stegun (1964), Handbook of Mathematical Functions, 4.1.27. As
s^2 is below 0.0295, what comes after s^23 is less than a sixth of the last digit. That 2 s = f - s f, with f = m - 1,
keeps the digits of f, which is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_WORD, _FLOAT = ir.IntType(64), ir.DoubleType()
_ROOT = int(np.float64(np.sqrt(0.5)).view(np.int64))
_DIGITS = 52
_FRACTION = (1 << _DIGITS) - 1

_LOG_2_HIGH = float.fromhex("0x1.62e42feep-1")
"""Of so few digits that a multiple by less than 2**20 is exact."""

_LOG_2_LOW = float.fromhex("0x1.a39ef35793c76p-33")


def _all(kind: Any, value: float) -> Any:
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def log_code(builder: Any, x: Any) -> Any:
    """Write the code for log(x), to about 3e-16 of it; x is a number from 1e-300 to 1, or a vector of them."""
    floats = x.type
    words = ir.VectorType(_WORD, floats.count) if isinstance(floats, ir.VectorType) else _WORD
    bits = builder.sub(builder.bitcast(x, words), _all(words, _ROOT))
    power = builder.sitofp(builder.ashr(bits, _all(words, _DIGITS)), floats)
    m = builder.bitcast(builder.add(builder.and_(bits, _all(words, _FRACTION)), _all(words, _ROOT)), floats)
    f = builder.fsub(m, _all(floats, 1.0))
    s = builder.fdiv(f, builder.fadd(_all(floats, 2.0), f))
    z = builder.fmul(s, s)
    more = _all(floats, 2.0 / 23.0)
    for odd in range(21, 1, -2):
        more = builder.fadd(builder.fmul(more, z), _all(floats, 2.0 / odd))
    small = builder.fmul(s, builder.fsub(f, builder.fmul(more, z)))
    small = builder.fsub(small, builder.fmul(power, _all(floats, _LOG_2_LOW)))
    return builder.fsub(builder.fmul(power, _all(floats, _LOG_2_HIGH)), builder.fsub(small, f))


def exponential_code(builder: Any, u: Any) -> Any:
    """Write the code for -log(1 - u), of a number between 0 and 1 or a vector of them.

    The rounding of 1 - u is repaid by dividing by what was really taken away: D. Goldberg (1991), What every
    computer scientist should know about floating-point arithmetic, theorem 4, doi 10.1145/103162.103163.
    """
    one = _all(u.type, 1.0)
    left = builder.fsub(one, u)
    taken = builder.fdiv(u, builder.fsub(one, left))
    value = builder.fmul(builder.fneg(log_code(builder, left)), taken)
    return builder.select(builder.fcmp_ordered("==", left, one), u, value)


def _logarithm_code(typing: Any, x: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return log_code(builder, arguments[0])

    return types.float64(types.float64), code


def _exponential_code(typing: Any, u: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return exponential_code(builder, arguments[0])

    return types.float64(types.float64), code


logarithm: Any = intrinsic(_logarithm_code)
"""``logarithm(x)``: log(x), for compiled code."""

exponential: Any = intrinsic(_exponential_code)
"""``exponential(u)``: -log(1 - u), for compiled code."""
