import dataclasses
import math
import pickle
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import FACTS, IDLE, actor_times, customers, requests
from servicechain import summing
from servicechain.errors import Mistake, RunError
from servicechain.estimates import Estimate, combine, half_width, leaves
from servicechain.experience.satisfaction import satisfaction
from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
from servicechain.metrics import ReplicationSummary
from servicechain.records import CUSTOMER, REQUEST, CustomerOutcome, RequestOutcome
from servicechain.tallies import Tally
from servicechain.units import TimeUnit

ABANDONED, UNFINISHED = CustomerOutcome.ABANDONED, CustomerOutcome.UNFINISHED


def summed(customer_blocks=(), request_blocks=(), *, actors=IDLE, window=100.0, warm_up=0.0, facts=FACTS):
    summary = ReplicationSummary(facts, warm_up)
    for block in customer_blocks:
        summary.customers(block)
    for block in request_blocks:
        summary.requests(block)
    summary.close(actors, window, window)
    return summary


def numbers(tree):
    return {name: value for name, value in tree.items() if not isinstance(value, (Tally, dict))}


def test_customers_by_hand():
    block = customers(
        # guest tolerance: desired 3, adequate 10
        {"arrived": 10, "left": 15, "queueing": 2, "held": 1, "attended": 2},  # wait 3: delighted
        {"arrived": 11, "left": 25, "queueing": 6, "held": 4, "attended": 3, "own": 1},  # wait 10: inside
        {"arrived": 12, "left": 24, "queueing": 12, "outcome": ABANDONED, "begun": False},
        {
            "arrived": 13,
            "left": 14,
            "queueing": 1,
            "outcome": ABANDONED,
            "begun": False,
        },  # short, but gave up
        {"arrived": 14, "left": 26, "queueing": 11, "attended": 1},  # wait 11: below
        {"arrived": 15, "left": math.nan, "queueing": 80, "outcome": UNFINISHED, "begun": False},
        {"customer_class": 1, "arrived": 9, "left": 10, "attended": 1},
    )
    tree = summed([block]).values()["customers"]
    guest = tree["guest"]
    assert numbers(guest) == {
        "arrived": 6, "begun": 3, "finished": 3, "abandoned": 2, "unfinished": 1, "abandoned_share": 2 / 5,
        "delighted": 1 / 5, "inside": 1 / 5, "below": 3 / 5,
    }  # fmt: skip
    means = {name: guest[name].mean for name in ("queueing", "held", "attended", "own", "wait")}
    assert means == pytest.approx({"queueing": 32 / 5, "held": 1, "attended": 6 / 5, "own": 0.2, "wait": 37 / 5})
    assert guest["time_in_system"].mean == pytest.approx((5 + 14 + 12 + 1 + 12) / 5)
    beyond = 0.5 * math.exp(-2.25 * 0.8 / 7)
    assert guest["satisfaction"].mean == pytest.approx((0.9 + 0.5 + 0 + 0 + beyond) / 5)
    assert numbers(tree["caller"]) == {
        "arrived": 1, "begun": 1, "finished": 1, "abandoned": 0, "unfinished": 0, "abandoned_share": 0,
    }  # fmt: skip
    assert "satisfaction" not in tree["caller"]


def test_who_arrives_before_the_warm_up_is_not_counted_and_who_arrives_at_it_is():
    block = customers({"arrived": 4.999, "left": 50}, {"arrived": 5, "left": 6}, {"arrived": 7, "left": 8})
    guest = summed([block], warm_up=5.0).values()["customers"]["guest"]
    assert guest["arrived"] == 2
    assert guest["time_in_system"].max == 1


def test_nobody_is_a_count_of_zero_and_a_share_of_nothing():
    tree = summed().values()
    guest, check_in = tree["customers"]["guest"], tree["services"]["check in"]
    assert [guest[name] for name in ("arrived", "begun", "finished", "abandoned", "unfinished")] == [0] * 5
    undefined = [guest[name] for name in ("abandoned_share", "delighted", "inside", "below")]
    undefined += [guest["wait"].mean, check_in["delayed_share"], check_in["within_standard"]]
    assert all(map(math.isnan, undefined))
    assert [check_in[name] for name in ("requests", "begun", "abandoned", "withdrawn", "waiting")] == [0] * 5


