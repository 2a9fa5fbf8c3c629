import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from blocks import FACTS, IDLE, customers
from random_chains import chains
from servicechain import Chain, RunError, ask, custom, run
from servicechain.changes import AS_IT_IS, Change, players
from servicechain.counterfactuals import Counterfactuals, WaitSums, exact_sum
from servicechain.engines import engine_for
from servicechain.records import CustomerOutcome, KeepCustomers, KeepRequests
from servicechain.settings import Settings
from timelines import chain_of

pytestmark = pytest.mark.theory  # many random chains

DESK = """
actors: {{desk: {{lane: contact, {desk}}}, office: {{lane: backstage, {office}}}}}
services:
  serve: {{by: desk, steps: {serve}}}
  look up: {{by: office, steps: {look}}}
customers: {{guest: {{arrivals: "at([0, 1])", journey: [{{ask: serve}}]}}}}
"""


def desk(desk="staff: 1", office="staff: 1", serve="[{work: 2}, {ask: look up}]", look="[{work: 5}]"):
    return chain_of(DESK.format(desk=desk, office=office, serve=serve, look=look))


def runs_of(chain, progress=None, **asked):
    asked.setdefault("replications", 1)
    asked.setdefault("customers", 1000)
    return Counterfactuals(chain.loaded(), Settings.of(chain, **asked), "reference", progress)


def wait(chain, change=AS_IT_IS, **asked):
    """Mean wait of all customers in one run."""
    return runs_of(chain, **asked).outcome(change).waits[0, -1]


def ideal(*names):
    return Change(ideal=frozenset(names))


# the first guest waits 5 for the office, the second stands in line 1..7 and waits as long
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(), (5 + 6 + 5) / 2),
        (ideal("office"), (0 + 1 + 0) / 2),
        # asked at 0 and 1; the office is busy until 5, then until 10
        (ideal("desk"), (5 + 9) / 2),
        (ideal("desk", "office"), 0),
        # asked at 2 and 3; the office is busy until 7, then until 12
        (Change(one_more="desk"), (5 + 9) / 2),
        (Change(one_more="office"), (5 + 6 + 5) / 2),
        (Change(faster="office"), (5 / 1.1 + 1 + 5 / 1.1 + 5 / 1.1) / 2),
        (Change(faster="desk"), (5 + 2 / 1.1 + 5 - 1 + 5) / 2),
    ],
    ids=str,
)
def test_two_guests_by_hand(change, expected):
    assert wait(desk(), change) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "office",
    [
        "staff: 1, failures: {every: 3, lasts: 4}",
        "staff: 1, failures: {every: 0.5, repair: serve}",
        "shifts: [{days: tue, from: '08:00', to: '09:00', staff: 1}]",
        "staff: 0",
    ],
)
def test_who_is_ideal_is_never_absent_and_never_fails(office):
    assert wait(desk(desk="staff: 2", office=office), ideal("office")) == 0


def test_pauses_of_who_is_ideal_take_no_time_and_those_of_others_do():
    chain = desk(desk="staff: 2", serve="[{ask: look up}, {pause: 3}]", look="[{pause: 5}]", office="staff: 2")
    assert wait(chain) == 8
    assert wait(chain, ideal("office")) == 3
    assert wait(chain, ideal("desk")) == 5


def test_the_customers_own_work_is_not_anybodys():
    chain = chain_of("""
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 2}]}}
        customers: {guest: {arrivals: "at([0])", journey: [{work: 3}, {pause: 1}, {ask: serve}, {work: 4}]}}
        """)
    kept = KeepCustomers()
    engine_for(chain, "reference", frozenset({"desk"})).replicate(Settings.of(chain, customers=1), 0, kept)
    assert (kept.records["own"][0], kept.records["attended"][0], kept.records["left"][0]) == (8, 0, 8)


def test_who_shares_a_service_is_ideal_by_name():
    chain = chain_of("""
        actors: {first: {lane: contact, staff: 1}, second: {lane: contact, staff: 1}}
        services: {serve: {by: [first, second], steps: [{work: 10}]}}
        customers: {guest: {arrivals: "at([0, 0, 0])", journey: [{ask: serve}]}}
        """)
    assert wait(chain) == pytest.approx(10 / 3)
    # the second guest finds the first server busy, and the third too
    assert wait(chain, ideal("second")) == 0


