"""Results and records as tidy pandas frames: one row per thing and metric, the unit in the attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd

from servicechain.columns import Columns, Words
from servicechain.estimates import Estimate, Estimates, Spread
from servicechain.facts import ChainFacts
from servicechain.records import Block, Parts

NUMBERS = ("mean", "halfwidth", "sd", "p50", "p90", "p95", "p99", "max")

Layout: TypeAlias = Callable[..., Columns]


def tidy(estimates: Estimates, thing: str, unit: str) -> pd.DataFrame:
    """Lay out the estimates of several things, one row for each of their metrics.

    Parameters
    ----------
    estimates : dict
        Things by name, each with its metrics.
    thing : str
        Name of the first column, e.g. ``service``.
    unit : str
        Unit of the times; ``frame.attrs["unit"]``.

    Returns
    -------
    DataFrame
        Columns `thing`, ``metric``, ``mean``, ``halfwidth``, ``sd``, ``p50``, ``p90``, ``p95``, ``p99``,
        ``max``; NaN where a metric is not a distribution or not defined. A metric with parts is named with
        a point: ``queue_length.mean``.
    """
    rows = [
        {thing: name, "metric": metric, **{number: getattr(estimate, number) for number in numbers(estimate)}}
        for name, metrics in estimates.items()
        if isinstance(metrics, dict)
        for metric, estimate in flat(metrics)
    ]
    frame = pd.DataFrame(rows, columns=[thing, "metric", *NUMBERS])
    frame = frame.astype(dict.fromkeys(NUMBERS, np.float64))
    frame.attrs["unit"] = unit
    return frame


def numbers(estimate: Estimate) -> tuple[str, ...]:
    """List the numbers an estimate has."""
    return NUMBERS if isinstance(estimate, Spread) else NUMBERS[:2]


def flat(metrics: Estimates, prefix: str = "") -> Iterable[tuple[str, Estimate]]:
    """List metrics with their names, those of a divided one joined by points."""
    for name, value in metrics.items():
        if isinstance(value, Estimate):
            yield prefix + name, value
        else:
            yield from flat(value, f"{prefix}{name}.")


def record_frame(
    layout: Layout, facts: ChainFacts, replications: Iterable[Block], parts: Iterable[Parts | None] | None = None
) -> pd.DataFrame:
    """Lay out kept records as a frame with the columns of the file; words as categories.

    Parameters
    ----------
    layout : callable
        `columns.customer_columns` or `columns.request_columns`.
    facts : ChainFacts
        What the positions in the records mean.
    replications : iterable of block
        The records of replication 0, 1, …
    parts : iterable of Parts, optional
        Whose the waiting of these customers is, replication by replication.
    """
    blocks = list(replications)
    if parts is None:
        columns = layout(facts, 0, np.concatenate(blocks))
    else:
        columns = layout(facts, 0, np.concatenate(blocks), _joined(blocks, parts))
    columns["replication"] = np.repeat(np.arange(len(blocks)), [block.size for block in blocks])
    frame = pd.DataFrame({name: series(column) for name, column in columns.items()})
    frame.attrs["unit"] = str(facts.unit)
    return frame


def _joined(blocks: list[Block], parts: Iterable[Parts | None]) -> Parts | None:
    """Make one of the parts of several replications; the longest list of paths holds all of them."""
    rows, paths, before = [], [], 0
    for block, part in zip(blocks, parts, strict=True):
        if part is not None:
            moved = part.rows.copy()
            moved["customer"] += before
            rows.append(moved)
            paths.append(part.paths)
        before += block.size
    return Parts(np.concatenate(rows), max(paths, key=len)) if rows else None


def series(column: object) -> pd.Series:
    """Give a column to pandas."""
    if isinstance(column, Words):
        return pd.Series(pd.Categorical.from_codes(column.codes, categories=pd.Index(column.words)))
    return pd.Series(np.ascontiguousarray(column))
