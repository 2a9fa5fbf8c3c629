import pytest

from blocks import IDLE, customers, requests
from servicechain.records import (
    ACTOR_TIME,
    CUSTOMER,
    REQUEST,
    CustomerOutcome,
    Fanout,
    KeepCustomers,
    KeepRequests,
    RequestOutcome,
)


class Heard:
    def __init__(self):
        self.heard = []

    def customers(self, block, parts=None):
        self.heard.append(("customers", block.size))

    def requests(self, block):
        self.heard.append(("requests", block.size))

    def close(self, actors, window, end):
        self.heard.append(("close", actors.size, window, end))


def test_fanout_hands_everything_to_everybody():
    sinks = Heard(), Heard()
    fanout = Fanout(iter(sinks))
    fanout.customers(customers({}, {}))
    fanout.requests(requests({}))
    fanout.close(IDLE, 8.0, 9.0)
    expected = [("customers", 2), ("requests", 1), ("close", 3, 8.0, 9.0)]
    assert [sink.heard for sink in sinks] == [expected, expected]


@pytest.mark.parametrize(
    ("keeper", "method", "make", "dtype"),
    [(KeepCustomers, "customers", customers, CUSTOMER), (KeepRequests, "requests", requests, REQUEST)],
)
def test_a_keeper_keeps_its_kind_though_the_engine_fills_the_buffer_again(keeper, method, make, dtype):
    sink = keeper()
    assert sink.records.size == 0
    assert sink.records.dtype == dtype
    buffer = make({"number": 1}, {"number": 2})
    getattr(sink, method)(buffer)
    buffer["number"] = [3, 4]
    getattr(sink, method)(buffer[:1])
    buffer["number"] = 0
    other = {"customers": "requests", "requests": "customers"}[method]
    getattr(sink, other)({"customers": customers, "requests": requests}[other]({}))
    sink.close(IDLE, 1.0, 1.0)
    assert sink.records["number"].tolist() == [1, 2, 3]
    assert sink.records.dtype == dtype


def test_outcomes_have_words():
    assert [outcome.word for outcome in CustomerOutcome] == ["finished", "abandoned", "unfinished"]
    assert [outcome.word for outcome in RequestOutcome] == [
        "finished", "handed_off", "abandoned", "withdrawn", "waiting", "unfinished",
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", [CUSTOMER, REQUEST, ACTOR_TIME])
def test_fields_are_aligned(dtype):
    # unaligned fields cost numpy and the compiled engine a copy each
    for kind, offset, *_ in dtype.fields.values():
        assert offset % kind.alignment == 0
    assert dtype.itemsize % 8 == 0
