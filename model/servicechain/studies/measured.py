"""A metric's path as a person says it: ``customers.guest.wait.p90`` is "guest: wait, 90th percentile", in minutes.

The trap is the unit: of a share it is percent, of a time the chain's, and of a count there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from servicechain.blame import article
from servicechain.estimates import Estimate
from servicechain.studies.measures import COST
from servicechain.tables import clean, number, plus_minus

SHARES = frozenset(
    {
        *("abandoned_share", "delayed_share", "within_standard", "delighted", "inside", "below"),
        *("working", "held", "idle", "down", "utilisation"),
    }
)
TIMES = frozenset(
    {"queueing", "held", "attended", "own", "wait", "time_in_system", "queue_wait", "duration", "overtime", "time"}
)
_WORDS = {
    "abandoned_share": "gave up",
    "delayed_share": "delayed",
    "within_standard": "within the standard",
    "delighted": "delighted",
    "inside": "inside the tolerance",
    "below": "below their tolerance",
    "time_in_system": "time in system",
    "queue_wait": "time in line",
    "queue_length": "length of the line",
    "time": "wait",
    "queueing": "time in line",
    "held": "time held",
}
_WHO = {
    "abandoned_share": "gave up",
    "delighted": "are delighted",
    "inside": "are inside their tolerance",
    "below": "are below their tolerance",
}


@dataclass(frozen=True)
class Measured:
    """What a metric is called, and in what it is told.

    Attributes
    ----------
    name : str
        Whose it is and what, as beside an axis.
    phrase : str
        The same within a sentence.
    unit : str
        After the number, such as " minutes" or "%"; empty for counts.
    factor : float
        From the metric to what is told: 100 of shares.
    """

    name: str
    phrase: str
    unit: str
    factor: float = 1.0

    @property
    def label(self) -> str:
        """Name and unit, as beside an axis."""
        return f"{self.name} ({self.unit.strip()})" if self.unit.strip() else self.name

    def told(self, value: Estimate, *, unit: bool = True) -> str:
        """Write a value with its half-width."""
        return plus_minus(value, self.factor, self.unit if unit else "")

    def brief(self, value: float, *, unit: bool = True) -> str:
        """Write a value alone."""
        return number(value * self.factor) + (self.unit if unit else "")


def measured(metric: str, unit: str) -> Measured:
    """Say what a metric is.

    Parameters
    ----------
    metric : str
        A path into the JSON of a run, or ``cost_per_day``.
    unit : str
        Of the chain's times.

    >>> measured("customers.guest.wait.p90", "minutes").label
    'guest: wait, 90th percentile (minutes)'
    >>> measured("customers.guest.below", "minutes").label
    'guest: below their tolerance (%)'
    >>> measured("customers.guest.below", "minutes").phrase
    'the share of guest customers who are below their tolerance'
    >>> measured("attribution.guest.programmer.work.time", "minutes").name
    'guest: wait because of programmer (work)'
    """
    if metric == COST:
        return Measured("cost per day", "the cost per day", "")
    kind, *rest = clean(metric).split(".")
    if kind == "attribution" and len(rest) == 4:
        whom, actor, cause, state = rest
        what = f"{_WORDS.get(state, state)} because of {actor} ({cause})"
        return Measured(f"{whom}: {what}", f"the {what} of {article(whom)}", f" {unit}")
    if len(rest) < 2:
        return Measured(clean(metric), clean(metric), "")
    thing, key, *beyond = rest
    words = _WORDS.get(key, key.replace("_", " "))
    name = f"{thing}: {words}" + (f", {percentile(beyond[0])}" if beyond else "")
    phrase = f"the {'mean ' if beyond in ([], ['mean']) else f'{percentile(beyond[0])} of the '}{words} of "
    phrase += article(thing) if kind == "customers" else thing
    if key in TIMES and not (kind == "actors" and key == "held"):
        return Measured(name, phrase, f" {unit}")
    if key not in SHARES:
        return Measured(name, phrase, "")
    if kind == "customers":
        return Measured(name, f"the share of {thing} customers who {_WHO[key]}", "%", 100.0)
    return Measured(name, f"the share {words} of {thing}", "%", 100.0)


def percentile(key: str) -> str:
    """Say which number of a distribution is meant.

    >>> percentile("p90"), percentile("max")
    ('90th percentile', 'max')
    """
    return f"{key[1:]}th percentile" if key[:1] == "p" and key[1:].isdigit() else key


def customer_class_of(metric: str, classes: tuple[str, ...]) -> str | None:
    """Tell of which customer class a metric speaks; of the first one if it speaks of none, None if there is none."""
    kind, *rest = metric.split(".")
    if kind in ("customers", "attribution") and rest and rest[0] in classes:
        return rest[0]
    return classes[0] if classes else None
