"""Taking elements of a pool and giving them back.

What is given back may still stand on the agenda, so it lies in limbo until that is empty.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import LOOPS, NOBODY, pool_at, word

MARGIN = 4
"""More elements of one pool than a single step takes."""


@small
def take(w: Any, pool: int) -> int:
    """Take a free element; there is one, or the kernel had asked for room."""
    p = pool_at(w, pool)
    element = p.free
    if element != NOBODY:
        p.free = word(p.next, element).value
    else:
        element = p.top
        p.top += 1
    p.room -= 1
    if p.room < MARGIN:
        w.short = 1
    return element


@small
def give_back(w: Any, pool: int, element: int) -> None:
    """Put an element into limbo."""
    p = pool_at(w, pool)
    word(p.next, element).value = p.limbo
    if p.limbo == NOBODY:
        p.limbo_last = element
    p.limbo = element
    p.limbo_count += 1


@part
def recycle(w: Any) -> None:
    """Make what lies in limbo free."""
    for pool in range(LOOPS + 1):
        p = pool_at(w, pool)
        if p.limbo != NOBODY:
            word(p.next, p.limbo_last).value = p.free
            p.free = p.limbo
            p.room += p.limbo_count
            p.limbo = NOBODY
            p.limbo_count = 0


@rare
def any_short(w: Any) -> bool:
    """Tell whether a pool has to grow."""
    short = False
    for pool in range(LOOPS + 1):
        short |= pool_at(w, pool).room < MARGIN
    return short
