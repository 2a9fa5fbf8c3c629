import json
import math
import random
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import servicechain
from servicechain import Chain, ChainError, RunError, ServiceChainError
from servicechain.errors import Mistake
from servicechain.studies import study as study_module
from servicechain.studies.plan import ROUND
from servicechain.studies.planning import Asked, plan_of
from servicechain.studies.rounds import carry_out

WAIT, COST, SHARE = "customers.guest.wait", "cost_per_day", "customers.guest.abandoned_share"
BLAME = "attribution.guest.clerk.work.time"
COLUMNS = (WAIT, SHARE, COST, BLAME)
QUEUE = {
    "chain": "queue",
    "unit": "minutes",
    "actors": {"clerk": {"lane": "contact", "staff": 1, "wage": 30}},
    "services": {"serve": {"by": "clerk", "steps": [{"work": "exponential(mean=1)"}]}},
    "customers": {"guest": {"arrivals": "poisson(rate=0.5)", "journey": [{"ask": "serve"}]}},
}


@pytest.fixture(scope="module")
def chain():
    return Chain.from_dict(QUEUE)


class Made:
    """A workshop whose values are known: of each scenario one column of numbers, the others made from it."""

    columns = COLUMNS

    def __init__(self, *numbers, shuffle=None, pause=0.0):
        self.numbers = numbers
        self.shuffle = shuffle
        self.pause = pause
        self.asked = []
        self.closed = 0

    def row(self, scenario, replication):
        number = float(self.numbers[scenario][replication])
        return (number, math.nan, 10.0 * scenario, number / 2)

    def values(self, blocks):
        self.asked += blocks
        order = [*blocks]
        if self.shuffle is not None:
            self.shuffle.shuffle(order)
        try:
            for block in order:
                time.sleep(self.pause)
                numbers = range(block.first, block.first + block.count)
                yield block, np.array([self.row(block.scenario, number) for number in numbers])
        finally:
            self.closed += 1


def plan(chain, count=2, **asked):
    vary = {"clerk.staff": [*range(1, count + 1)]} if count > 1 else None
    return plan_of(chain, Asked(vary=vary, until=480, **{"metrics": [WAIT], **asked}))


def drawn(seed, mean, size=20_000):
    return np.random.default_rng(seed).normal(mean, 1.0, size)


def half(values, confidence=0.95):
    return stats.t.ppf((1 + confidence) / 2, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))


def rounds_needed(values, width):
    """After how many replications, in whole rounds, a half-width is reached for the first time."""
    return next(n for n in range(ROUND, len(values), ROUND) if half(values[:n]) <= width(np.mean(values[:n])))


def test_a_fixed_number_of_replications_may_end_with_a_shorter_round(chain):
    numbers = drawn(1, 5), drawn(2, 6)
    workshop = Made(*numbers)
    result = carry_out(plan(chain, replications=30), workshop)
    assert result.ended == "replications"
    for scenario, values in zip(result.scenarios, numbers, strict=True):
        assert scenario.replications == 30
        assert scenario.metrics[WAIT].mean == pytest.approx(np.mean(values[:30]), rel=1e-12)
        assert scenario.metrics[WAIT].halfwidth == pytest.approx(half(values[:30]), rel=1e-9)
    assert [(block.first, block.count) for block in workshop.asked if block.scenario == 0] == [
        *((0, 8), (8, 8), (16, 8), (24, 6))
    ]


def test_fewer_replications_than_a_round_are_one_short_round(chain):
    result = carry_out(plan(chain, replications=1), Made(drawn(1, 5), drawn(2, 6)))
    assert [each.replications for each in result.scenarios] == [1, 1]
    assert result.as_dict()["scenarios"][1]["difference"][WAIT]["halfwidth"] is None


@pytest.mark.parametrize(("written", "width"), [("2%", lambda mean: 0.02 * abs(mean)), (0.08, lambda _: 0.08)])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_each_scenario_ends_with_the_first_round_in_which_its_precision_is_reached(chain, written, width, seed):
    numbers = drawn(1, 5), drawn(2, 3), drawn(3, 9)
    workshop = Made(*numbers, shuffle=None if seed is None else random.Random(seed))
    result = carry_out(plan(chain, 3, precision={WAIT: written}), workshop)
    assert result.ended == "precision"
    expected = [rounds_needed(values, width) for values in numbers]
    assert [each.replications for each in result.scenarios] == expected
    for each, values, count in zip(result.scenarios, numbers, expected, strict=True):
        # what was run ahead is not in it
        assert np.array_equal(each.values[:, 0], values[:count])
        assert each.metrics[WAIT].mean == pytest.approx(np.mean(values[:count]), rel=1e-12)


