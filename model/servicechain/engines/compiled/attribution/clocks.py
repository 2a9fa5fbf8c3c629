"""Cause clocks: for everybody in one line, how much of their time each cause has taken.

All who stand in one line share, at every instant, the same causes: those of the servers they wait for, in equal
parts. So one clock per node is enough, and who leaves subtracts what it showed at joining.

The trap is a short wait that is the difference of two large numbers. Each time is therefore a sum and all that
rounding took away from it (T. J. Dekker, 1971, A floating-point technique for extending the available precision, doi
10.1007/BF01397083), and the difference of two is right to the last digits however long the clock has run. That is exact
where the sum is the larger of the two; before, what is lost is beyond the last digit of the time that is added.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.fours import (
    add_time,
    advance_all,
    fours,
    gain_four,
    gained_since,
    mark_all,
    mark_four,
    move_marks,
    path_in,
)
from servicechain.engines.compiled.attribution.layout import (
    ABSENCE,
    CAUSES,
    FOUR,
    KNOWN,
    NOTHING,
    VIAS,
    gained_at,
    node_at,
    onward_at,
    path_at,
    share_at,
    store_at,
    via_at,
    view_at,
    word_at,
)
from servicechain.engines.compiled.attribution.paths import (
    learn_slot,
    learn_via,
    may_learn,
    path_over,
    slot_known,
    via_known,
)
from servicechain.engines.compiled.attribution.room import (
    doubled,
    give_marks,
    longer_entries,
    longer_words,
    take,
    take_marks,
)
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY

# -- entries and vias --------------------------------------------------------------------------------------------------


@rare
def slot_of(a: Any, n: int, path: int) -> int:
    """Give the entry of a path in the clock of a node, counted from its first; NOBODY if there is no room for one."""
    p = path_at(a, path)
    at_home = view_at(a, p.first).home == n
    slot = p.slot if at_home else slot_known(a, n, path)
    if slot != NOBODY:
        return slot
    node = node_at(a, n)
    if node.count == node.room:
        moved = longer_entries(a, node.entries, node.count, doubled(node.room))
        if moved == NOBODY:
            return NOBODY
        node.entries = moved
        node.room = doubled(node.room)
    if not at_home and not may_learn(a, store_at(a, KNOWN), 1):
        return NOBODY
    slot = node.count
    node.count = slot + 1
    path_in(a, node.entries, slot).value = path
    if at_home:
        p.slot = slot
    else:
        learn_slot(a, n, path, slot)
    return slot


@rare
def via_of(a: Any, n: int, onward: int) -> int:
    """Give the via from a node over an onward; NOBODY if there is no room for one."""
    one = onward_at(a, onward)
    if one.via != NOBODY and via_at(a, one.via).node == n:
        return one.via
    number = via_known(a, n, onward)
    if number == NOBODY:
        if not may_learn(a, store_at(a, KNOWN), 1):
            return NOBODY
        number = take(a, store_at(a, VIAS), 1)
        if number == NOBODY:
            return NOBODY
        via = via_at(a, number)
        via.node = n
        via.onward = onward
        via.mapped = 0
        via.slot_room = 0
        via.marked = 0
        via.mark_room = 0
        learn_via(a, n, onward, number)
    one.via = number
    return number


@rare
def prepare_via(a: Any, number: int) -> int:
    """Have an entry here for every entry behind that has gained time, and room to note what they show.

    Gives whether there was room. Entries without gain are left out: where lines lead now here, now there, each would
    hand on to the other what has come from itself, without end.
    """
    via = via_at(a, number)
    behind = node_at(a, onward_at(a, via.onward).node)
    if via.mapped < behind.count and not _have_slots(a, number):
        return 0
    for k in range(behind.count):
        slot = word_at(a, via.slots + k)
        if slot.value == NOBODY and gained_since(a, behind.entries, k, via.marks, via.marked) != 0.0:
            path = path_over(a, via.onward, k)
            if path == NOTHING:
                return 0
            slot.value = slot_of(a, via.node, path)
            if slot.value == NOBODY:
                return 0
    return prepare_marks(a, number) if via.mark_room < behind.count else 1


@rare
def _have_slots(a: Any, number: int) -> bool:
    via = via_at(a, number)
    count = node_at(a, onward_at(a, via.onward).node).count
    while via.slot_room < count:
        moved = longer_words(a, via.slots, via.mapped, doubled(via.slot_room))
        if moved == NOBODY:
            return False
        via.slots = moved
        via.slot_room = doubled(via.slot_room)
    for k in range(via.mapped, count):
        word_at(a, via.slots + k).value = NOBODY
    via.mapped = count
    return True


@rare
def prepare_marks(a: Any, number: int) -> int:
    """Have room to note what the clock behind shows; tell whether there was room."""
    via = via_at(a, number)
    count = node_at(a, onward_at(a, via.onward).node).count
    if via.mark_room >= count:
        return 1
    marks = take_marks(a, 2 * count)
    if marks == NOBODY:
        return 0
    move_marks(a, via.marks, via.marked, marks)
    if via.mark_room:
        give_marks(a, via.marks, via.mark_room)
    via.marks = marks
    via.mark_room = 2 * count
    return 1


@part
def mark_via(a: Any, number: int) -> None:
    """Note what the clock behind shows now; the via is prepared."""
    via = via_at(a, number)
    behind = node_at(a, onward_at(a, via.onward).node)
    mark_all(a, behind.entries, behind.count, via.marks)
    via.marked = behind.count


@rare
def prepare_nobody(a: Any, n: int) -> int:
    """Have an entry for the absence of each actor of a line; tell whether there was room."""
    node = node_at(a, n)
    for k in range(node.actor_count):
        if slot_of(a, n, word_at(a, node.actors + k).value * CAUSES + ABSENCE) == NOBODY:
            return 0
    return 1


# -- going on ----------------------------------------------------------------------------------------------------------


@small
def view_count(a: Any, n: int) -> int:
    """Give how many views a node has."""
    node = node_at(a, n)
    return 1 if node.single != NOBODY else node.actor_count


@small
def view_of(a: Any, n: int, k: int) -> int:
    """Give view number `k` of a node."""
    node = node_at(a, n)
    return node.single if node.single != NOBODY else word_at(a, node.actors + k).value


@part
def present_at(a: Any, n: int) -> int:
    """Give how many servers, or branches, a node counts."""
    present = 0
    for k in range(view_count(a, n)):
        present += view_at(a, view_of(a, n, k)).present
    return present


@part
def advance(a: Any, n: int, now: float) -> None:
    """Let the clock of a node go on; those behind show the time already, and everything is prepared."""
    node = node_at(a, n)
    span = now - node.last
    node.last = now
    present = present_at(a, n)
    if present == 0:
        for k in range(node.actor_count):
            path = word_at(a, node.actors + k).value * CAUSES + ABSENCE
            add_time(a, node.entries, slot_of(a, n, path), span / node.actor_count)
        return
    one = 1.0 / present
    for k in range(view_count(a, n)):
        view = view_at(a, view_of(a, n, k))
        for s in range(view.shares, view.shares + view.count):
            share = share_at(a, s)
            part_of_all = share.count * one
            if is_link(share.target):
                gain(a, node.entries, via_at(a, via_of(a, n, -2 - share.target)), part_of_all)
            elif view.home != n:
                if not _is_slot(a, n, share):
                    share.slot = slot_of(a, n, share.target)
                add_time(a, node.entries, share.slot, span * part_of_all)
    advance_all(a, node.entries, node.count, span * one)


@part
def _is_slot(a: Any, n: int, share: Any) -> bool:
    """Tell whether the slot of a share is that of this node; it may be of another that the actor serves."""
    node = node_at(a, n)
    if not 0 <= share.slot < node.count:
        return False
    return path_in(a, node.entries, share.slot).value == share.target


@small
def gain(a: Any, entries: int, via: Any, share: float) -> None:
    """Gain a share of what the clock behind has gained since it was marked, and mark it."""
    behind = node_at(a, onward_at(a, via.onward).node)
    for number in range(fours(behind.count)):
        gain_four(a, behind.entries, number, via.marks, via.marked)
        mark_four(a, behind.entries + number, via.marks + number)
        for k in range(FOUR):
            gained = gained_at(a, k).value
            if gained != 0.0:
                add_time(a, entries, word_at(a, via.slots + number * FOUR + k).value, gained * share)
    via.marked = behind.count


@small
def is_link(target: int) -> bool:
    """Tell whether a path goes on in a node."""
    return target < NOTHING
