"""The models in cimba (a C engine with coroutines, from Python), in its fastest form: a process for each server.

A customer is then a number, the time of coming, in the store from which the servers take. Because the line is
first come, first served, a guest's patience can be looked at when the turn comes: so no process and no timer for
those who wait, but also nothing to say about how long they stayed who gave up. (With a process for each guest, as
everywhere else here, cimba takes four to five times as long.)

cimba is not among our dependencies; compare.py can be told of a Python that has it.
"""

from __future__ import annotations

from functools import partial

import cimba as cb
import cimba.random as rng

from benchmarks import models

_WORK, _BOOKING = models.location(models.M1_WORK), models.location(models.M2_BOOKING)
_SIGMA = models.SIGMA
_DESK_GAP, _HOTEL_GAP = 1 / models.M1_RATE, 1 / models.M2_RATE
_PATIENCE, _BEFORE, _AFTER = models.M2_PATIENCE, models.M2_BEFORE, models.M2_AFTER
(_FIX, _FIXING), (_APPROVE, _APPROVING) = models.M2_HELPERS.values()


class Desk(cb.Model):
    """M1."""

    customers: cb.Param[int] = 0
    warm_up: cb.Param[float] = 0.0
    line: cb.Store[float] = cb.Store()
    waits: cb.Dataset
    mean: cb.Output[float]

    @cb.process
    def arrivals(self):
        for _ in range(self.customers):
            cb.hold(rng.exponential(_DESK_GAP))
            self.line.put(cb.now())

    @cb.process(copies=models.M1_DESKS)
    def receptionist(self):
        while True:
            arrived = self.line.get()
            if arrived >= self.warm_up:
                self.waits.record(cb.now() - arrived)
            cb.hold(rng.lognormal(_WORK, _SIGMA))

    @cb.on_end
    def measure(self):
        self.mean = self.waits.sample_mean()


class Hotel(cb.Model):
    """M2."""

    customers: cb.Param[int] = 0
    warm_up: cb.Param[float] = 0.0
    line: cb.Store[float] = cb.Store()
    booking_system: cb.Resource = cb.Resource(capacity=models.M2_SERVERS["booking system"])
    programmer: cb.Resource = cb.Resource(capacity=models.M2_SERVERS["programmer"])
    manager: cb.Resource = cb.Resource(capacity=models.M2_SERVERS["manager"])
    waits: cb.Dataset
    mean: cb.Output[float]

    @cb.process
    def arrivals(self):
        for _ in range(self.customers):
            cb.hold(rng.exponential(_HOTEL_GAP))
            self.line.put(cb.now())

    @cb.process(copies=models.M2_SERVERS["receptionist"])
    def receptionist(self):
        while True:
            arrived = self.line.get()
            wait = cb.now() - arrived
            if wait > rng.exponential(_PATIENCE):
                continue
            if arrived >= self.warm_up:
                self.waits.record(wait)
            cb.hold(rng.exponential(_BEFORE))
            self.booking_system.acquire()
            cb.hold(rng.lognormal(_BOOKING, _SIGMA))
            self.booking_system.release()
            if rng.uniform(0.0, 1.0) < _FIX:
                self.programmer.acquire()
                cb.hold(rng.exponential(_FIXING))
                self.programmer.release()
            if rng.uniform(0.0, 1.0) < _APPROVE:
                self.manager.acquire()
                cb.hold(rng.exponential(_APPROVING))
                self.manager.release()
            cb.hold(rng.exponential(_AFTER))

    @cb.on_end
    def measure(self):
        self.mean = self.waits.sample_mean()


def simulator(model, warm_up=0.0):
    """Give the function that, for so many customers and a seed, gives the mean that `models.KNOWN` names.

    Who comes before `warm_up` is simulated, not counted.
    """
    return partial(_simulate, {"M1": Desk, "M2": Hotel}[model], warm_up)


def _simulate(model, warm_up, customers, seed):
    one = model()
    one.customers, one.warm_up = customers, warm_up
    results = cb.Experiment(one, replications=1, seed=seed).run(workers=1)
    if results.failed.any():
        raise RuntimeError(f"cimba: {results.failure_reasons}")
    return float(results[one].mean[0, 0])
