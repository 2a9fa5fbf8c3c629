"""An IT service desk: why an incident takes nine days, measured from a company's own record.

The chain beside this file holds figures of Amaral, Fantinato & Peres (2018), Incident management process
enriched event log, UCI Machine Learning Repository, doi 10.24432/C57S4H, CC BY 4.0. Without an argument this
runs the chain and prints the recorded figures beside the simulated ones. With ``--record FILE`` (one row per
update of an incident) it measures all figures again, and lets the incidents arrive when they really did.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

import servicechain as sc
from it_service_desk_record import (
    OTHERS,
    PRIORITIES,
    STANDARD,
    TEAMS,
    Estimate,
    Figures,
    Record,
    RecordError,
    differ,
    figures_of,
    mean,
    measured_hours,
    measured_values,
    quantile,
    recorded_incidents,
    shuffled_hours,
)
from it_service_desk_runs import one_week, simulate, simulated_incidents

HERE = Path(__file__).parent
CHAIN = HERE / "it_service_desk.yaml"
HOURS = HERE / "it_service_desk.csv"  # the chain's distributions, column by column
RECORDED = HERE / "it_service_desk_recorded.csv"  # what the record shows of whole incidents

WORKING_DAY = 10.0  # hours

TITLE = (
    "An IT service desk: from opening an incident until it is solved",
    "Record: Amaral, Fantinato & Peres (2018), doi 10.24432/C57S4H, CC BY 4.0",
    "",
)
HAND_OFFS = {
    "solved on the call": ".1%",
    "passed on by the first line": ".1%",
    "needed a group behind the first line": ".1%",
    "hand-offs per incident": ".2f",
    **{f"handed to {team}": ".2f" for team in TEAMS},
    "handed on twice or more": ".1%",
    "handed on three times or more": ".1%",
}
REASONS = {
    "solved on a Saturday": "in the chain first line and vendor are as quick then as else; in the record they are not.",
    "solved Monday to Friday, 8 to 18": "in the chain the unnamed group is as quick in the evening as by day.",
    "opened on a Friday": "in the chain first line and users are as quick on a weekend as else; in the record not.",
    "priority 4": "many recorded ones are solved at once, some lie for months; the chain's trays make no difference.",
    "priority 3": "as all; nearly all incidents are of this priority.",
    "priority": "the chain's trays treat all priorities alike.",
    "all: median": "a ticket forgets its way; in the record fewer are handed on again.",
    "all": "each wait is drawn by itself; in the record the waits of one incident hang together.",
    "handed on": "a ticket forgets its way; in the record fewer are handed on again.",
}
WEEKEND = {
    "opened Mon to Thu, solved within two days": ".1%",
    "opened on a Friday, solved within two days": ".1%",
    "solved Monday to Friday, 8 to 18": ".1%",
    "solved on a Saturday or Sunday": ".1%",
}


def kept_figures() -> Figures:
    """Read the recorded figures that are kept beside this file."""
    frame = pd.read_csv(RECORDED, index_col="figure")
    return {str(row[0]): (float(row[1]), float(row[2]), float(row[3])) for row in frame.itertuples()}


def what_ifs(chain: sc.Chain) -> dict[str, dict[str, Any]]:
    """Name the changes to try, each as values of the chain."""
    data = chain.to_dict()
    staff = {
        f"actors.{team}.shifts.{block}.staff": shift["staff"]
        for team in TEAMS
        for block, shift in enumerate(data["actors"][team]["shifts"])
    }
    by_day = "actors.slow groups.shifts.0.staff"
    passed_on = "services.wait with first line.steps.3.chance"
    hours = pd.read_csv(HOURS)["slow groups first wait"].clip(upper=WORKING_DAY).tolist()
    return {
        "one more person in the slow groups by day": {by_day: staff[by_day] + 1},
        "half the people everywhere": {path: (people + 1) // 2 for path, people in staff.items()},
        "the first line solves 10 more of 100 tickets": {passed_on: at_path(data, passed_on) - 0.1},
        "the slow groups begin a ticket in a working day": {
            "services.first wait with slow groups.steps.0.work": f"empirical(values={hours})"
        },
    }


def at_path(data: Any, path: str) -> Any:
    """Give what stands at a dotted path of a chain's data."""
    for key in path.split("."):
        data = data[int(key)] if isinstance(data, list) else data[key]
    return data


