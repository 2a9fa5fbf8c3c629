"""The search for the cheapest staff that meets the goals, and for the best service within a budget.

Up: while a goal is missed, those who are to blame for most waiting per euro are tried first, and the one whose one
more server helps most per euro is taken. Down: while all goals are met, one less is tried where it harms least per
euro, and then swaps of dear for cheap. Where few cheaper plans are left, every one of them is excluded: simulated, or
with nowhere more staff than one that surely fails. That is exact if more staff never turns a met goal into a missed
one, which is the trap: in a chain more receptionists may only push guests on to a system that is full.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from servicechain.studies.goals import Floats, Verdict
from servicechain.studies.staff_book import STRANDED, Book
from servicechain.studies.staff_space import Staff

WIDTH = 3
"""So many of those most to blame are tried first."""

EXHAUSTIVE = 300
"""So many plans are simulated at most to exclude all that is cheaper; where that is not enough, the search is local."""

BATCH = 4
"""So many of them are simulated side by side."""

ENUMERABLE = 50_000
"""A space of more plans is never listed."""

SWAPS = 8
"""So many of the swaps that look best are simulated."""

OUTLOOK = 3
"""So many steps on either side of the best plan are looked at, for the frontier."""

_STEPS = 500


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    best : Staff or None
        The plan; None if none meets the goals (or the budget).
    exact : bool
        Whether all cheaper plans (or all within the budget) are excluded.
    undecided : tuple of Staff
        Cheaper plans of which nobody could tell.
    """

    best: Staff | None
    exact: bool = False
    undecided: tuple[Staff, ...] = ()


def cheapest(book: Book) -> Found:
    """Find the cheapest plan that meets all goals."""
    space = book.space
    starts = sorted({space.inside(space.base), space.likely}, key=space.order)
    book.look([space.base, *starts, space.top])
    best = next((staff for staff in starts if book.judged(staff) is Verdict.MET), None)
    if best is None:
        best = _climb(book, min(starts, key=lambda staff: (book.need(staff), space.order(staff))))
    if best is None and book.judged(space.top) is Verdict.MET:
        best = space.top
    if best is None:
        return _none(book)
    return _excluded(book, _descend(book, best))


def best_within(book: Book, budget: float) -> Found:
    """Find the plan with the best service whose cost is within a budget per day."""
    space = book.space
    staff: Staff | None = space.inside(space.base)
    book.look([space.base, space.top])
    while staff is not None and not _affordable(book, staff, budget):
        staff = _downwards(book, staff)
    if staff is None:
        return Found(None, True)
    staff = _fill(book, staff, budget)
    return _all_within(book, staff, budget)


def outlook(book: Book, best: Staff) -> None:
    """Look at what a little more and a little less money buys, beside a plan."""
    for direction in (upwards, _downwards):
        staff: Staff | None = best
        for _ in range(OUTLOOK):
            staff = None if staff is None else direction(book, staff)


def _none(book: Book) -> Found:
    """Tell that nothing was found; surely so if even the largest staff surely fails."""
    return Found(None, book.judged(book.space.top) is Verdict.FAILING)


def _climb(book: Book, staff: Staff) -> Staff | None:
    """Add staff until all goals are met; None if there is no more to add."""
    for _ in range(_STEPS):
        if book.judged(staff) is Verdict.MET:
            return staff
        ups = _moves(book, staff, 1)
        if not ups:
            return None
        staff = _most_helpful(book, staff, ups)
    return None


def _most_helpful(book: Book, staff: Staff, ups: Sequence[Staff]) -> Staff:
    """Choose the step that helps most per euro, those first who are most to blame per euro."""
    blame = book.blame(staff)
    ranked = sorted(ups, key=lambda plan: (-_per_euro(book, _blamed(blame, staff, plan), staff, plan), plan))
    for tried in (ranked[:WIDTH], ranked):
        book.look(tried)
        best = max(tried, key=lambda plan: _gain(book, staff, plan))
        if _gain(book, staff, best) > 0:
            return best
    # nothing helps by itself: follow the blame, or the load where nobody could tell who is to blame
    lacking = sorted(
        ranked, key=lambda plan: -max(book.space.likely[place] - staff[place] for place in _changed(staff, plan))
    )
    return ranked[0] if any(blame) else lacking[0]


def _blamed(blame: Sequence[float], staff: Staff, plan: Staff) -> float:
    return math.fsum(blame[place] for place in _changed(staff, plan))


def _changed(staff: Staff, plan: Staff) -> list[int]:
    return [place for place, (old, new) in enumerate(zip(staff, plan, strict=True)) if old != new]


