"""The loops behind a histogram: putting values into buckets, merging, and finding the values of given ranks.

An octave (a sign and an exponent) has a page of 256 buckets once a value has fallen into it. Pages are numbered from 1
as they are opened; 0 means none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import kernel

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

# Of the 64 bits of a float: sign and exponent, and the 8 that follow.
_OCTAVE = np.uint64(52)
_BUCKET = np.uint64(44)
_PAGE_BITS = np.uint64(8)
_WITHIN = np.uint64(PAGE - 1)
_FIRST = np.uint64(LOWEST)
_ONE = np.uint64(1)


@kernel
def fill(values: Floats, words: Words, start: int, end: int, pages: Pages, buckets: Records, used: Counts) -> np.int64:
    """Put values into buckets, from a start to an end.

    Parameters
    ----------
    values, words : ndarray
        The same memory, as numbers and as bits; finite numbers of at least the smallest.
    start, end : int
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
    for place in range(np.uint64(start), np.uint64(end)):
        word = words[place]
        octave = (word >> _OCTAVE) - _FIRST
        page = np.uint64(pages[octave])
        if page == 0:
            if used[0] * PAGE >= buckets.size:
                return np.int64(place)
            used[0] += 1
            page = np.uint64(used[0])
            pages[octave] = page
        value = values[place]
        bucket = buckets[(page - _ONE) << _PAGE_BITS | word >> _BUCKET & _WITHIN]
        if bucket.count == 0:
            bucket.first = value
        bucket.count += 1
        bucket.beyond += value - bucket.first
    return np.int64(end)


@kernel
def pour(pages: Pages, buckets: Records, used: Counts, their_pages: Pages, theirs: Records) -> None:
    """Put what is in the buckets of one histogram into those of another, in which there is room for all its pages.

    Parameters
    ----------
    pages, buckets, used : ndarray
        Where to.
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
                count = theirs[there + k].count
                if count > 0:
                    mine = buckets[here + k]
                    if mine.count == 0:
                        mine.first = theirs[there + k].first
                    mine.count += count
                    mine.beyond += theirs[there + k].beyond + count * (theirs[there + k].first - mine.first)


@kernel
def values_of_rank(pages: Pages, buckets: Records, zeros: int, ranks: Counts, values: Floats) -> None:
    """Give the means of the buckets in which the values of some ranks lie.

    Parameters
    ----------
    pages, buckets : ndarray
        Of a histogram.
    zeros : int
        How many values are zero.
    ranks : ndarray
        From 1, rising.
    values : ndarray
        Gets one for each.
    """
    seen, number = zeros, 0
    while number < ranks.size and ranks[number] <= seen:
        values[number] = 0.0
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
                    values[number] = bucket.first + bucket.beyond / bucket.count
                    number += 1


@kernel
def values_of_rank_among(numbers: Floats, words: Words, zeros: int, ranks: Counts, values: Floats) -> None:
    """Give what `values_of_rank` would if these numbers were in buckets.

    Parameters
    ----------
    numbers, words : ndarray
        The same memory, as numbers and as bits; sorted, none below the smallest.
    zeros, ranks, values
        As there.
    """
    for number in range(ranks.size):
        place = ranks[number] - zeros - 1
        if place < 0:
            values[number] = 0.0
            continue
        bucket = words[place] >> _BUCKET
        start, end = place, place + 1
        while start > 0 and words[start - 1] >> _BUCKET == bucket:
            start -= 1
        while end < numbers.size and words[end] >> _BUCKET == bucket:
            end += 1
        beyond = 0.0
        for near in range(start, end):
            beyond += numbers[near] - numbers[start]
        values[number] = numbers[start] + beyond / (end - start)
