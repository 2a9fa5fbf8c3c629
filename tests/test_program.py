import math
from datetime import datetime

import numpy as np
import pytest

from servicechain import Chain
from servicechain.distributions import Discrete, codes, exponential, lognormal
from servicechain.engines.compiled.layout import (
    ASK,
    BRANCH_ENDS,
    CHANCE,
    CHOOSE,
    CLOSED,
    FINISH,
    HAND_OFF,
    JUMP,
    LEAVE,
    LOOP,
    NO_PRIORITY,
    NO_SOURCE,
    NOBODY,
    PAUSE,
    PROFILE,
    RENEWAL,
    REPLY,
    ROUND,
    TELL,
    TIMES,
    TOGETHER,
    UNLIMITED,
    WORK,
)
from servicechain.engines.compiled.program import program_of
from servicechain.engines.draws import lineage, name_key, step_key
from servicechain.errors import RunError
from servicechain.steps import custom, work

ACTORS = {"clerk": {"lane": "contact", "staff": 2}, "expert": {"lane": "backstage", "staff": 1}}
HELP = {"by": "expert", "steps": [{"work": 5}]}


def chain(actors=None, services=None, customers=None, **more):
    data = {
        "chain": "test",
        "unit": "minutes",
        "actors": {**ACTORS, **(actors or {})},
        "services": services or {"serve": {"by": "clerk", "steps": [{"work": 1}]}, "help": HELP},
        "customers": customers or {"guest": {"arrivals": "every(2)", "journey": [{"ask": "serve"}]}},
        **more,
    }
    return Chain.from_dict(data)


def of_service(*steps):
    """The program of a chain whose first service has these steps; they begin at 0, and "help" can be asked."""
    return program_of(chain(services={"serve": {"by": "clerk", "steps": list(steps)}, "help": HELP}))


def of_journey(*steps):
    """The program of a chain with this journey, and where that begins."""
    program = program_of(chain(customers={"guest": {"arrivals": "every(2)", "journey": list(steps)}}))
    return program, int(program.classes["journey"][0])


def of_class(**fields):
    """The program of a chain with one class."""
    return program_of(chain(customers={"guest": {"arrivals": "every(2)", "journey": [{"ask": "serve"}], **fields}}))


def ops(program, first=0, count=None):
    return [int(op) for op in program.steps["op"][first : None if count is None else first + count]]


def values(program, position):
    """The table of a variate that has one."""
    length = int(program.variates["length"][position])
    address = int(program.variates["table"][position])
    return table_at(program, address, length)


def table_at(program, address, length):
    (table,) = [table for table in program.tables if table.ctypes.data == address]
    assert table.size == length
    return table.tolist()


# -- steps --------------------------------------------------------------------------------------------------------


def test_services_stand_before_journeys_and_each_list_has_its_end():
    program = of_service({"work": 1}, {"pause": 2}, "reply", {"work": 3})
    assert ops(program) == [WORK, PAUSE, REPLY, WORK, FINISH, WORK, FINISH, ASK, LEAVE]
    assert program.services["steps"].tolist() == [0, 5]
    assert program.classes["journey"].tolist() == [7]


def test_what_customers_do_themselves_is_a_pause():
    program = of_service({"work": 1}, {"pause": 2})
    assert ops(program, count=2) == [WORK, PAUSE]
    journey, first = of_journey({"work": 1}, {"pause": 2})
    assert ops(journey, first, 2) == [PAUSE, PAUSE]


def test_the_key_of_a_step_is_that_of_its_path():
    program = of_service(
        {"chance": 0.5, "then": [{"work": 1}, {"ask": "help"}], "else": [{"pause": 1}]},
        {
            "repeat": [{"choose": [{"weight": 1, "steps": [{"work": 1}]}, {"weight": 2, "steps": [{"work": 2}]}]}],
            "times": 2,
        },
        {"together": [[{"ask": "help"}], [{"tell": "help"}]]},
        "reply",
    )
    paths = {
        (CHANCE, "0"),
        (WORK, "0/then/0"),
        (ASK, "0/then/1"),
        (PAUSE, "0/else/0"),
        (LOOP, "1"),
        (ROUND, "1"),
        (CHOOSE, "1/repeat/0"),
        (WORK, "1/repeat/0/0/0"),
        (WORK, "1/repeat/0/1/0"),
        (TOGETHER, "2"),
        (ASK, "2/together/0/0"),
        (TELL, "2/together/1/0"),
        (REPLY, "3"),
    }
    own = program.steps[: program.services["steps"][1]]
    own = own[~np.isin(own["op"], (JUMP, BRANCH_ENDS, FINISH))]
    assert {(int(step["op"]), int(step["key"])) for step in own} == {
        (op, name_key(f"services/serve/{path}")) for op, path in paths
    }
    assert all(step["first"] == step_key(int(step["key"]), 0) for step in own)
    last = program.steps[program.classes["journey"][0]]
    assert last["key"] == name_key("customers/guest/0")


