"""How much each input moves a number: elementary effects, and shares of the variance. Designs and formulas are SALib's.

*Morris* walks through the space of inputs, changing one at a time, and takes the effect of each change: μ* is the mean
of their sizes, μ their mean, σ their spread, which is large where an effect depends on the other inputs or is not
straight (Morris 1991, doi 10.1080/00401706.1991.10484804; Campolongo, Cariboni & Saltelli 2007, doi
10.1016/j.envsoft.2006.10.004). It needs few runs: trajectories × (inputs + 1). Effects are told per whole range of the
input.

*Sobol* shares out the variance that all inputs cause together, each varied evenly over its range: S₁ is the share of an
input alone, S_T the share it has any part in (Sobol 2001, doi 10.1016/S0378-4754(00)00270-6; Saltelli et al. 2010, doi
10.1016/j.cpc.2009.09.018). It takes samples × (inputs + 2) runs, and many of them.

The trap is a step of whole numbers, which is not the step the design asks for: from 1 to 2 is all of the range, not two
thirds of it. Effects are told by the step that was made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from servicechain.base import check_whole
from servicechain.errors import Mistake
from servicechain.estimates import Estimate, half_width, moments
from servicechain.studies.inputs import Floats, Input, values_at

LEVELS = 4
"""Of the grid that Morris walks on; each step goes over two thirds of the range."""
STEP = LEVELS / (2 * (LEVELS - 1))
LEAST_SAMPLES = 8

Evaluate = Callable[[Sequence[Mapping[str, Any]]], Floats]
"""From values of the inputs to the number of each, points × replications; a point without values is the base case."""


@dataclass(frozen=True)
class Effect:
    """What one input does.

    Attributes
    ----------
    path : str
    measures : dict from str to Estimate
        ``mu_star``, ``mu``, ``sigma`` of Morris; ``first``, ``total`` of Sobol; ``low``, ``high`` (the number at the
        ends of the range less that of the base case) of one at a time. Half-widths are those of 95 %, NaN where there
        is none.
    """

    path: str
    measures: dict[str, Estimate]

    @property
    def weight(self) -> float:
        """How much the input matters: by this they are ordered."""
        sizes = {name: abs(each.mean) for name, each in self.measures.items()}
        weight = sizes.get("mu_star", sizes.get("total", math.nan))
        if math.isnan(weight) and "low" in sizes:
            weight = abs(self.measures["high"].mean - self.measures["low"].mean)
            weight = max(weight, sizes["low"], sizes["high"])
        return -1.0 if math.isnan(weight) else weight


def morris(inputs: Sequence[Input], evaluate: Evaluate, trajectories: int, seed: int) -> tuple[Effect, ...]:
    """Take elementary effects, each told per whole range of its input.

    Parameters
    ----------
    inputs : sequence of Input
    evaluate : callable
        See `Evaluate`; of several replications the mean is taken.
    trajectories : int
        At least 2; ten are usual.
    seed : int
        Of the walk, not of the model.

    Raises
    ------
    Mistake
        If SALib is not installed, or the number of an input is not defined everywhere.
    """
    check_whole(trajectories, "trajectories", 2)
    sampling, analysis = salib("morris")
    problem = problem_of(inputs)
    design = np.asarray(sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed))
    numbers = responses(inputs, evaluate, design, likely=False)
    found = analysis.analyze(problem, design, numbers, num_levels=LEVELS, seed=seed)
    effects = []
    for place, each in enumerate(inputs):
        scale = STEP / each.step(STEP) if each.whole else 1.0
        mu, mu_star, sigma, half = (
            scale * float(found[name][place]) for name in ("mu", "mu_star", "sigma", "mu_star_conf")
        )
        measures = {"mu_star": Estimate(mu_star, half), "mu": alone(mu), "sigma": alone(sigma)}
        effects.append(Effect(each.path, measures))
    return in_order(effects)


def sobol(inputs: Sequence[Input], evaluate: Evaluate, samples: int, seed: int) -> tuple[Effect, ...]:
    """Share out the variance that the inputs cause.

    Parameters
    ----------
    inputs, evaluate
        As for `morris`.
    samples : int
        A power of 2, at least 8; some hundreds give a first idea.
    seed : int
        Of the points, not of the model.

    Raises
    ------
    Mistake
        If SALib is not installed, `samples` is no power of 2, or the number is not defined everywhere.
    """
    check_samples(samples)
    sampling, analysis = salib("sobol")
    problem = problem_of(inputs)
    design = np.asarray(sampling.sample(problem, samples, calc_second_order=False, seed=seed))
    numbers = responses(inputs, evaluate, design, likely=True)
    spread = np.ptp(numbers)
    if not spread > 1e-12 * np.abs(numbers).max(initial=0.0):
        unknown = {"first": alone(math.nan), "total": alone(math.nan)}
        return tuple(Effect(each.path, dict(unknown)) for each in inputs)
    # SALib takes a seed of 0 for none
    found = analysis.analyze(problem, numbers, calc_second_order=False, seed=seed + 1)
    return in_order(
        Effect(
            each.path,
            {
                name: Estimate(float(found[key][place]), float(found[f"{key}_conf"][place]))
                for name, key in (("first", "S1"), ("total", "ST"))
            },
        )
        for place, each in enumerate(inputs)
    )


def one_at_a_time(inputs: Sequence[Input], evaluate: Evaluate) -> tuple[Estimate, tuple[Effect, ...]]:
    """Move each input to the ends of its range, the others as they are; give the base case's number, and the effects.

    Half-widths are those of the differences replication by replication.

    Raises
    ------
    Mistake
        If the number of the base case is not defined.
    """
    ends = [{each.path: end} for each in inputs for end in (each.low, each.high)]
    numbers = evaluate([{}, *ends])
    if np.isnan(numbers[0]).all():
        raise Mistake("the metric is not defined in the base case; run it longer, or choose another metric")
    effects = []
    for place, each in enumerate(inputs):
        low, high = (estimated(numbers[1 + 2 * place + end] - numbers[0]) for end in (0, 1))
        effects.append(Effect(each.path, {"low": low, "high": high}))
    return estimated(numbers[0]), in_order(effects)


def responses(inputs: Sequence[Input], evaluate: Evaluate, design: Floats, *, likely: bool) -> Floats:
    """Give the number at each point of a design, the mean of its replications.

    Raises
    ------
    Mistake
        If it is not defined at a point.
    """
    points = [values_at(inputs, part, likely=likely) for part in design]
    different = list({repr(point): point for point in points}.values())
    numbers = evaluate(different)
    means = {repr(point): moments(row.tolist()).mean for point, row in zip(different, numbers, strict=True)}
    for point in different:
        if math.isnan(means[repr(point)]):
            values = ", ".join(f"{path}={value}" for path, value in point.items())
            raise Mistake(f"the metric is not defined with {values}; run it longer, or make the ranges narrower")
    return np.array([means[repr(point)] for point in points])


def check_samples(samples: object) -> None:
    """Refuse what is no power of 2.

    Raises
    ------
    Mistake
        If it is not, or below 8.
    """
    count = check_whole(samples, "samples", LEAST_SAMPLES)
    if count & (count - 1):
        nearest = 2 ** round(math.log2(count))
        raise Mistake(f"samples must be a power of 2, or Sobol's points are not even, got {count}; write {nearest}")


def problem_of(inputs: Sequence[Input]) -> dict[str, Any]:
    """Describe the unit cube to SALib."""
    return {
        "num_vars": len(inputs),
        "names": [each.path for each in inputs],
        "bounds": [[0.0, 1.0]] * len(inputs),
    }


def salib(method: str) -> tuple[Any, Any]:
    """Import a method of SALib: what makes its points, and what makes sense of them.

    Raises
    ------
    Mistake
        If it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(f"SALib.sample.{method}"), import_module(f"SALib.analyze.{method}")
    except ModuleNotFoundError:
        raise Mistake(
            f"the method '{method}' needs SALib, which is not installed; pip install 'servicechain[sensitivity]', or "
            "use method='one_at_a_time'"
        ) from None


def estimated(values: Floats) -> Estimate:
    """Give the mean of the replications in which a number is defined."""
    numbers = values.tolist()
    return Estimate(moments(numbers).mean, half_width(numbers))


def alone(value: float) -> Estimate:
    """Give a number that has no half-width."""
    return Estimate(value, math.nan)


def in_order(effects: Any) -> tuple[Effect, ...]:
    """Sort effects, what matters most first."""
    return tuple(sorted(effects, key=lambda effect: -effect.weight))