def test_work_is_handed_out_far_ahead_but_not_much_too_much(chain):
    numbers = drawn(1, 5, 40_000), drawn(2, 3, 40_000)
    workshop = Made(*numbers)
    result = carry_out(plan(chain, precision={WAIT: "0.7%"}), workshop)
    used = sum(each.replications for each in result.scenarios)
    made = sum(block.count for block in workshop.asked)
    assert used > 5_000
    assert made < 1.3 * used
    # a barrier after every round would hand out hundreds of times
    assert workshop.closed < 20
    assert len({(block.scenario, block.first) for block in workshop.asked}) == len(workshop.asked)


def test_all_metrics_have_to_be_precise(chain):
    workshop = Made(drawn(1, 5), drawn(2, 5))
    result = carry_out(plan(chain, metrics=None, precision={WAIT: 0.2, BLAME: 0.05}), workshop)
    # the second is half of the first
    assert [each.replications for each in result.scenarios] == [
        rounds_needed(values, lambda _: 0.1) for values in workshop.numbers
    ]
    assert {*result.base.metrics} == {WAIT, BLAME}


def test_differences_are_paired_and_hold_together(chain):
    base = drawn(1, 5)
    numbers = base, base - 1 + 0.1 * drawn(2, 0), base + 0.1 * drawn(3, 0)
    result = carry_out(plan(chain, 3, replications=48), Made(*numbers))
    assert result.base.differences == {}
    for each, values in zip(result.scenarios[1:], numbers[1:], strict=True):
        interval = stats.ttest_rel(values[:48], base[:48]).confidence_interval(1 - 0.05 / 2)
        found = each.differences[WAIT]
        assert found.mean - found.halfwidth == pytest.approx(interval.low, rel=1e-9)
        assert found.mean + found.halfwidth == pytest.approx(interval.high, rel=1e-9)
    row = result.frame().set_index(["scenario", "metric"]).loc[("clerk.staff=2", WAIT)]
    assert row["low"] == row["difference"] - result.scenarios[1].differences[WAIT].halfwidth


def test_a_difference_takes_the_replications_that_both_have(chain):
    base, other = drawn(1, 5), drawn(2, 50)
    result = carry_out(plan(chain, precision={WAIT: "4%"}), Made(base, other))
    count = min(each.replications for each in result.scenarios)
    assert count < result.base.replications
    assert "over the replications that both have" in " ".join(result.text().split())
    assert result.scenarios[1].differences[WAIT].mean == pytest.approx(np.mean(other[:count] - base[:count]))


def test_a_budget_of_replications_is_of_the_whole_study_and_says_so(chain):
    # a round of three scenarios takes 72: two of them fit into 200
    result = carry_out(
        plan(chain, 3, precision={WAIT: "0.1%"}, budget={"replications": 200}), Made(*[drawn(n, 5) for n in range(3)])
    )
    assert result.ended == "budget"
    assert [each.replications for each in result.scenarios] == [48, 48, 48]
    assert "The budget was spent before the precision asked for was reached (3 of 3)" in result.guarantee.text
    assert "The budget was spent before" in " ".join(result.text().split())
    assert len(result.missed) == 3


def test_the_first_round_always_runs(chain):
    result = carry_out(
        plan(chain, precision={WAIT: "0.1%"}, budget={"replications": 1}), Made(drawn(1, 5), drawn(2, 5))
    )
    assert [each.replications for each in result.scenarios] == [24, 24]


def test_a_budget_alone_is_spent(chain):
    result = carry_out(plan(chain, budget={"replications": 500}), Made(drawn(1, 5), drawn(2, 5)))
    assert (result.ended, result.missed) == ("budget", ())
    assert [each.replications for each in result.scenarios] == [240, 240]


def test_a_budget_that_is_enough_changes_nothing(chain):
    numbers = drawn(1, 5), drawn(2, 5)
    free = carry_out(plan(chain, precision={WAIT: "2%"}), Made(*numbers))
    bound = carry_out(
        plan(chain, precision={WAIT: "2%"}, budget={"replications": 20_000, "seconds": 600}), Made(*numbers)
    )
    assert free.to_json() == bound.to_json()


