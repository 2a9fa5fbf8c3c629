"""Pictures of studies: what they show is what was found, and nothing in them covers anything else."""

import math
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import servicechain as sc
from made_studies import DESK, GUEST, PROMISE, made_study
from pictures import check_texts, title, words
from servicechain.errors import Mistake
from servicechain.estimates import Estimate
from servicechain.plots.comparison import PIECES, ROWS, plot_comparison
from servicechain.plots.culprits import looks_of, mixed
from servicechain.plots.frontier import Point, draw_frontier, plot_frontier
from servicechain.plots.heat_map import plot_heat_map
from servicechain.plots.placing import Named, place_names
from servicechain.plots.staffing import plot_staffing
from servicechain.plots.style import house_style, new_axes, rendered
from servicechain.running import facts_of
from servicechain.studies.goals import Goal
from servicechain.studies.measured import measured
from timelines import chain_of

pytestmark = pytest.mark.theory  # pictures

GRID = {"receptionist.staff": [2, 3, 4], "programmer.staff": [1, 2]}
WAITS = [12.0, 6.0, 9.0, 3.2, 8.5, 2.9]
COSTS = [1824.0, 2784.0, 2256.0, 3216.0, 2688.0, 3648.0]
WORDY = {
    f"scenario {place} with quite a long name, that says all there is to say, and then some": {
        "actors.receptionist.staff": place + 2
    }
    for place in range(1, 12)
}
NAN = math.nan


def six(**changed):
    return made_study(**({"waits": WAITS, "vary": GRID, "costs": COSTS, "best": (5,)} | changed))


def crowd():
    """Twelve scenarios with long names, six actors who all make wait in three ways, one scenario undefined."""
    team = [f"very long named actor number {place}" for place in range(6)]
    chain = chain_of(
        "actors:\n  receptionist: {lane: contact, staff: 2}\n"
        + "".join(f"  {name}: {{lane: backstage, staff: 1}}\n" for name in team)
        + "services:\n  check in: {by: receptionist, steps: ["
        + ", ".join(f"{{ask: s{place}}}" for place in range(6))
        + "]}\n"
        + "".join(f"  s{place}: {{by: {name}, steps: [{{work: 3}}]}}\n" for place, name in enumerate(team))
        + "customers:\n  a guest with a name that goes on and on and on:"
        + " {arrivals: 'poisson(rate=20/h)', journey: [{ask: check in}]}\n"
    )
    random = np.random.default_rng(1)
    shares = random.dirichlet(np.ones(18), 12)
    keys = [(name, cause) for name in team for cause in ("work", "failure", "absence")]
    waits = [*random.uniform(1, 30, 12)]
    waits[5] = NAN
    return made_study(
        waits,
        scenarios=WORDY,
        chain=chain,
        parts=[dict(zip(keys, each, strict=True)) for each in shares],
        metric="customers.a guest with a name that goes on and on and on.wait",
        costs=[1000.0, 1000, 1010, 1020, 1030, 1500, 1200, 1510, 1520, 1400, 1200, 1201],
        best=(4,),
    )


def many():
    return made_study(
        [30 * math.exp(-place / 8) + place % 3 for place in range(30)],
        vary={"receptionist.staff": [*range(2, 32)]},
        costs=[1000.0 + 100 * place for place in range(30)],
        best=(9,),
    )


STUDIES = {
    "six": six,
    "crowd": crowd,
    "many": many,
    "base alone": lambda: made_study([5.0], costs=[100.0]),
    "undefined": lambda: six(waits=[NAN] * 6),
    "nobody waits": lambda: six(waits=[0.0] * 6, best=tuple(range(6))),
    "one replication": lambda: six(count=1),
}


@pytest.fixture(scope="module", params=STUDIES)
def study(request):
    return STUDIES[request.param]()


def bars(ax, row):
    found = [p for p in ax.patches if math.isclose(p.get_y() + p.get_height() / 2, row, abs_tol=1e-9)]
    return sorted(found, key=lambda patch: patch.get_x())


