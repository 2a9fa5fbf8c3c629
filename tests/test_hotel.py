from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

import servicechain as sc
from servicechain.load import Expected, peak_rates

HOTEL = Path(__file__).parents[1] / "simulations" / "hotel.yaml"
ALL_DAY = {"days": "daily", "from": "00:00", "to": "24:00", "staff": 1}
CHANGES = {
    "today": {},
    "quick programmer": {"actors.programmer.speed": 50},
    "second programmer": {"actors.programmer.shifts": [ALL_DAY, {**ALL_DAY, "from": "14:00", "to": "17:00"}]},
    "fifth receptionist": {"actors.receptionist.shifts.1.staff": 5},
    "no failures": {"actors.booking system.failures.every": "1000000d"},
}
pytestmark = pytest.mark.theory
SEED = 2  # not that of the chain: no claim hangs on it
AFTERNOON = (14 * 60, 18 * 60)


@cache
def run(change):
    return sc.run(sc.read(HOTEL).with_values(CHANGES[change]), seed=SEED, keep_records=True)


def guests(change):
    records = run(change).customer_records
    return records[(records["class"] == "guest") & (records["outcome"] != "unfinished")]


def daily(change, metric="wait", between=(0, 24 * 60)):
    those = guests(change)
    return those[those["arrived"].between(*between)].groupby("replication")[metric].mean().to_numpy()


def surely(differences):
    """Lower end of the one-sided 99.9 % interval of paired days: a wrong claim passes once in 1000 seeds."""
    count = len(differences)
    return np.mean(differences) - t.ppf(0.999, count - 1) * np.std(differences, ddof=1) / np.sqrt(count)


def cost(change):
    return sum(run(change).value(f"actors.{actor}.cost.mean") for actor in sc.read(HOTEL).actors)


def test_nobody_is_overloaded_in_the_busiest_hour():
    chain = sc.read(HOTEL)
    offered = {name: load.offered for name, load in Expected(chain).loads(peak_rates(chain)).items()}
    at_four = {name: actor.calendar(None, chain.unit) for name, actor in chain.actors.items()}
    staff = {
        name: shifts.on_duty_at(16 * 60) if shifts else chain.actors[name].servers for name, shifts in at_four.items()
    }
    loads = {name: offered[name] / staff[name] for name in offered}
    guests, calls = 36 / 60, 2 / 60
    answered = 0.5 + 0.05 * 5 / 0.5
    by_hand = {
        "receptionist": guests * (2 + answered + 0.05 * 5 + 1 + 0.5) / 4,
        "booking system": guests * answered / 2,
        "programmer": (guests * 0.05 * 5 + calls * 8) / 0.5,
        "manager": guests * 0.05 * 5,
    }
    assert loads == pytest.approx(by_hand)
    assert max(loads.values()) < 0.9


def test_guests_stand_for_the_programmers_slowness_though_they_never_ask_him():
    chain = sc.read(HOTEL)
    asked = {chain.services[step.ask].by for step in chain.customers["guest"].journey}
    assert asked == {"receptionist"}
    today, quick = (daily(change, between=AFTERNOON) for change in ("today", "quick programmer"))
    assert surely(today - 2 * quick) > 0
    # the same desk would do well: below the wait that delights
    assert surely(chain.customers["guest"].tolerance.desired.in_unit(chain.unit) - quick) > 0


@pytest.mark.parametrize("metric", ["queueing", "held"])
def test_the_programmer_lengthens_the_line_and_the_time_at_the_desk(metric):
    today, quick = (daily(change, metric, AFTERNOON) for change in ("today", "quick programmer"))
    assert surely(today - quick) > 0


def test_only_the_waiting_changes():
    columns = ["replication", "number", "arrived", "attended", "outcome"]
    today, quick = (guests(change)[columns] for change in ("today", "quick programmer"))
    both = today.merge(quick, on=["replication", "number"])
    assert np.array_equal(both["arrived_x"], both["arrived_y"])
    served = both[(both["outcome_x"] == "finished") & (both["outcome_y"] == "finished")]
    assert len(served) > 0.8 * len(today)
    assert served["attended_x"].to_numpy() == pytest.approx(served["attended_y"].to_numpy(), rel=1e-9)


def test_a_second_programmer_spares_guests_more_than_a_fifth_receptionist():
    assert surely(daily("fifth receptionist") - daily("second programmer")) > 0


def test_and_costs_less():
    # what is added, and the work finished in overtime: of one request at most each day
    programmer, receptionist = (cost(change) - cost("today") for change in ("second programmer", "fifth receptionist"))
    assert 3 * 40 <= programmer < 3 * 40 + 5
    assert receptionist == pytest.approx(8 * 18, abs=1)
    assert programmer < receptionist


def test_the_system_hangs_about_once_a_day_and_the_guests_wait_for_it():
    restarts = run("today").value("services.restart the booking system.requests.mean")
    days = run("today").replications
    assert abs(restarts - 1) < 4 * np.sqrt(1 / days)  # failures of a day are nearly Poisson with mean 1
    assert run("no failures").value("services.restart the booking system.requests.mean") == 0
    assert surely(daily("today", "held") - daily("no failures", "held")) > 0


def test_fewer_guests_leave_the_zone_of_tolerance_with_a_second_programmer():
    def below(change):
        those = guests(change)
        out = (those["wait"] > 10) | (those["outcome"] == "abandoned")
        return out.groupby(those["replication"]).mean().to_numpy()

    assert surely(below("fifth receptionist") - below("second programmer")) > 0
    assert run("today").value("customers.guest.below.mean") == pytest.approx(below("today").mean())
