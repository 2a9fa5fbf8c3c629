import pytest
from pydantic import ValidationError

from servicechain import ask, chance, choose, hand_off, pause, repeat, reply, tell, together, work
from servicechain.custom_steps import Custom
from servicechain.distributions import Constant, Exponential, exponential
from servicechain.errors import ChainError
from servicechain.steps import (
    Ask,
    Chance,
    Choose,
    HandOff,
    Option,
    Pause,
    Repeat,
    Reply,
    Tell,
    Together,
    Work,
    branches,
    custom,
    every_step,
    requests_of,
)
from servicechain.units import Quantity


def yields(context):
    yield work(context.random())


@pytest.mark.parametrize("time", [2, 2.0, "2", Quantity(2), Constant(2), "constant(2)", "constant(value=2)", " 2 "])
def test_a_time_can_be_given_in_many_ways(time):
    assert work(time) == Work(work=2)
    assert pause(time).pause == Constant(2)


def test_constructors_have_the_names_of_the_language():
    assert ask("a", priority=0, patience="exponential(mean=3)") == Ask(ask="a", priority=0, patience=exponential(3))
    assert tell("a", priority=2) == Tell(tell="a", priority=2)
    assert hand_off("a") == HandOff(hand_off="a")
    assert reply == Reply()
    branch = chance(0.25, [work(1), reply], otherwise=[hand_off("a")])
    assert branch == Chance(chance=0.25, then=(Work(work=1), Reply()), otherwise=(HandOff(hand_off="a"),))
    assert choose((3, [work(1)]), (1, "rare", [])) == Choose(
        choose=(Option(weight=3, steps=(Work(work=1),)), Option(weight=1, label="rare"))
    )
    assert together([ask("a")], [work(1)], need="any") == Together(
        together=((Ask(ask="a"),), (Work(work=1),)), need="any"
    )
    assert custom(yields, requests=["a"]) == Custom(custom=yields, requests=("a",))
    assert repeat([work(1)], until=0.5, at_most=3) == Repeat(repeat=(Work(work=1),), until=0.5, at_most=3)


@pytest.mark.parametrize(
    ("step", "written"),
    [
        (work(2), {"work": 2}),
        (work("90s"), {"work": "90s"}),
        (work(exponential("2m")), {"work": "exponential(mean=2m)"}),
        (pause(0), {"pause": 0}),
        (ask("a", patience=3), {"ask": "a", "patience": 3}),
        (tell("a", priority=0), {"tell": "a", "priority": 0}),
        (hand_off("a"), {"hand_off": "a"}),
        (reply, "reply"),
        (chance(0.5, [reply]), {"chance": 0.5, "then": ["reply"]}),
        (chance(1, [], [work(1)]), {"chance": 1, "then": [], "else": [{"work": 1}]}),
        (choose((1, [])), {"choose": [{"weight": 1}]}),
        (choose((1.5, "x", [reply])), {"choose": [{"weight": 1.5, "label": "x", "steps": ["reply"]}]}),
        (repeat([reply], times=1), {"repeat": ["reply"], "times": 1}),
        (repeat([], until=0.5, at_most=2), {"repeat": [], "until": 0.5, "at_most": 2}),
        (together([ask("a")], []), {"together": [[{"ask": "a"}], []]}),
        (together([ask("a")], [reply], need=1), {"together": [[{"ask": "a"}], ["reply"]], "need": 1}),
        (together([together([])], need="any"), {"together": [[{"together": [[]]}]], "need": "any"}),
    ],
)
def test_a_step_is_written_as_in_a_file(step, written):
    assert step.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True) == written
    if step != reply:
        assert type(step).model_validate(written) == step


def test_steps_are_values_that_do_not_change():
    assert work(2) == work("2") != work("2m")
    assert len({work(2), work(2), pause(2)}) == 2
    with pytest.raises(ValidationError):
        work(2).work = Exponential(3)


def test_what_is_built_wrong_fails_with_a_chain_error():
    for build in (
        lambda: work(-1),
        lambda: ask(""),
        lambda: ask("a", priority=1.5),
        lambda: chance(2, []),
        lambda: chance(0.5, [work(1), 5]),
        choose,
        lambda: choose((0, [])),
        lambda: repeat([]),
        lambda: repeat([], times=1.5),
        lambda: repeat([], times=1, at_most=2),
        together,
        lambda: together([work(1), 5]),
        lambda: together([], need=0),
        lambda: together([], [], need=3),
        lambda: together([], need="most"),
        lambda: custom(5),
        lambda: custom(len),
        lambda: custom(yields, requests=["a.b"]),
        lambda: Ask(ask="a", wait=3),
    ):
        with pytest.raises(ChainError) as caught:
            build()
        assert caught.value.problems[0].message


def test_problems_of_nested_steps_have_their_path():
    with pytest.raises(ChainError) as caught:
        chance(0.5, [{"repeat": [{"work": 1}, {"ask": "a", "priority": -1}], "times": 2}])
    assert caught.value.problems[0].path == ("then", 0, "repeat", 1, "priority")


@pytest.mark.parametrize(("need", "needed"), [("all", 3), ("any", 1), (1, 1), (2, 2), (3, 3)])
def test_how_many_branches_are_needed(need, needed):
    assert together([], [], [], need=need).needed == needed


def test_what_a_step_requests_is_named_with_its_place():
    assert requests_of(ask("a")) == [(("ask",), "a")]
    assert requests_of(tell("a")) == [(("tell",), "a")]
    assert requests_of(hand_off("a")) == [(("hand_off",), "a")]
    assert requests_of(custom(yields, requests=["a", "b"])) == [(("requests", 0), "a"), (("requests", 1), "b")]
    assert requests_of(together([ask("a")])) == requests_of(work(1)) == []


def test_every_step_is_found_in_the_order_written():
    steps = (
        work(1),
        chance(0.5, [ask("a")], [repeat([tell("b")], times=2)]),
        choose((1, [reply]), (1, [pause(1), hand_off("c")])),
        together([], [ask("d"), together([custom(yields)])]),
    )
    found = list(every_step(steps, ("steps",)))
    assert [path for path, _ in found] == [
        ("steps", 0),
        ("steps", 1),
        ("steps", 1, "then", 0),
        ("steps", 1, "else", 0),
        ("steps", 1, "else", 0, "repeat", 0),
        ("steps", 2),
        ("steps", 2, "choose", 0, "steps", 0),
        ("steps", 2, "choose", 1, "steps", 0),
        ("steps", 2, "choose", 1, "steps", 1),
        ("steps", 3),
        ("steps", 3, "together", 1, 0),
        ("steps", 3, "together", 1, 1),
        ("steps", 3, "together", 1, 1, "together", 0, 0),
    ]
    assert [type(step) for _, step in found] == [
        Work,
        Chance,
        Ask,
        Repeat,
        Tell,
        Choose,
        Reply,
        Pause,
        HandOff,
        Together,
        Ask,
        Together,
        Custom,
    ]
    assert list(branches(work(1))) == []
