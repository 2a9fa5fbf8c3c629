"""Rules that concern more than one part of a chain: names that must exist, steps that must not follow others.

Each rule is a generator of problems with their paths; `problems_in` runs them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from servicechain.arrivals import Arrivals, Every, Poisson, Profile
from servicechain.circles import circles, way_back
from servicechain.customers import Tolerance
from servicechain.distributions import Constant, Discrete, Distribution
from servicechain.errors import Mistake, Path, Problem, nearest
from servicechain.places import all_lists, durations, times
from servicechain.steps import Ask, Chance, Choose, HandOff, Repeat, Reply, Steps, Tell, branches, every_step
from servicechain.units import Rate

if TYPE_CHECKING:
    from servicechain.chain import Chain

# Comparing a misspelt name with thousands of others takes its time.
MOST_HINTS = 20
LONGEST_WAY = 8


def problems_in(chain: Chain) -> Iterator[Problem]:
    """Find everything in a chain that breaks a rule across its parts."""
    named = [*_names_that_lead_nowhere(chain)]
    yield from named
    yield from wrong_numbers(chain)
    yield from _journeys(chain)
    yield from _services(chain)
    if not named:
        yield from _circles(chain)


def requested(step: object) -> str | None:
    """Name the service a step requests; None if it requests none."""
    match step:
        case Ask():
            return step.ask
        case Tell():
            return step.tell
        case HandOff():
            return step.hand_off
    return None


def _key(step: object) -> str:
    return {Ask: "ask", Tell: "tell", HandOff: "hand_off", Reply: "reply"}[type(step)]  # type: ignore[index]  # those


def _names_that_lead_nowhere(chain: Chain) -> Iterator[Problem]:
    hints: dict[str, str] = {}

    def hint(word: str, known: Iterable[str]) -> str:
        if word not in hints:
            hints[word] = nearest(word, known) if len(hints) < MOST_HINTS else "; correct the name"
        return hints[word]

    for name, service in chain.services.items():
        if service.by not in chain.actors:
            message = f"service '{name}' is by '{service.by}', and no actor is called so"
            yield Problem(message + hint(service.by, chain.actors), ("services", name, "by"))
    hints.clear()
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            service_name = requested(step)
            if service_name is not None and service_name not in chain.services:
                message = f"{_key(step)}: no service is called '{service_name}'"
                yield Problem(message + hint(service_name, chain.services), (*at, _key(step)))


def wrong_numbers(chain: Chain) -> Iterator[Problem]:
    """Find what cannot be counted in the chain's unit, and zones, gaps and batches of nothing.

    Values that stand in files are left out until they have been read.
    """
    for path, time in times(chain):
        if math.isinf(time.in_unit(chain.unit)):
            yield Problem(f"{time} is too long to be counted in {chain.unit}; write a shorter time", path)
    for path, duration in durations(chain):
        if not duration.files:
            yield from _uncountable(duration, chain, path)
    for name, customer in chain.customers.items():
        path = ("customers", name, "arrivals")
        yield from _gaps(customer.arrivals, chain, path)
        if customer.batch is not None and not customer.batch.files and _mean(customer.batch, chain) == 0:
            yield Problem("nobody comes in a batch of 0; write how many come at once", ("customers", name, "batch"))
        yield from _zone(customer.tolerance, chain, name)


def _mean(duration: Distribution, chain: Chain) -> float:
    try:
        return float(duration.in_unit(chain.unit).mean)
    except Mistake:  # told as uncountable
        return math.nan


def _uncountable(duration: Distribution, chain: Chain, path: Path) -> Iterator[Problem]:
    try:
        mean = duration.in_unit(chain.unit).mean
    except Mistake as mistake:
        yield Problem(f"{duration!r}, counted in {chain.unit}: {mistake}", path)
        return
    if not math.isfinite(mean):
        yield Problem(f"{duration!r} is too long to be counted in {chain.unit}; write a shorter time", path)


def _gaps(arrivals: Arrivals, chain: Chain, path: Path) -> Iterator[Problem]:
    if isinstance(arrivals, Every):
        if arrivals.interval.files:
            return
        yield from _uncountable(arrivals.interval, chain, path)
        if _mean(arrivals.interval, chain) == 0:
            message = f"{arrivals.written()} would bring all customers at once; the interval must be above 0"
            yield Problem(message, path)
    elif isinstance(arrivals, Poisson | Profile):
        rates = (arrivals.rate,) if isinstance(arrivals, Poisson) else [Rate(r, arrivals.per) for r in arrivals.rates]
        if any(math.isinf(rate.in_unit(chain.unit)) for rate in rates):
            yield Problem(f"the rate {max(rates, key=_value)} is beyond what can be counted; write a lower one", path)


def _value(rate: Rate) -> float:
    return rate.value


def _zone(zone: Tolerance | None, chain: Chain, name: str) -> Iterator[Problem]:
    if zone is not None and not zone.desired.in_unit(chain.unit) < zone.adequate.in_unit(chain.unit):
        message = (
            f"the adequate wait ({zone.adequate}) must be longer than the desired one ({zone.desired}); "
            "between them lies the zone of tolerance"
        )
        yield Problem(message, ("customers", name, "tolerance", "adequate"))


def _journeys(chain: Chain) -> Iterator[Problem]:
    for name, customer in chain.customers.items():
        for at, step in every_step(customer.journey, ("customers", name, "journey")):
            if isinstance(step, Reply):
                yield Problem("a journey answers nobody; 'reply' belongs in a service: leave it out", at)
            if isinstance(step, HandOff):
                message = f"a journey has no server to release; write 'ask: {step.hand_off}' or 'tell' instead"
                yield Problem(message, (*at, "hand_off"))


def _services(chain: Chain) -> Iterator[Problem]:
    for name, service in chain.services.items():
        path: Path = ("services", name, "steps")
        for at, step in every_step(service.steps, path):
            if isinstance(step, Ask) and step.patience is not None:
                message = "only customers lose patience: 'patience' belongs to an ask in a journey; leave it out"
                yield Problem(message, (*at, "patience"))
        yield from _ends(service.steps, path)
        yield from _Answers().problems(service.steps, path)


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
        for inner, inside in branches(step):
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


def _circles(chain: Chain) -> Iterator[Problem]:
    """Find services that ask themselves, directly or by others, where a single server must wait for itself."""
    asks = {
        name: {step.ask: at for at, step in every_step(service.steps) if isinstance(step, Ask)}
        for name, service in chain.services.items()
    }
    for circle in circles(asks):
        alone = [name for name in circle if chain.actors[chain.services[name].by].servers == 1]
        if alone:
            name, actor = alone[0], chain.services[alone[0]].by
            way = way_back(asks, name)
            told = " → ".join(way if len(way) <= LONGEST_WAY else [*way[:LONGEST_WAY], "…", name])
            message = (
                f"service '{name}' asks itself ({told}), and '{actor}' has one server, which would wait for itself "
                "for ever; use 'tell' or 'hand_off', or another actor"
            )
            yield Problem(message, ("services", name, "steps", *asks[name][way[1]], "ask"))
