import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import random_chains
from blocks import FACTS, IDLE, actor_times, customers, requests
from servicechain import Chain, run
from servicechain.engines import engine_for
from servicechain.errors import Mistake
from servicechain.metrics import ReplicationSummary
from servicechain.records import Fanout, KeepCustomers
from servicechain.running import facts_of
from servicechain.settings import Settings
from servicechain.studies.measures import ATTRIBUTED, Measures, columns_of, extra_columns_of, is_attributed
from servicechain.tallies import Tally
from timelines import chain_of

DESK = chain_of("""
    actors:
      desk: {lane: contact, staff: 2, wage: 20}
      system: {lane: system, capacity: 1, wage: 3, failures: {every: exponential(mean=60), repair: restart}}
      programmer: {lane: backstage, staff: 1, wage: 40}
      cloud: {lane: supplier, wage: 7}
    services:
      check in: {by: desk, standard: 2, steps: [{work: exponential(mean=2)}, {ask: find}, {ask: ring}]}
      find: {by: system, steps: [{work: exponential(mean=0.5)}, {chance: 0.2, then: [{ask: fix}]}]}
      fix: {by: programmer, steps: [{work: exponential(mean=4)}]}
      restart: {by: programmer, priority: 0, steps: [{work: exponential(mean=5)}]}
      ring: {by: cloud, steps: [{work: 0.1}]}
      unused: {by: cloud, steps: [{work: 0.1}]}
    customers:
      guest:
        arrivals: poisson(rate=20/h)
        patience: exponential(mean=30)
        tolerance: {desired: 3, adequate: 10}
        journey: [{ask: check in}]
      caller: {arrivals: poisson(rate=3/h), journey: [{ask: find}]}
    """)
ENGINES = ("compiled", "reference")


def rows_of(chain, engine, count, extra=(), **asked):
    """Rows of replications 0 to `count` - 1, as a dictionary of columns."""
    facts, options = facts_of(chain), Settings.of(chain, **asked)
    measures = Measures(facts, options.warm_up, extra)
    maker, rows = engine_for(chain, engine), []
    for replication in range(count):
        maker.replicate(options, replication, measures)
        rows.append(measures.row())
    return dict(zip(measures.columns, np.array(rows).T, strict=True))


def numbers_in(report, *path):
    """Every number of a run's JSON by its path; of a distribution, its mean."""
    for key, value in report.items():
        if isinstance(value, dict) and "halfwidth" in value:
            yield ".".join((*path, key)), value["mean"]
        elif isinstance(value, dict):
            yield from numbers_in(value, *path, key)


def blamed_in(report):
    for name, parts in report["attribution"].items():
        for part in parts:
            for measure in ATTRIBUTED:
                yield f"attribution.{name}.{part['actor']}.{part['cause']}.{measure}", part[measure]["mean"]


def mean_of(column):
    """What a run does with replications: those that are defined, from the first on."""
    defined = column[~np.isnan(column)]
    if not defined.size:
        return None
    return float(defined[0] + (defined - defined[0]).mean())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("asked", [{"until": 400, "warm_up": 30}, {"customers": 150}])
def test_the_mean_over_replications_is_the_number_of_the_run_to_the_last_bit(engine, asked):
    report = run(DESK, engine=engine, replications=7, **asked).to_dict()
    columns = rows_of(DESK, engine, 7, **asked)
    expected = dict([*numbers_in({key: report[key] for key in ("customers", "services", "actors")})])
    blamed = dict(blamed_in(report))
    assert any(path.endswith("failure.time") and mean > 0 for path, mean in blamed.items())
    for path, mean in {**expected, **blamed}.items():
        assert mean_of(columns.pop(path)) == mean, path
    # what is left besides: the cost, and causes that did not occur
    assert columns.pop("cost_per_day").size == 7
    assert all(path.startswith("attribution.") and not column.any() for path, column in columns.items())


def test_both_engines_give_the_same_bits_but_for_attribution_and_the_time_of_actors():
    one, other = (rows_of(DESK, engine, 4, until=400) for engine in ENGINES)
    assert list(one) == list(other)
    for name, column in one.items():
        if is_attributed(name):
            np.testing.assert_allclose(column, other[name], rtol=1e-9, atol=1e-9)
        elif name.startswith("actors."):
            # one engine adds up the time of requests, the other that of servers
            np.testing.assert_allclose(column, other[name], rtol=1e-12, atol=1e-12)
        else:
            np.testing.assert_array_equal(column, other[name], name)


