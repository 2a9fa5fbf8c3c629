import json
import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from blocks import FACTS, actor_times, customers, requests
from servicechain.columns import customer_columns
from servicechain.errors import Mistake
from servicechain.estimates import Estimate
from servicechain.facts import ActorFacts, ChainFacts, ClassFacts, ServiceFacts
from servicechain.metrics import ReplicationSummary
from servicechain.records import KeepCustomers, KeepRequests, RequestOutcome
from servicechain.results import Result
from servicechain.settings import Settings
from servicechain.tables import clean, number, plus_minus
from servicechain.units import TimeUnit

DISTRIBUTION = ["mean", "halfwidth", "sd", "p50", "p90", "p95", "p99", "max"]


def result(replications=2, facts=FACTS, keep=False, **settings):
    """A small run: in replication r guests wait 2 + r and 12 + r minutes, the second half of it held."""
    summaries, kept = [], []
    for replication in range(replications):
        summary = ReplicationSummary(facts)
        waits = (2 + replication, 12 + replication)
        people = customers(*({"queueing": wait / 2, "held": wait / 2, "left": wait} for wait in waits))
        begun = {"begun": 1 / 3, "ended": 0.7, "outcome": RequestOutcome.FINISHED, "actor": 1}
        asked = requests(begun, {"actor": -1})
        summary.customers(people)
        summary.requests(asked)
        busy = {"on_duty": 20, "busy": 15, "working": 6, "held": 9, "idle": 5, "queue": 12, "queue_max": 3}
        unlimited = {"on_duty": math.nan, "idle": math.nan}
        times = [busy, {"on_duty": 10, "idle": 10}, unlimited][: len(facts.actors)]
        summary.close(actor_times(*times), 10.0, 11.0)
        summaries.append(summary)
        keepers = KeepCustomers(), KeepRequests()
        keepers[0].customers(people)
        keepers[1].requests(asked)
        kept.append([keeper.records for keeper in keepers])
    return Result.from_summaries(
        facts,
        iter(summaries),
        Settings(seed=7, replications=replications, **settings),
        "reference",
        1.25,
        kept_customers=[each[0] for each in kept] if keep else None,
        kept_requests=[each[1] for each in kept] if keep else None,
    )


def test_the_json_is_the_contract_key_for_key():
    report = json.loads(result().to_json())
    assert list(report) == [
        "chain", "unit", "engine", "seed", "replications", "warm_up", "versions", "customers", "services",
        "actors", "attribution",
    ]  # fmt: skip
    assert report["chain"] == "Front desk"
    assert report["unit"] == "minutes"
    assert (report["engine"], report["seed"], report["replications"]) == ("reference", 7, 2)
    assert report["warm_up"] == 0
    assert report["attribution"] == {}
    times = ["queueing", "held", "attended", "own", "wait", "time_in_system"]
    counts = ["arrived", "begun", "finished", "abandoned", "unfinished", "abandoned_share"]
    assert list(report["customers"]) == ["guest", "caller"]
    assert list(report["customers"]["guest"]) == [
        *counts, *times, "satisfaction", "delighted", "inside", "below",
    ]  # fmt: skip
    assert list(report["customers"]["caller"]) == [*counts, *times]
    assert list(report["services"]) == ["check in", "find, the booking"]
    assert list(report["services"]["check in"]) == [
        "requests", "begun", "abandoned", "withdrawn", "waiting", "delayed_share", "within_standard",
        "queue_wait", "duration",
    ]  # fmt: skip
    assert list(report["actors"]) == ["receptionist", "booking system", "cloud"]
    assert list(report["actors"]["cloud"]) == [
        "on_duty", "busy", "working", "held", "idle", "down", "utilisation", "overtime", "cost",
        "queue_length",
    ]  # fmt: skip
    assert list(report["actors"]["cloud"]["queue_length"]) == ["mean", "max"]
    assert list(report["customers"]["guest"]["wait"]) == DISTRIBUTION
    assert list(report["customers"]["guest"]["satisfaction"]) == DISTRIBUTION
    assert list(report["services"]["check in"]["duration"]) == DISTRIBUTION
    assert list(report["actors"]["receptionist"]["queue_length"]["mean"]) == ["mean", "halfwidth"]
    assert list(report["customers"]["guest"]["below"]) == ["mean", "halfwidth"]


