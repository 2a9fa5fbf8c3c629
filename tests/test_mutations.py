import copy
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from good_chains import GOOD_CHAINS
from random_chains import chains
from servicechain import Chain, check
from servicechain.errors import ChainError
from servicechain.files.reading import read
from servicechain.files.tree import read_tree
from servicechain.problems import STEP_KEYS

pytestmark = pytest.mark.theory  # many random chains

TREES = [read_tree(text, "a test").data for text in GOOD_CHAINS]

WORDS = st.sampled_from(
    [
        *STEP_KEYS,
        *(
            "chain",
            "unit",
            "actors",
            "services",
            "customers",
            "lane",
            "staff",
            "capacity",
            "by",
            "steps",
            "then",
            "else",
        ),
        *(
            "times",
            "until",
            "at_most",
            "weight",
            "label",
            "journey",
            "arrivals",
            "batch",
            "patience",
            "rates",
            "per",
        ),
        *("shifts", "at_shift_end", "failures", "every", "repair", "lasts", "stops", "clock", "after", "preempt"),
        *("days", "from", "to", "need", "population", "think", "patience_covers", "custom", "requests"),
        *("all", "any", "one", "wait", "working", "restart", "stop", "mon-fri", "08:00", "24:00"),
        *(
            "serve",
            "look up",
            "clerk",
            "system",
            "contact",
            "reply",
            "unlimited",
            "minutes",
            "",
            " ",
            "a.b",
            "<work>",
            "[key]",
        ),
        *(
            "2m",
            "1e308d",
            "exponential(mean=3)",
            "poisson(rate=4/h)",
            "every(0)",
            "at([1, 2])",
            "discrete([1],[1])",
        ),
        *(
            "lognormal(mean=1e308, cv=9e99)",
            'empirical(file="x.csv", column="y")',
            'at(file="x", column="y")',
            "((((",
            "é\u2028",
        ),
    ]
)
NUMBERS = st.sampled_from([0, 1, 2, -1, 0.5, 1e308, 5e-324, -0.0, 2**53, 2**70, float("nan"), float("inf")])
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


