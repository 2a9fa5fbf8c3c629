import math
from dataclasses import replace

import pytest

import servicechain
from servicechain import Chain, ChainError, RunError, ServiceChainError
from servicechain.errors import Mistake
from servicechain.studies import study as study_module
from servicechain.studies.planning import Asked, plan_of
from small_studies import QUEUE

WAIT, COST, SHARE = "customers.guest.wait", "cost_per_day", "customers.guest.abandoned_share"
BLAME = "attribution.guest.clerk.work.time"
COLUMNS = (WAIT, SHARE, COST, BLAME)


@pytest.fixture(scope="module")
def chain():
    return Chain.from_dict(QUEUE)


def plan(chain, count=2, **asked):
    vary = {"clerk.staff": [*range(1, count + 1)]} if count > 1 else None
    return plan_of(chain, Asked(vary=vary, until=480, **{"metrics": [WAIT], **asked}))


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
