import numpy as np
import pytest

from benchmarks import models


def test_who_comes_to_the_stations_leaves_them():
    assert models.station_rates() @ (1 - models.routing().sum(axis=1)) == pytest.approx(models.M3_RATE)


def test_every_station_has_the_same_load():
    assert models.station_rates() * models.station_means() / models.M3_SERVERS == pytest.approx(np.full(10, 0.8))


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    # one server: the load; two: 2ρ²/(1 + ρ), by hand; three: 4.5ρ³/(1 − ρ) over (1 + 3ρ + 4.5ρ²) + itself, by hand
    [(1, 0.8, 0.8), (2, 0.5, 1 / 3), (2, 0.8, 1.28 / 1.8), (3, 0.5, 1.125 / 4.75)],
)
def test_the_probability_of_waiting(servers, load, waits):
    assert models.waiting_probability(servers, load) == pytest.approx(waits)


def test_a_lognormal_time_has_its_mean_and_spread():
    mean = np.exp(models.location(4.0) + models.SIGMA**2 / 2)
    variance = (np.exp(models.SIGMA**2) - 1) * mean**2
    assert (mean, variance**0.5 / mean) == pytest.approx((4.0, 0.7))


def test_a_single_line_waits_as_the_textbook_says():
    # M/M/1: ρ/(1 − ρ) service times
    assert models.mean_wait(1, 0.8, 2.5) == pytest.approx(10.0)


@pytest.mark.parametrize(("model", "actors"), [("M1", 1), ("M2", 4), ("M3", 10), ("hotels 30", 120), ("rush", 1)])
def test_the_chains_have_so_many_actors(model, actors):
    assert len(models.chain_for(model).actors) == actors
