"""Both engines on one chain: record for record, times to the last bit, attribution to 1e-9.

The trap is to compare what is printed: means agree where single customers do not. Here every record of every
customer and request is compared, the actors' time, and to whom each customer's waiting belongs.
"""

from dataclasses import replace

import numpy as np

from servicechain import Chain, RunError
from servicechain.engines import engine_for
from servicechain.records import COURSE, CUSTOMER, PART, REQUEST, joined
from servicechain.settings import Settings
from servicechain.units import TimeUnit, convert


class Everything:
    """The sink that keeps all that one replication tells."""

    def __init__(self):
        self.people, self.asked, self.rows, self.course, self.story = [], [], [], [], []
        self.paths = ()
        self.count = 0

    def customers(self, block, parts=None):
        if parts is not None:
            rows = parts.rows.copy()
            rows["customer"] += self.count
            self.rows.append(rows)
            self.paths = parts.paths
            self.story += parts.story
            if parts.course is not None:
                self.course.append(parts.course.copy())
        self.count += block.size
        self.people.append(block.copy())

    def requests(self, block):
        self.asked.append(block.copy())

    def close(self, actors, window, end):
        self.actors, self.window, self.end = actors.copy(), window, end


def told_by(engine, chain, settings, replication=0):
    """What an engine tells of a replication; the message, if it cannot go on."""
    sink = Everything()
    try:
        engine_for(chain, engine).replicate(settings, replication, sink)
    except RunError as error:
        return str(error)
    return sink


def same(one, other):
    """The same bits, NaN where NaN."""
    return one.shape == other.shape and all(
        np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f") for name in one.dtype.names
    )


def first_difference(one, other):
    """Words for the first row that differs."""
    for row, (left, right) in enumerate(zip(one, other, strict=False)):
        if not same(np.array([left]), np.array([right])):
            return f"row {row}: {left} against {right}"
    return f"{len(one)} rows against {len(other)}"


def parts_of(sink):
    """From customer and path to time in line and time held, what is nothing left out."""
    parts = {}
    for row in joined(sink.rows, PART):
        key = int(row["customer"]), sink.paths[row["path"]]
        before = parts.get(key, (0.0, 0.0))
        parts[key] = before[0] + row["queueing"], before[1] + row["held"]
    return parts


def check_parts(one, other, second):
    """Attribution: every part of every customer to 1e-9 of the longer of their wait and one second."""
    left, right = parts_of(one), parts_of(other)
    people = joined(one.people, CUSTOMER)
    for key in left.keys() | right.keys():
        wait = people["queueing"][key[0]] + people["held"][key[0]]
        allowed = 1e-9 * max(wait, second)
        apart = np.abs(np.subtract(left.get(key, (0.0, 0.0)), right.get(key, (0.0, 0.0))))
        assert apart.max() <= allowed, f"{key}: {left.get(key)} against {right.get(key)} of {wait}"


def check_course(one, other, second):
    """Waiting by bucket of time, class and path."""
    times = []
    for sink in (one, other):
        rows = joined(sink.course, COURSE)
        summed = {}
        for row in rows:
            key = int(row["bucket"]), int(row["customer_class"]), sink.paths[row["path"]]
            summed[key] = summed.get(key, 0.0) + row["time"]
        times.append(summed)
    for key in times[0].keys() | times[1].keys():
        left, right = (time.get(key, 0.0) for time in times)
        assert abs(left - right) <= 1e-9 * max(left, right, second), f"{key}: {left} against {right}"


def check_agreement(chain, replication=0, others=("compiled",), **settings):
    """Run a chain on the reference engine and on others, and compare everything."""
    chain = (chain if isinstance(chain, Chain) else Chain.from_dict(chain)).loaded()
    edges = settings.pop("edges", ())
    settings.setdefault("customers", None if "until" in settings else 60)
    chosen = replace(Settings.of(chain, replications=2, **settings), edges=tuple(edges))
    second = convert(1.0, TimeUnit.SECONDS, chain.unit)
    expected = told_by("reference", chain, chosen, replication)
    for engine in others:
        told = told_by(engine, chain, chosen, replication)
        if isinstance(expected, str) or isinstance(told, str):
            assert expected == told
            continue
        assert same(joined(told.people, CUSTOMER), joined(expected.people, CUSTOMER)), first_difference(
            joined(told.people, CUSTOMER), joined(expected.people, CUSTOMER)
        )
        assert same(joined(told.asked, REQUEST), joined(expected.asked, REQUEST)), first_difference(
            joined(told.asked, REQUEST), joined(expected.asked, REQUEST)
        )
        assert (told.window, told.end) == (expected.window, expected.end)
        for name in expected.actors.dtype.names:
            np.testing.assert_allclose(told.actors[name], expected.actors[name], rtol=1e-12, atol=1e-9, err_msg=name)
        if chosen.attribution:
            check_parts(told, expected, second)
            check_course(told, expected, second)
