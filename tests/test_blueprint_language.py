"""What a blueprint shows of shifts, failures, alternatives, pre-emption, members, and branches side by side."""

import pytest
from matplotlib.colors import to_hex

import servicechain as sc
from blueprints import Measured, chain_of, check_nothing_overlaps, said
from servicechain.calendars import Calendar
from servicechain.plots.blueprint import draw_blueprint
from servicechain.plots.blueprint_boxes import cover_of
from servicechain.plots.blueprint_graph import requests_of
from servicechain.plots.blueprint_marks import marks_of
from servicechain.plots.blueprint_paint import DASHES, INKS
from servicechain.plots.style import rendered
from servicechain.shifts import Shift
from servicechain.units import TimeUnit

THREE_SHIFTS = [
    {"days": "daily", "from": "06:00", "to": "14:00", "staff": 2},
    {"days": "daily", "from": "14:00", "to": "22:00", "staff": 4},
    {"days": "daily", "from": "22:00", "to": "06:00", "staff": 1},
]
OFFICE = [
    {"days": "mon-fri", "from": "08:00", "to": "18:00", "staff": 2},
    {"days": "sat", "from": "09:00", "to": "13:00", "staff": 1},
]
RESTART = {"every": "exponential(mean=8h)", "repair": "restart the booking system"}
WEAR = {"every": "100h", "lasts": "exponential(mean=20)", "stops": "one", "clock": "working"}
ACTORS = {
    "receptionist": {"lane": "contact", "shifts": THREE_SHIFTS},
    "clerk a": {"lane": "contact", "staff": 1},
    "clerk b": {"lane": "contact", "staff": 1},
    "booking system": {"lane": "system", "capacity": 2, "failures": RESTART},
    "door": {"lane": "system", "capacity": 2, "failures": WEAR},
    "programmer": {"lane": "backstage", "preempt": True, "at_shift_end": "stop", "shifts": OFFICE},
    "manager": {"lane": "backstage", "staff": 1},
}
CHECK_IN = [
    {"work": 2},
    {"ask": "find the booking"},
    {"together": [[{"ask": "make the key"}], [{"ask": "approve"}]]},
    {"tell": "note"},
]
SERVICES = {
    "check in": {"by": "receptionist", "steps": CHECK_IN},
    "pay": {"by": ["clerk a", "clerk b"], "steps": [{"work": 3}]},
    "restart the booking system": {"by": "programmer", "priority": 0, "steps": [{"work": 20}]},
} | {
    name: {"by": by, "steps": [{"work": 1}]}
    for name, by in {
        "find the booking": "booking system",
        "make the key": "door",
        "approve": "manager",
        "note": "manager",
        "help": "programmer",
    }.items()
}
HOTEL = sc.Chain.from_dict(
    {
        "chain": "Hotel",
        "unit": "minutes",
        "starts": "2026-01-07T09:30",
        "actors": ACTORS,
        "services": SERVICES,
        "customers": {
            "guest": {"arrivals": "poisson(rate=20/h)", "journey": [{"ask": "check in"}, {"ask": "pay"}]},
            "colleague": {
                "arrivals": {"population": 20, "think": "exponential(mean=4h)"},
                "journey": [{"ask": "help"}],
            },
        },
    }
)


@pytest.fixture(scope="module")
def hotel():
    return draw_blueprint(HOTEL)


def test_nothing_overlaps(hotel):
    check_nothing_overlaps(hotel)
    assert rendered(hotel, "svg").startswith(b"<?xml")


def test_boxes_say_how_many_when_and_how_often_down(hotel):
    letters = {"M", "T", "W", "F", "S"}
    hours = {"0", "6", "12", "18", "24"}
    assert set(said(hotel, "count")) == letters | hours | {
        "20/h",
        "20 members think 4 h on average",
        "1–4 people by shifts",
        "1 person",
        "2 slots ⚠ fails every 8 h on average",
        "2 slots ⚠ each fails every 100 h of work, for 20 min, on average",
        "0–2 people by shifts work stops with the shift urgent requests interrupt",
    }


