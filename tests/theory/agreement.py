"""When a simulated number agrees with an exact one: the one rule of all tests in this folder.

A number is measured as a mean over n >= 20 independent replications, with its standard error. It agrees if

1. |simulated − exact| <= 4.5 standard errors, and
2. the standard error is at most 3 % of the exact value, so that a wrong rule would be seen. A probability
   p counts by the smaller of p and 1 − p, and there 6 % are enough: a tail is rare, and what a wrong rule
   does to it is large;
3. a number without any variance (all replications alike) equals the exact one to 1e-9.

False alarms of the first condition: the statistic is Student's t with n − 1 degrees of freedom, so a true
value is refused with probability 2.5e-4 for n = 20, 6e-5 for n = 40 and 7e-6 for n = 1000 or more. With 40
replications, the usual number here, and about 220 values, one run of everything raises a false alarm with
probability 1.3 %. Waiting times are skew to the right, which makes that a little larger.

Random numbers: the seed of a model derives from its name and from the environment variable
``SERVICECHAIN_SEED_OFFSET`` (0 by default), so that anybody can see that no agreement hangs on one seed.

The traps: the standard error comes from replications only, since customers of one run wait in the same line;
and a ratio (the mean wait of those who gave up, a standard deviation) is taken of all replications together,
with the jackknife for its error and its bias (Miller 1974, Biometrika 61:1-15, doi 10.1093/biomet/61.1.1).
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from textwrap import dedent
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

import servicechain as sc
from servicechain.estimates import student
from theory.references import REFERENCES

STANDARD_ERRORS = 4.5
RELATIVE_ERROR = 0.03
RELATIVE_ERROR_OF_TAIL = 0.06
FEWEST_REPLICATIONS = 20
REPLICATIONS = 40
SEED_OFFSET = int(os.environ.get("SERVICECHAIN_SEED_OFFSET", "0"))
ENGINE = os.environ.get("SERVICECHAIN_ENGINE", "auto")


@dataclass(frozen=True)
class Measured:
    """A simulated number: its mean, its standard error, from how many independent replications."""

    mean: float
    error: float
    replications: int


class Run:
    """The records of one replication: pandas frames in the order in which customers came, requests were made.

    `customers` and `requests` are those from the warm-up on, `all_customers` and `all_requests` everybody;
    `end` is the time at which the run ends, None if it ends with the last customer.
    """

    def __init__(self, model: Model, replication: int) -> None:
        self._model = model
        self._replication = replication
        self.warm_up = model.result.warm_up
        self.end: float | None = model.settings.get("until")

    @property
    def all_customers(self) -> pd.DataFrame:
        return self._model.customers[self._replication]

    @property
    def all_requests(self) -> pd.DataFrame:
        return self._model.requests[self._replication]

    @cached_property
    def customers(self) -> pd.DataFrame:
        return self.all_customers[self.all_customers["arrived"] >= self.warm_up]

    @cached_property
    def requests(self) -> pd.DataFrame:
        return self.all_requests[self.all_requests["asked"] >= self.warm_up]

    def requests_for(self, service: str) -> pd.DataFrame:
        return self.requests[self.requests["service"] == service]


@dataclass(frozen=True)
class Measure:
    """Something that can be measured; `slow` if that takes more than ten seconds."""

    take: Callable[[], Measured]
    model: str
    slow: bool = False


class Model:
    """A queueing model written as a chain, simulated once, when the first of its numbers is asked for.

    Records are large: only the two models simulated last keep theirs, so the numbers of a model stand together.

    Parameters
    ----------
    name : str
        Names the chain and, with the offset, determines the seed.
    text : str
        The chain file, without its first line.
    slow : bool
        Simulating it takes more than ten seconds.
    records : bool
        Keep them; a long run whose numbers all stand in the results does without.
    python : mapping from str to generator function
        What the names stand for that the text gives to ``custom``: steps in Python, which only the reference
        engine walks.
    settings
        Of `servicechain.run`: customers or until, warm_up; attribution, which takes its time, only where asked for.
    """

    _remembered: ClassVar[deque[Model]] = deque()

    def __init__(
        self,
        name: str,
        text: str,
        *,
        replications: int = REPLICATIONS,
        slow: bool = False,
        records: bool = True,
        python: Mapping[str, Callable[[Any], Any]] | None = None,
        **settings: Any,
    ) -> None:
        self.name = name
        self.slow = slow
        self.records = records
        self.replications = replications
        self.settings = {"attribution": False, **settings}
        self.engine = "reference" if python else ENGINE
        self._python = python or {}
        self._text = text

    @property
    def seed(self) -> int:
        return (zlib.crc32(self.name.encode()) + SEED_OFFSET) % 2**32

    @cached_property
    def chain(self) -> sc.Chain:
        data = YAML(typ="safe", pure=True).load(dedent(self._text))
        return sc.Chain.from_dict({"chain": self.name, **with_functions(data, self._python)})

    @cached_property
    def result(self) -> sc.Result:
        if len(Model._remembered) == 2:
            Model._remembered.popleft()._forget()
        Model._remembered.append(self)
        return sc.run(
            self.chain,
            replications=self.replications,
            seed=self.seed,
            engine=self.engine,
            keep_records=self.records,
            **self.settings,
        )

    def _forget(self) -> None:
        for name in ("result", "customers", "requests", "runs"):
            self.__dict__.pop(name, None)

    @cached_property
    def customers(self) -> list[pd.DataFrame]:
        return split(self.result.customer_records, "arrived", self.replications)

    @cached_property
    def requests(self) -> list[pd.DataFrame]:
        return split(self.result.request_records, "asked", self.replications)

    @cached_property
    def runs(self) -> list[Run]:
        return [Run(self, replication) for replication in range(self.replications)]

    def number(self, path: str) -> Measure:
        """Take a number from the results, e.g. ``customers.guest.wait``, and its half-width."""

        def take() -> Measured:
            halfwidth = self.result.value(f"{path}.halfwidth")
            error = halfwidth / student(self.replications - 1)
            return Measured(self.result.value(f"{path}.mean"), error, self.replications)

        return self._measure(take)

    def mean(self, value: Callable[[Run], float]) -> Measure:
        """Take the mean over the replications of something computed from each one's records."""

        def take() -> Measured:
            values = np.array([value(run) for run in self.runs])
            return Measured(values.mean(), values.std(ddof=1) / np.sqrt(values.size), values.size)

        return self._measure(take)

    def pooled(self, values: Callable[[Run], Any], statistic: Callable[[Any], float] = np.mean) -> Measure:
        """Take a statistic of the values (or rows) of all replications together."""
        return self._measure(lambda: jackknife([np.asarray(values(run)) for run in self.runs], statistic))

    def _measure(self, take: Callable[[], Measured]) -> Measure:
        return Measure(take, self.name, self.slow)


