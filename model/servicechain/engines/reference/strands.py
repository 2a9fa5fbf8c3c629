"""Strands: lines of steps along which customers and requests walk.

A walk is a generator that stops wherever it must wait, and is advanced when what it waits for has come. A
`together` adds a strand for each of its branches.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from servicechain.engines.reference.clock import Due

if TYPE_CHECKING:
    from servicechain.engines.reference.requests import Customer, Request
    from servicechain.engines.reference.wait_for import Node

Walk = Generator[None, None, bool]


class Strand:
    """A line of steps: the main one of a customer or a request, or a branch of a `together`.

    Attributes
    ----------
    owner : Customer or Request
    fork : Fork or None
        The `together` whose branch it is.
    doing : Timed, Request, Fork or None
        What it waits for.
    over : bool
        Nobody walks here any more.
    """

    __slots__ = ("_proceed", "doing", "fork", "over", "owner", "walk")

    def __init__(self, owner: Customer | Request, proceed: Callable[[Strand], None], fork: Fork | None = None) -> None:
        self.owner = owner
        self._proceed = proceed
        self.fork = fork
        self.doing: Timed | Request | Fork | None = None
        self.over = False
        self.walk: Walk

    def answered(self) -> None:
        """Go on after an answer."""
        self.doing = None
        self._proceed(self)


class Fork:
    """A `together` that goes on."""

    __slots__ = ("branches", "done", "needed", "node", "strand", "waiting")

    def __init__(self, strand: Strand, needed: int) -> None:
        self.strand = strand
        self.needed = needed
        self.done = 0
        self.waiting = False
        self.branches: list[Strand] = []
        self.node: Node | None = None


class Timed:
    """Work or a pause that goes on or, work of a server, stands interrupted.

    Attributes
    ----------
    due : Due or None
        Its end, while it goes on.
    ends : float
        When it ends then.
    left : float
        How long it still takes at `speed`, while it stands interrupted.
    restarts : bool
        It begins again when it goes on.
    """

    __slots__ = ("by_server", "drawn", "due", "ends", "left", "restarts", "speed", "strand")

    def __init__(self, strand: Strand, drawn: float, by_server: bool) -> None:
        self.strand = strand
        self.drawn = drawn
        self.by_server = by_server
        self.due: Due | None = None
        self.ends = 0.0
        self.left = 0.0
        self.speed = 1.0
        self.restarts = False
