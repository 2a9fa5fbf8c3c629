"""On the chains of the studies, too, every customer's parts add up to their wait."""

from pathlib import Path

import pytest

from blame import blamed, total
from servicechain import read

pytestmark = pytest.mark.theory  # many random chains

STUDIES = Path(__file__).parents[2] / "simulations"


# until the middle of a working day: minutes at the hotel, hours at the service desk
@pytest.mark.parametrize(
    ("name", "second", "ending"),
    [
        ("hotel", 1 / 60, {"customers": 600}),
        ("hotel", 1 / 60, {"until": 2180}),
        ("it_service_desk", 1 / 3600, {"customers": 300}),
        ("it_service_desk", 1 / 3600, {"until": 37}),
    ],
)
def test_every_customer_s_parts_add_up(engine, name, second, ending):
    everybody = blamed(read(STUDIES / f"{name}.yaml"), engine, **ending)
    assert len(everybody) > 100
    for one in everybody:
        for state, paths in (("queueing", one.queueing_paths), ("held", one.held_paths)):
            wait = one.record["queueing"] + one.record["held"]
            assert all(time >= -1e-12 for _, time in paths)
            assert abs(sum(time for _, time in paths) - one.record[state]) <= 1e-9 * max(second, wait)


def test_at_the_hotel_the_programmer_is_blamed_though_no_guest_asks_her(engine):
    blame = total(blamed(read(STUDIES / "hotel.yaml"), engine, customers=2000))
    assert {cause for actor, cause in blame if actor == "programmer"} == {"work", "failure"}
    assert sum(time for (actor, _), time in blame.items() if actor == "programmer") > sum(blame.values()) / 4
