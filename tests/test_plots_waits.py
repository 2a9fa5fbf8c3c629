import numpy as np
import pytest
from matplotlib.patches import Rectangle

import servicechain as sc
from pictures import title, words
from servicechain.errors import Mistake
from servicechain.histogram import Histogram
from servicechain.plots.waits import exceeding, in_percent
from timelines import chain_of

DESK = """
actors: {clerk: {lane: contact, staff: 1}, robot: {lane: system, capacity: 1}}
services:
  serve: {by: clerk, steps: [{work: 4}, {ask: look up}]}
  look up: {by: robot, steps: [{work: "lognormal(mean=3, cv=1)"}]}
customers:
  visitor:
    arrivals: poisson(rate=6/h)
    tolerance: {desired: 5, adequate: 20}
    journey: [{ask: serve}]
"""
SHORT = """
actors: {clerk: {lane: contact, staff: 1}}
services: {serve: {by: clerk, steps: [{work: 10}]}}
customers:
  visitor:
    arrivals: "at([0, 4, 30, 60])"
    tolerance: {desired: 2, adequate: 5}
    journey: [{ask: serve}]
  loser: {arrivals: "at([1])", patience: 2, tolerance: {desired: 2, adequate: 5}, journey: [{ask: serve}]}
"""


@pytest.fixture(scope="module")
def desk():
    return sc.run(chain_of(DESK), until="5d", replications=3, keep_records=True)


def curve(ax, name, row=0):
    lines = [line for line in ax.lines if line.get_label() == name]
    return lines[row].get_xdata(), lines[row].get_ydata()


@pytest.mark.parametrize("name", ["wait", "queueing", "held"])
def test_a_curve_is_the_share_of_customers_who_wait_longer(desk, name):
    records = desk.customer_records
    left = records[records["outcome"] != "unfinished"][name].to_numpy()
    times, above = curve(desk.plot_waits(), name)
    for time in (0.0, 0.5, 2.0, 5.0, 11.0, 20.0):
        drawn = above[np.searchsorted(times, time, side="right") - 1]
        # a time is known to 0.5 %
        low, high = (left > time * 1.005).mean(), (left > time / 1.005).mean()
        assert low - 1e-12 <= drawn <= high + 1e-12


def test_the_area_below_a_curve_is_the_mean():
    rng = np.random.default_rng(1)
    values = np.concatenate((np.zeros(300), rng.exponential(7.0, 4000)))
    histogram = Histogram()
    histogram.add(values)
    times, above = exceeding(histogram, values.max() + 1)
    assert above[0] == pytest.approx(4000 / 4300)
    assert above[-1] == 0
    assert np.sum(above[:-1] * np.diff(times)) == pytest.approx(values.mean(), rel=1e-9)


def test_a_curve_ends_with_the_axis():
    histogram = Histogram()
    histogram.add([1.0, 2.0, 3.0, 4.0])
    times, above = exceeding(histogram, 2.5)
    assert times.tolist() == [0, 1, 2, 2.5]
    assert above.tolist() == [1, 0.75, 0.5, 0.5]


def test_the_zone_of_tolerance_lies_behind(desk):
    ax = desk.plot_waits("visitor")
    bands = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [(band.get_x(), band.get_width()) for band in bands[:2]] == [(0, 5), (5, 15)]
    assert bands[2].get_x() == 20
    assert bands[2].get_x() + bands[2].get_width() == pytest.approx(ax.get_xlim()[1])
    assert ax.get_xlim()[1] > 20
    assert len({band.get_facecolor() for band in bands}) == 3


def test_the_key_tells_means_and_shares(desk):
    found = words(desk.plot_waits())
    delighted = desk.value("customers.visitor.delighted.mean")
    assert f"delighted, up to 5 minutes: {delighted:.0%}" in found
    records = desk.customer_records
    none = (records[records["outcome"] != "unfinished"]["queueing"] < 1e-9).mean()
    assert f"{none:.0%} none" in found
    assert "time waited (minutes)" in found


def test_the_title_says_the_finding():
    # visitors wait 0, 6, 0, 0 minutes (with no loser before them); the loser gives up after 2
    result = sc.run(chain_of(SHORT), customers=5, replications=2)
    assert title(result.plot_waits("visitor")) == (
        "visitor: waits 1.50 minutes on average, 75% not at all; 25% wait longer than they accept"
    )
    assert title(result.plot_waits("loser")) == (
        "loser: waits 2 minutes on average; 100% wait longer than they accept or give up"
    )
    assert title(result.plot_waits()) == "Longest wait: loser, 2 minutes on average"
    assert "below, longer or gave up: 100%" in words(result.plot_waits("loser"))


def test_no_wait_and_nobody_are_said():
    nobody = chain_of(SHORT.replace("at([0, 4, 30, 60])", "at([0, 50])").replace("at([1])", "poisson(rate=0)"))
    result = sc.run(nobody, until="2h", replications=2)
    assert title(result.plot_waits("visitor")) == "visitor: nobody waits"
    assert title(result.plot_waits("loser")) == "loser: nobody arrived and left again"
    assert "nobody arrived and left again" in words(result.plot_waits())
    assert title(result.plot_waits()) == "Nobody waits"


def test_every_class_has_a_row_in_the_order_of_the_file():
    ax = sc.run(chain_of(SHORT), customers=5, replications=2).plot_waits()
    labels = [label.get_text().splitlines() for label in ax.get_yticklabels()]
    assert labels == [["visitor", "mean 1.50", "25% below"], ["loser", "mean 2", "100% below"]]
    assert ax.get_yticks()[0] > ax.get_yticks()[1]
    _, first = curve(ax, "wait", 0)
    _, second = curve(ax, "wait", 1)
    assert first.min() > second.max()


def test_an_unknown_class_is_told(desk):
    with pytest.raises(Mistake, match="no customer class is called 'vistor'; did you mean 'visitor'"):
        desk.plot_waits("vistor")


def test_the_json_has_nothing_of_it(desk):
    assert set(desk.to_dict()["customers"]["visitor"]["wait"]) == {
        "mean", "halfwidth", "sd", "p50", "p90", "p95", "p99", "max",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "0%"), (0.001, "under 1%"), (0.2, "20%"), (0.9999, "over 99%"), (1.0, "100%"), (float("nan"), "–")],
)
def test_a_small_share_is_not_taken_for_none(value, told):
    assert in_percent(value) == told


def test_of_very_many_classes_those_with_the_longest_waits_are_shown():
    classes = "".join(
        f"\n  class {n}: {{arrivals: 'at([{60 * n}, {60 * n}])', journey: [{{ask: serve}}]}}" for n in range(43)
    )
    text = "actors: {clerk: {lane: contact, staff: 1}}\n"
    text += "services: {serve: {by: clerk, steps: [{work: 10}]}}\ncustomers:" + classes
    # class 7 also meets somebody who came before them, class 9 comes alone
    text = text.replace("at([540, 540])", "at([540])").replace("at([420, 420])", "at([420, 420, 420])")
    ax = sc.run(chain_of(text), customers=86, replications=1).plot_waits()
    names = [label.get_text().splitlines()[0] for label in ax.get_yticklabels()]
    assert len(names) == 40
    assert "class 7" in names
    assert "class 9" not in names
    assert names == sorted(names, key=lambda name: int(name.split()[1]))
    assert ax.get_xlabel() == "time waited (minutes); 3 classes with shorter waits left out"
