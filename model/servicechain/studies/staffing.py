"""How many, and when: the cheapest staff that meets some goals, or the best service for some money.

The search looks at many plans and keeps the one that looked best, so the numbers it has seen flatter that plan: that is
the trap (the winner's curse). So the plans that are told of are simulated once more with random numbers the search
never saw, and all that is told comes from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servicechain.base import check_positive, check_whole
from servicechain.chain import Chain
from servicechain.errors import Mistake, shown
from servicechain.settings import Settings
from servicechain.studies.frontier import frontier, thinned
from servicechain.studies.goals import Goal, Verdict, parse_goals
from servicechain.studies.plan import ROUND
from servicechain.studies.staff_book import MOST, STRANDED, Book, Evaluator, Tell, Yardstick
from servicechain.studies.staff_result import Check, Staffing, staffing_of
from servicechain.studies.staff_search import Found, best_within, cheapest, outlook, upwards
from servicechain.studies.staff_space import Staff, StaffSpace, space_of

if TYPE_CHECKING:
    from servicechain.studies.ledger import Ledger

FRESH = 2**20
"""The number of the first replication of the check; no search gets so far."""

SHOWN = 10
"""So many plans of the frontier are checked and told at most."""

CHECKED = 4
"""The check begins with so many times the replications the search begins with."""

RESERVE = 8
"""So many dearer plans are checked besides, one after the other, if the one found does not pass."""

USUAL = ("below", "wait")


def staffing(
    chain: Chain,
    goals: str | Goal | Sequence[str | Goal] = (),
    *,
    budget: float | None = None,
    actors: Sequence[str] | None = None,
    between: Mapping[str, tuple[int, int]] | None = None,
    customers: int | None = None,
    until: float | str | None = None,
    warm_up: float | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    ledger: Ledger | str | Path | None = None,
    executor: object = None,
    workers: int | None = None,
    progress: Tell | None = None,
) -> Staffing:
    """Find the cheapest staff that meets all goals, and what more or less money would buy.

    Parameters
    ----------
    chain : Chain
    goals : str, Goal or sequence of them
        Such as ``"customers.guest.below <= 10%"``; a metric alone is to be as good as possible, within a budget.
    budget : float, optional
        Per day: without a goal that says how much is enough, the best service within it; with one, the cheapest
        staff that meets it if that is within the budget, else the best service within it.
    actors : sequence of str, optional
        Who may change; by default all teams with a wage.
    between : mapping from str to (int, int), optional
        The least and the most of an actor, or of one of its shifts (``"receptionist.shifts.0"``).
    customers, until, warm_up, seed, engine, workers
        As for `servicechain.run`.
    replications : int, optional
        With how many each plan begins, 24 by default; up to 16 times as many where a goal is undecided.
    ledger : Ledger, str or Path, optional
        Where every finished block is kept: the same search goes on from there.
    executor : str, concurrent.futures.Executor or distributed.Client, optional
        Who does it, as for `servicechain.study`.
    progress : callable, optional
        Told now and then in a few words what has been done.

    Returns
    -------
    Staffing

    Raises
    ------
    ChainError
        If a file the chain names cannot be read.
    Mistake
        If a goal, a range or a setting breaks a rule.
    RunError
        If there is no such engine, or a simulation cannot go on.
    FileProblem
        If the ledger cannot be used.
    """
    from servicechain.engines import chosen
    from servicechain.studies.ledger import Ledger
    from servicechain.studies.staff_runs import Means, PlanRunner
    from servicechain.volume import expected_requests

    if not isinstance(chain, Chain):
        raise Mistake(f"staffing takes a Chain, got {shown(chain)}; read a file with servicechain.read(…) first")
    chain = chain.loaded()
    first = check_whole(ROUND if replications is None else replications, "replications", 2)
    settings = Settings.of(chain, customers=customers, until=until, warm_up=warm_up, replications=first, seed=seed)
    measured = _goals(chain, goals, budget)
    money = None if budget is None else check_positive(budget, "a budget (per day)")
    space = space_of(chain, settings, actors, between)
    # about as much as a search takes: some plans, each a few times
    name = chosen(chain, engine, 30 * expected_requests(chain, settings))
    asked = Asked(space, Yardstick(measured, tuple(chain.customers)), money, first)
    kept = Ledger.open(ledger) if isinstance(ledger, (str, Path)) else ledger
    try:
        means = Means(settings, name, f"Staff of {chain.chain}", executor, kept, workers)
        runner = PlanRunner(space, means, measured)
        check = searched(asked, runner, progress)
        worst = check.best if check.best is not None else space.top
        return staffing_of(check, settings, name, runner.causes(worst))
    finally:
        if kept is not None and kept is not ledger:
            kept.close()


@dataclass(frozen=True)
class Asked:
    """What is looked for.

    Attributes
    ----------
    space : StaffSpace
    yardstick : Yardstick
    budget : float or None
        Per day.
    first : int
        Replications a plan begins with.
    """

    space: StaffSpace
    yardstick: Yardstick
    budget: float | None = None
    first: int = ROUND

    @property
    def enough(self) -> bool:
        """Whether any goal says how much is enough."""
        return any(goal.bound is not None for goal in self.yardstick.goals)


def searched(asked: Asked, evaluator: Evaluator, progress: Tell | None = None) -> Check:
    """Search with whoever knows what becomes of a plan, and check what was found with fresh numbers."""
    book = Book(evaluator, asked.space, asked.yardstick, asked.first, tell=_said(progress, "searching"))
    found, within = Found(None), None
    if asked.enough:
        found = cheapest(book)
    if asked.budget is not None and (found.best is None or book.cost(found.best) > asked.budget):
        within = best_within(book, asked.budget)
    pick = within.best if within is not None and within.best is not None else found.best
    middle = pick if pick is not None else _closest(book)
    outlook(book, middle)
    if found.best is not None and found.best != middle:
        outlook(book, found.best)
    plans = _worth_checking(book, asked, found, middle)
    check = Book(
        evaluator,
        asked.space,
        asked.yardstick,
        CHECKED * asked.first,
        FRESH,
        MOST // CHECKED,
        len(plans) + RESERVE + 1,
        _said(progress, "checking with fresh numbers"),
    )
    check.look(plans)
    meeting = _first_that_passes(check, book, plans, found) if asked.enough else None
    best = meeting
    if asked.budget is not None and (meeting is None or check.cost(meeting) > asked.budget):
        best = None if within is None else _within(check, within.best, asked.budget)
    if best is not None and meeting != best:
        check.judged(best)
    return Check(book, check, asked.budget, found, within, meeting, best)


def _goals(chain: Chain, goals: Any, budget: float | None) -> tuple[Goal, ...]:
    from servicechain.running import facts_of
    from servicechain.studies.measures import columns_of, extra_columns_of

    facts = facts_of(chain)
    columns = (*columns_of(facts), *extra_columns_of(facts))
    wanted = [goals] if isinstance(goals, (str, Goal)) else list(goals)
    if not wanted and budget is None:
        example = f"customers.{facts.classes[0].name}.{'below' if facts.classes[0].tolerance else 'wait'}"
        raise Mistake(
            f"there is no goal; name one, e.g. '{example} <= {'10%' if 'below' in example else 5}', or a budget"
        )
    if not wanted:
        there = (f"customers.{each.name}.{name}" for name in USUAL for each in facts.classes)
        wanted = [next(metric for metric in there if metric in columns)]
    found = parse_goals(wanted, columns, chain.unit)
    if budget is None and not any(goal.bound is not None for goal in found):
        raise Mistake(
            f"'{found[0].metric}' says what matters, not how much is enough; write e.g. "
            f"'{found[0].metric} {'<=' if found[0].at_most else '>='} 0.1', or name a budget"
        )
    return found


def _said(progress: Tell | None, words: str) -> Tell | None:
    return None if progress is None else lambda text: progress(f"{words}: {text}")


def _closest(book: Book) -> Staff:
    """Give the plan that comes nearest to the goals."""
    space = book.space
    plans = [plan for plan in book.plans if space.holds(plan)]
    return min(plans, key=lambda plan: (book.need(plan), space.order(plan)))


def _worth_checking(book: Book, asked: Asked, found: Found, middle: Staff) -> list[Staff]:
    """Choose the plans to be told of: the frontier about what was found, today, and who may be cheaper still."""
    space = asked.space
    known = [plan for plan in book.plans if space.holds(plan) and book.need(plan) < STRANDED]
    edge = frontier(known, lambda plan: (book.price(plan), *book.misses(plan)))
    plans = {*thinned(edge, middle, SHOWN), middle, space.base}
    if found.best is not None:
        plans.add(found.best)
    elif asked.enough:
        plans.add(space.top)
    if found.undecided:
        plans.add(min(found.undecided, key=space.order))
    return sorted(plans, key=book.order)


def _first_that_passes(check: Book, book: Book, plans: Sequence[Staff], found: Found) -> Staff | None:
    """Judge plans from the cheapest on until one meets the goals; if none does, add where it helps most, and on."""
    top = check.space.top
    near = [plan for plan in plans if check.space.holds(plan) and (plan != top or found.best in (top, None))]
    for plan in sorted(near, key=check.order):
        if check.judged(plan) is Verdict.MET:
            return plan
    if found.best is None:
        return None
    staff: Staff | None = found.best
    for place in range(RESERVE):
        for _ in range(2 ** (place // 2)):
            staff = None if staff is None else upwards(book, staff)
        staff = top if staff is None else staff
        if check.judged(staff) is Verdict.MET:
            return staff
    return top if check.judged(top) is Verdict.MET else None


def _within(check: Book, best: Staff | None, budget: float) -> Staff | None:
    """Take what the search found, if fresh numbers do not put it above the budget; else the best that is not."""
    fitting = [plan for plan in check.plans if check.space.holds(plan) and check.cost(plan) <= budget + 1e-6]
    if best in fitting:
        return best
    return min(fitting, key=lambda plan: (check.need(plan), check.space.order(plan)), default=None)
