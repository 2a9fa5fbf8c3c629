"""Counting servers under the targets they have: what the clocks of the lines that they serve go on with."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import is_link
from servicechain.engines.compiled.attribution.layout import (
    DONE,
    NOTHING,
    onward_at,
    path_at,
    share_at,
    view_at,
    word_at,
)
from servicechain.engines.compiled.attribution.nodes import have_shares, watch_target
from servicechain.engines.compiled.compiling import part, small
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
    """Count the server of a request in a view under a target, or nowhere (NOBODY), and no longer where it was.

    Tells whether there was room; if not, nothing is done.
    """
    before = r.counted
    old = r.counted_target if before != NOBODY else NOTHING
    if old < NOTHING or target < NOTHING:
        if not _recount_links(w, a, before, old, view, target):
            return False
    elif before == NOBODY:
        v = view_at(a, view)
        if not (bring_lines(w, a, v) and can_count_path(w, a, view, v, target)):
            return False
        v.present += 1
        _count_one(a, v, path_at(a, target), target)
    elif view == NOBODY:
        v = view_at(a, before)
        if not bring_lines(w, a, v):
            return False
        v.present -= 1
        _count_one_less(a, v, path_at(a, old))
    elif view == before:
        v = view_at(a, view)
        if not bring_lines(w, a, v) or not _move(w, a, view, v, path_at(a, old), target):
            return False
    elif not _recount_links(w, a, before, old, view, target):
        return False
    r.counted = view
    r.counted_target = target
    return True


@part
def _recount_links(w: Any, a: Any, before: int, old: int, view: int, target: int) -> bool:
    if not can_change(w, a, before, view, target):
        return False
    if before != NOBODY:
        count(a, before, old, -1)
    if view != NOBODY:
        count(a, view, target, 1)
    return True


@small
def _move(w: Any, a: Any, number: int, view: Any, old: Any, target: int) -> bool:
    """Count a server under another path; tell whether there was room."""
    share = share_at(a, view.shares + old.place)
    new = path_at(a, target)
    if share.count == 1 and new.place == NOBODY and min(new.slot, view.home) != NOBODY:
        share.target = target
        share.slot = new.slot
        new.place = old.place
        old.place = NOBODY
        return True
    if not can_count_path(w, a, number, view, target):
        return False
    _count_one_less(a, view, old)
    _count_one(a, view, new, target)
    return True


@small
def _count_one(a: Any, view: Any, path: Any, target: int) -> None:
    if path.place != NOBODY:
        share_at(a, view.shares + path.place).count += 1
        return
    place = view.count
    view.count = place + 1
    share = share_at(a, view.shares + place)
    share.target = target
    share.count = 1
    share.slot = path.slot
    path.place = place


@small
def _count_one_less(a: Any, view: Any, path: Any) -> None:
    share = share_at(a, view.shares + path.place)
    share.count -= 1
    if share.count == 0:
        _remove(a, view, path.place)
        path.place = NOBODY


# -- any number, under any target --------------------------------------------------------------------------------------


@part
def can_change(w: Any, a: Any, before: int, after: int, target: int) -> bool:
    """Bring the lines up to now whose servers change, and have room for the change; tell whether there was."""
    if before != NOBODY and not bring_lines(w, a, view_at(a, before)):
        return False
    if after == NOBODY:
        return True
    if after != before and not bring_lines(w, a, view_at(a, after)):
        return False
    return _can_count(w, a, after, target, before)


@small
def can_count_path(w: Any, a: Any, number: int, view: Any, target: int) -> bool:
    """Have room to count one more under a path; tell whether there was."""
    path = path_at(a, target)
    if path.place != NOBODY or (min(path.slot, view.home) != NOBODY and view.count < view.room):
        return True
    return _prepare(w, a, number, target)


@part
def _can_count(w: Any, a: Any, v: int, target: int, before: int) -> bool:
    """Have room to count one who was counted in view `before` under a target; tell whether there was."""
    if not is_link(target):
        return can_count_path(w, a, v, view_at(a, v), target)
    if onward_at(a, -2 - target).place != NOBODY and before in (v, NOBODY):
        return True
    return _prepare(w, a, v, target)


@part
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
        onward = onward_at(a, -2 - target)
        _count(a, view, onward, NOBODY, target, by)
    else:
        path = path_at(a, target)
        _count(a, view, path, path.slot, target, by)


@part
def _count(a: Any, view: Any, holder: Any, slot: int, target: int, by: int) -> None:
    place = holder.place
    if place == NOBODY:
        place = view.count
        view.count = place + 1
        share = share_at(a, view.shares + place)
        share.target = target
        share.count = by
        share.slot = slot
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
