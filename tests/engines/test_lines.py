"""Lines: who is next, who leaves, and which server is taken."""

from timelines import column, happened, requests

THREE = """
actors: {desk: {lane: contact, staff: 1}}
services:
  serve: {by: desk, steps: [{work: 10}]}
  rush: {by: desk, priority: 0, steps: [{work: 10}]}
customers:
  early: {arrivals: "at([0, 1, 2])", journey: [{ask: serve}]}
  late: {arrivals: "at([3])", %s}
"""


def place_of_late(text, engine):
    """Tell how many of the three early ones are begun before the late one."""
    result = happened(THREE % text, engine)
    begun = column(result, "queueing", "late")[0] + 3
    return round(begun / 10)


def test_the_number_of_the_line(engine):
    assert place_of_late("journey: [{ask: serve}]", engine) == 3
    assert place_of_late("journey: [{ask: serve, priority: 0}]", engine) == 1
    assert place_of_late("priority: 0, journey: [{ask: serve}]", engine) == 1
    assert place_of_late("journey: [{ask: rush}]", engine) == 1
    # the class outranks the service, the step outranks the class
    assert place_of_late("priority: 2, journey: [{ask: rush}]", engine) == 3
    assert place_of_late("priority: 0, journey: [{ask: serve, priority: 2}]", engine) == 3


def test_equal_numbers_are_served_in_the_order_of_joining(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 10}]}}
        customers:
          a: {arrivals: "at([0, 3, 5])", priority: 2, journey: [{ask: serve}]}
          b: {arrivals: "at([1, 4])", priority: 2, journey: [{ask: serve}]}
        """,
        engine,
    )
    assert column(result, "left") == [10, 20, 30, 40, 50]


def test_a_priority_does_not_pass_down(engine):
    # the late guest's desk asks the back office like anybody's
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 3}, back: {lane: backstage, staff: 1}}
        services:
          serve: {by: desk, steps: [{ask: check}]}
          check: {by: back, steps: [{work: 10}]}
        customers:
          early: {arrivals: "at([0, 1])", journey: [{ask: serve}]}
          vip: {arrivals: "at([2])", priority: 0, journey: [{ask: serve}]}
        """,
        engine,
    )
    assert column(result, "left", "vip") == [30]


def test_a_hand_off_of_a_journey_keeps_the_priority_of_the_class(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: unlimited}, back: {lane: backstage, staff: 1}}
        services:
          serve: {by: desk, steps: [{hand_off: check}]}
          check: {by: back, steps: [{work: 10}]}
        customers:
          early: {arrivals: "at([0, 1])", journey: [{ask: serve}]}
          vip: {arrivals: "at([2])", priority: 0, journey: [{ask: serve}]}
        """,
        engine,
    )
    assert column(result, "left", "vip") == [20]


def test_patience_is_drawn_afresh_at_every_joining(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}, back: {lane: contact, staff: 1}}
        services:
          serve: {by: desk, steps: [{work: 4}, {hand_off: finish}]}
          finish: {by: back, steps: [{work: 9}]}
        customers: {guest: {arrivals: "at([0, 1, 1])", patience: 5, journey: [{ask: serve}]}}
        """,
        engine,
    )
    # desk: first 0..4, second 4..8 (waited 3); the third would begin at 8 and leaves at 6.
    # back: first 4..13; the second joins at 8 and begins at 13, the end of its five minutes
    assert column(result, "outcome") == ["finished", "finished", "abandoned"]
    assert column(result, "left") == [13, 22, 6]
    assert column(result, "queueing") == [0, 8, 5]


def test_a_step_s_patience_replaces_the_class_s_also_after_a_hand_off(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: unlimited}, back: {lane: contact, staff: 1}}
        services:
          serve: {by: desk, steps: [{hand_off: finish}]}
          finish: {by: back, steps: [{work: 9}]}
        customers: {guest: {arrivals: "at([0, 0])", patience: 100, journey: [{ask: serve, patience: 2}]}}
        """,
        engine,
    )
    assert column(result, "left") == [9, 2]


def test_who_leaves_makes_room_in_the_line(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}}
        services: {serve: {by: desk, steps: [{work: 10}]}}
        customers:
          calm: {arrivals: "at([0, 2])", journey: [{ask: serve}]}
          hasty: {arrivals: "at([1])", patience: 3, journey: [{ask: serve}]}
        """,
        engine,
    )
    assert column(result, "left", "calm") == [10, 20]
    assert requests(result, "outcome", "serve") == ["finished", "abandoned", "finished"]
    assert result.value("services.serve.abandoned.mean") == 1


def test_abandoning_leaves_what_was_told(engine):
    result = happened(
        """
        actors: {desk: {lane: contact, staff: 1}, post: {lane: backstage, staff: 1}}
        services:
          serve: {by: desk, steps: [{work: 10}]}
          write: {by: post, steps: [{work: 20}]}
        customers:
          guest: {arrivals: "at([0, 0])", patience: 1, journey: [{tell: write}, {ask: serve}]}
          last: {arrivals: "at([50])", journey: [{pause: 1}]}
        """,
        engine,
    )
    assert requests(result, "ended", "write") == [20, 40]
