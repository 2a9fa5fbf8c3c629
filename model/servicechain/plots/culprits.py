"""How actors look where they make somebody wait: the same in every picture of a result, and of the same chain.

An actor has the colour of its place among those who can make anybody wait, so pictures can be laid side by side.
The trap is an eighth actor: beyond seven, colours can no longer be told apart, so hatching tells them apart instead.
Time in line has the full colour, time held a lighter one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Patch

from servicechain.facts import ChainFacts
from servicechain.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAPER,
    PURPLE,
    SKY_BLUE,
    VERMILION,
)

ORDER = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY_BLUE, INK)
HATCHES = ("", "////", "....", "\\\\\\\\", "++++")


@dataclass(frozen=True)
class Look:
    """How an actor looks.

    Attributes
    ----------
    colour : str
    hatch : str
        Empty for the first seven.
    """

    colour: str
    hatch: str = ""

    def fill(self, lighter: float = 0.0) -> dict[str, Any]:
        """Give what a patch needs to be filled like this: 0 the full colour, 1 white."""
        return {
            "facecolor": mixed(self.colour, lighter),
            "edgecolor": PAPER,
            "hatch": self.hatch or None,
            "linewidth": 0.0,
        }

    def sample(self, lighter: float = 0.0) -> Patch:
        """Give a piece for a key."""
        return Patch(**self.fill(lighter))


OTHERS = Look(GREY)
HELD = 0.55


def looks_of(facts: ChainFacts) -> Mapping[str, Look]:
    """Give every actor's look, by name: first those who can make somebody wait, in the order of the chain."""
    able = {actor for actor, _ in facts.causes}
    names = [each.name for place, each in enumerate(facts.actors) if place in able]
    names += [each.name for place, each in enumerate(facts.actors) if place not in able]
    return {
        name: Look(ORDER[place % len(ORDER)], HATCHES[place // len(ORDER) % len(HATCHES)])
        for place, name in enumerate(names)
    }


def mixed(colour: str, lighter: float) -> str:
    """Mix a colour with white."""
    red, green, blue = (part + (1.0 - part) * lighter for part in to_rgb(colour))
    return to_hex((red, green, blue))
