"""Which causes of waiting a chain can have at all: the columns of the records, known before anything has run.

A cause that is found in a run must be among them, so where one cannot know they are too many. What is easily
overlooked is that who waits in a line waits for everything its servers do meanwhile, for others as well; and that
a line several actors serve can be in a circle though some of them are not there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from servicechain.causes import Cause
from servicechain.circles import circles, endless
from servicechain.custom_steps import Custom
from servicechain.steps import Ask, HandOff, Pause, Work, every_step, requests_of

if TYPE_CHECKING:
    from servicechain.chain import Chain


def possible_causes(chain: Chain) -> tuple[tuple[int, Cause], ...]:
    """List what can make a customer wait: positions of actors, each with a cause, in the order of the chain."""
    waits = _Waits(chain)
    found = {*_doing(chain), *_failing(chain, waits), *_absent(chain, waits), *_deadlocked(chain, waits)}
    place = {name: position for position, name in enumerate(chain.actors)}
    return tuple(sorted((place[actor], cause) for actor, cause in found))


class _Waits:
    """For which services one waits, from where.

    Attributes
    ----------
    asked, handed : dict from service to names of services
        What it asks for, and what it can be handed off to.
    repair : dict from actor to the service that repairs it
    servers_ask : dict from actor to names of services
        What its servers can wait for: what they ask for, and the repair.
    leaving : set of actors
        Those of whom nobody may be there.
    ready : set of actors
        Those for whom nobody ever stands in line: they have no limit, and do not fail.
    """

    def __init__(self, chain: Chain) -> None:
        steps = {name: [step for _, step in every_step(one.steps)] for name, one in chain.services.items()}
        self.asked = {name: _requested(each, (Ask, Custom)) for name, each in steps.items()}
        self.handed = {name: _requested(each, (HandOff,)) for name, each in steps.items()}
        self.repair = {
            name: one.failures.repair
            for name, one in chain.actors.items()
            if one.failures is not None and one.failures.repair is not None
        }
        self.servers_ask: dict[str, dict[str, None]] = {name: {} for name in chain.actors}
        for name, service in chain.services.items():
            for actor in service.actors:
                self.servers_ask[actor].update(dict.fromkeys(self.asked[name]))
        for actor, repair in self.repair.items():
            self.servers_ask[actor][repair] = None
        self.leaving = {name for name in chain.actors if _lowest(chain, name) == 0}
        self.ready = {
            name for name, one in chain.actors.items() if one.failures is None and math.isinf(_lowest(chain, name))
        }

    def begun(self, service: str, actors: Iterable[str]) -> list[str]:
        """Name what one waits for who asked for a service that one of its actors has begun."""
        repairs = [self.repair[actor] for actor in actors if actor in self.repair]
        return [*self.asked[service], *self.handed[service], *repairs]


def _requested(steps: Iterable[object], kinds: tuple[type, ...]) -> list[str]:
    return [name for step in steps if isinstance(step, kinds) for _, name in requests_of(step)]


def _lowest(chain: Chain, name: str) -> float:
    actor = chain.actors[name]
    calendar = actor.calendar(chain.starts, chain.unit)
    return actor.servers if calendar is None else calendar.lowest


def _doing(chain: Chain) -> Iterator[tuple[str, Cause]]:
    for service in chain.services.values():
        for _, step in every_step(service.steps):
            for kind, cause in ((Work, Cause.WORK), (Pause, Cause.PAUSE)):
                if isinstance(step, (kind, Custom)):
                    yield from ((actor, cause) for actor in service.actors)


def _failing(chain: Chain, waits: _Waits) -> Iterator[tuple[str, Cause]]:
    """Give those who fail for a time, and all whom a repair can lead to: it, too, stands in lines."""
    for name, actor in chain.actors.items():
        if actor.failures is not None and name not in waits.repair:
            yield name, Cause.FAILURE
    open_ends = list(waits.repair.values())
    seen = set()
    while open_ends:
        service = open_ends.pop()
        if service in seen:
            continue
        seen.add(service)
        actors = chain.services[service].actors
        yield from ((actor, Cause.FAILURE) for actor in actors)
        open_ends += waits.begun(service, actors)
        if waits.ready.isdisjoint(actors):
            open_ends += [asked for actor in actors for asked in waits.servers_ask[actor]]


def _absent(chain: Chain, waits: _Waits) -> Iterator[tuple[str, Cause]]:
    yield from ((name, Cause.ABSENCE) for name in chain.actors if name in waits.leaving)


def _deadlocked(chain: Chain, waits: _Waits) -> Iterator[tuple[str, Cause]]:
    """Give the actors of lines that can come to wait for themselves, with no way out.

    A line waits for its actors, an actor for what its servers ask for, and that leads to its line, or, when it has
    begun, to whatever it waits for itself. There is no way out of a line if all its actors wait who are there.
    """
    ways: dict[str, list[tuple[str, ...]]] = {}
    lines = {"/".join(sorted(one.actors)): one.actors for one in chain.services.values()}
    for name, asked in waits.servers_ask.items():
        ways[f"actor/{name}"] = [(f"service/{each}",) for each in asked]
    for name, service in chain.services.items():
        further = [(f"service/{each}",) for each in waits.begun(name, service.actors)]
        ways[f"service/{name}"] = [(f"line/{'/'.join(sorted(service.actors))}",), *further]
    for line, actors in lines.items():
        staying = tuple(f"actor/{each}" for each in actors if each not in waits.leaving)
        stands = waits.ready.isdisjoint(actors)
        ways[f"line/{line}"] = ([staying] if staying else [(f"actor/{each}",) for each in actors]) if stands else []
    stuck = endless(ways)
    links = {node: [each for way in ways[node] for each in way if each in stuck] for node in ways if node in stuck}
    for line, actors in lines.items():
        if f"line/{line}" in stuck:  # who is not always there can be in the circle, too
            links[f"line/{line}"] = [f"actor/{each}" for each in actors if f"actor/{each}" in stuck]
    for node in (node for circle in circles(links) for node in circle):
        kind, _, line = node.partition("/")
        if kind == "line":
            yield from ((actor, Cause.DEADLOCK) for actor in lines[line])
