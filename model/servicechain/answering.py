"""How long services take to answer if nobody ever stands in line: their own time, and that of whom they ask.

Services may ask each other in circles, and of branches side by side it depends on the answers which one decides.
So what is asked comes before who asks; in a circle the choice is made again until it no longer changes. The trap
is a circle in which it never settles: after some rounds it stays as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from servicechain.circles import groups
from servicechain.flows import Flow, flow_of
from servicechain.steps import Tell, Together, every_step, requests_of
from servicechain.totals import Numbers, Totals

if TYPE_CHECKING:
    from servicechain.chain import Chain

_ROUNDS = 20


def answering(chain: Chain) -> tuple[dict[str, Flow], Numbers]:
    """Compute what one request for each service comes to, and when it is answered.

    Parameters
    ----------
    chain : Chain
        Whose files have been read.

    Returns
    -------
    flows : dict from service to Flow
        At the speed of the fastest who offers it.
    answers : dict from service to float
        Expected time from beginning to answer, in the chain's unit; infinite where it never comes.
    """
    links = {name: _waits_for(chain, name) for name in chain.services}
    flows: dict[str, Flow] = {}
    answers: Numbers = {}
    for group in groups(links):
        alone = len(group) == 1 and group[0] not in links[group[0]]
        for _ in range(1 if alone or not any(_has_branches(chain, name) for name in group) else _ROUNDS):
            before = [answers.get(name) for name in group]
            flows |= {name: _flow(chain, name, answers) for name in group}
            answers |= _solved(group, flows, answers)
            if before == [answers[name] for name in group]:
                break
    return {name: flows[name] for name in chain.services}, {name: answers[name] for name in chain.services}


def _waits_for(chain: Chain, name: str) -> list[str]:
    """Name the services that must be done before this one has answered."""
    steps = (step for _, step in every_step(chain.services[name].steps))
    return [asked for step in steps if not isinstance(step, Tell) for _, asked in requests_of(step)]


def _has_branches(chain: Chain, name: str) -> bool:
    return any(isinstance(step, Together) for _, step in every_step(chain.services[name].steps))


def _flow(chain: Chain, name: str, answers: Numbers) -> Flow:
    service = chain.services[name]
    speed = max(chain.actors[actor].speed or 1.0 for actor in service.actors)
    return flow_of(service.steps, chain.unit, speed, answers)


def _solved(group: list[str], flows: dict[str, Flow], answers: Numbers) -> Numbers:
    """Solve one circle, when the answers of all it leads to are known."""
    own: Numbers = {}
    inside: dict[str, Numbers] = {name: {} for name in group}
    for name in group:
        flow = flows[name]
        own[name] = flow.work_before + flow.pause_before
        for kind in (flow.asks_before, flow.hand_offs):
            for asked, number in kind.items():
                if asked in inside:
                    inside[name][asked] = inside[name].get(asked, 0.0) + number
                elif number and answers[asked]:
                    own[name] += number * answers[asked]
    return Totals(inside).of(own) if any(inside.values()) else own
