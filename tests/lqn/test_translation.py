"""What becomes what, compared with chains written by hand."""

from __future__ import annotations

import pytest

from lqn.networks import (
    activity,
    call,
    customers,
    entry,
    forward,
    graph,
    network,
    order,
    phase,
    processor,
    replies,
    task,
)
from servicechain.lqn import import_lqn, read_lqn


@pytest.fixture
def chain_of(tmp_path):
    def read(*processors):
        path = tmp_path / "model.lqnx"
        path.write_text(network(*processors), encoding="utf-8")
        return read_lqn(path).to_dict()

    return read


SERVER = processor("cpu", task("server", entry("serve", phase(1, 2))))


def steps(chain, service="serve"):
    return chain["services"][service]["steps"]


def test_customers_and_a_server(chain_of):
    chain = chain_of(customers(call("serve", 1), think=4, count=3), SERVER)
    assert chain == {
        "chain": "test",
        "unit": "seconds",
        "actors": {"server": {"lane": "system", "capacity": 1}},
        "services": {"serve": {"by": "server", "steps": [{"work": "exponential(mean=2)"}]}},
        "customers": {
            "customers": {
                "arrivals": {"population": 3, "think": "exponential(mean=4)"},
                "journey": [
                    {"work": "exponential(mean=0.5)"},
                    {
                        "chance": 0.5,
                        "then": [
                            {"repeat": [{"ask": "serve"}, {"work": "exponential(mean=0.5)"}], "until": 0.5},
                        ],
                    },
                ],
            }
        },
    }


def test_a_processor_that_can_be_busy_is_asked(chain_of):
    host = processor("cpu", task("server", entry("serve", phase(1, 2)), multiplicity=3), multiplicity=2)
    chain = chain_of(customers(call("serve", 1)), host)
    assert chain["actors"] == {
        "server": {"lane": "system", "capacity": 3},
        "cpu": {"lane": "system", "capacity": 2},
    }
    assert steps(chain) == [{"ask": "serve on cpu"}]
    assert chain["services"]["serve on cpu"] == {"by": "cpu", "steps": [{"work": "exponential(mean=2)"}]}


@pytest.mark.parametrize(
    ("threads", "processors"),
    [
        ({"multiplicity": 2}, {"multiplicity": 2}),
        ({"scheduling": "inf"}, {"scheduling": "inf"}),
        ({"multiplicity": 9}, {"scheduling": "inf"}),
        ({}, {"scheduling": "ps"}),
        ({}, {"scheduling": "rand"}),
    ],
)
def test_a_processor_that_is_never_busy_is_not(chain_of, threads, processors):
    chain = chain_of(
        customers(call("serve", 1)),
        processor("cpu", task("server", entry("serve", phase(1, 2)), **threads), **processors),
    )
    assert list(chain["actors"]) == ["server"]
    assert steps(chain) == [{"work": "exponential(mean=2)"}]


@pytest.mark.parametrize(
    ("cvsq", "work"),
    [(0, 2), (1, "exponential(mean=2)"), (0.25, "gamma(mean=2, cv=0.5)")],
)
def test_variability(chain_of, cvsq, work):
    host = processor("cpu", task("server", entry("serve", phase(1, 2, host_demand_cvsq=cvsq))))
    assert steps(chain_of(customers(call("serve", 1)), host)) == [{"work": work}]


def test_high_variability_has_the_mean_and_the_variance_asked_for(chain_of, tmp_path):
    host = processor("cpu", task("server", entry("serve", phase(1, 2, host_demand_cvsq=9))))
    chain_of(customers(call("serve", 1)), host)
    (step,) = read_lqn(tmp_path / "model.lqnx").services["serve"].steps
    assert step.work.mean == pytest.approx(2)
    assert step.work.variance == pytest.approx(9 * 4)


