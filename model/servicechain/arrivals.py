"""When customers come: one frozen dataclass for each kind of arrivals a chain file can name.

The trap is a rate that changes: time drawn at the old rate must not live on into the next interval. A
`Profile` is therefore inverted through its cumulative rate (Çinlar 1975, Introduction to Stochastic
Processes, ch. 4), never by drawing gaps at the rate of the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from servicechain.base import check_not_negative, wrong
from servicechain.distributions import (
    FAMILIES,
    Call,
    Constant,
    Distribution,
    bind,
    distribution_of,
    parse_distribution,
    read_expression,
)
from servicechain.errors import ChainError, Mistake, nearest, shown
from servicechain.populations import KEYS as POPULATION
from servicechain.populations import Closed, parse_closed
from servicechain.problems import KeyProblem
from servicechain.units import Quantity, Rate, TimeUnit, unit_of

KINDS = ("poisson", "every", "at")


@dataclass(frozen=True)
class Poisson:
    """Independent customers at a constant rate."""

    rate: Rate

    def written(self) -> str:
        """Give back what a chain file would hold."""
        return f"poisson(rate={self.rate})"

    def in_unit(self, unit: TimeUnit) -> Poisson:
        """Give the same with its rate in customers per `unit`."""
        return Poisson(Rate(self.rate.in_unit(unit)))

    @property
    def mean_rate(self) -> float:
        """Arrivals per unit of time in the long run."""
        return self.rate.value


@dataclass(frozen=True)
class Every:
    """A renewal process: the first arrival after one interval."""

    interval: Distribution

    def written(self) -> str:
        """Give back what a chain file would hold."""
        return f"every({self.interval.written()})"

    def in_unit(self, unit: TimeUnit) -> Every:
        """Give the same with its interval in `unit`."""
        return Every(self.interval.in_unit(unit))

    @property
    def mean_rate(self) -> float:
        """Arrivals per unit of time in the long run."""
        return 1 / self.interval.mean


@dataclass(frozen=True)
class At:
    """Arrivals at given times; a text that is not a time is an ISO time stamp, counted from the chain's start."""

    times: tuple[Quantity | str, ...]

    def written(self) -> str:
        """Give back what a chain file would hold."""
        parts = [f'"{time}"' if isinstance(time, str) else str(time) for time in self.times]
        return f"at([{', '.join(parts)}])"

    def in_unit(self, unit: TimeUnit) -> At:
        """Give the same with its times in `unit`, in order."""
        stamps = [time for time in self.times if isinstance(time, str)]
        if stamps:
            raise Mistake(f"{shown(stamps[0])} is a time stamp; it counts from the chain's 'starts'")
        times = sorted(time.in_unit(unit) for time in self.times if isinstance(time, Quantity))
        return At(tuple(Quantity(time) for time in times))

    def counted_from(self, starts: datetime | None, unit: TimeUnit) -> At:
        """Give the same with time stamps turned into times after `starts`, in `unit`."""
        from servicechain.files.columns import time_of

        times = tuple(
            Quantity(time_of(time, starts, unit, "at")) if isinstance(time, str) else time for time in self.times
        )
        return replace(self, times=times)

    @property
    def mean_rate(self) -> float:
        """Zero: a list ends."""
        return 0.0


@dataclass(frozen=True)
class AtFile:
    """Arrivals at the times in a column of a file beside the chain file."""

    file: str
    column: str

    def written(self) -> str:
        """Give back what a chain file would hold."""
        return f'at(file="{self.file}", column="{self.column}")'

    def loaded(self, times: list[float]) -> At:
        """Give the same arrivals as a list, from times in the chain's unit."""
        return At(tuple(Quantity(time) for time in sorted(times)))

    def in_unit(self, unit: TimeUnit) -> At:
        """Refuse: the file has to be read first."""
        raise Mistake(f"the times stand in {self.file}; they are read with the chain, in {unit}")

    @property
    def mean_rate(self) -> float:
        """Zero: a list ends."""
        return 0.0


@dataclass(frozen=True)
class Profile:
    """A Poisson process whose rate changes from interval to interval.

    Attributes
    ----------
    rates : tuple of float
        Arrivals per `per`, one for each interval.
    per : TimeUnit
    each : Quantity
        Length of every interval.
    repeat : bool
        After the last interval start again (True), or stop.
    """

    rates: tuple[float, ...]
    per: TimeUnit
    each: Quantity
    repeat: bool = True

    def written(self) -> dict[str, Any]:
        """Give back what a chain file would hold."""
        rates = [int(rate) if rate == int(rate) else rate for rate in self.rates]
        kept: dict[str, Any] = {
            "rates": rates,
            "per": self.per.value.rstrip("s"),
            "each": self.each.written(),
        }
        return kept if self.repeat else {**kept, "repeat": False}

    def in_unit(self, unit: TimeUnit) -> Profile:
        """Give the same with rates per `unit` and intervals in `unit`."""
        rates = tuple(Rate(rate, self.per).in_unit(unit) for rate in self.rates)
        return Profile(rates, unit, Quantity(self.each.in_unit(unit)), self.repeat)

    @property
    def mean_rate(self) -> float:
        """Arrivals per unit of time in the long run; zero if it stops."""
        return sum(self.rates) / len(self.rates) if self.repeat else 0.0


