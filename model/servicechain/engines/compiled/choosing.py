"""A choice without a branch: for what a processor cannot foretell, and would have to begin anew when it is wrong."""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import intrinsic


def _choose_code(typing: Any, condition: Any, one: Any, other: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        chosen = builder.select(*arguments)
        if hasattr(chosen, "set_metadata"):
            chosen.set_metadata("unpredictable", builder.module.add_metadata([]))
        return chosen

    return one(types.boolean, one, other), code


choose: Any = intrinsic(_choose_code)
"""``choose(condition, one, other)``: one where a condition holds, else the other, both of the same type."""
