"""Counting servers under the targets they have: what the clocks of the lines that they serve go on with."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import is_link, slot_of
from servicechain.engines.compiled.attribution.fours import rate_in
from servicechain.engines.compiled.attribution.layout import (
    DONE,
    NOTHING,
    node_at,
    onward_at,
    path_at,
    share_at,
    view_at,
    word_at,
)
from servicechain.engines.compiled.attribution.nodes import have_shares, watch_target
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY


@small
def bring_lines(w: Any, a: Any, view: Any) -> bool:
    """Bring the lines that the servers of an actor serve up to now; tell whether there was room."""
    if view.line_count == 0:
        return True
    if view.home != NOBODY:
        return bring(w, a, view.home) == DONE
    return _bring_all(w, a, view)


@part
def _bring_all(w: Any, a: Any, view: Any) -> bool:
    done = True
    for k in range(view.line_count):
        done &= bring(w, a, word_at(a, view.lines + k).value) == DONE
    return done


# -- a request ---------------------------------------------------------------------------------------------------------


@small
def recount(w: Any, a: Any, r: Any, view: int, target: int) -> bool:
    """Count the server of a request in a view under a target, or nowhere (NOBODY, NOTHING), and not where it was.

    Tells whether there was room; if not, nothing is done.
    """
    before, old = r.counted, r.counted_target
    number = before if view == NOBODY else view
    v = view_at(a, number)
    if min(old, target) < NOTHING or v.home == NOBODY or (min(before, view) != NOBODY and before != view):
        if not _recount_elsewhere(w, a, before, old, view, target):
            return False
    else:
        if v.line_count != 0 and bring(w, a, v.home) != DONE:
            return False
        if target != NOTHING:
            if path_at(a, target).slot == NOBODY and slot_of(a, v.home, target) == NOBODY:
                return False
            v.present += 1
            rate_in(a, node_at(a, v.home).entries, path_at(a, target).slot).value += 1.0
        if old != NOTHING:
            v.present -= 1
            rate_in(a, node_at(a, v.home).entries, path_at(a, old).slot).value -= 1.0
    r.counted = view
    r.counted_target = target
    return True


@rare
def _recount_elsewhere(w: Any, a: Any, before: int, old: int, view: int, target: int) -> bool:
    if not can_change(w, a, before, view, target):
        return False
    if before != NOBODY:
        count(a, before, old, -1)
    if view != NOBODY:
        count(a, view, target, 1)
    return True


# -- any number, under any target --------------------------------------------------------------------------------------


@rare
def can_change(w: Any, a: Any, before: int, after: int, target: int) -> bool:
    """Bring the lines up to now whose servers change, and have room for the change; tell whether there was."""
    if before != NOBODY and not bring_lines(w, a, view_at(a, before)):
        return False
    if after == NOBODY:
        return True
    if after != before and not bring_lines(w, a, view_at(a, after)):
        return False
    return _can_count(w, a, after, target, before)


@rare
def _can_count(w: Any, a: Any, v: int, target: int, before: int) -> bool:
    """Have room to count one who was counted in view `before` under a target; tell whether there was."""
    if not is_link(target):
        path = path_at(a, target)
        if (path.slot if view_at(a, v).home != NOBODY else path.place) != NOBODY:
            return True
    elif onward_at(a, -2 - target).place != NOBODY and before in (v, NOBODY):
        return True
    return _prepare(w, a, v, target)


@rare
def _prepare(w: Any, a: Any, v: int, target: int) -> bool:
    view = view_at(a, v)
    if have_shares(a, view, view.count + 1) == 0:
        return False
    if view.home != NOBODY and not is_link(target) and watch_target(w, a, view.home, target) == NOBODY:
        return False
    for k in range(view.line_count):  # noqa: SIM110 - compiled, there are no generators
        if watch_target(w, a, word_at(a, view.lines + k).value, target) == NOBODY:
            return False
    return True


@part
def count(a: Any, v: int, target: int, by: int) -> None:
    """Count so many more servers, or less, under a target; everything is prepared."""
    view = view_at(a, v)
    view.present += by
    if is_link(target):
        view.links += by
        _count(a, view, onward_at(a, -2 - target), target, by)
    elif view.home != NOBODY:
        rate_in(a, node_at(a, view.home).entries, path_at(a, target).slot).value += by
    else:
        _count(a, view, path_at(a, target), target, by)


@part
def _count(a: Any, view: Any, holder: Any, target: int, by: int) -> None:
    place = holder.place
    if place == NOBODY:
        place = view.count
        view.count = place + 1
        share = share_at(a, view.shares + place)
        share.target = target
        share.count = by
        share.slot = NOBODY
        holder.place = place
        return
    share = share_at(a, view.shares + place)
    share.count += by
    if share.count == 0:
        holder.place = NOBODY
        _remove(a, view, place)


@part
def _remove(a: Any, view: Any, place: int) -> None:
    """Let the last share of a view stand in the place of one that nobody has any more."""
    view.count -= 1
    if place == view.count:
        return
    last, share = share_at(a, view.shares + view.count), share_at(a, view.shares + place)
    share.target = last.target
    share.count = last.count
    share.slot = last.slot
    if is_link(last.target):
        onward_at(a, -2 - last.target).place = place
    else:
        path_at(a, last.target).place = place
