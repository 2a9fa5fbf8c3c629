"""Draws for eight at a time: for those who follow each other in a class, of whom one has come.

Customers come to a step roughly in the order of their numbers, and eight draws together cost little more than one. So
the first of eight to come draws for the others too. What has been drawn is kept by what is drawn (a *column*: a step,
the patience of a class, its arrivals) for some groups of eight; whose it is, is kept with it, so who comes out of order
draws anew and gets the same.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import part, small
from servicechain.engines.compiled.inverting import invert
from servicechain.engines.compiled.layout import EIGHT, GROUPS, NOBODY, eight_at, number
from servicechain.engines.compiled.uniforms import LANES, eight_uniforms

_LANE_BITS = LANES.bit_length() - 1
_BYTES = 8
_WORD_BITS = 32
_FIELDS: Any = EIGHT.fields
_FIRST = _FIELDS["first"][1] // _BYTES
_WIDTH = EIGHT.itemsize // _BYTES


@small
def in_turn(w: Any, column: int, variate: int, who: int, which: int, lineage: int, path: int) -> float:
    """Draw a value of a variate, or (`NOBODY`) a number between 0 and 1.

    Parameters
    ----------
    column : int
        What is drawn; for one column the path is always the same, and for one lineage there the variate is.
    variate : int
    who, lineage, path : int
        32-bit words, as `servicechain.engines.draws.uniform` takes them.
    which : int
        The number of whoever draws, from 0 to 2**63 - 1.
    """
    group = which >> _LANE_BITS
    place = column * GROUPS + (group & (GROUPS - 1))
    eight = eight_at(w, place)
    if eight.group != group or eight.whose != (lineage << _WORD_BITS | who):
        _draw(w, place, variate, who, group, lineage, path)
    return number(w.eights, place * _WIDTH + _FIRST + (which & (LANES - 1))).value


@part
def _draw(w: Any, place: int, variate: int, who: int, group: int, lineage: int, path: int) -> None:
    eight = eight_at(w, place)
    eight.group = group
    eight.whose = lineage << _WORD_BITS | who
    address = w.eights + (place * _WIDTH + _FIRST) * _BYTES
    eight_uniforms(w, address, who, group << _LANE_BITS, lineage, path)
    if variate != NOBODY:
        invert(w, variate, address)


@small
def patience_column(w: Any, customer_class: int) -> int:
    """Give the column of the patience of a class; the first columns are those of the steps."""
    return w.step_count + customer_class


@small
def arrival_column(w: Any, customer_class: int) -> int:
    """Give the column of the gaps between the arrivals of a class."""
    return w.step_count + w.class_count + customer_class
