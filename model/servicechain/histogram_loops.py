"""The loops of histograms, compiled: a result has hundreds of them, each with thousands of buckets, mostly empty.

Numba is imported with this module, so whoever can do without imports it late.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.compiled_cache import kernel

Pages = NDArray[np.int16]
Records = NDArray[Any]

_PAGE = 256
_OCTAVE = np.uint64(52)


@kernel
def octaves_without_page(words: NDArray[np.uint64], pages: Pages, found: NDArray[np.int64]) -> int:
    """Find the octaves of values that have no page yet.

    Parameters
    ----------
    words : ndarray
        The values, as bits.
    pages : ndarray
        Which page of buckets an octave has; −1 for none. Left with −2 for those that are found.
    found : ndarray
        Gets them, as they come.

    Returns
    -------
    int
        How many.
    """
    count = 0
    for word in words:
        octave = np.int64(word >> _OCTAVE)
        if pages[octave] == -1:
            pages[octave] = -2
            found[count] = octave
            count += 1
    return count


@kernel
def pour(pages: Pages, buckets: Records, their_pages: Pages, theirs: Records) -> None:
    """Put what is in the buckets of one histogram into those of another that has all its pages.

    Parameters
    ----------
    pages, buckets : ndarray
        Where to.
    their_pages, theirs : ndarray
        Where from; what was taken for zero is passed over.
    """
    for octave in range(pages.size):
        if their_pages[octave] > 0:
            here, there = np.int64(pages[octave]) * _PAGE, np.int64(their_pages[octave]) * _PAGE
            for k in range(_PAGE):
                count = theirs[there + k].count
                if count > 0:
                    mine = buckets[here + k]
                    if mine.count == 0:
                        mine.first = theirs[there + k].first
                    mine.count += count
                    mine.beyond += theirs[there + k].beyond + count * (theirs[there + k].first - mine.first)


@kernel
def values_of_rank(pages: Pages, buckets: Records, ranks: NDArray[np.int64], values: NDArray[np.float64]) -> None:
    """Give the means of the buckets in which the values of some ranks lie.

    Parameters
    ----------
    pages, buckets : ndarray
        Of a histogram.
    ranks : ndarray
        From 1, rising.
    values : ndarray
        Gets one for each; 0 for what was taken for zero.
    """
    seen, number = np.int64(0), 0
    for k in range(_PAGE):
        seen += buckets[k].count
    while number < ranks.size and ranks[number] <= seen:
        values[number] = 0.0
        number += 1
    for octave in range(pages.size):
        if number == ranks.size:
            return
        if pages[octave] > 0:
            here = np.int64(pages[octave]) * _PAGE
            for k in range(_PAGE):
                bucket = buckets[here + k]
                seen += bucket.count
                while number < ranks.size and ranks[number] <= seen:
                    values[number] = bucket.first + bucket.beyond / bucket.count
                    number += 1
