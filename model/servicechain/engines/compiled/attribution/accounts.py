"""Accounts: where each customer's waiting has gone, and where it goes now.

An account is settled only when its target or its state changes, when the customer leaves, and where a bucket of time
ends. The trap is who leaves while room is short: their account is closed a little later, before anything else
happens, and the kernel hands on no block until then.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.booking import begin_moment, book, can_book
from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import copy_marks, is_link, time_since, whole_time
from servicechain.engines.compiled.attribution.layout import (
    DONE,
    NOTHING,
    ROWS,
    SHORT,
    attribution_at,
    entry_at,
    node_at,
    onward_at,
    partial_at,
    row_at,
    store_at,
    word_at,
)
from servicechain.engines.compiled.attribution.paths import path_over
from servicechain.engines.compiled.attribution.room import give_marks, take, take_marks
from servicechain.engines.compiled.attribution.targets import rest, waits
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import HELD, NOBODY, OWN, customer_at

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
    passed = w.now - c.account_since
    if passed == 0.0:
        return DONE
    if is_link(c.target):
        if not _settle_behind(w, a, c, stays):
            return SHORT
    else:
        if not can_book(a, c, 1):
            return SHORT
        if c.watched:
            begin_moment(a, c, w.now)
        if c.target != NOTHING:
            book(w, a, c, c.target, passed, c.parts)
    c.account_since = w.now
    return DONE


@part
def _settle_behind(w: Any, a: Any, c: Any, stays: int) -> bool:
    """Book what the clock has gained in which the target goes on; tell whether there was room."""
    onward = onward_at(a, -2 - c.target)
    if bring(w, a, onward.node) != DONE:
        return False
    node = node_at(a, onward.node)
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
        begin_moment(a, c, w.now)
    row = c.parts
    is_new = row == NOBODY and not onward.failed
    for number in range(node.count):
        # a new row is put before the others: so they come to stand in the order of the entries
        k = node.count - 1 - number if is_new else number
        entry = node.entries + k
        time = _gained(a, c, node, k)
        if time != 0.0:
            path = entry_at(a, entry).path if leads_just_there else word_at(a, onward.numbers + k).value
            row = book(w, a, c, path, time, NOBODY if is_new else row)
    if stays:
        _drop_marks(a, c)
        _mark(a, c, node, marks)
    return True


@part
def _gained(a: Any, c: Any, node: Any, k: int) -> float:
    """Give what an entry has gained since the account marked it."""
    if k < c.marked:
        return time_since(a, node.entries + k, c.mark + k)
    return whole_time(a, node.entries + k)


@part
def _number_paths(a: Any, c: Any, node: Any) -> bool:
    """Give a number to every path that has gained time, as the account sees it; tell whether there was room."""
    for k in range(node.count):
        if _gained(a, c, node, k) != 0.0 and path_over(a, -2 - c.target, k) == NOTHING:
            return False
    return True


@part
def _mark(a: Any, c: Any, node: Any, marks: int) -> None:
    c.mark = marks
    c.marked = node.count
    copy_marks(a, node.entries, node.count, marks)


@part
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
    return go_on_with(w, a, customer, target)


@part
def go_on_with(w: Any, a: Any, customer: int, target: int) -> int:
    """Let a customer's time go to a target from now on: DONE or, for want of room, SHORT."""
    c = customer_at(w, customer)
    if target == c.target and c.state == c.account_state:
        return DONE
    if (c.target != NOTHING or c.watched) and settle(w, a, customer, 0) == SHORT:
        return SHORT
    marks = NOBODY
    if is_link(target):
        n = onward_at(a, -2 - target).node
        if bring(w, a, n) != DONE:
            return SHORT
        marks = take_marks(a, node_at(a, n).count)
        if marks == NOBODY:
            return SHORT
    _drop_marks(a, c)
    if marks != NOBODY:
        _mark(a, c, node_at(a, onward_at(a, -2 - target).node), marks)
    c.target = target
    c.account_state = c.state
    c.account_since = w.now
    return DONE


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
    if a.closing == NOBODY and _finish(w, a, customer) == DONE:
        return
    c.closing = NOBODY
    if a.closing == NOBODY:
        a.closing = customer
    else:
        customer_at(w, a.closing_last).closing = customer
    a.closing_last = customer
    w.short = 1


@part
def _finish(w: Any, a: Any, customer: int) -> int:
    """Settle an account and write down its parts: DONE or, for want of room, SHORT."""
    if settle(w, a, customer, 0) == SHORT:
        return SHORT
    c = customer_at(w, customer)
    while c.parts != NOBODY:
        number = take(a, store_at(a, ROWS), 1)
        if number == NOBODY:
            return SHORT
        partial = partial_at(a, c.parts)
        row = row_at(a, number)
        row.customer = c.open - _CLOSING
        row.path = partial.path
        row.queueing = partial.queueing
        row.held = partial.held
        after = partial.next
        partial.next = a.partials_free
        a.partials_free = c.parts
        a.partials_left += 1
        c.parts = after
    _drop_marks(a, c)
    c.target = NOTHING
    c.open = 0
    if c.watched:
        a.watching = NOBODY
        a.told = 1
    return DONE


# -- what was not done for want of room --------------------------------------------------------------------------------


@part
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


@part
def catch_up(w: Any, a: Any) -> bool:
    """Close the accounts that are to be closed, and turn the bucket that is to be; tell whether there was room."""
    while a.closing != NOBODY:
        customer = a.closing
        after = customer_at(w, customer).closing
        if _finish(w, a, customer) == SHORT:
            return False
        a.closing = after
    if a.turning:
        customer = w.present
        while customer != NOBODY:
            c = customer_at(w, customer)
            if c.open == _OPEN and settle(w, a, customer, 1) == SHORT:
                return False
            customer = c.after
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
