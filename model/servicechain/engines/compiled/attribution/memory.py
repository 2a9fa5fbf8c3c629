"""The memory of attribution, which the kernel asks to grow, and what it has found out, in the layout of records.

Paths keep their numbers as long as the memory lives; all else begins anew with each replication. It may serve one
replication after the other, never two at once.
"""

from __future__ import annotations

import numpy as np

from servicechain.causes import Path
from servicechain.engines.compiled.attribution.layout import (
    ATTRIBUTION,
    CAUSES,
    ENTRIES,
    ENTRIES_OF_FOUR,
    FAILURE,
    FIGURES,
    FLOW,
    FLOWS,
    FOUR,
    GAIN,
    GAINS,
    KNOWN,
    KNOWN_KEY,
    MARKS,
    MARKS_OF_FOUR,
    MOMENT,
    MOMENTS,
    NODE,
    NODES,
    NOTHING,
    ONWARD,
    ONWARDS,
    PARTIAL,
    PARTIALS,
    PATH,
    PATHS,
    PATHS_KNOWN,
    ROWS,
    SCRATCH,
    SHARE,
    SHARES,
    SIZES,
    STEPS,
    STORE,
    TALLIES,
    TALLY,
    VIA,
    VIAS,
    VIEW,
    VIEWS,
    WORDS,
)
from servicechain.engines.compiled.attribution.paths import SPREAD
from servicechain.engines.compiled.layout import NOBODY, NUMBER, WORD
from servicechain.engines.compiled.program import Program
from servicechain.engines.compiled.rows import address_of, words
from servicechain.records import COURSE, PART, Block, Moment, Parts
from servicechain.settings import Settings

_STORES = {
    PATHS: ("paths", PATH),
    ONWARDS: ("onwards", ONWARD),
    NODES: ("nodes", NODE),
    VIEWS: ("views", VIEW),
    SHARES: ("shares", SHARE),
    ENTRIES: ("entries", ENTRIES_OF_FOUR),
    VIAS: ("vias", VIA),
    WORDS: ("words", WORD),
    MARKS: ("marks", MARKS_OF_FOUR),
    PARTIALS: ("partials", PARTIAL),
    ROWS: ("rows", PART),
    TALLIES: ("tallies", TALLY),
    MOMENTS: ("moments", MOMENT),
    GAINS: ("gains", GAIN),
    FLOWS: ("flows", FLOW),
    SCRATCH: ("scratch", WORD),
    FIGURES: ("figures", NUMBER),
    PATHS_KNOWN: ("paths_known", KNOWN_KEY),
    KNOWN: ("known", KNOWN_KEY),
}
_TABLES = (PATHS_KNOWN, KNOWN)
_KEPT = (PATHS, PATHS_KNOWN)
_FIRST_ROOM = 256


class AttributionMemory:
    """What attribution of one replication after the other lies in.

    Parameters
    ----------
    program : Program

    Attributes
    ----------
    address : int
        What the world needs to know.
    """

    def __init__(self, program: Program) -> None:
        self._actors = len(program.actors)
        self._twinned = bool((program.actors["repair"] != NOBODY).any())
        self._failing = bool(len(program.breakdowns))
        self._record = np.zeros(1, ATTRIBUTION)
        self.address = address_of(self._record)
        self._stores = np.zeros(len(_STORES), STORE)
        self._arrays: dict[int, Block] = {}
        self._free = {"marks_free": np.zeros(SIZES, WORD), "forks_free": np.zeros(STEPS, WORD)}
        self._blank = _blank(program, self._twinned)
        self._set(stores=address_of(self._stores))
        self._gained = np.zeros(FOUR, NUMBER)
        self._set(gained=address_of(self._gained))
        self._set(**{name: address_of(array) for name, array in self._free.items()})
        leaves = _leaves(self._actors)
        for store, (_, dtype) in _STORES.items():
            blank = self._blank.get(store, np.zeros(0, dtype))
            self._put(store, np.zeros(_power_of_two(_FIRST_ROOM + len(leaves) + 2 * len(blank)), dtype))
        self._arrays[PATHS][: len(leaves)] = leaves
        self._stores["top"][PATHS] = len(leaves)
        self._paths: list[Path] = []

    def start(self, settings: Settings) -> None:
        """Bring everything into its state at the beginning of a replication."""
        for store in _STORES:
            if store not in _KEPT:
                self._stores["top"][store] = 0
        for store, blank in self._blank.items():
            self._stores["top"][store] = len(blank)
            self._arrays[store][: len(blank)] = blank
        self._arrays[KNOWN][:] = np.zeros((), KNOWN_KEY)
        for field in ("place", "slot", "by", "column", "tally"):
            self._arrays[PATHS][field][: self._stores["top"][PATHS]] = NOBODY
        for array in self._free.values():
            array["value"] = NOBODY
        nobody = ("closing", "closing_last", "touched_customers", "partials_free", "emptied", "limbo", "watching")
        watched = settings.watched or (NOBODY, NOBODY)
        self._set(**dict.fromkeys(nobody, NOBODY))
        self._set(**dict.fromkeys(("short", "turning", "looking", "partials_left", "bucket", "told"), 0))
        self._set(failing=self._failing, twinned=self._twinned, has_edges=bool(settings.edges))
        self._set(watched_class=watched[0], watched_number=watched[1])

    # -- growing ----------------------------------------------------------------------------------------------

    def grow(self) -> bool:
        """Make whatever is short at least twice as large, keeping all that it holds; tell whether anything was."""
        short = np.flatnonzero(self._stores["wanted"] > self._stores["room"]).tolist()
        for store in short:
            old = self._arrays[store]
            room = _power_of_two(max(2 * len(old), int(self._stores["wanted"][store])))
            longer = np.zeros(room, old.dtype)
            if store in _TABLES:
                _fill(longer, old)
            else:
                longer[: len(old)] = old
            self._put(store, longer)
        self._stores["wanted"] = 0
        self._set(short=0)
        return bool(short)

    def _put(self, store: int, array: Block) -> None:
        field = _STORES[store][0]
        self._arrays[store] = array
        self._stores["address"][store] = address_of(array)
        self._stores["room"][store] = len(array)
        self._set(**{field: address_of(array)})
        if store in _TABLES:
            self._set(**{f"{field}_mask": len(array) - 1})

    def _set(self, **fields: int) -> None:
        for field, value in fields.items():
            self._record[field][0] = value

    # -- what has been found out ------------------------------------------------------------------------------

    def parts(self) -> Parts:
        """Hand on the parts of the customers in the block that is full; the next ones are written over them."""
        rows = self._arrays[ROWS][: self._stores["top"][ROWS]]
        self._stores["top"][ROWS] = 0
        story: list[Moment] = []
        if self._record["told"][0]:
            story = self._story()
            self._set(told=0)
        return Parts(rows, self._all_paths(), story)

    def course(self) -> Parts | None:
        """Hand on, at the end, all waiting by bucket of time; None if there is but one."""
        if not self._record["bucket"][0]:
            return None
        tallies = self._arrays[TALLIES][: self._stores["top"][TALLIES]]
        course = np.empty(len(tallies), COURSE)
        for field in COURSE.names or ():
            course[field] = tallies[field]
        return Parts(np.empty(0, PART), self._all_paths(), course=course)

    def _story(self) -> list[Moment]:
        told = []
        for state, first, count, start, end in self._arrays[MOMENTS][: self._stores["top"][MOMENTS]].tolist():
            times: dict[int, float] = {}
            for path, time in self._arrays[GAINS][first : first + count].tolist():
                times[path] = times.get(path, 0.0) + time
            told.append(Moment(start, end, state, times))
        return told

    def _all_paths(self) -> list[Path]:
        """Give the paths by their numbers; the list only grows."""
        paths = self._paths
        rows = self._arrays[PATHS][["first", "rest"]][len(paths) : self._stores["top"][PATHS]].tolist()
        for first, rest in rows:
            paths.append((first, len(paths) % CAUSES) if rest == NOTHING else (first, *paths[rest]))
        return paths


