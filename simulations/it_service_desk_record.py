"""Reading and measuring the record of an IT service desk: the figures in it_service_desk.yaml and its CSV files.

The record has one row per update of an incident (Amaral, Fantinato & Peres 2018, doi 10.24432/C57S4H, CC BY
4.0). The trap is time counted twice: the hours between two updates hold the waiting and the work, so they
are cut in two (`TURN`), and of the waiting only the hours a tray keeps are taken (`BLOCKS`): nights and
weekends come from the chain's shifts, and standing in line for a person comes on top.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TEAMS = ("first line", "quick groups", "slow groups", "unnamed group")
INSIDE = ("quick groups", "slow groups")  # of several groups each, among which tickets go too
PRIORITIES = ("1", "2", "3", "4")
OTHERS = {
    "user": "awaiting the user",
    "vendor": "awaiting the vendor",
    "problem": "awaiting problem management",
}
TIMES = ("sys_updated_at", "opened_at", "resolved_at")
NEEDED = (
    *(
        "number",
        "incident_state",
        "assignment_group",
        "sys_updated_by",
        "sys_mod_count",
        "opened_by",
        "priority",
    ),
    *TIMES,
)
AWAITS = {
    "Awaiting User Info": "user",
    "Awaiting Evidence": "user",
    "Awaiting Vendor": "vendor",
    "Awaiting Problem": "problem",
}

TURN = 20 / 60  # assumed: hours of work before an update
SLOW = 240.0  # hours a stay lasts on average in a slow group
LONGEST_CALL = 2.0  # hours; what took longer to be saved was no call
PARTS = 50  # equal parts of the sorted hours whose means the chain draws from
BLOCKS = (  # of the week, told apart by how many people are seen: days, and hours of them
    ("mon-fri", 8, 18),
    ("mon-fri", 18, 24),
    ("mon-fri", 0, 8),
    (["sat", "sun"], 0, 24),
)
KEEPS = 0.25  # how often at least, beside the first block, a ticket is taken up in a block whose hours a tray keeps
ROOM = 100_000  # tickets in a tray
WEEK = 168  # hours
MONDAY = pd.Timestamp("2016-02-29")  # any one
STANDARD = 120.0  # hours within which an incident should be solved, the user's time not counted
FRIDAY = 4
SOON = 48.0  # hours
MANY = 5  # so many further updates and more are one value


class RecordError(ValueError):
    """The record cannot be used; the message says why."""


def read_record(path: Path) -> pd.DataFrame:
    """Read a record, one row per update, in the order of the updates.

    Raises
    ------
    RecordError
        If it is no CSV file, lacks a column, or holds what is no time or number.
    """
    try:
        record = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, EOFError, ValueError) as error:
        raise RecordError(f"{path} cannot be read as a CSV file: {' '.join(str(error).split())}") from None
    missing = [name for name in NEEDED if name not in record.columns]
    if missing:
        raise RecordError(f"{path} lacks the column{'s'[: len(missing) > 1]} {', '.join(missing)}")
    if record.empty:
        raise RecordError(f"{path} holds no rows")
    record = record[list(NEEDED)].replace({"?": "", "-100": ""})
    for name in TIMES:
        record[name] = _parsed(path, record[name], pd.to_datetime(record[name], errors="coerce"))
    count = record["sys_mod_count"]
    record["sys_mod_count"] = _parsed(path, count, pd.to_numeric(count, errors="coerce"))
    return record.sort_values(["number", "sys_mod_count"], kind="stable", ignore_index=True)


def _parsed(path: Path, written: pd.Series[str], parsed: pd.Series[Any]) -> pd.Series[Any]:
    """Give what was parsed; only the time of solving may be missing."""
    wrong = parsed.isna() & ((written != "") | (written.name != "resolved_at"))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise RecordError(f"{path}, row {row + 2}: {written.name} is {written.iloc[row]!r}, which cannot be read")
    return parsed


def incidents_of(record: pd.DataFrame) -> pd.DataFrame:
    """Give one row per incident; the time of solving is the first update that says so where it is not noted."""
    table = record.groupby("number").agg(
        priority=("priority", "first"),
        opened=("opened_at", "first"),
        opened_by=("opened_by", "first"),
        saved=("sys_updated_at", "first"),
        solved=("resolved_at", "last"),
    )
    noted = record[record["incident_state"] == "Resolved"].groupby("number")["sys_updated_at"].first()
    table["solved"] = table["solved"].fillna(noted)
    return table


def open_updates(record: pd.DataFrame) -> pd.DataFrame:
    """Give the updates of unsolved incidents: hours to the next, who is awaited, the team and its how-manieth stay."""
    following = record.groupby("number")["sys_updated_at"].shift(-1)
    hours = ((following - record["sys_updated_at"]).dt.total_seconds() / 3600).clip(lower=0).fillna(0.0)
    rows = record.assign(ends=record["sys_updated_at"] + pd.to_timedelta(hours, unit="h"))
    rows = rows.assign(hours=hours, awaits=record["incident_state"].map(AWAITS).fillna("team"))
    rows = rows[~rows["incident_state"].isin(["Resolved", "Closed"])]
    moved = rows["assignment_group"] != rows.groupby("number")["assignment_group"].shift()
    rows = rows.assign(stay=moved.groupby(rows["number"]).cumsum())
    lasted = rows.groupby(["number", "stay"]).agg(group=("assignment_group", "first"), hours=("hours", "sum"))
    by_group = lasted.groupby("group")["hours"].agg(["size", "mean"])
    named = by_group["size"].drop("", errors="ignore")
    if named.empty:
        raise RecordError("no update of an unsolved incident names a group, so there is no first line to find")
    team = {group: "slow groups" if hours > SLOW else "quick groups" for group, hours in by_group["mean"].items()}
    team |= {str(named.idxmax()): "first line", "": "unnamed group"}
    return rows.assign(team=rows["assignment_group"].map(team))


def stays_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one row per stay of an incident with a group: hours by who was awaited, turns taken, where it went next."""
    table = rows.groupby(["number", "stay"]).agg(team=("team", "first"))
    for whom in ("team", *OTHERS):
        hours = rows[rows["awaits"] == whom].groupby(["number", "stay"])["hours"]
        table[f"{whom} hours"] = hours.sum().reindex(table.index)
        if whom == "team":
            table["turns"] = hours.size().reindex(table.index).fillna(0).astype(int)
    table = table.reset_index()
    table["next"] = table.groupby("number")["team"].shift(-1).fillna("solved")
    return table


