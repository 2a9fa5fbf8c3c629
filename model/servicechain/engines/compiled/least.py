"""The least of a group of floats, and where it stands: found in all of them at once, without a branch.

A processor cannot foretell which of some times comes first, and what it foretells wrongly costs it as much as looking
at all of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

GROUP = 32
"""Floats that lie side by side and are looked at together."""

_REGISTER = 8
"""Floats that a wide register holds."""

_WORD = ir.IntType(64)
_FLOAT = ir.DoubleType()
_GROUP = ir.VectorType(_FLOAT, GROUP)
_WORDS = ir.VectorType(_WORD, GROUP)
_BITS = ir.IntType(GROUP)
_BYTES = 8


def _group_at(builder: Any, address: Any) -> Any:
    return builder.load(builder.inttoptr(address, _GROUP.as_pointer()), align=_BYTES)


def _lowest(builder: Any, group: Any) -> Any:
    """Give the least of a group, in all places of a register."""
    found, width = group, GROUP
    while width > _REGISTER:
        width //= 2
        found = _lower(builder, *(_places(builder, found, range(first, first + width)) for first in (0, width)))
    while width > 1:
        width //= 2
        found = _lower(builder, found, _places(builder, found, (place ^ width for place in range(_REGISTER))))
    return found


def _lower(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", one, other), one, other)


def _places(builder: Any, whole: Any, places: Iterable[int]) -> Any:
    chosen = list(places)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(chosen)), chosen)
    return builder.shuffle_vector(whole, ir.Constant(whole.type, ir.Undefined), mask)


def _same(builder: Any, value: Any, kind: Any) -> Any:
    """Make a group of one value."""
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_WORD, 0))
    return _places(builder, one, [0] * GROUP)


def _where(builder: Any, group: Any, values: Any) -> Any:
    """Give the places of a group where the same stands as in another, as bits."""
    return builder.zext(builder.bitcast(builder.fcmp_ordered("==", group, values), _BITS), _WORD)


def _one_of(builder: Any, values: Any) -> Any:
    return builder.extract_element(values, ir.Constant(_WORD, 0))


def _least_code(typing: Any, address: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _one_of(builder, _lowest(builder, _group_at(builder, arguments[0])))

    return types.float64(types.int64), code


least: Any = intrinsic(_least_code)
"""``least(address)``: the least of the floats of a group."""


def _least_with_code(typing: Any, address: Any, place: Any, value: Any) -> Any:
    pair: Any = types.Tuple  # it has no type of its own
    result = pair([types.float64, types.int64])

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, place, value = arguments
        group, places = _group_at(builder, address), ir.Constant(_WORDS, list(range(GROUP)))
        is_there = builder.icmp_signed("==", places, _same(builder, place, _WORDS))
        group = builder.select(is_there, _same(builder, value, _GROUP), group)
        found = _lowest(builder, group)
        everywhere = _places(builder, found, [place % _REGISTER for place in range(GROUP)])
        return context.make_tuple(builder, result, [_one_of(builder, found), _where(builder, group, everywhere)])

    return result(types.int64, types.int64, types.float64), code


least_with: Any = intrinsic(_least_with_code)
"""``least_with(address, place, value)``: the least of a group if a value stood at a place, and where, as bits.

The value can be written there afterwards: a processor that has just written one number of a group must wait before it
can read them all.
"""


def _places_code(typing: Any, address: Any, value: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sought = _same(builder, arguments[1], _GROUP)
        return _where(builder, _group_at(builder, arguments[0]), sought)

    return types.int64(types.int64, types.float64), code


places_of: Any = intrinsic(_places_code)
"""``places_of(address, value)``: the places of a group where a value stands, as bits."""


def _first_code(typing: Any, places: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), code


first_place: Any = intrinsic(_first_code)
"""``first_place(places)``: the lowest of some places; there is one."""
