import gzip
import os
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.errors import Mistake
from servicechain.files import columns
from servicechain.files.columns import numbers, read_column, times
from servicechain.units import TimeUnit

TABLE = 'time,"kind, or class",minutes\n08:00,guest,3\n08:30,"a ""b""\nc",4.5\n09:00,,1e-3\n'
START = datetime(2026, 1, 5)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "day.csv").write_text(TABLE)
    return tmp_path


def mistake(function, *arguments):
    with pytest.raises(Mistake) as caught:
        function(*arguments)
    return str(caught.value)


def test_a_column_is_read_as_text(folder):
    assert read_column("day.csv", "minutes", folder) == ["3", "4.5", "1e-3"]
    assert read_column("day.csv", "kind, or class", folder) == ["guest", 'a "b"\nc', ""]
    assert read_column("./day.csv", " time ", folder) == ["08:00", "08:30", "09:00"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_compressed_files_byte_order_marks_and_line_ends_are_fine(tmp_path, ending, mark):
    text = mark + ending.join(["a,b", "1,2", "3,4", "", ""])
    (tmp_path / "x.csv").write_bytes(text.encode())
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert read_column("x.csv", "a", tmp_path) == ["1", "3"]
    assert read_column("x.csv.gz", "b", tmp_path) == ["2", "4"]


def test_files_may_lie_in_other_folders(folder):
    (folder / "sub").mkdir()
    assert read_column("../day.csv", "minutes", folder / "sub") == ["3", "4.5", "1e-3"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_are_read_to_the_last_bit(values):
    assert numbers([repr(value) for value in values], "x") == values


def test_a_missing_file_is_told_with_the_nearest_name(folder):
    (folder / "day.txt").write_text("")
    message = mistake(read_column, "days.csv", "minutes", folder)
    assert message == f"the file 'days.csv' is not in the folder {folder}; did you mean 'day.csv'?"
    assert "no such folder" in mistake(read_column, "sub/day.csv", "minutes", folder)
    (folder / "day.csv").unlink()
    assert "holds no CSV file" in mistake(read_column, "day.csv", "minutes", folder)


def test_a_missing_column_is_told_with_the_nearest_name(folder):
    message = mistake(read_column, "day.csv", "minute", folder)
    assert message == "the file 'day.csv' has no column 'minute'; did you mean 'minutes'?"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,a\n1,2\n", "2 columns called 'a'"),
        (b"b,a\n1,2\n3\n", "row 3: the row has 1 of at least 2 values"),
        (b"a\n1\n\xff\n", "is not UTF-8"),
        (b'a\n"' + b"x" * 200_000 + b'"\n', "is not CSV"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, content, words):
    (tmp_path / "x.csv").write_bytes(content)
    message = mistake(read_column, "x.csv", "a", tmp_path)
    assert message.startswith("the file 'x.csv'")
    assert words in message


def test_broken_compression_is_told(tmp_path):
    whole = gzip.compress(b"a\n" + os.urandom(500).hex().encode())
    flipped = whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]
    for content in (b"a\n1\n", whole[:-20], flipped):
        (tmp_path / "x.csv.gz").write_bytes(content)
        assert "cannot be read" in mistake(read_column, "x.csv.gz", "a", tmp_path)


def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "sub.csv").mkdir()
    for name in ("pipe.csv", "sub.csv", "/dev/zero"):
        assert "no regular file" in mistake(read_column, name, "a", tmp_path)
    assert "cannot be read" in mistake(read_column, "a\0b", "a", tmp_path)
    assert "cannot be read" in mistake(read_column, "x" * 5000, "a", tmp_path)


def test_sizes_are_counted_on_disk_and_as_it_comes_out(tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "MAX_BYTES", 2_000_000)
    (tmp_path / "big.csv").write_bytes(b"a\n" + b"1\n" * 1_000_000)
    assert "is over 2 MB" in mistake(read_column, "big.csv", "a", tmp_path)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"a\n" + b" " * 50_000_000))
    assert (tmp_path / "bomb.csv.gz").stat().st_size < 100_000
    assert "is over 2 MB" in mistake(read_column, "bomb.csv.gz", "a", tmp_path)


