"""Rules about branches side by side: what a server cannot do at the same time, and what has one deadline."""

from __future__ import annotations

from collections.abc import Iterator

from servicechain.custom_steps import Custom
from servicechain.errors import Path, Problem
from servicechain.steps import Ask, HandOff, Pause, Reply, Steps, Together, Work, branches, every_step


def in_service(steps: Steps, path: Path) -> Iterator[Problem]:
    """Find branches that keep one server busy at the same time, answers and hand-offs in branches."""
    for at, step in every_step(steps, path):
        if isinstance(step, Together):
            yield from _busy_twice(step, at)
    for at, step in _inside(steps, path):
        if isinstance(step, Reply):
            yield Problem("a branch of a together cannot answer; put 'reply' before the together, or after it", at)
        if isinstance(step, HandOff):
            message = f"a branch of a together cannot hand off; write 'tell: {step.hand_off}', or put it after"
            yield Problem(message, (*at, "hand_off"))


def in_journey(steps: Steps, path: Path) -> Iterator[Problem]:
    """Find asks with a patience of their own where one deadline holds for all branches."""
    for at, step in _inside(steps, path):
        if isinstance(step, Ask) and step.patience is not None:
            message = (
                "a together has one deadline, drawn from the class's patience when it begins; "
                "leave this 'patience' out, or write it on the class"
            )
            yield Problem(message, (*at, "patience"))


def _busy_twice(step: Together, at: Path) -> Iterator[Problem]:
    busy = [place for number, branch in enumerate(step.together) for place in _work(branch, (*at, "together", number))]
    for place in busy[1:]:
        message = (
            f"'{place[-1]}' in a second branch of one together: a server does one thing at a time; "
            "keep work and pauses in one branch, or ask another service for it"
        )
        yield Problem(message, place)


def _work(branch: Steps, path: Path) -> Iterator[Path]:
    """Give the place of the first step of a branch that keeps the server itself busy, if there is one."""
    for at, step in every_step(branch, path):
        if isinstance(step, Work | Pause | Custom):
            yield (*at, type(step).__name__.lower())
            return


def _inside(steps: Steps, path: Path) -> Iterator[tuple[Path, object]]:
    """Give every step that stands in a branch of a together, however deep, once."""
    for index, step in enumerate(steps):
        for inner, inside in branches(step):
            at = (*path, index, *inner)
            yield from every_step(inside, at) if isinstance(step, Together) else _inside(inside, at)
