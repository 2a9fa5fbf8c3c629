"""What every part of a chain has in common: frozen, no unknown keys, and errors a person can read.

The models are pydantic models. What pydantic reports is turned into a `ChainError` where a person builds a
part by hand; while a whole chain is validated the places are kept, so that a file can show line and column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema
from pydantic._internal._model_construction import ModelMetaclass

from servicechain import patterns
from servicechain.distributions import Distribution, parse_distribution
from servicechain.errors import ChainError, Mistake, Problem, shown
from servicechain.problems import problems_of
from servicechain.units import Quantity, finite


class _Readable(ModelMetaclass):
    """Lets a part that is built by hand fail with a `ChainError` instead of pydantic's own report."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # a metaclass's self is a class
        try:
            return super().__call__(*args, **kwargs)
        except ValidationError as error:
            raise ChainError(problems_of(error)) from None


class Part(BaseModel, metaclass=_Readable):
    """A part of a chain: compared by value, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


Value = TypeVar("Value")


class Named(dict[str, Value], Generic[Value]):
    """A mapping from names that cannot be changed once it is made, in the order of the file."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a chain does not change: make another with chain.with_values({path: value})")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Named, (dict(self),)


def check_name(name: object) -> str:
    """Take a name that can stand in a path, a column heading and one line.

    Raises
    ------
    Mistake
        If it is empty or holds ``.``, ``/``, ``|`` or a control character.
    """
    if isinstance(name, (int, float)):
        raise Mistake(f"a name must be a text, got {shown(name)}; put quotes around it if it is meant as one")
    if not isinstance(name, str) or not name.strip():
        raise Mistake(f"a name must be a text that is not empty, got {shown(name)}")
    wrong = sorted({char for char in name if char in "./|" or not char.isprintable()})
    if wrong:
        raise Mistake(
            f"the name {shown(name)} holds {shown(wrong[0])}; names hold no '.', '/', '|' or line break: "
            "write a space or a hyphen instead"
        )
    return name


def check_servers(value: object) -> int | str:
    """Take a number of servers: whole, not negative, or ``unlimited``."""
    if value == "unlimited":
        return "unlimited"
    return check_whole(value, "a number of servers", also=" or 'unlimited'")


def check_need(value: object) -> int | str:
    """Take how many branches must be done: a whole number of at least 1, ``all`` or ``any``."""
    if value in ("all", "any"):
        return str(value)
    return check_whole(value, "'need'", 1, also=", 'all' or 'any'")


def check_whole(value: object, thing: str, least: int = 0, also: str = "") -> int:
    """Take a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1 or value < least:
        raise Mistake(f"{thing} must be a whole number of at least {least}{also}, got {shown(value)}")
    if value > 2**53:
        raise Mistake(f"{thing} must be at most 2**53 = {2**53}, got {shown(value)}")
    return int(value)


def check_counts(counts: Distribution, key: str) -> None:
    """Refuse a distribution over anything but whole numbers; one that stands in a file is let through unread.

    Raises
    ------
    ChainError
        With the path `key`.
    """
    if not counts.is_whole and not counts.files:
        message = f"'{key}' must be a whole number or a distribution over whole numbers, got {counts!r}"
        raise wrong(f"{message}; write e.g. discrete(values=[1, 2], weights=[3, 1])", key)


def wrong(message: str, *path: str | int) -> ChainError:
    """Make the error of one value inside a part, for a validator of that part to raise."""
    return ChainError([Problem(message, path)])


def check_seed(value: object) -> int:
    """Take a seed: whole, below 2**32, because it is one word of the generator's key."""
    seed = check_whole(value, "a seed")
    if seed >= 2**32:
        raise Mistake(f"a seed must be below 2**32 = 4294967296, got {shown(value)}")
    return seed


def check_positive(value: object, thing: str) -> float:
    """Take a number above zero."""
    number = finite(value, thing)
    if number <= 0:
        raise Mistake(f"{thing} must be above 0, got {shown(value)}")
    return number


def check_not_negative(value: object, thing: str) -> float:
    """Take a number of at least zero."""
    number = finite(value, thing)
    if number < 0:
        raise Mistake(f"{thing} must not be negative, got {shown(value)}")
    return number


def check_probability(value: object) -> float:
    """Take a number from 0 to 1."""
    number = math.nan if isinstance(value, str) else finite(value, "a probability")
    if not 0 <= number <= 1:
        raise Mistake(f"a probability must be a number between 0 and 1, got {shown(value)}; 5 % are written 0.05")
    return number


def _tidy(number: float) -> float | int:
    return int(number) if number == int(number) else number


Name = Annotated[str, BeforeValidator(check_name), WithJsonSchema(patterns.NAME)]
Duration = Annotated[
    Distribution,
    BeforeValidator(parse_distribution),
    PlainSerializer(lambda value: value.written()),
    WithJsonSchema(patterns.DURATION),
]
Time = Annotated[
    Quantity,
    BeforeValidator(Quantity.parse),
    PlainSerializer(lambda value: value.written()),
    WithJsonSchema(patterns.TIME),
]
Servers = Annotated[
    int | str,
    BeforeValidator(check_servers),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}),
]
Priority = Annotated[
    int,
    BeforeValidator(lambda value: check_whole(value, "a priority")),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Whole = Annotated[
    int,
    BeforeValidator(lambda value, info: check_whole(value, f"'{info.field_name}'", 1)),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
Need = Annotated[
    int | str,
    BeforeValidator(check_need),
    WithJsonSchema({"anyOf": [{"enum": ["all", "any"]}, {"type": "integer", "minimum": 1}]}),
]
Probability = Annotated[
    float,
    BeforeValidator(check_probability),
    PlainSerializer(_tidy),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Weight = Annotated[
    float,
    BeforeValidator(lambda value: check_not_negative(value, "a weight")),
    PlainSerializer(_tidy),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Wage = Annotated[
    float,
    BeforeValidator(lambda value: check_not_negative(value, "a wage (per server and hour, e.g. 28)")),
    PlainSerializer(_tidy),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Speed = Annotated[
    float,
    BeforeValidator(lambda value: check_positive(value, "a speed")),
    PlainSerializer(_tidy),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]


def as_named(value: object) -> object:
    """Freeze a mapping of parts; what is not a mapping is left for pydantic to refuse."""
    return Named(value) if isinstance(value, Mapping) else value
