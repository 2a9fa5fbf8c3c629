"""Accounts: where each customer's waiting has gone, and where it goes now.

An account is settled only when its target or its state changes, when the customer leaves, and where a bucket of time
ends. The trap is who leaves while room is short: their account is closed a little later, before anything else
happens, and the kernel hands on no block until then.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.booking import (
    begin_moment,
    book,
    book_at_once,
    book_first,
    book_path,
    can_book,
    can_book_at_once,
    may_book_first,
)
from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import is_link
from servicechain.engines.compiled.attribution.fours import gained_since, mark_all, path_in
from servicechain.engines.compiled.attribution.layout import (
    DONE,
    NOTHING,
    ROWS,
    SHORT,
    attribution_at,
    node_at,
    onward_at,
    partial_at,
    row_at,
    store_at,
    word_at,
)
from servicechain.engines.compiled.attribution.paths import path_over
from servicechain.engines.compiled.attribution.room import give_marks, has_room, take_marks
from servicechain.engines.compiled.attribution.targets import rest, waits
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import CUSTOMERS, HELD, NOBODY, OWN, customer_at, pool_at

_OPEN, _CLOSING = 1, 2
"""Of an account: open, or to be closed (2 + the position of the customer's record)."""


@part
def open_account(w: Any, customer: int) -> None:
    """Open the account of a customer who comes."""
    if not w.attribution:
        return
    a = attribution_at(w.attribution, 0)
    c = customer_at(w, customer)
    c.open = _OPEN
    c.target = NOTHING
    c.account_state = OWN
    c.account_since = w.now
    c.mark = NOBODY
    c.parts = NOBODY
    c.watched = 0
    if c.number == a.watched_number and c.customer_class == a.watched_class:
        c.watched = 1
        a.watching = customer


@small
def is_open(c: Any) -> bool:
    """Tell whether a customer has an account."""
    return c.open == _OPEN


# -- settling ----------------------------------------------------------------------------------------------------------


@part
def settle(w: Any, a: Any, customer: int, stays: int) -> int:
    """Book the time that has passed, and begin anew: DONE or, with nothing done, SHORT.

    Unless the target stays (1), what its clock shows now is not marked.
    """
    c = customer_at(w, customer)
    if is_link(c.target):
        return _settle_behind(w, a, c, stays)
    return _settle_path(w, a, c)


@small
def _settle_path(w: Any, a: Any, c: Any) -> int:
    passed = w.now - c.account_since
    if passed == 0.0:
        return DONE
    if not can_book_at_once(a, c):
        return _settle_path_slowly(w, a, c, passed)
    if c.target != NOTHING:
        book_at_once(a, c, c.target, passed)
    c.account_since = w.now
    return DONE


@rare
def _settle_path_slowly(w: Any, a: Any, c: Any, passed: float) -> int:
    """Book time under a path, also in the course of the run and in a story."""
    if not can_book(a, c, 1):
        return SHORT
    if c.watched:
        begin_moment(a, c, w.now)
    if c.target != NOTHING:
        book_path(a, c, c.target, passed)
    c.account_since = w.now
    return DONE


@part
def _settle_behind(w: Any, a: Any, c: Any, stays: int) -> int:
    """Book what the clock has gained in which the target goes on."""
    if c.account_since == w.now:
        return DONE
    onward = onward_at(a, -2 - c.target)
    if bring(w, a, onward.node) != DONE:
        return SHORT
    node = node_at(a, onward.node)
    if not stays and may_book_first(a, c, node.count) and onward.rest == NOBODY and not onward.failed:
        book_first(a, c, node)
    elif not _settle_slowly(a, c, onward, node, stays, w.now):
        return SHORT
    c.account_since = w.now
    return DONE


@rare
def _settle_slowly(a: Any, c: Any, onward: Any, node: Any, stays: int, now: float) -> bool:
    leads_just_there = onward.rest == NOBODY and not onward.failed
    if not leads_just_there and not _number_paths(a, c, node):
        return False
    if not can_book(a, c, node.count):
        return False
    marks = NOBODY
    if stays:
        marks = take_marks(a, node.count)
        if marks == NOBODY:
            return False
    if c.watched:
        begin_moment(a, c, now)
    row = c.parts
    # a new row is put before the others: so they come to stand in the order of the entries
    is_new = row == NOBODY and not onward.failed
    for number in range(node.count):
        k = node.count - 1 - number if is_new else number
        time = gained_since(a, node.entries, k, c.mark, c.marked)
        if time != 0.0:
            seen = path_in(a, node.entries, k) if leads_just_there else word_at(a, onward.numbers + k)
            path = seen.value
            row = book(a, c, path, time, NOBODY if is_new else row)
    if stays:
        _drop_marks(a, c)
        _mark(a, c, node, marks)
    return True


@rare
def _number_paths(a: Any, c: Any, node: Any) -> bool:
    """Give a number to every path that has gained time, as the account sees it; tell whether there was room."""
    for k in range(node.count):
        if gained_since(a, node.entries, k, c.mark, c.marked) != 0.0 and path_over(a, -2 - c.target, k) == NOTHING:
            return False
    return True


@small
def _mark(a: Any, c: Any, node: Any, marks: int) -> None:
    c.mark = marks
    c.marked = node.count
    mark_all(a, node.entries, node.count, marks)


@small
def _drop_marks(a: Any, c: Any) -> None:
    if c.mark != NOBODY:
        give_marks(a, c.mark, c.marked)
        c.mark = NOBODY


@part
def look_at_customer(w: Any, a: Any, customer: int) -> int:
    """See where a customer's time goes from now on: DONE or, for want of room, SHORT."""
    c = customer_at(w, customer)
    if c.open != _OPEN:
        return DONE
    target = NOTHING
    if c.state <= HELD:
        target = waits(w, a, c.main, NOBODY)
        if a.short:
            return SHORT
    else:
        rest(w, a, c.main)
    return go_on_with(w, a, c, target)


@small
def go_on_with(w: Any, a: Any, c: Any, target: int) -> int:
    """Let a customer's time go to a target from now on: DONE or, for want of room, SHORT."""
    before = c.target
    if target == before and c.state == c.account_state:
        return DONE
    if is_link(before):
        if _settle_behind(w, a, c, 0) == SHORT:
            return SHORT
        _drop_marks(a, c)
    elif (before != NOTHING or c.watched) and _settle_path(w, a, c) == SHORT:
        return SHORT
    if is_link(target) and not _follow_clock(w, a, c, onward_at(a, -2 - target).node):
        return SHORT
    c.target = target
    c.account_state = c.state
    c.account_since = w.now
    return DONE


@small
def _follow_clock(w: Any, a: Any, c: Any, n: int) -> bool:
    """Mark what the clock of a node shows; tell whether there was room."""
    if bring(w, a, n) != DONE:
        return False
    marks = take_marks(a, node_at(a, n).count)
    if marks == NOBODY:
        return False
    _mark(a, c, node_at(a, n), marks)
    return True


# -- closing -----------------------------------------------------------------------------------------------------------


@small
def close_account(w: Any, customer: int, position: int) -> None:
    """Close the account of a customer who leaves, whose record has a position in the block."""
    if w.attribution:
        close(w, attribution_at(w.attribution, 0), customer, position)


@part
def close(w: Any, a: Any, customer: int, position: int) -> None:
    """Close an account at once or, for want of room, let the kernel return and close it then."""
    c = customer_at(w, customer)
    c.open = _CLOSING + position
    if a.closing == NOBODY and _finish(w, a, c) == DONE:
        return
    c.closing = NOBODY
    if a.closing == NOBODY:
        a.closing = customer
    else:
        customer_at(w, a.closing_last).closing = customer
    a.closing_last = customer
    w.short = 1


@part
def _finish(w: Any, a: Any, c: Any) -> int:
    """Settle an account and write down its parts: DONE or, for want of room, SHORT."""
    if is_link(c.target):
        if _settle_behind(w, a, c, 0) == SHORT:
            return SHORT
        _drop_marks(a, c)
    elif (c.target != NOTHING or c.watched) and _settle_path(w, a, c) == SHORT:
        return SHORT
    if c.parts != NOBODY and not _write_down(a, c):
        return SHORT
    c.target = NOTHING
    c.open = 0
    if c.watched:
        a.watching = NOBODY
        a.told = 1
    return DONE


@small
def _write_down(a: Any, c: Any) -> bool:
    """Write down the parts of an account, as many as there is room for; tell whether that was all."""
    rows = store_at(a, ROWS)
    first = last = c.parts
    customer = c.open - _CLOSING
    number, end = rows.top, rows.room
    left = first
    while left != NOBODY and number < end:
        partial = partial_at(a, left)
        row = row_at(a, number)
        row.customer = customer
        row.path = partial.path
        row.queueing = partial.queueing
        row.held = partial.held
        last = left
        left = partial.next
        number += 1
    if left != first:
        partial_at(a, last).next = a.partials_free
        a.partials_free = first
        a.partials_left += number - rows.top
        rows.top = number
        c.parts = left
    return left == NOBODY or has_room(a, rows, 1)


# -- what was not done for want of room --------------------------------------------------------------------------------


@rare
def turn_bucket(w: Any) -> None:
    """Let the waiting from now on count in the next bucket of time."""
    if w.attribution:
        a = attribution_at(w.attribution, 0)
        a.turning = 1
        if not catch_up(w, a):
            w.short = 1


@small
def is_behind(a: Any) -> bool:
    """Tell whether there are accounts to be closed, or a bucket to be turned."""
    return a.closing != NOBODY or a.turning != 0


@rare
def catch_up(w: Any, a: Any) -> bool:
    """Close the accounts that are to be closed, and turn the bucket that is to be; tell whether there was room."""
    while a.closing != NOBODY:
        c = customer_at(w, a.closing)
        after = c.closing
        if _finish(w, a, c) == SHORT:
            return False
        a.closing = after
    if a.turning:
        for customer in range(pool_at(w, CUSTOMERS).top):
            if customer_at(w, customer).open == _OPEN and settle(w, a, customer, 1) == SHORT:
                return False
        a.bucket += 1
        a.turning = 0
    return True


@small
def attribution_is_short(w: Any) -> bool:
    """Tell whether room is short; what was not done because it was is done before."""
    if not w.attribution:
        return False
    a = attribution_at(w.attribution, 0)
    if a.short:
        return True
    return is_behind(a) and not catch_up(w, a)
