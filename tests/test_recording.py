import csv
import math
import os
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import FACTS, IDLE, customers, requests
from servicechain.errors import FileProblem
from servicechain.facts import ChainFacts, ClassFacts
from servicechain.recording import CustomerFile, RequestFile
from servicechain.records import CustomerOutcome, RequestOutcome
from servicechain.units import TimeUnit

PEOPLE = customers(
    {"number": 5, "arrived": 0.1, "left": 1 / 3, "queueing": 0.2, "held": 0.1, "attended": 1e-17, "own": 3},
    {"number": 6, "arrived": 2, "left": 12, "queueing": 10, "outcome": CustomerOutcome.ABANDONED},
    {"number": 7, "arrived": 3, "left": math.nan, "queueing": 4, "outcome": CustomerOutcome.UNFINISHED},
    {"customer_class": 1, "number": 1, "arrived": 4, "left": 5, "attended": 1},
)
ASKED = requests(
    {
        "number": 5, "service": 1, "actor": 1, "asked": 0.1, "begun": 0.3, "answered": 1 / 3, "ended": 2 / 3,
        "outcome": RequestOutcome.HANDED_OFF,
    },
    {"customer_class": -1, "number": -1, "actor": -1, "asked": 2},
)  # fmt: skip


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_customers_word_for_word(tmp_path):
    path = tmp_path / "customers.csv"
    with CustomerFile(path, FACTS) as file:
        sink = file.sink(0)
        sink.customers(PEOPLE[:2])
        sink.requests(ASKED)
        sink.customers(PEOPLE[2:])
        sink.close(IDLE, 1.0, 1.0)
        file.sink(1).customers(PEOPLE[3:])
    assert path.read_text(encoding="utf-8") == (
        "replication,class,number,arrived,left,outcome,queueing,held,attended,own,wait,satisfaction\n"
        f"0,guest,5,0.1,{1 / 3!r},finished,0.2,0.1,1e-17,3.0,{0.1 + 0.2!r},{1 - 0.1 * 0.3 / 3:.2f}\n"
        "0,guest,6,2.0,12.0,abandoned,10.0,0.0,0.0,0.0,10.0,0.0\n"
        "0,guest,7,3.0,,unfinished,4.0,0.0,0.0,0.0,4.0,\n"
        "0,caller,1,4.0,5.0,finished,0.0,0.0,1.0,0.0,0.0,\n"
        "1,caller,1,4.0,5.0,finished,0.0,0.0,1.0,0.0,0.0,\n"
    )
    assert os.listdir(tmp_path) == ["customers.csv"]


def test_requests_word_for_word(tmp_path):
    path = tmp_path / "requests.csv"
    with RequestFile(path, FACTS) as file:
        sink = file.sink(3)
        sink.requests(ASKED)
        sink.customers(PEOPLE)
    assert path.read_text(encoding="utf-8") == (
        "replication,class,number,service,actor,asked,begun,answered,ended,outcome\n"
        f'3,guest,5,"find, the booking",booking system,0.1,0.3,{1 / 3!r},{2 / 3!r},handed_off\n'
        "3,,-1,check in,,2.0,,,,waiting\n"
    )


def test_a_run_in_which_nobody_came_has_a_header(tmp_path):
    for kind in (CustomerFile, RequestFile):
        with kind(tmp_path / "nobody.csv", FACTS, overwrite=True):
            pass
        assert [row[0] for row in rows(tmp_path / "nobody.csv")] == ["replication"]


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=10))
def test_every_time_reads_back_to_the_last_bit(tmp_path_factory, times):
    path = tmp_path_factory.mktemp("bits") / "customers.csv"
    with CustomerFile(path, FACTS) as file:
        file.append(0, customers(*({"arrived": time} for time in times)))
    assert [float(row[3]) for row in rows(path)[1:]] == times


@pytest.mark.parametrize("name", ['a "quoted" class', "comma, class", "späte Gäste 客", "=1+1", " "])
def test_names_read_back_as_they_are(tmp_path, name):
    path = tmp_path / "customers.csv"
    facts = ChainFacts("names", TimeUnit.HOURS, (ClassFacts(name),), (), ())
    with CustomerFile(path, facts) as file:
        file.append(0, customers({}))
    assert rows(path)[1][1] == name


