"""Totals along a graph with circles: x = own + uses · x, where everything is a number of at least 0.

Group by group, what leads to nothing else first. Within a circle, names are eliminated one after the other, as
states of a Markov chain are: no number ever becomes negative, and a circle that loses nothing shows itself by
a name that comes back to itself with gain 1 or more. Then its totals are infinite, unless nothing feeds it.
Reference: Grassmann, Taksar & Heyman (1985), Regenerative analysis and steady state distributions for Markov
chains, doi 10.1287/opre.33.5.1107.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from servicechain.circles import groups

# A gain this near to 1 is one that rounding has moved.
_LOSSLESS = 1 - 1e-12
# More products than this for one name, and what is left is solved as a dense system.
_MANY = 2_000

Numbers = dict[str, float]


class Totals:
    """Totals for one set of uses and any number of own values.

    Parameters
    ----------
    uses : mapping from name to mapping from name to float
        How much of every other one each takes; never negative.
    """

    def __init__(self, uses: Mapping[str, Mapping[str, float]]) -> None:
        self._uses = {name: {other: n for other, n in row.items() if n} for name, row in uses.items()}
        self._groups = groups(self._uses)
        self._users: dict[str, list[str]] = {name: [] for group in self._groups for name in group}
        for name, row in self._uses.items():
            for other in row:
                self._users[other].append(name)

    def of(self, own: Mapping[str, float]) -> Numbers:
        """Solve x = own + uses · x; infinite where a circle loses nothing and is fed.

        Parameters
        ----------
        own : mapping from name to float
            Names left out have none.
        """
        solved: Numbers = dict.fromkeys(self._users, 0.0)
        fed = self._fed_by(name for name, value in own.items() if value)
        for group in self._groups:
            if fed.isdisjoint(group):
                continue
            base = {name: own.get(name, 0.0) + self._from(name, solved) for name in group}
            solved.update(self._solve(group, base))
        return solved

    def _fed_by(self, names: Iterable[str]) -> set[str]:
        """Give who is one of these names or uses one, directly or by others."""
        fed: set[str] = set()
        waiting = [*names]
        while waiting:
            name = waiting.pop()
            if name in self._users and name not in fed:
                fed.add(name)
                waiting += self._users[name]
        return fed

    def _from(self, name: str, solved: Numbers) -> float:
        # A total of 0 is left out, because an infinite number of nothing is nothing.
        return sum(n * solved[other] for other, n in self._uses[name].items() if solved.get(other))

    def _solve(self, group: list[str], base: Numbers) -> Numbers:
        if not any(base.values()) or (len(group) == 1 and group[0] not in self._uses[group[0]]):
            return base
        if all(map(math.isfinite, base.values())):
            rows = {name: {o: n for o, n in self._uses[name].items() if o in base} for name in group}
            solved = _eliminated(rows, base)
            if solved is not None:
                return solved
        return dict.fromkeys(group, math.inf)


def _eliminated(rows: dict[str, Numbers], base: Numbers) -> Numbers | None:
    """Solve one circle; None if it loses nothing."""
    users: dict[str, set[str]] = {name: set() for name in rows}
    for name, row in rows.items():
        for other in row:
            users[other].add(name)
    gone: list[tuple[str, Numbers]] = []
    for name in sorted(rows, key=lambda one: len(rows[one]) * len(users[one])):
        if len(rows[name]) * len(users[name]) > _MANY:
            break
        row = rows.pop(name)
        loss = 1 - row.pop(name, 0.0)
        if loss <= 1 - _LOSSLESS:
            return None
        row = {other: n / loss for other, n in row.items()}
        base[name] /= loss
        _replace(name, row, rows, base, users)
        gone.append((name, row))
    solved = _dense(rows, base)
    if solved is None:
        return None
    for name, row in reversed(gone):
        solved[name] = base[name] + sum(n * solved[other] for other, n in row.items())
    return solved


def _replace(name: str, row: Numbers, rows: dict[str, Numbers], base: Numbers, users: dict[str, set[str]]) -> None:
    """Put what a name comes to into the rows that use it."""
    for other in row:
        users[other].discard(name)
    for user in users.pop(name) - {name}:
        taken = rows[user].pop(name)
        base[user] += taken * base[name]
        for other, n in row.items():
            rows[user][other] = rows[user].get(other, 0.0) + taken * n
            users[other].add(user)


def _dense(rows: dict[str, Numbers], base: Numbers) -> Numbers | None:
    """Solve what is left, all names at once; None if it loses nothing."""
    if not rows:
        return {}
    import numpy as np

    names = list(rows)
    gains = np.array([[rows[name].get(other, 0.0) for other in names] for name in names])
    # Where a connected circle loses something, and only there, the totals of ones are all positive.
    right = np.array([[base[name], 1.0] for name in names])
    try:
        solved = np.linalg.solve(np.eye(len(names)) - gains, right)
    except np.linalg.LinAlgError:
        return None
    if not (solved[:, 1].min() > 0 and solved[:, 1].max() < 1e12):
        return None
    return dict(zip(names, solved[:, 0].tolist(), strict=True))
