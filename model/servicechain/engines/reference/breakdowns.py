"""Failures and repairs: when an actor, or one of its servers, breaks down, and what brings it back."""

from __future__ import annotations

from servicechain.engines.draws import mix, step_key
from servicechain.engines.reference.agenda import Agenda
from servicechain.engines.reference.clock import END, STAFF, Clock, Due
from servicechain.engines.reference.desk import Desk
from servicechain.engines.reference.disruptions import Disruptions
from servicechain.engines.reference.floor import Floor
from servicechain.engines.reference.keyed import Draws
from servicechain.engines.reference.plan import STREAM_FAILURE, STREAM_REPAIR, FailurePlan, Variate
from servicechain.engines.reference.requests import Request
from servicechain.engines.reference.teams import Team
from servicechain.engines.reference.wait_for import Target, View

_FAILURE_KEY = step_key(STREAM_FAILURE, 0)
_REPAIR_KEY = step_key(STREAM_REPAIR, 0)


class Repair:
    """One failure: on whose behalf a repair is asked for, and who goes on when it is over.

    Attributes
    ----------
    team, server : Team and int or None
        What stands still; None: all servers.
    doing : Request or None
        What is asked for; None: it just lasts.
    over : bool
        All goes on again.
    """

    __slots__ = (
        "_breakdown",
        "counted",
        "doing",
        "drawn_as",
        "index",
        "key",
        "lineage",
        "number",
        "over",
        "server",
        "target",
        "team",
    )

    def __init__(self, breakdown: Breakdown, team: Team, server: int | None) -> None:
        self._breakdown = breakdown
        self.team = team
        self.server = server
        self.key = breakdown.key
        self.drawn_as = breakdown.drawn_as
        self.lineage = breakdown.lineage
        self.index = self.number = -1
        self.doing: Request | None = None
        self.over = False
        self.target: Target | None = None
        self.counted: tuple[View, Target, int] | None = None

    @property
    def owner(self) -> Repair:
        """Who goes on: nobody but itself."""
        return self

    def answered(self) -> None:
        """Be repaired."""
        self._breakdown.repaired()


class Breakdown:
    """The failures of a whole team, or of one of its servers.

    Attributes
    ----------
    failures : int
        How many there have been: the number of the next one.
    left : float or None
        Up-time that is left while the clock of failures stands; None while it runs or all is down.
    due : Due or None
        The next failure, while the clock of failures runs.
    """

    def __init__(self, team: Team, server: int, plan: FailurePlan, shop: Breakdowns) -> None:
        self._team = team
        self._server = server
        self._plan = plan
        self._shop = shop
        self.key = team.plan.key
        self.failures = 0
        self.due: Due | None = None
        self.left: float | None = None
        self._at_work = 0
        self._outage: Repair | None = None

    @property
    def drawn_as(self) -> int:
        """The number that keys the draws of the next failure."""
        return self._server << 32 | self.failures

    @property
    def lineage(self) -> int:
        """The lineage of the repair of the next failure."""
        return mix(mix(self.key, self._server), self.failures)

    def start(self) -> None:
        """Draw the time until the next failure, and let it run."""
        self.left = self._shop.drawn(self._plan.every, self, _FAILURE_KEY)
        if not self._plan.while_working or self._at_work:
            self._run()

    def _run(self) -> None:
        assert self.left is not None
        self.due = self._shop.clock.after(self.left, STAFF, self._fail, None)
        self.left = None

    def working(self) -> None:
        """Let the clock of failures run, one more works."""
        self._at_work += 1
        if self._at_work == 1 and self.left is not None:
            self._run()

    def resting(self, now: float) -> None:
        """Let the clock of failures stand if nobody works any more."""
        self._at_work -= 1
        if self._at_work == 0 and self.due is not None:
            self.due.call_off()
            self.left = self.due.time - now
            self.due = None

    def _fail(self, _: Due) -> None:
        self.due = None
        disruptions, plan = self._shop.disruptions, self._plan
        if plan.by_server:
            disruptions.server_fails(self._team, self._server, plan.restarts)
        else:
            disruptions.all_fail(self._team, plan.restarts)
        self._outage = Repair(self, self._team, self._server if plan.by_server else None)
        if not plan.by_server:
            self._team.outage = self._outage
        self._shop.agenda.touch(self._outage)
        self._repair(self._outage)
        self._shop.agenda.carry_out()

    def _repair(self, outage: Repair) -> None:
        shop, plan = self._shop, self._plan
        if plan.service is not None:
            shop.desk.repair(plan.service, outage)
            return
        assert plan.lasts is not None
        shop.floor.repairs_now += 1
        shop.clock.after(shop.drawn(plan.lasts, self, _REPAIR_KEY), END, self._lasted, None)

    def _lasted(self, _: Due) -> None:
        self._shop.floor.repairs_now -= 1
        self.repaired()
        self._shop.agenda.carry_out()

    def repaired(self) -> None:
        """Go on, until the next failure."""
        self.failures += 1
        assert self._outage is not None
        self._outage.over = True
        self._shop.agenda.touch(self._outage)
        self._team.outage = self._outage = None
        if self._plan.by_server:
            self._shop.disruptions.server_repaired(self._team, self._server)
        else:
            self._shop.disruptions.all_repaired(self._team)
        self.start()


class Breakdowns:
    """All that can fail."""

    def __init__(
        self, clock: Clock, agenda: Agenda, draws: Draws, floor: Floor, desk: Desk, disruptions: Disruptions
    ) -> None:
        self.clock = clock
        self.agenda = agenda
        self.floor = floor
        self.desk = desk
        self.disruptions = disruptions
        self._draws = draws

    def open(self, team: Team) -> None:
        """Let the failures of a team come, if it has any."""
        plan = team.plan.failures
        if plan is None:
            return
        servers = range(int(team.plan.servers)) if plan.by_server else range(1)
        all_of_them = [Breakdown(team, server, plan, self) for server in servers]
        if plan.while_working:
            team.watch = _Watch(all_of_them, plan.by_server)
        for breakdown in all_of_them:
            breakdown.start()

    def drawn(self, variate: Variate, breakdown: Breakdown, key: int) -> float:
        """Draw how long something lasts for the next failure of a breakdown."""
        return self._draws.variate(variate, breakdown.key, breakdown.drawn_as, breakdown.lineage, key)


class _Watch:
    """Tells the clocks of failures who works."""

    def __init__(self, breakdowns: list[Breakdown], by_server: bool) -> None:
        self._breakdowns = breakdowns
        self._by_server = by_server

    def working(self, server: int) -> None:
        self._breakdowns[server if self._by_server else 0].working()

    def resting(self, server: int, now: float) -> None:
        self._breakdowns[server if self._by_server else 0].resting(now)