def test_arrows_say_who_repairs_who_is_second_and_what_goes_side_by_side(hotel):
    assert sorted(said(hotel, "label")) == [
        "approve (side by side)",
        "check in",
        "find the booking",
        "help",
        "make the key (side by side)",
        "note",
        "pay",
        "pay (2nd choice)",
        "repair: restart the booking system",
    ]


def test_a_repair_is_an_arrow_of_its_own_style_from_who_fails_to_who_repairs(hotel):
    requests = requests_of(HOTEL.graph, HOTEL.services)
    (repair,) = (one for one in requests if one.kind == "repair")
    assert (repair.source, repair.target, repair.expected) == ("booking system", "programmer", 0)
    arrows = [patch for patch in hotel.patches if patch.get_gid() == "arrow"]
    repairs = [arrow for arrow in arrows if to_hex(arrow.get_edgecolor()) == INKS["repair"].lower()]
    assert [arrow.get_linewidth() for arrow in repairs] == [pytest.approx(2.0)] * 2, "above and below its label"
    assert len({str(dash) for dash in DASHES.values()}) == len(set(INKS.values())) == len(DASHES) == 4


def test_the_second_choice_has_an_arrow_and_it_is_thin(hotel):
    requests = requests_of(HOTEL.graph, HOTEL.services)
    pay = {one.target: (one.choice, one.expected) for one in requests if one.services == ("pay",)}
    assert pay["clerk b"] == (2, 0)
    assert pay["clerk a"][0] == 1
    assert pay["clerk a"][1] > 0
    assert min(patch.get_linewidth() for patch in hotel.patches if patch.get_gid() == "arrow") == pytest.approx(1.0)


def test_the_legend_explains_what_occurs_and_only_that(hotel):
    told = said(hotel, "legend")
    assert told[:3] == ["asks, and waits for the answer", "tells, and goes on", "fails, and waits for the repair"]
    assert told[3] == "requests per customer, if nobody waits:"
    assert told[-1] == "2nd choice: asked when the 1st has nobody free"
    plain = chain_of(
        {"clerk": {"lane": "contact", "staff": 2, "failures": {"every": 60, "lasts": 5}}},
        {"serve": {"by": "clerk", "steps": [{"work": 1}]}},
        [{"ask": "serve"}],
    )
    assert said(draw_blueprint(plain), "legend") == [
        "asks, and waits for the answer",
        "requests per customer:",
        "1",
        "0.1",
    ]


def test_the_bar_in_a_box_is_as_high_as_the_staff(hotel):
    covers = [patch for patch in hotel.patches if patch.get_gid() == "cover"]
    assert len(covers) == 2
    (day,) = (cover for cover in covers if to_hex(cover.get_facecolor()) == "#0072b2")
    corners = day.get_path().vertices
    base, high = corners[:, 1].max(), corners[:, 1].min()
    left, right = corners[:, 0].min(), corners[:, 0].max()

    def at(hour):
        x = left + (right - left) * hour / 24
        inside = [y for y in range(int(4 * high), int(4 * base) + 1) if day.get_path().contains_point((x, y / 4))]
        return len(inside) / 4 / (base - high)

    for hour, staff in ((3, 1), (10, 2), (20, 4), (23, 1)):
        assert at(hour) == pytest.approx(staff / 4, abs=0.04)
    boxes = Measured(hotel).boxes
    for cover in covers:
        place = cover.get_window_extent()
        assert sum(box.x0 < place.x0 and place.x1 < box.x1 for box in boxes if box.y0 < place.y0 and place.y1 < box.y1)


def calendar_of(*shifts):
    return Calendar.of([Shift.model_validate(one) for one in shifts], None, TimeUnit.SECONDS)


def test_days_that_are_alike_are_one_day():
    day = cover_of(calendar_of(*THREE_SHIFTS))
    assert day.edges == (0, 6 / 24, 14 / 24, 22 / 24, 1)
    assert day.staff == (1, 2, 4, 1)
    assert [text for _, text in day.marks] == ["0", "6", "12", "18", "24"]


