"""Which input matters? Ranges of what one does not know for certain, and how much each moves a number.

    >>> import servicechain as sc
    >>> from servicechain.studies.sensitivity import sensitivity
    >>> hotel = sc.read("hotel.yaml")  # doctest: +SKIP
    >>> sensitivity(hotel, {"programmer.speed": (0.5, 1.5), "receptionist.wage": (15, 25)})  # doctest: +SKIP

All points are run on the same random numbers, so that differences are due to the inputs. The trap is to ask of an
input what its range answers: who is varied twice as far matters about twice as much. Take ranges one believes in.
The methods are those of `servicechain.studies.influence`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from servicechain import tables
from servicechain.base import check_whole
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate
from servicechain.printing import Printed
from servicechain.studies.influence import Effect, check_samples, morris, one_at_a_time, sobol
from servicechain.studies.inputs import Input, inputs_of
from servicechain.studies.measured import Measured, measured
from servicechain.studies.plan import ROUND
from servicechain.wording import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from servicechain.chain import Chain
    from servicechain.settings import Settings

METHODS = ("morris", "sobol", "one_at_a_time")
TRAJECTORIES = 10
SAMPLES = 256


@dataclass(frozen=True, repr=False, eq=False)
class Sensitivity(Printed):
    """How much each input moves a metric.

    Attributes
    ----------
    chain : str
        What it is called.
    metric : str
    unit : str
        Of the chain's times.
    method : str
        ``morris``, ``sobol`` or ``one_at_a_time``.
    inputs : tuple of Input
        As they were asked for.
    effects : tuple of Effect
        What matters most first.
    base : Estimate
        The metric of the chain as it is; NaN where the method does not run it.
    points : int
        How many different chains were run.
    settings : Settings
        Of each run.
    engine : str
    """

    chain: str
    metric: str
    unit: str
    method: str
    inputs: tuple[Input, ...]
    effects: tuple[Effect, ...]
    base: Estimate
    points: int
    settings: Settings
    engine: str

    @property
    def measured(self) -> Measured:
        """What the metric is called, and its unit."""
        return measured(self.metric, self.unit)

    def input(self, path: str) -> Input:
        """Find an input by its path.

        Raises
        ------
        Mistake
            If none is called so.
        """
        for each in self.inputs:
            if each.path == path or each.path.endswith(f".{path}"):
                return each
        raise Mistake(f"no input is called {shown(path)}{nearest(str(path), [each.path for each in self.inputs])}")

    def frame(self) -> pd.DataFrame:
        """Give one row per input, what matters most first.

        Returns
        -------
        DataFrame
            Columns ``input``, ``low``, ``high`` (its range), and the method's measures, each with its half-width where
            it has one: ``mu_star``, ``mu``, ``sigma`` (change of the metric, per range) of Morris; ``first``, ``total``
            (shares of the variance) of Sobol; ``at_low``, ``at_high`` (change of the metric) of one at a time.
        """
        import pandas as pd

        rows = []
        for effect in self.effects:
            one = self.input(effect.path)
            row: dict[str, Any] = {"input": effect.path, "low": one.low, "high": one.high}
            for name, value in effect.measures.items():
                called = f"at_{name}" if name in ("low", "high") else name
                row[called] = value.mean
                if name not in ("mu", "sigma"):
                    row[f"{called}_halfwidth"] = value.halfwidth
            rows.append(row)
        frame = pd.DataFrame(rows)
        frame.attrs["unit"] = self.unit
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain dictionaries and numbers, undefined ones None; the same for the same question."""
        return {
            "chain": self.chain,
            "metric": self.metric,
            "method": self.method,
            "seed": self.settings.seed,
            "replications": self.settings.replications,
            "points": self.points,
            "base": self.base.as_dict(),
            "inputs": {
                effect.path: {"range": [self.input(effect.path).low, self.input(effect.path).high]}
                | {name: value.as_dict() for name, value in effect.measures.items()}
                for effect in self.effects
            },
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the inputs, what matters most on top; see `servicechain.plots.tornado.plot_tornado`."""
        from servicechain.plots.tornado import plot_tornado

        return plot_tornado(self, ax)

    def _page(self) -> tables.Page:
        runs = f"{counted(self.points, 'point')} of {counted(self.settings.replications, 'replication')} each"
        return tables.Page(
            title=f"{tables.clean(self.chain)}: what matters for {self.measured.name}",
            about=f"{_TITLES[self.method]}, {runs}, seed {self.settings.seed}, {self.engine} engine, ± 95% half-width",
            sentences=(self.sentence(), _READ[self.method]),
            tables=(self._table(),),
        )

    def sentence(self) -> str:
        """Say which input matters most."""
        first = self.effects[0]
        name = tables.clean(self.input(first.path).name)
        if not first.weight > 0:
            return "None of the inputs changes anything."
        if self.method == "sobol":
            return f"Most of it is {name}: it has part in {first.measures['total'].mean:.0%} of the variance."
        if self.method == "morris":
            return f"Most comes from {name}: from end to end about {self.measured.told(first.measures['mu_star'])}."
        ends = [self.measured.brief(self.base.mean + first.measures[end].mean) for end in ("low", "high")]
        return f"Most comes from {name}: {self.measured.phrase} is {ends[0]} at its low end, {ends[1]} at its high one."

    def _table(self) -> tables.Table:
        names = list(self.effects[0].measures)
        show = tables.percent if self.method == "sobol" else lambda value: self.measured.told(value, unit=False)
        rows = []
        for effect in self.effects:
            one = self.input(effect.path)
            cells = (show(effect.measures[name]) for name in names)
            rows.append((tables.clean(one.name), tables.clean(one.range), *cells))
        unit = f" ({self.measured.unit.strip()})" if self.measured.unit and self.method != "sobol" else ""
        return tables.Table((f"input{unit}", "range", *(_HEADS[name] for name in names)), tuple(rows))


_TITLES = {
    "morris": "Elementary effects (Morris 1991)",
    "sobol": "Shares of the variance (Sobol 2001)",
    "one_at_a_time": "One input at a time, the others as they are",
}
_READ = {
    "morris": (
        "μ* is how far the number moves, on average, over the whole range of an input; a σ about as large says that "
        "this depends on the other inputs, or is not straight."
    ),
    "sobol": (
        "Alone is the share of the variance an input causes by itself, total the share it has any part in; what lies "
        "between is its play with other inputs."
    ),
    "one_at_a_time": "Changes are those from the chain as it is; how inputs act together is not seen.",
}
_HEADS = {
    "mu_star": "μ*",
    "mu": "μ",
    "sigma": "σ",
    "first": "alone",
    "total": "total",
    "low": "at low",
    "high": "at high",
}


def sensitivity(
    chain: Chain,
    inputs: Mapping[str, Any],
    metric: str | None = None,
    *,
    method: str = "morris",
    trajectories: int = TRAJECTORIES,
    samples: int = SAMPLES,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    executor: Any = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Ask how much each input moves a metric.

    Parameters
    ----------
    chain : Chain
    inputs : mapping
        From paths, short ones too, to ranges: (low, high), two numbers or two texts that differ in their numbers only,
        e.g. ``{"programmer.speed": (0.5, 1.5), "check in.steps.0.work": ("exponential(mean=1)",
        "exponential(mean=3)")}``. Staff and other counts stay whole.
    metric : str, optional
        A path into the JSON of a run; by default the wait of the first customer class.
    method : str
        ``morris`` (which inputs matter at all), ``sobol`` (how much, and how much together; many runs), or
        ``one_at_a_time`` (each to both ends, the others as they are). The first two need the extra ``sensitivity``.
    trajectories : int
        Of Morris; trajectories × (inputs + 1) points are run.
    samples : int
        Of Sobol, a power of 2; samples × (inputs + 2) points are run.
    customers, until, warm_up, replications, seed, engine
        Of each run, as for `servicechain.run`. By default 24 replications, unless the chain says otherwise.
    executor, workers
        Who does the work, as for `servicechain.study`.
    progress : callable, optional
        Told how many replications are done, of how many.

    Returns
    -------
    Sensitivity

    Raises
    ------
    Mistake, ChainError
        If an input, a range or a setting breaks a rule, before anything runs; or the metric is not defined at a point.
    RunError
        If there is no such engine, or a simulation cannot go on.
    """
    from servicechain.chain import Chain
    from servicechain.engines import chosen
    from servicechain.settings import Settings
    from servicechain.studies.chain_points import ChainPoints
    from servicechain.studies.grid import full_path
    from servicechain.volume import expected_requests

    if method not in METHODS:
        raise Mistake(f"a method is one of {', '.join(METHODS)}, got {shown(method)}{nearest(str(method), METHODS)}")
    if not isinstance(chain, Chain):
        raise Mistake(f"sensitivity takes a Chain, got {shown(chain)}; read a file with servicechain.read(…) first")
    check_whole(trajectories, "trajectories", 2)
    check_samples(samples)
    if customers is not None and until is not None:
        raise Mistake("a run ends either after 'customers' or at 'until', got both; leave one out")
    base = chain.loaded()
    found = inputs_of(inputs, lambda path: full_path(base, path))
    wanted = metric_in(base, metric)
    settings = Settings.of(
        base, customers=customers, until=until, warm_up=warm_up, replications=replications, seed=seed
    )
    if replications is None and (chain.run is None or chain.run.replications is None):
        settings = replace(settings, replications=ROUND)
    count = {"morris": trajectories * (len(found) + 1), "sobol": samples * (len(found) + 2)}.get(method, 2 * len(found))
    name = chosen(base, engine, count * expected_requests(base, settings))
    points = ChainPoints(base, wanted, settings, name, progress, executor=executor, workers=workers)
    points.check(found)
    before = Estimate(math.nan, math.nan)
    if method == "morris":
        effects = morris(found, points, trajectories, settings.seed)
    elif method == "sobol":
        effects = sobol(found, points, samples, settings.seed)
    else:
        before, effects = one_at_a_time(found, points)
    return Sensitivity(
        chain=base.chain,
        metric=wanted,
        unit=str(base.unit),
        method=method,
        inputs=found,
        effects=effects,
        base=before,
        points=points.points,
        settings=settings,
        engine=name,
    )


def metric_in(chain: Chain, metric: str | None) -> str:
    """Find the metric a text means; by default the wait of the first customer class.

    Raises
    ------
    Mistake
        If a chain has no such metric.
    """
    from servicechain.running import facts_of
    from servicechain.studies.measures import columns_of
    from servicechain.studies.metric_names import metric_of

    if metric is None:
        if not chain.customers:
            raise Mistake("this chain has no customers, so nobody waits; name a metric")
        metric = f"customers.{next(iter(chain.customers))}.wait"
    return metric_of(metric, columns_of(facts_of(chain)))
