"""The loops behind the sums: compiled, because an engine makes a customer in less time than numpy passes over one.

One call takes a whole block, and lays each time beside the others of its class or service (`stream_loops`). All loops
let go of the interpreter's lock, so replications can be summed up side by side.

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
from servicechain.stream_loops import COMING, Room, make_room, put

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Records = NDArray[Any]
Scale = tuple[float, float, float]

_FINISHED, _ABANDONED, _UNFINISHED = (int(outcome) for outcome in CustomerOutcome)
_REQUEST_ABANDONED, _REQUEST_WITHDRAWN = int(RequestOutcome.ABANDONED), int(RequestOutcome.WITHDRAWN)

CUSTOMER_COUNTS = ("finished", "abandoned", "unfinished", "begun", "delighted", "below")
"""What is counted of each class, in this order; the first three are the outcomes."""

_BEGUN, _DELIGHTED, _BELOW = 3, 4, 5

REQUEST_COUNTS = ("begun", "abandoned", "withdrawn", "waiting", "delayed", "in_time", "ended")
"""What is counted of each service, in this order."""

_HAS_BEGUN, _NOT_BEGUN_ABANDONED, _NOT_BEGUN_WITHDRAWN, _NOT_BEGUN_WAITING = 0, 1, 2, 3
_DELAYED, _IN_TIME, _ENDED = 4, 5, 6

CUSTOMER_STREAMS, REQUEST_STREAMS = 7, 2
"""How many streams of times there are of each class, and of each service."""

_CUSTOMER_STREAMS, _REQUEST_STREAMS = np.uint64(CUSTOMER_STREAMS), np.uint64(REQUEST_STREAMS)
_ONE, _TWO, _THREE, _FOUR, _FIVE, _SIX = (np.uint64(number) for number in range(1, 7))


def solid(records: Records, dtype: np.dtype[Any]) -> Records:
    """Give records as the loops want them: in one piece, aligned, writable; for others they would be compiled anew."""
    if records.dtype is dtype and records.flags.carray:
        return records
    return np.require(records, dtype, ["C", "A", "W"])


@kernel
def take_customers(
    block: Records, start: int, warm_up: float, zones: Floats, scale: Scale, counts: Counts, room: Room
) -> int:
    """Count the customers of each class who came after the warm-up, and take the times of those who left.

    Parameters
    ----------
    block : ndarray of CUSTOMER
    start : int
        The first to be taken.
    warm_up : float
    zones : ndarray
        Desired and adequate wait of each class, NaN without a tolerance.
    scale : tuple of float
        Satisfaction at the desired and at the adequate wait, and how fast it falls beyond.
    counts : ndarray
        Of each class the `CUSTOMER_COUNTS` so far.
    room : Room
        Of each class `CUSTOMER_STREAMS`: queueing, held, attended, own, wait, time in system, satisfaction.

    Returns
    -------
    int
        The length of the block; or the first that could not be taken, for want of pages.
    """
    streams, loose = room.streams, room.loose
    classes = np.uint64(counts.shape[0])
    while start < block.size:
        if not make_room(room):
            return start
        end, sound = min(start + COMING, block.size), 0.0
        for number in range(np.uint64(start), np.uint64(end)):
            customer = block[number]
            position, outcome = np.uint64(customer.customer_class), np.uint64(customer.outcome)
            if position >= classes or outcome > _UNFINISHED:
                raise IndexError("a customer's record has a class or an outcome that does not exist")
            if customer.arrived >= warm_up:
                counts[position, outcome] += 1
                counts[position, _BEGUN] += customer.begun
                if outcome == _UNFINISHED:
                    continue
                stream = position * _CUSTOMER_STREAMS
                wait, inside = customer.queueing + customer.held, customer.left - customer.arrived
                sound += wait + customer.attended + customer.own + inside
                put(streams, loose, stream, customer.queueing)
                put(streams, loose, stream + _ONE, customer.held)
                put(streams, loose, stream + _TWO, customer.attended)
                put(streams, loose, stream + _THREE, customer.own)
                put(streams, loose, stream + _FOUR, wait)
                put(streams, loose, stream + _FIVE, inside)
                desired, adequate = zones[position, 0], zones[position, 1]
                if not math.isnan(desired):
                    gave_up = outcome == _ABANDONED
                    put(streams, loose, stream + _SIX, _satisfaction(wait, gave_up, desired, adequate, scale))
                    counts[position, _DELIGHTED] += wait <= desired and not gave_up
                    counts[position, _BELOW] += wait > adequate or gave_up
        if not abs(sound) < math.inf:
            raise ValueError("a time of a customer is NaN or infinite; whoever measured it lost it")
        start = end
    return start


@kernel
def take_requests(block: Records, start: int, standards: Floats, counts: Counts, room: Room) -> int:
    """Count the requests for each service, and take how long those that began were in line, and lasted.

    Parameters
    ----------
    block : ndarray of REQUEST
    start : int
        The first to be taken.
    standards : ndarray
        Of each service, NaN without one.
    counts : ndarray
        Of each service the `REQUEST_COUNTS` so far.
    room : Room
        Of each service `REQUEST_STREAMS`: time in line, duration.

    Returns
    -------
    int
        The length of the block; or the first that could not be taken, for want of pages.
    """
    streams, loose = room.streams, room.loose
    services = np.uint64(counts.shape[0])
    while start < block.size:
        if not make_room(room):
            return start
        end, sound = min(start + COMING, block.size), 0.0
        for number in range(np.uint64(start), np.uint64(end)):
            request = block[number]
            position = np.uint64(request.service)
            if position >= services:
                raise IndexError("a request's record has a service that does not exist")
            if request.counted:
                # who gives up while held has begun: such a request counts as begun, so that the four add up
                begun = request.begun
                wait, lasted = begun - request.asked, request.ended - begun
                has_begun, has_ended = not math.isnan(begun), not math.isnan(lasted)
                sound += (wait if has_begun else 0.0) + (lasted if has_ended else 0.0)
                # NaN, the times of what has not begun or ended, is neither counted nor put down: who has begun cannot
                # be foretold, and going another way would take longer than all of this
                counts[position, _kind_of(has_begun, request.outcome)] += 1
                counts[position, _DELAYED] += wait > 0.0
                counts[position, _IN_TIME] += wait <= standards[position]
                counts[position, _ENDED] += has_ended
                put(streams, loose, position * _REQUEST_STREAMS, wait)
                put(streams, loose, position * _REQUEST_STREAMS + _ONE, lasted)
        if not abs(sound) < math.inf:
            raise ValueError("a time of a request is NaN or infinite; whoever measured it lost it")
        start = end
    return start


@inlined
def _kind_of(has_begun: bool, outcome: int) -> np.uint64:
    """Give what a request counts as; as a choice of numbers, without a way of its own for each."""
    kind = _NOT_BEGUN_WITHDRAWN if outcome == _REQUEST_WITHDRAWN else _NOT_BEGUN_WAITING
    kind = _NOT_BEGUN_ABANDONED if outcome == _REQUEST_ABANDONED else kind
    return np.uint64(_HAS_BEGUN if has_begun else kind)


@kernel
def add_parts(rows: Records, block: Records, warm_up: float, left: Counts, sums: Records) -> None:
    """Add up the parts of the waiting of those who came after the warm-up and have left.

    Beside each sum is summed up what rounding took from it (Ogita, Rump & Oishi 2005, doi 10.1137/030601818, algorithm
    4.4), so that the sum of a hundred million parts is as good as that of ten, and the same however they are cut into
    blocks.

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
    classes, paths, size = np.uint64(left.size), np.uint64(sums.shape[1]), np.uint64(block.size)
    for number in range(size):
        customer = block[number]
        position = np.uint64(customer.customer_class)
        if position >= classes:
            raise IndexError("a customer's record has a class that does not exist")
        left[position] += customer.arrived >= warm_up and customer.outcome != _UNFINISHED
    for number in range(np.uint64(rows.size)):
        row = rows[number]
        number_of_customer, path = np.uint64(row.customer), np.uint64(row.path)
        if number_of_customer >= size or path >= paths:
            raise IndexError("a part of the waiting belongs to a customer or a path that does not exist")
        customer = block[number_of_customer]
        if customer.arrived >= warm_up and customer.outcome != _UNFINISHED:
            part = sums[np.uint64(customer.customer_class), path]
            part.rows += 1
            before, more = part.queueing, row.queueing
            part.queueing = before + more
            part.queueing_lost += _lost(before, more, before + more)
            before, more = part.held, row.held
            part.held = before + more
            part.held_lost += _lost(before, more, before + more)


@inlined
def _lost(one: float, other: float, total: float) -> float:
    """Give what rounding has taken from a sum of two numbers, none negative: exactly."""
    larger, smaller = (one, other) if one > other else (other, one)
    return smaller - (total - larger)


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
def _satisfaction(wait: float, gave_up: bool, desired: float, adequate: float, scale: Scale) -> float:
    """Give the satisfaction with one wait: `servicechain.experience.satisfaction`, which tells the source."""
    if gave_up:
        return 0.0
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
