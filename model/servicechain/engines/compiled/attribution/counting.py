"""Counting servers under the targets they have: what the clocks of the lines that they serve go on with."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.bringing import bring
from servicechain.engines.compiled.attribution.clocks import is_link
from servicechain.engines.compiled.attribution.layout import DONE, onward_at, path_at, share_at, view_at, word_at
from servicechain.engines.compiled.attribution.nodes import have_shares, watch_target
from servicechain.engines.compiled.compiling import part
from servicechain.engines.compiled.layout import NOBODY


@part
def bring_lines(w: Any, a: Any, v: int) -> bool:
    """Bring the lines that the servers of an actor serve up to now; tell whether there was room."""
    view = view_at(a, v)
    if view.line_count == 0:
        return True
    if view.home != NOBODY:
        return bring(w, a, view.home) == DONE
    done = True
    for k in range(view.line_count):
        done &= bring(w, a, word_at(a, view.lines + k).value) == DONE
    return done


@part
def can_count(w: Any, a: Any, v: int, target: int, before: int) -> bool:
    """Have room to count one who was counted in view `before` under a target; tell whether there was."""
    if is_link(target):
        if onward_at(a, -2 - target).place != NOBODY and before in (v, NOBODY):
            return True
    else:
        path, view = path_at(a, target), view_at(a, v)
        if path.place != NOBODY or (min(path.slot, view.home) != NOBODY and view.count < view.room):
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
def move(a: Any, v: int, before: int, after: int) -> None:
    """Count a server of an actor under another path; everything is prepared."""
    view = view_at(a, v)
    old, new = path_at(a, before), path_at(a, after)
    share = share_at(a, view.shares + old.place)
    if share.count == 1 and new.place == NOBODY:
        share.target = after
        share.slot = new.slot
        new.place = old.place
        old.place = NOBODY
    else:
        _count(a, view, old, old.slot, before, -1)
        _count(a, view, new, new.slot, after, 1)


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
