"""From a layered queueing network to the data of a chain; the table of what becomes what is in the package."""

from __future__ import annotations

from typing import Any

from servicechain.errors import shown
from servicechain.lqn.answers import Answers
from servicechain.lqn.hosts import Data, Hosts, Steps, capacity
from servicechain.lqn.names import Names
from servicechain.lqn.network import Activity, Entry, Network, Processor, Task
from servicechain.lqn.numbers import duration, tidy
from servicechain.lqn.slices import Visiting, one_of
from servicechain.lqn.walking import Walk


class Translation:
    """One network on its way to a chain.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    notes : list of str
        What a reader should know: names that were changed, what was given a meaning.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        actors, services, customers = Names(), Names(), Names()
        tasks = list(network.tasks())
        servers = [task for task in tasks if not task.is_customers]
        self._actors = {task.name: actors.give(task.name) for task in servers}
        self._classes = {task.name: actors.give(task.name, "customers") for task in tasks if task.is_customers}
        self._services = {entry.name: services.give(entry.name) for task in servers for entry in task.entries}
        self._arrivals = {
            entry.name: actors.give(f"{entry.name} arrivals")
            for task in servers
            for entry in task.entries
            if entry.rate
        }
        self._hosts = Hosts(network, actors, services)
        self._answers = Answers(network, self._services)
        self._asked_for = {
            call.dest for task in tasks for activity in task.activities() for call in activity.calls if call.waits
        }
        self._asked_for |= {forward.dest for task in tasks for entry in task.entries for forward in entry.forwards}
        self._names = (actors, services, customers)
        self._walks: dict[str, Walk] = {}
        self.notes: list[str] = []

    def data(self) -> Data:
        """Give the data of the chain.

        Raises
        ------
        ChainError
            For what has no equal in a chain, with its place.
        """
        actors: Data = {}
        services: Data = {}
        customers: Data = {}
        for processor in self._network.processors:
            for task in processor.tasks:
                if task.is_customers:
                    customers[self._classes[task.name]] = self._customers(task)
                    continue
                actors[self._actors[task.name]] = _actor(task, processor)
                for entry in task.entries:
                    services[self._services[entry.name]] = self._service(task, entry)
                    if entry.rate:
                        customers[self._arrivals[entry.name]] = self._open(entry)
        self._tell()
        return {
            "chain": self._network.name,
            **({"about": self._network.about} if self._network.about else {}),
            "unit": "seconds",
            "actors": {**actors, **self._hosts.actors},
            "services": {**services, **self._hosts.services},
            "customers": customers,
        }

    def _tell(self) -> None:
        self.notes.append("a layered queueing network names no unit of time: all numbers are taken as seconds")
        for names in self._names:
            self.notes += [f"{shown(wanted)} is called {shown(given)} in the chain" for wanted, given in names.changed]

    def _customers(self, task: Task) -> Data:
        ways = [(1.0, entry.name, self._steps(task, entry)) for entry in task.entries]
        journey = one_of(ways)
        if not any(steps for _, _, steps in ways):
            task.element.refuse("its customers do nothing; give them a host demand or a call")
        think = duration(task.think, 1) if task.think else 0
        return {"arrivals": {"population": int(task.threads), "think": think}, "journey": journey}

    def _open(self, entry: Entry) -> Data:
        if entry.forwards:
            entry.element.refuse(
                f"open-arrival-rate={shown(entry.element.attributes['open-arrival-rate'])}: open arrivals wait for no "
                "answer that could be forwarded; let a task in front call it"
            )
        return {
            "arrivals": f"poisson(rate={tidy(entry.rate)}/s)",
            "journey": self._answers.ask(entry.name),
        }

    def _service(self, task: Task, entry: Entry) -> Data:
        service: Data = {"by": self._actors[task.name], "steps": self._steps(task, entry)}
        levels = {one.priority for one in task.entries}
        if task.scheduling in ("hol", "pri") and len(levels) > 1:
            service["priority"] = max(levels) - entry.priority
        return service

    def _steps(self, task: Task, entry: Entry) -> Steps:
        return self._phases(task, entry) if entry.phases is not None else self._graph(task, entry)

    def _phases(self, task: Task, entry: Entry) -> Steps:
        phases = {phase: activity for phase, activity in (entry.phases or {}).items() if activity.does_something}
        parts = {
            phase: self._activity(task, activity, entry.name if len(phases) == 1 else f"{entry.name} phase {phase}")
            for phase, activity in phases.items()
        }
        later = [step for phase, steps in parts.items() if phase > 1 for step in steps]
        answer = [] if task.is_customers else self._answers.answer(entry, last=not later)
        return [*parts.get(1, []), *answer, *later]

    def _graph(self, task: Task, entry: Entry) -> Steps:
        if task.graph is None:
            return []
        if task.name not in self._walks:

            def do(activity: Activity, parallel: bool) -> Steps:
                return self._activity(task, activity, activity.name, parallel)

            self._walks[task.name] = Walk(task.graph, do, self._answers.answer)
        way = self._walks[task.name].steps(entry)
        if way.answers > 1:
            entry.element.refuse(f"it is answered {way.answers} times on one way; keep one <reply-activity>")
        if way.answers == 0 and (entry.name in self._asked_for or entry.forwards):
            entry.element.refuse("somebody waits for its answer, and no activity gives one; add a <reply-activity>")
        return way.steps

    def _activity(self, task: Task, activity: Activity, label: str, parallel: bool = False) -> Steps:
        visiting = Visiting(
            lambda mean: self._hosts.work(task, activity, mean, parallel),
            lambda steps: self._hosts.visit(task, label, steps, parallel),
            self._answers.call,
        )
        return [*self._hosts.think(task, activity, label, parallel), *visiting.steps_of(activity)]


def _actor(task: Task, processor: Processor) -> dict[str, Any]:
    actor: dict[str, Any] = {"lane": "system", "capacity": capacity(task.threads)}
    if processor.never_busy and processor.speed != 1:
        actor["speed"] = tidy(processor.speed)
    return actor
