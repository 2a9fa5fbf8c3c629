"""Names of metrics: paths into the JSON of a run, taken as a person writes them.

A name is matched against whole columns, never taken apart at its points. ``customers.guest.wait`` and
``customers.guest.wait.mean`` are one metric; ``customers.guest.wait.p90`` is the percentile of each replication, whose
mean over the replications is not the percentile of all values together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from servicechain.errors import Mistake, nearest, shown
from servicechain.studies.measured import TIMES

if TYPE_CHECKING:
    from servicechain.studies.scenario import Scenario

_MANY = 12


def metric_of(written: object, columns: Collection[str]) -> str:
    """Find the metric a text means.

    Parameters
    ----------
    written : str
    columns : collection of str
        All metrics there are.

    Raises
    ------
    Mistake
        If it is no text, or nothing is called so.
    """
    if not isinstance(written, str) or not written.strip():
        raise Mistake(f"a metric is a path such as customers.guest.wait, got {shown(written)}; write it as a text")
    name = written.strip()
    if name in columns:
        return name
    stem, _, last = name.rpartition(".")
    if stem in columns and last == "mean":
        return stem
    if stem in columns and last == "halfwidth":
        raise Mistake(f"{shown(name)} is told with the metric itself; write {stem}")
    if stem in columns and last[:1] == "p" and last[1:].isdigit():
        known = [column[len(stem) + 1 :] for column in columns if column.startswith(f"{stem}.")]
        has = f"there are {', '.join(known)}" if known else f"{stem} is one number in a replication"
        raise Mistake(f"{shown(name)} is not known to a study; {has}")
    raise Mistake(f"no metric is called {shown(name)}{_hint(name, columns)}")


def all_columns(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """List every metric that can be asked of any of the scenarios, those of the base case first."""
    from servicechain.running import facts_of
    from servicechain.studies.measures import columns_of, extra_columns_of

    found: dict[str, None] = {}
    seen = set()
    for each in scenarios:
        facts = facts_of(each.chain)
        if facts not in seen:
            seen.add(facts)
            found.update(dict.fromkeys((*columns_of(facts), *extra_columns_of(facts))))
    return tuple(found)


def is_time(metric: str) -> bool:
    """Tell whether a metric is a length of time."""
    section, *_ = parts = metric.split(".")
    place = 4 if section == "attribution" else 2
    return len(parts) > place and parts[place] in TIMES and (section != "actors" or parts[2] == "overtime")


def _hint(name: str, columns: Collection[str]) -> str:
    ends = [column for column in columns if column.endswith(f".{name}")]
    if ends:
        return f"; did you mean '{ends[0]}'?"
    within = [column[len(name) + 1 :] for column in columns if column.startswith(f"{name}.")]
    if within:
        return f"; it is not one number: it holds {', '.join(within[:_MANY])}" + (" …" if within[_MANY:] else "")
    same = [column for column in columns if column.partition(".")[0] == name.partition(".")[0]]
    return nearest(name, same or columns)
