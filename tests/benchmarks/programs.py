"""Which programs are compared, on which models, and why one of them may have to be left out."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Program:
    """One way to simulate a model.

    Attributes
    ----------
    title : str
        For tables.
    module : str
        Its `simulator` makes, from the name of a model, a warm-up and the options, a function of customers and
        seed that gives the mean named in `models.KNOWN`.
    shares : mapping from str to float
        From each model it can simulate to how many customers it gets for one of SimPy's: so that the fast run long
        enough to be timed, and the slow not too long.
    needs : str
        What has to be importable.
    options : mapping
        For `simulator`.
    """

    title: str
    module: str
    shares: Mapping[str, float]
    needs: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def simulator(self, model: str, warm_up: float = 0.0) -> Callable[[int, int], float | None]:
        """Make ready to simulate."""
        return importlib.import_module(f"benchmarks.{self.module}").simulator(model, warm_up, **self.options)


FAST = {"M1": 20, "M2": 20, "M3": 20}

PROGRAMS = {
    "simpy": Program("SimPy", "with_simpy", {"M1": 1, "M2": 1, "M3": 1}, "simpy"),
    "ciw": Program("Ciw", "with_ciw", {"M1": 1, "M3": 0.3}, "ciw"),
    "cimba": Program("cimba", "with_cimba", {"M1": 20, "M2": 20}, "cimba"),
    "reference": Program(
        "servicechain reference",
        "with_servicechain",
        {"M1": 1, "M2": 0.25, "M3": 0.3},
        "servicechain",
        {"engine": "reference"},
    ),
    "compiled": Program("servicechain compiled", "with_servicechain", FAST, "servicechain", {"engine": "compiled"}),
    "compiled-bare": Program(
        "the same, no attribution",
        "with_servicechain",
        FAST,
        "servicechain",
        {"engine": "compiled", "attribution": False},
    ),
}


def why_not(name: str, python: str = sys.executable) -> str | None:
    """Tell why a program cannot run with this interpreter; None if it can."""
    program = PROGRAMS[name]
    if "engine" in program.options:
        return _why_no_engine(program.options["engine"])
    found = subprocess.run([python, "-c", f"import {program.needs}"], check=False, capture_output=True, timeout=60)
    return None if found.returncode == 0 else f"{program.needs} is not installed for {python}"


def _why_no_engine(engine: str) -> str | None:
    from servicechain.engines import ENGINES

    return None if engine in ENGINES else f"there is no engine '{engine}'"
