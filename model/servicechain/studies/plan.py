"""The plan of a study: what is run, what is measured, and when it is enough. All of it is known before anything runs.

Replications come in rounds of `ROUND` of every scenario that is still open, and decisions see complete rounds only;
so a result depends on the plan alone, not on workers, time or interruptions. Work is handed out in blocks of `BLOCK`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from servicechain.base import check_whole
from servicechain.errors import Mistake, nearest, shown
from servicechain.settings import Settings
from servicechain.studies.scenario import BASE, Scenario
from servicechain.units import Quantity, TimeUnit, finite

ROUND = 24
"""Replications of a scenario in one round."""

BLOCK = 8
"""Replications in one unit of work; or the batches that one run is cut into."""

BATCHES = "batch_means"
METHODS = ("replications", BATCHES)

_MORE_IS_BETTER = ("satisfaction", "delighted", "inside", "within_standard", "finished", "begun")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Precision:
    """How narrow an interval is to be.

    Attributes
    ----------
    halfwidth : float
        Of the 95 % interval, in the unit of the metric; or, `relative`, as a share of its mean.
    relative : bool
    """

    halfwidth: float
    relative: bool = False

    @classmethod
    def of(cls, written: object, unit: TimeUnit, is_time: bool = True) -> Precision:
        """Read ``"2%"``, ``0.1``, ``"0.1"`` or, for a time, ``"30 s"``.

        Raises
        ------
        Mistake
            If it is none of these, or not above 0.
        """
        if isinstance(written, Precision):
            return written
        rule = "a precision is a half-width such as 0.1, or a share of the mean such as 2%"
        if isinstance(written, str) and written.strip().endswith("%"):
            text = written.strip()[:-1]
            number = float(text) / 100 if _NUMBER.fullmatch(text) else math.nan
            if not 0 < number < 1:
                raise Mistake(f"{rule}; it lies between 0% and 100%, got {shown(written)}")
            return cls(number, True)
        if isinstance(written, str) and not _NUMBER.fullmatch(written):
            if not is_time:
                raise Mistake(f"{rule}, got {shown(written)}")
            halfwidth = Quantity.parse(written, "a precision").in_unit(unit)
        else:
            halfwidth = finite(float(written) if isinstance(written, str) else written, "a precision")
        if halfwidth <= 0 or math.isinf(halfwidth):
            raise Mistake(f"{rule}; it is above 0, got {shown(written)}")
        return cls(halfwidth)

    def width_at(self, mean: float) -> float:
        """Give the half-width that is asked for around a mean."""
        return self.halfwidth * abs(mean) if self.relative else self.halfwidth

    def __str__(self) -> str:
        return f"± {self.halfwidth * 100:.6g}% of the mean" if self.relative else f"± {self.halfwidth:.3g}"


@dataclass(frozen=True)
class Budget:
    """What a whole study may take at most, all scenarios together; its first round runs whatever it takes.

    Attributes
    ----------
    replications : int or None
    seconds : float or None
        A study that is stopped by it depends on how quick the machine is.
    """

    replications: int | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, written: object) -> Budget:
        """Read ``{"replications": 400, "seconds": 600}``, either or both.

        Raises
        ------
        Mistake
            If it is none of these, or not above 0.
        """
        if written is None or isinstance(written, Budget):
            return written or cls()
        keys = ("replications", "seconds")
        if not isinstance(written, Mapping) or not written:
            raise Mistake(f"a budget is {{replications: 400, seconds: 600}}, or one of them, got {shown(written)}")
        for key in written:
            if key not in keys:
                raise Mistake(f"a budget has no key {shown(key)}{nearest(str(key), keys)}")
        count, seconds = (written.get(key) for key in keys)
        if seconds is not None and finite(seconds, "a budget of seconds") <= 0:
            raise Mistake(f"a budget of seconds must be above 0, got {shown(seconds)}")
        count = None if count is None else check_whole(count, "a budget of replications", 1)
        return cls(count, None if seconds is None else float(seconds))


@dataclass(frozen=True)
class Choice:
    """Which scenario is the best.

    Attributes
    ----------
    metric : str
    goal : str
        ``min`` or ``max``.
    indifference : float or None
        A difference that does not matter, in the unit of the metric. With one, scenarios that are worse are left
        behind as the study goes on; without, all are compared when it has ended.
    confidence : float
    """

    metric: str
    goal: str = "min"
    indifference: float | None = None
    confidence: float = 0.95


def usual_goal(metric: str) -> str:
    """Tell whether more or less of a metric is better, where nobody has said."""
    return "max" if any(part in _MORE_IS_BETTER for part in metric.split(".")[2:]) else "min"


@dataclass(frozen=True)
class Plan:
    """A study before it is run.

    Attributes
    ----------
    title : str
    scenarios : tuple of Scenario
        The base case first.
    settings : Settings
        Of one run; its number of replications counts only where `replications` is given.
    auto_warm_up : bool
        Whether the warm-up was, or is to be, found.
    metrics : tuple of str
        Full paths.
    precision : mapping
        From metrics to what is asked of them; may be empty.
    replications : int or None
        A fixed number of every scenario.
    budget : Budget
    choice : Choice
    method : str
        ``replications``, or ``batch_means``: then each run is cut into `BLOCK` batches that stand for replications.
    engine : str
        ``reference`` or ``compiled``.
    """

    title: str
    scenarios: tuple[Scenario, ...]
    settings: Settings
    auto_warm_up: bool
    metrics: tuple[str, ...]
    precision: Mapping[str, Precision]
    replications: int | None
    budget: Budget
    choice: Choice
    method: str = "replications"
    engine: str = "reference"
    base_name: str = field(default=BASE, init=False)

    @property
    def base(self) -> Scenario:
        """The chain as it is."""
        return self.scenarios[0]

    @property
    def unit(self) -> TimeUnit:
        """Of all times."""
        return self.base.chain.unit
