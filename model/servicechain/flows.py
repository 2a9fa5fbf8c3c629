"""What one pass through a list of steps comes to, on average: requests made, time of the server spent.

Expected values multiply along the steps: a branch by its probability, a loop by its expected rounds, and
whatever follows a hand-off by the probability that none happened. The trap is a loop that a hand-off can
leave: its rounds are a geometric sum, not a product. Nothing here knows of lines or of time spent waiting for
a free server.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from servicechain.distributions import Constant, Discrete, Distribution, Empirical
from servicechain.errors import Mistake
from servicechain.steps import Ask, Chance, Choose, HandOff, Pause, Repeat, Reply, Steps, Tell, Work
from servicechain.units import TimeUnit


@dataclass
class Flow:
    """Expected numbers for one pass, in total and (`before`) until the asker is answered.

    Attributes
    ----------
    work, work_before : float
        Time in which the server works.
    pause, pause_before : float
        Time in which it is held by a pause.
    asks, asks_before, tells, hand_offs : dict from service to expected number
    """

    work: float = 0.0
    work_before: float = 0.0
    pause: float = 0.0
    pause_before: float = 0.0
    asks: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    asks_before: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    tells: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    hand_offs: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def requests(self) -> dict[str, float]:
        """Expected number of requests for each service, of any kind."""
        total: dict[str, float] = defaultdict(float)
        for kind in (self.asks, self.tells, self.hand_offs):
            for service, number in kind.items():
                total[service] += number
        return total


def flow_of(steps: Steps, unit: TimeUnit, speed: float = 1.0) -> Flow:
    """Compute the expected numbers of one pass through steps.

    Parameters
    ----------
    steps : tuple of steps
        Of a service or a journey whose files have been read.
    unit : TimeUnit
        Of the times in the result, and of bare numbers.
    speed : float
        Divides work times.
    """
    counter = _Counter(unit, speed)
    counter.visit(steps, (1.0, 0.0))
    return counter.flow


_Passes = tuple[float, float]
"""Expected passes at a place: with the asker still waiting, and with the asker answered."""


class _Counter:
    def __init__(self, unit: TimeUnit, speed: float) -> None:
        self.flow = Flow()
        self._unit = unit
        self._speed = speed
        self._one_rounds: dict[int, _Passes] = {}

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
            case Ask():
                flow.asks[step.ask] += total
                flow.asks_before[step.ask] += waiting
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
            trial = _Counter(self._unit, self._speed)
            trial._one_rounds = self._one_rounds
            self._one_rounds[id(step)] = trial.visit(step.repeat, (1.0, 0.0))
        return self._one_rounds[id(step)]


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
