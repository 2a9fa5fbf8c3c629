"""What one pass through a list of steps comes to, on average: requests made, time of the server spent.

Expected values multiply along the steps: a branch by its probability, a loop by its expected rounds, and
whatever follows a hand-off by the probability that none happened. Nothing here knows of lines or of time
spent waiting for a free server.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from servicechain.distributions import Distribution
from servicechain.steps import Ask, Chance, Choose, HandOff, Pause, Repeat, Reply, Steps, Tell, Work
from servicechain.units import TimeUnit

NEGLIGIBLE = 1e-12
MOST_ROUNDS = 10_000


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
        trial = _Counter(self._unit, self._speed)
        if trial.visit(step.repeat, (1.0, 0.0)) == (1.0, 0.0):
            rounds = self._expected_rounds(step)
            self.visit(step.repeat, (passes[0] * rounds, passes[1] * rounds))
            return passes
        return self._round_by_round(step, passes)

    def _expected_rounds(self, step: Repeat) -> float:
        if step.times is not None:
            return self._mean(step.times)
        assert step.until is not None
        if step.at_most is None:
            return 1 / step.until
        stay = 1 - step.until
        return step.at_most if step.until == 0 else (1 - stay**step.at_most) / step.until

    def _round_by_round(self, step: Repeat, passes: _Passes) -> _Passes:
        """Follow a loop that a hand-off can leave, or in which the asker is answered."""
        ended = (0.0, 0.0)
        for done in range(MOST_ROUNDS):
            stop = self._stopping(step, done)
            ended = (ended[0] + passes[0] * stop, ended[1] + passes[1] * stop)
            passes = (passes[0] * (1 - stop), passes[1] * (1 - stop))
            if sum(passes) < NEGLIGIBLE:
                break
            passes = self.visit(step.repeat, passes)
        return ended

    def _stopping(self, step: Repeat, done: int) -> float:
        """Tell how likely a loop that has done so many rounds stops there."""
        if step.times is not None:
            return 1.0 if done >= self._mean(step.times) else 0.0
        if done == 0:
            return 0.0
        return 1.0 if done == step.at_most else step.until or 0.0
