import numpy as np
import pytest

from peers.agreement import SEED_OFFSET
from servicechain.engines.compiled.compiling import entry
from servicechain.engines.compiled.fours import tossed
from servicechain.engines.compiled.layout import FOUR, GROUPS, NOBODY, WORD, WORLD
from servicechain.engines.compiled.uniforms import ROUND_KEYS, write_round_keys
from servicechain.engines.draws import uniform

COLUMNS = 2
BEYOND_32_BITS = (5 << 32) + 6


@entry
def toss(worlds, whose, tosses):
    w = worlds[0]
    write_round_keys(w)
    for k in range(len(tosses)):
        one = whose[k]
        tosses[k] = tossed(w, one[0], one[1], one[2], one[3], one[4])


def tossed_for(whose, seed=7, replication=3, antithetic=0):
    """What compiled code draws for rows of column, who, number, lineage and path."""
    fours = np.zeros(COLUMNS * GROUPS, FOUR)
    fours["group"] = NOBODY
    keys, world = np.zeros(ROUND_KEYS, WORD), np.zeros(1, WORLD)
    for name, value in {
        "fours": fours.ctypes.data,
        "round_keys": keys.ctypes.data,
        "seed": seed,
        "replication": replication,
        "antithetic": antithetic,
    }.items():
        world[name] = value
    tosses = np.zeros(len(whose))
    toss(world, np.array(whose, np.int64), tosses)
    return tosses.tolist()


@pytest.mark.parametrize("antithetic", [0, 1])
@pytest.mark.parametrize("first", [0, 1_000_003, BEYOND_32_BITS])
def test_four_in_a_row_draw_what_each_would_draw_alone(first, antithetic):
    whose = [(0, 0xDEADBEEF, first + k, 99, 0xFFFFFFFF) for k in range(9)]
    alone = [uniform(7, 3, who, number, lineage, path, antithetic) for _, who, number, lineage, path in whose]
    assert tossed_for(whose, antithetic=antithetic) == alone


def test_who_comes_out_of_order_draws_the_same():
    """Two classes, three lineages and numbers far apart meet at two steps, again and again."""
    chance = np.random.default_rng(SEED_OFFSET)
    whose = [
        (column, int(chance.integers(1, 3)), int(chance.integers(40)), int(chance.integers(3)), 1000 + column)
        for column in chance.integers(COLUMNS, size=2000)
    ]
    assert tossed_for(whose) == [uniform(7, 3, *row[1:]) for row in whose]
