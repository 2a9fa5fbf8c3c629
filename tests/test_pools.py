import math

import numpy as np
import pytest

from servicechain import Chain
from servicechain.engines.compiled.events import NO_EVENT
from servicechain.engines.compiled.layout import CUSTOMERS, FORKS, LOOPS, NOBODY, REQUESTS, STRANDS
from servicechain.engines.compiled.least import GROUP
from servicechain.engines.compiled.pooling import MARGIN
from servicechain.engines.compiled.pools import BLOCK, FIRST_ROOM, Pools
from servicechain.engines.compiled.program import program_of
from servicechain.engines.draws import name_key, step_key
from servicechain.settings import Settings

FIELDS = {CUSTOMERS: "customers", REQUESTS: "requests", STRANDS: "strands", FORKS: "forks", LOOPS: "loops"}
CHAIN = Chain.from_dict(
    {
        "chain": "test",
        "unit": "hours",
        "actors": {"clerk": {"lane": "contact", "staff": 2}, "expert": {"lane": "backstage", "staff": 1}},
        "services": {
            "serve": {"by": ["clerk", "expert"], "steps": [{"work": 1}]},
            "help": {"by": "expert", "priority": 0, "steps": [{"work": 1}]},
        },
        "customers": {
            "guest": {"arrivals": "every(2)", "journey": [{"ask": "serve"}]},
            "member": {"arrivals": {"population": 5, "think": 1}, "journey": [{"ask": "help"}]},
        },
    }
)
PROGRAM = program_of(CHAIN)


def started(replication=0, attribution=0, **settings):
    pools = Pools(PROGRAM)
    pools.start(Settings(**settings), replication, attribution)
    return pools


def use(pools, pool, count):
    """Take elements of a pool that have never been used, as the kernel does, and write into them."""
    p = pools["pools"]
    first = p["top"][pool]
    p["top"][pool] += count
    p["room"][pool] -= count
    pools[FIELDS[pool]].view(np.int64)[:] = np.arange(pools[FIELDS[pool]].view(np.int64).size)
    return first


def put_on_agenda(pools, codes):
    for code in codes:
        last = pools.value("agenda_last")
        pools["agenda"][last & pools.value("agenda_mask")] = (code, -code)
        pools.set(agenda_last=last + 1)


def on_agenda(pools):
    positions = np.arange(pools.value("agenda_first"), pools.value("agenda_last"))
    found = pools["agenda"][positions & pools.value("agenda_mask")]
    assert (found["subject"] == -found["code"]).all()
    return found["code"].tolist()


# -- the beginning ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    [
        "steps",
        "actors",
        "customers",
        "strands",
        "links",
        "levels",
        "events",
        "dues",
        "tops",
        "agenda",
        "pools",
        "edges",
    ],
)
def test_the_world_knows_where_everything_lies(field):
    pools = started()
    assert pools.value(field) == pools[field].ctypes.data


def test_the_state_of_a_replication_is_its_own():
    pools = started()
    for field in ("actors", "classes", "members", "breakdowns"):
        assert not np.shares_memory(pools[field], getattr(PROGRAM, field))
        assert (pools[field] == getattr(PROGRAM, field)).all()
    assert np.shares_memory(pools["steps"], PROGRAM.steps)


def test_sizes_and_lists_at_the_beginning():
    pools = started()
    sizes = {
        "actor_count": 2,
        "class_count": 2,
        "breakdown_count": 0,
        "level_count": 2,
        "place_bits": 1,
        "block": BLOCK,
    }
    assert {name: pools.value(name) for name in sizes} == sizes
    for name in ("idle", "idle_last", "touched", "walker"):
        assert pools.value(name) == NOBODY
    assert set(pools["eights"]["group"]) == {NOBODY}
    assert pools["levels"]["first"].tolist() == pools["levels"]["last"].tolist() == [NOBODY] * 4
    assert pools["pools"]["room"].tolist() == [FIRST_ROOM] * 5
    assert pools["pools"]["free"].tolist() == pools["pools"]["limbo"].tolist() == [NOBODY] * 5


