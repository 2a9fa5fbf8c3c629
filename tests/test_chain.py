import copy
import pickle
from datetime import datetime

import pytest

from good_chains import EVERY_KEY, GOOD_CHAINS
from servicechain import (
    Actor,
    Chain,
    CustomerClass,
    Service,
    Tolerance,
    ask,
    chance,
    choose,
    hand_off,
    pause,
    repeat,
    reply,
    tell,
    together,
    work,
)
from servicechain.actors import Lane
from servicechain.chain import RunDefaults
from servicechain.errors import ChainError, Mistake
from servicechain.failures import Failures
from servicechain.files.tree import read_tree
from servicechain.steps import custom
from servicechain.units import Quantity, TimeUnit


def chain_of(text):
    return Chain.from_dict(read_tree(text, "a test").data)


@pytest.fixture
def everything():
    return chain_of(EVERY_KEY)


def test_a_chain_built_in_python_is_the_one_of_the_file(everything):
    built = Chain(
        chain="Everything",
        about="Every key once.",
        unit="minutes",
        starts=datetime(2026, 1, 5, 8),
        run=RunDefaults(customers=100, warm_up="1h", replications=2, seed=7),
        actors={
            "clerk": Actor(lane="contact", staff=2, wage=18.5, speed=1.25),
            "office": Actor(lane=Lane.BACKSTAGE, staff="unlimited"),
            "system": Actor(lane="system", capacity=2),
            "cloud": Actor(lane="system", capacity="unlimited", speed=2),
            "vendor": Actor(lane="supplier"),
            "post": Actor(lane="supplier", capacity=3),
            "night desk": Actor(
                lane="contact",
                preempt=True,
                shifts=[
                    {"days": "mon-fri", "from": "20:00", "to": "24:00", "staff": 1},
                    {"days": ["sat", "sun"], "from": "18:00", "to": "06:00", "staff": 2},
                ],
                at_shift_end="stop",
            ),
            "archive": Actor(
                lane="system",
                capacity=2,
                failures=Failures(every="exponential(mean=8h)", repair="repair", clock="working", after="restart"),
            ),
            "printer": Actor(
                lane="system",
                capacity=3,
                failures={"every": "1d", "lasts": "uniform(low=10, high=30)", "stops": "one"},
            ),
        },
        services={
            "serve": Service(
                by=["clerk", "night desk"],
                priority=2,
                standard="90s",
                steps=[
                    work("lognormal(mean=2, cv=0.7)"),
                    ask("look up", priority=0),
                    chance(0.25, then=[tell("note", priority=3)], otherwise=[pause("30s")]),
                    choose(
                        (3, "easy", []),
                        (1, "hard", [repeat([work(1)], times=2)]),
                        (1, [repeat([work(1), ask("look up")], until=0.5, at_most=3)]),
                    ),
                    chance(0.1, then=[hand_off("second line", priority=1)]),
                    reply,
                    work(0.5),
                ],
            ),
            "look up": Service(by="system", steps=[work("gamma(mean=1, cv=0.5)"), ask("fetch")]),
            "fetch": Service(by="cloud", steps=[work("10s")]),
            "note": Service(by="office", steps=[work("triangular(low=1, mode=2, high=4)"), tell("send")]),
            "second line": Service(by="office", steps=[ask("repair"), work(3)]),
            "repair": Service(by="vendor", steps=[pause("uniform(low=1h, high=3h)")]),
            "send": Service(by="post", steps=[pause("1d")]),
            "close": Service(
                by="office", steps=[together([ask("file")], [work(1), tell("send")], [ask("print")], need=2)]
            ),
            "file": Service(by="archive", steps=[work(2)]),
            "print": Service(by="printer", steps=[work("30s")]),
        },
        customers={
            "guest": CustomerClass(
                arrivals="poisson(rate=24/h)",
                priority=1,
                patience="exponential(mean=20)",
                tolerance=Tolerance(desired=3, adequate="10m"),
                journey=[work(1), ask("serve", priority=1, patience=5), tell("note"), pause(1)],
            ),
            "group": CustomerClass(
                arrivals={"rates": [4, 0.5], "per": "hour", "each": "12h", "repeat": False},
                batch="discrete(values=[1, 2, 30], weights=[5, 3, 1])",
                journey=[ask("serve")],
            ),
            "regular": CustomerClass(
                arrivals="every(exponential(mean=30m))", journey=[repeat([ask("serve")], times=2)]
            ),
            "member": CustomerClass(
                arrivals={"population": 20, "think": "exponential(mean=30)"},
                patience=15,
                patience_covers="wait",
                journey=[
                    together([ask("serve")], [ask("close"), together([work(1)], [ask("print")])], need="any"),
                ],
            ),
            "booked": CustomerClass(arrivals='at([0, 5, 5, 1h, "2026-01-05T12:30"])', journey=[]),
        },
    )
    assert built == everything
    assert built.to_dict() == everything.to_dict()