def test_services_by_hand():
    outcome = RequestOutcome
    block = requests(
        {"asked": 0, "begun": 0, "answered": 2, "ended": 3, "outcome": outcome.FINISHED},
        {
            "asked": 1,
            "begun": 6,
            "ended": 8,
            "outcome": outcome.HANDED_OFF,
        },  # exactly within the standard of 5
        {"asked": 2, "begun": 8, "outcome": outcome.UNFINISHED},
        {"asked": 3, "begun": 4, "ended": 9, "outcome": outcome.ABANDONED},  # gave up while held: had begun
        {"asked": 4, "ended": 5, "outcome": outcome.ABANDONED},
        {"asked": 5, "ended": 6, "outcome": outcome.WITHDRAWN},
        {"asked": 6},
        {"asked": 7},
        {"asked": 8, "begun": 90, "outcome": outcome.UNFINISHED, "counted": False},
        {"service": 1, "asked": 0, "begun": 0, "ended": 7, "outcome": outcome.FINISHED},
    )
    services = summed([], [block]).values()["services"]
    check_in = services["check in"]
    assert numbers(check_in) == {
        "requests": 8, "begun": 4, "abandoned": 1, "withdrawn": 1, "waiting": 2, "delayed_share": 3 / 4,
        "within_standard": 3 / 8,
    }  # fmt: skip
    assert (check_in["queue_wait"].count, check_in["queue_wait"].mean) == (4, 3.0)
    assert (check_in["duration"].count, check_in["duration"].mean) == (3, pytest.approx(10 / 3))
    assert services["find, the booking"]["delayed_share"] == 0
    assert math.isnan(services["find, the booking"]["within_standard"])


def test_actors_by_hand():
    actors = actor_times(
        {
            "on_duty": 200, "busy": 130, "working": 70, "held": 50, "idle": 60, "down": 20, "overtime": 10,
            "queue": 250, "queue_max": 7,
        },
        {},
        {"on_duty": math.nan, "idle": math.nan, "busy": 300, "working": 300},
    )  # fmt: skip
    tree = summed(actors=actors, window=100.0).values()["actors"]
    assert numbers(tree["receptionist"]) == {
        "on_duty": 2, "busy": 1.3, "working": 0.35, "held": 0.25, "idle": 0.3, "down": 0.1,
        "utilisation": 0.6, "overtime": 10, "cost": 18 * 210 / 60,
    }  # fmt: skip
    assert tree["receptionist"]["queue_length"] == {"mean": 2.5, "max": 7}
    never = tree["booking system"]
    assert (never["on_duty"], never["busy"], never["overtime"], never["cost"]) == (0, 0, 0, 0)
    assert all(math.isnan(never[name]) for name in ("working", "held", "idle", "down", "utilisation"))
    unlimited = tree["cloud"]
    assert (unlimited["busy"], unlimited["overtime"]) == (3, 0)
    undefined = ("on_duty", "working", "held", "idle", "down", "utilisation", "cost")
    assert all(math.isnan(unlimited[name]) for name in undefined)


@pytest.mark.parametrize(("unit", "hours"), [(TimeUnit.SECONDS, 3600), (TimeUnit.HOURS, 1), (TimeUnit.DAYS, 1 / 24)])
def test_a_wage_is_per_hour_whatever_the_unit(unit, hours):
    facts = dataclasses.replace(FACTS, unit=unit, actors=(ActorFacts("a", wage=20.0),))
    eight_hours = actor_times({"on_duty": 8 * hours, "idle": 8 * hours})
    tree = summed(actors=eight_hours, facts=facts).values()
    assert tree["actors"]["a"]["cost"] == pytest.approx(160, rel=1e-12)