def test_a_speed_divides_host_demands_only(chain_of):
    one = entry("serve", phase(1, 2, think_time=7))
    chain = chain_of(customers(call("serve", 1)), processor("cpu", task("server", one), speed_factor=4))
    assert chain["actors"]["server"] == {"lane": "system", "capacity": 1, "speed": 4}
    assert steps(chain) == [{"pause": "exponential(mean=7)"}, {"work": "exponential(mean=2)"}]
    fast = task("them", entry("live", phase(1, 2, call("serve", 1))), scheduling="ref")
    chain = chain_of(processor("home", fast, scheduling="inf", speed_factor=4), SERVER)
    assert chain["customers"]["them"]["journey"][0] == {"work": "exponential(mean=0.25)"}


def test_deterministic_calls(chain_of):
    calls = call("serve", 1), call("log", 2, "asynch"), call("other", 3)
    other = entry("other", phase(1, 1)), entry("log", phase(1, 1))
    front = task("front", entry("use", phase(1, 7, *calls, call_order="DETERMINISTIC")))
    chain = chain_of(customers(call("use", 1)), processor("p", front), SERVER, processor("q", task("t", *other)))
    piece = {"work": "exponential(mean=1)"}
    assert steps(chain, "use") == [
        piece,
        {"ask": "serve"},
        piece,
        {"repeat": [{"tell": "log"}, piece], "times": 2},
        {"repeat": [{"ask": "other"}, piece], "times": 2},
        {"ask": "other"},
        piece,
    ]


def test_a_message_does_not_give_the_processor_away(chain_of):
    calls = call("serve", 1), call("log", 2, "asynch")
    front = task("front", entry("use", phase(1, 4, *calls)), multiplicity=2)
    log = processor("q", task("t", entry("log", phase(1, 1))))
    chain = chain_of(customers(call("use", 1)), processor("p", front), SERVER, log)
    # within a visit A / (1 + W) = 2 / 2 messages, and W = 1 call: in all 2 messages, 1 call, 4 slices of mean 1
    piece = {"work": "exponential(mean=1)"}
    assert steps(chain, "use on p") == [
        piece,
        {"chance": 0.5, "then": [{"repeat": [{"tell": "log"}, piece], "until": 0.5}]},
    ]
    assert steps(chain, "use") == [
        {"ask": "use on p"},
        {"chance": 0.5, "then": [{"repeat": [{"ask": "serve"}, {"ask": "use on p"}], "until": 0.5}]},
    ]


def test_phases(chain_of):
    host = processor("cpu", task("server", entry("serve", phase(1, 1), phase(2, 2), phase(3, 3))))
    assert steps(chain_of(customers(call("serve", 1)), host)) == [
        {"work": "exponential(mean=1)"},
        "reply",
        {"work": "exponential(mean=2)"},
        {"work": "exponential(mean=3)"},
    ]


def test_open_arrivals(chain_of):
    host = processor("cpu", task("server", entry("serve", phase(1, 1), open_arrival_rate=0.25)))
    assert chain_of(host)["customers"] == {
        "serve arrivals": {"arrivals": "poisson(rate=0.25/s)", "journey": [{"ask": "serve"}]}
    }


def second(name="second", host="q", **attributes):
    return processor(host, task(f"task of {name}", entry(name, phase(1, 1), **attributes)))


def test_forwarding(chain_of):
    host = processor("cpu", task("server", entry("serve", phase(1, 1), forwarding=forward("second", 0.5))))
    assert steps(chain_of(customers(call("serve", 1)), host, second())) == [
        {"work": "exponential(mean=1)"},
        {"chance": 0.5, "then": [{"hand_off": "second"}]},
    ]
    always = processor("cpu", task("server", entry("serve", phase(1, 1), forwarding=forward("second", 1))))
    assert steps(chain_of(customers(call("serve", 1)), always, second()))[-1] == {"hand_off": "second"}
    both = forward("second", 0.25) + forward("third", 0.5)
    split = processor("cpu", task("server", entry("serve", phase(1, 1), forwarding=both)))
    (choice,) = steps(chain_of(customers(call("serve", 1)), split, second(), second("third", "r")))[1:]
    assert [(one["weight"], one.get("steps", [])) for one in choice["choose"]] == [
        (0.25, [{"hand_off": "second"}]),
        (0.5, [{"hand_off": "third"}]),
        (0.25, []),
    ]


