import math
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicechain.calendars import WEEK, Calendar
from servicechain.errors import Mistake
from servicechain.shifts import DAYS, Shift
from servicechain.units import TimeUnit

SECONDS, MINUTES, HOURS, DAYS_LONG = TimeUnit.SECONDS, TimeUnit.MINUTES, TimeUnit.HOURS, TimeUnit.DAYS
WEDNESDAY = datetime(2026, 1, 7, 10, 30)


def shift(days, start, end, staff=1):
    return Shift(**{"days": days, "from": start, "to": end, "staff": staff})


def calendar(*shifts, starts=None, unit=HOURS):
    return Calendar.of(shifts, starts, unit)


def changes(one, end):
    """List all changes after 0 up to a time."""
    found, now = [], 0.0
    while (change := one.next_change(now)) is not None and change[0] <= end:
        found.append(change)
        now = change[0]
    return found


def test_office_hours_without_a_start_begin_on_a_monday_at_midnight():
    one = calendar(shift("mon-fri", "08:00", "18:00", 3))
    assert [one.on_duty_at(time) for time in (0, 7.99, 8, 17.99, 18, 24, 32)] == [0, 0, 3, 3, 0, 0, 3]
    assert changes(one, 180) == [
        *[(24.0 * day + hour, staff) for day in range(5) for hour, staff in ((8, 3), (18, 0))],
        (176.0, 3),
    ]
    assert one.weekly_mean == 3 * 50 / 168
    assert (one.peak, one.lowest, one.constant) == (3, 0, False)


@pytest.mark.parametrize(("unit", "size"), [(SECONDS, 3600), (MINUTES, 60), (HOURS, 1), (DAYS_LONG, 1 / 24)])
def test_the_same_week_in_every_unit(unit, size):
    one = calendar(shift("daily", "08:00", "18:00", 2), unit=unit)
    assert [time for time, _ in changes(one, 48 * size)] == [8 * size, 18 * size, 32 * size, 42 * size]
    assert one.mean(0, 24 * size) == pytest.approx(20 / 24, rel=1e-15)
    assert one.weekly_mean == pytest.approx(20 / 24, rel=1e-15)


def test_a_clock_that_starts_on_a_wednesday_morning():
    one = calendar(shift("mon-fri", "08:00", "18:00", 3), starts=WEDNESDAY)
    # 10:30 is within the shift; it ends 7.5 h later, and Monday 8:00 is 4 days and 21.5 h later
    assert one.on_duty_at(0) == 3
    assert changes(one, 118) == [(7.5, 0), (21.5, 3), (31.5, 0), (45.5, 3), (55.5, 0), (117.5, 3)]


def test_a_clock_that_starts_at_the_very_beginning_and_at_the_very_end_of_a_shift():
    early = calendar(shift("mon", "08:00", "18:00", 3), starts=datetime(2026, 1, 5, 8))
    assert (early.on_duty_at(0), early.next_change(0)) == (3, (10.0, 0))
    late = calendar(shift("mon", "08:00", "18:00", 3), starts=datetime(2026, 1, 5, 18))
    assert (late.on_duty_at(0), late.next_change(0)) == (0, (158.0, 3))


def test_a_night_from_sunday_to_monday():
    one = calendar(shift("sun", "22:00", "06:00", 2))
    assert one.on_duty_at(0) == 2  # the night that began a week before the clock's second week
    assert changes(one, 180) == [(6.0, 0), (166.0, 2), (174.0, 0)]
    assert one.mean(160, 176) == 1.0
    assert one.weekly_mean == 16 / 168


def test_a_shift_that_ends_when_the_week_does():
    one = calendar(shift("sun", "20:00", "24:00", 1))
    assert one.on_duty_at(0) == 0
    assert changes(one, 170) == [(164.0, 1), (168.0, 0)]


def test_shifts_that_meet_change_nothing():
    one = calendar(shift("daily", "06:00", "14:00", 2), shift("daily", "14:00", "22:00", 2))
    assert changes(one, 24) == [(6.0, 2), (22.0, 0)]


