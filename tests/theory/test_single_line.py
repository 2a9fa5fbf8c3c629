"""One team and one line, nobody leaves: M/M/c, M/G/1, M/G/c, groups, breaks, an agent with two lines."""

from __future__ import annotations

import numpy as np
import pytest

from theory.agreement import STANDARD_ERRORS, Measured, Model, across, cases, check_reference

pytestmark = pytest.mark.theory

MM1 = Model(
    "M/M/1",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
    customers: {guest: {arrivals: poisson(rate=0.8/min), journey: [{ask: serve}]}}
    """,
    customers=8500,
    warm_up=400,
)


def five_agents(name, **settings):
    return Model(
        name,
        """
        unit: minutes
        actors: {agent: {lane: contact, staff: 5}}
        services: {serve: {by: agent, steps: [{work: exponential(mean=1)}]}}
        customers:
          caller:
            arrivals: poisson(rate=4/min)
            tolerance: {desired: 0.5, adequate: 3}
            journey: [{ask: serve}]
        """,
        warm_up=100,
        **settings,
    )


MM5 = five_agents("M/M/5", customers=12_000)
MM5_LONG = five_agents("M/M/5, long", customers=40_000, slow=True)

HOTEL = Model(
    "M/M/3, a hotel",
    """
    unit: minutes
    actors: {receptionist: {lane: contact, staff: 3}}
    services: {check in: {by: receptionist, steps: [{work: exponential(mean=2)}]}}
    customers: {guest: {arrivals: poisson(rate=0.9/min), journey: [{ask: check in}]}}
    """,
    customers=5000,
    warm_up=100,
)

CALLS = Model(
    "M/M/7, calls",
    """
    unit: seconds
    actors: {agent: {lane: contact, staff: 7}}
    services: {answer: {by: agent, standard: 20, steps: [{work: exponential(mean=3min)}]}}
    customers: {caller: {arrivals: poisson(rate=100/h), journey: [{ask: answer}]}}
    """,
    customers=9000,
    warm_up="2h",
)


def calls_for_20_erlangs(name, staff, **settings):
    return Model(
        name,
        f"""
        unit: minutes
        actors: {{agent: {{lane: contact, staff: {staff}}}}}
        services: {{answer: {{by: agent, standard: 20s, steps: [{{work: exponential(mean=5)}}]}}}}
        customers: {{caller: {{arrivals: poisson(rate=4/min), journey: [{{ask: answer}}]}}}}
        """,
        **settings,
    )


AGENTS_24 = calls_for_20_erlangs("M/M/24, 20 Erlangs", 24, customers=22_000, warm_up=100, slow=True)
AGENTS_25 = calls_for_20_erlangs("M/M/25, 20 Erlangs", 25, customers=22_000, warm_up=100, slow=True)

BIG_TEAM = Model(
    "M/M/110",
    """
    unit: minutes
    actors: {agent: {lane: contact, staff: 110}}
    services: {answer: {by: agent, steps: [{work: exponential(mean=1)}]}}
    customers: {caller: {arrivals: poisson(rate=100/min), journey: [{ask: answer}]}}
    """,
    customers=60_000,
    warm_up=20,
    slow=True,
    records=False,
)

LOGNORMAL = Model(
    "M/G/1, lognormal work",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: "lognormal(mean=1, cv=1.224744871391589)"}]}}  # cv² = 1.5
    customers: {guest: {arrivals: poisson(rate=0.7/min), journey: [{ask: serve}]}}
    """,
    customers=8500,
    warm_up=300,
)

ERLANG_2 = Model(
    "M/E2/1",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: "erlang(mean=1, k=2)"}]}}
    customers: {guest: {arrivals: poisson(rate=0.8/min), journey: [{ask: serve}]}}
    """,
    customers=6000,
    warm_up=300,
)

FIXED = Model(
    "M/D/1",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: 1}]}}
    customers: {guest: {arrivals: poisson(rate=0.8/min), journey: [{ask: serve}]}}
    """,
    customers=2500,
    warm_up=100,
)

FIXED_3 = Model(
    "M/D/3",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 3}}
    services: {serve: {by: clerk, steps: [{work: 1}]}}
    customers: {guest: {arrivals: poisson(rate=2.4/min), journey: [{ask: serve}]}}
    """,
    customers=6500,
    warm_up=70,
)

ERLANG_2_3 = Model(
    "M/E2/3",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 3}}
    services: {serve: {by: clerk, steps: [{work: "erlang(mean=1, k=2)"}]}}
    customers: {guest: {arrivals: poisson(rate=2.4/min), journey: [{ask: serve}]}}
    """,
    customers=7000,
    warm_up=100,
)