def test_a_budget_of_seconds_ends_a_study_after_a_complete_round(chain):
    workshop = Made(drawn(1, 5), drawn(2, 5), pause=0.002)
    result = carry_out(plan(chain, precision={WAIT: "0.3%"}, budget={"seconds": 0.1}), workshop)
    assert result.ended == "budget"
    counts = [each.replications for each in result.scenarios]
    assert counts[0] == counts[1] >= 24
    assert counts[0] % 24 == 0
    assert workshop.closed  # nobody is left working


def test_a_metric_that_is_always_the_same_is_precise_at_once(chain):
    zeros = np.zeros(100)
    result = carry_out(plan(chain, precision={WAIT: "1%", COST: 0.001}), Made(zeros, zeros))
    assert (result.ended, [each.replications for each in result.scenarios]) == ("precision", [24, 24])
    assert result.base.metrics[WAIT].as_dict() == {"mean": 0.0, "halfwidth": 0.0}


def test_a_metric_that_is_defined_nowhere_ends_and_is_told(chain):
    chain = Chain.from_dict({**QUEUE, "customers": {"guest": {**QUEUE["customers"]["guest"], "patience": 5}}})
    result = carry_out(plan(chain, metrics=[SHARE], precision={SHARE: 0.01}), Made(drawn(1, 5), drawn(2, 5)))
    assert result.ended == "out of reach"
    assert result.base.replications == 24
    assert "'customers.guest.abandoned_share' of 'base' is defined in no replication" in result.guarantee.text
    assert result.as_dict()["scenarios"][0]["metrics"][SHARE] == {"mean": None, "halfwidth": None}
    assert "–" in result.text()


def test_a_share_of_a_mean_of_zero_is_out_of_reach_and_told(chain):
    around_zero = np.tile([-1.0, 1.0], 10_000)
    result = carry_out(plan(chain, precision={WAIT: "1%"}), Made(around_zero, 100 + around_zero))
    assert result.ended == "out of reach"
    assert result.base.replications <= 8 * ROUND
    assert result.missed == (("base", WAIT),)
    assert "out of reach within 1,000,000 replications (1 of 2)" in result.guarantee.text


def test_with_an_indifference_the_worse_leave_and_the_best_is_found(chain):
    numbers = drawn(1, 5.0), drawn(2, 4.8), drawn(3, 9.0)
    best = {"metric": WAIT, "indifference": 0.1}
    result = carry_out(plan(chain, 3, best=best), Made(*numbers))
    assert result.ended == "precision"
    counts = [each.replications for each in result.scenarios]
    assert counts[2] == 24
    assert counts[0] == counts[1] > 24
    assert [each.best for each in result.scenarios] == [False, True, False]
    assert result.guarantee.indifference == 0.1
    assert result.best[0].name == "clerk.staff=2"


def test_the_goal_may_be_the_most(chain):
    result = carry_out(plan(chain, best={"goal": "max"}, replications=24), Made(drawn(1, 5), drawn(2, 3)))
    assert [each.best for each in result.scenarios] == [True, False]


def test_the_metric_that_decides_is_told_too(chain):
    made = plan(chain, best={"metric": COST}, replications=24)
    assert made.metrics == (WAIT, COST)
    assert carry_out(made, Made(drawn(1, 5), drawn(2, 3))).best[0].name == "base"


@pytest.mark.parametrize(("metrics", "expected"), [([WAIT], {True: 24, False: 24}), ([WAIT, BLAME], {True: 48})])
def test_attribution_is_followed_in_the_first_round_or_where_it_is_asked_for(chain, metrics, expected):
    workshop = Made(drawn(1, 5))
    carry_out(plan(chain, 1, metrics=metrics, replications=48), workshop)
    found = {}
    for block in workshop.asked:
        found[block.attribution] = found.get(block.attribution, 0) + block.count
    assert found == expected


def test_any_column_can_be_asked_for_afterwards(chain):
    result = carry_out(plan(chain, replications=24), Made(drawn(1, 5), drawn(2, 6)))
    assert result.estimate("clerk.staff=2", COST).mean == 10
    with pytest.raises(Mistake, match=r"did you mean .customers\.guest\.wait."):
        result.estimate("base", "customers.guest.wiat")
    with pytest.raises(Mistake, match=r"did you mean 'clerk.staff=2'"):
        result.estimate("clerk.staff=3", COST)
    frame = result.attribution("base", "guest")
    assert frame.columns.tolist() == ["actor", "cause", "queueing", "held", "time"]
    assert frame.loc[0, "time"] == pytest.approx(np.mean(drawn(1, 5)[:24]) / 2)
    assert frame.attrs["unit"] == "minutes"
    with pytest.raises(Mistake, match="did you mean 'guest'"):
        result.attribution("base", "gest")