def test_who_goes_on_after_forwarding_is_followed_by_the_asker(chain_of):
    one = entry("serve", phase(1, 1), phase(2, 1), forwarding=forward("second", 0.5))
    first = entry("first", phase(1, 1), forwarding=forward("serve", 1))
    front, server = processor("p", task("front", first)), processor("cpu", task("server", one))
    chain = chain_of(customers(call("first", 1)), front, server, second())
    assert steps(chain)[1] == "reply"
    (loop,) = chain["customers"]["customers"]["journey"][1]["then"]
    assert loop["repeat"][:3] == [{"ask": "first"}, {"ask": "serve"}, {"chance": 0.5, "then": [{"ask": "second"}]}]


def test_an_answer_comes_before_the_next_request_where_both_want_one_processor(chain_of):
    reference = task("customers", entry("live", phase(1, 1, call("serve", 1))), scheduling="ref")
    both = processor("cpu", reference, task("server", entry("serve", phase(1, 1))))
    assert steps(chain_of(both)) == [{"ask": "serve on cpu"}, "reply", {"pause": 0}]
    more = processor("cpu", reference, task("server", entry("serve", phase(1, 1), phase(2, 1))))
    assert steps(chain_of(more))[1:] == [
        "reply",
        {"chance": 0.5, "then": [{"pause": 0}]},
        {"ask": "serve phase 2 on cpu"},
    ]


@pytest.mark.parametrize(("scheduling", "preempt"), [("hol", None), ("pp", True), ("pri", True)])
def test_priorities_are_turned_round(chain_of, scheduling, preempt):
    tasks = [
        task(name, entry(f"{name} e", phase(1, 1)), scheduling="ref", priority=level)
        for name, level in (("high", 7), ("low", 2))
    ]
    chain = chain_of(processor("cpu", *tasks, scheduling=scheduling))
    assert chain["actors"]["cpu"].get("preempt") is preempt
    assert [chain["services"][f"{name} e on cpu"]["priority"] for name in ("high", "low")] == [0, 5]


def test_priorities_of_entries(chain_of):
    entries = entry("serve", phase(1, 1), priority=1), entry("rush", phase(1, 1), priority=3)
    host = processor("cpu", task("server", *entries, scheduling="hol"))
    chain = chain_of(customers(call("serve", 1), call("rush", 1)), host)
    assert [chain["services"][name]["priority"] for name in ("serve", "rush")] == [2, 0]


def test_customers_with_several_entries_choose(chain_of):
    entries = [entry(f"way {number}", phase(1, 1, call("serve", 1))) for number in (1, 2)]
    reference = processor("home", task("them", *entries, scheduling="ref"), scheduling="inf")
    (choice,) = chain_of(reference, SERVER)["customers"]["them"]["journey"]
    assert [one["weight"] for one in choice["choose"]] == [1, 1]


def graph_of(chain_of, *parts, **host):
    server = task("server", '<entry name="serve" type="NONE"/>', graph(*parts, replies("serve", "last")))
    return chain_of(customers(call("serve", 1)), processor("cpu", server, **host))


def do(name, demand=1.0, **attributes):
    return activity(name, demand, **attributes)


def worked(mean):
    return {"work": f"exponential(mean={mean})"}


FIRST = do("first", 1, bound_to_entry="serve")


def test_an_or_fork_goes_on_where_its_ways_meet(chain_of):
    chain = graph_of(
        chain_of,
        *(FIRST, do("a", 2), do("b", 3), do("last", 4)),
        order(["first"], ['a" prob="0.25', 'b" prob="0.75'], forks="post-OR"),
        order(["a", "b"], ["last"], joins="pre-OR"),
    )
    assert steps(chain) == [
        worked(1),
        {
            "choose": [
                {"weight": 0.25, "label": "a", "steps": [worked(2)]},
                {"weight": 0.75, "label": "b", "steps": [worked(3)]},
            ]
        },
        worked(4),
    ]


