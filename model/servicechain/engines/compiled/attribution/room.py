"""Room in the stores: elements one after the other, lists that double, marks of handy sizes.

What is taken is never given back but for marks, which come and go with those who wait.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.layout import (
    ENTRIES,
    ENTRIES_OF_FOUR,
    FOUR,
    MARKS,
    MARKS_OF_FOUR,
    SHARES,
    SMALLEST,
    WORDS,
    entry_word_at,
    free_marks_at,
    share_at,
    store_at,
    word_at,
)
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY, WORD, word

LEAST = FOUR
"""Elements a list begins with; it doubles, so that entries fill their fours."""

_ENTRY_WIDTH = ENTRIES_OF_FOUR.itemsize // WORD.itemsize
_MARK_WIDTH = MARKS_OF_FOUR.itemsize // WORD.itemsize


@part
def has_room(a: Any, store: Any, count: int) -> bool:
    """Tell whether a store has room for so many more elements; if not, say so."""
    if store.top + count <= store.room:
        return True
    store.wanted = max(store.wanted, store.top + count)
    a.short = 1
    return False


@part
def take(a: Any, store: Any, count: int) -> int:
    """Take elements of a store, one after the other; give the first, NOBODY if there is no room."""
    if not has_room(a, store, count):
        return NOBODY
    first = store.top
    store.top = first + count
    return first


# -- lists that double -------------------------------------------------------------------------------------------------


@rare
def longer_words(a: Any, first: int, count: int, room: int) -> int:
    """Move a list of words to where it has this room; give its first, NOBODY if there is none."""
    moved = take(a, store_at(a, WORDS), room)
    if moved != NOBODY:
        for k in range(count):
            word_at(a, moved + k).value = word_at(a, first + k).value
    return moved


@rare
def longer_entries(a: Any, first: int, count: int, room: int) -> int:
    """Move the entries of a clock, who are as many as there was room for; the others are 0."""
    moved = take(a, store_at(a, ENTRIES), room // FOUR)
    if moved != NOBODY:
        held = count // FOUR * _ENTRY_WIDTH
        for k in range(room // FOUR * _ENTRY_WIDTH):
            old = entry_word_at(a, first * _ENTRY_WIDTH + k).value if k < held else 0
            entry_word_at(a, moved * _ENTRY_WIDTH + k).value = old
    return moved


@rare
def longer_shares(a: Any, first: int, count: int, room: int) -> int:
    """Move the shares of a view."""
    moved = take(a, store_at(a, SHARES), room)
    if moved != NOBODY:
        for k in range(count):
            old, new = share_at(a, first + k), share_at(a, moved + k)
            new.target = old.target
            new.count = old.count
            new.slot = old.slot
    return moved


@small
def doubled(room: int) -> int:
    """Give the next larger room of a list."""
    return max(LEAST, 2 * room)


# -- marks -------------------------------------------------------------------------------------------------------------


@small
def size_of(count: int) -> int:
    """Give the size (0, 1, …) of marks that hold so many."""
    size = 0
    while SMALLEST << size < count:
        size += 1
    return size


@small
def take_marks(a: Any, count: int) -> int:
    """Take marks for so many entries; give the first, NOBODY if there is no room."""
    size = size_of(count)
    first = free_marks_at(a, size).value
    if first == NOBODY:
        return take(a, store_at(a, MARKS), (SMALLEST << size) // FOUR)
    # marks that are free hold the position of the next of their size
    free_marks_at(a, size).value = word(a.marks, first * _MARK_WIDTH).value
    return first


@small
def give_marks(a: Any, first: int, count: int) -> None:
    """Give back marks that were taken for so many entries."""
    size = size_of(count)
    word(a.marks, first * _MARK_WIDTH).value = free_marks_at(a, size).value
    free_marks_at(a, size).value = first