def names(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


# -- all of them ----------------------------------------------------------------------------------------------


@pytest.mark.theory  # it draws a lot
@pytest.mark.parametrize("draw", [plot_comparison, plot_frontier])
def test_no_text_covers_another(study, draw):
    ax = draw(study)
    check_texts(ax)
    assert title(ax)
    assert ax.get_xlabel()


@pytest.mark.parametrize("draw", [plot_comparison, plot_frontier, plot_heat_map])
def test_it_draws_on_the_axes_it_is_given_and_leaves_the_session_alone(draw):
    figure = Figure(figsize=(10, 6), layout="constrained")
    ax = figure.subplots()
    assert draw(six(), ax=ax) is ax
    check_texts(ax)
    assert plt.get_fignums() == []


@pytest.mark.theory  # it draws a lot
@pytest.mark.parametrize("draw", [plot_comparison, plot_frontier, plot_heat_map])
def test_the_same_study_is_the_same_bytes(draw):
    assert rendered(draw(six()), "svg") == rendered(draw(six()), "svg")


# -- comparison -----------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_the_wait_and_their_pieces_as_their_share():
    ax = plot_comparison(six())
    for row, wait in enumerate(WAITS):
        first, second = bars(ax, row)
        assert (first.get_x(), first.get_width()) == (0, pytest.approx(0.7 * wait))
        assert (second.get_x(), second.get_width()) == (pytest.approx(0.7 * wait), pytest.approx(0.3 * wait))


def test_the_base_comes_first_and_the_best_is_marked():
    ax = plot_comparison(six())
    assert names(ax)[0] == "base (as it is)"
    assert [name for name in names(ax) if "★" in name] == ["★ receptionist.staff=4, programmer.staff=2"]
    assert PROMISE in words(ax)
    assert title(ax) == "A guest waits 2.90 minutes with receptionist.staff=4, programmer.staff=2, 12 today"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"best": (0,)}, "A guest waits 12 minutes today, and nothing tried is better"),
        ({"best": ()}, "A guest waits 12 minutes today, and nothing tried is better"),
        ({"best": (3, 5)}, "A guest waits 12 minutes today; 2 scenarios (★) are equally good"),
        ({"waits": [NAN] * 6, "best": ()}, "guest: nobody arrived and left again in the base case"),
    ],
)
def test_the_headline_says_what_came_out(changed, told):
    assert title(plot_comparison(six(**changed))) == told


def test_an_actor_has_the_colour_it_has_in_all_pictures():
    looks = looks_of(facts_of(chain_of(DESK)))
    first, second = bars(plot_comparison(six()), 0)
    assert to_hex(first.get_facecolor()) == mixed(looks["programmer"].colour, 0)
    assert to_hex(second.get_facecolor()) == mixed(looks["receptionist"].colour, 0)


def test_what_one_actor_does_besides_is_lighter():
    parts = {("programmer", "work"): 0.5, ("receptionist", "work"): 0.3, ("programmer", "failure"): 0.2}
    ax = plot_comparison(six(parts=parts))
    widths = [patch.get_width() / WAITS[0] for patch in bars(ax, 0)]
    assert widths == pytest.approx([0.5, 0.2, 0.3])
    colours = {to_hex(patch.get_facecolor()) for patch in bars(ax, 0)}
    assert len(colours) == 3
    assert "programmer: failure" in words(ax)


def test_pieces_known_from_fewer_replications_still_make_the_whole_wait():
    parts = {("receptionist", "work"): 0.2, ("programmer", "work"): 0.6}
    first, second = bars(plot_comparison(six(parts=parts)), 0)
    assert (first.get_width(), second.get_width()) == (pytest.approx(0.75 * 12), pytest.approx(0.25 * 12))


def test_a_wait_that_nobody_followed_is_one_grey_bar():
    (bar,) = bars(plot_comparison(six(parts={("receptionist", "work"): 0.0})), 0)
    assert bar.get_width() == pytest.approx(12)


def test_the_whisker_is_the_half_width_of_the_whole():
    study = six()
    ax = plot_comparison(study)
    segments = [line.get_segments()[0] for line in ax.collections]
    for row, ((low, at), (high, _)) in enumerate(segments):
        wait = study.scenarios[row].metrics[GUEST]
        assert (at, low, high) == (
            row,
            pytest.approx(wait.mean - wait.halfwidth),
            pytest.approx(wait.mean + wait.halfwidth),
        )


