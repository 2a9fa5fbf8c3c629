"""The loops behind the measures: from blocks of records to means and counts, and from these to a row of numbers.

They follow `summing.lay_out_customers`, `summing.tally` and `metrics` operation by operation, but leave out all that
only percentiles need. The trap is the last bit: a mean depends on where a sum was cut into parts, and a tally cuts it
after every few values, and where a value falls into an octave that had none before (its histogram opens a page there).
So the octaves seen are kept here as well, as one bit each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import inlined, kernel
from servicechain.histogram import SMALLEST
from servicechain.summing import lay_out_customers, lay_out_requests

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Words = NDArray[np.uint64]
Records = NDArray[Any]
Scale = tuple[float, float, float]

OCTAVE_WORDS = 64
"""64 bits each: one for every sign and exponent a float can have."""

STREAM = np.dtype([("count", np.int64), ("mean", np.float64)], align=True)
"""What is kept of a stream of values: how many there were, and their mean."""

# Of the 64 bits of a float: sign and exponent; and of these 12, the last 6.
_OCTAVE = np.uint64(52)
_WORD = np.uint64(6)
_BIT = np.uint64(63)
_ONE = np.uint64(1)
_LOWEST = np.float64(SMALLEST).view(np.uint64) >> _OCTAVE
_INFINITE = np.uint64(0x7FF)
_NEGATIVE = np.uint64(0x800)

# So many values are added up before the mean moves on.
_AT_ONCE = 64

_HOUR = 3600
_DAY = 86400


@kernel
def take_customers(
    block: Records,
    warm_up: float,
    zones: Floats,
    scale: Scale,
    counts: Counts,
    ends: Counts,
    columns: Floats,
    words: Words,
    streams: Records,
    octaves: Words,
) -> None:
    """Count the customers of each class, and move on the means of the times of those who left.

    Parameters
    ----------
    block : ndarray of CUSTOMER
    warm_up, zones, scale, counts, ends, columns
        As for `summing.lay_out_customers`, but what is counted goes on from block to block.
    words : ndarray
        The memory of the columns, as bits.
    streams : ndarray of STREAM
        Of each class, as many as there are columns.
    octaves : ndarray
        Of each stream, a bit for each octave seen.
    """
    ends[:] = 0
    lay_out_customers(block, warm_up, zones, scale, counts, ends, columns)
    start = 0
    for position in range(ends.size):
        end = ends[position]
        many = columns.shape[0] - math.isnan(zones[position, 0])
        for column in range(many):
            values, bits = columns[column, start:end], words[column, start:end]
            _take(values, bits, streams[position, column], octaves[position, column])
        start = end


@kernel
def take_requests(
    block: Records,
    standards: Floats,
    counts: Counts,
    waits: Counts,
    lasts: Counts,
    columns: Floats,
    words: Words,
    streams: Records,
    octaves: Words,
) -> None:
    """Count the requests for each service, and move on the means of their time in line and their duration.

    Parameters
    ----------
    block : ndarray of REQUEST
    standards, counts, waits, lasts, columns
        As for `summing.lay_out_requests`, but what is counted goes on from block to block.
    words : ndarray
        The memory of the columns, as bits.
    streams : ndarray of STREAM
        Two of each service.
    octaves : ndarray
        Of each stream, a bit for each octave seen.
    """
    waits[:] = 0
    lasts[:] = 0
    lay_out_requests(block, standards, counts, waits, lasts, columns)
    wait_start, last_start = 0, 0
    for position in range(waits.size):
        wait_end, last_end = waits[position], lasts[position]
        values, bits = columns[0, wait_start:wait_end], words[0, wait_start:wait_end]
        _take(values, bits, streams[position, 0], octaves[position, 0])
        values, bits = columns[1, last_start:last_end], words[1, last_start:last_end]
        _take(values, bits, streams[position, 1], octaves[position, 1])
        wait_start, last_start = wait_end, last_end


@kernel
def fill_row(
    people: Counts,
    times: Records,
    zones: Floats,
    asked: Counts,
    waits: Records,
    standards: Floats,
    actors: Records,
    wages: Floats,
    unlimited: NDArray[np.bool_],
    window: float,
    unit_seconds: float,
    row: Floats,
) -> None:
    """Write every number of the results in the order of `metrics.ReplicationSummary.values`, then the cost per day.

    Parameters
    ----------
    people, asked : ndarray
        Of each class the `CUSTOMER_COUNTS`, of each service the `REQUEST_COUNTS`.
    times, waits : ndarray of STREAM
        Of each class and of each service.
    zones, standards : ndarray
        Of each class, and of each service; NaN without.
    actors : ndarray of ACTOR_TIME
    wages, unlimited : ndarray
        Of each actor.
    window : float
        Length of the observed time.
    unit_seconds : float
        How long the unit of all times is, in seconds.
    row : ndarray
    """
    place = 0
    for position in range(people.shape[0]):
        place = _class_numbers(people[position], times[position], not math.isnan(zones[position, 0]), row, place)
    for position in range(asked.shape[0]):
        place = _service_numbers(asked[position], waits[position], math.isnan(standards[position]), row, place)
    total = 0.0
    for position in range(wages.size):
        place = _actor_numbers(actors[position], wages[position], unlimited[position], window, unit_seconds, row, place)
        cost = row[place - 3]
        total += 0.0 if math.isnan(cost) else cost
    row[place] = _share(total * _DAY, window * unit_seconds)


@inlined
def _class_numbers(counts: Counts, streams: Records, tolerant: bool, row: Floats, place: int) -> int:
    finished, abandoned, unfinished = counts[0], counts[1], counts[2]
    begun, delighted, below = counts[3], counts[4], counts[5]
    left = finished + abandoned
    row[place] = left + unfinished
    row[place + 1] = begun
    row[place + 2] = finished
    row[place + 3] = abandoned
    row[place + 4] = unfinished
    row[place + 5] = _share(abandoned, left)
    place += 6
    for column in range(streams.size - 1):
        row[place] = _mean(streams[column])
        place += 1
    if tolerant:
        row[place] = _mean(streams[streams.size - 1])
        row[place + 1] = _share(delighted, left)
        row[place + 2] = _share(left - delighted - below, left)
        row[place + 3] = _share(below, left)
        place += 4
    return place


@inlined
def _service_numbers(counts: Counts, streams: Records, no_standard: bool, row: Floats, place: int) -> int:
    begun, abandoned, withdrawn, waiting = counts[0], counts[1], counts[2], counts[3]
    delayed, in_time = counts[4], counts[5]
    requests = begun + abandoned + withdrawn + waiting
    row[place] = requests
    row[place + 1] = begun
    row[place + 2] = abandoned
    row[place + 3] = withdrawn
    row[place + 4] = waiting
    row[place + 5] = _share(delayed, begun)
    row[place + 6] = math.nan if no_standard else _share(in_time, requests)
    row[place + 7] = _mean(streams[0])
    row[place + 8] = _mean(streams[1])
    return place + 9


@inlined
def _actor_numbers(
    time: Any, wage: float, unlimited: bool, window: float, unit_seconds: float, row: Floats, place: int
) -> int:
    whole = math.nan if unlimited else time.on_duty
    row[place] = _share(whole, window)
    row[place + 1] = _share(time.busy, window)
    row[place + 2] = _share(time.working, whole)
    row[place + 3] = _share(time.held, whole)
    row[place + 4] = _share(time.idle, whole)
    row[place + 5] = _share(time.down, whole)
    row[place + 6] = _share(time.working + time.held, whole)
    row[place + 7] = time.overtime
    row[place + 8] = wage * (whole + time.overtime) * unit_seconds / _HOUR if wage else 0.0
    row[place + 9] = _share(time.queue, window)
    row[place + 10] = time.queue_max
    return place + 11


@inlined
def _mean(stream: Any) -> float:
    return stream.mean if stream.count else math.nan


@inlined
def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


@inlined
def _take(values: Floats, words: Words, stream: Any, octaves: Words) -> None:
    """Move on the mean of a stream by some more values, as a tally does."""
    if values.size == 0:
        return
    mean, opened, number, end = values[0], False, 0, values.size
    while number < end:
        stop, total = min(number + _AT_ONCE, end), 0.0
        while number < stop:
            octave = words[number] >> _OCTAVE
            if not (octave < _LOWEST or _NEGATIVE <= octave < _NEGATIVE + _INFINITE):
                if octave & _INFINITE == _INFINITE:
                    raise ValueError("a time is NaN or infinite; whoever measured it lost it")
                bit = _ONE << (octave & _BIT)
                if not octaves[octave >> _WORD] & bit:
                    if not opened:
                        # here the pages for all that follow are opened, and the sum goes on anew
                        opened = True
                        break
                    octaves[octave >> _WORD] |= bit
            total += values[number] - mean
            number += 1
        if number > 0:
            mean += total / number
    if stream.count == 0:
        stream.mean = mean
    else:
        stream.mean += (mean - stream.mean) * end / (stream.count + end)
    stream.count += end
