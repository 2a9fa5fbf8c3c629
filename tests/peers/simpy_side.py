"""What hand-written SimPy models share: a log of moments, laid out as `our_side.Happened` has them."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import contextmanager


class Log:
    """Who asked, began and ended when; in the order in which they ended."""

    def __init__(self, env):
        self.env = env
        self.requests = defaultdict(list)
        self.customers = defaultdict(list)

    @contextmanager
    def request(self, service):
        """Note the moment of asking on entry and of ending on exit; ``begun()`` is to be called in between."""
        asked, begun = self.env.now, math.nan

        def begin():
            nonlocal begun
            begun = self.env.now

        yield begin
        self.requests[service].append((asked, begun, self.env.now))


def use(env, log, resource, service, duration, priority=None):
    """Be a request that is nothing but work."""
    with log.request(service) as begin, _turn(resource, priority) as turn:
        yield turn
        begin()
        yield env.timeout(duration)


def _turn(resource, priority):
    return resource.request() if priority is None else resource.request(priority=priority)
