import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from servicechain import Chain
from servicechain.engines.compiled import engine as module
from servicechain.engines.compiled import pools
from servicechain.engines.compiled.attribution.layout import NODES, ONWARDS, VIEWS
from servicechain.engines.compiled.attribution.memory import AttributionMemory
from servicechain.engines.compiled.engine import CompiledEngine, actor_times
from servicechain.engines.compiled.layout import ACTOR
from servicechain.engines.reference.engine import ReferenceEngine
from servicechain.errors import RunError
from servicechain.records import ACTOR_TIME, CUSTOMER, REQUEST, joined
from servicechain.settings import Settings


class Keep:
    """Keeps all that a replication hands on."""

    def __init__(self):
        self.blocks, self.asked, self.sizes, self.end = [], [], [], None

    def customers(self, block, parts=None):
        self.sizes.append(block.size)
        self.blocks.append(block.copy())

    def requests(self, block):
        self.sizes.append(block.size)
        self.asked.append(block.copy())

    def close(self, actors, window, end):
        self.end = (actors.copy(), window, end)

    @property
    def all(self):
        return joined(self.blocks, CUSTOMER), joined(self.asked, REQUEST), self.end[0], np.array(self.end[1:])


def same(one, other, integrals=0.0):
    for a, b in zip(one.all, other.all, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        for field in a.dtype.names or (...,):
            np.testing.assert_allclose(a[field], b[field], rtol=integrals if a.dtype == ACTOR_TIME else 0.0)


CHAIN = Chain.from_dict(
    {
        "chain": "test",
        "unit": "minutes",
        "actors": {
            "clerk": {"lane": "contact", "staff": 2},
            "system": {"lane": "system", "capacity": 2, "failures": {"every": 60, "repair": "restart"}},
            "expert": {"lane": "backstage", "staff": 1},
            "cloud": {"lane": "supplier"},
        },
        "services": {
            "serve": {
                "by": "clerk",
                "steps": [
                    {"work": "exponential(mean=1)"},
                    {"repeat": [{"ask": "look up"}], "until": 0.5, "at_most": 3},
                    {"chance": 0.2, "then": [{"tell": "note"}]},
                    {"together": [[{"ask": "note"}], [{"ask": "look up"}]], "need": "any"},
                    "reply",
                    {"work": 0.25},
                ],
            },
            "look up": {"by": "system", "steps": [{"work": "lognormal(mean=0.3, cv=0.7)"}]},
            "restart": {"by": "expert", "steps": [{"work": 5}]},
            "note": {"by": ["expert", "cloud"], "steps": [{"pause": 1}]},
        },
        "customers": {
            "guest": {
                "arrivals": "poisson(rate=40/h)",
                "patience": "exponential(mean=20)",
                "journey": [{"ask": "serve"}],
            },
            "member": {"arrivals": {"population": 5, "think": 30}, "journey": [{"ask": "look up"}, {"pause": 3}]},
        },
    }
)
ONE = {"lane": "system", "capacity": 1}
SETTINGS = Settings(customers=600, warm_up=30.0, attribution=False)


def replicated(engine, replication=0, settings=SETTINGS):
    kept = Keep()
    engine.replicate(settings, replication, kept)
    return kept


def test_both_engines_tell_the_same():
    for settings in (SETTINGS, Settings(customers=None, until=500.0, attribution=False, antithetic=True)):
        for replication in range(2):
            same(
                replicated(CompiledEngine(CHAIN), replication, settings),
                replicated(ReferenceEngine(CHAIN), replication, settings),
                integrals=1e-12,  # the engines add them up in another order
            )


def test_a_replication_is_the_same_whatever_ran_before():
    engine = CompiledEngine(CHAIN)
    first = replicated(engine)
    replicated(engine, 1)
    replicated(engine, 2, Settings(customers=None, until=40.0, attribution=False))
    same(first, replicated(engine))


def test_growing_changes_nothing(monkeypatch):
    usual = replicated(CompiledEngine(CHAIN))
    monkeypatch.setattr(pools, "FIRST_ROOM", 5)
    same(usual, replicated(CompiledEngine(CHAIN)))


def test_returning_often_changes_nothing(monkeypatch):
    usual = replicated(CompiledEngine(CHAIN))
    monkeypatch.setattr(module, "EVENTS", 7)
    same(usual, replicated(CompiledEngine(CHAIN)))


def test_several_threads_share_an_engine():
    engine = CompiledEngine(CHAIN)
    alone = [replicated(engine, number) for number in range(6)]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda number: replicated(engine, number), range(6)))
    for one, other in zip(alone, together, strict=True):
        same(one, other)


