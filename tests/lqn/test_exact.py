"""Networks whose exact results follow from theory: closed forms, mean value analysis, Markov chains solved here."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from lqn.networks import agrees, call, customers, entry, forward, network, phase, processor, simulated, task

pytestmark = pytest.mark.theory


def stationary(start, moves):
    """Solve a Markov chain given by its moves: `moves(state)` gives pairs of (next state, rate)."""
    numbers, rates, line = {start: 0}, [], deque([start])
    while line:
        state = line.popleft()
        for target, rate in moves(state):
            if target not in numbers:
                numbers[target] = len(numbers)
                line.append(target)
            rates.append((numbers[state], numbers[target], rate))
    matrix = np.zeros((len(numbers), len(numbers)))
    for source, target, rate in rates:
        matrix[source, target] += rate
        matrix[source, source] -= rate
    equations = np.vstack([matrix.T, np.ones(len(numbers))])
    solution = np.linalg.lstsq(equations, np.append(np.zeros(len(numbers)), 1.0), rcond=None)[0]
    return {state: solution[number] for state, number in numbers.items()}


def mean_value_analysis(demands, think, count):
    """Reiser and Lavenberg 1980, J. ACM 27:313-322: throughput of single servers in product form."""
    queues = np.zeros(len(demands))
    for number in range(1, count + 1):
        residence = np.asarray(demands) * (1 + queues)
        throughput = number / (think + residence.sum())
        queues = throughput * residence
    return throughput


def run(tmp_path, text, until):
    path = tmp_path / "model.lqnx"
    path.write_text(text, encoding="utf-8")
    return simulated(path, until)


def test_machine_repair(tmp_path):
    once = customers(call("repair", 1), demand=0, count=5, think=4, call_order="DETERMINISTIC")
    text = network(once, processor("bench", task("repairer", entry("repair", phase(1, 1)))))
    measured = run(tmp_path, text, 1500)
    exact = mean_value_analysis([1], 4, 5)
    assert agrees(measured.throughput("customers"), exact)
    assert agrees(measured.busy("repairer"), exact)
    assert agrees(measured.number("customers.customers.time_in_system"), 5 / exact - 4)


def test_geometric_calls_and_their_slices(tmp_path):
    # alone, nobody waits: 1 + K slices of mean 1/3 and K calls of mean 0.5, K geometric with mean 2 (variance 6)
    server = processor("disk", task("disk", entry("read", phase(1, 0.5))))
    measured = run(tmp_path, network(customers(call("read", 2), count=1), server), 6000)
    mean, slices, calls, variance_of_k = 2.0, 1 / 3, 0.5, 6.0
    assert agrees(measured.number("customers.customers.time_in_system"), 1 + mean * calls)
    variance = (1 + mean) * slices**2 + mean * calls**2 + variance_of_k * (slices + calls) ** 2
    assert measured.result.value("customers.customers.time_in_system.sd") == pytest.approx(variance**0.5, rel=0.03)


def test_forwarding_in_product_form(tmp_path):
    once = customers(call("first", 1), demand=0, count=4, think=2, call_order="DETERMINISTIC")
    first = processor("p1", task("t1", entry("first", phase(1, 0.8), forwarding=forward("second", 0.5))))
    second = processor("p2", task("t2", entry("second", phase(1, 1))))
    measured = run(tmp_path, network(once, first, second), 1500)
    exact = mean_value_analysis([0.8, 0.5], 2, 4)
    assert agrees(measured.throughput("customers"), exact)
    assert agrees(measured.busy("t2"), 0.5 * exact)


def test_second_phase(tmp_path):
    # state: who is in line or in phase one, and the phase of the server
    def moves(state):
        waiting, busy = state
        if waiting < 2:
            yield (waiting + 1, busy or 1), (2 - waiting) / 1.5
        if busy == 1:
            yield (waiting - 1, 2), 1 / 0.7
        if busy == 2:
            yield (waiting, 1 if waiting else 0), 1 / 0.9

    once = customers(call("serve", 1), demand=0, think=1.5, call_order="DETERMINISTIC")
    text = network(once, processor("host", task("server", entry("serve", phase(1, 0.7), phase(2, 0.9)))))
    measured = run(tmp_path, text, 2000)
    shares = stationary((0, 0), moves)
    assert agrees(measured.busy("server"), sum(share for state, share in shares.items() if state[1]))
    assert agrees(measured.throughput("customers"), sum(p for state, p in shares.items() if state[1] == 1) / 0.7)


def test_threads_that_queue_for_a_processor_and_wait_for_a_disk(tmp_path):
    # state: requests in line for a thread, the slices (first or second) at the processor in order, threads at the disk
    people, threads = 4, 2

    def moves(state):
        line, slices, disk = state
        inside = len(slices) + disk
        if people > line + inside:
            target = (line, (*slices, 1), disk) if inside < threads else (line + 1, slices, disk)
            yield target, (people - line - inside) / 3
        if slices and slices[0] == 1:
            yield (line, slices[1:], disk + 1), 1 / 0.5
        elif slices:
            yield ((line - 1, (*slices[1:], 1), disk) if line else (line, slices[1:], disk)), 1 / 0.5
        if disk:
            yield (line, (*slices, 2), disk - 1), 1 / 0.8

    once = customers(call("serve", 1), demand=0, count=people, think=3, call_order="DETERMINISTIC")
    serve = entry("serve", phase(1, 1, call("read", 1), call_order="DETERMINISTIC"))
    host = processor("cpu", task("server", serve, multiplicity=threads))
    disk = processor("disk", task("disk", entry("read", phase(1, 0.8))))
    measured = run(tmp_path, network(once, host, disk), 2000)
    shares = stationary((0, (), 0), moves)
    assert agrees(measured.throughput("customers"), sum(p for state, p in shares.items() if state[2]) / 0.8)
    assert agrees(measured.busy("server"), sum(p * (len(s[1]) + s[2]) for s, p in shares.items()))
    assert agrees(measured.busy("cpu"), sum(p for state, p in shares.items() if state[1]))


@pytest.mark.parametrize("scheduling", ["pp", "hol"])
def test_priorities_of_tasks_at_a_processor(tmp_path, scheduling):
    # state: who wants the processor (first is the most important), and whom it works for
    def moves(state):
        wants, working = state
        for one in (0, 1, 2):
            if one not in wants:
                more = wants | {one}
                takes = working if working is not None and scheduling == "hol" else min(more)
                yield (more, takes), 1 / 2
        if working is not None:
            left = wants - {working}
            yield (left, min(left, default=None)), 1.0

    names = ("high", "middle", "low")
    tasks = [
        task(name, entry(f"{name} e", phase(1, 1)), scheduling="ref", think_time=2, priority=9 - 3 * number)
        for number, name in enumerate(names)
    ]
    measured = run(tmp_path, network(processor("cpu", *tasks, scheduling=scheduling)), 3000)
    shares = stationary((frozenset(), None), moves)
    for number, name in enumerate(names):
        exact = sum(share for state, share in shares.items() if state[1] == number)
        assert agrees(measured.throughput(name), exact)