@pytest.mark.parametrize("text", GOOD_CHAINS)
def test_what_is_written_makes_an_equal_chain(text):
    chain = chain_of(text)
    assert Chain.from_dict(chain.to_dict()) == chain
    assert chain_of(chain.to_yaml()) == chain
    assert chain_of(chain.to_json()) == chain


def test_values_keep_what_was_written(everything):
    assert everything.unit is TimeUnit.MINUTES
    assert everything.services["serve"].standard == Quantity(90, TimeUnit.SECONDS)
    assert str(everything.customers["guest"].tolerance.adequate) == "10m"
    assert everything.to_dict()["starts"] == "2026-01-05T08:00"
    assert list(everything.services)[:7] == ["serve", "look up", "fetch", "note", "second line", "repair", "send"]
    assert everything.services["serve"].actors == ("clerk", "night desk")
    assert everything.services["look up"].actors == ("system",)
    assert everything.customers["member"].arrivals.population == 20


def test_servers_are_counted_in_the_word_of_the_lane(everything):
    counted = {name: (actor.servers, actor.servers_key) for name, actor in everything.actors.items()}
    assert counted == {
        "clerk": (2, "staff"),
        "office": (float("inf"), "staff"),
        "system": (2, "capacity"),
        "cloud": (float("inf"), "capacity"),
        "vendor": (float("inf"), "capacity"),
        "post": (3, "capacity"),
        "night desk": (2, "shifts"),
        "archive": (2, "capacity"),
        "printer": (3, "capacity"),
    }
    assert [lane for lane in Lane if lane.in_front] == [Lane.CONTACT, Lane.SYSTEM]


def test_a_chain_does_not_change(everything):
    with pytest.raises(TypeError, match="with_values"):
        everything.actors["clerk"] = everything.actors["office"]
    with pytest.raises(TypeError, match="with_values"):
        everything.services.clear()
    with pytest.raises(TypeError, match="with_values"):
        everything.customers |= {}
    with pytest.raises(ValueError, match="frozen"):
        everything.unit = TimeUnit.DAYS


def test_changes_make_another_chain(everything):
    changed = everything.with_values({"actors.clerk.staff": 5, "services.serve.steps.0.work": "3m", "run.seed": 9})
    assert changed.actors["clerk"].staff == 5
    assert changed.services["serve"].steps[0] == work("3m")
    assert changed.run.seed == 9
    assert everything.actors["clerk"].staff == 2
    assert changed.with_values({"actors.clerk.staff": 2, "run.seed": 7}) != everything
    with pytest.raises(ChainError, match=r"actors\.clrk\.staff.*did you mean 'clerk'"):
        everything.with_values({"actors.clrk.staff": 5})
    with pytest.raises(ChainError, match=r"actors\.clerk\.staff.*got -5"):
        everything.with_values({"actors.clerk.staff": -5})


def test_chains_can_be_copied_and_sent_to_other_processes(everything):
    assert copy.deepcopy(everything) == everything
    again = pickle.loads(pickle.dumps(everything))
    assert again == everything
    with pytest.raises(TypeError):
        again.actors["x"] = 1


def test_a_chain_tells_what_it_is(everything):
    assert repr(everything) == "Chain('Everything': 9 actors, 10 services, 5 customer classes, unit minutes)"
    told = str(everything)
    assert told.startswith("Everything (9 actors, 10 services, 5 customer classes; times in minutes)")
    assert all(name in told for name in (*everything.actors, *everything.services, *everything.customers))
    assert "clerk (2), night desk (up to 2, in shifts)" in told
    assert "archive (2; fails every exponential(mean=8h))" in told
    assert "serve: by clerk, else night desk" in told
    assert "member: a closed population of 20, thinking exponential(mean=30)" in told


def test_problems_of_plain_data_have_their_path():
    data = read_tree(EVERY_KEY, "a test").data
    data["services"]["serve"]["steps"][2]["else"][0] = {"pause": -1}
    data["actors"]["cler.k"] = {"lane": "contact", "staff": 1}
    with pytest.raises(ChainError) as caught:
        Chain.from_dict(data)
    assert [problem.path for problem in caught.value.problems] == [
        ("actors", "cler.k"),
        ("services", "serve", "steps", 2, "else", 0, "pause"),
    ]


@pytest.mark.parametrize("starts", ["2026-01-05", "2026-01-05T08:30", "2026-01-05 08:30:15", datetime(2026, 1, 5)])
def test_the_zero_of_the_clock(everything, starts):
    if isinstance(starts, str):
        chain = everything.with_values({"starts": starts, "customers.booked.arrivals": "at([1])"})
        assert chain.starts == datetime.fromisoformat(starts)
        assert Chain.from_dict(chain.to_dict()) == chain
    else:
        assert Chain(chain="x", unit="days", starts=starts, actors={}, services={}, customers={}).starts == starts