def test_in_no_observed_time_no_mean_number_is_defined():
    nothing = actor_times({}, {}, {"on_duty": math.nan, "idle": math.nan})
    tree = summed(actors=nothing, window=0.0).values()["actors"]["receptionist"]
    assert all(math.isnan(tree[name]) for name in ("on_duty", "busy", "working"))
    assert math.isnan(tree["queue_length"]["mean"])
    assert (tree["queue_length"]["max"], tree["overtime"], tree["cost"]) == (0, 0, 0)


def test_a_replication_that_has_not_ended_cannot_be_summed_up():
    with pytest.raises(RunError, match="has not ended"):
        ReplicationSummary(FACTS).values()


def test_a_summary_travels_between_processes():
    summary = summed([random_customers(1, 100)])
    same(plain(pickle.loads(pickle.dumps(summary))), plain(summary))


def random_customers(seed, count, classes=2):
    random = np.random.default_rng(seed)
    block = np.zeros(count, CUSTOMER)
    block["customer_class"] = random.integers(0, classes, count)
    block["arrived"] = random.uniform(0, 100, count)
    block["queueing"] = random.exponential(5, count) * (random.random(count) < 0.6)
    block["held"] = random.exponential(2, count)
    block["attended"] = random.exponential(1, count)
    block["left"] = block["arrived"] + block["queueing"] + block["held"] + block["attended"]
    block["outcome"] = random.choice(3, count, p=[0.8, 0.15, 0.05])
    block["left"][block["outcome"] == UNFINISHED] = np.nan
    block["begun"] = random.random(count) < 0.9
    return block


def random_requests(seed, count, services=2):
    random = np.random.default_rng(seed)
    block = np.zeros(count, REQUEST)
    block["service"] = random.integers(0, services, count)
    block["asked"] = random.uniform(0, 100, count)
    block["begun"] = block["asked"] + random.exponential(5, count)
    block["ended"] = block["begun"] + random.exponential(2, count)
    block["outcome"] = random.choice([0, 1, 2, 3, 4], count)
    block["begun"][block["outcome"] > 1] = np.nan
    block["counted"] = random.random(count) < 0.9
    return block


def plain(summary):
    """Every number of a replication, distributions by their parts."""
    result = {}
    for path, value in leaves(summary.values()):
        if isinstance(value, Tally):
            parts = [value.count, value.mean, value.sd, value.max]
            result[path] = parts + [value.percentile(share) for share in (0.5, 0.95)]
        else:
            result[path] = value
    return result


def same(one, other):
    assert one.keys() == other.keys()
    for path in one:
        assert one[path] == pytest.approx(other[path], rel=1e-9, abs=1e-12, nan_ok=True), path


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(0, 60), st.lists(st.integers(0, 60), max_size=6))
@pytest.mark.theory  # many random records
def test_any_split_into_blocks_gives_the_same_replication(seed, count, cuts):
    people, asked = random_customers(seed, count), random_requests(seed, count)
    cuts = sorted(min(cut, count) for cut in cuts)
    split = summed(np.split(people, cuts), np.split(asked, cuts), warm_up=20.0)
    whole = summed([people], [asked], warm_up=20.0)
    same(plain(split), plain(whole))


@settings(deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 40), min_size=1, max_size=5))
@pytest.mark.theory  # many random records
def test_any_split_into_replications_gives_the_same_pooled_numbers(seed, sizes):
    people = random_customers(seed, sum(sizes), classes=1)
    parts = np.split(people, np.cumsum(sizes)[:-1])
    split = combine([summed([part]) for part in parts])["customers"]["guest"]
    whole = combine([summed([people])])["customers"]["guest"]
    for name in ("wait", "satisfaction", "time_in_system"):
        for number in ("sd", "p50", "p90", "p95", "p99", "max"):
            one, other = (getattr(each[name], number) for each in (split, whole))
            assert one == pytest.approx(other, rel=1e-9, abs=1e-12, nan_ok=True)
    assert split["arrived"].mean * len(sizes) == pytest.approx(whole["arrived"].mean)


SEVERAL = ChainFacts(
    "several",
    TimeUnit.MINUTES,
    (ClassFacts("a", (3.0, 10.0)), ClassFacts("b"), ClassFacts("c", (0.0, 4.0)), ClassFacts("d", (5.0, 5.0))),
    tuple(ServiceFacts(f"s{number}", standard) for number, standard in enumerate((5.0, None, 0.0))),
    FACTS.actors,
)


