import pytest

from broken_chains import chain_text
from servicechain import Chain
from servicechain.errors import Mistake
from servicechain.files.tree import read_tree
from servicechain.settings import Settings
from servicechain.units import Quantity


def chain(run=""):
    return Chain.from_dict(read_tree(chain_text(top=f"run: {{{run}}}" if run else ""), "a test").data)


def test_without_anything_the_package_decides():
    assert Settings.of(chain()) == Settings(customers=10_000, until=None, warm_up=0, replications=10, seed=1)


def test_the_chain_comes_before_the_package():
    own = chain("customers: 7, warm_up: 1h, replications: 3, seed: 0")
    assert Settings.of(own) == Settings(customers=7, until=None, warm_up=60, replications=3, seed=0)
    assert Settings.of(chain("until: 2h")) == Settings(customers=None, until=120)


def test_what_is_asked_for_comes_before_the_chain():
    own = chain("until: 2h, warm_up: 1h, replications: 3, seed: 4")
    asked = Settings.of(own, customers=5, warm_up=0, replications=1, seed=0)
    assert asked == Settings(customers=5, until=None, warm_up=0, replications=1, seed=0)
    assert Settings.of(chain("customers: 7"), until="90s") == Settings(customers=None, until=1.5)


@pytest.mark.parametrize("until", [90, 90.0, "90", "5400s", "1.5h", Quantity.parse("1.5h")])
def test_times_are_counted_in_the_unit_of_the_chain(until):
    assert Settings.of(chain(), until=until).until == 90
    assert Settings.of(chain(), warm_up=until).warm_up == 90


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"customers": 5, "until": 5}, ["customers", "until", "both", "leave one out"]),
        ({"customers": 0}, ["customers", "at least 1", "got 0"]),
        ({"customers": 2.5}, ["customers", "whole number", "got 2.5"]),
        ({"customers": True}, ["customers", "whole number", "got True"]),
        ({"customers": "5"}, ["customers", "whole number", "'5'"]),
        ({"customers": float("nan")}, ["customers", "whole number", "nan"]),
        ({"customers": 10**20}, ["customers", "at most 2**53"]),
        ({"replications": 0}, ["replications", "at least 1", "got 0"]),
        ({"replications": -1}, ["replications", "at least 1", "got -1"]),
        ({"seed": -1}, ["a seed", "at least 0", "got -1"]),
        ({"seed": 2**32}, ["a seed", "2**32"]),
        ({"seed": 1.5}, ["a seed", "whole", "1.5"]),
        ({"until": 0}, ["end of a run", "above 0"]),
        ({"until": -1}, ["end of a run", "negative", "-1"]),
        ({"until": float("inf")}, ["end of a run", "finite"]),
        ({"until": "1e308d"}, ["end of a run", "too long", "minutes"]),
        ({"until": "later"}, ["end of a run", "'later'"]),
        ({"warm_up": "-1s"}, ["a warm-up", "negative", "'-1s'"]),
        ({"until": 5, "warm_up": 5}, ["warm-up (5)", "before the run (5)", "nobody is counted"]),
        ({"until": "1h", "warm_up": "2h"}, ["warm-up (120)", "before the run (60)"]),
        ({"replications": 3, "antithetic": True}, ["antithetic", "pairs", "got 3", "even"]),
    ],
)
def test_what_breaks_a_rule_is_told(asked, words):
    with pytest.raises(Mistake) as caught:
        Settings.of(chain(), **asked)
    for word in words:
        assert word in str(caught.value)


def test_a_warm_up_of_the_chain_must_fit_the_run_asked_for():
    with pytest.raises(Mistake, match=r"warm-up \(60\)"):
        Settings.of(chain("warm_up: 1h"), until="30m")


def test_antithetic_replications_share_a_stream():
    paired = Settings(replications=4, antithetic=True)
    assert [paired.stream(number) for number in range(4)] == [(0, False), (0, True), (1, False), (1, True)]
    assert [Settings().stream(number) for number in range(2)] == [(0, False), (1, False)]
