"""How far a study is, for whoever waits for it: replications, half-widths, time left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Headway:
    """How far a study is.

    Attributes
    ----------
    scenarios, open : int
        How many there are, and how many of them are still to be replicated.
    replications : int
        Finished, of all scenarios together, those from a ledger too.
    expected : float
        How many it is likely to take; infinite if nobody can tell.
    widths : mapping
        From each metric with a precision to its half-width now, and as asked; of the scenario farthest from it.
    seconds : float
        Since the study began.
    budget : float or None
        Of seconds.
    ended : str or None
        By what the study has ended.
    """

    scenarios: int
    open: int
    replications: int
    expected: float
    widths: Mapping[str, tuple[float, float]]
    seconds: float
    budget: float | None = None
    ended: str | None = None

    @property
    def share(self) -> float:
        """How much of the study is done, from 0 to 1; NaN if nobody can tell."""
        if self.ended is not None:
            return 1.0
        shares = [] if math.isinf(self.expected) else [self.replications / max(self.expected, 1.0)]
        shares += [] if self.budget is None else [self.seconds / self.budget]
        return min(max(shares), 1.0) if shares else math.nan

    @property
    def left(self) -> float:
        """Seconds until it is likely to end; NaN if nobody can tell."""
        share = self.share
        return self.seconds * (1 / share - 1) if share > 0 else math.nan

    def __str__(self) -> str:
        parts = [f"{self.open} of {self.scenarios} scenarios open", f"{self.replications:,} replications"]
        if not math.isinf(self.expected):
            parts[1] += f" of about {self.expected:,.0f}"
        parts += [f"{metric} ± {now:.3g} (asked: {asked:.3g})" for metric, (now, asked) in self.widths.items()]
        if not math.isnan(self.left) and self.ended is None:
            parts.append(f"about {_duration(self.left)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60}:{whole % 60:02} min" if whole < 3600 else f"{whole // 3600}:{whole % 3600 // 60:02} h"
