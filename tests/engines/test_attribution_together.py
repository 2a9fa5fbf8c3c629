"""Who made the customer wait with branches side by side, worked out by hand: equal shares over those that wait."""

from blame import blamed, of_class

ASKED = """
actors:
  desk: {lane: contact, staff: 1}
  x: {lane: backstage, staff: 1}
  y: {lane: backstage, staff: 1}
services:
  serve: {by: desk, steps: [%s]}
  one: {by: x, steps: [{work: %s}]}
  other: {by: y, steps: [{work: %s}]}
customers:
"""
GUEST = '  guest: {arrivals: "at([0])", journey: [%s]}\n'


def test_branches_of_a_service_share_while_they_wait(engine):
    chain = ASKED % ("{together: [[{ask: one}], [{ask: other}]]}", 3, 5) + GUEST % "{ask: serve}"
    chain += '  late: {arrivals: "at([1])", journey: [{ask: serve}]}\n'
    first, second = blamed(chain, engine)
    # both until 3, then the other alone
    assert first.held == {("x", "work"): 1.5, ("y", "work"): 1.5 + 2}
    assert second.queueing == {("x", "work"): 1, ("y", "work"): 1 + 2}


def test_a_branch_in_which_the_server_works_does_not_wait(engine):
    chain = ASKED % ("{together: [[{work: 2}], [{ask: other}]]}", 1, 5) + GUEST % "{ask: serve}"
    assert blamed(chain, engine)[0].held == {("y", "work"): 3}  # attended until 2


def test_a_branch_in_which_the_customer_does_something_does_not_wait(engine):
    chain = ASKED % ("", 4, 1) + GUEST % "{together: [[{ask: one}], [{work: 2}], [{pause: 9}]]}"
    assert blamed(chain, engine)[0].held == {("x", "work"): 4}


def test_two_lines_at_once(engine):
    chain = ASKED % ("", 4, 1) + '  before: {arrivals: "at([0])", journey: [{tell: occupy x}, {tell: occupy y}]}\n'
    chain = chain.replace(
        "customers:",
        "  occupy x: {by: x, steps: [{work: 3}]}\n  occupy y: {by: y, steps: [{work: 5}]}\ncustomers:",
    )
    guest = of_class(blamed(chain + GUEST % "{together: [[{ask: one}], [{ask: other}]]}", engine), "guest")[0]
    # in both lines until 3; x works for it 3..7, y for others until 5, and for it 5..6
    assert guest.queueing == {("x", "work"): 1.5, ("y", "work"): 1.5}
    assert guest.held == {("x", "work"): 1 + 0.5 + 1, ("y", "work"): 1 + 0.5}


def test_the_first_is_enough(engine):
    chain = ASKED % ("", 3, 5) + GUEST % "{together: [[{ask: one}], [{ask: other}]], need: any}"
    chain += '  late: {arrivals: "at([3])", journey: [{ask: other}]}\n'
    first, second = blamed(chain, engine)
    assert first.held == {("x", "work"): 1.5, ("y", "work"): 1.5}
    # y goes on with what nobody waits for any more
    assert (second.queueing, second.held) == ({("y", "work"): 2}, {("y", "work"): 5})


def test_a_branch_that_is_attended_makes_the_whole_attended(engine):
    chain = ASKED % ("{work: 2}", 5, 1) + GUEST % "{together: [[{ask: serve}], [{ask: one}]]}"
    assert blamed(chain, engine)[0].waiting == {("x", "work"): 3}


def test_branches_within_branches(engine):
    chain = ASKED % ("", 4, 4)
    chain = chain.replace("customers:", "  third: {by: desk, steps: [{pause: 4}]}\ncustomers:")
    inner = "{together: [[{ask: one}], [{ask: other}]]}"
    guest = blamed(chain + GUEST % f"{{together: [[{{ask: third}}], [{inner}]]}}", engine)[0]
    assert guest.held == {("desk", "pause"): 2, ("x", "work"): 1, ("y", "work"): 1}


def test_branches_that_wait_for_one_actor_count_each(engine):
    chain = ASKED % ("", 2, 6) + GUEST % "{together: [[{ask: one}], [{ask: one}], [{ask: other}]]}"
    # x works for the first 0..2, while the second is in its line, and 2..4 for the second; y 0..6
    expected = {("x", "work"): 2 * 2 / 3 + 1, ("y", "work"): 2 / 3 + 1 + 2}
    held = blamed(chain, engine)[0].held
    assert held.keys() == expected.keys()
    assert all(abs(held[cause] - time) < 1e-12 for cause, time in expected.items())