def test_requests_name_their_service_and_what_is_their_own():
    program, first = of_journey(
        {"ask": "help", "priority": 3, "patience": "exponential(mean=7)"}, {"tell": "serve"}, {"ask": "serve"}
    )
    told = program.steps[first : first + 3]
    assert told["op"].tolist() == [ASK, TELL, ASK]
    assert told["service"].tolist() == [1, 0, 0]
    assert told["priority"].tolist() == [3, 1, 1]
    assert told["patience"].tolist()[1:] == [NOBODY, NOBODY]
    patience = program.variates[told["patience"][0]]
    assert (patience["code"], patience["a"]) == (codes.EXPONENTIAL, 7.0)
    assert told["lineage"].tolist() == [lineage(0, int(key), 0) for key in told["key"]]


def test_requests_have_what_their_class_or_service_says_where_they_say_nothing():
    program = program_of(
        chain(
            services={
                "serve": {"by": "clerk", "steps": [{"ask": "help"}, {"tell": "help", "priority": 2}]},
                "help": {**HELP, "priority": 7},
                "give": {"by": "clerk", "steps": [{"hand_off": "help"}]},
            },
            customers={
                "guest": {"arrivals": "every(2)", "journey": [{"ask": "help"}, {"tell": "help"}]},
                "member": {
                    "arrivals": "every(2)",
                    "priority": 4,
                    "patience": 9,
                    "journey": [{"ask": "help"}, {"ask": "give", "priority": 0, "patience": 5}, {"tell": "help"}],
                },
            },
        )
    )
    steps = program.steps
    said = steps[np.isin(steps["op"], (ASK, TELL))]
    assert said["priority"].tolist() == [7, 2, 7, 7, 4, 0, 7]
    assert program.priorities["value"][said["level"]].tolist() == said["priority"].tolist()
    assert [None if one == NOBODY else program.variates["a"][one] for one in said["patience"]] == [
        *[None] * 4,
        9.0,
        5.0,
        None,
    ]
    assert steps["priority"][steps["op"] == HAND_OFF].tolist() == [NO_PRIORITY]


def test_lineages_are_those_of_the_first_way_from_a_journey():
    services = {
        "serve": {"by": "clerk", "steps": [{"ask": "help"}]},
        "help": {"by": "expert", "steps": [{"tell": "help"}]},
        "never": {"by": "clerk", "steps": [{"ask": "serve"}]},
    }
    steps = program_of(chain(services=services)).steps
    help_, again, never, serve = steps[np.isin(steps["op"], (ASK, TELL))]
    ways = [(serve, 0), (help_, serve["lineage"]), (again, help_["lineage"])]
    assert all(step["under"] == under for step, under in ways)
    assert all(step["lineage"] == lineage(int(under), int(step["key"]), 0) for step, under in ways)
    assert never["under"] == NOBODY


def test_a_chance_that_fails_jumps_over_then():
    program = of_service({"chance": 0.25, "then": [{"work": 1}]}, {"pause": 1})
    assert ops(program, 0, 4) == [CHANCE, WORK, PAUSE, FINISH]
    assert (program.steps["probability"][0], program.steps["jump"][0]) == (0.25, 2)


def test_then_jumps_over_else():
    program = of_service({"chance": 0.25, "then": [{"work": 1}], "else": [{"pause": 1}, {"pause": 2}]}, {"work": 3})
    assert ops(program, 0, 7) == [CHANCE, WORK, JUMP, PAUSE, PAUSE, WORK, FINISH]
    assert program.steps["jump"][[0, 2]].tolist() == [3, 5]


