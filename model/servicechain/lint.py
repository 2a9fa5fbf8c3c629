"""What is legal in a chain and still most likely not meant: one function for each kind of finding."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.errors import Problem
from servicechain.load import Expected
from servicechain.rules import all_lists, circles, requested
from servicechain.steps import Ask, every_step

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
        if servers == 0 or load.offered < servers or math.isinf(servers):
            continue
        path = ("actors", name, chain.actors[name].servers_key)
        need = f"needs more than {load.offered:.3g} servers and has {servers:g}"
        if math.isinf(load.offered):
            message = f"'{name}' is unstable: requests breed requests without end; let the circle lose some"
            yield Problem(message, path)
        elif _all_can_leave(chain, name):
            message = f"'{name}' is overloaded, patience keeps it finite: it {need}"
            yield Problem(f"{message}; add servers, or expect many to give up", path)
        else:
            message = f"'{name}' is unstable: it {need}, so its line grows for ever"
            yield Problem(f"{message}; add servers, or take work away", path)


def _all_can_leave(chain: Chain, actor: str) -> bool:
    """Tell whether everybody in an actor's line is a customer with patience."""
    for path, steps in all_lists(chain):
        for _, step in every_step(steps, path):
            service = requested(step)
            if service is None or chain.services[service].by != actor:
                continue
            if path[0] == "services" or not isinstance(step, Ask):
                return False
            if step.patience is None and chain.customers[str(path[1])].patience is None:
                return False
    return True


def _circles(chain: Chain) -> Iterator[Problem]:
    """Find actors who can end up waiting for each other: a circle of asks, by whatever services."""
    asks: dict[str, dict[str, tuple[str | int, ...]]] = {name: {} for name in chain.actors}
    for name, service in chain.services.items():
        for at, step in every_step(service.steps, ("services", name, "steps")):
            if isinstance(step, Ask):
                target = chain.services[step.ask].by
                if not math.isinf(chain.actors[target].servers):
                    asks[service.by].setdefault(target, (*at, "ask"))
    for circle in circles(asks):
        first = asks[circle[0]]
        at = next(first[target] for target in first if target in circle)
        names = " and ".join(f"'{name}'" for name in circle)
        if len(circle) == 1:
            message = f"{names} asks itself: when all its servers do so at once, all wait for ever (deadlock)"
        else:
            message = (
                f"{names} ask each other in a circle: when all servers do so at once, all wait for ever (deadlock)"
            )
        yield Problem(f"{message}; use 'tell' or 'hand_off' where nobody needs to wait", at)