def test_numbers_are_plain_of_full_precision_and_null_where_undefined():
    report = result(1).to_dict()
    assert report["services"]["check in"]["queue_wait"]["mean"] == 1 / 3
    assert report["services"]["check in"]["queue_wait"]["sd"] is None
    assert report["services"]["check in"]["queue_wait"]["halfwidth"] is None
    assert report["customers"]["caller"]["wait"] == dict.fromkeys(DISTRIBUTION)
    assert report["customers"]["caller"]["abandoned"] == {"mean": 0, "halfwidth": None}
    assert report["actors"]["cloud"]["cost"]["mean"] is None
    assert result(1).to_json(None).count("NaN") == 0

    def kinds(value):
        if isinstance(value, dict):
            return set().union(*(kinds(each) for each in value.values()), *map(kinds, value))
        return {type(value)}

    assert kinds(report) == {str, int, float, type(None)}


def test_the_same_run_gives_the_same_json_and_text_though_it_took_another_time():
    one, other = result(), result()
    object.__setattr__(other, "wall_time", 99.0)
    assert one.to_json() == other.to_json()
    assert one.text(80) == other.text(80)


def test_versions_name_what_can_influence_a_number():
    versions = result().versions
    assert {"servicechain", "python", "numpy", "numba", "simpy"} <= set(versions)
    assert versions["numpy"] == np.__version__
    assert versions["python"] == sys.version.split()[0]
    assert "rich" not in versions