def test_the_json_is_the_contract(chain):
    result = carry_out(plan(chain, title="One  clerk\nmore?", replications=24, seed=4), Made(drawn(1, 5), drawn(2, 3)))
    found = json.loads(result.to_json())
    assert [*found] == ["study", "chain", "seed", "base", "scenarios", "guarantee"]
    assert (found["study"], found["chain"], found["seed"], found["base"]) == ("One clerk more?", "queue", 4, "base")
    base, other = found["scenarios"]
    assert [*base] == ["name", "set", "replications", "metrics", "difference", "best"]
    assert (base["name"], base["set"], base["difference"], base["best"]) == ("base", {}, {}, False)
    assert other["set"] == {"actors.clerk.staff": 2}
    assert other["metrics"][WAIT] == pytest.approx(
        {"mean": np.mean(drawn(2, 3)[:24]), "halfwidth": half(drawn(2, 3)[:24])}
    )
    assert [*other["difference"]] == [WAIT]
    assert found["guarantee"]["best"] == ["clerk.staff=2"]


def test_a_study_prints_itself(chain):
    result = carry_out(plan(chain, 3, precision={WAIT: "5%"}), Made(drawn(1, 5), drawn(2, 3), drawn(3, 9)))
    text = result.text(100)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "★ clerk.staff=2" in text
    assert "guest.wait" in text
    assert "vs base" in text
    assert "both have" in text
    assert "every scenario is as precise as asked: guest.wait ± 5%" in " ".join(text.split()).replace("Every", "every")
    assert repr(result) == result.text()
    page = result._repr_html_()
    assert page.startswith("<div>")
    assert "★ clerk.staff=2" in page


def test_progress_is_told(chain):
    told = []
    result = carry_out(plan(chain, precision={WAIT: "2%"}), Made(drawn(1, 5), drawn(2, 5), pause=0.001), told.append)
    assert told[-1].ended == "precision"
    assert (told[-1].share, told[-1].open, told[-1].scenarios) == (1.0, 0, 2)
    assert told[-1].replications >= sum(each.replications for each in result.scenarios)
    assert 0 < told[0].share < 1
    assert all(0 <= headway.share <= 1 for headway in told)
    assert any(WAIT in headway.widths for headway in told[:-1])
    now, asked = told[-1].widths[WAIT]
    assert 0 < now <= asked
    assert "of 2 scenarios open" in str(told[0])


def test_a_round_costs_little_whatever_has_been(chain):
    # 12 scenarios, 5,000 replications each, decided after each of 208 rounds
    workshop = Made(*[drawn(n, 5) for n in range(12)])
    table = np.array([np.stack([column, column, column, column], axis=1) for column in workshop.numbers])

    def values(blocks):
        for block in blocks:
            yield block, table[block.scenario, block.first : block.first + block.count]

    workshop.values = values
    made = plan(chain, 12, precision={WAIT: "0.55%"})
    carry_out(plan(chain, 12, replications=24), workshop)
    started = time.process_time()
    result = carry_out(made, workshop)
    spent = time.process_time() - started
    assert min(each.replications for each in result.scenarios) > 4_500
    assert spent < 3


class Screen:
    """A notebook's front end."""

    def __init__(self):
        self.lines = []

    def display(self, text, **options):
        assert options == {"raw": True, "display_id": True}
        self.lines.append(text["text/plain"])
        return self

    def update(self, text, raw):
        assert raw
        self.lines[-1] = text["text/plain"]


def test_a_notebook_is_shown_one_line_that_changes(chain, monkeypatch):
    screen = Screen()
    notebook = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1), display=screen)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", screen)
    servicechain.study(chain, until=50, replications=48, executor="here", progress=True)
    assert screen.lines == ["0 of 1 scenarios open, 48 replications of about 48"]


def test_without_a_terminal_there_is_no_bar(chain, capsys):
    servicechain.study(chain, until=50, replications=24, executor="here", progress=True)
    assert capsys.readouterr() == ("", "")


# ------------------------------------------------------------------ with engines


@pytest.fixture(params=["reference", "compiled"])
def engine(request):
    return request.param