def test_days_that_differ_are_a_week_from_monday():
    week = cover_of(calendar_of(*OFFICE))
    assert week.edges[:3] == (0, 8 / 168, 18 / 168)
    assert week.edges[-3:] == (pytest.approx((5 * 24 + 9) / 168), pytest.approx((5 * 24 + 13) / 168), 1)
    assert week.staff == (0, *[2, 0] * 5, 1, 0)
    assert "".join(text for _, text in week.marks) == "MTWTFSS"
    # a Monday's night shift ends on Tuesday, also where the week turns
    night = cover_of(calendar_of({"days": "sun", "from": "22:00", "to": "06:00", "staff": 3}))
    assert night.edges == (0, 6 / 168, (6 * 24 + 22) / 168, 1)
    assert night.staff == (3, 0, 3)


def test_shifts_that_never_change_anything_are_a_number():
    shifts = [{"days": "daily", "from": "08:00", "to": "08:00", "staff": 3}]
    ax = draw_blueprint(
        chain_of(
            {"clerk": {"lane": "contact", "shifts": shifts}},
            {"serve": {"by": "clerk", "steps": [{"work": 1}]}},
            [{"ask": "serve"}],
        )
    )
    assert "3 people" in said(ax, "count")
    assert not [patch for patch in ax.patches if patch.get_gid() == "cover"]


@pytest.mark.parametrize(("need", "mark"), [("all", "side by side"), ("any", "any of 3"), (2, "2 of 3")])
def test_branches_side_by_side_are_marked_unless_they_are_asked_otherwise_too(need, mark):
    side = {"together": [[{"chance": 0.5, "then": [{"ask": "a"}]}], [{"ask": "b"}], [{"tell": "c"}]], "need": need}
    chain = chain_of(
        {"clerk": {"lane": "contact", "staff": 2}, "boss": {"lane": "backstage", "staff": 1}},
        {"serve": {"by": "clerk", "steps": [side, {"ask": "b"}]}}
        | {name: {"by": "boss", "steps": [{"work": 1}]} for name in "abc"},
        [{"ask": "serve"}],
    )
    assert marks_of(chain, chain.graph) == {("clerk", "a"): mark, ("guest", "serve"): ""}
    assert sorted(said(draw_blueprint(chain), "label")) == [f"b, a ({mark})", "c", "serve"]


def test_a_class_called_like_an_actor_keeps_its_marks():
    chain = chain_of(
        {"guest": {"lane": "contact", "staff": 2}},
        {name: {"by": "guest", "steps": [{"work": 1}]} for name in "ab"},
        [{"together": [[{"ask": "a"}], [{"ask": "b"}]]}],
    )
    assert {"a, b (side by side)", "b, a (side by side)"} & set(said(draw_blueprint(chain), "label"))


def test_a_step_in_python_is_drawn_by_what_it_requests():
    def look_twice(context):
        yield sc.ask("find")

    chain = sc.Chain.from_dict(
        {
            "chain": "In Python",
            "unit": "minutes",
            "actors": {"clerk": {"lane": "contact", "staff": 1}, "robot": {"lane": "system", "capacity": 1}},
            "services": {
                "serve": {"by": "clerk", "steps": [sc.custom(look_twice, requests=["find"])]},
                "find": {"by": "robot", "steps": [{"work": 1}]},
            },
            "customers": {"guest": {"arrivals": "poisson(rate=20/h)", "journey": [{"ask": "serve"}]}},
        }
    )
    assert sorted(said(draw_blueprint(chain), "label")) == ["find", "serve"]


@pytest.mark.parametrize(
    ("arrivals", "text"),
    [
        ({"population": 1, "think": 90}, "1 member thinks 90 min"),
        ({"population": 1500, "think": "exponential(mean=3d)"}, "1,500 members think 3 days on average"),
        ({"population": 2, "think": 0}, "2 members come back at once"),
    ],
)
def test_members_think_instead_of_coming_at_a_rate(arrivals, text):
    chain = sc.Chain.from_dict(
        {
            "chain": "Closed",
            "unit": "minutes",
            "actors": {"clerk": {"lane": "contact", "staff": 1}},
            "services": {"serve": {"by": "clerk", "steps": [{"work": 1}]}},
            "customers": {"guest": {"arrivals": arrivals, "journey": [{"ask": "serve"}]}},
        }
    )
    ax = draw_blueprint(chain)
    assert text in said(ax, "count")
    check_nothing_overlaps(ax)