def test_an_existing_file_is_not_lost(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("precious")
    with pytest.raises(FileProblem, match=r"customers\.csv exists and would be lost.*--overwrite"):
        CustomerFile(path, FACTS)
    assert path.read_text() == "precious"
    assert os.listdir(tmp_path) == ["customers.csv"]
    with CustomerFile(path, FACTS, overwrite=True) as file:
        file.append(0, PEOPLE)
        assert path.read_text() == "precious"
    assert len(rows(path)) == 5


def test_a_file_that_came_up_meanwhile_is_not_lost_either(tmp_path):
    path = tmp_path / "customers.csv"
    file = CustomerFile(path, FACTS)
    path.write_text("precious")
    with pytest.raises(FileProblem, match="exists"):
        file.close()
    assert path.read_text() == "precious"
    assert os.listdir(tmp_path) == ["customers.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path, error):
    def run():
        with CustomerFile(tmp_path / "customers.csv", FACTS) as file:
            file.append(0, PEOPLE)
            raise error

    with pytest.raises(error):
        run()
    assert os.listdir(tmp_path) == []


def test_one_file_cannot_be_written_twice_at_once(tmp_path):
    path = tmp_path / "both.csv"
    with CustomerFile(path, FACTS), pytest.raises(FileProblem, match="a file of its own"):
        RequestFile(path, FACTS)
    assert len(rows(path)) == 1


def test_a_link_is_followed(tmp_path):
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    with CustomerFile(link, FACTS, overwrite=True):
        pass
    assert link.is_symlink()
    assert len(rows(target)) == 1


@pytest.mark.parametrize("name", ["missing/customers.csv", "x" * 300 + ".csv", ".", "file.csv/below.csv"])
def test_a_place_that_cannot_be_written_is_told(tmp_path, name):
    (tmp_path / "file.csv").write_text("a file")
    with pytest.raises(FileProblem, match=r"cannot be written: .*; check|is not a file"):
        CustomerFile(tmp_path / name, FACTS)


def test_a_device_is_not_replaced():
    with pytest.raises(FileProblem, match="is not a file"):
        CustomerFile(os.devnull, FACTS, overwrite=True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is full")
def test_a_full_disk_is_told_and_nothing_stays_behind(tmp_path):
    file = CustomerFile(tmp_path / "customers.csv", FACTS)
    file._writer._file.close()
    with open("/dev/full", "w") as full:
        file._writer._file = full
        with pytest.raises(FileProblem, match="cannot be written: No space left"):
            file.append(0, np.repeat(PEOPLE, 1000))
        file.discard()
    assert os.listdir(tmp_path) == []


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FileProblem, match=r"servicechain\[parquet\].*\.csv"):
        CustomerFile(tmp_path / "customers.parquet", FACTS)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("kind", "block"), [(CustomerFile, PEOPLE), (RequestFile, ASKED)])
def test_parquet_holds_what_csv_holds(tmp_path, monkeypatch, kind, block):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("servicechain.recording.ROWS_AT_ONCE", 3)
    for suffix in ("csv", "parquet"):
        with kind(tmp_path / f"records.{suffix}", FACTS) as file:
            for replication in range(3):
                file.append(replication, block)
    table = parquet.read_table(tmp_path / "records.parquet")
    head, *lines = rows(tmp_path / "records.csv")
    assert table.column_names == head
    for name, *cells in zip(head, *lines, strict=True):
        values = table.column(name).to_pylist()
        shown = ["" if value is None else value if isinstance(value, str) else repr(value) for value in values]
        assert shown == cells
    assert sorted(os.listdir(tmp_path)) == ["records.csv", "records.parquet"]


def test_parquet_of_an_empty_run_has_columns(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    with CustomerFile(tmp_path / "records.parquet", FACTS):
        pass
    table = parquet.read_table(tmp_path / "records.parquet")
    assert (table.num_rows, table.column_names[:2]) == (0, ["replication", "class"])


@pytest.mark.theory  # it takes the time
def test_ten_thousand_rows_take_less_than_a_second(tmp_path):
    block = np.repeat(PEOPLE, 2500)
    with CustomerFile(tmp_path / "customers.csv", FACTS) as file:
        file.append(0, block)
    assert len(rows(tmp_path / "customers.csv")) == 10_001
