"""Who made the customer wait where actors wait for each other: linear systems solved by hand, and deadlocks."""

import pytest

from blame import blamed, of_class

# two actors who ask each other; no service asks itself, so nothing forbids it
CROSSED = """
actors:
  a: {lane: backstage, staff: %s}
  b: {lane: backstage, staff: %s}
  desk: {lane: contact, staff: 1}
services:
  a first: {by: a, steps: [{work: 1}, {ask: b second}]}
  b first: {by: b, steps: [{work: 1}, {ask: a second}]}
  a second: {by: a, steps: [{work: 1}]}
  b second: {by: b, steps: [{work: 1}]}
  a long: {by: a, steps: [{work: 10}]}
  b long: {by: b, steps: [{work: 10}]}
  serve: {by: desk, steps: [{ask: a second}]}
customers:
"""


def guest(name, times, service, more=""):
    return f'  {name}: {{arrivals: "at({times})", {more} journey: [{{ask: {service}}}]}}\n'


def close(times):
    return pytest.approx(times, rel=1e-12)


def test_an_actor_who_comes_to_wait_for_itself(engine):
    chain = """
    actors: {a: {lane: backstage, staff: 1}, b: {lane: backstage, staff: 1}}
    services:
      ask there: {by: a, steps: [{ask: ask back}]}
      ask back: {by: b, steps: [{ask: answer}]}
      answer: {by: a, steps: [{work: 1}]}
    customers: {guest: {arrivals: "at([0])", journey: [{ask: ask there}]}}
    """
    assert blamed(chain, engine, until=10)[0].waiting == {("a", "deadlock"): 10}


def test_in_a_deadlock_every_line_has_its_own_actor(engine):
    chain = CROSSED % (1, 1) + guest("one", [0], "a first") + guest("other", [0], "b first")
    chain += guest("third", [2], "a second") + guest("fourth", [3], "b second")
    chain += guest("outside", [4], "serve") + guest("behind", [5], "serve")
    one, other, third, fourth, outside, behind = blamed(chain, engine, until=10)
    # from 1 on each holds what the other needs
    assert one.held == {("a", "work"): 1, ("b", "deadlock"): 9}
    assert other.held == {("b", "work"): 1, ("a", "deadlock"): 9}
    assert (third.queueing, fourth.queueing) == ({("a", "deadlock"): 8}, {("b", "deadlock"): 7})
    # who only waits for the circle ends where they enter it
    assert outside.held == {("a", "deadlock"): 6}
    assert behind.queueing == {("a", "deadlock"): 5}


def test_in_a_deadlock_branches_share_alike(engine):
    chain = """
actors: {a: {lane: backstage, staff: 1}, b: {lane: backstage, staff: 1}}
services:
  a first: {by: a, steps: [{work: 1}, {together: [[{ask: a second}], [{ask: b second}]]}]}
  b first: {by: b, steps: [{work: 1}, {together: [[{ask: a second}], [{ask: b second}]]}]}
  a second: {by: a, steps: [{work: 1}]}
  b second: {by: b, steps: [{work: 1}]}
customers:
"""
    chain += guest("one", [0], "a first") + guest("two", [0], "b first") + guest("three", [3], "a second")
    one, two, three = blamed(chain, engine, until=9)
    # from 1 on each stands in both lines; each line is its own actor's
    assert one.held == {("a", "work"): 1, ("a", "deadlock"): 4, ("b", "deadlock"): 4}
    assert two.held == {("b", "work"): 1, ("a", "deadlock"): 4, ("b", "deadlock"): 4}
    assert three.queueing == {("a", "deadlock"): 6}


def test_a_circle_with_a_way_out(engine):
    chain = CROSSED % (2, 2) + guest("one", [0], "a first") + guest("two", [0], "a long")
    chain += guest("three", [0], "b first") + guest("four", [0], "b long") + guest("late", [4], "a second")
    one, two, three, four, late = blamed(chain, engine)
    # From 1 to 10 each has one server in the other's line and one at work:
    #   line a = 1/2 a's work + 1/2 line b,  line b = 1/2 b's work + 1/2 line a
    # so line a = 2/3 a's work + 1/3 b's work, and line b the other way round. 10..11 work for who was in line.
    assert one.held == close({("a", "work"): 1 + 3, ("b", "work"): 6 + 1})
    assert three.held == close({("b", "work"): 1 + 3, ("a", "work"): 6 + 1})
    assert two.held == {("a", "work"): 10}
    assert four.held == {("b", "work"): 10}
    # 4..10 in line a; at 10 two's server takes what three asked, and the other is held by what b does until 11
    assert late.queueing == close({("a", "work"): 4 + 0.5, ("b", "work"): 2 + 0.5})


