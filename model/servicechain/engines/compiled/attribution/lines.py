"""Lines open and close: their clocks go only while somebody stands there.

As long as nobody waits for an actor, what its servers have in hand is not counted either: a request is counted no
longer when it is looked at then, and all in hand are counted anew when the first one joins the line. Where they are
many when a line is empty again, they are counted on.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.clocks import view_count, view_of
from servicechain.engines.compiled.attribution.counting import recount
from servicechain.engines.compiled.attribution.layout import NOTHING, node_at, share_at, view_at, word_at
from servicechain.engines.compiled.attribution.nodes import watch_target
from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import NOBODY, actor_at, request_at

_FEW = 8
"""Fewer requests than that are soon gone through."""


@part
def open_line(w: Any, a: Any, n: int) -> int:
    """Let the clock of a line begin, now that somebody stands there; tell whether there was room."""
    node = node_at(a, n)
    node.last = w.now
    for k in range(view_count(a, n)):
        v = view_of(a, n, k)
        view = view_at(a, v)
        if not view.counts and not _count_all(w, a, v):
            return 0
        if view.home == n and view.links == 0:
            continue
        for s in range(view.shares, view.shares + view.count):
            if watch_target(w, a, n, share_at(a, s).target) == NOBODY:
                return 0
    node.is_open = 1
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        word_at(a, view.lines + view.line_count).value = n
        view.line_count += 1
    return 1


@part
def _count_all(w: Any, a: Any, v: int) -> bool:
    """Count all that an actor has in hand, now that somebody waits; tell whether there was room.

    What is touched is still to be looked at, and is counted then.
    """
    actor = actor_at(w, v)
    request = actor.served if actor.outage == NOBODY else NOBODY
    while request != NOBODY:
        r = request_at(w, request)
        counts = r.counted == NOBODY and not r.touched and r.target != NOTHING
        if counts and not recount(w, a, r, v, r.target):
            return False
        request = r.later
    view_at(a, v).counts = 1
    return True


@part
def close_emptied(w: Any, a: Any) -> None:
    """Let the clocks of lines end in which nobody stands: nobody is left to read them."""
    while a.emptied != NOBODY:
        n = a.emptied
        node = node_at(a, n)
        a.emptied = node.emptied - 2
        node.emptied = 0
        if node.standing == 0 and node.is_open:
            node.is_open = 0
            for k in range(view_count(a, n)):
                v = view_of(a, n, k)
                view = view_at(a, v)
                _take_out(a, view, n)
                if view.line_count == 0 and actor_at(w, v).busy < _FEW:
                    view.counts = 0


@part
def _take_out(a: Any, view: Any, n: int) -> None:
    k = view.lines
    while word_at(a, k).value != n:
        k += 1
    view.line_count -= 1
    word_at(a, k).value = word_at(a, view.lines + view.line_count).value


@small
def leave(a: Any, n: int) -> None:
    """Let one less stand in a line."""
    node = node_at(a, n)
    node.standing -= 1
    if node.standing == 0 and node.emptied == 0:
        node.emptied = a.emptied + 2
        a.emptied = n
