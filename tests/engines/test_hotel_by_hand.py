"""The worked example of the hotel: three guests, two receptionists, one booking system, one programmer.

The programmer mends a fault of the house from 0 to 6. The first guest's booking needs the programmer for 4,
the second's only the system; the third comes at 5, when both desks are held.

    t    0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
    R1   g1 g1 |---- held by g1's request (2..11) ----|g1|g3 g3 g3
    R2      g2 g2 g2 |--- held by g2's request 4..12 ---|g2|
    B          g1 |---- held, waits for P 3..10 ----|g1|g2|
    P    bug bug bug bug bug bug g1 g1 g1 g1
"""

import pytest

from timelines import column, happened, requests

CHAIN = (
    """
actors:
  reception: {lane: contact, staff: 2}
  booking: {lane: system, capacity: 1}
  programmer: {lane: backstage, staff: 1}
services:
  first guest: {by: reception, steps: [{work: 2}, {ask: difficult booking}, {work: 1}]}
  second guest: {by: reception, steps: [{work: 3}, {ask: booking as usual}, {work: 1}]}
  third guest: {by: reception, steps: [{work: 3}]}
  difficult booking: {by: booking, steps: [{work: 1}, {ask: unlock}, {work: 1}]}
  booking as usual: {by: booking, steps: [{work: 1}]}
  unlock: {by: programmer, steps: [{work: 4}]}
  fault: {by: programmer, steps: [{work: 6}]}
customers:
  house: {arrivals: at([0]), journey: [{tell: fault}]}
  g1: {arrivals: at([0]), journey: [{ask: first guest}]}
  g2: {arrivals: at([1]), journey: [{ask: second guest}]}
  g3: {arrivals: at([5]), journey: [{ask: third guest}]}
""".replace("at([0])", '"at([0])"')
    .replace("at([1])", '"at([1])"')
    .replace("at([5])", '"at([5])"')
)


@pytest.mark.parametrize(
    ("guest", "queueing", "held", "attended", "left"), [("g1", 0, 9, 3, 12), ("g2", 0, 8, 4, 13), ("g3", 7, 0, 3, 15)]
)
def test_where_each_guest_loses_time(engine, guest, queueing, held, attended, left):
    result = happened(CHAIN, engine)
    assert column(result, "queueing", guest) == [queueing]
    assert column(result, "held", guest) == [held]
    assert column(result, "attended", guest) == [attended]
    assert column(result, "left", guest) == [left]


def test_what_happens_out_of_their_sight(engine):
    result = happened(CHAIN, engine)
    assert requests(result, "begun", "unlock") == [6]
    assert requests(result, "asked", "unlock") == [3]
    assert requests(result, "begun", "booking as usual") == [11]


def test_where_the_servers_time_goes_until_the_end(engine):
    result = happened(CHAIN, engine, customers=None, until=15)
    # of 30 reception minutes: g1 works 2 + 1, held 9; g2 works 3 + 1, held 8; g3 works 3
    assert result.value("actors.reception.working.mean") == pytest.approx(10 / 30)
    assert result.value("actors.reception.held.mean") == pytest.approx(17 / 30)
    assert result.value("actors.booking.working.mean") == pytest.approx(3 / 15)
    assert result.value("actors.booking.held.mean") == pytest.approx(7 / 15)
    assert result.value("actors.programmer.utilisation.mean") == pytest.approx(10 / 15)
    assert result.value("actors.reception.queue_length.mean.mean") == pytest.approx(7 / 15)
