"""What a blueprint says: names that fit, numbers of servers and customers, services, legend and title."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence

from servicechain.actors import Lane
from servicechain.units import TimeUnit

CUSTOMERS = "customers"
LANES: Mapping[str, tuple[str, str]] = {
    CUSTOMERS: ("customers", ""),
    Lane.CONTACT: ("contact", "deals with customers"),
    Lane.BACKSTAGE: ("backstage", "out of their sight"),
    Lane.SYSTEM: ("systems", "technology"),
    Lane.SUPPLIER: ("suppliers", "outside the company"),
}
# the line under a lane: Shostack's line of visibility, the others as Bitner, Ostrom & Morgan draw them
LINES: Mapping[str, str] = {
    CUSTOMERS: "line of interaction",
    Lane.CONTACT: "line of visibility",
    Lane.BACKSTAGE: "line of internal interaction",
    Lane.SYSTEM: "border of the company",
}
KINDS: Mapping[str, str] = {
    "ask": "asks, and waits for the answer",
    "tell": "tells, and goes on",
    "hand_off": "hands over for good",
    "repair": "fails, and waits for the repair",
}
THICKNESS = "requests per customer:"
# where a request has several to go to, the picture shows where it goes if it never has to wait
THICKNESS_UNCROWDED = "requests per customer, if nobody waits:"
CHOICE = "2nd choice: asked when the 1st has nobody free"
REPAIR = "repair"
MOST_LINES = 4
NAMED = 2

SHORT = {TimeUnit.SECONDS: "s", TimeUnit.MINUTES: "min", TimeUnit.HOURS: "h", TimeUnit.DAYS: "day"}


def wrapped(text: str, width: int, most: int = MOST_LINES) -> str:
    r"""Break a text into at most so many lines of at most so many letters; an end left out shows as "…".

    >>> wrapped("tray of the quick groups", 16)
    'tray of the\nquick groups'
    """
    lines = textwrap.wrap(" ".join(text.split()), width) or [""]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: width - 1].rstrip()}…"]
    return "\n".join(lines)


def servers_text(lane: str, servers: float) -> str:
    """Say how many can work at once.

    >>> servers_text("contact", 3), servers_text("system", 1), servers_text("supplier", math.inf)
    ('3 people', '1 slot', 'unlimited')
    """
    if math.isinf(servers):
        return "unlimited"
    one, many = ("person", "people") if Lane(lane).counts_people else ("slot", "slots")
    return f"{servers:,.0f} {one if servers == 1 else many}"


def rate_text(rate: float, unit: str) -> str:
    """Say how many come, per the shortest unit of time in which it is at least one.

    Parameters
    ----------
    rate : float
        Customers per `unit`; 0 if arrivals end.

    >>> rate_text(0.4, "minutes"), rate_text(0.01, "minutes"), rate_text(0, "hours")
    ('24/h', '14.4/day', 'a limited number')
    """
    if rate <= 0:
        return "a limited number"
    per_second = rate / TimeUnit(unit).seconds
    fitting = (each for each in TimeUnit if per_second * each.seconds >= 1 - 1e-9)
    best = next(fitting, TimeUnit.DAYS)
    return f"{short_number(per_second * best.seconds)}/{SHORT[best]}"


def short_number(number: float) -> str:
    """Write a number with three digits that count.

    >>> short_number(0.046666), short_number(1234.5), short_number(24.0)
    ('0.0467', '1,230', '24')
    """
    if number == 0 or math.isinf(number):
        return "0" if number == 0 else "∞"
    digits = 2 - math.floor(math.log10(abs(number)))
    rounded = round(number, digits)
    return f"{rounded:,.{max(digits, 0)}f}".rstrip("0").rstrip(".") if digits > 0 else f"{rounded:,.0f}"


def services_text(services: Sequence[str], named: int = NAMED) -> str:
    """Name the services of an arrow, the first ones only if there are many.

    >>> services_text(["check in", "check out", "complain", "pay"])
    'check in, check out … and 2 more'
    """
    more = len(services) - named
    if more <= 1:
        return ", ".join(services)
    return f"{', '.join(services[:named])} … and {more} more"


def marked(text: str, mark: str, width: int, most: int = MOST_LINES) -> str:
    r"""Put a remark behind a text, below it where both are too long for a line; only the text is cut.

    >>> marked("check in, check out, complain", "2nd choice", 12, 3)
    'check in,\ncheck out,…\n(2nd choice)'
    """
    if not mark:
        return wrapped(text, width, most)
    if len(text) + len(mark) + 3 <= width:
        return f"{text} ({mark})"
    behind = wrapped(f"({mark})", width, most - 1)
    return f"{wrapped(text, width, most - 1 - behind.count(chr(10)))}\n{behind}"


def choice_text(place: int) -> str:
    """Say at which place of several an actor stands.

    >>> choice_text(2), choice_text(3), choice_text(11), choice_text(22)
    ('2nd choice', '3rd choice', '11th choice', '22nd choice')
    """
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} choice"


def together_text(needed: int, branches: int) -> str:
    """Say that something is asked together with something else, and how many answers are waited for.

    >>> together_text(3, 3), together_text(1, 3), together_text(2, 3)
    ('side by side', 'any of 3', '2 of 3')
    """
    if needed == branches:
        return "side by side"
    return f"any of {branches}" if needed == 1 else f"{needed} of {branches}"


def title_of(name: str, lanes: Sequence[str]) -> str:
    """Say what a blueprint shows.

    >>> title_of("Hotel", ["contact", "backstage", "system"])
    'Hotel: who asks whom; 2 of 3 actors work behind the line of visibility'
    >>> title_of("Kiosk", ["contact"])
    'Kiosk: who asks whom; every actor works in front of the line of visibility'
    """
    hidden = sum(lane != Lane.CONTACT for lane in lanes)
    if not hidden or hidden == len(lanes):
        where = "behind" if hidden else "in front of"
        return f"{name}: who asks whom; every actor works {where} the line of visibility"
    verb = "works" if hidden == 1 else "work"
    return f"{name}: who asks whom; {hidden} of {len(lanes)} actors {verb} behind the line of visibility"


def round_below(number: float) -> float:
    """Give the largest 1, 2 or 5 times a power of ten that is not above a number.

    >>> round_below(0.93), round_below(3.1), round_below(1.0)
    (0.5, 2.0, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(number))
    return max(first * power for first in (1, 2, 5) if first * power <= number or first == 1)
