"""Pictures of who made the customers wait: they add up, look alike, and nothing in them covers anything else."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import servicechain as sc
from pictures import check_texts, title, words
from servicechain.attribution import Part
from servicechain.blame import article, blame_sentence, brief
from servicechain.causes import Cause
from servicechain.errors import Mistake
from servicechain.estimates import Estimate
from servicechain.facts import ActorFacts, ChainFacts
from servicechain.plots.culprits import ORDER, looks_of
from servicechain.plots.explanation import plot_explanation
from servicechain.plots.strands import OTHERS, STRANDS, stops_of, strands_of
from servicechain.plots.style import rendered
from servicechain.units import TimeUnit
from test_plots_results import CASES, ENDLESS, LONG, NASTY, SIMULATIONS, chain, disturbed
from timelines import chain_of

pytestmark = pytest.mark.theory  # pictures

PICTURES = ["plot_causes", "plot_flow", "plot_day", "plot_story"]
QUICK = ("disturbed", "long names", "many classes", "one customer", "zero waits only", "everybody waits the same")
NOBODY = ("no customer at all", "nobody leaves", "nobody on duty")  # has no story

# A guest asks the desk, which works one minute and asks the clerk, who works 14: so the first guest
# is held for 14, the second, who comes at 10, stands in line for 5 before that, because of the clerk. The third comes
# at 15.5, while the desk works for half a minute more: 14.5 in line, 14 of them because of the clerk, then 14 held.
DESK = """
actors:
  desk: {lane: contact, staff: 1}
  clerk: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [{work: 1}, {ask: look up}]}
  look up: {by: clerk, steps: [{work: 14}]}
customers:
  guest: {arrivals: "at([0, 10, 15.5])", journey: [{ask: serve}]}
