"""What a study came to: every scenario's numbers, its differences to the base case, and which is best.

A difference is taken replication by replication, on common random numbers, over the replications both scenarios have;
so it need not be the difference of the two means to the last digit, and its interval is far narrower than theirs.
The intervals of differences hold together, for all scenarios compared on one metric (Bonferroni).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from servicechain import report, tables
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate, half_width, moments
from servicechain.printing import Printed
from servicechain.studies.plan import Plan
from servicechain.studies.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from servicechain.studies.selection import Guarantee

ENDINGS = ("precision", "replications", "budget", "out of reach")


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """What one scenario came to.

    Attributes
    ----------
    scenario : Scenario
    replications : int
    values : ndarray
        Of every replication (rows) and column of the study; NaN where undefined.
    metrics : dict
        From the plan's metrics to their means with 95 % half-widths.
    differences : dict
        From the plan's metrics to this scenario minus the base case; empty for the base case.
    best : bool
        Whether it may be the best, as far as the study can tell.
    """

    scenario: Scenario
    replications: int
    values: NDArray[np.float64] = field(repr=False)
    metrics: dict[str, Estimate]
    differences: dict[str, Estimate]
    best: bool

    @property
    def name(self) -> str:
        """What the scenario is called."""
        return self.scenario.name


@dataclass(frozen=True, repr=False, eq=False)
class StudyResult(Printed):
    """What a study came to.

    Attributes
    ----------
    plan : Plan
    columns : tuple of str
        Every metric there is, in the order of the columns of `ScenarioResult.values`.
    scenarios : tuple of ScenarioResult
        The base case first.
    guarantee : Guarantee
        In which sense the best is the best.
    warm_up : float
        Who arrived before was not counted; in the chain's unit.
    ended : str
        ``precision``: all that was asked for is reached; ``replications``: they were a fixed number; ``budget``: it
        was spent before; ``out of reach``: more replications could not, or not in any reasonable number, reach it.
    missed : tuple of (scenario, metric)
        What is not as precise as asked.
    notices : tuple of str
        What the ledger had to say.
    """

    plan: Plan
    columns: tuple[str, ...]
    scenarios: tuple[ScenarioResult, ...]
    guarantee: Guarantee
    warm_up: float
    ended: str
    missed: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def base(self) -> ScenarioResult:
        """The chain as it is."""
        return self.scenarios[0]

    @property
    def best(self) -> tuple[ScenarioResult, ...]:
        """The scenarios that may be the best."""
        return tuple(each for each in self.scenarios if each.best)

    def scenario(self, name: str) -> ScenarioResult:
        """Find a scenario by its name.

        Raises
        ------
        Mistake
            If none is called so.
        """
        for each in self.scenarios:
            if each.name == name:
                return each
        names = [each.name for each in self.scenarios]
        raise Mistake(f"no scenario is called {shown(name)}{nearest(str(name), names)}")

    def column(self, metric: str) -> int:
        """Find the position of a metric among the columns.

        Raises
        ------
        Mistake
            If none is called so.
        """
        if metric not in self.columns:
            raise Mistake(f"no metric of this study is called {shown(metric)}{nearest(str(metric), self.columns)}")
        return self.columns.index(metric)

    def estimate(self, scenario: str, metric: str) -> Estimate:
        """Give any metric of a scenario, also one that the study was not made for.

        Raises
        ------
        Mistake
            If there is no such scenario or metric.
        """
        return estimate_of(self.scenario(scenario).values[:, self.column(metric)])

    def attribution(self, scenario: str, customer_class: str) -> pd.DataFrame:
        """Tell who made a class wait in a scenario, over the replications that were run with attribution.

        Returns
        -------
        DataFrame
            Columns ``actor``, ``cause``, ``queueing``, ``held``, ``time`` (per customer who left, in
            ``frame.attrs["unit"]``), the longest time first.

        Raises
        ------
        Mistake
            If there is no such scenario or class.
        """
        import pandas as pd

        classes = [*self.plan.base.chain.customers]
        if customer_class not in classes:
            raise Mistake(f"no customer class is called {shown(customer_class)}{nearest(str(customer_class), classes)}")
        values = self.scenario(scenario).values
        rows: dict[tuple[str, str], dict[str, float]] = {}
        for place, column in enumerate(self.columns):
            parts = column.split(".")
            if parts[0] == "attribution" and parts[1] == customer_class:
                mean = estimate_of(values[:, place]).mean
                rows.setdefault((parts[2], parts[3]), {})[parts[4]] = 0.0 if math.isnan(mean) else mean
        heads = ("queueing", "held", "time")
        found = [
            {"actor": actor, "cause": cause, **{head: measures.get(head, 0.0) for head in heads}}
            for (actor, cause), measures in rows.items()
        ]
        found.sort(key=lambda row: -rows[str(row["actor"]), str(row["cause"])].get("time", 0.0))
        frame = pd.DataFrame(found, columns=["actor", "cause", *heads])
        frame.attrs["unit"] = str(self.plan.unit)
        return frame

    def frame(self) -> pd.DataFrame:
        """Give one row per scenario and metric.

        Returns
        -------
        DataFrame
            Columns ``scenario``, ``metric``, ``mean``, ``halfwidth``, ``difference`` (to the base case), ``low``,
            ``high`` (its interval), ``replications``, ``seed``, ``best``. Times in ``frame.attrs["unit"]``.
        """
        import pandas as pd

        rows = []
        for each in self.scenarios:
            for metric, estimate in each.metrics.items():
                to_base = each.differences.get(metric, Estimate(math.nan, math.nan))
                rows.append(
                    {
                        "scenario": each.name,
                        "metric": metric,
                        "mean": estimate.mean,
                        "halfwidth": estimate.halfwidth,
                        "difference": to_base.mean,
                        "low": to_base.mean - to_base.halfwidth,
                        "high": to_base.mean + to_base.halfwidth,
                        "replications": each.replications,
                        "seed": self.plan.settings.seed,
                        "best": each.best,
                    }
                )
        frame = pd.DataFrame(rows)
        frame.attrs["unit"] = str(self.plan.unit)
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None; as in the JSON."""
        return {
            "study": self.plan.title,
            "chain": self.plan.base.chain.chain,
            "seed": self.plan.settings.seed,
            "base": self.plan.base_name,
            "scenarios": [
                {
                    "name": each.name,
                    "set": {path: plain(value) for path, value in each.scenario.values.items()},
                    "replications": each.replications,
                    "metrics": {path: plain(value.as_dict()) for path, value in each.metrics.items()},
                    "difference": {path: plain(value.as_dict()) for path, value in each.differences.items()},
                    "best": each.best,
                }
                for each in self.scenarios
            ],
            "guarantee": plain(asdict(self.guarantee)),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Give everything as JSON, undefined numbers null; the same for the same study."""
        return report.as_json(self.as_dict(), indent)

    def _page(self) -> tables.Page:
        from servicechain.studies.outcome_words import page

        return page(self)

    def plot_comparison(self, customer_class: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw where a class waits, scenario by scenario; see `servicechain.plots.comparison.plot_comparison`."""
        from servicechain.plots.comparison import plot_comparison

        return plot_comparison(self, customer_class, ax)

    def plot_heat_map(
        self, metric: str | None = None, x: str | None = None, y: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw a metric over two varied paths; see `servicechain.plots.heat_map.plot_heat_map`."""
        from servicechain.plots.heat_map import plot_heat_map

        return plot_heat_map(self, metric, x, y, ax)

    def plot_frontier(self, metric: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw a metric against what the staff costs; see `servicechain.plots.frontier.plot_frontier`."""
        from servicechain.plots.frontier import plot_frontier

        return plot_frontier(self, metric, ax)

    def report(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write one page for a manager; see `servicechain.studies.report_page.write_report`."""
        from servicechain.studies.report_page import write_report

        write_report(self, path, overwrite=overwrite)


def estimate_of(values: NDArray[np.float64]) -> Estimate:
    """Give the mean of a metric over the replications in which it is defined, with its half-width, as a run does."""
    numbers = values.tolist()
    return Estimate(moments(numbers).mean, half_width(numbers))


def plain(value: Any) -> Any:
    """Give a value as JSON knows it: numbers that are none as null, tuples as lists."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)
