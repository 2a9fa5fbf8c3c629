"""Small systems of linear equations, in memory that is there already.

Gaussian elimination with partial pivoting: G. H. Golub, C. F. Van Loan (2013), Matrix Computations, 3.4. A matrix
lies row by row from a first figure on; the factors take its place.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import rare, small
from servicechain.engines.compiled.layout import number, word


@rare
def factorise(figures: int, matrix: int, size: int, words: int, pivots: int) -> None:
    """Put the factors of a matrix in its place, and note which rows change places.

    Parameters
    ----------
    figures, words : int
        Addresses of NUMBERs and WORDs.
    matrix, pivots : int
        Positions there.
    """
    for k in range(size):
        pivot = k
        for row in range(k + 1, size):
            if abs(_at(figures, matrix, size, row, k).value) > abs(_at(figures, matrix, size, pivot, k).value):
                pivot = row
        word(words, pivots + k).value = pivot
        if pivot != k:
            for column in range(size):
                _swap(figures, matrix + k * size + column, matrix + pivot * size + column)
        for row in range(k + 1, size):
            factor = _at(figures, matrix, size, row, k).value / _at(figures, matrix, size, k, k).value
            _at(figures, matrix, size, row, k).value = factor
            for column in range(k + 1, size):
                _at(figures, matrix, size, row, column).value -= factor * _at(figures, matrix, size, k, column).value


@rare
def solve(figures: int, factors: int, size: int, words: int, pivots: int, right: int) -> None:
    """Put the solution in the place of the right-hand side."""
    for k in range(size):
        pivot = word(words, pivots + k).value
        if pivot != k:
            _swap(figures, right + k, right + pivot)
    for row in range(size):
        for column in range(row):
            number(figures, right + row).value -= (
                _at(figures, factors, size, row, column).value * number(figures, right + column).value
            )
    for row in range(size - 1, -1, -1):
        for column in range(row + 1, size):
            number(figures, right + row).value -= (
                _at(figures, factors, size, row, column).value * number(figures, right + column).value
            )
        number(figures, right + row).value /= _at(figures, factors, size, row, row).value


@small
def _at(figures: int, matrix: int, size: int, row: int, column: int) -> Any:
    return number(figures, matrix + row * size + column)


@rare
def _swap(figures: int, one: int, other: int) -> None:
    first, second = number(figures, one), number(figures, other)
    kept = first.value
    first.value = second.value
    second.value = kept