def changes(chain: sc.Chain, base: pd.DataFrame) -> dict[str, tuple[Estimate, Estimate]]:
    """Try each change on the same incidents: what becomes of their hours, and of those within the standard.

    Each incident keeps its random numbers, so it is compared with itself.
    """
    outcome = {}
    for name, values in what_ifs(chain).items():
        changed = simulated_incidents(simulate(chain.with_values(values), replications=2))
        same = base.reindex(changed.index)
        within = [(each["hours"] - each["hours awaiting the user"] <= STANDARD) for each in (changed, same)]
        outcome[name] = mean(changed["hours"] - same["hours"]), mean(within[0].astype(float) - within[1])
    return outcome


def replayed(chain: sc.Chain, record: Record) -> sc.Chain:
    """Let the incidents of the record arrive when they were opened, instead of by the measured rates."""
    opened = record.incidents["opened"]
    zero = opened.min().normalize() - pd.Timedelta(days=opened.min().day_of_week)
    hours = ((opened - zero).dt.total_seconds() / 3600).round(6)
    return chain.with_values(
        {
            f"customers.priority {priority}.arrivals": f"at({hours[record.incidents['priority'] == priority].tolist()})"
            for priority in PRIORITIES
        }
    )


def measured_again(chain: sc.Chain, record: Record) -> Iterator[str]:
    """Say which of the chain's figures this record does not give."""
    data = chain.to_dict()
    found = {path: numbers_in(value) for path, value in measured_values(record).items()}
    kept = {path: numbers_in(at_path(data, path)) for path in found}
    kept |= {f"hours: {name}": list(values) for name, values in pd.read_csv(HOURS).items()}
    found |= {f"hours: {name}": list(values) for name, values in measured_hours(record).items()}
    other = [path for path in kept if not alike(kept[path], found[path])]
    count = sum(len(numbers) for numbers in kept.values())
    yield f"Measured again: {count:,} numbers under {len(kept)} names; {len(other)} names differ from the chain's."
    for path in other[:10]:
        yield f"  {path}: {shown(kept[path])} in the chain, {shown(found[path])} in this record"


def alike(one: list[float], other: list[float]) -> bool:
    """Tell whether two lists hold the same numbers."""
    return len(one) == len(other) and np.allclose(one, other, rtol=0, atol=1e-9)


def numbers_in(value: Any) -> list[float]:
    """List the numbers in a number, a list of numbers or shifts, or the text of a distribution."""
    if isinstance(value, (list, tuple)):
        return [number for each in value for number in numbers_in(each)]
    if isinstance(value, (str, dict)):
        return [float(number) for number in re.findall(r"\d+\.?\d*", str(value))]
    return [float(value)]


def shown(numbers: list[float]) -> str:
    """Write a number, or how many there are and their mean."""
    return f"{numbers[0]:g}" if len(numbers) == 1 else f"{len(numbers)} numbers, mean {np.mean(numbers):.4g}"


def times_table(simulated: Figures, recorded: Figures) -> Iterator[str]:
    """Set the hours until incidents are solved side by side."""
    yield f"{'':12}{'incidents':>10}{'median':>22}{'nine in ten within':>22}{'mean':>22}"
    yield f"{'':12}{'recorded':>10}" + f"{'simulated':>13}{'recorded':>9}" * 3
    for name in (*(f"priority {priority}" for priority in PRIORITIES), "all"):
        row = f"{name:12}{recorded[f'{name}: incidents'][0]:>10,.0f}"
        for metric in ("median", "p90", "mean"):
            one, other = simulated[f"{name}: {metric}"], recorded[f"{name}: {metric}"]
            row += f"{one[0]:>12,.0f}{'*' if differ(one, other) else ' '}{other[0]:>9,.0f}"
        yield row


def side_by_side(names: Mapping[str, str], simulated: Figures, recorded: Figures) -> Iterator[str]:
    """Set other figures side by side; `names` says how to write each."""
    yield f"{'':50}{'simulated':>11}{'recorded':>9}"
    for name, style in names.items():
        one, other = simulated[name], recorded[name]
        star = "*" if differ(one, other) else " "
        yield f"{name:50}{one[0]:>10{style}}{star}{other[0]:>9{style}}"


def told(text: str) -> Iterator[str]:
    """Break a paragraph into lines, an empty one before it."""
    yield ""
    yield from wrap(" ".join(text.split()), 92)


