"""The views of attribution, by hand: the two clerks of the worked example, the tree, chosen customers, hours."""

import pytest

from servicechain import run
from servicechain.causes import Cause, Paths
from servicechain.errors import Mistake
from timelines import chain_of, happened

# One desk, one back office: the first guest is served 0–2, asks 2–5, done at 5; the second waits 1–5, then the same.
TWO = """
actors: {desk: {lane: contact, staff: 1}, office: {lane: backstage, staff: 1}}
services:
  serve: {by: desk, steps: [{work: 2}, {ask: check}]}
  check: {by: office, steps: [{work: 3}]}
customers: {guest: {arrivals: "at([0, 1])", journey: [{ask: serve}]}}
"""


@pytest.fixture(scope="module")
def two():
    return happened(TWO, "reference")


def told(frame, *keys):
    return {tuple(row[key] for key in keys): (row["queueing"], row["held"]) for _, row in frame.iterrows()}


def test_by_cause(two):
    # both are held 3 by the office; the second stands in line 1–2 for the desk's work, 2–5 for the office's
    assert told(two.attribution.frame(), "actor", "cause") == {
        ("office", "work"): (1.5, 3.0),
        ("desk", "work"): (0.5, 0.0),
    }
    assert two.attribution.frame()["share"].tolist() == pytest.approx([4.5 / 5, 0.5 / 5])


def test_by_group_and_by_whose_work_it_is(two):
    assert told(two.attribution.frame("group"), "group") == {("operations",): (1.5, 3.0), ("people",): (0.5, 0.0)}
    assert told(two.attribution.frame("whose"), "whose") == {
        ("somebody else's work",): (1.5, 3.0),
        ("own work",): (0.5, 0.0),
    }


def test_by_way_of_whom(two):
    tree = two.paths("guest")
    assert (tree.name, tree.time) == ("guest", 5.0)
    (desk,) = tree.branches
    assert [(branch.name, branch.time) for branch in desk.branches] == [("office", 4.5), ("work", 0.5)]
    assert sum(leaf.time for leaf in tree.leaves()) == tree.time
    assert str(tree).splitlines()[2].split() == ["├─", "office", "4.50", "minutes", "90%"]


def test_in_the_json(two):
    (first, second) = two.to_dict()["attribution"]["guest"]
    assert (first["actor"], first["cause"], first["time"]["mean"]) == ("office", "work", 4.5)
    assert (second["actor"], second["share"]) == ("desk", {"mean": 0.1, "halfwidth": None})


def test_of_chosen_customers(two):
    records = two.customer_records
    worst = two.attribution.of(records[records["number"] == 1])
    assert told(worst, "actor") == {("office",): (3.0, 3.0), ("desk",): (1.0, 0.0)}
    assert worst["share"].sum() == pytest.approx(1)


def test_in_the_printed_result(two):
    assert "who made guest wait" in two.text()
    assert "office: work" in two.text()


def test_what_does_not_occur_in_one_replication_counts_as_nothing_there():
    text = """
    actors: {desk: {lane: contact, staff: 1}, office: {lane: backstage, staff: 1}}
    services:
      serve: {by: desk, steps: [{chance: 0.3, then: [{ask: check}]}]}
      check: {by: office, steps: [{work: 4}]}
    customers: {guest: {arrivals: "at([0])", journey: [{ask: serve}]}}
    """
    result = run(chain_of(text), replications=40, customers=1)
    asked = result.value("services.check.requests.mean")
    assert 0 < asked < 1
    assert result.attribution.frame().loc[0, "time"] == pytest.approx(4 * asked)


def test_hour_by_hour():
    result = happened(TWO, "reference", customers=None, until=8)
    caused = result.timeline.caused
    office = caused[caused["actor"] == "office"]
    # from 2 to 5 two wait for the office, from 7 to 8 one
    two_to_five = office[(office["start"] >= 2) & (office["end"] <= 5)]
    assert two_to_five["time"].sum() == pytest.approx(6)
    assert office["time"].sum() == pytest.approx(7)
    assert caused["time"].sum() == pytest.approx(8)


def test_without_it_nothing_is_told():
    result = run(chain_of(TWO), replications=1, customers=2, attribution=False, keep_records=True)
    assert result.to_dict()["attribution"] == {}
    assert not [name for name in result.customer_records if "|" in name]
    assert "who made" not in result.text()
    with pytest.raises(Mistake, match="attribution=True"):
        result.paths()


def test_what_is_not_there_is_told(two):
    with pytest.raises(Mistake, match="did you mean 'guest'"):
        two.attribution.frame(customer_class="gest")
    with pytest.raises(Mistake, match="cause, group, whose, path"):
        two.attribution.frame("actor")


def test_paths_have_numbers():
    paths = Paths()
    work = paths.number((2, Cause.WORK))
    longer = paths.after(1, work)
    assert paths.all[longer] == (1, 2, Cause.WORK)
    assert paths.after(1, work) == longer
    assert paths.all[paths.failed(longer)] == (1, 2, Cause.FAILURE)
