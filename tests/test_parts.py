import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import customers
from servicechain.causes import Cause
from servicechain.parts import PartSums
from servicechain.records import PART, CustomerOutcome, Parts

PATHS = ((0, Cause.WORK), (0, 1, Cause.PAUSE), (1, Cause.FAILURE))


def parts(*rows, paths=PATHS):
    return Parts(np.array(list(rows), PART), paths)


def test_parts_by_hand():
    block = customers(
        {"arrived": 4.9},  # before the warm-up
        {"arrived": 5.0},
        {"arrived": 6.0, "outcome": CustomerOutcome.ABANDONED},
        {"arrived": 7.0, "outcome": CustomerOutcome.UNFINISHED, "left": math.nan},
        {"arrived": 8.0, "customer_class": 1},
    )
    rows = ((0, 0, 100, 100), (1, 0, 1, 2), (1, 2, 0, 0), (2, 0, 4, 8), (3, 1, 100, 100), (4, 1, 16, 32))
    sums = PartSums(2, 5.0)
    sums.add(block, parts(*rows))
    assert sums.left.tolist() == [2, 1]
    # a path of no time is still one by which waiting could come; one of nobody who counts is none
    assert [{path: time.tolist() for path, time in times.items()} for times in sums.times] == [
        {PATHS[0]: [5, 10], PATHS[2]: [0, 0]},
        {PATHS[1]: [16, 32]},
    ]


def test_paths_may_be_met_later_and_twice():
    sums, block = PartSums(1, 0.0), customers({}, {})
    sums.add(block, parts((0, 0, 1, 2), paths=PATHS[:1]))
    assert sums.times[0][PATHS[0]].tolist() == [1, 2]
    many = [PATHS[0], *((number, Cause.WORK) for number in range(2, 40)), PATHS[0]]
    sums.add(block, parts((0, 0, 4, 8), (1, 39, 16, 32), (1, 7, 1, 1), paths=many))
    assert {path: time.tolist() for path, time in sums.times[0].items()} == {
        PATHS[0]: [21, 42],
        (8, Cause.WORK): [1, 1],
    }
    assert sums.left.tolist() == [4]


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(0, 80), st.lists(st.integers(0, 80), max_size=6))
def test_any_split_into_blocks_gives_what_adding_up_by_hand_gives(seed, count, cuts):
    random = np.random.default_rng(seed)
    block = customers(*({} for _ in range(count)))
    block["customer_class"] = random.integers(0, 3, count)
    block["arrived"] = random.uniform(0, 10, count)
    block["outcome"] = random.integers(0, 3, count)
    rows = np.zeros(3 * count, PART)
    rows["customer"] = np.repeat(np.arange(count), 3)
    rows["path"] = random.integers(0, len(PATHS), 3 * count)
    rows["queueing"], rows["held"] = random.exponential(5, 3 * count), random.lognormal(0, 3, 3 * count)

    whole, split = PartSums(3, 4.0), PartSums(3, 4.0)
    whole.add(block, Parts(rows, PATHS))
    cuts = [0, *sorted(min(cut, count) for cut in cuts), count]
    for start, end in pairwise(cuts):
        own = rows[3 * start : 3 * end].copy()
        own["customer"] -= start
        split.add(block[start:end], Parts(own, PATHS))

    for position in range(3):
        counts = [one["customer_class"] == position and one["arrived"] >= 4 and one["outcome"] < 2 for one in block]
        assert whole.left[position] == sum(counts)
        expected = {}
        for row in rows:
            if counts[row["customer"]]:
                expected.setdefault(PATHS[row["path"]], []).append((float(row["queueing"]), float(row["held"])))
        assert whole.times[position].keys() == expected.keys()
        for path, times in expected.items():
            exact = [math.fsum(each) for each in zip(*times, strict=True)]
            assert whole.times[position][path] == pytest.approx(exact, rel=1e-14)
            assert split.times[position][path].tolist() == whole.times[position][path].tolist()
    assert split.left.tolist() == whole.left.tolist()


def test_small_parts_are_not_lost_in_a_large_sum():
    sums, block = PartSums(1, 0.0), customers({})
    sums.add(block, parts((0, 0, 1e16, 1e16)))
    # one by one, each would be rounded away
    sums.add(block, parts(*((0, 0, 1.0, 0.5) for _ in range(1000))))
    assert sums.times[0][PATHS[0]].tolist() == [1e16 + 1000, 1e16 + 500]


@pytest.mark.parametrize("row", [(1, 0, 1, 1), (-1, 0, 1, 1), (0, 6, 1, 1), (0, -1, 1, 1)])
def test_a_part_of_nobody_is_refused(row):
    with pytest.raises(IndexError, match="does not exist"):
        PartSums(1, 0.0).add(customers({}), parts(row))


def test_a_customer_of_no_class_is_refused():
    with pytest.raises(IndexError, match="does not exist"):
        PartSums(1, 0.0).add(customers({"customer_class": 1}), parts())
