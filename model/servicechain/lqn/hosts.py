"""Processors as actors, and how a thread gets its host demand from them.

A thread keeps its place in the task and stands in the processor's line anew whenever it has waited for an answer.
So what it does between is an `ask` of a service of the processor, and the thread is held meanwhile. Where nobody
can ever wait (an infinite processor, or one task with no more threads than there are processors) it is plain `work`
of the task, which says the same in fewer words. The traps: sending a message without waiting does not give the
processor away, so such messages are sent from inside the visit; and a server does one thing at a time, so in
parallel branches every visit is asked for, also of an infinite processor.
"""

from __future__ import annotations

import math
from typing import Any

from servicechain.errors import shown
from servicechain.lqn.names import Names
from servicechain.lqn.network import Activity, Network, Processor, Task
from servicechain.lqn.numbers import duration, tidy

Data = dict[str, Any]
Steps = list[Any]

_NO_EQUAL = {
    "ps": "processor sharing",
    "ps-hol": "processor sharing with priorities",
    "ps-pp": "processor sharing with priorities",
    "rand": "service in random order",
    "cfs": "completely fair scheduling",
}


class Hosts:
    """The processors of a network; keeps the actors and services they become.

    Parameters
    ----------
    network : Network
    actor_names, service_names : Names

    Attributes
    ----------
    actors, services : dict
        As a chain file holds them.

    Raises
    ------
    ChainError
        If slices can wait for a processor whose order of service has no equal.
    """

    def __init__(self, network: Network, actor_names: Names, service_names: Names) -> None:
        self.actors: Data = {}
        self.services: Data = {}
        self._actor_names = actor_names
        self._service_names = service_names
        self._processors = {processor.name: processor for processor in network.processors}
        self._named: dict[str, str] = {}
        self._asked: dict[tuple[str, str, str], str] = {}
        for processor in network.processors:
            _check_order(processor)

    def work(self, task: Task, activity: Activity, mean: float, parallel: bool) -> Steps:
        """Give the work of one slice of host demand with this mean; none for 0."""
        if mean == 0:
            return []
        own = self._works_itself(task, parallel) and task.is_customers
        return [{"work": duration(mean / self._processors[task.processor].speed if own else mean, activity.cvsq)}]

    def visit(self, task: Task, label: str, steps: Steps, parallel: bool) -> Steps:
        """Give the steps of a thread that works without waiting for anybody in between.

        Parameters
        ----------
        task : Task
        label : str
            What the work is called.
        steps : list
            Slices, and requests that wait for no answer.
        parallel : bool
            Whether the thread may be doing something else meanwhile.
        """
        if not steps or self._works_itself(task, parallel):
            return steps
        processor = self._processors[task.processor]
        key = (task.name, label, repr(steps))
        if key not in self._asked:
            service: Data = {"by": self._actor(processor), "steps": steps}
            if _by_priority(processor):
                service["priority"] = max(one.priority for one in processor.tasks) - task.priority
            self._asked[key] = self._add(f"{label} on {processor.name}", service)
        return [{"ask": self._asked[key]}]

    def _works_itself(self, task: Task, parallel: bool) -> bool:
        return self._processors[task.processor].never_busy and not parallel

    def think(self, task: Task, activity: Activity, label: str, parallel: bool) -> Steps:
        """Give the steps of an activity's think time, in which the thread does nothing."""
        if activity.think == 0:
            return []
        pause = {"pause": duration(activity.think, 1)}
        if not parallel:
            return [pause]
        key = (task.name, label, "think")
        if key not in self._asked:
            delay = f"{task.name} delays"
            if delay not in self._named:
                self._named[delay] = self._actor_names.give(delay)
                self.actors[self._named[delay]] = {"lane": "system", "capacity": "unlimited"}
            service = {"by": self._named[delay], "steps": [pause]}
            self._asked[key] = self._add(f"{label} thinks", service)
        return [{"ask": self._asked[key]}]

    def _add(self, wanted: str, service: Data) -> str:
        name = self._service_names.give(wanted)
        self.services[name] = service
        return name

    def _actor(self, processor: Processor) -> str:
        key = f"processor {processor.name}"
        if key not in self._named:
            name = self._actor_names.give(processor.name, "processor")
            self._named[key] = name
            self.actors[name] = {"lane": "system", "capacity": capacity(processor.servers)}
            if processor.speed != 1:
                self.actors[name]["speed"] = tidy(processor.speed)
            if _by_priority(processor) and processor.scheduling != "hol":
                self.actors[name]["preempt"] = True
        return self._named[key]


def capacity(servers: float) -> int | str:
    """Write a number of servers."""
    return "unlimited" if math.isinf(servers) else int(servers)


def _by_priority(processor: Processor) -> bool:
    levels = {task.priority for task in processor.tasks}
    return processor.scheduling in ("hol", "pp", "pri") and len(levels) > 1 and not math.isinf(processor.servers)


def _check_order(processor: Processor) -> None:
    if processor.scheduling in _NO_EQUAL and not processor.never_busy:
        processor.element.refuse(
            f"scheduling={shown(processor.scheduling)}: a server here works on one request at a time, and "
            f'{_NO_EQUAL[processor.scheduling]} has no equal; write scheduling="fcfs" if that will do'
        )
