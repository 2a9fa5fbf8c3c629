"""Lines: lowest priority number first, then the earliest to have been asked.

Each actor has one list per priority there is in the chain, in the order of asking. Who is new goes to the end of it;
who is put back has been asked before most and finds their place from the front. A request that several actors could
take stands in all their lines; its place k of them is the link ``request << place_bits | k``.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.layout import (
    NOBODY,
    actor_at,
    level_at,
    link_at,
    offer_at,
    request_at,
    service_at,
    word,
)


@small
def level_of(w: Any, priority: int) -> int:
    """Give the position of a priority among all of the chain."""
    level = 0
    while word(w.priorities, level).value < priority:
        level += 1
    return level


@small
def join_lines(w: Any, request: int) -> None:
    """Stand in the lines of all actors who offer the service."""
    service = service_at(w, request_at(w, request).service)
    if service.actor_count == 1:
        _join(w, service.actor, request, request << w.place_bits)
    else:
        _join_all(w, request)


@rare
def _join_all(w: Any, request: int) -> None:
    service = service_at(w, request_at(w, request).service)
    for k in range(service.actor_count):
        _join(w, offer_at(w, service.actors + k).value, request, request << w.place_bits | k)


@small
def _join(w: Any, actor: int, request: int, link: int) -> None:
    actor_at(w, actor).standing += 1
    r = request_at(w, request)
    line = level_at(w, actor * w.level_count + r.level)
    here = link_at(w, link)
    last = line.last
    if last == NOBODY:
        line.first = link
        line.last = link
        here.before = NOBODY
        here.after = NOBODY
        return
    if request_at(w, last >> w.place_bits).order < r.order:
        link_at(w, last).after = link
        here.before = last
        here.after = NOBODY
        line.last = link
        return
    after = line.first
    while request_at(w, after >> w.place_bits).order < r.order:
        after = link_at(w, after).after
    there = link_at(w, after)
    here.before = there.before
    here.after = after
    there.before = link
    if here.before == NOBODY:
        line.first = link
    else:
        link_at(w, here.before).after = link


@small
def leave_lines(w: Any, request: int) -> None:
    """Stand in no line any more."""
    service = service_at(w, request_at(w, request).service)
    if service.actor_count == 1:
        _leave(w, service.actor, request, request << w.place_bits)
    else:
        _leave_all(w, request)


@rare
def _leave_all(w: Any, request: int) -> None:
    service = service_at(w, request_at(w, request).service)
    for k in range(service.actor_count):
        _leave(w, offer_at(w, service.actors + k).value, request, request << w.place_bits | k)


@small
def _leave(w: Any, actor: int, request: int, link: int) -> None:
    actor_at(w, actor).standing -= 1
    line = level_at(w, actor * w.level_count + request_at(w, request).level)
    here = link_at(w, link)
    if here.before == NOBODY:
        line.first = here.after
    else:
        link_at(w, here.before).after = here.after
    if here.after == NOBODY:
        line.last = here.before
    else:
        link_at(w, here.after).before = here.before


@small
def first_in_line(w: Any, actor: int) -> int:
    """Give whose turn it is; NOBODY if nobody waits."""
    if actor_at(w, actor).standing == 0:
        return NOBODY
    level = actor * w.level_count
    while level_at(w, level).first == NOBODY:
        level += 1
    return level_at(w, level).first >> w.place_bits