def test_rows_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "MAX_ROWS", 3)
    (tmp_path / "x.csv").write_text("a\n1\n2\n3\n")
    assert read_column("x.csv", "a", tmp_path) == ["1", "2", "3"]
    (tmp_path / "x.csv").write_text("a\n1\n2\n3\n4\n")
    assert "more than 3 rows" in mistake(read_column, "x.csv", "a", tmp_path)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x", "'x' is not a finite number; correct it"),
        ("3,5", "write a decimal point, not a comma"),
        ("nan", "not a finite number"),
        ("inf", "not a finite number"),
        ("1e999", "not a finite number"),
        ("1_000", "not a finite number"),
        ("٣", "not a finite number"),
        ("90s", "not a finite number"),
        (" ", "it is empty"),
    ],
)
def test_what_is_no_number_is_told_with_its_row(value, words):
    # Row 1 is the header, so the third value stands in row 4.
    message = mistake(numbers, ["1", " 2 ", value], "day.csv, column minutes")
    assert message.startswith("day.csv, column minutes, row 4: ")
    assert words in message


def test_rows_are_counted_through_a_blank_line(tmp_path):
    (tmp_path / "x.csv").write_text("a\n1\n\nz\n")
    values = read_column("x.csv", "a", tmp_path)
    assert "row 3: a number must stand here" in mistake(numbers, values, "x")
    assert "row 4: 'z'" in mistake(numbers, ["1", "2", *values[2:]], "x")


# 2026-01-05 to 2026-01-06T12:00 is a day and a half.
@pytest.mark.parametrize(
    ("unit", "passed"),
    [(TimeUnit.SECONDS, 129600), (TimeUnit.MINUTES, 2160), (TimeUnit.HOURS, 36), (TimeUnit.DAYS, 1.5)],
)
def test_time_stamps_count_from_the_start_in_the_unit_of_the_chain(unit, passed):
    written = ["2026-01-06T12:00", "2026-01-06 12:00:00", "7.5", "2026-01-05", "0"]
    assert times(written, START, unit, "x") == [passed, passed, 7.5, 0, 0]


def test_fractions_of_a_second_are_kept():
    assert times(["2026-01-05T00:00:00.100"], START, TimeUnit.SECONDS, "x") == [0.1]


def test_time_zones_are_taken_into_account():
    start = datetime(2026, 1, 5, tzinfo=timezone.utc)  # noqa: UP017 - the name a person would write
    assert times(["2026-01-05T02:00+01:00", "2026-01-05T02:00Z"], start, TimeUnit.HOURS, "x") == [1, 2]
    assert "both have a time zone" in mistake(times, ["2026-01-05T02:00"], start, TimeUnit.HOURS, "x")
    assert "both have a time zone" in mistake(times, ["2026-01-05T02:00Z"], START, TimeUnit.HOURS, "x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-01-04T23:59", "is before the chain's 'starts' (2026-01-05T00:00:00)"),
        ("-1", "not before 0"),
        ("1e999", "finite time"),
        ("08:30", "neither a number (of minutes) nor an ISO time stamp"),
        ("", "neither a number"),
        ("5.1.2026", "neither a number"),
    ],
)
def test_what_is_no_time_is_told_with_its_row(value, words):
    message = mistake(times, ["1", value], START, TimeUnit.MINUTES, "day.csv, column time")
    assert message.startswith("day.csv, column time, row 3: ")
    assert words in message


def test_a_time_stamp_needs_a_start():
    assert times(["3"], None, TimeUnit.MINUTES, "x") == [3]
    assert "add 'starts:" in mistake(times, ["2026-01-05"], None, TimeUnit.MINUTES, "x")