def told(tally, values):
    """Whether a tally says what the values say, each taken by itself."""
    assert tally.count == len(values)
    assert tally.max == max(values)
    assert tally.mean == pytest.approx(math.fsum(values) / len(values), rel=1e-12)
    assert tally.sd == pytest.approx(statistics.stdev(values), rel=1e-12)
    for share in (0.05, 0.5, 0.9, 0.99):
        expected = np.percentile(values, 100 * share, method="inverted_cdf")
        assert tally.percentile(share) == pytest.approx(expected, rel=0.005, abs=0)


def content(wait, gave_up, desired, adequate):
    """The zone of tolerance, from its definition."""
    if gave_up:
        return 0.0
    if wait <= desired:
        return 1 - 0.1 * wait / desired if wait else 1.0
    if wait <= adequate:
        return 0.9 - 0.4 * (wait - desired) / (adequate - desired)
    if adequate == desired:
        return 0.0
    # falls from 0.5 with 2.25 times the slope inside the zone
    return 0.5 * math.exp(-2.25 * 0.4 / 0.5 * (wait - adequate) / (adequate - desired))


@pytest.mark.parametrize("size", [1, 97, 4096, 20_000])
def test_every_customer_by_themselves(size):
    people = random_customers(21, 20_000, classes=4)
    people["own"] = np.random.default_rng(22).lognormal(0, 2, 20_000)
    blocks = np.split(people, range(size, 20_000, size))[: 5000 // size + 5]
    people = np.concatenate(blocks)
    tree = summed(blocks, warm_up=20.0, facts=SEVERAL).values()["customers"]
    for position, facts in enumerate(SEVERAL.classes):
        one = tree[facts.name]
        counted = [each for each in people.tolist() if each[0] == position and each[2] >= 20]
        left = [each for each in counted if each[4] != 2]
        assert one["arrived"] == len(counted)
        assert one["begun"] == sum(each[5] for each in counted)
        assert one["abandoned"] == sum(each[4] == 1 for each in counted)
        assert one["unfinished"] == len(counted) - len(left)
        for place, name in enumerate(("queueing", "held", "attended", "own")):
            told(one[name], [each[6 + place] for each in left])
        waits = [each[6] + each[7] for each in left]
        told(one["wait"], waits)
        told(one["time_in_system"], [each[3] - each[2] for each in left])
        assert ("satisfaction" in one) == (facts.tolerance is not None)
        if facts.tolerance is not None:
            gave_up = [each[4] == 1 for each in left]
            pairs = list(zip(waits, gave_up, strict=True))
            told(one["satisfaction"], [content(*pair, *facts.tolerance) for pair in pairs])
            desired, adequate = facts.tolerance
            assert one["delighted"] == sum(wait <= desired and not gone for wait, gone in pairs) / len(left)
            assert one["below"] == sum(wait > adequate or gone for wait, gone in pairs) / len(left)


@pytest.mark.parametrize("size", [1, 97, 4096, 20_000])
def test_every_request_by_itself(size):
    asked = random_requests(23, 20_000, services=3)
    at_once = np.random.default_rng(24).random(20_000) < 0.4
    asked["begun"][at_once] = asked["asked"][at_once] + 0 * asked["begun"][at_once]
    asked["ended"][5::17] = np.nan
    blocks = np.split(asked, range(size, 20_000, size))[: 5000 // size + 5]
    asked = np.concatenate(blocks)
    tree = summed([], blocks, facts=SEVERAL).values()["services"]
    for position, facts in enumerate(SEVERAL.services):
        one = tree[facts.name]
        own = [each for each in asked if each["service"] == position and each["counted"]]
        begun = [each for each in own if each["begun"] == each["begun"]]
        never = [each["outcome"] for each in own if math.isnan(each["begun"])]
        waits = [float(each["begun"] - each["asked"]) for each in begun]
        assert (one["requests"], one["begun"]) == (len(own), len(begun))
        assert (one["abandoned"], one["withdrawn"]) == (never.count(2), never.count(3))
        assert one["waiting"] == len(never) - never.count(2) - never.count(3)
        assert one["delayed_share"] == sum(wait > 0 for wait in waits) / len(waits)
        if facts.standard is None:
            assert math.isnan(one["within_standard"])
        else:
            assert one["within_standard"] == sum(wait <= facts.standard for wait in waits) / len(own)
        told(one["queue_wait"], waits)
        told(
            one["duration"], [float(each["ended"] - each["begun"]) for each in begun if each["ended"] == each["ended"]]
        )


@pytest.mark.theory  # many random records
def test_satisfaction_is_the_one_of_the_zone_of_tolerance():
    waits = np.concatenate(([0.0, 3.0, 10.0], np.random.default_rng(25).exponential(8, 997)))
    block = customers(*({"queueing": wait} for wait in waits))
    for desired, adequate in ((3.0, 10.0), (0.0, 10.0), (0.0, 0.0), (3.0, 3.0)):
        facts = dataclasses.replace(FACTS, classes=(ClassFacts("guest", (desired, adequate)),))
        for wait, one in zip(waits, block, strict=True):
            tally = summed([block[:0], np.array([one])], facts=facts).values()["customers"]["guest"]["satisfaction"]
            assert tally.mean == pytest.approx(float(satisfaction(wait, desired, adequate)), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"queueing": math.nan}, ValueError),
        ({"own": math.inf}, ValueError),
        ({"left": math.nan}, ValueError),
        ({"attended": -math.inf}, ValueError),
        ({"customer_class": 2}, IndexError),
        ({"customer_class": -1}, IndexError),
        ({"outcome": 3}, IndexError),
    ],
)
def test_what_an_engine_lost_is_not_summed_up(change, error):
    with pytest.raises(error, match=r"finite|does not exist"):
        ReplicationSummary(FACTS).customers(customers({}, change))


