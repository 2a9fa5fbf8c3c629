import itertools
import sys

import numpy as np
import pytest

from servicechain import run
from servicechain.errors import ChainError, Mistake
from test_staffing import TEAMS
from timelines import chain_of

pytest.importorskip("optuna")

from servicechain.studies.optuna_space import optimise

SMALL = {"customers": 200, "replications": 4, "engine": "compiled"}


@pytest.mark.theory
def test_it_finds_what_trying_everything_finds():
    space = {"desk.staff": (1, 4), "actors.cook.staff": (1, 3)}
    goal = "customers.guest.below <= 40%"
    found = optimise(chain_of(TEAMS), space, goals=goal, trials=40, seed=5, **SMALL)
    good = []
    for desk, cook in itertools.product(range(1, 5), range(1, 4)):
        chain = chain_of(TEAMS).with_values({"actors.desk.staff": desk, "actors.cook.staff": cook})
        result = run(chain, seed=5, **SMALL)
        if result.value("customers.guest.below.mean") <= 0.4:
            good.append((24 * (10 * desk + 25 * cook), desk, cook))
    assert (found.values["actors.desk.staff"], found.values["actors.cook.staff"]) == min(good)[1:]
    assert found.estimates["cost_per_day"].mean == pytest.approx(min(good)[0])
    # the chain as it is was tried first
    assert found.trials[0].values == {"actors.desk.staff": 2, "actors.cook.staff": 1}
    assert len(found.trials) == 40


def test_a_mixed_space_and_a_metric_and_the_same_seed():
    space = {"desk.staff": (1, 4), "cook.speed": (0.5, 2.0), "oven.capacity": [1, 2, 4]}
    asked = {"metric": "customers.guest.wait", "goals": ["cost_per_day <= 1400"], "trials": 15, "seed": 2}
    found, again = (optimise(chain_of(TEAMS), space, **asked, **SMALL) for _ in range(2))
    assert found.to_json() == again.to_json()
    assert 0.5 <= found.values["actors.cook.speed"] <= 2.0
    assert found.values["actors.oven.capacity"] in (1, 2, 4)
    # two desks at most: 24 × (10 × 3 + 25) = 1320 is, four are not within 1400
    assert found.values["actors.desk.staff"] <= 3
    assert found.estimates["cost_per_day"].mean <= 1400
    frame = found.frame()
    allowed = frame[frame["cost_per_day"] <= 1400]
    best = allowed.loc[allowed["customers.guest.wait"].idxmin()]
    assert best["actors.cook.speed"] == found.values["actors.cook.speed"]
    assert "Best: actors.desk.staff = " in found.text()
    assert np.isfinite(frame["customers.guest.wait"]).all()


@pytest.mark.parametrize(
    ("space", "asked", "words"),
    [
        ({}, {}, "a space is like"),
        ({"desk.staff": 3}, {}, "(least, most), or a list of values"),
        ({"desk.staff": (4, 2)}, {}, "(least, most), or a list of values"),
        ({"desk.staff": ("a", "b")}, {}, "(least, most), or a list of values"),
        ({"dask.staff": (1, 2)}, {}, "did you mean 'desk'?"),
        ({"desk.staf": (1, 2)}, {}, "staf"),
        ({"desk.staff": (-1, 2)}, {}, "-1"),
        ({"desk.staff": (1, 2)}, {"trials": 0}, "trials must be a whole number"),
        ({"desk.staff": (1, 2)}, {"metric": "customers.guest.wait <= 3"}, "as good as possible"),
        ({"desk.staff": (1, 2)}, {"metric": "customers.guest.weight"}, "did you mean"),
    ],
)
def test_what_cannot_be_asked(space, asked, words):
    with pytest.raises((Mistake, ChainError)) as caught:
        optimise(chain_of(TEAMS), space, **asked)
    assert words in str(caught.value)


def test_without_optuna_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(Mistake, match=r"pip install 'servicechain\[optuna\]'"):
        optimise(chain_of(TEAMS), {"desk.staff": (1, 2)})