def _per_euro(book: Book, gain: float, staff: Staff, plan: Staff) -> float:
    """Divide what changes by what it costs; what costs nothing counts as a cent."""
    return gain / max(0.01, abs(book.space.cost(plan) - book.space.cost(staff)))


def _gain(book: Book, staff: Staff, plan: Staff) -> float:
    before, after = book.need(staff), book.need(plan)
    if math.isinf(after):
        return 0.0
    # from what was not even defined any number is a gain, the smallest the most
    gain = 10 * STRANDED - after if math.isinf(before) else before - after
    return _per_euro(book, gain, staff, plan)


def _moves(book: Book, staff: Staff, sign: int) -> list[Staff]:
    """List the plans one step up or down: by one, and of many by more."""
    found = []
    for place, lever in enumerate(book.space.levers):
        stride = max(1, math.isqrt(staff[place]) // 2)
        room = lever.high - staff[place] if sign > 0 else staff[place] - lever.low
        for by in sorted({min(stride, room), 1} if room > 0 else set(), reverse=True):
            found += [plan for plan in [book.space.moved(staff, (place, sign * by))] if plan is not None]
            if sign > 0:
                break  # upwards long steps do: what was too much is taken away again
    return found


def _descend(book: Book, staff: Staff) -> Staff:
    """Take away, and swap dear for cheap, while the goals stay met."""
    for _ in range(_STEPS):
        following = _first_met(book, _by_harm(book, staff, _moves(book, staff, -1)))
        if following is None:
            following = _first_met(book, _swaps(book, staff))
        if following is None:
            return staff
        staff = following
    return staff


def _by_harm(book: Book, staff: Staff, plans: Sequence[Staff]) -> list[Staff]:
    """Order plans by how much worse each is for every euro it saves; those that miss a goal are left out."""
    book.look(plans)
    good = [plan for plan in plans if book.need(plan) <= 0]
    return sorted(good, key=lambda plan: (_per_euro(book, book.need(plan) - book.need(staff), staff, plan), plan))


def _first_met(book: Book, plans: Iterable[Staff]) -> Staff | None:
    return next((plan for plan in plans if book.judged(plan) is Verdict.MET), None)


def _swaps(book: Book, staff: Staff) -> list[Staff]:
    """Give the cheaper plans with less of one and more of another that look best, the cheapest first."""
    found = [plan for plan in _exchanges(book, staff) if book.space.order(plan) < book.space.order(staff)]
    found = _likeliest(book, staff, found)
    return sorted((plan for plan in found if book.need(plan) <= 0), key=book.space.order)


def _exchanges(book: Book, staff: Staff) -> list[Staff]:
    pairs = itertools.permutations(range(len(staff)), 2)
    tried = ((less, -a, more, b) for less, more in pairs for a in (1, 2) for b in (1, 2, 3))
    moved = (book.space.moved(staff, (less, a), (more, b)) for less, a, more, b in tried)
    return [plan for plan in moved if plan is not None]


def _likeliest(book: Book, staff: Staff, plans: Sequence[Staff]) -> list[Staff]:
    """Simulate those plans that look best if what single steps change adds up."""
    steps = {}
    for place in range(len(staff)):
        for sign in (-1, 1):
            plan = book.space.moved(staff, (place, sign))
            if plan is not None:
                steps[place, sign] = plan
    book.look(steps.values())
    change = {step: book.need(plan) - book.need(staff) for step, plan in steps.items()}

    def expected(plan: Staff) -> float:
        moves = [(place, new - old) for place, (old, new) in enumerate(zip(staff, plan, strict=True)) if old != new]
        return sum(abs(by) * change.get((place, 1 if by > 0 else -1), 0.0) for place, by in moves)

    chosen = sorted(plans, key=lambda plan: (expected(plan), book.space.order(plan)))[:SWAPS]
    book.look(chosen)
    return chosen


def _excluded(book: Book, best: Staff) -> Found:
    """Exclude all that is cheaper, if it does not take too much; what meets the goals after all is the best then."""
    space = book.space
    if space.size > ENUMERABLE:
        return Found(best)
    plans = np.array([plan for plan in space.plans() if _cheaper(book, plan, best)], np.int64).reshape(-1, len(best))
    left = np.ones(len(plans), np.bool_)
    for staff in book.plans:
        if space.holds(staff) and book.verdict(staff) is Verdict.FAILING:
            left &= ~(plans <= staff).all(axis=1)
    # the one first that excludes most if it fails
    worth = np.prod(plans - np.array(space.bottom) + 1.0, axis=1)
    undecided = []
    simulated = 0
    while left.any() and simulated < EXHAUSTIVE:
        batch = _batch(plans, np.where(left, worth, 0.0))
        simulated += len(batch)
        book.look(tuple(plans[place].tolist()) for place in batch)
        for place in batch:
            if not left[place]:
                continue
            plan = tuple(plans[place].tolist())
            left[place] = False
            verdict = book.judged(plan)
            if verdict is Verdict.FAILING:
                left &= ~(plans <= plan).all(axis=1)
            elif verdict is Verdict.UNDECIDED:
                undecided.append(plan)
            elif book.order(plan) < book.order(best):
                best = plan
                left[left] = [_cheaper(book, tuple(each), best) for each in plans[left].tolist()]
    alike = [plan for plan in book.plans if space.holds(plan) and book.order(plan)[:2] == book.order(best)[:2]]
    best = min((plan for plan in alike if book.verdict(plan) is Verdict.MET), key=book.order)
    return Found(best, not left.any(), tuple(plan for plan in undecided if _cheaper(book, plan, best)))


def _batch(plans: NDArray[np.int64], worth: Floats) -> list[int]:
    """Choose the plans that are worth most, none of which has nowhere more staff than another of them."""
    worth = worth.copy()
    chosen: list[int] = []
    while worth.any() and len(chosen) < BATCH:
        place = int(np.argmax(worth))
        chosen.append(place)
        worth[(plans <= plans[place]).all(axis=1)] = 0.0
    return chosen


def _cheaper(book: Book, plan: Staff, best: Staff) -> bool:
    """Tell whether a plan may cost less: overtime only adds to wages and rosters."""
    return plan != best and book.space.order(plan)[:2] < book.order(best)[:2]


def _below(plan: Staff, others: Iterable[Staff]) -> bool:
    """Tell whether a plan has nowhere more staff than one of the others."""
    return any(all(mine <= theirs for mine, theirs in zip(plan, other, strict=True)) for other in others)


def _affordable(book: Book, staff: Staff, budget: float) -> bool:
    if book.space.cost(staff) > budget + 1e-6:
        return False
    return book.cost(staff) <= budget + 1e-6


def upwards(book: Book, staff: Staff) -> Staff | None:
    """Give the step up that helps most per euro; None at the top."""
    ups = [plan for place in range(len(staff)) if (plan := book.space.moved(staff, (place, 1))) is not None]
    book.look([staff, *ups])
    return max(ups, key=lambda plan: (_gain(book, staff, plan), plan), default=None)


def _downwards(book: Book, staff: Staff) -> Staff | None:
    """Give the step down that saves something and harms least per euro; None at the bottom."""
    downs = [plan for place in range(len(staff)) if (plan := book.space.moved(staff, (place, -1))) is not None]
    book.look([staff, *downs])

    def harm(plan: Staff) -> tuple[float, float]:
        need = book.need(plan)
        worse = 0.0 if math.isinf(book.need(staff)) else need - book.need(staff)
        return _per_euro(book, worse, staff, plan), book.space.cost(plan)

    return min(downs, key=harm, default=None)


def _fill(book: Book, staff: Staff, budget: float) -> Staff:
    """Spend what is left of a budget where it helps most, then swap while that helps."""
    for _ in range(_STEPS):
        ups = [plan for plan in _moves(book, staff, 1) if book.space.cost(plan) <= budget + 1e-6]
        swaps = [plan for plan in _exchanges(book, staff) if book.space.cost(plan) <= budget + 1e-6]
        book.look(ups)
        for tried in (ups, _likeliest(book, staff, swaps)):
            better = [plan for plan in tried if book.need(plan) < book.need(staff) and _affordable(book, plan, budget)]
            if better:
                staff = min(better, key=lambda plan: (book.need(plan), book.space.order(plan)))
                break
        else:
            return staff
    return staff


def _all_within(book: Book, best: Staff, budget: float) -> Found:
    """Compare all plans to which nothing can be added within the budget, where they are not too many."""
    space = book.space
    if space.size > ENUMERABLE:
        return Found(best)
    fitting = {plan for plan in space.plans() if space.cost(plan) <= budget + 1e-6}
    full = sorted(plan for plan in fitting if not any(space.moved(plan, (p, 1)) in fitting for p in range(len(plan))))
    if len(full) > EXHAUSTIVE:
        return Found(best)
    seen = set(full)
    while full:
        book.look(full)
        # whose overtime is too much has to do with one less
        over = [plan for plan in full if not _affordable(book, plan, budget)]
        good = [plan for plan in full if plan not in over]
        best = min([best, *good], key=lambda plan: (book.need(plan), space.order(plan)))
        less = {space.moved(plan, (p, -1)) for plan in over for p in range(len(plan))} - seen
        full = sorted(plan for plan in less if plan is not None)
        seen.update(full)
    return Found(best, True)
