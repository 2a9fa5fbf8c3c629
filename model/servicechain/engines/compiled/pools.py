"""The memory of one replication: its arrays, which the kernel asks to grow, and the `World` that holds their addresses.

The kernel only ever sees addresses, so an array must live until its address is replaced: `Pools` keeps them all. It
may serve one replication after the other, never two at once.

What else there can be follows from the five pools, so they alone can be short: an event belongs to a strand, a
customer, a member, a class, an actor or a breakdown; a request has a place in the lines of each actor of its service;
what stands on the agenda is a request, asked or taken, or a strand; the frames that are put aside are those of forks.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.engines.compiled.events import NO_EVENT, NO_TIME
from servicechain.engines.compiled.layout import (
    CONSEQUENCE,
    CUSTOMER_STATE,
    CUSTOMERS,
    EIGHT,
    EVENT,
    FORK,
    FORKS,
    FRAME,
    GROUPS,
    LEVEL,
    LINK,
    LOOPING,
    LOOPS,
    NOBODY,
    NUMBER,
    POOL,
    REQUEST_STATE,
    REQUESTS,
    STRAND,
    STRANDS,
    WORD,
    WORLD,
)
from servicechain.engines.compiled.least import GROUP
from servicechain.engines.compiled.pooling import MARGIN
from servicechain.engines.compiled.program import Program
from servicechain.engines.compiled.rows import address_of, numbers
from servicechain.engines.compiled.uniforms import ROUND_KEYS
from servicechain.engines.draws import name_key, step_key
from servicechain.records import CUSTOMER, REQUEST, Block
from servicechain.settings import Settings
from servicechain.units import TimeUnit, convert

FIRST_ROOM = 64
"""Elements a pool has before it has ever grown."""

SPARE = 4 * MARGIN
"""A pool with less room grows too when another one must."""

BLOCK = 8192
"""Records a block holds when it is full, of a chain with few services; what a step records beyond still has room."""

RESERVE = 64

STANDSTILL = 200_000
"""So many goings-on at one instant mean a circle without time; the kernel adds those that arrivals excuse."""

QUIET_DAYS, REPAIR_DAYS = 8, 365
"""When nothing has begun for so long, and nobody works, or works at repairs only, a floor stays as it is."""

ENDLESS = 1 << 62
"""More customers than can come."""

_POOLS = {
    CUSTOMERS: ("customers", CUSTOMER_STATE),
    REQUESTS: ("requests", REQUEST_STATE),
    STRANDS: ("strands", STRAND),
    FORKS: ("forks", FORK),
    LOOPS: ("loops", LOOPING),
}
_SHARED = ("services", "steps", "variates", "ways", "offers", "moments", "staff", "priorities")
_OWN = ("classes", "members", "actors", "breakdowns")
_STREAMS = ("arrival", "batch", "patience", "failure", "repair")


class Pools:
    """The memory of one replication of a program.

    Attributes
    ----------
    program : Program
    world : ndarray of one WORLD
        What the kernel gets.
    block : int
        Records a block holds when it is full.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.world = np.zeros(1, WORLD)
        self._blank, self._blank_pools = np.zeros(1, WORLD), np.zeros(len(_POOLS), POOL)
        self._prepared: tuple[Settings, int] | None = None
        self._arrays: dict[str, Block] = {}
        self._rooms = dict.fromkeys(_POOLS, FIRST_ROOM)
        self._next = {pool: np.zeros(FIRST_ROOM, WORD) for pool in _POOLS}
        for field in _SHARED:
            self._put(field, getattr(program, field))
        for field in _OWN:
            self._put(field, getattr(program, field).copy())
        for pool, (field, dtype) in _POOLS.items():
            self._put(field, np.zeros(self._rooms[pool], dtype))
        self._put("pools", np.zeros(len(_POOLS), POOL))
        self._put("observed_actors", program.actors.copy())
        levels = len(program.actors) * len(program.priorities)
        self._put("levels", np.zeros(levels, LEVEL))
        # summing up a block costs something for each service, whether many were asked for it or none
        self.block = BLOCK * (1 + len(program.services) // 16)
        block = self.block + RESERVE + len(program.steps)
        self._put("customer_block", np.zeros(block, CUSTOMER))
        self._put("request_block", np.zeros(block, REQUEST))
        self._put("agenda", np.zeros(1, CONSEQUENCE))
        self._put("eights", np.zeros((len(program.steps) + 2 * len(program.classes)) * GROUPS, EIGHT))
        self._put("round_keys", np.zeros(ROUND_KEYS, WORD))

    def __getitem__(self, field: str) -> Block:
        """Give the array whose address stands in a field of the world."""
        return self._arrays[field]

    def value(self, field: str) -> Any:
        """Read a field of the world."""
        return self.world[field][0].item()

    def set(self, **fields: float) -> None:
        """Write fields of the world."""
        for field, value in fields.items():
            self.world[field][0] = value

    def take(self, block: str, count: str) -> Block:
        """Take out what the kernel has written into a block, which is empty then; it is written over by and by."""
        taken = self._arrays[block][: self.value(count)]
        self.world[count][0] = 0
        return taken

    # -- beginning --------------------------------------------------------------------------------------------

    def start(self, settings: Settings, replication: int, attribution: int = 0) -> None:
        """Bring everything into its state at the beginning of a replication.

        Parameters
        ----------
        settings : Settings
        replication : int
            From 0.
        attribution : int
            Address of the memory of attribution, 0 without.
        """
        if self._prepared != (settings, attribution):
            self._prepare(settings, attribution)
        arrays = self._arrays
        for field in _OWN:
            copy_bytes(getattr(self.program, field), arrays[field])
        for pool, (field, _) in _POOLS.items():
            arrays[field][: arrays["pools"]["top"][pool]].view(np.int64).fill(0)
        arrays["levels"].view(np.int64).fill(NOBODY)
        arrays["eights"]["group"] = NOBODY
        copy_bytes(self._blank_pools, arrays["pools"])
        self._empty(0, self.value("groups") * GROUP)
        copy_bytes(self._blank, self.world)
        stream, antithetic = settings.stream(replication)
        self.set(replication=stream, antithetic=antithetic)

    def _prepare(self, settings: Settings, attribution: int) -> None:
        """Write down the state in which all replications of a run begin."""
        self._blank_pools[:] = np.zeros((), POOL)
        for name in ("free", "limbo", "limbo_last"):
            self._blank_pools[name] = NOBODY
        for pool in _POOLS:
            self._measure(pool)
        kept = {name: self.value(name) for name in self._arrays}
        self._blank[:] = np.zeros((), WORLD)
        self.world[:] = self._blank
        self.set(**kept, attribution=attribution, seed=settings.seed)
        self._put("edges", numbers(settings.edges if attribution else ()))
        self._set_sizes()
        self._set_streams()
        self._set_times(settings)
        self._depending()
        self._empty(0, len(self._arrays["events"]))
        self._blank[:] = self.world
        self._prepared = settings, attribution

    def _measure(self, pool: int) -> None:
        """Tell where a pool lies that has grown, and how long it is."""
        self._blank_pools["next"][pool] = address_of(self._next[pool])
        self._blank_pools["room"][pool] = self._rooms[pool]

    def _set_sizes(self) -> None:
        program = self.program
        self.set(**dict.fromkeys(("walker", "idle", "idle_last", "touched"), NOBODY))
        self.set(
            actor_count=len(program.actors),
            class_count=len(program.classes),
            step_count=len(program.steps),
            breakdown_count=len(program.breakdowns),
            level_count=len(program.priorities),
            edge_count=len(self._arrays["edges"]),
            place_bits=program.place_bits,
            agenda_mask=len(self._arrays["agenda"]) - 1,
            block=self.block,
        )

    def _set_streams(self) -> None:
        for name in _STREAMS:
            self.set(**{f"key_{name}": step_key(name_key(name), 0)})
        self.set(**{f"stream_{name}": name_key(name) for name in _STREAMS[:2]})

    def _set_times(self, settings: Settings) -> None:
        unit = self.program.unit
        self.set(
            customers_wanted=ENDLESS if settings.customers is None else settings.customers,
            until_given=settings.until is not None,
            until=math.inf if settings.until is None else settings.until,
            warm_up=settings.warm_up,
            quiet=convert(QUIET_DAYS, TimeUnit.DAYS, unit),
            long=convert(REPAIR_DAYS, TimeUnit.DAYS, unit),
            counted_until=math.inf,
            unit_seconds=unit.seconds,
            groups=1,
            events_used=NO_EVENT + 1,
            in_hand=NO_EVENT,
            in_hand_due=NO_TIME,
            first=NO_EVENT,
            first_due=NO_TIME,
            always=STANDSTILL,
            allowed=STANDSTILL,
        )

    # -- growing ----------------------------------------------------------------------------------------------

    def grow(self) -> None:
        """Make every pool that is short twice as large, keeping all that it holds."""
        rooms = self._arrays["pools"]["room"]
        for pool, whole in self._rooms.items():
            if rooms[pool] < max(SPARE, whole // 4):
                self._double(pool)
        self._depending()

    def _double(self, pool: int) -> None:
        field = _POOLS[pool][0]
        added = self._rooms[pool]
        self._rooms[pool] += added
        self._put(field, _longer(self._arrays[field], self._rooms[pool]))
        self._next[pool] = _longer(self._next[pool], self._rooms[pool])
        self._arrays["pools"]["next"][pool] = address_of(self._next[pool])
        self._arrays["pools"]["room"][pool] += added
        self._measure(pool)

    def _depending(self) -> None:
        """Give what depends on the pools the room they demand."""
        rooms, program = self._rooms, self.program
        happening = rooms[STRANDS] + rooms[CUSTOMERS] + len(program.members) + len(program.classes)
        changing = 2 * len(program.actors) + 2 * len(program.breakdowns) + len(self._arrays["edges"]) + 16
        self._make_room_for_events(happening + changing + 1)
        self._at_least("links", LINK, rooms[REQUESTS] << program.place_bits)
        self._at_least("frames", FRAME, 2 * rooms[FORKS] + 16)
        self._unroll_agenda(4 * (rooms[REQUESTS] + rooms[STRANDS]) + 64)

    def _at_least(self, field: str, dtype: np.dtype[Any], room: int) -> None:
        array = self._arrays.get(field, np.zeros(0, dtype))
        if len(array) < room:
            self._put(field, _longer(array, room))

    def _make_room_for_events(self, room: int) -> None:
        before = len(self._arrays.get("events", ()))
        # what is looked at together is all there
        tops = -(-room // GROUP**2) * GROUP
        self._at_least("tops", NUMBER, tops)
        self._at_least("dues", NUMBER, tops * GROUP)
        self._at_least("events", EVENT, tops * GROUP)
        self._empty(before, tops * GROUP)

    def _empty(self, first: int, end: int) -> None:
        """Let no event be due at places where none is."""
        self._arrays["dues"]["value"][first:end] = NO_TIME
        self._arrays["tops"]["value"][first // GROUP : end // GROUP] = NO_TIME

    def _unroll_agenda(self, room: int) -> None:
        """Make the agenda longer; its positions count on for ever, and the ring is where they lie."""
        old = self._arrays["agenda"]
        size = 1 << (room - 1).bit_length()
        if size <= len(old):
            return
        ring = np.zeros(size, CONSEQUENCE)
        positions = np.arange(self.value("agenda_first"), self.value("agenda_last"))
        ring[positions & (size - 1)] = old[positions & (len(old) - 1)]
        self._put("agenda", ring)
        self.set(agenda_mask=size - 1)
        self._blank["agenda_mask"][0] = size - 1

    def _put(self, field: str, array: Block) -> None:
        self._arrays[field] = array
        self.world[field][0] = self._blank[field][0] = address_of(array)


def copy_bytes(source: Block, target: Block) -> None:
    """Copy structures as they lie; numpy would go through them field by field."""
    target.view(np.uint8)[:] = source.view(np.uint8)


def _longer(array: NDArray[np.void], room: int) -> Block:
    longer = np.zeros(room, array.dtype)
    longer[: len(array)] = array
    return longer
