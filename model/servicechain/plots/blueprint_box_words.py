"""What a blueprint says in its boxes: staff by shifts, failures, members of a closed population, how long."""

from __future__ import annotations

import itertools
import textwrap

from servicechain.plots.blueprint_words import SHORT, servers_text, short_number
from servicechain.units import TimeUnit

PREEMPTS = "urgent requests interrupt"
STOPS = "work stops with the shift"
WARNING = "\N{WARNING SIGN}"
STAY = "\N{NO-BREAK SPACE}"
# nobody says "every 1 day"
LEAST = {TimeUnit.SECONDS: 1, TimeUnit.MINUTES: 1, TimeUnit.HOURS: 2, TimeUnit.DAYS: 2}


def duration_text(seconds: float) -> str:
    r"""Say how long something takes, in the unit in which it is shortest, and never broken at the end of a line.

    >>> [duration_text(60 * minutes).replace("\xa0", " ") for minutes in (0.2, 20, 90, 480, 1440, 10080)]
    ['12 s', '20 min', '90 min', '8 h', '24 h', '7 days']
    """
    fitting = [unit for unit in TimeUnit if seconds >= LEAST[unit] * unit.seconds * (1 - 1e-9)] or [TimeUnit.SECONDS]
    told = {unit: short_number(seconds / unit.seconds) for unit in fitting}
    best = min(fitting, key=lambda unit: (len(told[unit]), -unit.seconds))
    return f"{told[best]}{STAY}{SHORT[best]}" + ("s" if best is TimeUnit.DAYS else "")


def folded(fact: str, width: int) -> str:
    r"""Break a fact into as few lines as it needs, of about the same length.

    >>> folded("fails every day on average", 24)
    'fails every\nday on average'
    """
    lines = textwrap.wrap(fact, width)
    narrower = range(width - 1, max(map(len, fact.split(" "))) - 1, -1)
    tries = itertools.takewhile(lambda found: len(found) == len(lines), (textwrap.wrap(fact, w) for w in narrower))
    for found in tries:
        lines = found
    return "\n".join(lines).replace(STAY, " ")


def cover_text(lane: str, lowest: float, peak: float) -> str:
    """Say between which numbers the staff is by the clock.

    >>> cover_text("contact", 1, 4), cover_text("system", 0, 1), cover_text("contact", 2, 2)
    ('1–4 people by shifts', '0–1 slot by shifts', '2 people')
    """
    most = servers_text(lane, peak)
    return most if lowest == peak else f"{lowest:,.0f}–{most} by shifts"


def failures_text(every: float, lasts: float | None, *, each: bool, working: bool, varies: bool) -> str:
    r"""Say how often somebody fails.

    Parameters
    ----------
    every, lasts : float
        Mean up-time, and how long a failure that needs nobody lasts, in seconds.
    each : bool
        Whether each server fails by itself.
    working : bool
        Whether only time spent working counts.
    varies : bool
        Whether these are means.

    >>> failures_text(28800, None, each=False, working=False, varies=True)
    '⚠\xa0fails every 8\xa0h on average'
    >>> failures_text(28800, 1200, each=True, working=True, varies=True)
    '⚠\xa0each fails every 8\xa0h of work, for 20\xa0min, on average'
    """
    who = "each fails" if each else "fails"
    counted = " of work" if working else ""
    text = f"{WARNING}{STAY}{who} every {duration_text(every)}{counted}"
    if lasts is not None:
        text += f", for {duration_text(lasts)}" + ("," if varies else "")
    return text + (" on average" if varies else "")


def members_text(population: int, think: float, *, varies: bool) -> tuple[str, str]:
    r"""Say how many members come again and again, and how long each stays away.

    Parameters
    ----------
    population : int
    think : float
        The mean time of thinking, in seconds.
    varies : bool
        Whether not all times are alike.

    >>> members_text(20, 1800, varies=True), members_text(1, 0, varies=False)
    (('20 members', 'think 30\xa0min on average'), ('1 member', 'comes back at once'))
    """
    one = population == 1
    count = f"{population:,} member" + ("" if one else "s")
    if think == 0:
        return count, "comes back at once" if one else "come back at once"
    verb = "thinks" if one else "think"
    return count, f"{verb} {duration_text(think)}" + (" on average" if varies else "")