RANDOM = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RANDOM
@given(data=chains(everything=True))
def test_nobody_ideal_is_the_run_itself_bit_for_bit(data):
    chain = Chain.from_dict({**data, "actors": {**data["actors"], "nobody asks": {"lane": "contact", "staff": 1}}})
    kept = []
    for who in (None, frozenset(), frozenset({"nobody asks"})):
        runner = engine_for(chain.loaded(), "reference", *(() if who is None else (who,)))
        settings, sinks = Settings.of(chain, until=40), (KeepCustomers(), KeepRequests())
        for sink in sinks:
            runner.replicate(settings, 0, sink)
        # field by field: between the fields of a record lie bytes that mean nothing
        kept.append([sink.records[name].tobytes() for sink in sinks for name in sink.records.dtype.names])
    assert kept[0] == kept[1] == kept[2]


@RANDOM
@given(data=chains(everything=True))
def test_if_all_are_ideal_nobody_waits(data):
    chain = Chain.from_dict(data)
    try:
        waits = runs_of(chain, customers=None, until=30).outcome(ideal(*chain.actors)).waits
    except RunError:
        assume(False)  # members who think for no time come without end
    assert set(waits[~np.isnan(waits)]) <= {0.0}


def test_the_base_is_the_mean_of_the_result():
    chain = desk(serve="[{work: exponential(mean=1)}, {ask: look up}]")
    result = run(chain, customers=2, replications=5)
    assert runs_of(chain, replications=5).outcome().waits[:, 0].mean() == pytest.approx(
        result.value("customers.guest.wait.mean"), rel=1e-12
    )


# -- one more server ------------------------------------------------------------------------------------------


def test_one_more_wherever_somebody_is_on_duty_and_nowhere_else():
    shifts = """shifts: [{days: mon-fri, from: '08:00', to: '17:00', staff: 2}, {days: daily, from: '12:00',
        to: '20:00', staff: 1}, {days: [sat, wed], from: '22:30', to: '06:00:30', staff: 3},
        {days: sun, from: '20:00', to: '24:00', staff: 1}, {days: thu, from: '02:00', to: '03:00', staff: 0}]"""
    chain = desk(desk=shifts)
    before = chain.actors["desk"].calendar(None, chain.unit)
    after = Change(one_more="desk").of(chain).actors["desk"].calendar(None, chain.unit)
    minutes = np.arange(0, 7 * 1440, 0.25)
    on_duty = np.array([before.on_duty_at(time) for time in minutes])
    assert set(on_duty) == {0, 1, 2, 3}
    assert [after.on_duty_at(time) for time in minutes] == list(on_duty + (on_duty > 0))


def test_one_more_around_the_clock_and_of_nobody():
    always = "shifts: [{days: daily, from: '06:00', to: '06:00', staff: 2}]"
    calendar = Change(one_more="desk").of(desk(desk=always)).actors["desk"].calendar(None, "minutes")
    assert calendar.staff == (3,)
    never = "shifts: [{days: daily, from: '06:00', to: '06:00', staff: 0}]"
    assert Change(one_more="desk").of(desk(desk=never)).actors["desk"].calendar(None, "minutes").staff == (0,)


@pytest.mark.parametrize(("staff", "servers"), [("staff: 0", 1), ("staff: 3", 4)])
def test_one_more_is_one_more(staff, servers):
    assert Change(one_more="desk").of(desk(desk=staff)).actors["desk"].servers == servers


def test_one_more_of_the_unlimited_is_nothing_and_is_not_run():
    chain, told = desk(desk="staff: unlimited"), []
    assert Change(one_more="desk").of(chain) is chain
    runs = runs_of(chain, lambda done, of: told.append((done, of)))
    runs.run([Change(one_more="desk"), ideal("office"), ideal("office")])
    assert told == [(1, 2), (2, 2)]
    assert runs.saved(Change(one_more="desk")).tolist() == [[0.0, 0.0]]


def test_ten_percent_faster_is_on_top_of_the_speed():
    changed = Change(faster="desk").of(desk(desk="staff: 1, speed: 0.5"))
    assert changed.actors["desk"].speed == pytest.approx(0.55)
    assert changed.actors["office"].speed is None


def test_a_change_leaves_the_chain_alone():
    chain = desk()
    Change(one_more="desk").of(chain)
    assert chain == desk()


# -- who matters ----------------------------------------------------------------------------------------------


def test_who_is_never_asked_does_not_matter_unless_he_breaks_down_for_another():
    extra = {
        "idle": {"lane": "backstage", "staff": 1},
        "unused": {"lane": "system", "capacity": 1},
        "breaks": {"lane": "system", "capacity": 1, "failures": {"every": 5, "repair": "mend"}},
        "mender": {"lane": "backstage", "staff": 1},
    }
    data = desk().to_dict()
    services = {**data["services"], "mend": {"by": "mender", "steps": []}, "rest": {"by": "unused", "steps": []}}
    chain = Chain.from_dict({**data, "actors": {**data["actors"], **extra}, "services": services})
    assert players(chain) == ("desk", "office", "breaks", "mender")


