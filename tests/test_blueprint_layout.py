import functools
import itertools
import random

import pytest

from servicechain.plots.layout import Arrow, Box, plan
from servicechain.plots.layout_columns import Program
from servicechain.plots.layout_layers import Layers
from servicechain.plots.layout_tracks import NEAR, Net, assign_tracks

# of the pictures numbered 100 to 199, these have lines along each other unless they are parted
CLASHING = (123, 159, 163, 178, 184, 186)


def box(name, width=100.0):
    return Box(name, width, 50.0)


def arrow(source, target, width=60.0):
    return Arrow(source, target, width, 20.0)


def some(seed, rows=5, most=5, arrows=25):
    rng = random.Random(seed)
    places = [[box(f"{row}.{at}", rng.randint(60, 200)) for at in range(rng.randint(0, most))] for row in range(rows)]
    names = [one.name for row in places for one in row] or ["0.0"]
    places = places if any(places) else [[box("0.0")]]
    return places, [arrow(rng.choice(names), rng.choice(names), rng.randint(10, 120)) for _ in range(arrows)]


@functools.cache
def planned(seed):
    rows, arrows = some(seed)
    return plan(rows, arrows, {0, 2}), arrows


def overlap(one, other):
    return min(one.right, other.right) > max(one.left, other.left) and min(one.bottom, other.bottom) > max(
        one.top, other.top
    )


def segments(route):
    return list(itertools.pairwise(route))


@pytest.mark.parametrize("seed", range(30))
def test_boxes_labels_and_lines_keep_apart(seed):
    result, _ = planned(seed)
    shapes = [*result.boxes.values(), *result.labels]
    for one, other in itertools.combinations(shapes, 2):
        assert not overlap(one, other)
    for number, route in enumerate(result.routes):
        for (x0, y0), (x1, y1) in segments(route):
            assert x0 == x1 or y0 == y1, "lines run straight down or straight across"
            for at, shape in enumerate(shapes):
                own = at == len(result.boxes) + number
                across = min(x0, x1) < shape.right and max(x0, x1) > shape.left
                along = min(y0, y1) < shape.bottom and max(y0, y1) > shape.top
                assert own or not (across and along)


@pytest.mark.parametrize("seed", range(30))
def test_an_arrow_leads_from_its_source_to_its_target_through_its_label(seed):
    result, arrows = planned(seed)
    for one, route, label in zip(arrows, result.routes, result.labels, strict=True):
        (x0, y0), (x1, y1) = route[0], route[-1]
        source, target = result.boxes[one.source], result.boxes[one.target]
        assert source.left < x0 < source.right
        assert target.left < x1 < target.right
        assert y0 in (source.top, source.bottom)
        assert y1 in (target.top, target.bottom)
        middle = (label.left + label.right) / 2
        assert any(
            a[0] == b[0] == pytest.approx(middle) and min(a[1], b[1]) <= label.top and label.bottom <= max(a[1], b[1])
            for a, b in segments(route)
        )


@pytest.mark.parametrize("seed", range(30))
def test_heads_and_feet_of_arrows_keep_their_distance_on_a_box(seed):
    result, _ = planned(seed)
    ends = sorted((y, x) for route in result.routes for x, y in (route[0], route[-1]))
    for (y, x), (other_y, other_x) in itertools.pairwise(ends):
        assert y != other_y or other_x - x > 21.9


def test_no_line_runs_along_another():
    for seed in (*range(30), *CLASHING):
        result = planned(seed)[0] if seed < 30 else plan(*some(seed, rows=6, arrows=40), {0, 2, 4})
        lines = [(number, *sorted(ends)) for number, route in enumerate(result.routes) for ends in segments(route)]
        for (number, start, end), (other, begin, stop) in itertools.combinations(lines, 2):
            for across, along in ((0, 1), (1, 0)):
                parallel = start[across] == end[across] and begin[across] == stop[across]
                near = abs(start[across] - begin[across]) < NEAR
                shared = min(end[along], stop[along]) - max(start[along], begin[along])
                assert number == other or not (parallel and near and shared > 1), (
                    seed,
                    start,
                    end,
                    begin,
                    stop,
                )


@pytest.mark.parametrize("seed", range(10))
def test_only_vertical_lines_cross_a_border(seed):
    result, _ = planned(seed)
    for route in result.routes:
        for (x0, y0), (x1, y1) in segments(route):
            assert x0 == x1 or all(abs(y0 - y) >= 5 for y in result.borders.values()), (x0, x1, y1)


def test_an_arrow_within_a_row_does_not_cross_the_border_below():
    result = plan([[box("a"), box("b")], [box("c")]], [arrow("a", "b"), arrow("b", "b"), arrow("b", "c")], {0})
    for route in result.routes[:2]:
        assert max(y for _, y in route) < result.borders[0]
    assert result.routes[2][-1][1] > result.borders[0]


def test_a_chain_of_boxes_is_one_straight_line():
    rows = [[box("a")], [box("b", 170.0)], [box("c", 80.0)]]
    result = plan(rows, [arrow("a", "b"), arrow("b", "c"), arrow("c", "b")])
    assert [len(route) for route in result.routes] == [2, 2, 2]


def test_a_line_passes_beside_the_boxes_between():
    result = plan([[box("a")], [box("b")], [box("c")]], [arrow("a", "c"), arrow("a", "b"), arrow("b", "c")])
    between = result.boxes["b"]
    crossing = [a[0] for a, b in segments(result.routes[0]) if a[1] < between.top < b[1]]
    assert crossing
    assert all(not between.left - 10 < x < between.right + 10 for x in crossing)


def test_boxes_are_ordered_so_that_arrows_need_not_cross():
    upper, lower = [box(name) for name in "abcd"], [box(name) for name in "efgh"]
    layers = Layers([upper, lower], [arrow(*pair) for pair in ("ah", "bg", "cf", "de")])
    layers.order()
    names = [[place.name for place in layer] for layer in (layers.layers[0], layers.layers[2])]
    partner = {"a": "h", "b": "g", "c": "f", "d": "e"}
    assert [partner[name] for name in names[0]] == names[1]


def test_nothing_at_all_is_a_picture_of_nothing():
    result = plan([[], []], [])
    assert (result.width, result.routes, result.boxes) == (0.0, [], {})


def test_lines_that_would_run_along_each_other_are_ordered():
    # the second comes in from above where the first goes down: it must have bent away before
    first, second = Net(0, 0, (0.0,), (50.0,)), Net(1, 0, (50.0,), (90.0,))
    assert assign_tracks([second, first]) == [0, 1]
    assert assign_tracks([first, second]) == [1, 0]


def test_lines_apart_share_a_track_and_nested_ones_do_not():
    assert assign_tracks([Net(0, 0, (0.0,), (20.0,)), Net(1, 0, (60.0,), (90.0,))]) == [0, 0]
    assert assign_tracks([Net(0, 0, (10.0, 90.0), ()), Net(1, 0, (30.0, 60.0), ())]) == [1, 0]


def test_the_program_finds_the_median():
    # the sum of distances to 1, 2 and 9 is least at 2
    program = Program()
    x = program.variable()
    for point in (1.0, 2.0, 9.0):
        fixed = program.variable()
        program.at_least(point, {fixed: 1.0})
        program.at_least(-point, {fixed: -1.0})
        program.near(x, fixed, 1.0)
    assert program.solve()[x] == pytest.approx(2.0)
