"""What is legal in a chain and still most likely not meant: one function for each kind of finding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from servicechain.actors import Actor
from servicechain.circles import circles, endless
from servicechain.custom_steps import Custom
from servicechain.errors import Path, Problem
from servicechain.load import Expected, Load, mean_servers, open_rates
from servicechain.places import all_lists
from servicechain.populations import Closed
from servicechain.steps import Ask, HandOff, Tell, every_step, requests_of

if TYPE_CHECKING:
    from servicechain.chain import Chain


def check(chain: Chain) -> list[Problem]:
    """Look for what is probably not meant.

    Finds services nobody requests, actors with more work than servers, circles of asks, and requests to
    actors who are never on duty.

    Returns
    -------
    list of Problem
        Empty if nothing was found.

    Raises
    ------
    ChainError
        If a file the chain names cannot be read.
    """
    return [*_unreachable(chain), *_never_on_duty(chain), *_overloaded(chain), *_circles(chain)]


def _repairs(chain: Chain) -> dict[str, str]:
    """Name the service that repairs each actor that needs one."""
    failures = {name: actor.failures for name, actor in chain.actors.items()}
    return {name: each.repair for name, each in failures.items() if each is not None and each.repair is not None}


def _reached(chain: Chain) -> set[str]:
    """Name the services that a customer's journey or a repair can lead to."""
    found = set(_repairs(chain).values())
    lists = [one.journey for one in chain.customers.values()] + [chain.services[name].steps for name in found]
    while lists:
        for _, step in every_step(lists.pop()):
            for _, service in requests_of(step):
                if service not in found:
                    found.add(service)
                    lists.append(chain.services[service].steps)
    return found


def _unreachable(chain: Chain) -> Iterator[Problem]:
    reached = _reached(chain)
    for name in chain.services:
        if name not in reached:
            message = f"service '{name}' is unreachable: no journey leads to it; ask for it, or take it out"
            yield Problem(message, ("services", name))


def _never_on_duty(chain: Chain) -> Iterator[Problem]:
    told = set()
    for name, service in _repairs(chain).items():
        if _nobody(chain, service):
            yield Problem(_absent(chain, service), ("actors", name, "failures", "repair"))
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            for inner, service in requests_of(step):
                if _nobody(chain, service) and (path, service) not in told:
                    told.add((path, service))
                    yield Problem(_absent(chain, service), (*at, *inner))


def _nobody(chain: Chain, service: str) -> bool:
    return all(chain.actors[name].servers == 0 for name in chain.services[service].actors)


def _absent(chain: Chain, service: str) -> str:
    names = chain.services[service].actors
    key = chain.actors[names[0]].servers_key
    who = " or ".join(f"'{name}'" for name in names)
    give = f"give '{names[0]}' " + ("a shift with staff above 0" if key == "shifts" else f"{key} above 0")
    return f"'{service}' is asked of {who}, who {'is' if len(names) == 1 else 'are'} never on duty; {give}"


def _overloaded(chain: Chain) -> Iterator[Problem]:
    expected = Expected(chain)
    # a closed population makes no line grow for ever: who stands in it does not come again
    rates = open_rates(expected.chain)
    endless = _endless(expected, rates)
    found: list[set[str]] = []
    for name, load in expected.loads(rates).items():
        path = ("actors", name, chain.actors[name].servers_key)
        if math.isinf(load.offered) or name in endless:
            message = f"'{name}' is unstable: requests breed requests without end; let the circle lose some"
            yield Problem(message, path)
            found.append({name})
        elif _too_much(load):
            need = f"its offered load is {load.offered:.3g}, and it has {_counted(load.servers, chain.actors[name])}"
            yield Problem(_verdict(chain, [name], f"'{name}' is", need, "its line grows"), path)
            found.append({name})
    for names, load in expected.shared_loads(rates).items():
        # said already of some of them
        if not _too_much(load) or any(each.issubset(names) for each in found):
            continue
        found.append(set(names))
        who = f"{_listed([repr(name) for name in names])} together are"
        need = f"the offered load of what only they do is {load.offered:.3g}, and they have {_on_average(chain, names)}"
        shared = next(
            name for name, one in chain.services.items() if len(one.actors) > 1 and set(names).issuperset(one.actors)
        )
        yield Problem(_verdict(chain, names, who, need, "their lines grow"), ("services", shared, "by"))


def _endless(expected: Expected, rates: Mapping[str, float]) -> set[str]:
    """Name the actors asked without end by somebody who comes; a closed population does, whatever its rate."""
    chain = expected.chain
    come = [name for name, one in chain.customers.items() if rates[name] or isinstance(one.arrivals, Closed)]
    numbers = [(service, n) for name in come for service, n in expected.per_customer[name].items() if n]
    endless = {service for service, n in numbers if math.isinf(n) or math.isinf(expected.holding[service])}
    return {chain.services[service].actors[0] for service in endless}


def _too_much(load: Load) -> bool:
    # a load that rounding has moved below the number of servers is no less unstable
    return load.servers > 0 and not math.isinf(load.servers) and load.offered >= load.servers * (1 - 1e-9)