def test_who_is_handed_off_in_every_case_needs_no_jump():
    off = {"hand_off": "help"}
    nested = {"chance": 0.5, "then": [off], "else": [{"work": 1}, off]}
    program = of_service({"chance": 0.25, "then": [nested], "else": [{"pause": 1}]})
    assert ops(program, 0, 7) == [CHANCE, CHANCE, HAND_OFF, WORK, HAND_OFF, PAUSE, FINISH]
    assert program.steps["jump"][[0, 1]].tolist() == [5, 3]


def test_who_may_stay_needs_one():
    nested = {"chance": 0.5, "then": [{"hand_off": "help"}]}
    program = of_service({"chance": 0.25, "then": [nested], "else": [{"pause": 1}]})
    assert ops(program, 0, 6) == [CHANCE, CHANCE, HAND_OFF, JUMP, PAUSE, FINISH]
    # the inner one fails to the jump, which leads behind the outer one
    assert program.steps["jump"][[0, 1, 3]].tolist() == [4, 3, 5]


def test_each_way_of_a_choice_but_the_last_jumps_behind_it():
    options = [
        {"weight": 1, "steps": [{"work": 1}]},
        {"weight": 0, "steps": []},
        {"weight": 3, "steps": [{"pause": 1}]},
    ]
    program = of_service({"choose": options}, {"work": 9})
    assert ops(program, 0, 7) == [CHOOSE, WORK, JUMP, JUMP, PAUSE, WORK, FINISH]
    choice = program.steps[0]
    assert program.ways["value"][choice["ways"] : choice["ways"] + choice["count"]].tolist() == [1, 3, 4]
    assert program.steps["jump"][[2, 3]].tolist() == [5, 5]


def test_a_choice_draws_its_position_as_a_discrete_number():
    program = of_service({"choose": [{"weight": 1}, {"weight": 0}, {"weight": 3}]})
    position = int(program.steps["variate"][0])
    assert program.variates["code"][position] == codes.DISCRETE
    # possible positions, then the bounds of their shares
    assert values(program, position) == [0.0, 2.0, 0.25, 2.0]
    assert values(program, position) == Discrete([0, 1, 2], [1, 0, 3]).lowered().table.tolist()


def test_the_ways_of_a_choice_within_a_choice_stand_apart():
    inner = {"choose": [{"weight": 1, "steps": [{"pause": 1}]}, {"weight": 1, "steps": [{"pause": 2}]}]}
    program = of_service({"choose": [{"weight": 1, "steps": [inner]}, {"weight": 1, "steps": [{"work": 1}]}]})
    assert ops(program, 0, 8) == [CHOOSE, CHOOSE, PAUSE, JUMP, PAUSE, JUMP, WORK, FINISH]
    assert program.steps["ways"][[0, 1]].tolist() == [0, 2]
    assert program.ways["value"].tolist() == [1, 6, 2, 4]


def test_a_loop_goes_back_to_its_head():
    program = of_service({"repeat": [{"work": 1}], "times": "discrete(values=[1, 2], weights=[1, 1])"}, {"pause": 1})
    assert ops(program, 0, 5) == [LOOP, WORK, ROUND, PAUSE, FINISH]
    head, end = program.steps[0], program.steps[2]
    assert (head["jump"], end["jump"]) == (3, 0)
    assert (head["at_most"], head["probability"], end["probability"]) == (math.inf, -1.0, -1.0)
    assert program.variates["code"][head["variate"]] == codes.DISCRETE


@pytest.mark.parametrize(("more", "at_most"), [({}, math.inf), ({"at_most": 4}, 4.0)])
def test_a_loop_may_end_by_chance(more, at_most):
    program = of_service({"repeat": [{"work": 1}], "until": 0.5, **more})
    head, end = program.steps[0], program.steps[2]
    assert (head["variate"], head["at_most"]) == (NOBODY, at_most)
    for step in (head, end):
        assert step["probability"] == 0.5
        assert (step["key"], step["first"]) == (head["key"], head["first"])


