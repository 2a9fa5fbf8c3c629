"""The event set against a list that is searched for the first."""

import math

import numpy as np
import pytest

from peers.agreement import SEED_OFFSET
from servicechain.engines.compiled.compiling import entry
from servicechain.engines.compiled.events import (
    NO_EVENT,
    call_off,
    code_of,
    first_time,
    schedule,
    subject_of,
    take_first,
    time_of,
)
from servicechain.engines.compiled.layout import EVENT, NUMBER, WORLD
from servicechain.engines.compiled.least import GROUP

ROOM = GROUP**2 * 2
SCHEDULE, CALL_OFF, TAKE = range(3)


@entry
def carry_out(worlds, orders, times, found, due):
    """Carry out orders of what to do, and with whom; give what was found, and when the first is due after each."""
    w = worlds[0]
    for k in range(len(orders)):
        one = orders[k]
        if one[0] == SCHEDULE:
            found[k, 0] = schedule(w, times[k], one[1], one[2], one[3])
            found[k, 1] = time_of(w, int(found[k, 0]))
        elif one[0] == CALL_OFF:
            call_off(w, int(found[one[1], 0]))
        else:
            time, what = take_first(w)
            found[k, 0] = code_of(what)
            found[k, 1] = subject_of(what)
            found[k, 2] = time
        due[k] = first_time(w)


class EventSet:
    """An empty event set of compiled code."""

    def __init__(self):
        self.arrays = {"events": np.zeros(ROOM, EVENT)}
        for field, room in (("dues", ROOM), ("tops", ROOM // GROUP)):
            self.arrays[field] = np.zeros(room, NUMBER)
            self.arrays[field]["value"] = math.inf
        self.world = np.zeros(1, WORLD)
        for field, array in self.arrays.items():
            self.world[field] = array.ctypes.data
        for field, value in {"groups": 1, "events_used": NO_EVENT + 1}.items():
            self.world[field] = value
        self.world["in_hand_due"] = self.world["first_due"] = math.inf

    def carry_out(self, orders, times):
        found, due = np.zeros((len(orders), 3)), np.zeros(len(orders))
        carry_out(self.world, np.array(orders, np.int64), np.array(times), found, due)
        return found.tolist(), due.tolist()


def random_orders(chance, count, crowd, moments):
    """Do something `count` times, so that about a `crowd` is pending, due at so many different times."""
    orders, times, pending = [], [], []
    for k in range(count):
        doing = chance.random() * (1 + len(pending) / crowd)
        if not pending or doing < 1:
            time, kind = float(chance.integers(moments)), int(chance.integers(4))
            orders.append((SCHEDULE, kind, int(chance.integers(10)), k - 5))
            times.append(time)
            pending.append((time, kind, k))
        elif doing < 1.3:
            one = pending.pop(int(chance.integers(len(pending))))
            orders.append((CALL_OFF, one[2], 0, 0))
            times.append(0.0)
        else:
            pending.remove(min(pending))
            orders.append((TAKE, 0, 0, 0))
            times.append(0.0)
    return orders, times


@pytest.mark.parametrize("crowd", [3, GROUP // 2, 2 * GROUP, 10 * GROUP])
@pytest.mark.parametrize("moments", [3, 10**6])
def test_the_first_of_all_is_taken_out(crowd, moments):
    chance = np.random.default_rng([SEED_OFFSET, crowd, moments])
    orders, times = random_orders(chance, 12 * crowd + 300, crowd, moments)
    found, due = EventSet().carry_out(orders, times)
    pending, taken, most = [], 0, 0
    for k, (what, one, code, subject) in enumerate(orders):
        if what == SCHEDULE:
            pending.append((times[k], one, k, code, subject))
            assert found[k][1] == times[k]
        elif what == CALL_OFF:
            pending = [event for event in pending if event[2] != one]
        else:
            first = min(pending)
            pending.remove(first)
            assert found[k] == [first[3], first[4], first[0]]
            taken += 1
        assert due[k] == min((event[0] for event in pending), default=math.inf)
        most = max(most, len(pending))
    assert taken > crowd
    assert (most > GROUP) == (crowd > GROUP)
