"""What a study says of its best scenario, in sentences for who has to decide.

The trap is to promise more than was proved: an indifference zone says how often the best is found if it stands out by
that much; a comparison with the best says who may be it. Neither says that the chosen one is the best for sure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from servicechain.studies.with_the_best import Comparison

_NAMED = 6


@dataclass(frozen=True)
class Words:
    """The sentences of a guarantee."""

    names: tuple[str, ...]
    metric: str
    goal: str
    confidence: float
    unit: str = ""

    @property
    def extreme(self) -> str:
        """How the best stands out."""
        return "lowest" if self.goal == "min" else "highest"

    @property
    def sure(self) -> str:
        """The confidence in percent."""
        return f"{100 * self.confidence:g} %"

    def amount(self, number: float) -> str:
        """Write an amount of the metric, to three digits."""
        return f"{number:.3g} {self.unit}".rstrip()

    def named(self, places: Sequence[int], joint: str = "and") -> str:
        """Write names one after the other, and only how many more if there are many."""
        words = [f"'{self.names[place]}'" for place in places[:_NAMED]]
        if len(places) > _NAMED:
            words.append(f"{len(places) - _NAMED} more")
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"

    def alone(self) -> str:
        """Say that there is no choice."""
        return "There is only one scenario, so there is nothing to choose."

    def only(self, place: int) -> str:
        """Say that there is nothing to compare with."""
        return f"{self.named([place])} is the only scenario in which {self.metric} is defined: nothing to choose."

    def left_out(self, places: Sequence[int]) -> str:
        """Say who takes no part."""
        if not places:
            return ""
        verb = "is" if len(places) == 1 else "are"
        return f" {self.named(places)} {verb} left out: {self.metric} is not defined there."

    def undefined(self) -> str:
        """Say that there is nothing to choose by."""
        return f"No best scenario: {self.metric} is not defined in any replication."

    def selected(self, left: tuple[int, ...], indifference: float) -> str:
        """Say what the indifference-zone procedure found."""
        zone = self.amount(indifference)
        if len(left) == 1:
            return (
                f"{self.named(left)} is chosen: the {self.extreme} {self.metric}. If one scenario is better than every "
                f"other by {zone} or more, the chance that this is the one is at least {self.sure}; smaller "
                f"differences were said not to matter."
            )
        return (
            f"{self.named(left)} came out equally good, with the {self.extreme} {self.metric}: nothing tells them "
            f"apart. Any scenario better than every other by {zone} or more would have been found with a chance of at "
            f"least {self.sure}."
        )

    def compared(self, found: Comparison, open_choice: bool) -> str:
        """Say what the comparison with the best found."""
        before = "The choice was not decided when the replications ended. " if open_choice else ""
        best = self.named(found.best)
        has = "has" if len(found.best) == 1 else "have"
        if set(found.candidates) == set(found.best):
            if len(found.best) == 1:
                return (
                    f"{before}{best} has the {self.extreme} {self.metric}: with {self.sure} confidence it is the best."
                )
            return (
                f"{before}{best} have the same and the {self.extreme} {self.metric}: with {self.sure} confidence no "
                f"other one is better."
            )
        text = f"{before}{best} {has} the {self.extreme} {self.metric}"
        if not math.isfinite(found.worse_by):
            return f"{text}, but there are too few replications to say whether another one is better."
        others = [place for place in found.candidates if place not in found.best]
        return (
            f"{text}, but {self.named(others, 'or')} may be better: one of these {len(found.candidates)} is the best "
            f"with {self.sure} confidence, and then the chosen one is worse by {self.amount(found.worse_by)} at most. "
            f"More replications would tell them apart."
        )