GROUPS = Model(
    "M^X/M/1, groups of 1 or 3",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: exponential(mean=1)}]}}
    customers:
      visitor:
        arrivals: poisson(rate=0.3/min)
        batch: discrete(values=[1, 3], weights=[1, 1])
        journey: [{ask: serve}]
    """,
    customers=2000,
    warm_up=100,
)

# The clerk's breaks are requests of somebody who never leaves, behind every guest in line, again and again.
BREAKS = Model(
    "M/M/1 with breaks while nobody waits",
    """
    unit: minutes
    actors: {clerk: {lane: contact, staff: 1}}
    services:
      serve: {by: clerk, steps: [{work: exponential(mean=1)}]}
      take a break: {by: clerk, steps: [{pause: exponential(mean=2)}, {hand_off: take a break}]}
    customers:
      guest: {arrivals: poisson(rate=0.6/min), priority: 1, journey: [{ask: serve}]}
      break: {arrivals: "at([0])", priority: 9, journey: [{ask: take a break}]}
    """,
    until=1700,
    warm_up=100,
)

# An agent between two lines: leaving one is a request behind all others in it, and holds its desk until the agent has
# left the other line. The endless pause lets the asking go in a circle, which is never a wait for oneself here.
POLLING = Model(
    "one agent for phone and mail, each until nobody waits",
    """
    unit: minutes
    actors: {phone: {lane: contact, staff: 1}, mail: {lane: contact, staff: 1}}
    services:
      talk: {by: phone, steps: [{work: exponential(mean=1)}]}
      write: {by: mail, steps: [{work: exponential(mean=1)}]}
      leave the phone:
        by: phone
        priority: 9
        steps:
          - work: exponential(mean=0.25)
          - reply
          - {together: [[{ask: leave the mail, priority: 9}], [{pause: 1000000}]], need: any}
      leave the mail:
        by: mail
        priority: 9
        steps:
          - work: exponential(mean=0.25)
          - reply
          - {together: [[{ask: leave the phone, priority: 9}], [{pause: 1000000}]], need: any}
    customers:
      agent: {arrivals: "at([0])", journey: [{ask: leave the phone, priority: 9}]}
      caller: {arrivals: poisson(rate=0.3/min), journey: [{ask: talk}]}
      writer: {arrivals: poisson(rate=0.3/min), journey: [{ask: write}]}
    """,
    customers=1600,
    warm_up=50,
    slow=True,
)


def queueing_of_both(run):
    return run.customers["queueing"][run.customers["class"] != "agent"]


def error_of_announcement(run):
    """Squared error of (number in line + 1) / 5 minutes, told to who has to wait.

    In a line served first come first served, those ahead of request i asked before and begin after it asked.
    """
    begun = run.all_requests["begun"].to_numpy()
    asked = run.all_requests["asked"].to_numpy()
    ahead = np.arange(begun.size) - np.searchsorted(begun, asked, side="right")
    told = (ahead + 1) / 5
    waits = begun - asked
    return ((waits - told) ** 2)[(waits > 0) & (asked >= run.warm_up)]


def linear_zone(run):
    """Satisfaction 1 up to half a minute, falling in a straight line to 0 at three minutes."""
    return np.clip((3 - run.customers["wait"]) / 2.5, 0, 1)


def smallest_team(levels):
    """Give 25 if 25 agents clearly meet 80 % within 20 seconds, and 24 clearly do not."""
    fewer, enough = levels
    below = fewer.mean + STANDARD_ERRORS * fewer.error < 0.8
    above = enough.mean - STANDARD_ERRORS * enough.error > 0.8
    return Measured(25.0 if below and above else np.nan, 0.0, enough.replications)


VALUES = {
    "mm1_wq": MM1.number("services.serve.queue_wait"),
    "mm1_T": MM1.number("customers.guest.time_in_system"),
    "mm1_T_tail5": MM1.pooled(lambda run: run.customers["left"] - run.customers["arrived"] > 5),
    "mm1_wq_tail2": MM1.pooled(lambda run: run.customers["queueing"] > 2),
    "mmc_a4c5_pwait": MM5.number("services.serve.delayed_share"),
    "mmc_a4c5_wq": MM5.number("services.serve.queue_wait"),
    "ql_announce_mse": MM5_LONG.pooled(error_of_announcement),
    "zot_mmc_share_tolerated": MM5_LONG.pooled(lambda run: run.customers["wait"] <= 3),
    "zot_mmc_mean_sat": MM5.pooled(linear_zone),
    "mmc_hotel_pwait": HOTEL.number("services.check in.delayed_share"),
    "mmc_hotel_wq": HOTEL.number("services.check in.queue_wait"),
    "mmc_sl20_c7": CALLS.number("services.answer.within_standard"),
    "mmc_asa_c7": CALLS.number("services.answer.queue_wait"),
    "staff_8020_erlc_sl": AGENTS_25.number("services.answer.within_standard"),
    "staff_8020_erlc_slm1": AGENTS_24.number("services.answer.within_standard"),
    "staff_8020_erlc": across(
        [each.number("services.answer.within_standard") for each in (AGENTS_24, AGENTS_25)], smallest_team
    ),
    "qed_exact_c110": BIG_TEAM.number("services.answer.delayed_share"),
    "mg1_logn_wq": LOGNORMAL.number("services.serve.queue_wait"),
    "mg1_erl2_wq": ERLANG_2.number("services.serve.queue_wait"),
    "md1_wq": FIXED.number("services.serve.queue_wait"),
    "md3_wq": FIXED_3.number("services.serve.queue_wait"),
    "me2c3_wq": ERLANG_2_3.number("services.serve.queue_wait"),
    "batch_T": GROUPS.number("customers.visitor.time_in_system"),
    "vacation_wq": BREAKS.number("customers.guest.queueing"),
    "polling_wq": POLLING.pooled(queueing_of_both),
}


@pytest.mark.parametrize(("reference", "measure"), cases(VALUES))
def test_agrees(reference, measure):
    check_reference(reference, measure)


def test_the_zone_of_tolerance_is_counted_as_the_records_say():
    model = five_agents("M/M/5, briefly", customers=1000)
    customers = [run.customers["wait"] for run in model.runs]
    shares = {
        "delighted": lambda wait: (wait <= 0.5).mean(),
        "inside": lambda wait: ((wait > 0.5) & (wait <= 3)).mean(),
        "below": lambda wait: (wait > 3).mean(),
    }
    for name, share in shares.items():
        expected = np.mean([share(wait) for wait in customers])
        assert model.result.value(f"customers.caller.{name}.mean") == pytest.approx(expected, rel=1e-12)
