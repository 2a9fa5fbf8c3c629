"""How the time for each customer, and memory, grow with the model and with the run.

    python tests/benchmarks/growth.py
    python tests/benchmarks/growth.py --program compiled --most 10000000

Each row is a process of its own: the median CPU time of three runs, in microseconds for each customer, and the peak
of memory. Time should be in proportion to customers, memory should not depend on them, and neither more servers nor
more actors nor a longer line should make a customer dearer than the event list does (a logarithm).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the folder of the tests, as under pytest

from benchmarks.programs import PROGRAMS, why_not
from benchmarks.stopwatch import Run, side_by_side

ROUNDS = 3


def sizes(customers, most):
    """Give the rows.

    Parameters
    ----------
    customers : int
        Of the models that grow.
    most : int
        Of the longest run.

    Returns
    -------
    list of tuple
        What the row shows, the model, how many customers.
    """
    lengths = [10**power for power in range(4, 9) if 10**power <= most]
    lines = [length for length in (10**3, 10**4, 10**5) if length <= most]
    return [
        *((f"{number:,} customers", "M2", number) for number in lengths),
        *((f"{4 * copies} actors", f"hotels {copies}", customers) for copies in (1, 3, 10, 30, 100)),
        *((f"{servers:,} servers", f"servers {servers}", customers) for servers in (1, 3, 10, 30, 100, 300, 1000)),
        # nine of ten are in line when the last comes
        *((f"{length:,} in line", "rush", length * 10 // 9) for length in lines),
        *((f"{length:,} in line, with deadlines", "patient rush", length * 10 // 9) for length in lines),
    ]


def main(arguments=None):
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="compiled", choices=[name for name in PROGRAMS if PROGRAMS[name].options])
    parser.add_argument("--customers", type=int, default=200_000, help="of models that grow (default %(default)s)")
    parser.add_argument("--most", type=int, default=1_000_000, help="of the longest run (default %(default)s)")
    chosen = parser.parse_args(arguments)
    reason = why_not(chosen.program)
    if reason is not None:
        parser.error(f"{chosen.program}: {reason}")
    print(f"{'':32}{'customers':>12}{'µs/customer':>13}{'memory MB':>11}")
    for shows, model, customers in sizes(chosen.customers, chosen.most):
        [timed] = side_by_side([Run(chosen.program, model, customers)], ROUNDS)
        print(f"{shows:32}{customers:12,}{timed.per_customer * 1e6:13.3f}{timed.peak / 1e6:11.0f}", flush=True)


if __name__ == "__main__":
    main()
