"""Arrays of structures, written row by row, and where they lie.

The trap is an address that outlives its array: whoever writes one down keeps the array too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servicechain.engines.compiled.layout import NUMBER, WORD
from servicechain.records import Block

Row = Mapping[str, float]


def rows_of(dtype: np.dtype[Any], rows: Sequence[Row]) -> Block:
    """Make an array of rows that name every field of a structure."""
    names = dtype.names or ()
    return np.array([tuple(row[name] for name in names) for row in rows], dtype)


def words(values: Iterable[int]) -> Block:
    """Make an array of whole numbers."""
    return np.array([(value,) for value in values], WORD)


def numbers(values: Iterable[float]) -> Block:
    """Make an array of floats."""
    return np.array([(value,) for value in values], NUMBER)


def address_of(array: NDArray[Any]) -> int:
    """Tell where an array lies, as long as it lives."""
    return array.ctypes.data


class Tables:
    """Tables of floats that structures refer to by their address.

    Attributes
    ----------
    kept : list of ndarray
        To be kept as long as any of the addresses is used.
    """

    def __init__(self) -> None:
        self.kept: list[NDArray[np.float64]] = []

    def keep(self, values: Sequence[float] | NDArray[np.float64]) -> int:
        """Keep values, and tell where they lie; 0 if there are none."""
        table = np.ascontiguousarray(values, dtype=np.float64)
        if not table.size:
            return 0
        self.kept.append(table)
        return address_of(table)