def with_functions(data: Any, functions: Mapping[str, Callable[[Any], Any]]) -> Any:
    """Put functions where a chain's text names them."""
    if isinstance(data, dict):
        return {
            key: functions[value] if key == "custom" else with_functions(value, functions)
            for key, value in data.items()
        }
    return [with_functions(value, functions) for value in data] if isinstance(data, list) else data


def split(frame: pd.DataFrame, by_time: str, replications: int) -> list[pd.DataFrame]:
    """Cut a frame of records into one for each replication, each ordered by a time and then by number."""
    frame = frame.sort_values(["replication", by_time, "number"], kind="stable")
    bounds = np.searchsorted(frame["replication"], np.arange(replications + 1))
    return [frame.iloc[start:stop] for start, stop in pairwise(bounds)]


def jackknife(parts: list[Any], statistic: Callable[[Any], float]) -> Measured:
    """Estimate a statistic of all parts together, and its error from leaving out one part at a time."""
    count = len(parts)
    everything = np.concatenate(parts)
    owner = np.repeat(np.arange(count), [len(part) for part in parts])
    whole = statistic(everything)
    pseudo = np.array(
        [count * whole - (count - 1) * statistic(everything[owner != left_out]) for left_out in range(count)]
    )
    return Measured(pseudo.mean(), pseudo.std(ddof=1) / np.sqrt(count), count)


def across(measures: list[Measure], combine: Callable[[list[Measured]], Measured]) -> Measure:
    """Measure something for which several models have to be simulated."""
    return Measure(
        lambda: combine([measure.take() for measure in measures]),
        ", ".join(measure.model for measure in measures),
        any(measure.slow for measure in measures),
    )


Values = Mapping[str, Measure]


def cases(values: Values) -> list[Any]:
    """Give the parameters of a test that takes the id of a reference and its measure."""
    return [
        pytest.param(reference, measure, id=reference, marks=[pytest.mark.slow] if measure.slow else [])
        for reference, measure in values.items()
    ]


@dataclass(frozen=True)
class Exact:
    """A number of a model, beside an exact value that the test itself computes.

    Attributes
    ----------
    quantity, source : str
        What it is; who published the formula, or how it is computed.
    value : callable
        Computes it, without anything of the package.
    measure : Measure
    probability : bool
        Whether it is a probability, so that both p and 1 − p have to be seen.
    """

    quantity: str
    source: str
    value: Callable[[], float]
    measure: Measure
    probability: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of the table: what was expected, what came out."""

    quantity: str
    source: str
    expected: float
    measured: Measured


LEDGER: dict[str, Entry] = {}
"""What was measured in this session, by the name of the value."""


def exact_cases(values: Mapping[str, Exact]) -> list[Any]:
    """Give the parameters of a test that takes a name and what is exact."""
    return [
        pytest.param(name, exact, id=name, marks=[pytest.mark.slow] if exact.measure.slow else [])
        for name, exact in values.items()
    ]


def check_reference(reference: str, measure: Measure) -> None:
    """Measure a number and hold it against its reference; the message of a failure says all."""
    told = REFERENCES[reference]
    check_exact(
        reference, Exact(told.quantity, told.citation, lambda: told.value, measure, probability=told.is_probability)
    )


def check_exact(name: str, exact: Exact) -> None:
    """Measure a number, compute it, and hold the one against the other."""
    measured = exact.measure.take()
    expected = exact.value()
    LEDGER[name] = Entry(exact.quantity, exact.source, expected, measured)
    check(measured, expected, f"{name}, {exact.quantity}", probability=exact.probability)


def check(measured: Measured, exact: float, what: str, *, probability: bool = False) -> None:
    """Hold a measured number against an exact one."""
    assert measured.replications >= FEWEST_REPLICATIONS or measured.error == 0, what
    if measured.error == 0:
        assert measured.mean == pytest.approx(exact, rel=1e-9, abs=1e-12), what
        return
    distance = (measured.mean - exact) / measured.error
    told = f"{what}: exactly {exact:.6g}, simulated {measured.mean:.6g} ± {measured.error:.2g} (standard error)"
    assert abs(distance) <= STANDARD_ERRORS, f"{told}, which is {distance:+.1f} standard errors away"
    allowed = largest_error(exact, probability)
    assert measured.error <= allowed, f"{told}: too vague, the error must not exceed {allowed:.2g}"


def largest_error(exact: float, probability: bool) -> float:
    """Give the largest standard error at which a wrong rule would still be seen."""
    largest = RELATIVE_ERROR * abs(exact)
    if probability:
        largest = min(largest, RELATIVE_ERROR_OF_TAIL * (1 - exact))
    return largest