def test_the_base_case_is_a_run_to_the_last_bit(chain, engine):
    result = servicechain.study(chain, vary={"clerk.staff": [1, 2]}, until=200, replications=24, seed=5, engine=engine)
    alone = servicechain.run(chain, until=200, replications=24, seed=5, engine=engine)
    other = servicechain.run(
        chain.with_values({"actors.clerk.staff": 2}), until=200, replications=24, seed=5, engine=engine
    )
    checked = 0
    for column in result.columns:
        if column.startswith(("customers.", "services.", "actors.")):
            for name, run in (("base", alone), ("clerk.staff=2", other)):
                found = run.to_dict()
                for key in column.split("."):
                    found = found[key]
                number = found if isinstance(found, float) or found is None else found["mean"]
                mean = result.estimate(name, column).mean
                assert (number is None and math.isnan(mean)) or mean == number, column
                checked += 1
    assert checked > 30
    assert result.estimate("base", WAIT).halfwidth == alone.value("customers.guest.wait.halfwidth")
    parts = {(part["actor"], part["cause"]): part["time"]["mean"] for part in alone.to_dict()["attribution"]["guest"]}
    frame = result.attribution("base", "guest")
    for row in frame.itertuples():
        assert row.time == pytest.approx(parts.get((row.actor, row.cause), 0.0), rel=1e-12)


def test_both_engines_tell_the_same(chain):
    texts = [
        servicechain.study(chain, vary={"clerk.staff": [2]}, until=100, precision={WAIT: "20%"}, engine=name).to_json()
        for name in ("reference", "compiled")
    ]
    assert texts[0] == texts[1]


@pytest.mark.theory
def test_workers_and_executors_change_nothing(chain):
    asked = {"vary": {"clerk.staff": [2, 3]}, "until": 100, "precision": {WAIT: "15%"}, "metrics": [WAIT, COST]}
    here = servicechain.study(chain, **asked, executor="here")
    assert servicechain.study(chain, **asked, executor="threads", workers=2).to_json() == here.to_json()
    assert servicechain.study(chain, **asked, workers=2).to_json() == here.to_json()


def test_a_study_goes_on_from_its_ledger(chain, tmp_path):
    asked = {"vary": {"clerk.staff": [2]}, "until": 100, "seed": 3}
    rough = servicechain.study(chain, **asked, precision={WAIT: "30%"}, ledger=tmp_path / "a.sqlite")
    fine = servicechain.study(chain, **asked, precision={WAIT: "15%"}, ledger=tmp_path / "a.sqlite")
    assert fine.base.replications > rough.base.replications
    assert fine.to_json() == servicechain.study(chain, **asked, precision={WAIT: "15%"}).to_json()


@pytest.mark.theory
def test_a_study_of_mm1_finds_what_theory_says(chain):
    # M/M/1, mean service 1: the wait in line is rho/(1 − rho), with two clerks (M/M/2, Erlang C) rho³/(1 − rho²/4)/4…
    rho = 0.5
    erlang_c = (rho**2 / 2) / ((1 - rho / 2) * (1 + rho) + rho**2 / 2)
    exact = {"base": rho / (1 - rho), "clerk.staff=2": erlang_c / (2 - rho)}
    result = servicechain.study(
        chain, vary={"clerk.staff": [1, 2]}, customers=5000, warm_up=200, precision={WAIT: "2%"}, seed=2
    )
    assert result.ended == "precision"
    for name, value in exact.items():
        found = result.estimate(name, WAIT)
        assert found.halfwidth <= 0.02 * found.mean
        # four standard errors: a false alarm in 16,000
        assert abs(found.mean - value) < 4 * found.halfwidth / 1.96
    apart = result.scenario("clerk.staff=2").differences[WAIT]
    assert abs(apart.mean - (exact["clerk.staff=2"] - exact["base"])) < 4 * apart.halfwidth / 1.96
    assert result.guarantee.best == ("clerk.staff=2",)


def test_a_warm_up_is_found_and_used_for_all_scenarios(chain):
    busy = chain.with_values({"customers.guest.arrivals": "poisson(rate=0.9)"})
    asked = {"vary": {"clerk.staff": [2]}, "customers": 4000, "replications": 24, "engine": "compiled"}
    found = servicechain.study(busy, **asked, warm_up="auto")
    assert found.plan.auto_warm_up
    assert 0 <= found.warm_up < 2000 / 0.9
    given = servicechain.study(busy, **asked, warm_up=found.warm_up)
    assert given.base.metrics == found.base.metrics


def test_a_run_too_short_for_its_warm_up_is_told(chain):
    with pytest.raises(Mistake, match="scenario 'base': a warm-up cannot be found from"):
        servicechain.study(chain, customers=50, warm_up="auto", replications=24)


