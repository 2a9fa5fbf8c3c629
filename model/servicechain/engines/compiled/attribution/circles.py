"""Lines that wait for each other: their clocks are the solution of a small linear system.

Who stands in a line waits for servers who themselves stand in lines, and these lines may lead back. In such a circle
every line's time is a mixture of what the others' servers do, in shares that add up to 1; as long as one of them
works, is absent or has failed, the mixture is determined: with shares P of links, and F of links that end in a
failure, the time x of each actor and cause at the ends is ``x = (I - P)⁻¹ own``, where failures also own ``F`` times
all that is the actor's, ``(I - P - F)⁻¹`` of what the circle gains from outside. Where nobody does anything, each
line waits for its own actors for ever: a deadlock.

The way round the circle is left out of a path, or there would be no end to it.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.clocks import (
    is_link,
    mark_via,
    prepare_marks,
    prepare_via,
    present_at,
    slot_of,
    via_of,
    view_count,
    view_of,
)
from servicechain.engines.compiled.attribution.fours import add_time, gained_since, path_in, rate_in
from servicechain.engines.compiled.attribution.layout import (
    CAUSES,
    DEADLOCK,
    DONE,
    FAILURE,
    FIGURES,
    FLOWS,
    NOTHING,
    SCRATCH,
    SHORT,
    figure_at,
    flow_at,
    node_at,
    onward_at,
    path_at,
    scratch_at,
    share_at,
    store_at,
    via_at,
    view_at,
    word_at,
)
from servicechain.engines.compiled.attribution.linear import factorise, solve
from servicechain.engines.compiled.attribution.paths import further
from servicechain.engines.compiled.attribution.room import take
from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.layout import NOBODY


@rare
def advance_circle(w: Any, a: Any, first: int, size: int) -> int:
    """Bring the clocks of a circle up to now, all at once; its nodes stand in the scratch from a position on.

    Gives DONE or, with nothing done, SHORT.
    """
    words = store_at(a, SCRATCH).top
    figures = store_at(a, FIGURES).top
    a.circle = first
    a.circle_size = size
    a.column_count = 0
    for row in range(size):
        node_at(a, _node(a, row)).row = row
    state = _advanced(w, a)
    for row in range(size):
        node_at(a, _node(a, row)).row = NOBODY
    for k in range(a.column_count):
        path_at(a, _leaf(a, k)).column = NOBODY
    store_at(a, SCRATCH).top = words
    store_at(a, FIGURES).top = figures
    store_at(a, FLOWS).top = 0
    return state


@rare
def _advanced(w: Any, a: Any) -> int:
    size = a.circle_size
    square = size * size
    pivots = take(a, store_at(a, SCRATCH), 2 * size)
    shares = take(a, store_at(a, FIGURES), 4 * square + size)
    if a.short:
        return SHORT
    a.columns = pivots + 2 * size
    a.column_times = shares + 4 * square + size
    for k in range(2 * square):
        figure_at(a, shares + k).value = 0.0
    way_out = False
    for row in range(size):
        way_out |= _gain_from_outside(w, a, row, shares)
    if not way_out:
        for row in range(size):
            _be_stuck(w, a, row, shares)
    if a.short:
        return SHORT
    _solve_times(a, shares, pivots)
    for row in range(size):
        if way_out or node_at(a, _node(a, row)).actor_count == 0:
            _gain_from_inside(a, row)
    for row in range(size):
        _prepare(a, row)
    if a.short:
        return SHORT
    _commit(w, a)
    return DONE


@small
def _node(a: Any, row: int) -> int:
    return scratch_at(a, a.circle + row).value


@small
def _leaf(a: Any, column: int) -> int:
    return scratch_at(a, a.columns + column).value


@small
def _time(a: Any, column: int, row: int) -> Any:
    return figure_at(a, a.column_times + column * a.circle_size + row)


@rare
def _column_of(a: Any, leaf: int) -> int:
    path = path_at(a, leaf)
    if path.column == NOBODY:
        place, times = take(a, store_at(a, SCRATCH), 1), take(a, store_at(a, FIGURES), a.circle_size)
        if min(place, times) == NOBODY:
            return NOBODY
        path.column = a.column_count
        a.column_count += 1
        scratch_at(a, place).value = leaf
        for row in range(a.circle_size):
            figure_at(a, times + row).value = 0.0
    return path.column


@rare
def _flow(a: Any, n: int, path: int, time: float) -> None:
    """Note that a path gains time in a clock."""
    slot = slot_of(a, n, path)
    number_ = take(a, store_at(a, FLOWS), 1)
    if min(slot, number_) != NOBODY:
        flow = flow_at(a, number_)
        flow.node = n
        flow.slot = slot
        flow.time = time


@rare
def _own(a: Any, row: int, path: int, time: float) -> None:
    """Let a path gain time in the clock of a row, from outside the circle."""
    _flow(a, _node(a, row), path, time)
    column = _column_of(a, path_at(a, path).leaf)
    if column != NOBODY:
        _time(a, column, row).value += time


@rare
def _gain_from_outside(w: Any, a: Any, row: int, shares: int) -> bool:
    """Note what a node gains from outside and which shares of it are links inside; tell whether it has a way out."""
    n, size = _node(a, row), a.circle_size
    span = w.now - node_at(a, n).last
    present = present_at(a, n)
    way_out = False
    for k in range(node_at(a, n).count):
        rate = rate_in(a, node_at(a, n).entries, k).value
        if rate != 0.0:
            way_out = True
            _own(a, row, path_in(a, node_at(a, n).entries, k).value, span * (rate / present))
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        for s in range(view.shares, view.shares + view.count):
            share = share_at(a, s)
            part_of_all = share.count / present
            if not is_link(share.target):
                if view.home != n:
                    way_out = True
                    _own(a, row, share.target, span * part_of_all)
                continue
            onward = onward_at(a, -2 - share.target)
            behind = node_at(a, onward.node).row
            if behind == NOBODY:
                way_out = True
                _gain_behind(a, row, via_of(a, n, -2 - share.target), part_of_all)
            else:
                place = shares + (size * size if onward.failed else 0) + row * size + behind
                figure_at(a, place).value += part_of_all
    return way_out


@rare
def _gain_behind(a: Any, row: int, number_: int, share: float) -> None:
    """Note what a node gains over a link that leads out of the circle."""
    if number_ == NOBODY or prepare_via(a, number_) == 0:
        return
    via = via_at(a, number_)
    behind = node_at(a, onward_at(a, via.onward).node)
    for k in range(behind.count):
        gained = gained_since(a, behind.entries, k, via.marks, via.marked)
        if gained != 0.0:
            slot = word_at(a, via.slots + k).value
            _own(a, row, path_in(a, node_at(a, via.node).entries, slot).value, gained * share)


@rare
def _be_stuck(w: Any, a: Any, row: int, shares: int) -> None:
    """Let a line wait for its own actors for ever, and branches for whom they wait, whatever has failed."""
    n, size = _node(a, row), a.circle_size
    node = node_at(a, n)
    for column in range(size):
        plain = figure_at(a, shares + row * size + column)
        failed = figure_at(a, shares + size * size + row * size + column)
        plain.value = 0.0 if node.actor_count else plain.value + failed.value
        failed.value = 0.0
    for k in range(node.actor_count):
        path = word_at(a, node.actors + k).value * CAUSES + DEADLOCK
        _own(a, row, path, (w.now - node.last) / node.actor_count)


@rare
def _solve_times(a: Any, shares: int, pivots: int) -> None:
    """Solve for the time of each column in each row; failures first, for they are fed by all that an actor does."""
    size = a.circle_size
    square = size * size
    plain, failed, rest = shares, shares + square, shares + 2 * square
    fails = False
    for k in range(square):
        one = 1.0 if k % (size + 1) == 0 else 0.0
        fails |= figure_at(a, failed + k).value != 0.0
        figure_at(a, rest + k).value = one - figure_at(a, plain + k).value
        figure_at(a, rest + square + k).value = one - figure_at(a, plain + k).value - figure_at(a, failed + k).value
    factorise(a.figures, rest, size, a.scratch, pivots)
    if fails:
        factorise(a.figures, rest + square, size, a.scratch, pivots + size)
        _let_fail(a, failed, rest + square, pivots + size)
    for column in range(a.column_count):
        solve(a.figures, rest, size, a.scratch, pivots, a.column_times + column * size)


@rare
def _let_fail(a: Any, failed: int, factors: int, pivots: int) -> None:
    """Add to what each actor has failed itself what links that end in a failure turn into one."""
    size = a.circle_size
    total = factors + size * size
    for column in range(a.column_count):
        _column_of(a, _leaf(a, column) // CAUSES * CAUSES + FAILURE)
    for column in range(a.column_count):
        leaf = _leaf(a, column)
        if leaf % CAUSES != FAILURE or a.short:
            continue
        for row in range(size):
            figure_at(a, total + row).value = 0.0
            for other in range(a.column_count):
                if _leaf(a, other) // CAUSES == leaf // CAUSES:
                    figure_at(a, total + row).value += _time(a, other, row).value
        solve(a.figures, factors, size, a.scratch, pivots, total)
        for row in range(size):
            for behind in range(size):
                _time(a, column, row).value += (
                    figure_at(a, failed + row * size + behind).value * figure_at(a, total + behind).value
                )


@rare
def _gain_from_inside(a: Any, row: int) -> None:
    """Note what a node gains over links inside the circle."""
    n = _node(a, row)
    present = present_at(a, n)
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        for s in range(view.shares, view.shares + view.count):
            share = share_at(a, s)
            if not is_link(share.target):
                continue
            behind = node_at(a, onward_at(a, -2 - share.target).node).row
            if behind == NOBODY:
                continue
            for column in range(a.column_count):
                time = _time(a, column, behind).value
                if time != 0.0:
                    path = _seen(a, -2 - share.target, _leaf(a, column))
                    if path != NOTHING:
                        _flow(a, n, path, time * share.count / present)


@rare
def _seen(a: Any, number_: int, leaf: int) -> int:
    """Give the path of what is done at the end: by the first actor on the way there, whichever way round it leads."""
    onward = onward_at(a, number_)
    actor = leaf // CAUSES
    if onward.failed:
        leaf = actor * CAUSES + FAILURE
    if onward.actor == NOBODY or onward.actor == actor:  # noqa: PLR1714 - compiled, a tuple would be built
        return leaf
    return further(a, onward.actor, leaf)


@rare
def _prepare(a: Any, row: int) -> None:
    """Have room to note what the clocks show that stand behind a node."""
    n = _node(a, row)
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        for s in range(view.shares, view.shares + view.count):
            share = share_at(a, s)
            if is_link(share.target):
                number_ = via_of(a, n, -2 - share.target)
                if number_ == NOBODY or prepare_marks(a, number_) == 0:
                    return


@rare
def _commit(w: Any, a: Any) -> None:
    for k in range(store_at(a, FLOWS).top):
        flow = flow_at(a, k)
        add_time(a, node_at(a, flow.node).entries, flow.slot, flow.time)
    for row in range(a.circle_size):
        node_at(a, _node(a, row)).last = w.now
    for row in range(a.circle_size):
        n = _node(a, row)
        for k in range(view_count(a, n)):
            view = view_at(a, view_of(a, n, k))
            for s in range(view.shares, view.shares + view.count):
                share = share_at(a, s)
                if is_link(share.target):
                    mark_via(a, via_of(a, n, -2 - share.target))
