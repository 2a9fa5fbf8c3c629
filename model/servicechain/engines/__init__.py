"""Engines: what simulates a chain. They depend on the model; the model knows none of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from servicechain.chain import Chain
from servicechain.custom_steps import Custom
from servicechain.errors import RunError, nearest
from servicechain.places import all_lists
from servicechain.records import Sink
from servicechain.settings import Settings
from servicechain.steps import every_step

LARGE = 500_000
"""So many requests and customers take the reference engine about as long as it takes to compile the other one."""

KERNEL = Path(__file__).parent / "compiled" / "kernel.py"


class Engine(Protocol):
    """What every engine can do."""

    name: str

    def replicate(
        self,
        settings: Settings,
        replication: int,
        sink: Sink,
        progress: Callable[[int, float], None] | None = None,
    ) -> None:
        """Run one replication into a sink."""


def _reference(chain: Chain, ideal: frozenset[str]) -> Engine:
    from servicechain.engines.reference.engine import ReferenceEngine

    return ReferenceEngine(chain, ideal)


def _compiled(chain: Chain, ideal: frozenset[str]) -> Engine:
    from servicechain.engines.compiled.engine import CompiledEngine

    return CompiledEngine(chain, ideal)


ENGINES: dict[str, Callable[[Chain, frozenset[str]], Engine]] = {"reference": _reference, "compiled": _compiled}


def engine_for(chain: Chain, name: str = "auto", ideal: frozenset[str] = frozenset(), requests: float = 0.0) -> Engine:
    """Make the engine called `name` ready for a chain.

    Parameters
    ----------
    chain : Chain
        With its files read.
    name : str
        Of an engine, or ``auto`` for the one that is done first; see `chosen`.
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail; everything else draws the same numbers as without them.
    requests : float
        How many customers and requests are to be expected.

    Raises
    ------
    RunError
        If no engine is called so, or it cannot simulate this chain.
    """
    return ENGINES[chosen(chain, name, requests)](chain, ideal)


def chosen(chain: Chain, name: str = "auto", requests: float = 0.0) -> str:
    """Name the engine that runs a chain.

    Unless one is named, it is the compiled one, except where only the reference engine can do it (steps in
    Python), and where that is done before the other is compiled: a run that is not large, as long as nothing
    compiled lies in the cache. The numbers are the same.

    Parameters
    ----------
    chain : Chain
    name : str
        Of an engine, or ``auto``.
    requests : float
        How many customers and requests are to be expected in all that is to be run.

    Raises
    ------
    RunError
        If no engine is called so.
    """
    if name != "auto":
        if name not in ENGINES:
            raise RunError(f"there is no engine '{name}'{nearest(name, [*ENGINES, 'auto'])}; or leave it out")
        return name
    if has_python(chain):
        return "reference"
    return "compiled" if requests >= LARGE or is_ready() else "reference"


def has_python(chain: Chain) -> bool:
    """Tell whether a chain has steps in Python."""
    return any(isinstance(step, Custom) for _, steps in all_lists(chain) for _, step in every_step(steps))


def is_ready() -> bool:
    """Tell whether the compiled engine can begin at once: compiled in this process, or kept on disk."""
    from servicechain.compiled_cache import is_kept

    kernel = sys.modules.get("servicechain.engines.compiled.kernel")
    return bool(kernel is not None and kernel.simulate.signatures) or is_kept(KERNEL, "simulate")
