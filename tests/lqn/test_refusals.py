"""What is refused: one problem each, with its place and a next step; and never another kind of error."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lqn.networks import (
    MODELS,
    activity,
    call,
    customers,
    entry,
    forward,
    graph,
    network,
    order,
    phase,
    processor,
    replies,
    task,
)
from servicechain import ChainError
from servicechain.errors import FileProblem, ServiceChainError
from servicechain.lqn import read_lqn
from servicechain.lqn.document import MAX_BYTES

pytestmark = pytest.mark.theory  # long documents


@pytest.fixture
def told(tmp_path):
    def read(text):
        path = tmp_path / "model.lqnx"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ChainError) as caught:
            read_lqn(path)
        (problem,) = caught.value.problems
        assert problem.source == str(path)
        return f"{problem.line}:{problem.column} {problem.message}"

    return read


def server(*parts, **attributes):
    return processor("cpu", task("server", *(parts or (entry("serve", phase(1, 1)),)), **attributes))


ASKING = customers(call("serve", 1))
NONE = '<entry name="serve" type="NONE"/>'
START = activity("start", 1, bound_to_entry="serve")
AND_FORK = order(["start"], ["a", "b"], forks="post-AND")


def act(*names):
    return "".join(activity(name, 1) for name in names)


def graphs(*parts):
    return network(ASKING, server(NONE, graph(*parts)))


QUORUM = (
    '<precedence><pre-AND quorum="1"><activity name="a"/><activity name="b"/></pre-AND>'
    '<post><activity name="c"/></post></precedence>'
)

CASES = {
    "ps": (
        network(ASKING, processor("cpu", task("s", entry("serve", phase(1, 1)), multiplicity=2), scheduling="ps")),
        "processor sharing",
    ),
    "group": (
        network(ASKING, '<processor name="p" scheduling="cfs"><group name="g" share="1"/></processor>'),
        "<group name='g'>",
    ),
    "replication": (network(ASKING, server(replication=3)), "replication='3'"),
    "fan-out": (
        network(ASKING, server('<fan-out dest="x" value="2"/>', entry("serve", phase(1, 1)))),
        "fan-in and fan-out",
    ),
    "line": (network(ASKING, server(queue_length=5)), "queue-length='5'"),
    "semaphore": (network(ASKING, server(scheduling="semaphore")), "scheduling='semaphore'"),
    "lock": (network(ASKING, server(entry("serve", phase(1, 1), rwlock="r-lock"))), "rwlock='r-lock'"),
    "burst": (network(processor("p", task("t", entry("e", phase(1, 1)), scheduling="burst"))), "scheduling='burst'"),
    "parameter": (network(ASKING, server(entry("serve", phase(1, "$x")))), "host-demand-mean='$x': parameters"),
    "lqx": (network(ASKING, server()).replace("</lqn-model>", "<lqx>x = 1;</lqx></lqn-model>"), "<lqx>: parameters"),
    "unknown attribute": (
        network(ASKING, server(multiplicty=2)),
        "no attribute 'multiplicty'; did you mean 'multiplicity'?",
    ),
    "unknown element": (network(ASKING, server("<entree/>")), "did you mean 'entry'?"),
    "unknown scheduling": (network(ASKING, server(scheduling="fcsf")), "did you mean 'fcfs'?"),
    "negative": (network(ASKING, server(entry("serve", phase(1, -1)))), "host-demand-mean='-1' must be a number"),
    "not a number": (network(ASKING, server(entry("serve", phase(1, "nan")))), "host-demand-mean='nan'"),
    "no demand": (
        network(ASKING, server(entry("serve", '<activity name="a" phase="1"/>'))),
        "it lacks host-demand-mean",
    ),
    "phase": (network(ASKING, server(entry("serve", phase(4, 1)))), "phase='4'"),
    "twice a phase": (network(ASKING, server(entry("serve", phase(1, 1), phase(1, 1)))), "each at most once"),
    "threads": (network(ASKING, server(multiplicity="1.5")), "multiplicity='1.5' must be a whole number"),
    "no threads": (network(ASKING, server(multiplicity=0)), "at least 1"),
    "speed": (network(ASKING, processor("p", task("t", entry("serve", phase(1, 1))), speed_factor=0)), "speed-factor"),
    "no such entry": (network(customers(call("srve", 1)), server()), "did you mean 'serve'?"),
    "customers are asked": (
        network(customers(call("serve", 1)), server(entry("serve", phase(1, 1, call("live", 1))))),
        "belongs to customers",
    ),
    "itself": (
        network(ASKING, server(entry("serve", phase(1, 1, call("b", 1))), entry("b", phase(1, 1)))),
        "wait for itself",
    ),
    "half a call": (network(customers(call("serve", 1.5), call_order="DETERMINISTIC"), server()), "calls-mean='1.5'"),
    "twice an entry": (
        network(ASKING, server(), processor("q", task("t", entry("serve", phase(1, 1))))),
        "another entry of this name stands in line",
    ),
    "twice a task": (
        network(ASKING, server(), processor("q", task("server", entry("b", phase(1, 1))))),
        "another task",
    ),
    "twice a processor": (
        network(ASKING, server(), processor("cpu", task("t", entry("b", phase(1, 1))))),
        "another processor",
    ),
    "nobody comes": (network(server()), "nobody comes"),
    "nothing to do": (network(customers(demand=0)), "do nothing"),
    "endless customers": (network(customers(call("serve", 1), count="@infinity"), server()), "must be counted"),
    "thinking server": (network(ASKING, server(think_time=1)), "only customers"),
    "open customers": (
        network(processor("p", task("t", entry("e", phase(1, 1), open_arrival_rate=1), scheduling="ref"))),
        "open arrivals come to servers",
    ),
    "too much forwarding": (
        network(ASKING, server(entry("serve", phase(1, 1), forwarding=forward("b", 0.6) + forward("c", 0.6)))),
        "sum to more than 1",
    ),
    "message to be forwarded": (
        network(
            customers(call("serve", 1, "asynch")),
            server(entry("serve", phase(1, 1), forwarding=forward("b", 1))),
            processor("q", task("t", entry("b", phase(1, 1)))),
        ),
        "nobody waits for an answer",
    ),
    "open and forwarded": (
        network(
            ASKING,
            server(entry("serve", phase(1, 1), forwarding=forward("b", 1), open_arrival_rate=1)),
            processor("q", task("t", entry("b", phase(1, 1)))),
        ),
        "open-arrival-rate='1'",
    ),
    "circle": (
        network(
            ASKING,
            server(entry("serve", phase(1, 1, call("b", 1)))),
            processor("q", task("t", entry("b", phase(1, 1, call("serve", 1))))),
        ),
        "'serve' → 'b' → 'serve'",
    ),
    "no start": (network(ASKING, server(NONE)), "no activity is bound"),
    "no answer": (graphs(START), "no activity gives one"),
    "answer on one way": (
        graphs(
            START,
            act("a", "b"),
            order(["start"], ['a" prob="0.5', 'b" prob="0.5'], forks="post-OR"),
            replies("serve", "a"),
        ),
        "on some ways only",
    ),
    "two answers": (
        graphs(START, act("a"), order(["start"], ["a"]), replies("serve", "start", "a")),
        "answered 2 times",
    ),
    "answer in a loop": (
        graphs(START, act("a"), order(["start"], ["a"], forks="post-LOOP"), replies("serve", "a")),
        "inside a loop",
    ),
    "answer in a branch": (graphs(START, act("a", "b"), AND_FORK, replies("serve", "a")), "inside a branch"),
    "join without fork": (
        graphs(START, act("a"), order(["start"], ["a"], joins="pre-AND"), replies("serve", "a")),
        "no <post-AND> has forked",
    ),
    "crossed branches": (
        graphs(
            START,
            act("a", "b", "c"),
            order(["start"], ["a", "b", "c"], forks="post-AND"),
            order(["a", "b"], [], joins="pre-AND"),
            order(["c"], [], joins="pre-AND"),
            replies("serve", "start"),
        ),
        "do not join as they were forked",
    ),
    "quorum": (
        graphs(
            START,
            act("a", "b", "c"),
            AND_FORK,
            QUORUM,
            replies("serve", "c"),
        ),
        "quorum='1'",
    ),
    "probabilities": (
        graphs(
            START,
            act("a", "b"),
            order(["start"], ['a" prob="0.5', 'b" prob="0.6'], forks="post-OR"),
            replies("serve", "start"),
        ),
        "sum to 1.1",
    ),
    "circle of activities": (
        graphs(START, act("a", "b"), order(["a"], ["b"]), order(["b"], ["a"]), replies("serve", "start")),
        "'a' → 'b' lead back",
    ),
    "nothing leads to it": (graphs(START, act("a"), replies("serve", "start")), "nothing leads to it"),
    "two things follow": (
        graphs(START, act("a", "b"), order(["start"], ["a"]), order(["start"], ["b"]), replies("serve", "a")),
        "followed by something else already",
    ),
    "no such activity": (
        graphs(START, order(["start"], ["strat"]), replies("serve", "start")),
        "did you mean 'start'?",
    ),
    "root": ("<chain/>", "the root of a layered queueing network is <lqn-model>"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_clear_error(told, case):
    text, expected = CASES[case]
    assert expected in told(text)


def test_the_place_is_that_of_the_element(told):
    assert told(network(ASKING, "\n\n  <processor/>")).startswith("10:3 <processor>: it lacks name")


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><lqn-model name="&b;"/>'
REFERENCE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "secret.txt">]><lqn-model>&a;</lqn-model>'
OUTSIDE = b'<!DOCTYPE lqn-model SYSTEM "http://localhost/x.dtd"><lqn-model/>'


@pytest.mark.parametrize("bomb", [LAUGHS, REFERENCE, OUTSIDE, LAUGHS.decode().encode("utf-16")])
def test_document_types_are_refused_before_they_are_read(told, bomb):
    assert "<!DOCTYPE" in told(bomb)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "no element found"),
        (b"<lqn-model>", "no element found"),
        (b"<lqn-model name='a' name='b'/>", "duplicate attribute"),
        (b"<lqn-model>\0</lqn-model>", "not well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "encoding"),
        (b"<?xml version='1.0' encoding='base64'?><a/>", "encoding"),
        (b"<lqn-model>&unknown;</lqn-model>", "undefined entity"),
        (b"<a>" * 200, "nested deeper"),
    ],
)
def test_broken_xml(told, content, expected):
    assert expected in told(content)


def test_files_that_are_none(tmp_path):
    (tmp_path / "big.lqnx").write_bytes(b" " * (MAX_BYTES + 1))
    for name, expected in (("missing.lqnx", "No such file"), ("big.lqnx", "1 MB"), (".", "no regular file")):
        with pytest.raises(FileProblem, match=expected):
            read_lqn(tmp_path / name)


def many(start, count):
    names = [f"x{number}" for number in range(count)]
    return act(*names), "".join(order([one], [two]) for one, two in zip([start, *names], names, strict=False))


def test_a_long_graph_is_no_trouble(tmp_path):
    activities, orders = many("start", 3000)
    path = tmp_path / "model.lqnx"
    path.write_text(graphs(START, activities, orders, replies("serve", "x2999")), encoding="utf-8")
    started = time.perf_counter()
    assert len(read_lqn(path).services["serve"].steps) == 3001
    assert time.perf_counter() - started < 20


def test_ways_that_multiply_without_end_are_refused(told):
    parts, last = [START], "start"
    for number in range(40):
        left, right, stray, after = f"l{number}", f"r{number}", f"s{number}", f"n{number}"
        parts.append(act(left, right, stray, after))
        ways = [f'{left}" prob="0.4', f'{right}" prob="0.4', f'{stray}" prob="0.2']
        parts.append(order([last], ways, forks="post-OR"))
        parts.append(order([left, right], [after], joins="pre-OR"))
        last = after
    refused = told(graphs(*parts, replies("serve", "start")))
    assert "nested deeper" in refused or "more than 5000 activities" in refused


def test_forks_in_forks_without_end_are_refused(told):
    parts, last = [START], "start"
    for number in range(400):
        parts.append(act(f"a{number}", f"b{number}"))
        parts.append(order([last], [f"a{number}", f"b{number}"], forks="post-AND"))
        last = f"a{number}"
    assert "nested deeper" in told(graphs(*parts, replies("serve", "start")))


JUNK = ("", "9", "-", "0", "<", ">", '"', "/", "e1", "phase", "nan", "\0", "1e999", "$")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path, data):
    text = (MODELS / data.draw(st.sampled_from(["and_fork.lqnx", "common_features.lqnx"]))).read_text("utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        junk = data.draw(
            st.sampled_from(["", "9", "-", "0", "<", ">", '"', "/", "e1", "phase", "nan", "\0", "1e999", "$"])
        )
        text = text[:at] + junk + text[at + data.draw(st.integers(0, 12)) :]
    path = tmp_path / "model.lqnx"
    path.write_text(text, encoding="utf-8")
    # anything but one of our own errors fails the test
    with suppress(ServiceChainError):
        read_lqn(path)


def test_forwarding_that_leads_on_and_on_is_refused(told):
    servers = [
        processor(
            f"p{number}",
            task(
                f"t{number}", entry(f"e{number}", phase(1, 1), phase(2, 1), forwarding=forward(f"e{number + 1}", 0.5))
            ),
        )
        for number in range(2000)
    ]
    last = processor("end", task("end", entry("e2000", phase(1, 1))))
    assert "an answer is forwarded" in told(network(customers(call("e0", 1)), *servers, last))
