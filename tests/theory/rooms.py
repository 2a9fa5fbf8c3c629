"""Which rooms of this folder hold exact values: `VALUES`, of references.json, and `EXACT`, computed by the test."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from theory.agreement import Exact, Model


def _holds_values(path: Path) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    return any(line.startswith(("VALUES = {", "EXACT = {")) for line in lines)


@cache
def rooms() -> dict[str, ModuleType]:
    """Give every module with exact values, by name."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py") if _holds_values(path))
    return {name: import_module(f"theory.{name}") for name in found}


def computed() -> dict[str, Exact]:
    """Give all exact values that the rooms compute themselves, by name."""
    every = [(name, exact) for room in rooms().values() for name, exact in getattr(room, "EXACT", {}).items()]
    assert len(dict(every)) == len(every), "two exact values have one name"
    return dict(every)


def models() -> dict[str, Model]:
    """Give all models of the rooms, by name."""
    every = [value for room in rooms().values() for value in vars(room).values() if isinstance(value, Model)]
    return {model.name: model for model in every}