def test_batches_of_a_run_take_the_place_of_replications(chain):
    result = servicechain.study(
        chain, vary={"clerk.staff": [2]}, customers=24_000, warm_up=100, method="batch_means", engine="compiled"
    )
    assert result.base.replications == 24
    assert result.plan.metrics == (WAIT,)
    # three runs, of eight batches each
    alone = servicechain.run(chain, customers=24_000, warm_up=100, replications=3, engine="compiled")
    # batches hold equal numbers of customers but for one
    assert result.estimate("base", WAIT).mean == pytest.approx(alone.value(f"{WAIT}.mean"), rel=1e-3)
    assert "24 batches, 8 to a run" in result.text()
    assert "replications" not in result.text()


# ------------------------------------------------------------------ what can go wrong


def test_a_study_takes_a_chain():
    with pytest.raises(Mistake, match=r"study takes a Chain, got .hotel\.yaml."):
        servicechain.study("hotel.yaml")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"vary": {"clark.staff": [2]}}, "vary.clark.staff: 'clark.staff': nothing is called 'clark'"),
        ({"vary": {"clerk.staff": [2]}, "scenarios": {"a": {"clerk.staff": 2}}}, "either 'vary' or 'scenarios'"),
        ({"metrics": "customers.guest.wait"}, "metrics: metrics are a list of paths"),
        ({"precision": {"customers.guest.wait": "2"}, "replications": 5}, "replications: a study has either"),
        ({"budget": 5}, "budget: a budget is"),
        ({"best": {"goal": "least"}}, "best: there is no goal 'least'; there are 'max', 'min'"),
        ({"seed": "x"}, "seed: a seed must be"),
        ({"until": -1}, "run: the end of a run must not be negative"),
        ({"until": "1d", "customers": 5}, "run: a run ends either after"),
        ({"replications": 24, "method": "batch_means", "metrics": [COST]}, "known for a whole run only"),
        ({"replications": 25, "method": "batch_means"}, "write a multiple of 8"),
        ({"title": ""}, "study: the title of a study must be a text"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(chain, asked, message, monkeypatch):
    monkeypatch.setattr(study_module, "run_plan", lambda *_, **__: pytest.fail("it ran"))
    with pytest.raises(ChainError) as error:
        servicechain.study(chain, **asked)
    assert message in str(error.value)


def test_an_engine_that_is_not_there_is_told(chain):
    with pytest.raises(RunError, match="there is no engine 'quick'"):
        servicechain.study(chain, engine="quick")


@pytest.mark.parametrize("wrong", [0, 1.5, "two", -1])
def test_workers_that_are_none_are_told(chain, wrong):
    with pytest.raises(Mistake, match="workers must be a whole number"):
        servicechain.study(chain, until=10, replications=2, workers=wrong)


def test_an_executor_that_is_none_is_told(chain):
    with pytest.raises(Mistake):
        servicechain.study(chain, until=10, replications=2, executor="loacl")


@pytest.mark.parametrize("wrong", [5, "", ".", ["a"]])
def test_a_ledger_that_is_none_is_told(chain, wrong):
    with pytest.raises(ServiceChainError):
        servicechain.study(chain, until=10, replications=2, ledger=wrong)


@pytest.mark.parametrize(
    ("ledger", "message"), [(None, "nothing was kept"), ("a.sqlite", "run the same study with it")]
)
def test_an_interrupted_study_says_how_to_go_on(chain, tmp_path, ledger, message):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=message):
        servicechain.study(
            chain,
            until=100,
            precision={WAIT: "5%"},
            ledger=None if ledger is None else tmp_path / ledger,
            progress=interrupt,
            executor="here",
        )


def test_steps_in_python_run_on_the_reference_engine(chain):
    def serve(context):
        yield servicechain.work(1)

    data = {**QUEUE, "services": {"serve": {"by": "clerk", "steps": [{"custom": serve}]}}}
    result = servicechain.study(Chain.from_dict(data), vary={"clerk.staff": [2]}, until=100, replications=8)
    assert result.plan.engine == "reference"
    assert result.base.replications == 8
    with pytest.raises(RunError):
        servicechain.study(Chain.from_dict(data), until=100, replications=8, engine="compiled")


def test_the_plan_can_be_changed_and_run_again(chain):
    made = plan(chain, replications=24)
    again = replace(made, settings=replace(made.settings, seed=9))
    assert study_module.with_warm_up(again) is again
