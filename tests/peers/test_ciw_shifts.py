"""Staff by the clock, the same people in Ciw (`Schedule`).

The trap: at a shift change Ciw replaces its servers, so that besides those who finish in overtime the full new
number begins. The meanings meet where nobody is busy at the change, where the new number is 0, and, with one
priority, where work stops at the change: whoever began last is put back here, and there all are, but the first to
come go on at once.
"""

from itertools import pairwise

import ciw
import pytest

from peers.agreement import same_moments
from peers.ciw_side import simulated_by_ciw
from peers.our_side import simulated
from peers.people import chain_of, drawn

pytestmark = pytest.mark.theory

DAYS = range(3)
DAY = 24 * 60


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def compare(people, shifts, schedule, engine, **keys):
    ours = simulated(chain_of(people, {"desk": {"shifts": shifts, **keys}}), engine)
    simulation, theirs = simulated_by_ciw(people, {"desk": schedule})
    same_moments(ours.requests, theirs)
    return ours, simulation, [moments[0] for moments in theirs.values()]


@pytest.mark.parametrize("day", DAYS)
def test_a_break_in_the_middle_of_the_day(day, engine, rng):
    # entries that meet at 10:00 change nothing; nobody is busy at 13:00 and at 08:00
    shifts = [
        {"days": "daily", "from": "08:00", "to": "10:00", "staff": 2},
        {"days": "daily", "from": "10:00", "to": "12:00", "staff": 2},
        {"days": "daily", "from": "13:00", "to": "17:00", "staff": 3},
    ]
    schedule = ciw.Schedule(numbers_of_servers=[0, 2, 0, 3, 0], shift_end_dates=[480, 720, 780, 1020, DAY])
    people = drawn(rng, count=100, between=35.0, work=lambda: rng.uniform(1, 59))  # gone before the next shift
    ours, simulation, happened = compare(people, shifts, schedule, engine)
    assert all(not begun < start < ended for _, begun, ended in happened for start in starts(480, 780))
    overtime = sum(simulation.transitive_nodes[0].overtime)
    assert overtime > 0
    assert ours.actors["desk"]["overtime"] == pytest.approx(overtime, abs=1e-6)


def starts(*minutes):
    return [day * DAY + minute for day in range(10) for minute in minutes]


@pytest.mark.parametrize("day", DAYS)
def test_a_week_with_a_night_shift(day, engine, rng):
    # the night shifts of Friday and Saturday end on the next day; whoever began is gone within the hour
    shifts = [
        {"days": "mon-fri", "from": "09:00", "to": "12:00", "staff": 2},
        {"days": ["fri", "sat"], "from": "20:00", "to": "02:00", "staff": 1},
    ]
    hours = [number * 24 + hour for number in range(5) for hour in (9, 12)] + [4 * 24 + 20, 122, 5 * 24 + 20, 146, 168]
    numbers = [0, 2] * 5 + [0, 1, 0, 1, 0]
    schedule = ciw.Schedule(numbers_of_servers=numbers, shift_end_dates=[hour * 60 for hour in hours])
    people = drawn(rng, count=90, between=100.0, work=lambda: rng.uniform(1, 59))
    compare(people, shifts, schedule, engine)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("patience", [None, 60.0])
def test_work_that_stops_at_any_change(patience, day, engine, rng):
    # entries overlap and add up; the schedule is their sum
    cuts = sorted(int(cut) for cut in rng.choice(DAY, 6, replace=False))
    spans = [(cuts[0], cuts[3]), (cuts[1], cuts[4]), (cuts[2], cuts[5]), (cuts[0], cuts[5])]
    staff = [int(number) for number in rng.integers(1, 3, len(spans))]
    shifts = [
        {"days": "daily", "from": clock(start), "to": clock(end), "staff": number}
        for (start, end), number in zip(spans, staff, strict=True)
    ]
    ends = [*cuts, DAY]
    numbers = [
        sum(number for (start, end), number in zip(spans, staff, strict=True) if start <= before and after <= end)
        for before, after in pairwise([0, *ends])
    ]
    schedule = ciw.Schedule(numbers_of_servers=numbers, shift_end_dates=ends, preemption="resume")
    more = {} if patience is None else {"patience": lambda: float(rng.exponential(patience))}
    people = drawn(rng, count=80, between=30.0, work=lambda: rng.exponential(60), **more)
    _, simulation, _ = compare(people, shifts, schedule, engine, at_shift_end="stop")
    put_back = [record for record in simulation.get_all_records() if record.record_type == "interrupted service"]
    assert put_back