"""


@pytest.fixture(scope="module")
def desk():
    return sc.run(chain_of(DESK), until="2h", replications=1)


@pytest.fixture(scope="module")
def hotel():
    return sc.run(sc.read(SIMULATIONS / "hotel.yaml"), replications=4)


@pytest.fixture(
    scope="module",
    params=[name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def case(request):
    make, settings = CASES[request.param]
    return request.param, sc.run(make(), **settings)


def bars(ax, row):
    """In line and held of one row of the causes."""
    return [patch for patch in ax.patches if math.isclose(patch.get_y() + patch.get_height() / 2, row, abs_tol=1e-9)]


def rows(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


# -- all of them ----------------------------------------------------------------------------------------------


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("picture", PICTURES)
def test_no_text_covers_another(case, picture):
    name, result = case
    if picture == "plot_story" and name in NOBODY:
        with pytest.raises(Mistake, match="left in the first replication"):
            result.plot_story()
        return
    ax = getattr(result, picture)()
    check_texts(ax)
    assert title(ax)
    assert ax.get_xlabel()


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("picture", PICTURES)
def test_it_draws_on_the_axes_it_is_given_and_leaves_the_session_alone(hotel, picture):
    figure = Figure(figsize=(14, 11), layout="constrained")
    for ax in figure.subplots(2, 2).flat:
        assert getattr(hotel, picture)(ax=ax) is ax
    check_texts(ax)
    assert plt.get_fignums() == []


def test_causes_and_flow_stand_side_by_side(hotel):
    ax = plot_explanation(hotel)
    check_texts(ax)
    assert len(ax.figure.axes) == 2
    assert rendered(plot_explanation(hotel), "svg") == rendered(plot_explanation(hotel, "guest"), "svg")


@pytest.mark.parametrize("picture", PICTURES)
def test_an_unknown_class_is_told(hotel, picture):
    with pytest.raises(Mistake, match="no customer class is called 'gest'; did you mean 'guest'"):
        getattr(hotel, picture)("gest")


@pytest.mark.parametrize("picture", ["plot_causes", "plot_flow", "plot_day"])
def test_a_run_without_attribution_says_what_to_do(picture):
    result = sc.run(chain(), until="1h", replications=1, attribution=False)
    with pytest.raises(Mistake, match="made without attribution; run it again with attribution=True"):
        getattr(result, picture)()


def test_a_story_needs_no_attribution():
    result = sc.run(chain_of(DESK), until="2h", replications=1, attribution=False)
    assert result.story().by_actor() == pytest.approx({"clerk": 28, "desk": 0.5})


# -- colours --------------------------------------------------------------------------------------------------


def facts(count, causing=()):
    actors = tuple(ActorFacts(f"team {number}") for number in range(count))
    return ChainFacts("a", TimeUnit.MINUTES, (), (), actors, tuple((place, Cause.WORK) for place in causing))


def test_every_actor_has_a_look_of_its_own():
    looks = looks_of(facts(30))
    assert [looks[f"team {place}"].colour for place in range(len(ORDER))] == list(ORDER)
    assert len({(look.colour, look.hatch) for look in looks.values()}) == 30


def test_colours_go_first_to_those_who_can_make_somebody_wait():
    looks = looks_of(facts(9, causing=(8, 7)))
    assert (looks["team 7"].colour, looks["team 8"].colour) == ORDER[:2]


def test_an_actor_has_the_same_colour_in_all_four_pictures(hotel):
    green = looks_of(hotel.facts)["programmer"].colour.lower()
    causes, flow, day, story = (getattr(hotel, picture)("guest") for picture in PICTURES)
    row = next(place for place, name in enumerate(rows(causes)) if name == "programmer: work")
    assert to_hex(bars(causes, row)[0].get_facecolor()) == green
    last = max((patch for patch in flow.patches if isinstance(patch, Rectangle)), key=Rectangle.get_x)
    assert to_hex(last.get_facecolor()) == green
    handles = {text.get_text(): handle for ax in (day,) for handle, text in key(ax)}
    assert to_hex(handles["because of programmer"].get_facecolor()) == green
    place = next(place for place, name in enumerate(rows(story)) if name.startswith("programmer"))
    assert green in {to_hex(patch.get_facecolor()) for patch in story.patches if place - 0.5 < patch.get_y() < place}


def key(ax):
    legend = ax.get_legend()
    return zip(legend.legend_handles, legend.get_texts(), strict=True)


# -- causes ---------------------------------------------------------------------------------------------------


def test_bars_step_up_to_the_whole_wait(desk):
    ax = desk.plot_causes()
    assert rows(ax) == ["clerk: work", "desk: work", "the whole wait"]
    widths = [[patch.get_width() for patch in bars(ax, row)] for row in range(3)]
    starts = [bars(ax, row)[0].get_x() for row in range(3)]
    np.testing.assert_allclose(widths, [(19 / 3, 14), (0.5 / 3, 0), (19.5 / 3, 14)], atol=1e-9)
    assert starts == pytest.approx([0, 61 / 3, 0])
    assert desk.value("customers.guest.wait.mean") == pytest.approx(61.5 / 3)


@pytest.mark.parametrize("customer_class", ["guest", "department"])
def test_the_bars_are_those_of_the_attribution(hotel, customer_class):
    ax = hotel.plot_causes(customer_class)
    frame = hotel.attribution.frame(customer_class=customer_class)
    frame = frame[frame["time"] > 0]
    assert rows(ax)[:-1] == [f"{actor}: {cause}" for actor, cause in zip(frame["actor"], frame["cause"], strict=True)]
    found = [[patch.get_width() for patch in bars(ax, row)] for row in range(len(frame))]
    np.testing.assert_allclose(found, frame[["queueing", "held"]])
    assert sum(map(sum, found)) == pytest.approx(hotel.value(f"customers.{customer_class}.wait.mean"))


def test_of_many_causes_the_short_ones_stand_together():
    names = [f"team {number}" for number in range(20)]
    result = sc.run(chain(names, arrivals="every(300)", work=7), until="2d", replications=1)
    ax = result.plot_causes()
    # the first is in contact and works for the guest; the other 19 make them wait 7 minutes each
    assert rows(ax)[11:] == ["8 shorter ones", "the whole wait"]
    assert sum(patch.get_width() for patch in bars(ax, 11)) == pytest.approx(8 * 7)
    check_texts(ax)


# -- the sentence ---------------------------------------------------------------------------------------------


def test_the_sentence_names_who_and_whether_one_sees_them(hotel, desk):
    whole, part = hotel.value("customers.guest.wait.mean"), hotel.attribution.frame("cause", "guest")
    part = part[part["actor"] == "programmer"]["time"].sum()
    assert blame_sentence(hotel) == (
        f"Of the {whole:.1f} minutes a guest waits, {part:.1f} belong to the programmer, whom no guest sees"
    )
    assert blame_sentence(hotel, "department").endswith("a department waits belong to the programmer")
    # 61 / 3 of 61.5 / 3
    assert blame_sentence(desk) == "Of the 20 minutes a guest waits, nearly all belong to the clerk, whom no guest sees"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"arrivals": "poisson(rate=0)"}, "visitor: nobody arrived and left again"),
        ({"arrivals": "at([7])"}, "No visitor waits"),
        ({"arrivals": "at([7, 7])"}, "All of the 2 minutes a visitor waits belong to the clerk"),
    ],
)
def test_the_sentence_says_so_if_there_is_nothing_to_share_out(settings, told):
    result = sc.run(chain(**settings), until="1h", replications=1)
    assert blame_sentence(result) == told
    assert title(result.plot_causes()) == told


def test_a_system_is_no_person():
    text = DESK.replace("backstage, staff: 1", "system, capacity: 1")
    told = blame_sentence(sc.run(chain_of(text), until="2h", replications=1))
    assert told.endswith("belong to the clerk, which no guest sees")


def test_numbers_and_names_as_one_says_them():
    assert [brief(each) for each in (0.05678, 9.94, 9.96, 10.4, 2e6, 5.0)] == [
        "0.057",
        "9.9",
        "10",
        "10",
        "2,000,000",
        "5",
    ]
    assert (article("guest"), article("order"), article("")) == ("a guest", "an order", "a ")


# -- flow -----------------------------------------------------------------------------------------------------


def part_of(path, time, cause="work"):
    return Part((path, cause), *[Estimate(each, 0.0) for each in (time, 0.0, time, 0.1)])


def test_strands_are_as_wide_as_their_time_at_every_stop(hotel):
    ax = hotel.plot_flow("guest")
    blocks = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    frame = hotel.attribution.frame("path", "guest")
    for depth in range(4):
        through = frame[[len(path) >= depth for path in frame["path"]]]["time"].sum()
        assert sum(each.get_height() for each in blocks if each.get_x() == depth) == pytest.approx(through)
    ribbons = [patch for patch in ax.patches if not isinstance(patch, Rectangle)]
    assert len(ribbons) == len([each for each in blocks if each.get_x() > 0])
    for ribbon in ribbons:
        corners = ribbon.get_path().vertices
        # as wide where it begins as where it ends
        assert corners[7][1] - corners[0][1] == pytest.approx(corners[4][1] - corners[3][1])


def test_whatever_somebody_did_counts_together_and_goes_on_above_what_ends():
    found = strands_of(
        "guest",
        [part_of(("a",), 5.0), part_of(("a", "b"), 2.0), part_of(("a", "b"), 1.0, "failure"), part_of(("c",), 4.0)],
    )
    assert [(strand.stops, strand.time) for strand in found] == [
        (("guest", "a", "b"), 3.0),
        (("guest", "a"), 5.0),
        (("guest", "c"), 4.0),
    ]


def test_stops_of_one_depth_stand_below_each_other():
    found = strands_of("guest", [part_of(("a", "b"), 3.0), part_of(("a",), 5.0), part_of(("c", "b"), 4.0)])
    assert [strand.stops[1:] for strand in found] == [("a", "b"), ("a",), ("c", "b")]
    stops = {(stop.depth, stop.name): stop for stop in stops_of(found, 0.5)}
    assert {key: stop.top for key, stop in stops.items()} == {
        (0, "guest"): 0.0,
        (1, "a"): 0.0,
        (1, "c"): 8.5,
        (2, "b"): 0.0,
    }
    assert stops[2, "b"].strands == (0, 2)


def test_very_many_ways_become_one():
    found = strands_of("guest", [part_of((f"team {number}",), 1.0 + number) for number in range(40)])
    assert len(found) == STRANDS
    rest = next(strand for strand in found if strand.end == OTHERS)
    assert rest.time == sum(range(1, 40 - STRANDS + 2))


def test_the_title_tells_the_widest_way(hotel, desk):
    assert title(hotel.plot_flow()).endswith(
        "come from the programmer, by way of the booking system and the receptionist"
    )
    assert title(hotel.plot_flow("department")).endswith("come straight from the programmer")
    assert title(desk.plot_flow()).endswith("come from the clerk, by way of the desk")


# -- day ------------------------------------------------------------------------------------------------------


def test_the_day_is_all_waiting_hour_by_hour():
    # one clerk, 45 minutes each: who comes at 0:30 and 0:40 waits 5 and 40 minutes from there, until 1:15 and 2:00
    result = sc.run(chain(arrivals="at([30, 40])", work=45, tolerance=False), until="8h", replications=3)
    ax = result.plot_day()
    (hours,) = [patch.get_data() for patch in ax.patches]
    assert hours.values == pytest.approx([20, 15, 0, 0, 0, 0, 0, 0])
    assert hours.edges == pytest.approx([60 * hour for hour in range(9)])
    assert title(ax) == "Most waiting from 00:00 to 01:00: 20 minutes per hour, all because of the clerk"


def test_the_layers_of_the_day_are_what_was_caused(hotel):
    for customer_class in (None, "guest"):
        ax = hotel.plot_day(customer_class)
        caused = hotel.timeline.caused
        if customer_class:
            caused = caused[caused["customer_class"] == customer_class]
        by_actor = caused.groupby("actor")["time"].sum().sort_values(ascending=False)
        layers = [patch.get_data() for patch in ax.patches]
        # bars of an hour, in minutes per hour
        areas = [float((each.values - each.baseline).sum()) for each in layers]
        np.testing.assert_allclose(areas, by_actor[by_actor > 0])


def test_a_run_without_an_end_in_time_has_no_day():
    with pytest.raises(Mistake, match="no day to show"):
        sc.run(chain(), customers=20, replications=1).plot_day()


def test_of_many_actors_the_rest_of_the_day_is_one():
    names = [f"team {number}" for number in range(12)]
    ax = sc.run(chain(names, arrivals="every(300)", work=7), until="8h", replications=1).plot_day()
    assert "because of 4 others" in words(ax)
    assert len(ax.patches) == 8


# -- story ----------------------------------------------------------------------------------------------------


def test_a_story_tells_whose_every_minute_is(desk):
    story = desk.story("guest", 1)
    told = [
        (spell.start, spell.end, spell.state, [(each.path, each.cause, each.share) for each in spell.blame])
        for spell in story.spells
    ]
    via = ("desk", "clerk")
    assert told == [
        (10, pytest.approx(15), "queueing", [(via, "work", pytest.approx(1))]),
        (pytest.approx(15), 16, "attended", []),
        (16, pytest.approx(30), "held", [(via, "work", pytest.approx(1))]),
    ]
    assert [(each.service, each.actor, each.asked, each.begun, each.ended) for each in story.errands] == [
        ("serve", "desk", 10, 15, 30),
        ("look up", "clerk", 16, 16, 30),
    ]
    assert story.wait == pytest.approx(19)
    assert repr(story).startswith("guest 1: 19")


def test_the_longest_wait_is_told_unless_one_asks_for_another(desk):
    assert [desk.story(number=number).wait for number in range(3)] == pytest.approx([14, 19, 28.5])
    assert desk.story().number == 2
    assert desk.story().by_actor() == pytest.approx({"clerk": 28, "desk": 0.5})


def test_the_story_is_that_of_the_same_customer():
    hotel = sc.run(sc.read(SIMULATIONS / "hotel.yaml"), replications=1, keep_records=True)
    records = hotel.customer_records
    longest = records[(records["class"] == "guest") & (records["outcome"] != "unfinished")].nlargest(1, "wait").iloc[0]
    story = hotel.story("guest")
    assert story.number == longest["number"]
    assert story.wait == pytest.approx(longest["wait"])
    assert sum(story.by_actor().values()) == pytest.approx(story.wait)
    frame = story.frame()
    for state in ("queueing", "held", "attended", "own"):
        assert frame[frame["state"] == state]["time"].sum() == pytest.approx(longest[state])
    assert (story.arrived, story.left) == (longest["arrived"], longest["left"])
    assert frame.attrs["unit"] == "minutes"


def test_the_picture_of_a_story_has_a_row_for_everybody(desk):
    ax = desk.plot_story(number=1)
    assert rows(ax)[0] == "guest 1"
    assert [name.split()[0] for name in rows(ax)[1:]] == ["desk", "clerk"]
    assert title(ax) == "guest 1 waits 19 of 20 minutes, all because of the clerk"
    assert ax.get_xlabel() == "minutes since the arrival at 00:10"
    visit = [(patch.get_x(), patch.get_width()) for patch in ax.patches if patch.get_y() < 0]
    np.testing.assert_allclose(visit, [(0, 5), (5, 1), (6, 14)], atol=1e-9)


def test_shares_of_a_spell_stand_on_top_of_each_other():
    two = chain_of("""
    actors: {clerk: {lane: contact, staff: 2}, boss: {lane: backstage, staff: 1}}
    services:
      quick: {by: clerk, steps: [{work: 10}]}
      slow: {by: clerk, steps: [{ask: decide}]}
      decide: {by: boss, steps: [{work: 10}]}
    customers:
      a: {arrivals: "at([0])", journey: [{ask: quick}]}
      b: {arrivals: "at([0])", journey: [{ask: slow}]}
      c: {arrivals: "at([5])", journey: [{ask: quick}]}
    """)
    result = sc.run(two, until="1h", replications=1)
    (spell, *_) = result.story("c").spells
    # one of the two clerks works, the other is held by the boss
    assert [(each.path, each.share) for each in spell.blame] == [
        (("clerk",), pytest.approx(0.5)),
        (("clerk", "boss"), pytest.approx(0.5)),
    ]
    ax = result.plot_story("c")
    heights = [patch.get_height() for patch in ax.patches if 0.5 < patch.get_y() < 1.5 and patch.get_fill()]
    assert heights == pytest.approx([heights[0]] * 2)
    assert sum(heights) == pytest.approx(ax.patches[0].get_height())


def test_customers_who_were_not_there_are_told(desk):
    with pytest.raises(Mistake, match="no guest has number 7 in the first replication; they are numbered from 0 to 2"):
        desk.story("guest", 7)
    nobody = sc.run(chain(arrivals="poisson(rate=0)"), until="1h", replications=1)
    with pytest.raises(Mistake, match="no visitor has number 0 in the first replication; nobody came"):
        nobody.plot_story(number=0)
    with pytest.raises(Mistake, match="no visitor who counts left in the first replication; run it longer"):
        nobody.plot_story()


def test_one_who_never_waits_has_a_story_too():
    result = sc.run(chain(arrivals="at([7])"), until="1h", replications=1)
    assert title(result.plot_story()) == "visitor 0 is there for 4 minutes and does not wait"


def test_one_who_gave_up_is_told():
    text = DESK.replace("journey:", "patience: constant(3), journey:")
    ax = sc.run(chain_of(text), until="2h", replications=1).plot_story(number=1)
    assert title(ax) == "guest 1 waits 3 of 3 minutes, all because of the clerk, then gives up"


def test_who_works_for_others_has_no_frame(desk):
    ax = desk.plot_story(number=1)
    frames = [patch for patch in ax.patches if not patch.get_fill()]
    assert [(round(each.get_x(), 6), round(each.get_width(), 6)) for each in frames] == [(5, 15), (6, 14)]


@pytest.mark.theory  # it draws or runs a lot
def test_names_of_any_length_fit():
    result = sc.run(chain((LONG, ENDLESS, NASTY), (ENDLESS, NASTY)), until="6h", replications=1)
    for name in (ENDLESS, NASTY):
        for picture in PICTURES:
            check_texts(getattr(result, picture)(name))


def test_a_failure_is_told_in_its_row():
    ax = sc.run(disturbed(), until="4h", replications=1).plot_story("other")
    assert "failure" in words(ax)
