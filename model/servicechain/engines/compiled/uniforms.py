"""Four uniform numbers at once: the same bits as one by one, in little more time than one takes.

Philox is ten rounds of which each needs the one before, so a single draw leaves most of a processor idle. The draws of
four steps of a service, or of four arrivals, go through the rounds side by side. The trap is the number of whoever
draws: above 32 bits its upper half is mixed into `who`, so those of four arrivals must share it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from servicechain.engines.compiled.compiling import part
from servicechain.engines.draws import mix

LANES = 4

_ROUNDS = 10
_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL = 0x9E3779B9, 0xBB67AE85
_LOW, _HALF, _UNUSED = 0xFFFFFFFF, 32, 11
_ALL, _STEP, _BELOW_ONE = (1 << 53) - 1, 2.0**-53, 1.0 - 2.0**-53

_WORD = ir.IntType(64)
_WORDS = ir.VectorType(_WORD, LANES)
_FLOATS = ir.VectorType(ir.DoubleType(), LANES)


def _all(value: float, kind: Any = _WORDS) -> Any:
    return ir.Constant(kind, [value] * LANES)


def _lanes(builder: Any, values: Any) -> Any:
    made = ir.Constant(_WORDS, ir.Undefined)
    for lane, value in enumerate(values):
        made = builder.insert_element(made, value, ir.Constant(ir.IntType(32), lane))
    return builder.and_(made, _all(_LOW))


def _philox(builder: Any, counters: Any, keys: Any) -> tuple[Any, Any]:
    """Give the first two random words of each lane."""
    low, half = _all(_LOW), _all(_HALF)
    x0, x1, x2, x3 = counters
    k0, k1 = keys
    for _ in range(_ROUNDS):
        product0, product1 = builder.mul(x0, _all(_MULTIPLIERS[0])), builder.mul(x2, _all(_MULTIPLIERS[1]))
        x0 = builder.xor(builder.xor(builder.lshr(product1, half), x1), k0)
        x1 = builder.and_(product1, low)
        x2 = builder.xor(builder.xor(builder.lshr(product0, half), x3), k1)
        x3 = builder.and_(product0, low)
        k0, k1 = (builder.and_(builder.add(key, _all(weyl)), low) for key, weyl in zip((k0, k1), _WEYL, strict=True))
    return x0, x1


def _units(builder: Any, words: tuple[Any, Any], complement: Any) -> Any:
    """Make numbers between 0 and 1, as `servicechain.engines.draws.unit` does."""
    bits = builder.or_(builder.shl(words[0], _all(_HALF)), words[1])
    bits = builder.lshr(bits, _all(_UNUSED))
    bits = builder.select(complement, builder.sub(_all(_ALL), bits), bits)
    units = builder.sitofp(bits, _FLOATS)
    units = builder.fmul(builder.fadd(units, _all(0.5, _FLOATS)), _all(_STEP, _FLOATS))
    over = builder.fcmp_ordered(">", units, _all(_BELOW_ONE, _FLOATS))
    return builder.select(over, _all(_BELOW_ONE, _FLOATS), units)


def _write_code(
    typing: Any,
    place: Any,
    who: Any,
    n0: Any,
    n1: Any,
    n2: Any,
    n3: Any,
    lineage: Any,
    p0: Any,
    p1: Any,
    p2: Any,
    p3: Any,
    seed: Any,
    replication: Any,
    antithetic: Any,
) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place, who, *rest = arguments
        numbers, lineage, paths = rest[:LANES], rest[LANES], rest[LANES + 1 : 2 * LANES + 1]
        seed, replication, antithetic = rest[2 * LANES + 1 :]
        counters = tuple(_lanes(builder, each) for each in ([who] * LANES, numbers, [lineage] * LANES, paths))
        keys = tuple(_lanes(builder, [each] * LANES) for each in (seed, replication))
        complement = builder.icmp_signed("!=", antithetic, ir.Constant(_WORD, 0))
        units = _units(builder, _philox(builder, counters, keys), complement)
        builder.store(units, builder.inttoptr(place, _FLOATS.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 14), code


_write: Any = intrinsic(_write_code)


@part
def four_uniforms(
    w: Any,
    place: int,
    who: int,
    n0: int,
    n1: int,
    n2: int,
    n3: int,
    lineage: int,
    p0: int,
    p1: int,
    p2: int,
    p3: int,
) -> None:
    """Draw four numbers between 0 and 1, and write them to an address.

    Parameters
    ----------
    w : WORLD
    place : int
        The address.
    who, lineage : int
        As `servicechain.engines.draws.uniform` takes them.
    n0, n1, n2, n3 : int
        Whose, from 0 to 2**63 - 1, with the same upper half.
    p0, p1, p2, p3 : int
        Which steps.
    """
    actor = who & _LOW
    high = n0 >> _HALF
    if high != 0:
        actor ^= mix(high, actor)
    _write(place, actor, n0, n1, n2, n3, lineage, p0, p1, p2, p3, w.seed, w.replication, w.antithetic)
