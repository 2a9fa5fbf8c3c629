"""Mixed spaces, staff and speeds and patience together, left to Optuna (Akiba 2019, doi 10.1145/3292500.3330701).

Where levers are whole numbers and more of each is better, `servicechain.studies.staffing` knows what to do. Anything
else is a black box, and for these there is a good optimiser already. All trials draw the same random numbers, so they
differ by what was changed. The trap is the best of many trials, which flatters itself: the one that is taken is
simulated again with numbers no trial has seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from servicechain import report, tables
from servicechain.base import check_whole
from servicechain.chain import Chain
from servicechain.errors import Mistake, shown
from servicechain.estimates import Estimate
from servicechain.settings import Settings
from servicechain.studies.goals import Floats, Goal, Verdict, interval, parse_goals, verdict_of
from servicechain.studies.grid import full_path
from servicechain.studies.measures import COST
from servicechain.studies.plan import ROUND
from servicechain.studies.scenario import BASE, Scenario

if TYPE_CHECKING:
    import pandas as pd

FRESH = 2**20
CONFIDENCE = 0.95
MISSED = 1e12
"""What misses a goal is worse than anything that meets all; only the order matters to the sampler."""

Value = int | float | str | bool
Choices = tuple[Any, Any] | Sequence[Any]


@dataclass(frozen=True)
class Trial:
    """One point that was tried.

    Attributes
    ----------
    values : dict from path to value
    metrics : dict from path to float
        Means over the replications.
    """

    values: dict[str, Value]
    metrics: dict[str, float]


@dataclass(frozen=True, repr=False)
class Optimum:
    """What an optimisation came to.

    Attributes
    ----------
    chain : str
    metric : Goal
        What was to be as good as possible.
    goals : tuple of Goal
        What had to be met.
    values : dict from path to value
        The best, as `Chain.with_values` takes them.
    estimates : dict from path to Estimate
        Of it, by fresh replications; half-widths that hold together at 95 %.
    verdict : Verdict
        Whether it meets the goals.
    trials : tuple of Trial
        In the order they were tried.
    seed, replications : int
    """

    chain: str
    metric: Goal
    goals: tuple[Goal, ...]
    values: dict[str, Value]
    estimates: dict[str, Estimate]
    verdict: Verdict
    trials: tuple[Trial, ...]
    seed: int
    replications: int

    def frame(self) -> pd.DataFrame:
        """Give one row per trial: what was tried, and the means of the metrics."""
        import pandas as pd

        return pd.DataFrame([{**trial.values, **trial.metrics} for trial in self.trials])

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None."""
        return {
            "chain": self.chain,
            "seed": self.seed,
            "replications": self.replications,
            "metric": str(self.metric),
            "goals": [str(goal) for goal in self.goals],
            "best": {
                "set": dict(self.values),
                "metrics": {name: each.as_dict() for name, each in self.estimates.items()},
                "verdict": str(self.verdict),
            },
            "trials": [
                {
                    "set": dict(trial.values),
                    "metrics": {name: None if math.isnan(mean) else mean for name, mean in trial.metrics.items()},
                }
                for trial in self.trials
            ],
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Give everything as JSON; the same for the same seed."""
        return report.as_json(self.as_dict(), indent)

    def text(self, width: int = 100) -> str:
        """Say what is best."""
        return tables.text(self._page(), width)

    def _page(self) -> tables.Page:
        wanted = f", with {' and '.join(map(str, self.goals))}" if self.goals else ""
        numbers = ", ".join(f"{name} {tables.plus_minus(each)}" for name, each in self.estimates.items())
        best = ", ".join(f"{path} = {_written(value)}" for path, value in self.values.items())
        passed = {
            Verdict.MET: "All goals are met",
            Verdict.FAILING: "It does not meet the goals",
            Verdict.UNDECIDED: "Whether it meets the goals is too close to tell",
        }[self.verdict]
        return tables.Page(
            title=f"{tables.clean(self.chain)}: {self.metric}{wanted}",
            about=f"{len(self.trials)} trials of {self.replications} replications, seed {self.seed}, fresh numbers for "
            "the best, ± half-widths that hold together at 95%",
            sentences=(f"Best: {best}.", f"{numbers}.", *([f"{passed}."] if self.goals else [])),
            tables=(),
        )

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tables.markup(self._page())


def optimise(
    chain: Chain,
    space: Mapping[str, Choices],
    metric: str = COST,
    goals: str | Goal | Sequence[str | Goal] = (),
    *,
    trials: int = 100,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    workers: int | None = None,
) -> Optimum:
    """Make a metric as good as possible, while goals are met, by changing any values of a chain.

    Parameters
    ----------
    chain : Chain
    space : mapping
        From paths to what may stand there: ``(2, 6)`` whole numbers, ``(0.5, 2.0)`` any number between, a list
        one of these.
    metric : str
        By default what everybody costs per day.
    goals : str, Goal or sequence of them
        Such as ``"customers.guest.below <= 10%"``.
    trials : int
        How many points are tried; the chain as it is comes first if it lies in the space.
    customers, until, warm_up, seed, engine, workers
        As for `servicechain.run`; the seed is the sampler's, too.
    replications : int, optional
        Of each trial, 24 by default; four times as many of the best in the end.

    Raises
    ------
    Mistake
        If Optuna is not installed, or a setting breaks a rule.
    ChainError
        If a path leads nowhere, or an end of a range breaks a rule.
    """
    from servicechain.engines import chosen
    from servicechain.studies.staff_runs import Means, simulated
    from servicechain.volume import expected_requests

    optuna = _optuna()
    if not isinstance(chain, Chain):
        raise Mistake(f"optimise takes a Chain, got {shown(chain)}; read a file with servicechain.read(…) first")
    chain = chain.loaded()
    ranges = _ranges(chain, space)
    check_whole(trials, "trials", 1)
    first = check_whole(ROUND if replications is None else replications, "replications", 2)
    settings = Settings.of(chain, customers=customers, until=until, warm_up=warm_up, replications=first, seed=seed)
    best_of, limits = _aims(chain, metric, goals)
    metrics = tuple(dict.fromkeys([best_of.metric, *(goal.metric for goal in limits), COST]))
    name = chosen(chain, engine, trials * expected_requests(chain, settings))
    base = Scenario(BASE, {}, chain)
    tried: list[Trial] = []

    def run(values: Mapping[str, Value], numbers: range) -> Floats:
        changed = Scenario("trial", values, chain.with_values(values).loaded())
        return simulated(base, [(changed, numbers)], metrics, Means(settings, name, workers=workers))[0]

    def objective(trial: Any) -> float:
        values = {path: choose(trial, path) for path, choose in ranges.items()}
        rows = run(values, range(first))
        means = {each: interval(rows[:, place], CONFIDENCE).mean for place, each in enumerate(metrics)}
        tried.append(Trial(values, means))
        return _badness(means, best_of, limits)

    with _quiet(optuna):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=settings.seed))
        today = _today(chain, ranges, space)
        if today is not None:
            study.enqueue_trial(today)
        study.optimize(objective, n_trials=trials)
    best = tried[study.best_trial.number].values
    rows = run(best, range(FRESH, FRESH + 4 * first))
    confidence = 1 - (1 - CONFIDENCE) / len(metrics)
    estimates = {each: interval(rows[:, place], confidence) for place, each in enumerate(metrics)}
    verdict = verdict_of(goal.verdict(estimates[goal.metric]) for goal in limits)
    return Optimum(
        chain.chain, best_of, limits, best, estimates, verdict, tuple(tried), settings.seed, settings.replications
    )


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise Mistake(
            "optimise needs Optuna, which is not installed; run: pip install 'servicechain[optuna]'"
        ) from None
    return optuna


class _quiet:  # noqa: N801  # used as a phrase: with _quiet(optuna)
    """Keep Optuna from telling of every trial, for a while."""

    def __init__(self, optuna: Any) -> None:
        self._logging = optuna.logging

    def __enter__(self) -> None:
        self._before = self._logging.get_verbosity()
        self._logging.set_verbosity(self._logging.WARNING)

    def __exit__(self, *_: object) -> None:
        self._logging.set_verbosity(self._before)


def _aims(chain: Chain, metric: str, goals: Any) -> tuple[Goal, tuple[Goal, ...]]:
    from servicechain.running import facts_of
    from servicechain.studies.measures import columns_of, extra_columns_of

    facts = facts_of(chain)
    columns = (*columns_of(facts), *extra_columns_of(facts))
    best_of = Goal.parse(metric, columns, chain.unit)
    if best_of.bound is not None:
        raise Mistake(f"the metric {shown(metric)} is to be as good as possible; what has to be met stands in goals")
    limits = parse_goals([goals] if isinstance(goals, (str, Goal)) else list(goals), columns, chain.unit)
    return best_of, tuple(goal for goal in limits if goal.bound is not None)


def _badness(means: Mapping[str, float], best_of: Goal, limits: Sequence[Goal]) -> float:
    missed = 0.0
    for goal in limits:
        miss = (means[goal.metric] - (goal.bound or 0.0)) * (1 if goal.at_most else -1)
        missed += 1e6 if math.isnan(miss) else max(0.0, miss) / (abs(goal.bound or 0.0) or 1.0)
    if missed or math.isnan(means[best_of.metric]):
        return MISSED * (1 + missed)
    return means[best_of.metric] * (1 if best_of.at_most else -1)


def _ranges(chain: Chain, space: Mapping[str, Choices]) -> dict[str, Any]:
    if not isinstance(space, Mapping) or not space:
        raise Mistake(f"a space is like {{'actors.receptionist.staff': (2, 6)}}, got {shown(space)}")
    found = {}
    for written, choices in space.items():
        path = full_path(chain, written)
        found[path] = _chooser(path, choices)
        for value in choices:
            chain.with_values({path: value})
    return found


def _chooser(path: str, choices: Choices) -> Any:
    """Give what lets Optuna choose a value."""
    if isinstance(choices, list) and choices:
        return lambda trial, name: trial.suggest_categorical(name, choices)
    numbers = isinstance(choices, tuple) and len(choices) == 2 and all(map(_is_number, choices))
    if not numbers or choices[0] > choices[1]:
        raise Mistake(
            f"what may stand at '{path}' is (least, most), or a list of values, got {shown(choices)}; "
            "write e.g. (2, 6), (0.5, 2.0) or [1, 2, 4]"
        )
    low, high = choices
    if isinstance(low, int) and isinstance(high, int):
        return lambda trial, name: trial.suggest_int(name, low, high)
    return lambda trial, name: trial.suggest_float(name, float(low), float(high))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and bool(np.isfinite(value))


def _today(chain: Chain, ranges: Mapping[str, Any], space: Mapping[str, Choices]) -> dict[str, Value] | None:
    """Give the chain's own values, if all lie in the space."""
    found = {}
    for path, choices in zip(ranges, space.values(), strict=True):
        at: Any = chain.to_dict()
        for part in path.split("."):
            at = at[int(part)] if isinstance(at, list) else at.get(part) if isinstance(at, dict) else None
        at = 1.0 if at is None and path.endswith(".speed") else at
        inside = at in choices if isinstance(choices, list) else _is_number(at) and choices[0] <= at <= choices[1]
        if not inside:
            return None
        found[path] = at
    return found


def _written(value: Value) -> str:
    return tables.number(value) if isinstance(value, float) else str(value)
