"""Sources: when the customers of one class come, as in the reference engine's `sources`."""

from __future__ import annotations

import math
from typing import Any

from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.drawing import drawn
from servicechain.engines.compiled.eights import arrival_column, in_turn
from servicechain.engines.compiled.events import schedule
from servicechain.engines.compiled.layout import ARRIVAL, ARRIVES, NEVER, NOBODY, RENEWAL, TIMES, class_at, number
from servicechain.engines.compiled.memory import floats


@small
def await_arrival(w: Any, customer_class: int) -> None:
    """Let the next of a class come, or close its source if nobody will."""
    own = class_at(w, customer_class)
    if own.kind == RENEWAL:
        time = w.now + _gap(w, customer_class, own.gap)
        schedule(w, time, ARRIVAL + customer_class, ARRIVES, customer_class)
    else:
        _await_other(w, customer_class)


@rare
def _await_other(w: Any, customer_class: int) -> None:
    own = class_at(w, customer_class)
    time = NEVER
    if own.kind == TIMES:
        if own.place < own.length:
            time = number(own.table, own.place).value
            own.place += 1
    else:
        time = _of_profile(w, customer_class)
    if math.isnan(time):
        own.open = 0
        w.sources -= 1
        w.look_for_last = 1
    else:
        schedule(w, time, ARRIVAL + customer_class, ARRIVES, customer_class)


@small
def _gap(w: Any, customer_class: int, variate: int) -> float:
    own = class_at(w, customer_class)
    column = arrival_column(w, customer_class)
    return in_turn(w, column, variate, own.key, own.number, w.stream_arrival, w.key_arrival)


@part
def _of_profile(w: Any, customer_class: int) -> float:
    """Invert the cumulative rate, kept within one round so that it does not lose digits as it grows."""
    own = class_at(w, customer_class)
    ends = floats(own.table, own.length)
    total = ends[own.length - 1] if own.length > 0 else 0.0
    if total == 0.0:
        return NEVER
    reached = own.reached - math.log1p(-_gap(w, customer_class, NOBODY))
    if reached >= total:
        if not own.repeat:
            return NEVER
        rounds = math.floor(reached / total)
        own.rounds += int(rounds)
        reached = max(0.0, reached - rounds * total)
    own.reached = reached
    index = 0
    while index < own.length and ends[index] <= reached:
        index += 1
    if index == own.length:  # only where rounding brings it to the very end of a round
        index -= 1
    before = ends[index - 1] if index > 0 else 0.0
    start = (own.rounds * own.length + index) * own.each
    return start + (reached - before) / number(own.table, own.length + index).value


@part
def batch_of(w: Any, customer_class: int) -> float:
    """Draw how many of a class come at once."""
    own = class_at(w, customer_class)
    return drawn(w, own.batch, own.key, own.number, w.stream_batch, w.key_batch)