def _verdict(chain: Chain, actors: Sequence[str], who: str, need: str, grows: str) -> str:
    if _all_can_leave(chain, actors):
        return f"{who} overloaded, patience keeps it finite: {need}; add servers, or expect many to give up"
    return f"{who} unstable: {need}, so {grows} for ever; add servers, or take work away"


def _counted(servers: float, actor: Actor) -> str:
    if actor.shifts is not None:
        return f"{servers:.3g} {'server' if servers == 1 else 'servers'} on duty on average (shifts)"
    return f"{servers:g} {'server' if servers == 1 else 'servers'} ({actor.servers_key})"


def _on_average(chain: Chain, actors: Sequence[str]) -> str:
    servers = sum(mean_servers(chain, name) for name in actors)
    average = " on duty on average" if any(chain.actors[name].shifts is not None for name in actors) else ""
    return f"{servers:.3g} {'server' if servers == 1 else 'servers'}{average}"


def _all_can_leave(chain: Chain, actors: Sequence[str]) -> bool:
    """Tell whether everybody in the line for what only these actors do is a customer with patience."""
    staying = _reached(chain) & _without_patience(chain)
    return not any(set(chain.services[name].actors).issubset(actors) for name in staying)


def _without_patience(chain: Chain) -> set[str]:
    """Name the services in whose line somebody stands who never leaves it.

    Those are services asked by a server or for a repair, told by anybody, or asked by a customer without
    patience; and what any of these requests is handed to.
    """
    reached = _reached(chain)
    found = set(_repairs(chain).values())
    handed: dict[str, set[str]] = {name: set() for name in chain.services}
    for path, steps in all_lists(chain):
        name = str(path[1])
        if path[0] == "services" and name not in reached:
            continue
        for _, step in every_step(steps):
            match step:
                case HandOff():
                    handed[name].add(step.hand_off)
                case Tell():
                    found.add(step.tell)
                case Custom():  # it may tell, and one can only know by running it
                    found.update(step.requests)
                case Ask():
                    if path[0] == "services" or (step.patience is None and chain.customers[name].patience is None):
                        found.add(step.ask)
    open_ends = list(found)
    while open_ends:
        further = handed[open_ends.pop()] - found
        found |= further
        open_ends.extend(further)
    return found


def _circles(chain: Chain) -> Iterator[Problem]:
    """Find those who can end up waiting for each other: a circle of asks, by whatever services.

    The servers of one team are one node, because they have one line. Nobody stands in line for those without
    limit, so there each service is a node of its own. Who asks waits also for whoever the request is handed to; who
    is broken, for who repairs it.
    """
    waits: dict[str, dict[tuple[str, ...], Path]] = {
        node: {} for name in chain.services for node in _nodes(chain, name)
    }
    handed = {
        name: [step.hand_off for _, step in every_step(one.steps) if isinstance(step, HandOff)]
        for name, one in chain.services.items()
    }
    for waiting, asked, at in _waiting(chain):
        for target in _closure(asked, handed):
            waits[waiting].setdefault(_nodes(chain, target), at)
    stuck = endless(waits)
    links = {
        node: {one: at for targets, at in ways.items() if stuck.issuperset(targets) for one in targets}
        for node, ways in waits.items()
    }
    for circle in circles(links):
        first = links[circle[0]]
        at = next(first[target] for target in first if target in circle)
        yield Problem(_circle_message(circle), at)


def _nodes(chain: Chain, service: str) -> tuple[str, ...]:
    names = chain.services[service].actors
    return tuple(f"{name}/{service}" if math.isinf(chain.actors[name].servers) else name for name in names)


def _waiting(chain: Chain) -> Iterator[tuple[str, str, Path]]:
    """Give who waits for which service while a server is held, or down, and where that is written."""
    repairs = _repairs(chain)
    for name, service in chain.services.items():
        asks = [(step.ask, (*at, "ask")) for at, step in _steps(chain, name) if isinstance(step, Ask)]
        for actor, node in zip(service.actors, _nodes(chain, name), strict=True):
            yield from ((node, asked, at) for asked, at in asks)
            if actor in repairs:
                yield node, repairs[actor], ("actors", actor, "failures", "repair")


def _steps(chain: Chain, service: str) -> Iterator[tuple[Path, object]]:
    return every_step(chain.services[service].steps, ("services", service, "steps"))


def _closure(start: str, links: Mapping[str, Sequence[str]]) -> list[str]:
    """Give a name and all it leads to."""
    found = {start: None}
    open_ends = [start]
    while open_ends:
        for target in links[open_ends.pop()]:
            if target not in found:
                found[target] = None
                open_ends.append(target)
    return list(found)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"])


def _circle_message(circle: list[str]) -> str:
    teams = [name for name in circle if "/" not in name]
    names = [f"'{name.partition('/')[2] or name}'" for name in circle]
    told = _listed(names)
    asks = f"{told} asks itself" if len(circle) == 1 else f"{told} ask each other in a circle"
    if not teams:
        return f"{asks}: each asking makes another; let it end by chance, or use 'tell' where nobody needs to wait"
    when = "when all servers do so at once, all wait for ever (deadlock)"
    return f"{asks}: {when}; use 'tell' or 'hand_off' where nobody needs to wait"


MOST_NAMES = 6
