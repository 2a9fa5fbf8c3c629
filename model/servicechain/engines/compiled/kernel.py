"""The kernel: runs a replication until its blocks are full, a pool has to grow, or all is over.

It is the one function that is called from Python and kept on disk. Between two calls all it knows stands in
memory, so it goes on exactly where it was: in the middle of a walk, of the agenda, of the end.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import attribution_is_short
from servicechain.engines.compiled.attribution.looking import look
from servicechain.engines.compiled.closing import begin_to_close, close_next
from servicechain.engines.compiled.compiling import entry, part, small
from servicechain.engines.compiled.consequences import stands_still
from servicechain.engines.compiled.happening import next_consequence, next_event, next_of_frame
from servicechain.engines.compiled.layout import BLOCK_FULL, NOBODY, OVER, PAUSED, ROOM_SHORT, RUNNING, STANDS_STILL
from servicechain.engines.compiled.pooling import any_short, recycle
from servicechain.engines.compiled.replication import begin, is_over
from servicechain.engines.compiled.walking import take_step

_BEGIN, _RUN, _CLOSE, _END = range(4)

_EVENTS = 16
"""After so many, what lies in limbo is worth the way through the pools."""


@entry
def simulate(worlds: Any) -> int:
    """Go on with a replication.

    Parameters
    ----------
    worlds : ndarray of WORLD, one element

    Returns
    -------
    int
        Why it stopped: OVER, BLOCK_FULL, ROOM_SHORT, STANDS_STILL or PAUSED.
    """
    return _go_on(worlds[0])


@part
def _go_on(w: Any) -> int:
    w.short = 0
    if any_short(w) or attribution_is_short(w):
        return ROOM_SHORT
    if w.stage == _BEGIN:
        begin(w)
        w.stage = _RUN
    if w.stage == _RUN:
        reason = _run(w)
        if reason != RUNNING:
            return reason
        begin_to_close(w)
        w.stage = _CLOSE
    while w.stage == _CLOSE:
        if w.short:
            return _why(w)
        if not close_next(w):
            w.stage = _END
    return OVER


@small
def _why(w: Any) -> int:
    """Tell why no further step can be taken."""
    if stands_still(w):
        return STANDS_STILL
    # an account that found no room belongs to a record of this block
    if attribution_is_short(w):
        return ROOM_SHORT
    if w.customer_count >= w.block or w.request_count >= w.block:
        return BLOCK_FULL
    return ROOM_SHORT


@part
def _run(w: Any) -> int:
    walker = w.walker
    w.walker = NOBODY
    events = 0
    while True:
        while walker != NOBODY:
            walker = take_step(w, walker)
        if w.short:
            return _why(w)
        if w.waiting:
            walker = next_of_frame(w) if w.frame_count else next_consequence(w)
            continue
        if w.attribution != 0 and not look(w):
            return ROOM_SHORT
        if events == 0:
            recycle(w)
            if w.steps_left <= 0:
                return PAUSED
            w.steps_left -= _EVENTS
            events = _EVENTS
        events -= 1
        if is_over(w):
            return RUNNING
        walker = next_event(w)
