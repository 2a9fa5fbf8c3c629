"""From what a person asks of a study to its plan, everything checked before anything runs.

All mistakes are collected, each with its path in a study (``precision``, ``metrics.0``, ``run``), so that a study file
can show where they were written. The trap is a setting that is right by itself and senseless beside another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from servicechain.base import check_seed, check_whole
from servicechain.errors import ChainError, Mistake, Problem, RunError, nearest, shown
from servicechain.problems import KeyProblem
from servicechain.settings import Settings
from servicechain.studies.metric_names import all_columns, is_time, metric_of
from servicechain.studies.plan import BATCHES, BLOCK, METHODS, ROUND, Budget, Choice, Plan, Precision, usual_goal
from servicechain.units import Quantity, TimeUnit, finite

if TYPE_CHECKING:
    from servicechain.chain import Chain
    from servicechain.studies.scenario import Scenario

AUTO = "auto"
LIMIT = 1_000_000
"""No scenario is replicated more often, unless a number or a budget is given."""

MOST_FIXED = 10_000_000
LIKELY_ROUNDS = 16
"""So many are expected of a study with a precision rule, where it has to be guessed before."""

_CHOICE_KEYS = ("metric", "goal", "indifference", "confidence")


@dataclass(frozen=True)
class Asked:
    """What is asked of a study, as it was written; None where nothing was said.

    Attributes
    ----------
    vary, scenarios, title, customers, until, warm_up, replications, precision, budget, metrics, best, seed, engine
        See `servicechain.study`.
    method : str
        See there as well.
    """

    vary: Any = None
    scenarios: Any = None
    title: Any = None
    customers: Any = None
    until: Any = None
    warm_up: Any = None
    replications: Any = None
    precision: Any = None
    budget: Any = None
    metrics: Any = None
    best: Any = None
    seed: Any = None
    engine: Any = "auto"
    method: Any = "replications"


class _Problems:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    @contextmanager
    def at(self, *path: str | int, key: bool = False) -> Iterator[None]:
        """Take mistakes of what is read within, and go on; with `key` they are in the key, not in its value."""
        try:
            yield
        except ChainError as error:
            self.found += [each if each.path[:1] == path[:1] else each.under(*path) for each in error.problems]
        except Mistake as mistake:
            self.found.append((KeyProblem if key else Problem)(str(mistake), path))

    def tell(self) -> None:
        """Raise what was found."""
        if self.found:
            raise ChainError(self.found)


def plan_of(chain: Chain, asked: Asked) -> Plan:
    """Make the plan of a study.

    Parameters
    ----------
    chain : Chain
    asked : Asked

    Raises
    ------
    ChainError
        With all that is wrong, each with its path in the study.
    RunError
        If there is no such engine, or it cannot run one of the scenarios.
    """
    from servicechain.studies.grid import scenarios_of

    problems = _Problems()
    chain.loaded()  # what is wrong with the chain itself is told as of a chain
    if asked.vary is not None and asked.scenarios is not None:
        problems.found.append(Problem("a study has either 'vary' or 'scenarios', got both; leave one out", ("vary",)))
        problems.tell()
    title, method, budget = f"Study of {chain.chain}", "replications", Budget()
    with problems.at("study"):
        title = _title(asked.title, title)
    with problems.at("method"):
        method = _one_of(method if asked.method is None else asked.method, METHODS, "method")
    with problems.at("budget"):
        budget = Budget.of(asked.budget)
    settings = _settings(chain, asked, problems)
    scenarios: tuple[Scenario, ...] = ()
    with problems.at("vary" if asked.scenarios is None else "scenarios"):
        scenarios = scenarios_of(chain, asked.vary, asked.scenarios)
    problems.tell()
    columns = all_columns(scenarios)
    metrics, precision = _metrics(scenarios[0], asked, columns, problems)
    if method == BATCHES:
        metrics = _of_batches(metrics, asked, problems)
    choice = Choice("")
    with problems.at("best"):
        choice = _choice(asked.best, metrics, columns, chain.unit)
    fixed = _fixed(chain, asked, precision, budget, choice, method, problems)
    problems.tell()
    settings = replace(settings, replications=fixed or ROUND)
    return Plan(
        title=title,
        scenarios=scenarios,
        settings=settings,
        auto_warm_up=is_auto(asked.warm_up),
        metrics=metrics if choice.metric in metrics else (*metrics, choice.metric),
        precision=precision,
        replications=fixed,
        budget=budget,
        choice=choice,
        method=method,
        engine=_engine(asked.engine, scenarios, settings, fixed),
    )


def is_auto(warm_up: object) -> bool:
    """Tell whether a warm-up is to be found."""
    return isinstance(warm_up, str) and warm_up.strip() == AUTO


def _title(written: object, default: str) -> str:
    if written is None:
        return default
    if not isinstance(written, str) or not written.strip():
        raise Mistake(f"the title of a study must be a text that is not empty, got {shown(written)}")
    return " ".join(written.split())


def _of_batches(metrics: tuple[str, ...], asked: Asked, problems: _Problems) -> tuple[str, ...]:
    """Leave out, or refuse, what cannot be told of a part of a run."""
    from servicechain.studies.batch_means import check_metrics

    if asked.metrics is None and asked.precision is None:
        return tuple(metric for metric in metrics if metric.startswith(("customers.", "services.")))
    with problems.at("metrics" if asked.metrics is not None else "precision"):
        check_metrics(metrics)
    return metrics


def _one_of(written: object, known: Sequence[str], thing: str) -> str:
    if not isinstance(written, str) or written not in known:
        raise Mistake(f"there is no {thing} {shown(written)}{nearest(str(written), known)}")
    return written


def _settings(chain: Chain, asked: Asked, problems: _Problems) -> Settings:
    seed = None
    with problems.at("seed"):
        seed = None if asked.seed is None else check_seed(asked.seed)
    with problems.at("run"):
        if asked.customers is not None and asked.until is not None:
            raise Mistake("a run ends either after 'customers' or at 'until', got both; leave one out")
        warm_up = 0 if is_auto(asked.warm_up) else asked.warm_up
        return Settings.of(
            chain, customers=asked.customers, until=asked.until, warm_up=warm_up, replications=1, seed=seed
        )
    return Settings()


def _metrics(
    base: Scenario, asked: Asked, columns: tuple[str, ...], problems: _Problems
) -> tuple[tuple[str, ...], dict[str, Precision]]:
    metrics: list[str] = []
    with problems.at("metrics"):
        for place, written in enumerate(_list_of(asked.metrics)):
            with problems.at("metrics", place):
                metrics.append(metric_of(written, columns))
    precision: dict[str, Precision] = {}
    unit = base.chain.unit
    with problems.at("precision"):
        for key, written in _pairs_of(asked.precision, metrics):
            names = metrics
            if key is not None:
                with problems.at("precision", str(key), key=True):
                    names = [metric_of(key, columns)]
                    if names[0] in precision:
                        raise Mistake(f"the precision of {names[0]} is asked for twice; keep one")
            with problems.at("precision", *([] if key is None else [str(key)])):
                precision |= {name: Precision.of(written, unit, is_time(name)) for name in names}
    found = tuple(dict.fromkeys((*metrics, *precision)))
    return found or usual_metrics(base.chain, columns), precision


def usual_metrics(chain: Chain, columns: tuple[str, ...]) -> tuple[str, ...]:
    """List what is told of a chain if nobody has said what: waits, who gives up, and what it costs."""
    found = [f"customers.{name}.wait" for name in chain.customers]
    found += [f"customers.{name}.abandoned_share" for name, one in chain.customers.items() if one.patience is not None]
    found += ["cost_per_day"] if any(actor.wage for actor in chain.actors.values()) else []
    return tuple(metric for metric in found if metric in columns)


def _list_of(written: object) -> Iterable[Any]:
    if written is None:
        return ()
    if isinstance(written, (str, Mapping)) or not isinstance(written, Iterable):
        raise Mistake(f"metrics are a list of paths, e.g. [customers.guest.wait], got {shown(written)}")
    found = [*written]
    if not found:
        raise Mistake("the list of metrics is empty; name at least one, e.g. [customers.guest.wait], or leave it out")
    return found


def _pairs_of(written: object, metrics: Sequence[str]) -> Iterable[tuple[Any, Any]]:
    if written is None:
        return ()
    if isinstance(written, Mapping):
        if not written:
            raise Mistake("no precision is asked for; write e.g. {customers.guest.wait: 2%}, or leave it out")
        return [*written.items()]
    if not metrics:
        raise Mistake(f"a precision is asked of a metric, e.g. {{customers.guest.wait: 2%}}, got {shown(written)}")
    return [(None, written)]


def _choice(written: object, metrics: Sequence[str], columns: tuple[str, ...], unit: TimeUnit) -> Choice:
    if isinstance(written, Choice):
        written = {key: getattr(written, key) for key in _CHOICE_KEYS}
    if written is None:
        return Choice(metrics[0], usual_goal(metrics[0])) if metrics else Choice("")
    if isinstance(written, str):
        written = {"metric": written}
    if not isinstance(written, Mapping) or not written:
        raise Mistake(f"what is best is {{metric: customers.guest.wait, goal: min}}, got {shown(written)}")
    for key in written:
        if key not in _CHOICE_KEYS:
            raise Mistake(f"'best' has no key {shown(key)}{nearest(str(key), _CHOICE_KEYS)}")
    metric = metric_of(written.get("metric") or next(iter(metrics), ""), columns)
    goal = _one_of(written.get("goal") or usual_goal(metric), ("min", "max"), "goal")
    indifference, confidence = written.get("indifference"), written.get("confidence")
    if confidence is not None and not 0.5 < finite(confidence, "a confidence") < 1:
        raise Mistake(f"a confidence lies between 0.5 and 1, got {shown(confidence)}; 95 % are written 0.95")
    return Choice(
        metric,
        goal,
        None if indifference is None else indifference_of(indifference, metric, unit),
        0.95 if confidence is None else float(confidence),
    )


def _fixed(
    chain: Chain,
    asked: Asked,
    precision: Mapping[str, Precision],
    budget: Budget,
    choice: Choice,
    method: str,
    problems: _Problems,
) -> int | None:
    """Give the fixed number of replications; None where a rule decides."""
    count = asked.replications
    if count is not None:
        with problems.at("replications"):
            if precision:
                raise Mistake("a study has either 'replications' or a 'precision', got both; leave one out")
            found = check_whole(count, "replications", 1)
            if method == BATCHES and found % BLOCK:
                raise Mistake(
                    f"a run is cut into {BLOCK} batches, got {found} replications; write a multiple of {BLOCK}"
                )
            if found > MOST_FIXED:
                raise Mistake(f"replications must be at most {MOST_FIXED:,}, got {found:,}; write fewer")
            return found
        return None
    if precision or choice.indifference is not None or budget != Budget():
        return None
    usual = chain.run.replications if chain.run is not None else None
    return ROUND if usual is None or method == BATCHES else usual


def _engine(written: object, scenarios: Sequence[Scenario], settings: Settings, fixed: int | None) -> str:
    from servicechain.engines import chosen, engine_for, has_python
    from servicechain.volume import expected_requests

    python = [each for each in scenarios if has_python(each.chain)]
    if not isinstance(written, str):
        raise RunError(f"an engine is named by a text such as 'compiled', got {shown(written)}")
    if python and written == "auto":
        return "reference"
    likely = replace(settings, replications=fixed or LIKELY_ROUNDS * ROUND)
    name = chosen(scenarios[0].chain, written, len(scenarios) * expected_requests(scenarios[0].chain, likely))
    for each in python:
        engine_for(each.chain, name)  # says what it cannot do
    return name


def indifference_of(written: object, metric: str, unit: TimeUnit) -> float:
    """Read a difference that does not matter: a number, or for a time a text such as ``"30 s"``.

    Raises
    ------
    Mistake
        If it is none, or not above 0.
    """
    if isinstance(written, str) and is_time(metric):
        found = Quantity.parse(written, "the indifference").in_unit(unit)
    else:
        found = finite(written, "the indifference")
    if found <= 0:
        raise Mistake(f"the indifference must be above 0, got {shown(written)}; leave it out to compare at the end")
    return found