def test_attribution_changes_no_other_number_and_is_unknown_without():
    one, other = (rows_of(DESK, "compiled", 4, until=400, attribution=wanted) for wanted in (True, False))
    for name, column in one.items():
        if is_attributed(name):
            assert np.isnan(other[name]).all()
            assert not np.isnan(column).any()
        else:
            np.testing.assert_array_equal(column, other[name], name)


def test_the_parts_of_the_waiting_add_up_to_the_wait():
    columns = rows_of(DESK, "compiled", 5, until=400)
    for name in ("guest", "caller"):
        for measure, whole in (("queueing", "queueing"), ("held", "held"), ("time", "wait")):
            parts = [
                column
                for path, column in columns.items()
                if path.startswith(f"attribution.{name}.") and path.endswith(f".{measure}")
            ]
            np.testing.assert_allclose(sum(parts), columns[f"customers.{name}.{whole}"], rtol=1e-9)


def test_the_cost_per_day_is_what_the_payroll_says():
    # two at 20, one at 3, one at 40, for as long as the run is observed; nobody knows what the cloud has on duty
    hourly = 2 * 20 + 3 + 40
    columns = rows_of(DESK, "compiled", 3, until=400, warm_up=100)
    np.testing.assert_allclose(columns["cost_per_day"], hourly * 24, rtol=1e-12)
    # staff by the clock: eight hours a day at 20, two days, and overtime on top
    shift = DESK.with_values({"actors.desk.staff": 2}).to_dict()
    del shift["actors"]["desk"]["staff"]
    shift["actors"]["desk"]["shifts"] = [{"days": "daily", "from": "08:00", "to": "16:00", "staff": 3}]
    columns = rows_of(Chain.from_dict(shift), "compiled", 3, until="2d")
    overtime = columns["actors.desk.overtime"] / 60 * 20 / 2
    np.testing.assert_allclose(columns["cost_per_day"], 3 * 8 * 20 + 43 * 24 + overtime, rtol=1e-12)


def test_spreads_and_percentiles_are_those_of_the_replication():
    extra = ("customers.guest.wait.p90", "services.check in.queue_wait.max", "customers.guest.wait.sd")
    columns = rows_of(DESK, "compiled", 3, extra, until=400)
    assert tuple(columns)[-3:] == extra
    for replication in range(3):
        kept = KeepCustomers()
        engine_for(DESK, "compiled").replicate(Settings.of(DESK, until=400), replication, kept)
        people = kept.records[(kept.records["customer_class"] == 0) & (kept.records["outcome"] < 2)]
        waits = np.sort(people["queueing"] + people["held"])
        rank = waits[math.ceil(0.9 * waits.size) - 1]
        assert columns[extra[0]][replication] == pytest.approx(rank, rel=0.005)
        assert columns[extra[2]][replication] == pytest.approx(waits.std(ddof=1), rel=1e-9)
    largest = run(DESK, engine="compiled", until=400, replications=3).value("services.check in.queue_wait.max")
    assert columns[extra[1]].max() == largest


def test_what_is_not_there_is_refused_by_name():
    with pytest.raises(Mistake, match=r"'customers\.gest\.wait\.p90'; did you mean 'customers\.guest\.wait\.p90'"):
        Measures(FACTS, 0.0, ["customers.gest.wait.p90"])
    with pytest.raises(Mistake, match="no spread or percentile"):
        Measures(FACTS, 0.0, ["customers.guest.wait.p91"])
    assert not set(columns_of(FACTS)) & set(extra_columns_of(FACTS))


# -- to the last bit, whatever the blocks -----------------------------------------------------------------------------


def same_bits(measures, summary):
    """Compare with the sink of a run, number by number."""
    from servicechain.estimates import leaves

    row = measures.row()
    expected = {".".join(path): value for path, value in leaves(summary.values())}
    assert list(expected) == list(measures.columns[: len(expected)])
    for place, (path, value) in enumerate(expected.items()):
        number = value.mean if isinstance(value, Tally) else value
        assert math.isnan(number) == math.isnan(row[place]), path
        assert math.isnan(number) or np.float64(number).tobytes() == row[place].tobytes(), path


