import math

import pytest

from servicechain import Chain
from servicechain.load import Expected, Load, long_run_rates, open_rates, peak_rates
from timelines import chain_of

ACTORS = """\
actors:
  clerk: {lane: contact, staff: 2}
  system: {lane: system, capacity: 3}
  expert: {lane: backstage, staff: 1, speed: 0.5}
  cloud: {lane: supplier}
"""


def expected(services, customers="  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}]}"):
    return Expected(chain_of(f"{ACTORS}services:\n{services}\ncustomers:\n{customers}\n"))


def offered(*arguments):
    return {name: load.offered for name, load in expected(*arguments).loads().items()}


def test_load_is_rate_times_time():
    loads = expected("  serve: {by: clerk, steps: [{work: exponential(mean=5)}]}").loads()
    assert loads["clerk"] == Load(pytest.approx(0.1 * 5), 2)
    assert loads["clerk"].per_server == pytest.approx(0.25)
    assert loads["cloud"] == Load(0, math.inf)
    assert loads["cloud"].per_server == 0


def test_no_servers_are_overloaded_by_any_work():
    assert Load(0, 0).per_server == 0
    assert Load(0.1, 0).per_server == math.inf


def test_whoever_asks_is_busy_while_held():
    # The clerk works 2 + 1, is held for 4 (system) of which 0.25 × 20 / speed 0.5 on average by the expert.
    found = offered("""\
  serve: {by: clerk, steps: [{work: 2}, {ask: look up}, {work: 1}]}
  look up: {by: system, steps: [{work: 4}, {chance: 0.25, then: [{ask: repair}]}]}
  repair: {by: expert, steps: [{work: 20}]}""")
    assert found["expert"] == pytest.approx(0.1 * 0.25 * 40)
    assert found["system"] == pytest.approx(0.1 * (4 + 0.25 * 40))
    assert found["clerk"] == pytest.approx(0.1 * (3 + 4 + 0.25 * 40))


def test_only_what_comes_before_the_answer_holds_the_asker():
    found = expected("""\
  serve: {by: clerk, steps: [{work: 2}, {ask: look up}]}
  look up: {by: system, steps: [{work: 4}, reply, {work: 6}, {ask: fetch}]}
  fetch: {by: cloud, steps: [{pause: 30}]}""")
    assert found.answer == {"serve": 6, "look up": 4, "fetch": 30}
    assert found.holding == {"serve": 6, "look up": 40, "fetch": 30}


def test_tells_make_work_and_hold_nobody():
    found = offered("""\
  serve: {by: clerk, steps: [{work: 2}, {tell: look up}, {tell: look up}]}
  look up: {by: system, steps: [{work: 4}]}""")
    assert found["clerk"] == pytest.approx(0.2)
    assert found["system"] == pytest.approx(0.8)


def test_a_hand_off_releases_the_server_but_not_the_asker():
    found = offered(
        """\
  serve: {by: clerk, steps: [{work: 2}, {ask: first}]}
  first: {by: system, steps: [{work: 3}, {chance: 0.5, then: [{hand_off: second}]}, {work: 1}]}
  second: {by: expert, steps: [{work: 5}]}"""
    )
    assert found["expert"] == pytest.approx(0.1 * 0.5 * 10)
    assert found["system"] == pytest.approx(0.1 * 3.5)
    assert found["clerk"] == pytest.approx(0.1 * (2 + 3.5 + 0.5 * 10))


@pytest.mark.parametrize("kind", ["tell", "hand_off"])
def test_a_circle_that_loses_makes_a_geometric_number_of_requests(kind):
    # serve → check with 0.6, check → serve with 0.5: serve is done 1 / (1 - 0.3) times.
    found = expected(f"""\
  serve: {{by: clerk, steps: [{{work: 2}}, {{chance: 0.6, then: [{{{kind}: check}}]}}]}}
  check: {{by: system, steps: [{{work: 4}}, {{chance: 0.5, then: [{{{kind}: serve}}]}}]}}""")
    assert found.per_customer["guest"] == pytest.approx({"serve": 1 / 0.7, "check": 0.6 / 0.7})
    assert found.loads()["clerk"].offered == pytest.approx(0.1 * 2 / 0.7)
    assert found.loads()["system"].offered == pytest.approx(0.1 * 4 * 0.6 / 0.7)
    # Who asks waits for what is handed on, not for what is told.
    answers = {"tell": 2, "hand_off": (2 + 0.6 * 4) / 0.7}
    assert found.answer["serve"] == pytest.approx(answers[kind])


