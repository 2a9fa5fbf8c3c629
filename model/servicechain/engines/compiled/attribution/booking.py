"""Booking time on a customer's account: under its path, in the course of the run, in the story of who is watched."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.fours import fours, gain_four, path_in
from servicechain.engines.compiled.attribution.layout import (
    FOUR,
    GAINS,
    MOMENTS,
    PARTIALS,
    TALLIES,
    gain_at,
    gained_at,
    moment_at,
    partial_at,
    path_at,
    store_at,
    tally_at,
)
from servicechain.engines.compiled.attribution.room import has_room, take
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY, QUEUEING


@small
def can_book_at_once(a: Any, c: Any) -> bool:
    """Tell whether there is room to book time under a path, and nobody else wants to know."""
    return a.partials_left > 0 and (a.has_edges | c.watched) == 0


@part
def can_book(a: Any, c: Any, paths: int) -> bool:
    """Tell whether there is room to book time under so many paths."""
    if a.partials_left < paths and not has_room(a, store_at(a, PARTIALS), paths - a.partials_left):
        return False
    if a.has_edges and not has_room(a, store_at(a, TALLIES), paths):
        return False
    return not c.watched or (has_room(a, store_at(a, GAINS), paths) and has_room(a, store_at(a, MOMENTS), 1))


@small
def book(a: Any, c: Any, path: int, time: float, row: int) -> int:
    """Book time under a path, which is looked for from a row of the account on; give its row.

    Where the row is NOBODY it is known to be new.
    """
    return _book(a, c, path, time, _find(a, c, path, row) if row != NOBODY else NOBODY)


@small
def book_path(a: Any, c: Any, path: int, time: float) -> None:
    """Book time under a path."""
    _book(a, c, path, time, _row_of(a, c, path))


@small
def book_at_once(a: Any, c: Any, path: int, time: float) -> None:
    """Book time under a path where there is room, and nobody else wants to know."""
    _book_row(a, c, path, time, _row_of(a, c, path))


@small
def _row_of(a: Any, c: Any, path: int) -> int:
    row = c.parts
    while row != NOBODY and partial_at(a, row).path != path:
        row = partial_at(a, row).next
    return row


@small
def _book_row(a: Any, c: Any, path: int, time: float, row: int) -> int:
    if row == NOBODY:
        return _new_row(a, c, path, time)
    partial = partial_at(a, row)
    if c.account_state == QUEUEING:
        partial.queueing += time
    else:
        partial.held += time
    return row


@small
def _book(a: Any, c: Any, path: int, time: float, row: int) -> int:
    row = _book_row(a, c, path, time, row)
    if a.has_edges or c.watched:
        a.booked = time
        book_more(a, path, -1 - c.customer_class if c.watched else c.customer_class)
    return row


@small
def may_book_first(a: Any, c: Any, paths: int) -> bool:
    """Tell whether an account has no rows, there are some free for so many, and nobody else wants to know."""
    return c.parts == NOBODY and a.partials_left >= paths and not a.has_edges and not c.watched


@small
def book_first(a: Any, c: Any, node: Any) -> None:
    """Book what the entries of a clock have gained since an account marked them, as its first rows."""
    entries = node.entries
    queues = c.account_state == QUEUEING
    free = a.partials_free
    after = NOBODY
    number = fours(node.count)
    taken = 0
    # each is put before the others: so they come to stand in the order of the entries
    while number > 0:
        number -= 1
        gain_four(a, entries, number, c.mark, c.marked)
        for k in range(FOUR - 1, -1, -1):
            time = gained_at(a, k).value
            if time != 0.0:
                partial = partial_at(a, free)
                following = partial.next
                partial.path = path_in(a, entries + number, k).value
                partial.next = after
                partial.queueing = time if queues else 0.0
                partial.held = 0.0 if queues else time
                after = free
                free = following
                taken += 1
    a.partials_free = free
    a.partials_left -= taken
    c.parts = after


@rare
def book_more(a: Any, path: int, code: int) -> int:
    """Book time in the course of the run and, if the code says so, in the story of who is watched."""
    if a.has_edges:
        _book_course(a, -1 - code if code < 0 else code, path, a.booked)
    if code < 0:
        _tell(a, path, a.booked)
    return 1


@rare
def _find(a: Any, c: Any, path: int, first: int) -> int:
    row = first
    while row != NOBODY:
        partial = partial_at(a, row)
        if partial.path == path:
            return row
        row = partial.next
    row = c.parts
    while row != first:
        partial = partial_at(a, row)
        if partial.path == path:
            return row
        row = partial.next
    return NOBODY


@small
def _new_row(a: Any, c: Any, path: int, time: float) -> int:
    row = a.partials_free
    if row == NOBODY:
        row = take(a, store_at(a, PARTIALS), 1)
    else:
        a.partials_free = partial_at(a, row).next
        a.partials_left -= 1
    partial = partial_at(a, row)
    partial.path = path
    partial.next = c.parts
    queues = c.account_state == QUEUEING
    partial.queueing = time if queues else 0.0
    partial.held = 0.0 if queues else time
    c.parts = row
    return row


@part
def _book_course(a: Any, customer_class: int, path: int, time: float) -> None:
    p = path_at(a, path)
    first = p.tally
    if first != NOBODY and tally_at(a, first).bucket != a.bucket:
        first = NOBODY
    number = first
    while number != NOBODY:
        tally = tally_at(a, number)
        if tally.customer_class == customer_class:
            tally.time += time
            return
        number = tally.next
    number = take(a, store_at(a, TALLIES), 1)
    tally = tally_at(a, number)
    tally.bucket = a.bucket
    tally.customer_class = customer_class
    tally.path = path
    tally.next = first
    tally.time = time
    p.tally = number


@rare
def begin_moment(a: Any, c: Any, now: float) -> None:
    """Begin to tell a moment that is over now, of who is watched."""
    moment = moment_at(a, take(a, store_at(a, MOMENTS), 1))
    moment.state = c.account_state
    moment.start = c.account_since
    moment.end = now
    moment.gains = store_at(a, GAINS).top
    moment.count = 0


@rare
def _tell(a: Any, path: int, time: float) -> None:
    moment = moment_at(a, store_at(a, MOMENTS).top - 1)
    gain = gain_at(a, take(a, store_at(a, GAINS), 1))
    gain.path = path
    gain.time = time
    moment.count += 1
