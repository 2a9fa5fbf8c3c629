"""Steps: what happens in a service or a customer's journey, one after the other.

Each kind of step is a frozen model with the key it has in a chain file, and a constructor of the same name:
``work("2m")``, ``ask("check in")``, ``chance(0.1, then=[ask("fix the booking")])``, ``reply``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_serializer, model_validator

from servicechain.base import Duration, Name, Need, Part, Priority, Probability, Weight, Whole, check_counts, wrong
from servicechain.custom_steps import Custom, Function
from servicechain.distributions import Distribution
from servicechain.errors import Mistake
from servicechain.problems import MARK, STEP_KEYS
from servicechain.units import Quantity


class Work(Part):
    """The server works for a time; in a journey, the customer does something of their own."""

    work: Duration


class Pause(Part):
    """Time passes, nobody works, the server stays held."""

    pause: Duration


class Ask(Part):
    """Request a service and wait for the answer, held.

    Attributes
    ----------
    ask : str
        The service.
    priority : int or None
        Place in the line, lowest first; None: the class's or the service's.
    patience : Distribution or None
        Only in a journey: replaces the class's patience for this request.
    """

    ask: Name
    priority: Priority | None = None
    patience: Duration | None = None


class Tell(Part):
    """Request a service and go on at once: a ticket, a message."""

    tell: Name
    priority: Priority | None = None


class HandOff(Part):
    """Release this server; the request goes on as a request for another service, joining its line anew."""

    hand_off: Name
    priority: Priority | None = None


class Reply(Part):
    """The asker is answered and goes on; what follows is wrap-up. A bare word in a chain file."""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {} if value == "reply" else value

    @model_serializer
    def _word(self) -> str:
        return "reply"

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, __: Any) -> dict[str, Any]:
        return {"const": "reply"}


class Chance(Part):
    """A branch: with probability `chance` the steps of `then`, else those of `otherwise` (key ``else``)."""

    chance: Probability
    then: Steps
    otherwise: Steps = Field(default=(), alias="else")


class Option(Part):
    """One of several ways a `Choose` can go."""

    weight: Weight
    label: str | None = None
    steps: Steps = ()


class Choose(Part):
    """One of several options, each with probability weight / sum of weights."""

    choose: tuple[Option, ...]

    @model_validator(mode="after")
    def _possible(self) -> Choose:
        if not 0 < sum(option.weight for option in self.choose) < math.inf:
            message = "choose needs at least one option with a weight above 0, and a finite sum; change a weight"
            raise wrong(message, "choose")
        return self


class Together(Part):
    """Branches side by side.

    Attributes
    ----------
    together : tuple of lists of steps
        The branches; all start at once.
    need : "all", "any" or int
        How many must be done before the next step. Those no longer needed take no further step.
    """

    together: tuple[Steps, ...]
    need: Need = "all"

    @model_validator(mode="after")
    def _possible(self) -> Together:
        if not self.together:
            raise wrong("together needs at least one branch: a list of lists of steps; add one", "together")
        if isinstance(self.need, int) and self.need > len(self.together):
            counted = f"{len(self.together)} {'branch' if len(self.together) == 1 else 'branches'}"
            raise wrong(f"'need' must be at most the {counted} there are, got {self.need}; lower it", "need")
        return self

    @property
    def needed(self) -> int:
        """How many branches must be done."""
        if isinstance(self.need, int):
            return self.need
        return len(self.together) if self.need == "all" else 1


class Repeat(Part):
    """A loop.

    Attributes
    ----------
    repeat : tuple of steps
    times : Distribution or None
        How many rounds: a whole number, or a distribution over whole numbers (drawn once, before the first).
    until : float or None
        After each round stop with this probability.
    at_most : int or None
        With `until`: no more rounds than this.
    """

    repeat: Steps
    times: Duration | None = None
    until: Probability | None = None
    at_most: Whole | None = None

    @model_validator(mode="after")
    def _ends(self) -> Repeat:
        if (self.times is None) == (self.until is None):
            both = "both" if self.times is not None else "neither"
            raise Mistake(f"repeat needs either 'times' (how often) or 'until' (a probability to stop), got {both}")
        if self.times is not None and self.at_most is not None:
            message = "'at_most' limits 'until'; with 'times' the number of rounds is given already: leave it out"
            raise wrong(message, "at_most")
        if self.times is not None:
            check_counts(self.times, "times")
        if self.until == 0 and self.at_most is None:
            raise wrong("repeat with 'until: 0' never ends; raise the probability or add 'at_most'", "until")
        return self


_TAGS: dict[type, str] = {
    Work: MARK + "work",
    Pause: MARK + "pause",
    Ask: MARK + "ask",
    Tell: MARK + "tell",
    HandOff: MARK + "hand_off",
    Reply: MARK + "reply",
    Chance: MARK + "chance",
    Choose: MARK + "choose",
    Repeat: MARK + "repeat",
    Together: MARK + "together",
    Custom: MARK + "custom",
}


def _tag(value: Any) -> str | None:
    """Tell the kind of a step by its one telling key; None if there is none, or more than one."""
    if value == "reply":
        return MARK + "reply"
    if isinstance(value, dict):
        if callable(value.get("custom")):
            return MARK + "custom"
        found = [key for key in STEP_KEYS if key in value]
        return MARK + found[0] if len(found) == 1 and found[0] != "reply" else None
    kind: type = type(value)
    return _TAGS.get(kind)


Step = Annotated[
    Annotated[Work, Tag(MARK + "work")]
    | Annotated[Pause, Tag(MARK + "pause")]
    | Annotated[Ask, Tag(MARK + "ask")]
    | Annotated[Tell, Tag(MARK + "tell")]
    | Annotated[HandOff, Tag(MARK + "hand_off")]
    | Annotated[Reply, Tag(MARK + "reply")]
    | Annotated[Chance, Tag(MARK + "chance")]
    | Annotated[Choose, Tag(MARK + "choose")]
    | Annotated[Repeat, Tag(MARK + "repeat")]
    | Annotated[Together, Tag(MARK + "together")]
    | Annotated[Custom, Tag(MARK + "custom")],
    Discriminator(_tag),
]
Steps = tuple[Step, ...]

for _model in (Chance, Option, Choose, Repeat, Together):
    _model.model_rebuild()

KINDS = frozenset(_TAGS)
"""The models of all kinds of steps."""

Time = float | str | Quantity | Distribution


def work(duration: Time) -> Work:
    """Work for a time: a number, ``"2m"``, ``"lognormal(mean=2, cv=0.7)"`` or a distribution."""
    return Work(work=duration)


def pause(duration: Time) -> Pause:
    """Let time pass; nobody works."""
    return Pause(pause=duration)


def ask(service: str, *, priority: int | None = None, patience: Time | None = None) -> Ask:
    """Request a service and wait for the answer."""
    return Ask(ask=service, priority=priority, patience=patience)


def tell(service: str, *, priority: int | None = None) -> Tell:
    """Request a service and go on at once."""
    return Tell(tell=service, priority=priority)


def hand_off(service: str, *, priority: int | None = None) -> HandOff:
    """Pass the request on and be free."""
    return HandOff(hand_off=service, priority=priority)


reply = Reply()
"""The asker is answered and goes on; what follows is wrap-up."""


def chance(probability: float, then: Sequence[Any], otherwise: Sequence[Any] = ()) -> Chance:
    """Branch: `then` with the given probability, else `otherwise`."""
    return Chance(chance=probability, then=tuple(then), otherwise=tuple(otherwise))


def choose(*options: tuple[float, Sequence[Any]] | tuple[float, str, Sequence[Any]]) -> Choose:
    """Take one of several options, each ``(weight, steps)`` or ``(weight, label, steps)``."""
    made = [
        Option(weight=option[0], label=option[1] if len(option) == 3 else None, steps=tuple(option[-1]))
        for option in options
    ]
    return Choose(choose=tuple(made))


def repeat(
    steps: Sequence[Any], *, times: Time | None = None, until: float | None = None, at_most: int | None = None
) -> Repeat:
    """Do steps again: `times` rounds, or until a coin of probability `until` falls."""
    return Repeat(repeat=tuple(steps), times=times, until=until, at_most=at_most)


def together(*branches: Sequence[Any], need: int | str = "all") -> Together:
    """Do several lists of steps side by side, and go on when `need` of them are done."""
    return Together(together=tuple(tuple(branch) for branch in branches), need=need)


def custom(function: Function, *, requests: Sequence[str] = ()) -> Custom:
    """Do what a Python generator function yields; see `servicechain.custom_steps`."""
    return Custom(custom=function, requests=tuple(requests))


def branches(step: Any) -> Iterator[tuple[tuple[str | int, ...], Steps]]:
    """Give the lists of steps inside a step, each with the path that leads to it in a chain file."""
    if isinstance(step, Chance):
        yield ("then",), step.then
        yield ("else",), step.otherwise
    elif isinstance(step, Choose):
        for index, option in enumerate(step.choose):
            yield ("choose", index, "steps"), option.steps
    elif isinstance(step, Repeat):
        yield ("repeat",), step.repeat
    elif isinstance(step, Together):
        for index, branch in enumerate(step.together):
            yield ("together", index), branch


def requests_of(step: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Name the services a step requests, each with the path to its name in the step; [] if it requests none."""
    match step:
        case Ask():
            return [(("ask",), step.ask)]
        case Tell():
            return [(("tell",), step.tell)]
        case HandOff():
            return [(("hand_off",), step.hand_off)]
        case Custom():
            return [(("requests", index), name) for index, name in enumerate(step.requests)]
    return []


def every_step(steps: Steps, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Give every step of a list and of all branches in it, each with its path, in the order written."""
    for index, step in enumerate(steps):
        yield (*path, index), step
        for inner, inside in branches(step):
            yield from every_step(inside, (*path, index, *inner))
