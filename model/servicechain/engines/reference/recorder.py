"""Collects records and hands them on in blocks, so that nothing grows with the run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from servicechain.engines.reference.requests import ATTENDED, HELD, OWN, QUEUEING, Customer, Request
from servicechain.records import COURSE, CUSTOMER, PART, REQUEST, Moment, Parts, Sink

if TYPE_CHECKING:
    from servicechain.engines.reference.attribution import Attribution
    from servicechain.engines.reference.cause_clocks import Times

BLOCK = 4096


class Recorder:
    """Turns customers and requests that are over into blocks of records."""

    def __init__(self, sink: Sink, warm_up: float) -> None:
        self.sink = sink
        self.attribution: Attribution | None = None
        self._parts: list[tuple[object, ...]] = []
        self._story: list[Moment] = []
        self.warm_up = warm_up
        self.last_arrival = math.inf
        self._customers: list[tuple[object, ...]] = []
        self._requests: list[tuple[object, ...]] = []

    def customer(self, customer: Customer, left: float, outcome: int) -> None:
        """Record a customer whose time is over."""
        times = customer.times
        if self.attribution is not None:
            account = self.attribution.close(customer)
            self._part(*account.times)
            if account.story is not None:
                self._story = account.story
        self._customers.append(
            (
                customer.plan.index,
                customer.number,
                customer.arrived,
                left,
                outcome,
                customer.begun,
                times[QUEUEING],
                times[HELD],
                times[ATTENDED],
                times[OWN],
            )
        )
        if len(self._customers) >= BLOCK:
            self._flush_customers()

    def _part(self, queueing: Times, held: Times) -> None:
        number = len(self._customers)
        for path in queueing | held:
            self._parts.append((number, path, queueing.get(path, 0.0), held.get(path, 0.0)))

    def request(self, request: Request, ended: float, outcome: int) -> None:
        """Record a request that is over, or as it stands at the end of the run."""
        self._requests.append(
            (
                request.origin.index,
                request.origin.number,
                request.service.index,
                _actor(request),
                request.asked,
                request.begun,
                request.answered,
                ended,
                outcome,
                self.warm_up <= request.asked <= self.last_arrival,
            )
        )
        if len(self._requests) >= BLOCK:
            self._flush_requests()

    def _flush_customers(self) -> None:
        if self._customers:
            block = np.array(self._customers, CUSTOMER)
            if self.attribution is None:
                self.sink.customers(block)
            else:
                parts = Parts(np.array(self._parts, PART), self.attribution.paths.all, self._story)
                self.sink.customers(block, parts)
            self._customers.clear()
            self._parts.clear()
            self._story = []

    def _flush_requests(self) -> None:
        if self._requests:
            self.sink.requests(np.array(self._requests, REQUEST))
            self._requests.clear()

    def flush(self) -> None:
        """Hand on what is left."""
        self._flush_customers()
        self._flush_requests()
        if self.attribution is not None and len(self.attribution.course) > 1:
            rows = [
                (bucket, customer_class, path, time)
                for bucket, times in enumerate(self.attribution.course)
                for (customer_class, path), time in times.items()
            ]
            parts = Parts(np.empty(0, PART), self.attribution.paths.all, course=np.array(rows, COURSE))
            self.sink.customers(np.empty(0, CUSTOMER), parts)


def _actor(request: Request) -> int:
    """Tell who took a request; who would have taken it, where there is no choice; else -1."""
    if request.team is not None:
        return request.team.index
    return request.service.actors[0] if len(request.service.actors) == 1 else -1