def test_shifts_that_meet_at_midnight_and_at_the_end_of_the_week_change_nothing():
    one = calendar(shift("daily", "08:00", "20:00", 2), shift("daily", "20:00", "08:00", 2))
    assert (one.constant, one.next_change(0), one.on_duty_at(1e6)) == (True, None, 2)
    assert (one.moments, one.staff) == ((0.0,), (2,))


def test_shifts_add_up():
    one = calendar(shift("mon-fri", "08:00", "18:00", 3), shift("tue", "12:00", "20:00", 2))
    assert changes(one, 48) == [(8.0, 3), (18.0, 0), (32.0, 3), (36.0, 5), (42.0, 2), (44.0, 0)]
    assert one.peak == 5
    assert one.weekly_mean == pytest.approx((150 + 16) / 168, rel=1e-15)


def test_a_shift_taken_twice_and_one_of_nobody():
    one = calendar(shift("mon", "08:00", "10:00"), shift("mon", "08:00", "10:00"), shift("daily", "00:00", "24:00", 0))
    assert changes(one, 24) == [(8.0, 2), (10.0, 0)]


@pytest.mark.parametrize(("start", "end"), [("00:00", "24:00"), ("00:00", "00:00"), ("07:15", "07:15")])
def test_whole_days(start, end):
    assert calendar(shift("daily", start, end, 4)) == Calendar((0.0,), (4,), HOURS)
    sunday = calendar(shift("sun", start, end, 4))
    assert sunday.weekly_mean == pytest.approx(4 / 7, rel=1e-15)


def test_nobody_is_ever_on_duty():
    for one in (calendar(), calendar(shift("mon", "08:00", "18:00", 0))):
        assert (one.peak, one.weekly_mean, one.next_change(0), one.mean(3, 900)) == (0, 0.0, None, 0.0)


def test_seconds_and_a_clock_that_starts_within_one():
    starts = datetime(2026, 1, 5, 8, 0, 0, 250000)
    one = calendar(shift("mon", "08:00:30", "08:01"), starts=starts, unit=SECONDS)
    assert changes(one, 60) == [(29.75, 1), (59.75, 0)]


def test_means_are_by_the_time_spent():
    one = calendar(shift("mon-fri", "08:00", "18:00", 3))
    assert one.mean(0, 8) == 0.0
    assert one.mean(9, 17) == 3.0
    assert one.mean(7, 12) == pytest.approx(3 * 4 / 5, rel=1e-15)
    assert one.mean(0, 168) == pytest.approx(150 / 168, rel=1e-15)
    assert one.mean(9, 9 + 52 * 168) == pytest.approx(150 / 168, rel=1e-14)
    # two weeks and a Monday until 9:00
    assert one.mean(0, 345) == pytest.approx((300 + 3) / 345, rel=1e-14)
    # a stretch of no length
    assert (one.mean(8, 8), one.mean(18, 18)) == (3.0, 0.0)
    with pytest.raises(Mistake, match="must not be before its start"):
        one.mean(5, 4)


def test_a_number_that_does_not_change_in_a_stretch_is_its_mean_to_the_last_bit():
    one = calendar(shift("daily", "08:00", "08:20", 3), unit=DAYS_LONG)
    for day in range(300):
        assert one.mean(day + 8.01 / 24, day + 8.3 / 24) == 3.0


def test_times_beyond_all_clocks():
    one = calendar(shift("mon-fri", "08:00", "18:00", 3))
    assert one.next_change(1e300) is None
    assert one.on_duty_at(1e300) == 0
    assert one.mean(0, 1e300) == one.weekly_mean
    assert one.mean(1e307, math.inf) == one.weekly_mean
    later = one.next_change(1e11)
    assert 1e11 < later[0] <= 1e11 + 62


