"""One replication: its beginning, who comes, what is observed, and when it ends."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.accounts import open_account
from servicechain.engines.compiled.clocks_of_failure import wind_up
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.consequences import PER_ARRIVAL, begin_instant, count_move, expect
from servicechain.engines.compiled.duty import await_change
from servicechain.engines.compiled.events import first_time, schedule
from servicechain.engines.compiled.frames import put_aside
from servicechain.engines.compiled.layout import (
    BEFORE,
    CLOSED,
    CUSTOMERS,
    NEWCOMERS,
    NEXT_BUCKET,
    NO_SOURCE,
    NOBODY,
    OBSERVE,
    OWN,
    actor_at,
    class_at,
    customer_at,
    member_at,
    number,
    observed_at,
)
from servicechain.engines.compiled.members import think
from servicechain.engines.compiled.pooling import take
from servicechain.engines.compiled.sources import await_arrival, batch_of
from servicechain.engines.compiled.teams import book_all, start_over
from servicechain.engines.compiled.together import main_strand
from servicechain.engines.compiled.uniforms import write_round_keys

# -- beginning ---------------------------------------------------------------------------------------------------------


@rare
def begin(w: Any) -> None:
    """Let everything come that comes by itself, in the order the meaning gives it."""
    write_round_keys(w)
    if w.warm_up > 0.0:
        schedule(w, w.warm_up, BEFORE, OBSERVE, NOBODY)
    for edge in range(w.edge_count):
        schedule(w, number(w.edges, edge).value, BEFORE, NEXT_BUCKET, NOBODY)
    for actor in range(w.actor_count):
        await_change(w, actor)
        a = actor_at(w, actor)
        if w.attribution:
            a.keeps_served = 1
        for breakdown in range(a.breakdowns, a.breakdowns + a.breakdown_count):
            wind_up(w, breakdown)
    w.sources = w.class_count
    for customer_class in range(w.class_count):
        own = class_at(w, customer_class)
        if own.kind == CLOSED:
            w.closed += 1
            w.always += own.population * PER_ARRIVAL
            for member in range(own.members, own.members + own.population):
                think(w, member)
        elif own.kind == NO_SOURCE:
            own.open = 0
            w.sources -= 1
        else:
            await_arrival(w, customer_class)
    begin_instant(w)
    w.look_for_last = 1


# -- arrivals ----------------------------------------------------------------------------------------------------------


@part
def batch_comes(w: Any, customer_class: int) -> int:
    """Let those of a class come who come now; they walk one after the other, as frames say. Give who walks now."""
    own = class_at(w, customer_class)
    if not own.open:
        return NOBODY
    if own.batch != NOBODY:
        return _several_come(w, customer_class)
    number = own.number
    own.number = number + 1
    _comes_again(w, customer_class, 1)
    return new_customer(w, customer_class, number, number)


@rare
def _several_come(w: Any, customer_class: int) -> int:
    own = class_at(w, customer_class)
    first = own.number
    size = int(min(batch_of(w, customer_class), float(w.customers_wanted - w.arrived)))
    # an empty batch still uses up its number, or the same draw would be made for ever
    own.number = first + max(size, 1)
    _comes_again(w, customer_class, size)
    if size == 1:
        return next_customer(w, customer_class, first, first)
    if size > 0:
        put_aside(w, NEWCOMERS, customer_class, first, first + size)
    return NOBODY


@small
def _comes_again(w: Any, customer_class: int, size: int) -> None:
    """Await the next of a class of whom so many come now."""
    expect(w, size)
    w.last_arrival = w.now
    if w.arrived + size >= w.customers_wanted:
        _close_sources(w)
    else:
        await_arrival(w, customer_class)


@part
def member_comes(w: Any, member: int) -> int:
    """Let a member of a closed population come, unless the run is over; give who walks now."""
    w.thinking -= 1
    if w.arrived >= w.customers_wanted:
        return NOBODY
    count_move(w)
    m = member_at(w, member)
    population = class_at(w, m.customer_class).population
    strand = next_customer(w, m.customer_class, m.cycle * population + m.member, m.cycle << 32 | m.member)
    w.last_arrival = w.now
    if w.arrived >= w.customers_wanted:
        _close_sources(w)
    return strand


@small
def _close_sources(w: Any) -> None:
    for customer_class in range(w.class_count):
        class_at(w, customer_class).open = 0
    w.sources = 0
    w.look_for_last = 1


@part
def next_customer(w: Any, customer_class: int, position: int, drawn_as: int) -> int:
    """Let one of several come, or a member; give the strand along which they walk."""
    return new_customer(w, customer_class, position, drawn_as)


@small
def new_customer(w: Any, customer_class: int, position: int, drawn_as: int) -> int:
    """Let a customer come; give the strand along which they walk."""
    own = class_at(w, customer_class)
    customer = take(w, CUSTOMERS)
    c = customer_at(w, customer)
    # read before anything is written, and in the order in which they lie: so they are written several at once
    key, now, come = own.key, w.now, w.arrived
    c.key = key
    c.drawn_as = drawn_as
    c.customer_class = customer_class
    c.number = position
    c.come = come
    c.deadline = NOBODY
    c.state = OWN
    c.begun = 0
    c.overdue = 0
    c.gone = 0
    c.queueing_requests = 0
    c.held_requests = 0
    c.attended_requests = 0
    c.touched = 0
    c.queueing = 0.0
    c.held = 0.0
    c.attended = 0.0
    c.own = 0.0
    c.arrived = now
    c.since = now
    w.arrived = come + 1
    open_account(w, customer)
    c.main = main_strand(w, c, NOBODY, customer, own.journey)
    return c.main


# -- observing ---------------------------------------------------------------------------------------------------------


@rare
def begin_to_observe(w: Any) -> None:
    """Forget what the actors did so far."""
    start_over(w)


@rare
def _note_last_arrival(w: Any) -> None:
    """Stop observing when nobody will come any more; a run until a time observes to its end."""
    w.counted_until = w.now
    stop_observing(w)


@rare
def stop_observing(w: Any) -> None:
    """Keep what the actors have done in the time observed."""
    window = w.now - w.warm_up
    if window < 0.0:  # all came before the warm-up was over
        start_over(w)
    book_all(w)
    for actor in range(w.actor_count):
        seen = observed_at(w, actor)
        a = actor_at(w, actor)
        seen.on_duty = a.on_duty
        seen.duty_time = a.duty_time
        seen.busy_time = a.busy_time
        seen.working_time = a.working_time
        seen.held_time = a.held_time
        seen.idle_time = a.idle_time
        seen.down_time = a.down_time
        seen.overtime = a.overtime
        seen.queue_time = a.queue_time
        seen.queue_max = a.queue_max if window >= 0.0 else float("nan")
    w.window = max(0.0, window)
    w.observed = 1


# -- the end -----------------------------------------------------------------------------------------------------------


@small
def is_over(w: Any) -> bool:
    """Tell whether nothing more is to happen, and let the clock show the end."""
    if w.look_for_last and _has_ended(w):
        return True
    return w.working_now == 0 and not w.until_given and not _somebody_will_come(w) and _is_quiet_for_ever(w)


@part
def _has_ended(w: Any) -> bool:
    """Tell whether the time has come or the last has left, where that may be; and notice who comes last."""
    if w.until_given:
        if first_time(w) < w.until:
            return False
        w.now = w.until
        return True
    if w.sources:
        w.look_for_last = 0
        return False
    if not w.observed:
        _note_last_arrival(w)
    return w.left >= w.arrived


@small
def _somebody_will_come(w: Any) -> bool:
    if w.sources > w.closed:
        return True
    return w.sources > 0 and w.thinking > 0


@rare
def _is_quiet_for_ever(w: Any) -> bool:
    enough = max(w.last_begun, w.last_arrival) + (w.long if w.repairs_now else w.quiet)
    if first_time(w) <= enough:
        return False
    w.now = max(w.now, enough)  # a repair may have taken longer
    return True
