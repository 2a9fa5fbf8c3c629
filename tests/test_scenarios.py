import itertools
import time

import pytest

from servicechain import Chain, ChainError, distributions
from servicechain.errors import Mistake
from servicechain.studies.grid import full_path, scenarios_of, short_path
from servicechain.studies.scenario import key_of

DATA = {
    "chain": "desk",
    "unit": "minutes",
    "actors": {
        "clerk": {"lane": "contact", "staff": 2, "wage": 20},
        "boss": {"lane": "backstage", "staff": 1, "wage": 40},
        "guest": {"lane": "system", "capacity": 1},
    },
    "services": {
        "serve": {
            "by": "clerk",
            "steps": [{"work": "exponential(mean=3)"}, {"chance": 0.2, "then": [{"ask": "sign"}]}],
        },
        "sign": {"by": "boss", "steps": [{"work": 1}]},
        "look": {"by": "guest", "steps": [{"work": 1}]},
    },
    "customers": {
        "guest": {
            "arrivals": "poisson(rate=24/h)",
            "tolerance": {"desired": 3, "adequate": 10},
            "journey": [{"ask": "serve"}, {"ask": "look"}],
        }
    },
}


@pytest.fixture
def chain():
    return Chain.from_dict(DATA)


def names(scenarios):
    return [each.name for each in scenarios]


def told(error):
    return [(problem.path, problem.message) for problem in error.value.problems]


def test_a_study_of_nothing_has_the_base_case(chain):
    (base,) = scenarios_of(chain)
    assert base.name == "base"
    assert base.values == {}
    assert base.chain == chain


def test_a_grid_has_all_combinations_in_order_the_last_changing_fastest(chain):
    found = scenarios_of(chain, vary={"clerk.staff": [1, 3], "boss.staff": [1, 2]})
    assert names(found) == [
        "base",
        "clerk.staff=1, boss.staff=1",
        "clerk.staff=1, boss.staff=2",
        "clerk.staff=3, boss.staff=1",
        "clerk.staff=3, boss.staff=2",
    ]
    assert found[2].values == {"actors.clerk.staff": 1, "actors.boss.staff": 2}
    assert (found[2].chain.actors["clerk"].staff, found[2].chain.actors["boss"].staff) == (1, 2)


def test_the_point_that_is_the_base_case_is_not_listed_twice(chain):
    found = scenarios_of(chain, vary={"actors.clerk.staff": [1, 2, 3], "actors.boss.staff": [1, 2]})
    assert len(found) == 6
    assert "clerk.staff=2, boss.staff=1" not in names(found)


def test_two_values_that_are_the_same_chain_are_told(chain):
    with pytest.raises(ChainError, match="are the same chain; leave one of the values out"):
        scenarios_of(chain, vary={"clerk.staff": [3, 3.0]})


def test_a_grid_takes_numpy_numbers_ranges_and_distributions_as_text(chain):
    import numpy as np

    found = scenarios_of(
        chain, vary={"clerk.staff": np.arange(3, 5), "services.sign.steps.0.work": ["gamma(mean=2, cv=1)"]}
    )
    assert names(found)[1:] == [
        "clerk.staff=3, sign.steps.0.work=gamma(mean=2, cv=1)",
        "clerk.staff=4, sign.steps.0.work=gamma(mean=2, cv=1)",
    ]
    assert type(found[1].values["actors.clerk.staff"]) is int
    assert found[1].chain.services["sign"].steps[0].work == distributions.gamma(mean=2, cv=1)


def test_long_values_are_named_by_their_place(chain):
    shifts = [{"days": "daily", "from": "06:00", "to": "22:00", "staff": 2}]
    found = scenarios_of(chain, vary={"clerk.shifts": [shifts, [*shifts, *shifts]]})
    assert names(found) == ["base", "clerk.shifts=#1", "clerk.shifts=#2"]


def test_values_that_only_together_are_allowed_are_allowed(chain):
    # 15 is above the adequate wait of the chain as it is
    vary = {"customers.guest.tolerance.desired": [15], "customers.guest.tolerance.adequate": [20]}
    assert len(scenarios_of(chain, vary=vary)) == 2


def test_scenarios_are_a_list_of_named_changes(chain):
    found = scenarios_of(chain, scenarios=[{"name": "two bosses", "set": {"boss.staff": 2}}])
    assert names(found) == ["base", "two bosses"]
    assert found[1].values == {"actors.boss.staff": 2}


