"""Attribution: every minute a customer waits goes to whoever causes it, at every instant.

At each instant a waiting customer's time flows along the wait-for graph until it reaches somebody who works or
pauses, who is absent, or what has failed; where it meets several servers, or several branches, it is shared
equally. So the parts add up to the wait, for every single customer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from servicechain.causes import Cause, Paths
from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.breakdowns import Repair
from servicechain.engines.reference.cause_clocks import Mark, Times, add
from servicechain.engines.reference.clock import Clock
from servicechain.engines.reference.plan import Plan
from servicechain.engines.reference.requests import HELD, OWN, Customer, Request
from servicechain.engines.reference.strands import Fork, Strand, Timed
from servicechain.engines.reference.teams import Team
from servicechain.engines.reference.wait_for import Clocks, Link, Node, Target, View
from servicechain.records import Moment
from servicechain.settings import Settings
from servicechain.units import TimeUnit, convert

LEAF_SECONDS = 10_000
"""A clock turns over a new leaf after so long, so that it keeps twelve digits of a second."""


class Account:
    """Where one customer's waiting has gone (`times`: queueing, held), and where it goes now."""

    __slots__ = ("customer_class", "mark", "since", "state", "story", "target", "times")

    def __init__(self, customer_class: int, now: float) -> None:
        self.customer_class = customer_class
        self.story: list[Moment] | None = None
        self.times: tuple[Times, Times] = ({}, {})
        self.state = OWN
        self.target: Target | None = None
        self.since = now
        self.mark: Mark | None = None


