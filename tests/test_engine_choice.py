import sys
from types import SimpleNamespace

import pytest

from servicechain import Chain, RunError, ask, custom, engines, run
from servicechain.engines import ENGINES, LARGE, chosen, engine_for, has_python, is_ready
from servicechain.engines.reference.engine import ReferenceEngine
from servicechain.settings import Settings
from servicechain.volume import expected_customers, expected_requests
from timelines import chain_of

DESK = """
actors: {{desk: {{lane: contact, staff: 1}}}}
services: {{serve: {{by: desk, steps: [{{work: 1}}]}}}}
customers: {{guest: {{arrivals: {arrivals}, {more} journey: [{{ask: serve}}]}}}}
"""


def desk(arrivals="every(2)", more=""):
    return chain_of(DESK.format(arrivals=arrivals, more=more)).loaded()


class Compiled(ReferenceEngine):
    name = "compiled"


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    monkeypatch.setitem(ENGINES, "compiled", Compiled)


@pytest.fixture
def ready(monkeypatch):
    monkeypatch.setattr(engines, "is_ready", lambda: True)


@pytest.fixture
def cold(monkeypatch):
    monkeypatch.setattr(engines, "is_ready", lambda: False)


def python_chain():
    def function(context):
        yield ask("serve")

    return Chain.from_dict(
        {**desk().to_dict(), "customers": {"guest": {"arrivals": "every(2)", "journey": [custom(function)]}}}
    )


def test_the_compiled_engine_wherever_it_is_ready(ready):
    assert chosen(desk()) == "compiled"
    assert engine_for(desk()).name == "compiled"


def test_until_it_is_ready_what_is_not_large_is_done_by_the_other(cold):
    assert chosen(desk(), requests=LARGE - 1) == "reference"
    assert chosen(desk(), requests=LARGE) == "compiled"
    assert engine_for(desk()).name == "reference"
    assert engine_for(desk(), requests=float("inf")).name == "compiled"


@pytest.mark.usefixtures("ready")
def test_steps_in_python_take_the_reference_engine():
    chain = python_chain()
    assert has_python(chain)
    assert not has_python(desk())
    assert chosen(chain, requests=10 * LARGE) == "reference"


@pytest.mark.parametrize("name", ["reference", "compiled"])
def test_whoever_names_an_engine_gets_it(cold, name):
    assert engine_for(desk(), name, frozenset({"desk"})).name == name
    assert chosen(python_chain(), name) == name
    with pytest.raises(RunError, match="no engine 'compild'; did you mean 'compiled'"):
        chosen(desk(), "compild")


def test_a_run_says_which_engine_it_was(monkeypatch, ready):
    few = {"customers": 50, "replications": 2}
    fast = run(desk(), **few).to_dict()
    monkeypatch.setattr(engines, "is_ready", lambda: False)
    slow = run(desk(), **few).to_dict()
    # 50 customers with a request each, twice over
    monkeypatch.setattr(engines, "LARGE", 200)
    large = run(desk(), **few).to_dict()
    assert [each["engine"] for each in (fast, slow, large)] == ["compiled", "reference", "compiled"]
    assert fast["customers"] == slow["customers"]


def test_what_this_process_has_compiled_is_ready(monkeypatch):
    monkeypatch.setattr("servicechain.compiled_cache.is_kept", lambda source, function: False)
    kernel = SimpleNamespace(simulate=SimpleNamespace(signatures=[]))
    monkeypatch.setitem(sys.modules, "servicechain.engines.compiled.kernel", kernel)
    assert not is_ready()
    kernel.simulate.signatures.append("a signature")
    assert is_ready()


# -- how much there is to do ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrivals", "more", "settings", "expected"),
    [
        ("every(2)", "", {"customers": 500}, 500),
        ("every(2)", "", {"until": 100}, 50),
        ("poisson(rate=3)", "batch: 2,", {"until": 100}, 600),
        ("'at([0, 5, 5, 12])'", "", {"customers": 500}, 4),
        ("'at([0, 5, 5, 12])'", "", {"customers": 3}, 3),
        ("'at([0, 5, 5, 12])'", "batch: 3,", {"until": 12}, 9),
        ("{rates: [60, 120], per: hour, each: 10, repeat: false}", "", {"customers": 500}, 30),
        ("{rates: [60, 120], per: hour, each: 10, repeat: false}", "", {"until": 1000}, 30),
        ("{rates: [60, 120], per: hour, each: 10}", "", {"until": 1000}, 1500),
        # each comes again after thinking 9 and being served for 1
        ("{population: 5, think: 9}", "", {"until": 100}, 50),
        ("poisson(rate=0)", "", {"until": 100}, 0),
        ("poisson(rate=0)", "", {"customers": 100}, 0),
    ],
)
def test_expected_customers(arrivals, more, settings, expected):
    chain = desk(arrivals, more)
    assert expected_customers(chain, Settings.of(chain, **settings))["guest"] == pytest.approx(expected)
    # a customer and a request
    whole = expected_requests(chain, Settings.of(chain, replications=4, **settings))
    assert whole == pytest.approx(4 * 2 * expected)


def test_classes_share_the_customers_by_their_rates():
    chain = chain_of("""
        actors: {desk: {lane: contact, staff: 1}}
        services:
          serve: {by: desk, steps: [{work: 1}, {chance: 0.5, then: [{tell: note}]}]}
          note: {by: desk, steps: []}
        customers:
          often: {arrivals: poisson(rate=3), journey: [{ask: serve}, {ask: note}]}
          rare: {arrivals: poisson(rate=1), journey: [{work: 1}]}
          once: {arrivals: "at([1])", journey: [{ask: serve}]}
        """).loaded()
    settings = Settings.of(chain, customers=400, replications=1)
    assert expected_customers(chain, settings) == {"often": 300, "rare": 100, "once": 0}
    assert expected_requests(chain, settings) == pytest.approx(300 * (1 + 1 + 1 + 0.5) + 100)


def test_requests_without_end_are_many():
    chain = chain_of("""
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 1}, {tell: serve}]}}
        customers: {guest: {arrivals: every(2), journey: [{ask: serve}]}, other: {arrivals: "at([0])", journey: []}}
        """).loaded()
    assert expected_requests(chain, Settings.of(chain, until=10)) == float("inf")
