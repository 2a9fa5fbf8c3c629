"""Lists that elements stand in: the customers present, the requests that are open or in line, those in hand."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.layout import NOBODY, actor_at, customer_at, request_at


@small
def come(w: Any, customer: int) -> None:
    """Put a customer at the end of those present."""
    c = customer_at(w, customer)
    c.before = w.present_last
    c.after = NOBODY
    if w.present_last == NOBODY:
        w.present = customer
    else:
        customer_at(w, w.present_last).after = customer
    w.present_last = customer


@small
def go(w: Any, customer: int) -> None:
    """Take a customer out of those present."""
    c = customer_at(w, customer)
    if c.before == NOBODY:
        w.present = c.after
    else:
        customer_at(w, c.before).after = c.after
    if c.after == NOBODY:
        w.present_last = c.before
    else:
        customer_at(w, c.after).before = c.before


@small
def open_request(w: Any, request: int) -> None:
    """Put a request at the end of those that have begun and not ended."""
    r = request_at(w, request)
    r.before = w.open_last
    r.after = NOBODY
    if w.open_last == NOBODY:
        w.open = request
    else:
        request_at(w, w.open_last).after = request
    w.open_last = request


@small
def close_request(w: Any, request: int) -> None:
    """Take a request out of those that have begun and not ended."""
    r = request_at(w, request)
    if r.before == NOBODY:
        w.open = r.after
    else:
        request_at(w, r.before).after = r.after
    if r.after == NOBODY:
        w.open_last = r.before
    else:
        request_at(w, r.after).before = r.before


@small
def wait_first_time(w: Any, request: int) -> None:
    """Put a request at the end of those that stand in line and have not begun."""
    r = request_at(w, request)
    r.before = w.in_line_last
    r.after = NOBODY
    if w.in_line_last == NOBODY:
        w.in_line = request
    else:
        request_at(w, w.in_line_last).after = request
    w.in_line_last = request


@small
def wait_no_more(w: Any, request: int) -> None:
    """Take a request out of those that stand in line and have not begun."""
    r = request_at(w, request)
    if r.before == NOBODY:
        w.in_line = r.after
    else:
        request_at(w, r.before).after = r.after
    if r.after == NOBODY:
        w.in_line_last = r.before
    else:
        request_at(w, r.after).before = r.before


@small
def serve(w: Any, actor: int, request: int) -> None:
    """Put a request at the end of those in an actor's hands."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    r.earlier = a.served_last
    r.later = NOBODY
    if a.served_last == NOBODY:
        a.served = request
    else:
        request_at(w, a.served_last).later = request
    a.served_last = request


@small
def serve_no_more(w: Any, actor: int, request: int) -> None:
    """Take a request out of an actor's hands."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    if r.earlier == NOBODY:
        a.served = r.later
    else:
        request_at(w, r.earlier).later = r.later
    if r.later == NOBODY:
        a.served_last = r.earlier
    else:
        request_at(w, r.later).earlier = r.earlier