@pytest.mark.theory  # it draws a lot
def test_costs_stand_beside_if_they_are_known():
    assert "3,648" in words(plot_comparison(six()))
    assert "cost a day" not in words(plot_comparison(six(costs=None)))


@pytest.mark.theory  # it draws a lot
def test_short_causes_become_one():
    ax = plot_comparison(crowd())
    assert len(bars(ax, 0)) == PIECES + 1
    wait = crowd().scenarios[0].metrics["customers.a guest with a name that goes on and on and on.wait"].mean
    assert sum(patch.get_width() for patch in bars(ax, 0)) == pytest.approx(wait)
    assert "others" in words(ax)
    assert "nobody arrived and left again" in words(ax)
    assert not bars(ax, 5)


def test_too_many_scenarios_leave_base_best_and_the_shortest():
    ax = plot_comparison(many())
    assert len(names(ax)) == ROWS
    assert names(ax)[0] == "base (as it is)"
    assert "★ receptionist.staff=11" in names(ax)
    assert "receptionist.staff=3" not in names(ax)
    assert "6 more scenarios" in words(ax)


def test_names_that_differ_at_their_end_stay_different():
    vary = {
        "check in.steps.0.work": ["constant(3)", "constant(4)"],
        "receptionist.staff": [2, 3],
        "programmer.staff": [1, 2],
    }
    ax = plot_comparison(made_study([5.0] * 9, vary=vary))
    assert len(set(names(ax))) == 9


def test_of_another_class():
    with pytest.raises(Mistake, match="no customer class is called 'gest'; did you mean 'guest'"):
        plot_comparison(six(), "gest")
    assert title(plot_comparison(six(), GUEST)) == title(plot_comparison(six(), "guest"))


def test_an_actor_that_only_a_scenario_has_is_drawn_too():
    def hire(chain):
        data = chain.to_dict()
        data["actors"]["helper"] = {"lane": "contact", "staff": 1}
        data["services"]["check in"]["by"] = ["receptionist", "helper"]
        return type(chain).from_dict(data)

    parts = [{("programmer", "work"): 1.0}, {("programmer", "work"): 0.4, ("helper", "work"): 0.6}]
    ax = plot_comparison(made_study([9.0, 3.0], scenarios={"hire": hire}, parts=parts, best=(1,)))
    assert "helper: work" in words(ax)
    (base,), pieces = bars(ax, 0), bars(ax, 1)
    assert to_hex(base.get_facecolor()) in {to_hex(piece.get_facecolor()) for piece in pieces}
    assert len(pieces) == 2


# -- heat map -------------------------------------------------------------------------------------------------


def cells(ax):
    return {
        (round(text.get_position()[0]), round(text.get_position()[1])): text.get_text().replace("\n", " ")
        for text in ax.texts
    }


def test_every_cell_has_its_number():
    study = six()
    ax = plot_heat_map(study, x="receptionist.staff", y="actors.programmer.staff")
    found = cells(ax)
    assert len(found) == 6
    # the last factor changes fastest: waits[1] is receptionist 2, programmer 2
    assert found[0, 1].startswith("6.0")
    assert found[2, 1] == "★ 2.90 ± 0.11"
    assert found[0, 0].startswith("12.0")
    check_texts(ax)
    across = plot_heat_map(study, GUEST, "programmer.staff", "receptionist.staff")
    assert cells(across)[1, 0] == found[0, 1]
    assert across.get_xlabel() == "programmer.staff"


def test_darker_is_more_and_the_base_is_framed():
    ax = plot_heat_map(six())
    grounds = {
        (patch.get_x() + 0.5, patch.get_y() + 0.5): sum(patch.get_facecolor()[:3])
        for patch in ax.patches
        if patch.get_fill()
    }
    order = sorted(grounds, key=grounds.get)
    assert order[0] == (0, 0)
    assert order[-1] == (2, 1)
    (frame,) = [patch for patch in ax.patches if not patch.get_fill()]
    assert (frame.get_x() + 0.46, frame.get_y() + 0.46) == (pytest.approx(0), pytest.approx(0))


