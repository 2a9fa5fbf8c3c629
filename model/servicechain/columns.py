"""Records as columns with the names and words people read: one layout for files and frames.

The trap is text: a million customers of class "guest" need not be a million strings. A column of words is
kept as positions and the few words they mean, until the very end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from servicechain.causes import Cause
from servicechain.facts import ChainFacts
from servicechain.metrics import Floats, satisfaction_of
from servicechain.records import Block, CustomerOutcome, Parts, RequestOutcome


@dataclass(frozen=True)
class Words:
    """A column of words.

    Attributes
    ----------
    codes : ndarray of int
        Which word, row by row; −1 for none.
    words : tuple of str
        The words there are.
    """

    codes: NDArray[np.signedinteger[Any]]
    words: tuple[str, ...]


Columns: TypeAlias = dict[str, "NDArray[Any] | Words"]


def customer_columns(facts: ChainFacts, replication: int, block: Block, parts: Parts | None = None) -> Columns:
    """Lay out customers (`CUSTOMER`) as the file of ``--records`` has them; times in the chain's unit.

    With attribution a column ``queueing|ACTOR|CAUSE`` and one ``held|ACTOR|CAUSE`` for everything that can make a
    customer wait in this chain; they add up to ``queueing`` and ``held``. ``wait`` is queueing + held.
    ``satisfaction`` is NaN without a tolerance, and of who has not left.
    """
    wait = block["queueing"] + block["held"]
    return {
        "replication": np.full(block.size, replication, np.int64),
        "class": Words(block["customer_class"], names(facts.classes)),
        "number": block["number"],
        "arrived": block["arrived"],
        "left": block["left"],
        "outcome": Words(block["outcome"], tuple(outcome.word for outcome in CustomerOutcome)),
        **{name: block[name] for name in ("queueing", "held", "attended", "own")},
        "wait": wait,
        "satisfaction": satisfactions(facts, block, wait),
        **cause_columns(facts, block.size, parts),
    }


def cause_columns(facts: ChainFacts, size: int, parts: Parts | None) -> Columns:
    """Lay out the parts of the waiting of so many customers, by actor and cause."""
    columns: Columns = {}
    for measure in ("queueing", "held"):
        times = {leaf: np.zeros(size) for leaf in facts.causes}
        if parts is not None and parts.rows.size:
            for path in np.unique(parts.rows["path"]).tolist():
                rows = parts.rows[parts.rows["path"] == path]
                actor, cause = parts.paths[path][-2:]
                np.add.at(times[actor, Cause(cause)], rows["customer"], rows[measure])
        for (actor, cause), time in times.items():
            columns[f"{measure}|{facts.actors[actor].name}|{cause.word}"] = time
    return columns


def request_columns(facts: ChainFacts, replication: int, block: Block) -> Columns:
    """Lay out requests (`REQUEST`) as the file of ``--requests`` has them; times in the chain's unit."""
    return {
        "replication": np.full(block.size, replication, np.int64),
        "class": Words(block["customer_class"], names(facts.classes)),
        "number": block["number"],
        "service": Words(block["service"], names(facts.services)),
        "actor": Words(block["actor"], names(facts.actors)),
        **{name: block[name] for name in ("asked", "begun", "answered", "ended")},
        "outcome": Words(block["outcome"], tuple(outcome.word for outcome in RequestOutcome)),
    }


def satisfactions(facts: ChainFacts, block: Block, wait: Floats) -> Floats:
    """Give each customer's satisfaction; NaN without a tolerance, and of who has not left."""
    result = np.full(block.size, np.nan)
    gave_up = block["outcome"] == CustomerOutcome.ABANDONED
    left = block["outcome"] != CustomerOutcome.UNFINISHED
    for position, each in enumerate(facts.classes):
        if each.tolerance is not None:
            here = left & (block["customer_class"] == position)
            result[here] = satisfaction_of(wait[here], gave_up[here], each.tolerance)
    return result


def names(things: Iterable[Any]) -> tuple[str, ...]:
    """List the names of classes, services or actors."""
    return tuple(thing.name for thing in things)
