"""The loops behind the sums: compiled, because an engine makes a customer in less time than numpy passes over one.

Records are first laid out as columns, class by class and service by service, and each column then goes into its
tally: two short loops beat one that does everything, because a column and the buckets of one tally stay near the
processor. All loops let go of the interpreter's lock, so replications can be summed up side by side.

The trap is an index beyond the end, which compiled code writes to without a word: positions that come with a record
are looked at before they are used. Numba is imported with this module, so whoever can do without imports it late.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import inlined, kernel
from servicechain.records import CustomerOutcome, RequestOutcome

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Records = NDArray[Any]
Scale = tuple[float, float, float]

# Of the 64 bits of a float: sign and exponent, and the 8 that follow.
_OCTAVE = np.uint64(52)
_BUCKET = np.uint64(44)
_BUCKET_BITS = np.uint64(8)
_WITHIN = np.uint64(255)

# So many values are added up before the mean moves on.
_AT_ONCE = 64

_FINISHED, _ABANDONED, _UNFINISHED = (int(outcome) for outcome in CustomerOutcome)
_REQUEST_ABANDONED, _REQUEST_WITHDRAWN = int(RequestOutcome.ABANDONED), int(RequestOutcome.WITHDRAWN)

CUSTOMER_COUNTS = ("finished", "abandoned", "unfinished", "begun", "delighted", "below")
"""What is counted of each class, in this order; the first three are the outcomes."""

_BEGUN, _DELIGHTED, _BELOW = 3, 4, 5

REQUEST_COUNTS = ("begun", "abandoned", "withdrawn", "waiting", "delayed", "in_time")
"""What is counted of each service, in this order."""


def solid(records: Records, dtype: np.dtype[Any]) -> Records:
    """Give records as the loops want them: in one piece, aligned, writable; for others they would be compiled anew."""
    return np.require(records, dtype, ["C", "A", "W"])


@kernel
def tally(
    values: Floats,
    words: NDArray[np.uint64],
    pages: NDArray[np.int16],
    buckets: Records,
    count: int,
    mean: float,
    squares: float,
) -> tuple[int, float, float, float]:
    """Put values into the buckets of a histogram, and follow their mean and their squared deviations from it.

    Differences are from the mean so far, which moves on after every few values: so sums are of small numbers and few.

    Parameters
    ----------
    values, words : ndarray
        The same memory, as numbers and as bits; not empty.
    pages : ndarray
        Which page of buckets an octave has; −1 for none.
    buckets : ndarray of BUCKET
    count, mean, squares : int, float
        Of the values before these.

    Returns
    -------
    tuple
        How many were taken (all before the first whose octave has no page), the largest, mean and squares.
    """
    largest = -math.inf
    if count == 0:
        mean = values[0]
    number, end = 0, values.size
    while number < end:
        start, stop = number, min(number + _AT_ONCE, end)
        total, apart_squared = 0.0, 0.0
        while number < stop:
            word = words[number]
            page = pages[word >> _OCTAVE]
            if page < 0:
                end = number
                break
            value = values[number]
            bucket = buckets[np.uint64(page) << _BUCKET_BITS | word >> _BUCKET & _WITHIN]
            if bucket.count == 0:
                bucket.first = value
            bucket.count += 1
            bucket.beyond += value - bucket.first
            if value > largest:  # noqa: PLR1730 - the function would have to be compiled, too
                largest = value
            apart = value - mean
            total += apart
            apart_squared += apart * apart
            number += 1
        count += number - start
        if count > 0:
            mean += total / count
            squares += apart_squared - total * total / count
    return number, largest, mean, squares


@kernel
def lay_out_customers(
    block: Records, warm_up: float, zones: Floats, scale: Scale, counts: Counts, ends: Counts, columns: Floats
) -> None:
    """Count the customers of each class who came after the warm-up, and lay out the times of those who left.

    Parameters
    ----------
    block : ndarray of CUSTOMER
    warm_up : float
    zones : ndarray
        Desired and adequate wait of each class, NaN without a tolerance.
    scale : tuple of float
        Satisfaction at the desired and at the adequate wait, and how fast it falls beyond.
    counts : ndarray
        Of each class the `CUSTOMER_COUNTS`, from zero.
    ends : ndarray
        Where the columns of each class end, from zero; those of the first begin at 0, of the next at its end.
    columns : ndarray
        Queueing, held, attended, own, wait, time in system, satisfaction; as long as the block.
    """
    for customer in block:
        position = customer.customer_class
        if not (0 <= position < ends.size and _FINISHED <= customer.outcome <= _UNFINISHED):
            raise IndexError("a customer's record has a class or an outcome that does not exist")
        if customer.arrived >= warm_up:
            counts[position, customer.outcome] += 1
            counts[position, _BEGUN] += customer.begun
            ends[position] += customer.outcome != _UNFINISHED
    _begin(ends)
    for customer in block:
        if not customer.arrived >= warm_up or customer.outcome == _UNFINISHED:
            continue
        position = customer.customer_class
        place = ends[position]
        ends[position] += 1
        wait = customer.queueing + customer.held
        columns[0, place] = customer.queueing
        columns[1, place] = customer.held
        columns[2, place] = customer.attended
        columns[3, place] = customer.own
        columns[4, place] = wait
        columns[5, place] = customer.left - customer.arrived
        desired, adequate = zones[position, 0], zones[position, 1]
        if not math.isnan(desired):
            gave_up = customer.outcome == _ABANDONED
            columns[6, place] = 0.0 if gave_up else _satisfaction(wait, desired, adequate, scale)
            counts[position, _DELIGHTED] += wait <= desired and not gave_up
            counts[position, _BELOW] += wait > adequate or gave_up


@kernel
def lay_out_requests(
    block: Records, standards: Floats, counts: Counts, waits: Counts, lasts: Counts, columns: Floats
) -> None:
    """Count the requests for each service, and lay out how long those that began were in line, and lasted.

    Parameters
    ----------
    block : ndarray of REQUEST
    standards : ndarray
        Of each service, NaN without one.
    counts : ndarray
        Of each service the `REQUEST_COUNTS`, from zero.
    waits, lasts : ndarray
        Where the times in line, and the durations, of each service end, from zero.
    columns : ndarray
        Time in line, duration; as long as the block.
    """
    for request in block:
        position = request.service
        if not 0 <= position < waits.size:
            raise IndexError("a request's record has a service that does not exist")
        if request.counted:
            outcome = request.outcome
            # who gives up while held has begun: such a request counts as begun, so that the four add up
            if not math.isnan(request.begun):
                counts[position, 0] += 1
                waits[position] += 1
                lasts[position] += not math.isnan(request.ended)
            elif outcome == _REQUEST_ABANDONED:
                counts[position, 1] += 1
            elif outcome == _REQUEST_WITHDRAWN:
                counts[position, 2] += 1
            else:
                counts[position, 3] += 1
    _begin(waits)
    _begin(lasts)
    for request in block:
        if not request.counted or math.isnan(request.begun):
            continue
        position = request.service
        wait = request.begun - request.asked
        columns[0, waits[position]] = wait
        waits[position] += 1
        counts[position, 4] += wait > 0.0
        counts[position, 5] += wait <= standards[position]
        if not math.isnan(request.ended):
            columns[1, lasts[position]] = request.ended - request.begun
            lasts[position] += 1


@kernel
def add_parts(rows: Records, block: Records, warm_up: float, left: Counts, sums: Records) -> None:
    """Add up the parts of the waiting of those who came after the warm-up and have left.

    Each sum carries along what rounding took from it (Kahan 1965, doi 10.1145/363707.363723), so that the sum of a
    hundred million parts is as good as that of ten, and the same however they are cut into blocks.

    Parameters
    ----------
    rows : ndarray of PART
    block : ndarray of CUSTOMER
    warm_up : float
    left : ndarray
        How many of each class have left.
    sums : ndarray of PART_SUM
        By class and path.
    """
    for customer in block:
        if not 0 <= customer.customer_class < left.size:
            raise IndexError("a customer's record has a class that does not exist")
        left[customer.customer_class] += customer.arrived >= warm_up and customer.outcome != _UNFINISHED
    for row in rows:
        if not (0 <= row.customer < block.size and 0 <= row.path < sums.shape[1]):
            raise IndexError("a part of the waiting belongs to a customer or a path that does not exist")
        customer = block[row.customer]
        if customer.arrived >= warm_up and customer.outcome != _UNFINISHED:
            part = sums[customer.customer_class, row.path]
            part.rows += 1
            more = row.queueing - part.queueing_lost
            total = part.queueing + more
            part.queueing_lost = (total - part.queueing) - more
            part.queueing = total
            more = row.held - part.held_lost
            total = part.held + more
            part.held_lost = (total - part.held) - more
            part.held = total


@kernel
def stand_in_line(block: Records, edges: Floats, lines: NDArray[np.intp], joined: Floats, within: Floats) -> None:
    """Put requests into the lines they stand in, from asking until they begin, or leave, or the last bucket ends.

    Parameters
    ----------
    block : ndarray of REQUEST
    edges : ndarray
        Of the buckets of time.
    lines : ndarray
        In whose line the requests for each service count.
    joined : ndarray
        Who joined each line (row) in each bucket (column), less who left it.
    within : ndarray
        The time they stood there in that very bucket.
    """
    for request in block:
        if not 0 <= request.service < lines.size:
            raise IndexError("a request's record has a service that does not exist")
        if request.asked != request.begun:
            line = lines[request.service]
            bucket = _bucket(edges, request.asked)
            joined[line, bucket] += 1.0
            within[line, bucket] += edges[bucket + 1] - request.asked
            left = request.ended if math.isnan(request.begun) else request.begun
            if not math.isnan(left):
                bucket = _bucket(edges, left)
                joined[line, bucket] -= 1.0
                within[line, bucket] -= edges[bucket + 1] - left


@inlined
def _begin(places: Counts) -> None:
    """From the sizes of groups make the places at which their columns begin."""
    place = 0
    for position in range(places.size):
        size = places[position]
        places[position] = place
        place += size


@inlined
def _satisfaction(wait: float, desired: float, adequate: float, scale: Scale) -> float:
    """Give the satisfaction with one wait: `servicechain.experience.satisfaction`, which tells the source."""
    at_desired, at_adequate, drop = scale
    if wait <= desired:
        return 1.0 - (1.0 - at_desired) * (wait / desired if wait > 0.0 else 0.0)
    depth = (wait - desired) / (adequate - desired)
    if wait <= adequate:
        return at_desired - (at_desired - at_adequate) * depth
    return at_adequate * math.exp(-drop * (depth - 1.0))


@inlined
def _bucket(edges: Floats, time: float) -> int:
    """Find the bucket of a time: guess by the length of the first, and go on from there."""
    last = edges.size - 2
    guess = time / (edges[1] - edges[0])
    bucket = math.floor(guess) if 0.0 < guess < last else last
    while bucket > 0 and time < edges[bucket]:
        bucket -= 1
    while bucket < last and time >= edges[bucket + 1]:
        bucket += 1
    return bucket
