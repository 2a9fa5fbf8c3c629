"""Who made the customers wait: their waiting by cause, by way of whom, and in groups, across replications.

Every minute a customer waits belongs to somebody who works or pauses, who is absent, or what has failed; the
parts add up to the wait, for every customer and so for every mean. The trap is to read a share as what would be
saved: lines are shared, and who is helped out of one stands in the next. What would be saved is `leverage`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from servicechain.causes import Cause, Path
from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate, Pool
from servicechain.facts import ChainFacts
from servicechain.parts import Floats, PartSums

if TYPE_CHECKING:
    import pandas as pd

    from servicechain.paths import PathTree

GROUPS = {"contact": "people", "backstage": "operations", "system": "technology", "supplier": "suppliers"}
"""What a lane is called where it is blamed."""

MEASURES = ("queueing", "held", "time", "share")


@dataclass(frozen=True)
class Part:
    """One part of the waiting of a class, across replications.

    Attributes
    ----------
    key : tuple
        Whose it is: what the parts were grouped by.
    queueing, held, time : Estimate
        Time per customer who left, in line, held, and both; in the chain's unit.
    share : Estimate
        Of the whole wait: the mean over the replications of the share in each.
    """

    key: tuple[Any, ...]
    queueing: Estimate
    held: Estimate
    time: Estimate
    share: Estimate

    def measure(self, name: str) -> Estimate:
        """Give one of the four by its name."""
        estimate: Estimate = getattr(self, name)
        return estimate


class Attribution:
    """The waiting of every class by cause, replication by replication.

    Parameters
    ----------
    facts : ChainFacts
    antithetic : bool
        Replications come in pairs.
    """

    def __init__(self, facts: ChainFacts, antithetic: bool = False) -> None:
        self._facts = facts
        self._antithetic = antithetic
        self._sums: list[PartSums] = []

    def add(self, sums: PartSums) -> None:
        """Take in one more replication."""
        self._sums.append(sums)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the customer classes."""
        return tuple(each.name for each in self._facts.classes)

    def parts(self, customer_class: str, by: str = "cause") -> list[Part]:
        """Give the parts of a class's waiting, the largest first.

        Parameters
        ----------
        customer_class : str
        by : str
            ``cause``: actor and what they do; ``group``: people, operations, technology, suppliers; ``whose``: own
            work of the actor the customer asked, somebody else's, absence, failure, deadlock; ``path``: by way of
            whom, and the cause.

        Raises
        ------
        Mistake
            If there is no such class or grouping.
        """
        position = self._position(customer_class)
        key_of = self._keys().get(by)
        if key_of is None:
            raise Mistake(f"waiting is told by {', '.join(self._keys())}, got {shown(by)}{nearest(by, self._keys())}")
        pools: dict[tuple[Any, ...], list[Pool]] = {}
        keys: dict[Path, tuple[Any, ...]] = {}
        for sums in self._sums:
            for path in sums.times[position]:
                keys.setdefault(path, key_of(path))
        order = {key: number for number, key in enumerate(dict.fromkeys(keys[path] for path in sorted(keys)))}
        for sums in self._sums:
            for key, measures in _measured(sums, position, keys, order):
                for pool, value in zip(pools.setdefault(key, [Pool() for _ in MEASURES]), measures, strict=True):
                    pool.add(value)
        parts = [Part(key, *(pool.estimate(self._antithetic) for pool in pools[key])) for key in order]
        return sorted(parts, key=lambda part: -part.time.mean)

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Give the parts by actor and cause, as in the JSON."""
        return {
            name: [
                dict(zip(("actor", "cause"), part.key, strict=True))
                | {each: part.measure(each).as_dict() for each in MEASURES}
                for part in self.parts(name)
            ]
            for name in self.classes
        }

    def frame(self, by: str = "cause", customer_class: str | None = None) -> pd.DataFrame:
        """Give the parts as a tidy frame, one row per class and part, the largest first.

        Parameters
        ----------
        by : str
            As for `parts`.
        customer_class : str, optional
            Only this one.

        Returns
        -------
        DataFrame
            Columns ``customer_class``, what the parts are grouped by, then ``queueing``, ``held``, ``time`` (per
            customer who left, in ``frame.attrs["unit"]``) and ``share`` (of the wait), each with its half-width.
        """
        import pandas as pd

        names = {"cause": ("actor", "cause"), "path": ("path", "cause")}.get(by, (by,))
        rows = []
        for name in self.classes if customer_class is None else (customer_class,):
            for part in self.parts(name, by):
                measured: dict[str, float] = {}
                for each in MEASURES:
                    estimate = part.measure(each)
                    measured |= {each: estimate.mean, f"{each}_halfwidth": estimate.halfwidth}
                rows.append({"customer_class": name, **dict(zip(names, part.key, strict=True)), **measured})
        columns = ["customer_class", *names, *(f"{each}{end}" for each in MEASURES for end in ("", "_halfwidth"))]
        frame = pd.DataFrame(rows, columns=columns)
        frame.attrs["unit"] = str(self._facts.unit)
        return frame

    def of(self, records: pd.DataFrame) -> pd.DataFrame:
        """Give the parts of chosen customers' waiting: the worst waits, those of one hour, one class.

        Parameters
        ----------
        records : DataFrame
            Rows of `Result.customer_records`, for instance those with the longest waits:
            ``records.nlargest(len(records) // 20, "wait")``.

        Returns
        -------
        DataFrame
            Columns ``actor``, ``cause``, ``queueing``, ``held``, ``time`` (per customer chosen, in
            ``frame.attrs["unit"]``) and ``share`` (of their waiting), the largest first.
        """
        import pandas as pd

        rows = []
        for actor, cause in self._facts.causes:
            name = f"{self._facts.actors[actor].name}|{cause.word}"
            queueing, held = (float(records[f"{measure}|{name}"].mean()) for measure in ("queueing", "held"))
            rows.append((*name.split("|"), queueing, held, queueing + held))
        frame = pd.DataFrame(rows, columns=["actor", "cause", "queueing", "held", "time"])
        frame = frame[frame["time"] > 0].sort_values("time", ascending=False, kind="stable", ignore_index=True)
        frame["share"] = frame["time"] / frame["time"].sum()
        frame.attrs["unit"] = str(self._facts.unit)
        return frame

    def paths(self, customer_class: str | None = None) -> PathTree:
        """Give by way of whom the waiting of a class came about, as a tree; of the first class by default."""
        from servicechain.paths import PathTree

        name = self.classes[0] if customer_class is None else customer_class
        return PathTree.of(name, self.parts(name, "path"), str(self._facts.unit))

    def _position(self, customer_class: str) -> int:
        if customer_class not in self.classes:
            hint = nearest(customer_class, self.classes)
            raise Mistake(f"no customer class is called {shown(customer_class)}{hint}")
        return self.classes.index(customer_class)

    def _keys(self) -> Mapping[str, Callable[[Path], tuple[Any, ...]]]:
        names, lanes = [each.name for each in self._facts.actors], [each.lane for each in self._facts.actors]
        return {
            "cause": lambda path: (names[path[-2]], Cause(path[-1]).word),
            "group": lambda path: (GROUPS[lanes[path[-2]]],),
            "whose": lambda path: (_whose(path),),
            "path": lambda path: (tuple(names[actor] for actor in path[:-1]), Cause(path[-1]).word),
        }


def _whose(path: Path) -> str:
    if path[-1] in (Cause.WORK, Cause.PAUSE):
        return "own work" if len(path) == 2 else "somebody else's work"
    return Cause(path[-1]).word


def _measured(
    sums: PartSums, position: int, keys: Mapping[Path, tuple[Any, ...]], order: Iterable[Hashable]
) -> Iterator[tuple[Any, tuple[float, ...]]]:
    """Give every part's measures in one replication; what did not occur in it is 0, of nobody NaN."""
    left = int(sums.left[position])
    totals: dict[Any, Floats] = {}
    for path, times in sums.times[position].items():
        totals[keys[path]] = totals.get(keys[path], np.zeros(2)) + times
    whole = float(sum((times.sum() for times in totals.values()), 0.0))
    for key in order:
        queueing, held = (float(time) for time in totals.get(key, np.zeros(2)))
        time = queueing + held
        share = time / whole if whole else np.nan
        if left:
            yield key, (queueing / left, held / left, time / left, share)
        else:
            yield key, (np.nan,) * 4