def test_scenarios_are_a_mapping_of_changes_and_functions(chain):
    def quicker(model):
        return model.with_values({"actors.clerk.speed": 2})

    found = scenarios_of(chain, scenarios={"two bosses": {"boss.staff": 2}, "quick": quicker})
    assert names(found) == ["base", "two bosses", "quick"]
    assert found[2].values == {}
    assert found[2].chain.actors["clerk"].speed == 2


def test_a_function_in_a_list_is_called_by_its_name(chain):
    def quicker(model):
        return model.with_values({"actors.clerk.speed": 2})

    assert names(scenarios_of(chain, scenarios=[quicker])) == ["base", "quicker"]


def test_equal_chains_have_one_key_whatever_they_are_called(chain):
    other = chain.with_values({"chain": "another title", "about": "words", "run": {"seed": 5}})
    assert key_of(other) == key_of(chain)
    assert key_of(Chain.from_dict(chain.to_dict())) == key_of(chain)
    assert key_of(chain.with_values({"actors.clerk.staff": 2})) == key_of(chain)


def test_a_value_that_is_written_out_and_changes_nothing_is_the_same_chain(chain):
    free = chain.with_values({"actors.boss": {"lane": "supplier"}})
    written = {"actors.clerk.speed": 1.0, "services.serve.priority": 1}
    assert key_of(chain.with_values(written)) == key_of(chain)
    assert key_of(free.with_values({"actors.boss.wage": 0, "actors.boss.capacity": "unlimited"})) == key_of(free)
    others = [{"actors.clerk.speed": 2}, {"services.serve.priority": 0}, {"customers.guest.priority": 1}]
    assert len({key_of(chain), *(key_of(chain.with_values(values)) for values in others)}) == 4


def test_a_grid_with_a_value_the_base_case_has_anyway_lists_it_once(chain):
    assert names(scenarios_of(chain, vary={"clerk.speed": [1.0, 2.0]})) == ["base", "clerk.speed=2.0"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("actors.clerk.staff", 3), ("actors.clerk.wage", 20.000001), ("services.sign.steps.0.work", 1.0000001)],
)
def test_what_changes_a_number_changes_the_key(chain, path, value):
    assert key_of(chain.with_values({path: value})) != key_of(chain)


def test_the_key_holds_what_the_files_hold(tmp_path):
    data = {
        **DATA,
        "services": {
            **DATA["services"],
            "sign": {"by": "boss", "steps": [{"work": 'empirical(file="a.csv", column="x")'}]},
        },
    }
    keys = []
    for last in (2, 3):
        (tmp_path / "a.csv").write_text(f"x\n1\n{last}\n")
        keys.append(scenarios_of(Chain.from_dict(data, folder=tmp_path))[0].key)
    assert keys[0] != keys[1]


def test_short_paths_are_completed_where_only_one_thing_is_called_so(chain):
    assert full_path(chain, "clerk.staff") == "actors.clerk.staff"
    assert full_path(chain, "serve.by") == "services.serve.by"
    assert full_path(chain, "actors.clerk.staff") == "actors.clerk.staff"
    assert short_path(chain, "actors.clerk.staff") == "clerk.staff"
    assert short_path(chain, "customers.guest.patience") == "customers.guest.patience"


