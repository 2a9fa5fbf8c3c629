"""Activities and their calls, read from XML: what a phase and a node of an activity graph have in common."""

from __future__ import annotations

from servicechain.errors import shown
from servicechain.lqn.document import Element
from servicechain.lqn.network import Activity, Call
from servicechain.lqn.numbers import number_of, text_of, word_of


def read_activity(element: Element) -> Activity:
    """Read an activity that does something (in a graph's precedences an activity is only a name)."""
    exact = word_of(element, "call-order", ("stochastic", "deterministic"), "stochastic") == "deterministic"
    calls = tuple(_call(part, exact) for part in element.each("synch-call", "asynch-call"))
    return Activity(
        text_of(element, "name"),
        number_of(element, "host-demand-mean"),
        number_of(element, "host-demand-cvsq", 1),
        number_of(element, "think-time", 0),
        exact,
        tuple(call for call in calls if call.mean > 0),
        element,
    )


def _call(element: Element, exact: bool) -> Call:
    mean = number_of(element, "calls-mean")
    if exact and mean != int(mean):
        written = shown(element.attributes["calls-mean"])
        element.refuse(f'call-order="DETERMINISTIC" makes a whole number of calls, got calls-mean={written}')
    return Call(text_of(element, "dest"), mean, element.tag == "synch-call", element)
