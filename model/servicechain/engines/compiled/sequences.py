"""Steps, laid end to end: a program counter walks along them, and branches are jumps.

Each list of a service ends with FINISH, of a journey with LEAVE, of a branch of a `together` with BRANCH_ENDS. What
stands inside a step stands right after it::

    chance    CHANCE then… JUMP else…                 fails: to the first of `else`; JUMP: to the step after
    choose    CHOOSE way 0… JUMP way 1… JUMP way 2…   each way where `ways` says; JUMP: to the step after
    repeat    LOOP body… ROUND                        no more rounds: to the step after; ROUND: back to LOOP
    together  TOGETHER branch… BRANCH_ENDS branch…    each branch where `ways` says; then to the step after

The key of a draw is that of the path of its step, which names it among all steps of the chain whatever stands around
it: ``services/check in/2/then/0``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from servicechain.distributions import Discrete
from servicechain.engines.compiled.layout import (
    ASK,
    BRANCH_ENDS,
    CHANCE,
    CHOOSE,
    FINISH,
    HAND_OFF,
    JUMP,
    LEAVE,
    LOOP,
    NO_PRIORITY,
    NOBODY,
    PAUSE,
    REPLY,
    ROUND,
    STEP,
    TELL,
    TOGETHER,
    WORK,
)
from servicechain.engines.compiled.rows import rows_of, words
from servicechain.engines.compiled.variates import Variates
from servicechain.engines.draws import lineage, name_key, step_key
from servicechain.records import Block
from servicechain.steps import Ask, Chance, Choose, HandOff, Pause, Repeat, Steps, Tell, Together, Work
from servicechain.units import Quantity

_USUAL: dict[str, float] = {
    **dict.fromkeys(STEP.names or (), 0),
    **dict.fromkeys(("service", "under", "variate", "patience", "jump", "ways"), NOBODY),
    "priority": NO_PRIORITY,
    "at_most": math.inf,
}


class Sequences:
    """All steps of a chain, one after the other.

    Parameters
    ----------
    services : mapping from name to int
        The positions of the services.
    priorities : mapping from name to int
        What they have where nothing else is said.
    variates : Variates
        Takes what the steps draw.
    """

    def __init__(self, services: Mapping[str, int], priorities: Mapping[str, int], variates: Variates) -> None:
        self._services = services
        self._priorities = priorities
        self._variates = variates
        self._rows: list[dict[str, float]] = []
        self._ways: list[int] = []
        self._in_service = False
        self._asking: dict[int, list[dict[str, float]]] = {}
        self._own = NOBODY
        self._of_class: dict[str, int] = {}

    def service(self, name: str, steps: Steps) -> int:
        """Add the steps of a service, and tell where they begin."""
        self._in_service = True
        self._own = self._services[name]
        return self._whole(steps, f"services/{name}", FINISH)

    def journey(self, name: str, steps: Steps, priority: int, patience: int) -> int:
        """Add the steps of a class's journey, and tell where they begin; this is what it asks with, unless it says so.

        Priority and patience are those of the class.
        """
        self._in_service = False
        self._own = NOBODY
        self._of_class = {"priority": priority, "patience": patience}
        return self._whole(steps, f"customers/{name}", LEAVE)

    @property
    def steps(self) -> Block:
        """All steps, as STEP."""
        self._name_lineages()
        return rows_of(STEP, self._rows)

    @property
    def ways(self) -> Block:
        """Where the ways of choices and the branches begin, as WORD."""
        return words(self._ways)

    # -- lists ------------------------------------------------------------------------------------------------

    def _whole(self, steps: Steps, path: str, end: int) -> int:
        begins = len(self._rows)
        self._list(steps, path)
        self._add(end)
        return begins

    def _list(self, steps: Steps, path: str) -> None:
        for index, step in enumerate(steps):
            self._step(step, f"{path}/{index}")

    def _add(self, op: int, path: str | None = None, **fields: float) -> int:
        row = {**_USUAL, "op": op, **fields}
        if path is not None:
            row["key"] = name_key(path)
            row["first"] = step_key(int(row["key"]), 0)
        self._rows.append(row)
        return len(self._rows) - 1

    def _leads_here(self, *jumps: int) -> None:
        for jump in jumps:
            self._rows[jump]["jump"] = len(self._rows)

    def _name_lineages(self) -> None:
        """Write down the lineages of what is asked for, by the first way from a journey that leads there.

        The kernel works out those of other ways.
        """
        under = {NOBODY: 0}
        reached = [NOBODY]
        for own in reached:
            for row in self._asking.get(own, ()):
                row["under"] = under[own]
                row["lineage"] = lineage(under[own], int(row["key"]), 0)
                service = int(row["service"])
                if service not in under:
                    under[service] = int(row["lineage"])
                    reached.append(service)

    def _room_for_ways(self, count: int) -> int:
        """Reserve positions that follow each other, whatever stands inside the ways."""
        self._ways += [NOBODY] * count
        return len(self._ways) - count

    # -- steps ------------------------------------------------------------------------------------------------

    def _step(self, step: Any, path: str) -> None:
        match step:
            case Work():
                # what customers do themselves holds no server, so it is as a pause to the kernel
                self._add(WORK if self._in_service else PAUSE, path, variate=self._variates.of(step.work))
            case Pause():
                self._add(PAUSE, path, variate=self._variates.of(step.pause))
            case Ask():
                self._ask(step, path)
            case Tell():
                self._request(TELL, path, step.tell, self._priority(step.tell, step.priority))
            case HandOff():
                # the priority of a class goes before that of the service, and only whoever hands off knows whose it is
                self._request(HAND_OFF, path, step.hand_off, NO_PRIORITY if step.priority is None else step.priority)
            case Chance():
                self._chance(step, path)
            case Choose():
                self._choose(step, path)
            case Repeat():
                self._repeat(step, path)
            case Together():
                self._together(step, path)
            case _:
                self._add(REPLY, path)

    def _ask(self, step: Ask, path: str) -> None:
        patience = self._variates.of_optional(step.patience)
        priority = step.priority
        if not self._in_service:
            patience = self._of_class["patience"] if patience == NOBODY else patience
            if priority is None and self._of_class["priority"] != NO_PRIORITY:
                priority = self._of_class["priority"]
        self._request(ASK, path, step.ask, self._priority(step.ask, priority), patience)

    def _priority(self, service: str, own: int | None) -> int:
        return self._priorities[service] if own is None else own

    def _request(self, op: int, path: str, service: str, priority: int, patience: int = NOBODY) -> None:
        here = self._add(op, path, service=self._services[service], priority=priority, patience=patience)
        self._asking.setdefault(self._own, []).append(self._rows[here])

    def _chance(self, step: Chance, path: str) -> None:
        here = self._add(CHANCE, path, probability=step.chance)
        self._list(step.then, f"{path}/then")
        over = [self._add(JUMP)] if step.otherwise and _goes_on(step.then) else []
        self._leads_here(here)
        self._list(step.otherwise, f"{path}/else")
        self._leads_here(*over)

    def _choose(self, step: Choose, path: str) -> None:
        count = len(step.choose)
        positions = Discrete(
            values=tuple(Quantity(float(index)) for index in range(count)),
            weights=tuple(option.weight for option in step.choose),
        )
        ways = self._room_for_ways(count)
        self._add(CHOOSE, path, variate=self._variates.of(positions), ways=ways, count=count)
        over = []
        for index, option in enumerate(step.choose):
            self._ways[ways + index] = len(self._rows)
            self._list(option.steps, f"{path}/{index}")
            if index < count - 1 and _goes_on(option.steps):
                over.append(self._add(JUMP))
        self._leads_here(*over)

    def _repeat(self, step: Repeat, path: str) -> None:
        until = -1.0 if step.until is None else step.until
        times = self._variates.of_optional(step.times)
        at_most = math.inf if step.at_most is None else step.at_most
        here = self._add(LOOP, path, variate=times, at_most=at_most, probability=until)
        self._list(step.repeat, f"{path}/repeat")
        self._add(ROUND, path, jump=here, probability=until)
        self._leads_here(here)

    def _together(self, step: Together, path: str) -> None:
        count = len(step.together)
        ways = self._room_for_ways(count)
        here = self._add(TOGETHER, path, ways=ways, count=count, needed=step.needed)
        for index, branch in enumerate(step.together):
            self._ways[ways + index] = self._whole(branch, f"{path}/together/{index}", BRANCH_ENDS)
        self._leads_here(here)


def _goes_on(steps: Steps) -> bool:
    """Tell whether what stands after a list of steps can be reached from its end."""
    match steps[-1:]:
        case (HandOff(),):
            return False
        case (Chance() as step,):
            return _goes_on(step.then) or _goes_on(step.otherwise)
        case (Choose() as step,):
            return any(_goes_on(option.steps) for option in step.choose)
    return True
