"""Simulated incidents of the IT service desk: run the chain, and give one row per incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import servicechain as sc
from it_service_desk_record import (
    OTHERS,
    PRIORITIES,
    TEAMS,
    WEEK,
    counted_hours,
    week_of_blocks,
    with_hand_offs,
)
from servicechain.records import KeepCustomers, KeepRequests

LONG = "1000d"  # by then all are solved


@dataclass(frozen=True)
class Run:
    """Some replications of a chain: customers by their incident's number, and their requests in order.

    `chain` starts on a Monday at midnight.
    """

    chain: sc.Chain
    customers: pd.DataFrame
    requests: pd.DataFrame


def one_week(chain: sc.Chain) -> sc.Chain:
    """Let incidents arrive from one Monday to the next, and then no more."""
    return chain.with_values({f"customers.priority {each}.arrivals.repeat": False for each in PRIORITIES})


def simulate(chain: sc.Chain, replications: int) -> Run:
    """Run a chain whose arrivals end, until every incident is solved, and keep everything.

    Until a time, not for so many customers: such a run would end when for eight days no request has begun, and
    leave those that still lie, night after night interrupted, unsolved.
    """
    kept = [(KeepCustomers(), KeepRequests()) for _ in range(replications)]
    sc.run(chain, until=LONG, replications=replications, attribution=False, sinks=kept.__getitem__)
    people = pd.concat(_frame(each.records, number) for number, (each, _) in enumerate(kept))
    asked = pd.concat(_frame(each.records, number) for number, (_, each) in enumerate(kept))
    asked["service"] = asked["service"].map(dict(enumerate(chain.services)))
    # at one instant the tray comes before what it asks
    asked["inner"] = ~asked["service"].str.startswith("wait with ")
    asked = asked.sort_values(["incident", "asked", "inner"], kind="stable", ignore_index=True)
    return Run(chain, people.set_index("incident"), asked)


def _frame(records: np.ndarray[Any, Any], replication: int) -> pd.DataFrame:
    """Make a frame of records, with one number for each incident of all replications."""
    frame = pd.DataFrame({name: records[name] for name in records.dtype.names or ()})
    incident = (replication * len(PRIORITIES) + frame["customer_class"]) * 10**9 + frame["number"]
    return frame.assign(incident=incident)


def simulated_incidents(run: Run) -> pd.DataFrame:
    """Give one row per simulated incident: priority, hours until solved, where they went, who was needed."""
    customers, requests = run.customers, run.requests
    table = pd.DataFrame({"priority": customers["customer_class"].map(dict(enumerate(PRIORITIES)))})
    table["hours"] = customers["left"] - customers["arrived"]
    table["opened on"] = (customers["arrived"] % WEEK // 24).astype(int)
    left, solved = customers["left"].fillna(0.0) % WEEK, customers["left"].notna()
    table["by day"] = pd.Series(week_of_blocks()[left.astype(int)] == 0, index=left.index).where(solved)
    table["weekend"] = (left >= WEEK * 5 / 7).where(solved)
    lasted = requests.assign(hours=requests["ended"] - requests["begun"], line=requests["begun"] - requests["asked"])
    stays = lasted[lasted["service"].str.startswith("wait with ")].copy()
    stays["team"] = stays["service"].str.removeprefix("wait with ")
    stays["next"] = stays.groupby("incident")["team"].shift(-1).fillna("solved")
    outside = {"vendor": "answer of the vendor", "problem": "solution of the problem"}
    # whom somebody outside answers is the team whose tray asked last
    lasted["team"] = stays["team"].reindex(lasted.index).groupby(lasted["incident"]).ffill()
    elsewhere = lasted[lasted["service"].isin(outside.values())]
    for team in TEAMS:
        with_team = stays[stays["team"] == team].groupby("incident")["hours"].sum()
        away = elsewhere[elsewhere["team"] == team].groupby("incident")["hours"].sum()
        table[f"hours with {team}"] = with_team.sub(away, fill_value=0).reindex(table.index).fillna(0.0)
    table["hours awaiting the user"] = customers["own"]
    for whom, service in outside.items():
        hours = lasted[lasted["service"] == service].groupby("incident")["hours"].sum()
        table[f"hours {OTHERS[whom]}"] = hours.reindex(table.index).fillna(0.0)
    worked = lasted[lasted["service"].str.startswith(("turn of ", "take the call"))].groupby("incident")
    table["in hand"] = worked["hours"].sum().reindex(table.index).fillna(0.0)
    table["in line"] = worked["line"].sum().reindex(table.index).fillna(0.0)
    table["away"] = hours_away(run).reindex(table.index).fillna(0.0)
    return with_hand_offs(table, stays, "incident")


def hours_away(run: Run) -> pd.Series[float]:
    """Add up, for each incident, the hours it lay in a tray while the tray's hours were over."""
    requests = run.requests
    away = pd.Series(0.0, index=requests.index)
    for team in TEAMS:
        tray = [f"first wait with {team}", f"later wait with {team}"]
        lay = requests[requests["service"].isin(tray) & requests["ended"].notna()]
        calendar = run.chain.actors[f"hours of {team}"].calendar(run.chain.starts, run.chain.unit)
        assert calendar is not None
        closed = np.array([calendar.on_duty_at(hour) == 0 for hour in range(WEEK)])
        away[lay.index] = counted_hours(lay["asked"], lay["ended"], closed)
    total: pd.Series[float] = away.groupby(requests["incident"]).sum()
    return total