def test_branches_stand_side_by_side_each_with_its_end():
    program, first = of_journey(
        {"together": [[{"ask": "serve"}, {"work": 1}], [], [{"ask": "help"}]], "need": 2}, {"pause": 1}
    )
    assert ops(program, first) == [TOGETHER, ASK, PAUSE, BRANCH_ENDS, BRANCH_ENDS, ASK, BRANCH_ENDS, PAUSE, LEAVE]
    fork = program.steps[first]
    assert (fork["needed"], fork["count"], fork["jump"]) == (2, 3, first + 7)
    ways = program.ways["value"][fork["ways"] : fork["ways"] + 3] - first
    assert ways.tolist() == [1, 4, 5]


@pytest.mark.parametrize(("need", "needed"), [("all", 2), ("any", 1)])
def test_all_and_any_are_numbers(need, needed):
    program, first = of_journey({"together": [[{"work": 1}], [{"work": 2}]], "need": need})
    assert program.steps["needed"][first] == needed


def test_a_custom_step_has_no_place_here():
    def restock(context):
        yield work(context.now)

    services = {"serve": {"by": "clerk", "steps": [{"chance": 0.5, "then": [custom(restock)]}]}}
    with pytest.raises(RunError, match=r"services\.serve\.steps\.0\.then\.0 is a custom step.*engine='reference'"):
        program_of(chain(services=services))


# -- what is drawn ------------------------------------------------------------------------------------------------


def test_times_are_in_the_unit_of_the_chain():
    program = of_service({"work": "lognormal(mean=2h, cv=0.7)"}, {"pause": "90s"})
    first, second = program.variates[program.steps["variate"][:2]]
    assert tuple(first)[:1] + tuple(first)[3:] == tuple(lognormal(120, 0.7).lowered())[:4]
    assert (second["code"], second["a"], second["table"], second["length"]) == (codes.CONSTANT, 1.5, 0, 0)


def test_values_that_are_listed_lie_where_the_program_says():
    program = of_service({"work": "empirical(values=[3m, 60s, 2])"})
    assert values(program, int(program.steps["variate"][0])) == [1.0, 2.0, 3.0]


# -- classes ------------------------------------------------------------------------------------------------------


def test_what_a_class_says_of_itself():
    program = of_class(batch=2, priority=4, patience="exponential(mean=3)", patience_covers="wait")
    one = program.classes[0]
    assert (one["key"], one["priority"], one["leaves_held"], one["open"]) == (name_key("customers/guest"), 4, 1, 1)
    assert program.variates["a"][[one["batch"], one["patience"]]].tolist() == [2.0, 3.0]


def test_a_class_may_say_nothing():
    one = of_class().classes[0]
    assert (one["priority"], one["batch"], one["patience"], one["think"]) == (NO_PRIORITY, NOBODY, NOBODY, NOBODY)
    assert (one["leaves_held"], one["number"], one["population"], one["members"]) == (0, 0, 0, NOBODY)


def test_a_rate_is_a_gap():
    program = of_class(arrivals="poisson(rate=24/h)")
    one = program.classes[0]
    assert one["kind"] == RENEWAL
    gap = program.variates[one["gap"]]
    assert (gap["code"], gap["a"]) == (codes.EXPONENTIAL, exponential(2.5).mean)


@pytest.mark.parametrize("arrivals", ["poisson(rate=0)", {"rates": [0, 0], "per": "hour", "each": 5}])
def test_nobody_comes_at_no_rate(arrivals):
    assert of_class(arrivals=arrivals).classes["kind"][0] == NO_SOURCE


def test_intervals_are_drawn_as_written():
    program = of_class(arrivals="every(uniform(low=1, high=3))")
    one = program.classes[0]
    assert (one["kind"], program.variates["code"][one["gap"]]) == (RENEWAL, codes.UNIFORM)


def test_times_of_arrival_come_in_their_order():
    program = of_class(arrivals="at([1h, 5, 5])")
    one = program.classes[0]
    assert one["kind"] == TIMES
    assert table_at(program, one["table"], one["length"]) == [5.0, 5.0, 60.0]


@pytest.mark.parametrize("repeat", [True, False])
def test_a_profile_holds_its_cumulative_rate_and_its_rates(repeat):
    program = of_class(arrivals={"rates": [30, 0, 60], "per": "hour", "each": "10m", "repeat": repeat})
    one = program.classes[0]
    assert (one["kind"], one["each"], one["repeat"], one["length"]) == (PROFILE, 10.0, repeat, 3)
    assert table_at(program, one["table"], 6) == [5.0, 5.0, 15.0, 0.5, 0.0, 1.0]


