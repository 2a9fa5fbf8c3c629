"""A team at work: an actor's line, its free servers, and where its servers' time goes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heappop, heappush

from servicechain.engines.reference.requests import Request


class Line:
    """Requests waiting: lowest priority number first, then the earliest to join.

    Who leaves the line early stays in the heap and is passed over when reached.
    """

    __slots__ = ("_heap", "_joined", "length")

    def __init__(self) -> None:
        self._heap: list[tuple[int, float, int, Request]] = []
        self._joined = 0
        self.length = 0

    def join(self, request: Request) -> None:
        """Stand in line."""
        request.waiting = True
        self.length += 1
        self._joined += 1
        heappush(self._heap, (request.priority, request.asked, self._joined, request))

    def leave(self, request: Request) -> None:
        """Give up one's place."""
        request.waiting = False
        self.length -= 1

    def take(self) -> Request:
        """Take the first; there must be one."""
        while True:
            request = heappop(self._heap)[3]
            if request.waiting:
                self.leave(request)
                return request

    def __iter__(self) -> Iterator[Request]:
        return (entry[3] for entry in sorted(self._heap) if entry[3].waiting)


class Team:
    """An actor while it runs.

    A server is idle, or busy: working or held. Their numbers change only through the methods below, each of
    which first books the time since the last change.
    """

    __slots__ = (
        "_free",
        "_next",
        "busy",
        "held_time",
        "in_front",
        "index",
        "line",
        "queue_max",
        "queue_time",
        "servers",
        "since",
        "working",
        "working_time",
    )

    def __init__(self, index: int, servers: float, in_front: bool) -> None:
        self.index = index
        self.servers = servers
        self.in_front = in_front
        self.line = Line()
        self.busy = self.working = 0
        self._free: list[int] = []
        self._next = 0
        self.since = 0.0
        self.start_over(0.0)

    def start_over(self, now: float) -> None:
        """Begin to observe: forget the time so far, not the state."""
        self.since = now
        self.working_time = self.held_time = self.queue_time = 0.0
        self.queue_max: float = self.line.length

    def book(self, now: float) -> None:
        """Book the time since the last change under the states it was spent in."""
        passed = now - self.since
        if passed > 0:
            self.working_time += self.working * passed
            self.held_time += (self.busy - self.working) * passed
            self.queue_time += self.line.length * passed
            self.since = now

    @property
    def has_free_server(self) -> bool:
        """Whether somebody could begin a request at once."""
        return self.busy < self.servers

    def take_server(self, now: float) -> int:
        """Make the free server with the lowest number busy."""
        self.book(now)
        self.busy += 1
        if self._free:
            return heappop(self._free)
        self._next += 1
        return self._next - 1

    def release_server(self, server: int, now: float) -> None:
        """Make a server free."""
        self.book(now)
        self.busy -= 1
        heappush(self._free, server)

    def join_line(self, request: Request, now: float) -> None:
        """Let a request stand in line."""
        self.book(now)
        self.line.join(request)
        self.queue_max = max(self.queue_max, self.line.length)

    def leave_line(self, request: Request, now: float) -> None:
        """Let a request leave the line without having begun."""
        self.book(now)
        self.line.leave(request)

    def next_in_line(self, now: float) -> Request | None:
        """Take the first request of the line, if there is one."""
        if not self.line.length:
            return None
        self.book(now)
        return self.line.take()

    def start_work(self, now: float) -> None:
        """Let one busy server work that was held."""
        self.book(now)
        self.working += 1

    def stop_work(self, now: float) -> None:
        """Let one working server be held."""
        self.book(now)
        self.working -= 1

    def times(self, window: float) -> tuple[float, ...]:
        """Give the integrals of an `ACTOR_TIME` over an observed time of length `window`."""
        busy = self.working_time + self.held_time
        if math.isinf(self.servers):
            on_duty = idle = math.nan
        else:
            on_duty = self.servers * window
            idle = max(0.0, on_duty - busy)
        queue = (self.queue_time, float(self.queue_max))
        return (on_duty, busy, self.working_time, self.held_time, idle, 0.0, 0.0, *queue)
