"""A process of its own that simulates when told to: so each program has its own memory and its own cold start.

``python -m benchmarks.worker PROGRAM MODEL`` (from the folder of the tests) reads lines ``{"customers": N, "seed":
S}`` and answers each with the CPU seconds the simulation took, its mean, the peak of memory so far in bytes, and the
CPU seconds of the whole process so far.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

from benchmarks.models import KNOWN
from benchmarks.programs import PROGRAMS

STATUS = Path("/proc/self/status")


def peak():
    """Give the peak of memory in bytes.

    The trap: on Linux getrusage also tells the peak of the process that started this one, if that was higher.
    """
    if STATUS.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(program, model):
    simulate = PROGRAMS[program].simulator(model, KNOWN[model].warm_up if model in KNOWN else 0.0)
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.process_time()
        value = simulate(asked["customers"], asked["seed"])
        ended = time.process_time()
        print(json.dumps({"seconds": ended - started, "value": value, "peak": peak(), "process": ended}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
