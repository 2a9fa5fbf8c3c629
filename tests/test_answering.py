import pytest

from servicechain.answering import answering
from timelines import chain_of

ACTORS = """\
actors:
  clerk: {lane: contact, staff: 3, speed: 0.5}
  expert: {lane: backstage, staff: 2, speed: 2}
  system: {lane: system, capacity: unlimited}
"""


def answers(services):
    flows, found = answering(chain_of(f"{ACTORS}services:\n{services}\ncustomers: {{}}\n"))
    assert list(flows) == list(found)
    return found


def test_an_answer_takes_the_time_of_all_who_are_asked_for_it():
    found = answers("""\
  serve: {by: clerk, steps: [{work: 2}, {ask: look up}, {tell: advise}, reply, {work: 9}, {ask: advise}]}
  look up: {by: system, steps: [{pause: 1}, {chance: 0.5, then: [{hand_off: advise}]}]}
  advise: {by: expert, steps: [{work: 10}]}""")
    assert found == pytest.approx({"serve": 4 + 3.5, "look up": 1 + 0.5 * 5, "advise": 5})


def test_a_shared_service_is_done_at_the_speed_of_the_fastest():
    assert answers("  serve: {by: [clerk, expert], steps: [{work: 6}]}") == {"serve": 3}


@pytest.mark.parametrize(("need", "time"), [("all", 8), (2, 5), ("any", 4)])
def test_branches_are_chosen_by_the_answers_they_wait_for(need, time):
    # written before what they lead to, so that the answers are not known in the order of the file
    found = answers(f"""\
  serve: {{by: expert, steps: [{{together: [[{{ask: slow}}], [{{ask: quick}}], [{{work: 10}}]], need: {need}}}]}}
  slow: {{by: system, steps: [{{together: [[{{ask: slower}}], [{{work: 1}}]]}}]}}
  quick: {{by: system, steps: [{{work: 4}}]}}
  slower: {{by: system, steps: [{{work: 8}}]}}""")
    assert found["serve"] == time


def test_branches_in_a_circle_settle():
    # x = max(2, 0.5 (1 + x)) has the one solution 2; y = max(2, 0.5 (4 + y)) has 4
    services = (
        "  again: {{by: system, steps: [{{together: [[{{work: 2}}], [{{chance: 0.5, then: [{{ask: other}}]}}]]}}]}}\n"
    )
    services += "  other: {{by: system, steps: [{{work: {}}}, {{ask: again}}]}}"
    assert answers(services.format(1)) == pytest.approx({"again": 2, "other": 3})
    assert answers(services.format(4)) == pytest.approx({"again": 4, "other": 8})


def test_a_circle_that_never_ends_has_no_answer():
    found = answers("""\
  ask: {by: system, steps: [{together: [[{ask: ask}], [{work: 1}]]}, {work: 1}]}
  serve: {by: clerk, steps: [{together: [[{ask: ask}], [{work: 1}]], need: any}]}""")
    assert found == {"ask": float("inf"), "serve": 2}
