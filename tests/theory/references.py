"""Exact values of queueing theory that the simulator has to meet, by id.

The trap is the meaning of a number: `title`, `params`, `quantity` and `spec` say what exactly is modelled, and
of whom the mean is taken. Each value was computed in two independent ways (`method`), neither a simulation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reference:
    """One exact value.

    Attributes
    ----------
    id, title, quantity : str
    params : dict
    value : float
    citation, method : str
        Who published it, and the two ways in which it was computed.
    family, spec : str or None
    """

    id: str
    title: str
    params: dict[str, Any]
    quantity: str
    value: float
    citation: str
    method: str
    family: str | None = None
    spec: str | None = None

    @property
    def is_probability(self) -> bool:
        """Whether the value is a probability, by the name of the quantity."""
        return self.quantity.startswith(("P(", "share of"))


def load_references() -> dict[str, Reference]:
    """Read all references, in the order of the file."""
    rows = json.loads(Path(__file__).with_name("references.json").read_text(encoding="utf-8"))
    references = {row["id"]: Reference(**row) for row in rows}
    assert len(references) == len(rows), "an id stands twice in references.json"
    return references


REFERENCES = load_references()
