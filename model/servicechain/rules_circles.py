"""The rule about a server that would wait for itself: a circle of asks where only one server could answer.

Where several servers can, it is no error: it happens only when all of them ask at once. Branches of a `together`
that are not all needed do not count either: what they ask for is withdrawn once enough others are done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.circles import circles, way_back
from servicechain.errors import Path, Problem
from servicechain.steps import Ask, Steps, Together, branches

if TYPE_CHECKING:
    from servicechain.chain import Chain

LONGEST_WAY = 8


def endless_waits(chain: Chain) -> Iterator[Problem]:
    """Find services that ask themselves, directly or by others, where a single server must wait for itself."""
    asks = {name: dict(_asks(service.steps, ())) for name, service in chain.services.items()}
    for circle in circles(asks):
        alone = [name for name in circle if _servers(chain, name) == 1]
        if alone:
            name = alone[0]
            actor = next(actor for actor in chain.services[name].actors if chain.actors[actor].servers)
            way = way_back(asks, name)
            told = " → ".join(way if len(way) <= LONGEST_WAY else [*way[:LONGEST_WAY], "…", name])
            message = (
                f"service '{name}' asks itself ({told}), and '{actor}' has one server, which would wait for itself "
                "for ever; use 'tell' or 'hand_off', or another actor"
            )
            yield Problem(message, ("services", name, "steps", *asks[name][way[1]], "ask"))


def _servers(chain: Chain, service: str) -> float:
    """Count the servers that could take a request, of all actors together."""
    return sum(chain.actors[actor].servers for actor in chain.services[service].actors)


def _asks(steps: Steps, path: Path) -> Iterator[tuple[str, Path]]:
    """Give what must be answered before the service can go on, each with its place."""
    for index, step in enumerate(steps):
        if isinstance(step, Ask):
            yield step.ask, (*path, index)
        if isinstance(step, Together) and step.needed < len(step.together):
            continue
        for inner, inside in branches(step):
            yield from _asks(inside, (*path, index, *inner))
