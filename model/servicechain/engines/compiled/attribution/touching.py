"""Noting what changes at an instant; it is looked at once, after everything that follows from an event.

What is touched holds the next that is, plus 2; the first is that touched last.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.layout import A_BREAKDOWN, A_REQUEST, AN_ACTOR, attribution_at
from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.layout import actor_at, breakdown_at, customer_at, request_at


@small
def touch_request(w: Any, request: int) -> None:
    """Note that something changes for a request."""
    if w.attribution:
        _touch(w, request_at(w, request), request << 2 | A_REQUEST)


@small
def touch_actor(w: Any, actor: int) -> None:
    """Note that something changes for all whom an actor serves."""
    if w.attribution:
        _touch(w, actor_at(w, actor), actor << 2 | AN_ACTOR)


@small
def touch_breakdown(w: Any, breakdown: int) -> None:
    """Note that something has failed, or that its repair goes on in another way."""
    if w.attribution:
        _touch(w, breakdown_at(w, breakdown), breakdown << 2 | A_BREAKDOWN)


@small
def touch_customer(w: Any, customer: int) -> None:
    """Note that something changes for a customer; they are looked at after all others."""
    if w.attribution:
        c = customer_at(w, customer)
        if not c.touched:
            a = attribution_at(w.attribution, 0)
            c.touched = a.touched_customers + 2
            a.touched_customers = customer


@small
def _touch(w: Any, thing: Any, code: int) -> None:
    if not thing.touched:
        thing.touched = w.touched + 2
        w.touched = code
