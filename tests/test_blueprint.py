import math
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import servicechain
from blueprints import chain_of, check_nothing_overlaps, enriched, generated, said
from servicechain.plots.blueprint import draw_blueprint
from servicechain.plots.blueprint_graph import requests_of, rows_of
from servicechain.plots.style import rendered

pytestmark = pytest.mark.theory  # pictures

SIMULATIONS = sorted((Path(__file__).parents[1] / "simulations").glob("*.yaml"))


SMALL = chain_of(
    {"clerk": {"lane": "contact", "staff": 2}},
    {"serve": {"by": "clerk", "steps": [{"work": 1}]}},
    [{"ask": "serve"}],
)
SIZES = [
    (2, 3, 1),
    (3, 3, 2),
    (4, 8, 2),
    (6, 9, 3),
    (8, 12, 2),
    (10, 15, 3),
    (12, 20, 4),
    (16, 24, 3),
    (20, 30, 5),
]
GENERATED = [(seed, *size) for seed, size in enumerate([*SIZES, (25, 38, 4)], start=1)]


@pytest.mark.parametrize("path", SIMULATIONS, ids=lambda path: path.stem)
def test_nothing_overlaps_in_the_simulations(path):
    check_nothing_overlaps(draw_blueprint(servicechain.read(path)))


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize(
    "size",
    [size if size[1] in (2, 8, 25) else pytest.param(size, marks=pytest.mark.slow) for size in GENERATED],
    ids=lambda size: f"{size[1]} actors",
)
def test_nothing_overlaps_in_generated_chains(size):
    check_nothing_overlaps(draw_blueprint(generated(*size)))


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize(
    "size",
    [size if size[1] in (3, 8) else pytest.param(size, marks=pytest.mark.slow) for size in GENERATED],
    ids=lambda size: f"{size[1]} actors",
)
def test_nothing_overlaps_where_there_is_everything(size):
    check_nothing_overlaps(draw_blueprint(enriched(generated(*size), size[0])))


def test_the_measurement_notices_an_overlap():
    ax = draw_blueprint(SMALL)
    name = next(text for text in ax.texts if text.get_gid() == "name")
    ax.text(*name.get_position(), "on top of it", gid="label")
    with pytest.raises(AssertionError, match="overlaps a shape"):
        check_nothing_overlaps(ax)


def test_the_hotel_shows_who_stands_before_the_line_of_visibility():
    ax = draw_blueprint(servicechain.read(SIMULATIONS[0]))
    height = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert height["line of interaction"] < height["receptionist"] < height["line of visibility"]
    assert height["line of visibility"] < height["manager"] < height["line of internal interaction"]
    assert height["manager"] == height["programmer"]
    assert height["line of internal interaction"] < height["booking system"]
    assert height["guest"] < height["line of interaction"]
    assert set(said(ax, "name")) == {
        "guest",
        "department",
        "receptionist",
        "manager",
        "programmer",
        "booking system",
    }
    assert {"1–4 people by shifts", "1 person"} <= set(said(ax, "count"))
    assert {"check in", "open the booking", "repair: restart the booking system"} <= set(said(ax, "label"))
    title = "Hotel front desk: who asks whom; 3 of 4 actors work behind the line of visibility"
    assert ax.get_title(loc="left") == title


def test_all_lines_are_there_even_where_nobody_stands_behind_them():
    lines = ["line of interaction", "line of visibility", "line of internal interaction"]
    ax = draw_blueprint(SMALL)
    assert said(ax, "line") == lines
    assert said(ax, "lane").count("none") == 2


def test_suppliers_stand_outside_the_border_of_the_company():
    supplied = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}, "post": {"lane": "supplier"}},
        {
            "serve": {"by": "clerk", "steps": [{"work": 1}, {"tell": "send"}]},
            "send": {"by": "post", "steps": [{"work": 1}]},
        },
        [{"ask": "serve"}],
    )
    ax = draw_blueprint(supplied)
    height = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert height["clerk"] < height["border of the company"] < height["post"]
    assert said(ax, "legend")[:2] == ["asks, and waits for the answer", "tells, and goes on"]


def test_thicker_means_more_frequent():
    chain = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}, "boss": {"lane": "backstage", "staff": 1}},
        {
            "serve": {"by": "clerk", "steps": [{"work": 1}, {"chance": 0.25, "then": [{"ask": "allow"}]}]},
            "allow": {"by": "boss", "steps": [{"work": 1}]},
        },
        [{"ask": "serve"}],
    )
    widths = {patch.get_linewidth() for patch in draw_blueprint(chain).patches if patch.get_gid() == "arrow"}
    thick, thin = max(widths), min(widths)
    # one request per customer is drawn in 5 points, none in 1, and so a quarter in 2
    assert (thick, thin) == pytest.approx((5.0, 2.0))


