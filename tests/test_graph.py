import doctest
import math

import networkx as nx
import pytest

import servicechain.graph
from good_chains import EVERY_KEY
from servicechain import Actor, Chain, CustomerClass, Service, ask, work
from servicechain.files.tree import read_tree
from servicechain.steps import custom
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


def test_who_shares_a_service_has_an_edge_each_and_the_first_has_the_numbers():
    text = CHAIN.replace("look up: {by: system,", "look up: {by: [system, cloud],").replace(
        "serve: {by: clerk,", "serve: {by: [clerk, temp],"
    )
    graph = chain_of(text.replace("services:", "  temp: {lane: contact, staff: 1}\nservices:")).graph
    key = ("ask", "look up")
    expected = {(a, b): graph.edges[a, b, key]["expected"] for a, b, k in graph.edges(keys=True) if k == key}
    assert expected == {
        ("clerk", "system"): pytest.approx(0.25 * 2.5 + 0.75),
        ("clerk", "cloud"): 0,
        ("temp", "system"): 0,
        ("temp", "cloud"): 0,
    }
    assert graph.edges["clerk", "cloud", key]["by_class"] == {"guest": 0, "clerk": 0}
    assert nx.descendants(graph, "temp") == {"system", "cloud"}


def test_a_repair_leads_from_who_fails_to_who_repairs():
    text = CHAIN.replace("capacity: 3}", "capacity: 3, failures: {every: 8h, repair: restart}}")
    graph = chain_of(
        text.replace("customers:", "  restart: {by: [clerk, cloud], steps: [{work: 9}]}\ncustomers:")
    ).graph
    repairs = {(a, b): edge for a, b, edge in graph.edges(data=True) if edge["kind"] == "repair"}
    assert set(repairs) == {("system", "clerk"), ("system", "cloud")}
    edge = graph.edges["system", "clerk", ("repair", "restart")]
    assert (edge["service"], edge["by_class"]) == ("restart", {})
    assert math.isnan(edge["expected"])
    certain = nx.subgraph_view(graph, filter_edge=lambda *edge: graph.edges[edge]["expected"] >= 1)
    assert not certain.has_edge("system", "clerk")


def test_all_branches_side_by_side_have_edges():
    steps = "[{together: [[{ask: look up}], [{ask: look up}, {ask: note}]], need: any}]"
    text = CHAIN.replace(
        "{by: clerk, steps: [{ask: look up}, {chance",
        f"{{by: clerk, steps: {steps}}}\n  rest: {{by: clerk, steps: [{{chance",
    )
    graph = chain_of(text).graph
    # a guest's serve makes 1.5 look ups, sell 2; the other class sells only
    assert graph.edges["clerk", "system", ("ask", "look up")]["by_class"] == pytest.approx({"guest": 3.5, "clerk": 2})
    assert graph.edges["clerk", "cloud", ("ask", "note")]["by_class"] == pytest.approx({"guest": 1, "clerk": 1})


def test_a_closed_population_comes_as_often_as_its_members_can():
    graph = chain_of(CHAIN.replace("arrivals: poisson(rate=6/h)", "arrivals: {population: 2, think: 15}")).graph
    # serve: 1 minute of work and 1.5 look ups of 1 minute; sell: 1 look up and 0.1 notes of 1 minute
    assert graph.nodes["guest"]["rate"] == pytest.approx(2 / (15 + 2.5 + 1.1))


def test_a_step_in_python_has_edges_to_what_it_may_request():
    def function(_):
        yield ask("fetch")

    chain = Chain(
        chain="Store",
        unit="minutes",
        actors={"clerk": Actor(lane="contact", staff=1), "system": Actor(lane="system", capacity=1)},
        services={
            "serve": Service(by="clerk", steps=[custom(function, requests=["fetch"])]),
            "fetch": Service(by="system", steps=[work(1)]),
        },
        customers={"guest": CustomerClass(arrivals="every(5)", journey=[ask("serve")])},
    )
    assert chain.graph.edges["clerk", "system", ("ask", "fetch")]["expected"] == 1


def test_the_examples_of_its_docstring_hold():
    assert doctest.testmod(servicechain.graph).failed == 0
