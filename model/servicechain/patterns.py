"""What times, rates, days and arrivals look like as texts, as patterns (ECMA-262) for the JSON Schema.

Reading is done elsewhere, by hand, with better messages; an editor only has patterns. What they let through
may still break a rule; what they refuse is never read.
"""

from __future__ import annotations

from typing import Any, Final

from servicechain.distributions import DURATION_PATTERN


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


_UNITS = ("seconds?", "sec", "s", "minutes?", "min", "m", "hours?", "h", "days?", "d")
_UNIT = rf"(?:{'|'.join(map(_any_case, _UNITS))})"
_NUMBER = r"\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TIME = rf"{_NUMBER}(?:\s*{_UNIT})?"
_RATE = rf"{_NUMBER}(?:\s*/\s*{_UNIT})?"
_TEXT = r"""(?:"(?:[^"\n]|"")*"|'(?:[^'\n]|'')*')"""
_DURATION = DURATION_PATTERN.removeprefix(r"^\s*").removesuffix(r"\s*$")
_MOMENT = rf"\s*(?:{_TIME}|{_TEXT})\s*"

_CALLS = (
    rf"poisson\s*\(\s*(?:rate\s*=\s*)?(?:{_RATE}|{_TEXT})\s*\)",
    rf"every\s*\(\s*(?:interval\s*=\s*)?(?:{_DURATION}|{_TEXT})\s*\)",
    rf"at\s*\(\s*(?:times\s*=\s*)?\[(?:{_MOMENT}(?:,{_MOMENT})*|\s*)\]\s*\)",
    rf"at\s*\(\s*file\s*=\s*{_TEXT}\s*,\s*column\s*=\s*{_TEXT}\s*\)",
    rf"at\s*\(\s*column\s*=\s*{_TEXT}\s*,\s*file\s*=\s*{_TEXT}\s*\)",
)

# A sign is only lost on nothing: -0 is 0.
_NEGATIVE = r"^\s*-.*[1-9]"

NAME: Final[dict[str, Any]] = {"type": "string", "pattern": r"^(?=.*\S)[^./|\n\r\t]+$"}
TIME: Final[dict[str, Any]] = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": rf"^\s*{_TIME}\s*$"}]
}
DURATION: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": DURATION_PATTERN, "not": {"pattern": _NEGATIVE}},
    ]
}
_DAY_NAMES = ("mon(?:day)?", "tue(?:sday)?", "wed(?:nesday)?", "thu(?:rsday)?", "fri(?:day)?", "sat(?:urday)?")
_WEEKDAY = rf"(?:{'|'.join(map(_any_case, (*_DAY_NAMES, 'sun(?:day)?')))})"
_SOME_DAYS: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": rf"^\s*(?:{_any_case('daily')}|{_WEEKDAY}(?:\s*[-–]\s*{_WEEKDAY})?)\s*$",
}
DAYS: Final[dict[str, Any]] = {"anyOf": [_SOME_DAYS, {"type": "array", "minItems": 1, "items": _SOME_DAYS}]}
CLOCK: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": r"^\s*(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?|24:00(?::00)?)\s*$",
}
PROFILE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rates", "per", "each"],
    "properties": {
        "rates": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "number", "minimum": 0},
            "description": "Customers per unit of time, one number for each interval.",
        },
        "per": {"type": "string", "pattern": rf"^{_UNIT}$", "description": "The unit of time of the rates."},
        "each": {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": rf"^\s*{_TIME}\s*$", "not": {"pattern": r"^\s*\+?[0.]+([a-zA-Z\s]|$)"}},
            ],
            "description": "How long each interval lasts.",
        },
        "repeat": {"type": "boolean", "description": "Start again after the last interval (true), or stop."},
    },
}
ARRIVALS: Final[dict[str, Any]] = {
    "anyOf": [{"type": "string", "pattern": rf"^\s*(?:{'|'.join(_CALLS)})\s*$"}, PROFILE],
}