@dataclass(frozen=True)
class Record:
    """The record in four tables: all rows, incidents, updates of unsolved ones, stays with a group."""

    incidents: pd.DataFrame
    updates: pd.DataFrame
    stays: pd.DataFrame

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record from a file."""
        rows = read_record(path)
        updates = open_updates(rows)
        return cls(incidents_of(rows), updates, stays_of(updates))


def week_of_blocks() -> np.ndarray[Any, np.dtype[np.int64]]:
    """Give the place in `BLOCKS` of each hour of a week, from Monday."""
    week = np.empty(WEEK, dtype=np.int64)
    for block, (days, start, end) in enumerate(BLOCKS):
        for day in range(5) if days == "mon-fri" else (5, 6):
            week[24 * day + start : 24 * day + end] = block
    return week


def block_of(times: pd.Series[Any]) -> pd.Series[int]:
    """Give the block of the week each time falls into, by its place in `BLOCKS`."""
    week = week_of_blocks()
    return pd.Series(week[(times.dt.day_of_week * 24 + times.dt.hour).to_numpy()], index=times.index)


def hours_within(start: pd.Series[Any], end: pd.Series[Any], blocks: Iterable[int]) -> pd.Series[float]:
    """Count the hours from one time to another that lie in some blocks of the week."""
    counted = np.isin(week_of_blocks(), list(blocks))
    since = [(times - MONDAY).dt.total_seconds() / 3600 for times in (start, end)]
    return counted_hours(since[0], since[1], counted)


def counted_hours(
    start: pd.Series[float], end: pd.Series[float], counted: np.ndarray[Any, np.dtype[np.bool_]]
) -> pd.Series[float]:
    """Count the hours between two times, given in hours since a Monday, that fall into counted hours of the week."""
    before = np.concatenate([[0], np.cumsum(counted)])

    def since_monday(times: pd.Series[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
        weeks, hours = np.divmod(times.to_numpy(), WEEK)
        whole = np.minimum(hours.astype(int), WEEK - 1)
        passed: np.ndarray[Any, np.dtype[np.float64]] = (
            weeks * before[-1] + before[whole] + (hours - whole) * counted[whole]
        )
        return passed

    return pd.Series(since_monday(end) - since_monday(start), index=start.index)


def blocks_of_trays(record: Record) -> dict[str, list[int]]:
    """Find the blocks of the week whose hours each team's tray keeps.

    Measured by how often a ticket that lies in it is taken up per hour, compared with Monday to Friday, 8 to 18.
    """
    lying = record.updates[(record.updates["awaits"] == "team") & (record.updates["hours"] > TURN)]
    kept = {}
    for team in TEAMS:
        here = lying[lying["team"] == team]
        block = block_of(here["ends"])
        rates = [
            (block == each).sum() / max(hours_within(here["sys_updated_at"], here["ends"], [each]).sum(), 1e-9)
            for each in range(len(BLOCKS))
        ]
        kept[team] = [each for each, rate in enumerate(rates) if rate >= KEEPS * rates[0]]
    return kept


def lying_of(record: Record) -> pd.DataFrame:
    """Give the times tickets were in a team's tray and hands: whether they lay there, and for how long of its hours.

    What ends within `TURN`, or outside the hours of the tray before any of them has passed, was taken up at once.
    """
    rows = record.updates[record.updates["awaits"] == "team"]
    rows = rows.assign(later=rows.groupby(["number", "stay"]).cumcount() > 0, lay=0.0, lies=False)
    turn = pd.to_timedelta(rows["hours"].clip(upper=TURN), unit="h")
    for team, blocks in blocks_of_trays(record).items():
        here = rows["team"] == team
        part = rows[here]
        lay = hours_within(part["sys_updated_at"], part["ends"] - turn[here], blocks)
        late = ~np.isin(block_of(part["ends"]), blocks)
        rows.loc[here, "lay"] = lay
        rows.loc[here, "lies"] = (part["hours"] > TURN) & ~(late & (lay < 1e-6))
    return rows


def measured_hours(record: Record) -> pd.DataFrame:
    """Measure every distribution of the chain, in hours: the means of equal parts of the sorted values."""
    incidents, stays = record.incidents, record.stays
    call = (incidents["saved"] - incidents["opened"]).dt.total_seconds() / 3600
    columns = {"call": call[(call > 0) & (call <= LONGEST_CALL)]}
    lying = lying_of(record)
    for team in TEAMS:
        here = lying[lying["team"] == team]
        lay = here[here["lies"]]
        columns[f"{team} first wait"] = lay[~lay["later"]]["lay"]
        columns[f"{team} later wait"] = lay[lay["later"]]["lay"]
        columns[f"{team} turn"] = here["hours"].clip(upper=TURN)
    columns["vendor"] = stays["vendor hours"].dropna()
    columns["problem"] = stays["problem hours"].dropna()
    columns["user"] = user_hours(stays).dropna()
    return pd.DataFrame({name: means_of_parts(values) for name, values in columns.items()})


def user_hours(stays: pd.DataFrame) -> pd.Series[float]:
    """Add up the hours each incident awaited its user; NaN where it never did."""
    return stays.groupby("number")["user hours"].sum(min_count=1)


def means_of_parts(values: Iterable[float]) -> list[float]:
    """Sort, cut into equal parts, take the mean of each: the distribution in few numbers, its mean kept."""
    whole = np.sort(np.asarray(list(values), dtype=np.float64))
    return [round(float(part.mean()), 4) if part.size else 0.0 for part in np.array_split(whole, PARTS)]


def measured_values(record: Record) -> dict[str, Any]:
    """Measure every number that stands in the chain file itself, by its path there."""
    return {**_staff(record), **_trays(record), **_ways(record.stays), **_classes(record)}


def _staff(record: Record) -> dict[str, Any]:
    incidents, updates = record.incidents, record.updates
    seen = {
        team: people_in_an_hour(rows["sys_updated_at"], rows["sys_updated_by"], incidents["opened"])
        for team, rows in updates.groupby("team")
    }
    openers = people_in_an_hour(incidents["opened"], incidents["opened_by"], incidents["opened"])
    seen["first line"] = [sum(both) for both in zip(seen["first line"], openers, strict=True)]
    nobody = [0] * len(BLOCKS)
    return {
        f"actors.{team}.shifts.{block}.staff": people
        for team in TEAMS
        for block, people in enumerate(seen.get(team, nobody))
    }


def people_in_an_hour(times: pd.Series[Any], people: pd.Series[str], opened: pd.Series[Any]) -> list[int]:
    """Count people in each hour of the second half of the record; take the 95th percentile in each block of the week.

    The first half would show too few: incidents opened before the record began are not in it.
    """
    half = opened.min() + (opened.max() - opened.min()) / 2
    kept = times.between(half, opened.max()) & (people != "")
    hours = pd.Series(pd.date_range(half.floor("h"), opened.max(), freq="h"))
    seen = people[kept].groupby(times[kept].dt.floor("h")).nunique().reindex(hours, fill_value=0)
    block = block_of(hours).to_numpy()
    return [int(seen[block == each].quantile(0.95)) if (block == each).any() else 0 for each in range(len(BLOCKS))]


def _trays(record: Record) -> dict[str, Any]:
    """Measure the hours each team's tray keeps, and which share of the tickets lies in it, when they come and later."""
    lying = lying_of(record)
    stays = record.stays["team"].value_counts()
    values: dict[str, Any] = {}
    for team, blocks in blocks_of_trays(record).items():
        values[f"actors.hours of {team}.shifts"] = [
            {"days": days, "from": f"{start:02}:00", "to": f"{end:02}:00", "staff": ROOM}
            for days, start, end in (BLOCKS[block] for block in blocks)
        ]
        here = lying[lying["team"] == team]
        first, later = (here[here["later"] == late]["lies"] for late in (False, True))
        path = f"services.wait with {team}.steps"
        values[f"{path}.0.chance"] = round(float(first.sum() / max(stays.get(team, 0), 1)), 4)
        values[f"{path}.2.repeat.0.chance"] = round(float(later.sum() / max(len(later), 1)), 4)
    return values


