"""A step in Python, for what the language lacks: only the reference engine walks it.

The function is a generator function. It gets a `Context` and yields steps, made with the same constructors as any
other; each is carried out before the function goes on, and an `ask` comes back when it is answered:

>>> from servicechain.steps import ask, custom, pause, work
>>> def restock(context):
...     yield work("lognormal(mean=2, cv=0.5)")
...     if context.now % 1440 > 1020:                  # after five in the afternoon the store is closed
...         yield pause(1440 + 480 - context.now % 1440)
...     yield ask("fetch from the store")
>>> step = custom(restock, requests=["fetch from the store"])

Nobody looks into the function before it runs, so what it may do is said in `requests`: wherever numbers are
expected without simulating, each of them is taken to be asked once, and the step to take no time of its own.
In a service it may not yield `reply` or `hand_off`, and in a branch of `together` it counts as work. A step that is
made once, outside the function, and yielded many times spares reading its text each time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from servicechain.base import Name, Part
from servicechain.errors import Mistake, shown


class Context(Protocol):
    """What a `Custom` step knows."""

    @property
    def now(self) -> float:
        """The clock, in the chain's unit."""

    @property
    def customer_class(self) -> str | None:
        """The class of the customer it is for; None for a repair."""

    @property
    def number(self) -> int:
        """The customer's number within the class; -1 for a repair."""

    @property
    def arrived(self) -> float:
        """When the customer arrived, in the chain's unit; NaN for a repair."""

    def random(self) -> float:
        """Draw a number between 0 and 1, a new one with every call, the same in every run with this seed."""


Function = Callable[[Any], Generator[Any, None, None]]


def _generator_function(value: object) -> object:
    if not callable(value):
        raise Mistake(f"a custom step is a Python generator function, got {shown(value)}; it exists in Python only")
    if not inspect.isgeneratorfunction(value):
        name = getattr(value, "__name__", "it")
        raise Mistake(f"a custom step is a generator function, and {name} yields nothing; let it 'yield work(2)'")
    return value


def _named(function: Function) -> str:
    return str(getattr(function, "__name__", "a function"))


class Custom(Part):
    """What a Python generator function does.

    Attributes
    ----------
    custom : callable
        From a `Context` to a generator of steps.
    requests : tuple of str
        The services it may request, so that they can be checked and drawn.
    """

    custom: Annotated[
        Function, BeforeValidator(_generator_function), PlainSerializer(_named), WithJsonSchema({"not": {}})
    ]
    requests: tuple[Name, ...] = ()
