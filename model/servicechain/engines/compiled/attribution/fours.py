"""Entries and marks, four at once.

Most clocks have a handful of entries, so that whatever is done with one of them is done with all in a few instructions
of the processor. The addresses are those of fours; the offsets are in bytes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from servicechain.engines.compiled.attribution.layout import (
    ENTRIES_OF_FOUR,
    FOUR,
    MARKS_OF_FOUR,
    entry_number_at,
    entry_word_at,
    mark_number_at,
)
from servicechain.engines.compiled.compiling import small

_WORD = 8
_ENTRY_FIELDS: Any = ENTRIES_OF_FOUR.fields
_MARK_FIELDS: Any = MARKS_OF_FOUR.fields
_HIGH, _LOW, _RATE = (_ENTRY_FIELDS[name][1] for name in ("high_0", "low_0", "rate_0"))
_MARKED_HIGH, _MARKED_LOW = (_MARK_FIELDS[name][1] for name in ("high_0", "low_0"))
_ENTRY_WIDTH, _MARK_WIDTH = ENTRIES_OF_FOUR.itemsize // _WORD, MARKS_OF_FOUR.itemsize // _WORD
_SHIFT = FOUR.bit_length() - 1
_FLOATS = ir.VectorType(ir.DoubleType(), FOUR)


@small
def fours(count: int) -> int:
    """Tell in how many fours so many lie."""
    return (count + FOUR - 1) >> _SHIFT


# -- one ---------------------------------------------------------------------------------------------------------------


@small
def _entry(first: int, k: int) -> int:
    return (first + (k >> _SHIFT)) * _ENTRY_WIDTH + (k & (FOUR - 1))


@small
def path_in(a: Any, first: int, k: int) -> Any:
    """Give where the path of entry `k` stands of those from a four on."""
    return entry_word_at(a, _entry(first, k))


@small
def rate_in(a: Any, first: int, k: int) -> Any:
    """Give where the rate of entry `k` stands of those from a four on."""
    return entry_number_at(a, _entry(first, k) + _RATE // _WORD)


@small
def add_time(a: Any, first: int, k: int, time: float) -> None:
    """Add time to entry `k` of those from a four on, and keep what rounding takes away."""
    entry = _entry(first, k)
    high, low = entry_number_at(a, entry + _HIGH // _WORD), entry_number_at(a, entry + _LOW // _WORD)
    before = high.value
    after = before + time
    low.value += time - (after - before)
    high.value = after


@small
def gained_since(a: Any, first: int, k: int, marks: int, marked: int) -> float:
    """Give what an entry has gained since so many of the clock were marked."""
    entry = _entry(first, k)
    high, low = entry_number_at(a, entry + _HIGH // _WORD).value, entry_number_at(a, entry + _LOW // _WORD).value
    if k >> _SHIFT >= fours(marked):
        return high + low
    mark = (marks + (k >> _SHIFT)) * _MARK_WIDTH + (k & (FOUR - 1))
    return (high - mark_number_at(a, mark).value) + (low - mark_number_at(a, mark + FOUR).value)


# -- four --------------------------------------------------------------------------------------------------------------


def _place(builder: Any, address: Any, offset: int) -> Any:
    return builder.inttoptr(builder.add(address, ir.Constant(address.type, offset)), _FLOATS.as_pointer())


def _load(builder: Any, address: Any, offset: int) -> Any:
    return builder.load(_place(builder, address, offset), align=_WORD)


def _store(builder: Any, value: Any, address: Any, offset: int) -> None:
    builder.store(value, _place(builder, address, offset), align=_WORD)


def _advance_code(typing: Any, entries: Any, unit: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entries, unit = arguments
        units = ir.Constant(_FLOATS, ir.Undefined)
        for lane in range(FOUR):
            units = builder.insert_element(units, unit, ir.Constant(ir.IntType(32), lane))
        high, low = _load(builder, entries, _HIGH), _load(builder, entries, _LOW)
        time = builder.fmul(_load(builder, entries, _RATE), units)
        after = builder.fadd(high, time)
        lost = builder.fsub(time, builder.fsub(after, high))
        _store(builder, after, entries, _HIGH)
        _store(builder, builder.fadd(low, lost), entries, _LOW)
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), code


def _since_code(typing: Any, entries: Any, marks: Any, gained: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entries, marks, gained = arguments
        high = builder.fsub(_load(builder, entries, _HIGH), _load(builder, marks, _MARKED_HIGH))
        low = builder.fsub(_load(builder, entries, _LOW), _load(builder, marks, _MARKED_LOW))
        _store(builder, builder.fadd(high, low), gained, 0)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), code


def _whole_code(typing: Any, entries: Any, gained: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entries, gained = arguments
        _store(builder, builder.fadd(_load(builder, entries, _HIGH), _load(builder, entries, _LOW)), gained, 0)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code


def _copy_code(typing: Any, source: Any, target: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = arguments
        high, low = _load(builder, source, 0), _load(builder, source, _LOW - _HIGH)
        _store(builder, high, target, _MARKED_HIGH)
        _store(builder, low, target, _MARKED_LOW)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code


_advance: Any = intrinsic(_advance_code)
_since: Any = intrinsic(_since_code)
_whole: Any = intrinsic(_whole_code)
_copy: Any = intrinsic(_copy_code)


@small
def advance_all(a: Any, first: int, count: int, unit: float) -> None:
    """Let so many entries from a four on gain a unit of time for each who has their path."""
    entries = a.entries + first * _ENTRY_WIDTH * _WORD
    for _ in range(fours(count)):
        _advance(entries, unit)
        entries += _ENTRY_WIDTH * _WORD


@small
def gain_four(a: Any, first: int, number: int, marks: int, marked: int) -> None:
    """Have ready what each entry of a four has gained since so many of the clock were marked."""
    entries = a.entries + (first + number) * _ENTRY_WIDTH * _WORD
    if number < fours(marked):
        _since(entries, a.marks + (marks + number) * _MARK_WIDTH * _WORD, a.gained)
    else:
        _whole(entries, a.gained)


@small
def mark_four(a: Any, entries: int, marks: int) -> None:
    """Note what a four shows."""
    _copy(a.entries + entries * _ENTRY_WIDTH * _WORD + _HIGH, a.marks + marks * _MARK_WIDTH * _WORD)


@small
def mark_all(a: Any, entries: int, count: int, marks: int) -> None:
    """Note what so many entries from a four on show."""
    for number in range(fours(count)):
        mark_four(a, entries + number, marks + number)


@small
def move_marks(a: Any, source: int, count: int, target: int) -> None:
    """Copy so many marks from a four on."""
    for number in range(fours(count)):
        width = _MARK_WIDTH * _WORD
        _copy(a.marks + (source + number) * width, a.marks + (target + number) * width)
