"""Numbers in sentences, and a chain told in a few lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servicechain.actors import Actor
    from servicechain.chain import Chain


def counted(count: int, thing: str) -> str:
    """Write how many there are of something.

    >>> counted(1, "replication"), counted(10000, "customer"), counted(2, "customer class")
    ('1 replication', '10,000 customers', '2 customer classes')
    """
    ending = "" if count == 1 else "es" if thing.endswith("s") else "s"
    return f"{count:,} {thing}{ending}"


def size_of(chain: Chain) -> str:
    """Write how many parts a chain has."""
    parts = ((chain.actors, "actor"), (chain.services, "service"), (chain.customers, "customer class"))
    return ", ".join(counted(len(names), thing) for names, thing in parts)


def summary_of(chain: Chain) -> str:
    """Tell a chain in a few lines: who is there, lane by lane, what they do, who comes."""
    lines = [f"{chain.chain} ({size_of(chain)}; times in {chain.unit})"]
    if chain.about:
        lines.append(f"  {chain.about}")
    for lane in ("contact", "backstage", "system", "supplier"):
        there = [f"{name} ({_servers(actor)})" for name, actor in chain.actors.items() if actor.lane == lane]
        if there:
            lines.append(f"  {lane + ':':<11}{', '.join(there)}")
    lines += [f"  {name}: by {', else '.join(service.actors)}" for name, service in chain.services.items()]
    lines += [f"  {name}: {_arrivals(one.arrivals.written())}" for name, one in chain.customers.items()]
    return "\n".join(lines)


def _servers(actor: Actor) -> str:
    if math.isinf(actor.servers):
        number = "unlimited"
    else:
        number = f"{actor.servers:g}" if actor.shifts is None else f"up to {actor.servers:g}, in shifts"
    return number if actor.failures is None else f"{number}; fails every {_short(actor.failures.every.written())}"


def _arrivals(written: object) -> str:
    if isinstance(written, dict) and "population" in written:
        return f"a closed population of {written['population']}, thinking {_short(written['think'])}"
    if isinstance(written, dict):
        return f"comes by a profile of {len(written['rates'])} rates per {written['per']}, each for {written['each']}"
    return f"comes by {_short(written)}"


def _short(written: object) -> str:
    text = str(written)
    return text if len(text) <= 60 else text[:59] + "…"