@pytest.mark.parametrize(
    ("change", "error"),
    [({"begun": math.inf}, ValueError), ({"service": 2}, IndexError), ({"service": -1}, IndexError)],
)
def test_what_an_engine_lost_of_a_request_is_not_summed_up(change, error):
    with pytest.raises(error, match=r"finite|does not exist"):
        ReplicationSummary(FACTS).requests(requests({}, change))


def test_a_block_may_be_a_view_or_not_writable_and_is_left_alone():
    people, asked = random_customers(26, 300), random_requests(26, 300)
    expected = plain(summed([people[::2].copy()], [asked[::2].copy()]))
    before = people.tobytes(), asked.tobytes()
    loops = summing.take_customers, summing.take_requests
    compiled = [len(each.signatures) for each in loops]
    people.setflags(write=False)
    asked.setflags(write=False)
    packed = [each.astype([(name, each.dtype[name]) for name in each.dtype.names]) for each in (people, asked)]
    for one, other in ((people, asked), packed):
        same(plain(summed([one[::2]], [other[::2]])), expected)
    assert (people.tobytes(), asked.tobytes()) == before
    # and nothing is compiled anew for it
    assert [len(each.signatures) for each in loops] == compiled


def test_replications_summed_up_side_by_side_do_not_meet():
    blocks = [random_customers(seed, 4096) for seed in range(8)]
    together = [ReplicationSummary(FACTS) for _ in range(4)]

    def work(summary):
        for block in blocks:
            summary.customers(block)
        summary.close(IDLE, 100.0, 100.0)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, together))
    alone = plain(summed(blocks))
    # to the last bit: the same blocks give the same numbers
    assert all(repr(plain(summary)) == repr(alone) for summary in together)


def of_waits(*waits):
    return summed([customers(*({"queueing": wait, "left": wait} for wait in waits))] if waits else [])