def test_blocks_are_handed_on_when_they_are_full():
    wanted = pools.BLOCK * 3 // 2
    kept = replicated(CompiledEngine(CHAIN), settings=Settings(customers=wanted, attribution=False))
    customers, requests = kept.all[:2]
    assert len(customers) == wanted
    assert len(requests) > 2 * pools.BLOCK
    assert max(kept.sizes) <= pools.BLOCK + pools.RESERVE
    assert [len(block) >= pools.BLOCK for block in kept.blocks] == [True, False]
    assert [len(block) >= pools.BLOCK for block in kept.asked[:-1]] == [True] * (len(kept.asked) - 1)
    guests = customers["number"][customers["customer_class"] == 0]
    assert sorted(guests) == list(range(len(guests)))


def test_branches_that_are_over_leave_nothing_to_attribution(monkeypatch):
    """A long run needs no more memory than a short one, though several branches wait at once again and again."""
    given = []
    monkeypatch.setattr(
        module, "AttributionMemory", lambda program: given.append(AttributionMemory(program)) or given[-1]
    )
    work = {"steps": [{"work": "exponential(mean=1)"}]}
    chain = Chain.from_dict(
        {
            "chain": "two at once",
            "unit": "minutes",
            "actors": {"clerk": {"lane": "contact", "staff": 2}, "left": ONE, "right": ONE},
            "services": {
                "advise": {
                    "by": "clerk",
                    "steps": [{"together": [[{"ask": "look"}], [{"ask": "search"}]], "need": "any"}],
                },
                "look": {"by": "left", **work},
                "search": {"by": "right", **work},
            },
            "customers": {
                "guest": {
                    "arrivals": "poisson(rate=0.6)",
                    "patience": "exponential(mean=5)",
                    "journey": [{"together": [[{"ask": "advise"}], [{"ask": "advise"}]]}],
                }
            },
        }
    )
    for customers in (300, 3000):
        CompiledEngine(chain).replicate(Settings(customers=customers, attribution=True), 0, Keep())
    short, long = ([len(memory._arrays[store]) for store in (NODES, VIEWS, ONWARDS)] for memory in given)
    assert short == long


def test_progress_is_told_now_and_then(monkeypatch):
    monkeypatch.setattr(module, "EVENTS", 500)
    told = []
    CompiledEngine(CHAIN).replicate(SETTINGS, 0, Keep(), lambda left, now: told.append((left, now)))
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1][0] == 600


CIRCLE = {"chain": "circle", "unit": "minutes", "actors": {"clerk": {"lane": "contact", "staff": 1}}}
CIRCLE["services"] = {"serve": {"by": "clerk", "steps": [{"tell": "serve"}]}}
CIRCLE["customers"] = {"guest": {"arrivals": "every(2)", "journey": [{"ask": "serve"}]}}


@pytest.mark.theory  # it lets 200,000 things happen
def test_a_clock_that_stands_still_is_told_in_the_same_words():
    chain = Chain.from_dict(CIRCLE)
    told = []
    for kind in (CompiledEngine, ReferenceEngine):
        with pytest.raises(RunError, match="the clock stands still at 2: more than") as caught:
            kind(chain).replicate(Settings(customers=1, attribution=False), 0, Keep())
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_a_run_that_broke_off_leaves_nothing_behind():
    class Full(Keep):
        def requests(self, block):
            raise OSError("no space left")

    engine = CompiledEngine(CHAIN)
    usual = replicated(engine)
    with pytest.raises(OSError, match="no space"):
        engine.replicate(Settings(customers=3000, attribution=False), 0, Full())
    same(usual, replicated(engine))


def test_where_an_actor_s_time_went():
    actors = np.zeros(2, ACTOR)
    actors["on_duty"] = 2, math.inf
    for number, name in enumerate(("duty", "busy", "working", "held", "idle", "down", "queue")):
        actors[f"{name}_time"] = number
    actors["overtime"], actors["queue_max"] = 7, 8
    limited, unlimited = actor_times(actors).tolist()
    # on duty, busy, working, held, idle, down, overtime, queue, most in line
    assert limited == (0, 1, 2, 3, 4, 5, 7, 6, 8)
    assert [unlimited[place] for place in (1, 2, 3, 5, 6, 7, 8)] == [1, 2, 3, 0, 7, 6, 8]
    assert math.isnan(unlimited[0])
    assert math.isnan(unlimited[4])
