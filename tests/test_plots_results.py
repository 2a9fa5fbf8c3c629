"""What holds for every picture of a result."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import servicechain as sc
from pictures import check_texts, title, words
from servicechain.errors import Mistake
from servicechain.plots.load import PARTS
from servicechain.plots.style import rendered
from timelines import chain_of

pytestmark = pytest.mark.theory  # pictures

SIMULATIONS = Path(__file__).parents[1] / "simulations"
PICTURES = ["plot_waits", "plot_load", "plot_queues", "plot_arrivals"]
LONG = "a team of people whose name nobody ever thought of making any shorter than this one, not even once"
ENDLESS = "x" * 300
NASTY = r"_$\frac{1}{$ 100% <b>&amp; {0} \alpha 客户 \x1b[31m"


def chain(
    actors=("clerk",), classes=("visitor",), arrivals="poisson(rate=12/h)", work=4, staff=1, tolerance=True, **more
):
    """A chain in which every class asks the first actor, who asks the second, and so on."""
    services = {
        f"service {place}": {
            "by": name,
            "steps": [{"work": work}, *([{"ask": f"service {place + 1}"}] if place + 1 < len(actors) else [])],
        }
        for place, name in enumerate(actors)
    }
    return sc.Chain.from_dict(
        {
            "chain": "a test",
            "unit": "minutes",
            "actors": {name: {"lane": "contact", "staff": staff} for name in actors},
            "services": services,
            "customers": {
                name: {
                    "arrivals": arrivals,
                    "journey": [{"ask": "service 0"}],
                    **({"tolerance": {"desired": 3, "adequate": 10}} if tolerance else {}),
                }
                for name in classes
            },
            **more,
        }
    )


def disturbed(staff=2):
    """Shifts that end while there is work, a till that fails, and members who come again and again."""
    return chain_of(f"""
    actors:
      clerk:
        lane: contact
        shifts: [{{days: daily, from: "00:00", to: "02:00", staff: {staff}}}]
      till: {{lane: system, capacity: 1, failures: {{every: 60, lasts: 30}}}}
    services:
      serve: {{by: clerk, steps: [{{work: 45}}]}}
      pay: {{by: till, steps: [{{work: 1}}]}}
    customers:
      member:
        arrivals: {{population: 3, think: 5}}
        tolerance: {{desired: 3, adequate: 10}}
        journey: [{{ask: serve}}]
      other: {{arrivals: every(20), tolerance: {{desired: 3, adequate: 10}}, journey: [{{ask: pay}}]}}
    """)


CASES = {
    "disturbed": (disturbed, {"until": "4h", "replications": 2, "engine": "reference"}),
    "hotel": (lambda: sc.read(SIMULATIONS / "hotel.yaml"), {"replications": 3}),
    "it service desk": (lambda: sc.read(SIMULATIONS / "it_service_desk.yaml"), {"until": "7d", "replications": 2}),
    "one class": (chain, {"until": "8h", "replications": 4}),
    "one replication": (chain, {"until": "8h", "replications": 1}),
    "warm-up": (chain, {"until": "8h", "warm_up": "2h", "replications": 2}),
    "antithetic pair": (chain, {"until": "8h", "replications": 2, "antithetic": True}),
    "long names": (
        lambda: chain((LONG, ENDLESS, NASTY), (ENDLESS, LONG, NASTY, "b")),
        {"until": "1d", "replications": 2},
    ),
    "one class with a long name": (lambda: chain((LONG,), (LONG,)), {"until": "1d", "replications": 2}),
    "more actors than are shown": (lambda: chain([f"team {n}" for n in range(70)]), {"until": "5h", "replications": 1}),
    "many classes": (
        lambda: chain(classes=[f"class number {n}" for n in range(14)]),
        {"until": "8h", "replications": 2},
    ),
    "one customer": (lambda: chain(arrivals="at([7])"), {"until": "1h", "replications": 2}),
    "no customer at all": (lambda: chain(arrivals="poisson(rate=0)"), {"until": "1h", "replications": 2}),
    "nobody leaves": (lambda: chain(arrivals="at([7, 9])", work=9000), {"until": "1h", "replications": 2}),
    "zero waits only": (lambda: chain(staff="unlimited"), {"until": "8h", "replications": 2}),
    "everybody waits the same": (
        lambda: chain(arrivals="every(20)", actors=("a", "b"), work=7),
        {"until": "8h", "replications": 2},
    ),
    "no tolerance": (lambda: chain(tolerance=False), {"until": "8h", "replications": 2}),
    "nobody on duty": (lambda: chain(staff=0), {"until": "8h", "replications": 2}),
    "seconds": (lambda: chain(arrivals="at([0.1, 0.2, 0.3])", work=0.2), {"until": "45s", "replications": 2}),
    "two days": (chain, {"until": "2d", "replications": 1}),
    "a week": (
        lambda: chain(arrivals="poisson(rate=1/h)", starts="2026-01-07T09:30"),
        {"until": "7d", "replications": 1},
    ),
    "a month": (lambda: chain(arrivals="poisson(rate=1/h)"), {"until": "30d", "replications": 1}),
    "a year": (
        lambda: chain(arrivals="poisson(rate=2/d)", starts="2026-01-07T00:00"),
        {"until": "365d", "replications": 1},
    ),
}


QUICK = (
    "disturbed",
    "long names",
    "many classes",
    "one customer",
    "no customer at all",
    "zero waits only",
    "nobody on duty",
)


@pytest.fixture(
    scope="module",
    params=[name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def result(request):
    make, settings = CASES[request.param]
    return sc.run(make(), **settings)


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("picture", PICTURES)
def test_no_text_covers_another(result, picture):
    ax = getattr(result, picture)()
    assert isinstance(ax, Axes)
    check_texts(ax)
    assert title(ax)
    assert ax.get_xlabel()


@pytest.fixture(scope="module")
def hotel():
    return sc.run(sc.read(SIMULATIONS / "hotel.yaml"), replications=2)


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("picture", PICTURES)
def test_pictures_show_themselves_and_leave_the_session_alone(hotel, picture, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("a picture must not open a window"))
    before = dict(mpl.rcParams)
    ax = getattr(hotel, picture)()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []
    assert ax._repr_png_()[0].startswith(b"\x89PNG")
    assert rendered(ax, "svg").startswith(b"<?xml")
    assert dict(mpl.rcParams) == before


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_looks_the_same_whatever_the_session_looks_like(hotel, picture):
    plain = rendered(getattr(hotel, picture)(), "png")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9, "axes.grid": True}):
        assert rendered(getattr(hotel, picture)(), "png") == plain


@pytest.mark.parametrize("picture", PICTURES)
def test_it_draws_on_the_axes_it_is_given(hotel, picture):
    figure = Figure(figsize=(14, 11), layout="constrained")
    axes = figure.subplots(2, 2)
    for ax in axes.flat:
        assert getattr(hotel, picture)(ax=ax) is ax
    check_texts(axes[0, 0])


def test_all_four_stand_side_by_side(hotel):
    figure = Figure(figsize=(15, 12), layout="constrained")
    for ax, picture in zip(figure.subplots(2, 2).flat, PICTURES, strict=True):
        getattr(hotel, picture)(ax=ax)
    check_texts(figure.axes[0])


@pytest.mark.parametrize("picture", ["plot_queues", "plot_arrivals"])
def test_a_run_without_an_end_in_time_says_what_to_do(picture):
    result = sc.run(chain(), customers=20, replications=1)
    with pytest.raises(Mistake, match=r"no day to show; run it to a given time, e\.g\. sc\.run\(chain, until='1d'\)"):
        getattr(result, picture)()


@pytest.mark.parametrize("picture", ["plot_queues", "plot_arrivals"])
def test_an_unknown_actor_is_told(hotel, picture):
    with pytest.raises(Mistake, match="no actor is called 'recepionist'; did you mean 'receptionist'"):
        getattr(hotel, picture)("recepionist")


# -- load -----------------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_the_shares_and_fill_the_time_on_duty(hotel):
    ax = hotel.plot_load()
    bars = [[bar.get_width() for bar in part] for part in zip(*[iter(ax.patches)] * 4, strict=True)]
    for name, (working, held, down, idle) in zip(("receptionist", "booking system"), bars, strict=False):
        found = (working, held, down, idle)
        told = [hotel.value(f"actors.{name}.{part}.mean") for part in ("working", "held", "down", "idle")]
        assert found == pytest.approx(told)
        assert sum(found) == pytest.approx(1)


def test_who_is_down_is_hatched_and_overtime_is_told():
    ax = sc.run(disturbed(), until="4h", replications=1, engine="reference").plot_load()
    bars = [patch for patch in ax.patches if patch.get_hatch()]
    # in 4 hours 60 minutes up and 30 down take turns: 60 to 90 and 150 to 180, and it fails again at the very end
    assert [round(bar.get_width(), 9) for bar in bars] == [0, 0.25]
    assert {to_hex(bar.get_facecolor()) for bar in bars} == {PARTS["down"].lower()}
    found = words(ax)
    assert "down: broken" in found
    # one begins at 5, 50 and 95, the other at 5, 55 and 100: they leave at 140 and 145, instead of 120
    assert "clerk + 45 min overtime" in found
    assert "overtime" not in words(sc.run(chain(), until="8h", replications=1).plot_load())


def test_members_arrive_like_everybody():
    ax = sc.run(disturbed(), until="6h", replications=1, engine="reference").plot_arrivals()
    # three members at 5, two again at 55, and the others at 20 and 40
    assert title(ax) == "Most arrivals from 00:00 to 01:00: 7 per hour, with 2 on duty"
    assert {"member", "other"} <= {text.get_text() for text in ax.get_legend().get_texts()}
    assert set(ax.figure.axes[1].patches[0].get_data().values) == {2, 0}


def test_actors_without_a_time_on_duty_are_told_in_words():
    clerks = chain(staff="unlimited", arrivals="every(2)", work=4)
    found = words(sc.run(clerks, until="8h", replications=1).plot_load())
    assert "unlimited: 1.99 busy on average" in found
    assert "never on duty" in words(sc.run(chain(staff=0), until="8h", replications=1).plot_load())


def test_the_title_names_who_is_busiest_and_who_is_held_most():
    # every 20 minutes, from the 20th to the 1,180th, a works 7 and is held 7, b works 7: 59 × 14 of 1,200 minutes
    asking = chain(("a", "b"), arrivals="every(20)", work=7)
    result = sc.run(asking, until="20h", replications=1)
    assert title(result.plot_load()) == "Busiest and most held: a, 69% of the time on duty, 34% held"
    # with three, a works and is held a third as much of its time
    result = sc.run(asking.with_values({"actors.a.staff": 3}), until="20h", replications=1)
    assert title(result.plot_load()) == "Busiest: b, 34% of the time on duty; most held: a, 11%"


def test_of_very_many_actors_the_busiest_are_shown():
    many = chain([f"team {n}" for n in range(70)])
    ax = sc.run(many, until="5h", replications=1).plot_load()
    assert len(ax.get_yticklabels()) == 60
    assert ax.get_yticklabels()[0].get_text() == "team 0"
    assert "10 less busy left out" in ax.get_xlabel()


# -- lines ----------------------------------------------------------------------------------------------------


def test_lines_are_drawn_as_they_are_with_their_band():
    result = sc.run(chain(), until="8h", replications=5)
    ax = result.plot_queues()
    (line,) = [one for one in ax.lines if one.get_label() == "clerk"]
    timeline = result.timeline
    np.testing.assert_allclose(line.get_ydata(), timeline.in_line.mean[0])
    np.testing.assert_allclose(line.get_xdata(), 2.5 + 5 * np.arange(96))
    high = timeline.in_line.mean[0] + timeline.in_line.halfwidth[0]
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(high.max())
    assert "95% interval of the mean, 5 replications" in words(ax)
    most = timeline.in_line.mean[0].argmax()
    minutes = 5 * int(most)
    assert f"Longest line: before clerk from {minutes // 60:02}:{minutes % 60:02}" in title(ax)


def test_no_band_is_told_where_there_is_none():
    assert "interval" not in words(sc.run(chain(), until="8h", replications=1).plot_queues())


def test_only_the_longest_lines_are_drawn_unless_one_asks_for_others():
    names = [f"team {n}" for n in range(9)]
    result = sc.run(
        chain(names, classes=("a", "b"), arrivals="poisson(rate=30/h)", staff=3), until="8h", replications=1
    )
    assert len(result.plot_queues().lines) <= 6
    assert [line.get_label() for line in result.plot_queues("team 8", "team 1").lines] == ["team 8", "team 1"]


# -- arrivals -------------------------------------------------------------------------------------------------


def test_arrivals_are_told_by_the_hour():
    text = """
    starts: 2026-01-05T08:00
    actors: {clerk: {lane: contact, staff: 2}, other: {lane: backstage, staff: 1}}
    services: {serve: {by: clerk, steps: [{work: 1}]}}
    customers:
      visitor: {arrivals: "at([0, 30, 59, 60, 61, 62, 63, 64, 719])", journey: [{ask: serve}]}
    """
    ax = sc.run(chain_of(text), until="12h", replications=2).plot_arrivals()
    heights = ax.patches[0].get_data().values
    assert heights.tolist() == [3, 5, *[0] * 9, 1]
    assert title(ax) == "Most arrivals from 09:00 to 10:00: 5 per hour, with 2 on duty"
    right = ax.figure.axes[1]
    assert right.get_ylabel() == "servers on duty"
    assert set(right.patches[0].get_data().values) == {2}
    assert right.get_ylim()[0] == ax.get_ylim()[0] == 0


def test_staff_is_drawn_in_steps_at_the_times_of_the_shifts():
    text = """
    actors:
      clerk:
        lane: contact
        shifts:
          - {days: daily, from: "08:00", to: "18:00", staff: 2}
          - {days: daily, from: "16:30", to: "00:30", staff: 1}
    services: {serve: {by: clerk, steps: [{work: 1}]}}
    customers: {visitor: {arrivals: "at([600])", journey: [{ask: serve}]}}
    """
    right = sc.run(chain_of(text), until="1d", replications=1, engine="reference").plot_arrivals().figure.axes[1]
    steps = right.patches[0].get_data()
    hours = [0, 0.5, 8, 16.5, 18]
    assert [steps.values[np.searchsorted(steps.edges, 60 * hour)] for hour in hours] == [1, 0, 2, 3, 1]
    assert [edge / 60 for edge in steps.edges[1:-1][np.diff(steps.values) != 0]] == hours[1:]
    assert right.get_ylabel() == "servers on duty"
    # two hours hold the change at half past four: 2 for a quarter of them, 3 for three
    week = sc.run(chain_of(text), until="7d", replications=1, engine="reference").plot_arrivals().figure.axes[1]
    assert week.patches[0].get_data().values[8] == pytest.approx(2.75)
    assert week.get_ylabel() == "servers on duty, mean of 2 hours"


def test_staff_may_be_chosen_and_must_be_countable():
    both = chain(("a", "b"))
    result = sc.run(both, until="8h", replications=1)
    assert len(result.plot_arrivals("b").figure.axes[1].patches) == 1
    endless = sc.run(chain(staff="unlimited"), until="8h", replications=1)
    assert len(endless.plot_arrivals().figure.axes) == 1
    with pytest.raises(
        Mistake, match="'clerk' is unlimited, so it has no number of servers on duty; name another actor"
    ):
        endless.plot_arrivals("clerk")


def test_small_classes_are_put_together():
    names = [f"class {n}" for n in range(9)]
    result = sc.run(chain(classes=names), until="8h", replications=1)
    ax = result.plot_arrivals()
    found = words(ax)
    assert "all other classes" in found
    assert len(ax.patches) == 6
    top, bottom = ax.patches[-1].get_data(), ax.patches[0].get_data()
    # bars of an hour each: together they are as high as there were arrivals
    assert (top.values - bottom.baseline).sum() == pytest.approx(result.timeline.arrivals.mean.sum())


def test_a_wide_band_does_not_press_the_line_to_the_ground():
    result = sc.run(chain(), until="8h", replications=2)
    peak = result.timeline.in_line.mean.max()
    assert peak < result.plot_queues().get_ylim()[1] <= 2.5 * peak * (1 + 1e-9)