def urgency_told(simulated: Figures, recorded: Figures) -> Iterator[str]:
    """Say it if urgent incidents are no quicker."""
    urgent, normal = "priority 1: median", "priority 3: median"
    if recorded[urgent][0] < recorded[normal][0]:
        return
    yield from told(
        f"""Urgent incidents are not solved sooner. In the record half of priority 1 take over
        {recorded[urgent][0]:.0f} hours, half of priority 3 over {recorded[normal][0]:.0f}. The chain, in which
        every tray treats all priorities alike, says {simulated[urgent][0]:.0f} and {simulated[normal][0]:.0f}:
        the difference is whom they need."""
    )


def hours_told(simulated: pd.DataFrame) -> Iterator[str]:
    """Say how much of an incident's time nobody works on it."""
    whole = float(simulated["hours"].mean())
    hand, line = float(simulated["in hand"].mean()), float(simulated["in line"].mean())
    user = float(simulated["hours awaiting the user"].mean())
    others = sum(float(simulated[f"hours {OTHERS[whom]}"].mean()) for whom in ("vendor", "problem"))
    tray = whole - hand - line - user - others
    away = float(simulated["away"].mean())
    yield from told(
        f"""Of {whole:.0f} simulated hours somebody of the desk has the incident in hand for {hand:.1f}
        ({hand / whole:.1%}), and it stands in line for a free person for {line:.1f}. It awaits its user for
        {user:.0f} hours ({user / whole:.0%}), and vendor or problem management for {others:.0f}
        ({others / whole:.0%}). For the other {tray:.0f} hours ({tray / whole:.0%}) it lies in a tray and nobody
        works on it; {away:.0f} of these are nights and weekends. Only the other {tray - away:.0f} were put in, as
        hours of the tray, group by group: that the hours with each group come out again shows that no night is
        counted twice."""
    )


def hand_offs_told(figures: Figures) -> Iterator[str]:
    """Say where hand-offs go."""
    count = figures["hand-offs per incident"][0] or 1.0
    shares = sorted(((figures[f"handed to {team}"][0] / count, team) for team in TEAMS), reverse=True)
    most, *rest = (f"{share:.0%} to the {team}" for share, team in shares)
    yield from told(f"Of 100 hand-offs: {most}, {', '.join(rest)}.".replace("%", ""))


def weekend_told(figures: Figures) -> Iterator[str]:
    """Say what a Friday costs."""
    early, friday = (figures[f"opened {day}, solved within two days"][0] for day in ("Mon to Thu", "on a Friday"))
    yield from told(
        f"""Two days from Monday hold two working days, two days from Friday hold one. Of 100 simulated incidents
        {100 * early:.0f} opened by Thursday are solved within two days, and {100 * friday:.0f} opened on a Friday.
        None of these figures was put in."""
    )


def whole_story(simulated: pd.DataFrame, recorded: Figures) -> Iterator[str]:
    """Set simulated and recorded incidents side by side, line by line."""
    figures = figures_of(simulated)
    yield "1. Hours until an incident is solved"
    yield ""
    yield from times_table(figures, recorded)
    yield "(* further from the recorded figure than chance explains, at 95 %)"
    yield from urgency_told(figures, recorded)
    yield ""
    yield "2. Where the hours go: mean per incident"
    yield ""
    places = [f"hours with {team}" for team in TEAMS] + [f"hours {name}" for name in OTHERS.values()]
    yield from side_by_side(dict.fromkeys(places, ",.1f"), figures, recorded)
    yield from hours_told(simulated)
    yield ""
    yield "3. From hand to hand"
    yield ""
    yield from side_by_side(HAND_OFFS, figures, recorded)
    yield from hand_offs_told(figures)
    yield ""
    yield "4. The standard: solved within five days, the time its user is awaited not counted"
    yield ""
    yield from side_by_side({"within the standard": ".1%"}, figures, recorded)
    yield ""
    yield "5. Does a weekend show?"
    yield ""
    yield from side_by_side(WEEKEND, figures, recorded)
    yield from weekend_told(figures)
    yield ""