def test_no_event_is_due_and_there_is_room_for_all():
    pools = started()
    # of each strand, customer and member; of classes, actors, and a few of the run
    assert len(pools["events"]) > 2 * FIRST_ROOM + 5 + 2 + 2 * 2 + 1
    assert len(pools["dues"]) == len(pools["events"]) == len(pools["tops"]) * GROUP
    assert set(pools["dues"]["value"]) == set(pools["tops"]["value"]) == {math.inf}
    assert (pools.value("events_used"), pools.value("groups")) == (NO_EVENT + 1, 1)


def test_a_request_has_a_place_in_each_line_it_may_stand_in():
    assert len(started()["links"]) == 2 * FIRST_ROOM


def test_settings_become_numbers():
    pools = started(3, customers=7, warm_up=2.5, seed=11)
    assert (pools.value("customers_wanted"), pools.value("until_given"), pools.value("until")) == (7, 0, math.inf)
    assert (pools.value("warm_up"), pools.value("seed"), pools.value("replication")) == (2.5, 11, 3)
    assert (pools.value("quiet"), pools.value("long"), pools.value("unit_seconds")) == (192.0, 8760.0, 3600.0)
    assert (pools.value("antithetic"), pools.value("attribution"), pools.value("counted_until")) == (0, 0, math.inf)


def test_a_run_until_a_time_wants_everybody():
    pools = started(customers=None, until=9.0)
    assert (pools.value("until_given"), pools.value("until")) == (1, 9.0)
    assert pools.value("customers_wanted") > 2**60


def test_mirrored_replications_share_their_stream():
    told = [started(number, antithetic=True, replications=4) for number in range(4)]
    assert [(one.value("replication"), one.value("antithetic")) for one in told] == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("name", ["arrival", "batch", "patience", "failure", "repair"])
def test_streams_have_their_keys(name):
    assert started().value(f"key_{name}") == step_key(name_key(name), 0)


def test_edges_are_for_attribution_only():
    edges = (1.0, 2.0, 5.0)
    assert started(edges=edges).value("edge_count") == 0
    pools = started(attribution=1, edges=edges)
    assert (pools.value("edge_count"), pools["edges"]["value"].tolist()) == (3, list(edges))


def test_nothing_is_left_of_the_replication_before():
    pools, fresh = started(), started(1, seed=5)
    pools["actors"]["busy"] = 3
    pools["members"]["cycle"] = 9
    pools["levels"]["first"] = 4
    pools["pools"]["free"] = 1
    for pool in FIELDS:
        use(pools, pool, FIRST_ROOM)
    put_on_agenda(pools, [1, 2])
    for field in ("dues", "tops"):
        pools[field]["value"][:2] = 5.0
    pools.set(event_free=7, groups=2, now=12.0, stage=2, arrived=3, customer_count=8, frame_count=1)
    pools.start(Settings(seed=5), 1)
    addresses = {"pools", *(field for field in pools.world.dtype.names if field in fresh._arrays)}
    for field in set(pools.world.dtype.names) - addresses:
        assert pools.value(field) == fresh.value(field), field
    for field in ("actors", "members", "levels", "dues", "tops", *FIELDS.values()):
        assert (pools[field] == fresh[field]).all(), field


# -- growing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", FIELDS)
def test_a_pool_that_is_short_grows_alone_and_keeps_what_it_holds(pool):
    pools = started()
    use(pools, pool, FIRST_ROOM - 2)
    chain = pools._next[pool]
    chain["value"] = np.arange(FIRST_ROOM)
    before = pools[FIELDS[pool]].copy()
    pools.grow()
    grown = {other: len(pools[field]) for other, field in FIELDS.items()}
    assert grown == {other: FIRST_ROOM * (2 if other == pool else 1) for other in FIELDS}
    assert (pools[FIELDS[pool]][:FIRST_ROOM] == before).all()
    assert pools.value(FIELDS[pool]) == pools[FIELDS[pool]].ctypes.data
    assert pools["pools"]["room"][pool] == FIRST_ROOM + 2
    assert pools["pools"]["top"][pool] == FIRST_ROOM - 2
    assert pools._next[pool]["value"][:FIRST_ROOM].tolist() == list(range(FIRST_ROOM))
    assert pools["pools"]["next"][pool] == pools._next[pool].ctypes.data


