import json
import math
import random
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import servicechain
from servicechain import Chain
from servicechain.errors import Mistake
from servicechain.studies.plan import ROUND
from servicechain.studies.planning import Asked, plan_of
from servicechain.studies.rounds import carry_out
from small_studies import QUEUE

WAIT, COST, SHARE = "customers.guest.wait", "cost_per_day", "customers.guest.abandoned_share"
BLAME = "attribution.guest.clerk.work.time"
COLUMNS = (WAIT, SHARE, COST, BLAME)


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
