"""What is legal in a chain and still most likely not meant: one function for each kind of finding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from servicechain.actors import Lane
from servicechain.circles import circles
from servicechain.errors import Path, Problem
from servicechain.load import Expected
from servicechain.places import all_lists
from servicechain.rules import requested
from servicechain.steps import Ask, HandOff, Tell, every_step

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


def _reached(chain: Chain) -> set[str]:
    """Name the services that a customer's journey can lead to."""
    found: set[str] = set()
    lists = [one.journey for one in chain.customers.values()]
    while lists:
        for _, step in every_step(lists.pop()):
            service = requested(step)
            if service is not None and service not in found:
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
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            service = requested(step)
            if service is None:
                continue
            actor = chain.services[service].by
            if chain.actors[actor].servers == 0 and (path, service) not in told:
                told.add((path, service))
                message = (
                    f"'{service}' is asked of '{actor}', who is never on duty; "
                    f"give '{actor}' {chain.actors[actor].servers_key} above 0"
                )
                yield Problem(message, (*at, type(step).__name__.lower().replace("handoff", "hand_off")))


def _overloaded(chain: Chain) -> Iterator[Problem]:
    expected = Expected(chain)
    for name, load in expected.loads().items():
        servers = load.servers
        path = ("actors", name, chain.actors[name].servers_key)
        if math.isinf(load.offered):
            message = f"'{name}' is unstable: requests breed requests without end; let the circle lose some"
            yield Problem(message, path)
            continue
        # a load that rounding has moved below the number of servers is no less unstable
        if servers == 0 or math.isinf(servers) or load.offered < servers * (1 - 1e-9):
            continue
        need = f"its offered load is {load.offered:.3g}, and it has {_counted(servers, chain.actors[name].lane)}"
        if _all_can_leave(chain, name):
            message = f"'{name}' is overloaded, patience keeps it finite: {need}"
            yield Problem(f"{message}; add servers, or expect many to give up", path)
        else:
            message = f"'{name}' is unstable: {need}, so its line grows for ever"
            yield Problem(f"{message}; add servers, or take work away", path)


def _counted(servers: float, lane: Lane) -> str:
    return f"{servers:g} {'server' if servers == 1 else 'servers'} ({'staff' if lane.counts_people else 'capacity'})"


def _all_can_leave(chain: Chain, actor: str) -> bool:
    """Tell whether everybody in an actor's line is a customer with patience."""
    reached, staying = _reached(chain), _without_patience(chain)
    return not any(chain.services[name].by == actor and name in staying for name in reached)


def _without_patience(chain: Chain) -> set[str]:
    """Name the services in whose line somebody stands who never leaves it.

    Those are services asked by a server, told by anybody, or asked by a customer without patience; and what
    any of these requests is handed to.
    """
    reached = _reached(chain)
    found: set[str] = set()
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
    limit, so there each service is a node of its own. Who asks waits also for whoever the request is handed to.
    """
    services = chain.services
    limited = {name: not math.isinf(actor.servers) for name, actor in chain.actors.items()}
    node = {name: one.by if limited[one.by] else f"{one.by}/{name}" for name, one in services.items()}
    handed = {
        name: [step.hand_off for _, step in every_step(one.steps) if isinstance(step, HandOff)]
        for name, one in services.items()
    }
    waits: dict[str, dict[str, Path]] = {node[name]: {} for name in services}
    for name, service in services.items():
        for at, step in every_step(service.steps, ("services", name, "steps")):
            if isinstance(step, Ask):
                for target in _closure(step.ask, handed):
                    waits[node[name]].setdefault(node[target], (*at, "ask"))
    for circle in circles(waits):
        first = waits[circle[0]]
        at = next(first[target] for target in first if target in circle)
        yield Problem(_circle_message(circle), at)


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


def _circle_message(circle: list[str]) -> str:
    teams = [name for name in circle if "/" not in name]
    names = [f"'{name.partition('/')[2] or name}'" for name in circle]
    told = " and ".join(names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"])
    asks = f"{told} asks itself" if len(circle) == 1 else f"{told} ask each other in a circle"
    if not teams:
        return f"{asks}: each asking makes another; let it end by chance, or use 'tell' where nobody needs to wait"
    when = "when all servers do so at once, all wait for ever (deadlock)"
    return f"{asks}: {when}; use 'tell' or 'hand_off' where nobody needs to wait"


MOST_NAMES = 6
