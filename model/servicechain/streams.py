"""Many streams of values at once, each becoming a tally: what the sinks of an engine fill.

All streams of one kind lie in common arrays, so that compiled loops take a whole block of records in one call. Of each
stream the latest values lie loose until there are many; then they are put into buckets, which are made only then: a
short replication, or one of many services among which its requests are spread, never needs any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from servicechain.histogram import BUCKET, Histogram
from servicechain.histogram_loops import OCTAVES, PAGE
from servicechain.stream_loops import COMING, Room, finish
from servicechain.tallies import Moments, Tally

STREAM = np.dtype(
    [
        ("end", np.uint64),  # where its loose values end
        ("filled", np.uint64),  # how many of them are in buckets already
        ("kept", np.bool_),  # whether it shall have a histogram
        ("zeros", np.int64),  # the next five are known when all has been taken
        ("count", np.int64),
        ("mean", np.float64),
        ("squares", np.float64),  # sum of the squared deviations from the mean
        ("largest", np.float64),
    ],
    align=True,
)

_FEW = 64
_FIRST_PAGES = 64

# Loose values of each of few streams stay near the processor; of each of many, few ever come, and no page is opened.
_WIDTH, _WIDTH_OF_MANY = 4 * COMING, 8 * COMING


class Streams:
    """Some streams of values, none negative.

    Parameters
    ----------
    count : int
    kept : sequence of bool, optional
        Which shall have a histogram; all, if it is not said.

    Attributes
    ----------
    room : Room
        For the compiled loops.
    """

    def __init__(self, count: int, kept: Sequence[bool] | None = None) -> None:
        self._width = _WIDTH if count <= _FEW else _WIDTH_OF_MANY
        self._fresh = np.zeros(count, STREAM)
        self._fresh["end"] = np.arange(count) * self._width
        self._fresh["kept"] = True if kept is None else kept
        loose = np.empty(count * self._width)
        pages = np.zeros((count, OCTAVES), np.int32)
        no_buckets, used = np.zeros(0, BUCKET), np.zeros(1, np.int64)
        self.room = Room(self._fresh.copy(), loose, loose.view(np.uint64), pages, no_buckets, used)

    def add_pages(self) -> None:
        """Get more pages of buckets."""
        buckets = self.room.buckets
        longer = np.zeros(max(2 * buckets.size, _FIRST_PAGES * PAGE), BUCKET)
        longer[: buckets.size] = buckets
        self.room = self.room._replace(buckets=longer)

    def finish(self, seen: NDArray[np.int64]) -> None:
        """Take what is left; whatever was seen and is not here was zero.

        Parameters
        ----------
        seen : ndarray of int
            How many values each stream has had.
        """
        if seen.size:
            finish(self.room, seen)

    def tallies(self) -> Iterator[Tally]:
        """Give what has become of each stream; they have to be finished."""
        return map(self.tally, range(self.room.streams.size))

    def tally(self, number: int) -> Tally:
        """Give what has become of one stream; it has to be finished."""
        end, _, _, zeros, count, mean, squares, largest = self.room.streams[number].item()
        loose = self.room.loose[number * self._width : end]
        tally = Tally(Moments.of(count, mean, squares), Histogram.of(largest, zeros, loose.copy()))
        in_buckets = count - zeros - loose.size
        if in_buckets:
            tally.histogram.take_pages(self.room.pages[number], self.room.buckets, in_buckets, largest)
        return tally

    def clear(self) -> None:
        """Begin anew."""
        room = self.room
        if room.used[0]:
            room.pages[:] = 0
            room.buckets[: int(room.used[0]) * PAGE] = np.zeros(1, BUCKET)
            room.used[0] = 0
        room.streams[:] = self._fresh
