import re

import pytest

from servicechain import patterns
from servicechain.errors import ChainError
from servicechain.shifts import Shift

GOOD = {"days": "daily", "from": "08:00", "to": "18:00", "staff": 3}
JSON_SCHEMA = Shift.model_json_schema(by_alias=True)


def shift(**values):
    return Shift(**{**GOOD, **{key.rstrip("_"): value for key, value in values.items()}})


@pytest.mark.parametrize(
    ("written", "days", "weekdays"),
    [
        ("daily", "daily", (0, 1, 2, 3, 4, 5, 6)),
        ("mon", "mon", (0,)),
        ("Sunday", "sun", (6,)),
        ("mon-fri", "mon-fri", (0, 1, 2, 3, 4)),
        (" Monday - FRI ", "mon-fri", (0, 1, 2, 3, 4)),
        ("mon–fri", "mon-fri", (0, 1, 2, 3, 4)),
        ("fri-mon", "fri-mon", (0, 4, 5, 6)),
        ("sat-sun", "sat-sun", (5, 6)),
        ("tue-tue", "tue-tue", (1,)),
        ("tue-mon", "tue-mon", (0, 1, 2, 3, 4, 5, 6)),
        (["sat", "sun"], ("sat", "sun"), (5, 6)),
        (["mon-wed", "Friday"], ("mon-wed", "fri"), (0, 1, 2, 4)),
        (["mon-fri", "fri"], ("mon-fri", "fri"), (0, 1, 2, 3, 4)),
    ],
)
def test_days(written, days, weekdays):
    one = shift(days=written)
    assert (one.days, one.weekdays) == (days, weekdays)
    for text in [written] if isinstance(written, str) else written:
        assert re.match(patterns.DAYS["anyOf"][0]["pattern"], text)


@pytest.mark.parametrize(
    ("start", "end", "begins", "lasts"),
    [
        ("08:00", "18:00", 28800, 36000),
        ("8:00", "18:30:15", 28800, 37815),
        ("22:00", "06:00", 79200, 28800),
        ("00:00", "24:00", 0, 86400),
        ("00:00", "0:00", 0, 86400),
        ("07:00", "07:00", 25200, 86400),
        ("20:00", "24:00", 72000, 14400),
        ("20:00", "00:00", 72000, 14400),
    ],
)
def test_times_of_day(start, end, begins, lasts):
    one = shift(from_=start, to=end)
    assert (one.begins, one.lasts) == (begins, lasts)
    assert re.match(patterns.CLOCK["pattern"], start)
    assert re.match(patterns.CLOCK["pattern"], end)


def test_a_shift_reads_back_as_it_is_written():
    one = shift(days=["Mon-wed", "Friday"], from_="8:00:00", to=" 17:05:30 ", staff=2.0)
    data = one.model_dump(mode="json", by_alias=True)
    assert data == {"days": ["mon-wed", "fri"], "from": "08:00", "to": "17:05:30", "staff": 2}
    assert Shift(**data) == one
    assert Shift(days="daily", start="08:00", end="18:00", staff=3) == Shift(**GOOD)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"days": "mon-fru"}, "days: no day is called 'fru' (in 'mon-fru'); did you mean 'fri'?"),
        ({"days": "dayly"}, "days: no day is called 'dayly'; did you mean 'daily'?"),
        ({"days": "Wensday"}, "days: no day is called 'wensday'; did you mean 'wednesday'?"),
        ({"days": "xyz"}, "days: no day is called 'xyz'; days are mon, tue, wed, thu, fri, sat, sun"),
        ({"days": ""}, "days: no day is called ''; days are mon, tue"),
        ({"days": "mon-daily"}, "days: no day is called 'daily' (in 'mon-daily'); days are mon, tue"),
        ({"days": "mon-wed-fri"}, "days: 'days' must name a first and a last day, e.g. mon-fri, got 'mon-wed-fri'"),
        ({"days": "mon, fri"}, "days: 'days' is one text, 'mon, fri'; write several as a list, e.g. [mon-wed, fri]"),
        ({"days": []}, "days: 'days' is an empty list; name the days, e.g. [sat, sun], or write daily"),
        ({"days": ["sat", "sunn"]}, "days.1: no day is called 'sunn'; did you mean 'sun'?"),
        ({"days": ["sat", 7]}, "days.1: 'days' holds 7, which is no day; days are mon"),
        ({"days": 1}, "days: 'days' must be daily, a day such as mon, days such as mon-fri or a list, got 1"),
        ({"from_": 480}, "from: 'from' must be a time of day in quotes: write \"08:00\", got 480"),
        ({"from_": 8}, "from: 'from' must be a time of day in quotes: write \"08:00\", got 8"),
        ({"to": 1005}, "to: 'to' must be a time of day in quotes: write \"16:45\", got 1005"),
        ({"to": 8.5}, "to: 'to' must be a time of day in quotes, such as \"08:00\", got 8.5"),
        ({"to": True}, "to: 'to' must be a time of day in quotes, such as \"08:00\", got True"),
        ({"to": "25:00"}, "to: 'to' must be a time of day from 00:00 to 24:00, such as \"08:00\", got '25:00'"),
        ({"to": "24:00:01"}, "to: 'to' must be a time of day from 00:00 to 24:00"),
        ({"to": "18"}, "to: 'to' must be a time of day from 00:00 to 24:00"),
        ({"to": "18:60"}, "to: 'to' must be a time of day from 00:00 to 24:00"),
        ({"to": "6 pm"}, "to: 'to' must be a time of day from 00:00 to 24:00"),
        ({"from_": "24:00"}, "from: 'from' must be before 24:00, got '24:00'; write \"00:00\" and the day after"),
        ({"staff": "unlimited"}, "staff: the 'staff' of a shift is a whole number, got 'unlimited': shifts add up"),
        ({"staff": -1}, "staff: the 'staff' of a shift must be a whole number of at least 0, got -1"),
        ({"staff": 1.5}, "staff: the 'staff' of a shift must be a whole number of at least 0, got 1.5"),
        ({"staff": None}, "staff: the 'staff' of a shift must be a whole number of at least 0, got None"),
    ],
)
def test_what_a_shift_cannot_be(values, message):
    with pytest.raises(ChainError) as error:
        shift(**values)
    assert str(error.value).startswith(message)


def test_all_that_is_missing_is_named():
    with pytest.raises(ChainError) as error:
        Shift(days="daily")
    lacking = [re.search("lacks '(.*)'", problem.message)[1] for problem in error.value.problems]
    assert lacking == [
        "from",
        "to",
        "staff",
    ]


def test_an_unknown_key_is_refused():
    with pytest.raises(ChainError, match="until"):
        shift(until="18:00")


@pytest.mark.parametrize("text", ["24:01", "8", "8:5", "25:00", "08:00 pm"])
def test_an_editor_refuses_what_is_no_time_of_day(text):
    assert not re.match(patterns.CLOCK["pattern"], text)


@pytest.mark.parametrize("text", ["mo-fr", "weekend", "mon,fri", "mon-", "daily-fri", "moday"])
def test_an_editor_refuses_what_are_no_days(text):
    assert not re.match(patterns.DAYS["anyOf"][0]["pattern"], text)


def test_the_schema_names_all_keys():
    assert set(JSON_SCHEMA["properties"]) == set(JSON_SCHEMA["required"]) == {"days", "from", "to", "staff"}