def test_shares_are_told_in_percent():
    below = {"customers.guest.below": [0.5, 0.4, 0.3, 0.2, 0.1, 0.05]}
    ax = plot_heat_map(six(more=below, metric="customers.guest.below"))
    assert cells(ax)[2, 1].startswith("★ 5")
    assert title(ax).startswith("guest: below their tolerance: from 5")


def test_what_is_undefined_or_was_not_run_is_seen():
    waits = list(WAITS)
    waits[3] = NAN
    ax = plot_heat_map(six(waits=waits))
    assert cells(ax)[1, 1] == "–"
    scenarios = {
        "a": {"actors.receptionist.staff": 3},
        "b": {"actors.programmer.staff": 2},
        "c": {"actors.receptionist.staff": 4, "actors.programmer.staff": 2},
    }
    ax = plot_heat_map(made_study([9.0, 5, 6, 2], scenarios=scenarios))
    crossed = [(patch.get_x() + 0.5, patch.get_y() + 0.5) for patch in ax.patches if patch.get_hatch()]
    assert sorted(crossed) == [(1, 1), (2, 0)]
    assert cells(ax)[0, 0].startswith("9")


def test_a_base_outside_of_the_grid_is_left_out():
    ax = plot_heat_map(made_study([9.0, 5, 6, 2, 3], vary={"receptionist.staff": [3, 4], "programmer.staff": [3, 4]}))
    assert len(cells(ax)) == 4
    assert "as it is" not in title(ax)


def test_further_factors_have_panels():
    vary = GRID | {"programmer.speed": [1.5, 2.0]}
    study = made_study([*np.linspace(12, 1, 13)], vary=vary, best=(12,))
    ax = plot_heat_map(study, x="receptionist.staff", y="programmer.staff")
    check_texts(ax)
    panels = ax.figure.axes
    assert [title(each) for each in panels] == ["programmer.speed=1.5", "programmer.speed=2.0"]
    assert [len(cells(each)) for each in panels] == [6, 6]
    assert "★" in cells(panels[1])[2, 1]
    with pytest.raises(Mistake, match="leave 'ax' out"):
        plot_heat_map(study, ax=Figure().subplots())


def test_what_no_heat_map_can_show_is_told():
    with pytest.raises(Mistake, match="needs two factors, and this study varies 1"):
        plot_heat_map(made_study([5.0, 4.0], vary={"receptionist.staff": [2, 3]}))
    with pytest.raises(Mistake, match=r"no factor of this study is called 'receptionst[.]staff'; did you mean"):
        plot_heat_map(six(), x="receptionst.staff")
    with pytest.raises(Mistake, match="x and y are both"):
        plot_heat_map(six(), x="receptionist.staff", y="actors.receptionist.staff")
    with pytest.raises(Mistake, match="no factor of this study is called"):
        plot_heat_map(six(), x="staff")
    lots = {"receptionist.staff": [*range(2, 20)], "programmer.staff": [1, 2]}
    with pytest.raises(Mistake, match="takes 18 values, and a heat map has room for 12"):
        plot_heat_map(made_study([5.0] * 36, vary=lots))


@pytest.mark.parametrize("wide", [2, 12])
def test_texts_of_a_heat_map_keep_apart(wide):
    vary = {
        "check in.steps.0.work": [f"lognormal(mean={3 + place}, cv=0.5)" for place in range(wide)],
        "programmer.staff": [1, 2],
    }
    ax = plot_heat_map(made_study([12.345678] * (2 * wide + 1), vary=vary, spread=0.5))
    check_texts(ax)


# -- frontier -------------------------------------------------------------------------------------------------


def corners(ax):
    return next(line for line in ax.lines if len(line.get_xdata()) > 2).get_xydata()


def test_the_unbeaten_are_joined_in_steps():
    # by hand: (1824, 12) (2256, 9) (2688, 8.5) (2784, 6) (3216, 3.2) (3648, 2.9) are all unbeaten
    ax = plot_frontier(six())
    assert corners(ax)[::2].tolist() == pytest.approx(np.array(sorted(zip(COSTS, WAITS, strict=True))))
    beaten = six(waits=[12.0, 6.0, 9.0, 3.2, 10.0, 3.3])
    assert corners(plot_frontier(beaten))[::2].tolist() == pytest.approx(
        np.array([(1824, 12), (2256, 9), (2784, 6), (3216, 3.2)])
    )
    assert "others" in words(plot_frontier(beaten))


