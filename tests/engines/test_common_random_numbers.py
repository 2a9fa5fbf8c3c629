"""Every draw is a function of what is drawn: staffing, order and scenario leave a customer's own draws alone."""

import numpy as np
import pytest

from servicechain import run
from timelines import chain_of, column, happened

HOTEL = """
actors:
  desk: {lane: contact, staff: 2}
  system: {lane: system, capacity: 1}
  expert: {lane: backstage, staff: 1}
services:
  check in:
    by: desk
    steps:
      - work: lognormal(mean=2, cv=0.7)
      - ask: look up
      - repeat: [{work: exponential(mean=0.3)}]
        until: 0.4
      - chance: 0.2
        then: [{tell: mend}]
      - choose: [{weight: 2, steps: [{work: 1}]}, {weight: 1, steps: [{work: "gamma(mean=2, cv=0.5)"}]}]
  look up: {by: system, steps: [{work: exponential(mean=1)}, {chance: 0.1, then: [{ask: mend}]}]}
  mend: {by: expert, steps: [{work: "uniform(low=1, high=9)"}]}
customers:
  guest: {arrivals: poisson(rate=0.4), batch: "discrete(values=[1, 2], weights=[3, 1])", journey: [{ask: check in}]}
  visitor: {arrivals: "every(erlang(mean=9, k=2))", patience: exponential(mean=5), journey: [{ask: check in}]}
"""


def own_times(result):
    """What a customer brings along: when they came, and how long the desk works for them."""
    frame = result.customer_records.set_index(["class", "number"]).sort_index()
    finished = frame[frame["outcome"] == "finished"]
    return finished[["arrived", "attended"]]


@pytest.mark.parametrize(
    "change",
    [
        {"actors.desk.staff": 5},
        {"actors.expert.staff": 3},
        {"actors.system.capacity": "unlimited"},
        {"customers.guest.priority": 0},
        {"services.mend.steps": [{"work": 3}]},
    ],
)
def test_a_change_of_staffing_leaves_every_customers_own_draws_unchanged(engine, change):
    chain = chain_of(HOTEL)
    before = own_times(happened(chain, engine, customers=400))
    after = own_times(happened(chain.with_values(change), engine, customers=400))
    both = before.join(after.add_suffix("_after"), how="inner")
    assert len(both) > 250
    # the same draws; only the sums of the clock's roundings differ
    assert np.array_equal(both["arrived"], both["arrived_after"])
    assert np.allclose(both["attended"], both["attended_after"], rtol=0, atol=1e-9)


def test_another_class_leaves_the_others_draws_unchanged(engine):
    chain = chain_of(HOTEL)
    alone = chain.to_dict()
    del alone["customers"]["visitor"]
    before = own_times(happened(chain, engine, until="6h", customers=None))
    after = own_times(happened(type(chain).from_dict(alone), engine, until="6h", customers=None))
    both = before.join(after.add_suffix("_after"), how="inner")
    assert len(both) > 70
    assert np.array_equal(both["arrived"], both["arrived_after"])
    assert np.allclose(both["attended"], both["attended_after"], rtol=0, atol=1e-9)


def test_one_seed_gives_the_same_bytes_and_another_does_not(engine):
    chain = chain_of(HOTEL)
    first, again, other = (
        run(chain, customers=300, replications=2, seed=seed, engine=engine).to_json() for seed in (7, 7, 8)
    )
    assert first == again
    assert first.replace('"seed": 7', '"seed": 8') != other


def test_replications_differ_and_do_not_depend_on_how_many_there_are(engine):
    chain = chain_of(HOTEL)
    three = run(chain, customers=200, replications=3, engine=engine, keep_records=True).customer_records
    two = run(chain, customers=200, replications=2, engine=engine, keep_records=True).customer_records
    assert three[three["replication"] < 2].equals(two)
    first, second = (list(three[three["replication"] == number]["arrived"]) for number in (0, 1))
    assert not set(first) & set(second)


def test_antithetic_replications_mirror_their_partner(engine):
    chain = chain_of(
        """
        actors: {desk: {lane: contact, staff: unlimited}}
        services: {serve: {by: desk, steps: [{work: "uniform(low=0, high=10)"}]}}
        customers: {guest: {arrivals: "every(uniform(low=0, high=2))", journey: [{ask: serve}]}}
        """
    )
    result = run(chain, customers=500, replications=4, antithetic=True, engine=engine, keep_records=True)
    frame = result.customer_records.sort_values(["replication", "number"])
    attended = [np.array(frame[frame["replication"] == number]["attended"]) for number in range(4)]
    # u and 1 - u: the two times add up to 10
    assert np.allclose(attended[0] + attended[1], 10, atol=1e-9)
    assert np.allclose(attended[2] + attended[3], 10, atol=1e-9)
    assert not np.allclose(attended[0], attended[2])
    assert result.value("customers.guest.attended.halfwidth") < 1e-9


def test_a_profile_is_inverted_through_its_cumulative_rate(engine):
    """Laid along the cumulative rate, the gaps are the unit exponentials of the draws, whatever the rates."""
    from servicechain.engines.draws import name_key, step_key, uniform

    rates, each = [2.0, 0.0, 5.0, 0.5], 3.0
    chain = chain_of(
        f"""
        actors: {{}}
        services: {{}}
        customers:
          guest: {{arrivals: {{rates: {rates}, per: minute, each: {each}, repeat: true}}, journey: []}}
        """
    )
    arrived = np.array(column(happened(chain, engine, customers=500), "arrived"))
    assert not np.any((arrived % 12 > 3) & (arrived % 12 < 6))  # nobody comes while the rate is 0
    cumulative = np.concatenate([[0], np.cumsum(np.array(rates) * each)])
    within = np.interp(arrived % 12, np.arange(5) * each, cumulative)
    laid = arrived // 12 * cumulative[-1] + within
    key, path, stream = name_key("customers/guest"), step_key(name_key("arrival"), 0), name_key("arrival")
    u = np.array([uniform(1, 0, key, number, stream, path) for number in range(500)])
    assert np.allclose(np.diff(laid, prepend=0), -np.log1p(-u), rtol=1e-9, atol=1e-9)


def test_a_profile_that_does_not_repeat_stops(engine):
    text = """
        actors: {{}}
        services: {{}}
        customers: {{guest: {{arrivals: {{rates: [20, 40], per: hour, each: 1h, repeat: {repeat}}}, journey: []}}}}
        """
    stops = column(happened(text.format(repeat="false"), engine, customers=None, until="1d"), "arrived")
    repeats = column(happened(text.format(repeat="true"), engine, customers=None, until="1d"), "arrived")
    assert 0 < len(stops) == sum(time < 120 for time in repeats) < len(repeats)
    assert stops == repeats[: len(stops)]
    # 60 are expected; outside 60 ± 4.5 sqrt(60) once in 150,000 seeds
    assert abs(len(stops) - 60) < 4.5 * 60**0.5
