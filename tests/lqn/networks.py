"""Small layered queueing networks as text, and what a simulation of one measures."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import servicechain as sc
from servicechain.estimates import student
from servicechain.lqn import read_lqn
from theory.agreement import SEED_OFFSET, STANDARD_ERRORS

MODELS = Path(__file__).with_name("models")


def network(*processors):
    return f'<lqn-model name="test">\n{"".join(processors)}</lqn-model>\n'


def processor(name, *tasks, **attributes):
    return f'<processor name="{name}"{written(attributes)}>\n{"".join(tasks)}</processor>\n'


def task(name, *parts, **attributes):
    return f'<task name="{name}"{written(attributes)}>\n{"".join(parts)}</task>\n'


def entry(name, *phases, forwarding="", **attributes):
    inside = "".join(phases)
    activities = f"<entry-phase-activities>{inside}</entry-phase-activities>"
    return f'<entry name="{name}" type="PH1PH2"{written(attributes)}>{forwarding}{activities}</entry>\n'


def phase(number, demand, *calls, **attributes):
    more = written(attributes)
    return (
        f'<activity name="a{number}" phase="{number}" host-demand-mean="{demand}"{more}>{"".join(calls)}</activity>\n'
    )


def call(dest, mean, kind="synch"):
    return f'<{kind}-call dest="{dest}" calls-mean="{mean}"/>'


def forward(dest, probability):
    return f'<forwarding dest="{dest}" prob="{probability}"/>'


def graph(*parts):
    return f"<task-activities>{''.join(parts)}</task-activities>\n"


def activity(name, demand, *calls, **attributes):
    return f'<activity name="{name}" host-demand-mean="{demand}"{written(attributes)}>{"".join(calls)}</activity>\n'


def order(before, after, joins="pre", forks="post", **attributes):
    """A precedence; names may carry their own attributes, e.g. ``a" prob="0.5``."""
    first = "".join(f'<activity name="{name}"/>' for name in before)
    then = "".join(f'<activity name="{name}"/>' for name in after)
    post = f"<{forks}{written(attributes)}>{then}</{forks}>" if after else ""
    return f"<precedence><{joins}>{first}</{joins}>{post}</precedence>\n"


def replies(name, *activities):
    inside = "".join(f'<reply-activity name="{one}"/>' for one in activities)
    return f'<reply-entry name="{name}">{inside}</reply-entry>\n'


def customers(*calls, demand=1, count=2, think=0, **attributes):
    """Customers on a processor of their own that is never busy."""
    one = entry("live", phase(1, demand, *calls, **attributes))
    reference = task("customers", one, scheduling="ref", multiplicity=count, think_time=think)
    return processor("home", reference, scheduling="inf")


def written(attributes):
    return "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())


@dataclass(frozen=True)
class Simulated:
    """A chain that was simulated, with its means and their standard errors."""

    result: sc.Result
    observed: float
    replications: int

    def number(self, path):
        mean, halfwidth = self.result.value(f"{path}.mean"), self.result.value(f"{path}.halfwidth")
        return mean, halfwidth / student(self.replications - 1)

    def throughput(self, name):
        mean, error = self.number(f"customers.{name}.arrived")
        return mean / self.observed, error / self.observed

    def busy(self, actor):
        return self.number(f"actors.{actor}.busy")


def simulated(path, until, replications=20):
    """Simulate a network; a tenth of the time is warm-up."""
    chain = read_lqn(path)
    seed = (zlib.crc32(chain.chain.encode()) + SEED_OFFSET) % 2**32
    warm_up = until / 10
    result = sc.run(chain, until=until, warm_up=warm_up, replications=replications, seed=seed)
    return Simulated(result, until - warm_up, replications)


def agrees(measured, exact, uncertain=0.0):
    """Whether a mean is within 4.5 of its standard errors of a value that is itself known up to `uncertain`.

    With 20 replications a true value is refused with probability 2.5e-4. The error is at most 3 % of the value, so
    that a wrong rule would be seen.
    """
    mean, error = measured
    assert error <= 0.03 * exact, (mean, error, exact)
    assert abs(mean - exact) <= STANDARD_ERRORS * error + uncertain, (mean, error, exact)
    return True