def test_of_what_should_be_large_the_largest_are_unbeaten():
    happy = {"customers.guest.satisfaction": [0.5, 0.6, 0.7, 0.9, 0.8, 0.95]}
    ax = plot_frontier(six(more=happy, metric="customers.guest.satisfaction", goal="max"))
    assert corners(ax)[::2, 1].tolist() == pytest.approx([0.5, 0.7, 0.8, 0.9, 0.95])


def test_another_metric_has_its_own_goal():
    more = {"customers.guest.satisfaction": [0.5, 0.6, 0.7, 0.9, 0.8, 0.95]}
    ax = plot_frontier(six(more=more), "customers.guest.satisfaction")
    assert corners(ax)[::2, 1].tolist() == pytest.approx([0.5, 0.7, 0.8, 0.9, 0.95])
    assert title(ax) == "guest: satisfaction: 0.500 for 1,824 a day, 0.950 for 3,648"


def test_base_and_best_have_marks_and_names():
    ax = plot_frontier(six())
    marks = {line.get_marker(): tuple(line.get_xydata()[0]) for line in ax.lines if len(line.get_xdata()) == 1}
    assert marks["s"] == (pytest.approx(1824), pytest.approx(12))
    assert marks["*"] == (pytest.approx(3648), pytest.approx(2.9))
    assert {"base", "receptionist.staff=4, programmer.staff=2"} <= {
        text.get_text().replace("\n", " ") for text in ax.texts
    }


def test_without_wages_there_is_no_frontier():
    for costs in ([0.0] * 6, None):
        with pytest.raises(Mistake, match="nobody in this chain has a wage"):
            plot_frontier(six(costs=costs))


def test_a_goal_is_drawn_and_plans_without_a_value_are_left_out():
    points = [
        Point("a", 100.0, Estimate(9.0, 1.0)),
        Point("b", 200.0, Estimate(5.0, NAN), best=True),
        Point("c", 300.0, Estimate(NAN, NAN)),
        Point("d", NAN, Estimate(1.0, 0.1)),
    ]
    ax = draw_frontier(points, measured(GUEST, "minutes"), limit=6.0, best="cheapest")
    assert "2 without a value left out" in words(ax)
    assert "goal: 6 minutes" in words(ax)
    assert "cheapest" in words(ax)
    low, high = ax.get_ylim()
    assert low < 5
    assert high > 10


@pytest.mark.theory  # it draws a lot
def test_a_crowded_frontier_names_the_best_and_covers_nothing():
    points = [
        Point(
            f"receptionist {one}, programmer {two}, cook {three}",
            100.0 * one + 150 * two + 90 * three,
            Estimate(20 / one + 30 / two**2 + 9 / three, 0.3),
            best=(one, two, three) == (4, 3, 2),
        )
        for one in range(1, 7)
        for two in range(1, 5)
        for three in range(1, 4)
    ]
    ax = draw_frontier(points, measured(GUEST, "minutes"))
    check_texts(ax)
    assert "receptionist 4, programmer 3, cook 2" in {text.get_text().replace("\n", " ") for text in ax.texts}


@pytest.mark.theory  # it draws a lot
def test_thousands_of_plans_are_drawn_at_once():
    points = [Point(f"plan {place}", 1000.0 + place, Estimate(5.0 + 3 * (place % 7), 0.5)) for place in range(3000)]
    ax = draw_frontier([*points, Point("base", 1500.0, Estimate(9.0, 0.5), base=True)], measured(GUEST, "minutes"))
    assert len(ax.lines) < 20
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "None") >= 3001
    check_texts(ax)


def test_names_without_room_are_given_back():
    with house_style():
        ax = new_axes(None, 3.0, 3.0)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        wanted = [Named(0.5, 0.5, f"a name {place} that takes its room") for place in range(60)]
        homeless = place_names(ax, wanted, [(0.5, 0.5)])
    assert 0 < len(homeless) < 60
    check_texts(ax)
    assert len([text for text in ax.texts if text.get_text()]) == 60 - len(homeless)


