"""Rules that concern more than one part of a chain: names that must exist, steps that must not follow others.

Each rule is a generator of problems with their paths; `problems_in` runs them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.distributions import Constant
from servicechain.errors import Path, Problem, nearest
from servicechain.steps import Ask, Chance, Choose, HandOff, Repeat, Reply, Steps, Tell, branches, every_step

if TYPE_CHECKING:
    from servicechain.chain import Chain


def problems_in(chain: Chain) -> Iterator[Problem]:
    """Find everything in a chain that breaks a rule across its parts."""
    named = [*_names_that_lead_nowhere(chain)]
    yield from named
    yield from _tolerances(chain)
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


def all_lists(chain: Chain) -> Iterator[tuple[Path, Steps]]:
    """Give the steps of every service and every journey, with their paths."""
    for name, service in chain.services.items():
        yield ("services", name, "steps"), service.steps
    for name, customer in chain.customers.items():
        yield ("customers", name, "journey"), customer.journey


def _names_that_lead_nowhere(chain: Chain) -> Iterator[Problem]:
    for name, service in chain.services.items():
        if service.by not in chain.actors:
            message = f"service '{name}' is by '{service.by}', and no actor is called so"
            yield Problem(message + nearest(service.by, chain.actors), ("services", name, "by"))
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            service_name = requested(step)
            if service_name is not None and service_name not in chain.services:
                message = f"{_key(step)}: no service is called '{service_name}'"
                yield Problem(message + nearest(service_name, chain.services), (*at, _key(step)))


def _tolerances(chain: Chain) -> Iterator[Problem]:
    for name, customer in chain.customers.items():
        zone = customer.tolerance
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
                    self._report("the asker has been answered already; a second 'reply' answers nobody", at)
                return {True}
            case HandOff():
                if True in states:
                    self._report("the asker has been answered already; write 'tell' instead of 'hand_off'", at)
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
            self.found.append(Problem(f"{message}; take it out", at))


def _at_most_once(step: Repeat) -> bool:
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
        for name in circle:
            actor = chain.services[name].by
            if chain.actors[actor].servers <= 1:
                back = next(target for target in asks[name] if target in circle)
                way = " → ".join([*_way(asks, name, circle), name])
                message = (
                    f"service '{name}' asks itself ({way}), and '{actor}' has one server, which would wait for itself "
                    "for ever; use 'tell' or 'hand_off', or another actor"
                )
                yield Problem(message, ("services", name, "steps", *asks[name][back], "ask"))
                break


def circles(asks: dict[str, dict[str, Path]]) -> list[list[str]]:
    """Find the groups of services that reach each other by asks, each in the order of the file."""
    reach = {name: _reachable(asks, name) for name in asks}
    groups: list[list[str]] = []
    seen: set[str] = set()
    for name in asks:
        if name in reach[name] and name not in seen:
            group = [other for other in asks if other in reach[name] and name in reach[other]]
            groups.append(group)
            seen.update(group)
    return groups


def _reachable(asks: dict[str, dict[str, Path]], start: str) -> set[str]:
    found: set[str] = set()
    open_ends = list(asks[start])
    while open_ends:
        name = open_ends.pop()
        if name not in found:
            found.add(name)
            open_ends.extend(asks[name])
    return found


def _way(asks: dict[str, dict[str, Path]], start: str, circle: list[str]) -> list[str]:
    """Give one shortest way from a service back to itself."""
    ways = [[start]]
    while ways:
        way = ways.pop(0)
        for target in asks[way[-1]]:
            if target == start:
                return way
            if target in circle and target not in way:
                ways.append([*way, target])
    return [start]
