"""Goals of a staffing search, ``customers.guest.below <= 10%``, and whether numbers show that they are met.

A goal is met if the whole confidence interval of the metric lies on its right side, failing if it lies on the other;
in between nobody knows yet, and that is a verdict of its own. The trap is a mean that happens to be on the right
side: of ten plans just below their goal, about five would pass by luck. The second trap is a metric nobody has: where
a plan serves nobody, a wait is not defined, and that is no short wait.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from servicechain.errors import Mistake, shown
from servicechain.estimates import Estimate
from servicechain.studies.measures import COST
from servicechain.studies.metric_names import is_time, metric_of
from servicechain.studies.plan import usual_goal
from servicechain.units import Quantity, TimeUnit, plain

Floats = NDArray[np.float64]

_SHARES = (
    *("abandoned_share", "delighted", "inside", "below", "satisfaction", "delayed_share", "within_standard"),
    *("working", "idle", "down", "utilisation", "share"),
)
_SIGNS = {"<=": True, "≤": True, "<": True, "=<": True, ">=": False, "≥": False, ">": False, "=>": False}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)))
_PERCENT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*%\s*")
_SPREADS = ("sd", "p50", "p90", "p95", "p99", "max")
_EXAMPLE = "customers.guest.below <= 0.1"


class Verdict(StrEnum):
    """Whether numbers show that a goal is met."""

    MET = "met"
    FAILING = "failing"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Goal:
    """A metric, and what it must be.

    Attributes
    ----------
    metric : str
        A path into the results, such as ``customers.guest.below``.
    at_most : bool
        Whether small is good.
    bound : float or None
        In the chain's unit, shares from 0 to 1; None: as good as possible.
    """

    metric: str
    at_most: bool
    bound: float | None = None

    @classmethod
    def parse(cls, text: str, columns: Collection[str], unit: TimeUnit) -> Goal:
        """Read ``PATH <= NUMBER`` or ``PATH >= NUMBER``, or a bare path for "as good as possible".

        Parameters
        ----------
        text : str
            The number may be a percentage (``10%``) of a share, or carry a unit of time (``90s``).
        columns : collection of str
            All metrics there are.
        unit : TimeUnit
            Of the chain.

        Raises
        ------
        Mistake
            If it is none, or there is no such metric.
        """
        if not isinstance(text, str) or not text.strip():
            raise Mistake(f"a goal is a metric and what it must be, e.g. {_EXAMPLE!r}, got {shown(text)}")
        sign = _SIGN.search(text)
        if sign is None:
            if "=" in text:
                raise Mistake(f"the goal {shown(text)} must say '<=' or '>=', as in {_EXAMPLE!r}")
            metric = metric_of(text, columns)
            return cls(metric, usual_goal(metric) == "min")
        metric = metric_of(text[: sign.start()], columns)
        return cls(metric, _SIGNS[sign.group()], _bound(text[sign.end() :], metric, unit, text))

    def verdict(self, estimate: Estimate) -> Verdict:
        """Judge an estimate by its whole interval; what is not defined fails.

        A goal without a bound is met by anything that is defined.
        """
        if math.isnan(estimate.mean):
            return Verdict.FAILING
        if self.bound is None:
            return Verdict.MET
        if math.isnan(estimate.halfwidth):
            return Verdict.UNDECIDED
        low, high = estimate.mean - estimate.halfwidth, estimate.mean + estimate.halfwidth
        if not self.at_most:
            low, high = -high, -low
        bound = self.bound if self.at_most else -self.bound
        if high <= bound:
            return Verdict.MET
        return Verdict.FAILING if low > bound else Verdict.UNDECIDED

    def __str__(self) -> str:
        if self.bound is None:
            return f"{self.metric} as {'low' if self.at_most else 'high'} as possible"
        return f"{self.metric} {'<=' if self.at_most else '>='} {plain(self.bound)}"


def parse_goals(texts: Sequence[str | Goal], columns: Collection[str], unit: TimeUnit) -> tuple[Goal, ...]:
    """Read goals, each once.

    Raises
    ------
    Mistake
        If one is none, or two want opposite things of one metric that cannot both be.
    """
    if isinstance(texts, str):
        texts = [texts]
    goals = tuple(dict.fromkeys(t if isinstance(t, Goal) else Goal.parse(t, columns, unit) for t in texts))
    for one in goals:
        metric_of(one.metric, columns)
        for other in goals:
            if one.metric == other.metric and one.at_most and not other.at_most and _apart(one, other):
                raise Mistake(f"the goals '{one}' and '{other}' exclude each other; leave one out")
    return goals


def _apart(low: Goal, high: Goal) -> bool:
    return low.bound is not None and high.bound is not None and low.bound < high.bound


def verdict_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Judge all goals together: failing if one is, met if all are."""
    found = set(verdicts)
    if Verdict.FAILING in found:
        return Verdict.FAILING
    return Verdict.UNDECIDED if Verdict.UNDECIDED in found else Verdict.MET


def interval(values: Floats, confidence: float) -> Estimate:
    """Give the mean of independent values, and the half-width of its interval by Student's t.

    Parameters
    ----------
    values : ndarray, one dimension
        NaN where it is not defined; those are left out, unless they are the half or more: then so is the mean.
    confidence : float
        Between 0 and 1, e.g. 0.95.
    """
    from scipy.special import stdtrit

    there = values[~np.isnan(values)]
    if there.size * 2 <= values.size:
        return Estimate(math.nan, math.nan)
    # differences from the first value, so that equal ones have no spread
    apart = there - there[0]
    mean = float(there[0] + apart.mean())
    if there.size < 2:
        return Estimate(mean, math.nan)
    error = float(apart.std(ddof=1)) / math.sqrt(there.size)
    return Estimate(mean, float(stdtrit(there.size - 1, (1 + confidence) / 2)) * error)


def kind_of(metric: str) -> str:
    """Tell what a metric counts: ``time``, ``share``, ``money`` or ``number``.

    >>> kind_of("customers.guest.wait.p90"), kind_of("actors.cook.held"), kind_of("actors.cook.queue_length.max")
    ('time', 'share', 'number')
    """
    if is_time(metric):
        return "time"
    keys = metric.split(".")
    name = keys[-2] if len(keys) > 1 and keys[-1] in _SPREADS else keys[-1]
    if name in _SHARES or (keys[0] == "actors" and name == "held"):
        return "share"
    return "money" if name in ("cost", COST) else "number"


def _bound(text: str, metric: str, unit: TimeUnit, goal: str) -> float:
    kind = kind_of(metric)
    percent = _PERCENT.fullmatch(text)
    if percent and kind != "share":
        raise Mistake(f"the goal {shown(goal)}: {metric} is a {kind}, no share; write its value without '%'")
    if percent:
        bound = float(percent[1]) / 100
    else:
        if not text.strip():
            raise Mistake(f"the goal {shown(goal)} ends before its number; write e.g. {_EXAMPLE!r}")
        quantity = Quantity.parse(text.strip(), f"the number of the goal {shown(goal)}")
        if quantity.unit is not None and kind != "time":
            raise Mistake(f"the goal {shown(goal)}: {metric} is a {kind}, no time; write a number without a unit")
        bound = quantity.in_unit(unit)
    if not math.isfinite(bound):
        raise Mistake(f"the number of the goal {shown(goal)} must be a finite one; leave the goal out if anything goes")
    if kind == "share" and not 0 <= bound <= 1:
        raise Mistake(
            f"the goal {shown(goal)}: {metric} is a share from 0 to 1, got {plain(bound)}; 10 % are 0.1 or 10%"
        )
    return bound