def places(node, path=()):
    """All paths to something that can be replaced."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in parts:
        yield (*path, key)
        yield from places(value, (*path, key))


@st.composite
def mutated(draw):
    tree = copy.deepcopy(draw(st.sampled_from(TREES)))
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(tree))
        if not found:
            break
        path = draw(st.sampled_from(found))
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        what = draw(st.sampled_from(["replace", "delete", "double", "rename", "move"]))
        if what == "replace":
            parent[path[-1]] = draw(VALUES)
        elif what == "delete":
            del parent[path[-1]]
        elif what == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        elif what == "rename" and isinstance(parent, dict):
            parent[draw(WORDS)] = parent.pop(path[-1])
        elif what == "move":
            other = tree
            for key in draw(st.sampled_from(found))[:-1]:
                other = other[key] if isinstance(other, (dict, list)) and _holds(other, key) else other
            if isinstance(other, dict):
                other[draw(WORDS)] = copy.deepcopy(parent[path[-1]])
    return tree


def _holds(container, key):
    return key in container if isinstance(container, dict) else isinstance(key, int) and key < len(container)


def judge(tree):
    """Build a chain, or be told why not: in one line each, and with paths that are paths."""
    try:
        return Chain.from_dict(tree)
    except ChainError as error:
        problems = error.problems
    assert problems
    for problem in problems:
        assert problem.message
        assert "\n" not in str(problem)
        assert not any(isinstance(part, str) and part.startswith("\x1f") for part in problem.path)
    return None


def use(chain):
    """Do with a chain what does not simulate it."""
    again = Chain.from_dict(chain.to_dict())
    assert again == chain
    try:
        found = check(chain)
    except ChainError as error:
        found = error.problems
        missing = [problem for problem in found if "x.csv" in str(problem) or "'x'" in str(problem)]
        # nothing but the files it names was left to complain of
        assert missing == list(found)
    assert not any("\n" in str(finding) for finding in found)


@given(mutated())
@settings(max_examples=300, deadline=3000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_mutated_chain_is_one_or_is_refused(tree):
    chain = judge(tree)
    if chain is not None:
        use(chain)


@given(chains(everything=True))
@settings(max_examples=40, deadline=3000, suppress_health_check=[HealthCheck.too_slow])
def test_a_random_chain_of_all_words_is_one_that_can_be_written_read_and_checked(tree):
    chain = judge(tree)
    assert chain is not None
    use(chain)
    assert Chain.from_dict(read_tree(chain.to_yaml(), "a test").data) == chain
    assert Chain.from_dict(json.loads(chain.to_json())) == chain
    assert len(chain.graph) == len(chain.actors) + len(chain.customers)
    assert str(chain)


@given(st.dictionaries(WORDS, VALUES, max_size=6))
@settings(max_examples=100, deadline=3000)
def test_any_tree_is_a_chain_or_is_refused(tree):
    assert judge(tree) is None


@given(mutated())
@settings(max_examples=60, deadline=3000, suppress_health_check=list(HealthCheck))
def test_a_mutated_file_is_read_or_refused_with_places(tmp_path_factory, tree):
    file = tmp_path_factory.mktemp("mutated") / "a.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    try:
        read(file)
    except ChainError as error:
        for problem in error.problems:
            assert (problem.line or 0) >= 1
            assert (problem.column or 0) >= 1


@given(mutated(), st.sampled_from(["check", "run"]))
@settings(max_examples=40, deadline=20_000, suppress_health_check=list(HealthCheck))
def test_the_command_line_tells_a_mutated_file_without_a_traceback(tmp_path_factory, tree, command):
    from test_cli import call

    file = tmp_path_factory.mktemp("mutated") / "a.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    result = call(command, file, *(["--customers", "5", "--replications", "1"] if command == "run" else []))
    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    if result.exit_code == 2:
        assert result.stderr
        assert result.stdout == ""


@pytest.mark.theory  # it draws or runs a lot
@pytest.mark.parametrize("kind", ["a line of asks", "a circle of tells", "one long service", "many classes"])
def test_a_hundred_kilobytes_are_read_and_checked_quickly(tmp_path, kind):
    head = "chain: big\nunit: minutes\nactors: {a: {lane: supplier}, b: {lane: contact, staff: 3}}\nservices:\n"
    one = "customers:\n  g: {arrivals: poisson(rate=1/h), journey: [{ask: s0}]}\n"
    services, classes = "  s0: {by: b, steps: [{work: 1}]}\n", one
    if kind == "a line of asks":
        steps = [f"[{{ask: s{number + 1}}}]" for number in range(2499)] + ["[{work: 1}]"]
        services = "".join(f"  s{number}: {{by: a, steps: {step}}}\n" for number, step in enumerate(steps))
    elif kind == "a circle of tells":
        services = "".join(f"  s{n}: {{by: a, steps: [{{tell: s{(n + 1) % 2500}}}]}}\n" for n in range(2500))
    elif kind == "one long service":
        services = f"  s0: {{by: b, steps: [{', '.join(['{work: 1}'] * 9000)}]}}\n"
    else:
        row = "  g{}: {{arrivals: poisson(rate=1/h), journey: [{{ask: s0}}]}}\n"
        classes = "customers:\n" + "".join(row.format(number) for number in range(1700))
    file = tmp_path / "big.yaml"
    file.write_text(head + services + classes)
    assert 90_000 < file.stat().st_size < 110_000
    started = time.process_time()
    check(read(file))
    # about one second of work; four leave room for a slow machine and for measuring coverage
    assert time.process_time() - started < 4


def test_deeply_nested_branches_are_read_and_checked_quickly():
    steps = [{"work": 1}]
    for _ in range(20):
        steps = [{"together": [steps, [{"ask": "look up"}]], "need": 2}]
    tree = copy.deepcopy(TREES[1])
    tree["services"]["serve"]["steps"] = steps
    started = time.process_time()
    check(Chain.from_dict(tree))
    assert time.process_time() - started < 3


def test_deeply_nested_loops_are_computed_once_each():
    steps = [{"chance": 0.1, "then": [{"hand_off": "end"}]}]
    for _ in range(22):
        steps = [{"repeat": steps, "times": 2}]
    tree = copy.deepcopy(TREES[1])
    tree["services"]["serve"]["steps"] = steps
    tree["services"]["end"] = {"by": "clerk", "steps": []}
    started = time.process_time()
    check(Chain.from_dict(tree))
    assert time.process_time() - started < 3