@pytest.mark.parametrize("unit", TimeUnit)
@pytest.mark.parametrize("starts", [None, WEDNESDAY, datetime(2026, 1, 4, 23, 59, 59, 999999)])
def test_the_time_of_a_change_is_computed_as_promised(unit, starts):
    one = calendar(shift("daily", "00:20", "00:40"), shift("fri-mon", "13:37:11", "02:00", 2), starts=starts, unit=unit)
    promised = [
        (moment if unit.seconds == 1 else moment / unit.seconds, staff)
        for week in range(60)
        for moment, staff in ((week * WEEK + place, staff) for place, staff in zip(one.moments, one.staff, strict=True))
    ]
    assert changes(one, promised[-1][0]) == [each for each in promised if each[0] > 0]
    for (time, staff), (until, _) in pairwise(promised):
        assert one.on_duty_at(time) == one.on_duty_at(math.nextafter(until, 0)) == staff
        assert one.next_change(math.nextafter(time, -math.inf)) == (time, staff)


def clocks(least):
    return st.integers(least, 1440).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


days = st.one_of(
    st.just("daily"),
    st.sampled_from(DAYS),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map("-".join),
)
shifts = st.builds(
    shift,
    st.one_of(days, st.lists(days, min_size=1, max_size=3)),
    clocks(0).filter(lambda clock: clock != "24:00"),
    clocks(0),
    st.integers(0, 4),
)


def days_named(one):
    """Read days in another way: by walking through the week."""
    for entry in [one.days] if isinstance(one.days, str) else one.days:
        if entry == "daily":
            yield from range(7)
            continue
        first, _, last = entry.partition("-")
        day = DAYS.index(first)
        yield day
        while DAYS[day] != (last or first):
            day = (day + 1) % 7
            yield day


def minute_by_minute(listed):
    """Count who is on duty in each minute of a week, from Monday at midnight."""
    week = [0] * 10080
    for one in listed:
        start, end = ([int(part) for part in clock.split(":")] for clock in (one.start, one.end))
        length = end[0] * 60 + end[1] - start[0] * 60 - start[1]
        for day in set(days_named(one)):
            for passed in range(length if length > 0 else length + 1440):
                week[(day * 1440 + start[0] * 60 + start[1] + passed) % 10080] += one.staff
    return week


@settings(deadline=None, max_examples=60)
@given(st.lists(shifts, max_size=4), st.integers(0, 10079), st.sampled_from(list(TimeUnit)))
@pytest.mark.theory  # many random rosters
def test_every_minute_of_a_week_is_as_the_shifts_say(listed, zero, unit):
    starts = datetime(2026, 1, 5 + zero // 1440, zero // 60 % 24, zero % 60)
    one = Calendar.of(listed, starts, unit)
    week = minute_by_minute(listed)
    for minute in range(0, 12000, 7):  # 7 and 10080 minutes: other places in the second week
        middle = (minute * 60 + 30) / unit.seconds
        assert one.on_duty_at(middle) == week[(zero + minute) % 10080]
        assert one.on_duty_at(minute * 60 / unit.seconds) == week[(zero + minute) % 10080]
    assert (one.peak, one.lowest) == (max(week), min(week))
    assert one.weekly_mean == pytest.approx(sum(week) / 10080, rel=1e-12)
    some = [week[(zero + minute) % 10080] for minute in range(100, 13000)]
    mean = one.mean(100 * 60 / unit.seconds, 13000 * 60 / unit.seconds)
    assert mean == pytest.approx(sum(some) / len(some), rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.lists(shifts, min_size=1, max_size=4), st.sampled_from(list(TimeUnit)), st.floats(0, 1e6))
def test_changes_follow_each_other_and_each_is_one(listed, unit, time):
    one = Calendar.of(listed, WEDNESDAY, unit)
    staff = one.on_duty_at(time)
    for _ in range(50):
        change = one.next_change(time)
        if change is None:
            assert one.constant
            return
        assert change[0] > time
        assert one.on_duty_at(math.nextafter(change[0], 0)) == staff
        assert one.on_duty_at(change[0]) == change[1] != staff
        time, staff = change
