"""What an activity does, as steps: visits to its processor, cut into slices of host demand, and calls between.

With mean calls y₁, y₂, … (sum Y) and host demand D a slice has mean D / (1 + Y). Stochastic calls: after each
slice the activity ends with probability 1 / (1 + Y), else it calls entry i with probability yᵢ / Y; so the number
of calls is geometric with mean Y. Deterministic calls: n of them, in the order of the file, and n + 1 slices.
Source: Woodside, Neilson, Petriu & Majumdar 1995, The stochastic rendezvous network model, IEEE Trans. Computers
44:20-34, doi 10.1109/12.368012; Franks et al., User Manual, section "Slices".

The trap is a call that waits for no answer: it ends a slice but not the visit. With A such calls among the Y, and
W = Y − A that wait, a visit holds a geometric number of them with mean A / (1 + W), and the number of visits beyond
the first is geometric with mean W: the same process, told visit by visit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from servicechain.lqn.hosts import Steps
from servicechain.lqn.network import Activity, Call
from servicechain.lqn.numbers import tidy


@dataclass(frozen=True)
class Visiting:
    """How an activity works and calls.

    Attributes
    ----------
    work : callable
        Gives the steps of a slice with this mean.
    visit : callable
        Gives the steps of a visit to the processor in which these are done.
    call : callable
        Gives the steps of one call.
    """

    work: Callable[[float], Steps]
    visit: Callable[[Steps], Steps]
    call: Callable[[Call], Steps]

    def steps_of(self, activity: Activity) -> Steps:
        """Give the steps of an activity, without its think time."""
        calls = sum(call.mean for call in activity.calls)
        piece = self.work(activity.demand / (1 + calls))
        return self._exact(activity.calls, piece) if activity.exact else self._stochastic(activity.calls, piece)

    def _stochastic(self, calls: Sequence[Call], piece: Steps) -> Steps:
        asks = [call for call in calls if call.waits]
        tells = [call for call in calls if not call.waits]
        waits = sum(call.mean for call in asks)
        sends = sum(call.mean for call in tells)
        inside = [*piece, *geometric(sends / (1 + waits), [*self._one(tells), *piece])] if tells else piece
        visit = self._visit(inside, piece)
        return [*visit, *geometric(waits, [*self._one(asks), *visit])] if asks else visit

    def _exact(self, calls: Sequence[Call], piece: Steps) -> Steps:
        steps: Steps = []
        inside = list(piece)
        for call in calls:
            once = self.call(call)
            if not call.waits:
                inside += _times(int(call.mean), [*once, *piece])
                continue
            again = [*once, *self._visit(piece, piece)]
            steps += [*self._visit(inside, piece), *_times(int(call.mean) - 1, again), *once]
            inside = list(piece)
        return [*steps, *self._visit(inside, piece)]

    def _visit(self, inside: Steps, piece: Steps) -> Steps:
        """Where there is no demand, there is no need of a processor."""
        return self.visit(inside) if piece else inside

    def _one(self, calls: Sequence[Call]) -> Steps:
        return one_of([(call.mean, call.dest, self.call(call)) for call in calls])


def geometric(mean: float, steps: Steps) -> Steps:
    """Give steps that are done 0, 1, 2, … times, a geometric number with this mean."""
    if mean == 0:
        return []
    loop = {"repeat": steps, "until": tidy(1 / (1 + mean))}
    return [{"chance": tidy(mean / (1 + mean)), "then": [loop]}]


def one_of(ways: Sequence[tuple[float, str, Steps]]) -> Steps:
    """Give a choice among (weight, label, steps); what has no choice is done without asking."""
    if len(ways) == 1:
        return ways[0][2]
    options: list[dict[str, Any]] = []
    for weight, label, steps in ways:
        options.append({"weight": tidy(weight), "label": label, "steps": steps})
    return [{"choose": options}]


def _times(rounds: int, steps: Steps) -> Steps:
    if rounds <= 1:
        return steps if rounds == 1 else []
    return [{"repeat": steps, "times": rounds}]