def test_across_replications_means_of_means_and_spread_of_all():
    wait = combine([of_waits(1, 1, 1, 1), of_waits(4), of_waits(7, 9)])["customers"]["guest"]["wait"]
    assert wait.mean == pytest.approx((1 + 4 + 8) / 3)
    interval = scipy.stats.t.interval(0.95, 2, loc=13 / 3, scale=scipy.stats.sem([1, 4, 8]))
    assert wait.mean + wait.halfwidth == pytest.approx(interval[1], rel=1e-12)
    assert wait.sd == pytest.approx(np.std([1, 1, 1, 1, 4, 7, 9], ddof=1))
    assert (wait.p50, wait.p90, wait.max) == (1, 9, 9)


def test_replications_in_which_a_number_is_undefined_are_left_out_of_it():
    estimates = combine([of_waits(), of_waits(2), of_waits(), of_waits(5)])["customers"]["guest"]
    assert estimates["wait"].mean == 3.5
    # two defined means, one degree of freedom: t = 12.7062047 (any table), s = 1.5 √2
    assert estimates["wait"].halfwidth == pytest.approx(12.7062047361747 * 1.5, rel=1e-10)
    assert estimates["arrived"].mean == 0.5
    assert estimates["abandoned_share"].mean == 0
    below_two = combine([of_waits(), of_waits(2)])["customers"]["guest"]["wait"]
    assert math.isnan(below_two.halfwidth)


def test_one_replication_has_no_half_width_and_equal_ones_have_none_to_speak_of():
    one = combine([of_waits(1, 2)])["customers"]["guest"]
    assert math.isnan(one["wait"].halfwidth)
    assert math.isnan(one["arrived"].halfwidth)
    assert math.isnan(combine([of_waits(1)])["customers"]["guest"]["wait"].sd)
    equal = combine([of_waits(0.1), of_waits(0.1), of_waits(0.1)])["customers"]["guest"]["wait"]
    assert (equal.mean, equal.halfwidth, equal.sd) == (0.1, 0, 0)


def test_the_interval_covers_the_truth_in_95_of_100_cases():
    # 4 standard errors: one false alarm in 16 000; the normal quantile would cover 88 of 100
    random = np.random.default_rng(11)
    covered = sum(abs(means.mean() - 50) <= half_width(means) for means in random.normal(50, 3, size=(4000, 5)))
    assert abs(covered / 4000 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 4000)


def test_antithetic_replications_count_as_pairs():
    summaries = [of_waits(1), of_waits(9), of_waits(2), of_waits(6), of_waits(3), of_waits(8)]
    wait = combine(summaries, antithetic=True)["customers"]["guest"]["wait"]
    pairs = [5, 4, 5.5]
    assert wait.mean == pytest.approx(np.mean(pairs))
    expected = scipy.stats.t.ppf(0.975, 2) * scipy.stats.sem(pairs)
    assert wait.halfwidth == pytest.approx(expected, rel=1e-12)
    with pytest.raises(Mistake, match=r"come in pairs, got 5"):
        combine(summaries[:5], antithetic=True)


def test_no_replication_is_no_result():
    with pytest.raises(Mistake, match="ask for 1 or more"):
        combine(iter(()))


def test_undefined_becomes_none():
    assert Estimate(math.nan, 0.5).as_dict() == {"mean": None, "halfwidth": 0.5}


def test_a_thousand_records_take_well_under_a_millisecond():
    facts = ChainFacts(
        "many",
        TimeUnit.MINUTES,
        tuple(ClassFacts(f"class {number}", (3.0, 10.0)) for number in range(3)),
        tuple(ServiceFacts(f"service {number}", 5.0) for number in range(10)),
        (ActorFacts("a"),),
    )
    people, asked = random_customers(1, 4096, classes=3), random_requests(1, 4096, services=10)
    summary = ReplicationSummary(facts)
    fastest = math.inf
    for _ in range(10):
        start = time.perf_counter()
        summary.customers(people)
        summary.requests(asked)
        fastest = min(fastest, time.perf_counter() - start)
    summary.close(actor_times({}), 1.0, 1.0)
    assert summary.values()["customers"]["class 0"]["arrived"] == 10 * np.count_nonzero(people["customer_class"] == 0)
    # 0.7 ms for a thousand of both on the slowest machine tried; the bound is ten times that
    assert fastest / 4.096 < 7e-3