def _ways(stays: pd.DataFrame) -> dict[str, Any]:
    """Measure, for each team, how many turns it takes, whom it must ask, and where tickets go."""
    values: dict[str, Any] = {}
    for team in TEAMS:
        here = stays[stays["team"] == team]
        path = f"services.wait with {team}.steps"
        further = (here["turns"] - 1).clip(lower=0)
        counts = further.clip(upper=MANY).value_counts().reindex(range(MANY + 1), fill_value=0)
        most = round(float(further[further >= MANY].mean())) if counts[MANY] else MANY
        values[f"{path}.2.times"] = f"discrete(values=[0, 1, 2, 3, 4, {most}], weights={counts.tolist()})"
        step = 3
        if team in INSIDE:
            values[f"{path}.3.chance"] = round(float(here["vendor hours"].notna().mean()), 4)
            values[f"{path}.4.chance"] = round(float(here["problem hours"].notna().mean()), 4)
            step = 5
        values[f"{path}.{step}.chance"] = round(float((here["next"] != "solved").mean()), 4)
        for position, to in enumerate(each for each in TEAMS if each != team or team in INSIDE):
            values[f"{path}.{step}.then.0.choose.{position}.weight"] = int((here["next"] == to).sum())
    return values


def _classes(record: Record) -> dict[str, Any]:
    """Measure, for each priority, when it comes, where it goes first, and how often its user is asked."""
    first = record.stays[record.stays["stay"] == 1].set_index("number")["team"].reindex(record.incidents.index)
    asked = user_hours(record.stays).reindex(record.incidents.index).notna()
    values: dict[str, Any] = {}
    for priority in PRIORITIES:
        here = record.incidents["priority"] == priority
        path = f"customers.priority {priority}"
        values[f"{path}.arrivals.rates"] = weekly_rates(record.incidents[here], record.incidents["opened"], priority)
        values[f"{path}.journey.1.chance"] = round(float(first[here].notna().mean()), 4)
        for position, team in enumerate(TEAMS):
            count = int((first[here] == team).sum())
            values[f"{path}.journey.1.then.1.choose.{position}.weight"] = count
        values[f"{path}.journey.1.then.0.chance"] = round(float(asked[here & first.notna()].mean()), 4)
    return values