def test_what_a_step_in_python_asks_for_is_not_known():
    def python(context):
        yield ask("look up")

    data = desk(serve="[{work: 1}]").to_dict()
    assert players(Chain.from_dict(data)) == ("desk",)
    data["customers"]["guest"]["journey"] = [custom(python)]
    assert players(Chain.from_dict(data)) == ("desk", "office")


# -- sums and differences ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e200, 1e200)))
def test_sums_are_exact(numbers):
    parts = exact_sum(numbers)
    assert sum(map(Fraction, parts)) == sum(map(Fraction, numbers))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.randoms(use_true_random=False), st.integers(1, 5))
def test_means_do_not_depend_on_the_order_in_which_customers_leave(waits, chance, size):
    def means(order):
        sums = WaitSums(FACTS, 0)
        rows = [{"queueing": wait, "customer_class": place % 2} for place, wait in order]
        for start in range(0, len(rows), size):
            sums.customers(customers(*rows[start : start + size]))
        sums.close(IDLE, 1, 1)
        return sums.means()

    order = [*enumerate(waits)]
    assert means(order) == pytest.approx(means(chance.sample(order, len(order))), abs=0, rel=0, nan_ok=True)


def test_only_those_count_who_came_after_the_warm_up_and_left():
    sums = WaitSums(FACTS, 10)
    sums.customers(
        customers(
            {"arrived": 9, "queueing": 100},
            {"arrived": 10, "queueing": 1, "held": 2},
            {"arrived": 11, "queueing": 5, "outcome": CustomerOutcome.ABANDONED},
            {"arrived": 12, "queueing": 1000, "outcome": CustomerOutcome.UNFINISHED},
            {"arrived": 13, "held": 10, "customer_class": 1},
        )
    )
    sums.close(IDLE, 1, 1)
    assert sums.means() == [4, 10, 6]


def test_of_nobody_there_is_no_mean():
    assert np.isnan(WaitSums(FACTS, 0).means()).all()


NOISY = """
actors: {desk: {lane: contact, staff: 1}}
services: {serve: {by: desk, steps: [{work: exponential(mean=4)}]}}
customers: {guest: {arrivals: poisson(rate=0.2/min), journey: [{ask: serve}]}}
"""


def test_half_widths_are_those_of_paired_differences():
    runs = runs_of(chain_of(NOISY), customers=50, replications=8)
    before, after = runs.outcome().waits[:, 0], runs.outcome(Change(faster="desk")).waits[:, 0]
    low, high = ttest_rel(before, after).confidence_interval(0.95)
    told = runs.estimate(runs.saved(Change(faster="desk"))[:, 0])
    assert (told.mean - told.halfwidth, told.mean + told.halfwidth) == pytest.approx((low, high))
    # the same day twice: far less chance than in two days
    assert told.halfwidth < runs.estimate(before).halfwidth / 2


def test_antithetic_replications_are_pairs():
    runs = runs_of(chain_of(NOISY), customers=50, replications=8, antithetic=True)
    before, after = (runs.outcome(change).waits[:, 0].reshape(4, 2).mean(1) for change in (Change(), ideal("desk")))
    low, high = ttest_rel(before, after).confidence_interval(0.95)
    told = runs.estimate(runs.saved(ideal("desk"))[:, 0])
    assert (told.mean - told.halfwidth, told.mean + told.halfwidth) == pytest.approx((low, high))


def test_the_order_of_questions_changes_nothing():
    changes = [Change(), ideal("desk"), Change(faster="desk")]
    told = []
    for order in (changes, random.Random(1).sample(changes, 3)):
        runs = runs_of(chain_of(NOISY), customers=20, replications=2)
        runs.run(order)
        told.append([runs.outcome(change).waits.tolist() for change in changes])
    assert told[0] == told[1]


def test_a_circle_that_only_work_slows_down_is_told_with_who_is_ideal():
    chain = chain_of("""
        actors: {desk: {lane: contact, staff: 1}, watch: {lane: system, capacity: 1}}
        services:
          serve: {by: desk, steps: [{work: 1}, {tell: look}]}
          look: {by: watch, steps: [{work: 5}, {tell: look}]}
        customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
        """)
    runs = runs_of(chain, customers=None, until=100)
    with pytest.raises(RunError, match=r"^with an ideal watch, the clock stands still at 1:"):
        runs.outcome(ideal("watch"))
