"""A model written twice, simulated by both programs, and what is measured of it.

Both run from empty until the same time and take the mean over the same requests: those made from the warm-up on
that have left the line (a wait) or have ended (a time, a share) by that time. Who is still there is left out in
both programs alike, so what is cut off cannot make a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

import numpy as np
from ruamel.yaml import YAML

from peers.agreement import ENGINE, same_mean, seed_of
from peers.our_side import simulated
from servicechain import Chain


@dataclass
class Pair:
    """A chain and its twin.

    Attributes
    ----------
    name : str
        Determines the seeds.
    text : str
        The chain file, without its first line, in minutes.
    twin : callable
        From a seed and the time of the end to (asked, begun, ended) of every request, by service.
    until, warm_up : float
    replications : int
    """

    name: str
    text: str
    twin: Callable
    until: float
    warm_up: float = 0.0
    replications: int = 30

    @cached_property
    def ours(self):
        data = YAML(typ="safe", pure=True).load(dedent(self.text))
        chain = Chain.from_dict({"chain": self.name, "unit": "minutes", **data})
        seed = seed_of(self.name)
        return [
            simulated(chain, ENGINE, seed=seed, replication=replication, until=self.until).requests
            for replication in range(self.replications)
        ]

    @cached_property
    def theirs(self):
        return [
            self.twin(seed_of(f"{self.name}, replication {replication} of the twin"), self.until)
            for replication in range(self.replications)
        ]

    def compare(self, measure, service):
        """Hold both means of `measure`, ``wait``, ``time`` or ``gave_up``, for a service against each other."""
        ours, theirs = (
            [MEASURES[measure](self._counted(one[service])) for one in side] for side in (self.ours, self.theirs)
        )
        same_mean(ours, theirs, f"{self.name}, {measure} of {service}", share=measure == "gave_up")

    def _counted(self, moments):
        moments = np.array(moments)
        return moments[moments[:, 0] >= self.warm_up]


def _wait(moments):
    """In line, of those who have begun."""
    return np.nanmean(moments[:, 1] - moments[:, 0])


def _time(moments):
    """From asking to the end, or to giving up."""
    return np.nanmean(moments[:, 2] - moments[:, 0])


def _gave_up(moments):
    """The share that left without having begun, of those who have left."""
    gone = moments[~np.isnan(moments[:, 2])]
    return np.isnan(gone[:, 1]).mean()


MEASURES = {"wait": _wait, "time": _time, "gave_up": _gave_up}
