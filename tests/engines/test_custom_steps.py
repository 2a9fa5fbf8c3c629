"""Steps that are Python generator functions. Only the reference engine walks them."""

import math
from itertools import pairwise

import pytest

from servicechain import Chain
from servicechain.errors import ServiceChainError
from servicechain.files.tree import read_tree
from servicechain.steps import ask, chance, custom, hand_off, pause, repeat, reply, tell, together, work
from timelines import HEAD, column, happened, requests

ENGINE = "reference"

TEXT = """
actors:
  desk: {lane: contact, staff: 1}
  store: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: []}
  fetch: {by: store, steps: [{work: 5}]}
  note: {by: store, steps: [{work: 1}]}
customers:
  guest: {arrivals: "at([0])", journey: [{ask: serve}]}
"""


def chain_with(function, times=(0,), *, where="service", steps=None, requests=("fetch", "note"), **desk):
    data = read_tree(HEAD + TEXT, "custom").data
    own = steps or [custom(function, requests=requests)]
    if where == "service":
        data["services"]["serve"]["steps"] = own
    else:
        data["customers"]["guest"]["journey"] = own
    data["customers"]["guest"]["arrivals"] = f"at({list(times)})"
    data["actors"]["desk"].update(desk)
    return Chain.from_dict(data)


def restock(context):
    """Fetch from a store that is open from 8 to 17."""
    yield work(2)
    if context.now % 1440 > 1020:
        yield pause(1440 + 480 - context.now % 1440)
    yield ask("fetch")


def test_a_store_that_closes():
    result = happened(chain_with(restock, [900, 1030]), ENGINE)
    # 15:00..15:02, fetched by 15:07; 17:10..17:12, held until 8:00 and 8:05
    assert column(result, "left") == [907, 1440 + 485]
    assert column(result, "attended") == [2, 2]
    assert column(result, "held") == [5, 1440 + 485 - 1032]
    assert requests(result, "begun", "fetch") == [902, 1440 + 480]


def test_the_server_works_and_is_held():
    result = happened(chain_with(restock), ENGINE, customers=None, until=10)
    assert result.value("actors.desk.working.mean") == pytest.approx(0.2)
    assert result.value("actors.desk.held.mean") == pytest.approx(0.5)


def test_what_it_knows():
    seen = []

    def look(context):
        seen.append((context.customer_class, context.number, context.arrived, context.now))
        yield work(3)
        seen.append((context.customer_class, context.number, context.arrived, context.now))

    happened(chain_with(look, [1, 2]), ENGINE)
    assert seen == [("guest", 0, 1, 1), ("guest", 0, 1, 4), ("guest", 1, 2, 4), ("guest", 1, 2, 7)]


def test_in_a_repair_there_is_no_customer():
    seen = []

    def mend(context):
        seen.append((context.customer_class, context.number, math.isnan(context.arrived), context.now))
        yield work(3)

    data = read_tree(HEAD + TEXT, "custom").data
    data["actors"]["desk"]["failures"] = {"every": 10, "repair": "fetch"}
    data["services"]["fetch"]["steps"] = [custom(mend)]
    data["services"]["serve"]["steps"] = [work(4)]
    data["customers"]["guest"]["arrivals"] = "at([8])"
    assert column(happened(Chain.from_dict(data), ENGINE), "left") == [15]
    assert seen == [(None, -1, True, 10)]


def drawn(seed=1, staff=1):
    found = []

    def toss(context):
        found.append((context.number, context.random(), context.random()))
        yield work(3)
        found.append((context.number, context.random()))

    happened(chain_with(toss, [0, 1, 2], staff=staff), ENGINE, seed=seed)
    return sorted(found)


def test_random_numbers_are_new_with_every_call_and_the_same_in_every_run():
    once = drawn()
    numbers = [number for _, *numbers in once for number in numbers]
    assert len(set(numbers)) == len(numbers) == 9
    assert all(0 < number < 1 for number in numbers)
    assert once == drawn()
    assert once == drawn(staff=3)  # whatever the order of events
    assert not set(numbers) & {number for _, *numbers in drawn(seed=2) for number in numbers}


def test_the_same_step_yielded_again_draws_anew():
    ends = []

    def twice(context):
        for _ in range(3):
            ends.append(context.now)
            yield work("exponential(mean=2)")
        ends.append(context.now)

    happened(chain_with(twice), ENGINE)
    first, second, third = (after - before for before, after in pairwise(ends))
    assert len({round(first, 9), round(second, 9), round(third, 9)}) == 3


def test_every_kind_of_step_may_be_yielded():
    def everything(context):
        yield tell("note")  # the store, 0..1
        yield chance(1, [work(1)], [work(50)])
        yield repeat([work(1), pause(1)], times=2)
        assert context.now == 5
        yield together([work(2)], [ask("fetch")])
        assert context.now == 10
        yield together([work(20)], [ask("note")], need="any")
        assert context.now == 11

    result = happened(chain_with(everything), ENGINE)
    assert column(result, "left") == [11]
    assert requests(result, "begun", "note") == [0, 10]
    assert requests(result, "begun", "fetch") == [5]


def test_a_loop_carries_on_what_python_remembers():
    def until_three(context):
        tries = 0
        while tries < 3:
            tries += 1
            yield work(tries)

    # 1 + 2 + 3, for each
    assert column(happened(chain_with(until_three, [0, 0]), ENGINE), "left") == [6, 12]


def test_in_a_journey_it_is_the_customer_s_own_time():
    def walk(context):
        yield work(2)
        yield ask("serve")
        yield pause(3)

    chain = chain_with(walk, where="journey", requests=("serve",))
    result = happened(chain, ENGINE)
    assert column(result, "left") == [5]
    assert column(result, "own") == [5]


def test_a_branch_no_longer_needed_takes_no_further_step():
    steps = []

    def slow(context):
        steps.append(context.now)
        yield work(9)
        steps.append(context.now)

    side_by_side = [together([custom(slow)], [ask("fetch")], need="any"), work(1)]
    assert column(happened(chain_with(slow, steps=side_by_side), ENGINE), "left") == [6]
    assert steps == [0]


def test_its_work_is_interrupted_like_any_other():
    ends = []

    def long(context):
        yield work(4)
        ends.append(context.now)

    chain = chain_with(long, [8], failures={"every": 10, "lasts": 3})
    assert column(happened(chain, ENGINE), "left") == [15]
    assert ends == [15]


def test_before_and_after_come_other_steps():
    def nothing(context):
        return
        yield

    chain = chain_with(nothing, steps=[work(1), custom(nothing), work(2), reply, custom(nothing), work(3)])
    result = happened(chain, ENGINE, customers=None, until=20)
    assert column(result, "left") == [3]
    assert requests(result, "ended", "serve") == [6]


@pytest.mark.parametrize("wrong", [5, "work", None, reply, hand_off("note"), ask("nobody")])
def test_what_may_not_be_yielded_is_told(wrong):
    def mistaken(context):
        yield wrong

    with pytest.raises(ServiceChainError):
        happened(chain_with(mistaken), ENGINE)
