"""Simulated incidents of the IT service desk: run the chain, and give one row per incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import servicechain as sc
from it_service_desk_record import OTHERS, PRIORITIES, TEAMS, with_hand_offs
from servicechain.records import KeepCustomers, KeepRequests

WEEK = 168.0


@dataclass(frozen=True)
class Run:
    """Some replications of a chain: customers by their incident's number, and their requests in order."""

    customers: pd.DataFrame
    requests: pd.DataFrame


def simulate(chain: sc.Chain, replications: int, customers: int | None = None) -> Run:
    """Run a chain and keep everything; `customers` as the chain says if not given."""
    kept = [(KeepCustomers(), KeepRequests()) for _ in range(replications)]
    sc.run(chain, customers=customers, replications=replications, sinks=lambda replication: kept[replication])
    people = pd.concat(_frame(each.records, number) for number, (each, _) in enumerate(kept))
    asked = pd.concat(_frame(each.records, number) for number, (_, each) in enumerate(kept))
    asked["service"] = asked["service"].map(dict(enumerate(chain.services)))
    # at one instant the tray comes before what it asks
    asked["inner"] = ~asked["service"].str.startswith("wait with ")
    asked = asked.sort_values(["incident", "asked", "inner"], kind="stable", ignore_index=True)
    return Run(people.set_index("incident"), asked)


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
    table["weekend"] = (customers["left"] % WEEK) >= WEEK * 5 / 7
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
    return with_hand_offs(table, stays, "incident")