class Attribution:
    """Follows a run, and keeps every customer's account.

    Attributes
    ----------
    course : list of dict
        For each bucket of time, all waiting in it by class and path.
    """

    def __init__(self, clock: Clock, agenda: Agenda, plan: Plan, paths: Paths, settings: Settings) -> None:
        self._clock = clock
        self._edges = settings.edges
        self.course: list[dict[tuple[int, int], float]] = [{}]
        self._watched = settings.watched
        self._watches: Customer | None = None
        self.paths = paths
        self._clocks = Clocks(paths)
        self._leaf_length = convert(LEAF_SECONDS, TimeUnit.SECONDS, plan.unit)
        self._views = [View() for _ in plan.actors]
        self._lines: dict[tuple[int, ...], Node] = {}
        self._own = [[paths.number((actor.index, cause)) for cause in Cause] for actor in plan.actors]
        self._changed: dict[Node, None] = {}
        self._emptied: list[Node] = []
        self._touched: dict[Any, None] = {}
        agenda.touched = self._touched
        agenda.at_end = self.look

    # -- after every event --------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at everything that has changed."""
        touched = self._touched
        customers: dict[Customer, None] = {}
        while touched:
            thing = touched.popitem()[0]
            kind = type(thing)
            if kind is Request:
                self._look_at_request(thing)
                if thing.front:
                    customers[thing.origin] = None
            elif kind is Customer:
                customers[thing] = None
            elif kind is Team:
                self._look_at_team(thing)
            else:
                self._look_at_repair(thing)
        for customer in customers:
            self._look_at_customer(customer)
        if self._changed:
            self._read_anew()
        if self._watches is not None and self._watches.account is not None:
            self._settle(self._watches.account)
        if self._emptied:
            self._close_emptied()

    def _look_at_request(self, request: Request) -> None:
        line = self._line(request.service.actors) if request.waiting else None
        if line is not request.line:
            if line is not None:
                self._join(line)
            if request.line is not None:
                request.line.standing -= 1
                self._emptied.append(request.line)
            request.line = line
        target = self._target(request)
        if target != request.target:
            request.target = target
            asker = request.asker
            if asker is not None:
                self._touched[asker.owner] = None
        team = request.team
        if team is None:
            return
        if team.outage is not None:
            self._touched[team.outage] = None
        if target is not None and request.server >= 0 and team.outage is None:
            self._count(request, (self._views[team.index], target, 1))
        else:
            self._count(request, None)

    def _look_at_team(self, team: Team) -> None:
        for request in team.served:
            self._touched[request] = None
        if team.outage is not None:
            self._touched[team.outage] = None

    def _look_at_repair(self, repair: Repair) -> None:
        team = repair.team
        target: Target | None = None
        if not repair.over:
            if repair.doing is None:
                target = self._own[team.index][Cause.FAILURE]
            else:
                target = self._failed(team.index, repair.doing.target)
        if target != repair.target:
            repair.target = target
            if repair.server is None:
                self._look_at_team(team)
        present = 1 if repair.server is not None else _down(team)
        if target is not None and present > 0:
            self._count(repair, (self._views[team.index], target, present))
        else:
            self._count(repair, None)

    def _look_at_customer(self, customer: Customer) -> None:
        account = customer.account
        if account is None:
            return
        state = customer.state
        if state <= HELD:
            target = self._waits(customer.main, None)
        else:
            target = None
            _rest(customer.main)
        if target == account.target and state == account.state:
            return
        self._settle(account)
        account.target, account.state, account.since = target, state, self._clock.now
        if type(target) is Link:
            self._clocks.bring(target.node, account.since)
            account.mark = target.node.clock.mark()

    # -- accounts -----------------------------------------------------------------------------------------------

    def open(self, customer: Customer) -> None:
        """Open the account of a customer who comes."""
        customer.account = Account(customer.index, self._clock.now)
        if self._watched == (customer.index, customer.number):
            customer.account.story = []
            self._watches = customer

    def close(self, customer: Customer) -> Account:
        """Close the account of a customer: where their time in line and the time held have gone."""
        account = customer.account
        assert account is not None
        self._settle(account)
        customer.account = None
        if customer is self._watches:
            self._watches = None
        return account

    def turn_bucket(self, customers: Iterable[Customer]) -> None:
        """Let the waiting from now on count in the next bucket of time."""
        for customer in customers:
            if customer.account is not None:
                self._settle(customer.account)
        self.course.append({})

    def _settle(self, account: Account) -> None:
        """Book the time that has passed, and begin anew."""
        target, now = account.target, self._clock.now
        passed = now - account.since
        if passed == 0:
            return
        gained: list[tuple[int, float]] = []
        if isinstance(target, Link):
            self._clocks.bring(target.node, now)
            assert account.mark is not None
            clock = target.node.clock
            gained = [*self._clocks.through(target, clock.since(account.mark))]
            account.mark = clock.mark()
        elif target is not None:
            gained.append((target, passed))
        if gained:
            times = account.times[account.state]
            for path, time in gained:
                add(times, path, time)
        if self._edges:
            bucket = self.course[-1]
            for path, time in gained:
                key = account.customer_class, path
                bucket[key] = bucket.get(key, 0.0) + time
        if account.story is not None:
            account.story.append(Moment(account.since, now, account.state, dict(gained)))
        account.since = now

    # -- targets ------------------------------------------------------------------------------------------------

    def _target(self, request: Request) -> Target | None:
        """Tell where the time of somebody goes who waits for this request."""
        team = request.team
        if request.line is not None:
            if team is not None:
                _rest(request.main)
            return Link(request.line, (), False)
        if team is None or request.over:
            return None
        if request.server >= 0 and team.outage is not None:
            _rest(request.main)
            return team.outage.target
        waits = self._waits(request.main, team.index)
        if waits is None and request.working is not None:
            return self._own[team.index][Cause.WORK]
        return waits

    def _waits(self, strand: Strand, actor: int | None) -> Target | None:
        """Tell where the time goes of who walks here, by way of `actor`; None if they do something themselves."""
        doing = strand.doing
        if type(doing) is Request:
            target = doing.target
            if actor is None or target is None:
                return target
            return self._further(actor, target)
        if type(doing) is Timed:
            if actor is None or doing.by_server or doing.due is None:
                return None
            return self._own[actor][Cause.PAUSE]
        if type(doing) is Fork:
            return self._fork_waits(doing, actor)
        return None

    def _fork_waits(self, fork: Fork, actor: int | None) -> Target | None:
        waits = [self._waits(branch, actor) for branch in fork.branches if not branch.over]
        targets: dict[Target, int] = {}
        for target in waits:
            if target is not None:
                targets[target] = targets.get(target, 0) + 1
        if len(targets) <= 1:
            fork.node = None  # should there be several again, their clock begins anew
            return next(iter(targets), None)
        node = fork.node
        if node is None:
            node = fork.node = Node((), [View()])
            node.open(self._clock.now, self._leaf_length)
        view = node.views[0]
        if view.targets != targets:
            self._clocks.bring(node, self._clock.now)
            view.targets, view.present = targets, sum(targets.values())
            view.links = sum(count for target, count in targets.items() if type(target) is Link)
            self._changed[node] = None
        return Link(node, (), False)

    def _further(self, actor: int, target: Target) -> Target:
        if isinstance(target, Link):
            return Link(target.node, (actor, *target.by), target.failed)
        return self.paths.after(actor, target)

    def _failed(self, actor: int, target: Target | None) -> Target | None:
        if target is None:
            return None
        if isinstance(target, Link):
            return Link(target.node, (actor, *target.by), True)
        return self.paths.after(actor, self.paths.failed(target))

    # -- lines --------------------------------------------------------------------------------------------------

    def _line(self, actors: tuple[int, ...]) -> Node:
        line = self._lines.get(actors)
        if line is None:
            same = tuple(sorted(actors))  # whoever offers it in another order serves the same line
            line = self._lines.get(same) or Node(same, [self._views[actor] for actor in same])
            self._lines[actors] = self._lines[same] = line
        return line

    def _join(self, line: Node) -> None:
        if line.standing == 0 and not line.is_open:
            line.open(self._clock.now, self._leaf_length)
            self._changed[line] = None
        line.standing += 1

    def _count(self, holder: Any, counted: tuple[View, Target, int] | None) -> None:
        """Count servers under another target, or no more; lines that they serve are brought up to now before."""
        before = holder.counted
        if before == counted:
            return
        holder.counted = counted
        for change, sign in ((before, -1), (counted, 1)):
            if change is not None:
                view, target, servers = change
                for line in view.lines:
                    self._clocks.bring(line, self._clock.now)
                    self._changed[line] = None
                view.change(target, sign * servers)

    def _read_anew(self) -> None:
        """Look at the clocks behind the lines whose servers have changed."""
        now = self._clock.now
        for node in self._changed:
            for other in node.behind():
                self._clocks.bring(other, now)
            self._clocks.read(node, now)
        self._changed.clear()

    def _close_emptied(self) -> None:
        for line in self._emptied:
            if line.standing == 0 and line.is_open:
                line.close()
        self._emptied.clear()


def _down(team: Team) -> int:
    """Tell how many servers are there when all are down; of an unlimited number those that have something in hand."""
    return int(team.busy or 1) if math.isinf(team.on_duty) else int(max(team.on_duty, team.busy))


def _rest(strand: Strand) -> None:
    """Let the clocks of branches side by side rest: nobody waits for them; when somebody does, they begin anew."""
    fork = strand.doing
    if type(fork) is Fork:
        fork.node = None
        for branch in fork.branches:
            _rest(branch)
