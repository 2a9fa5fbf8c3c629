"""Patience in a journey's together: one deadline, from its beginning, for the customer as a whole.

The clerk and the teller are busy until 12; the guest comes at 1.
"""

import pytest

from timelines import column, happened, requests

CHAIN = """
actors:
  desk: {lane: contact, staff: unlimited}
  back: {lane: backstage, staff: unlimited}
  clerk: {lane: contact, staff: 1}
  teller: {lane: contact, staff: 1}
services:
  two: {by: desk, steps: [{work: 2}]}
  twenty: {by: desk, steps: [{work: 20}]}
  unseen: {by: back, steps: [{work: 20}]}
  clerk: {by: clerk, steps: [{work: 12}]}
  teller: {by: teller, steps: [{work: 12}]}
  two and clerk: {by: desk, steps: [{work: 2}, {hand_off: clerk}]}
customers:
  early: {arrivals: "at([0])", journey: [{tell: clerk}, {tell: teller}]}
  guest: {arrivals: "at([1])", patience: PATIENCE, patience_covers: COVERS, journey: [JOURNEY]}
"""


def guest(patience, journey, engine, covers="queueing"):
    chain = CHAIN.replace("PATIENCE", str(patience)).replace("COVERS", covers).replace("JOURNEY", journey)
    result = happened(chain, engine, customers=None, until=100)
    return result, column(result, "outcome", "guest")[0], column(result, "left", "guest")[0]


BOTH = ("queueing", "wait")


@pytest.mark.parametrize("covers", BOTH)
def test_who_stands_in_all_lines_leaves_them_all(engine, covers):
    result, outcome, left = guest(3, "{together: [[{ask: clerk}], [{ask: teller}]]}", engine, covers)
    assert (outcome, left) == ("abandoned", 4)
    assert requests(result, "outcome", "clerk") == ["finished", "abandoned"]
    assert requests(result, "outcome", "teller") == ["finished", "abandoned"]
    assert column(result, "queueing", "guest") == [3]


@pytest.mark.parametrize(
    ("branches", "covers", "outcome", "left"),
    [
        # attended 1..21, by the clerk 12..24
        ("[{ask: clerk}], [{ask: twenty}]", "queueing", "finished", 24),
        ("[{ask: clerk}], [{ask: twenty}]", "wait", "finished", 24),
        # held 1..12, attended 12..24
        ("[{ask: clerk}], [{ask: unseen}]", "queueing", "finished", 24),
        ("[{ask: clerk}], [{ask: unseen}]", "wait", "abandoned", 6),
        # own work counts for nothing beside an open request
        ("[{ask: clerk}], [{work: 30}]", "queueing", "abandoned", 6),
        ("[{ask: clerk}], [{work: 30}]", "wait", "abandoned", 6),
        # own until 7, after the deadline; then in line
        ("[{work: 6}, {ask: clerk}], [{work: 30}]", "queueing", "finished", 31),
        ("[{work: 6}, {ask: clerk}], [{work: 30}]", "wait", "abandoned", 7),
        # never in line
        ("[{work: 6}], [{work: 30}]", "wait", "finished", 31),
    ],
)
def test_the_state_at_the_deadline_decides(engine, branches, covers, outcome, left):
    # patience 5: the deadline is 6
    assert guest(5, f"{{together: [{branches}]}}", engine, covers)[1:] == (outcome, left)


@pytest.mark.parametrize(("covers", "expected"), [("queueing", ("finished", 24)), ("wait", ("abandoned", 3))])
def test_a_deadline_that_passes_while_attended(engine, covers, expected):
    # attended 1..3 by `two`, the deadline is 2, in line from 3 on
    assert guest(1, "{together: [[{ask: clerk}], [{ask: two}]]}", engine, covers)[1:] == expected


@pytest.mark.parametrize(
    "branch",
    [
        "[{ask: two}, {ask: clerk}]",
        "[{ask: two and clerk}]",  # nor at a hand-off
        "[{together: [[{ask: two}, {ask: clerk}]]}]",  # nor by a together inside
        "[{ask: two}, {together: [[{ask: clerk}], [{ask: teller}]], need: any}]",
        "[{repeat: [{ask: two}, {ask: clerk}], times: 2}]",
    ],
)
def test_it_is_not_drawn_again_inside(engine, branch):
    # in line from 3 on; the deadline is 6 all the same
    assert guest(5, f"{{together: [{branch}, []]}}", engine)[1:] == ("abandoned", 6)


def test_it_is_void_when_enough_are_done_and_the_next_ask_has_its_own(engine):
    # done at 3, in line 3..8
    assert guest(5, "{together: [[{ask: two}]]}, {ask: clerk}", engine)[1:] == ("abandoned", 8)
    # the request to the clerk is withdrawn at 3, before the deadline
    result, outcome, left = guest(5, "{together: [[{ask: two}], [{ask: clerk}]], need: any}, {work: 20}", engine)
    assert (outcome, left) == ("finished", 23)
    assert requests(result, "outcome", "clerk") == ["finished", "withdrawn"]


def test_every_round_of_a_loop_draws_its_own(engine):
    # rounds of two minutes each, from 1, 3 and 5; the third's clerk is in line from 7: deadline 5 + 4
    steps = "{repeat: [{together: [[{ask: two}]]}], times: 2}, {together: [[{ask: two}, {ask: clerk}]]}"
    assert guest(4, steps, engine)[1:] == ("abandoned", 9)


def test_who_leaves_releases_who_works_out_of_sight_and_leaves_what_it_had_begun(engine):
    result, outcome, left = guest(5, "{together: [[{ask: unseen}], [{work: 9}]]}", engine, "wait")
    # held since 1: the backstage server is released at 6
    assert (outcome, left) == ("abandoned", 6)
    assert requests(result, "outcome", "unseen") == ["abandoned"]
    assert requests(result, "ended", "unseen") == [6]
