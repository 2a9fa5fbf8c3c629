"""Numbers of an .lqnx file, with the rule each has to keep, and times as a chain writes them.

The trap is how a host demand varies: an .lqnx file gives the *squared* coefficient of variation. lqsim draws a
slice from the same families (Franks et al., User Manual, section "Slices"); beyond 1 the family is ours to
choose, and we take, like it, the two-phase hyperexponential with balanced means (Morse 1958, Queues,
Inventories and Maintenance, ch. 2): probability p = (1 − √((c² − 1) / (c² + 1))) / 2, means m/2p and m/2(1 − p).
"""

from __future__ import annotations

import math
import re

from servicechain.errors import nearest, shown
from servicechain.lqn.document import Element
from servicechain.lqn.vocabulary import PARAMETERS

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_UNLIMITED = ("@infinity", "infinity", "inf")


def text_of(element: Element, key: str) -> str:
    """Take an attribute that must be there and not be empty."""
    text = element.attributes.get(key, "").strip()
    if not text:
        element.refuse(f'it lacks {key}; write {key}="…"')
    return text


def number_of(element: Element, key: str, default: float | None = None) -> float:
    """Take a number that is not negative."""
    written = element.attributes.get(key)
    if written is None and default is not None:
        return default
    text = text_of(element, key)
    if text.startswith("$"):
        element.refuse(f"{key}={shown(text)}: {PARAMETERS}")
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not 0 <= number < math.inf:
        element.refuse(f'{key}={shown(text)} must be a number that is not negative; write e.g. {key}="0.5"')
    return number


def whole_of(element: Element, key: str, default: int, least: int = 0) -> int:
    """Take a whole number."""
    number = number_of(element, key, default)
    if number != math.floor(number) or not least <= number <= 2**53:
        element.refuse(f"{key}={shown(element.attributes[key])} must be a whole number of at least {least}")
    return int(number)


def servers_of(element: Element) -> float:
    """Take a multiplicity: whole and at least 1, or infinite; 1 if it is left out."""
    if element.attributes.get("multiplicity", "").strip().lower() in _UNLIMITED:
        return math.inf
    return whole_of(element, "multiplicity", 1, least=1)


def probability_of(element: Element, key: str, default: float | None = None) -> float:
    """Take a number from 0 to 1."""
    number = number_of(element, key, default)
    if number > 1:
        element.refuse(f"{key}={shown(element.attributes[key])} must be a probability, from 0 to 1")
    return number


def word_of(element: Element, key: str, known: tuple[str, ...], default: str) -> str:
    """Take one of several words, in small letters."""
    word = element.attributes.get(key, default).strip().lower()
    if word not in known:
        element.refuse(f"{key}={shown(element.attributes[key])} is not known{nearest(word, known)}")
    return word


def tidy(number: float) -> float | int:
    """Write a whole number without a decimal point."""
    return int(number) if number == math.floor(number) and abs(number) < 2**53 else number


def duration(mean: float, cvsq: float) -> str | float | int:
    """Write a time with a mean above 0 and a squared coefficient of variation.

    >>> duration(2.0, 1.0), duration(2.0, 0.0), duration(2.0, 0.25)
    ('exponential(mean=2)', 2, 'gamma(mean=2, cv=0.5)')
    >>> duration(1.0, 5 / 3)
    'hyperexponential(weights=[0.25, 0.75], means=[2, 0.6666666666666666])'
    """
    if cvsq == 0:
        return tidy(mean)
    if cvsq == 1:
        return f"exponential(mean={tidy(mean)})"
    if cvsq < 1:
        return f"gamma(mean={tidy(mean)}, cv={tidy(math.sqrt(cvsq))})"
    rare = (1 - math.sqrt((cvsq - 1) / (cvsq + 1))) / 2
    means = f"[{tidy(mean / (2 * rare))}, {tidy(mean / (2 * (1 - rare)))}]"
    return f"hyperexponential(weights=[{tidy(rare)}, {tidy(1 - rare)}], means={means})"