def test_services_between_the_same_two_share_an_arrow_for_each_kind():
    steps = [{"ask": "a"}, {"ask": "b"}, {"chance": 0.5, "then": [{"ask": "c"}]}, {"ask": "d"}, {"tell": "a"}]
    chain = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}, "boss": {"lane": "backstage", "staff": 1}},
        {"serve": {"by": "clerk", "steps": steps}} | {name: {"by": "boss", "steps": [{"work": 1}]} for name in "abcd"},
        [{"ask": "serve"}],
    )
    arrows = {(one.kind, one.services): one.expected for one in requests_of(chain.graph, chain.services)}
    assert arrows == {("ask", ("serve",)): 1.0, ("ask", ("a", "b", "d", "c")): 3.5, ("tell", ("a",)): 1.0}
    assert "a, b … and 2 more" in said(draw_blueprint(chain), "label")


def test_arrows_get_numbers_and_a_key_where_names_would_make_the_picture_too_wide():
    ax = draw_blueprint(servicechain.read(SIMULATIONS[1]))
    key = said(ax, "key")
    assert sorted(key) == sorted(set(key))
    assert {"take the call", "answer of the vendor"} <= set(key)
    numbers = {int(label) for label in said(ax, "label")}
    assert numbers == set(range(1, len(key) + 1))


def test_a_long_lane_has_who_asks_above_who_is_asked():
    people = {f"person {number}": {"lane": "contact", "staff": 1} for number in range(8)}
    services = {
        f"service {number}": {
            "by": f"person {number}",
            "steps": [{"work": 1}, *([{"ask": f"service {number - 1}"}] if number else [])],
        }
        for number in range(8)
    }
    rows = rows_of(chain_of(people, services, [{"ask": "service 7"}]).graph)
    contact = [sorted(names) for lane, names in rows if lane == "contact"]
    assert contact == [[f"person {n}" for n in (4, 5, 6, 7)], [f"person {n}" for n in (0, 1, 2, 3)]]


def test_a_circle_of_requests_without_end_is_drawn():
    chain = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}},
        {"serve": {"by": "clerk", "steps": [{"work": 1}, {"tell": "serve"}]}},
        [{"ask": "serve"}],
    )
    assert any(math.isinf(one.expected) for one in requests_of(chain.graph, chain.services))
    check_nothing_overlaps(draw_blueprint(chain))


def test_names_that_are_no_plain_words_are_drawn():
    odd = ["$x^2$", "W" * 40, "受付係", "a  b", "naïve ☎"]
    actors = {name: {"lane": "contact", "staff": 1} for name in odd[:4]}
    services = {name: {"by": who, "steps": [{"work": 1}]} for name, who in zip(odd, [*actors, odd[0]], strict=True)}
    ax = draw_blueprint(chain_of(actors, services, [{"ask": name} for name in odd], chain="50 $ or 60 $?" * 12))
    check_nothing_overlaps(ax)
    assert rendered(ax, "svg").startswith(b"<?xml")
    assert "$x^2$" in said(ax, "name")


def test_given_axes_are_drawn_on_and_given_back():
    figure = Figure(figsize=(6, 4))
    left, right = figure.subplots(1, 2)
    assert draw_blueprint(SMALL, right) is right
    assert not left.texts
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    area = right.get_window_extent()
    for text in right.texts:
        place = text.get_window_extent(canvas.get_renderer())
        assert area.x0 - 1 <= place.x0 <= place.x1 <= area.x1 + 1


@pytest.mark.theory  # it draws or runs a lot
def test_drawing_changes_no_setting_and_needs_no_pyplot():
    code = (
        "import sys, servicechain, matplotlib as mpl\n"
        f"chain = servicechain.read({str(SIMULATIONS[0])!r})\n"
        "assert 'matplotlib' in sys.modules and not any(m.startswith('scipy') for m in sys.modules)\n"
        "before = {key: mpl.rcParams._get(key) for key in mpl.rcParams}\n"
        "chain.draw(); chain._repr_svg_()\n"
        "assert before == {key: mpl.rcParams._get(key) for key in mpl.rcParams}\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_settings_of_the_person_do_not_show():
    plain = rendered(draw_blueprint(SMALL), "png")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "savefig.bbox": "tight", "svg.hashsalt": "other"}):
        assert rendered(draw_blueprint(SMALL), "png") == plain


@pytest.mark.slow
def test_the_same_chain_gives_the_same_bytes_in_another_process():
    code = (
        "import hashlib, servicechain\n"
        "from servicechain.plots.style import rendered\n"
        f"ax = servicechain.read({str(SIMULATIONS[1])!r}).draw()\n"
        "print([hashlib.sha256(rendered(ax, form)).hexdigest() for form in ('svg', 'png')])\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != ""


def test_a_notebook_shows_the_chain_and_the_axes():
    assert SMALL._repr_svg_().startswith("<?xml")
    picture, size = draw_blueprint(SMALL)._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size["width"] == round(draw_blueprint(SMALL).figure.get_size_inches()[0] * 100)


def test_a_notebook_falls_back_to_text_where_a_file_is_missing():
    lost = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}},
        {"serve": {"by": "clerk", "steps": [{"work": 'empirical(file="nowhere.csv", column="x")'}]}},
        [{"ask": "serve"}],
    )
    assert lost._repr_svg_() is None
    assert "Small" in repr(lost)