@pytest.mark.parametrize("kind", ["tell", "hand_off", "ask"])
def test_a_circle_that_loses_nothing_is_infinite(kind):
    found = expected(f"""\
  serve: {{by: clerk, steps: [{{work: 2}}, {{{kind}: check}}]}}
  check: {{by: system, steps: [{{{kind}: serve}}]}}
  other: {{by: expert, steps: [{{work: 2}}]}}""")
    assert found.per_customer["guest"] == {"serve": math.inf, "check": math.inf, "other": 0}
    assert found.loads()["clerk"].offered == math.inf
    assert found.loads()["system"].offered == math.inf  # though its own work takes no time
    assert found.loads()["expert"].offered == 0
    assert (found.answer["serve"] == math.inf) == (kind != "tell")


def test_a_circle_nobody_enters_is_no_load():
    found = expected(
        """\
  serve: {by: clerk, steps: [{work: 2}]}
  round: {by: system, steps: [{work: 1}, {tell: round}]}"""
    )
    assert found.per_customer["guest"]["round"] == 0
    assert found.loads()["system"].offered == 0


def test_an_infinite_circle_of_a_class_that_never_comes_is_no_load():
    found = offered(
        "  serve: {by: clerk, steps: [{work: 2}, {tell: serve}]}",
        "  guest: {arrivals: poisson(rate=0), journey: [{ask: serve}]}",
    )
    assert found["clerk"] == 0


def test_a_service_that_asks_itself_by_chance():
    # On two servers: x = 2 + 0.25 x
    found = expected("  serve: {by: clerk, steps: [{work: 2}, {chance: 0.25, then: [{ask: serve}]}]}")
    assert found.holding["serve"] == pytest.approx(2 / 0.75)
    assert found.loads()["clerk"].offered == pytest.approx(0.1 / 0.75 * 2 / 0.75)


def test_loops_multiply_requests_and_hand_offs_end_them():
    # Rounds begun: 1 + 0.8 + 0.64; handed off: 1 - 0.512
    found = expected("""\
  serve:
    by: clerk
    steps:
      - repeat: [{ask: look up}, {chance: 0.2, then: [{hand_off: repair}]}]
        times: 3
  look up: {by: system, steps: [{work: 4}]}
  repair: {by: expert, steps: [{work: 1}]}""")
    assert found.per_customer["guest"] == pytest.approx({"serve": 1, "look up": 2.44, "repair": 0.488})
    assert found.holding["serve"] == pytest.approx(2.44 * 4)
    assert found.answer["serve"] == pytest.approx(2.44 * 4 + 0.488 * 2)


def test_classes_add_up():
    found = offered(
        "  serve: {by: clerk, steps: [{work: 2}]}\n  look up: {by: system, steps: [{work: 4}]}",
        """\
  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}, {repeat: [{tell: look up}], times: 3}]}
  group: {arrivals: every(30), batch: "discrete(values=[2, 10], weights=[3, 1])", journey: [{ask: serve}]}""",
    )
    assert found["clerk"] == pytest.approx(0.1 * 2 + 4 / 30 * 2)
    assert found["system"] == pytest.approx(0.1 * 3 * 4)


@pytest.mark.parametrize(
    ("arrivals", "long_run", "peak"),
    [
        ("poisson(rate=30/h)", 0.5, 0.5),
        ("poisson(rate=1440/d)", 1, 1),
        ("every(2)", 0.5, 0.5),
        ("every(exponential(mean=1h))", 1 / 60, 1 / 60),
        ("{rates: [6, 0, 30], per: hour, each: 8h}", 12 / 60, 0.5),
        ("{rates: [6, 0, 30], per: hour, each: 8h, repeat: false}", 0, 0.5),
        ("'at([0, 5])'", 0, 0),
    ],
)
def test_rates_are_per_unit_of_the_chain(arrivals, long_run, peak):
    chain = chain_of(
        "actors: {}\nservices: {}\ncustomers:\n"
        f"  guest: {{arrivals: {arrivals}, journey: []}}\n"
        f"  pair: {{arrivals: {arrivals}, batch: 2, journey: []}}\n"
    ).loaded()
    assert long_run_rates(chain) == pytest.approx({"guest": long_run, "pair": 2 * long_run})
    assert peak_rates(chain) == pytest.approx({"guest": peak, "pair": 2 * peak})


