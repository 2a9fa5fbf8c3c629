"""What stands behind the name of a service on an arrow: that others are asked at the same time, or before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from servicechain.plots import blueprint_words as words
from servicechain.plots.blueprint_graph import Request
from servicechain.steps import Ask, Steps, Together, branches

if TYPE_CHECKING:
    import networkx as nx

    from servicechain.chain import Chain

Marks = Mapping[tuple[str, str], str]
"""By who asks and which service."""


def marks_of(chain: Chain, graph: nx.MultiDiGraph) -> Marks:
    """Find the services that are always asked side by side with something else, and say how.

    A service that its asker asks at other places too, or side by side in different ways, has no mark.
    """
    customers = (node for node, kind in graph.nodes(data="kind") if kind == "customer")
    lists = [(node, one.journey) for node, one in zip(customers, chain.customers.values(), strict=True)]
    lists += [(actor, service.steps) for service in chain.services.values() for actor in service.actors]
    found: dict[tuple[str, str], set[str]] = {}
    for source, steps in lists:
        for service, mark in _asks(steps, ""):
            found.setdefault((source, service), set()).add(mark)
    return {key: marks.pop() for key, marks in found.items() if len(marks) == 1}


def _asks(steps: Steps, mark: str) -> Iterator[tuple[str, str]]:
    for step in steps:
        if isinstance(step, Ask):
            yield step.ask, mark
        inner = mark
        if isinstance(step, Together) and len(step.together) > 1:
            inner = words.together_text(step.needed, len(step.together))
        for _, inside in branches(step):
            yield from _asks(inside, inner)


def label_of(request: Request, marks: Marks) -> tuple[str, str]:
    """Give what stands on an arrow: the names of its services, and a mark behind them or nothing."""
    each = [marks.get((request.source, service), "") if request.kind == "ask" else "" for service in request.services]
    shared = each[0] if len(set(each)) == 1 else ""
    named = [
        service if mark in ("", shared) else f"{service} ({mark})"
        for service, mark in zip(request.services, each, strict=True)
    ]
    text = words.services_text(named)
    if request.kind == "repair":
        text = f"{words.REPAIR}: {text}"
    choice = words.choice_text(request.choice) if request.choice > 1 else ""
    return text, ", ".join(part for part in (choice, shared) if part)