def test_what_has_room_stays_as_it_is():
    pools = started()
    use(pools, CUSTOMERS, FIRST_ROOM // 2)
    arrays = dict(pools._arrays)
    pools.grow()
    assert all(pools[field] is array for field, array in arrays.items())


@pytest.mark.parametrize("pool", FIELDS)
def test_who_has_room_for_no_further_step_grows(pool):
    pools = started()
    for _ in range(5):
        room = pools["pools"]["room"][pool]
        use(pools, pool, room - MARGIN + 1)
        pools.grow()
        assert pools["pools"]["room"][pool] >= room


def test_what_depends_on_a_pool_grows_with_it():
    pools = started()
    pools["links"]["after"] = np.arange(len(pools["links"]))
    pools["frames"]["subject"] = np.arange(len(pools["frames"]))
    links, frames = len(pools["links"]), len(pools["frames"])
    for pool in (REQUESTS, STRANDS, FORKS):
        use(pools, pool, FIRST_ROOM)
    pools.grow()
    assert len(pools["links"]) == 2 * links
    assert len(pools["frames"]) == frames + 2 * FIRST_ROOM
    assert pools["links"]["after"][:links].tolist() == list(range(links))
    assert pools["frames"]["subject"][:frames].tolist() == list(range(frames))


def test_events_keep_when_they_are_due_when_their_room_grows():
    pools = started()
    before = len(pools["events"])
    pools["dues"]["value"] = np.arange(before)
    while len(pools["events"]) == before:
        use(pools, CUSTOMERS, pools["pools"]["room"][CUSTOMERS])
        pools.grow()
    assert pools["dues"]["value"][:before].tolist() == list(range(before))
    assert set(pools["dues"]["value"][before:]) == set(pools["tops"]["value"][before // GROUP :]) == {math.inf}


@pytest.mark.parametrize("first", [0, 5, 1000, 12345])
def test_the_agenda_keeps_its_order_when_its_ring_grows(first):
    pools = started()
    size = len(pools["agenda"])
    assert size & (size - 1) == 0
    pools.set(agenda_first=first, agenda_last=first)
    codes = list(range(1, size - 1))
    put_on_agenda(pools, codes)
    use(pools, REQUESTS, FIRST_ROOM)
    use(pools, STRANDS, FIRST_ROOM)
    pools.grow()
    assert len(pools["agenda"]) > size
    assert pools.value("agenda_mask") == len(pools["agenda"]) - 1
    assert (pools.value("agenda_first"), on_agenda(pools)) == (first, codes)


def test_the_agenda_grows_with_the_pools_that_stand_on_it():
    pools = started()
    for pool in (REQUESTS, REQUESTS, STRANDS, REQUESTS, STRANDS):
        use(pools, pool, pools["pools"]["room"][pool])
        pools.grow()
        assert len(pools["agenda"]) >= 4 * (len(pools["requests"]) + len(pools["strands"])) + 64


def test_memory_that_has_grown_stays_for_the_next_replication():
    pools = started()
    use(pools, REQUESTS, FIRST_ROOM)
    pools.grow()
    pools.start(Settings(), 1)
    assert pools["pools"]["room"].tolist() == [FIRST_ROOM, 2 * FIRST_ROOM, FIRST_ROOM, FIRST_ROOM, FIRST_ROOM]
    assert len(pools["links"]) == 4 * FIRST_ROOM
    assert not pools["requests"]["key"].any()


# -- blocks -----------------------------------------------------------------------------------------------------------


def test_what_is_taken_from_a_block_empties_it():
    pools = started()
    pools["customer_block"]["number"][:3] = [4, 5, 6]
    pools.set(customer_count=3)
    assert pools.take("customer_block", "customer_count")["number"].tolist() == [4, 5, 6]
    assert pools.take("customer_block", "customer_count").size == 0


def test_a_block_has_room_for_what_one_step_records():
    pools = started()
    assert len(pools["customer_block"]) == len(pools["request_block"]) >= BLOCK + len(PROGRAM.steps)
