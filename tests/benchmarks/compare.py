"""Simulate the same models with several programs, side by side, and print one table.

    python tests/benchmarks/compare.py
    python tests/benchmarks/compare.py --quick --programs simpy compiled

Times are CPU times of the simulation, medians of rounds taken in turn: the ratios are what can be relied on, not
the times. Before they are compared every program has to have found what is known of the model, in the very rounds
that were timed. Peak memory is that of a process of its own; cold starts are the CPU time of a new process from its
start to the end of a first, tiny simulation, without and with code compiled before. The programs keep what their
users keep: SimPy one list of numbers, Ciw all its records, servicechain all it reports (and with attribution who
caused each wait), cimba one sum.
"""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the folder of the tests, as under pytest

from benchmarks.agreement import COARSE, FINE, check_agreement
from benchmarks.models import KNOWN
from benchmarks.programs import PROGRAMS, why_not
from benchmarks.stopwatch import Run, Timed, cold_starts, side_by_side

ROUNDS = 20
CUSTOMERS, QUICK_CUSTOMERS = 20_000, 6_000
YARDSTICK = "simpy"


@dataclass
class Row:
    """What the table says of a program on a model."""

    timed: Timed
    ratio: float | None
    starts: list[float]


def compared(model, programs, customers, *, rounds=ROUNDS, vague=FINE, pythons=None, starts=False):
    """Time programs on a model, after they have been found to agree.

    Parameters
    ----------
    model : str
    programs : sequence of str
        Those that cannot simulate the model are passed over.
    customers : int
        Of SimPy in each round; the others get their shares.
    rounds : int
    vague : float
        See `agreement`.
    pythons : dict, optional
        From the program to its interpreter, if that is not this one.
    starts : bool
        Measure cold starts as well.

    Returns
    -------
    dict from str to Row
        By program.
    """
    shares = {name: PROGRAMS[name].shares[model] for name in programs if model in PROGRAMS[name].shares}
    runs = [
        Run(name, model, round(customers * share), (pythons or {}).get(name, sys.executable))
        for name, share in shares.items()
    ]
    timed = {one.run.program: one for one in side_by_side(runs, rounds)}
    for name, one in timed.items():
        check_agreement(KNOWN[model], f"{name} on {model}", one.values, vague)
    yardstick = timed.get(YARDSTICK)
    return {
        name: Row(
            one,
            yardstick.per_customer / one.per_customer if yardstick else None,
            cold_starts(name, model, one.run.python) if starts else [],
        )
        for name, one in timed.items()
    }


HEAD = (
    f"{'model':6}{'program':26}{'customers/s':>13}{'µs/customer':>13}{'× SimPy':>9}"
    f"{'customers':>12}{'memory MB':>11}{'start s':>9}{'again s':>9}"
)


def line(row):
    """Write a row of the table."""
    run, seconds = row.timed.run, row.timed.per_customer
    ratio = "–" if row.ratio is None else f"{row.ratio:.3g}"
    starts = [f"{start:.2f}" for start in row.starts] or ["–", "–"]
    return (
        f"{run.model:6}{PROGRAMS[run.program].title:26}{1 / seconds:13,.0f}{seconds * 1e6:13.3f}{ratio:>9}"
        f"{run.customers:12,}{row.timed.peak / 1e6:11.0f}{starts[0]:>9}{starts[1]:>9}"
    )


def main(arguments=None):
    """Print the table."""
    chosen = _chosen(arguments)
    pythons = {"cimba": chosen.cimba_python}
    missing = {name: why_not(name, pythons.get(name, sys.executable)) for name in chosen.programs}
    there = [name for name in chosen.programs if missing[name] is None]
    customers = chosen.customers or (QUICK_CUSTOMERS if chosen.quick else CUSTOMERS)
    vague = COARSE if chosen.quick else FINE
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES))
    print(HEAD)
    for model in chosen.models:
        rows = compared(model, there, customers, vague=vague, pythons=pythons, starts=not chosen.quick)
        for row in rows.values():
            print(line(row), flush=True)
    for name in chosen.programs:
        if missing[name] is not None:
            print(f"{PROGRAMS[name].title}: left out, {missing[name]}")


_PACKAGES = ("simpy", "ciw", "numpy", "numba")


def _chosen(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, help=f"of SimPy in each round (default {CUSTOMERS})")
    parser.add_argument("--quick", action="store_true", help="fewer customers, a coarser check, no cold starts")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), help="(default: all)")
    parser.add_argument("--models", nargs="+", choices=KNOWN, default=list(KNOWN), help="(default: all)")
    parser.add_argument("--cimba-python", default=sys.executable, help="an interpreter that can import cimba")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