def test_members_of_closed_populations_have_one_position_each():
    journey = [{"ask": "serve"}]
    program = program_of(
        chain(
            customers={
                "guest": {"arrivals": {"population": 2, "think": 3}, "journey": journey},
                "caller": {"arrivals": "every(2)", "journey": journey},
                "member": {"arrivals": {"population": 3, "think": "1h"}, "journey": journey},
            }
        )
    )
    assert program.classes["kind"].tolist() == [CLOSED, RENEWAL, CLOSED]
    assert program.classes["members"].tolist() == [0, NOBODY, 2]
    assert program.classes["population"].tolist() == [2, 0, 3]
    assert program.members["customer_class"].tolist() == [0, 0, 2, 2, 2]
    assert program.members["member"].tolist() == [0, 1, 0, 1, 2]
    assert program.members["cycle"].tolist() == [0] * 5
    assert program.variates["a"][program.classes["think"][2]] == 60.0


# -- services -----------------------------------------------------------------------------------------------------


def shared():
    steps = [{"work": 1}]
    return {
        "one": {"by": ["clerk", "expert"], "steps": steps},
        "two": {"by": "expert", "steps": steps, "priority": 0},
        "three": {"by": ["expert", "clerk"], "steps": steps, "priority": 7},
        "four": {"by": "clerk", "steps": steps},
    }


def test_services_name_their_actors_in_order():
    program = program_of(chain(services=shared(), customers={"guest": {"arrivals": "every(2)", "journey": []}}))
    offers = program.offers["value"]
    found = [offers[one["actors"] : one["actors"] + one["actor_count"]].tolist() for one in program.services]
    assert found == [[0, 1], [1], [1, 0], [0]]
    assert program.place_bits == 1


def test_who_is_offered_by_the_same_actors_stands_in_the_same_line():
    program = program_of(chain(services=shared(), customers={"guest": {"arrivals": "every(2)", "journey": []}}))
    assert (program.services["line"].tolist(), program.lines) == ([0, 1, 0, 2], 3)


def test_priorities_are_all_that_are_said_and_the_usual_one():
    journey = [{"ask": "one", "priority": 12}, {"ask": "two"}]
    customers = {"guest": {"arrivals": "every(2)", "journey": journey, "priority": 3}}
    program = program_of(chain(services=shared(), customers=customers))
    assert program.services["priority"].tolist() == [1, 0, 7, 1]
    assert program.priorities["value"].tolist() == [0, 1, 3, 7, 12]


# -- actors -------------------------------------------------------------------------------------------------------


def test_actors_as_they_are_written():
    actors = {
        "clerk": {"lane": "contact", "staff": 2, "preempt": True},
        "system": {"lane": "system", "capacity": "unlimited", "speed": 0.5},
        "shop": {"lane": "supplier"},
    }
    program = program_of(chain(actors=actors))
    told = program.actors[[0, 2, 3]]
    assert told["key"].tolist() == [name_key(f"actors/{name}") for name in actors]
    assert told["in_front"].tolist() == [1, 1, 0]
    assert told["preempts"].tolist() == [1, 0, 0]
    assert told["servers"].tolist() == told["on_duty"].tolist() == [2.0, math.inf, math.inf]
    assert told["unlimited"].tolist() == [0, 1, 1]
    assert told["up"].tolist() == [2, UNLIMITED, UNLIMITED]
    assert told["unsteady"].tolist() == [0, 0, 0]
    assert told["special"].tolist() == [1, 1, 0]
    assert told["speed"].tolist() == [1.0, 0.5, 1.0]
    for name in ("served", "served_last", "outage", "repair", "every", "lasts"):
        assert (told[name] == NOBODY).all()
    for name in ("changes", "breakdown_count", "busy", "working", "queue", "broken", "is_down", "duty_time"):
        assert (told[name] == 0).all()


def by_the_clock(*entries, starts=None, **more):
    shifts = [dict(zip(("days", "from", "to", "staff"), entry, strict=True)) for entry in entries]
    actors = {"clerk": {"lane": "contact", "shifts": shifts, **more}}
    return program_of(chain(actors=actors, **({} if starts is None else {"starts": starts})))


