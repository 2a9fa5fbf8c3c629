from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicechain.circles import circles, groups, way_back

LINKS = st.integers(1, 8).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, n - 1), max_size=4), min_size=n, max_size=n).map(
        lambda rows: {f"s{i}": [f"s{j}" for j in row] for i, row in enumerate(rows)}
    )
)


@given(LINKS)
def test_groups_are_those_of_networkx_and_come_after_what_they_lead_to(links):
    found = groups(links)
    expected = nx.strongly_connected_components(nx.DiGraph(links))
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
    place = {name: number for number, group in enumerate(found) for name in group}
    assert all(place[target] <= place[name] for name, targets in links.items() for target in targets)


@given(LINKS)
def test_a_way_back_is_the_shortest(links):
    graph = nx.DiGraph(links)
    for name in links:
        way = way_back(links, name)
        lengths = [
            nx.shortest_path_length(graph, target, name) for target in links[name] if nx.has_path(graph, target, name)
        ]
        if not lengths:
            assert way == []
            continue
        assert way[0] == way[-1] == name
        assert all(after in links[before] for before, after in pairwise(way))
        assert len(way) - 1 == 1 + min(lengths)


def test_circles_are_in_the_order_given():
    links = {"e": ["d"], "b": ["c"], "a": ["a"], "c": ["b", "a"], "d": ["b"]}
    assert circles(links) == [["b", "c"], ["a"]]


@pytest.mark.theory  # a long chain
def test_a_long_circle_needs_no_stack():
    number = 50_000
    links = {str(i): [str((i + 1) % number)] for i in range(number)}
    assert len(groups(links)) == 1
    assert len(way_back(links, "0")) == number + 1
