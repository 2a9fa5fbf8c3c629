"""A closed population: the same members come again and again, each after a time of thinking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from servicechain import patterns
from servicechain.base import check_whole
from servicechain.distributions import Distribution, parse_distribution
from servicechain.errors import ChainError, Mistake, nearest, shown
from servicechain.problems import KeyProblem
from servicechain.units import TimeUnit

KEYS = ("population", "think")
CLOSED: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": [*KEYS],
    "properties": {
        "population": {"type": "integer", "minimum": 1, "description": "How many members come again and again."},
        "think": {**patterns.DURATION, "description": "How long each stays away before a journey."},
    },
}
"""What a closed population looks like, for the JSON Schema."""


@dataclass(frozen=True)
class Closed:
    """A closed population.

    Attributes
    ----------
    population : int
        How many members it has.
    think : Distribution
        How long a member stays away before the first journey and after each.
    """

    population: int
    think: Distribution

    def written(self) -> dict[str, Any]:
        """Give back what a chain file would hold."""
        return {"population": self.population, "think": self.think.written()}

    def in_unit(self, unit: TimeUnit) -> Closed:
        """Give the same with the time of thinking in `unit`."""
        return Closed(self.population, self.think.in_unit(unit))

    @property
    def mean_rate(self) -> float:
        """Arrivals per unit of time if no journey took any time: an upper bound."""
        return self.population / self.think.mean if self.think.mean else float("inf")


def parse_closed(written: dict[Any, Any]) -> Closed:
    """Read a closed population.

    Raises
    ------
    Mistake
        If a key is missing.
    ChainError
        If there is another key, or a value breaks a rule, with its path.
    """
    for key in written:
        if key not in KEYS:
            message = f"a closed population has no key {shown(key)}{nearest(str(key), KEYS)}"
            raise ChainError([KeyProblem(message, (str(key),))])
    for key in KEYS:
        if key not in written:
            raise Mistake(f"a closed population lacks '{key}'; write e.g. {{population: 20, think: 30}}")
    return Closed(_at("population", written), _at("think", written))


def _at(key: str, written: dict[Any, Any]) -> Any:
    from servicechain.base import wrong

    try:
        if key == "population":
            return check_whole(written[key], "'population' (how many members)", 1)
        return parse_distribution(written[key], "'think' (the time between two journeys)")
    except Mistake as mistake:
        raise wrong(str(mistake), key) from None
