"""Uniform numbers drawn for four at a time: for those who follow each other in a class, of whom one has come.

Customers come to a step roughly in the order of their numbers, and four draws together cost little more than one. So
the first of four to come draws for the others too. What has been drawn is kept by what is drawn (a *column*: a step,
the patience of a class, its arrivals) for some groups of four; whose it is, is kept with it, so who comes out of order
draws anew and gets the same.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.layout import FOUR, GROUPS, four_at, number
from servicechain.engines.compiled.uniforms import LANES, four_uniforms

_LANE_BITS = LANES.bit_length() - 1
_BYTES = 8
_WORD_BITS = 32
_FIELDS: Any = FOUR.fields
_FIRST = _FIELDS["first"][1] // _BYTES
_WIDTH = FOUR.itemsize // _BYTES


@small
def tossed(w: Any, column: int, who: int, which: int, lineage: int, path: int) -> float:
    """Draw a number between 0 and 1.

    Parameters
    ----------
    column : int
        What is drawn; for one column the path is always the same.
    who, lineage, path : int
        32-bit words, as `servicechain.engines.draws.uniform` takes them.
    which : int
        The number of whoever draws, from 0 to 2**63 - 1.
    """
    group = which >> _LANE_BITS
    place = column * GROUPS + (group & (GROUPS - 1))
    four = four_at(w, place)
    if four.group != group or four.whose != (lineage << _WORD_BITS | who):
        _draw(w, place, who, group, lineage, path)
    return number(w.fours, place * _WIDTH + _FIRST + (which & (LANES - 1))).value


@part
def _draw(w: Any, place: int, who: int, group: int, lineage: int, path: int) -> None:
    four = four_at(w, place)
    four.group = group
    four.whose = lineage << _WORD_BITS | who
    four_uniforms(w, w.fours + (place * _WIDTH + _FIRST) * _BYTES, who, group << _LANE_BITS, lineage, path)


@small
def patience_column(w: Any, customer_class: int) -> int:
    """Give the column of the patience of a class; the first columns are those of the steps."""
    return w.step_count + customer_class


@small
def arrival_column(w: Any, customer_class: int) -> int:
    """Give the column of the gaps between the arrivals of a class."""
    return w.step_count + w.class_count + customer_class