def _leaves(actors: int) -> Block:
    leaves = np.zeros(actors * CAUSES, PATH)
    numbers = np.arange(actors * CAUSES)
    leaves["first"] = numbers // CAUSES
    leaves["rest"] = NOTHING
    leaves["leaf"] = numbers
    leaves["twin"] = leaves["first"] * CAUSES + FAILURE
    return leaves


def _blank(program: Program, twinned: bool) -> dict[int, Block]:
    """Lay out the lines and whoever serves them, as they are while nobody is there."""
    lines = [_actors_of(program, line) for line in range(program.lines)]
    served: list[list[int]] = [[] for _ in range(len(program.actors))]
    for line, actors in enumerate(lines):
        for actor in actors:
            served[actor].append(line)
    nodes = np.zeros(len(lines), NODE)
    nodes["single"] = nodes["own"] = nodes["row"] = NOBODY
    kept: list[int] = []
    for line, actors in enumerate(lines):
        nodes["actors"][line], nodes["actor_count"][line] = len(kept), len(actors)
        kept += actors
        if len(actors) == 1:
            nodes["single"][line] = actors[0]
            if len(served[actors[0]]) == 1:
                nodes["own"][line] = actors[0]
    views = np.zeros(len(served), VIEW)
    for actor, some in enumerate(served):
        views["home"][actor] = some[0] if len(some) == 1 else NOBODY
        views["lines"][actor] = len(kept)
        kept += some
    roots = np.zeros((1 + twinned) * len(lines), ONWARD)
    for field in ("actor", "rest", "place", "via", "by"):
        roots[field] = NOBODY
    roots["node"] = np.tile(np.arange(len(lines)), 1 + twinned)
    roots["twin"] = np.arange(len(roots))
    nodes["root"] = np.arange(len(lines))
    if twinned:
        roots["twin"][: len(lines)] += len(lines)
        roots["failed"][len(lines) :] = 1
    return {NODES: nodes, VIEWS: views, ONWARDS: roots, WORDS: words(kept)}


def _actors_of(program: Program, line: int) -> list[int]:
    services = program.services
    first = int(np.flatnonzero(services["line"] == line)[0])
    start, count = int(services["actors"][first]), int(services["actor_count"][first])
    return sorted(program.offers["value"][start : start + count].tolist())


def _fill(table: Block, old: Block) -> None:
    """Put all keys of a table into a larger one, where the kernel looks for them."""
    mask = len(table) - 1
    for key, value in old[old["key"] != 0].tolist():
        place = _place(key) & mask
        while table["key"][place]:
            place = (place + 1) & mask
        table[place] = key, value


def _place(key: int) -> int:
    spread = key * SPREAD & (1 << 64) - 1
    return (spread - (1 << 64) if spread >> 63 else spread) >> 32


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()
