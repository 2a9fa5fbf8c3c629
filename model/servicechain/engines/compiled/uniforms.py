"""Eight uniform numbers at once: the same bits as one by one, in little more time than one takes.

Philox is ten rounds of which each needs the one before, so a single draw leaves most of a processor idle. The draws of
eight who follow each other go through the rounds side by side. What a round adds to the key does not depend on who
draws, so it is written down when a replication begins.

The trap is the number of whoever draws: above 32 bits its upper half is mixed into `who`, so all eight must share it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from servicechain.engines.compiled.compiling import part, rare
from servicechain.engines.compiled.layout import word
from servicechain.engines.draws import mix

LANES = 8

ROUNDS = 10
ROUND_KEYS = ROUNDS * 2 * LANES
"""Words that hold the keys of all rounds, each once for each lane."""

_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL_0, _WEYL_1 = 0x9E3779B9, 0xBB67AE85
_LOW, _HALF, _UNUSED = 0xFFFFFFFF, 32, 11
_ALL, _STEP, _BELOW_ONE = (1 << 53) - 1, 2.0**-53, 1.0 - 2.0**-53
_BYTES = 8

_WORD = ir.IntType(64)
_WORDS = ir.VectorType(_WORD, LANES)
_FLOATS = ir.VectorType(ir.DoubleType(), LANES)


@rare
def write_round_keys(w: Any) -> None:
    """Write down the keys of the rounds, for this seed and replication."""
    for place in range(ROUND_KEYS):
        round_ = place // (2 * LANES)
        first = place // LANES == 2 * round_
        key = w.seed + round_ * _WEYL_0 if first else w.replication + round_ * _WEYL_1
        word(w.round_keys, place).value = key & _LOW


def _all(value: float, kind: Any = _WORDS) -> Any:
    return ir.Constant(kind, [value] * LANES)


def _same(builder: Any, value: Any) -> Any:
    made = ir.Constant(_WORDS, ir.Undefined)
    for lane in range(LANES):
        made = builder.insert_element(made, value, ir.Constant(ir.IntType(32), lane))
    return made


def _key(builder: Any, keys: Any, number: int) -> Any:
    place = builder.add(keys, ir.Constant(_WORD, number * LANES * _BYTES))
    return builder.load(builder.inttoptr(place, _WORDS.as_pointer()), align=_BYTES)


def _philox(builder: Any, counters: Any, keys: Any) -> tuple[Any, Any]:
    """Give the first two random words of each lane.

    Only a multiplication looks at the lower halves alone, so what gathers in the upper ones is cut off there, which
    a processor does as it multiplies.
    """
    low, half = _all(_LOW), _all(_HALF)
    x0, x1, x2, x3 = counters
    for number in range(ROUNDS):
        product0 = builder.mul(builder.and_(x0, low), _all(_MULTIPLIERS[0]))
        product1 = builder.mul(builder.and_(x2, low), _all(_MULTIPLIERS[1]))
        x0 = builder.xor(builder.xor(builder.lshr(product1, half), x1), _key(builder, keys, 2 * number))
        x2 = builder.xor(builder.xor(builder.lshr(product0, half), x3), _key(builder, keys, 2 * number + 1))
        x1, x3 = product1, product0
    return builder.and_(x0, low), builder.and_(x1, low)


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
    typing: Any, place: Any, who: Any, first: Any, lineage: Any, path: Any, keys: Any, antithetic: Any
) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place, who, first, lineage, path, keys, antithetic = arguments
        numbers = builder.add(_same(builder, first), ir.Constant(_WORDS, list(range(LANES))))
        counters = _same(builder, who), numbers, _same(builder, lineage), _same(builder, path)
        complement = builder.icmp_signed("!=", antithetic, ir.Constant(_WORD, 0))
        units = _units(builder, _philox(builder, counters, keys), complement)
        builder.store(units, builder.inttoptr(place, _FLOATS.as_pointer()), align=_BYTES)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 7), code


_write: Any = intrinsic(_write_code)


@part
def eight_uniforms(w: Any, place: int, who: int, first: int, lineage: int, path: int) -> None:
    """Draw eight numbers between 0 and 1, and write them to an address.

    Parameters
    ----------
    w : WORLD
    place : int
        The address.
    who, lineage, path : int
        As `servicechain.engines.draws.uniform` takes them.
    first : int
        The first of eight numbers that follow each other, a multiple of eight from 0 to 2**63 - 8.
    """
    actor = who & _LOW
    high = first >> _HALF
    if high != 0:
        actor ^= mix(high, actor)
    _write(place, actor, first, lineage, path, w.round_keys, w.antithetic)
