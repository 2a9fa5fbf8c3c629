"""Engines: what simulates a chain. They depend on the model; the model knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from servicechain.chain import Chain
from servicechain.errors import RunError, nearest
from servicechain.records import Sink
from servicechain.settings import Settings


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


ENGINES: dict[str, Callable[[Chain, frozenset[str]], Engine]] = {"reference": _reference}


def engine_for(chain: Chain, name: str = "auto", ideal: frozenset[str] = frozenset()) -> Engine:
    """Make the engine called `name` ready for a chain.

    Parameters
    ----------
    chain : Chain
        With its files read.
    name : str
        Of an engine, or ``auto`` for the best there is.
    ideal : frozenset of str
        Actors whose own work and pauses take no time, who have unlimited servers, are always on duty and never
        fail; everything else draws the same numbers as without them.

    Raises
    ------
    RunError
        If no engine is called so.
    """
    if name == "auto":
        name = "reference"
    if name not in ENGINES:
        raise RunError(f"there is no engine '{name}'{nearest(name, [*ENGINES, 'auto'])}; or leave it out")
    return ENGINES[name](chain, ideal)