Arrivals = Poisson | Every | At | AtFile | Profile | Closed


def parse_arrivals(written: object) -> Arrivals:
    """Read the arrivals of a customer class.

    Raises
    ------
    Mistake
        If it is none of ``poisson(rate=…)``, ``every(…)``, ``at(…)``, a profile or a closed population.
    ChainError
        If a value of a profile breaks a rule, with its path.
    """
    if isinstance(written, Poisson | Every | At | AtFile | Profile | Closed):
        return written
    if isinstance(written, dict):
        return parse_closed(written) if any(key in written for key in POPULATION) else _profile(written)
    if not isinstance(written, str) or not written.strip():
        raise Mistake(f"arrivals must be e.g. poisson(rate=40/h), got {shown(written)}")
    call = read_expression(written)
    if not isinstance(call, Call):
        raise Mistake(f"arrivals must be e.g. poisson(rate=40/h), got {shown(written)}")
    if call.name not in KINDS:
        if call.name in FAMILIES:
            raise Mistake(f"{call} is a time, not arrivals; write every({written}) for arrivals at such intervals")
        raise Mistake(f"no arrivals are called {shown(call.name)}{nearest(call.name, KINDS)}")
    kinds: dict[str, Callable[[Call], Arrivals]] = {"poisson": _poisson, "every": _every, "at": _at}
    return kinds[call.name](call)


def _poisson(call: Call) -> Poisson:
    return Poisson(Rate.parse(bind(call, ("rate",))["rate"], "a rate"))


def _every(call: Call) -> Every:
    given = bind(call, ("interval",))["interval"]
    interval = distribution_of(given) if isinstance(given, Call) else parse_distribution(given, "an interval")
    if isinstance(interval, Constant) and interval.value.value == 0:
        raise Mistake("every(0) would bring all customers at once; the interval must be above 0")
    return Every(interval)


def _at(call: Call) -> At | AtFile:
    given = bind(call, ("times", "file", "column"), optional=("times", "file", "column"))
    if ("times" in given) == ("file" in given or "column" in given):
        raise Mistake('at() takes either a list, at([0, 5, 5, 12]), or a file, at(file="days.csv", column="opened")')
    if "times" not in given:
        file = bind(call, ("file", "column"))
        return AtFile(_text(file["file"], "file"), _text(file["column"], "column"))
    times = given["times"]
    if not isinstance(times, list):
        raise Mistake(f"at() takes a list of times in [ ], got {shown(times)}; write e.g. at([0, 5, 5, 12])")
    return At(tuple(_moment(time) for time in times))


def _text(value: object, thing: str) -> str:
    if not isinstance(value, str):
        raise Mistake(f"{thing} must be a text in quotes, got {shown(value)}")
    return value


def _moment(time: object) -> Quantity | str:
    """Take a time, or the text of an ISO time stamp."""
    if isinstance(time, str) and time.count("-") >= 2:
        try:
            datetime.fromisoformat(time)
        except ValueError:
            raise Mistake(f"{shown(time)} is neither a time nor a time stamp such as 2026-01-05T08:00") from None
        return time
    return Quantity.parse(time, "a time of arrival")


def _profile(written: dict[Any, Any]) -> Profile:
    known = ("rates", "per", "each", "repeat")
    example = "write e.g. {rates: [4, 9], per: hour, each: 1h}"
    for key in written:
        if key not in known:
            hint = nearest(str(key), known)
            raise ChainError([KeyProblem(f"a profile of arrivals has no key {shown(key)}{hint}", (str(key),))])
    for key in known[:3]:
        if key not in written:
            raise Mistake(f"a profile of arrivals lacks '{key}'; {example}")
    rates, per, repeat = written["rates"], written["per"], written.get("repeat", True)
    if not isinstance(rates, (list, tuple)) or not rates:
        raise wrong(f"'rates' must be a list of numbers, one for each interval, got {shown(rates)}; {example}", "rates")
    if not isinstance(repeat, bool):
        raise wrong(f"'repeat' must be true or false, got {shown(repeat)}", "repeat")
    if not isinstance(per, str):
        raise wrong(f"'per' must be a unit of time such as hour, got {shown(per)}", "per")
    with _inside("per"):
        unit = unit_of(per)
    with _inside("each"):
        each = Quantity.parse(written["each"], "'each' (the length of an interval)")
        if each.value == 0:
            raise Mistake(f"'each' (the length of an interval) must be above 0, got {shown(written['each'])}")
    numbers = []
    for place, rate in enumerate(rates):
        with _inside("rates", place):
            numbers.append(check_not_negative(rate, "a rate of the profile"))
    return Profile(tuple(numbers), unit, each, repeat)


@contextmanager
def _inside(*path: str | int) -> Iterator[None]:
    """Tell where in a profile a mistake stands."""
    try:
        yield
    except Mistake as mistake:
        raise wrong(str(mistake), *path) from None