def test_a_number_is_found_by_its_path():
    found = result()
    assert found.value("customers.guest.wait.mean") == 7.5
    assert found.value("customers.guest.wait.max") == 13
    assert found.value("actors.receptionist.queue_length.mean.mean") == 1.2
    assert found.value("actors.booking system.idle.mean") == 1
    assert found.value("replications") == 2
    assert math.isnan(found.value("customers.caller.wait.mean"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("customers.gest.wait.mean", "nothing in customers is called 'gest'; did you mean 'guest'?"),
        ("costumers", "nothing at the top is called 'costumers'; did you mean 'customers'?"),
        ("customers.guest.wait.halfwith", "did you mean 'halfwidth'?"),
        ("customers.guest.wait", "is not one number; it holds mean, halfwidth, sd"),
        ("customers.guest.wait.mean.mean", "goes beyond customers.guest.wait.mean"),
        ("chain", "is not one number"),
        ("", "nothing at the top is called ''"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(path, told):
    with pytest.raises(Mistake, match=re.escape(told)):
        result().value(path)


def test_frames_are_tidy_and_know_their_unit():
    found = result()
    frame = found.customers
    assert list(frame.columns) == ["customer_class", "metric", *DISTRIBUTION]
    assert frame.attrs["unit"] == "minutes"
    row = frame.set_index(["customer_class", "metric"]).loc[("guest", "wait")]
    assert row["mean"] == 7.5
    assert row["max"] == 13
    assert frame["mean"].dtype == np.float64
    actors = found.actors.set_index(["actor", "metric"])
    assert actors.loc[("receptionist", "queue_length.max"), "mean"] == 3
    assert np.isnan(actors.loc[("receptionist", "held"), "p95"])
    assert set(found.services["service"]) == {"check in", "find, the booking"}
    nobody = ChainFacts("empty", TimeUnit.HOURS, (), (), (ActorFacts("a"),))
    empty = Result.from_summaries(nobody, [ended(nobody)], Settings(1, 1), "reference", 0.0)
    assert empty.customers.empty
    assert list(empty.customers.columns) == ["customer_class", "metric", *DISTRIBUTION]


def ended(facts):
    summary = ReplicationSummary(facts)
    summary.close(actor_times(*({} for _ in facts.actors)), 0.0, 0.0)
    return summary


def test_kept_records_become_a_frame_with_the_columns_of_the_file():
    found = result(keep=True)
    frame = found.customer_records
    assert list(frame.columns) == list(customer_columns(FACTS, 0, customers({})))
    assert frame["replication"].tolist() == [0, 0, 1, 1]
    assert frame["class"].tolist() == ["guest"] * 4
    assert frame["wait"].tolist() == [2, 12, 3, 13]
    assert frame.attrs["unit"] == "minutes"
    assert found.request_records["actor"].isna().tolist() == [False, True] * 2
    with pytest.raises(Mistake, match="keep_records=True"):
        _ = result().customer_records
    with pytest.raises(Mistake, match="keep_records=True"):
        _ = result().request_records


def test_the_text_says_in_plain_words_what_matters():
    text = result(customers=2).text(100)
    flat = " ".join(text.split())
    assert flat.startswith("Front desk 2 replications of 2 customers, seed 7, reference engine, times in minutes")
    # two means, 7 and 8: half-width 12.706 × 0.5
    assert "guest: waits 7.50 ± 6.35 minutes, 3.75 of it in line and 3.75 held" in flat
    assert "one in twenty waits 13 or longer; nobody gives up; 50% are below their tolerance." in flat
    assert "caller: nobody was counted who arrived (after the warm-up) and left again." in flat
    assert "Busiest: receptionist, with work in hand for 75% of the time on duty." in flat
    assert "Most held: receptionist, waiting for others or pausing for 45% of the time on duty." in flat
    assert "Longest line: before receptionist, 1.20 in it on average." in flat
    assert str(result(customers=2)) == repr(result(customers=2))


def test_columns_that_say_nothing_are_left_out():
    text = result().text(200)
    assert "gave up" not in text
    assert "overtime" not in text
    assert "cost" in text


@pytest.mark.parametrize("width", [30, 44, 60, 80, 100, 250])
@pytest.mark.parametrize("name", ["g", "a class of customers with quite a long name", "x" * 300, "客" * 90])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width, name):
    from rich.cells import cell_len

    facts = ChainFacts(
        name, TimeUnit.MINUTES, (ClassFacts(name, (3, 10)),), (ServiceFacts(name, 1.0),), (ActorFacts(name),)
    )
    text = result(facts=facts).text(width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    assert text.count("7.50 ± 6.35") >= 2
    assert all(line == line.rstrip() for line in text.splitlines())


def test_names_can_neither_colour_the_terminal_nor_run_in_a_page():
    name = "[red]<script>alert(1)</script>\x1b[31m"
    facts = ChainFacts(name, TimeUnit.MINUTES, (ClassFacts(name),), (ServiceFacts(name),), (ActorFacts(name),))
    found = result(facts=facts)
    assert "[red]<script>" in found.text(200)
    assert "\x1b" not in found.text(200)
    page = found._repr_html_()
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert clean("a\tb") == "a�b"


def test_the_page_for_notebooks_is_well_formed():
    from xml.etree import ElementTree

    page = ElementTree.fromstring(result()._repr_html_())
    assert len(page.findall(".//table")) == 3
    widths = {len(row) for row in page.findall(".//table")[0].iter("tr")}
    assert len(widths) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"), (3.0, "3"), (12.3456, "12.3"), (0.0456789, "0.0457"), (123.456, "123"),
        (12345.6, "12,346"), (math.nan, "–"), (0.5, "0.500"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("mean", "halfwidth", "shown"),
    [
        (12.345, 0.678, "12.3 ± 0.7"), (12.345, 0.002, "12.3 ± 0.002"), (7.0, 1.52072, "7.00 ± 1.52"),
        (1000.0, 12.3, "1,000 ± 12"), (5.0, 0.0, "5"), (5.25, math.nan, "5.25"), (math.nan, math.nan, "–"),
    ],
)  # fmt: skip
def test_a_mean_and_its_half_width_share_their_decimals(mean, halfwidth, shown):
    assert plus_minus(Estimate(mean, halfwidth)) == shown


def test_a_result_can_be_put_away():
    found = result()
    assert pickle.loads(pickle.dumps(found)).to_json() == found.to_json()


def test_nothing_heavy_is_imported_for_it():
    code = (
        "import sys, servicechain.results, servicechain.recording; "
        "print([name for name in ('pandas', 'scipy', 'numba', 'rich', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
