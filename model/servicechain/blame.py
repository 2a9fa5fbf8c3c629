"""The sentence a manager can quote: to whom most of a class's waiting belongs, and whether customers see them.

The trap is to say more digits than one knows: a mean is told with two, and the tables beside it say how sure it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from servicechain import tables
from servicechain.errors import Mistake
from servicechain.tables import branch, clean, mean

if TYPE_CHECKING:
    from servicechain.attribution import Attribution
    from servicechain.facts import ChainFacts
    from servicechain.results import Result

ALL = 0.9995
LONGEST = 28


def attribution_of(result: Result) -> Attribution:
    """Take the attribution of a result.

    Raises
    ------
    Mistake
        If the run was made without.
    """
    if result.attribution is None:
        raise Mistake("this run was made without attribution; run it again with attribution=True")
    return result.attribution


def class_of(result: Result, customer_class: str | None) -> str:
    """Take the class of a name, or the first.

    Raises
    ------
    Mistake
        If the chain has no customers.
    """
    if customer_class is not None:
        return customer_class
    if not result.facts.classes:
        raise Mistake("this chain has no customers, so nobody waits; describe a customer class")
    return result.facts.classes[0].name


def blame_sentence(result: Result, customer_class: str | None = None) -> str:
    """Say whose most of the waiting of a class is; of the first class by default.

    Parameters
    ----------
    result : Result
    customer_class : str, optional

    Returns
    -------
    str
        Such as "Of the 6.1 minutes a guest waits, 3.7 belong to the programmer, whom no guest sees".

    Raises
    ------
    Mistake
        If there is no such class, or the run was made without attribution.
    """
    attribution = attribution_of(result)
    name = class_of(result, customer_class)
    times = by_actor(attribution, name)
    whole, called = sum(times.values()), short(name)
    if math.isnan(wait_of(result, name)):
        return f"{called}: nobody arrived and left again"
    if not whole > 0:
        return f"No {called} waits"
    actor = max(times, key=lambda each: times[each])
    whose = f"the {short(actor)}{unseen(result.facts, attribution, name, actor)}"
    if times[actor] >= ALL * whole:
        return f"All of the {brief(whole)} {result.unit} {article(called)} waits belong to {whose}"
    part = brief(times[actor])
    part = "nearly all" if part == brief(whole) else part
    return f"Of the {brief(whole)} {result.unit} {article(called)} waits, {part} belong to {whose}"


def explanation(result: Result, customer_class: str | None = None, width: int = 100) -> str:
    """Tell who makes customers wait: the sentence, the causes, and the tree of the ways, for each class.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        Only this one.
    width : int
        In characters.

    Raises
    ------
    Mistake
        If there is no such class, or the run was made without attribution.
    """
    attribution = attribution_of(result)
    if customer_class is not None:
        blame_sentence(result, customer_class)
    told = [name for name in attribution.classes if customer_class in (None, name)]
    causes = dict(zip(attribution.classes, tables.blame_tables(attribution), strict=True))
    page = tables.Page(
        title=clean(result.chain),
        about=tables.about(result.facts, result.settings, result.engine),
        sentences=tuple(f"{blame_sentence(result, name)}." for name in told),
        tables=tuple(causes[name] for name in told if causes[name].rows),
    )
    trees = [f"by way of whom:\n{attribution.paths(name)}" for name in told if causes[name].rows]
    return "\n\n".join([tables.text(page, width), *trees])


def wait_of(result: Result, customer_class: str) -> float:
    """Give the mean wait of a class; NaN if nobody was counted."""
    return mean(branch(branch(result.estimates, "customers"), customer_class), "wait")


def by_actor(attribution: Attribution, customer_class: str) -> dict[str, float]:
    """Give the time per customer that each actor caused, whatever they did."""
    times: dict[str, float] = {}
    for part in attribution.parts(customer_class):
        if part.time.mean > 0:
            times[part.key[0]] = times.get(part.key[0], 0.0) + part.time.mean
    return times


def unseen(facts: ChainFacts, attribution: Attribution, customer_class: str, actor: str) -> str:
    """Say that a class never deals with an actor; nothing if they do."""
    lanes: Mapping[str, str] = {each.name: each.lane for each in facts.actors}
    asked: Iterable[str] = (part.key[0][0] for part in attribution.parts(customer_class, "path"))
    if lanes[actor] == "contact" or actor in set(asked):
        return ""
    return f", {'which' if lanes[actor] == 'system' else 'whom'} no {short(customer_class)} sees"


def brief(value: float) -> str:
    """Write a number as one says it: two digits, from ten on whole.

    >>> brief(6.1024), brief(4.04), brief(31.6), brief(0.1374), brief(1234.5), brief(4.0)
    ('6.1', '4.0', '32', '0.14', '1,234', '4')
    """
    return f"{value:,.0f}" if round(value, 1) >= 10 or value == round(value) else f"{value:#.2g}"


def article(name: str) -> str:
    """Put "a" or "an" before a name, by its first letter.

    >>> article("guest"), article("order")
    ('a guest', 'an order')
    """
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def short(name: str) -> str:
    """Give a name as it stands within a sentence: on one line, and not so long that the rest is lost."""
    name = clean(name)
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