def test_other_rates_may_be_asked_about():
    found = expected("  serve: {by: clerk, steps: [{work: 2}]}")
    assert found.loads({"guest": 7})["clerk"].offered == 14


def test_the_load_of_a_chain_with_nobody_in_it():
    empty = Chain(chain="Empty", unit="hours", actors={}, services={}, customers={})
    assert Expected(empty).loads() == {}


SHARED = """\
actors:
  junior: {lane: contact, staff: 2, speed: 0.5}
  senior: {lane: contact, staff: 3}
  expert: {lane: backstage, staff: 1}
  cloud: {lane: supplier}
services:
  serve: {by: [junior, senior], steps: [{work: 6}, {ask: look up}]}
  advise: {by: senior, steps: [{work: 10}]}
  sign: {by: [senior, expert], steps: [{work: 1}]}
  look up: {by: [expert, cloud], steps: [{work: 4}]}
customers:
  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}, {ask: advise}, {ask: sign}]}
"""


def test_what_several_offer_is_the_load_of_all_of_them_together():
    found = Expected(chain_of(SHARED))
    # at the speed of the fastest: 6 + 4 minutes, not 12 + 4
    assert found.holding["serve"] == 10
    assert {name: load.offered for name, load in found.loads().items()} == pytest.approx(
        {"junior": 0, "senior": 1, "expert": 0, "cloud": 0}
    )
    assert found.shared_loads() == {
        ("junior", "senior"): Load(pytest.approx(0.1 * (10 + 10)), 5),
        ("senior", "expert"): Load(pytest.approx(0.1 * (10 + 1)), 4),
        ("expert", "cloud"): Load(pytest.approx(0.1 * 4), math.inf),
        ("junior", "senior", "expert", "cloud"): Load(pytest.approx(0.1 * (10 + 10 + 1 + 4)), math.inf),
    }


def test_servers_with_shifts_count_by_their_mean_over_a_week():
    chain = chain_of("""\
actors:
  clerk: {lane: contact, shifts: [{days: mon-fri, from: "08:00", to: "18:00", staff: 3}]}
services: {serve: {by: clerk, steps: [{work: 5}]}}
customers: {guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}]}}
""")
    assert Expected(chain).loads()["clerk"] == Load(pytest.approx(0.5), pytest.approx(3 * 50 / 168))


@pytest.mark.parametrize(("think", "rate"), [("exponential(mean=20)", 10 / 30), ("0", 1)])
def test_a_closed_population_comes_as_often_as_it_would_if_it_never_waited(think, rate):
    # 10 minutes: 1 of their own, 2 by the clerk who is held for 4 + 3 / speed 1
    chain = chain_of(f"""\
actors: {{clerk: {{lane: contact, staff: 2}}, system: {{lane: system, capacity: 3}}}}
services:
  serve: {{by: clerk, steps: [{{work: 2}}, {{ask: look up}}, reply, {{work: 50}}]}}
  look up: {{by: system, steps: [{{work: 4}}, {{pause: 3}}]}}
customers:
  member: {{arrivals: {{population: 10, think: {think}}}, journey: [{{work: 1}}, {{ask: serve}}]}}
  guest: {{arrivals: poisson(rate=6/h), journey: []}}
""")
    assert long_run_rates(chain) == peak_rates(chain) == pytest.approx({"member": rate, "guest": 0.1})
    assert open_rates(chain) == {"member": 0, "guest": pytest.approx(0.1)}


def test_members_whose_cycles_take_no_time_have_no_rate():
    chain = chain_of("""\
actors: {}
services: {}
customers: {member: {arrivals: {population: 10, think: 0}, journey: []}}
""")
    assert long_run_rates(chain) == {"member": 0}