def test_ways_that_do_not_all_meet_are_written_out(chain_of):
    chain = graph_of(
        chain_of,
        *(FIRST, do("a", 2), do("b", 3), do("c", 5), do("d", 6), do("last", 4)),
        order(["first"], ['a" prob="0.5', 'b" prob="0.5'], forks="post-OR"),
        order(["b"], ['c" prob="0.5', 'd" prob="0.5'], forks="post-OR"),
        order(["a", "c", "d"], ["last"], joins="pre-OR"),
    )
    (choice, after) = steps(chain)[1:]
    assert after == worked(4)
    assert [len(one["steps"]) for one in choice["choose"]] == [1, 2]


def test_a_loop_is_geometric(chain_of):
    chain = graph_of(
        chain_of,
        *(FIRST, do("body", 2), do("last", 3)),
        order(["first"], ['body" count="3'], forks="post-LOOP", end="last"),
    )
    assert steps(chain) == [
        worked(1),
        {"chance": 0.75, "then": [{"repeat": [worked(2)], "until": 0.25}]},
        worked(3),
    ]


AND = (
    *(FIRST, do("a", 2), do("b", 3, think_time=1), do("last", 4)),
    order(["first"], ["a", "b"], forks="post-AND"),
    order(["a", "b"], ["last"], joins="pre-AND"),
)


def test_an_and_fork_asks_for_what_happens_in_its_branches(chain_of):
    chain = graph_of(chain_of, *AND)
    together = [{"together": [[{"ask": "a on cpu"}], [{"ask": "b thinks"}, {"ask": "b on cpu"}]]}]
    assert steps(chain) == [{"ask": "first on cpu"}, *together, {"ask": "last on cpu"}]
    assert chain["actors"]["cpu"]["capacity"] == 1
    free = graph_of(chain_of, *AND, scheduling="inf")
    assert steps(free) == [worked(1), *together, worked(4)]
    assert free["actors"]["cpu"]["capacity"] == "unlimited"


def test_a_branch_that_joins_nowhere_goes_on_beside_the_rest(chain_of):
    alone = task(
        "them",
        '<entry name="live" type="NONE"/>',
        graph(
            *(do("start", 1, bound_to_entry="live"), do("a", 2), do("b", 3), do("stray", 5), do("end", 4)),
            order(["start"], ["a", "b", "stray"], forks="post-AND"),
            order(["a", "b"], ["end"], joins="pre-AND"),
        ),
        scheduling="ref",
    )
    chain = chain_of(processor("cpu", alone))
    assert chain["customers"]["them"]["journey"] == [
        {"ask": "start on cpu"},
        {
            "together": [
                [{"together": [[{"ask": "a on cpu"}], [{"ask": "b on cpu"}]]}, {"ask": "end on cpu"}],
                [{"ask": "stray on cpu"}],
            ]
        },
    ]


def test_what_follows_the_answer_of_a_graph(chain_of):
    server = task(
        "server",
        '<entry name="serve" type="NONE"/>',
        graph(FIRST, do("more", 2), order(["first"], ["more"]), replies("serve", "first")),
    )
    chain = chain_of(customers(call("serve", 1)), processor("cpu", server))
    assert steps(chain) == [worked(1), "reply", worked(2)]


def test_names_a_chain_cannot_hold_are_changed_and_told(tmp_path):
    path = tmp_path / "model.lqnx"
    entries = entry("a.b", phase(1, 1)), entry("a/b", phase(1, 1))
    host = processor("server", task("server", *entries, multiplicity=2))
    path.write_text(network(customers(call("a.b", 1), call("a/b", 1)), host), encoding="utf-8")
    imported = import_lqn(path)
    assert list(imported.chain.actors) == ["server", "server processor"]
    assert list(imported.chain.services)[:2] == ["a-b", "a-b 2"]
    told = "\n".join(imported.notes)
    for note in ("'a.b' is called 'a-b'", "'a/b' is called 'a-b 2'", "taken as seconds"):
        assert note in told
