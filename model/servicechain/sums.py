"""The counts and streams of times of all classes and services: what every sink that sums up a replication is made of.

Compiled loops come with this module, so whoever can do without imports it late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from servicechain import summing
from servicechain.experience.satisfaction import AT_ADEQUATE, AT_DESIRED, STEEPNESS
from servicechain.facts import ChainFacts
from servicechain.records import CUSTOMER, REQUEST, Block
from servicechain.streams import Streams

Counts = NDArray[np.int64]

_SCALE = (AT_DESIRED, AT_ADEQUATE, STEEPNESS * (AT_DESIRED - AT_ADEQUATE) / AT_ADEQUATE)


class Sums:
    """Sums of one replication after the other.

    Parameters
    ----------
    facts : ChainFacts
        What the positions in the records mean.
    warm_up : float
        Customers who arrive before are not counted; in the chain's unit.
    people_kept, asked_kept : sequence of bool, optional
        Which of the streams shall have a histogram; all, if it is not said.

    Attributes
    ----------
    zones : ndarray
        Desired and adequate wait of each class, NaN without a tolerance.
    standards : ndarray
        Of each service, NaN without one.
    people_counts, asked_counts : ndarray
        Of each class the `summing.CUSTOMER_COUNTS`, of each service the `summing.REQUEST_COUNTS`.
    people, asked : Streams
        Of each class in turn its times and satisfaction, of each service its time in line and duration.
    """

    def __init__(
        self,
        facts: ChainFacts,
        warm_up: float,
        people_kept: Sequence[bool] | None = None,
        asked_kept: Sequence[bool] | None = None,
    ) -> None:
        classes, services = len(facts.classes), len(facts.services)
        self._warm_up = float(warm_up)
        self.zones = np.array([each.tolerance or (math.nan, math.nan) for each in facts.classes]).reshape(-1, 2)
        self.standards = np.array([math.nan if each.standard is None else each.standard for each in facts.services])
        self.people_counts = np.zeros((classes, len(summing.CUSTOMER_COUNTS)), np.int64)
        self.asked_counts = np.zeros((services, len(summing.REQUEST_COUNTS)), np.int64)
        self.people = Streams(classes * summing.CUSTOMER_STREAMS, people_kept)
        self.asked = Streams(services * summing.REQUEST_STREAMS, asked_kept)

    def customers(self, block: Block) -> None:
        """Take customers; those of the warm-up are passed over.

        Raises
        ------
        IndexError
            If a record has a class or an outcome that does not exist.
        ValueError
            If a time is NaN or infinite.
        """
        records, counts, done = summing.solid(block, CUSTOMER), self.people_counts, 0
        while done < records.size:
            of = (self._warm_up, self.zones, _SCALE, counts, self.people.room)
            done = summing.take_customers(records, done, *of)
            if done < records.size:
                self.people.add_pages()

    def requests(self, block: Block) -> None:
        """Take requests; those not counted are passed over.

        Raises
        ------
        IndexError, ValueError
            As for `customers`.
        """
        records, counts, done = summing.solid(block, REQUEST), self.asked_counts, 0
        while done < records.size:
            done = summing.take_requests(records, done, self.standards, counts, self.asked.room)
            if done < records.size:
                self.asked.add_pages()

    def finish(self) -> None:
        """End the replication: means and tallies are known then."""
        seen = np.repeat(self.people_counts[:, 0] + self.people_counts[:, 1], summing.CUSTOMER_STREAMS)
        seen[summing.CUSTOMER_STREAMS - 1 :: summing.CUSTOMER_STREAMS][np.isnan(self.zones[:, 0])] = 0
        self.people.finish(seen)
        # in line were all that have begun
        self.asked.finish(self.asked_counts[:, [0, -1]].ravel())

    def clear(self) -> None:
        """Forget the replication."""
        self.people_counts[:] = 0
        self.asked_counts[:] = 0
        self.people.clear()
        self.asked.clear()
