import numpy as np
import pytest

from peers.agreement import SEED_OFFSET
from servicechain.distributions import Discrete, Exponential, Gamma, LogNormal
from servicechain.distributions.quantiles import quantile
from servicechain.engines.compiled.compiling import entry
from servicechain.engines.compiled.eights import in_turn
from servicechain.engines.compiled.layout import EIGHT, GROUPS, NOBODY, WORD, WORLD
from servicechain.engines.compiled.rows import Tables
from servicechain.engines.compiled.uniforms import ROUND_KEYS, write_round_keys
from servicechain.engines.compiled.variates import Variates
from servicechain.engines.draws import uniform
from servicechain.units import TimeUnit

COLUMNS = 2
BEYOND_32_BITS = (5 << 32) + 6


@entry
def draw(worlds, variate, whose, draws):
    w = worlds[0]
    write_round_keys(w)
    for k in range(len(draws)):
        one = whose[k]
        draws[k] = in_turn(w, one[0], variate, one[1], one[2], one[3], one[4])


def drawn_for(whose, distribution=None, seed=7, replication=3, antithetic=0):
    """What compiled code draws for rows of column, who, number, lineage and path."""
    eights = np.zeros(COLUMNS * GROUPS, EIGHT)
    eights["group"] = NOBODY
    variates = Variates(TimeUnit.MINUTES, Tables())
    variate, table = variates.of_optional(distribution), variates.array
    keys, world = np.zeros(ROUND_KEYS, WORD), np.zeros(1, WORLD)
    for name, value in {
        "eights": eights.ctypes.data,
        "variates": table.ctypes.data,
        "round_keys": keys.ctypes.data,
        "seed": seed,
        "replication": replication,
        "antithetic": antithetic,
    }.items():
        world[name] = value
    draws = np.zeros(len(whose))
    draw(world, variate, np.array(whose, np.int64), draws)
    return draws.tolist()


@pytest.mark.parametrize("antithetic", [0, 1])
@pytest.mark.parametrize("first", [0, 1_000_003, BEYOND_32_BITS])
def test_eight_in_a_row_draw_what_each_would_draw_alone(first, antithetic):
    whose = [(0, 0xDEADBEEF, first + k, 99, 0xFFFFFFFF) for k in range(17)]
    alone = [uniform(7, 3, who, number, lineage, path, antithetic) for _, who, number, lineage, path in whose]
    assert drawn_for(whose, antithetic=antithetic) == alone


def test_who_comes_out_of_order_draws_the_same():
    """Two classes, three lineages and numbers far apart meet at two steps, again and again."""
    chance = np.random.default_rng(SEED_OFFSET)
    whose = [
        (column, int(chance.integers(1, 3)), int(chance.integers(40)), int(chance.integers(3)), 1000 + column)
        for column in chance.integers(COLUMNS, size=2000)
    ]
    assert drawn_for(whose) == [uniform(7, 3, *row[1:]) for row in whose]


@pytest.mark.parametrize(
    "distribution",
    [Exponential(2), LogNormal(1.5, 0.7), Gamma(3, 1.5), Discrete([1, 4], [0.2, 0.8])],
    ids=lambda one: type(one).__name__,
)
def test_a_value_is_the_quantile_of_the_uniform_number(distribution):
    whose = [(0, 5, number, 99, 6) for number in range(1000, 1100)]
    code, a, b, c, table = distribution.lowered()
    expected = [quantile(code, a, b, c, np.array(table), uniform(7, 3, *row[1:])) for row in whose]
    assert drawn_for(whose, distribution) == expected
