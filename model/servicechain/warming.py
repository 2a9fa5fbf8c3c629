"""Compiling everything that is compiled, once, so that no later run has to wait for it.

Tiny chains run through what large ones would: every engine, every kind of sink, a run until a time and one of so many
customers, with attribution and without. What is compiled on the way is kept by `compiled_cache`. The trap is to
forget one: it would be compiled in the middle of somebody's first run, and nobody would know why that takes longer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servicechain.compiled_cache import cache_folder, clear_unused

_DURATIONS = (
    "exponential(mean=1)",
    "gamma(mean=1, cv=0.7)",
    "pert(low=0, mode=1, high=2)",
    "hyperexponential(weights=[1, 1], means=[1, 2])",
    "empirical(values=[1, 2])",
    "discrete(values=[1, 2], weights=[1, 1])",
)

_TINY: dict[str, Any] = {
    "chain": "Tiny",
    "unit": "minutes",
    "actors": {"desk": {"lane": "contact", "staff": 1}, "office": {"lane": "backstage", "staff": 1}},
    "services": {
        "serve": {"by": "desk", "standard": 1, "steps": [{"work": 1}, {"ask": "look up"}]},
        "look up": {"by": "office", "steps": [{"work": duration} for duration in _DURATIONS]},
    },
    "customers": {
        "guest": {
            "arrivals": "poisson(rate=0.2)",
            "tolerance": {"desired": 1, "adequate": 2},
            "journey": [{"ask": "serve"}],
        }
    },
}


@dataclass(frozen=True)
class Warmth:
    """What filling the cache came to.

    Attributes
    ----------
    folder : Path or None
        Where the cache lies; None if nothing may be written.
    seconds : float
        How long it took.
    compiled : int
        How many functions, or variants of one, the cache did not hold before.
    cleared : tuple of Path
        Cache folders of earlier sources that were cleared away.
    """

    folder: Path | None
    seconds: float
    compiled: int
    cleared: tuple[Path, ...]


def warm() -> Warmth:
    """Fill the cache, and clear away what nobody has used for a month.

    Raises
    ------
    RunError
        If an engine cannot be run.
    """
    started = time.perf_counter()
    folder = cache_folder()
    before = _codes(folder)
    fill()
    compiled = len(_codes(folder) - before)
    return Warmth(folder, time.perf_counter() - started, compiled, tuple(clear_unused()))


def fill() -> None:
    """Run tiny chains, so that all is compiled, or loaded if it is kept."""
    from servicechain.chain import Chain
    from servicechain.engines import ENGINES, engine_for
    from servicechain.running import facts_of, run
    from servicechain.settings import Settings
    from servicechain.studies.measures import Measures

    _merge_histograms()
    chain = Chain.from_dict(_TINY)
    for engine in ENGINES:
        run(chain, until=60, replications=2, engine=engine, workers=1, keep_records=True)
        run(chain, customers=20, replications=1, engine=engine, workers=1, attribution=False)
        engine_for(chain, engine).replicate(Settings(customers=20), 0, Measures(facts_of(chain)))


def _merge_histograms() -> None:
    """Do with histograms what only long runs need: merge such as are in buckets."""
    from servicechain.histogram import Histogram

    one, other = Histogram(), Histogram()
    one.add([1.0])
    other.add([2.0])
    one.merge(other)
    one.percentile(0.5)


def _codes(folder: Path | None) -> set[Path]:
    return set() if folder is None else set(folder.rglob("*.nbc"))
