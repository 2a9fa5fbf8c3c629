"""Rules about the end of a service: one answer on every way through it, and nothing after a hand-off."""

from __future__ import annotations

from collections.abc import Iterator

from servicechain.distributions import Constant, Discrete
from servicechain.errors import Path, Problem
from servicechain.steps import Chance, Choose, HandOff, Repeat, Reply, Steps, Together, branches


def ends(steps: Steps, path: Path) -> Iterator[Problem]:
    """Find second answers, what follows a hand-off, and hand-offs that are the plain body of a loop.

    What stands in a `together` is left out: nothing in there may answer or hand off.
    """
    yield from _ends(steps, path)
    yield from _Answers().problems(steps, path)


def _ends(steps: Steps, path: Path) -> Iterator[Problem]:
    """Find steps after a hand-off in one list, and hand-offs that are the plain body of a loop."""
    for index, step in enumerate(steps):
        at = (*path, index)
        if isinstance(step, HandOff) and index + 1 < len(steps):
            message = f"'hand_off: {step.hand_off}' ends the service, and a step follows it; make it the last one"
            yield Problem(message, (*at, "hand_off"))
        if isinstance(step, Repeat) and any(isinstance(inner, HandOff) for inner in step.repeat):
            message = "a hand_off in every round leaves nothing to repeat; put it after the loop, or into a branch"
            yield Problem(message, (*at, "repeat"))
        for inner, inside in () if isinstance(step, Together) else branches(step):
            yield from _ends(inside, (*at, *inner))


class _Answers:
    """Follows the ways through a service to find a second answer, or a hand-off after the answer.

    A state is whether the asker has been answered; a set of states is what can be true at a place.
    """

    def problems(self, steps: Steps, path: Path) -> list[Problem]:
        self.found: list[Problem] = []
        self._follow(steps, path, {False})
        return self.found

    def _follow(self, steps: Steps, path: Path, before: set[bool]) -> set[bool]:
        states = before
        for index, step in enumerate(steps):
            states = self._after(step, (*path, index), states)
        return states

    def _after(self, step: object, at: Path, states: set[bool]) -> set[bool]:
        match step:
            case Reply():
                if True in states:
                    self._report("the asker has been answered already; take this second 'reply' out", at)
                return {True}
            case HandOff():
                if True in states:
                    message = "the asker has been answered already; write 'tell' instead of 'hand_off'"
                    self._report(message, (*at, "hand_off"))
                return set()
            case Chance():
                return self._follow(step.then, (*at, "then"), states) | self._follow(
                    step.otherwise, (*at, "else"), states
                )
            case Choose():
                ways = [
                    self._follow(option.steps, (*at, "choose", index, "steps"), states)
                    for index, option in enumerate(step.choose)
                ]
                return set().union(*ways)
            case Repeat():
                once = self._follow(step.repeat, (*at, "repeat"), states)
                if True in once and True not in states and not _at_most_once(step):
                    self._follow(step.repeat, (*at, "repeat"), once)
                return states | once
        return states

    def _report(self, message: str, at: Path) -> None:
        if all(problem.path != at for problem in self.found):
            self.found.append(Problem(message, at))


def _at_most_once(step: Repeat) -> bool:
    if isinstance(step.times, Discrete):
        return max(value.value for value in step.times.values) <= 1
    if step.times is not None:
        return isinstance(step.times, Constant) and step.times.value.value <= 1
    return step.at_most == 1 or step.until == 1
