"""A small chain with some scenarios, and plans to run them, for the tests of how studies are carried out."""

from servicechain import Chain
from servicechain.settings import Settings
from servicechain.studies.block import Block
from servicechain.studies.grid import scenarios_of
from servicechain.studies.plan import Budget, Choice, Plan

DESK = Chain.from_dict(
    {
        "chain": "Desk",
        "unit": "minutes",
        "actors": {
            "desk": {"lane": "contact", "staff": 2, "wage": 20},
            "office": {"lane": "backstage", "staff": 1, "wage": 30},
        },
        "services": {
            "serve": {
                "by": "desk",
                "steps": [{"work": "exponential(mean=3)"}, {"chance": 0.3, "then": [{"ask": "fix"}]}],
            },
            "fix": {"by": "office", "steps": [{"work": "exponential(mean=4)"}]},
        },
        "customers": {"guest": {"arrivals": "poisson(rate=20/h)", "journey": [{"ask": "serve"}]}},
    }
)
WAIT = "customers.guest.wait"
VARY = {"actors.desk.staff": [2, 3], "actors.office.staff": [1, 2]}

QUEUE = {
    "chain": "queue",
    "unit": "minutes",
    "actors": {"clerk": {"lane": "contact", "staff": 1, "wage": 30}},
    "services": {"serve": {"by": "clerk", "steps": [{"work": "exponential(mean=1)"}]}},
    "customers": {"guest": {"arrivals": "poisson(rate=0.5)", "journey": [{"ask": "serve"}]}},
}


def plan_of(
    chain=DESK, title="small", vary=VARY, metrics=(WAIT,), seed=3, engine="compiled", method="replications", **asked
):
    scenarios = scenarios_of(chain, vary=vary or None)
    settings = Settings.of(scenarios[0].chain, seed=seed, **(asked or {"customers": 60}))
    return Plan(
        title, scenarios, settings, False, metrics, {}, 24, Budget(), Choice(metrics[0]), method=method, engine=engine
    )


def blocks_of(plan, until=24, size=8, attribution=lambda first: first < 8):
    """Replications 0 to `until` - 1 of every scenario."""
    return [
        Block(scenario, first, min(size, until - first), attribution(first))
        for first in range(0, until, size)
        for scenario in range(len(plan.scenarios))
    ]


def by_block(found):
    """Values by block, each there once."""
    values = {}
    for block, rows in found:
        assert block not in values, "counted twice"
        values[block] = rows
    return values