def weekly_rates(part: pd.DataFrame, opened: pd.Series[Any], priority: str) -> list[float]:
    """Measure arrivals per hour in each hour of the week; of rare priorities per day, in blocks of four hours."""
    block, per = (1, 1) if priority == "3" else (4, 24)
    days = pd.Series(pd.date_range(opened.min().normalize(), opened.max().normalize()))
    weeks = days.dt.day_of_week.value_counts()
    counts = part.groupby([part["opened"].dt.day_of_week, part["opened"].dt.hour // block]).size()
    slots = [(day, slot) for day in range(7) for slot in range(24 // block)]
    return [round(counts.get((day, slot), 0) / weeks.get(day, 1) / block * per, 2) for day, slot in slots]


def recorded_incidents(record: Record) -> pd.DataFrame:
    """Give one row per recorded incident, for `figures_of`."""
    table = record.incidents[["priority"]].copy()
    table["hours"] = (record.incidents["solved"] - record.incidents["opened"]).dt.total_seconds() / 3600
    table["opened on"] = record.incidents["opened"].dt.day_of_week
    table["by day"] = (block_of(record.incidents["solved"].fillna(MONDAY)) == 0).where(table["hours"].notna())
    table["weekend"] = (record.incidents["solved"].dt.day_of_week >= 5).where(table["hours"].notna())
    stays = record.stays
    for team in TEAMS:
        hours = stays[stays["team"] == team].groupby("number")["team hours"].sum()
        table[f"hours with {team}"] = hours.reindex(table.index).fillna(0.0)
    for whom, name in OTHERS.items():
        table[f"hours {name}"] = stays.groupby("number")[f"{whom} hours"].sum().reindex(table.index).fillna(0.0)
    return with_hand_offs(table, stays, "number")


def with_hand_offs(table: pd.DataFrame, stays: pd.DataFrame, key: str) -> pd.DataFrame:
    """Add what follows from the groups an incident went through.

    Parameters
    ----------
    table : DataFrame
        One row per incident.
    stays : DataFrame
        One row per stay with a group, in order: `key` (the incident), ``team``, ``next``.
    key : str
    """

    def count(part: pd.DataFrame) -> pd.Series[int]:
        return part.groupby(key).size().reindex(table.index).fillna(0).astype(int)

    handed = stays[stays.groupby(key).cumcount() > 0]
    at_first = stays["team"] == "first line"
    passed_on = (stays[at_first]["next"] != "solved").groupby(stays[at_first][key]).any()
    return table.assign(
        on_call=count(stays) == 0,
        hand_offs=count(handed),
        behind=count(stays[~at_first]) > 0,
        passed_on=passed_on.reindex(table.index).astype(float),
        **{f"handed to {team}": count(handed[handed["team"] == team]) for team in TEAMS},
    )


def shuffled_hours(record: Record, seed: int = 1) -> pd.Series[float]:
    """Give each incident the way it went, but the hours of other stays with the same teams, and another's user.

    It keeps what the chain keeps and breaks what the chain breaks: that the waits of one incident hang together.
    """
    rng = np.random.default_rng(seed)
    stays = record.stays
    hours = stays[["team hours", "vendor hours", "problem hours"]].fillna(0.0).sum(axis=1)
    shuffled = hours.groupby(stays["team"]).transform(lambda part: rng.permutation(part.to_numpy()))
    total: pd.Series[float] = shuffled.groupby(stays["number"]).sum()
    total += rng.permutation(user_hours(stays).fillna(0.0).to_numpy())
    return total.reindex(record.incidents.index).fillna(0.0)


Estimate = tuple[float, float, float]
"""A value, and the lower and upper end of its 95 % interval."""
Figures = dict[str, Estimate]


def figures_of(table: pd.DataFrame) -> Figures:
    """Sum up incidents, recorded or simulated."""
    figures: Figures = {}
    parts = {f"priority {priority}": table[table["priority"] == priority] for priority in PRIORITIES}
    for name, part in {**parts, "all": table}.items():
        hours = part["hours"].dropna()
        figures[f"{name}: incidents"] = (float(len(part)),) * 3
        figures[f"{name}: median"] = quantile(hours, 0.5)
        figures[f"{name}: p90"] = quantile(hours, 0.9)
        figures[f"{name}: mean"] = mean(hours)
    for column in (*(f"hours with {team}" for team in TEAMS), *(f"hours {name}" for name in OTHERS.values())):
        figures[column] = mean(table[column])
    for team in TEAMS:
        figures[f"handed to {team}"] = mean(table[f"handed to {team}"])
    counted = (table["hours"] - table["hours awaiting the user"]).dropna()
    figures["solved on the call"] = mean(table["on_call"])
    figures["needed a group behind the first line"] = mean(table["behind"])
    figures["passed on by the first line"] = mean(table["passed_on"].dropna())
    figures["hand-offs per incident"] = mean(table["hand_offs"])
    figures["handed on twice or more"] = mean(table["hand_offs"] >= 2)
    figures["handed on three times or more"] = mean(table["hand_offs"] >= 3)
    figures["within the standard"] = mean(counted <= STANDARD)
    soon = table["hours"] <= SOON
    figures["opened Mon to Thu, solved within two days"] = mean(soon[table["opened on"] < FRIDAY].astype(float))
    figures["opened on a Friday, solved within two days"] = mean(soon[table["opened on"] == FRIDAY].astype(float))
    figures["solved Monday to Friday, 8 to 18"] = mean(table["by day"].dropna())
    figures["solved on a Saturday or Sunday"] = mean(table["weekend"].dropna())
    return figures


def mean(values: pd.Series[Any]) -> Estimate:
    """Give the mean and its normal 95 % interval."""
    numbers = values.to_numpy(dtype=np.float64)
    if numbers.size == 0:
        return (math.nan,) * 3
    middle = float(numbers.mean())
    half = 1.96 * float(numbers.std()) / math.sqrt(numbers.size)
    return middle, middle - half, middle + half


def quantile(values: pd.Series[Any], level: float) -> Estimate:
    """Give a quantile and its 95 % interval, free of any distribution: by ranks."""
    ordered = np.sort(values.to_numpy(dtype=np.float64))
    count = ordered.size
    if count == 0:
        return (math.nan,) * 3
    spread = 1.96 * math.sqrt(count * level * (1 - level))
    ranks = (count * level, count * level - spread, count * level + spread)
    low, high = (float(ordered[min(max(math.ceil(rank) - 1, 0), count - 1)]) for rank in ranks[1:])
    return float(np.quantile(ordered, level)), low, high


def differ(one: Estimate, other: Estimate) -> bool:
    """Tell whether two figures lie further apart than chance explains (95 %)."""
    return abs(one[0] - other[0]) > math.hypot(one[2] - one[1], other[2] - other[1]) / 2
