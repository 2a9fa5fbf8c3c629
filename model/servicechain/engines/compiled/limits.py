"""What the compiled engine does not run, and why."""

from __future__ import annotations

from servicechain.chain import Chain
from servicechain.custom_steps import Custom
from servicechain.places import all_lists
from servicechain.steps import every_step


def obstacle_in(chain: Chain) -> str | None:
    """Tell what keeps a chain from being compiled, with its place and what to do; None if nothing does.

    A `Custom` step is Python: what it yields is not known before it runs.
    """
    for path, steps in all_lists(chain):
        for at, step in every_step(steps, path):
            if isinstance(step, Custom):
                place = ".".join(str(part) for part in at)
                what = f"{place} is a custom step, written in Python, and only the reference engine runs custom steps"
                return f"{what}; use engine='reference', or leave the step out"
    return None
