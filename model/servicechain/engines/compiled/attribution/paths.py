"""Paths and onwards, each made once: who is the same is the same number.

A longer one is found by its first actor and the number of the rest. Where somebody has to repair what fails, each has
a *twin* that ends in a failure, whatever is at its own end; it is made with it, so that it is always there.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.attribution.fours import path_in
from servicechain.engines.compiled.attribution.layout import (
    KNOWN,
    NOTHING,
    ONWARDS,
    PATHS,
    PATHS_KNOWN,
    known_at,
    node_at,
    onward_at,
    path_at,
    store_at,
    word_at,
)
from servicechain.engines.compiled.attribution.room import doubled, has_room, longer_words, take
from servicechain.engines.compiled.compiling import part, rare, small
from servicechain.engines.compiled.layout import NOBODY

# 2**64 divided by the golden ratio, odd, as a signed number: D. E. Knuth, The Art of Computer Programming 3, 6.4
SPREAD = -7046029254386353131

_LONGER, _SLOT, _VIA = 1, 2, 3


@small
def key_of(kind: int, one: int, other: int) -> int:
    """Make one number of two and what they mean; never 0."""
    return (one << 31 | other) << 2 | kind


@part
def place_of(table: int, mask: int, key: int) -> int:
    """Find where a key stands, or would stand."""
    place = (key * SPREAD) >> 32 & mask
    while known_at(table, place).key != key and known_at(table, place).key != 0:
        place = (place + 1) & mask
    return place


@rare
def may_learn(a: Any, store: Any, keys: int) -> bool:
    """Tell whether a table has room for more keys: at most half of it is ever used."""
    return has_room(a, store, 2 * keys)


@rare
def learn(table: int, mask: int, store: Any, key: int, value: int) -> None:
    """Put a value under a key there is not yet."""
    known = known_at(table, place_of(table, mask, key))
    known.key = key
    known.value = value
    store.top += 2


# -- longer by an actor ------------------------------------------------------------------------------------------------


@small
def further(a: Any, actor: int, target: int) -> int:
    """Give the target of whoever asks who has this one."""
    if target >= 0 and path_at(a, target).by == actor:
        return path_at(a, target).longer
    return _further(a, actor, target)


@part
def _further(a: Any, actor: int, target: int) -> int:
    if target >= 0:
        path = path_at(a, target)
        if path.by != actor:
            path.longer = _longer_path(a, actor, target)
            path.by = actor if path.longer != NOTHING else NOBODY
        return path.longer
    if target == NOTHING:
        return NOTHING
    onward = onward_at(a, -2 - target)
    if onward.by != actor:
        onward.longer = _longer_onward(a, actor, -2 - target)
        onward.by = actor if onward.longer != NOTHING else NOBODY
    return onward.longer


@part
def failed(a: Any, target: int) -> int:
    """Give the target that ends in a failure, whatever is at the end of this one."""
    if target >= 0:
        return path_at(a, target).twin
    if target == NOTHING:
        return NOTHING
    return -2 - onward_at(a, -2 - target).twin


@rare
def _longer_path(a: Any, actor: int, rest: int) -> int:
    key = key_of(_LONGER, rest, actor)
    known = known_at(a.paths_known, place_of(a.paths_known, a.paths_known_mask, key))
    if known.key == key:
        return known.value
    if not (has_room(a, store_at(a, PATHS), 2) and may_learn(a, store_at(a, PATHS_KNOWN), 2)):
        return NOTHING
    behind = path_at(a, rest).twin
    if not a.twinned or behind == rest:
        return _new_path(a, actor, rest, NOTHING)
    key = key_of(_LONGER, behind, actor)
    known = known_at(a.paths_known, place_of(a.paths_known, a.paths_known_mask, key))
    twin = known.value if known.key == key else _new_path(a, actor, behind, NOTHING)
    return _new_path(a, actor, rest, twin)


@rare
def _new_path(a: Any, actor: int, rest: int, twin: int) -> int:
    path = take(a, store_at(a, PATHS), 1)
    p = path_at(a, path)
    p.first = actor
    p.rest = rest
    p.leaf = path_at(a, rest).leaf
    p.twin = path if twin == NOTHING else twin
    p.place = NOBODY
    p.slot = NOBODY
    p.by = NOBODY
    p.column = NOBODY
    p.tally = NOBODY
    learn(a.paths_known, a.paths_known_mask, store_at(a, PATHS_KNOWN), key_of(_LONGER, rest, actor), path)
    return path


@rare
def _longer_onward(a: Any, actor: int, rest: int) -> int:
    key = key_of(_LONGER, rest, actor)
    known = known_at(a.known, place_of(a.known, a.known_mask, key))
    if known.key == key:
        return known.value
    if not (has_room(a, store_at(a, ONWARDS), 2) and may_learn(a, store_at(a, KNOWN), 2)):
        return NOTHING
    behind = onward_at(a, rest).twin
    if not a.twinned or behind == rest:
        return -2 - _new_onward(a, actor, rest, NOBODY)
    key = key_of(_LONGER, behind, actor)
    known = known_at(a.known, place_of(a.known, a.known_mask, key))
    twin = -2 - known.value if known.key == key else _new_onward(a, actor, behind, NOBODY)
    return -2 - _new_onward(a, actor, rest, twin)


@rare
def _new_onward(a: Any, actor: int, rest: int, twin: int) -> int:
    before = onward_at(a, rest)
    onward = _blank_onward(a, before.node, before.failed)
    one = onward_at(a, onward)
    one.actor = actor
    one.rest = rest
    one.twin = onward if twin == NOBODY else twin
    learn(a.known, a.known_mask, store_at(a, KNOWN), key_of(_LONGER, rest, actor), -2 - onward)
    return onward


@rare
def _blank_onward(a: Any, node: int, fails: int) -> int:
    onward = take(a, store_at(a, ONWARDS), 1)
    one = onward_at(a, onward)
    one.node = node
    one.actor = NOBODY
    one.rest = NOBODY
    one.failed = fails
    one.twin = onward
    one.place = NOBODY
    one.via = NOBODY
    one.by = NOBODY
    one.count = 0
    one.room = 0
    return onward


@rare
def new_roots(a: Any, node: int) -> int:
    """Make the onward that leads just to a new node, and its twin; there is room."""
    root = _blank_onward(a, node, 0)
    if a.twinned:
        onward_at(a, root).twin = _blank_onward(a, node, 1)
    return root


# -- paths that go on in a node ----------------------------------------------------------------------------------------


@part
def path_over(a: Any, onward: int, entry: int) -> int:
    """Give the path of an entry of the clock an onward leads to, as seen over it; NOTHING if there is no room."""
    one = onward_at(a, onward)
    node = node_at(a, one.node)
    if one.count < node.count and not _have_numbers(a, onward):
        return NOTHING
    path = word_at(a, one.numbers + entry).value
    if path == NOTHING:
        if one.rest != NOBODY:
            path = path_over(a, one.rest, entry)
            if path != NOTHING:
                path = further(a, one.actor, path)
        else:
            path = path_in(a, node.entries, entry).value
            if one.failed:
                path = path_at(a, path).twin
        word_at(a, one.numbers + entry).value = path
    return path


@part
def _have_numbers(a: Any, onward: int) -> bool:
    one = onward_at(a, onward)
    count = node_at(a, one.node).count
    while one.room < count:
        moved = longer_words(a, one.numbers, one.count, doubled(one.room))
        if moved == NOBODY:
            return False
        one.numbers = moved
        one.room = doubled(one.room)
    for k in range(one.count, count):
        word_at(a, one.numbers + k).value = NOTHING
    one.count = count
    return True


# -- what a node knows -------------------------------------------------------------------------------------------------


@part
def slot_known(a: Any, node: int, path: int) -> int:
    """Give the entry of a path in the clock of a node; NOBODY if it has none."""
    key = key_of(_SLOT, node, path)
    known = known_at(a.known, place_of(a.known, a.known_mask, key))
    return known.value if known.key == key else NOBODY


@rare
def learn_slot(a: Any, node: int, path: int, slot: int) -> None:
    """Note the entry of a path; there is room."""
    learn(a.known, a.known_mask, store_at(a, KNOWN), key_of(_SLOT, node, path), slot)


@part
def via_known(a: Any, node: int, onward: int) -> int:
    """Give the via from a node over an onward; NOBODY if there is none."""
    key = key_of(_VIA, node, onward)
    known = known_at(a.known, place_of(a.known, a.known_mask, key))
    return known.value if known.key == key else NOBODY


@rare
def learn_via(a: Any, node: int, onward: int, via: int) -> None:
    """Note a via; there is room."""
    learn(a.known, a.known_mask, store_at(a, KNOWN), key_of(_VIA, node, onward), via)
