import doctest
import math

import networkx as nx
import pytest

import servicechain.graph
from good_chains import EVERY_KEY
from servicechain import Chain
from servicechain.files.tree import read_tree
from timelines import chain_of

CHAIN = """\
actors:
  clerk: {lane: contact, staff: 2, wage: 18, speed: 2}
  system: {lane: system, capacity: 3}
  cloud: {lane: supplier}
services:
  serve: {by: clerk, steps: [{work: 2}, {ask: look up}, {chance: 0.5, then: [{ask: look up}]}, {tell: note}]}
  sell: {by: clerk, steps: [{ask: look up}, {chance: 0.1, then: [{hand_off: note}]}]}
  look up: {by: system, steps: [{work: 1}]}
  note: {by: cloud, steps: [{work: 1}]}
customers:
  guest: {arrivals: poisson(rate=6/h), journey: [{ask: serve}, {ask: sell}]}
  clerk: {arrivals: poisson(rate=18/h), journey: [{tell: sell}]}
"""


@pytest.fixture
def graph():
    return chain_of(CHAIN).graph


def test_it_is_a_networkx_multidigraph(graph):
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.graph == {"name": "a timeline", "unit": "minutes"}


def test_actors_and_classes_are_nodes(graph):
    assert list(graph) == ["clerk", "system", "cloud", "guest", "clerk (customer)"]
    facts = {"kind": "actor", "lane": "contact", "servers": 2, "wage": 18, "speed": 2}
    assert graph.nodes["clerk"] == facts
    assert graph.nodes["cloud"]["servers"] == math.inf
    assert graph.nodes["guest"] == {"kind": "customer", "rate": pytest.approx(0.1)}
    assert graph.nodes["clerk (customer)"]["rate"] == pytest.approx(0.3)


def test_an_edge_is_a_service_one_requests_of_the_other(graph):
    assert {(a, b, key) for a, b, key in graph.edges(keys=True)} == {
        ("guest", "clerk", ("ask", "serve")),
        ("guest", "clerk", ("ask", "sell")),
        ("clerk (customer)", "clerk", ("tell", "sell")),
        ("clerk", "system", ("ask", "look up")),
        ("clerk", "cloud", ("tell", "note")),
        ("clerk", "cloud", ("hand_off", "note")),
    }
    edge = graph.edges["clerk", "cloud", ("hand_off", "note")]
    assert (edge["kind"], edge["service"]) == ("hand_off", "note")


def test_expected_requests_are_per_customer_and_weighted_by_rates(graph):
    # A guest makes serve (1.5 look ups) and sell (1); the other class makes sell only; guests are a quarter.
    edge = graph.edges["clerk", "system", ("ask", "look up")]
    assert edge["by_class"] == pytest.approx({"guest": 2.5, "clerk": 1})
    assert edge["expected"] == pytest.approx(0.25 * 2.5 + 0.75 * 1)
    assert graph.edges["clerk", "cloud", ("hand_off", "note")]["by_class"] == pytest.approx(
        {"guest": 0.1, "clerk": 0.1}
    )
    assert graph.edges["clerk (customer)", "clerk", ("tell", "sell")]["by_class"] == {"guest": 0, "clerk": 1}


def test_classes_without_a_long_run_rate_weigh_the_same():
    text = CHAIN.replace("poisson(rate=6/h)", "'at([1])'").replace("poisson(rate=18/h)", "'at([2])'")
    edge = chain_of(text).graph.edges["clerk", "system", ("ask", "look up")]
    assert edge["expected"] == pytest.approx((2.5 + 1) / 2)


def test_the_algorithms_of_networkx_apply(graph):
    assert nx.descendants(graph, "guest") == {"clerk", "system", "cloud"}
    assert nx.is_directed_acyclic_graph(graph)
    everything = Chain.from_dict(read_tree(EVERY_KEY, "a test").data).graph
    assert nx.has_path(everything, "guest", "vendor")


def test_a_chain_without_customers_has_a_graph():
    assert len(Chain(chain="Empty", unit="hours", actors={}, services={}, customers={}).graph) == 0


def test_the_examples_of_its_docstring_hold():
    assert doctest.testmod(servicechain.graph).failed == 0
