"""From an activity graph to steps: a graph has arrows, steps have lists inside lists.

Or-forks become `choose` up to where the ways meet again, and-forks `together`, loops a geometric number of rounds.
Where ways do not all meet in one or-join, what follows is written once for each. The traps are the and-forks:
branches must nest, an answer cannot come from inside one, and a branch that joins nowhere goes on beside all
that follows, until the thread takes its next request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from servicechain.errors import shown
from servicechain.lqn.hosts import Steps
from servicechain.lqn.merging import merges
from servicechain.lqn.network import Activity, Entry, Graph, Precedence
from servicechain.lqn.slices import geometric, one_of

DEEPEST = 8
MOST_ACTIVITIES = 5_000
_TOO_DEEP = f"forks and loops are nested deeper than {DEEPEST} levels here; divide the task"


@dataclass(frozen=True)
class Way:
    """What is done from one place of the graph on.

    Attributes
    ----------
    steps : list
    stop : Precedence or None
        The precedence it came to; None at the end of the graph.
    answers : int
        How often the entry is answered on the way.
    name : str or None
        The activity that comes next, instead of a precedence.
    joined : bool
        Whether `stop` is an and-join all of whose branches have been walked, so that it can be passed.
    """

    steps: Steps
    stop: Precedence | None = None
    answers: int = 0
    name: str | None = None
    joined: bool = False


class Walk:
    """Walks through the graph of a task, for one entry after another.

    Parameters
    ----------
    graph : Graph
    do : callable
        Gives the steps of an activity; its second argument says whether the thread may do other things meanwhile.
    answer : callable
        Gives the steps that answer an entry; its second argument says whether nothing follows.
    """

    def __init__(
        self,
        graph: Graph,
        do: Callable[[Activity, bool], Steps],
        answer: Callable[[Entry, bool], Steps],
    ) -> None:
        self._graph = graph
        self._entry: Entry | None = None
        self._do = do
        self._answer = answer
        self._next = {name: precedence for precedence in graph.precedences for name in precedence.before}
        self._merges = merges(graph)
        self._walked = 0

    def steps(self, entry: Entry) -> Way:
        """Give everything an entry does.

        Raises
        ------
        ChainError
            If its forks cannot be written as lists inside lists.
        """
        self._entry = entry
        way = self._walk(Way([], name=self._graph.starts[entry.name]), None, False, 0)
        if way.stop is not None:
            way.stop.element.refuse("<pre-AND> joins what no <post-AND> has forked before; start its branches there")
        return way

    def _walk(self, start: Way, stop: Precedence | None, parallel: bool, depth: int) -> Way:
        """Walk on from a place to `stop`, to an and-join, or to the end."""
        at, steps, answers = start, list(start.steps), 0
        while at.name is not None or at.stop is not None:
            if at.stop is not None and not at.joined and (at.stop is stop or at.stop.joins == "pre-AND"):
                break
            if at.name is not None:
                at = self._activity(at.name, parallel)
            elif at.stop is not None:
                at = self._over(at.stop, stop, parallel, depth)
            steps += at.steps
            answers += at.answers
        return Way(steps, at.stop, answers)

    def _activity(self, name: str, parallel: bool) -> Way:
        self._count(name)
        after = self._next.get(name)
        steps = self._do(self._graph.activities[name], parallel)
        entry = self._entry
        if entry is None or entry.name not in self._graph.replies.get(name, ()):
            return Way(steps, after)
        return Way([*steps, *self._answer(entry, after is None or after.forks is None)], after, 1)

    def _over(self, at: Precedence, stop: Precedence | None, parallel: bool, depth: int) -> Way:
        """Go over a precedence."""
        if depth > DEEPEST:
            at.element.refuse(f"forks and loops are nested deeper than {DEEPEST} levels here; divide the task")
        match at.forks:
            case "post":
                return Way([], name=at.after[0])
            case "post-LOOP":
                return self._loop(at, parallel, depth)
            case "post-OR":
                return self._or(at, stop, parallel, depth)
            case "post-AND":
                return self._and(at, depth)
        return Way([])

    def _branch(self, name: str, stop: Precedence | None, parallel: bool, depth: int) -> Way:
        return self._walk(Way([], name=name), stop, parallel, depth + 1)

    def _loop(self, at: Precedence, parallel: bool, depth: int) -> Way:
        ways = []
        for name, weight in zip(at.after, at.weights, strict=True):
            way = self._branch(name, None, parallel, depth)
            if way.stop is not None:
                way.stop.element.refuse(f"the loop that begins with {shown(name)} leads out of itself; end it before")
            if way.answers:
                at.element.refuse("an answer inside a loop could come more than once; answer after the loop")
            if weight > 0:
                ways.append((weight, name, way.steps))
        return Way(geometric(sum(at.weights), one_of(ways)) if ways else [], name=at.end)

    def _or(self, at: Precedence, stop: Precedence | None, parallel: bool, depth: int) -> Way:
        meeting = self._merges[at] or stop
        ways = [self._branch(name, meeting, parallel, depth) for name in at.after]
        if len({way.stop for way in ways}) > 1:
            at.element.refuse("some of its ways lead to a join and others do not; let all of them meet in a <pre-OR>")
        if len({way.answers for way in ways}) > 1:
            at.element.refuse("the entry is answered on some ways only; add a <reply-activity> on the others")
        options = [
            (weight, name, way.steps) for weight, name, way in zip(at.weights, at.after, ways, strict=True) if weight
        ]
        return Way(one_of(options), ways[0].stop, ways[0].answers)

    def _and(self, at: Precedence, depth: int) -> Way:
        ways = [self._branch(name, None, True, depth) for name in at.after]
        if any(way.answers for way in ways):
            at.element.refuse("an answer from inside a branch has no equal here; answer after the branches have joined")
        alone = [way.steps for way in ways if way.stop is None]
        joined = [way for way in ways if way.stop is not None]
        if not joined:
            return Way(_together(alone))
        join = joined[0].stop
        if any(way.stop is not join for way in joined) or join is None or len(join.before) != len(joined):
            at.element.refuse("its branches do not join as they were forked; let those of one <post-AND> join in one")
        together = Way(_together([way.steps for way in joined]), join, joined=True)
        if not alone:
            return together
        rest = self._walk(together, None, True, depth + 1)
        if rest.stop is not None or rest.answers:
            at.element.refuse(
                "while a branch that joins nowhere goes on, the others come to an answer or a join; join it"
            )
        return Way(_together([rest.steps, *alone]))

    def _count(self, name: str) -> None:
        self._walked += 1
        if self._walked > MOST_ACTIVITIES:
            self._graph.activities[name].element.refuse(
                f"written as steps its graph has more than {MOST_ACTIVITIES} activities, because ways that do not "
                "meet repeat what follows; let them meet in a <pre-OR>"
            )


def _together(branches: list[Steps]) -> Steps:
    kept = [branch for branch in branches if branch]
    return kept[0] if len(kept) == 1 else [{"together": kept}] if kept else []
