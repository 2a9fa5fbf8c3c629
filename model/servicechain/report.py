"""Results as JSON: a contract, key for key and in this order; and finding one number in it by its path.

The trap is NaN, which JSON does not have: what is not defined is null. Nothing in it differs from run to run,
so two files can be compared byte by byte.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from servicechain.errors import Mistake, nearest, shown
from servicechain.estimates import Estimate, Estimates

# what computes the numbers; plotting, reading and printing cannot change them
_SHARED = ("numpy", "scipy", "numba", "llvmlite")
_OF_ENGINE = {"reference": ("simpy",)}


def versions_for(engine: str) -> dict[str, str]:
    """List the versions of whatever can influence a number computed by this engine."""
    from servicechain import __version__

    result = {"servicechain": __version__, "python": platform.python_version()}
    return result | {package: _version(package) for package in (*_SHARED, *_OF_ENGINE.get(engine, ()))}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def plain_tree(estimates: Estimates) -> dict[str, Any]:
    """Turn estimates into dictionaries of numbers; what is not defined becomes None."""
    return {
        key: value.as_dict() if isinstance(value, Estimate) else plain_tree(value) for key, value in estimates.items()
    }


def as_json(report: Mapping[str, Any], indent: int | None = 2) -> str:
    """Write a report as JSON, every number with all its digits."""
    return json.dumps(report, indent=indent, ensure_ascii=False, allow_nan=False)


def value_at(report: Mapping[str, Any], path: str) -> float:
    """Find a number by the keys that lead to it, joined by points.

    Raises
    ------
    Mistake
        If a key is not there, or the path ends before or beyond a number.
    """
    found: Any = report
    keys = path.split(".")
    for place, key in enumerate(keys):
        if not isinstance(found, Mapping):
            raise Mistake(f"{shown(path)} goes beyond {'.'.join(keys[:place])}, which is not divided further")
        if key not in found:
            where = f"in {'.'.join(keys[:place])}" if place else "at the top"
            raise Mistake(f"{shown(path)}: nothing {where} is called {shown(key)}{nearest(key, found)}")
        found = found[key]
    if found is None:
        return math.nan
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        inside = f"; it holds {', '.join(found)}" if isinstance(found, Mapping) else ""
        raise Mistake(f"{shown(path)} is not one number{inside}; a path is like customers.guest.wait.mean")
    return float(found)
