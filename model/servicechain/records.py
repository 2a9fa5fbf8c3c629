"""What an engine tells about one run: blocks of customers, blocks of requests, and each actor's time.

A block is a numpy array of one of the structured types below, of any length; an engine hands it over as
soon as it is full, so nothing grows with the run. The trap: an engine may fill the same buffer again, so a
`Sink` that keeps a block must copy it. All times are in the chain's unit; a time that never came is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from servicechain.causes import Path

Block = NDArray[np.void]


class CustomerOutcome(IntEnum):
    """How a customer's journey stood when their record was written."""

    FINISHED = 0
    ABANDONED = 1
    UNFINISHED = 2

    @property
    def word(self) -> str:
        """The word files use."""
        return self.name.lower()


class RequestOutcome(IntEnum):
    """How a request stood when its record was written."""

    FINISHED = 0
    HANDED_OFF = 1
    ABANDONED = 2
    WITHDRAWN = 3
    WAITING = 4  # not begun when the run ended
    UNFINISHED = 5  # begun, not ended

    @property
    def word(self) -> str:
        """The word files use."""
        return self.name.lower()


CUSTOMER = np.dtype(
    [
        ("customer_class", np.int32),  # position among the chain's customers, in the order of the file
        ("number", np.int64),  # within the class
        ("arrived", np.float64),
        ("left", np.float64),  # NaN if unfinished
        ("outcome", np.int8),  # a CustomerOutcome
        ("begun", np.bool_),  # at least one request has begun
        ("queueing", np.float64),
        ("held", np.float64),
        ("attended", np.float64),
        ("own", np.float64),
    ],
    align=True,
)

REQUEST = np.dtype(
    [
        ("customer_class", np.int32),  # of the customer it was made for; -1 if for none (a repair)
        ("number", np.int64),  # of that customer; -1 if for none
        ("service", np.int32),  # position among the chain's services
        ("actor", np.int32),  # position among the chain's actors; -1 if none has taken it
        ("asked", np.float64),
        ("begun", np.float64),  # NaN if it never began
        ("answered", np.float64),  # NaN if never answered
        ("ended", np.float64),  # NaN if it has not ended
        ("outcome", np.int8),  # a RequestOutcome
        ("counted", np.bool_),  # made between the warm-up and the last arrival (or the end)
    ],
    align=True,
)

PART = np.dtype(
    [
        ("customer", np.int64),  # position in the block of customers
        ("path", np.int32),  # who caused it, by way of whom: a position among the paths
        ("queueing", np.float64),
        ("held", np.float64),
    ],
    align=True,
)

COURSE = np.dtype(
    [
        ("bucket", np.int32),
        ("customer_class", np.int32),
        ("path", np.int32),
        ("time", np.float64),  # waiting of all customers of the class in this bucket
    ],
    align=True,
)

ACTOR_TIME = np.dtype(
    [
        ("on_duty", np.float64),  # server time by the clock; NaN if unlimited
        ("busy", np.float64),  # server time with a request in hand, overtime included
        ("working", np.float64),  # the next four are parts of the time on duty
        ("held", np.float64),
        ("idle", np.float64),  # NaN if unlimited
        ("down", np.float64),
        ("overtime", np.float64),  # server time beyond duty
        ("queue", np.float64),  # integral of the number of requests in line
        ("queue_max", np.float64),  # the most that were in line at once
    ]
)


class Moment(NamedTuple):
    """A while in the visit of one customer, in which the same happens.

    Attributes
    ----------
    start, end : float
    state : int
        Position among ``queueing``, ``held``, ``attended``, ``own``.
    times : dict from position among the paths to float
        Whose this time is, of who waits.
    """

    start: float
    end: float
    state: int
    times: dict[int, float]


class Parts(NamedTuple):
    """To whom the waiting of a block of customers belongs.

    Attributes
    ----------
    rows : ndarray of PART
        In the order of the customers.
    paths : sequence of Path
        What the field `path` means; it only grows in the course of a run.
    story : sequence of Moment
        The visit of the customer who was watched, if they are in this block.
    course : ndarray of COURSE, or None
        Comes once, at the end: all minutes of waiting by bucket of time.
    """

    rows: Block
    paths: Sequence[Path]
    story: Sequence[Moment] = ()
    course: Block | None = None


class Sink(Protocol):
    """Where an engine puts what happened in one replication."""

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Take customers (`CUSTOMER`), those of the warm-up too, and the parts of their waiting, if it is known."""

    def requests(self, block: Block) -> None:
        """Take requests (`REQUEST`), those not counted too."""

    def close(self, actors: Block, window: float, end: float) -> None:
        """Take the actors' time and end the replication.

        Parameters
        ----------
        actors : ndarray of ACTOR_TIME, one element per actor
            Integrals over the observed time.
        window : float
            Length of the observed time, from the warm-up to the last arrival (or the end).
        end : float
            When the run ended.
        """


class Fanout:
    """Hand everything to several sinks, in their order."""

    def __init__(self, sinks: Iterable[Sink]) -> None:
        self.sinks = tuple(sinks)

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Hand on customers."""
        for sink in self.sinks:
            sink.customers(block, parts)

    def requests(self, block: Block) -> None:
        """Hand on requests."""
        for sink in self.sinks:
            sink.requests(block)

    def close(self, actors: Block, window: float, end: float) -> None:
        """End the replication everywhere."""
        for sink in self.sinks:
            sink.close(actors, window, end)


class KeepCustomers:
    """Keep every customer of one replication in memory; for notebooks, not for long runs."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.parts: list[Block] = []
        self.paths: Sequence[Path] = ()
        self._count = 0

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Keep a copy."""
        if parts is not None:
            rows = parts.rows.copy()
            rows["customer"] += self._count
            self.parts.append(rows)
            self.paths = parts.paths
        self._count += block.size
        self.blocks.append(block.copy())

    def requests(self, block: Block) -> None:
        """Let them pass."""

    def close(self, actors: Block, window: float, end: float) -> None:
        """Make one block of all."""
        self.blocks = [self.records]

    @property
    def records(self) -> Block:
        """All customers so far, in the order in which they came."""
        return joined(self.blocks, CUSTOMER)

    @property
    def waiting(self) -> Parts | None:
        """The parts of their waiting; None without attribution."""
        return Parts(joined(self.parts, PART), self.paths) if self.parts else None


class KeepRequests:
    """Keep every request of one replication in memory; for notebooks, not for long runs."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def customers(self, block: Block, parts: Parts | None = None) -> None:
        """Let them pass."""

    def requests(self, block: Block) -> None:
        """Keep a copy."""
        self.blocks.append(block.copy())

    def close(self, actors: Block, window: float, end: float) -> None:
        """Make one block of all."""
        self.blocks = [self.records]

    @property
    def records(self) -> Block:
        """All requests so far, in the order in which they came."""
        return joined(self.blocks, REQUEST)


def joined(blocks: list[Block], dtype: np.dtype[Any]) -> Block:
    """Make one block of several, of length 0 if there are none."""
    if not blocks:
        return np.empty(0, dtype)
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