def test_a_short_path_that_can_be_two_things_is_told(chain):
    with pytest.raises(Mistake, match=r"write 'actors.guest.capacity' or 'customers.guest.capacity'"):
        full_path(chain, "guest.capacity")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("clrek.staff", "nothing is called 'clrek'; did you mean 'clerk'?"),
        ("run.replications", "'run' is the same for all scenarios"),
        ("unit", "'unit' is the same for all scenarios"),
        (5, "a path must be a text"),
        ("", "a path must be a text"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(chain, path, message):
    with pytest.raises(ChainError) as error:
        scenarios_of(chain, vary={path: [1, 2]})
    ((at, found),) = told(error)
    assert at == ("vary", str(path))
    assert message in found


def test_all_wrong_paths_of_a_grid_are_told_together(chain):
    with pytest.raises(ChainError) as error:
        scenarios_of(chain, vary={"clerk.staff": [3], "bss.staff": [2], "boss.wage": []})
    assert [problem.path for problem in error.value.problems] == [("vary", "bss.staff"), ("vary", "boss.wage")]


def test_a_wrong_value_is_told_with_its_scenario_and_its_place(chain):
    with pytest.raises(ChainError) as error:
        scenarios_of(chain, vary={"boss.staff": [1, 2], "clerk.staff": [1, -3]})
    ((at, message),) = told(error)
    assert at == ("vary", "clerk.staff", 1)
    assert "'boss.staff=1, clerk.staff=-3'" in message
    assert "whole number of at least 0 or 'unlimited', got -3" in message


def test_a_list_of_values_without_end_is_refused(chain):
    with pytest.raises(ChainError, match="at most 1,000 scenarios, and more values than that"):
        scenarios_of(chain, vary={"clerk.staff": itertools.count()})


def test_a_grid_without_end_is_refused_before_it_is_built(chain):
    started = time.process_time()
    with pytest.raises(ChainError, match="at most 1,000 scenarios, got 1000 × 1000 × 1000 = 1,000,000,000"):
        scenarios_of(chain, vary={"clerk.staff": range(1000), "boss.staff": range(1000), "boss.wage": range(1000)})
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({}, "'vary' goes from paths to lists of values"),
        ([1], "'vary' goes from paths to lists of values"),
        ("clerk.staff", "'vary' goes from paths to lists of values"),
        ({"clerk.staff": 3}, "must be a list, got 3; write e.g. [3]"),
        ({"clerk.staff": "34"}, "must be a list, got '34'"),
        ({"clerk.staff": {"a": 1}}, "must be a list, got {'a': 1}"),
        ({"clerk.staff": None}, "must be a list, got None"),
        ({"clerk.staff": []}, "list of values to try is empty"),
        ({"clerk.staff": [object]}, "clerk.staff"),
        ({"clerk.staff": [3], "actors.clerk.staff": [4]}, "'actors.clerk.staff' is varied twice"),
        ({"clerk.staff": [10**400]}, "clerk.staff"),
        ({"clerk.staff": [float("nan")]}, "clerk.staff"),
        ({"clerk": [3]}, "clerk"),
        ({"clerk..staff": [3]}, "empty part"),
    ],
)
def test_a_grid_that_is_none_is_told(chain, vary, message):
    with pytest.raises(ChainError) as error:
        scenarios_of(chain, vary=vary)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ([], "the list of scenarios is empty"),
        ("x", "'scenarios' is a list of"),
        (5, "'scenarios' is a list of"),
        ([5], "a scenario is {name: …, set: {path: value}}, got 5"),
        ([{"name": "x"}], "lacks 'set'"),
        ([{"set": {"boss.staff": 2}}], "lacks 'name'"),
        ([{"name": "x", "sets": {}}], "no key 'sets'; did you mean 'set'?"),
        ([{"name": "x", "set": {}}], "write at least one"),
        ([{"name": "x", "set": [1]}], "sets {path: value}, got [1]"),
        ([{"name": 5, "set": {"boss.staff": 2}}], "must be a text that is not empty, got 5"),
        ([{"name": " ", "set": {"boss.staff": 2}}], "must be a text that is not empty"),
        ([{"name": "a\nb", "set": {"boss.staff": 2}}], "stands on one line"),
        ([{"name": "x" * 300, "set": {"boss.staff": 2}}], "at most 200 characters"),
        ([{"name": "base", "set": {"boss.staff": 2}}], "'base' is the chain as it is"),
        ([{"name": "x", "set": {"boss.staff": 2}}] * 2, "two scenarios are called 'x'"),
        ([{"name": "x", "set": {"boss.stuff": "a"}}], "'x'"),
        ([{"name": "x", "set": {"bos.staff": 2}}], "did you mean 'boss'?"),
        ([{"name": "x", "set": {"boss.staff": 2, "actors.boss.staff": 3}}], "twice"),
        ({"x": lambda chain: 5}, "a function must give a Chain, got 5"),
        ({5: {"boss.staff": 2}}, "must be a text"),
    ],
)
def test_scenarios_that_are_none_are_told(chain, scenarios, message):
    with pytest.raises(ChainError) as error:
        scenarios_of(chain, scenarios=scenarios)
    assert message in str(error.value)


def test_scenarios_count_in_one_unit(chain):
    with pytest.raises(ChainError, match="counts in hours, the base case in minutes"):
        scenarios_of(chain, scenarios={"x": lambda model: Chain.from_dict({**model.to_dict(), "unit": "hours"})})


def test_a_study_has_a_grid_or_a_list(chain):
    with pytest.raises(Mistake, match="either 'vary' or 'scenarios', got both"):
        scenarios_of(chain, vary={"boss.staff": [2]}, scenarios=[{"name": "x", "set": {"boss.staff": 2}}])