def what_if_told(chain: sc.Chain, base: pd.DataFrame) -> Iterator[str]:
    """Say what each change would bring."""
    tried = changes(chain, base)
    yield "6. What if? The same incidents again, each compared with itself"
    yield ""
    yield f"{'':50}{'hours per incident':>20}{'within the standard':>22}"
    for name, (hours, within) in tried.items():
        points = f"{100 * within[0]:+.1f} ± {100 * half(within):.1f} points"
        yield f"{name:50}{hours[0]:>+11.1f} ± {half(hours):<6.1f}{points:>22}"
    yield from told(
        """Hardly anybody stands in line for a person in this chain, so people more or fewer change little:
        tickets lie with people who do other things, and that time is taken as it was measured, whoever is
        there. What helps is a ticket that is not handed on, and a ticket that is begun. How much the first of
        these helps hangs on one more assumption: that the tickets the first line would solve are like those
        it passes on."""
    )
    yield ""


def fit_told(simulated: pd.DataFrame, recorded: Figures) -> Iterator[str]:
    """Say where the chain fits the record, where not, and why."""
    figures = figures_of(simulated)
    names = [name for name in recorded if not name.endswith(": incidents")]
    off = [name for name in names if differ(figures[name], recorded[name])]
    yield "7. How far to trust it"
    yield from told(
        f"""Of {len(names)} figures {len(names) - len(off)} lie as close to the record as chance allows.
        Most were put in (hours and hand-offs by group). Not put in, and so a test, are the medians, the nine in
        ten, the standard, what a weekend does, the differences between priorities, and how many incidents are
        handed on again. The rest:"""
    )
    for name in off:
        one, other = figures[name][0], recorded[name][0]
        change = f"{one / other - 1:+.0%}" if other else f"{one:+.2g}"
        reason = next((why for start, why in REASONS.items() if name.startswith(start)), "not explained")
        yield f"- {name.replace('p90', 'nine in ten')} {change}: {reason}"
    yield from told(
        """The people of the chain keep the hours in which people of the record are seen, and tickets lie only
        through hours in which their group takes tickets up: nights, weekends, but no holidays. Users and vendors
        answer at any hour; what is awaited of them was measured with its nights and weekends, and the tray after
        it may add another night. How long people work on an incident is an assumption (the last 20 minutes
        before each update), and so the lines for a person are too. A line at the telephone, before an
        incident is opened, is in no record. The chain's figures are those of one month, March 2016: beside that
        same month they describe, they do not forecast."""
    )


def half(estimate: Estimate) -> float:
    """Give half the width of the interval."""
    return (estimate[2] - estimate[1]) / 2


def parsed_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="An IT service desk, simulated beside its record.")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="measure and replay this record (CSV, may be gzipped)"
    )
    return parser.parse_args()


def main() -> int:
    """Print the story; 2 if the record cannot be used."""
    asked = parsed_arguments()
    chain = sc.read(CHAIN)
    if asked.record is None:
        lines = from_figures(chain)
    else:
        try:
            lines = from_record(chain, Record.read(asked.record))
        except RecordError as error:
            print(f"it_service_desk.py: {error}", file=sys.stderr)
            return 2
    for line in lines:
        print(line)
    return 0


def from_figures(chain: sc.Chain) -> Iterator[str]:
    """Run the chain as it is; set it beside the figures kept here."""
    yield from TITLE
    chain = one_week(chain)
    simulated, recorded = simulated_incidents(simulate(chain, replications=4)), kept_figures()
    yield f"Simulated: {len(simulated):,} incidents, a week of them four times, arriving by the measured rates."
    yield ""
    yield from whole_story(simulated, recorded)
    yield from what_if_told(chain, simulated)
    yield from fit_told(simulated, recorded)


def from_record(chain: sc.Chain, record: Record) -> Iterator[str]:
    """Measure the record again, replay its openings, and set both side by side."""
    yield from TITLE
    yield from measured_again(chain, record)
    run = simulate(replayed(chain, record), replications=2)
    simulated = simulated_incidents(run)
    yield f"Simulated: {len(simulated):,} incidents, all recorded openings at their real times, twice."
    yield ""
    recorded = figures_of(recorded_incidents(record))
    yield from whole_story(simulated, recorded)
    yield from fit_told(simulated, recorded)
    shuffled = shuffled_hours(record)
    yield from told(
        f"""What it is worth that the waits of one incident hang together: shuffled among the incidents, each way
        from group to group kept, the recorded hours themselves give a median of
        {quantile(shuffled, 0.5)[0]:.0f} hours and nine in ten within {quantile(shuffled, 0.9)[0]:.0f}."""
    )


if __name__ == "__main__":
    sys.exit(main())
