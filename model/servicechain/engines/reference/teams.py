"""A team at work: an actor's line, its servers, and where their time goes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Protocol

from servicechain.engines.reference.plan import ActorPlan
from servicechain.engines.reference.requests import Request

if TYPE_CHECKING:
    from servicechain.engines.reference.breakdowns import Repair


class Line:
    """Requests waiting: lowest priority number first, then the earliest to join.

    Who leaves the line early stays in the heap and is passed over when reached.
    """

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Request]] = []

    def join(self, request: Request) -> None:
        """Stand in line."""
        heappush(self._heap, (request.priority, request.order, request.joined, request))

    def first(self) -> Request | None:
        """Give whose turn it is; None if nobody waits."""
        heap = self._heap
        while heap:
            _, _, joined, request = heap[0]
            if request.waiting and request.joined == joined:
                return request
            heappop(heap)
        return None

    def __iter__(self) -> Iterator[Request]:
        return (entry[3] for entry in sorted(self._heap) if entry[3].waiting and entry[3].joined == entry[2])


class Watch(Protocol):
    """Who is told when a team, or one of its servers, starts and stops working."""

    def working(self, server: int) -> None:
        """Note that a server works that did not."""

    def resting(self, server: int, now: float) -> None:
        """Note that a server no longer works."""


class Team:
    """An actor while it runs.

    A server on duty is idle, busy (working or held) or down. The numbers change only through the methods below,
    each of which first books the time since the last change. If more are busy than are on duty, the time on duty
    is shared among the busy in equal parts, and the rest is overtime.

    Attributes
    ----------
    on_duty : float
        Servers by the clock.
    is_down : bool
        All have failed at once.
    outage : Repair or None
        What brings them back.
    broken : int
        Servers that have failed each by itself.
    served : dict of Request
        In hand, in the order in which servers took them.
    queue : int
        Requests in line that name this actor first.
    """

    __slots__ = (
        "_busy_time",
        "_down_time",
        "_duty_time",
        "_free",
        "_held_time",
        "_idle_time",
        "_next",
        "_overtime",
        "_queue_time",
        "_working_time",
        "broken",
        "busy",
        "in_front",
        "index",
        "is_down",
        "line",
        "on_duty",
        "outage",
        "plan",
        "preempts",
        "queue",
        "queue_max",
        "served",
        "since",
        "speed",
        "watch",
        "working",
    )

    def __init__(self, plan: ActorPlan) -> None:
        self.plan = plan
        self.index, self.speed, self.in_front, self.preempts = plan.index, plan.speed, plan.in_front, plan.preempts
        self.on_duty = plan.servers
        self.line = Line()
        self.served: dict[Request, None] = {}
        self.watch: Watch | None = None
        self.is_down = False
        self.outage: Repair | None = None
        self.broken = self.busy = self.working = self.queue = 0
        self._free: list[int] = []
        self._next = 0
        self.start_over(0.0)

    # -- where the time goes ----------------------------------------------------------------------------------

    def start_over(self, now: float) -> None:
        """Begin to observe: forget the time so far, not the state."""
        self.since = now
        self._duty_time = self._working_time = self._held_time = self._idle_time = 0.0
        self._down_time = self._overtime = self._queue_time = self._busy_time = 0.0
        self.queue_max: float = self.queue

    def book(self, now: float) -> None:
        """Book the time since the last change under the states it was spent in."""
        passed = now - self.since
        if passed <= 0:
            return
        self.since = now
        duty, busy = self.on_duty, self.busy
        if self.queue:
            self._queue_time += self.queue * passed
        if busy:
            self._busy_time += busy * passed
            share = 1.0
            if busy > duty:
                self._overtime += (busy - duty) * passed
                share = duty / busy
            if not self.is_down:
                self._working_time += self.working * share * passed
                self._held_time += (busy - self.working) * share * passed
        self._duty_time += duty * passed
        if self.is_down:
            self._down_time += duty * passed
        else:
            self._down_time += self.broken * passed
            if busy < duty:
                self._idle_time += (duty - self.broken - busy) * passed

    def times(self) -> tuple[float, ...]:
        """Give the integrals of an `ACTOR_TIME` since observing began."""
        unlimited = math.isinf(self.on_duty)
        return (
            math.nan if unlimited else self._duty_time,
            self._busy_time,
            self._working_time,
            self._held_time,
            math.nan if unlimited else self._idle_time,
            0.0 if unlimited else self._down_time,
            self._overtime,
            self._queue_time,
            float(self.queue_max),
        )

    # -- servers ----------------------------------------------------------------------------------------------

    @property
    def has_free_server(self) -> bool:
        """Whether somebody could begin a request at once."""
        return not self.is_down and self.busy < self.on_duty - self.broken

    @property
    def is_full(self) -> bool:
        """Whether all who are on duty and up are busy, and nobody works overtime."""
        return not self.is_down and self.busy == self.on_duty - self.broken

    def victim(self, priority: int) -> Request | None:
        """Find the work to interrupt for a request of this priority: the highest number, then who began last."""
        found: Request | None = None
        for request in self.served:
            if request.working is None or request.priority <= priority:
                continue
            if found is None or request.priority >= found.priority:
                found = request
        return found

    def take(self, request: Request, now: float) -> None:
        """Make the free server with the lowest number busy with a request."""
        self.book(now)
        self.busy += 1
        if self._free:
            request.server = heappop(self._free)
        else:
            request.server = self._next
            self._next += 1
        request.team = self
        self.served[request] = None

    def release(self, request: Request, now: float) -> None:
        """Make the server free that has a request in hand."""
        self.book(now)
        self.busy -= 1
        heappush(self._free, request.server)
        request.server = -1
        del self.served[request]

    def start_work(self, request: Request, now: float) -> None:
        """Let a busy server work that was held."""
        if now != self.since:
            self.book(now)
        self.working += 1
        if self.watch is not None:
            self.watch.working(request.server)

    def stop_work(self, request: Request, now: float) -> None:
        """Let a working server be held."""
        if now != self.since:
            self.book(now)
        self.working -= 1
        if self.watch is not None:
            self.watch.resting(request.server, now)

    def break_server(self, server: int, now: float) -> None:
        """Take a free server out of service."""
        self.book(now)
        self.broken += 1
        while self._next <= server:
            self._free.append(self._next)
            self._next += 1
        self._free.remove(server)
        heapify(self._free)

    def mend_server(self, server: int, now: float) -> None:
        """Put a server back into service."""
        self.book(now)
        self.broken -= 1
        heappush(self._free, server)

    # -- the line ---------------------------------------------------------------------------------------------

    def lengthen(self, by: int, now: float) -> None:
        """Count a request that joins the line (1) or leaves it (-1)."""
        self.book(now)
        self.queue += by
        self.queue_max = max(self.queue_max, self.queue)