@pytest.mark.theory  # it draws a lot
def test_lines_to_names_cross_no_name():
    with house_style():
        ax = new_axes(None, 5.0, 5.0)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        wanted = [Named(0.5 + place / 1000, 0.5, f"number {place}") for place in range(12)]
        place_names(ax, wanted, [each[:2] for each in wanted])
    figure = ax.figure
    figure.canvas.draw()
    written = [text for text in ax.texts if text.get_text()]
    lines = [text.arrow_patch.get_path().vertices for text in ax.texts if text.arrow_patch]
    assert lines
    for start, *_, end in lines:
        for share in np.linspace(0.15, 0.85, 30):
            at = start + (end - start) * share
            inside = [text.get_text() for text in written if text.get_window_extent().contains(*at)]
            assert not inside


def plan_of_staff(change, cost, below, **marks):
    return SimpleNamespace(
        change=change,
        cost=Estimate(cost, 1.0),
        metrics={"customers.guest.below": below},
        **({"today": False, "best": False} | marks),
    )


def test_a_staffing_search_is_drawn_with_its_goal():
    found = SimpleNamespace(
        unit="minutes",
        goals=(Goal("customers.guest.below", True, 0.1),),
        plans=(
            plan_of_staff("as today", 1000.0, Estimate(0.2, 0.02), today=True),
            plan_of_staff("receptionist +1", 1200.0, Estimate(0.08, 0.01), best=True),
            plan_of_staff("receptionist +2", 1400.0, Estimate(0.04, 0.01)),
        ),
    )
    ax = plot_staffing(found)
    check_texts(ax)
    assert "goal: 10%" in words(ax)
    assert {"as it is", "receptionist +1"} <= {text.get_text() for text in ax.texts}
    marks = {line.get_marker(): tuple(line.get_xydata()[0]) for line in ax.lines if len(line.get_xdata()) == 1}
    assert marks["*"] == (1200, pytest.approx(8))
    with pytest.raises(Mistake, match="no goal of this search"):
        plot_staffing(found, "customers.guest.wait")


# -- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "label", "phrase"),
    [
        ("customers.guest.wait", "guest: wait (minutes)", "the mean wait of a guest"),
        (
            "customers.order.wait.p90",
            "order: wait, 90th percentile (minutes)",
            "the 90th percentile of the wait of an order",
        ),
        (
            "customers.guest.below",
            "guest: below their tolerance (%)",
            "the share of guest customers who are below their tolerance",
        ),
        ("services.check in.delayed_share", "check in: delayed (%)", "the share delayed of check in"),
        ("actors.clerk.held", "clerk: time held (%)", "the share time held of clerk"),
        ("actors.clerk.queue_length.mean", "clerk: length of the line, mean", "the mean length of the line of clerk"),
        ("cost_per_day", "cost per day", "the cost per day"),
        (
            "attribution.guest.clerk.work.time",
            "guest: wait because of clerk (work) (minutes)",
            "the wait because of clerk (work) of a guest",
        ),
        ("customers.guest.finished", "guest: finished", "the mean finished of a guest"),
    ],
)
def test_metrics_are_told_in_words(metric, label, phrase):
    found = measured(metric, "minutes")
    assert (found.label, found.phrase) == (label, phrase)


# -- a study that was run -------------------------------------------------------------------------------------


@pytest.mark.theory  # it runs a study
def test_a_real_study_has_all_pictures_and_its_page_is_the_same_again(tmp_path):
    study = sc.study(chain_of(DESK), vary=GRID, until="4h", replications=24, seed=3, title="Whom to hire?")
    for ax in (study.plot_comparison(), study.plot_heat_map(GUEST, *GRID), study.plot_frontier()):
        check_texts(ax)
    # the first round has attribution, and it is the whole wait
    assert len(bars(study.plot_comparison(), 0)) == 2
    assert sum(patch.get_width() for patch in bars(study.plot_comparison(), 0)) == pytest.approx(
        study.base.metrics[GUEST].mean
    )
    study.report(tmp_path / "one.html")
    again = sc.study(chain_of(DESK), vary=GRID, until="4h", replications=24, seed=3, title="Whom to hire?", workers=1)
    again.report(tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