def test_a_circle_of_unlike_shares(engine):
    chain = CROSSED % (3, 2) + guest("one", [0], "a first") + guest("two", [0, 0], "a long")
    chain += guest("three", [0], "b first") + guest("four", [0], "b long")
    everybody = blamed(chain, engine, until=10)
    # line a = 2/3 a's work + 1/3 line b,  line b = 1/2 b's work + 1/2 line a
    # line a = 2/3 A + 1/6 B + 1/6 line a = 4/5 A + 1/5 B,  line b = 2/5 A + 3/5 B; over 9 minutes
    assert of_class(everybody, "one")[0].held == close({("a", "work"): 1 + 18 / 5, ("b", "work"): 27 / 5})
    assert of_class(everybody, "three")[0].held == close({("b", "work"): 1 + 9 / 5, ("a", "work"): 36 / 5})


def test_a_circle_of_three(engine):
    chain = """
    actors:
      a: {lane: backstage, staff: 2}
      b: {lane: backstage, staff: 1}
      c: {lane: backstage, staff: 2}
    services:
      ask b: {by: a, steps: [{work: 1}, {ask: of b}]}
      ask c: {by: b, steps: [{work: 1}, {ask: of c}]}
      ask a: {by: c, steps: [{work: 1}, {ask: of a}]}
      of a: {by: a, steps: [{work: 1}]}
      of b: {by: b, steps: [{work: 1}]}
      of c: {by: c, steps: [{work: 1}]}
      a long: {by: a, steps: [{work: 13}]}
      c long: {by: c, steps: [{pause: 13}]}
    customers:
      one: {arrivals: "at([0])", journey: [{ask: ask b}]}
      two: {arrivals: "at([0])", journey: [{ask: ask c}]}
      three: {arrivals: "at([0])", journey: [{ask: ask a}]}
      four: {arrivals: "at([0])", journey: [{ask: a long}]}
      five: {arrivals: "at([0])", journey: [{ask: c long}]}
    """
    everybody = blamed(chain, engine, until=13)
    # line a = 1/2 A + 1/2 line b,  line b = line c,  line c = 1/2 C's pause + 1/2 line a
    # so line a = 2/3 A + 1/3 C, line c = line b = 1/3 A + 2/3 C; over 12 minutes
    assert of_class(everybody, "one")[0].held == close({("a", "work"): 1 + 4, ("c", "pause"): 8})
    assert of_class(everybody, "two")[0].held == close({("b", "work"): 1, ("a", "work"): 4, ("c", "pause"): 8})
    assert of_class(everybody, "three")[0].held == close({("c", "work"): 1, ("a", "work"): 8, ("c", "pause"): 4})


def test_the_programmer_waits_for_the_system_she_has_to_mend(engine):
    chain = """
actors:
  system: {lane: system, capacity: 1, failures: {every: 5, repair: mend}}
  programmer: {lane: backstage, staff: 2}
services:
  use: {by: system, steps: [{work: 8}]}
  look: {by: programmer, steps: [{work: 1}, {ask: use}]}
  long: {by: programmer, steps: [{work: 8}]}
  short: {by: programmer, steps: [{work: 1}]}
  mend: {by: programmer, steps: [{work: 2}]}
customers:
"""
    chain += guest("one", [0], "look") + guest("two", [0], "long") + guest("three", [6], "short")
    one, _, three = blamed(chain, engine, until=14)
    # The system works from 1, fails at 5, the repair is in the programmers' line 5..8 and done 8..10; 10..14 it
    # works again. Who waits for the failed system waits for a failure, whoever of the programmers is reached.
    assert one.held == close({("programmer", "work"): 1, ("system", "work"): 8, ("programmer", "failure"): 5})
    # in line 6..8: one programmer works, the other waits for the system, so for the repair, a failure;
    # 8..10: one of them works at the repair, the other waits for it
    assert three.queueing == close({("programmer", "work"): 2, ("programmer", "failure"): 2})


def test_a_programmer_alone_who_waits_for_the_system_she_has_to_mend(engine):
    chain = """
    actors:
      system: {lane: system, capacity: 1, failures: {every: 3, repair: mend}}
      programmer: {lane: backstage, staff: 1}
    services:
      use: {by: system, steps: [{work: 8}]}
      look: {by: programmer, steps: [{work: 1}, {ask: use}]}
      mend: {by: programmer, steps: [{work: 2}]}
    customers:
      one: {arrivals: "at([0])", journey: [{ask: look}]}
      two: {arrivals: "at([0])", journey: [{ask: look}]}
    """
    one, two = blamed(chain, engine, until=10)
    # from 3 on the repair is in the line of who waits for the repair: her own line is the circle, and who is
    # behind the failed system sees it as a failure
    assert one.held == {("programmer", "work"): 1, ("system", "work"): 2, ("programmer", "failure"): 7}
    assert two.queueing == {("programmer", "work"): 1, ("system", "work"): 2, ("programmer", "deadlock"): 7}
