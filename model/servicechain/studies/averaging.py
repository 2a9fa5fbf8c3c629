"""The loop behind the measures: from counts and means to a row of numbers, as `metrics` makes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import inlined, kernel

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Records = NDArray[Any]

_HOUR = 3600
_DAY = 86400


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
    times, waits : ndarray of streams.STREAM
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
