"""A chain file to break, and what reading a broken one says."""

import pytest

from servicechain.errors import ChainError
from servicechain.files.tree import read_tree

HOTEL = """\
chain: Hotel front desk
unit: minutes                    # of every bare number
starts: 2026-01-05T00:00
run: {until: 1d, replications: 20}

actors:
  receptionist:   {lane: contact,   staff: 3, wage: 18.5}
  booking system: {lane: system,    capacity: 2,
                   failures: {every: exponential(mean=8h), repair: restart}}

services:
  check in:
    by: receptionist
    steps:
      - work: lognormal(mean=2, cv=0.7)
      - chance: 0.1
        then: [{ask: fix}]
      - reply
  restart:  {by: booking system, priority: 0, steps: [{work: "lognormal(mean=20, cv=1)"}]}

customers:
  guest:
    arrivals: poisson(rate=24/h)
    journey:
    - ask: check in
"""


def refusal(text):
    with pytest.raises(ChainError) as caught:
        read_tree(text, "chain.yaml")
    (problem,) = caught.value.problems
    assert problem.source == "chain.yaml"
    assert "\n" not in str(problem)
    assert len(problem.message) < 500
    return problem


def refused_at(text, line, column):
    problem = refusal(text)
    assert (problem.line, problem.column) == (line, column)
    return problem.message


# --- what is read ---------------------------------------------------------------------------------------
