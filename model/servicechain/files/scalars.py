"""What a bare word of a chain file means: the core schema of YAML 1.2, and nothing more.

The trap is older YAML, in which ``no`` is false, ``24:00`` is 1440, ``1_000`` a thousand and a date no
text. Here they all stay text. Reference: YAML 1.2.2, section 10.3 (https://yaml.org/spec/1.2.2/).
"""

from __future__ import annotations

import math
import re

from servicechain.errors import Mistake, shown

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_STARTS = frozenset("0123456789+-.")
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+"), 10),
    (re.compile(r"0o[0-7]+"), 8),
    (re.compile(r"0x[0-9a-fA-F]+"), 16),
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

# A float ends at 309 digits; reading far longer integers takes time that grows with the square.
_LONGEST_INTEGER = 400


def resolved(text: str) -> Scalar:
    """Tell what a plain (unquoted) scalar means.

    >>> resolved("0x1F"), resolved("1e3"), resolved("true"), resolved("~"), resolved("24:00")
    (31, 1000.0, True, None, '24:00')

    Raises
    ------
    Mistake
        If it is a number beyond the range of floating point.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS:
        return text
    for form, base in _INTEGERS:
        if form.fullmatch(text):
            return _integer(text, base)
    return _float(text) if _FLOAT.fullmatch(text) else text


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _too_large(text)
    return number


def _integer(text: str, base: int) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise _too_large(text)
    number = int(text, base)
    try:
        float(number)
    except OverflowError:
        raise _too_large(text) from None
    return number


def _too_large(text: str) -> Mistake:
    return Mistake(
        f"the number {shown(text)} ({len(text)} characters) is beyond 1.8e308, the largest there is; "
        "write a smaller one, or put quotes around it if it is a text"
    )
