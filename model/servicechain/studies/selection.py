"""Which scenario is the best, and what may be said of that: selection with a guarantee.

With an *indifference zone* δ, the smallest difference that matters, the procedure of Kim & Nelson (2001, doi
10.1145/502109.502111): from a first round of n0 replications the variance S² of each pair's differences, then more
and more replications, and whoever falls too far behind another one leaves. If the best is better than every other
scenario by δ or more, it is the one that is left with probability ≥ 1 − α. In sums of r differences, "too far" is

    W = max(0, δ/2 × (h² S²/δ² − r)),    h² = 2η(n0 − 1),    η = ½ ((2α/(k − 1))^(−2/(n0 − 1)) − 1)

for k scenarios. Differences are all it looks at, so common random numbers only make it quicker; they have to be near
normal, as the differences of means over many customers are.

*Looking at complete rounds only keeps the guarantee.* Take the best, another scenario, and the path of their summed
differences, continuous as in the proof; mirror a path in which looking all the time keeps the best, but looking now
and then drops it. Its mirror image drops the best all the time and keeps it now and then. It ends above zero, where
the first ended as far below, and as the best is better, a path that ends above is at least as likely as its mirror
image. So seldom looks are wrong at most as often (Jennison, Johnstone & Turnbull 1982). Who leaves early drops nobody
later, and errors of the pairs are added up (Bonferroni).

The trap is to take the zone for an answer to "how much better is it?". That is answered, with a zone or without, by
`with_the_best`, which is asked where no zone is given, or the replications end before the choice is decided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.base import check_positive
from servicechain.errors import Mistake, shown
from servicechain.studies.differences import apart
from servicechain.studies.plan import ROUND
from servicechain.studies.precision import CONFIDENCE, Columns
from servicechain.studies.selection_words import Words
from servicechain.studies.with_the_best import with_the_best

Floats = NDArray[np.float64]

INDIFFERENCE_ZONE = "Kim & Nelson (2001)"
WITH_THE_BEST = "multiple comparisons with the best (Hsu 1984)"
NONE = "none"


@dataclass(frozen=True)
class Guarantee:
    """Which scenario is the best, and what can be said of it.

    Attributes
    ----------
    text : str
        In plain English, for who has to decide.
    metric, goal : str
        What was compared; ``min`` or ``max``.
    best : tuple of str
        The chosen scenario; several if their values are equal to the last digit; none if there is nothing to choose by.
    confidence : float
    indifference : float or None
        The smallest difference that matters; None if none was given, or the choice was not decided by it.
    procedure : str
        `INDIFFERENCE_ZONE`, `WITH_THE_BEST` or `NONE`.
    candidates : tuple of str
        Who may be the best: one of them is, with this confidence (and, with an indifference zone, the best being
        better by that).
    worse_by : float or None
        By how much the chosen one may be worse than the best, at most; None where that is not said.
    """

    text: str
    metric: str
    goal: str
    best: tuple[str, ...]
    confidence: float
    indifference: float | None
    procedure: str
    candidates: tuple[str, ...] = ()
    worse_by: float | None = None


class Selection:
    """Finds the best scenario of a study, round by round.

    Parameters
    ----------
    names : sequence of str
        Of the scenarios.
    metric, goal : str
        What is compared; whether the best has the smallest (``min``) or the largest (``max``) mean.
    indifference : float, optional
        The smallest difference of the metric that matters; without one nobody leaves.
    confidence : float
        Above 0.5, below 1.
    round_size : int
        Replications in a round.

    Attributes
    ----------
    contenders : tuple of int
        Positions of the scenarios that may still turn out to be the best.

    Raises
    ------
    Mistake
        If the goal, the indifference or the confidence breaks a rule.
    """

    def __init__(
        self,
        names: Sequence[str],
        metric: str,
        goal: str,
        indifference: float | None = None,
        confidence: float = CONFIDENCE,
        round_size: int = ROUND,
    ) -> None:
        if goal not in {"min", "max"}:
            raise Mistake(
                f"the goal of a choice must be min or max, got {shown(goal)}; write which of the two is better"
            )
        if not 0.5 < confidence < 1:
            raise Mistake(
                f"the confidence of a choice lies above 0.5 and below 1, got {shown(confidence)}; write 0.95 for 95 %"
            )
        self.names = tuple(names)
        self.metric = metric
        self.goal = goal
        self.indifference = None if indifference is None else check_positive(indifference, "an indifference zone")
        self.confidence = confidence
        self.contenders = tuple(range(len(self.names)))
        self._round = round_size
        self._seen = 0
        self._rivals = len(self.names)
        size = len(self.names)
        self._totals = np.zeros((size, size))  # of the differences of each pair, larger being better
        self._counts = np.zeros((size, size), np.int64)
        self._reach = np.full((size, size), math.nan)  # h² S²/δ: nobody leaves by less; NaN: S² is not known yet

    @property
    def decided(self) -> bool:
        """Whether one scenario is left, or only such as nothing tells apart; never without an indifference zone."""
        if len(self.contenders) < 2:
            return True
        return self.indifference is not None and self.latest <= self._seen

    @property
    def latest(self) -> float:
        """After how many replications it is decided at the latest; infinite if that is not known."""
        if self.indifference is None or self._seen == 0:
            return math.inf
        left = self._pairs(self._reach)
        if np.isnan(left).any():
            return math.inf
        # a pair that is not defined in some replications takes so many more
        absent = self._seen - self._pairs(self._counts)
        return float((np.floor(left / self.indifference) + 1 + absent).max(initial=0.0))

    def _pairs(self, table: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
        """Take out of a table the pairs of contenders."""
        rows, columns = np.triu_indices(len(self.contenders), 1)
        chosen = np.array(self.contenders, np.intp)
        return table[chosen[rows], chosen[columns]].astype(np.float64)

    def look(self, values: Sequence[ArrayLike]) -> tuple[int, ...]:
        """Look at all complete rounds that are new, one after the other, however many there are.

        Parameters
        ----------
        values : sequence of array_like
            Of each scenario the metric in all its replications, from number 0 on, NaN where it is not defined. Who
            has left needs no more of them.

        Returns
        -------
        tuple of int
            The `contenders` that are left.
        """
        arrays = [np.asarray(each, np.float64) for each in values]
        while not self.decided:
            stop = self._seen + self._round
            if self.indifference is None or min(arrays[place].size for place in self.contenders) < stop:
                break
            if self._seen == 0:
                self._leave_out_undefined([array[:stop] for array in arrays])
                if len(self.contenders) < 2:
                    break
            self._add(np.stack([arrays[place][self._seen : stop] for place in self.contenders], axis=1))
            self._seen = stop
            self._set_reach(arrays)
            self._screen()
        return self.contenders

    def _leave_out_undefined(self, first: list[Floats]) -> None:
        self.contenders = tuple(place for place in self.contenders if not np.isnan(first[place]).all())
        self._rivals = len(self.contenders)

    def _add(self, rows: Floats) -> None:
        """Add the differences of new replications of the contenders."""
        better = rows if self.goal == "max" else -rows
        chosen = np.array(self.contenders, np.intp)
        for column, place in enumerate(self.contenders):
            ahead = apart(better[:, column, None], better)
            self._totals[place, chosen] += np.nansum(ahead, axis=0)
            self._counts[place, chosen] += np.count_nonzero(~np.isnan(ahead), axis=0)

    def _set_reach(self, arrays: list[Floats]) -> None:
        """Set h² S²/δ of the pairs whose first stage is complete: a round's worth of pairs."""
        assert self.indifference is not None
        for number, one in enumerate(self.contenders):
            rest = np.array(self.contenders[number + 1 :], np.intp)
            new = rest[np.isnan(self._reach[one, rest]) & (self._counts[one, rest] >= self._round)]
            if not new.size:
                continue
            found = Columns(new.size)
            found.add(np.stack([apart(arrays[one][: self._seen], arrays[each][: self._seen]) for each in new], axis=1))
            factor = [constant(self._rivals, int(count), 1 - self.confidence) for count in found.counts]
            reach = np.array(factor) * found.sds**2 / self.indifference
            self._reach[one, new] = self._reach[new, one] = reach

    def _screen(self) -> None:
        """Let those leave who have fallen too far behind another one."""
        assert self.indifference is not None
        table = np.ix_(self.contenders, self.contenders)
        bound = np.maximum(0.0, (self._reach[table] - self.indifference * self._counts[table]) / 2)
        behind = self._totals[table] < -bound  # never where the bound is NaN
        left = tuple(place for place, far in zip(self.contenders, behind.any(axis=1), strict=True) if not far)
        # only where pairs are defined in different replications can each be behind another one
        self.contenders = left or self.contenders

    def guarantee(self, values: Sequence[ArrayLike], unit: str = "") -> Guarantee:
        """Say which is the best, and how sure that is.

        Parameters
        ----------
        values : sequence of array_like
            As for `look`, which is done first.
        unit : str
            Of the metric, for the text.
        """
        self.look(values)
        words = Words(self.names, self.metric, self.goal, self.confidence, unit)
        if len(self.names) < 2:
            return self._said(words.alone(), NONE, (0,) if self.names else ())
        undefined = [place for place, each in enumerate(values) if np.isnan(each).all()]
        if len(undefined) == len(self.names) - 1:
            (only,) = {*range(len(self.names))} - {*undefined}
            return self._said(words.only(only), NONE, (only,))
        absent = words.left_out(undefined)
        if self.indifference is not None and self.decided and self._seen:
            text = words.selected(self.contenders, self.indifference) + absent
            return self._said(text, INDIFFERENCE_ZONE, self.contenders, self.contenders, self.indifference)
        found = with_the_best(values, self.goal, self.confidence)
        if not found.best:
            return self._said(words.undefined(), NONE, ())
        text = words.compared(found, open_choice=not self.decided and self.indifference is not None) + absent
        worse_by = found.worse_by if math.isfinite(found.worse_by) else None
        return self._said(text, WITH_THE_BEST, found.best, found.candidates, None, worse_by)

    def _said(
        self,
        text: str,
        procedure: str,
        best: tuple[int, ...],
        candidates: tuple[int, ...] | None = None,
        indifference: float | None = None,
        worse_by: float | None = None,
    ) -> Guarantee:
        named = tuple(self.names[place] for place in best)
        possible = named if candidates is None else tuple(self.names[place] for place in candidates)
        return Guarantee(
            text, self.metric, self.goal, named, self.confidence, indifference, procedure, possible, worse_by
        )


def constant(scenarios: int, first: int, alpha: float) -> float:
    """Give h² of Kim & Nelson (2001, section 3, with c = 1).

    Parameters
    ----------
    scenarios : int
        How many are compared, 2 or more.
    first : int
        Replications of the first stage, 2 or more.
    alpha : float
        Below 0.5.

    Examples
    --------
    >>> round(constant(2, 10, 0.05), 3)
    6.013
    """
    eta: float = ((2 * alpha / (scenarios - 1)) ** (-2 / (first - 1)) - 1) / 2
    return 2 * eta * (first - 1)
