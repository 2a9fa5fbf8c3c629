"""Why customers wait, who causes it, and what it costs: a service modelled as a chain of actors.

A chain is data: read one with `read`, or build a `Chain` with the words of a chain file; `check` it, `run` it,
and look at the `Result`; compare what could be changed with a `study`. Everything else is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servicechain import distributions
    from servicechain.actors import Actor
    from servicechain.chain import Chain
    from servicechain.customers import CustomerClass, Tolerance
    from servicechain.errors import ChainError, RunError, ServiceChainError
    from servicechain.files.reading import read
    from servicechain.lint import check
    from servicechain.results import Result
    from servicechain.running import run
    from servicechain.services import Service
    from servicechain.steps import ask, chance, choose, custom, hand_off, pause, repeat, reply, tell, together, work
    from servicechain.studies.study import study

__version__ = "0.1.0"

_HOMES = {
    "Actor": "servicechain.actors",
    "Chain": "servicechain.chain",
    "ChainError": "servicechain.errors",
    "CustomerClass": "servicechain.customers",
    "Result": "servicechain.results",
    "RunError": "servicechain.errors",
    "Service": "servicechain.services",
    "ServiceChainError": "servicechain.errors",
    "Tolerance": "servicechain.customers",
    "ask": "servicechain.steps",
    "chance": "servicechain.steps",
    "check": "servicechain.lint",
    "choose": "servicechain.steps",
    "custom": "servicechain.steps",
    "hand_off": "servicechain.steps",
    "pause": "servicechain.steps",
    "read": "servicechain.files.reading",
    "repeat": "servicechain.steps",
    "reply": "servicechain.steps",
    "run": "servicechain.running",
    "study": "servicechain.studies.study",
    "tell": "servicechain.steps",
    "together": "servicechain.steps",
    "work": "servicechain.steps",
}

__all__ = [
    "Actor",
    "Chain",
    "ChainError",
    "CustomerClass",
    "Result",
    "RunError",
    "Service",
    "ServiceChainError",
    "Tolerance",
    "ask",
    "chance",
    "check",
    "choose",
    "custom",
    "distributions",
    "hand_off",
    "pause",
    "read",
    "repeat",
    "reply",
    "run",
    "study",
    "tell",
    "together",
    "work",
]


def __getattr__(name: str) -> Any:
    if name == "distributions":
        return import_module("servicechain.distributions")
    if name not in _HOMES:
        raise AttributeError(f"module 'servicechain' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
