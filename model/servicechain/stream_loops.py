"""The loops behind streams: compiled, because an engine makes a customer in less time than numpy passes over one.

A value that comes is only laid beside the others of its stream. When these fill their room, all are taken at
once: two short loops over numbers and buckets that lie near the processor beat one that does everything for each.

Zeros (nobody before you in line) are the most frequent value, and are not even laid down: how many values a stream has
seen is known from the counts, and what is missing at its end were zeros.

The trap is the last bit: a mean depends on where a sum was cut. So sums are always cut after every `AT_ONCE` values of
a stream, wherever the blocks of records end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import inlined, kernel
from servicechain.histogram_loops import SMALLEST, fill

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Words = NDArray[np.uint64]
Pages = NDArray[np.int32]
Records = NDArray[Any]

AT_ONCE = 512
"""So many values of a stream, zeros left out, are added up before the mean moves on."""

COMING = 1024
"""For so many more values there is always room, once it was looked after."""

_AT_ONCE = np.uint64(AT_ONCE)
_LANES = np.uint64(4)
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


class Room(NamedTuple):
    """The memory of some streams.

    Attributes
    ----------
    streams : ndarray of STREAM
    loose, words : ndarray
        The values not taken yet, as numbers and as bits; of each stream in a part of its own, all of one width.
    pages : ndarray
        Of each stream, which page of buckets an octave has.
    buckets : ndarray of BUCKET
        Of all streams.
    used : ndarray
        How many pages of the buckets are in use; one element.
    """

    streams: Records
    loose: Floats
    words: Words
    pages: Pages
    buckets: Records
    used: Counts


@inlined
def put(streams: Records, loose: Floats, stream: np.uint64, value: float) -> None:
    """Lay a value beside the others of its stream, unless it is zero; there must be room for it."""
    row = streams[stream]
    loose[row.end] = value
    row.end += np.uint64(value >= SMALLEST)


@kernel
def make_room(room: Room) -> bool:
    """Make room for some more values of every stream; tell whether there were pages enough.

    Without, whoever calls gets more pages and tries again.
    """
    width = np.uint64(room.loose.size // room.streams.size)
    limit = width - np.uint64(COMING)
    start = np.uint64(0)
    for number in range(room.streams.size):
        row = room.streams[number]
        if row.end > start + limit and not _take(room, row, room.pages[number], start):
            return False
        start += width
    return True


@kernel
def finish(room: Room, seen: Counts) -> None:
    """Take what is loose into the moments; it stays loose, since a histogram may never be asked for.

    Parameters
    ----------
    room : Room
    seen : ndarray
        How many values each stream has had, zeros included.
    """
    width = np.uint64(room.loose.size // room.streams.size)
    start = np.uint64(0)
    for number in range(room.streams.size):
        row = room.streams[number]
        place = start
        while place < row.end:
            stop = min(place + _AT_ONCE, row.end)
            _move_on(row, room.loose, place, stop)
            place = stop
        row.zeros = seen[number] - row.count
        if row.zeros > 0:
            row.squares += row.mean * row.mean * row.count * row.zeros / seen[number]
            row.mean = row.mean * row.count / seen[number]
            row.count = seen[number]
        start += width


@kernel
def _take(room: Room, row: Any, pages: Pages, start: np.uint64) -> bool:
    """Take the loose values of a stream, as many as are added up at once; tell whether there were pages enough."""
    whole = start + (row.end - start) // _AT_ONCE * _AT_ONCE
    if row.kept:
        before = row.count + np.int64(row.filled)
        done = np.uint64(fill(room.words, start + row.filled, whole, before, pages, room.buckets, room.used))
        if done < whole:
            row.filled = done - start
            return False
        row.filled = 0
    place = start
    while place < whole:
        _move_on(row, room.loose, place, place + _AT_ONCE)
        place += _AT_ONCE
    left = row.end - whole
    for number in range(left):
        room.loose[start + number] = room.loose[whole + number]
    row.end = start + left
    return True


@kernel
def _move_on(row: Any, values: Floats, start: np.uint64, end: np.uint64) -> None:
    """Move on count, mean, squares and largest of a stream.

    Differences are from the mean so far, so that equal values have exactly their own mean and no spread.
    """
    mean = row.mean if row.count else values[start]
    a = b = c = d = 0.0
    aa = bb = cc = dd = 0.0
    largest_a = largest_b = largest_c = largest_d = row.largest
    place = start
    while place + _LANES <= end:
        one, two, three, four = values[place], values[place + _ONE], values[place + _TWO], values[place + _THREE]
        largest_a = one if one > largest_a else largest_a
        largest_b = two if two > largest_b else largest_b
        largest_c = three if three > largest_c else largest_c
        largest_d = four if four > largest_d else largest_d
        one -= mean
        two -= mean
        three -= mean
        four -= mean
        a += one
        b += two
        c += three
        d += four
        aa += one * one
        bb += two * two
        cc += three * three
        dd += four * four
        place += _LANES
    while place < end:
        one = values[place]
        largest_a = one if one > largest_a else largest_a
        one -= mean
        a += one
        aa += one * one
        place += _ONE
    total, squares = (a + b) + (c + d), (aa + bb) + (cc + dd)
    count = row.count + np.int64(end - start)
    shift = total / count
    row.count = count
    row.mean = mean + shift
    row.squares = max(0.0, row.squares + (squares - total * shift))
    row.largest = max(largest_a, largest_b, largest_c, largest_d)