def test_a_calendar_is_its_moments_of_the_week():
    program = by_the_clock(("mon", "08:00", "12:00", 2), ("tue", "00:00", "01:00", 1), at_shift_end="stop")
    clerk = program.actors[0]
    hours = [8, 12, 24, 25]
    assert program.moments["value"].tolist() == [3600.0 * hour for hour in hours]
    assert program.staff["value"].tolist() == [2, 0, 1, 0]
    # on Monday at midnight the latest change is the last of the week before
    assert (clerk["calendar"], clerk["changes"], clerk["change"], clerk["on_duty"]) == (0, 4, -1, 0.0)
    assert (clerk["stops"], clerk["servers"]) == (1, 2.0)


def test_a_change_at_time_0_has_happened():
    clerk = by_the_clock(("mon", "00:00", "12:00", 2)).actors[0]
    assert (clerk["changes"], clerk["change"], clerk["on_duty"], clerk["stops"]) == (2, 0, 2.0, 0)


def test_a_clock_that_starts_within_a_shift():
    program = by_the_clock(("mon", "08:00", "12:00", 2), starts=datetime(2026, 1, 5, 9))
    clerk = program.actors[0]
    # it ends three hours later; a week later, less an hour, it begins
    assert program.moments["value"].tolist() == [3600.0 * 3, 3600.0 * (7 * 24 - 1)]
    assert program.staff["value"].tolist() == [0, 2]
    assert (clerk["change"], clerk["on_duty"]) == (-1, 2.0)


def test_staff_that_never_changes_has_no_calendar():
    program = by_the_clock(("daily", "00:00", "24:00", 3))
    clerk = program.actors[0]
    assert (clerk["changes"], clerk["on_duty"], len(program.moments)) == (0, 3.0, 0)


def failing(staff=3, **failures):
    services = {"serve": {"by": "clerk", "steps": [{"work": 1}]}, "help": HELP}
    actors = {"clerk": {"lane": "contact", "staff": staff, "failures": failures}}
    actors["other"] = {"lane": "system", "capacity": 1, "failures": {"every": 10, "lasts": 1}}
    return program_of(chain(actors=actors, services=services))


def test_an_actor_that_fails_as_a_whole_has_one_breakdown():
    program = failing(every="exponential(mean=8h)", repair="help", after="restart")
    clerk, other = program.actors[0], program.actors[2]
    assert (clerk["breakdowns"], clerk["breakdown_count"], clerk["by_server"]) == (0, 1, 0)
    assert (clerk["restarts"], clerk["while_working"], clerk["repair"], clerk["lasts"]) == (1, 0, 1, NOBODY)
    assert program.variates["a"][clerk["every"]] == 480.0
    assert (other["breakdowns"], other["breakdown_count"], other["repair"]) == (1, 1, NOBODY)
    assert program.variates["a"][other["lasts"]] == 1.0
    assert program.breakdowns["actor"].tolist() == [0, 2]


def test_servers_that_fail_one_by_one_have_one_each():
    program = failing(every=5, lasts=2, stops="one", clock="working")
    clerk, other = program.actors[0], program.actors[2]
    assert (clerk["breakdown_count"], clerk["by_server"], clerk["while_working"]) == (3, 1, 1)
    assert other["breakdowns"] == 3
    assert program.breakdowns["actor"].tolist() == [0, 0, 0, 2]
    assert program.breakdowns["server"].tolist() == [0, 1, 2, 0]
    for name in ("due", "repair", "serving"):
        assert (program.breakdowns[name] == NOBODY).all()


def test_who_is_ideal_never_makes_anybody_wait():
    shifts = [{"days": "mon", "from": "08:00", "to": "12:00", "staff": 1}]
    clerk = {"lane": "contact", "shifts": shifts, "at_shift_end": "stop", "failures": {"every": 5, "lasts": 2}}
    told = program_of(chain(actors={"clerk": clerk}), frozenset({"clerk"}))
    ideal, usual = told.actors
    assert (ideal["servers"], ideal["on_duty"], ideal["speed"]) == (math.inf, math.inf, math.inf)
    assert (ideal["ideal"], ideal["unlimited"], ideal["stops"], ideal["changes"]) == (1, 1, 0, 0)
    assert (ideal["breakdown_count"], len(told.breakdowns), len(told.moments)) == (0, 0, 0)
    assert (ideal["in_front"], usual["ideal"], usual["speed"]) == (1, 0, 1.0)
