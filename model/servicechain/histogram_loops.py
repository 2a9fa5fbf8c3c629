"""The loops behind a histogram: putting values into buckets, merging, and finding the values of given ranks.

An octave (a sign and an exponent) has a page of 256 buckets once a value has fallen into it. Pages are numbered from 1
as they are opened; 0 means none.

Values of one bucket share their first 20 bits, so the sum of the other 44, the *rest*, is all there is to know of their
mean. It is a sum of whole numbers: no order and no split changes it. The trap is that 2**20 values may fill 64 bits;
so the upper part of the sum is put aside before, after every `BEFORE_CARRYING` values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import inlined, kernel

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Words = NDArray[np.uint64]
Pages = NDArray[np.int32]
Records = NDArray[Any]

SMALLEST = 2.0**-60
"""Below this, a value is taken for zero."""

PAGE = 256
"""Buckets of an octave."""

OCTAVES = 1085
"""From that of the smallest value to that of infinity."""

LOWEST = int(np.float64(SMALLEST).view(np.uint64)) >> 52
"""The first bits of the smallest value: sign and exponent."""

BEFORE_CARRYING = 1 << 19
"""So many values may come into a histogram at once, and between two times that its sums are carried over."""

REST_BITS = 44
"""How many bits of a value its bucket does not tell."""

# Of the 64 bits of a float: sign and exponent, the 8 that follow, and the rest.
_OCTAVE = np.uint64(52)
_BUCKET = np.uint64(REST_BITS)
_PAGE_BITS = np.uint64(8)
_WITHIN = np.uint64(PAGE - 1)
_REST = np.uint64((1 << REST_BITS) - 1)
_FIRST = np.uint64(LOWEST)
_CARRYING = np.uint64(BEFORE_CARRYING)
_HALF = np.uint64(REST_BITS // 2)
_HALF_OF_REST = np.uint64((1 << REST_BITS // 2) - 1)
_NOTHING, _ONE = np.uint64(0), np.uint64(1)


@kernel
def fill(words: Words, start: int, end: int, before: int, pages: Pages, buckets: Records, used: Counts) -> np.int64:
    """Put values into buckets, from a start to an end.

    Parameters
    ----------
    words : ndarray
        The bits of finite numbers of at least the smallest.
    start, end : int
        No further apart than `BEFORE_CARRYING`.
    before : int
        How many values are in these buckets already.
    pages : ndarray
        Which page of buckets an octave has.
    buckets : ndarray of BUCKET
    used : ndarray
        How many pages of the buckets are in use; one element.

    Returns
    -------
    int64
        The end; or the place of the first value for whose octave there is no page left.
    """
    place, last = np.uint64(start), np.uint64(end)
    while place < last:
        word = words[place]
        octave = (word >> _OCTAVE) - _FIRST
        page = np.uint64(pages[octave])
        if page == 0:
            if used[0] * PAGE >= buckets.size:
                break
            used[0] += 1
            page = np.uint64(used[0])
            pages[octave] = page
        bucket = buckets[(page - _ONE) << _PAGE_BITS | word >> _BUCKET & _WITHIN]
        bucket.count += 1
        bucket.rest += word & _REST
        place += _ONE
    filled, seen = place - np.uint64(start), np.uint64(before)
    if seen // _CARRYING != (seen + filled) // _CARRYING:
        carry(pages, buckets)
    return np.int64(place)


@kernel
def carry(pages: Pages, buckets: Records) -> None:
    """Put aside the upper part of every sum, so that there is room for the rests of more values.

    Parameters
    ----------
    pages, buckets : ndarray
        Of a histogram.
    """
    for octave in range(pages.size):
        if pages[octave] > 0:
            here = (np.int64(pages[octave]) - 1) * PAGE
            for k in range(PAGE):
                bucket = buckets[here + k]
                bucket.carried += bucket.rest >> _BUCKET
                bucket.rest &= _REST


@kernel
def pour(pages: Pages, buckets: Records, used: Counts, their_pages: Pages, theirs: Records) -> None:
    """Put what is in the buckets of one histogram into those of another, in which there is room for all its pages.

    Parameters
    ----------
    pages, buckets, used : ndarray
        Where to; its sums are carried over.
    their_pages, theirs : ndarray
        Where from.
    """
    for octave in range(pages.size):
        if their_pages[octave] > 0:
            if pages[octave] == 0:
                used[0] += 1
                pages[octave] = used[0]
            here, there = (np.int64(pages[octave]) - 1) * PAGE, (np.int64(their_pages[octave]) - 1) * PAGE
            for k in range(PAGE):
                mine, other = buckets[here + k], theirs[there + k]
                mine.count += other.count
                mine.carried += other.carried + (other.rest >> _BUCKET)
                mine.rest += other.rest & _REST
    carry(pages, buckets)


@kernel
def values_of_rank(pages: Pages, buckets: Records, zeros: int, ranks: Counts, words: Words) -> None:
    """Give the means of the buckets in which the values of some ranks lie.

    Parameters
    ----------
    pages, buckets : ndarray
        Of a histogram.
    zeros : int
        How many values are zero.
    ranks : ndarray
        From 1, rising.
    words : ndarray
        Gets the bits of one for each.
    """
    seen, number = zeros, 0
    while number < ranks.size and ranks[number] <= seen:
        words[number] = _NOTHING
        number += 1
    for octave in range(pages.size):
        if number == ranks.size:
            return
        if pages[octave] > 0:
            here = (np.int64(pages[octave]) - 1) * PAGE
            for k in range(PAGE):
                bucket = buckets[here + k]
                seen += bucket.count
                while number < ranks.size and ranks[number] <= seen:
                    start = ((np.uint64(octave) + _FIRST) << _PAGE_BITS | np.uint64(k)) << _BUCKET
                    words[number] = _mean(start, bucket.count, bucket.carried, bucket.rest)
                    number += 1


@kernel
def means(keys: Counts, buckets: Records, words: Words) -> None:
    """Give the mean of each of some buckets, none of them empty.

    Parameters
    ----------
    keys : ndarray
        The first bits of the values in each.
    buckets : ndarray of BUCKET
    words : ndarray
        Gets the bits of the means.
    """
    for number in range(keys.size):
        bucket = buckets[number]
        words[number] = _mean(np.uint64(keys[number]) << _BUCKET, bucket.count, bucket.carried, bucket.rest)


@kernel
def values_of_rank_among(numbers: Words, zeros: int, ranks: Counts, words: Words) -> None:
    """Give what `values_of_rank` would if these numbers were in buckets.

    Parameters
    ----------
    numbers : ndarray
        The bits of a few, sorted, none below the smallest.
    zeros, ranks, words
        As there.
    """
    for number in range(ranks.size):
        place = ranks[number] - zeros - 1
        if place < 0:
            words[number] = _NOTHING
            continue
        bucket = numbers[place] >> _BUCKET
        start, end = place, place + 1
        while start > 0 and numbers[start - 1] >> _BUCKET == bucket:
            start -= 1
        while end < numbers.size and numbers[end] >> _BUCKET == bucket:
            end += 1
        rest = _NOTHING
        for near in range(start, end):
            rest += numbers[near] & _REST
        words[number] = _mean(bucket << _BUCKET, end - start, _NOTHING, rest)


@inlined
def _mean(start: np.uint64, count: int, carried: np.uint64, rest: np.uint64) -> np.uint64:
    """Give the bits of the mean of a bucket that starts at a value: the sum of its rests, divided by hand.

    64 bits are too few for the sum, so 22 of it are brought down at a time.
    """
    whole = np.uint64(count)
    upper = carried + (rest >> _BUCKET)
    rest &= _REST
    upper = upper << _HALF | rest >> _HALF
    lower = upper % whole << _HALF | rest & _HALF_OF_REST
    left = lower % whole
    return start + (upper // whole << _HALF) + lower // whole + np.uint64(left + left >= whole)