def test_parts_that_are_built_wrong_fail_alone():
    with pytest.raises(ChainError, match=r"lane is system.*capacity"):
        Actor(lane="system", staff=2, capacity=1)
    with pytest.raises(ChainError, match="names nobody"):
        Service(by=[], steps=[])
    with pytest.raises(ChainError, match="got neither"):
        Failures(every=3)
    with pytest.raises(ChainError, match=r"one by one.*'capacity: 3'"):
        Actor(lane="supplier", failures=Failures(every=3, lasts=1, stops="one"))
    with pytest.raises(ChainError, match="both"):
        RunDefaults(customers=1, until=2)


def restock(context):
    yield work(2)


def refill(context):
    yield ask("look up")


@pytest.fixture
def with_python():
    return Chain(
        chain="Store",
        unit="minutes",
        actors={"clerk": Actor(lane="contact", staff=1), "system": Actor(lane="system", capacity=2)},
        services={
            "serve": Service(by="clerk", steps=[chance(0.5, [together([custom(restock)], [ask("look up")])])]),
            "look up": Service(by="system", steps=[work(1)]),
        },
        customers={
            "guest": CustomerClass(arrivals="every(5)", journey=[ask("serve"), custom(refill, requests=["serve"])])
        },
    )


def test_functions_of_custom_steps_are_kept(with_python):
    data = with_python.to_dict()
    inner = data["services"]["serve"]["steps"][0]["then"][0]["together"][0][0]
    assert inner == {"custom": restock}
    assert data["customers"]["guest"]["journey"][1] == {"custom": refill, "requests": ["serve"]}
    assert Chain.from_dict(data) == with_python == with_python.loaded() == copy.deepcopy(with_python)
    changed = with_python.with_values({"actors.clerk.staff": 2, "customers.guest.journey.1.custom": restock})
    assert changed.customers["guest"].journey[1] == custom(restock, requests=["serve"])
    assert pickle.loads(pickle.dumps(with_python)) == with_python


def test_a_custom_step_cannot_be_written(with_python, tmp_path):
    for write in (
        with_python.to_yaml,
        with_python.to_json,
        lambda: with_python.save(tmp_path / "a.yaml"),
        lambda: with_python.save(tmp_path / "a.json"),
    ):
        with pytest.raises(Mistake, match=r"the custom step 'restock' is Python, which no chain file can hold; keep"):
            write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"custom": len}, "a generator function, and len yields nothing"),
        ({"custom": lambda _: 3}, "yields nothing; let it 'yield work"),
        ({"custom": restock, "asks": []}, "a 'custom' step has no key 'asks'"),
        ({"custom": restock, "requests": "serve"}, "'requests' must be a list"),
        ({"custom": restock, "requests": ["look", "look up"]}, "requests: no service is called 'look'; did you mean"),
        ({"custom": "restock"}, "no chain file can hold one"),
        ({"custom": restock, "work": 2}, "a 'custom' step has no key 'work'"),
    ],
)
def test_a_custom_step_that_is_none_is_told(with_python, step, words):
    data = with_python.to_dict()
    data["services"]["serve"]["steps"].append(step)
    with pytest.raises(ChainError) as caught:
        Chain.from_dict(data)
    (problem,) = caught.value.problems
    assert words in str(problem)
    assert problem.path[:4] == ("services", "serve", "steps", 1)
    if "look" in words:
        assert problem.path[4:] == ("requests", 0)


def test_a_custom_step_counts_as_work(with_python):
    data = with_python.to_dict()
    data["services"]["serve"]["steps"] = [together([work(1)], [custom(restock)])]
    with pytest.raises(ChainError, match=r"steps\.0\.together\.1\.0\.custom: 'custom' in a second branch"):
        Chain.from_dict(data)


@pytest.mark.parametrize(
    ("path", "value", "changed"),
    [
        ("actors.archive.failures.every", "3h", lambda c: c.actors["archive"].failures.every.written() == "3h"),
        ("actors.printer.failures.stops", "all", lambda c: c.actors["printer"].failures.stops == "all"),
        ("actors.night desk.shifts.1.staff", 4, lambda c: c.actors["night desk"].servers == 4),
        ("actors.night desk.shifts.0.to", "23:30", lambda c: c.actors["night desk"].shifts[0].end == "23:30"),
        ("customers.member.arrivals.population", 30, lambda c: c.customers["member"].arrivals.population == 30),
        ("services.serve.by", ["night desk", "clerk"], lambda c: c.services["serve"].actors[0] == "night desk"),
        (
            "services.close.steps.0.together.1.0.work",
            5,
            lambda c: c.services["close"].steps[0].together[1][0] == work(5),
        ),
        ("services.close.steps.0.need", "any", lambda c: c.services["close"].steps[0].needed == 1),
    ],
)
def test_every_new_word_can_be_changed(everything, path, value, changed):
    assert not changed(everything)
    assert changed(everything.with_values({path: value}))
