"""Closed populations: members who think, come, and think again."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.drawing import drawn
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.layout import CLOSED, END, MEMBER_COMES, class_at, customer_at, member_at


@part
def think(w: Any, member: int) -> None:
    """Let a member think, and then come."""
    m = member_at(w, member)
    own = class_at(w, m.customer_class)
    w.thinking += 1
    time = drawn(w, own.think, own.key, m.cycle << 32 | m.member, w.stream_arrival, w.key_arrival)
    schedule(w, w.now + time, END, MEMBER_COMES, member)


@small
def has_left(w: Any, customer: int) -> None:
    """Let a member think whose journey is over; others are passed over."""
    c = customer_at(w, customer)
    own = class_at(w, c.customer_class)
    if own.kind == CLOSED:
        place = own.members + (c.drawn_as & 0xFFFFFFFF)
        member_at(w, place).cycle = (c.drawn_as >> 32) + 1
        think(w, place)