# from far below what counts as zero to years, with ties
WAITS = st.one_of(
    st.sampled_from([0.0, -1e-17, 1e-19, 0.1, 1.0, 1.5, 3.0, 10.0, 1e6]), st.floats(0, 100), st.floats(1e-12, 1e-3)
)


@st.composite
def people(draw):
    waits = draw(st.lists(st.tuples(WAITS, WAITS), max_size=200))
    scale = draw(st.sampled_from([1.0, 1e-6, 1000.0]))
    rows = [
        {
            "customer_class": draw(st.integers(0, 1)) if place < 40 else place % 2,
            "arrived": float(place),
            "left": place + held * scale,
            "outcome": place % 7 % 3 if place % 5 else 0,
            "queueing": queueing * scale,
            "held": held,
            "own": held / 3,
        }
        for place, (queueing, held) in enumerate(waits)
    ]
    return customers(*rows)


@st.composite
def asked(draw):
    waits = draw(st.lists(st.tuples(WAITS, WAITS), max_size=200))
    rows = [
        {
            "service": place % 3 % 2,
            "asked": 5.0,
            "begun": math.nan if place % 11 == 3 else 5.0 + wait,
            "ended": math.nan if place % 6 == 1 else 5.0 + wait + lasts,
            "outcome": place % 5,
            "counted": place % 9 != 2,
        }
        for place, (wait, lasts) in enumerate(waits)
    ]
    return requests(*rows)


@given(st.lists(st.tuples(people(), asked()), max_size=4), st.sampled_from([0.0, 3.5]))
@settings(max_examples=60, deadline=None)
@pytest.mark.theory  # many runs
def test_blocks_of_any_length_give_the_bits_of_a_run(blocks, warm_up):
    measures = Measures(FACTS, warm_up)
    # what came before must leave no trace
    measures.customers(customers({"queueing": 7.0, "arrived": 9.0}))
    measures.close(IDLE, 1.0, 1.0)
    measures.row()
    summary = ReplicationSummary(FACTS, warm_up)
    both = Fanout([measures, summary])
    for one, other in blocks:
        both.customers(one)
        both.requests(other)
    both.close(actor_times(*({"on_duty": 7.0, "busy": 4.0, "working": 3.0, "idle": 3.3} for _ in FACTS.actors)), 9.0, 9)
    same_bits(measures, summary)


@pytest.mark.theory
@given(random_chains.chains(everything=True))
@settings(max_examples=60, deadline=None)
def test_on_random_chains_both_engines_give_the_bits_of_a_run(data):
    chain = Chain.from_dict(data)
    facts, options = facts_of(chain), Settings(customers=60)
    for engine in ENGINES:
        measures, summary = Measures(facts), ReplicationSummary(facts)
        engine_for(chain, engine).replicate(options, 0, Fanout([measures, summary]))
        same_bits(measures, summary)


@pytest.mark.parametrize("lost", [math.nan, math.inf, -math.inf])
def test_a_time_that_was_lost_is_refused(lost):
    with pytest.raises(ValueError, match="NaN or infinite"):
        Measures(FACTS).customers(customers({"queueing": lost}))


@pytest.mark.parametrize("row", [{"customer_class": 2}, {"customer_class": -1}, {"outcome": 3}])
def test_a_record_of_nobody_is_refused(row):
    with pytest.raises(IndexError, match="does not exist"):
        Measures(FACTS).customers(customers(row))


def test_nothing_at_all_is_nothing():
    measures = Measures(FACTS)
    measures.close(actor_times(*({} for _ in FACTS.actors)), 0.0, 0.0)
    row = dict(zip(measures.columns, measures.row(), strict=True))
    assert row["customers.guest.arrived"] == 0
    assert math.isnan(row["customers.guest.wait"])
    assert math.isnan(row["cost_per_day"])


@pytest.mark.theory
def test_measuring_takes_less_than_summing_up():
    facts, options = facts_of(DESK), Settings.of(DESK, until="1d", attribution=False)
    engine, measures = engine_for(DESK, "compiled"), Measures(facts)

    def seconds(sink):
        started = time.process_time()
        for replication in range(30):
            engine.replicate(options, replication, sink())
        return time.process_time() - started

    lean, whole = [], []
    for _ in range(7):
        lean.append(seconds(lambda: measures))
        measures.row()
        whole.append(seconds(lambda: ReplicationSummary(facts)))
    assert min(lean) < 0.95 * min(whole)
