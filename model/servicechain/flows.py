"""What one pass through a list of steps comes to, on average: requests made, time of the server spent.

Expected values multiply along the steps: a branch by its probability, a loop by its expected rounds, and
whatever follows a hand-off by the probability that none happened. The trap is a loop that a hand-off can
leave: its rounds are a geometric sum, not a product. Nothing here knows of lines or of time spent waiting for
a free server.

Branches side by side all make their requests, but only one of them decides how long they take together: the
slowest, or the K-th quickest where K of them are needed, each taken at its mean time. For `need: all` that is a
lower bound (the mean of a maximum is never below the largest mean), for fewer an estimate; both are exact where
times do not vary. What a branch requests that is broken off is counted in full.

A step in Python is taken to ask once for each of its services, and for no time of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from servicechain.custom_steps import Custom
from servicechain.distributions import Constant, Discrete, Distribution, Empirical
from servicechain.errors import Mistake
from servicechain.steps import (
    Ask,
    Chance,
    Choose,
    HandOff,
    Pause,
    Repeat,
    Reply,
    Steps,
    Tell,
    Together,
    Work,
    requests_of,
)
from servicechain.units import TimeUnit


@dataclass
class Flow:
    """Expected numbers for one pass, in total and (`before`) until the asker is answered.

    Of branches side by side, `work`, `pause` and `asks` are those of the one that decides how long they take.

    Attributes
    ----------
    work, work_before : float
        Time in which the server works.
    pause, pause_before : float
        Time in which it is held by a pause.
    asks, asks_before, tells, hand_offs : dict from service to expected number
    beside : dict from service to expected number
        Asks in the other branches.
    """

    work: float = 0.0
    work_before: float = 0.0
    pause: float = 0.0
    pause_before: float = 0.0
    asks: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    asks_before: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    tells: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    hand_offs: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    beside: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def all_asks(self) -> dict[str, float]:
        """Expected number of asks for each service, in whatever branch."""
        return _added(self.asks, self.beside)

    @property
    def requests(self) -> dict[str, float]:
        """Expected number of requests for each service, of any kind."""
        return _added(self.asks, self.beside, self.tells, self.hand_offs)

    def time(self, answers: Mapping[str, float]) -> float:
        """Give the expected time of one pass, by the time each service takes to answer (0 if not given)."""
        answered = sum(n * answers[asked] for asked, n in self.asks.items() if n and answers.get(asked))
        return self.work + self.pause + answered


def _added(*parts: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for part in parts:
        for service, number in part.items():
            total[service] += number
    return total


def flow_of(steps: Steps, unit: TimeUnit, speed: float = 1.0, answers: Mapping[str, float] | None = None) -> Flow:
    """Compute the expected numbers of one pass through steps.

    Parameters
    ----------
    steps : tuple of steps
        Of a service or a journey whose files have been read.
    unit : TimeUnit
        Of the times in the result, and of bare numbers.
    speed : float
        Divides work times.
    answers : mapping from service to float, optional
        Expected time from beginning to answer, by which of several branches the deciding one is chosen.
    """
    counter = _Counter(unit, speed, answers or {})
    counter.visit(steps, (1.0, 0.0))
    return counter.flow


_Passes = tuple[float, float]
"""Expected passes at a place: with the asker still waiting, and with the asker answered."""


class _Counter:
    def __init__(self, unit: TimeUnit, speed: float, answers: Mapping[str, float]) -> None:
        self.flow = Flow()
        self._unit = unit
        self._speed = speed
        self._answers = answers
        self._one_rounds: dict[int, _Passes] = {}
        self._side_by_side: dict[int, Flow] = {}

    def visit(self, steps: Steps, passes: _Passes) -> _Passes:
        for step in steps:
            passes = self._visit_one(step, passes)
        return passes

    def _mean(self, duration: Distribution) -> float:
        return duration.in_unit(self._unit).mean

    def _visit_one(self, step: object, passes: _Passes) -> _Passes:
        waiting, answered = passes
        flow, total = self.flow, waiting + answered
        match step:
            case Work():
                mean = self._mean(step.work) / self._speed
                flow.work += total * mean
                flow.work_before += waiting * mean
            case Pause():
                mean = self._mean(step.pause)
                flow.pause += total * mean
                flow.pause_before += waiting * mean
            case Ask() | Custom():
                for _, service in requests_of(step):
                    flow.asks[service] += total
                    flow.asks_before[service] += waiting
            case Tell():
                flow.tells[step.tell] += total
            case HandOff():
                flow.hand_offs[step.hand_off] += total
                return (0.0, 0.0)
            case Reply():
                return (0.0, total)
            case Chance():
                ways = ((step.chance, step.then), (1 - step.chance, step.otherwise))
                return self._branch(ways, passes)
            case Choose():
                whole = sum(option.weight for option in step.choose)
                return self._branch(tuple((o.weight / whole, o.steps) for o in step.choose), passes)
            case Repeat():
                return self._loop(step, passes)
            case Together():
                self._add(self._branches(step), passes)
        return passes

    def _branch(self, ways: tuple[tuple[float, Steps], ...], passes: _Passes) -> _Passes:
        ends = [self.visit(steps, (passes[0] * share, passes[1] * share)) for share, steps in ways]
        return (sum(end[0] for end in ends), sum(end[1] for end in ends))

    def _loop(self, step: Repeat, passes: _Passes) -> _Passes:
        waiting, answered = passes
        stays, answers = self._one_round(step)
        if answers:  # there is no second round then, and no second answer
            begun = sum(share for rounds, share in _rounds(step.times) if rounds >= 1) if step.times else 1.0
            ended = self.visit(step.repeat, (waiting * begun, answered * begun))
            return (waiting * (1 - begun) + ended[0], answered * (1 - begun) + ended[1])
        rounds, ended_well = _loop_of(step, 1 - stays)
        self.visit(step.repeat, (waiting * rounds, answered * _loop_of(step, 0.0)[0]))
        return (waiting * ended_well, answered)

    def _one_round(self, step: Repeat) -> _Passes:
        """Tell what becomes of one asker in one round; worked out once, however deep the loop stands."""
        if id(step) not in self._one_rounds:
            self._one_rounds[id(step)] = self._trial().visit(step.repeat, (1.0, 0.0))
        return self._one_rounds[id(step)]

    def _trial(self) -> _Counter:
        trial = _Counter(self._unit, self._speed, self._answers)
        trial._one_rounds, trial._side_by_side = self._one_rounds, self._side_by_side
        return trial

    def _branches(self, step: Together) -> Flow:
        """Give what branches side by side come to; worked out once, however deep they stand."""
        if id(step) not in self._side_by_side:
            self._side_by_side[id(step)] = self._deciding(step)
        return self._side_by_side[id(step)]

    def _deciding(self, step: Together) -> Flow:
        flows = []
        for branch in step.together:
            trial = self._trial()
            trial.visit(branch, (1.0, 0.0))
            flows.append(trial.flow)
        decides = sorted(flows, key=lambda flow: flow.time(self._answers))[step.needed - 1]
        return replace(
            decides,
            beside=_added(decides.beside, *(flow.all_asks for flow in flows if flow is not decides)),
            tells=_added(*(flow.tells for flow in flows)),
        )

    def _add(self, part: Flow, passes: _Passes) -> None:
        """Add what happens in one pass; nobody is answered in it, and nothing handed off."""
        flow, (waiting, answered) = self.flow, passes
        total = waiting + answered
        flow.work += total * part.work
        flow.work_before += waiting * part.work
        flow.pause += total * part.pause
        flow.pause_before += waiting * part.pause
        for service, number in part.asks.items():
            flow.asks[service] += total * number
            flow.asks_before[service] += waiting * number
        for service, number in part.beside.items():
            flow.beside[service] += total * number
        for service, number in part.tells.items():
            flow.tells[service] += total * number


def _loop_of(step: Repeat, leaves: float) -> tuple[float, float]:
    """Give the expected rounds of a loop, and how likely it comes to its own end.

    Parameters
    ----------
    step : Repeat
    leaves : float
        How likely each round is the last because it hands the request off.
    """
    if step.times is not None:
        shares = _rounds(step.times)
        return (
            sum(share * _series(leaves, rounds) for rounds, share in shares),
            sum(share * _left(leaves, rounds) for rounds, share in shares),
        )
    stop = step.until or 0.0
    most = math.inf if step.at_most is None else step.at_most
    over = stop + leaves - stop * leaves
    last = (1 - leaves) * (stop * _series(over, most - 1) + _left(over, most - 1))
    return _series(over, most), last if leaves else 1.0


def _left(leaves: float, rounds: float) -> float:
    """Compute (1 - leaves) ** rounds."""
    if leaves == 0 or rounds == 0:
        return 1.0
    return 0.0 if leaves >= 1 else math.exp(rounds * math.log1p(-leaves))


def _series(leaves: float, rounds: float) -> float:
    """Compute the sum of (1 - leaves) ** k over k = 0 … rounds - 1."""
    if leaves == 0 or rounds <= 1:
        return rounds
    return 1.0 / leaves if leaves >= 1 else -math.expm1(rounds * math.log1p(-leaves)) / leaves


def _rounds(times: Distribution) -> list[tuple[float, float]]:
    """Give the numbers of rounds a loop can have, each with its probability."""
    match times:
        case Constant():
            return [(times.value.value, 1.0)]
        case Discrete():
            whole = math.fsum(times.weights)
            return [(value.value, weight / whole) for value, weight in zip(times.values, times.weights, strict=True)]
        case Empirical():
            return [(value.value, 1 / len(times.values)) for value in times.values]
    raise Mistake(f"'times' must be a whole number or a distribution over whole numbers, got {times!r}")
