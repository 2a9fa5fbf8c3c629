"""A scenario: a chain with some values changed, and a name to call it by.

Two scenarios are the same if their chains are, whatever they are called and however they were made; the `key` says
so. The trap is the title of a chain, its `about` and its `run` defaults: they change no number of a replication, so
they are no part of the key. Names of actors, services and classes are, for random numbers are drawn by them. A value
that is written out, and is the one it has anyway, changes nothing either: a speed of 1, a wage of 0.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType
from typing import Any

from servicechain.actors import Lane
from servicechain.chain import Chain
from servicechain.errors import Mistake, shown

BASE = "base"
"""The name of the chain as it is, always the first scenario of a study."""

LONGEST_NAME = 200

_NO_NUMBER = ("chain", "about", "run")

_ANYWAY: dict[str, dict[str, Any]] = {"actors": {"speed": 1, "wage": 0}, "services": {"priority": 1}}
"""What these are where nothing is said."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """A chain with some values changed.

    Attributes
    ----------
    name : str
    values : mapping
        From full paths to values, as ``--set`` takes them; empty for the base and for what a function made.
    chain : Chain
        With its values changed and its files read.
    """

    name: str
    values: Mapping[str, Any]
    chain: Chain = field(repr=False)

    @cached_property
    def key(self) -> str:
        """The SHA-256 of all that can change a number; two equal chains have one key."""
        return key_of(self.chain)

    @property
    def is_base(self) -> bool:
        """Whether it is the chain as it is."""
        return self.name == BASE


def key_of(chain: Chain) -> str:
    """Give the SHA-256 of all of a chain that can change a number of a replication.

    Parameters
    ----------
    chain : Chain
        With its files read, or the names of the files would stand for what is in them.
    """
    data = {name: part for name, part in chain.to_dict().items() if name not in _NO_NUMBER}
    for section, usual in _ANYWAY.items():
        for one in data.get(section, {}).values():
            for key, value in usual.items():
                if one.get(key) == value:
                    del one[key]
    for name, actor in chain.actors.items():
        if actor.lane is Lane.SUPPLIER and math.isinf(actor.servers):
            data["actors"][name].pop("capacity", None)
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), default=_identity)
    return hashlib.sha256(text.encode()).hexdigest()


def _identity(function: Any) -> Any:
    """Tell the function of a custom step by its code and what it was made with, not by where it lies in memory."""
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(type(function).__qualname__)
    closure = [repr(cell.cell_contents) for cell in function.__closure__ or ()]
    return ["python", function.__qualname__, _code(code), repr(function.__defaults__), closure]


def _code(code: CodeType) -> list[Any]:
    constants = [_code(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return [code.co_code.hex(), constants, [*code.co_names], [*code.co_varnames]]


def check_scenario_name(name: object) -> str:
    """Take the name of a scenario: a text on one line.

    Raises
    ------
    Mistake
        If it is anything else, too long, or the name of the base case.
    """
    if not isinstance(name, str) or not name.strip():
        raise Mistake(f"the name of a scenario must be a text that is not empty, got {shown(name)}; name it")
    if not name.isprintable() or len(name) > LONGEST_NAME:
        rule = f"stands on one line and has at most {LONGEST_NAME} characters"
        raise Mistake(f"the name of a scenario {rule}, got {shown(name)}; write a shorter one")
    if name == BASE:
        raise Mistake(
            f"'{BASE}' is the chain as it is and always part of a study; leave it out, or name yours otherwise"
        )
    return name
