"""Which causes of waiting a chain can have at all: the columns of the records, known before anything has run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from servicechain.causes import Cause
from servicechain.circles import circles
from servicechain.custom_steps import Custom
from servicechain.steps import Pause, Work, every_step, requests_of

if TYPE_CHECKING:
    from servicechain.chain import Chain


def possible_causes(chain: Chain) -> tuple[tuple[int, Cause], ...]:
    """List what can make a customer wait: positions of actors, each with a cause, in the order of the chain."""
    found = {*_doing(chain), *_failing(chain), *_absent(chain), *_stuck(chain)}
    place = {name: position for position, name in enumerate(chain.actors)}
    return tuple(sorted((place[actor], cause) for actor, cause in found))


def _doing(chain: Chain) -> Iterator[tuple[str, Cause]]:
    for service in chain.services.values():
        for _, step in every_step(service.steps):
            for kind, cause in ((Work, Cause.WORK), (Pause, Cause.PAUSE)):
                if isinstance(step, (kind, Custom)):
                    yield from ((actor, cause) for actor in service.actors)


def _failing(chain: Chain) -> Iterator[tuple[str, Cause]]:
    """Give those who fail for a time, and all whom a repair can lead to."""
    open_ends = []
    for name, actor in chain.actors.items():
        if actor.failures is not None and actor.failures.repair is not None:
            open_ends.append(actor.failures.repair)
        elif actor.failures is not None:
            yield name, Cause.FAILURE
    seen = set()
    while open_ends:
        service = open_ends.pop()
        if service not in seen:
            seen.add(service)
            yield from ((actor, Cause.FAILURE) for actor in chain.services[service].actors)
            steps = every_step(chain.services[service].steps)
            open_ends += [asked for _, step in steps for _, asked in requests_of(step)]


def _absent(chain: Chain) -> Iterator[tuple[str, Cause]]:
    for name, actor in chain.actors.items():
        calendar = actor.calendar(chain.starts, chain.unit)
        if (actor.servers if calendar is None else calendar.lowest) == 0:
            yield name, Cause.ABSENCE


def _stuck(chain: Chain) -> Iterator[tuple[str, Cause]]:
    """Give those who can end up waiting for each other."""
    waits: dict[str, dict[str, None]] = {name: {} for name in chain.actors}
    for service in chain.services.values():
        asked = [name for _, step in every_step(service.steps) for _, name in requests_of(step)]
        for actor in service.actors:
            waits[actor].update(dict.fromkeys(other for name in asked for other in chain.services[name].actors))
    for name, one in chain.actors.items():
        if one.failures is not None and one.failures.repair is not None:
            waits[name].update(dict.fromkeys(chain.services[one.failures.repair].actors))
    for circle in circles(waits):
        yield from ((actor, Cause.DEADLOCK) for actor in circle)
