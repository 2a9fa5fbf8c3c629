"""Rules that concern more than one part of a chain: names that must exist, steps that stand in the wrong place.

Each rule is a generator of problems with their paths, in this room or in one beside it; `problems_in` runs
them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from servicechain.errors import Path, Problem, nearest
from servicechain.places import all_lists
from servicechain.rules_answers import ends
from servicechain.rules_circles import endless_waits
from servicechain.rules_numbers import wrong_numbers
from servicechain.rules_together import in_journey, in_service
from servicechain.steps import Ask, HandOff, Reply, every_step, requests_of

if TYPE_CHECKING:
    from servicechain.chain import Chain

# Comparing a misspelt name with thousands of others takes its time.
MOST_HINTS = 20


def problems_in(chain: Chain) -> Iterator[Problem]:
    """Find everything in a chain that breaks a rule across its parts."""
    named = [*_names_that_lead_nowhere(chain)]
    yield from named
    yield from _repairs(chain)
    yield from wrong_numbers(chain)
    yield from _journeys(chain)
    yield from _services(chain)
    if not named:
        yield from endless_waits(chain)


class _Hints:
    """Suggests the nearest known name, once for each misspelt one."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known
        self._found: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        if word not in self._found:
            few = len(self._found) < MOST_HINTS
            self._found[word] = nearest(word, self._known) if few else "; correct the name"
        return self._found[word]


def _names_that_lead_nowhere(chain: Chain) -> Iterator[Problem]:
    actor, service = _Hints(chain.actors), _Hints(chain.services)
    for name, one in chain.services.items():
        for place, by in enumerate(one.actors):
            if by not in chain.actors:
                message = f"service '{name}' is by '{by}', and no actor is called so{actor(by)}"
                yield Problem(message, ("services", name, "by", *(() if isinstance(one.by, str) else (place,))))
    for name, one_actor in chain.actors.items():
        repair = None if one_actor.failures is None else one_actor.failures.repair
        if repair is not None and repair not in chain.services:
            yield Problem(
                f"repair: no service is called '{repair}'{service(repair)}", ("actors", name, "failures", "repair")
            )
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            for inner, asked in requests_of(step):
                if asked not in chain.services:
                    yield Problem(f"{inner[0]}: no service is called '{asked}'{service(asked)}", (*at, *inner))


def _repairs(chain: Chain) -> Iterator[Problem]:
    """Find actors who would have to repair themselves."""
    for name, actor in chain.actors.items():
        repair = None if actor.failures is None else actor.failures.repair
        if repair is not None and repair in chain.services and name in chain.services[repair].actors:
            message = (
                f"'{name}' cannot repair itself: '{repair}' is a service of its own; "
                "name a service of another actor, or say how long a failure 'lasts'"
            )
            yield Problem(message, ("actors", name, "failures", "repair"))


def _journeys(chain: Chain) -> Iterator[Problem]:
    for name, customer in chain.customers.items():
        path: Path = ("customers", name, "journey")
        for at, step in every_step(customer.journey, path):
            if isinstance(step, Reply):
                yield Problem("a journey answers nobody; 'reply' belongs in a service: leave it out", at)
            if isinstance(step, HandOff):
                message = f"a journey has no server to release; write 'ask: {step.hand_off}' or 'tell' instead"
                yield Problem(message, (*at, "hand_off"))
        yield from in_journey(customer.journey, path)


def _services(chain: Chain) -> Iterator[Problem]:
    for name, service in chain.services.items():
        path: Path = ("services", name, "steps")
        for at, step in every_step(service.steps, path):
            if isinstance(step, Ask) and step.patience is not None:
                message = "only customers lose patience: 'patience' belongs to an ask in a journey; leave it out"
                yield Problem(message, (*at, "patience"))
        yield from ends(service.steps, path)
        yield from in_service(service.steps, path)


def requested(step: object) -> str | None:
    """Name the service a step requests; None if it requests none, or is a step in Python, which may request many."""
    found = requests_of(step)
    return found[0][1] if found and found[0][0] in (("ask",), ("tell",), ("hand_off",)) else None
