"""Collects records and hands them on in blocks, so that nothing grows with the run."""

from __future__ import annotations

import math

import numpy as np

from servicechain.engines.reference.requests import ATTENDED, HELD, OWN, QUEUEING, Customer, Request
from servicechain.records import CUSTOMER, REQUEST, Sink

BLOCK = 4096


class Recorder:
    """Turns customers and requests that are over into blocks of records."""

    def __init__(self, sink: Sink, warm_up: float) -> None:
        self.sink = sink
        self.warm_up = warm_up
        self.last_arrival = math.inf
        self._customers: list[tuple[object, ...]] = []
        self._requests: list[tuple[object, ...]] = []

    def customer(self, customer: Customer, left: float, outcome: int) -> None:
        """Record a customer whose time is over."""
        times = customer.times
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
            self.sink.customers(np.array(self._customers, CUSTOMER))
            self._customers.clear()

    def _flush_requests(self) -> None:
        if self._requests:
            self.sink.requests(np.array(self._requests, REQUEST))
            self._requests.clear()

    def flush(self) -> None:
        """Hand on what is left."""
        self._flush_customers()
        self._flush_requests()


def _actor(request: Request) -> int:
    """Tell who took a request; who would have taken it, where there is no choice; else -1."""
    if request.team is not None:
        return request.team.index
    return request.service.actors[0] if len(request.service.actors) == 1 else -1
